"""Building values: every argument must be read back as the same part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, SupportsFloat

from sipfast.errors import parse_error

from .octets import octets
from .parameters import CONTROLS, Pairs, written
from .wire.text import FIRST

if TYPE_CHECKING:
    from .value import V

__all__ = [
    "MAYBE_TEXT",
    "AsRead",
    "built_item",
    "changed",
    "check",
    "check_controls",
    "digits",
    "free",
    "gathered",
    "number_text",
    "pairs_of",
    "q_text",
]

Pair = tuple[str, "str | None"]

_BEYOND = 10**10
"""A number above the range of every number in header fields."""
_CONTROL = re.compile(rf"\\.|([{CONTROLS}])", re.DOTALL)  # allowed in a quoted-pair


MAYBE_TEXT = (str, type(None))
"""The types of an optional text argument."""
_TEXT = (
    *("access_type", "agent", "call_id", "disposition", "event_type", "from_tag"),
    *("host", "local", "local_tag", "mechanism", "media_type", "method", "mode"),
    *("name", "namespace", "network", "priority", "protocol", "remote_tag", "scheme"),
    *("specific", "state", "text", "to_tag", "transport", "values"),
)
_TEXT_OR_NONE = (
    *("alg", "branch", "comment", "context", "digest_verify", "display_name"),
    *("encoding", "handling", "icid_generated_at", "icid_value", "id", "info"),
    *("orig_ioi", "password", "ppt", "reason", "refresher", "remote", "tag"),
    *("term_ioi", "token", "user"),
)
_TAKES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(_TEXT, (str,)),
    **dict.fromkeys(_TEXT_OR_NONE, MAYBE_TEXT),
    **dict.fromkeys(("code", "cseq_number", "interval", "number"), (int,)),
    **dict.fromkeys(("response_number", "seconds"), (int,)),
    **dict.fromkeys(("cause", "duration", "expires", "port", "retry_after"), (int, type(None))),
    **dict.fromkeys(("ccf", "ecf", "headers", "parameters"), (Iterable,)),
    **dict.fromkeys(("header", "payload"), (Mapping,)),
    **dict.fromkeys(("data", "signature"), (bytes, bytearray, memoryview)),
    "delay": (str, float, int, type(None)),
    "early_only": (bool,),
    "q": (float, type(None), SupportsFloat),
    "value": (str, float, int),
}
"""The types of constructor arguments, by argument name.  Error texts give the first type."""


def check(arguments: dict[str, Any], **others: Any) -> None:
    """Raise TypeError, with the name of the argument, if a constructor argument has a wrong type.

    `others` are the types of arguments that differ from the table.
    """
    for name, value in arguments.items():
        if name == "self":
            continue
        kinds = others.get(name) or _TAKES[name]
        if not isinstance(value, kinds):
            kind = kinds if isinstance(kinds, type) else kinds[0]
            raise TypeError(f"{name} must be {kind.__name__}, not {type(value).__name__}")


def changed(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments that were passed to a `replace`."""
    return {
        name: value
        for name, value in arguments.items()
        if value is not ... and name not in ("self", "__class__")
    }


class AsRead(str):
    """Text of a value that was read: it may contain control characters, which reading tolerates."""

    __slots__ = ()


def check_controls(text: str, before: str = "") -> None:
    """Raise `ParseError` for a control character in text that is written unchanged.

    `before` is the text written before it.  Line ends are refused in all values.
    """
    if isinstance(text, AsRead):
        return
    for found in _CONTROL.finditer(text):
        if found[1]:
            at = len(octets(before)) + len(octets(text[: found.start()]))
            raise parse_error("value-control", at)


def pairs_of(argument: str, given: Any, kinds: tuple[type, ...]) -> list[Any]:
    """A mapping, or pairs of a name and a value of these types, as a list.

    Raises TypeError, which names the argument, for anything else.
    """
    items = getattr(given, "items", None)
    pairs = list(given if items is None else items())
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            or_none = " or None" if type(None) in kinds else ""
            what = f"a mapping, or pairs of a name and a value{or_none}"
            raise TypeError(f"{argument} must be {what}")
        if not isinstance(pair[0], str):
            raise TypeError(f"a name in {argument} must be str, not {type(pair[0]).__name__}")
        if not isinstance(pair[1], kinds):
            raise TypeError(f"a value in {argument} must be str, not {type(pair[1]).__name__}")
    return [(name, value) for name, value in pairs]


def free(parameters: Pairs, *own: str) -> list[Pair]:
    """The parameters as a list.

    Raises ValueError for a name in `own`, in lower case: these are arguments of the class, and
    would be repeated.
    """
    pairs = pairs_of("parameters", parameters, MAYBE_TEXT)
    for name, _ in pairs:
        if str.lower(name) in own:
            raise ValueError(f"the parameter {name!r} has an argument of its own")
    return pairs


def gathered(own: Iterable[Pair], parameters: Pairs) -> list[Pair]:
    """The parameters with arguments of their own that are not None, then the others.

    Raises ValueError if one of the others has the name of one of the first.
    """
    first = list(own)
    others = free(parameters, *[name for name, _ in first])
    return [pair for pair in first if pair[1] is not None] + others


def built_item(value: V, first: str, pairs: list[Pair]) -> V:
    """Make a new value an item of this first part and parameters.

    Raises `ParseError` if the first part would be read as another one.
    """
    built: V = value._built(f"{first}{written(pairs)}")
    if built._part(FIRST) != first:
        built._fail("item-malformed", FIRST)
    return built


def digits(number: int, beyond: int = _BEYOND) -> str:
    """A number as digits; any number above all ranges is written as `beyond`.

    Python refuses to write numbers of thousands of digits; reading refuses `beyond`.
    """
    return int.__format__(max(min(number, beyond), -beyond), "d")


def number_text(number: int | None) -> str | None:
    """A number as the value of a parameter, or None."""
    return None if number is None else digits(number)


def q_text(q: float | None) -> str | None:
    """A ``q`` with at most three decimals (RFC 3261 25.1: qvalue), or None."""
    if q is None:
        return None
    try:
        number = float(q)
    except OverflowError:
        number = float("inf")
    return f"{number:.3f}".rstrip("0").rstrip(".")
