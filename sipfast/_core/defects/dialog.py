"""Defects of the identifiers of transactions and dialogs, and of Contact."""

from __future__ import annotations

from typing import Any

from sipfast.errors import Defect, ParseError, defect
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..value import Value
from ..values.uri import SipURI
from ..values.via import COOKIE
from ..wire.table import Table

__all__ = ["TO_DIALOG", "WITHIN_DIALOG", "check_contacts", "check_identifiers", "is_rfc2543"]

_VIA = HEADER_IDS["via"]
_FROM = HEADER_IDS["from"]
_TO = HEADER_IDS["to"]
_CONTACT = HEADER_IDS["contact"]
_ROUTE = HEADER_IDS["route"]
_EXPIRES = HEADER_IDS["expires"]

WITHIN_DIALOG = frozenset(("BYE", "INFO", "NOTIFY", "PRACK", "UPDATE"))
"""RFC 3261 15.1.1, 6086 4.1, 6665 4.4.1, 3262 4, 3311 5.1.  An ACK has the To of its response."""
TO_DIALOG = frozenset(("INVITE", "NOTIFY", "REFER", "SUBSCRIBE", "UPDATE"))
"""The methods that create a dialog or refresh its target (RFC 3261 8.1.1.8, 12.2)."""


def is_rfc2543(values: dict[int, list[Any]]) -> bool:
    """Whether the request, for a response the answered one, is from an element of RFC 2543.

    Such an element omits the tag in From, and its Via, the last one, has no branch or one without
    the magic cookie (RFC 3261 17.2.3).
    """
    vias, froms = values.get(_VIA), values.get(_FROM)
    if not vias or not froms or froms[0].tag is not None:
        return False
    branch = vias[len(vias) - 1].branch
    return branch is None or not branch.lower().startswith(COOKIE)


def check_identifiers(table: Table, values: dict[int, list[Any]], found: list[Defect]) -> None:
    """Report missing branches and tags, except from elements of RFC 2543.

    A branch without the cookie is valid: an element of RFC 2543 may make one, even with a tag, and
    RFC 3261 17.2.3 defines its comparison.
    """
    vias = values.get(_VIA)
    if vias and vias[len(vias) - 1].branch is None:  # the sender's; later hops may be of RFC 2543
        found.append(defect("branch-missing", table._value_at(_last(table, _VIA)), "Via"))
    _tag(table, values, _FROM, "tag-missing", found)
    if table._parsed.status_code > 100:
        _tag(table, values, _TO, "response-tag-missing", found)
    elif table._method() in WITHIN_DIALOG:
        _tag(table, values, _TO, "dialog-missing", found)


def _tag(
    table: Table, values: dict[int, list[Any]], header_id: int, code: str, found: list[Defect]
) -> None:
    parties = values.get(header_id)
    if parties and parties[0].tag is None:
        at = table._value_at(table._first(header_id))
        found.append(defect(code, at, HEADER_NAMES[header_id - 1].name))


def _last(table: Table, header_id: int) -> int:
    """The index of the last field of this name, which must be present."""
    index = following = table._first(header_id)
    while following >= 0:
        index, following = following, table._next(following)
    return index


def check_contacts(
    table: Table, values: dict[int, list[Any]], is_old: bool, found: list[Defect]
) -> None:
    """Report a Contact that is unfit for its purpose."""
    contacts = values.get(_CONTACT)
    if not contacts:
        return
    method = table._method()
    at = table._value_at(table._first(_CONTACT))
    if any(map(_is_wildcard, contacts)):
        # RFC 3261 10.2.2: an asterisk must be alone, in a REGISTER with an Expires of 0.
        if not (len(contacts) == 1 and method == "REGISTER" and values.get(_EXPIRES) == [0]):
            found.append(defect("contact-wildcard-misused", at, "Contact"))
    elif method in TO_DIALOG and not is_old:
        uri = _uri_of(contacts[0])
        if len(contacts) > 1 or (uri is not None and not isinstance(uri, SipURI)):
            found.append(defect("contact-not-one", at, "Contact"))
        elif uri is not None and uri.scheme == "sip" and _is_sips(table, values):
            found.append(defect("contact-not-sips", at, "Contact"))


def _is_wildcard(contact: Any) -> bool:
    return bool(contact.is_wildcard)


def _is_sips(table: Table, values: dict[int, list[Any]]) -> bool:
    """Whether the Request-URI or the top Route requires secure hops."""
    target = table._text(table._parsed.target_at, min(table._parsed.target_length, 5))
    routes = values.get(_ROUTE)
    top = _uri_of(routes[0]) if routes else None
    return target.lower() == "sips:" or (isinstance(top, SipURI) and top.is_secure)


def _uri_of(address: Value) -> Any:
    """The URI of an address, or None if it is malformed."""
    try:
        return address.uri  # type: ignore[attr-defined]
    except ParseError:
        return None
