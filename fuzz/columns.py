"""Columns: the rows that the native engine reads in C are those of the definition.

An input is a few bytes of choices, which name the columns, a condition and the form of text, then a
message.  What follows the message in memory must count for nothing.
"""

from __future__ import annotations

import ctypes
import struct
from typing import Any

from arrow_structures import children_of, moved_from, release

from fuzz.inputs import CHOICES
from sipfast import _engine
from sipfast.capture.base import Record
from sipfast.columns.names import BOOL, COLUMNS, TEXT, TEXTS, UINT16, UINT32, column_of
from sipfast.columns.scan import _columns_of
from sipfast.columns.values import Row
from sipfast.columns.where import compiled, named_in, parse
from sipfast.errors import ParseError

NATIVE = _engine.load("native")

HEADERS = ("header:Via", "headers:v", "header:X", "headers:From", "header:Subject")
EVERY = (*COLUMNS, *HEADERS)
QUICK = tuple([name for name in EVERY if name not in ("defects", "retransmission", "duplicate")])
CONDITIONS = (
    None,
    "method = 'INVITE'",
    "method is null or status >= 200",
    "not (is_request and from_user like '%a%')",
    "error is null",
    "source_port = 5060 and header:Via is not null",
    "sdp_port > 0 or via_branch like 'z9hG4bK%'",
    "cseq_number in (1, 2) or to_tag is null",
)
FORMATS = {BOOL: "?", UINT16: "H", UINT32: "I"}


class Wrong(AssertionError):
    """A row differs from the definition."""


def check(data: memoryview | bytes) -> None:
    """Read an input as its choices say, and compare its row."""
    choices = bytes(data[:CHOICES]).ljust(CHOICES, b"\0")
    message = bytes(data[CHOICES:])
    columns = chosen(choices)
    condition = CONDITIONS[choices[2] % len(CONDITIONS)]
    tree = None if condition is None else parse(condition)
    record = Record(
        memoryview(message), 7, 1, 5, "192.0.2.1", 5060, "2001:db8::1", 5061, "UDP", file="a"
    )
    for text in ("view", "utf8"):
        found = row_of(columns, tree, text, record)
        expected = defined(columns, tree, record)
        if found != expected:
            raise Wrong(f"{columns}, {condition}, {text}: {found} and {expected}")


def chosen(choices: bytes) -> tuple[str, ...]:
    """All columns that are read in C, all there are, or a few."""
    kind, number = choices[0] % 8, choices[1]
    if kind < 4:
        return QUICK
    if kind == 4:
        return EVERY
    step = 1 + number % 11
    return (*[name for name in EVERY[number % len(EVERY) :: step] if "error" not in name], "error")


def row_of(columns: tuple[str, ...], tree: Any, text: str, record: Record) -> list[Any] | None:
    """The row that the native engine makes; None if it leaves it out."""
    builder = _columns_of(NATIVE).Builder(columns, tree, text, 4, "keep")
    builder.begin(record.data, None, False)
    builder.add(record)
    batch = builder.take()
    return None if batch is None else row_in(batch, columns, text)


def defined(columns: tuple[str, ...], tree: Any, record: Record) -> list[Any] | None:
    """The row by the definition."""
    asked = tuple(dict.fromkeys((*columns, *(named_in(tree) if tree else ()))))
    message: Any
    try:
        message = NATIVE.parse(bytes(record.data))
    except ParseError as error:
        message = error
    values = Row(asked).read(message, record)
    if tree is not None and not compiled(tree)(dict(zip(asked, values, strict=True))):
        return None
    return values[: len(columns)]


def row_in(batch: Any, columns: tuple[str, ...], text: str) -> list[Any]:
    """The only row of a batch, read as a consumer of Arrow does."""
    array = moved_from(batch.__arrow_c_array__()[1], b"arrow_array")
    try:
        if array.length != 1:
            raise Wrong(f"{array.length} rows")
        arrays = zip(children_of(array), columns, strict=True)
        return [value_in(child, 0, column_of(name).type, text) for child, name in arrays]
    finally:
        release(array)


def value_in(array: Any, at: int, kind: int, text: str) -> Any:
    """A value of an array."""
    if array.buffers[0] and not ctypes.string_at(array.buffers[0] + at // 8, 1)[0] >> at % 8 & 1:
        return None
    if kind == TEXTS:
        start, end = struct.unpack("ii", ctypes.string_at(array.buffers[1] + 4 * at, 8))
        (items,) = children_of(array)
        return tuple([value_in(items, item, TEXT, text) for item in range(start, end)])
    if kind == TEXT and text == "utf8":
        start, end = struct.unpack("ii", ctypes.string_at(array.buffers[1] + 4 * at, 8))
        return (
            ctypes.string_at(array.buffers[2] + start, end - start).decode() if end > start else ""
        )
    if kind == TEXT:
        view = ctypes.string_at(array.buffers[1] + 16 * at, 16)
        size, _, which, offset = struct.unpack("iiii", view)
        if size <= 12:
            return view[4 : 4 + size].decode()
        return ctypes.string_at(array.buffers[2 + which] + offset, size).decode()
    if kind == BOOL:
        return bool(ctypes.string_at(array.buffers[1] + at // 8, 1)[0] >> at % 8 & 1)
    form = FORMATS.get(kind, "q")
    size = struct.calcsize(form)
    return struct.unpack(form, ctypes.string_at(array.buffers[1] + size * at, size))[0]
