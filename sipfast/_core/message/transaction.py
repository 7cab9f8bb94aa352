"""The requests that belong to the transaction of another one: ACK and CANCEL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast.errors import parse_error

from ..values.sequence import CSeq
from .dialog import CREDENTIALS, Dialog
from .identify import top_via
from .message import Request, Response
from .writing import made_request

if TYPE_CHECKING:
    from .writing import Field, Headers

__all__ = ["ack", "cancel"]


def ack(invite: Request, response: Response, *, headers: Headers = (), body: Any = b"") -> Request:
    """The ACK for a final response to an INVITE: see `Request.ack`."""
    if invite.method != "INVITE":
        raise ValueError("only the response to an INVITE has an ACK (RFC 3261 17.1.1.3)")
    if response.status < 200:
        raise ValueError("a provisional response has no ACK: see Dialog.prack (RFC 3262)")
    if response.status < 300:
        return Dialog.uac(invite, response).ack(invite, headers=headers, body=body)
    to = response.headers.get("To")
    if to is None:
        raise parse_error("header-missing", response.start, "To")
    return _in_transaction(invite, "ACK", to, CREDENTIALS, headers, body)


def cancel(request: Request, *, headers: Headers = ()) -> Request:
    """The CANCEL of a request: see `Request.cancel`."""
    if request.method != "INVITE":
        raise ValueError("only an INVITE is cancelled (RFC 3261 9.1)")
    to = request.headers.get("To")
    if to is None:
        raise parse_error("header-missing", request.start, "To")
    return _in_transaction(request, "CANCEL", to, (), headers, b"")


def _in_transaction(
    request: Request,
    method: str,
    to: str,
    copied: tuple[str, ...],
    headers: Headers,
    body: Any,
) -> Request:
    """A request with the top Via, the Route and the CSeq number of another one."""
    of_request, cseq = request.headers, request.cseq
    missing = [name for name in ("From", "Call-ID", "CSeq") if name not in of_request]
    if missing or cseq is None:
        raise parse_error("header-missing", request.start, missing[0])
    fields: list[Field] = [("Via", str(top_via(request))), ("Max-Forwards", "70")]
    fields += [("Route", route) for route in of_request.getall("Route", ())]
    fields += [("From", of_request["From"]), ("To", to), ("Call-ID", of_request["Call-ID"])]
    fields.append(("CSeq", str(CSeq(cseq.number, method))))
    fields += [(name, text) for name in copied for text in of_request.getall(name, ())]
    return made_request(method, request.uri_text, fields, headers, body)
