"""What the proxy does with a request: the decisions, and nothing about how messages are moved.

`Proxy.decide` says where a request goes, or what to answer; `stateless.py` and `stateful.py` do it.
Responses need no decision: they go back the way that our Via says.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass, field

from sipfast import NextHop, Request, SipURI
from sipfast.proxy import Group, RateLimit, Source

from .accounts import Digest
from .answer import Answer, Refused
from .bindings import Binding, Bindings, record_of
from .flows import Flows
from .location import Location
from .registrar import Policy, Registrar
from .routing import Domains, Networks, Target, groups_of

__all__ = ["Decision", "Proxy", "Rules"]

Decision = Answer | list[list[Target]]
"""An answer of our own; or targets: a group is tried at once, the next one if all of it failed."""

_ALLOWED = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER"
_MOST_CALLS = 10_000


@dataclass(frozen=True)
class Rules:
    """What the operator has chosen."""

    domains: Domains
    routes: dict[str, NextHop] = field(default_factory=dict)
    next_hop: NextHop | None = None
    trusted: Networks = field(default_factory=lambda: Networks(()))
    authenticate_calls: bool = False
    errors: tuple[float, float] = (100.0, 200.0)
    """How many errors a second one address is sent, and how many at once."""
    policy: Policy = field(default_factory=Policy)


class Proxy:
    """The decisions.

    `process` is the name of the process; it is empty if another one has the connections.
    """

    def __init__(
        self, rules: Rules, location: Location, digest: Digest, group: Group, process: str
    ) -> None:
        self.rules = rules
        self.group = group
        self.flows = Flows(group.is_open)
        self.counts: Counter[str] = Counter()
        self._errors = RateLimit(*rules.errors)
        self._location = location
        self._digest = digest
        self._process = process
        self._registrar = Registrar(location, rules.domains, rules.policy)
        self._signed_calls: OrderedDict[tuple[str | None, int, str], None] = OrderedDict()

    def decide(self, request: Request, source: Source) -> Decision | Awaitable[Decision]:
        """Where the request goes.  Raises `Refused`, and `ParseError` for what is malformed."""
        # Within a dialog, the Route that we have signed says where.  Forwarding checks it.
        if "Route" in request.headers and request.to is not None and request.to.tag is not None:
            return [[Target(None, self.flows.next_hop(request))]]

        uri = request.uri
        if not isinstance(uri, SipURI):
            raise Refused(416)
        domain = self.rules.domains.of(uri)

        if request.method == "REGISTER":
            if domain is None:
                raise Refused(403, "Not a domain of this registrar")
            return self._register(request, source, domain)

        if domain is not None and uri.user is None:
            return self._answer_for_ourselves(request)

        if domain is not None:
            self._sender_is_known(request, source, domain)
            return self._to_user(request, uri, domain)

        # Another domain.  Only senders that we know may choose where we send something.
        where = self.rules.routes.get(uri.host.lower())
        if where is None and self._sender_is_known(request, source, None):
            uri_text = None if request.routes else request.uri_text
            return [[Target(uri_text, is_trusted=True)]]
        where = where or self.rules.next_hop
        if where is None:
            raise Refused(403, "Not a domain of this proxy")
        return [[Target(request.uri_text, where)]]

    def may_refuse(self, source: Source, answer: Answer) -> bool:
        """Whether an error may be sent: only so many a second to one address."""
        self.counts[f"answered {answer.status}"] += 1
        if source.connection is not None or self._errors.allow(source.host, time.monotonic()):
            return True
        self.counts["errors limited"] += 1
        return False

    # ---- who sends ------------------------------------------------------------------------------

    def _sender_is_known(self, request: Request, source: Source, domain: str | None) -> bool:
        """Whether the sender is one of us; raises `Refused` for one who only says so."""
        if source.host in self.rules.trusted:
            return True
        if not self.rules.authenticate_calls:
            return False
        if request.method in ("ACK", "CANCEL"):  # they cannot be challenged
            return self._call_of(request, source) in self._signed_calls
        caller = request.from_.uri if request.from_ is not None else None
        realm = self.rules.domains.of(caller) if isinstance(caller, SipURI) else None
        if realm is None or caller is None:
            return False  # a stranger, who may call our users
        if self._digest.user_of(request, realm, proxy=True) != caller.user:
            raise Refused(403, "From is somebody else")
        self._signed_calls[self._call_of(request, source)] = None
        if len(self._signed_calls) > _MOST_CALLS:
            self._signed_calls.popitem(last=False)
        return True

    @staticmethod
    def _call_of(request: Request, source: Source) -> tuple[str | None, int, str]:
        cseq = request.cseq
        return request.call_id, cseq.number if cseq is not None else 0, source.host

    # ---- what we serve ourselves ----------------------------------------------------------------

    def _answer_for_ourselves(self, request: Request) -> Answer:
        if request.method != "OPTIONS":
            raise Refused(404)
        return Answer(200, headers=[("Allow", _ALLOWED), ("Accept", "*/*"), ("Supported", "path")])

    async def _register(self, request: Request, source: Source, domain: str) -> Answer:
        user = None
        if source.host not in self.rules.trusted:
            user = self._digest.user_of(request, domain)
        where = (source.host, source.port, source.transport, source.connection, self._process)
        headers = await self._registrar.register(request, user, time.time(), where)
        return Answer(200, headers=headers)

    # ---- where users are ------------------------------------------------------------------------

    def _to_user(
        self, request: Request, uri: SipURI, domain: str
    ) -> Decision | Awaitable[Decision]:
        found = self._location.find(record_of(uri.user, domain), time.time())
        if isinstance(found, tuple):
            return self._targets(request, uri, domain, found)
        return self._to_user_later(request, uri, domain, found)

    async def _to_user_later(
        self, request: Request, uri: SipURI, domain: str, found: Awaitable[Bindings]
    ) -> Decision:
        return self._targets(request, uri, domain, await found)

    def _targets(self, request: Request, uri: SipURI, domain: str, found: Bindings) -> Decision:
        reachable = tuple([each for each in found if self._is_reachable(each, uri.is_secure)])
        if reachable:
            return [[self._target(each) for each in group] for group in groups_of(reachable)]
        if self.rules.next_hop is not None:
            return [[Target(request.uri_text, self.rules.next_hop)]]
        raise Refused(480 if found or self._digest.accounts.has(uri.user, domain) else 404)

    def _is_reachable(self, binding: Binding, securely: bool) -> bool:
        """Whether the connection that a user agent has registered by, if any, is still open.

        A call to a `sips` address must not leave by anything but TLS (26.2.2).
        """
        if binding.flow is not None:
            is_secure = binding.flow[2] in ("TLS", "WSS")
        elif binding.path:
            is_secure = "<sips:" in binding.path[0].lower()
        else:
            is_secure = binding.uri[:5].lower() == "sips:"
        if securely and not is_secure:
            return False
        if binding.flow is None or binding.flow[3] is None or not self._process:
            return True
        return binding.flow[4] == self._process and self.group.is_open(binding.flow[3])

    @staticmethod
    def _target(binding: Binding) -> Target:
        where = NextHop(*binding.flow[:4]) if binding.flow is not None else None
        return Target(binding.uri, where, binding.path)
