"""The tables of ``sipfast stats``."""

from __future__ import annotations

import re
from pathlib import Path

import capture_files as made
import pytest
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
        "6 messages: 5 requests, 1 response; 1 with defects, 1 with errors; 1 more unparsable"
    )
    assert head.splitlines()[2].endswith(": too few messages to measure a rate.")
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
    assert agents.splitlines() == ["User agents", "  3  Phone/1", "  3  without a name"]
    place = file.read_bytes().index(b'"Bob')
    assert defects.splitlines()[2].split() == (
        f"1 error Unclosed quoted string in To RFC 3261 25.1 6 {place:,}".split()
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


def test_errors_are_limited(tmp_path: Path) -> None:
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


def test_user_agents_are_limited_by_top(tmp_path: Path) -> None:
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
    assert rows[11] == "  5 more, unregistered"


def test_codes_outside_the_classes_and_many_codes(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    codes = [*range(400, 410), 799, 0]
    file.write_bytes(b"".join(response(code, "") for code in codes))
    text = output("stats", file)
    assert "    2 more codes\n" in text
    assert "  0xx not a class of SIP" in text
    assert "  7xx not a class of SIP" in text
    assert document(file)["total"]["status_classes"] == {"0xx": 1, "4xx": 10, "7xx": 1}
    assert document(file)["total"]["statuses"]["000"] == 1


def test_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request() + BAD_TO)
    (tmp_path / "b.sip").write_bytes(BAD_TO + response(200, "OK") + broken())
    text = output("stats", tmp_path / "a.sip", tmp_path / "b.sip")
    assert text.startswith(f"2 files in {tmp_path}  ")
    assert (
        "4 messages: 3 requests, 1 response; 2 with defects, 2 with errors; 1 more unparsable\n"
    ) in text
    assert text.split("Files\n")[1].splitlines()[:3] == [
        "         requests  responses  defective  unparsable",
        "  a.sip         2          -          1           -",
        "  b.sip         1          1          1           1",
    ]
    assert "  2  error  Unclosed quoted string in To  RFC 3261 25.1\n" in text
    assert "            first in message 2 of a.sip\n" in text
    assert "Malformed Content-Length  b.sip\n" in text


def test_lines_fit_the_terminal(tmp_path: Path) -> None:
    long = "x" * 300
    file = tmp_path / f"{'long' * 30}.sip"
    agent = f"User-Agent: 电话 {long}"
    file.write_bytes(
        request("x" * 99, agent) + BAD_TO + broken() + response(799, long) + NO_CALL_ID
    )
    (tmp_path / "b.sip").write_bytes(request() + BAD_TO)
    for width in (30, 40, 80, 120):
        for files in ([file], [file, tmp_path / "b.sip"]):
            text = output("stats", *files, terminal=width)
            assert max(map(cell_len, text.splitlines())) <= width
            assert not any(line.endswith(" ") for line in text.splitlines())


@pytest.mark.parametrize("width", [0, 30, 31, 40, 60, 80, 99, 100, 120, 200])
def test_no_number_is_lost_at_any_width(width: int, tmp_path: Path) -> None:
    """Counts of each kind are different numbers, and all of them are in the output."""
    file = tmp_path / f"{'long' * 30}.sip"
    agents = {f"{'x' * 90}/{letter}": 30 + number for number, letter in enumerate("abc")}
    parts = [
        *[request("INVITE", f"User-Agent: {name}") * times for name, times in agents.items()],
        request("y" * 70) * 41,
        response(486, "Busy Here") * 53,
        response(799, "") * 57,
        BAD_TO * 61,
        broken() * 67,
    ]
    file.write_bytes(b"".join(parts))
    (tmp_path / "b.sip").write_bytes(request() * 71)
    whole = document(file)["total"]
    numbers = {whole[key] for key in ("messages", "requests", "responses", "unparsable")}
    numbers |= {*whole["methods"].values(), *whole["statuses"].values(), *agents.values(), 61, 67}
    first = whole["defects"][0]["first"]
    numbers |= {first["message"], first["offset"]}
    numbers |= {
        place for row in whole["first_unparsable"] for place in (row["message"], row["offset"])
    }
    text = output("stats", file, terminal=width)
    found = set(re.findall(r"(?<![\w.])[\d,]*\d(?![\w.%])", text))
    assert {f"{number:,}" for number in numbers} - found == set()
    assert set(re.findall(r"[\d.]+%", text)) >= {f"{93 / 195:.1%}", f"{53 / 110:.1%}"}
    both = output("stats", file, tmp_path / "b.sip", terminal=width)
    of_files = both.split("Files\n")[1].split("\n\n")[0]
    assert set(re.findall(r"(?<![\w/])\d+", of_files)) >= {"195", "110", "118", "67", "71"}
    if width:
        assert max(map(cell_len, (text + both).splitlines())) <= width


def test_a_pipe_gets_whole_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    agent = "Agent " + "x" * 110
    file.write_bytes(request("OPTIONS", f"User-Agent: {agent}"))
    assert f"  1  {agent}\n" in output("stats", file)


def test_defects_with_one_text_are_told_apart_by_their_place(tmp_path: Path) -> None:
    """In the language of the report; a text that has the place already does not repeat it."""
    body = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=a\0b\r\nt=0 0\r\na=tool:a\0b\r\n"
    file = tmp_path / "a.sip"
    file.write_bytes(request("INVITE", "Content-Type: application/sdp", body=body) + BAD_TO)
    text, chinese = output("stats", file), output("stats", file, "--lang", "zh")
    for place in ("s=", "a=tool"):
        assert f"Forbidden byte in SDP line, in {place} " in text
        assert f"SDP 行中有禁用的字节（{place}）" in chinese
    assert "To, in To" not in text


def test_without_defects(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(BAD_TO + broken())
    text = output("stats", file, "--no-defects")
    assert "1 message: 1 request, 0 responses; 1 more unparsable\n" in text
    assert "Defects" not in text
    total = document(file, "--no-defects")["total"]
    assert (total["defective"], total["erroneous"], total["defects"]) == (None, None, None)
    assert total["unparsable"] == 1


def test_repeats(tmp_path: Path) -> None:
    """A retransmission after half a second; each packet twice, as on a mirror port."""
    file = tmp_path / "a.pcap"
    frame, reply = made.frame(request()), made.frame(response(200, "OK"))
    times = [(frame, 0), (frame, 1), (reply, 100), (reply, 101), (frame, 500_000), (frame, 500_001)]
    records = [made.pcap_record(packet, 7, micro) for packet, micro in times]
    file.write_bytes(made.pcap_header() + b"".join(records))
    text = output("stats", file)
    assert "\n6 messages: 4 requests, 2 responses; no defects\n" in text
    assert "\n1 retransmission (16.7%), 3 mirror duplicates, counted too\n" in text
    text = output("stats", file, "--no-repeats")
    assert "\n2 messages: 1 request, 1 response; no defects\n" in text
    assert "\n1 retransmission (16.7%), 3 mirror duplicates, left out\n" in text
    total = document(file, "--no-repeats")["total"]
    assert (total["retransmissions"], total["duplicates"]) == (1, 3)
    assert total["retransmission_share"] == round(1 / 6, 6)
    assert (total["messages"], total["repeats_counted"]) == (2, False)
    both = document(file, file)["total"]
    assert (both["messages"], both["retransmissions"], both["duplicates"]) == (12, 2, 6)


def test_in_chinese(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(request("INVITE") + BAD_TO + response(486, "Busy") + broken())
    text = output("stats", file, file, "--lang", "zh")
    assert "6 条消息：4 个请求，2 个响应；2 条有缺陷，2 条有错误；另有 2 条无法解析\n" in text
    assert "486 此处忙" in text
    assert "To 中的引号字符串未结束" in text
    assert "Content-Length 格式错误" in text
    left = re.sub(
        r"/\S*|a\.sip|Content-Length|Python|native|avx\w*|pure|sse2|neon|scalar",
        "",
        text,
    )
    assert set(re.findall(r"[a-z]{3,}", left)) <= {"messages"}


def test_requests_and_responses_are_side_by_side_on_a_wide_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request() + response(200, "OK"))
    narrow = output("stats", tmp_path / "a.sip", terminal=80).splitlines()
    wide = output("stats", tmp_path / "a.sip", terminal=120).splitlines()
    assert "Responses" in narrow
    assert ["Requests", "Responses"] in [line.split() for line in wide]
