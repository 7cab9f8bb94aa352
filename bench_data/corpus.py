"""Reads a file of concatenated SIP messages.

Kept apart from sipfast on purpose: it is the second opinion on where a message ends. It knows the
corpora of this folder (CRLF line ends, a Content-Length in every message), not SIP at large.
"""

from __future__ import annotations

import re
from pathlib import Path

_CONTENT_LENGTH = re.compile(
    rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE
)


def split(data: bytes) -> list[bytes]:
    """The messages in `data`, each whole. Raises ValueError where one has no end or no length."""
    messages = []
    start = 0
    while start < len(data):
        blank = data.find(b"\r\n\r\n", start)
        if blank < 0:
            raise ValueError(f"no blank line after byte {start}")
        length = _CONTENT_LENGTH.search(data, start, blank + 2)
        if length is None:
            raise ValueError(f"no Content-Length in the message at byte {start}")
        end = blank + 4 + int(length[1])
        if end > len(data):
            raise ValueError(f"the body of the message at byte {start} is cut short")
        messages.append(data[start:end])
        start = end
    return messages


def load(path: str | Path) -> list[bytes]:
    """The messages in the file at `path`. Raises ValueError as `split` does, and OSError."""
    return split(Path(path).read_bytes())
