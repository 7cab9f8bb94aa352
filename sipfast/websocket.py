"""SIP over WebSocket (RFC 7118), sans-IO: one WebSocket message is one SIP message.

It needs wsproto: ``pip install 'sipfast[websocket]'``.

>>> from sipfast.websocket import Upgrade, WebSocket
>>> client, server = WebSocket.client("example.com"), WebSocket()
>>> [asked] = server.feed(client.data_to_send())
>>> isinstance(asked, Upgrade), asked.host, asked.target
(True, 'example.com', '/')
>>> server.accept()
>>> client.feed(server.data_to_send())
[Opened()]
>>> client.send(b"OPTIONS sip:example.com SIP/2.0\\r\\nCall-ID: 1@a\\r\\n\\r\\n")
>>> server.feed(client.data_to_send())
[<Request OPTIONS sip:example.com, Call-ID 1@a, 1 header field, 0 bytes of body>]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from . import FramingError, Limits, Message, ParseError, Ping, Pong, Request, Response, parse
from ._engine import ENGINE
from ._install import how_to_get
from .errors import unanswered
from .keepalive import PING, PONG

try:
    from wsproto import ConnectionType, WSConnection, events
    from wsproto.connection import ConnectionState
    from wsproto.utilities import LocalProtocolError, ProtocolError, RemoteProtocolError
except ModuleNotFoundError as error:
    what = f"sipfast.websocket needs wsproto: {how_to_get('websocket')}"
    raise ModuleNotFoundError(what, name=error.name) from None

if TYPE_CHECKING:
    from ._core.message.draft import Draft

__all__ = ["Closed", "Event", "Opened", "Upgrade", "WebSocket"]

SUBPROTOCOL = "sip"
_NORMAL, _PROTOCOL_ERROR, _ABNORMAL, _TOO_BIG = 1000, 1002, 1006, 1009
_DEFAULT_LIMITS = Limits()
_ENDED = (ConnectionState.CLOSED, ConnectionState.REJECTING)

HTTPFields = Iterable[tuple[str, str]]


class Upgrade(NamedTuple):
    """A client asks for a WebSocket with the subprotocol sip: `accept` or `reject` it.

    A browser sends the Origin of the page among `headers`: a server that knows its users by a
    cookie or by their network must check it (RFC 6455 10.2).
    """

    host: str
    target: str
    """The path and query of the request."""
    headers: list[tuple[str, str]]
    """The other HTTP header fields, their names in lower case."""


class Opened:
    """The server accepted: messages can be sent."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Opened()"


class Closed(NamedTuple):
    """The end of the connection: send what is left in `data_to_send`, and close the socket."""

    code: int
    """The close code (RFC 6455 7.4.1), the HTTP status of a rejection, or 1006."""
    reason: str


Event = Request | Response | Ping | Pong | FramingError | Upgrade | Opened | Closed
"""What a connection consists of."""


