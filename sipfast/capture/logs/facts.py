"""What a header line tells of its message: the two sides, the transport, the direction."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from .formats import GROUPS, Format

__all__ = ["Path", "Paths"]

# The words of the logs for the two directions.
_DIRECTIONS = {
    word: direction
    for direction, words in (
        ("received", ("received", "recv", "rx", "rcv", "in", "incoming")),
        ("received", ("sip read from", "received from", "new bytes from")),
        ("sent", ("sent", "send", "tx", "snd", "out", "outgoing", "transmitting")),
        ("sent", ("retransmitting", "sent to", "message sent to")),
    )
    for word in words
}
_TRANSPORTS = {name: name.upper() for name in ("udp", "tcp", "tls", "sctp", "ws", "wss", "dtls")}
_TRANSPORTS |= {"u": "UDP", "t": "TCP"}

# The groups that say it.
_SIDES = GROUPS - {"before", "time", "length"}

_HIGHEST_PORT = 65_535
_MOST_PATHS = 4096


class Path(NamedTuple):
    """Where a message came from and went to; None for what the log does not tell."""

    source: str | None
    source_port: int | None
    destination: str | None
    destination_port: int | None
    transport: str | None
    direction: str | None
    lost: tuple[str, ...]


class Paths:
    """The paths of header lines: most lines of a log have the same few."""

    __slots__ = ("_known", "_names")

    def __init__(self) -> None:
        self._known: dict[tuple[str | bytes | None, ...], Path] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def of(self, format: Format, found: re.Match[bytes]) -> Path:
        """The path in a header line."""
        names = self._names.get(format.name)
        if names is None:
            names = tuple(name for name in found.re.groupindex if name in _SIDES)
            self._names[format.name] = names
        key = (format.name, *[found[name] for name in names])
        path = self._known.get(key)
        if path is None:
            if len(self._known) >= _MOST_PATHS:
                self._known.clear()
            path = self._known[key] = _path(format, found.groupdict())
        return path


def _path(format: Format, groups: dict[str, bytes | None]) -> Path:
    told = (groups.get("direction") or b"").decode("latin-1").lower()
    direction = _DIRECTIONS.get(told)
    source = _address(groups, "source")
    destination = _address(groups, "destination")
    if groups.get("peer"):
        peer, local = _address(groups, "peer"), _address(groups, "local")
        source, destination = (local, peer) if direction == "sent" else (peer, local)
    name = (groups.get("transport") or b"").decode("latin-1").lower()
    transport = _TRANSPORTS.get(name)
    lost = []
    if source[0] is None:
        lost.append("source")
    if destination[0] is None:
        lost.append("destination")
    if transport is None:
        lost.append("transport")
    if format.layout == "dotted":
        lost.append("bytes")
    return Path(*source, *destination, transport, direction, tuple(lost))


def _number(groups: dict[str, bytes | None], name: str) -> int | None:
    digits = groups.get(name)
    return int(digits) if digits is not None and digits.isdigit() else None


def _address(groups: dict[str, bytes | None], name: str) -> tuple[str | None, int | None]:
    text = (groups.get(name) or b"").decode("latin-1")
    port = _number(groups, f"{name}_port")
    if port is None:
        host, _, digits = text.rpartition(":")
        # An IPv6 address without a port has its colons too.
        if (
            digits.isdigit()
            and host
            and (":" not in host or host.endswith("]") or _is_address(host))
        ):
            text, port = host, int(digits)
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if port is not None and port > _HIGHEST_PORT:
        port = None
    return text or None, port


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
