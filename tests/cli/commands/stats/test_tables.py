"""The tables of ``sipfast stats``."""

from __future__ import annotations

from pathlib import Path

from command import BAD_TO, NO_CALL_ID, broken, document, output, request, response
from rich.cells import cell_len

import sipfast
from sipfast.cli.screen.text import file_size


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
        f"1 Unclosed quoted string in To RFC 3261 25.1 6 {place:,}".split()
    )
    assert faults.splitlines()[1:] == [
        "  message   byte",
        f"        7  {file.read_bytes().rindex(b'x'):,}  Malformed Content-Length",
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
    assert ten.count("Malformed Content-Length") == 3
    one = output("stats", file, "--errors", "1")
    assert "in all\n  3  Malformed Content-Length  RFC 3261 20.14\n" in one
    none = output("stats", file, "--errors", "0")
    assert "Cannot be parsed\n  3  Malformed Content-Length  RFC" in none
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
    assert "  2  Unclosed quoted string in To  RFC 3261 25.1\n" in text
    assert "     first in message 2 of a.sip\n" in text
    assert "Malformed Content-Length  b.sip\n" in text


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
