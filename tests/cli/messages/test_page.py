"""``sipfast show``: each byte where it belongs, each mark under its byte."""

from __future__ import annotations

import random
import time
from pathlib import Path

import capture_files as made
import pytest
from command import SDP, broken, error_line, message, output, process, request, response, run
from rich.cells import cell_len

import sipfast
from sipfast.registry.header_names import HEADER_NAMES
from sipfast.registry.status import STATUSES


def shown(folder: Path, data: bytes, *options: str, terminal: int = 0) -> str:
    (folder / "a.sip").write_bytes(data)
    return output("show", folder / "a.sip", *options, terminal=terminal)


# ---- what it is ----


def test_a_request(tmp_path: Path) -> None:
    text = shown(tmp_path, request("INVITE", "Content-Type: text/plain", body=b"v=0\r\n"))
    lines = text.splitlines()
    assert lines[0] == "INVITE"
    assert lines[1].startswith("Invites to a session")
    assert lines[2:5] == [
        "Alice <alice@example.org> → bob@example.com",
        "Via      UDP 192.0.2.1",
        "Contact  alice@192.0.2.1",
    ]
    size = (tmp_path / "a.sip").stat().st_size
    assert lines[5] == f"{tmp_path / 'a.sip'} · message 1 · byte 0 · {size} bytes"
    assert lines[6:10] == [
        "",
        "  INVITE sip:bob@example.com SIP/2.0",
        "  Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa1",
        f"      {HEADER_NAMES[0].en.partition('. ')[0]}. RFC 3261 20.42",
    ]
    assert lines[-2:] == ["Body  text/plain, 5 bytes", "  v=0"]


def test_a_response(tmp_path: Path) -> None:
    text = shown(tmp_path, response(486, "Not now"))
    assert text.startswith("486 Busy Here · OPTIONS\nThe callee's end system was reached")
    assert "\n  SIP/2.0 486 Not now\n" in text
    assert text.endswith("\nNo body\n")


@pytest.mark.parametrize(
    ("cseq", "joint"),
    [
        ("7\r\n\tINVITE", " · INVITE"),
        ("7 a b", " · 7 a b"),
        ("x INVITE", " · x INVITE"),
        ("", ""),
    ],
)
def test_the_method_that_a_response_answers(cseq: str, joint: str, tmp_path: Path) -> None:
    data = response(486, "x").replace(b"CSeq: 7 OPTIONS", f"CSeq: {cseq}".encode())
    assert shown(tmp_path, data).startswith(f"486 Busy Here{joint}\n")


def test_methods_and_codes_that_are_not_registered(tmp_path: Path) -> None:
    assert shown(tmp_path, request("FOO")).startswith("FOO\nUnregistered method.\n")
    assert shown(tmp_path, response(499, "")).startswith("499 Not registered, treated as 400")
    text = shown(tmp_path, response(799, ""))
    assert text.startswith("799 · OPTIONS\nNot a status code of SIP (100 to 699).\n")


def test_a_message_of_a_capture_says_between_whom_and_when(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(made.frame(b"\xff", 9, 9), made.frame(request(), 5070, 5080)))
    line = output("show", file).splitlines()[4]
    assert line.startswith(f"{file} · message 1 · packet 2 · byte ")
    assert "UDP 192.0.2.1:5070 → 192.0.2.2:5080" in line
    assert line.endswith(" UTC")


def test_in_chinese(tmp_path: Path) -> None:
    text = shown(tmp_path, response(486, "x", "X-Odd: 1") + request(), "--lang", "zh")
    assert text.startswith(f"486 {STATUSES[486].phrase_zh} · OPTIONS\n")
    assert "第 1 条消息 · 字节 0 · " in text
    assert HEADER_NAMES[0].zh[:12] in text
    assert "未登记的头字段。" in text
    assert text.endswith("\n无消息体\n")


# ---- which ----


