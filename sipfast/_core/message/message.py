"""Requests and responses, the results of `parse`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from mmap import mmap
from typing import TYPE_CHECKING, Any, NamedTuple

from sipfast import _late, _rebuild
from sipfast.errors import Defect, ParseError, parse_error
from sipfast.keys import (
    DialogID,
    MergeKey,
    OldTransactionKey,
    RetransmissionKey,
    TransactionKey,
)
from sipfast.registry.header_names import HEADER_IDS

from ..values.uri import URI
from ..wire.table import NO_LENGTH
from .fields import (
    BODY_DEFECTS,
    CONTENT,
    DEFECTS,
    DESCRIPTION,
    FAULTS,
    LOCAL_TAG,
    PARTS,
    REQUEST_URI,
)
from .fresh import new_tag
from .headers import Headers, headers_of
from .identify import (
    client_transaction_of,
    dialog_of,
    loop_of,
    merge_of,
    retransmission_of,
    transaction_of,
)
from .properties import Typed

if TYPE_CHECKING:
    from types import EllipsisType

    from sipfast.bodies import Content, Multipart
    from sipfast.next_hop import NextHop
    from sipfast.uri_parts import URIParts

    from ..sdp.description import SDP
    from .draft import Draft
    from .hop import Hop
    from .received import Source
    from .retry import Accounts
    from .writing import Headers as FieldsToWrite

__all__ = [
    "Buffer",
    "Forwarder",
    "Message",
    "Reader",
    "Request",
    "Response",
    "derive_with",
    "forward_with",
    "read_bodies_with",
]

Buffer = bytes | bytearray | memoryview | mmap
"""The buffers that `parse` takes; any other object with the buffer protocol works as well."""

CALL_ID = HEADER_IDS["call-id"]

_DEFECTS = __name__.removesuffix("message.message") + "defects"
_SURVEY = __name__.removesuffix("message.message") + "sdp.survey"

_NONE = object()
"""The cached form of a result of None."""


class Message(Typed):
    """A SIP message: a table of spans in its buffer, read on access (RFC 3261 7).

    It is immutable and keeps the buffer alive.  Messages are equal if their bytes are.
    """

    __slots__ = ()

    def __init__(self) -> None:
        raise TypeError("messages are made by sipfast.parse")

    @property
    def version(self) -> str:
        """The SIP-Version as written, such as ``"SIP/2.0"``."""
        return self._text(self._parsed.version_at, self._parsed.version_length)

    @property
    def headers(self) -> Headers:
        """The header fields (RFC 3261 7.3) as a mapping."""
        return headers_of(self)

    @property
    def call_id(self) -> str | None:
        """Call-ID (RFC 3261 20.8), or None."""
        if self._call_id is None:
            index = self._first(CALL_ID)
            if index >= 0:
                self._call_id = self._value(index)
        return self._call_id

    @property
    def content_length(self) -> int | None:
        """Content-Length (RFC 3261 20.14) in bytes, or None."""
        length = self._parsed.content_length
        return None if length == NO_LENGTH else length

    @property
    def body(self) -> bytes:
        """The body: Content-Length bytes, or else all bytes to the end (RFC 3261 18.3)."""
        return self._bytes(self._parsed.body, self._parsed.end - self._parsed.body)

    @property
    def body_view(self) -> memoryview:
        """The body as a read-only view of the buffer, not a copy."""
        return self._view(self._parsed.body, self._parsed.end - self._parsed.body)

    @property
    def content(self) -> Content:
        """The body decoded by its Content-Type (`sipfast.bodies.decode`).

        Content encodings are decoded first, up to 1 MiB.  Raises `ParseError` if decoding fails.
        """
        content: Content = _worked_out(self, CONTENT, _content_of)
        return content

    @property
    def parts(self) -> Multipart:
        """The parts of a multipart body (RFC 5621), as views of the buffer; empty for other bodies.

        Raises `ParseError` if the body is malformed.
        """
        parts: Multipart = _worked_out(self, PARTS, _parts_of)
        return parts

    @property
    def sdp(self) -> SDP | None:
        """The session description: the body, or the first one among its parts, or None.

        Raises `ParseError` if the body is malformed, or has no line of SDP.
        """
        sdp: SDP | None = _worked_out(self, DESCRIPTION, _description_in)
        return sdp

    @property
    def raw(self) -> bytes:
        """The message's own bytes, from the start line to the end of the body."""
        return self._bytes(self._parsed.start, self._parsed.end - self._parsed.start)

    @property
    def start(self) -> int:
        """The offset of the start line in the buffer, in bytes."""
        return self._parsed.start

    @property
    def body_offset(self) -> int:
        """The offset of the body in the buffer, in bytes."""
        return self._parsed.body

    @property
    def end(self) -> int:
        """The offset of the end of the message in the buffer, in bytes."""
        return self._parsed.end

    @property
    def is_complete(self) -> bool:
        """Whether the bytes hold the whole message.

        False if the body is shorter than Content-Length, and, in a message of
        ``parse(lenient=True)``, if the bytes end before the blank line after the header fields.
        """
        length = self._parsed.content_length
        if length != NO_LENGTH and length > self._parsed.end - self._parsed.body:
            return False
        faults = self._recalled(self._parsed.count + FAULTS) or ()
        return "header-block-unfinished" not in [fault.code for fault in faults]

    @property
    def transaction_key(self) -> TransactionKey | OldTransactionKey:
        """The key of its server transaction (RFC 3261 17.2.3).

        A request, its retransmissions and the ACK for its error response have the same key; so do
        the responses, if the branch is one of RFC 3261.  Raises `ParseError` if a field of the key
        is missing or malformed.
        """
        return transaction_of(self)

    @property
    def client_transaction_key(self) -> TransactionKey | OldTransactionKey:
        """The key of its client transaction (RFC 3261 17.1.3).

        A request and its responses have the same key.  Raises as `transaction_key` does.
        """
        return client_transaction_of(self)

    @property
    def retransmission_key(self) -> RetransmissionKey:
        """The key that only its retransmissions share.  Raises as `transaction_key` does."""
        return retransmission_of(self)

    @property
    def dialog_id(self) -> DialogID:
        """Call-ID and tags (RFC 3261 12).  Raises `ParseError` if one is missing or malformed."""
        return dialog_of(self)

    @property
    def defects(self) -> tuple[Defect, ...]:
        """The broken rules in this message, in the order of their bytes.  Never raises."""
        found: tuple[Defect, ...] = _worked_out(self, DEFECTS, _defects_of)
        return found

    @property
    def body_defects(self) -> tuple[Defect, ...]:
        """The broken rules in the body, in the order of their bytes, at most 1,000.  Never raises.

        They are those of its encodings, of the parts of a multipart, and of the session
        descriptions, DTMF signals, XML documents, ISUP messages and SIP fragments in it.  A defect
        in encoded bytes has the offset of the start of the body or of its part.
        """
        found: tuple[Defect, ...] = _worked_out(self, BODY_DEFECTS, _body_defects_of)
        return found

    def defects_at(self, now: float) -> tuple[Defect, ...]:
        """The defects, including stale dates at the time `now`, in seconds since 1970.

        With an Identity, the Date is stale, or without a Date the PASSporT, if it differs from
        `now` by more than 60 seconds (RFC 8224 6.2).  No message makes this raise; TypeError unless
        `now` is int or float.
        """
        found: tuple[Defect, ...] = _late.of_engine(_DEFECTS).find_defects_at(
            self, self.defects, now
        )
        return found

    def edit(self) -> Draft:
        """A draft of this message: changes to it, and the rest as it is, to the byte."""
        draft: Draft = _above("draft.edited")(self)
        return draft

    def _field_at(self, name: str) -> int:
        """The offset of a header field's value in the buffer; KeyError if absent."""
        index = self._find(name)
        if index < 0:
            raise KeyError(name)
        return self._value_at(index)

    def __bytes__(self) -> bytes:
        return self._bytes(self._parsed.start, self._parsed.end - self._parsed.start)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self is other or self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._recalled(self._parsed.count + FAULTS):
            return _rebuild.lenient_message_of, (self.raw,)
        return _rebuild.message_of, (self.raw,)

    def _repr_html_(self) -> str:
        text: str = _late.notebook.of_message(self)
        return text

    def _summary(self) -> str:
        call_id = self.call_id
        fields = (
            "1 header field" if self._parsed.count == 1 else f"{self._parsed.count} header fields"
        )
        return f"{_short(call_id)}, {fields}, {self._parsed.end - self._parsed.body} bytes of body"


