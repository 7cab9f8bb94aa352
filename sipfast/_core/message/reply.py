"""Responses to a request, and to bytes that are not quite one (RFC 3261 8.2.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sipfast.errors import Defect, ParseError, parse_error
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..limits import NO_LIMITS
from ..lists import read_field
from ..octets import octets
from ..parameters import TOKEN
from ..values.address import Address
from ..wire import text as chars
from ..wire.table import held
from .forward import via_with_source
from .identify import top_via
from .message import Message, Request, Response
from .parsing import parse
from .received import with_source
from .spans import values_with
from .writing import joined, rest_of, status_line

if TYPE_CHECKING:
    from types import EllipsisType

    from .message import Buffer
    from .received import Source
    from .writing import Field, Headers

__all__ = ["answer", "reply", "reply_to"]

_FORMS_DIALOGS = ("INVITE", "SUBSCRIBE", "REFER", "NOTIFY")
"""RFC 3261 12.1, RFC 6665 4.4.1, RFC 3515 2.4.4."""
_READ = ("Via", "From", "To", "Call-ID", "CSeq", "Timestamp")
_VIA, _FROM, _TO = HEADER_IDS["via"], HEADER_IDS["from"], HEADER_IDS["to"]
_CALL_ID, _CSEQ = HEADER_IDS["call-id"], HEADER_IDS["cseq"]
_RECORD_ROUTE, _TIMESTAMP = HEADER_IDS["record-route"], HEADER_IDS["timestamp"]
_NEEDED = bytes([_VIA, _FROM, _TO, _CALL_ID, _CSEQ])
_WITH_ROUTE = bytes([_VIA, _RECORD_ROUTE, _FROM, _TO, _CALL_ID, _CSEQ])
_WITH_TIMESTAMP = _NEEDED + bytes([_TIMESTAMP])
"""The ids of the header fields that a response takes from its request, in their order."""
_START = re.compile(rf"({TOKEN.pattern}) ".encode())
_LINE = re.compile(rb"\r?\n")
_NAME = re.compile(rb"([A-Za-z-]+)[ \t]*:")
_LONGEST = 65535
"""The bytes in which `reply_to` looks for header fields: no datagram is longer."""


def reply(
    request: Request,
    status: int,
    reason: str | None,
    to_tag: str | EllipsisType | None,
    source: Source | None,
    headers: Headers,
    body: Any,
) -> Response:
    """The response to a request, with the fields that it takes from it: see `Request.reply`."""
    if request._parsed.method_length == 3 and request._method() == "ACK":
        raise ValueError("an ACK is never answered (RFC 3261 17.2.1)")
    given = _checked_tag(to_tag)
    for header_id in _NEEDED:
        if request._first(header_id) < 0:
            raise parse_error("header-missing", request.start, HEADER_NAMES[header_id - 1].name)
    start = status_line(status, reason)
    code = int(status)
    is_new = _lacks_tag(request)
    ids, tag, top = _NEEDED, None, None
    if code == 100 and request._first(_TIMESTAMP) >= 0:
        ids = _WITH_TIMESTAMP
    elif is_new and 100 < code < 300 and request._first(_RECORD_ROUTE) >= 0:
        ids = _WITH_ROUTE if request._method() in _FORMS_DIALOGS else _NEEDED
    if is_new:
        is_fresh = to_tag is ... and code != 100
        tag = octets(request._fresh_tag()) if is_fresh else given
    if source is not None:
        top = _top(request, source)
    rest = rest_of(ids, headers, body)
    response = Response.__new__(Response)
    if not response._answer(request, start, ids, top, tag, rest, NO_LIMITS):
        response = Response.__new__(Response)
        written = joined(start, _fields(request, ids, top, tag), rest)
        response._read(written, NO_LIMITS, True)
    return response


def _fields(request: Request, ids: bytes, top: bytes | None, tag: bytes | None) -> list[Field]:
    """The request's fields of these ids, as `Table._answer` has them."""
    fields: list[Field] = []
    for header_id in ids:
        name = HEADER_NAMES[header_id - 1].name
        values = values_with(request, header_id)
        if header_id == _VIA and top is not None:
            values[0] = top
        elif header_id == _TO and tag is not None:
            values[0] = b"%b;tag=%b" % (values[0], tag)
        if header_id != _VIA and header_id != _RECORD_ROUTE:
            del values[1:]
        fields += [(name, value) for value in values]
    return fields


def _top(request: Request, source: Source) -> bytes:
    """The first Via field, which says where the request came from."""
    try:
        quick = via_with_source(request, source)
        if quick is not None:
            return quick
    except ParseError:  # also of what a response needs nothing of
        pass
    text = request._value(request._first(_VIA))
    return octets(with_source(text, top_via(request), source))


