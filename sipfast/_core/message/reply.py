"""Responses to a request, and to bytes that are not quite one (RFC 3261 8.2.6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sipfast.errors import Defect, ParseError, parse_error
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..limits import NO_LIMITS
from ..octets import octets
from ..parameters import TOKEN
from ..wire.table import held
from .identify import top_via
from .message import Message, Request, Response
from .parsing import parse
from .received import with_source
from .spans import value_with, values_with
from .writing import made_response

if TYPE_CHECKING:
    from types import EllipsisType

    from .message import Buffer
    from .received import Source
    from .writing import Field, Headers

__all__ = ["answer", "reply", "reply_to"]

_FORMS_DIALOGS = ("INVITE", "SUBSCRIBE", "REFER", "NOTIFY")
"""RFC 3261 12.1, RFC 6665 4.4.1, RFC 3515 2.4.4."""
_NEEDED = ("Via", "From", "To", "Call-ID", "CSeq")
_READ = (*_NEEDED, "Timestamp")
_VIA, _FROM, _TO = HEADER_IDS["via"], HEADER_IDS["from"], HEADER_IDS["to"]
_CALL_ID, _CSEQ = HEADER_IDS["call-id"], HEADER_IDS["cseq"]
_RECORD_ROUTE, _TIMESTAMP = HEADER_IDS["record-route"], HEADER_IDS["timestamp"]
_START = re.compile(rf"({TOKEN.pattern}) ".encode())
_LINE = re.compile(rb"\r?\n")
_NAME = re.compile(rb"([A-Za-z-]+)[ \t]*:")
_LONGEST = 65535
"""The bytes in which `reply_to` looks for header fields: no datagram is longer."""


def reply(
    request: Request,
    status: int,
    reason: str | None = None,
    *,
    to_tag: str | EllipsisType | None = ...,
    source: Source | None = None,
    headers: Headers = (),
    body: Any = b"",
) -> Response:
    """The response to a request: see `Request.reply`."""
    if request.method == "ACK":
        raise ValueError("an ACK is never answered (RFC 3261 17.2.1)")
    fields = _fields(request, status, to_tag, source)
    return made_response(status, reason, fields, headers, body)


def _fields(
    request: Request, status: int, to_tag: str | EllipsisType | None, source: Source | None
) -> list[Field]:
    """The header fields that a response takes from its request (RFC 3261 8.2.6.2)."""
    _check_tag(to_tag)
    vias = values_with(request, _VIA)
    from_, to = value_with(request, _FROM), value_with(request, _TO)
    call_id, cseq = value_with(request, _CALL_ID), value_with(request, _CSEQ)
    if not vias or from_ is None or to is None or call_id is None or cseq is None:
        missing = [name for name in _NEEDED if name not in request.headers]
        raise parse_error("header-missing", request.start, missing[0])
    fields: list[Field] = [("Via", via) for via in vias]
    if source is not None:
        top = vias[0].decode("utf-8", "surrogateescape")
        fields[0] = ("Via", with_source(top, top_via(request), source))
    is_new = _lacks_tag(request)
    if is_new and 100 < status < 300 and request.method in _FORMS_DIALOGS:
        fields += [("Record-Route", route) for route in values_with(request, _RECORD_ROUTE)]
    tag = _own_tag(request, status, to_tag) if is_new else None
    if tag is not None:
        to = b"%b;tag=%b" % (to, octets(tag))
    fields += [("From", from_), ("To", to), ("Call-ID", call_id), ("CSeq", cseq)]
    timestamp = value_with(request, _TIMESTAMP) if status == 100 else None
    if timestamp is not None:
        fields.append(("Timestamp", timestamp))
    return fields


def _lacks_tag(request: Request) -> bool:
    """Whether To has no tag, so that one can be added; False if it is malformed."""
    try:
        to = request.to
        return to is not None and to.tag is None
    except ParseError:
        return False


def _own_tag(request: Request, status: int, to_tag: str | EllipsisType | None) -> str | None:
    """The tag to add to a To without one; None for none."""
    if to_tag is None or isinstance(to_tag, str):
        return to_tag
    return None if status == 100 else request._fresh_tag()


def _check_tag(to_tag: str | EllipsisType | None) -> None:
    """Raise TypeError or `ParseError` unless a To can have this tag."""
    if isinstance(to_tag, str):
        if not TOKEN.fullmatch(to_tag):
            raise parse_error("token-malformed", 0, "to_tag")
    elif to_tag is not None and to_tag is not ...:
        raise TypeError(f"to_tag must be str, not {type(to_tag).__name__}")


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
        fields = _fields(message, status, to_tag, source)
        return made_response(status, fault.text, fields, headers)
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
