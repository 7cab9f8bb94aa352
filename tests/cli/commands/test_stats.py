"""``sipfast stats``: the figures, the memory they take, the tables and the JSON document."""

from __future__ import annotations

import errno
import itertools
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import capture_files as made
import pytest
from command import TERMINAL, broken, error_line, message, output, process, request, response, run
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import sipfast
from sipfast.capture import Datagram
from sipfast.cli.gather import Place, Ranking, Unparsable, gather, total
from sipfast.cli.screen.text import counted, file_size, first_sentence, visible, wrapped
from sipfast.registry.header_names import HEADER_NAMES

BAD_TO = request().replace(b"To: <sip", b'To: "Bob <sip')
NO_CALL_ID = response(200, "OK").replace(b"Call-ID: 1@192.0.2.1\r\n", b"")


def datagrams(*payloads: bytes, first_packet: int = 1) -> Iterator[Datagram]:
    """As a capture yields them: packets that are passed over lie between them, and 50 bytes."""
    offset = 50
    for number, payload in enumerate(payloads):
        yield Datagram(memoryview(payload), offset, first_packet + 2 * number)
        offset += len(payload) + 50


def document(*arguments: str | Path) -> dict[str, Any]:
    text = output("stats", "--json", *arguments)
    assert text.isascii()
    parsed: dict[str, Any] = json.loads(text)
    return parsed


# ---- gathering ----


def test_requests_and_responses() -> None:
    stats = gather(
        datagrams(
            request("INVITE"),
            request("INVITE"),
            request("FOO"),
            response(180, "Ringing"),
            response(486, "Busy"),
            response(480, "No"),
            response(486, ""),
        )
    )
    assert (stats.messages, stats.requests, stats.responses, stats.unparsed) == (7, 3, 4, 0)
    assert stats.methods.ordered() == (("INVITE", 2), ("FOO", 1))
    assert list(stats.statuses.items()) == [(180, 1), (480, 1), (486, 2)]
    assert stats.status_classes == {1: 1, 4: 3}


def test_user_agents_are_of_requests_and_servers_of_responses() -> None:
    stats = gather(
        datagrams(
            request("OPTIONS", "User-Agent: Phone/1", "Server: not counted"),
            response(200, "OK", "Server: Proxy/2", "User-Agent: not counted"),
            request("OPTIONS", "User-Agent: Phone/1"),
            request("OPTIONS", "User-Agent:"),
            response(200, "OK", "User-Agent: not counted"),
        )
    )
    assert stats.agents.ordered() == (("Phone/1", 2), ("Proxy/2", 1))
    assert stats.without_agent == 2


def test_defects_are_counted_by_kind_with_their_first_place() -> None:
    stats = gather(datagrams(request(), BAD_TO, NO_CALL_ID, BAD_TO), file="x")
    assert stats.defective == 3
    to, call_id = stats.defects
    assert (to.code, to.header, to.count) == ("quote-unterminated", "To", 2)
    offset = 50 + len(request()) + 50 + BAD_TO.index(b'"Bob')
    assert to.first == Place("x", message=2, packet=3, offset=offset)
    assert (call_id.code, call_id.header, call_id.count) == ("header-missing", "Call-ID", 1)
    assert (call_id.text, call_id.rfc) == ("Missing Call-ID header field", "RFC 3261 8.1.1")


def test_what_cannot_be_parsed_is_counted_and_the_first_ones_are_kept() -> None:
    parts = [broken(), request(), b"", broken(), broken("99999999999")]
    stats = gather(datagrams(*parts), file="x", errors=2)
    assert (stats.messages, stats.unparsed) == (1, 4)
    assert stats.faults == {
        "content-length-not-a-number": 2,
        "no-message": 1,
        "content-length-too-large": 1,
    }
    byte = broken().rindex(b"x")
    text, rfc = "Content-Length is not a number", "RFC 3261 20.14"
    assert stats.unparsable[0] == Unparsable(
        Place("x", 1, 1, 50 + byte), "content-length-not-a-number", text, rfc, byte
    )
    assert [item.place.message for item in stats.unparsable] == [1, 3]


