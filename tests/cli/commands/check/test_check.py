"""``sipfast check``: the lines, the JSON, the selection, the sums, the memory, the exit codes."""

from __future__ import annotations

import json
import os
import re
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import capture_files as made
import pytest
from command import (
    BAD_TO,
    NO_CALL_ID,
    ROOT,
    broken,
    error_line,
    process,
    request,
    response,
    run,
    shell,
)

import sipfast
from sipfast import Defect, ParseError
from sipfast.capture import Record
from sipfast.cli.commands.check import Found, Wanted, check_files, report_of
from sipfast.cli.screen.console import console
from sipfast.cli.screen.words import WORDS
from sipfast.errors import FAULTS, defect, parse_error

TWICE_BAD = BAD_TO.replace(b"Max-Forwards: 70", b"Max-Forwards: 300")

TO_AT = BAD_TO.index(b'"Bob')
LENGTH_AT = broken().rindex(b"x")
TO_LINE = (
    f"{TO_AT}: error: quote-unterminated: Unclosed quoted string in To (RFC 3261 25.1; answer 400)"
)
LENGTH_LINE = (
    f"{LENGTH_AT}: error: content-length-not-a-number: Malformed Content-Length "
    "(RFC 3261 20.14; answer 400)"
)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Six messages; the second, the fourth and the last have faults."""
    file = tmp_path / "a.sip"
    file.write_bytes(request() + BAD_TO + request() + TWICE_BAD + request() + broken())
    return file


@pytest.fixture
def fine(tmp_path: Path) -> Path:
    file = tmp_path / "fine.sip"
    file.write_bytes(request() + response(200, "OK"))
    return file


def found(*arguments: str | Path, exit_code: int = 1) -> list[str]:
    """The lines that the command prints on standard output."""
    result = run("check", *arguments)
    assert result.exit_code == exit_code, result.output
    lines: list[str] = result.stdout.splitlines()
    return lines


def rows(*arguments: str | Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in found("--json", *arguments)]


def line_of(
    fault: ParseError | Defect,
    capsys: pytest.CaptureFixture[str],
    language: str = "en",
    **how: bool,
) -> str:
    """The line of a fault of message 3 of a file."""
    at = Record(memoryview(b""), 1000, 7)
    outcome = fault if isinstance(fault, ParseError) else sipfast.parse(request())
    form = "json" if how.get("as_json") else "text"
    report_of(form, console(), WORDS[language]).fault(Found("x", 3, at, outcome, fault))
    return capsys.readouterr().out


# ---- the lines ----


def test_a_line_for_each_fault_in_the_order_of_their_bytes(mixed: Path) -> None:
    hops_at = TWICE_BAD.index(b"300")
    hops = "error: max-forwards-too-large: Max-Forwards too large (RFC 3261 20.22; answer 400)"
    assert found(mixed) == [
        f"{mixed}:2:{TO_LINE}",
        f"{mixed}:4:{hops_at}: {hops}",
        f"{mixed}:4:{TO_LINE.replace(str(TO_AT), str(TO_AT + 1), 1)}",
        f"{mixed}:6:{LENGTH_LINE}",
    ]


def test_several_files_and_their_own_numbers(mixed: Path, fine: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.sip"
    other.write_bytes(NO_CALL_ID)
    lines = found(other, fine, mixed)
    assert lines[0].startswith(
        f"{other}:1:0: error: header-missing: Missing Call-ID header field (RFC"
    )
    assert lines[1:] == found(mixed)


def test_the_number_is_the_one_that_show_takes(mixed: Path) -> None:
    number = found(mixed)[-1].split(":")[1]
    assert "Malformed Content-Length" in run("show", mixed, "-n", number).stdout


def test_the_byte_is_within_the_message_also_in_a_capture(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(made.frame(request()), made.frame(b"\r\n"), made.frame(BAD_TO)))
    assert found(file) == [f"{file}:2:{TO_LINE}"]


def test_a_date_is_stale_by_the_clock_of_the_capture(tmp_path: Path) -> None:
    """RFC 8224 6.2; a file of messages has no clock."""
    late, date = 1262361661, "Fri, 01 Jan 2010 16:00:00 GMT"
    identity = "Identity: ..c2lnbmVk;info=<https://cert.example.com/a.pem>"
    signed = request().replace(b"To:", f"{identity}\r\nDate: {date}\r\nTo:".encode())
    at = signed.index(date.encode())
    captured, bare = tmp_path / "a.pcap", tmp_path / "a.sip"
    packets = [made.pcap_record(made.frame(signed), seconds=late - turn) for turn in (0, 1)]
    captured.write_bytes(made.pcap_header() + b"".join(packets))
    bare.write_bytes(signed)
    assert found(captured, bare) == [
        f"{captured}:1:{at}: error: date-stale: Stale Date (RFC 8224 6.2.2; answer 403)"
    ]
    assert found(captured, "--ignore", "date-stale", exit_code=0) == []


def test_the_status_is_the_one_to_answer_with(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(request().replace(b"SIP/2.0\r\n", b"SIP/3.0\r\n", 1))
    assert found(file)[0].endswith("(RFC 3261 21.5.6; answer 505)")


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_has_one_line(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    for fault in (defect(code, 12, "Via"), parse_error(code, 12, "Via")):
        line = line_of(fault, capsys)
        assert line.startswith(f"x:3:12: {fault.severity}: {code}: ")
        status = "" if fault.status_hint is None else f"; answer {fault.status_hint}"
        assert line.endswith(f" ({fault.rfc}{status})\n")
        assert re.search(r"\bVia\b", line)  # in its text, or added to it
        row = json.loads(line_of(fault, capsys, as_json=True))
        assert (row["code"], row["byte"], row["text"]) == (code, 12, fault.text)
        assert row["parsed"] == isinstance(fault, Defect)


def test_a_header_field_is_added_where_the_text_does_not_name_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def what(code: str, header: str) -> str:
        return line_of(defect(code, 5, header), capsys).split(": ", 3)[3].partition(" (")[0]

    assert what("bare-cr", "To") == "Carriage return without line feed, in To"
    assert what("too-many-header-fields", "To").startswith("Too many header fields, in")
    assert what("header-empty", "To") == "Empty To header field"
    assert what("body-too-short", "Content-Length") == "Body shorter than Content-Length"
    assert what("sdp-media-malformed", "m=") == "Malformed media description, in m="

    chinese = line_of(defect("sdp-media-malformed", 5, "m="), capsys, "zh")
    assert chinese.split(": ")[3].startswith("媒体描述（m=）格式错误（RFC 8866")


def test_colour_on_a_terminal_only(mixed: Path) -> None:
    assert "\x1b" not in run("check", mixed).output
    shown = run("check", mixed, terminal=80)
    assert "\x1b[31mquote-unterminated\x1b[0m: " in shown.stdout
    assert "\x1b[31mcontent-length-not-a-number\x1b[0m: " in shown.stdout
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown.stdout).splitlines() == found(mixed)


# ---- hostile input ----

HOSTILE = "\x1b]0;x\x07\u202e\x7f\n\udcff"


def test_nothing_hostile_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    line = line_of(parse_error("number-malformed", 5, HOSTILE), capsys)
    assert "Malformed number in \\x1b]0;x\\x07\\u202e\\x7f\\n\\xff (" in line
    assert line[:-1].isprintable()
    text = line_of(parse_error("number-malformed", 5, HOSTILE), capsys, as_json=True)
    assert text.isascii()
    assert text[:-1].isprintable()
    assert json.loads(text)["header"] == HOSTILE.replace("\udcff", "\\xff")


def test_a_long_name_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    line = line_of(parse_error("number-malformed", 5, "X" * 30_000), capsys)
    assert len(line) < 250
    assert "XX… (RFC 3261 25.1; answer 400)\n" in line


@pytest.mark.skipif(sys.platform != "linux", reason="file names are any bytes on Linux only")
def test_a_hostile_file_name(tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[31m\n\udcff"
    file.write_bytes(broken())
    (line,) = found(file)
    assert line == f"{tmp_path}/a\\x1b[31m\\n\\xff:1:{LENGTH_LINE}"
    (row,) = rows(file)
    assert row["file"] == f"{tmp_path}/a\x1b[31m\n\\xff"


def test_an_output_without_unicode(tmp_path: Path) -> None:
    file = tmp_path / "长.sip"
    file.write_bytes(broken())
    done = process("check", file, PYTHONIOENCODING="ascii")
    assert done.stdout == f"{tmp_path}/\\u957f.sip:1:{LENGTH_LINE}\n"


# ---- JSON ----


def test_json_of_a_capture(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    data = made.pcap(made.frame(b"\r\n"), made.frame(BAD_TO, 5070, 5080))
    file.write_bytes(data)
    (row,) = rows(file)
    with_time = row.pop("timestamp_ns")
    assert isinstance(with_time, int)
    assert row == {
        "file": str(file),
        "message": 1,
        "packet": 2,
        "byte": TO_AT,
        "offset": data.index(b'"Bob'),
        "severity": "error",
        "code": "quote-unterminated",
        "header": "To",
        "text": "Unclosed quoted string in To",
        "text_zh": "To 中的引号字符串未结束",
        "rfc": "RFC 3261 25.1",
        "status": 400,
        "parsed": True,
        "cut": False,
        "source": row["source"],
        "source_port": 5070,
        "destination": row["destination"],
        "destination_port": 5080,
        "transport": "UDP",
    }
    assert re.fullmatch(r"[0-9.]+ [0-9.]+", f"{row['source']} {row['destination']}")


def test_json_of_a_file_of_messages_has_the_same_keys(mixed: Path, tmp_path: Path) -> None:
    capture = tmp_path / "a.pcap"
    capture.write_bytes(made.pcap(made.frame(BAD_TO)))
    (of_capture,) = rows(capture)
    all_of_messages = rows(mixed)
    for row in all_of_messages:
        assert [*row] == [*of_capture]
        absent = {key for key, value in row.items() if value is None}
        assert absent - {"header"} == {
            *("timestamp_ns", "source", "source_port", "destination", "destination_port"),
            "transport",
        }
    assert [row["message"] for row in all_of_messages] == [2, 4, 4, 6]
    assert [row["packet"] for row in all_of_messages] == [2, 4, 4, 6]
    assert [row["parsed"] for row in all_of_messages] == [True, True, True, False]
    assert mixed.read_bytes()[all_of_messages[-1]["offset"] :].startswith(b"x\r\n")


def test_a_clean_file_prints_no_json(fine: Path) -> None:
    assert found("--json", fine, exit_code=0) == []


# ---- what is looked for ----


def test_select_and_ignore(mixed: Path) -> None:
    def codes(*arguments: str, exit_code: int = 1) -> list[str]:
        return [line.split(": ")[2] for line in found(*arguments, mixed, exit_code=exit_code)]

    to, hops, length = (
        *("quote-unterminated", "max-forwards-too-large", "content-length-not-a-number"),
    )
    assert codes() == [to, hops, to, length]
    assert codes("--select", to) == [to, to]
    assert codes("--select", length, "--select", hops) == [hops, length]
    assert codes("--ignore", to, "--ignore", length) == [hops]
    assert codes("--select", to, "--select", hops, "--ignore", to) == [hops]
    assert codes("--select", "bare-cr", exit_code=0) == []
    assert codes("--select", to, "--ignore", to, exit_code=0) == []


def test_sums_cover_the_selected_codes(mixed: Path) -> None:
    shown = run("check", mixed, "--ignore", "quote-unterminated")
    assert shown.stderr.endswith("\n2 faults (2 errors) in 2 of 6 messages; 1 cannot be parsed\n")
    shown = run("check", mixed, "--select", "bare-cr")
    assert shown.stderr == "no faults in 6 messages\n"


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("cseq-method-missmatch", "did you mean cseq-method-mismatch?"),
        ("BARE-CR", "did you mean bare-cr?"),
        ("xqz", "see sipfast check --list"),
        ("", "see sipfast check --list"),
        ("x" * 100_000, "see sipfast check --list"),
        ("\x1b[31m", "see sipfast check --list"),
    ],
)
def test_an_unknown_code(option: str, asked: str, hint: str, fine: Path) -> None:
    result = run("check", option, asked, fine)
    assert (result.exit_code, result.stdout) == (2, "")
    error = result.stderr[result.stderr.index("Error: ") :]
    assert "is an unknown fault code; " in error
    assert hint in " ".join(error.split())
    assert len(error) < 400
    assert "\x1b" not in error


def test_several_codes_are_near() -> None:
    result = run("check", "--select", "header-name", "none")
    assert "did you mean header-name-empty or " in result.stderr


def test_list_prints_every_code() -> None:
    result = run("check", "--list")
    assert (result.exit_code, result.stderr) == (0, "")
    width = max(map(len, FAULTS))
    assert result.stdout.splitlines() == [
        f"{fault.code:{width}}  {fault.severity:7}  {fault.status or '-':>3}  "
        f"{fault.text} ({fault.rfc})"
        for fault in FAULTS.values()
    ]


# ---- the sums ----


def test_sums_go_to_standard_error(mixed: Path) -> None:
    assert run("check", mixed).stderr.splitlines() == [
        "2  quote-unterminated",
        "1  content-length-not-a-number",
        "1  max-forwards-too-large",
        "4 faults (4 errors) in 3 of 6 messages; 1 cannot be parsed",
    ]


def test_sums_of_several_files(mixed: Path, fine: Path) -> None:
    assert run("check", mixed, fine, mixed).stderr.splitlines()[-1] == (
        "8 faults (8 errors) in 6 of 14 messages; 2 cannot be parsed"
    )


def test_sums_name_skipped_packets(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(made.frame(request()), made.frame(b"\r\n"), made.frame(b"\r\n")))
    result = run("check", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no faults in 1 message; 2 packets skipped\n"


def test_quiet_leaves_the_sums_out(mixed: Path, fine: Path) -> None:
    result = run("check", "--quiet", mixed)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == found(mixed)
    assert run("check", "-q", fine).output == ""


# ---- bounded memory, output as it goes ----


class Taken:
    """Takes faults, and keeps next to nothing."""

    def __init__(self) -> None:
        self.parities: set[int] = set()

    def fault(self, found: Found) -> None:
        self.parities.add(found.message % 2)

    def note(self, line: str) -> None:
        raise AssertionError(line)


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    def peak(times: int) -> int:
        file = tmp_path / str(times)
        file.write_bytes((BAD_TO + broken()) * times)
        seen = Taken()
        tracemalloc.start()
        sums = check_files([str(file)], Wanted(), seen, WORDS["en"])
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (sums.messages, sums.codes.total(), seen.parities) == (2 * times, 2 * times, {0, 1})
        return most

    peak(10)
    assert peak(3000) < peak(300) + 20_000


def test_a_fault_is_handed_on_before_the_rest_is_read(mixed: Path) -> None:
    class Enough(Exception):
        pass

    class Stop(Taken):
        def fault(self, found: Found) -> None:
            raise Enough(found.message)

    with pytest.raises(Enough, match="2"):
        check_files([str(mixed)], Wanted(), Stop(), WORDS["en"])


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_a_progress_bar_does_not_catch_the_output(mixed: Path) -> None:
    """With standard error on a terminal, and standard output elsewhere or there too."""
    import pty
    import subprocess

    for apart in (True, False):
        leader, follower = pty.openpty()
        child = subprocess.Popen(
            [sys.executable, "-c", LONG_AND_SLOW, "check", str(mixed)],
            stdout=subprocess.PIPE if apart else follower,
            stderr=follower,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "300", "NO_COLOR": "1"},
            cwd=ROOT,
        )
        os.close(follower)
        with child:
            terminal = until_closed(leader)
            piped = child.stdout.read().decode() if child.stdout else ""
        assert child.returncode == 1
        assert "% of" in terminal
        assert piped.splitlines() == (found(mixed) if apart else [])
        rows = re.split(r"[\r\n]+", terminal)
        for line in found(mixed):
            assert rows.count(line) == (0 if apart else 1)


# Shows the bar, and before the last faults are found.
LONG_AND_SLOW = """
import time
from sipfast.calls import reading
from sipfast.cli import main
from sipfast.cli.screen import progress
progress.AFTER = 0
parse = reading.parse
def slow(data, **how):
    time.sleep(0.1)
    return parse(data, **how)
