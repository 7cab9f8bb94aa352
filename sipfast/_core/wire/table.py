"""The pure twin of `table.pyx`: a message as Python holds it, a `Table` over its buffer."""

from __future__ import annotations

from typing import Any, TypeVar

from sipfast.errors import ParseError, unanswered
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..limits import Limits
from .tokenizer import (
    ACK,
    NO_LENGTH,
    Buffer,
    GivenFields,
    GivenTable,
    SipTable,
    is_response,
    one_line,
    starts_response,
    tokenize,
    tokenize_within,
)

__all__ = ["BESIDES", "NO_LENGTH", "Property", "Reader", "Table", "held", "id_of"]

T = TypeVar("T")

BESIDES = 9
"""Places for what is kept of the whole message, after those of the header fields."""

_TO = HEADER_IDS["to"]
_REPEATED = (HEADER_IDS["via"], HEADER_IDS["record-route"])
"""The fields of which a response has each one of the request."""
_USUAL_NAMES = (b"", *(header.name.encode() for header in HEADER_NAMES))


class Table:
    """Where everything is in one message: spans over a buffer that it keeps alive."""

    __slots__ = ("_buffer", "_call_id", "_kept", "_looked", "_parsed", "_target")

    _parsed: SipTable
    """What the tokenizer found."""
    _buffer: Buffer
    _kept: list[Any] | None
    _call_id: str | None
    _target: str | None
    _looked: int
    """How often a name that is not registered was looked up."""

    # From bytes to spans.

    _is_response = staticmethod(is_response)
    _starts_response = staticmethod(starts_response)

    def _read(self, buffer: Buffer, limits: Limits, response: bool) -> None:
        """Take a buffer apart, as a response or a request.  Raises `ParseError`."""
        try:
            self._parsed = tokenize(buffer, limits, response)
        except ParseError as error:
            if response or ACK.match(buffer):
                unanswered(error)
            raise
        self._buffer = buffer
        self._kept = self._call_id = self._target = None
        self._looked = 0

    def _read_within(self, data: bytes, start: int, size: int, limits: Limits) -> bool:
        """Take apart the message at data[start], of `size` bytes at the most; its body may be cut.

        False, and no table, if its header is malformed or ends too early.
        """
        table = tokenize_within(data, start, min(size, limits._size), limits)
        if table is None:
            return False
        self._parsed = table
        self._buffer = data
        self._kept = self._call_id = self._target = None
        self._looked = 0
        return True

    def _fill(self, text: bytes, line: tuple[int, ...], spans: list[int]) -> None:
        """Fill the table with what was found in bytes that `_read` refuses.

        `line` has the numbers of a table, in the order of `_dump`; `spans` has for each field where
        its name and its value begin, each with its length.
        """
        self._buffer = memoryview(text)  # so that no CR comes out of it as text
        parsed = self._parsed = GivenTable()
        (parsed.start, parsed.line_end, parsed.body, parsed.end) = line[:4]
        (parsed.method_length, parsed.target_at, parsed.target_length) = line[4:7]
        (parsed.version_at, parsed.version_length) = line[7:9]
        (parsed.status_code, parsed.content_length) = line[9:]
        parsed.buffer = self._buffer
        parsed.source = text
        parsed.fields = GivenFields(self._buffer, text, spans)
        self._kept = self._call_id = self._target = None
        self._looked = 0

    def _answer(
        self,
        request: Table,
        start: bytes,
        ids: bytes,
        top: bytes | None,
        tag: bytes | None,
        rest: bytes,
        limits: Limits,
    ) -> bool:
        """Become a response: a start line, the request's fields of these ids, and the rest.

        `top` replaces the first field, and To gets `tag`, unless they are None.  False if a field
        is folded, empty, or holds a NUL, if there are many of them, or if the buffer may change.
        """
        if type(request._buffer) is not bytes:
            return False
        lines = [start]
        for header_id in ids:
            index = request._first(header_id)
            while index >= 0:
                text = request._raw_value(index)
                if not text or b"\n" in text or b"\0" in text:
                    return False
                if len(lines) == 1 and top is not None:
                    text = top
                if header_id == _TO and tag is not None:
                    text = b"%b;tag=%b" % (text, tag)
                lines.append(b"%b: %b" % (_USUAL_NAMES[header_id], text))
                index = request._next(index) if header_id in _REPEATED else -1
        self._read(b"\r\n".join([*lines, rest]), limits, True)
        return True

    # The header fields.  An index counts them from 0, and is -1 where there is none.

    def _first(self, header_id: int) -> int:
        """The index of the first field with this id, or -1."""
        ids = self._parsed.fields.ids
        return ids.find(header_id) if header_id in ids else -1  # most are not there

    def _next(self, index: int) -> int:
        """The index of the next field of the same name, or -1."""
        return self._parsed.fields.following(index)

    def _id_of(self, name: str) -> int:
        """The id of a registered name, long or compact, in any case; or 0."""
        return id_of(name)

    def _find(self, name: str) -> int:
        """The index of the first field of this name, long or compact, in any case; or -1."""
        header_id = self._id_of(name)
        return self._first(header_id) if header_id else self._find_other(name)

    def _find_other(self, name: str) -> int:
        """The index of the first field of a name that is not registered, or -1, in linear time."""
        return self._parsed.fields.find_unknown(name.lower(), 0) if name.isascii() else -1

    def _id(self, index: int) -> int:
        return self._parsed.fields.ids[index]

    def _name_at(self, index: int) -> int:
        return self._parsed.fields.name_span(index)[0]

    def _value_at(self, index: int) -> int:
        return self._parsed.fields.found_value(index)[0]

    def _value_length(self, index: int) -> int:
        return len(self._parsed.fields.found_value(index)[1])

    def _is_folded(self, index: int) -> bool:
        return b"\n" in self._parsed.fields.found_value(index)[1]

    def _has_folds(self) -> bool:
        """Whether the value of any field is folded."""
        return any(map(self._is_folded, range(self._parsed.count)))

    def _unchanging(self) -> bytes:
        """The bytes up to the body at least, which nobody can write to."""
        return self._parsed.source

    def _name(self, index: int) -> str:
        """The field's name as it was written."""
        if self._buffer is self._parsed.source:
            return self._parsed.fields.names[index]
        return one_line(self._raw_name(index).decode("utf-8", "surrogateescape"))

    def _value(self, index: int) -> str:
        """The field's value, each fold read as one space."""
        return self._parsed.fields.value(index)

    def _raw_name(self, index: int) -> bytes:
        start, end = self._parsed.fields.name_span(index)
        return self._bytes(start, end - start)

    def _raw_value(self, index: int) -> bytes:
        """The field's value as it was written, folds and all."""
        at, value = self._parsed.fields.found_value(index)
        return self._bytes(at, len(value))

    # What the buffer holds in a span.

    def _method(self) -> str:
        return self._text(self._parsed.start, self._parsed.method_length)

    def _text(self, at: int, length: int) -> str:
        return one_line(self._bytes(at, length).decode("utf-8", "surrogateescape"))

    def _bytes(self, at: int, length: int) -> bytes:
        return bytes(self._buffer[at : at + length])

    def _view(self, at: int, length: int) -> memoryview:
        return memoryview(self._buffer)[at : at + length]

    # For the layers above, and for comparing the engines.

    def _recalled(self, place: int) -> Any:
        """What was kept in a place: one for each field, and `BESIDES` more; None if nothing was."""
        return self._kept and self._kept[place]

    def _keep(self, place: int, kept: Any) -> Any:
        """Keep an object in a place for as long as the table lives."""
        if self._kept is None:
            self._kept = [None] * (self._parsed.count + BESIDES)
        self._kept[place] = kept
        return kept

    def _dump(self) -> tuple[Any, ...]:
        """All that was found, as plain numbers."""
        parsed = self._parsed
        fields = parsed.fields
        found = []
        for index, header_id in enumerate(fields.ids):
            start, end = fields.name_span(index)
            at, value = fields.found_value(index)
            found.append((header_id, start, end - start, at, len(value), b"\n" in value))
        return (
            parsed.start,
            parsed.line_end,
            parsed.body,
            parsed.end,
            parsed.method_length,
            parsed.target_at,
            parsed.target_length,
            parsed.version_at,
            parsed.version_length,
            parsed.status_code,
            parsed.content_length,
            tuple(found),
        )