class Request(Message):
    """A request (RFC 3261 7.1)."""

    __slots__ = ()

    @property
    def method(self) -> str:
        """The method, such as ``"INVITE"``; it is case-sensitive."""
        return self._method()

    @property
    def uri(self) -> URI:
        """The Request-URI: a `SipURI`, `TelURI`, `URN` or other `URI`.

        Raises `ParseError` if it is malformed (RFC 3261 7.1).
        """
        uri: URI = _worked_out(self, REQUEST_URI, _uri_of)
        return uri

    @property
    def uri_text(self) -> str:
        """The Request-URI as written, malformed or not."""
        if self._target is None:
            self._target = self._text(self._parsed.target_at, self._parsed.target_length)
        return self._target

    @property
    def uri_parts(self) -> URIParts:
        """Scheme, user, password, host and port of the Request-URI, also of a malformed one.

        Never raises.  Those of a malformed URI are a guess: route no message by them.  User and
        password may contain CR, LF and NUL.
        """
        parts: URIParts = _late.uri_parts.uri_parts(self.uri_text)
        return parts

    @property
    def merge_key(self) -> MergeKey | None:
        """The key that all branches of a forked request share (RFC 3261 8.2.2.2).

        Answer 482 if another transaction has the same key.  None if To has a tag.  Raises as
        `transaction_key` does.
        """
        return merge_of(self)

    @property
    def loop_key(self) -> str:
        """32 hex digits that stay the same when the request comes back in a loop.

        A proxy writes them into its branch (RFC 3261 16.6 step 8), and detects a loop by finding
        them there (16.3 step 4).  They are a hash of Request-URI, tags, Call-ID, CSeq number,
        Route, Proxy-Require and Proxy-Authorization.  The top Via is excluded, because it changes
        on the way.  Raises as `transaction_key` does.
        """
        return loop_of(self)

    def reply(
        self,
        status: int,
        reason: str | None = None,
        *,
        to_tag: str | EllipsisType | None = ...,
        source: Source | None = None,
        headers: FieldsToWrite = (),
        body: Any = b"",
    ) -> Response:
        """A response to this request (RFC 3261 8.2.6).

        It has the request's Vias, From, To, Call-ID and CSeq, the Record-Route if it can establish
        a dialog (12.1.1), and Timestamp if it is a 100.  `reason` is the registered phrase by
        default.  To gets `to_tag` unless it has a tag, by default a random one, the same for all
        responses to this object, and none for 100; None adds none.

        `source` is the address that the request came from, as a socket returns it: the true
        `received` and `rport` are put into the top Via, and those that the sender wrote are removed
        (18.2.1, RFC 3581).  `headers` follow in their order, such as Contact; a `body` needs a
        Content-Type among them.

        Raises ValueError for an ACK, which is never answered, and `ParseError` if a field that the
        response needs is missing.
        """
        response: Response = _above("reply.reply")(
            self, status, reason, to_tag, source, headers, body
        )
        return response

    def ack(self, response: Response, *, headers: FieldsToWrite = (), body: Any = b"") -> Request:
        """The ACK for a final response to this INVITE.

        For a 2xx it is sent in the dialog, in a transaction of its own (RFC 3261 13.2.2.4); for
        any other, in the transaction of the INVITE (17.1.1.3).  It has the credentials of the
        INVITE.  Raises ValueError for a provisional response or a request that is no INVITE, and
        `ParseError` if a field is missing or malformed.
        """
        ack: Request = _above("transaction.ack")(self, response, headers=headers, body=body)
        return ack

    def cancel(self, *, headers: FieldsToWrite = ()) -> Request:
        """The CANCEL of this INVITE (RFC 3261 9.1), to be sent once a 1xx has arrived.

        Raises ValueError for any other request, and `ParseError` if a field is missing.
        """
        cancel: Request = _above("transaction.cancel")(self, headers=headers)
        return cancel

    def authorized(
        self,
        response: Response,
        username: str | None = None,
        password: str | bytes | None = None,
        *,
        accounts: Accounts | None = None,
        algorithms: Iterable[str] | None = None,
    ) -> Request | None:
        """This request again, with credentials for the challenges of a 401 or 407 (RFC 3261 22).

        It has the next CSeq number and a fresh branch.  Every realm is answered: with its account
        in `accounts`, which are usernames and passwords by realm, or else with `username` and
        `password`.  Of several challenges for one realm, `sipfast.auth.choose` selects one, by
        `algorithms`.  Credentials for other realms stay.

        None if no challenge can be answered: unknown schemes or algorithms, realms without an
        account, and credentials that were sent and refused, unless their nonce was stale (22.1).
        Raises ValueError for another response, and for ACK and CANCEL.  Within a dialog, use
        `Dialog.authorized`, which counts the CSeq.
        """
        again: Request | None = _above("retry.authorized")(
            self, response, username, password, accounts=accounts, algorithms=algorithms
        )
        return again

    def forward(
        self,
        target: URI | str | None = None,
        *,
        via: Hop,
        source: Source,
        record_route: Hop | tuple[Hop, Hop] | None = None,
        connection: int | None = None,
        fork: int = 0,
        trusted: bool = False,
    ) -> bytes:
        """The bytes of this request as a proxy sends it on (RFC 3261 16.3 to 16.6).

        `target` becomes the Request-URI; None leaves the request on its way along Route.  `via` is
        this proxy; its Via goes on top.  `source` is the address that the request came from, as a
        socket returns it: `received` and `rport` say so in the Via below.  With `record_route`,
        usually the same hop, the proxy stays on the path of the dialog.  A proxy that receives by
        one transport and sends by another has a pair: the hop by which the request leaves, on top,
        and the one by which it came in (RFC 5658).

        Max-Forwards goes down by one, or is 70 if it was missing; our own Route comes off, and a
        second one if it is that of another hop of `via` and `record_route`; a strict
        router is met as 16.4 and 16.6 say; Content-Length is added where it is missing.  All other
        bytes stay as they are.

        The branch is the same for retransmissions, for the CANCEL and for the ACK of an error
        response (16.11).  It signs where the response goes, which `Response.forward` checks.
        `connection` is a number for the connection of the request, up to 2**32 - 1, that
        `Response.next_hop` returns.  `fork`, from 0 to 63, tells the branches of a forked request
        apart.

        Raises `ParseError` where the request must not be forwarded, with the status to answer:
        `sipfast.reply_to` writes the response.  Such are too many hops, a loop, an option tag of
        Proxy-Require that the hop does not support, and a Route or a Request-URI to follow that
        this proxy has not signed in a Record-Route: others could send anything anywhere through it.
        `trusted` permits that, such as for an authenticated sender.
        """
        forwarded: bytes = _forwarder.request(
            self, target, via, source, record_route, connection, fork, trusted
        )
        return forwarded

    def next_hop(
        self,
        target: URI | str | None = None,
        *,
        via: Hop,
        record_route: Hop | tuple[Hop, Hop] | None = None,
        trusted: bool = False,
    ) -> NextHop:
        """Where `forward` of this request, with the same arguments, is to be sent (16.6 step 7).

        It is the first Route after our own, or else the target or the Request-URI, with its
        `maddr`.  Where two Routes of our own come off, the transport is that of the second, unless
        the URI names one.  Raises as `forward` does for the route, and `ParseError` with status 416
        for a URI that is not SIP.
        """
        hop: NextHop = _above("forward.next_of_request")(self, target, via, record_route, trusted)
        return hop

    def _fresh_tag(self) -> str:
        """The tag that this party adds to To, the same for all responses."""
        tag: str = _worked_out(self, LOCAL_TAG, _new_tag)
        return tag

    def __repr__(self) -> str:
        return f"<Request {_short(self.method)} {_short(self.uri_text)}, Call-ID {self._summary()}>"


