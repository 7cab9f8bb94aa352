"""Where a request came from, in its top Via (RFC 3261 18.2.1, RFC 3581 4)."""

from __future__ import annotations

import re
from typing import Any

from sipfast import _late

from ..values.via import Via

__all__ = ["Source", "with_source"]

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
    address = _address(host.partition("%")[0])
    via_host = via.host_address
    wants_rport = via.wants_rport
    added = ""
    if wants_rport or via_host is None or _address(via_host) != address:
        added = f";received={address}"
    if wants_rport:
        added += f";rport={port}"
    first = str(via)
    lower = first.lower()
    if "received" not in lower and "rport" not in lower:
        return text.replace(first, first + added, 1)
    head, mark, rest = first.partition(";")
    if '"' in rest:
        parameters = _PARAMETER.findall(mark + rest)
    else:
        parameters = [f";{parameter}" for parameter in rest.split(";")]
    pieces = [piece for piece in parameters if _name(piece) not in _ADDED]
    return text.replace(first, "".join([head, *pieces, added]), 1)


def _name(parameter: str) -> str:
    return parameter[1:].partition("=")[0].strip(" \t").lower()


_MOST = 256
_ADDRESSES: dict[str, str] = {}
"""The last addresses that were read, as they are written usually."""


def _address(host: str) -> str:
    """An IP address as it is written usually; one of IPv4 mapped into IPv6 is that of IPv4."""
    found = _ADDRESSES.get(host) if type(host) is str else None
    if found is None:
        address = _late.ipaddress.ip_address(host)
        found = str(getattr(address, "ipv4_mapped", None) or address)
        if len(_ADDRESSES) >= _MOST:
            _ADDRESSES.clear()
        if type(host) is str:
            _ADDRESSES[host] = found
    return found