def test_the_message_asked_for(tmp_path: Path) -> None:
    data = request("INVITE") + request("BYE") + broken()
    assert shown(tmp_path, data).startswith("INVITE\n")
    assert shown(tmp_path, data, "-n", "2").startswith("BYE\n")
    assert shown(tmp_path, data, "--number", "3").startswith("Cannot be parsed\n")


def test_a_message_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(request() * 2)
    line = error_line("show", file, "-n", "3", exit_code=1)
    assert line == f"{file}: no message 3, only 2 messages"
    line = error_line("show", file, "-n", "9" * 20, exit_code=1)  # beyond the range of a C integer
    assert line == f"{file}: no message {10**20 - 1:,}, only 2 messages"
    file.write_bytes(made.pcap(made.frame(b"\xff", 9, 9)))
    line = error_line("show", file, exit_code=1)
    assert line == f"{file}: no SIP message; 1 packet of other kinds skipped"
    assert run("show", file, "-n", "0").exit_code == 2


# ---- header fields ----


def test_header_fields(tmp_path: Path) -> None:
    data = message(
        "OPTIONS sip:b SIP/2.0",
        "v: SIP/2.0/UDP 192.0.2.1",
        "VIA : SIP/2.0/UDP 192.0.2.2;branch=1",
        "X-Odd: 1",
        "x-odd: 2",
        "sUBJECT:folded",
        "  once",
        "\ttwice",
    )
    text = shown(tmp_path, data)
    assert "  v: SIP/2.0/UDP 192.0.2.1\n      Via: The path of the request" in text
    assert "  VIA : SIP/2.0/UDP 192.0.2.2;branch=1\n  X-Odd: 1\n" in text  # explained once
    assert "  X-Odd: 1\n      Unregistered header field.\n  x-odd: 2\n" in text
    assert "  sUBJECT:folded\n    once\n  \\ttwice\n      What the call is about" in text


def test_meanings_are_beside_the_fields_on_a_wide_terminal(tmp_path: Path) -> None:
    line = "  CSeq: 7 OPTIONS"
    narrow = shown(tmp_path, request(), terminal=80).splitlines()
    assert line in narrow
    wide = shown(tmp_path, request(), terminal=120).splitlines()
    (beside,) = [row for row in wide if row.startswith(line)]
    assert beside[len(line) :].strip() == "A sequence number and the method of the"
    assert beside.index("A sequence") == wide[wide.index(beside) + 1].index(
        "request. RFC 3261 20.16"
    )


@pytest.mark.parametrize("terminal", [80, 120])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_lines_fit_the_terminal(language: str, terminal: int, tmp_path: Path) -> None:
    words = "word " * 40 + "长" * 90 + "x" * 300
    data = request("INVITE", f"Subject: {words}", f"X-{'y' * 100}: {words}", body=words.encode())
    data = data.replace(b"To: <sip", b'To: "' + b"z" * 150 + b" <sip").replace(b"7 INV", b"7 BYE")
    for payload in (data, data.replace(b"Length: ", b"Length: x")):
        text = shown(tmp_path, payload, "--lang", language, terminal=terminal)
        assert max(map(cell_len, text.splitlines())) <= terminal
        assert "    ↳ " in text


def test_a_piped_line_is_not_broken(tmp_path: Path) -> None:
    value = "word " * 200 + "end"
    assert f"\n  Subject: {value}\n" in shown(tmp_path, request("OPTIONS", f"Subject: {value}"))


def test_a_huge_field_is_shown_in_part(tmp_path: Path) -> None:
    value = "x" * 30_000
    text = shown(tmp_path, request("OPTIONS", f"Subject: {value}"))
    assert "⋯ 27,963 bytes not shown ⋯" in text
    assert text.count("x" * 2000) == 1
    # The faults in the omitted part are still shown.
    text = shown(tmp_path, message("OPTIONS sip:b SIP/2.0", f"Subject: {value}\rx", "a: b"))
    assert_marked(text, "\\rx", "line feed (RFC 3261 25.1)")