class Response(Message):
    """A response (RFC 3261 7.2)."""

    __slots__ = ()

    @property
    def status(self) -> int:
        """The status code, three digits."""
        return self._parsed.status_code

    @property
    def reason(self) -> str:
        """The reason phrase; may be empty."""
        if self._target is None:
            self._target = self._text(self._parsed.target_at, self._parsed.target_length)
        return self._target

    def forward(self, *, via: Hop) -> bytes:
        """The bytes of this response as a proxy sends it back (RFC 3261 16.7).

        The top Via comes off; Content-Length is added if it is missing.  Raises `ParseError`,
        without a status, if the top Via is not one that `via` has written for the Via below it:
        drop such a response.
        """
        forwarded: bytes = _forwarder.response(self, via)
        return forwarded

    def next_hop(self, *, via: Hop | None = None) -> NextHop:
        """Where this response is to be sent, by its top Via (RFC 3261 18.2.2, RFC 3581 4).

        With `via`, it is where `forward` of this response is to be sent: by the second Via, and by
        the connection that `Request.forward` was given.  Raises as `forward` does.

        `maddr` counts only if it is a multicast address: others would make senders of responses
        reflectors.
        """
        hop: NextHop = _above("forward.next_of_response")(self, via)
        return hop

    def __repr__(self) -> str:
        return f"<Response {self.status} {_short(self.reason)}, Call-ID {self._summary()}>"


