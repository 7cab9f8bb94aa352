"""The lines of bytes that may be malformed, on both engines."""

from __future__ import annotations

import pytest
from cost import within
from hypothesis import given
from hypothesis import strategies as st

from sipfast._engine import Engine


@pytest.mark.parametrize(
    "line",
    [
        b"INVITE sip:bob@example.com SIP/2.0",
        b"INVITE  sip:bob@example.com  SIP/2.0  ",
        b"A B SIP/2.0",
        b"OPTIONS sip:bob@example.com SIP/7.0",
        b"REGISTER sip:" + b"x" * 4000 + b" SIP/2.0",
        b"SIP/2.0 200 OK",
        b"SIP/2.0 100 ",
        b"SIP/2.0 4294967301 too large",
    ],
)
@pytest.mark.parametrize("line_end", [b"", b"\r\n", b"\n"])
def test_start_lines(engine: Engine, line: bytes, line_end: bytes) -> None:
    of, data = engine.module("wire.lines"), line + line_end
    assert of.is_start_line(data, 0, len(data))
    assert of.next_line(b"x\n" + data, 0, 2 + len(data), False) == 2


@pytest.mark.parametrize(
    "line",
    [
        b"Via: SIP/2.0/UDP 192.0.2.1",
        b"Via : SIP/2.0",
        b"Subject : on SIP/2.0",
        b"Subject: on SIP/2.0",
        b" INVITE sip:bob@example.com SIP/2.0",
        b"INVITE sip:bob@example.com",
        b"INVITE sip:bob@example.com SIP/2.0 is what it said",
        b"SIP/2.0",
        b"SIP/2.0 OK",
        b"SIP/2.0 200OK",
        b"SIP/2 200 OK",
        b"GET / HTTP/1.1",
        b"v=0",
        b"INVITE SIP/2.0",
        b"REGISTER sip:" + b"x" * 5000 + b" SIP/2.0",
    ],
)
def test_other_lines(engine: Engine, line: bytes) -> None:
    of, data = engine.module("wire.lines"), line + b"\r\n"
    assert not of.is_start_line(data, 0, len(data))
    assert of.next_line(b"x\n" + data, 0, 2 + len(data), False) == 2 + len(data)


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (b"a: b\r\n\r\nA B SIP/2.0\r\n", 6),
        (b"a: b\n\nA B SIP/2.0\r\n", 5),
        (b"a: b\r\nA B SIP/2.0\r\n\r\n", 6),
        (b"a: b\r\n\rc", 8),
        (b"", 0),
    ],
)
def test_the_next_line_may_be_empty(engine: Engine, data: bytes, at: int) -> None:
    assert engine.module("wire.lines").next_line(data, 0, len(data), True) == at


def test_a_start_line_ends_where_the_bytes_do(engine: Engine) -> None:
    of, data = engine.module("wire.lines"), b"x\nA B SIP/2.0\nx"
    assert of.is_start_line(data, 2, 13)
    assert not of.is_start_line(data, 2, 12)
    assert of.next_line(data, 0, 12, False) == 12
    assert of.next_line(data, 0, 99, False) == 2
    assert of.next_line(data, 2, 99, False) == len(data)


# ---- the outline --------------------------------------------------------------------------------


def outlined(engine: Engine, data: bytes, most: int = 99) -> tuple[list[tuple[bytes, bytes]], int]:
    """Each element and its name; and where the body begins."""
    elements, body = engine.module("wire.lines").outline(data, most)
    return [(data[at:end], data[at:name_end]) for at, end, name_end in elements], body


def test_an_outline_of_malformed_lines(engine: Engine) -> None:
    lines = b"no start line\n", b"a :1\r\n", b"no colon\r\n\tfold\r\n", b": x\n", b"b c: x\r\r\n"
    names = b"", b"a", b"", b"", b"b c"
    data = b"\r\n\n" + b"".join(lines) + b"\r\nbody: x"
    assert outlined(engine, data) == ([*zip(lines, names, strict=True)], data.index(b"body"))
    assert outlined(engine, data, 2) == ([*zip(lines[:2], names[:2], strict=True)], -1)


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r\nx", b"\r\nx:\n ", b"\r\nx:\r"])
def test_an_outline_without_a_blank_line(engine: Engine, end: bytes) -> None:
    elements, body = outlined(engine, b"A B SIP/2.0" + end)
    assert b"".join(element for element, _ in elements) == b"A B SIP/2.0" + end
    assert body == -1
    assert outlined(engine, b"\r\n\n") == ([], -1)


PARTS = st.sampled_from(
    [
        *(b"A B SIP/2.0", b"SIP/2.0 200", b"a: b", b"x", b"sip:", b"SIP/12345678.1 1"),
        *(b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"SIP/123456789.1 1"),
        *(b"9" * 33, b"x" * 127, b" " * 16, b"y" * 4094),
    ]
)


@given(
    data=st.lists(PARTS, max_size=14).map(b"".join),
    at=st.integers(0, 60),
    end=st.integers(0, 6000),
)
def test_the_engines_agree(native: Engine, pure: Engine, data: bytes, at: int, end: int) -> None:
    answers = []
    for engine in (native, pure):
        of = engine.module("wire.lines")
        start = min(at, len(data))
        bounds = data, start, max(start, end)
        lines = [of.next_line(*bounds, blank) for blank in (False, True)]
        found = of.is_start_line(*bounds), of.begins_like_sip(*bounds)
        answers.append((lines, found, of.outline(data, at)))
    assert answers[0] == answers[1]


FIELDS = st.lists(st.sampled_from([b"a", b": b", b"\r\n", b"\n", b" ", b"\t", b"\xff"]))


@given(fields=FIELDS.map(b"".join))
def test_the_outline_has_the_fields_of_the_message(engine: Engine, fields: bytes) -> None:
    data = b"\nA B SIP/2.0\r\nc:\r\n" + fields + b"\r\n\r\n"
    try:
        message = engine.parse(data)
    except ValueError:
        return
    (_, *elements), body = outlined(engine, data)
    assert [name for _, name in elements] == [name for name, _ in message.headers.raw]
    for (element, name), (_, value) in zip(elements, message.headers.raw, strict=True):
        assert element[len(name) :].strip().removeprefix(b":").strip() == value
    assert body == message.body_offset


# ---- the cost -----------------------------------------------------------------------------------

LONG = [b" ", b"\t", b" \t", b"A ", b"SIP/", b" SIP/", b" SIP/2.0", b" sip", b"<", b"\r\n", b"\0"]
PREFIXES = [b"", b"A", b"A ", b"A B", b"A B ", b"SIP/2.0 "]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("part", LONG)
def test_a_long_line_costs_little(engine: Engine, prefix: bytes, part: bytes) -> None:
    """Of 64 KiB, where a cost that grows with the square comes to many seconds."""
    of, data = engine.module("wire.lines"), prefix + part * (65_536 // len(part)) + b"!"
    size = len(data)
    assert within(lambda: of.begins_like_sip(data, 0, size), 0.1)
    assert within(lambda: of.is_start_line(data, 0, size), 0.1)
    assert within(lambda: of.next_line(b"\n" + data, 0, 1 + size, True), 0.1)
    assert within(lambda: of.outline(data, 65_536), 0.2)
