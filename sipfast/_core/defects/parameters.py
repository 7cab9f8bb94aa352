"""Defects of the parameters of a value, and of its first word, including errors that reading
tolerates.

`sipfast.registry.parameters` has the grammar of each header field; this module applies it.
"""

from __future__ import annotations

import re
from typing import Any

from sipfast._uris import host_fault
from sipfast.errors import ParseError
from sipfast.registry.characters import TOKEN as IN_TOKEN
from sipfast.registry.header_names import HEADER_NAMES
from sipfast.registry.parameters import (
    ADDRESS,
    FIELDS,
    GENERIC,
    NOTHING,
    TO_HOST,
    URI,
    Field,
    Form,
    Parameter,
)

from ..comments import without_pairs
from ..parameters import QUOTED, pieces_of
from ..value import Value
from ..values.auth import AuthenticationInfo, Challenge, Credentials, SchemeValue
from ..values.identity import Identity, with_quotes
from ..values.networks import AccessNetworkInfo, ChargingFunctionAddresses
from ..wire.text import FIRST, PARAMETERS

__all__ = [
    "Found",
    "add_fault",
    "bytes_in",
    "check_first",
    "check_forms",
    "check_parameters",
    "place_of",
]

Found = list[tuple[str, int]]
"""Codes of faults, and their offsets in a text, in bytes."""

# An unclosed string extends to the end of the text, so that its end is sought only once.
_QUOTED_OR_ADDRESS = re.compile(rf"{QUOTED.pattern}?|<[^<>]*>", re.DOTALL)
_ADDRESS = re.compile(rf"{QUOTED.pattern}|<[^<>]*>", re.DOTALL)
_EMPTY = re.compile(r";[ \t]*(?=[;?]|\Z)")
_EMPTY_IN_LIST = re.compile(r"(?:\A|,)[ \t]*(?=,|\Z)")


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
        return True
    added = 0
    if value._part(PARAMETERS) == text:  # all of it is parameters: no semicolon is before the first
        text, added = f";{text}", 1
    if len(pairs) < text.count(";", begin) and _may_have_empty(text):
        empty = _EMPTY.search(_QUOTED_OR_ADDRESS.sub(_blotted, text[begin:]))
        if empty:
            at = max(bytes_in(text[: begin + empty.start()]) - added, 0)
            faults.append(("parameter-empty", place_of(value) + at))
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
    return "parameter-repeated", value._place(value._parameter_at(name))


# ---- the forms of values -------------------------------------------------------------------------

_TOKEN = re.compile(f"[{IN_TOKEN}]*")
_FEATURE_TAG = re.compile(r"\+[A-Za-z][-A-Za-z0-9!'.%]*")  # RFC 3840 9: "+" ftag-name
_NO_GRAMMAR = Field()
_PATTERNS: dict[str, re.Pattern[str]] = {}
"""The compiled patterns of forms."""


class Rule:
    """The rule for a parameter, or for a first word."""

    __slots__ = ("_bare", "_quoted", "code", "form", "is_often_quoted", "missing")

    def __init__(self, form: Form, row: Parameter | None = None) -> None:
        self.form = form
        self.code = row.code if row else ""
        self.missing = row.missing if row else ""
        self.is_often_quoted = row is not None and row.is_often_quoted
        self._bare = self._quoted = None

    def fits(self, text: str) -> bool:
        """Whether an unquoted value has the form."""
        pattern = self.bare()
        if pattern is None or not pattern.fullmatch(text):
            return False
        most = self.form.most
        if most < 0:
            return True
        digits = text.lstrip("0") or "0"
        return len(digits) <= 10 and self.form.least <= int(digits) <= most

    def bare(self) -> Any:
        """The pattern of an unquoted value, or None."""
        if self._bare is None:
            self._bare = _pattern(self.form.bare)
        return self._bare

    def quoted(self) -> Any:
        """The pattern of the text between quotes, or None."""
        if self._quoted is None:
            self._quoted = _pattern(self.form.quoted)
        return self._quoted


def _pattern(text: str | None) -> Any:
    """A pattern, compiled on first use."""
    if text is None:
        return None
    pattern = _PATTERNS.get(text)
    if pattern is None:
        pattern = _PATTERNS[text] = re.compile(text, re.ASCII)
    return pattern


