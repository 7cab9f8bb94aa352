"""Keys of messages: of their transactions, dialogs, retransmissions, merges and loops."""

from __future__ import annotations

from typing import Any

from sipfast import _late
from sipfast.errors import ParseError, parse_error
from sipfast.keys import (
    DialogID,
    MergeKey,
    OldTransactionKey,
    RetransmissionKey,
    TransactionKey,
)
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..lists import read_field, read_first
from ..value import MOST
from ..values.address import Address
from ..values.sequence import CSeq
from ..values.via import Via, has_cookie
from ..wire import table
from ..wire import text as chars
from ..wire.table import Table
from .properties import Typed

__all__ = [
    "client_transaction_of",
    "dialog_of",
    "loop_of",
    "merge_of",
    "retransmission_of",
    "top_via",
    "transaction_of",
]

_VIA = HEADER_IDS["via"]
_FROM = HEADER_IDS["from"]
_TO = HEADER_IDS["to"]
_CALL_ID = HEADER_IDS["call-id"]
_CSEQ = HEADER_IDS["cseq"]
_RSEQ = HEADER_IDS["rseq"]
_ROUTING = tuple(HEADER_IDS[name] for name in ("route", "proxy-require", "proxy-authorization"))

_ADDED = frozenset(("received", "rport"))  # added by the server (RFC 3261 18.2.1, RFC 3581)


def transaction_of(message: Typed) -> TransactionKey | OldTransactionKey:
    """The key of a request, its retransmissions and its ACK (RFC 3261 17.2.3)."""
    return _key_of(message, message._parsed.method_length != 0)


def client_transaction_of(message: Typed) -> TransactionKey | OldTransactionKey:
    """The key of a request and its responses (RFC 3261 17.1.3)."""
    return _key_of(message, False)


def dialog_of(message: Typed) -> DialogID:
    """Call-ID and both tags."""
    return table.named(DialogID, (_call_id(message), _from_tag(message), _to_tag(message)))


def merge_of(request: Typed) -> MergeKey | None:
    """The key of merged requests; None within a dialog, where requests are not merged."""
    if _to_tag(request) is not None:
        return None
    cseq = _cseq(request)
    number, method = cseq._number(chars.FIRST, MOST), cseq._kept()
    return table.named(MergeKey, (_from_tag(request), _call_id(request), number, method))


def loop_of(request: Typed) -> str:
    """A hash of the fields that affect a proxy's routing."""
    number = _cseq(request)._number(chars.FIRST, MOST)
    to_tag, from_tag = _to_tag(request) or "", _from_tag(request) or ""
    target = request._text(request._parsed.target_at, request._parsed.target_length)
    text = f"{to_tag}\n{from_tag}\n{_call_id(request)}\n{target}\n{number}"
    for header_id in _ROUTING:
        index = request._first(header_id)
        while index >= 0:
            text = f"{text}\n{header_id}:{request._value(index)}"
            index = request._next(index)
    written = text.encode("utf-8", "surrogateescape")  # no part contains a line end
    return _late.hashlib.sha256(written).hexdigest()[:32]


def retransmission_of(message: Typed) -> RetransmissionKey:
    """The key of a message and its retransmissions only."""
    key = transaction_of(message)
    if message._parsed.method_length:
        return table.named(RetransmissionKey, (key, message._method(), None, None))
    index = message._first(_RSEQ)
    reliable = message._value(index) if index >= 0 else None
    return table.named(
        RetransmissionKey, (key, message._parsed.status_code, _to_tag(message), reliable)
    )


def _key_of(message: Typed, whole: bool) -> TransactionKey | OldTransactionKey:
    """The key of a transaction; `whole` adds to an old one the fields that responses lack."""
    via = top_via(message)
    branch = (via._parameter("branch") or "").lower()
    if has_cookie(branch):
        return table.named(TransactionKey, (branch, _sent_by(via), _method(message)))
    return _old_key(message, via, whole)


def _sent_by(via: Via) -> str:
    """The sent-by in lower case, without whitespace."""
    text, parts = via._text, via._parts
    at, end = chars.begin(parts, chars.HOST), chars.stop(parts, chars.HOST)
    if chars.has(parts, chars.PORT):
        if chars.begin(parts, chars.PORT) != end + 1:  # whitespace is around the colon
            return via.sent_by.lower()
        end = chars.stop(parts, chars.PORT)
    return chars.lower(text, at, end)


def _old_key(message: Typed, via: Via, whole: bool) -> OldTransactionKey:
    """The key for a branch not of RFC 3261; `whole` adds the fields that responses lack."""
    number = _cseq(message)._number(chars.FIRST, MOST)
    method = _method(message)
    target = (
        message._text(message._parsed.target_at, message._parsed.target_length) if whole else None
    )
    to_tag = _to_tag(message) if whole and method != "INVITE" else None
    parts = (
        *(target, to_tag, _from_tag(message), _call_id(message)),
        *(number, method, _via_as_sent(via)),
    )
    return table.named(OldTransactionKey, parts)


def _via_as_sent(via: Via) -> str:
    pairs = [(name.lower(), value or "") for name, value in via.parameters.items()]
    kept = [f";{name}={value}" for name, value in pairs if name not in _ADDED]
    return f"{via.protocol}/{via.transport} {via.sent_by}{''.join(kept)}".lower()


def _method(message: Typed) -> str:
    """The method of the request, for a response the one in CSeq; INVITE for an ACK."""
    method: str = message._method() if message._parsed.method_length else _cseq(message)._kept()
    return "INVITE" if method == "ACK" else method


def _call_id(message: Typed) -> str:
    return message._value(_index_of(message, _CALL_ID))


def _from_tag(message: Typed) -> str | None:
    return _tag(message, _FROM)


def _to_tag(message: Typed) -> str | None:
    return _tag(message, _TO)


# What is read here is not kept: most messages are asked for one key only.


def _cseq(message: Typed) -> CSeq:
    index = _index_of(message, _CSEQ)
    cseq: CSeq | None = message._recalled(index)
    return read_field(message, index, CSeq) if cseq is None else cseq


def _tag(message: Typed, header_id: int) -> str | None:
    index = _index_of(message, header_id)
    address: Address | None = message._recalled(index)
    if address is None:
        address = read_field(message, index, Address)
    return address._parameter("tag")


def top_via(message: Typed) -> Via:
    """The first Via.  Raises `ParseError` if it is absent or malformed."""
    index = _index_of(message, _VIA)
    via: Any = message._recalled(index)
    if type(via) is tuple:
        via = via[0] if via else None
    elif via is None:
        via = read_first(message, index, Via)
    if via is None:
        raise parse_error("via-malformed", message._value_at(index), "Via")
    return via


def _index_of(table: Table, header_id: int) -> int:
    """The index of a required field.  Raises `ParseError` if it is absent."""
    index = table._first(header_id)
    if index < 0:
        raise _missing(table, header_id)
    return index


def _missing(table: Table, header_id: int) -> ParseError:
    return parse_error("header-missing", table._parsed.start, HEADER_NAMES[header_id - 1].name)