reading.parse = slow
main()
"""


def until_closed(leader: int) -> str:
    """All that is written to a pseudo-terminal, without its escape sequences."""
    text = b""
    while True:
        try:
            part = os.read(leader, 65_536)
        except OSError:  # as Linux says that the other end was closed
            part = b""
        if not part:
            os.close(leader)
            return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.decode("utf-8"))
        text += part


# ---- how it ends ----


def test_nothing_wrong(fine: Path) -> None:
    result = run("check", fine)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no faults in 2 messages\n"


def test_files_that_cannot_be_read(mixed: Path, fine: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    result = run("check", tmp_path / "empty", mixed, tmp_path / "none")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == found(mixed)
    assert result.stderr.splitlines()[:2] == [
        f"sipfast: {tmp_path / 'empty'}: the file is empty",
        f"sipfast: {tmp_path / 'none'}: No such file or directory",
    ]
    result = run("check", fine, tmp_path / "none")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("\nno faults in 2 messages\n")


def test_sums_need_a_readable_file(tmp_path: Path) -> None:
    line = error_line("check", tmp_path / "none", exit_code=1)
    assert line == f"{tmp_path / 'none'}: No such file or directory"


def test_without_files_it_is_wrong_usage() -> None:
    result = run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Missing argument 'FILE...'" in result.stderr


def test_interrupted(monkeypatch: pytest.MonkeyPatch, fine: Path) -> None:
    def interrupt(_data: object, **_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sipfast.calls.reading.parse", interrupt)
    assert error_line("check", fine, exit_code=130) == "interrupted"


@pytest.mark.skipif(sys.platform == "win32", reason="the shell is POSIX")
def test_a_closed_pipe_counts_as_success(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(BAD_TO * 2000)
    done = shell(f"check {file} | head -n 1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{file}:1:{TO_LINE}\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("options", ["", "--json", "-q"])
def test_a_full_disk_gives_one_line(options: str, mixed: Path) -> None:
    done = shell(f"check {options} {mixed} >/dev/full")
    assert done.returncode == 1
    assert done.stderr == "sipfast: cannot write the output: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="the shell is POSIX")
def test_closed_standard_error_keeps_the_exit_code(mixed: Path, fine: Path) -> None:
    done = shell(f"check {mixed} 2>&-")
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (1, found(mixed), "")
    assert shell(f"check {fine} 2>&-").returncode == 0


@pytest.mark.parametrize("pure", [False, True], ids=["as chosen", "pure"])
def test_as_a_process(pure: bool, mixed: Path) -> None:
    done = process("check", mixed, pure=pure)
    assert done.returncode == 1
    assert done.stdout.splitlines() == found(mixed)
    assert done.stderr == run("check", mixed).stderr
