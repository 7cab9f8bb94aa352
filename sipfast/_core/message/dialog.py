"""Dialogs: what a party remembers of one, and the requests that it sends in it (RFC 3261 12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sipfast import _late, _rebuild
from sipfast.errors import parse_error
from sipfast.keys import SidedDialogID

from ..value import MOST
from ..values.address import Address
from ..values.sequence import CSeq, RAck
from ..values.uri import URI, SipURI
from ..values.via import Via
from .fresh import new_branch
from .identify import top_via
from .message import Message, Request, Response
from .retry import authorized
from .writing import Field, Header, Headers, field_name, made_request

if TYPE_CHECKING:
    from .retry import Accounts

__all__ = ["CREDENTIALS", "Dialog", "restored"]

_REFRESHES_TARGET = ("INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER")
"""RFC 3261 12.2.1.2, RFC 3311 5.1, RFC 6665 4.4.1, RFC 3515 2.2."""
_FORMS = ("INVITE", "SUBSCRIBE", "REFER")
CREDENTIALS = ("Authorization", "Proxy-Authorization")


class Dialog:
    """A dialog as one of its parties keeps it (RFC 3261 12).

    `Dialog.uac` makes it for the sender of the first request, `Dialog.uas` for its receiver, and
    `Dialog.subscriber` for a subscriber that gets a NOTIFY first.  Its methods make the requests of
    this party, with the next CSeq, the route set and a fresh branch; `receive_request` and
    `receive_response` keep it up to date.
    """

    __slots__ = (
        *("_acknowledged", "call_id", "contact", "local", "local_cseq", "remote", "remote_cseq"),
        *("remote_target", "route_set", "state", "via"),
    )

    call_id: str
    local: Address
    """This party, with its tag: From of its requests."""
    remote: Address
    """The other party, with its tag: To of the requests."""
    local_cseq: int | None
    """The CSeq number of this party's last request; None before the first one."""
    remote_cseq: int | None
    """The CSeq number of the other party's last request; None before the first one."""
    remote_target: URI
    """The Contact of the other party: where requests go in the end."""
    route_set: tuple[Address, ...]
    """The proxies that requests pass, the nearest first."""
    via: str
    """Sent-protocol, sent-by and parameters of the Via of requests, without a branch."""
    contact: str | None
    """The Contact of this party, which requests that refresh the target carry."""
    state: str
    """``"early"``, ``"confirmed"`` or ``"terminated"``."""
    _acknowledged: tuple[int, int] | None
    """RSeq of the last reliable response, and the CSeq number of its request."""

    def __init__(self) -> None:
        raise TypeError("dialogs are made by Dialog.uac, Dialog.uas and Dialog.subscriber")

    # ---- making ---------------------------------------------------------------------------------

    @staticmethod
    def uac(request: Request, response: Response) -> Dialog:
        """The dialog for the sender of a request, from a 1xx above 100 or a 2xx (RFC 3261 12.1.2).

        `request` is the request as sent.  If it was sent within a dialog, this is that dialog as
        far as the two messages show it.  Raises `ParseError` if one of their fields is missing or
        malformed, and ValueError if they do not belong together or make no dialog.
        """
        dialog = _dialog(request, response)
        if response.status < 200:  # a 2xx of RFC 2543 may have no tag (RFC 3261 12.1.2)
            _check_tag(response)
        dialog.local, dialog.remote = _address(request, "From"), _address(response, "To")
        dialog.local_cseq, dialog.remote_cseq = _cseq(request).number, None
        dialog.via = _without_branch(top_via(request))
        dialog.contact = request.headers.get("Contact")
        if request.to is not None and request.to.tag is not None:
            dialog.route_set, target = _as_sent(request)
        else:
            dialog.route_set, target = response.record_routes[::-1], request.uri
        dialog.remote_target = _contact(response) or target
        return dialog

    @staticmethod
    def uas(request: Request, response: Response, via: Via | str) -> Dialog:
        """The dialog for the receiver of a request, from its own response (RFC 3261 12.1.1).

        `via` is the Via of this party's requests, such as ``"SIP/2.0/UDP 192.0.2.4:5060;rport"``;
        they get a branch each.  Raises as `uac` does; also for a request within a dialog, whose
        route set it does not have.
        """
        if request.to is not None and request.to.tag is not None:
            raise ValueError("the request was sent within a dialog")
        dialog = _dialog(request, response)
        _check_tag(response)
        dialog.local, dialog.remote = _address(response, "To"), _address(request, "From")
        dialog.local_cseq, dialog.remote_cseq = None, _cseq(request).number
        dialog.via = _without_branch(Via.parse(via) if isinstance(via, str) else via)
        dialog.contact = response.headers.get("Contact")
        dialog.route_set, dialog.remote_target = request.record_routes, _target(request)
        return dialog

    @staticmethod
    def subscriber(subscribe: Request, notify: Request) -> Dialog:
        """The dialog for a subscriber, from the first NOTIFY of a notifier (RFC 6665 4.4.1).

        It may arrive before the response to the SUBSCRIBE or REFER, and each notifier of a forked
        request sends one: each has a dialog of its own.  Raises as `uac` does.
        """
        if subscribe.method not in ("SUBSCRIBE", "REFER") or notify.method != "NOTIFY":
            raise ValueError("a SUBSCRIBE or REFER, and a NOTIFY are required")
        mine, theirs = subscribe.dialog_id, notify.dialog_id
        if (mine.call_id, mine.from_tag) != (theirs.call_id, theirs.to_tag):
            raise ValueError("the NOTIFY belongs to another subscription")
        if theirs.from_tag is None:
            raise parse_error("tag-missing", notify.start, "From")
        dialog = _started(mine.call_id, "confirmed")
        dialog.local, dialog.remote = _address(subscribe, "From"), _address(notify, "From")
        dialog.local_cseq, dialog.remote_cseq = _cseq(subscribe).number, _cseq(notify).number
        dialog.via = _without_branch(top_via(subscribe))
        dialog.contact = subscribe.headers.get("Contact")
        dialog.route_set, dialog.remote_target = notify.record_routes, _target(notify)
        return dialog

    @property
    def id(self) -> SidedDialogID:
        """The key of the dialog: `dialog_id.as_uac` or `dialog_id.as_uas` of its messages."""
        return SidedDialogID(self.call_id, self.local.tag, self.remote.tag)

    # ---- requests -------------------------------------------------------------------------------

    def request(self, method: str, *, headers: Headers = (), body: Any = b"") -> Request:
        """The next request of this party (RFC 3261 12.2.1.1), such as a BYE or another INVITE.

        The dialog's Contact is added to a request that refreshes the target, and Max-Forwards: 70,
        unless they are among the `headers`.
        """
        if method in ("ACK", "CANCEL"):
            raise ValueError(f"see Dialog.ack and Request.cancel: {method} has the CSeq of another")
        number = self._next_cseq()
        request = self._made(method, number, (), headers, body)
        self.local_cseq = number
        return request

    def ack(self, invite: Request, *, headers: Headers = (), body: Any = b"") -> Request:
        """The ACK for a 2xx to this party's INVITE in the dialog (RFC 3261 13.2.2.4).

        It is a transaction of its own, with the CSeq number and the credentials of the INVITE.
        """
        if invite.method != "INVITE":
            raise ValueError("only the response to an INVITE has an ACK (RFC 3261 13.2.2.4)")
        own = [(name, text) for name in CREDENTIALS for text in invite.headers.getall(name, ())]
        return self._made("ACK", _cseq(invite).number, own, headers, body)

    def prack(
        self, response: Response, *, headers: Headers = (), body: Any = b""
    ) -> Request | None:
        """The PRACK for a reliable provisional response (RFC 3262 4).

        None for a retransmission, and for one that arrived before the one before it: both get
        none.  Raises ValueError if the response is not reliable.
        """
        number, cseq = response.rseq, _cseq(response)
        is_reliable = any(option.lower() == "100rel" for option in response.require)
        if not 100 < response.status < 200 or number is None or not is_reliable:
            raise ValueError("only a reliable provisional response has a PRACK (RFC 3262 4)")
        if self._acknowledged is not None:
            last, of = self._acknowledged
            if of == cseq.number and number != last + 1:
                return None
        rack = ("RAck", str(RAck(number, cseq.number, cseq.method)))
        following = self._next_cseq()
        request = self._made("PRACK", following, [rack], headers, body)
        self.local_cseq, self._acknowledged = following, (number, cseq.number)
        return request

    def authorized(
        self,
        request: Request,
        response: Response,
        username: str | None = None,
        password: str | bytes | None = None,
        *,
        accounts: Accounts | None = None,
        algorithms: Iterable[str] | None = None,
    ) -> Request | None:
        """A challenged request of this party again, with credentials: see `Request.authorized`."""
        number = self._next_cseq()
        again = authorized(
            request,
            response,
            username,
            password,
            accounts=accounts,
            algorithms=algorithms,
            cseq=number,
        )
        if again is not None:
            self.local_cseq = number
        return again

    def _next_cseq(self) -> int:
        """A number above the last one; the first one is random (RFC 3261 8.1.1.5, 12.2.1.1)."""
        if self.local_cseq is None:
            return int(_late.secrets.randbelow(1 << 16)) + 1
        if self.local_cseq >= MOST:
            raise ValueError("the CSeq numbers of the dialog are used up (RFC 3261 8.1.1.5)")
        return self.local_cseq + 1

    def _made(
        self,
        method: str,
        number: int,
        own: Iterable[tuple[str, str]],
        headers: Headers,
        body: Any,
    ) -> Request:
        given: list[tuple[str, Header]]
        given = list(headers.items() if isinstance(headers, Mapping) else headers)
        names = {field_name(name)[0].lower() for name, _ in given}
        target, routes = self._routed()
        fields: list[Field] = [("Via", f"{self.via};branch={new_branch()}")]
        if "max-forwards" not in names:
            fields.append(("Max-Forwards", "70"))
        fields += [("Route", route) for route in routes]
        fields += [("From", str(self.local)), ("To", str(self.remote)), ("Call-ID", self.call_id)]
        fields.append(("CSeq", str(CSeq(number, method))))
        if (
            self.contact is not None
            and method in _REFRESHES_TARGET
            and not names & {"contact", "m"}
        ):
            fields.append(("Contact", self.contact))
        return made_request(method, target, [*fields, *own], given, body)

    def _routed(self) -> tuple[URI, list[str]]:
        """The Request-URI and the values of Route (RFC 3261 12.2.1.1)."""
        target, routes = _bare(self.remote_target), [str(route) for route in self.route_set]
        if not routes:
            return target, []
        nearest = self.route_set[0].uri
        if isinstance(nearest, SipURI) and nearest.lr:
            return target, routes
        return _bare(nearest), [*routes[1:], f"<{target}>"]

    # ---- keeping up -----------------------------------------------------------------------------

    def confirm(self) -> None:
        """Note that this party has sent a 2xx: an early dialog is confirmed (RFC 3261 13.3.1.4)."""
        if self.state == "early":
            self.state = "confirmed"

    def receive_request(self, request: Request) -> int | None:
        """Take over what a request of the other party changes (RFC 3261 12.2.2).

        Returns the status to refuse it with, or None: 481 if it belongs to another dialog, 500 if
        it arrived out of order.  A refused request changes nothing.  Raises `ParseError` if a field
        that it needs is missing or malformed.
        """
        if request.dialog_id.as_uas != self.id:
            return 481
        method = request.method
        if method in ("ACK", "CANCEL"):
            return None
        number = _cseq(request).number
        if self.remote_cseq is not None and number < self.remote_cseq:
            return 500
        target = _contact(request) if method in _REFRESHES_TARGET else None
        self.remote_cseq = number
        self.remote_target = target or self.remote_target
        if method == "BYE":
            self.state = "terminated"
        return None

    def receive_response(self, response: Response) -> None:
        """Take over what a response to this party's request changes (RFC 3261 12.2.1.2, 12.3).

        A 2xx confirms an early dialog, with the route set of the 2xx, and refreshes the target.
        481, 408, the 2xx of a BYE, and the failure of the request that made an early dialog end it.
        Raises ValueError if it belongs to another dialog, and `ParseError` as `receive_request`.
        """
        status, cseq = response.status, _cseq(response)
        is_early = self.state == "early" and cseq.method in _FORMS
        if is_early and status >= 300 and response.call_id == self.call_id:
            self.state = "terminated"  # it may come from another branch, with another tag
            return
        if response.dialog_id.as_uac != self.id:
            raise ValueError("the response belongs to another dialog")
        if status in (408, 481) or (status // 100 == 2 and cseq.method == "BYE"):
            self.state = "terminated"
        elif status // 100 == 2:
            if is_early:
                self.route_set = response.record_routes[::-1]
                self.state = "confirmed"
            if cseq.method in _REFRESHES_TARGET:
                self.remote_target = _contact(response) or self.remote_target

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.dialog_of, tuple([getattr(self, name) for name in self.__slots__])

    def __repr__(self) -> str:
        return f"<Dialog {self.call_id!r}, {self.state}, with {self.remote.uri}>"


def restored(*state: Any) -> Dialog:
    """A dialog that was pickled."""
    dialog = Dialog.__new__(Dialog)
    for name, value in zip(Dialog.__slots__, state, strict=True):
        setattr(dialog, name, value)
    return dialog


def _dialog(request: Request, response: Response) -> Dialog:
    """A dialog with what both sides have in common."""
    mine, theirs = request.dialog_id, response.dialog_id
    if not 100 < response.status < 300:
        raise ValueError(f"a response {response.status} makes no dialog (RFC 3261 12.1)")
    if mine.to_tag is None and request.method not in _FORMS:
        raise ValueError(f"the method {request.method} makes no dialog (RFC 3261 12.1)")
    if (mine.call_id, mine.from_tag, _cseq(request)) != (
        *(theirs.call_id, theirs.from_tag),
        _cseq(response),
    ):
        raise ValueError("the response is to another request")
    return _started(mine.call_id, "early" if response.status < 200 else "confirmed")


def _started(call_id: str, state: str) -> Dialog:
    dialog = Dialog.__new__(Dialog)
    dialog.call_id, dialog.state, dialog._acknowledged = call_id, state, None
    return dialog


def _check_tag(response: Response) -> None:
    if response.dialog_id.to_tag is None:
        raise parse_error("tag-missing", response.start, "To")


def _as_sent(request: Request) -> tuple[tuple[Address, ...], URI]:
    """The route set and the target of a request within a dialog, in the inverse of `_routed`."""
    routes, target = request.routes, request.uri
    if not routes:
        return (), target
    nearest = routes[0].uri
    if isinstance(nearest, SipURI) and nearest.lr:
        return routes, target
    return (Address(target), *routes[: len(routes) - 1]), routes[len(routes) - 1].uri


def _target(request: Request) -> URI:
    """The remote target that a request establishes."""
    target = _contact(request)
    if target is None:
        raise parse_error("contact-missing", request.start, "Contact")
    return target


def _contact(message: Message) -> URI | None:
    """The URI of Contact; None if absent, or for the wildcard."""
    contact = message.contact
    return None if contact is None else contact.uri


def _address(message: Message, name: str) -> Address:
    return Address.parse(message.headers[name])


def _cseq(message: Message) -> CSeq:
    if message.cseq is None:
        raise parse_error("header-missing", message.start, "CSeq")
    return message.cseq


def _without_branch(via: Via) -> str:
    """A Via for new requests: no branch, and nothing that a receiver adds."""
    flags = "".join([f";{name}" for name in ("rport", "alias") if name in via.parameters])
    return f"{via.protocol}/{via.transport} {via.sent_by}{flags}"


def _bare(uri: URI) -> URI:
    """A URI as a Request-URI can have it: no header fields, no method (RFC 3261 19.1.1)."""
    if isinstance(uri, SipURI) and (uri.headers or uri.method is not None):
        pairs = [pair for pair in uri.parameters.items() if pair[0].lower() != "method"]
        return uri.replace(headers=(), parameters=pairs)
    return uri
