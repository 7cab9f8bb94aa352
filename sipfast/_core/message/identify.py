"""Keys of messages: of their transactions, dialogs, retransmissions, merges and loops.

What a key needs is read where it stands, and not kept, because most messages are asked for one key.
What does not stand plainly in one place is read as a value, and so are faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

from .. import shapes
from ..lists import read_field, read_first
from ..octets import octets
from ..value import MOST
from ..values.address import Address
from ..values.sequence import CSeq
from ..values.via import COOKIE, Via, has_cookie
from ..wire import table
from ..wire import text as chars
from ..wire.splice import Splice
from ..wire.table import Table
from .properties import Typed

if TYPE_CHECKING:
    from ..wire.text import Parts, Spans

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
_BRANCH, _TAG = "branch", "tag"
_SEPARATOR = b"\n"
_new = tuple.__new__  # a third of the time of calling the NamedTuple


def transaction_of(message: Typed) -> TransactionKey | OldTransactionKey:
    """The key of a request, its retransmissions and its ACK (RFC 3261 17.2.3)."""
    return _key_of(message, message._parsed.method_length != 0)


def client_transaction_of(message: Typed) -> TransactionKey | OldTransactionKey:
    """The key of a request and its responses (RFC 3261 17.1.3)."""
    return _key_of(message, False)


def dialog_of(message: Typed) -> DialogID:
    """Call-ID and both tags."""
    return table.named(DialogID, 3, _call_id(message), _from_tag(message), _to_tag(message), None)


def merge_of(request: Typed) -> MergeKey | None:
    """The key of merged requests; None within a dialog, where requests are not merged."""
    if _to_tag(request) is not None:
        return None
    number, method = _sequence(request), _cseq_method(request)
    return _new(MergeKey, (_from_tag(request), _call_id(request), number, method))


_sha256: Any = None
"""Loaded on first use."""


def loop_of(request: Typed) -> str:
    """A hash of the fields that affect a proxy's routing."""
    number = _sequence(request)
    text = Splice.__new__(Splice)
    text.open(0, 0)
    _write_tag(text, request, _TO)  # no part contains a line end
    _write_tag(text, request, _FROM)
    _write_value(text, request, _index_of(request, _CALL_ID))
    text.write(_SEPARATOR)
    text.write(_target_bytes(request))
    text.write(_SEPARATOR)
    text.write_number(number)
    for header_id in _ROUTING:
        index = request._first(header_id)
        while index >= 0:
            text.write(_SEPARATOR)
            text.write_number(header_id)
            text.write(b":")
            _write_value(text, request, index)
            index = request._next(index)
    global _sha256
    if _sha256 is None:
        _sha256 = _late.hashlib.sha256
    digest: bytes = _sha256(text.joined(b"", 0, 0)).digest()
    return digest[:16].hex()


def _write_tag(text: Splice, request: Typed, header_id: int) -> None:
    """Write the tag of an address, which may be absent, and a line end."""
    index = _index_of(request, header_id)
    span = _plain_tag(request, index)
    if span < 0:
        text.write(octets(_read_tag(request, index) or ""))
    elif span > 0:
        text.write_part(table.value_text(request, index), chars.high(span), chars.low(span))
    text.write(_SEPARATOR)


def _target_bytes(request: Typed) -> bytes:
    at, length = request._parsed.target_at, request._parsed.target_length
    if type(request._buffer) is bytes:
        return request._bytes(at, length)
    return octets(request._text(at, length))


def _write_value(text: Splice, request: Typed, index: int) -> None:
    if table.is_in_place(request, index):
        text.write_part(table.value_text(request, index), 0, request._value_length(index))
    else:
        text.write(octets(request._value(index)))


def retransmission_of(message: Typed) -> RetransmissionKey:
    """The key of a message and its retransmissions only."""
    key = transaction_of(message)
    if message._parsed.method_length:
        return _new(RetransmissionKey, (key, message._method(), None, None))
    index = message._first(_RSEQ)
    reliable = message._value(index) if index >= 0 else None
    return _new(RetransmissionKey, (key, message._parsed.status_code, _to_tag(message), reliable))


def _key_of(message: Typed, whole: bool) -> TransactionKey | OldTransactionKey:
    """The key of a transaction; `whole` adds to an old one the fields that responses lack."""
    index = _index_of(message, _VIA)
    branch: str | None = None
    if table.is_in_place(message, index):
        text, end = table.value_text(message, index), message._value_length(index)
        parts = chars.no_parts()
        if chars.find(text, 0, end, ",") == end and shapes.split_via(text, end, parts) == 0:
            branch = _plain_branch(text, parts)
            if branch is not None:
                sent_by = _sent_by(text, parts)
                return table.named(TransactionKey, 3, branch, sent_by, _method(message), None)
    via = top_via(message)
    branch = (via._parameter(_BRANCH) or "").lower()
    if has_cookie(branch):
        sent_by = _sent_by(via._text, via._parts)
        return table.named(TransactionKey, 3, branch, sent_by, _method(message), None)
    return _old_key(message, via, whole)


def _plain_branch(text: str, parts: Parts) -> str | None:
    """The branch of a Via in lower case if it is one of RFC 3261, and no quote is near it."""
    if chars.has(parts, chars.QUOTED):
        return None
    found = shapes.find_parameter(text, parts, ";", chars.letters(_BRANCH), len(_BRANCH))
    if found < 0 or chars.low(found) == 0:
        return None
    at = chars.low(found)
    end = chars.find(text, at, chars.stop(parts, chars.PARAMETERS), ";")
    at = chars.past_space(text, at, end)
    end = chars.before_space(text, at, end)
    size = len(COOKIE)
    if end - at <= size or not chars.is_named(text, at, end, chars.letters(COOKIE), size):
        return None
    return chars.lower(text, at, end)


