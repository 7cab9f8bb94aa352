"""Columns: files that are scanned, and expressions that select rows."""

from __future__ import annotations

from collections.abc import Callable

from sipfast._engine import Engine
from sipfast.columns import Scan, WhereError
from sipfast.columns.where import parse

from . import Case
from .readers import SHAPES

FEW = ("time", "method", "status", "call_id", "from_user", "via_branch", "user_agent", "error")


def _scanned(engine: Engine, data: bytes) -> object:
    """Scan a file to nowhere, and hold the counts."""
    scanned = Scan(data, FEW, engine=engine)
    return sum(map(len, scanned)), dict(scanned.skipped)


def _parsed(_: Engine, text: str) -> object:
    try:
        return parse(text)
    except WhereError as error:
        return error.offset


def _selected(engine: Engine, text: str) -> object:
    """Use an expression that is well formed on a message."""
    return sum(map(len, Scan(b"OPTIONS sip:a SIP/2.0\r\nX: a\r\n\r\n", FEW, text, engine=engine)))


Make = Callable[[int], str]


def _of(before: str, piece: str, after: str = "") -> Make:
    return lambda size: before + piece * (size // len(piece)) + after


EXPRESSIONS: dict[str, Make] = {
    "parentheses": _of("", "("),
    "negations": _of("", "not "),
    "quotes": _of("method = '", "''"),
    "an open string": _of("method = '", "x"),
    "digits": _of("status = ", "9"),
    "a long name": _of("", "x"),
    "a long header name": _of("header:", "x"),
    "spaces": _of("", " "),
    "tests": _of("status = 1", " or status = 1"),
}
LISTS: dict[str, Make] = {
    "a list": _of("status in (1", ", 23", ")"),
    "a long text": _of("method = '", "x", "'"),
    "a pattern of anything": _of("method like '", "%", "'"),
    "a pattern of pieces": _of("header:X like '", "%a", "'"),
}

CASES = [
    *(Case(f"file, scanned: {what}", make, _scanned) for what, make in SHAPES.items()),
    *(Case(f"where: {what}", make, _parsed, 1 << 19) for what, make in EXPRESSIONS.items()),
    *(Case(f"where, used: {what}", make, _selected, 1 << 19) for what, make in LISTS.items()),
]