def test_nothing_at_all() -> None:
    stats = gather([])
    assert (stats.messages, stats.unparsed, stats.statuses, stats.defects) == (0, 0, {}, ())


def test_time_is_that_of_parsing_and_of_all() -> None:
    # Read at the start; before and after each of three batches of at most 256; at the end.
    times = iter([0.0, 10.0, 11.0, 20.0, 22.0, 30.0, 34.0, 50.0])
    stats = gather(datagrams(*[request()] * 600), clock=lambda: next(times))
    assert (stats.parse_seconds, stats.seconds) == (7.0, 50.0)
    assert next(times, None) is None


def test_the_total_is_what_one_pass_over_all_gives() -> None:
    parts = [
        [request("INVITE"), BAD_TO, broken()],
        [],
        [broken("-1"), NO_CALL_ID, BAD_TO, broken()],
    ]
    clock = iter(range(1000)).__next__
    each = [gather(datagrams(*part), errors=2, clock=clock) for part in parts]
    together = gather(datagrams(*itertools.chain(*parts)), errors=2, clock=clock)
    added = total(each, errors=2)
    for name in ("requests", "responses", "statuses", "without_agent", "defective", "faults"):
        assert getattr(added, name) == getattr(together, name)
    assert added.methods.ordered() == together.methods.ordered()
    assert added.agents.ordered() == together.agents.ordered()
    assert [(row.code, row.count) for row in added.defects] == [
        (row.code, row.count) for row in together.defects
    ]
    assert added.defects[0].first == each[0].defects[0].first
    assert added.unparsable == (each[0].unparsable[0], each[2].unparsable[0])
    assert added.seconds == sum(part.seconds for part in each)


# ---- bounded memory ----


def test_a_ranking_keeps_no_more_than_it_may() -> None:
    ranking = Ranking(most=100, length=10)
    for number in range(10_000):
        ranking.add("regular")
        ranking.add(f"agent number {number}")
        ranking.add(str(number))
    ordered = ranking.ordered()
    assert len(ordered) <= 100
    assert ordered[0] == ("agent num…", 10_000)
    assert ordered[1] == ("regular", 10_000)
    assert max(len(name) for name, _ in ordered) == 10


names = st.lists(st.sampled_from("abcdefghijklmnop"), max_size=300)


@given(names, names)
def test_a_ranking_errs_by_its_shortfall_at_the_most(first: list[str], second: list[str]) -> None:
    one, other = Ranking(most=6), Ranking(most=6)
    for name in first:
        one.add(name)
    for name in second:
        other.add(name)
    one.merge(other)
    counted_ones = dict(one.ordered())
    for name, true in Counter(first + second).items():
        assert true - one.shortfall <= counted_ones.get(name, 0) <= true


def test_memory_does_not_grow_with_what_senders_make_up() -> None:
    def made_up(count: int) -> Iterator[Datagram]:
        for number in range(count):
            yield from datagrams(request(f"M{number}", f"User-Agent: {'x' * 500}{number:09}"))

    few, many = gather(made_up(100)), gather(made_up(9_000))
    assert len(few.methods.ordered()) == 100
    assert len(many.methods.ordered()) <= 4096
    assert many.methods.shortfall > 0
    assert len(many.agents.ordered()) == 1  # all alike as far as they are kept
    assert many.agents.ordered()[0] == ("x" * 119 + "…", 9_000)


# ---- the tables ----


