"""Values of texts, of header fields, and of the comma lists in them (RFC 3261 7.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast.errors import ParseError, parse_error

from . import shapes
from .wire import slices
from .wire import text as chars

if TYPE_CHECKING:
    from .wire.slices import Slice
    from .wire.table import Table

__all__ = [
    "empty_item",
    "join_values",
    "read_again",
    "read_each",
    "read_field",
    "read_fields",
    "read_first",
    "read_list",
    "read_text",
]


def read_text(cls: type[Slice], text: str | bytes, header_id: int) -> Any:
    """Read one value from text; an error names the header field with this id, 0 for none."""
    value = slices.whole(cls, text, header_id)
    slices.trim(value)
    return _read_empty(value) if value._length == 0 else value._read()


def read_list(cls: type[Slice], text: str | bytes, header_id: int) -> tuple[Any, ...]:
    """Read the values of a comma list; empty ones are left out."""
    found: list[Any] = []
    add_items(slices.whole(cls, text, header_id), 0, found, False)
    return tuple(found)


def read_field(table: Table, index: int, cls: type[Slice]) -> Any:
    """Read the value of a header field."""
    value = slices.pointed(cls, table, index)
    return _read_empty(value) if value._length == 0 else value._read()


def read_first(table: Table, index: int, cls: type[Slice]) -> Any:
    """Read the first value of the comma list in a header field; None if all are empty."""
    value = slices.pointed(cls, table, index)
    if value._length != 0 and not chars.is_in(",", value._text, value._length):
        return value._read()
    found: list[Any] = []
    add_items(value, 0, found, True)
    return found[0] if found else None


def read_fields(table: Table, index: int, cls: type[Slice], first: Any) -> tuple[Any, ...]:
    """Read the comma lists of a header field and of those of the same name that follow.

    `first` is what `read_first` gave, or None.
    """
    slices.check_index(table, index)
    after = slices.following(table, index)
    if not isinstance(first, slices.Slice):
        value = slices.pointed(cls, table, index)
        if after < 0 and value._length != 0 and not chars.is_in(",", value._text, value._length):
            return (value._read(),)
        found: list[Any] = []
        add_field(value, found)
    elif slices.is_field(first, table, index):
        if after < 0:
            return (first,)
        found = [first]
    else:
        found = [first]
        add_others(first, slices.pointed(cls, table, index), found)
    while after >= 0:
        add_field(slices.pointed(cls, table, after), found)
        after = slices.following(table, after)
    return tuple(found)


def read_each(table: Table, index: int, cls: type[Slice]) -> tuple[Any, ...]:
    """Read one value from a header field and from each of the same name that follows."""
    found: list[Any] = []
    while index >= 0:
        found.append(read_field(table, index, cls))
        index = slices.following(table, index)
    return tuple(found)


def join_values(cls: type[Slice], values: tuple[Any, ...], separator: bytes) -> Any:
    """Several values of a class as one, which keeps them, because they know their places."""
    values = tuple([value for value in values if value._length != 0])
    if len(values) == 1:
        return values[0]
    joined = read_text(cls, separator.join([bytes(value) for value in values]), 0)
    joined._memo = values
    return joined


def _read_empty(value: Slice) -> Any:
    """Read a header field without text; if its class refuses that, this is the fault."""
    try:
        return value._read()
    except ParseError as error:
        if error.header is None:
            raise
        raise parse_error("header-empty", error.offset, error.header) from None


def read_again(table: Table, index: int, cls: type[Slice]) -> tuple[Any, ...]:
    """As `read_fields` with no first, for a class whose few texts come again and again.

    What is read from them is str or int, which hold nothing of the message and so can be shared.
    """
    values = slices.remembered(cls, table, index)
    if values is not None:
        return values
    value = slices.to_remember(cls, table, index)
    if value is None:
        return read_fields(table, index, cls, None)
    found: list[Any] = []
    add_field(value, found)
    values = tuple(found)
    slices.remember(value, cls, values)
    return values


def add_field(value: Slice, found: list[Any]) -> None:
    """Read the values of a whole field, which `value` points to."""
    if value._length != 0 and not chars.is_in(",", value._text, value._length):
        found.append(value._read())
    else:
        add_items(value, 0, found, False)


def add_others(first: Slice, value: Slice, found: list[Any]) -> None:
    """Read the values that follow the first one of a field, which `value` points to."""
    end = value._length
    at = chars.find(value._text, min(first._offset + first._length, end), end, ",")
    if at != end:
        add_items(value, at + 1, found, False)


def add_items(first: Slice, at: int, found: list[Any], one: bool) -> None:
    """Read the values of a list, from `at` on; of `one`, only the first.

    `first` is of their class and points to the whole list; it becomes the first of them.
    """
    text, end, offset = first._text, first._length, first._offset
    is_simple = at == 0 and chars.find(text, 0, end, ",") == end  # no comma in all of the list
    is_plain = not is_simple and first._parts_at_commas()
    value: Slice | None = first
    while at < end:
        if is_simple:
            stop = end
        elif is_plain:
            stop = chars.find(text, at, end, ",")
        else:
            stop = shapes.past_listed(text, at, end)
        if stop > end:
            raise first._fault_at(shapes.FAULTS[chars.high(stop)], offset + chars.low(stop))
        if value is None:
            value = slices.next_to(first)
        slices.point(value, text, at, stop, offset)
        at = stop + 1
        if value._length == 0:
            continue
        product = value._read()
        found.append(product)
        if one:
            break
        if product is value:
            value = None  # else it can serve again
        else:
            slices.clear(value)


def empty_item(cls: type[Slice], text: str | bytes) -> int:
    """The byte of the first comma of a list that an empty item makes superfluous; -1 if none is.

    An empty item at the end has no comma after it, so the one before it counts.  All items can be
    read.
    """
    whole = slices.whole(cls, text, 0)
    data, end = whole._text, whole._length
    is_plain = whole._parts_at_commas()
    at = last = 0
    while True:
        begin = chars.past_space(data, at, end)
        stop = (
            chars.find(data, begin, end, ",") if is_plain else shapes.past_listed(data, begin, end)
        )
        if stop >= end:
            return chars.octets_before(data, last) if begin == end and at > 0 else -1
        if stop == begin:
            return chars.octets_before(data, stop)
        last, at = stop, stop + 1
