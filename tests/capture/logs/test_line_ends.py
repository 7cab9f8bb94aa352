"""Logs that came through editors and systems with other line ends."""

from __future__ import annotations

import log_files as made
import pytest
from log_files import LOGS, MESSAGES, NOISE, Written

import sipfast
from sipfast.capture import CaptureError

MARK = b"\xef\xbb\xbf"


def _read(content: bytes) -> list[bytes]:
    capture = sipfast.open(content)
    found = [bytes(record.data) for record in capture]
    assert not capture.unread
    return found


@pytest.mark.parametrize("mark", [b"", MARK], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("written", LOGS.values(), ids=LOGS)
def test_every_line_end_is_crlf(written: Written, mark: bytes) -> None:
    content = made.log(written, written.messages, NOISE)
    content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert _read(mark + content) == list(written.messages)


@pytest.mark.parametrize("written", LOGS.values(), ids=LOGS)
def test_a_byte_order_mark(written: Written) -> None:
    assert _read(MARK + made.log(written, written.messages)) == list(written.messages)


def test_a_byte_order_mark_before_messages() -> None:
    content = MARK + b"\r\n" + b"".join(MESSAGES)
    assert _read(content) == list(MESSAGES)
    assert next(iter(sipfast.open(content))).offset == len(MARK) + 2
    assert _read(MARK + MESSAGES[0]) == [MESSAGES[0]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_named(encoding: str) -> None:
    content = "\ufeff".encode(encoding)[:2] + MESSAGES[0].decode().encode(encoding)
    with pytest.raises(CaptureError, match="perhaps text in UTF-16"):
        sipfast.open(content)