def test_a_file_of_messages(tmp_path: Path) -> None:
    agent = "User-Agent: Phone/1"
    file = tmp_path / "a.sip"
    file.write_bytes(
        request("INVITE", agent) * 3
        + request("FOO")
        + response(486, "Busy Here")
        + BAD_TO
        + broken()
    )
    text = output("stats", file)
    head, requests, responses, agents, defects, faults = text.split("\n\n")
    assert head.splitlines()[0] == f"{file}  messages, {file_size(file.stat().st_size)}"
    assert head.splitlines()[1] == (
        "6 messages: 5 requests, 1 response; 1 with defects; 1 more unparsable"
    )
    assert head.splitlines()[2].endswith(": too few messages to tell a speed by.")
    assert requests.splitlines() == [
        "Requests",
        "  INVITE   3  60.0%  ████████████████",
        "  OPTIONS  1  20.0%  █████▎",
        "  FOO      1  20.0%  █████▎",
    ]
    assert responses.splitlines() == [
        "Responses",
        "  4xx Client error  1  100.0%  ████████████████",
        "    486 Busy Here   1",
    ]
    assert agents.splitlines() == ["User agents", "  3  Phone/1", "  3  do not say"]
    place = file.read_bytes().index(b'"Bob')
    assert defects.splitlines()[2].split() == (
        f"1 To has an unclosed quoted string RFC 3261 25.1 6 {place:,}".split()
    )
    assert faults.splitlines()[1:] == [
        "  message   byte",
        f"        7  {file.read_bytes().rindex(b'x'):,}  Content-Length is not a number",
    ]


def test_speed_and_engine(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request() * 1000)
    lines = output("stats", tmp_path / "a.sip").splitlines()
    assert lines[1] == "1,000 messages: 1,000 requests, 0 responses; no defects"
    number = r"([\d,]+|[\d.]+ million)"
    assert made_of(lines[2], rf"{number} messages a second in all, {number} in parsing alone\.")
    if sipfast.engine == "native":
        assert lines[3] == f"Engine native, kernel {sipfast.kernel}."
    else:
        assert lines[3].startswith("Engine pure: ")


def made_of(line: str, pattern: str) -> bool:
    import re

    return re.fullmatch(pattern, line) is not None


def test_no_more_errors_than_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(broken() * 3 + broken("99999999999"))
    ten = output("stats", file)
    assert "in all" not in ten
    assert ten.count("Content-Length is not a number") == 3
    one = output("stats", file, "--errors", "1")
    assert "in all\n  3  Content-Length is not a number  RFC 3261 20.14\n" in one
    none = output("stats", file, "--errors", "0")
    assert "Cannot be parsed\n  3  Content-Length is not a number  RFC" in none
    assert len(document(file, "--errors", "1")["total"]["first_unparsable"]) == 1


def test_no_more_user_agents_than_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(b"".join(request("OPTIONS", f"User-Agent: Phone/{n}") for n in range(12)))
    assert output("stats", file).endswith("  1  Phone/7\n  2  2 others\n")
    assert "others" not in output("stats", file, "--top", "11")  # the twelfth takes no more room
    assert " 1  Phone/0\n  11  11 others\n" in output("stats", file, "--top", "1")
    assert len(document(file, "--top", "3")["total"]["user_agents"]) == 3