def _worked_out(message: Message, place: int, work: Callable[[Any], Any]) -> Any:
    """The result of `work` for the message, cached."""
    at = message._parsed.count + place
    found = message._recalled(at)
    if found is None:
        found = work(message)
        message._keep(at, _NONE if found is None else found)
    return None if found is _NONE else found


def _uri_of(request: Request) -> URI:
    try:
        return URI.parse(request.uri_text)
    except ParseError as error:
        at = request._parsed.target_at + error.offset
        raise parse_error(error.code, at, "Request-URI") from None


def _short(text: str | None) -> str:
    """At most 60 characters of a text, printable."""
    if text is None:
        return "none"
    shown = text if len(text) <= 60 else text[:57] + "..."
    return shown if shown.isprintable() else ascii(shown)


# ---- bodies, read by the layer above ------------------------------------------------------------


class Reader(NamedTuple):
    """The functions that read a body, of the engine of its message."""

    parse: Callable[..., Request | Response]
    parse_header: Callable[[str, str], Any]
    parse_sdp: Callable[[bytes], SDP]
    find_defects_in_fragment: Callable[[Message, bool], list[Defect]]


_reader: Reader


def read_bodies_with(reader: Reader) -> None:
    """Set the functions that read bodies; `parse`, one of them, is in the layer above."""
    global _reader
    _reader = reader