class Grammar:
    """The rules of a header field."""

    __slots__ = ("first", "is_list", "needed", "others", "plus", "rules")

    def __init__(self, field: Field, is_list: bool) -> None:
        self.rules = {row.name: Rule(row.form, row) for row in field.parameters}
        self.needed = tuple([row.name for row in field.parameters if row.missing])
        self.others = _GENERIC if field.others is GENERIC else Rule(field.others)
        self.plus = self.others if field.plus is GENERIC else Rule(field.plus)
        self.first = None if field.first is None else Rule(field.first)
        self.is_list = is_list


_GENERIC = Rule(GENERIC)
_LISTS = frozenset(name for name in FIELDS if "uthenticat" in name or "uthoriz" in name)
_GRAMMARS = tuple(
    [
        Grammar(FIELDS.get(name, _NO_GRAMMAR), name in _LISTS)
        for name in ("", *[header.name for header in HEADER_NAMES])
    ]
)
"""By header id."""

MOST_IN_VALUE = 8
"""The maximum number of faults reported per value; locating each costs time."""


def check_forms(value: Value, text: str, header_id: int, faults: Found) -> None:
    """Report the parameters of a value that break the grammar of its header field.

    `check_parameters` has read them.  A parameter with a reported fault is skipped.
    """
    grammar = _GRAMMARS[header_id]
    rules, needed = grammar.rules, grammar.needed
    if isinstance(value, SchemeValue) and not _is_digest(value):
        rules, needed = {}, ()
    seen: set[str] = set()
    region = value._part(PARAMETERS) or ""
    begin = len(text) - len(region)
    before = len(faults)
    is_found = in_qop = False
    for piece in _pieces(value, region, "," if grammar.is_list else ";"):
        name, equals, given = piece.partition("=")
        name, given = name.strip(" \t"), given.strip(" \t")
        at, begin = begin, begin + len(piece) + 1
        if not name or (name[0] == '"' and isinstance(value, AccessNetworkInfo)):
            continue
        lower = name.lower()
        rule = rules.get(lower)
        if rule is None:
            if in_qop and not equals:
                continue  # one more value, as in qop=auth,auth-int
            rule = grammar.plus if _FEATURE_TAG.fullmatch(name) else grammar.others
        elif (lower in seen and not isinstance(value, ChargingFunctionAddresses)) or (
            rule.missing and given in ("", '""') and not grammar.is_list
        ):
            continue  # the first counts; one without a value is missing
        seen.add(lower)
        in_qop = lower == "qop" and given[:1] != '"' and isinstance(value, Challenge)
        code = _fault(rule, equals, given, grammar.is_list)
        if not code:
            continue
        is_generic = code == "parameter-value-malformed" and not _is_generic_param(rule, given)
        if is_generic and rule is grammar.others:  # only the first of these is reported
            if is_found:
                continue
            is_found = True
        at += len(piece) - len(piece.lstrip(" \t"))
        first = place = place_of(value) + bytes_in(text[:at])
        last = first + bytes_in(text[at : begin - 1])
        if is_generic:  # at the first malformed byte
            rest = text[at : begin - 1].partition("=")[2].lstrip(" \t")
            place = last - bytes_in(rest[_length_of(_TOKEN, rest) :])
        if not _is_within(faults, first, last):
            faults.append((code, place))
            if len(faults) - before >= MOST_IN_VALUE:
                return
    for name in needed:
        if name not in seen and _is_needed(value, name, seen):
            faults.append((rules[name].missing, place_of(value)))


def _pieces(value: Value, region: str, separator: str) -> list[str]:
    """The texts of the parameters; the URI in brackets of an Identity may have semicolons."""
    if not isinstance(value, Identity):
        return pieces_of(region, separator)
    blotted = _ADDRESS.sub(_blotted, region)
    pieces, at = [], 0
    for piece in pieces_of(blotted, separator):
        pieces.append(region[at : at + len(piece)])
        at += len(piece) + 1
    return pieces


