"""Streams: hostile bytes whole, in small pieces and byte by byte, with recovery and without."""

from __future__ import annotations

from collections.abc import Callable

from sipfast._engine import Engine

from . import Case
from .texts import START, Make, repeated

GOOD = START + b"l:0\r\n\r\n"
SMALL = 7


def _fed(size: int, recover: bool) -> Callable[[Engine, bytes], object]:
    """Feed pieces of this size, or all at once for 0."""

    def feed(engine: Engine, data: bytes) -> object:
        stream = engine.module("message.stream").Stream(engine.NO_LIMITS, recover=recover)
        step = size or max(len(data), 1)
        events = []
        for at in range(0, len(data), step):
            events += stream.feed(data[at : at + step])
        return stream, events, stream.eof()

    return feed


STREAMS: dict[str, Make] = {
    "messages": repeated(b"", START + b"From:<sip:a>\r\nl:0\r\n\r\n"),
    "pings": repeated(b"", b"\r\n"),
    "line feeds": repeated(b"", b"\n"),
    "a header without end": repeated(START, b"a: some text of a field\r\n"),
    "a fold without end": repeated(START + b"a:", b" some text of a field\r\n"),
    "a line without end": repeated(START + b"a:", b"x"),
    "a word without end": repeated(b"", b"A"),
    "a body without end": repeated(START + b"l:2147483000\r\n\r\n", b"x"),
    "CRs at line starts": repeated(START, b"a:b\r\n\r"),
    "messages with mixed line ends": repeated(b"", START + b"a: some text\nl:0\r\n\r\n"),
    "messages without a length": repeated(b"", START + b"a: some text\r\n\r\n"),
    "malformed messages": repeated(b"", START + b"some text of a field\r\n\r\n"),
    "folded lengths": repeated(b"", START + b"From:<sip:a>\r\nl:\r\n 0\r\n\r\n"),
    "equal lengths": repeated(START, b"l:00000000000000000\r\n", b"\r\n"),
    "start lines": repeated(b"bad\r\n", START, b"\r\n\r\n" + GOOD),
    "start lines without end": repeated(b"bad\r\n", START),
    "lines of junk": repeated(b"\0\r\n", b"some line of junk\r\n", GOOD),
    "short lines of junk": repeated(b"\0\r\n", b"some\n", GOOD),
    "a line of junk": repeated(b"\0", b"x", b"\n" + GOOD),
    "junk like a start line": repeated(b"\0\nOPTIONS sip:", b"x", b" SIP/2.0\r\n" + GOOD),
    "junk and messages": repeated(b"", b"\0some junk\r\n" + GOOD),
}

WAYS = {"whole": 0, "in pieces": SMALL, "by bytes": 1}

CASES = [
    Case(f"stream, {way}{', recovering' * recover}: {name}", make, _fed(size, recover), 1 << 18)
    for name, make in STREAMS.items()
    for way, size in WAYS.items()
    for recover in (False, True)
]
