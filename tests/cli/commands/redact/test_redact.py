"""``sipfast redact``: the key, the options, what it says, and the file that it leaves."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from capture_files import frame, pcap
from command import HOSTILE, ROOT, UNSEEN, error_line, message, output, process, request, run, shell

import sipfast
from sipfast.redact import Redactor

CALLS = ROOT / "bench_data" / "calls.pcap"
KEY = b"0123456789abcdef"
needs_modes = pytest.mark.skipif(os.name != "posix", reason="modes of files are of POSIX")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\n")
    path.chmod(0o600)
    return path


def payloads(path: Path) -> list[bytes]:
    return [bytes(record.data) for record in sipfast.open(path)]


def made(*options: Any, key: Path, source: Path = CALLS) -> tuple[list[bytes], list[str]]:
    """The messages of a run that succeeds, and the lines that it prints."""
    out = key.parent / "out.pcapng"
    result = run("redact", source, out, "--key-file", key, "--force", *options)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    return payloads(out), [line.removeprefix("sipfast: ") for line in result.stderr.splitlines()]


@pytest.mark.parametrize("pure", [False, True], ids=["native", "pure"])
@pytest.mark.parametrize("format", ["pcap", "pcapng", "sip"])
def test_a_file(key: Path, format: str, pure: bool) -> None:
    out = key.parent / f"out.{format}"
    done = process("redact", CALLS, out, "--key-file", key, pure=pure)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "sipfast: 159 messages written",
        "sipfast: dropped: malformed message (3)",
        "sipfast: header fields and bodies left out: body (3), X-Call-Ref (2)",
    ]
    one = Redactor(KEY)
    expected = [one.record(record) for record in sipfast.open(CALLS)]
    assert payloads(out) == [bytes(record.data) for record in expected if record is not None]
    assert sorted(path.name for path in key.parent.iterdir()) == ["key", out.name]
    assert b"example" not in out.read_bytes()


def test_options(key: Path) -> None:
    source = key.parent / "in.sip"
    source.write_bytes(
        request(
            "OPTIONS",
            "Contact: <tel:+442079460123>",
            "X-CID: 1@192.0.2.1",
            "Date: Sat, 13 Nov 2010 23:29:00 GMT",
            "User-Agent: Secret/1.2 (x)",
        )
    )
    (text,), _ = made(
        *("--keep-prefix", "+44,+49", "--allow", "X-CID", "--shift-time", "-1d", "--keep-agents"),
        key=key,
        source=source,
    )
    read: Any = sipfast.parse(text)
    assert re.fullmatch(r"\+44\d{10}", read.contact.uri.number)
    assert read.contact.uri.number != "+442079460123"
    assert read.headers["X-CID"] == read.call_id
    assert read.headers["Date"] == "Fri, 12 Nov 2010 23:29:00 GMT"
    assert read.headers["User-Agent"] == "Secret/1.2 (x)"
    (text,), lines = made("--keep-prefix", "3", key=key, source=source)
    read = sipfast.parse(text)
    assert read.contact.uri.number.startswith("+442")
    assert "X-CID" not in read.headers
    assert b"Secret" not in text
    assert lines[1:] == ["header fields and bodies left out: X-CID (1)"]


def test_times_that_the_format_cannot_hold_are_told(key: Path) -> None:
    lines = made("--shift-time", "-20000d", key=key)[1]
    assert lines[:2] == [
        "159 messages written",
        "159 messages without a time: it is before 1970, or too late for pcapng",
    ]
    lines = made("--shift-time", "30000d", "--format", "pcap", "-n", "1", key=key)[1]
    assert lines[1] == "1 message without a time: it is before 1970, or too late for pcap"
    lines = made("--shift-time", "30000d", "-n", "1", key=key)[1]
    assert lines == ["1 message written"]


def test_filters_choose(key: Path) -> None:
    all_messages, _ = made(key=key)
    some, lines = made("--method", "REGISTER", key=key)
    assert 0 < len(some) < len(all_messages)
    assert all(text.startswith(b"REGISTER ") for text in some)
    assert set(some) <= set(all_messages)
    assert lines[0] == f"{len(some)} messages written"
    assert made("-n", "1", key=key)[1] == ["1 message written"]


def test_standard_input_and_output(key: Path) -> None:
    line = f"redact - - --format sip --key-file {key} < {CALLS} > {key.parent / 'out.sip'}"
    done = shell(line)
    assert done.returncode == 0, done.stderr
    assert len(payloads(key.parent / "out.sip")) == 159


@needs_modes
def test_a_new_key(tmp_path: Path) -> None:
    key = tmp_path / "new"
    assert run("redact", CALLS, tmp_path / "a.sip", "--key-file", key, "--new-key").exit_code == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert run("redact", CALLS, tmp_path / "b.sip", "--key-file", key).exit_code == 0
    assert (tmp_path / "a.sip").read_bytes() == (tmp_path / "b.sip").read_bytes()
    before = key.read_bytes()
    arguments = ("redact", CALLS, tmp_path / "c.sip", "--key-file", key, "--new-key")
    assert error_line(*arguments, exit_code=1) == f"{key} exists; without --new-key it is used"
    assert key.read_bytes() == before
    assert not (tmp_path / "c.sip").exists()


@needs_modes
def test_a_key_that_others_can_read_is_told(key: Path) -> None:
    key.chmod(0o644)
    _, lines = made(key=key)
    assert lines[0] == f"{key}: others can read the key; chmod 600 keeps them out"


def test_the_key_is_no_option() -> None:
    assert "--key " not in output("redact", "--help")
    assert run("redact", CALLS, "out.pcap", "--key", "0123456789abcdef").exit_code == 2


def test_keys_that_are_unfit(tmp_path: Path) -> None:
    out, key = tmp_path / "out.pcap", tmp_path / "key"
    line = error_line("redact", CALLS, out, "--key-file", key, exit_code=1)
    assert line == f"{key}: No such file or directory; --new-key makes one"
    key.write_bytes(b"secretsecret")
    line = error_line("redact", CALLS, out, "--key-file", key, exit_code=1)
    assert line == f"{key}: the key needs 16 to 4096 bytes, and no few repeated ones"
    assert list(tmp_path.iterdir()) == [key]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--keep-prefix", "x"), "--keep-prefix: x is neither a number from 0 to 15 nor prefixes"),
        (("--keep-prefix", "+44,"), "--keep-prefix: +44, is neither"),
        (("--keep-prefix", "16"), None),
        (("--allow", "X Y"), "--allow: X Y is not the name of a header field"),
        (("--allow", "X\x1b"), "--allow: X\\x1b is not"),
        (("--shift-time", "1"), "--shift-time: 1 is not a time such as -90d, 36h, 10m or 5s"),
        (("--shift-time", "1y"), "--shift-time: 1y is not"),
    ],
)
def test_misuse(key: Path, options: tuple[str, ...], line: str | None) -> None:
    out = key.parent / "out.pcap"
    arguments: tuple[str | Path, ...] = ("redact", CALLS, out, "--key-file", key, *options)
    if line is None:  # a prefix of two digits
        assert run(*arguments).exit_code == 0
        return
    assert error_line(*arguments, exit_code=2).startswith(line)
    assert not out.exists()


def test_files_that_are_not_overwritten(key: Path) -> None:
    out = key.parent / "out.pcap"
    out.write_bytes(b"mine")
    line = error_line("redact", CALLS, out, "--key-file", key, exit_code=1)
    assert line == f"{out} exists; --force overwrites it"
    fresh = key.parent / "fresh"
    arguments = ("redact", CALLS, out, "--key-file", fresh, "--new-key")
    assert error_line(*arguments, exit_code=1) == line
    assert not fresh.exists()
    copy = key.parent / "in.pcap"
    copy.write_bytes(CALLS.read_bytes())
    again: tuple[str | Path, ...]
    for source, target, text in (
        (copy, copy, "OUT is the same file as IN"),
        (key, out, "the key file and IN are the same file"),
        (copy, key, None),
    ):
        again = ("redact", source, target, "--key-file", key, "--force", "--format", "pcap")
        line = error_line(*again, exit_code=2)
        assert line == (text or "the key file and OUT are the same file")
    assert key.read_bytes() == KEY + b"\n"
    assert copy.read_bytes() == CALLS.read_bytes()
    made = key.parent / "new.pcap"  # in which the new key would be lost
    again = (
        "redact",
        CALLS,
        made,
        "--key-file",
        f"{key.parent}/./new.pcap",
        "--new-key",
        "--force",
    )
    assert error_line(*again, exit_code=2) == "the key file and OUT are the same file"
    assert not made.exists()
    assert out.read_bytes() == b"mine"


def test_files_that_cannot_be_read(key: Path) -> None:
    out = key.parent / "out.pcap"
    line = error_line("redact", "absent", out, "--key-file", key, exit_code=1)
    assert line == "absent: No such file or directory"
    fresh = key.parent / "fresh"
    arguments = ("redact", "absent", out, "--key-file", fresh, "--new-key")
    assert error_line(*arguments, exit_code=1) == line
    assert not fresh.exists()
    assert not out.exists()
    line = error_line("redact", CALLS, "out.txt", "--key-file", key, exit_code=2)
    assert line == "out.txt: the suffix must be one of pcap, pcapng, sip, or --format be given"


def test_what_was_not_read_is_told(key: Path) -> None:
    source = key.parent / "in.pcap"
    source.write_bytes(pcap(frame(request()), frame(request()))[:-9])
    _, lines = made(key=key, source=source)
    assert lines[0].startswith(f"{source}: SIP may be in what was not read: ")


def test_many_names_are_summed_up(key: Path) -> None:
    source = key.parent / "in.sip"
    source.write_bytes(request("OPTIONS", *[f"X-{number:02}: a" for number in range(20)]))
    _, lines = made(key=key, source=source)
    assert lines[1].endswith("X-11 (1), 8 others")


def test_hostile_names_do_not_reach_the_terminal(key: Path) -> None:
    source = key.parent / "\x1b[31m\u202e.sip"
    source.write_bytes(
        request("OPTIONS", f"{HOSTILE}: a", f"X-A: {HOSTILE}")
        + message("OPTIONS sip:" + HOSTILE + " SIP/2.0")
    )
    out = key.parent / "out.sip"
    result = run("redact", source, out, "--key-file", key)
    assert not UNSEEN & set(map(ord, result.stderr))
    assert out.read_bytes().isascii()


def test_in_chinese(key: Path) -> None:
    _, lines = made("--lang", "zh", key=key)
    assert lines == [
        "已写出 159 条消息",
        "已丢弃：消息格式错误（3）",
        "已略去的头字段和消息体：消息体（3）；X-Call-Ref（2）",
    ]