# ---- what is derived from messages, by the layer above -------------------------------------------


_load: Callable[[str], Any]
_loaded: dict[str, Any] = {}


def derive_with(loader: Callable[[str], Any]) -> None:
    """Set the function that loads a module of the layer above, of the engine of this one."""
    global _load
    _load = loader


def _above(name: str) -> Any:
    """A function of the layer above, by its module and name; the module is loaded on first use."""
    function = _loaded.get(name)
    if function is None:
        module, _, own = name.partition(".")
        function = _loaded[name] = getattr(_load(module), own)
    return function


class Forwarder:
    """What forwards messages; this one loads the module that has it, and passes on to that."""

    __slots__ = ()

    def request(
        self,
        request: Request,
        target: URI | str | None,
        via: Hop,
        source: Source,
        record_route: Hop | tuple[Hop, Hop] | None,
        connection: int | None,
        fork: int,
        trusted: bool,
    ) -> bytes:
        """See `Request.forward`."""
        _load("forward")
        forwarded: bytes = _forwarder.request(
            request, target, via, source, record_route, connection, fork, trusted
        )
        return forwarded

    def response(self, response: Response, via: Hop) -> bytes:
        """See `Response.forward`."""
        _load("forward")
        forwarded: bytes = _forwarder.response(response, via)
        return forwarded


_forwarder = Forwarder()


def forward_with(forwarder: Forwarder) -> None:
    """Set what forwards messages, in the layer above."""
    global _forwarder
    _forwarder = forwarder


def _new_tag(_: Message) -> str:
    return new_tag()


# ---- results from the whole message --------------------------------------------------------------


def _defects_of(message: Message) -> tuple[Defect, ...]:
    found: tuple[Defect, ...] = _late.of_engine(_DEFECTS).find_defects(message)
    return found


def _body_defects_of(message: Message) -> tuple[Defect, ...]:
    if _late.of_engine(_SURVEY).has_sound_body(message):
        return ()
    found = _late.body_defects.find_body_defects(message, _reader)
    if not found:
        return ()
    finished: tuple[Defect, ...] = _late.of_engine(_DEFECTS).finished(message, found)
    return finished


def _content_of(message: Message) -> Content:
    content: Content = _late.content.content_of(message, _reader)
    return content


def _parts_of(message: Message) -> Multipart:
    parts: Multipart = _late.content.parts_of(message)
    return parts


def _description_in(message: Message) -> SDP | None:
    description: SDP | None = _late.content.session_description_in(message, _reader)
    return description
