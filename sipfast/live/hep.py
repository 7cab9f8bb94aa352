"""HEP over UDP and TCP, as agents and proxies send it to a collector."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from .._engine import ENGINE
from ..capture import Record
from ..capture.base import Tally
from ..capture.files import hep
from ..capture.packets import Layers
from .loop import PAUSE, SHORTAGES

__all__ = ["MOST_CLIENTS", "HepTcp", "HepUdp"]

MOST_CLIENTS = 256
"""Connections over TCP; the next one takes the place of the one that was quiet for the longest."""

_ROOM = 64 * 1024 * 1024
"""Bytes that the system is asked to keep for a socket, which it may bound."""
_SO_RCVBUFFORCE = 33
_SO_MEMINFO, _DROPS = 55, 8
_TURN = 64
_CHUNK = 256 * 1024


class HepUdp:
    """HEP in datagrams, one packet in each.

    Attributes:
        address: the host and port that it listens on.
        room: bytes that the system keeps while nobody reads them.
    """

    def __init__(self, host: str, port: int) -> None:
        self._socket = _bound(host, port, socket.SOCK_DGRAM)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        self.room = _widened(self._socket)
        self.name = f"udp:{_joined(*self.address)}"
        self.is_over = False
        self.paused = 0
        self.failure: Exception | None = None
        self._tally = Tally(self.name)
        self._layers = Layers(self._tally)
        self._position = 0
        self._number = 0
        self._found: list[Record] = []
        self._received = _Received()
        self._datagrams: Any = ENGINE.module("wire.datagrams").Datagrams(
            self._socket, self._received, None
        )
        self._datagrams.handle_with(_as_it_is, self._take, _ignore, _raised)
        self._dropped: int | None = 0

    @property
    def position(self) -> int:
        """The bytes read so far."""
        return self._position

    @property
    def skipped(self) -> Counter[str]:
        """What has no SIP, by reason."""
        return self._tally.skipped

    @property
    def dropped(self) -> int | None:
        """The datagrams that the system dropped because nobody read them in time."""
        if self._datagrams is not None:
            self._dropped = _drops(self._socket)
        return self._dropped

    def descriptors(self) -> Iterable[int]:
        return (self._socket.fileno(),)

    def read(self) -> Iterator[Record]:
        for _ in range(_TURN):
            is_full = self._datagrams.receive() == _WINDOW
            found = self._found
            if found:
                yield from found
                found.clear()
            if not is_full:
                return

    def _take(self, data: bytes, _source: object) -> None:
        self._number += 1
        base = self._position
        self._position += len(data)
        self._found += self._layers.copied(self._number, data, base, time.time_ns())

    def tick(self) -> Iterator[Record]:
        return iter(())

    def end(self) -> Iterator[Record]:
        """What the system keeps yet."""
        return self.read()

    def close(self) -> None:
        self._dropped = self.dropped
        if self._datagrams is not None:
            self._datagrams.close()
            self._datagrams = None
        self._socket.close()


_WINDOW: int = ENGINE.module("wire.datagrams").WINDOW


class _Received:
    """The counters that the pump of datagrams counts with."""

    received = sent = refused = dropped = undelivered = 0


def _as_it_is(data: bytes) -> bytes:
    return data


def _ignore(_result: object, _message: object, _source: object) -> None:
    pass


def _raised(error: Exception, _message: object, _source: object) -> None:
    raise error


class _Client:
    """A connection, and the beginning of its next packet."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.pending = bytearray()
        self.wanted = 0


