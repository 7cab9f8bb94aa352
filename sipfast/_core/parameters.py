"""The parameters of a value as a mapping, and how parameters are written."""

from __future__ import annotations

import re
from collections.abc import ItemsView, Iterable, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING, Any

from sipfast import _rebuild

from .multimapping import Multi, items_of, names_of, values_of
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
    "quoted",
    "written",
]

if TYPE_CHECKING:
    from typing_extensions import Never, TypeVar

    N = TypeVar("N", default=None)
    T = TypeVar("T", default=Never)

Pairs = Mapping[str, "str | None"] | Iterable[tuple[str, "str | None"]]
"""Parameters to write: names, and values or None."""

TOKEN_CHARACTERS = r"-A-Za-z0-9.!%*_+`'~"
"""What a token is made of (RFC 3261 25.1), as a class of a pattern has it."""
CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
"""Control characters that only a quoted-pair may hold (RFC 3261 25.1), as a class of a pattern."""
TOKEN = re.compile(f"[{TOKEN_CHARACTERS}]+")
"""RFC 3261 25.1: token."""
QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
"""RFC 3261 25.1: quoted-string; any text may stand in it."""

FEW = 8
"""So many names are looked up in the text; then an index is made, lest all be quadratic."""

_ABSENT = object()
"""What is found where there is no parameter of a name."""

_Q = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_UNQUOTABLE = re.compile(rf'["\\{CONTROLS}]')
_BARE = re.compile(rf"{TOKEN.pattern}|\[[0-9A-Fa-f:.]+\]")  # RFC 3261 25.1: token / host


class Parameters(Multi):
    """Parameters in their order, a mapping, read from the value that has them (RFC 3261 7.3.1).

    Look-ups ignore the case of a name and find the first of several.  A value is text without its
    quotes, in a URI with each %HH read; it is None for a flag, which has none, such as ``lr``.
    """

    __slots__ = ("_all", "_looked", "_named", "_of")

    _of: Value
    _named: dict[str, str | None] | None
    _all: dict[str, list[str | None]] | None

    def __init__(self, value: Value) -> None:
        if not isinstance(value, Value):
            raise TypeError("the parameters are those of a value")
        try:
            is_new = self._of is None
        except AttributeError:  # interpreted: what a slot says that is empty
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
            self._named = self._of._named()  # which tells a flag from an empty value
        return self._named.get(lower, _ABSENT)

    def _spelt(self, name: object) -> str:
        """A name as names are compared."""
        text = name if type(name) is str else _exact(name)
        return text.lower() if text.isascii() else text

    def __getitem__(self, name: str) -> str | None:
        """The value of the first parameter of this name; KeyError if there is none."""
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
        """The values of all parameters of this name, in their order, or `default` if there is none.

        Without a default, KeyError.  Raises `ParseError` where a parameter is malformed.
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
        """Each parameter's name as it was written."""
        return names_of(self)

    def values(self) -> ValuesView[str | None]:
        """Each parameter's value, None where it has none."""
        return values_of(self)

    def items(self) -> ItemsView[str, str | None]:
        """Each parameter's name as it was written, and its value, None where it has none."""
        return items_of(self)

    def _pairs(self) -> list[tuple[str, str | None]]:
        """Each parameter's name as it was written, and its value, None where it has none.

        Raises `ParseError` where a parameter is malformed.
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
        """Whether `other` has the same parameters, in whatever order (RFC 3261 7.3.1).

        A mapping of another class has each name once, and the values as they stand.
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


def _exact(name: object) -> str:
    """A name that is a str of a class of its own."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a parameter is str, not {type(name).__name__}")
    return str.__str__(name)


def parameter_number(value: Value, name: str, most: int) -> int | None:
    """The number that a parameter is, or None.  Raises `ParseError` where it is another text."""
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


def others(value: Value, names: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """The parameters of a value but those of these names, which are in lower case."""
    return [pair for pair in value._parameters() if pair[0].lower() not in names]


def alike(value: Value, names: tuple[str, ...]) -> Any:
    """The same as `others` gives for all values that differ in case or order only."""
    pairs = others(value, names)
    return frozenset([(name.lower(), compared(text)) for name, text in pairs])


def named(value: Value) -> dict[str, str]:
    """The parameters of a value as they are compared, by name; of several, the first counts."""
    pairs = reversed(value._parameters())
    return {name.lower(): compared(text) for name, text in pairs}


def compared(value: str | None) -> str:
    """A parameter's value as it is compared (RFC 3261 7.3.1): in any case, if it is a token."""
    return "" if not value else value.lower() if _BARE.fullmatch(value) else value


def agree(mine: dict[str, str], theirs: dict[str, str]) -> bool:
    """Whether the parameters that both have are equal."""
    return all(theirs.get(name, value) == value for name, value in mine.items())


def quoted(text: str) -> str:
    """A quoted string that says this text (RFC 3261 25.1)."""
    return f'"{_UNQUOTABLE.sub(_pair, text)}"'


def _pair(character: re.Match[str]) -> str:
    return "\\" + character[0]


def written(parameters: Pairs) -> str:
    """Parameters of a header field, each after its semicolon; a value is quoted where it must be.

    Raises ValueError where a name is not a token.
    """
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    parts = []
    for name, value in pairs:
        if not TOKEN.fullmatch(name):
            raise ValueError(f"the name of a parameter is a token, not {name!r} (RFC 3261 25.1)")
        if not value:
            parts.append(f";{name}")
        else:
            parts.append(f";{name}={value if _BARE.fullmatch(value) else quoted(value)}")
    return "".join(parts)
