"""Where a request came from, in its top Via (RFC 3261 18.2.1, RFC 3581 4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sipfast import _late

from ..values.uri import address_of
from ..values.via import Via

__all__ = ["Source", "address_of_source", "host_and_port", "ip_address", "sources", "with_source"]

Source = Sequence[Any]
"""Host and port that a request came from, as a socket returns them; more items are ignored."""

_MOST_SOURCES = 256
sources: dict[str, tuple[str, bytes, bytes]] = {}
"""The addresses of the hosts that sent last: `address_of_source` of each."""

_ADDED = ("received", "rport")
_PARAMETER = re.compile(r';[^;"]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^;"]*)*', re.DOTALL)


def with_source(text: str, via: Via, source: Source) -> str:
    """The text of a Via field whose first value, `via`, says where the request came from.

    `received` and `rport` as the sender wrote them are removed.  `received` is the source address,
    unless sent-by has the same; `rport`, if the sender asked for it, is the source port, beside
    `received`.  Raises ValueError for a host that is not an IP address or a port out of range.
    """
    host, port = host_and_port(source)
    address = address_of_source(host)[0]
    wants_rport = via.wants_rport
    added = ""
    if wants_rport or not _is_at(via.host, address):
        added = f";received={address}"
    if wants_rport:
        added += f";rport={port}"
    first = str(via)
    changed = first + added
    lower = first.lower()
    if "received" in lower or "rport" in lower:
        head, mark, rest = first.partition(";")
        pieces = [piece for piece in _PARAMETER.findall(mark + rest) if _name(piece) not in _ADDED]
        changed = "".join([head, *pieces, added])
    return changed if text == first else text.replace(first, changed, 1)


def _name(parameter: str) -> str:
    return parameter[1:].partition("=")[0].strip(" \t").lower()


def _is_at(host: str, address: str) -> bool:
    """Whether the host of a Via is an IP address, and this one."""
    if host == address:
        return True
    if len(host) > _LONGEST or not (host[:1] == "[" or host[len(host) - 1 :].isdigit()):
        return False
    return _literal(host) == address


_LONGEST = 64
"""Characters in an IP address with brackets, and more."""


@lru_cache(256)
def _literal(host: str) -> str | None:
    """The usual form of a host that is an IP address; else None."""
    address = address_of(host)
    return None if address is None else str(ip_address(address))


def host_and_port(source: Source) -> tuple[str, int]:
    """The first two items of a source, which may be of any class, as plain values."""
    try:
        host, port = source[0], source[1]
    except (IndexError, KeyError, TypeError):
        host = port = None
    if not isinstance(host, str) or not isinstance(port, int):
        raise TypeError("source must be a host and a port, such as ('192.0.2.1', 5060)")
    # a class of the caller's may write itself as anything
    host, port = str.__str__(host), int.__add__(port, 0)
    if not 1 <= port <= 65535:
        raise ValueError(f"the port of source must be from 1 to 65535, not {port}")
    return host, port


def address_of_source(host: str) -> tuple[str, bytes, bytes]:
    """The IP address of a source, as str and as bytes, and the parameter of a Via that has it.

    Raises ValueError for another text.
    """
    known = sources.get(host)
    if known is None:
        address = str(ip_address(host.partition("%")[0]))
        known = address, address.encode(), b";received=" + address.encode()
        if len(host) <= _LONGEST:
            if len(sources) >= _MOST_SOURCES:
                sources.clear()
            sources[host] = known
    return known


def ip_address(host: str) -> Any:
    """An IP address; one of IPv4 mapped into IPv6 is that of IPv4."""
    address = _late.ipaddress.ip_address(host)
    return getattr(address, "ipv4_mapped", None) or address
