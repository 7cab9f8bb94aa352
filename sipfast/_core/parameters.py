"""The parameters of a value as a mapping, and their writing."""

from __future__ import annotations

import re
from collections.abc import ItemsView, Iterable, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING, Any

from sipfast import _late, _rebuild

from .multimapping import Multi, exact_name, items_of, names_of, values_of
from .value import Value

__all__ = [
    "CONTROLS",
    "QUOTED",
    "TOKEN",
    "TOKEN_CHARACTERS",
    "Pairs",
    "Parameters",
    "agree",
    "alike",
    "compared",
    "named",
    "others",
    "parameter_number",
    "parameter_q",
    "pieces_of",
    "quoted",
    "written",
]

if TYPE_CHECKING:
    from typing_extensions import Never, TypeVar

    from sipfast.registry.parameters import Form

    N = TypeVar("N", default=None)
    T = TypeVar("T", default=Never)

Pairs = Mapping[str, "str | None"] | Iterable[tuple[str, "str | None"]]
"""Parameters to write: names, and values or None."""

TOKEN_CHARACTERS = r"-A-Za-z0-9.!%*_+`'~"
"""The characters of a token (RFC 3261 25.1), for a character class of a pattern."""
CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
"""Control characters allowed only in a quoted-pair (RFC 3261 25.1), for a character class."""
TOKEN = re.compile(f"[{TOKEN_CHARACTERS}]+")
"""RFC 3261 25.1: token."""
QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
"""RFC 3261 25.1: quoted-string; it may contain any text."""

FEW = 8
"""Lookups in the text before an index is built, which keeps the cost of all lookups linear."""

_ABSENT = object()
"""The result of the lookup of an absent name."""

_Q = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_UNQUOTABLE = re.compile(rf'["\\{CONTROLS}]')
_BARE = re.compile(rf"{TOKEN.pattern}|\[[0-9A-Fa-f:.]+\]")  # RFC 3261 25.1: token / host


class Parameters(Multi):
    """The parameters of a value in order, a mapping (RFC 3261 7.3.1).

    Lookups ignore case and find the first of repeated names.  The value of a parameter is its text
    without quotes, in a URI with each %HH decoded; it is None for a flag, such as ``lr``.
    """

    __slots__ = ("_all", "_looked", "_named", "_of")

    _of: Value
    _named: dict[str, str | None] | None
    _all: dict[str, list[str | None]] | None

    def __init__(self, value: Value) -> None:
        if not isinstance(value, Value):
            raise TypeError("parameters come from a value: value.parameters")
        try:
            is_new = self._of is None
        except AttributeError:  # the interpreter raises this for an empty slot
            is_new = True
        if not is_new:
            raise TypeError("Parameters is immutable")
        self._of = value
        self._looked = 0
        self._named = self._all = None

    def _find(self, name: object) -> Any:
        """The value of the first parameter of this name, or `_ABSENT`."""
        lower = self._spelt(name)
        if self._named is None:
            self._looked += 1
            if self._looked <= FEW:
                value = self._of._parameter(lower)
                if value != "":
                    return _ABSENT if value is None else value
            self._named = self._of._named()  # distinguishes a flag from an empty value
        return self._named.get(lower, _ABSENT)

    def _spelt(self, name: object) -> str:
        """A name as compared."""
        text = name if type(name) is str else exact_name(name, "a parameter")
        return text.lower() if text.isascii() else text

    def __getitem__(self, name: str) -> str | None:
        """The value of the first parameter of this name; KeyError if absent."""
        found: str | None = self._find(name)
        if found is _ABSENT:
            raise KeyError(name)
        return found

    def get(self, name: str, default: N = None) -> str | N | None:  # type: ignore[assignment]
        """The value of the first parameter of this name, or `default`."""
        found = self._find(name)
        return default if found is _ABSENT else found

    def getone(self, name: str, default: T = ...) -> str | T | None:  # type: ignore[assignment]
        """The value of the first parameter of this name, or `default`; KeyError without either."""
        found: str | None = self._find(name)
        if found is _ABSENT:
            if default is ...:
                raise KeyError(name)
            return default
        return found

    def getall(self, name: str, default: T = ...) -> list[str | None] | T:  # type: ignore[assignment]
        """The values of all parameters of this name, in order, or `default` if absent.

        KeyError without either.  Raises `ParseError` if a parameter is malformed.
        """
        lower = self._spelt(name)
        if self._all is None:
            every: dict[str, list[str | None]] = {}
            for written, value in self._pairs():
                every.setdefault(self._same(written), []).append(value)
            self._all = every
        if lower in self._all:
            return self._all[lower].copy()
        if default is ...:
            raise KeyError(name)
        return default

    def keys(self) -> KeysView[str]:
        """Each parameter's name as written."""
        return names_of(self)

    def values(self) -> ValuesView[str | None]:
        """Each parameter's value, or None for a flag."""
        return values_of(self)

    def items(self) -> ItemsView[str, str | None]:
        """Each parameter's name as written, and its value, or None for a flag."""
        return items_of(self)

    def _pairs(self) -> list[tuple[str, str | None]]:
        """Each parameter's name as written, and its value, or None for a flag.

        Raises `ParseError` if a parameter is malformed.
        """
        return self._of._parameters()

    def _same(self, name: str) -> Any:
        return self._spelt(name)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        lower = self._spelt(name)
        if self._named is None:
            self._looked += 1
            if self._looked <= FEW:
                return self._of._parameter(lower) is not None
            self._named = self._of._named()
        return lower in self._named

    def __len__(self) -> int:
        return len(self._of._parameters())

    def _key(self) -> Any:
        return frozenset([(name.lower(), compared(value)) for name, value in self._pairs()])

    def __eq__(self, other: object) -> bool:
        """Whether `other` has the same parameters, in any order (RFC 3261 7.3.1).

        A mapping of another class must have each name once, with equal values.
        """
        if isinstance(other, Parameters):
            return bool(self._key() == other._key())
        return self._equals(other) if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.parameters_of, (self._of,)

    def __repr__(self) -> str:
        return f"Parameters({self._pairs()!r})"


