"""User agents for tests of a running proxy: small, blocking, over UDP, TCP, TLS and WebSocket."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sipfast
from sipfast.websocket import Opened, WebSocket

__all__ = ["Link", "ProxyProcess", "TCPLink", "UDPLink", "UserAgent", "WebSocketLink", "running"]

ROOT = Path(__file__).parents[1]
WAIT = 10.0
"""How long a message may take on a machine that is busy."""


class Link:
    """A way to send messages to the proxy, and to receive some."""

    transport = "UDP"

    def __init__(self, host: str, port: int) -> None:
        self.proxy = (host, port)

    def send(self, data: bytes) -> None:
        raise NotImplementedError

    def receive(self, wait: float = WAIT) -> Any:
        """The next message; None if there is none in time."""
        raise NotImplementedError

    def close(self) -> None:
        self.socket.close()

    socket: Any

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.socket.getsockname()[:2]
        return host, port


class UDPLink(Link):
    """Datagrams."""

    def __init__(self, host: str, port: int, at: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        super().__init__(host, port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(at)

    def send(self, data: bytes) -> None:
        self.socket.sendto(data, self.proxy)

    def receive(self, wait: float = WAIT) -> Any:
        self.socket.settimeout(wait)
        with contextlib.suppress(TimeoutError, BlockingIOError):
            return sipfast.parse(self.socket.recv(65536))
        return None


class TCPLink(Link):
    """A connection, with TLS if there is a context."""

    transport = "TCP"

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(host, port)
        connection = _connected(host, port)
        self.socket = connection
        if tls is not None:
            self.transport = "TLS"
            self.socket = tls.wrap_socket(connection, server_hostname=host)
        self._stream = sipfast.Stream()
        self._arrived: deque[Any] = deque()

    def send(self, data: bytes) -> None:
        self.socket.settimeout(WAIT)
        self.socket.sendall(data)

    def receive(self, wait: float = WAIT) -> Any:
        until = time.monotonic() + wait
        while not self._arrived:
            self.socket.settimeout(max(0.001, until - time.monotonic()))
            try:
                data = self.socket.recv(65536)
            except (TimeoutError, ssl.SSLWantReadError):
                return None
            except OSError:
                data = b""
            if not data:
                return None
            self._take(data)
        return self._arrived.popleft()

    def _take(self, data: bytes) -> None:
        self._arrived.extend(self._stream.feed(data))


def _connected(host: str, port: int) -> socket.socket:
    """A connection, as soon as somebody listens."""
    until = time.monotonic() + WAIT
    while True:
        try:
            return socket.create_connection((host, port), timeout=WAIT)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


class WebSocketLink(TCPLink):
    """A connection of RFC 7118."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(host, port, tls)
        self.transport = "WS" if tls is None else "WSS"
        self._websocket = WebSocket.client(f"{host}:{port}")
        self.socket.sendall(self._websocket.data_to_send())
        opened = self.receive()
        assert isinstance(opened, Opened)

    def send(self, data: bytes) -> None:
        self._websocket.send(data)
        super().send(self._websocket.data_to_send())

    def _take(self, data: bytes) -> None:
        self._arrived.extend(self._websocket.feed(data))


