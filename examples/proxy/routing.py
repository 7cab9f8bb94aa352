"""Where requests go: our domains, fixed routes, the order of the bindings; and whom we trust."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from sipfast import NextHop, SipURI

from .bindings import Binding, Bindings

__all__ = ["Domains", "Networks", "Target", "groups_of", "next_hop_of"]


class Target(NamedTuple):
    """One place to send a request to."""

    uri: str | None
    """The new Request-URI; None to follow Route."""
    where: NextHop | None = None
    """Where to send it, if that is not where the URI says."""
    path: tuple[str, ...] = ()
    """Routes to put on top (RFC 3327)."""
    is_trusted: bool = False
    """Whether the sender may choose: a Route, or a foreign URI."""


class Domains:
    """The domains that this proxy is responsible for, and its own addresses, which mean the first.

    A host with a port that we do not listen at is somebody else.
    """

    def __init__(self, names: Sequence[str], addresses: Iterable[tuple[str, int]]) -> None:
        self._addresses = {(host.lower(), port) for host, port in addresses}
        hosts = [host for host, _ in sorted(self._addresses)]
        self.names = [name.lower() for name in names] or hosts[:1]
        self._known = frozenset(self.names)
        self._ports = frozenset([port for _, port in self._addresses])

    def of(self, uri: SipURI) -> str | None:
        """The domain of ours that a URI is in; None for the domains of others."""
        return self._of(uri.host, uri)

    def is_here(self, uri: SipURI) -> bool:
        """Whether a request with this URI would come back to us: by its host, or by its maddr."""
        maddr = uri.maddr
        if maddr is not None and ":" in maddr and not maddr.startswith("["):
            maddr = f"[{maddr}]"
        return any(self._of(host, uri) is not None for host in (uri.host, maddr) if host)

    def _of(self, host: str, uri: SipURI) -> str | None:
        host, port = host.lower().rstrip("."), uri.port
        if host in self._known and (port is None or port in self._ports):
            return host
        if port is None:
            port = 5061 if uri.is_secure else 5060
        return self.names[0] if (host, port) in self._addresses else None


class Networks:
    """Addresses whose requests need no password.  Over UDP, anybody can claim to have one."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ip_network(network) for network in networks]
        self._has = lru_cache(4096)(self._look)

    def __contains__(self, host: str) -> bool:
        return bool(self._networks) and self._has(host)

    def _look(self, host: str) -> bool:
        address = ip_address(host.partition("%")[0])
        return any(address in network for network in self._networks)


def next_hop_of(uri: SipURI) -> NextHop:
    """The address in the URI of a fixed route."""
    transport = (uri.transport or ("tls" if uri.is_secure else "udp")).upper()
    port = uri.port
    if port is None and uri.host_address is not None:
        port = 5061 if transport == "TLS" else 5060
    return NextHop(uri.host.strip("[]"), port, transport, None)


def groups_of(bindings: Bindings) -> list[list[Binding]]:
    """The bindings in the order to try them (RFC 3261 16.6): those of one `q` at the same time.

    Of several flows of one instance, the newest comes first, the others if it fails (RFC 5626 5.3).
    """
    newest = list(reversed(bindings))
    newest.sort(key=lambda binding: -binding.q)
    groups: dict[tuple[float, int], list[Binding]] = {}
    tried: dict[str, int] = {}
    for binding in newest:
        instance = binding.instance.rpartition(";")[0]
        turn = tried.get(instance, 0) if instance else 0
        tried[instance] = turn + 1
        groups.setdefault((-binding.q, turn), []).append(binding)
    return [groups[order] for order in sorted(groups)]