def parameter_number(value: Value, name: str, most: int) -> int | None:
    """The value of a numeric parameter, or None.  Raises `ParseError` if it is malformed."""
    text = value._parameter(name)
    if text is None:
        return None
    digits = text.lstrip("0") or "0"
    if not (text.isascii() and text.isdigit()) or len(digits) > 10 or int(digits) > most:
        value._raise("parameter-not-a-number", value._parameter_at(name))
    return int(digits)


def parameter_q(value: Value) -> float | None:
    """The ``q`` of a value, 0 to 1 (RFC 3261 25.1: qvalue), or None.  Raises `ParseError`."""
    text = value._parameter("q")
    if text is None:
        return None
    if not _Q.fullmatch(text):
        value._raise("q-malformed", value._parameter_at("q"))
    return float(text)


# A parameter with its quoted strings.
_PIECES = {
    mark: re.compile(rf'[^{mark}"]*(?:{QUOTED.pattern}[^{mark}"]*)*', re.DOTALL) for mark in ";,"
}


def pieces_of(region: str, separator: str) -> list[str]:
    """The texts of parameters, whose quoted strings end, between their separators."""
    if '"' not in region:
        return region.split(separator)
    pieces: list[str] = []
    at = 0
    while at <= len(region):
        match = _PIECES[separator].match(region, at)
        assert match is not None  # the pattern matches the empty text too
        pieces.append(match[0])
        at = match.end() + 1
    return pieces


def others(value: Value, names: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """The parameters of a value except those of these names, given in lower case."""
    return [pair for pair in value._parameters() if pair[0].lower() not in names]


def alike(value: Value, names: tuple[str, ...]) -> Any:
    """A key for `others`, equal for parameters that differ only in case or order."""
    pairs = others(value, names)
    return frozenset([(name.lower(), compared(text)) for name, text in pairs])


def named(value: Value) -> dict[str, str]:
    """The parameters of a value by name, as compared; of repeated names, the first counts."""
    pairs = reversed(value._parameters())
    return {name.lower(): compared(text) for name, text in pairs}


def compared(value: str | None) -> str:
    """A parameter's value as compared (RFC 3261 7.3.1): a token in any case."""
    return "" if not value else value.lower() if _BARE.fullmatch(value) else value


def agree(mine: dict[str, str], theirs: dict[str, str]) -> bool:
    """Whether the parameters in both are equal."""
    return all(theirs.get(name, value) == value for name, value in mine.items())


def quoted(text: str) -> str:
    """This text as a quoted string (RFC 3261 25.1)."""
    return f'"{_UNQUOTABLE.sub(_pair, text)}"'


def _pair(character: re.Match[str]) -> str:
    return "\\" + character[0]


def written(parameters: Pairs, header: str = "") -> str:
    """Parameters of a header field, each after its semicolon, with values quoted where needed.

    The values that the grammar of this header field wants in quotes have them.  Raises ValueError
    unless each name is a token.
    """
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    parts = []
    for name, value in pairs:
        if not TOKEN.fullmatch(name):
            raise ValueError(f"parameter names must be tokens, not {name!r} (RFC 3261 25.1)")
        form = _form(header, name) if header else None
        if not value and (value is None or form is None or form.is_optional or not form.quoted):
            parts.append(f";{name}")
        elif _is_bare(value, form):
            parts.append(f";{name}={value}")
        else:
            parts.append(f";{name}={quoted(value)}")
    return "".join(parts)


def _form(header: str, name: str) -> Form:
    """The form of a parameter of this header field."""
    field = _late.parameters.FIELDS[header]
    lower = name.lower()
    for row in field.parameters:
        if row.name == lower:
            return row.form
    return field.plus if name.startswith("+") else field.others


def _is_bare(value: str, form: Form | None) -> bool:
    """Whether a value is written without quotes: a token or a host, or what a form requires."""
    if form is not None and form.bare is None and form.quoted is not None:
        return False
    if _BARE.fullmatch(value):
        return True
    return (
        form is not None
        and form.bare is not None
        and form.quoted is None
        and re.fullmatch(form.bare, value, re.ASCII) is not None
    )
