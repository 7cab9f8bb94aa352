"""Where a request came from, in its top Via (RFC 3261 18.2.1, RFC 3581 4)."""

from __future__ import annotations

import re
from typing import Any

from sipfast import _late

from ..values.via import Via

__all__ = ["Source", "ip_address", "with_source"]

Source = tuple[Any, ...]
"""Host and port that a request came from, as a socket returns them; more items are ignored."""

_ADDED = ("received", "rport")
_PARAMETER = re.compile(r';[^;"]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^;"]*)*', re.DOTALL)


def with_source(text: str, via: Via, source: Source) -> str:
    """The text of a Via field whose first value, `via`, says where the request came from.

    `received` and `rport` as the sender wrote them are removed.  `received` is the source address,
    unless sent-by has the same; `rport`, if the sender asked for it, is the source port, beside
    `received`.  Raises ValueError for a host that is not an IP address or a port out of range.
    """
    host, port = source[0], source[1]
    if not isinstance(host, str) or not isinstance(port, int):
        raise TypeError("source must be a host and a port, such as ('192.0.2.1', 5060)")
    if not 0 <= port <= 65535:
        raise ValueError(f"the port of source must be from 0 to 65535, not {port}")
    address = ip_address(host.partition("%")[0])
    added = ""
    if via.wants_rport or via.host_address is None or ip_address(via.host_address) != address:
        added = f";received={address}"
    if via.wants_rport:
        added += f";rport={port}"
    first = str(via)
    head, mark, rest = first.partition(";")
    pieces = [piece for piece in _PARAMETER.findall(mark + rest) if _name(piece) not in _ADDED]
    return text.replace(first, "".join([head, *pieces, added]), 1)


def _name(parameter: str) -> str:
    return parameter[1:].partition("=")[0].strip(" \t").lower()


def ip_address(host: str) -> Any:
    """An IP address; one of IPv4 mapped into IPv6 is that of IPv4."""
    address = _late.ipaddress.ip_address(host)
    return getattr(address, "ipv4_mapped", None) or address