def _sent_by(text: str, parts: Parts) -> str:
    """The sent-by of a Via in lower case, without whitespace."""
    at, end = chars.begin(parts, chars.HOST), chars.stop(parts, chars.HOST)
    if chars.has(parts, chars.PORT):
        if chars.begin(parts, chars.PORT) != end + 1:  # whitespace is around the colon
            port = chars.part(text, parts, chars.PORT)
            return f"{chars.lower(text, at, end)}:{port}"
        end = chars.stop(parts, chars.PORT)
    return chars.lower(text, at, end)


def _old_key(message: Typed, via: Via, whole: bool) -> OldTransactionKey:
    """The key for a branch not of RFC 3261; `whole` adds the fields that responses lack."""
    number = _sequence(message)
    method = _method(message)
    target = (
        message._text(message._parsed.target_at, message._parsed.target_length) if whole else None
    )
    to_tag = _to_tag(message) if whole and method != "INVITE" else None
    parts = (
        *(target, to_tag, _from_tag(message), _call_id(message)),
        *(number, method, _via_as_sent(via)),
    )
    return _new(OldTransactionKey, parts)


def _via_as_sent(via: Via) -> str:
    pairs = [(name.lower(), value or "") for name, value in via.parameters.items()]
    kept = [f";{name}={value}" for name, value in pairs if name not in _ADDED]
    return f"{via.protocol}/{via.transport} {via.sent_by}{''.join(kept)}".lower()


def _method(message: Typed) -> str:
    """The method of the request, for a response the one in CSeq; INVITE for an ACK."""
    method: str = message._method() if message._parsed.method_length else _cseq_method(message)
    return "INVITE" if method == "ACK" else method


def _call_id(message: Typed) -> str:
    return message._value(_index_of(message, _CALL_ID))


def _from_tag(message: Typed) -> str | None:
    return _tag(message, _index_of(message, _FROM))


def _to_tag(message: Typed) -> str | None:
    return _tag(message, _index_of(message, _TO))


def _tag(message: Typed, index: int) -> str | None:
    span = _plain_tag(message, index)
    if span < 0:
        return _read_tag(message, index)
    if span == 0:
        return None
    return chars.decode(table.value_text(message, index), chars.high(span), chars.low(span))


def _plain_tag(message: Typed, index: int) -> int:
    """Where the tag of an address begins, times 2**32, and where it ends; 0 if it has none; or -1
    where the address must be read.
    """
    if not table.is_in_place(message, index):
        return -1
    text, end = table.value_text(message, index), message._value_length(index)
    parts = chars.no_parts()
    if shapes.split_address(text, end, parts) != 0 or chars.has(parts, chars.QUOTED):
        return -1
    found = shapes.find_parameter(text, parts, ";", chars.letters(_TAG), len(_TAG))
    if found < 0:
        return 0
    at = chars.low(found)
    if at == 0:
        return -1
    end = chars.find(text, at, chars.stop(parts, chars.PARAMETERS), ";")
    at = chars.past_space(text, at, end)
    return at << 32 | chars.before_space(text, at, end)


def _read_tag(message: Typed, index: int) -> str | None:
    address: Address | None = message._recalled(index)
    if address is None:
        address = read_field(message, index, Address)
    return address._parameter(_TAG)


def _sequence(message: Typed) -> int:
    """The number in CSeq."""
    index = _index_of(message, _CSEQ)
    if table.is_in_place(message, index):
        parts = chars.no_parts()
        number = _plain_cseq(table.value_text(message, index), message._value_length(index), parts)
        if number >= 0:
            return number
    return _read_cseq(message, index)._number(chars.FIRST, MOST)


def _cseq_method(message: Typed) -> str:
    """The method in CSeq."""
    index = _index_of(message, _CSEQ)
    if table.is_in_place(message, index):
        text, parts = table.value_text(message, index), chars.no_parts()
        if _plain_cseq(text, message._value_length(index), parts) >= 0:
            at, end = chars.begin(parts, chars.SECOND), chars.stop(parts, chars.SECOND)
            known = chars.shared_word(text, at, end)
            return chars.decode(text, at, end) if known is None else known
    method: str = _read_cseq(message, index)._kept()
    return method


def _plain_cseq(text: str, end: int, parts: Spans) -> int:
    """Split a CSeq; its number, or -1 where it must be read."""
    shapes.split_words(text, end, 2, parts)
    at, end = chars.begin(parts, chars.SECOND), chars.stop(parts, chars.SECOND)
    if at == end or chars.past(text, at, end, chars.IN_TOKEN) != end:
        return -1
    number = chars.number_of(text, parts, chars.FIRST)
    return number if number <= MOST else -1


def _read_cseq(message: Typed, index: int) -> CSeq:
    cseq: CSeq | None = message._recalled(index)
    return read_field(message, index, CSeq) if cseq is None else cseq


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
    top: Via = via
    return top


def _index_of(message: Table, header_id: int) -> int:
    """The index of a required field.  Raises `ParseError` if it is absent."""
    index = message._first(header_id)
    if index < 0:
        raise _missing(message, header_id)
    return index


def _missing(message: Table, header_id: int) -> ParseError:
    return parse_error("header-missing", message._parsed.start, HEADER_NAMES[header_id - 1].name)