# The same of an index that is known to be one; compiled, inline.


def first(table: Table, header_id: int) -> int:
    """The index of the first field with this id, or -1."""
    return table._first(header_id)


def name_at(table: Table, index: int) -> int:
    """The offset of a field's name."""
    return table._name_at(index)


def value_at(table: Table, index: int) -> int:
    """The offset of a field's value."""
    return table._value_at(index)


def value_end(table: Table, index: int) -> int:
    """The offset of the end of a field's value."""
    at, value = table._parsed.fields.found_value(index)
    return at + len(value)


def is_in_place(table: Table, index: int) -> bool:
    """Whether a field's value can be read where it stands, as one text that nobody changes.

    Interpreted, none is: what reads values has patterns.
    """
    return False


def value_text(table: Table, index: int) -> str:
    """A field's value, to be read where it stands."""
    return table._value(index)


_new_tuple: Any = tuple.__new__  # a third of the time of a call of the class


def named(cls: type[T], count: int, first: Any, second: Any, third: Any, fourth: Any) -> T:
    """A NamedTuple of the first three or all four items."""
    made: T = _new_tuple(cls, (first, second, third, fourth)[:count])
    return made


class Reader:
    """Names and values in a table; made each time that they are asked for."""

    __slots__ = ("_table",)

    _table: Table

    def _pairs(self) -> list[tuple[str, Any]]:
        """Each name as it was written, and its value."""
        raise NotImplementedError

    def _names(self) -> list[str]:
        """Each name as it was written."""
        return [name for name, _ in self._pairs()]

    def _values(self) -> list[Any]:
        """Each value."""
        return [value for _, value in self._pairs()]


class Property:
    """A descriptor that reads something of a table."""

    __slots__ = ()

    def _of(self, table: Table) -> Any:
        """What it reads."""
        raise NotImplementedError


def id_of(name: str) -> int:
    """The id of a registered name, long or compact, in any case; or 0."""
    # No token is beyond ASCII, and some letters beyond it are ASCII in lower case.
    return HEADER_IDS.get(name.lower(), 0) if name.isascii() else 0


def held(data: Any) -> Buffer:
    """Bytes as they are, or a read-only view; TypeError or BufferError where there are none."""
    if type(data) is bytes:
        return data
    try:
        view = memoryview(data)
    except TypeError as error:
        what = f"a SIP message must be bytes-like, not {type(data).__name__}"
        raise TypeError(what) from error
    if not view.c_contiguous:
        raise BufferError("a SIP message is one contiguous run of bytes")
    try:
        return view.cast("B").toreadonly()
    except (TypeError, ValueError):  # items that no view can take apart, or none at all
        return memoryview(view.tobytes())
