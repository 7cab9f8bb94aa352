"""The slices' interpreted twin: a text that a value is read from, and where it came from.

`docs/text.md` binds this file and `slices.pyx` to the same answers.
"""

from __future__ import annotations

import re
from typing import Any

from sipfast import _late
from sipfast.errors import ParseError, parse_error
from sipfast.registry.header_names import HEADER_NAMES

from ..folds import bytes_before
from ..octets import octets
from .patterns import MATCHES
from .table import Table
from .text import WHITESPACE, no_parts, with_quotes
from .tokenizer import Fields

__all__ = ["MOST_NAMES", "Found", "Slice"]

MOST_NAMES = 16
REMEMBERED = 256
LONGEST_REMEMBERED = 192  # characters
NOWHERE = no_parts()  # of a value that is not split
LINE_END = re.compile(r"[\r\n]")

_remembered: dict[tuple[str, type[Slice]], tuple[Any, ...]] = {}

Origin = tuple[Fields | None, int, str, list[int]]
"""Where a text came from: a message's fields and an index, or None and a header id; then the text
of the whole field, and what `bytes_before` keeps for that text."""


class Slice:
    """A text that a value is read from."""

    __slots__ = (
        "_escaped",
        "_length",
        "_memo",
        "_offset",
        "_origin",
        "_parts",
        "_separator",
        "_text",
    )

    _text: str
    _length: int
    _offset: int
    """Where it begins in the text of the whole field."""
    _origin: Origin
    _parts: Any
    """Where they are, of `Parts`: a match, or Spans where none was found."""
    _separator: str
    """What stands between parameters."""
    _escaped: bool
    """Whether parameters may hold %HH."""
    _memo: Any

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError(f"{type(self).__name__} is made by its parse")

    def _read(self) -> Any:
        """Split the text.  What comes of it is this value, or what it stands for, as a number."""
        raise TypeError(f"{type(self).__name__} is not read from text")

    def _parts_at_commas(self) -> bool:
        """Whether each comma of a list ends an item, even within quotes or angle brackets."""
        return False

    def __str__(self) -> str:
        return self._text

    def __bytes__(self) -> bytes:
        return octets(self._text)

    def _place(self, at: int) -> int:
        """Where byte `at` of the text stands in the message, or in the text that was given."""
        _, _, source, steps = self._origin
        return _in_message(self._origin, bytes_before(source, self._offset, steps) + at)

    def _fault_at(self, code: str, offset: int) -> ParseError:
        """The error to raise for a place in the field's value, each fold read as one space."""
        _, _, source, steps = self._origin
        place = _in_message(self._origin, bytes_before(source, offset, steps))
        return parse_error(code, place, _name_of(self._origin))

    def _fault(self, code: str, at: int) -> ParseError:
        """The error to raise for byte `at` of the text."""
        return parse_error(code, self._place(at), _name_of(self._origin))


_TEXT: Any = Slice.__dict__["_text"]
_BASES: Any = type.__dict__["__mro__"]


def _in_message(origin: Origin, at: int) -> int:
    """Where byte `at` of a field's value stands in the message; `at` where there is no field."""
    fields, number, _, _ = origin
    return at if fields is None else fields.place(number, at)


def _name_of(origin: Origin) -> str | None:
    """The name of the header field, or None."""
    fields, number, _, _ = origin
    return _name(number if fields is None else fields.ids[number])


def _name(header_id: int) -> str | None:
    """The name of the header field with an id; None for 0."""
    return HEADER_NAMES[header_id - 1].name if header_id else None


# ---- new slices ----------------------------------------------------------------------------------


_NEW = object.__new__


def fresh(cls: Any) -> Any:
    """A new value of a class."""
    new = cls.__new__
    value: Any = new(cls)
    if new is not _NEW:
        check_new(value, cls)
    value._memo = None
    value._parts = NOWHERE
    return value


def check_new(value: Any, cls: Any) -> None:
    """Raise TypeError where the `__new__` of a user's class gave what is not a new value of it."""
    if type(value) is not cls or is_read(value):
        raise TypeError(f"{cls.__name__}.__new__ made no new {cls.__name__}")


def check_class(cls: Any) -> None:
    """Raise TypeError where this is not a class of values."""
    if not isinstance(cls, type) or not issubclass(cls, Slice):
        raise TypeError(f"cls must be a class of Value, not {cls!r}")


def whole(cls: Any, text: str | bytes, header_id: int) -> Any:
    """A new value of all of a text; an error names the header field with this id, 0 for none."""
    check_class(cls)
    value = fresh(cls)
    _hold(value, text, header_id)
    return value


def _hold(value: Any, text: str | bytes, header_id: int) -> None:
    """Keep a text as it would be on the wire.  Raises where a line end is in it."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    elif not isinstance(text, str):
        raise TypeError(f"text must be str or bytes, not {type(text).__name__}")
    else:
        text = str.__str__(text)  # no subclass of str
        if not text.isascii():
            text = octets(text, _name(header_id)).decode("utf-8", "surrogateescape")
    value._text = text
    value._length = len(text)
    value._offset = 0
    value._origin = None, header_id, text, []
    line_end = LINE_END.search(text)
    if line_end:
        raise value._fault_at("value-line-end", line_end.start())


def trim(value: Any) -> None:
    """Put the whitespace at both ends aside."""
    text = value._text
    value._text = text.strip(WHITESPACE)
    value._offset += len(text) - len(text.lstrip(WHITESPACE))
    value._length = len(value._text)


def within(origin: Any, cls: Any, at: int, end: int) -> Any:
    """A new value of a part of another one's text."""
    value = fresh(cls)
    value._origin = origin._origin
    value._text = origin._text[at:end]
    value._length = end - at
    value._offset = origin._offset + at
    return value


