"""Defects of the parameters of a value, including errors that reading tolerates.

A generic-param of RFC 3261 25.1 is a token, and after an equals sign a token, a host or a quoted
string.  The parameters of extensions follow it, except the URI in Identity.  ``received`` of a Via
may be an IPv6 address without brackets.
"""

from __future__ import annotations

import re

from sipfast.errors import ParseError

from ..parameters import QUOTED
from ..value import Value
from ..values.auth import AuthenticationInfo, SchemeValue
from ..values.identity import Identity, with_quotes
from ..values.networks import ChargingFunctionAddresses
from ..values.via import Via
from ..wire.text import PARAMETERS

__all__ = [
    "Found",
    "add_fault",
    "bytes_in",
    "check_parameters",
    "check_values",
    "fault_of",
    "place_of",
]

Found = list[tuple[str, int]]
"""Codes of faults, and their offsets in a text, in bytes."""

# An unclosed string extends to the end of the text, so that its end is sought only once.
_QUOTED_OR_ADDRESS = re.compile(rf"{QUOTED.pattern}?|<[^<>]*>", re.DOTALL)
_EMPTY = re.compile(r";[ \t]*(?=[;?]|\Z)")
_EMPTY_IN_LIST = re.compile(r"(?:\A|,)[ \t]*(?=,|\Z)")
_RECEIVED = r"(?:\A|;)[ \t]*received[ \t]*=[ \t]*[0-9a-f:.]+[ \t]*(?=;|\Z)"


def _neither(separator: str) -> str:
    """A pattern for an equals sign and a value that begins as a token but is no token or host."""
    token = r"[-A-Za-z0-9.!%*_+`'~]"
    right = rf"(?:{token}+|\[[0-9A-Fa-f:.]+\])[ \t]*(?:{separator}|\Z)"
    return rf"=[ \t]*(?![ \t]|{right})({token}*)"


_NEITHER = re.compile(_neither(";"))
_NEITHER_IN_VIA = re.compile(rf"{_RECEIVED}|{_neither(';')}", re.IGNORECASE | re.ASCII)
_NEITHER_IN_LIST = re.compile(rf"(?<!\*){_neither(',')}")  # username* has the form of RFC 8187


def check_parameters(value: Value, text: str, begin: int, faults: Found) -> bool:
    """Report malformed, empty and repeated parameters of a value, after `begin`.

    Returns whether they can be read.
    """
    whole = with_quotes(value) if isinstance(value, Identity) else value
    try:
        pairs = whole._parameters()
    except ParseError as error:
        # A text other than the message's has only the place of its value.
        add_fault(error.code, error.offset if whole is value else place_of(value), faults)
        return False
    if len(pairs) > 1 and not isinstance(value, ChargingFunctionAddresses):  # RFC 7315 5.5: hosts
        names = [pair[0].lower() for pair in pairs]
        if len(set(names)) != len(names):
            faults.append(_repeated(value, names))
    if isinstance(value, (SchemeValue, AuthenticationInfo)):
        _check_list(value, text, faults)
    elif len(pairs) < text.count(";", begin) and _may_have_empty(text):
        empty = _EMPTY.search(_QUOTED_OR_ADDRESS.sub(_blotted, text[begin:]))
        if empty:
            at = place_of(value) + bytes_in(text[: begin + empty.start()])
            faults.append(("parameter-empty", at))
    return True


def _check_list(value: Value, text: str, faults: Found) -> None:
    """Report the first comma that an empty item of a list of parameters makes superfluous."""
    region = value._part(PARAMETERS) or ""
    empty = _EMPTY_IN_LIST.search(QUOTED.sub(_blotted, region)) if region else None
    if empty:
        at = (
            len(text) - len(region) + (empty.start() if empty.end() == len(region) else empty.end())
        )
        faults.append(("list-item-empty", place_of(value) + bytes_in(text[:at])))


def _may_have_empty(text: str) -> bool:
    """Whether only whitespace is between a semicolon and the next one, or the end."""
    text = text.replace(" ", "").replace("\t", "")
    return ";;" in text or text.endswith(";") or ";?" in text


def _repeated(value: Value, names: list[str]) -> tuple[str, int]:
    """The fault of a repeated parameter, at its first occurrence."""
    seen: set[str] = set()
    name = ""
    for name in names:
        if name in seen:
            break
        seen.add(name)
    return fault_of(value, name, "parameter-repeated")


def check_values(value: Value, text: str, faults: Found) -> None:
    """Report the first header parameter whose value is not a token, host or quoted string.

    `check_parameters` has read them.  Parameters with a reported fault are skipped.
    """
    region = value._part(PARAMETERS)
    if not region or isinstance(value, Identity):
        return
    if '"' in region:
        region = QUOTED.sub(_blotted, region)
    separator, pattern = _grammar_of(value)
    if pattern.search(region) is None:
        return
    if isinstance(value, Via):
        pattern = _NEITHER_IN_VIA
    before = len(text) - len(region)
    at = 0
    while at >= 0:
        match = pattern.search(region, at)
        if match is None:
            return
        at = match.end()
        if match[1] is None:  # an address in received
            continue
        start = place_of(value)
        begin = before + region.rfind(separator, 0, match.start()) + 1
        first, last = start + bytes_in(text[:begin]), start + bytes_in(text[: before + at])
        if not _is_within(faults, first, last):
            faults.append(("parameter-value-malformed", last))
            return
        at = region.find(separator, at)


def _is_within(faults: Found, first: int, last: int) -> bool:
    return any(first <= offset <= last for _, offset in faults)


def _grammar_of(value: Value) -> tuple[str, re.Pattern[str]]:
    """The separator of the parameters of a value, and a pattern that finds malformed values."""
    if isinstance(value, (SchemeValue, AuthenticationInfo)):
        return ",", _NEITHER_IN_LIST
    return ";", _NEITHER


def add_fault(code: str, offset: int, faults: Found) -> None:
    """Report a fault once, although several properties may raise it."""
    if (code, offset) not in faults:
        faults.append((code, offset))


def _blotted(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def fault_of(value: Value, name: str, code: str) -> tuple[str, int]:
    """The fault of this code at the start of the parameter of this name."""
    try:
        value._raise(code, value._parameter_at(name))
    except ParseError as error:
        return error.code, error.offset


def place_of(value: Value) -> int:
    """The offset of a value in the text that it was read from, in bytes."""
    try:
        value._raise("parameter-malformed", 0)
    except ParseError as error:
        return error.offset


def bytes_in(text: str) -> int:
    """The length of a text on the wire in bytes."""
    return len(text.encode("utf-8", "surrogateescape"))