def _lacks_tag(request: Request) -> bool:
    """Whether To has no tag, so that one can be added; False if it is malformed."""
    try:
        to: Address = read_field(request, request._first(_TO), Address)
        return to._find_parameter("tag") < 0
    except ParseError:
        return False


def _checked_tag(to_tag: str | EllipsisType | None) -> bytes | None:
    """The bytes of a tag; None if none is given.  Raises unless a To can have it."""
    if isinstance(to_tag, str):
        if type(to_tag) is str and chars.is_token(to_tag):
            return chars.plain_octets(to_tag)
        if not TOKEN.fullmatch(to_tag):
            raise parse_error("token-malformed", 0, "to_tag")
        return octets(to_tag)
    if to_tag is not None and to_tag is not ...:
        raise TypeError(f"to_tag must be str, not {type(to_tag).__name__}")
    return None


# ---- faults --------------------------------------------------------------------------------------


def reply_to(
    fault: ParseError | Defect,
    data: Buffer | Message,
    *,
    to_tag: str | EllipsisType | None = ...,
    source: Source | None = None,
    headers: Headers = (),
) -> Response | None:
    """The response that tells a sender of a fault in what it sent; None if none is to be sent.

    `fault` is what `parse` raised for `data`, or one of the `defects` of a message; `data` is that
    buffer or message.  The response has the fault's `status_hint`, and its text as reason phrase.

    It is None for a fault without a status, for a response and an ACK, if the request lacks one of
    the header fields that a response takes from it, and if the response would be longer than the
    request: the sender's address is not proved, and could be that of a victim.
    """
    if not isinstance(fault, (ParseError, Defect)):
        raise TypeError(f"fault must be ParseError or Defect, not {type(fault).__name__}")
    response = answer(fault, data, to_tag=to_tag, source=source, headers=headers)
    if response is None:
        return None
    size = len(data.raw) if isinstance(data, Message) else len(memoryview(data).cast("B"))
    return response if len(response.raw) <= size else None


def answer(
    fault: ParseError | Defect,
    data: Buffer | Message,
    *,
    to_tag: str | EllipsisType | None = ...,
    source: Source | None = None,
    headers: Headers = (),
) -> Response | None:
    """What `reply_to` gives, of any length: for a connection, which proves the sender's address."""
    status = fault.status_hint
    if status is None:
        return None
    try:
        message = data if isinstance(data, Message) else _as_much_as_can_be_read(data)
        if not isinstance(message, Request) or message.method == "ACK":
            return None
        if message.via is None or message.cseq is None or message.cseq.method == "ACK":
            return None
        if isinstance(fault, ParseError) and fault.unsupported:
            unsupported = ("Unsupported", ", ".join(fault.unsupported))
            headers = [*(headers.items() if isinstance(headers, Mapping) else headers), unsupported]
        return reply(message, status, fault.text, to_tag, source, headers, b"")
    except ParseError:
        return None


def _as_much_as_can_be_read(data: Buffer) -> Request | None:
    """A request with the well-formed lines that a response needs; None if that is none.

    A line may be folded; the first one of a name counts, except that each Via does.
    """
    buffer = bytes(memoryview(held(data))[:_LONGEST]).lstrip(b"\r\n")
    start = _START.match(buffer)
    if not start:
        return None
    found = [start[1] + b" sip:invalid SIP/2.0"]
    seen = set()
    for line in _unfolded_lines(buffer):
        name = _NAME.match(line)
        header_id = HEADER_IDS.get(name[1].decode().lower(), 0) if name else 0
        known = HEADER_NAMES[header_id - 1].name if header_id else ""
        if name is None or known not in _READ or b"\0" in line:
            continue
        if known == "Via" or known not in seen:
            seen.add(known)
            found.append(known.encode() + b":" + line[name.end() :])
    request = parse(b"\r\n".join([*found, b"", b""]), limits=NO_LIMITS)
    return request if isinstance(request, Request) else None


def _unfolded_lines(buffer: bytes) -> list[bytes]:
    """The lines of the header, without those with a lone CR, and the last one where it is cut."""
    lines: list[list[bytes]] = []
    written = _LINE.split(buffer)
    end = written.index(b"") if b"" in written else len(written) - 1
    for line in written[1:end]:
        if line[:1] in (b" ", b"\t") and lines:
            lines[len(lines) - 1].append(line.strip(b" \t"))
        else:
            lines.append([line])
    joined = [b" ".join(parts) for parts in lines]
    return [line for line in joined if b"\r" not in line]
