"""The difference of two messages."""

from __future__ import annotations

import time

from command import HOSTILE, UNSEEN
from rich.text import Text

from sipfast.cli.commands.browse.difference import difference

LEFT_OUT = "{} more lines"


def shown(one: bytes, other: bytes, width: int = 63) -> list[tuple[str, str]]:
    """The two columns, with the words that differ in brackets."""
    rows = []
    for line in difference(one, other, width, LEFT_OUT):
        marked = ""
        for at, char in enumerate(line.plain):
            odd = any(span.start <= at < span.end and span.style != "quiet" for span in line.spans)
            marked += f"[{char}]" if odd and char != " " else char
        left, _, right = marked.partition(" │ ")
        rows.append((left.rstrip().replace("][", ""), right.rstrip().replace("][", "")))
    return rows


def test_words_that_differ_are_marked() -> None:
    assert shown(b"CSeq: 1 INVITE\r\n", b"CSeq: 2 INVITE\r\n")[0] == (
        "CSeq: [1] INVITE",
        "CSeq: [2] INVITE",
    )


def test_fields_stand_beside_those_of_the_same_name() -> None:
    one = b"OPTIONS sip:a SIP/2.0\r\nf: <sip:a@x>\r\nt: <sip:b@x>\r\nSubject: x\r\n"
    other = b"OPTIONS sip:a SIP/2.0\r\nTo: <sip:b@x>\r\nFrom: <sip:a@x>\r\nServer: y\r\n"
    assert shown(one, other) == [
        ("OPTIONS sip:a SIP/2.0", "OPTIONS sip:a SIP/2.0"),
        ("[f]: <sip:a@x>", "[From]: <sip:a@x>"),
        ("[t]: <sip:b@x>", "[To]: <sip:b@x>"),
        ("[Subject:] [x]", ""),
        ("", "[Server:] [y]"),
        ("", ""),
    ]


def test_start_lines_belong_together() -> None:
    assert shown(b"INVITE sip:a SIP/2.0", b"SIP/2.0 200 OK")[0][0].startswith("[INVITE]")
    assert len(shown(b"INVITE sip:a SIP/2.0", b"SIP/2.0 200 OK")) == 1


def test_long_lines_go_on_below() -> None:
    rows = difference(b"v: " + b"x" * 100, b"v: " + b"x" * 100, 63, LEFT_OUT)
    assert [row.cell_len for row in rows][:3] == [63, 63, 63]
    wide = difference("名".encode() * 40, b"", 63, LEFT_OUT)
    assert {row.plain.index("│") + row.plain[:31].count("名") for row in wide} == {31}


def test_hostile_text_is_escaped() -> None:
    data = HOSTILE.encode("utf-8", "surrogateescape")
    lines = difference(data, b"[red]x[/red]", 80, LEFT_OUT)
    assert not UNSEEN & set(map(ord, "".join(line.plain for line in lines)))
    assert all(isinstance(line, Text) for line in lines)


def test_what_is_compared_is_bounded() -> None:
    cases = [
        (b"a\n" * 30_000, b"a\n" * 30_000),
        (b"a\nb\n" * 15_000, b"b\na\n" * 15_000),
        (b"a,b,a,b," * 8_000, b"b,a,a,b," * 8_000),
        (
            b"\n".join([b"a,b," * 99 + b"%d" % at for at in range(500)]),
            b"\n".join([b"b,a," * 99] * 500),
        ),
    ]
    for one, other in cases:
        begun = time.process_time()
        lines = difference(one, other, 80, LEFT_OUT)
        assert time.process_time() - begun < 2
        assert len(lines) < 20_000
