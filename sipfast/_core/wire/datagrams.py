"""The pure twin of `datagrams.pyx`: the datagrams of a UDP socket, many at a time."""

from __future__ import annotations

import errno
import select
import socket
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

__all__ = ["WINDOW", "Datagrams", "Source"]

WINDOW = 64
"""The most datagrams that one batch has."""
LARGEST = 65536
"""No datagram is longer."""
_MOST_CACHED = 1024
_LONGEST = 64
"""Characters of an address, and more."""
_FULL = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS)
_AGAIN = 8
"""The errors of earlier datagrams that one batch passes over."""


class Source:
    """Where a message came from, as the sequence of host and port that a socket returns."""

    __slots__ = ("_from", "address", "connection", "endpoint", "transport")

    address: tuple[str, int]
    """Host and port, as a tuple."""
    _from: Any
    """The address as the socket has it; None for a connection."""

    def __init__(
        self,
        host: str,
        port: int,
        transport: str = "UDP",
        connection: int | None = None,
        endpoint: Any = None,
    ) -> None:
        self.address = host, port
        self.transport = transport
        self.connection = connection
        self.endpoint = endpoint
        self._from = None

    @property
    def host(self) -> str:
        """The IP address; one of IPv6 has no brackets."""
        return self.address[0]

    @property
    def port(self) -> int:
        """The port."""
        return self.address[1]

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        return self.address[index]

    def __repr__(self) -> str:
        return f"Source{(*self.address, self.transport, self.connection)!r}"


def _packed(family: int, host: str, port: int) -> Any:
    """The address of a host and a port; None unless the host is an IP address."""
    bare, mark, scope = host.partition("%")
    if not (0 < port < 65_536 and len(host) < _LONGEST and (not mark or family == socket.AF_INET6)):
        return None
    try:
        socket.inet_pton(family, bare)
    except (OSError, ValueError):
        return None
    if family == socket.AF_INET:
        return host, port
    try:
        number = int(scope) if scope.isdecimal() else socket.if_nametoindex(scope)
    except (OSError, ValueError):
        number = 0
    return bare, port, 0, number & 0xFFFFFFFF


