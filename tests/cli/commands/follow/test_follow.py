"""``sipfast follow``: what it shows, counts, writes and serves, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from capture_files import OPTIONS, frame, hep_3, pcap, pcap_header, pcap_record
from command import BAD_TO, HOSTILE, ROOT, UNSEEN, error_line, run
from live_calls import text

import sipfast
from sipfast._install import how_to_get
from sipfast.capture import Writer

BUSY = (
    text("INVITE sip:bob@example.net SIP/2.0", "busy", "1 INVITE"),
    text("SIP/2.0 486 Busy Here", "busy", "1 INVITE", tag=";tag=b"),
    text("ACK sip:bob@example.net SIP/2.0", "busy", "1 ACK", tag=";tag=b"),
)
LINE = "2024-03-12T08:30:05.000000Z\tbusy\t486 Busy Here\talice → bob\t1.500\tbusy"


def captured(file: Path, *payloads: bytes) -> Path:
    records = [
        pcap_record(frame(payload), 1_710_232_205 + at * 3 // 2, at % 2 * 500_000)
        for at, payload in enumerate(payloads)
    ]
    file.write_bytes(pcap_header() + b"".join(records))
    return file


@pytest.fixture
def busy(tmp_path: Path) -> Path:
    return captured(tmp_path / "busy.pcap", *BUSY)


def followed(*arguments: str | Path, seconds: str = "0.6", code: int = 0) -> tuple[str, str]:
    result = run("follow", *arguments, "--duration", seconds)
    assert result.exit_code == code, result.output
    return result.stdout, result.stderr


def rows(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


# ---- what is shown ----


def test_messages_as_list_shows_them(busy: Path) -> None:
    output, errors = followed(busy)
    assert output == run("list", busy).stdout
    assert re.fullmatch(
        r"sipfast: 3 messages in 0\.\d s, 1 call ended, 1 failed call, 0 dropped\n", errors
    )


def test_failed_calls(busy: Path) -> None:
    assert followed(busy, "--calls")[0] == LINE + "\n"


def test_neither(busy: Path) -> None:
    assert followed(busy, "-q")[0] == ""


def test_json(busy: Path) -> None:
    found = rows(followed(busy, "--json")[0])
    assert [row["event"] for row in found] == ["message"] * 3 + ["call", "end"]
    listed = rows(run("list", "--json", busy).stdout)
    assert [{**row, "event": "message"} for row in listed] == found[:3]
    call = found[3]
    assert (call["result"], call["status"], call["post_dial_delay"]) == ("busy", 486, 1.5)
    assert (call["caller"], call["callee"], call["start"]) == (
        *("alice", "bob"),
        "2024-03-12T08:30:05.000000Z",
    )
    assert found[4]["messages"] == 3
    assert found[4]["dropped"] == 0


def test_a_call_without_a_chosen_message_is_neither_told_nor_counted(busy: Path) -> None:
    for user, calls in (("alice", 1), ("carol", 0)):
        shown, said = followed(busy, "--calls", "--user", user, "--json")
        end = rows(shown)[-1]
        assert (end["ended_calls"], end["failed_calls"]) == (calls, calls), said
        assert [row["event"] for row in rows(shown)] == ["call"] * calls + ["end"]


def test_filters(tmp_path: Path) -> None:
    file = captured(tmp_path / "a.pcap", *BUSY, OPTIONS)
    for chosen in (("--method", "OPTIONS"), ("--where", "method = 'OPTIONS'"), ("-n", "4")):
        found = rows(followed(file, *chosen, "--json")[0])
        assert [row.get("method") for row in found[:-1]] == ["OPTIONS"], chosen
        assert (found[-1]["messages"], found[-1]["ended_calls"]) == (1, 0)
    # A call is shown if one of its messages is chosen, and whole.
    output, _ = followed(file, "--calls", "--status", "486")
    assert output == LINE + "\n"
    output, said = followed(file, "--calls", "--status", "200")
    assert output == ""
    assert "0 calls ended, 0 failed calls" in said


def test_a_terminal_shows_calls_among_messages(busy: Path) -> None:
    result = run("follow", busy, "--duration", "0.6", terminal=100)
    assert "486 Busy Here" in result.stdout
    assert "alice → bob" in result.stdout


def test_only_new(busy: Path) -> None:
    def grow() -> None:
        with busy.open("ab") as file:
            file.write(pcap_record(frame(OPTIONS), 1_710_232_300))

    timer = threading.Timer(0.5, grow)
    timer.start()
    found = rows(followed(busy, "--new", "--json", seconds="1.5")[0])
    timer.join()
    assert [row["message"] for row in found[:-1]] == [1]
    assert found[0]["method"] == "OPTIONS"


def test_counts_every_second(busy: Path) -> None:
    output, _ = followed(busy, "-q", "--json", "--every", "1", seconds="2.5")
    found = rows(output)
    assert [row["event"] for row in found] == ["counts", "counts", "end"]
    assert found[0]["requests"] == 2
    assert found[0]["requests_per_second"] > 0
    assert found[1]["requests_per_second"] == 0
    _, errors = followed(busy, "-q", "--every", "1", seconds="1.6")
    assert re.match(r"sipfast: \d+/s requests, \d+/s responses, \d+/s failures, ", errors)


def test_the_end_of_the_messages(busy: Path) -> None:
    output, errors = followed(busy, "--count", "2", seconds="60")
    assert len(output.splitlines()) == 2
    assert errors.startswith("sipfast: 2 messages in ")


def test_chinese(busy: Path) -> None:
    output, errors = followed(busy, "--calls", "--lang", "zh")
    assert "\t忙\t486 Busy Here\t" in output
    assert "3 条消息" in errors


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_is_in_both_languages(language: str) -> None:
    found = run("follow", "--help", "--lang", language).stdout
    assert bool(re.search("[一-鿿]", found)) == (language == "zh")
    if language == "zh":
        options = [line for line in found.splitlines() if re.match(r"\s+-", line)]
        assert all(re.search("[一-鿿]", line) or not line.split("  ")[2:] for line in options)


# ---- hostile messages ----


MARKUP = "<script>alert(1)</script>]]>\"><img onerror=x> '; drop table calls; -- =cmd|' ../../x %%`"


@pytest.mark.parametrize("terminal", [0, 100])
@pytest.mark.parametrize("arguments", [(), ("--calls",), ("--json",)])
def test_hostile_texts_are_escaped(
    tmp_path: Path, arguments: tuple[str, ...], terminal: int
) -> None:
    payloads = []
    for hostile in (HOSTILE, MARKUP):
        invite = text("INVITE sip:bob@example.net SIP/2.0", f"1{hostile}", "1 INVITE")
        quoted = f'"{hostile}" <sip:a%1b%5b31m%e2%80%ae@'.encode("utf-8", "surrogateescape")
        payloads.append(invite.replace(b"<sip:alice@", quoted))
        payloads.append(text(f"SIP/2.0 486 {hostile}", f"1{hostile}", "1 INVITE", tag=";tag=b"))
    file = captured(tmp_path / "a.pcap", *payloads, BAD_TO)
    result = run("follow", file, *arguments, "--duration", "0.6", terminal=terminal)
    assert result.exit_code == 0
    allowed = {0x09, 0x1B} if terminal else {0x09}  # colours
    shown = result.stdout if terminal else result.stdout + result.stderr
    assert not (UNSEEN - allowed) & set(map(ord, shown))
    if terminal:
        colours = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", result.stdout)
        assert "\x1b" not in colours
    assert len(result.stdout.splitlines()) >= 2
    if "--json" in arguments:
        assert all(row["event"] for row in rows(result.stdout))


# ---- pipes, signals, HEP ----


def started(*arguments: str | Path, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sipfast", "follow", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def address(stream: Any, pattern: str) -> int:
    """The port that the command says, among its other lines."""
    for line in stream:
        found = re.search(f"(?:listens|serves).*{pattern}", line)
        if found is not None:
            return int(found[1])
    raise AssertionError("it ended")


def test_a_pipe_shows_messages_as_they_come_and_ends_with_it() -> None:
    whole = pcap(*[frame(payload) for payload in BUSY])
    out, into = os.pipe()
    with os.fdopen(into, "wb", buffering=0) as pipe, started("-", stdin=out) as child:
        os.close(out)
        assert child.stdout is not None
        pipe.write(whole[:-20])
        assert "INVITE" in child.stdout.readline()
        assert "486" in child.stdout.readline()
        pipe.write(whole[-20:])
        assert "ACK" in child.stdout.readline()
        pipe.close()
        assert child.wait(30) == 0


def test_a_file_as_standard_input_ends(busy: Path) -> None:
    for path, messages in ((busy, 3), (Path(os.devnull), 0)):
        with path.open("rb") as file, started("-", "-q", "--json", stdin=file) as child:
            output, _ = child.communicate(timeout=30)
            assert child.returncode == 0
            assert rows(output)[-1]["messages"] == messages


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(number: int, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    with started("--hep", "udp:127.0.0.1:0", "--forward", out) as child:
        port = address(child.stderr, r"udp:127\.0\.0\.1:(\d+)")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for payload in BUSY:
                sender.sendto(hep_3(payload), ("127.0.0.1", port))
        assert child.stdout is not None
        for _ in BUSY:
            child.stdout.readline()
        child.send_signal(number)
        assert child.wait(30) == 0
        assert child.stderr is not None
        assert "3 messages" in child.stderr.read()
    (written,) = tmp_path.iterdir()
    assert [bytes(record.data) for record in sipfast.open(written)] == [*BUSY]


def test_hep_over_udp_and_tcp_with_metrics() -> None:
    pytest.importorskip("prometheus_client")
    where = ("--hep", "udp:127.0.0.1:0", "--hep", "tcp:127.0.0.1:0", "--metrics", "0")
    with started(*where, "--count", "6", "--json") as child:
        udp = address(child.stderr, r"udp:127\.0\.0\.1:(\d+)")
        tcp = address(child.stderr, r"tcp:127\.0\.0\.1:(\d+)")
        served = address(child.stderr, r"http://127\.0\.0\.1:(\d+)/metrics")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for payload in BUSY:
                sender.sendto(hep_3(payload), ("127.0.0.1", udp))
        assert child.stdout is not None
        found = [json.loads(child.stdout.readline()) for _ in BUSY]
        assert {row["file"] for row in found} == {f"udp:127.0.0.1:{udp}"}
        with urlopen(f"http://127.0.0.1:{served}/metrics", timeout=10) as answer:
            assert b'sipfast_responses_total{status="486"} 1.0' in answer.read()
        with socket.create_connection(("127.0.0.1", tcp)) as client:
            client.sendall(b"".join(hep_3(payload, protocol=6) for payload in BUSY))
            found = [json.loads(child.stdout.readline()) for _ in BUSY]
        assert {row["transport"] for row in found} == {"TCP"}
        assert child.wait(30) == 0


def test_metrics_without_their_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    file = captured(tmp_path / "a.pcap", *BUSY)
    said = error_line("follow", file, "--metrics", "0", exit_code=1)
    assert said == f"--metrics needs the extra follow: {how_to_get('follow')}"


# ---- captures ----


def test_forward_with_rotation(tmp_path: Path) -> None:
    file = captured(tmp_path / "a.pcap", *BUSY * 10)
    folder = tmp_path / "out"
    folder.mkdir()
    out = folder / "calls.pcapng"
    _, errors = followed(file, "-q", "--forward", out, "--rotate", "1kB", "--keep", "2")
    assert len([*folder.iterdir()]) == 2
    assert re.search(r"30 forwarded \(\d+ files\)", errors)


def test_times_that_a_forwarded_capture_cannot_hold_are_told(tmp_path: Path) -> None:
    file = tmp_path / "late.pcapng"
    with Writer(file) as writer:
        for record in sipfast.open(captured(tmp_path / "a.pcap", *BUSY)):
            writer.write(record._replace(time_ns=2**32 * 10**9))
    _, errors = followed(file, "-q", "--forward", tmp_path / "calls.pcap")
    assert errors.splitlines()[0] == (
        "sipfast: 3 messages without a time: it is before 1970, or too late for pcap"
    )
    assert len(followed(file, "-q", "--forward", tmp_path / "calls.pcapng")[1].splitlines()) == 1


# ---- faults ----


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "name a FILE"),
        (("--hep", "9060"), '"9060" is not udp:HOST:PORT'),
        (("--hep", "udp:127.0.0.1:99999"), "is not udp:HOST:PORT"),
        (("--hep", "udp:\x1b[1m:x"), "\\x1b[1m"),
        (("-", "--rotate", "1h"), "--rotate goes with --forward"),
        (("-", "--forward", "a.pcap", "--rotate", "0MB"), "is not a size"),
        (("-", "--forward", "a.pcap", "--rotate", "1fortnight"), "is not a size"),
        (("-", "--metrics", "x"), "is not PORT"),
        (("bench_data/calls.pcap", "--forward", "a.txt"), "the suffix must be"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], why: str) -> None:
    assert why in error_line("follow", *arguments, exit_code=2)


def test_a_malformed_expression_is_shown_with_its_place(busy: Path) -> None:
    result = run("follow", busy, "--where", "status >")
    assert result.exit_code == 2
    assert "--where" in result.stderr
    assert "^" in result.stderr


def test_what_cannot_be_read(tmp_path: Path) -> None:
    error_line("follow", tmp_path / "no.pcap", exit_code=1)
    other = tmp_path / "a.gz"
    other.write_bytes(b"\x1f\x8b\x08" + bytes(100))
    result = run("follow", other)
    assert result.exit_code == 1
    assert "decompress it" in result.stderr


def test_a_folder_that_is_missing_is_named(busy: Path) -> None:
    folder = busy.parent / "no"
    line = error_line("follow", busy, "--forward", folder / "a.pcap", exit_code=1)
    assert line == f"{folder}: No such file or directory"


@pytest.mark.skipif(sys.platform != "linux", reason="another setting elsewhere")
def test_little_room_for_bursts_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sipfast.live.hep._widened", lambda _: 212_992)
    _, errors = followed("--hep", "udp:127.0.0.1:0", "-q")
    assert "the system keeps 213.0 kB for bursts; raise net.core.rmem_max" in errors


def test_an_address_in_use() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        error_line("follow", "--hep", f"udp:127.0.0.1:{port}", exit_code=1)
