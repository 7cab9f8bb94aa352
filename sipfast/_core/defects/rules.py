"""The required and the forbidden header fields of messages, as bit masks.

They are the tables of `required` and `dialog`, reordered so that one lookup of a method or status
gives all its rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES
from sipfast.registry.methods import METHODS

from .dialog import TO_DIALOG, WITHIN_DIALOG
from .required import (
    ALWAYS,
    LIMITED,
    MAX_FORWARDS,
    REQUESTS,
    STATUSES,
    SUCCESSES,
    UNWANTED,
    Needed,
)

__all__ = [
    "BITS",
    "CONTENT_TYPE",
    "DATED",
    "JOIN_AND_REPLACES",
    "RSEQ",
    "Rules",
    "rules_of_request",
    "rules_of_response",
]

_ASKED_FOR = sorted(
    {row.header_id for rows in (ALWAYS, MAX_FORWARDS) for row in rows}
    | {row.header_id for rows in REQUESTS.values() for row in rows}
    | {row.header_id for rows in SUCCESSES.values() for row in rows}
    | {row.header_id for rows in STATUSES.values() for row in rows}
    | {HEADER_IDS[name] for name in LIMITED}
    | {header_id for ids in UNWANTED.values() for header_id in ids}
    | {HEADER_IDS[name] for name in ("content-type", "date", "identity")}
)
assert len(_ASKED_FOR) < 64  # bit 0 means all other fields

BITS = bytes(
    [
        1 + _ASKED_FOR.index(header_id) if header_id in _ASKED_FOR else 0
        for header_id in range(len(HEADER_NAMES) + 1)
    ]
)
"""The bit of each header field, by header id."""


def _bit(name: str) -> int:
    return 1 << BITS[HEADER_IDS[name]]


def _bits(rows: Iterable[Needed]) -> int:
    return sum({1 << BITS[row.header_id] for row in rows})


CONTENT_TYPE = _bit("content-type")
RSEQ = _bit("rseq")
DATED = _bit("date") | _bit("identity")
JOIN_AND_REPLACES = _bit("join") | _bit("replaces")


class Rules:
    """The rules for all requests of a method, or for all responses of a status."""

    __slots__ = (
        *("forbidden", "is_to_dialog", "is_to_registrar", "is_within_dialog", "may_want_100rel"),
        *("needed", "of_success"),
    )

    needed: int
    forbidden: int
    is_to_dialog: bool
    is_to_registrar: bool
    is_within_dialog: bool
    """Whether To must have a tag."""
    may_want_100rel: bool
    of_success: dict[str, int] | None
    """The additional required fields, by the method in CSeq."""


def _request(method: str) -> Rules:
    rules = Rules()
    rules.needed = _bits((*ALWAYS, *MAX_FORWARDS, *REQUESTS.get(method, ())))
    rules.forbidden = 0
    for name, place in LIMITED.items():
        if place.methods is not None and method not in place.methods:
            rules.forbidden |= _bit(name)
    for header_id in UNWANTED.get(method, ()):
        rules.forbidden |= 1 << BITS[header_id]
    rules.is_to_dialog = method in TO_DIALOG
    rules.is_to_registrar = method == "REGISTER"
    rules.is_within_dialog = method in WITHIN_DIALOG
    rules.may_want_100rel = method == "INVITE"
    rules.of_success = None
    return rules


def _response(status: int) -> Rules:
    rules = Rules()
    rules.needed = _bits((*ALWAYS, *STATUSES.get(status, ())))
    rules.forbidden = 0
    for name, place in LIMITED.items():
        if status not in place.statuses:
            rules.forbidden |= _bit(name)
    rules.is_to_dialog = rules.is_to_registrar = rules.may_want_100rel = False
    rules.is_within_dialog = status > 100
    rules.of_success = _OF_SUCCESS if 200 <= status <= 299 else None
    return rules


_OF_SUCCESS = {method: _bits(rows) for method, rows in SUCCESSES.items()}
_KNOWN = (*METHODS, *REQUESTS, *UNWANTED, *TO_DIALOG, *WITHIN_DIALOG)
_REQUESTS = {method: _request(method) for method in _KNOWN}
_ANY_REQUEST = _request("")
_RESPONSES: dict[int, Rules] = {}


def rules_of_request(method: str) -> Rules:
    """The rules for requests of a method."""
    return _REQUESTS.get(method, _ANY_REQUEST)


def rules_of_response(status: int) -> Rules:
    """The rules for responses of a status, a number of three digits."""
    rules = _RESPONSES.get(status)
    if rules is None:
        rules = _RESPONSES[status] = _response(status)
    return rules
