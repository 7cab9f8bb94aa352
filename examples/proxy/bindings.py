"""Where a user can be reached: the bindings of an address of record, and how they are stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from sipfast import Contact, SipURI

__all__ = ["Binding", "Bindings", "decode", "encode", "live", "record_of"]


class Binding(NamedTuple):
    """One Contact of a REGISTER (RFC 3261 10.3)."""

    uri: str
    parameters: tuple[tuple[str, str | None], ...]
    """Those of the Contact, without `expires`: `q`, `+sip.instance`, `reg-id` and the like."""
    q: float
    expires: float
    """When it ends, in seconds since 1970."""
    call_id: str
    cseq: int
    instance: str = ""
    """`+sip.instance` and `reg-id` of a flow (RFC 5626); empty for a Contact without."""
    flow: tuple[str, int, str, int | None, str] | None = None
    """Where it registered from: host, port, transport, connection, and the process that holds it.
    Requests go there in place of the URI's address, which NAT may have made useless."""
    path: tuple[str, ...] = ()
    """The proxies between this one and the user agent, as Route values (RFC 3327)."""

    @property
    def key(self) -> Any:
        """What a later REGISTER replaces it by: the flow, or the URI."""
        return self.instance or SipURI.parse(self.uri)

    def contact(self, now: float) -> Contact:
        """The Contact that a response lists, with the seconds that are left."""
        left = max(0, round(self.expires - now))
        return Contact(self.uri, parameters=[*self.parameters, ("expires", str(left))])


Bindings = tuple[Binding, ...]


def record_of(user: str | None, domain: str) -> str:
    """The name of an address of record (10.3 step 5)."""
    return f"{user or ''}@{domain}"


def live(bindings: Iterable[Binding], now: float) -> Bindings:
    """Those that have not ended."""
    return tuple([binding for binding in bindings if binding.expires > now])


def encode(bindings: Bindings) -> bytes:
    """The bindings as a store keeps them: JSON, or nothing for none."""
    return json.dumps(bindings, separators=(",", ":")).encode() if bindings else b""


def decode(record: bytes) -> Bindings:
    """The bindings of a stored record."""
    try:
        return tuple([_binding(*fields) for fields in json.loads(record)]) if record else ()
    except (TypeError, ValueError):  # somebody else wrote it, who is welcome to do so again
        return ()


def _binding(
    uri: str,
    parameters: list[list[str | None]],
    q: float,
    expires: float,
    call_id: str,
    cseq: int,
    instance: str,
    flow: list[Any] | None,
    path: list[str],
) -> Binding:
    pairs = tuple([(str(name), value) for name, value in parameters])
    where: Any = None if flow is None else tuple(flow)
    return Binding(uri, pairs, q, expires, call_id, cseq, instance, where, tuple(path))