def test_made_up_methods_come_last_and_few(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(b"".join(request(f"M{n:02}") * 2 for n in range(15)) + request("BYE"))
    rows = output("stats", file).split("Requests\n")[1].splitlines()
    assert rows[0].split()[0] == "BYE"
    assert rows[10].split()[0] == "M09"
    assert rows[11] == "  5 more, not registered"


def test_codes_of_no_class_and_many_codes(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    codes = [*range(400, 410), 799, 0]
    file.write_bytes(b"".join(response(code, "") for code in codes))
    text = output("stats", file)
    assert "    2 more codes\n" in text
    assert "  0xx no class of SIP" in text
    assert "  7xx no class of SIP" in text
    assert document(file)["total"]["status_classes"] == {"0xx": 1, "4xx": 10, "7xx": 1}
    assert document(file)["total"]["statuses"]["000"] == 1


def test_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request() + BAD_TO)
    (tmp_path / "b.sip").write_bytes(BAD_TO + response(200, "OK") + broken())
    text = output("stats", tmp_path / "a.sip", tmp_path / "b.sip")
    assert text.startswith(f"2 files in {tmp_path}  ")
    assert "4 messages: 3 requests, 1 response; 2 with defects; 1 more unparsable\n" in text
    assert text.split("Files\n")[1].splitlines()[:3] == [
        "         requests  responses  defective  unparsable",
        "  a.sip         2          -          1           -",
        "  b.sip         1          1          1           1",
    ]
    assert "  2  To has an unclosed quoted string  RFC 3261 25.1\n" in text
    assert "     first in message 2 of a.sip\n" in text
    assert "Content-Length is not a number  b.sip\n" in text


def test_one_bad_file_does_not_keep_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request())
    (tmp_path / "empty").write_bytes(b"")
    result = run("stats", tmp_path / "empty", tmp_path / "a.sip", tmp_path / "none")
    assert result.exit_code == 1
    assert "1 message: 1 request" in result.stdout
    assert result.stderr.splitlines() == [
        f"sipfast: {tmp_path / 'empty'}: the file is empty",
        f"sipfast: {tmp_path / 'none'}: No such file or directory",
    ]
    result = run("stats", "--json", tmp_path / "empty", tmp_path / "a.sip")
    assert result.exit_code == 1
    parsed = json.loads(result.stdout)
    assert parsed["failed"] == [{"file": str(tmp_path / "empty"), "reason": "the file is empty"}]
    assert parsed["total"]["messages"] == 1