class WebSocket:
    """One side of a WebSocket connection that carries SIP; a server by default.

    `feed` takes what the socket received and returns events; all other methods queue bytes, which
    `data_to_send` hands out, also after `feed`.  Pings of WebSocket are answered by themselves,
    of several in one `feed` the last one (RFC 6455 5.5.3).  `limits` are those of each message, and
    so bound the memory.
    """

    def __init__(self, *, limits: Limits = _DEFAULT_LIMITS) -> None:
        if not isinstance(limits, Limits):
            raise TypeError(f"limits must be Limits, not {type(limits).__name__}")
        self._limits = limits
        self._connection = WSConnection(ConnectionType.SERVER)
        self._out: list[bytes] = []
        self._message = bytearray()
        self._is_asked = self._is_closed = False

    @classmethod
    def client(
        cls,
        host: str,
        target: str = "/",
        *,
        headers: HTTPFields = (),
        limits: Limits = _DEFAULT_LIMITS,
    ) -> WebSocket:
        """The side of a client, whose request is in `data_to_send`.

        `host` is the Host of the HTTP request, with the port unless it is the usual one; `headers`
        are more header fields of that request, such as a cookie.
        """
        made = cls(limits=limits)
        made._connection = WSConnection(ConnectionType.CLIENT)
        request = events.Request(
            host=host, target=target, subprotocols=[SUBPROTOCOL], extra_headers=_octets(headers)
        )
        made._queue(request)
        return made

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._connection.state is ConnectionState.OPEN and not self._is_closed

    @property
    def pending(self) -> int:
        """The bytes of an unfinished WebSocket message."""
        return len(self._message)

    def data_to_send(self) -> bytes:
        """The bytes to send now; each is handed out once."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def accept(self, *, headers: HTTPFields = ()) -> None:
        """Accept an `Upgrade`, with more header fields for its HTTP response."""
        self._must_be_asked()
        accept = events.AcceptConnection(subprotocol=SUBPROTOCOL, extra_headers=_octets(headers))
        self._is_asked = False
        self._queue(accept)

    def reject(self, status: int = 403, *, headers: HTTPFields = ()) -> None:
        """Reject an `Upgrade` with this HTTP status, and close."""
        self._must_be_asked()
        self._queue(events.RejectConnection(status_code=status, headers=_octets(headers)))
        self._is_asked = False
        self._is_closed = True

    def send(self, message: Message | Draft | bytes) -> None:
        """Send one SIP message, or a keep-alive such as ``ping.response``, as a WebSocket message.

        It is one of text if it is UTF-8, else a binary one (RFC 7118 5).
        """
        if isinstance(message, (int, str)):  # of an int, `bytes` makes so many zeros
            raise TypeError(f"message must be a message or bytes, not {type(message).__name__}")
        data = bytes(message)
        try:
            self._queue(events.TextMessage(data=data.decode("utf-8")))
        except UnicodeDecodeError:
            self._queue(events.BytesMessage(data=data))

    def ping(self, payload: bytes = b"") -> None:
        """Send a ping of WebSocket, with up to 125 bytes, to keep the connection alive."""
        self._queue(events.Ping(payload=payload))

    def close(self, code: int = _NORMAL, reason: str = "") -> None:
        """Begin to close; the peer's answer is a `Closed`."""
        self._queue(events.CloseConnection(code=code, reason=reason))

    def feed(self, data: bytes | bytearray | memoryview) -> list[Event]:
        """The events in the bytes that the socket received.

        A SIP message that is malformed, or not alone in its WebSocket message, is a `FramingError`
        with the response to send; its offset counts from the start of the WebSocket message.  The
        connection goes on, because WebSocket keeps the messages apart.
        """
        if self._is_closed:
            return []
        if self._is_asked:  # frames before the handshake ends
            return [self._fail(_PROTOCOL_ERROR, "data before the handshake ended")]
        return self._events(bytes(data))

    def eof(self) -> list[Event]:
        """The events at the end of what the socket receives: a `Closed`, unless there was one."""
        if self._is_closed:
            return []
        self._is_closed = True
        return [Closed(_ABNORMAL, "")]

    def _events(self, data: bytes) -> list[Event]:
        found: list[Event] = []
        pinged: events.Ping | None = None
        try:
            self._connection.receive_data(data)
            for event in self._connection.events():
                if isinstance(event, events.Ping):
                    pinged = event
                    continue
                found += self._read(event)
                if self._is_closed:
                    break
            if pinged is not None and self._connection.state is ConnectionState.OPEN:
                self._queue(pinged.response())  # only the last one has to be answered (5.5.3)
        except RemoteProtocolError as error:
            found.append(self._refuse(error))
        except (ProtocolError, UnicodeError) as error:  # header fields beyond ASCII
            found.append(self._fail(_PROTOCOL_ERROR, str(error)))
        return found

    def _read(self, event: Any) -> Iterator[Event]:
        """What an event of wsproto means."""
        if isinstance(event, (events.TextMessage, events.BytesMessage)):
            yield from self._gather(event)
        elif isinstance(event, events.CloseConnection):
            yield self._closed(event)
        elif isinstance(event, events.Request):
            yield from self._asked(event)
        elif isinstance(event, events.AcceptConnection):
            if event.subprotocol == SUBPROTOCOL:
                yield Opened()
            else:  # RFC 7118 4.1
                yield self._fail(_PROTOCOL_ERROR, "the server chose no subprotocol sip")
        elif isinstance(event, events.RejectConnection):
            self._is_closed = True
            yield Closed(event.status_code, "rejected")

    def _asked(self, request: events.Request) -> Iterator[Event]:
        """A client's HTTP request."""
        if SUBPROTOCOL in request.subprotocols:
            self._is_asked = True
            fields = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in request.extra_headers
            ]
            yield Upgrade(request.host, request.target, fields)
        else:
            self._is_asked = True
            self.reject(400)
            yield Closed(400, "the client offered no subprotocol sip")

    def _gather(self, event: events.TextMessage | events.BytesMessage) -> Iterator[Event]:
        """A piece of a WebSocket message."""
        data = event.data.encode() if isinstance(event.data, str) else event.data
        if len(data) > self._limits.size - len(self._message):
            self._message.clear()
            yield self._fail(_TOO_BIG, "message too large")
            return
        self._message += data
        if event.message_finished:
            text = bytes(self._message)
            self._message.clear()
            if text == b"\r\n\r\n":
                yield PING
            elif text == b"\r\n":
                yield PONG
            else:
                yield self._parsed(text)

    def _parsed(self, text: bytes) -> Request | Response | FramingError:
        """The one SIP message in a WebSocket message."""
        try:
            message = parse(text, limits=self._limits)
        except ParseError as error:
            return _framing_error(error, text)
        if message.is_complete and message.end == len(text):
            return message
        code = "body-too-long" if message.is_complete else "body-too-short"
        return _framing_error(ParseError(code, message.end, "Content-Length"), text)

    def _closed(self, close: events.CloseConnection) -> Closed:
        """The end that the peer sent, or that its malformed frame makes."""
        state = self._connection.state
        if state in (ConnectionState.REMOTE_CLOSING, ConnectionState.OPEN):
            self._queue(close.response())
        self._is_closed = True
        return Closed(int(close.code), close.reason or "")

    def _refuse(self, error: RemoteProtocolError) -> Closed:
        """The end by a malformed handshake."""
        hint = error.event_hint
        if (
            isinstance(hint, events.RejectConnection)
            and not self._connection.client
            and self._connection.state not in _ENDED
        ):
            with suppress(ProtocolError):  # bytes other than HTTP get no answer
                self._queue(hint)
            return self._end(hint.status_code, str(error))
        return self._end(_PROTOCOL_ERROR, str(error))

    def _fail(self, code: int, reason: str) -> Closed:
        """The end by this side."""
        if self._connection.state is ConnectionState.OPEN:
            self._queue(events.CloseConnection(code=code, reason=reason))
        return self._end(code, reason)

    def _end(self, code: int, reason: str) -> Closed:
        self._is_closed = True
        return Closed(code, reason)

    def _must_be_asked(self) -> None:
        if not self._is_asked:
            raise LocalProtocolError("no client is waiting for an answer")

    def _queue(self, event: Any) -> None:
        """Queue what an event of wsproto sends.  Raises its LocalProtocolError in another state."""
        self._out.append(bytes(self._connection.send(event)))


def _framing_error(fault: ParseError, text: bytes) -> FramingError:
    """The fault of a message, with its response."""
    response = ENGINE.module("message.reply").answer(fault, text)
    error = FramingError(fault.code, fault.offset, fault.header, response)
    if fault.status_hint is None:
        unanswered(error)
    return error


def _octets(fields: HTTPFields) -> list[tuple[bytes, bytes]]:
    """Header fields of HTTP; h11 checks them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
