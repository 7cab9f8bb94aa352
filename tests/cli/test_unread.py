"""What is not read, or read in part: packets that may hold SIP, and messages that are cut."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import capture_files as made
import pytest
from command import BAD_TO, ROOT, document, output, request, response, run

TLS = b"\x17\x03\x03\0\x40" + bytes(64)
TCP = made.ethernet(made.ipv4(made.tcp(TLS, 40000, 5061), protocol=made.TCP))
FRAGMENT = made.ethernet(made.ipv4(made.udp(request())[:200], fragment=0x2010))


@pytest.fixture
def tcp(tmp_path: Path) -> Path:
    file = tmp_path / "tcp.pcap"
    file.write_bytes(made.pcap(TCP, TCP, FRAGMENT))
    return file


def unread(file: Path) -> str:
    return f"sipfast: {file}: SIP may be in what was not read: 2 SIP over TLS, 1 fragment of SIP\n"


# ---- packets that are not read ----


def test_check_says_so_first_and_fails(tcp: Path) -> None:
    result = run("check", tcp)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == unread(tcp) + "no messages; 3 packets skipped\n"
    quiet = run("check", "-q", tcp)
    assert (quiet.exit_code, quiet.stderr) == (3, unread(tcp))


def test_show_says_so_where_it_reads_to_the_end(tcp: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(TCP, TCP, FRAGMENT, made.frame(request()), made.frame(request())))
    for filters in (("-n", "1-"), ("--method", "OPTIONS"), ("--limit", "2", "--packet", "4-")):
        assert run("show", *filters, file).stderr == unread(file)
    to_the_second: tuple[tuple[str, ...], ...] = ((), ("-n", "1"), ("-n", "1-2"))
    for wanted in to_the_second:
        assert run("show", *wanted, file).stderr == ""
    assert "not read" not in run("show", "-n", "1-", "--limit", "1", file).stderr
    for other in (file, tcp):
        result = run("show", "-n", "9", other)
        assert result.exit_code == 1
        assert result.stderr.startswith(unread(other))


def test_faults_and_what_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(TCP, TCP, FRAGMENT, made.frame(BAD_TO)))
    result = run("check", file)
    assert result.exit_code == 3
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr.startswith(unread(file) + "1  quote-unterminated\n")


def test_each_file_is_named(tcp: Path, tmp_path: Path) -> None:
    fine = tmp_path / "fine.pcap"
    fine.write_bytes(made.pcap(made.frame(request())))
    result = run("check", tcp, fine)
    assert result.exit_code == 3
    assert [line for line in result.stderr.splitlines() if "not read" in line] == [
        unread(tcp).rstrip()
    ]
    assert run("check", fine).exit_code == 0


def test_sarif_has_a_notification(tcp: Path) -> None:
    result = run("check", "--format", "sarif", tcp)
    assert result.exit_code == 3
    (only,) = json.loads(result.stdout)["runs"]
    (invocation,) = only["invocations"]
    assert not invocation["executionSuccessful"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert "2 SIP over TLS" in notification["message"]["text"]


def test_stats_and_list_say_so_too(tcp: Path) -> None:
    result = run("stats", tcp)
    assert (result.exit_code, result.stderr) == (0, unread(tcp))
    assert "Not read, may hold SIP\n  2  SIP over TLS\n  1  fragment of SIP\n" in result.stdout
    assert result.stdout.count("SIP over TLS") == 1  # and not among the other packets again
    result = run("stats", "--json", tcp)
    assert json.loads(result.stdout)["total"]["unread"] == {"SIP over TLS": 2, "fragment of SIP": 1}
    result = run("list", tcp)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", unread(tcp))


def test_in_chinese(tcp: Path) -> None:
    result = run("check", "--lang", "zh", tcp)
    assert "有未读取的内容，其中可能含有 SIP：SIP 端口上的 TLS" in result.stderr


def test_other_packets_are_no_matter(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    http = made.ethernet(made.ipv4(made.tcp(b"GET / HTTP/1.1", 40000, 80), protocol=made.TCP))
    file.write_bytes(made.pcap(http, made.frame(b"\r\n"), made.frame(request())))
    result = run("check", file)
    assert (result.exit_code, result.stderr) == (0, "no faults in 1 message; 2 packets skipped\n")


# ---- messages that the capture cut ----


def cut(folder: Path, payload: bytes, kept: int) -> Path:
    """A capture of one message, of which `kept` bytes were captured."""
    file = folder / "cut.pcap"
    frame = made.frame(payload)
    whole = made.pcap_record(frame)
    size = len(frame) - len(payload) + kept
    head = whole[:8] + size.to_bytes(4, "little") + whole[12:16]
    file.write_bytes(made.pcap_header() + head + frame[:size])
    return file


WITH_BODY = request("INVITE", "Content-Type: application/sdp", body=b"v=0\r\n" + b"x" * 500)


def test_a_message_with_its_header_has_no_fault_for_its_body(tmp_path: Path) -> None:
    file = cut(tmp_path, WITH_BODY, len(WITH_BODY) - 400)
    result = run("check", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no faults in 1 message; 1 cut by the capture\n"


@pytest.mark.parametrize("kept", range(60, len(request()), 7))
def test_a_message_without_faults_has_none_wherever_it_is_cut(kept: int, tmp_path: Path) -> None:
    file = cut(tmp_path, request(), kept)
    result = run("check", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no faults in 1 message; 1 cut by the capture\n"
    total = document(file)["total"]
    assert (total["messages"], total["requests"], total["unparsable"]) == (1, 1, 0)
    assert (total["cut"], total["defective"]) == (1, 0)


def test_faults_before_the_cut_are_found(tmp_path: Path) -> None:
    file = cut(tmp_path, BAD_TO, BAD_TO.index(b"Content-Length"))
    result = run("check", file)
    assert "quote-unterminated" in result.stdout
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr.endswith("1 fault (1 error) in 1 of 1 message; 1 cut by the capture\n")


def test_it_is_marked(tmp_path: Path) -> None:
    file = cut(tmp_path, request(), request().index(b"Call-ID"))
    assert output("list", file).split("\t")[2:] == [
        "alice@example.org → bob@example.com",
        *("OPTIONS", "-", "-", "-", "cut\n"),
    ]
    shown = output("show", file)
    assert shown.startswith("Cut by the capture: the rest of the message is missing\nOPTIONS\n")
    assert "Alice <alice@example.org> → bob@example.com\n" in shown
    assert "Cannot be parsed" not in shown
    assert output("show", "--lang", "zh", file).startswith("在抓包时被截断")
    (row,) = [json.loads(line) for line in output("list", "--json", file).splitlines()]
    assert (row["cut"], row["parsed"], row["fault"]) == (True, True, None)
    assert "; 1 cut by the capture\n" in output("stats", file)


# ---- pipes ----


def piped(*arguments: str, data: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "sipfast", *arguments],
        input=data,
        cwd=ROOT,
        check=False,
        capture_output=True,
        timeout=60,
    )


@pytest.mark.parametrize("command", ["stats", "list", "show", "check"])
def test_standard_input(command: str, tmp_path: Path) -> None:
    data = made.pcap(made.frame(request()), made.frame(response(486, "Busy Here")))
    file = tmp_path / "a.pcap"
    file.write_bytes(data)
    done = piped(command, "-", data=data)
    assert (done.returncode, done.stderr) == (0, run(command, file).stderr.encode())
    expected = run(command, file).stdout.replace(str(file), "-")
    if command != "stats":  # which has a time
        assert done.stdout.decode() == expected


def test_no_input() -> None:
    done = piped("check", "-", data=b"")
    assert (done.returncode, done.stderr) == (1, b"sipfast: -: the file is empty\n")


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are POSIX")
def test_a_named_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(request() * 2,))
    writer.start()
    lines = output("list", pipe).splitlines()
    writer.join()
    assert [line.split("\t")[2] for line in lines] == ["alice@example.org → bob@example.com"] * 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_interrupted_while_it_waits_for_a_pipe() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", WAITING, "check", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"waiting\n"
        child.send_signal(signal.SIGINT)
        written, errors = child.communicate(timeout=60)
    assert (child.returncode, written, errors) == (130, b"", b"sipfast: interrupted\n")


WAITING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
import sipfast.capture
from sipfast.cli import main
inner = sipfast.capture.open
def opening(path):
    print("waiting", flush=True)
    return inner(path)
sipfast.capture.open = opening
main()
"""