def of_part(origin: Any, cls: Any, part: int) -> Any:
    """A new value of one of the parts, or None."""
    at, end = origin._parts.span(1 + part)
    if at < 0:
        return None
    value = fresh(cls)
    value._origin = origin._origin
    value._text = origin._text[at:end]
    value._length = end - at
    value._offset = origin._offset + at
    return value


def next_to(origin: Any) -> Any:
    """A new value of the same class, which points nowhere yet."""
    value = fresh(type(origin))
    value._origin = origin._origin
    return value


def point(value: Any, text: str, at: int, end: int, offset: int) -> None:
    """Point to a part of a text whose offset is given, without the whitespace at its ends."""
    value._text = text[at:end]
    value._offset = offset + at
    trim(value)


def clear(value: Any) -> None:
    """Forget what was found, so that the value can be read anew."""
    value._parts = NOWHERE
    value._memo = None


def fits(value: Any, shape: int) -> bool:
    """Whether the pattern of a shape fits a value's text; if so, its groups are the parts.

    Compiled, there are no patterns, and no text fits.
    """
    text = value._text
    match = MATCHES[shape](text)
    parts = with_quotes(match, text) if match and '"' in text else match
    value._parts = parts or no_parts()
    return parts is not None


# ---- what a constructor has built ----------------------------------------------------------------


def is_read(value: Slice) -> bool:
    """Whether text was read into a value, whatever its class says of its attributes."""
    try:
        _TEXT.__get__(value)
    except AttributeError:
        return False
    return True


def new_of_own_class(value: Any, text: str) -> Any:
    """A new value of the class of ours that a value's class comes from, of all of a text."""
    ours = __name__.removesuffix("wire.slices")
    bases = _BASES.__get__(type(value))  # whatever its metaclass answers
    built = fresh(next(base for base in bases if base.__module__.startswith(ours)))
    _hold(built, text, 0)
    trim(built)
    return built


def become(value: Any, built: Slice) -> None:
    """Make a value the same as another one."""
    for name in Slice.__slots__:
        if hasattr(built, name):
            setattr(value, name, getattr(built, name))


# ---- header fields -------------------------------------------------------------------------------


def check_index(table: Table, index: int) -> None:
    """Raise IndexError where there is no such header field."""
    if not 0 <= index < len(table._parsed.fields.ids):
        raise IndexError("there is no such header field")


def pointed(cls: Any, table: Table, index: int) -> Any:
    """A new value of a header field's, unfolded."""
    fields = table._parsed.fields
    text = fields.value(index)
    new = cls.__new__  # as `fresh` does it
    value: Any = new(cls)
    if new is not _NEW:
        check_new(value, cls)
    value._memo = None
    value._parts = NOWHERE
    value._text = text
    value._length = len(text)
    value._offset = 0
    value._origin = fields, index, text, []
    return value


def following(table: Table, index: int) -> int:
    """The index of the next field of the same name, or -1."""
    return table._parsed.fields.following(index)


def is_field(value: Any, table: Table, index: int) -> bool:
    """Whether a value is all of a header field's."""
    fields, number, source, _ = value._origin
    return fields is not None and number == index and len(value._text) == len(source)


# ---- what is remembered --------------------------------------------------------------------------


def remembered(cls: Any, table: Table, index: int) -> tuple[Any, ...] | None:
    """The values that were read before from the same text, as the same class; or None."""
    fields = table._parsed.fields
    if fields.following(index) >= 0:
        return None
    return _remembered.get((fields.value(index), cls))


def to_remember(cls: Any, table: Table, index: int) -> Any:
    """A new value of a header field's text, whose values can be remembered; or None."""
    fields = table._parsed.fields
    if fields.following(index) >= 0 or len(fields.value(index)) > LONGEST_REMEMBERED:
        return None
    return pointed(cls, table, index)


def remember(value: Any, cls: Any, values: tuple[Any, ...]) -> None:
    """Remember the values that were read from what `to_remember` gave."""
    if len(_remembered) >= REMEMBERED:
        _remembered.clear()
    _remembered[value._origin[2], cls] = values


# ---- several parameters at once ------------------------------------------------------------------


def several(value: Any, names: tuple[str, ...]) -> Found:
    """The parameters of these names, in lower case, sixteen at most; not for a URI."""
    if len(names) > MOST_NAMES:
        raise ValueError(f"at most {MOST_NAMES} names at once")
    values = value._named()
    return Found([values[name] or "" if name in values else None for name in names])


class Found:
    """Some parameters of a value by their place among the names that were looked for."""

    __slots__ = ("_values",)

    def __init__(self, values: list[str | None]) -> None:
        self._values = values

    def text(self, place: int) -> str | None:
        """What `_parameter` gives for one of them."""
        return self._values[place]

    def has(self, place: int) -> bool:
        return self._values[place] is not None

    def joined(
        self, before: str | None, first: int, last: int, after: str | bytes | None
    ) -> bytes | None:
        """Text, the parameters from `first` to `last`, and text, with colons between; or None.

        Text that is None is left out; a parameter that is not there leaves nothing at all.
        """
        texts = [before, *self._values[first : last + 1], after]
        if None in texts[1:-1]:
            return None
        return b":".join([_as_bytes(text) for text in texts if text is not None])

    def same(self, place: int, text: str) -> bool:
        """Whether a parameter is this text, which is ASCII in lower case; in any case.

        How long it takes does not tell where they differ.
        """
        value = self._values[place]
        if value is None or not value.isascii():
            return False
        return _late.hmac.compare_digest(value.lower(), text)


def _as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else octets(text)