def test_a_field_of_many_lines_is_shown_in_part(tmp_path: Path) -> None:
    folds = "".join(f"\r\n {number}" for number in range(10, 42))
    text = shown(tmp_path, request("OPTIONS", f"Subject: a{folds}"))
    assert "\n   40\n  ⋯ 5 bytes not shown ⋯\n" in text
    text = shown(tmp_path, request("OPTIONS", f"Subject: a{folds[:-5]}"))
    assert "\n   40\n      What the call" in text
    assert "not shown" not in text


@pytest.mark.parametrize("terminal", [0, 80, 120])
def test_many_fields_of_many_folds_are_shown_soon(terminal: int, tmp_path: Path) -> None:
    data = message("OPTIONS sip:b SIP/2.0", *["Subject: a" + "\r\n " * 600] * 400)
    begun = time.process_time()
    text = shown(tmp_path, data, terminal=terminal)
    assert time.process_time() - begun < 8
    assert text.count("bytes not shown") == 400
    assert len(text.splitlines()) < 400 * 40


# ---- marks ----


def assert_marked(text: str, under: str, words: str) -> None:
    """Assert that a caret stands under a piece of the row before it, with words by or below it."""
    rows = text.splitlines()
    for number, row in enumerate(rows):
        beside, caret, _ = row.partition("^")
        if caret and words in row + "".join(rows[number + 1 : number + 2]):
            above = rows[number - 1]
            column = next(
                at for at in range(999) if cell_len(above[:at].ljust(at)) >= cell_len(beside)
            )
            assert (
                above[column:].startswith(under)
                if under
                else not above[column : column + 1].strip()
            )
            return
    raise AssertionError(f"no caret for {words!r} in:\n{text}")


@pytest.mark.parametrize("terminal", [0, 80, 120])
def test_defects_are_marked_at_their_bytes(terminal: int, tmp_path: Path) -> None:
    data = (
        request("INVITE")
        .replace(b"To: <sip", b'To:  "un <sip')
        .replace(b"CSeq: 7 INVITE", b"CSeq:\t7 BYE")
        .replace(b"Forwards: 70", b"Forwards: 300")
        .replace(b"From: Alice", 'From: "张三 Alice" <sip:a>;tag=1\r\nf:  x'.encode())
        .replace(b"Call-ID: 1@192.0.2.1\r\n", b"")
    )
    text = shown(tmp_path, data, terminal=terminal)
    assert "\n5 defects\n" in text
    found = sipfast.parse(data).defects
    assert len(found) == 5
    unders = {
        "quote-unterminated": '"un',
        "cseq-method-mismatch": "7 BYE",
        "max-forwards-too-large": "300",
        "header-repeated": "f:",
        "header-missing": "INVITE",
    }
    for defect in found:
        assert_marked(text, unders[defect.code], f"{defect.text} ({defect.rfc})")
    one = request().replace(b"Forwards: 70", b"Forwards: 300")
    assert "\n1 defect\n" in shown(tmp_path, one, terminal=terminal)


@pytest.mark.parametrize(
    ("data", "under"),
    [
        (message("OPTIONS sip:b SIP/2.0", "Via: x", "Bad Name: 1", "To: x"), " Name"),
        (message("OPTIONS sip:b SIP/2.0", "Via: 中文", "no colon here"), "no colon"),
        (message("OPTIONS sip:b SIP/2.0", "Subject: 中文 a\rb"), "\\r"),
        (request().replace(b"SIP/2.0", b"SIP/2.x", 1), "SIP/2.x"),
        (response(200, "OK").replace(b"200", b"20"), "20 OK"),
        (message("OPTIONS sip:b SIP/2.0", "l: -5", body=b"text"), "-5"),
        (b"OPTIONS sip:b SIP/2.0\r\nVia: x", ""),
    ],
)
@pytest.mark.parametrize("terminal", [0, 80, 120])
def test_faults_are_marked_at_their_bytes(
    data: bytes, under: str, terminal: int, tmp_path: Path
) -> None:
    with pytest.raises(sipfast.ParseError) as caught:
        sipfast.parse(data)
    error = caught.value
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(made.frame(data, 5060, 5060)))
    text = output("show", file, terminal=terminal)
    assert text.startswith(f"Cannot be parsed\n{error.text} · byte {error.offset} · {error.rfc}\n")
    assert_marked(text, under, f"{error.text} ({error.rfc})")


