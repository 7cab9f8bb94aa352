"""A message split by hand, as people do without a library."""

from __future__ import annotations

HandMade = tuple[bytes, dict[bytes, list[bytes]], bytes]


def by_hand(data: bytes) -> HandMade:
    """Split a message to its start line, a dict of lists of values, and the body."""
    head, _, body = data.partition(b"\r\n\r\n")
    start, *lines = head.split(b"\r\n")
    headers: dict[bytes, list[bytes]] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return start, headers, body


def by_hand_to_str(data: bytes) -> tuple[str, dict[str, list[str]], bytes]:
    """Do the same to str: decoding the whole head at once is faster than value by value."""
    head, _, body = data.partition(b"\r\n\r\n")
    start, *lines = head.decode().split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return start, headers, body
