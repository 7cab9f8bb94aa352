"""The options that choose messages, in every command that has them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import capture_files as made
import pytest
from command import BAD_TO, broken, error_line, output, request, response, run

from sipfast import Message, parse, scan
from sipfast.cli.filters import _Pattern

MESSAGES = (
    request("INVITE"),
    response(486, "Busy Here").replace(b"7 OPTIONS", b"7 INVITE"),
    request("BYE").replace(b"sip:alice@example.org", b"tel:+1-202-555-0123"),
    response(200, "OK").replace(b"Call-ID: 1@", b"Call-ID: Other*@"),
    request("OPTIONS").replace(b"sip:bob@example.com>", b"sips:Carol@[2001:db8::1]:5070>"),
    broken(),
    BAD_TO,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.sip"
    path.write_bytes(b"".join(MESSAGES))
    return path


def chosen(file: Path, *options: str) -> list[int]:
    """The numbers of the messages that are listed."""
    text = output("list", "--json", file, *options)
    return [json.loads(line)["message"] for line in text.splitlines()]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("-n 3", [3]),
        ("--number 2-4", [2, 3, 4]),
        ("-n 6-", [6, 7]),
        ("-n 1 -n 3-4 -n 99999999999999999999", [1, 3, 4]),
        ("-n 8", []),
        ("--packet 2-3", [2, 3]),
        ("--packet 2-3 -n 3-4", [3]),
        ("--call-id 1@192.0.2.1", [1, 2, 3, 5, 6, 7]),
        ("--call-id Other*@192.0.2.1", [4]),
        ("--call-id other*", []),
        ("--call-id *", [1, 2, 3, 4, 5, 6, 7]),
        ("--call-id O*9*.1 --call-id nothing", [4]),
        ("--method INVITE", [1]),
        ("--method bye --method Options", [3, 5, 6, 7]),
        ("--method INVITE --status 100-699", [2]),
        ("--status 4xx", [2]),
        ("--status 200 --status 486", [2, 4]),
        ("--status 487-699", []),
        ("--status 2XX --method INVITE", []),
        ("--user alice", [1, 2, 4, 5, 6, 7]),
        ("--user ALICE --method INVITE", [1]),
        ("--user +12025550123", [3]),
        ("--user +1-202-555-0123", [3]),
        ("--user +1202555*", [3]),
        ("--user carol", [5]),
        ("--user bob --method BYE --method OPTIONS", [3, 5, 6, 7]),
        ("--from alice@example.org", [1, 2, 4, 5, 6, 7]),
        ("--from tel:*", [3]),
        ("--from example.org --status 4xx", [2]),
        ("--from bob", []),
        ("--to carol@[2001:db8::1]", [5]),
        ("--to sips:*", [5]),
        ("--to *Bob*", [1, 2, 3, 4, 6, 7]),
        ('--to "Bob*', [7]),
        ("--from Alice", [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_choices(options: str, numbers: list[int], file: Path) -> None:
    assert chosen(file, *options.split()) == numbers


def test_packets_are_those_of_the_capture(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(made.frame(b"\r\n"), made.frame(request()), made.frame(BAD_TO)))
    assert chosen(file, "--packet", "2") == [1]
    assert chosen(file, "--packet", "3-") == [2]
    assert chosen(file, "--packet", "1") == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *[("-n", value) for value in ("0", "3-2", "x", "-", "", "1-2-3", "1.5", "\x1b[31m")],
        *[("--packet", value) for value in ("0", "-3", "½", "٣")],
        *[("--status", value) for value in ("x", "20", "4x", "2000", "500-400", "4xx-5xx", "")],
    ],
)
def test_wrong_values(option: str, value: str) -> None:
    for command in ("list", "show", "check", "stats"):
        result = run(command, f"{option}={value}" if option[1] == "-" else f"{option}{value}", "x")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "\x1b" not in result.stderr


def test_every_command_takes_them(file: Path) -> None:
    assert "Max-Forwards: 70" in output("show", file, "--method", "BYE")
    assert "1 message: 0 requests, 1 response;" in output("stats", file, "--status", "486")
    assert run("check", file, "--method", "INVITE").exit_code == 0
    result = run("check", file, "--to", '"Bob*')
    assert result.stdout.startswith(f"{file}:7:")
    assert result.stderr.endswith(" in 1 of 1 message\n")


@pytest.mark.parametrize("command", ["list", "show", "check", "stats"])
def test_reading_ends_with_the_last_number(
    command: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def counting(data: memoryview, **how: Any) -> Message:
        seen.append(data)
        return parse(data, **how)

    monkeypatch.setattr("sipfast.calls.reading.parse", counting)
    run(command, file, "-n", "1", "-n", "3")
    assert 2 <= len(seen) <= 5
    seen.clear()
    run(command, file, "-n", f"{len(MESSAGES)}-")
    assert bytes(seen[-1]) == MESSAGES[-1]


def test_nothing_matches(file: Path) -> None:
    assert output("list", file, "--user", "nobody") == ""
    line = error_line("show", file, "--user", "nobody", exit_code=1)
    assert line == f"{file}: no message matches; 7 messages read"


# ---- an expression ----


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("status >= 400", 2),
        ("retransmission", 7),
        ("not retransmission and method = 'INVITE'", 1),
        ("error is not null", 2),
        ("from_user like 'al%' or uri_user is null", 12),
        ("header:CSeq like '% BYE'", 2),
        ("call_id = 'none'", 0),
    ],
)
@pytest.mark.parametrize("options", [(), ("-n", "3-"), ("--user", "alice", "--packet", "1-9")])
def test_an_expression_chooses_what_a_scan_finds(
    where: str, count: int, options: tuple[str, ...], tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    file = tmp_path / "a.pcap"
    frames = enumerate(map(made.frame, MESSAGES * 2))
    records = [made.pcap_record(frame, 1_710_232_205 + at) for at, frame in frames]
    file.write_bytes(made.pcap_header() + b"".join(records))
    found = scan(file, ["packet"], where).to_arrow()["packet"].to_pylist()
    assert len(found) == count
    assert chosen(file, "--where", where) == found
    assert chosen(file, *options, "--where", where) == [
        number for number in chosen(file, *options) if number in found
    ]


def test_every_command_takes_an_expression(file: Path, tmp_path: Path) -> None:
    where = ("--where", "status = 486")
    assert output("show", file, *where).startswith("486 Busy Here")
    assert "1 message: 0 requests, 1 response;" in output("stats", file, *where)
    assert run("check", file, *where).stderr.endswith(" in 1 message\n")
    assert "486 Busy Here" in output("ladder", file, *where)
    out, key = tmp_path / "out.sip", tmp_path / "key"
    run("redact", file, out, "--key-file", key, "--new-key", *where)
    assert chosen(out) == [1]
    line = error_line("show", file, "--where", "status = 487", exit_code=1)
    assert line == f"{file}: no message matches; 7 messages read"
    result = run("stats", file, "--metrics", *where)
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize("command", ["list", "show", "check", "stats", "ladder"])
def test_a_fault_in_an_expression_is_shown_with_its_place(command: str, file: Path) -> None:
    result = run(command, file, "--where", "status >= 'x\x1b'")
    assert (result.exit_code, result.stdout) == (2, "")
    first, second, third = result.stderr.splitlines()
    assert first == "sipfast: --where: status is a number, not text (character 11)"
    assert second.endswith("status >= 'x '")
    assert third.endswith(" " * 10 + "^")


# ---- patterns ----


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("a*b", "ab axb abab", "a b abx xab"),
        ("*", "a abc", ""),
        ("*a*", "a xay", "b x"),
        ("a*a", "aa axa", "a"),
        ("ab*ba", "abba ab-ba", "aba"),
        ("a*b*c", "abc a-b-c abbcc", "acb ab bc"),
        ("*x*x*", "xx axbxc", "x ax"),
        ("a.c", "a.c", "abc"),
        ("a?", "a?", "ab"),
    ],
)
def test_patterns(pattern: str, yes: str, no: str) -> None:
    holds = _Pattern(pattern, case=True)
    assert [text for text in yes.split() if not holds(text)] == []
    assert [text for text in no.split() if holds(text)] == []


def test_case() -> None:
    assert _Pattern("ÄB*", case=False)("äbc")
    assert not _Pattern("A*", case=True)("ab")


def test_a_pattern_costs_linear_time() -> None:
    """A backtracking matcher would need as many steps as there are ways to place the letters."""
    text = "a" * 60_000
    holds = _Pattern("*a" * 40 + "*b", case=True)
    begun = time.process_time()
    assert not holds(text + "c")
    assert holds(text + "b")
    assert time.process_time() - begun < 1