def _fault(rule: Rule, equals: str, given: str, is_list: bool) -> str:
    """The fault of the value of a parameter, or an empty text."""
    if rule.form is NOTHING:
        return "parameter-malformed"
    if not given:
        if not equals and rule.form.is_optional:
            return ""
        if not equals and is_list:
            return rule.code or "parameter-malformed"
        if rule.form is GENERIC:
            return "parameter-value-malformed"
        return rule.code or "parameter-value-missing"
    if given[0] == '"':
        if rule is _GENERIC:
            return ""
        inside = without_pairs(given[1 : len(given) - 1])
        if rule.quoted() is not None:
            is_right = rule.quoted().fullmatch(inside)
            return "" if is_right else rule.code or "parameter-value-malformed"
        if rule.bare() is None:
            return "parameter-value-unexpected"
        if rule.code and not rule.fits(inside):
            return rule.code
        return "token-quoted" if rule.is_often_quoted else "parameter-quoted"
    if rule.fits(given):
        return _host_fault(rule, given) if rule.form is TO_HOST or rule.form is ADDRESS else ""
    if rule.bare() is None:
        return "parameter-value-unexpected" if rule.quoted() is None else "parameter-unquoted"
    return rule.code or "parameter-value-malformed"


def _host_fault(rule: Rule, given: str) -> str:
    """The fault of a host or an address, which may have no brackets; or an empty text."""
    is_address = rule.form is ADDRESS
    fault = host_fault(f"[{given}]" if is_address and ":" in given and given[0] != "[" else given)
    if fault is None:
        return ""
    return rule.code if is_address and fault[0] == "host-malformed" else fault[0]


def _is_generic_param(rule: Rule, given: str) -> bool:
    """Whether a value that breaks its form would do for a generic-param, or has no token."""
    return given[:1] == '"' or rule.form is URI or _GENERIC.fits(given)


def _length_of(pattern: re.Pattern[str], text: str) -> int:
    """The length of what a pattern matches at the start of a text."""
    match = pattern.match(text)
    return match.end() if match else 0


def _is_within(faults: Found, first: int, last: int) -> bool:
    return any(first <= offset <= last for code, offset in faults if code != "parameter-repeated")


def _is_digest(value: SchemeValue) -> bool:
    return value.scheme.lower() == "digest"


def _is_needed(value: Value, name: str, seen: set[str]) -> bool:
    """Whether a required parameter is required of this value.

    AKA (RFC 3310) may leave out parameters, and an Identity of RFC 4474 has its certificate in
    Identity-Info.  RFC 7616 3.4: ``username*`` replaces a username that a quoted string cannot
    represent, and a ``qop`` requires ``cnonce`` and ``nc``.
    """
    if isinstance(value, Identity):
        return "." in value.token
    if isinstance(value, (Challenge, Credentials)):
        if (value.algorithm or "").lower().startswith("akav"):
            return False
        if name in ("cnonce", "nc"):
            return "qop" in seen
        return name != "username" or "username*" not in seen
    return True


def check_first(value: Any, header_id: int, faults: Found) -> None:
    """Report the first malformed byte of the first word of a value, unless a fault is there."""
    rule = _GRAMMARS[header_id].first
    if rule is None:
        return
    word = _first_of(value) if isinstance(value, Value) else str(value)
    end = 0
    if word[:1] == '"' and rule.quoted() is not None:
        if QUOTED.fullmatch(word):
            return
        end = _length_of(QUOTED, word)
    elif rule.bare() is not None:
        if rule.fits(word):
            return
        end = _length_of(rule.bare(), word)
    place = place_of(value) if isinstance(value, Value) else 0
    if not _is_within(faults, place, place + bytes_in(word)):
        faults.append(("token-malformed", place + bytes_in(word[:end])))


def _first_of(value: Value) -> str:
    """The first word of a value."""
    return value._part(FIRST) or ""


# ---- places --------------------------------------------------------------------------------------


def add_fault(code: str, offset: int, faults: Found) -> None:
    """Report a fault once, although several properties may raise it."""
    if (code, offset) not in faults:
        faults.append((code, offset))


def _blotted(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def place_of(value: Value) -> int:
    """The offset of a value in the text that it was read from, in bytes."""
    return value._place(0)


def bytes_in(text: str) -> int:
    """The length of a text on the wire in bytes."""
    return len(text.encode("utf-8", "surrogateescape"))
