"""Endpoints on every loop, with peers of which each is a UDP socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from loops import available, run_on

from benchmarks.ports import free_port
from sipfast import Stream, parse
from sipfast.proxy import Endpoint, Group

SECRET = b"an element's secret, 32 bytes ..."
SECONDS = 10

every_loop = pytest.mark.parametrize("loop", available())


class Peer:
    """A party on a UDP socket of its own."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((host, 0))
        self.host, self.port = self.socket.getsockname()[:2]
        self.sent_by = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.uri = f"sip:{self.sent_by}"

    def send(self, data: bytes, to: Any) -> None:
        self.socket.sendto(data, to if isinstance(to, tuple) else to.address)

    async def receive(self) -> Any:
        return parse(await self.datagram())

    async def datagram(self) -> bytes:
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(loop.sock_recv(self.socket, 65_536), SECONDS)

    async def hears_nothing(self, seconds: float = 0.05) -> bool:
        await asyncio.sleep(seconds)
        try:
            self.socket.recv(65_536)
        except BlockingIOError:
            return True
        return False

    def request(self, method: str = "INVITE", number: int = 1, **fields: str) -> bytes:
        """A request of a dialog without a route."""
        lines = {
            "Via": f"SIP/2.0/UDP {self.sent_by};rport;branch=z9hG4bK{method}{number}",
            "Max-Forwards": "70",
            "From": "<sip:alice@example.org>;tag=a1",
            "To": "<sip:bob@example.com>",
            "Call-ID": f"{number}@example.org",
            "CSeq": f"{number} {method}",
            "Contact": f"<{self.uri}>",
            "Content-Length": "0",
            **{name.replace("_", "-"): text for name, text in fields.items()},
        }
        uri = lines.pop("uri", "sip:bob@example.com")
        written = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
        return f"{method} {uri} SIP/2.0\r\n{written}\r\n".encode()


class StreamPeer:
    """A party that speaks over TCP: it listens, or has connected."""

    def __init__(self) -> None:
        self._reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self._server: asyncio.AbstractServer | None = None
        self._is_there = asyncio.Event()
        self._stream = Stream()
        self._messages: list[Any] = []
        self.connections = 0
        self.port = 0

    async def listen(self) -> StreamPeer:
        self.port = free_port()
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self.port)
        return self

    async def connect(self, address: tuple[str, int]) -> StreamPeer:
        self._reader, self.writer = await asyncio.open_connection(*address)
        self.port = self.writer.get_extra_info("sockname")[1]
        self._is_there.set()
        return self

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._reader, self.writer = reader, writer
        self._is_there.set()

    @property
    def uri(self) -> str:
        return f"sip:127.0.0.1:{self.port};transport=tcp"

    async def receive(self) -> Any:
        await asyncio.wait_for(self._is_there.wait(), SECONDS)
        assert self._reader is not None
        while not self._messages:
            data = await asyncio.wait_for(self._reader.read(65_536), SECONDS)
            assert data, "closed"
            self._messages += self._stream.feed(data)
        return self._messages.pop(0)

    def send(self, data: bytes) -> None:
        assert self.writer is not None
        self.writer.write(data)

    def request(self, method: str, **fields: str) -> bytes:
        lines = {
            "Via": f"SIP/2.0/TCP 127.0.0.1:{self.port};branch=z9hG4bK{method}",
            "Max-Forwards": "70",
            "From": "<sip:alice@example.org>;tag=a1",
            "To": "<sip:bob@example.com>",
            "Call-ID": "tcp@example.org",
            "CSeq": f"1 {method}",
            "Contact": f"<{self.uri}>",
            "Content-Length": "0",
            **fields,
        }
        written = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
        return f"{method} sip:bob@example.com SIP/2.0\r\n{written}\r\n".encode()

    async def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            await asyncio.sleep(0.01)
        if self._server is not None:
            self._server.close()


class Rig:
    """An endpoint, or several in a group, and the peers that a test has made."""

    def __init__(self) -> None:
        self.peers: list[Peer] = []
        self.endpoints: list[Endpoint] = []
        self.handled: list[Any] = []

    def peer(self, host: str = "127.0.0.1") -> Peer:
        self.peers.append(Peer(host))
        return self.peers[-1]

    def endpoint(self, host: str = "127.0.0.1", **options: Any) -> Endpoint:
        bare = host.strip("[]")
        made = Endpoint(host, free_port(bare), **{"secret": SECRET, **options})
        self.endpoints.append(made)
        return made

    async def attach(
        self,
        handle: Callable[[Any, Any], Awaitable[None] | None],
        moderation: float = 0.001,
        relay: bool = False,
    ) -> None:
        def noted(message: Any, source: Any) -> Awaitable[None] | None:
            self.handled.append(message)
            return handle(message, source)

        if len(self.endpoints) > 1:
            Group(*self.endpoints)
        await self.endpoints[0].group.attach(noted, moderation=moderation, relay=relay)

    async def close(self) -> None:
        for endpoint in self.endpoints:
            await endpoint.close()
        for peer in self.peers:
            peer.socket.close()

    async def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(1000):
            if condition():
                return
            await asyncio.sleep(0.005)
        raise AssertionError("it never came to that")


def run(loop: str, test: Callable[[Rig], Coroutine[Any, Any, None]]) -> None:
    """Run a test on a loop, with a rig that is closed after it."""

    async def main() -> None:
        rig = Rig()
        try:
            await test(rig)
        finally:
            await rig.close()

    run_on(loop, main)
