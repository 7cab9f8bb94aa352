"""One side of a TLS connection, sans-IO, over `ssl.MemoryBIO`.

asyncio's own TLS allocates 256 KiB a connection and counts none before its handshake is done; this
one keeps OpenSSL's buffers only, and is the same on every loop.
"""

from __future__ import annotations

import ssl
from contextlib import suppress

__all__ = ["TLS"]

_RECORD = 16_384
"""The most bytes that OpenSSL reads or writes in one go."""


class TLS:
    """One side of a TLS connection.

    `feed` takes what the socket received and returns what it says in clear; `data_to_send` hands
    out the bytes to send, after the constructor and each `feed`, `write` and `close`.
    """

    __slots__ = ("_in", "_object", "_out", "is_ended", "is_open")

    is_open: bool
    """Whether the handshake is done."""
    is_ended: bool
    """Whether the peer closed the connection."""

    def __init__(self, context: ssl.SSLContext, name: str | None = None) -> None:
        """A client's side if `name` is given, which the certificate must prove; else a server's."""
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(
            self._in, self._out, server_side=name is None, server_hostname=name
        )
        self.is_open = self.is_ended = False
        if name is not None:
            self._shake_hands()

    def feed(self, data: bytes) -> bytes:
        """The bytes in clear.  Raises ssl.SSLError; send what is in `data_to_send` then, too."""
        self._in.write(data)
        if not self.is_open:
            self._shake_hands()
            if not self.is_open:
                return b""
        clear = []
        try:
            while self._in.pending or self._object.pending():
                piece = self._object.read(_RECORD)
                if not piece:  # the peer's close_notify
                    self.is_ended = True
                    break
                clear.append(piece)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.is_ended = True
        except ssl.SSLError:
            if not clear:
                raise
            self.is_ended = True  # after what could be read
        return clear[0] if len(clear) == 1 else b"".join(clear)

    def write(self, data: bytes) -> None:
        """Encrypt bytes, after the handshake."""
        view = memoryview(data)
        while view:
            view = view[self._object.write(view) :]

    def close(self) -> None:
        """Say that this side sends nothing more (close_notify)."""
        if self.is_open:
            with suppress(ssl.SSLError):  # the peer has not closed yet, or never will
                self._object.unwrap()

    def data_to_send(self) -> bytes:
        """The bytes to send now; each is handed out once."""
        return self._out.read()

    def _shake_hands(self) -> None:
        try:
            self._object.do_handshake()
            self.is_open = True
        except ssl.SSLWantReadError:
            pass