class UserAgent:
    """A party of calls by one link."""

    def __init__(self, link: Link, user: str, domain: str = "example.net") -> None:
        self.link = link
        self.user = user
        self.domain = domain
        self._cseq = 0
        host, port = link.address
        self.host = f"{user}.invalid" if link.transport in ("WS", "WSS") else f"{host}:{port}"
        self.transport = link.transport
        parameter = "" if link.transport == "UDP" else f";transport={link.transport.lower()}"
        self.contact = f"<sip:{user}@{self.host}{parameter}>"

    def request(self, method: str, uri: str, to: str | None = None, **more: Any) -> sipfast.Request:
        """A request outside of dialogs; `more` are further header fields, with _ for -."""
        self._cseq += 1
        body = more.pop("body", b"")
        headers: dict[str, Any] = {
            "Via": f"SIP/2.0/{self.transport} {self.host};rport;branch={sipfast.new_branch()}",
            "Max-Forwards": 70,
            "From": f"<sip:{self.user}@{self.domain}>;tag={sipfast.new_tag()}",
            "To": f"<{to or uri}>",
            "Call-ID": sipfast.new_call_id(),
            "CSeq": f"{self._cseq} {method}",
            "Contact": self.contact,
            "User-Agent": "a user agent of the tests, with a name of some length",
        }
        headers.update({name.replace("_", "-"): value for name, value in more.items()})
        kept = {name: value for name, value in headers.items() if value is not None}
        message = sipfast.Draft.request(method, uri, kept, body).message
        assert isinstance(message, sipfast.Request)
        return message

    def send(self, message: Any) -> None:
        self.link.send(bytes(message))

    def receive(self, wait: float = WAIT) -> Any:
        return self.link.receive(wait)

    def final(self, wait: float = WAIT) -> sipfast.Response:
        """The next final response; requests and provisional ones are passed over."""
        until = time.monotonic() + wait
        while True:
            message = self.receive(until - time.monotonic())
            assert message is not None, "no final response"
            if isinstance(message, sipfast.Response) and message.status >= 200:
                return message

    def expect(self, method: str, wait: float = WAIT) -> sipfast.Request:
        """The next request with this method."""
        until = time.monotonic() + wait
        while True:
            message = self.receive(max(0.001, until - time.monotonic()))
            assert message is not None, f"no {method}"
            if isinstance(message, sipfast.Request) and message.method == method:
                return message

    def ask(self, request: sipfast.Request, password: str | None = None) -> sipfast.Response:
        """Send a request, again with credentials if it is challenged; the final response."""
        self.send(request)
        response = self.final()
        if response.status in (401, 407) and password is not None:
            if request.method == "INVITE":
                self.send(request.ack(response))
            again = request.authorized(response, self.user, password)
            assert again is not None
            self._cseq += 1
            self.send(again)
            response = self.final()
        return response

    def register(self, password: str | None = None, **more: Any) -> sipfast.Response:
        address = f"sip:{self.user}@{self.domain}"
        request = self.request("REGISTER", f"sip:{self.domain}", address, **more)
        return self.ask(request, password)

    def answer(self, request: sipfast.Request, status: int, **headers: Any) -> sipfast.Response:
        response = request.reply(status, headers={"Contact": self.contact, **headers})
        self.send(response)
        return response

    def close(self) -> None:
        self.link.close()


class ProxyProcess:
    """The example proxy in a process of its own."""

    def __init__(self, *options: str, engine: str = "", log: Path) -> None:
        environment = dict(os.environ)
        environment.pop("SIPFAST_PURE", None)
        if engine == "pure":
            environment["SIPFAST_PURE"] = "1"
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "examples.proxy", *options],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_up(self, host: str, port: int, wait: float = 30.0) -> None:
        """Ask with OPTIONS until it answers."""
        until = time.monotonic() + wait
        link = UDPLink(host, port)
        agent = UserAgent(link, "probe")
        try:
            while time.monotonic() < until:
                assert self.process.poll() is None, self.log()
                agent.send(agent.request("OPTIONS", f"sip:{host}:{port}"))
                with contextlib.suppress(ConnectionError):
                    if link.receive(0.1) is not None:
                        return
            raise TimeoutError(self.log())
        finally:
            link.close()

    def log(self) -> str:
        return self._log.read_text()

    def stop(self, number: int = signal.SIGTERM, wait: float = 15.0) -> int:
        """Send a signal, and wait for the end; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(wait)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@contextlib.contextmanager
def running(*options: str, port: int, engine: str, log: Path) -> Iterator[ProxyProcess]:
    """A proxy that listens on a UDP port; it must end well, and have logged no traceback."""
    proxy = ProxyProcess(*options, engine=engine, log=log)
    try:
        proxy.wait_until_up("127.0.0.1", port)
        yield proxy
    except BaseException:
        proxy.process.kill()
        proxy.process.wait()
        print(proxy.log())
        raise
    if proxy.process.poll() is None:
        assert proxy.stop() == 0, proxy.log()
    assert "Traceback" not in proxy.log(), proxy.log()