class Datagrams:
    """The datagrams of one UDP socket: received in batches, and sent in batches.

    `owner` becomes the endpoint of each source.  `wake` is called when something is queued that no
    batch will send.
    """

    __slots__ = (
        *("_socket", "_family", "_counters", "_owner", "_sources", "_addresses", "_queue"),
        *("_waiting", "_is_busy", "_calls", "wake"),
    )

    def __init__(self, of: socket.socket, counters: Any, owner: Any) -> None:
        self._socket: socket.socket | None = of
        self._family = of.family
        self._counters = counters
        self._owner = owner
        self._sources: dict[Any, Source] = {}
        self._addresses: dict[tuple[str, int], Any] = {}
        self._queue: list[tuple[bytes, Any]] = []
        self._waiting: deque[tuple[bytes, Any]] = deque()
        self._calls: Any = None
        self.wake: Callable[[], None] | None = None
        self._is_busy = False

    @property
    def queued(self) -> int:
        """The datagrams that `flush` will send."""
        return len(self._queue)

    def close(self) -> None:
        """Forget the socket and all that waits; the socket itself stays open."""
        self._socket = None
        self._waiting.clear()
        self._queue, self._sources, self._addresses = [], {}, {}
        self._calls = self.wake = None

    def handle_with(
        self,
        parse: Callable[[bytes], Any],
        handle: Callable[[Any, Source], Any],
        later: Callable[[Any, Any, Source], None],
        trouble: Callable[[Exception, Any, Source], None],
    ) -> None:
        """Set what is called for each datagram.

        `parse` makes a message of it, and `handle` is called with that and its source.  What it
        returns, unless None, goes to `later`, with both.  An error goes to `trouble`, with the
        bytes if they could not be parsed, else with the message.
        """
        self._calls = parse, handle, later, trouble

    def receive(self) -> int:
        """Receive a batch, handle it, and send what is queued; the size of the batch."""
        if self._is_busy or self._calls is None:
            return 0
        self._is_busy = True
        parse, handle, later, trouble = self._calls
        try:
            if not self._waiting:
                self._fill()
            waiting = self._waiting
            size = len(waiting)
            while waiting:  # none after `close`
                data, address = waiting.popleft()
                self._counters.received += 1
                if address[1] == 0:
                    self._counters.refused += 1  # nobody there could be answered
                    continue
                source = self._source_of(address)
                message: Any = data
                try:
                    message = parse(data)
                    result = handle(message, source)
                    if result is not None:
                        later(result, message, source)
                except Exception as error:
                    trouble(error, message, source)
        finally:
            self._is_busy = False
        self.flush()
        return size

    def gather(self, loop: Any, others: int, end: float, moderation: float) -> int:
        """Receive batches as they come, each `moderation` seconds after the last one.

        A full batch is followed at once.  Ends when a batch was empty, when the epoll `others` has
        an event, at the monotonic time `end`, or when `loop.is_due`.  The size of the last batch.
        """
        poll = select.poll()
        poll.register(others, select.POLLIN)
        while True:
            size = self.receive()
            if size == 0 or (size < WINDOW and moderation <= 0) or loop.is_due:
                return size
            now = monotonic()
            wait = 0 if size == WINDOW else max(min(moderation, end - now), 0)
            if poll.poll(wait * 1000) or now + wait >= end:
                return size

    def _fill(self) -> None:
        errors = 0
        while self._socket is not None and len(self._waiting) < WINDOW and errors < _AGAIN:
            try:
                self._waiting.append(self._socket.recvfrom(LARGEST))
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # of a datagram that was sent before
                errors += 1

    def _source_of(self, address: Any) -> Source:
        source = self._sources.get(address)
        if source is None:
            if len(self._sources) >= _MOST_CACHED:
                self._sources.clear()
            source = Source(address[0], address[1], "UDP", None, self._owner)
            source._from = address
            self._sources[address] = source
        return source

    def answer(self, data: bytes, source: Source) -> bool:
        """Queue a datagram to where another came from; False if that was no datagram."""
        if not isinstance(source, Source):
            raise TypeError(f"source must be Source, not {type(source).__name__}")
        if source._from is None:
            return self.send(data, *source.address)
        return self._put(data, source._from)

    def send(self, data: bytes, host: str, port: int | None) -> bool:
        """Queue a datagram; False if the host is no IP address of the socket's family."""
        if port is None:
            return False
        if type(port) is not int:
            raise TypeError(f"port must be int, not {type(port).__name__}")
        if type(host) is not str:
            raise TypeError(f"host must be str, not {type(host).__name__}")
        address = self._addresses.get((host, port))
        if address is None:
            address = _packed(self._family, host, port)
            if address is None:
                return False
            if len(self._addresses) >= _MOST_CACHED:
                self._addresses.clear()
            self._addresses[host, port] = address
        return self._put(data, address)

    def _put(self, data: bytes, address: Any) -> bool:
        if type(data) is not bytes:
            raise TypeError(f"data must be bytes, not {type(data).__name__}")
        if self._socket is None:
            return False
        self._queue.append((data, address))
        if len(self._queue) >= WINDOW:
            self.flush()
        elif len(self._queue) == 1 and not self._is_busy and self.wake is not None:
            self.wake()
        return True

    def flush(self) -> None:
        """Send what is queued."""
        queue, self._queue = self._queue, []
        for data, address in queue:
            if self._socket is None:
                return
            try:
                self._socket.sendto(data, address)
                self._counters.sent += 1
            except OSError as error:
                if error.errno in _FULL:
                    self._counters.dropped += 1
                else:
                    self._counters.undelivered += 1
