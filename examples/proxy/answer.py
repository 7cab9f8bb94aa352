"""The proxy's own answers: to what it serves itself, and to what it refuses to send on."""

from __future__ import annotations

from collections.abc import Sequence

from sipfast import Contact

__all__ = ["Answer", "Refused"]

Headers = Sequence[tuple[str, "str | Contact"]]


class Answer:
    """A response that the proxy makes itself."""

    def __init__(self, status: int, reason: str | None = None, headers: Headers = ()) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers


class Refused(Answer, Exception):
    """An error, raised wherever it is found, and sent by whoever handles the request."""