@pytest.mark.parametrize("command", ["stats", "show"])
def test_bad_files(command: str, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\x1b[31m")
    (tmp_path / "packed").write_bytes(b"\x1f\x8b\x08\0\0\0")
    for name, reason in (
        ("picture", "not a capture or a SIP message: it begins with b'\\x89PNG"),
        ("packed", "not a capture or a SIP message: it is compressed with gzip"),
        ("missing", "No such file or directory"),
        (".", "not a regular file"),
    ):
        line = error_line(command, f"{tmp_path}/{name}", exit_code=1)
        assert line.startswith(visible(f"{tmp_path}/{name}: ") + reason)
        assert line.isprintable()


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("sipfast.capture.open", refuse)
    assert error_line("stats", "a.sip", exit_code=1) == "a.sip: Permission denied"


def test_a_capture_without_sip_is_no_bad_file(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(*[made.frame(b"not SIP at all", 9, 9)] * 3))
    text = output("stats", file)
    assert "No SIP over UDP here; 3 packets of other kinds skipped.\n" in text
    assert text.endswith("Packets skipped\n  3  not SIP\n")
    assert document(file)["total"]["skipped"] == {"not SIP": 3}
    empty = tmp_path / "empty.pcap"
    empty.write_bytes(made.pcap())
    assert "No packets here.\n" in output("stats", empty)


def test_no_line_is_wider_than_the_terminal(tmp_path: Path) -> None:
    long = "x" * 300
    file = tmp_path / f"{'long' * 30}.sip"
    agent = f"User-Agent: 电话 {long}"
    file.write_bytes(
        request("x" * 99, agent) + BAD_TO + broken() + response(799, long) + NO_CALL_ID
    )
    (tmp_path / "b.sip").write_bytes(request() + BAD_TO)
    for width in (40, 80, 120):
        for files in ([file], [file, tmp_path / "b.sip"]):
            text = output("stats", *files, terminal=width)
            assert max(map(cell_len, text.splitlines())) <= width
            assert not any(line.endswith(" ") for line in text.splitlines())


def test_requests_and_responses_stand_side_by_side_where_there_is_room(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request() + response(200, "OK"))
    narrow = output("stats", tmp_path / "a.sip", terminal=80).splitlines()
    wide = output("stats", tmp_path / "a.sip", terminal=120).splitlines()
    assert "Responses" in narrow
    assert ["Requests", "Responses"] in [line.split() for line in wide]


# ---- hostile bytes ----

HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07\x9b5m\x08\x7f [bold]b[/bold] [link=x]l[/link] :smile: "
    "\u202eright to left\u2066\u200f\ufeff\U000e0041 \udcff\udc80 \ud7ff"
)
UNSEEN = set(range(0x20)) - {0x0A} | set(range(0x7F, 0xA0)) | {0x202E, 0x2066, 0x200F, 0xFEFF}


@pytest.mark.parametrize("terminal", [0, 80])
@pytest.mark.parametrize("command", ["stats", "show"])
def test_hostile_bytes_do_not_reach_the_terminal(
    command: str, terminal: int, tmp_path: Path
) -> None:
    folder = tmp_path / "\x1b[31m [red]\u202e"
    folder.mkdir()
    file = folder / "x\x07.sip"
    file.write_bytes(
        message(
            f"OPTIONS sip:{HOSTILE} SIP/2.0",
            f"User-Agent: {HOSTILE}",
            f"From: {HOSTILE} <sip:{HOSTILE}>",
            f'To: "{HOSTILE}',
            f"CSeq: {HOSTILE}",
            f"Content-Type: {HOSTILE}",
            "Content-Length: 20",
            body=b"\x1b[31m\x9b \xe2\x80\xae text",
        )
        + broken(HOSTILE)
    )
    text = output(command, file, terminal=terminal)
    assert not UNSEEN & set(map(ord, text))
    text = text.replace("\n    ↳ ", "")
    assert "\\x1b[31mred\\x1b]0;title\\x07\\x9b5m\\x08\\x7f [bold]b[/bold] [lin" in text
    if command == "show":
        assert "[link=x]l[/link] :smile: \\u202eright to left\\u2066\\u200f\\ufeff" in text
        assert "\\U000e0041 \\xff\\x80" in text


def test_hostile_bytes_in_json(tmp_path: Path) -> None:
    file = tmp_path / "x.sip"
    file.write_bytes(request("A", f"User-Agent: {HOSTILE}"))
    text = output("stats", "--json", file)
    assert text.isascii()
    assert not UNSEEN & set(map(ord, text))
    (agent,) = json.loads(text)["total"]["user_agents"]
    assert agent["name"] == HOSTILE.replace("\udcff\udc80", "\\xff\\x80")
    agent["name"].encode()  # no lone surrogate in it


# ---- the JSON document ----


def test_the_keys_of_the_document(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    agent = "User-Agent: Phone/1"
    payloads = [request("INVITE", agent), b"other", response(180, "Ringing"), BAD_TO, broken()]
    file.write_bytes(made.pcap(*[made.frame(payload, 5070, 5080) for payload in payloads]))
    parsed = document(file)
    (only,) = parsed["files"]
    for name in ("seconds", "messages_per_second"):
        for numbers in (parsed["total"], only):
            timed = numbers.pop(name)
            assert list(timed) == ["parse", "all"]
            assert all(number > 0 for number in timed.values())
    data = file.read_bytes()
    numbers = {
        "size": len(data),
        "messages": 3,
        "requests": 2,
        "responses": 1,
        "unparsable": 1,
        "defective": 1,
        "methods": {"INVITE": 1, "OPTIONS": 1},
        "status_classes": {"1xx": 1},
        "statuses": {"180": 1},
        "user_agents": [{"name": "Phone/1", "count": 1}],
        "user_agents_shortfall": 0,
        "without_user_agent": 2,
        "defects": [
            {
                "code": "quote-unterminated",
                "header": "To",
                "text": "To has an unclosed quoted string",
                "rfc": "RFC 3261 25.1",
                "count": 1,
                "first": {
                    "file": str(file),
                    "message": 3,
                    "packet": 4,
                    "offset": data.index(b'"Bob'),
                },
            }
        ],
        "faults": [
            {
                "code": "content-length-not-a-number",
                "text": "Content-Length is not a number",
                "rfc": "RFC 3261 20.14",
                "count": 1,
            }
        ],
        "first_unparsable": [
            {
                "file": str(file),
                "message": 4,
                "packet": 5,
                "offset": data.rindex(b"x"),
                "byte": broken().rindex(b"x"),
                "code": "content-length-not-a-number",
                "text": "Content-Length is not a number",
                "rfc": "RFC 3261 20.14",
            }
        ],
        "skipped": {"not SIP": 1},
    }
    assert parsed == {
        "sipfast": sipfast.__version__,
        "engine": sipfast.engine,
        "kernel": sipfast.kernel,
        "total": numbers,
        "files": [{"file": str(file), "format": "pcap", **numbers}],
        "failed": [],
    }
    assert list(only) == ["file", "format", *numbers]


def test_the_page_about_the_command_names_every_key(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(BAD_TO + broken() + request("A", "User-Agent: x"))
    page = (Path(__file__).parents[3] / "docs" / "command.md").read_text(encoding="utf-8")
    parsed = document(tmp_path / "a.sip", tmp_path / "a.sip")
    places = [parsed["total"]["defects"][0], parsed["total"]["first_unparsable"][0]]
    for keys in (parsed, parsed["files"][0], *places, places[0]["first"]):
        assert [key for key in keys if f"`{key}`" not in page] == []


def test_both_engines_count_alike() -> None:
    files = ["bench_data/mixed.sip", "bench_data/calls.pcap"]
    documents = []
    for pure in (False, True):
        done = process("stats", "--json", *files, pure=pure)
        assert (done.returncode, done.stderr) == (0, "")
        parsed = json.loads(done.stdout)
        for numbers in (parsed["total"], *parsed["files"]):
            del numbers["seconds"], numbers["messages_per_second"]
        documents.append((parsed["total"], parsed["files"]))
    assert documents[0] == documents[1]


# ---- long files ----


def test_progress_is_shown_for_a_long_file_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "\x1b[31ma.sip"
    file.write_bytes(request() * 500)
    assert TERMINAL["FORCE_COLOR"]
    assert run("stats", file, terminal=80).stderr == ""  # not long
    monkeypatch.setattr("sipfast.cli.reading.LONG", 1)
    assert run("stats", file).stderr == ""  # no terminal
    shown = run("stats", file, terminal=80)
    assert shown.exit_code == 0
    assert f"% of {file_size(file.stat().st_size)}" in shown.stderr
    assert "\\x1b[31ma.sip" in shown.stderr
    assert "\x1b[31ma" not in shown.stderr
    assert "% of" not in shown.stdout


# ---- text ----


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain, 中文 and \\ too", "plain, 中文 and \\ too"),
        ("\0\x1b\x7f\x9b", "\\x00\\x1b\\x7f\\x9b"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("\udc80\udcff", "\\x80\\xff"),
        ("\ud800\u202e\u2028\ufeff", "\\ud800\\u202e\\u2028\\ufeff"),
        ("\U000e0001", "\\U000e0001"),
        ("no\xa0break", "no\\xa0break"),
    ],
)
def test_visible(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_wrapped_keeps_everything_but_the_blanks(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)


def test_wrapped() -> None:
    assert wrapped("", 10) == []
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("see RFC\xa03261 x", 8) == ["see", "RFC 3261", "x"]
    assert wrapped("a bcdefgh i", 4) == ["a", "bcde", "fgh", "i"]
    assert wrapped("一二三四，五六", 8) == ["一二三", "四，五六"]
    assert wrapped("到 Retry-After 为止。", 12) == ["到", "Retry-After", "为止。"]


def test_first_sentences_are_whole() -> None:
    for row in HEADER_NAMES:
        for text in (row.en, row.zh):
            first = first_sentence(text)
            assert text.startswith(first)
            assert first.endswith((".", "。"))
            assert len(first) > 5


def test_counted_and_file_size() -> None:
    assert [counted(n, "file") for n in (0, 1, 2000)] == ["0 files", "1 file", "2,000 files"]
    sizes = {1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB"}
    sizes |= {2_500_000_000: "2.5 GB", 10**15: "1000.0 TB"}
    assert {size: file_size(size) for size in sizes} == sizes
