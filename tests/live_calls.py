"""Calls put on the wire, message by message, for the tests of live traffic."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

import sipfast
from sipfast.capture import Record
from sipfast.live.calls import Calls, EndedCall

SECOND = 10**9


def text(
    first: str, call: str, cseq: str, *, tag: str = "", branch: str = "", user: str = "bob"
) -> bytes:
    return (
        f"{first}\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{branch or cseq.replace(' ', '')}\r\n"
        f"From: <sip:alice@example.com>;tag=a\r\nTo: <sip:{user}@example.net>{tag}\r\n"
        f"Call-ID: {call}\r\nCSeq: {cseq}\r\n\r\n"
    ).encode("utf-8", "surrogateescape")


@contextlib.contextmanager
def no_descriptors() -> Iterator[None]:
    """The process can open nothing: what is below its bound is in use."""
    resource = pytest.importorskip("resource")
    lowest = os.dup(0)
    os.close(lowest)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Wire:
    """Puts messages on the wire, at seconds."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = Calls() if calls is None else calls

    def put(self, at: float, data: bytes, *, is_chosen: bool = True) -> None:
        record = Record(
            memoryview(data), 0, 1, int(at * SECOND), "192.0.2.1", 5060, "192.0.2.2", 5060, "UDP"
        )
        self.calls.add(sipfast.parse(data), record, at, is_chosen=is_chosen)

    def invite(self, at: float, call: str = "1", number: int = 1, **more: str) -> None:
        self.put(at, text("INVITE sip:bob@example.net SIP/2.0", call, f"{number} INVITE", **more))

    def status(
        self, at: float, status: int, call: str = "1", cseq: str = "1 INVITE", **more: str
    ) -> None:
        self.put(at, text(f"SIP/2.0 {status} Reason", call, cseq, tag=";tag=b", **more))

    def request(self, at: float, method: str, call: str = "1", number: int = 1) -> None:
        line = f"{method} sip:bob@example.net SIP/2.0"
        self.put(at, text(line, call, f"{number} {method}", tag=";tag=b"))

    def told(self, at: float) -> list[EndedCall]:
        return [*self.calls.ended(at)]

    def one(self) -> EndedCall:
        (call,) = self.calls.close()
        return call
