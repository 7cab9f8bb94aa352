"""Requests and responses: what `parse` makes."""

from __future__ import annotations

from collections.abc import Callable
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

from ..defects import find_defects, find_defects_at
from ..values.uri import URI
from ..wire.table import NO_LENGTH
from .fields import CONTENT, DEFECTS, DESCRIPTION, PARTS, REQUEST_URI
from .headers import Headers
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
    from sipfast.bodies import Content, Multipart

    from ..sdp.description import SDP

__all__ = ["Buffer", "Message", "Reader", "Request", "Response", "read_bodies_with"]

Buffer = bytes | bytearray | memoryview | mmap
"""What `parse` takes; any other object with the buffer protocol works as well."""

CALL_ID = HEADER_IDS["call-id"]

_NONE = object()
"""What a message keeps where None was worked out."""


class Message(Typed):
    """A SIP message: a table of spans over the buffer it came in, read when asked (RFC 3261 7).

    It is immutable and keeps the buffer alive.  Two messages are equal if they are the same bytes.
    """

    __slots__ = ()

    def __init__(self) -> None:
        raise TypeError("a message is made by sipfast.parse")

    @property
    def version(self) -> str:
        """The SIP-Version as it was written, such as ``"SIP/2.0"``."""
        return self._text(self._parsed.version_at, self._parsed.version_length)

    @property
    def headers(self) -> Headers:
        """The header fields (RFC 3261 7.3), a mapping."""
        return Headers(self)

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
        """The body: Content-Length bytes, or without it all to the buffer's end (RFC 3261 18.3)."""
        return self._bytes(self._parsed.body, self._parsed.end - self._parsed.body)

    @property
    def body_view(self) -> memoryview:
        """The body as a read-only view of the buffer, not a copy."""
        return self._view(self._parsed.body, self._parsed.end - self._parsed.body)

    @property
    def content(self) -> Content:
        """What the body says, read as its Content-Type asks (`sipfast.bodies.decode`).

        Content encodings are undone first, up to 1 MiB.  Raises `ParseError` where that cannot be.
        """
        content: Content = _worked_out(self, CONTENT, _content_of)
        return content

    @property
    def parts(self) -> Multipart:
        """The parts of a multipart body (RFC 5621), views of the buffer; none of another body.

        Raises `ParseError` where the body cannot be taken apart.
        """
        parts: Multipart = _worked_out(self, PARTS, _parts_of)
        return parts

    @property
    def sdp(self) -> SDP | None:
        """The session description that is the body, or that is first among its parts; or None.

        Raises `ParseError` where the body cannot be taken apart, or holds no line of SDP.
        """
        sdp: SDP | None = _worked_out(self, DESCRIPTION, _description_in)
        return sdp

    @property
    def raw(self) -> bytes:
        """The message's own bytes, from the start line to the end of the body."""
        return self._bytes(self._parsed.start, self._parsed.end - self._parsed.start)

    @property
    def start(self) -> int:
        """Where the start line begins in the buffer, in bytes."""
        return self._parsed.start

    @property
    def body_offset(self) -> int:
        """Where the body begins in the buffer, in bytes."""
        return self._parsed.body

    @property
    def end(self) -> int:
        """Where the message ends in the buffer, in bytes."""
        return self._parsed.end

    @property
    def transaction_key(self) -> TransactionKey | OldTransactionKey:
        """Which transaction it belongs to, for a server: RFC 3261 17.2.3.

        A request, its retransmissions and the ACK of its error response have the same; so do the
        responses, if the branch is one of RFC 3261.  Raises `ParseError` where a field that it is
        made of is missing or malformed.
        """
        return transaction_of(self)

    @property
    def client_transaction_key(self) -> TransactionKey | OldTransactionKey:
        """Which transaction it belongs to, for a client: RFC 3261 17.1.3.

        A request and all responses to it have the same.  Raises as `transaction_key` does.
        """
        return client_transaction_of(self)

    @property
    def retransmission_key(self) -> RetransmissionKey:
        """What it shares with its retransmissions only.  Raises as `transaction_key` does."""
        return retransmission_of(self)

    @property
    def dialog_id(self) -> DialogID:
        """Call-ID and tags (RFC 3261 12).  Raises `ParseError` if one is missing or malformed."""
        return dialog_of(self)

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What is wrong in this message though it could be taken apart.  Never raises."""
        found: tuple[Defect, ...] = _worked_out(self, DEFECTS, find_defects)
        return found

    def defects_at(self, now: float) -> tuple[Defect, ...]:
        """The defects, and what is stale when it comes at this time: seconds since 1970.

        That is a Date beside an Identity, or an Identity without one, from more than 60 seconds
        before or after (RFC 8224 6.2).  Never raises for what the message says.
        """
        return find_defects_at(self, self.defects, now)

    def _field_at(self, name: str) -> int:
        """Where the value of a header field begins in the buffer; KeyError if there is none."""
        index = self._find(name)
        if index < 0:
            raise KeyError(name)
        return self._value_at(index)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self is other or self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.message_of, (self.raw,)

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
    def uri(self) -> str:
        """The Request-URI as text."""
        if self._target is None:
            self._target = self._text(self._parsed.target_at, self._parsed.target_length)
        return self._target

    @property
    def merge_key(self) -> MergeKey | None:
        """What it shares with other branches of the same forked request (RFC 3261 8.2.2.2).

        A second one that is in another transaction is answered with 482.  None if To has a tag.
        Raises as `transaction_key` does.
        """
        return merge_of(self)

    @property
    def loop_key(self) -> str:
        """32 hex digits that are the same when the request comes back to be routed the same way.

        A proxy puts them into its branch (RFC 3261 16.6 step 8) and finds them there if there is a
        loop (16.3 step 4).  They hash Request-URI, tags, Call-ID, CSeq number, Route, Proxy-Require
        and Proxy-Authorization.  The top Via is left out: it is another one when the request comes
        back.  Raises as `transaction_key` does.
        """
        return loop_of(self)

    @property
    def request_uri(self) -> URI:
        """The Request-URI as a value: a `SipURI`, `TelURI`, `URN` or other `URI`.

        Raises `ParseError` if it is malformed (RFC 3261 7.1).
        """
        uri: URI = _worked_out(self, REQUEST_URI, Request._read_uri)
        return uri

    def _read_uri(self) -> URI:
        try:
            return URI.parse(self.uri)
        except ParseError as error:
            at = self._parsed.target_at + error.offset
            raise parse_error(error.code, at, "Request-URI") from None

    def __repr__(self) -> str:
        return f"<Request {_short(self.method)} {_short(self.uri)}, Call-ID {self._summary()}>"


class Response(Message):
    """A response (RFC 3261 7.2)."""

    __slots__ = ()

    @property
    def status(self) -> int:
        """The status code, three digits."""
        return self._parsed.status_code

    @property
    def reason(self) -> str:
        """The reason phrase; it may be empty."""
        if self._target is None:
            self._target = self._text(self._parsed.target_at, self._parsed.target_length)
        return self._target

    def __repr__(self) -> str:
        return f"<Response {self.status} {_short(self.reason)}, Call-ID {self._summary()}>"


def _worked_out(message: Message, place: int, work: Callable[[Any], Any]) -> Any:
    """What `work` makes of the message, once."""
    at = message._parsed.count + place
    found = message._recalled(at)
    if found is None:
        found = work(message)
        message._keep(at, _NONE if found is None else found)
    return None if found is _NONE else found


def _short(text: str | None) -> str:
    """At most 60 characters of it, printable."""
    if text is None:
        return "none"
    shown = text if len(text) <= 60 else text[:57] + "..."
    return shown if shown.isprintable() else ascii(shown)


# ---- bodies, which are opened by what lies above ------------------------------------------------


class Reader(NamedTuple):
    """What a body is read with: the functions of the engine that made its message."""

    parse: Callable[..., Request | Response]
    parse_header: Callable[[str, str], Any]
    parse_sdp: Callable[[bytes], SDP]


_reader: Reader


def read_bodies_with(reader: Reader) -> None:
    """Say what bodies are read with; `parse`, which is among it, lies above the messages."""
    global _reader
    _reader = reader


def _content_of(message: Message) -> Content:
    content: Content = _late.module("bodies").content_of(message, _reader)
    return content


def _parts_of(message: Message) -> Multipart:
    parts: Multipart = _late.module("bodies").parts_of(message)
    return parts


def _description_in(message: Message) -> SDP | None:
    description: SDP | None = _late.module("bodies").session_description_in(message, _reader)
    return description
