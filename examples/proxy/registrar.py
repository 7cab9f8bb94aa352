"""The registrar: REGISTER to bindings (RFC 3261 10.3), flows (RFC 5626) and Path (RFC 3327)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from sipfast import Contact, Request, SipURI

from .answer import Refused
from .bindings import Binding, Bindings, record_of
from .location import Location
from .routing import Domains

__all__ = ["Policy", "Registrar", "Where"]

Where = tuple[str, int, str, int | None, str]
"""A flow: host, port, transport, connection, and the process that holds the connection."""

_SUPPORTED = ("path", "outbound")
_LONGEST_CONTACT = 1024
_MOST_PATHS = 5
_NOT_STORED = ("expires",)


@dataclass(frozen=True)
class Policy:
    """How long a binding may last, in seconds, and how many an address of record may have."""

    least: int = 60
    usual: int = 3600
    most: int = 7200
    bindings: int = 10


class Registrar:
    """Keeps the bindings of the users of `domains`."""

    def __init__(self, location: Location, domains: Domains, policy: Policy) -> None:
        self._location = location
        self._domains = domains
        self._policy = policy

    async def register(
        self, request: Request, user: str | None, now: float, where: Where
    ) -> list[tuple[str, str | Contact]]:
        """The header fields of the 200.  `user` has signed the request; None may be anybody.

        Raises `Refused` and `ParseError`, and then nothing has changed.
        """
        self._check_extensions(request)
        address = request.to.uri if request.to is not None else None
        domain = self._domains.of(address) if isinstance(address, SipURI) else None
        # The password is one for the domain in the Request-URI, and for no other one (10.3 step 5).
        if address is None or domain is None or domain != self._domain_of(request):
            raise Refused(404)
        if user is not None and user != address.user:
            raise Refused(403)
        paths = tuple([str(path) for path in request.path])
        if len(paths) > _MOST_PATHS or sum(map(len, paths)) > _LONGEST_CONTACT:
            raise Refused(513)
        if any(
            isinstance(path.uri, SipURI) and self._domains.is_here(path.uri)
            for path in request.path
        ):
            raise Refused(403, "Path at this proxy")
        changes = self._read(request, now, where, paths)
        record = record_of(address.user, domain)
        if request.contacts:
            bindings = await self._location.change(
                record, now, lambda current: self._changed(request, current, changes, now)
            )
        else:
            found = self._location.find(record, now)
            bindings = found if isinstance(found, tuple) else await found
        headers: list[tuple[str, str | Contact]] = [
            ("Contact", binding.contact(now)) for binding in bindings
        ]
        if paths and "path" in _tags(request, "Supported"):
            headers += [("Path", path) for path in paths]
        if any(binding.instance for binding in changes or ()):
            headers.append(("Require", "outbound"))
        return headers

    def _domain_of(self, request: Request) -> str | None:
        uri = request.uri
        return self._domains.of(uri) if isinstance(uri, SipURI) else None

    @staticmethod
    def _check_extensions(request: Request) -> None:
        unknown = [tag for tag in _tags(request, "Require") if tag not in _SUPPORTED]
        if unknown:
            raise Refused(420, headers=[("Unsupported", ", ".join(unknown))])

    def _read(
        self, request: Request, now: float, where: Where, paths: tuple[str, ...]
    ) -> list[Binding] | None:
        """What the Contacts ask for; None for `*`, which ends all bindings (10.3 step 6)."""
        contacts = request.contacts
        if any(contact.is_wildcard for contact in contacts):
            if len(contacts) > 1 or request.expires != 0:
                raise Refused(400, "Contact * needs Expires: 0 and no other Contact")
            return None
        read = [self._binding(contact, request, now, where, paths) for contact in contacts]
        if sum(bool(binding.instance) for binding in read) > 1:
            raise Refused(400, "More than one reg-id")
        return read

    def _binding(
        self,
        contact: Contact,
        request: Request,
        now: float,
        where: Where,
        paths: tuple[str, ...],
    ) -> Binding:
        uri = contact.uri
        if not isinstance(uri, SipURI) or len(str(contact)) > _LONGEST_CONTACT:
            raise Refused(400, "Contact not usable")
        if self._domains.is_here(uri):
            raise Refused(403, "Contact at this proxy")
        call_id, cseq = request.call_id, request.cseq
        if call_id is None or cseq is None:
            raise Refused(400)
        is_flow = contact.reg_id is not None and contact.instance is not None and not paths
        is_reached_by_flow = not paths and len(request.vias) == 1 and _needs_flow(uri, where)
        return Binding(
            uri=str(uri),
            parameters=tuple(
                [pair for pair in contact.parameters.items() if pair[0] not in _NOT_STORED]
            ),
            q=1.0 if contact.q is None else contact.q,
            expires=now + self._seconds(contact, request),
            call_id=call_id,
            cseq=cseq.number,
            instance=f"{contact.instance};{contact.reg_id}" if is_flow else "",
            flow=where if is_flow or is_reached_by_flow else None,
            path=paths,
        )

    def _seconds(self, contact: Contact, request: Request) -> int:
        """How long the binding lasts (10.3 step 7)."""
        asked = contact.expires if contact.expires is not None else request.expires
        if asked is None:
            return self._policy.usual
        if 0 < asked < min(self._policy.least, 3600):
            raise Refused(423, headers=[("Min-Expires", str(self._policy.least))])
        return min(asked, self._policy.most)

    def _changed(
        self, request: Request, current: Bindings, changes: list[Binding] | None, now: float
    ) -> Bindings:
        """The bindings after the change: all of it, or none."""
        number = request.cseq.number if request.cseq is not None else 0
        kept: dict[Any, Binding] = {binding.key: binding for binding in current}
        ended = list(kept) if changes is None else [binding.key for binding in changes]
        for key in ended:
            before = kept.pop(key, None)
            if before is not None and before.call_id == request.call_id and before.cseq >= number:
                raise Refused(500, "CSeq out of order")
        for binding in changes or ():
            if binding.expires > now:
                kept[binding.key] = binding
        if len(kept) > max(self._policy.bindings, len(current)):
            raise Refused(403, "Too many contacts")
        return tuple(kept.values())


def _needs_flow(uri: SipURI, where: Where) -> bool:
    """Whether the URI does not lead back to the sender: a connection, or an address behind NAT.

    With `maddr`, it would lead to any address that the sender likes.
    """
    host, _, _, connection, _ = where
    if connection is not None or uri.maddr is not None:
        return True
    try:
        return ip_address((uri.host_address or "").strip("[]")) != ip_address(host)
    except ValueError:
        return False  # a name, which the user agent has chosen


def _tags(request: Request, name: str) -> list[str]:
    """The option tags of a header field."""
    values = request.headers.getall(name, [])
    return [tag for value in values for each in value.split(",") if (tag := each.strip().lower())]
