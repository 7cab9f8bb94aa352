"""Via: a hop of the request's path, which the response retraces (RFC 3261 20.42)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..building import changed, check, digits, gathered
from ..parameters import Pairs, Parameters, compared, others, parameter_number, written
from ..value import Value
from ..wire.text import HOST, PORT, PROTOCOL, TRANSPORT, VERSION
from .uri import address_of, same_host

if TYPE_CHECKING:
    from types import EllipsisType

__all__ = ["COOKIE", "Via", "has_cookie"]

COOKIE = "z9hg4bk"
"""The magic cookie of RFC 3261 8.1.1.7, in lower case."""


class Via(Value):
    """A Via: sent-protocol, sent-by and parameters.

    >>> via = Via.parse("SIP/2.0/UDP 192.0.2.4:5062;branch=z9hG4bKnashds7;rport")
    >>> via.transport, via.host, via.port, via.branch, via.rport
    ('UDP', '192.0.2.4', 5062, 'z9hG4bKnashds7', None)
    """

    __slots__ = ()

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        protocol: str = "SIP/2.0",
        transport: str = "UDP",
        branch: str | None = None,
        parameters: Pairs = (),
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        place = host if port is None else f"{host}:{digits(port)}"
        pairs = gathered((("branch", branch),), parameters)
        rest = written(pairs, "Via")
        built = self._built(f"{protocol}/{transport} {place}{rest}")
        if (built.protocol, built.transport, built.host) != (protocol, transport, host):
            built._fail("via-malformed", PROTOCOL)
        self._become(built)

    def _read(self) -> Any:
        self._split_via()
        return self

    @property
    def protocol(self) -> str:
        """Protocol name and version, such as ``"SIP/2.0"``."""
        return f"{self._part(PROTOCOL)}/{self._part(VERSION)}"

    @property
    def transport(self) -> str:
        """The transport as written, such as ``"UDP"``."""
        return self._part(TRANSPORT) or ""

    @property
    def host(self) -> str:
        """The host of sent-by: a name, an IPv4 address, or an IPv6 address in brackets."""
        return self._part(HOST) or ""

    @property
    def host_address(self) -> str | None:
        """The IP address that the host is, as written but without brackets; None for a name."""
        return address_of(self._part(HOST) or "")

    @property
    def port(self) -> int | None:
        """The port of sent-by, or None."""
        return self._number(PORT, 65535) if self._has(PORT) else None

    @property
    def sent_by(self) -> str:
        """Host and port, without whitespace (RFC 3261 18.1.1)."""
        return f"{self.host}:{self._part(PORT)}" if self._has(PORT) else self.host

    @property
    def branch(self) -> str | None:
        """The branch, which identifies the transaction (RFC 3261 8.1.1.7), or None."""
        return self._parameter("branch")

    @property
    def is_rfc3261(self) -> bool:
        """Whether the branch is the magic cookie, in any case, and more characters."""
        return has_cookie((self.branch or "").lower())

    @property
    def received(self) -> str | None:
        """``received``: the source address of the request; an IPv6 address may be in brackets."""
        return self._parameter("received")

    @property
    def rport(self) -> int | None:
        """``rport``: the source port of the request; None without a value (RFC 3581)."""
        return None if not self._parameter("rport") else parameter_number(self, "rport", 65535)

    @property
    def wants_rport(self) -> bool:
        """Whether ``rport`` is present, with or without a value (RFC 3581 3)."""
        return self._parameter("rport") is not None

    @property
    def maddr(self) -> str | None:
        """``maddr``: the address to send the response to, or None."""
        return self._parameter("maddr")

    @property
    def ttl(self) -> int | None:
        """``ttl``: 0 to 255, or None.  Raises `ParseError` if it is malformed."""
        return parameter_number(self, "ttl", 255)

    @property
    def alias(self) -> bool:
        """Whether ``alias`` offers the connection for requests in both directions (RFC 5923)."""
        return self._parameter("alias") is not None

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        host: str | EllipsisType = ...,
        port: int | EllipsisType | None = ...,
        protocol: str | EllipsisType = ...,
        transport: str | EllipsisType = ...,
        branch: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Via:
        """A copy with some arguments of `Via` replaced."""
        given = changed(locals())
        parts = {
            "host": self.host,
            "port": self.port,
            "protocol": self.protocol,
            "transport": self.transport,
            "branch": self.branch,
            "parameters": others(self, ("branch",)),
        }
        again: Via = self._again(type(self), parts, given)
        return again

    def _key(self) -> Any:
        """RFC 3261 20.42: sent-protocol, sent-by, and all parameters."""
        return (
            self.protocol.lower(),
            self.transport.lower(),
            same_host(self.host),
            self.port,
            frozenset([(name.lower(), compared(text)) for name, text in self._parameters()]),
        )


def has_cookie(branch: str) -> bool:
    """Whether a branch in lower case is the magic cookie and more characters."""
    return branch.startswith(COOKIE) and len(branch) > len(COOKIE)