class HepTcp:
    """HEP over TCP: each packet states its length.

    A connection with anything else is closed, and so is the quietest one beyond `MOST_CLIENTS`.

    Attributes:
        address: the host and port that it listens on.
        clients: the connections.
        refused: connections that were closed because of what they sent.
        displaced: connections that made room for others.
        paused: how often connections had to wait because the system had no descriptors left.
    """

    def __init__(self, host: str, port: int) -> None:
        self._listener = _bound(host, port, socket.SOCK_STREAM)
        self._listener.listen(64)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self.name = f"tcp:{_joined(*self.address)}"
        self.is_over = False
        self.failure: Exception | None = None
        self.refused = self.displaced = self.paused = 0
        self._resumes = 0.0
        self._position = 0
        self._tally = Tally(self.name)
        self._layers = Layers(self._tally)
        self._number = 0
        self._clients: dict[int, _Client] = {}  # the quietest first
        self._buffer = bytearray(_CHUNK)

    @property
    def clients(self) -> int:
        """The connections."""
        return len(self._clients)

    @property
    def position(self) -> int:
        """The bytes read so far."""
        return self._position

    @property
    def skipped(self) -> Counter[str]:
        """What has no SIP, by reason."""
        return self._tally.skipped

    @property
    def dropped(self) -> int | None:
        """TCP holds its sender back: nothing is dropped here."""
        return 0

    def descriptors(self) -> Iterable[int]:
        if self._is_paused:
            return self._clients
        return (self._listener.fileno(), *self._clients)

    def read(self) -> Iterator[Record]:
        self._accept()
        for descriptor in [*self._clients]:
            client = self._clients.get(descriptor)
            if client is not None:
                yield from self._received(descriptor, client)

    @property
    def _is_paused(self) -> bool:
        return time.monotonic() < self._resumes

    def _accept(self) -> None:
        if self._is_paused:
            return
        for _ in range(_TURN):
            try:
                connection, _address = self._listener.accept()
            except OSError as error:  # nobody is waiting, or the client is gone
                if error.errno in SHORTAGES:
                    self.paused += 1
                    self._resumes = time.monotonic() + PAUSE
                break
            connection.setblocking(False)
            self._clients[connection.fileno()] = _Client(connection)
        # Only now, so that no descriptor is used again that the selector has still.
        while len(self._clients) > MOST_CLIENTS:
            self.displaced += 1
            self._drop(next(iter(self._clients)))

    def _received(self, descriptor: int, client: _Client) -> Iterator[Record]:
        try:
            size = client.socket.recv_into(self._buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            size = 0
        if not size:
            self._drop(descriptor)
            return
        self._clients[descriptor] = self._clients.pop(descriptor)
        self._position += size
        client.pending += memoryview(self._buffer)[:size]
        if len(client.pending) < client.wanted:
            return
        data = bytes(client.pending)
        base, now, at = self._position - len(data), time.time_ns(), 0
        while hep.is_whole(data, at):
            end = at + hep.size_of_packet(data, at)
            self._number += 1
            yield from self._layers.copied(self._number, data[at:end], base + at, now)
            at = end
        del client.pending[:at]
        client.wanted = hep.size_of_packet(data, at)
        if not hep.may_follow(data, at):
            self.refused += 1
            self._tally.skipped["malformed HEP"] += 1
            client.pending.clear()
            self._drop(descriptor)

    def _drop(self, descriptor: int) -> None:
        client = self._clients.pop(descriptor)
        if client.pending:
            self._tally.skipped["truncated record"] += 1
        client.socket.close()

    def tick(self) -> Iterator[Record]:
        return iter(())

    def end(self) -> Iterator[Record]:
        """What the system keeps yet."""
        return self.read()

    def close(self) -> None:
        for descriptor in [*self._clients]:
            self._drop(descriptor)
        self._listener.close()


def _bound(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """A socket at an address, or at the first that a name has."""
    family, _, _, _, address = socket.getaddrinfo(
        host or None, port, type=kind, flags=socket.AI_PASSIVE
    )[0]
    made = socket.socket(family, kind)
    try:
        if kind == socket.SOCK_STREAM and sys.platform != "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


def _widened(of: socket.socket) -> int:
    """Have the system keep as much as it allows; how much that is."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # beyond the bound only with CAP_NET_ADMIN
            of.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _ROOM)
    if of.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) < _ROOM:
        with contextlib.suppress(OSError):
            of.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
    return of.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def _drops(of: socket.socket) -> int | None:
    """The datagrams that Linux dropped at a socket; None where the system does not tell."""
    if sys.platform != "linux":
        return None
    try:
        counters = of.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * (_DROPS + 1))
    except OSError:
        return None
    if len(counters) < 4 * (_DROPS + 1):
        return None
    return int.from_bytes(counters[4 * _DROPS :], sys.byteorder)


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
