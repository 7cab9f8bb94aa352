"""Where a message goes next."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NextHop"]


class NextHop(NamedTuple):
    """The next hop of a message, from `Request.next_hop` or `Response.next_hop`."""

    host: str
    """A name or an IP address; an IPv6 address is without brackets."""
    port: int | None
    """None for a host name without a port, which DNS resolves (RFC 3263 4)."""
    transport: str
    """In upper case, such as ``"UDP"``."""
    connection: int | None
    """The connection that the request came in by, as `Request.forward` was given it; or None."""