def test_the_end_is_marked_on_a_row_of_its_own_after_a_line_end(tmp_path: Path) -> None:
    text = shown(tmp_path, b"OPTIONS sip:b SIP/2.0\r\nX-Odd: x\r\n")
    assert "  X-Odd: x\n  ^ " in text


def test_the_marked_byte_stands_out(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request().replace(b"Forwards: 70", b"Forwards: 300"))
    assert "\x1b[7;31m3\x1b[0m00" in run("show", tmp_path / "a.sip", terminal=80).stdout


# ---- bodies ----


def test_a_text_body(tmp_path: Path) -> None:
    body = "<a>\r\n\t<b>中文\x1b</b>\n</a>".encode()
    text = shown(tmp_path, request("MESSAGE", "Content-Type: text/plain", body=body))
    assert text.endswith(
        f"Body  text/plain, {len(body)} bytes\n  <a>\n      <b>中文\\x1b</b>\n  </a>\n"
    )


def test_a_binary_body(tmp_path: Path) -> None:
    body = bytes(range(20)) + b"text"
    text = shown(tmp_path, request("INFO", body=body))
    assert text.endswith(
        "Body  application/x-odd, 24 bytes\n"
        "  000000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  ................\n"
        "  000010  10 11 12 13 74 65 78 74                          ....text\n"
    )


def test_a_large_body_is_shown_in_part(tmp_path: Path) -> None:
    text = shown(tmp_path, request("INFO", body=b"line\r\n" * 10_000))
    assert text.count("  line\n") in range(2700, 2740)
    assert "⋯ 43,616 bytes not shown ⋯\n" in text
    binary = shown(tmp_path, request("INFO", body=b"\0" * 10_000))
    assert binary.endswith("0003f0  " + "00 " * 16 + " " + "." * 16 + "\n8,976 bytes not shown\n")


def test_a_body_that_is_too_short_is_marked(tmp_path: Path) -> None:
    short = request(body=b"text").replace(b"Length: 4", b"Length: 9")
    text = shown(tmp_path, short)
    assert_marked(text, "text", "Body shorter than Content-Length")
    empty = request().replace(b"Length: 0", b"Length: 9")
    assert "shorter than Content-Length (RFC 3261 18.3)\n" in shown(tmp_path, empty)


def test_surplus_bytes_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(made.frame(request() + b"\r\nmore", 5060, 5060)))
    assert output("show", file).endswith(
        "No body\n6 bytes after the body do not belong to the message (RFC 3261 18.3)\n"
        f"byte {len(request())}: warning: Body longer than Content-Length (RFC 3261 18.3)\n"
    )


def test_the_summary_has_labels(tmp_path: Path) -> None:
    fields = ("Contact: <sip:alice@192.0.2.1>", "Expires: 120", "Content-Type: application/sdp")
    data = request("INVITE", *fields, body=SDP[: SDP.index(b"m=video")])
    assert shown(tmp_path, data).splitlines()[3:7] == [
        "Via      UDP 192.0.2.1",
        "Contact  alice@192.0.2.1",
        "Expires  2 minutes",
        "audio    192.0.2.1:4000 · sends and receives · PCMU/8000, opus/48000/2",
    ]
    assert shown(tmp_path, data, terminal=50).splitlines()[7:9] == [
        "audio    192.0.2.1:4000 · sends and receives ·",
        "         PCMU/8000, opus/48000/2",
    ]


