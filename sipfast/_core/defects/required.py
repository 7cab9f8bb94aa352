"""The required and the misplaced header fields of messages.

The tables are those of RFC 3261 20 and of the RFCs that added methods: 3262 (PRACK), 3311 (UPDATE),
3515 (REFER), 3903 (PUBLISH), 6665 (SUBSCRIBE and NOTIFY), 6086 (INFO), 4028 (422) and 3329 (494).
Receivers ignore header fields that a table calls not applicable.  Such a field is a defect here
only if it has a meaning in one kind of message, and would mislead in another.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sipfast.errors import Defect, defect
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..wire.table import Table

__all__ = ["find_misplaced", "find_missing"]


class Needed(NamedTuple):
    """A required header field, and the defect if it is absent."""

    code: str
    header_id: int


def _needed(*names: str, prefix: str = "") -> tuple[Needed, ...]:
    """Header fields; `prefix` distinguishes codes of the same field from different RFC sections."""
    ids = {name.lower(): HEADER_IDS[name.lower()] for name in names}
    return tuple([Needed(f"{prefix}{name}-missing", ids[name]) for name in ids])


ALWAYS = tuple(
    Needed("header-missing", HEADER_IDS[name]) for name in ("via", "from", "to", "call-id", "cseq")
)
REQUESTS = {
    "INVITE": _needed("Contact"),
    "NOTIFY": _needed("Contact", "Event", "Subscription-State"),
    "PRACK": _needed("RAck"),
    "PUBLISH": _needed("Event", prefix="publication-"),
    "REFER": _needed("Contact", "Refer-To"),
    "SUBSCRIBE": _needed("Contact", "Event"),
    "UPDATE": _needed("Contact", prefix="update-"),
}
_IN_DIALOG = _needed("Contact", prefix="response-")
SUCCESSES = {
    "INVITE": _IN_DIALOG,
    "PUBLISH": _needed("Expires", prefix="publication-") + _needed("SIP-ETag"),
    "REFER": _IN_DIALOG,
    "SUBSCRIBE": _IN_DIALOG + _needed("Expires"),
    "UPDATE": _IN_DIALOG,
}
"""For responses from 200 to 299, by the method in CSeq."""
STATUSES = {
    401: _needed("WWW-Authenticate"),
    405: _needed("Allow"),
    407: _needed("Proxy-Authenticate"),
    420: _needed("Unsupported"),
    421: _needed("Require"),
    422: _needed("Min-SE"),
    423: _needed("Min-Expires"),
    469: _needed("Recv-Info"),
    489: _needed("Allow-Events"),
    494: _needed("Security-Server"),
}
ACCEPTED = _needed("Accept", "Accept-Encoding", "Accept-Language")
"""A 415 needs one of these, depending on its cause (RFC 3261 21.4.13)."""
MAX_FORWARDS = _needed("Max-Forwards")
_RSEQ = _needed("RSeq")
_CONTACT = HEADER_IDS["contact"]
_REQUIRE = HEADER_IDS["require"]
_RSEQ_ID = HEADER_IDS["rseq"]


def find_missing(
    table: Table,
    values: dict[int, list[Any]],
    method: str,
    is_old: bool,
    found: list[Defect],
) -> None:
    """Report the missing header fields.

    `values` are the values of the header fields by header id; `method` is that of the request, for
    a response the one in CSeq.  With `is_old`, the sender is an element of RFC 2543, which does not
    need the fields that RFC 3261 added.
    """
    _look(table, ALWAYS, found)
    if table._parsed.method_length:
        needed = REQUESTS.get(method, ())
        if is_old:
            needed = tuple([row for row in needed if row.header_id != _CONTACT])
        else:
            _look(table, MAX_FORWARDS, found)
        _look(table, needed, found)
        return
    status = table._parsed.status_code
    _look(table, STATUSES.get(status, ()), found)
    if status == 415 and _has_none(table, ACCEPTED):
        _look(table, ACCEPTED[:1], found)
    if 200 <= status <= 299 and not is_old:
        _look(table, SUCCESSES.get(method, ()), found)
    if 101 <= status <= 199:
        if _requires_100rel(values):
            _look(table, _RSEQ, found)
        elif table._first(_RSEQ_ID) >= 0:
            at = table._name_at(table._first(_RSEQ_ID))
            found.append(defect("reliability-missing", at, "RSeq"))


def _look(table: Table, needed: tuple[Needed, ...], found: list[Defect]) -> None:
    for code, header_id in needed:
        if table._first(header_id) < 0:
            found.append(defect(code, table._parsed.start, HEADER_NAMES[header_id - 1].name))


def _has_none(table: Table, rows: tuple[Needed, ...]) -> bool:
    return max([table._first(row.header_id) for row in rows]) < 0


def _requires_100rel(values: dict[int, list[Any]]) -> bool:
    """RFC 3262 3: a reliable provisional response requires 100rel."""
    return "100rel" in [tag.lower() for tag in values.get(_REQUIRE, ())]


# ---- misplaced header fields ---------------------------------------------------------------------


class Place(NamedTuple):
    """The methods of requests and the statuses of responses that may have a header field."""

    methods: frozenset[str] | None
    """None means any method."""
    statuses: range


_NO_METHOD: frozenset[str] = frozenset()
_NO_STATUS = range(0)
_ANY_STATUS = range(100, 700)
LIMITED = {
    "authentication-info": Place(_NO_METHOD, _ANY_STATUS),
    "authorization": Place(None, _NO_STATUS),
    "info-package": Place(frozenset(("INFO",)), _NO_STATUS),  # RFC 6086 7.1
    "join": Place(frozenset(("INVITE",)), _NO_STATUS),  # RFC 3911 4
    "min-expires": Place(_NO_METHOD, _ANY_STATUS),
    "proxy-authenticate": Place(_NO_METHOD, _ANY_STATUS),
    "proxy-authorization": Place(None, _NO_STATUS),
    "rack": Place(frozenset(("PRACK",)), _NO_STATUS),  # RFC 3262 7.2
    "refer-to": Place(frozenset(("REFER",)), _NO_STATUS),  # RFC 3515 2.1
    "replaces": Place(frozenset(("INVITE",)), _NO_STATUS),  # RFC 3891 3
    "rseq": Place(_NO_METHOD, range(101, 200)),  # RFC 3262 3
    "service-route": Place(_NO_METHOD, range(200, 300)),  # RFC 3608 5
    "sip-etag": Place(frozenset(("NOTIFY",)), range(200, 300)),  # RFC 3903 6, RFC 5839 7
    "sip-if-match": Place(frozenset(("PUBLISH",)), _NO_STATUS),  # RFC 3903 11.3.2
    "subscription-state": Place(frozenset(("NOTIFY",)), _NO_STATUS),  # RFC 6665 8.2.3
    "suppress-if-match": Place(frozenset(("SUBSCRIBE",)), _NO_STATUS),  # RFC 5839 7.1
    "unsupported": Place(_NO_METHOD, _ANY_STATUS),
    "www-authenticate": Place(_NO_METHOD, _ANY_STATUS),
}
UNWANTED = {
    "CANCEL": frozenset(HEADER_IDS[name] for name in ("require", "proxy-require")),  # RFC 3261 9.1
    "REGISTER": frozenset((HEADER_IDS["record-route"],)),  # RFC 3261 10.3
}
_NOTHING: frozenset[int] = frozenset()
_JOIN = HEADER_IDS["join"]
_REPLACES = HEADER_IDS["replaces"]
_PLACE_OF = (None, *(LIMITED.get(header.name.lower()) for header in HEADER_NAMES))
"""By header id; 0 means unknown header fields."""


def find_misplaced(table: Table, values: dict[int, list[Any]], found: list[Defect]) -> None:
    """Report the misplaced header fields; `values` are those of `find_missing`."""
    method = table._method()
    unwanted = UNWANTED.get(method, _NOTHING)
    for index in range(table._parsed.count):
        header_id = table._id(index)
        place = _PLACE_OF[header_id]
        if (place is not None and not _fits(table, method, place)) or (
            unwanted and header_id in unwanted
        ):
            name = HEADER_NAMES[header_id - 1].name
            found.append(defect("header-misplaced", table._name_at(index), name))
    if method not in ("", "INVITE") and _requires_100rel(values):
        at = table._name_at(table._first(_REQUIRE))
        found.append(defect("reliability-misplaced", at, "Require"))
    if method and table._first(_JOIN) >= 0 and table._first(_REPLACES) >= 0:
        found.append(defect("join-and-replaces", table._name_at(table._first(_JOIN)), "Join"))


def _fits(table: Table, method: str, place: Place) -> bool:
    if table._parsed.method_length:
        return place.methods is None or method in place.methods
    return table._parsed.status_code in place.statuses
