"""A message taken apart for showing."""

from __future__ import annotations

from command import request

import sipfast
from sipfast.calls.dissect import dissect, is_text
from sipfast.capture import Record


def test_text_and_binary_bodies() -> None:
    assert is_text(b"v=0\r\ns=-\r\n")
    assert is_text("中文".encode())
    assert is_text("<Name>摄像机</Name><Status>ON</Status>".encode("gb18030") + b"<x>" * 20)
    assert not is_text(b"text\0text")
    assert not is_text(bytes(range(128, 256)))


def test_dissect_finds_the_fields_that_the_message_has() -> None:
    data = b"\r\n\n" + request("INVITE", "Subject: a\r\n b", "x: 1", body=b"a: b\r\n")
    found = dissect(Record(memoryview(data), 0, 1))
    names = [(field.name, data[slice(*field.span)].strip()) for field in found.fields]
    parsed = sipfast.parse(data).headers
    assert [name for name, _ in names] == [name.decode() for name, _ in parsed.raw]
    assert all(text.endswith(raw) for (_, text), (_, raw) in zip(names, parsed.raw, strict=True))
    assert data[slice(*found.start_line)] == b"INVITE sip:bob@example.com SIP/2.0\r\n"
    assert data[slice(*found.body)] == b"a: b\r\n"
    assert (found.hidden, found.surplus) == (0, 0)