def test_the_summary_of_a_hostile_message_is_short_and_visible(tmp_path: Path) -> None:
    body = b"m=\x1b[31m" + b"x" * 500 + b" 4000 \x1b RTP/AVP\n" + SDP
    contact = "Contact: " + ", ".join(["<sip:%1b@b>"] * 1000)
    via = "Via: SIP/2.0/UDP a;received=\x1b" + "x" * 500
    data = request("INVITE", contact, "Content-Type: application/sdp", body=body).replace(
        b"Via: SIP/2.0/UDP 192.0.2.1", via.encode()
    )
    data = data.replace(b"From: Alice <sip:", b'From: "\xff\x1b" <sip:%0d%0a')
    for terminal in (0, 80):
        summary = shown(tmp_path, data, terminal=terminal).partition("\n\n")[0]
        assert "\\xff\\x1b <\\r\\nalice@example.org> → bob@example.com" in summary
        assert "Contact           \\x1b@b, \\x1b@b, \\x1b@b, 997 more\n" in summary
        assert "\n\\x1b[31mxxxxx" in summary
        assert summary.replace("\n", "").isprintable()
        assert max(map(cell_len, summary.splitlines())) <= (terminal or 200)


# ---- whatever comes ----


def test_anything_can_be_shown(tmp_path: Path) -> None:
    dice = random.Random(4475)
    good = request("INVITE", "Subject: a,\r\n b", "x: 1", body=b"v=0\r\n") + b"\r\n"
    file = tmp_path / "a.pcap"
    payloads = []
    for _ in range(150):
        data = bytearray(good[: dice.randrange(1, len(good))])
        for _ in range(dice.randrange(4)):
            data[dice.randrange(len(data))] = dice.choice(b'\0\r\n\t :;"\\\x1b\x80\xffSIP/x')
        payloads.append(bytes(data))
    file.write_bytes(made.pcap(*[made.frame(data, 5060, 5060) for data in payloads]))
    with sipfast.capture.open(file) as capture:
        count = sum(1 for _ in capture)
    assert count > 100
    for number in range(1, count + 1):
        text = output("show", file, "-n", str(number))
        assert text.replace("\n", "").isprintable()
        text = output("show", file, "-n", str(number), terminal=80)
        assert max(map(cell_len, text.splitlines())) <= 80


def test_a_large_hostile_message_is_shown_soon_and_in_part(tmp_path: Path) -> None:
    lines = message("OPTIONS sip:b SIP/2.0", *["a: b"] * 100_000)  # past the number of fields
    text = shown(tmp_path, lines)
    assert "Too many header fields" in text
    assert_marked(text, "a: b", "Too many header fields (RFC 3261 21.5.7)")
    assert len(text) < 20_000
    size = message("OPTIONS sip:b SIP/2.0", *["a: " + "b" * 30_000] * 100)  # past the size
    text = shown(tmp_path, size)
    assert text.splitlines()[1].startswith("Message too large · byte 1,048,576")
    assert len(text) < 150_000
    words = "a " * 16_000
    long = request("M" * 100, f"Content-Type: {words}", f"Contact: {words}", body=b"text").replace(
        b"Alice", words.encode()
    )
    text = shown(tmp_path, long)
    summary, *_, body = text.split("\n\n")
    assert max(map(len, summary.splitlines())) < 300
    assert max(map(len, body.splitlines())) < 300


def test_both_engines_show_alike(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request().replace(b"70", b"x") + broken())
    for number in "12":
        native, pure = (
            process("show", tmp_path / "a.sip", "-n", number, pure=pure) for pure in (False, True)
        )
        assert native.returncode == 0
        assert (native.stdout, native.stderr) == (pure.stdout, pure.stderr)
