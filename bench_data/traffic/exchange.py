"""One dialogue, or one transaction outside any, as it passes one place on its path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate

from .dice import Dice
from .parties import Node
from .vendors import Field, Vendor, write

MILLISECOND = 1_000
SECOND = 1_000_000

CALLER = 0
CALLEE = 1

_MAKES_DIALOG = frozenset({"INVITE", "SUBSCRIBE", "REFER"})


@dataclass(frozen=True)
class Sent:
    """One message on its way."""

    at: int  # microseconds since 1970
    source: Node
    target: Node
    data: bytes


@dataclass(frozen=True)
class Path:
    """Caller, proxies, callee; seen on the wire after `place` proxies."""

    nodes: Sequence[Node]
    place: int

    def passed(self, by: int) -> list[Node]:
        """Who has put a Via on a request from `by` when it comes by here: last hop first."""
        ahead = self.place + 1
        return list(self.nodes[:ahead][::-1] if by == CALLER else self.nodes[ahead:])

    def proxies_passed(self, by: int) -> list[Node]:
        return self.passed(by)[:-1]

    def next_hop(self, by: int) -> Node:
        return self.passed(1 - by)[0]


@dataclass
class End:
    """The part of one of the two user agents in the dialogue."""

    node: Node
    identity: str  # name-addr, without the tag
    tag: str
    contact: str
    number: int  # the last CSeq number used


@dataclass(frozen=True)
class Transaction:
    """A sent request, with the parts that later messages need."""

    by: int
    method: str
    uri: str
    number: int
    vias: tuple[str, ...]
    to: str
    from_: str
    routes: tuple[str, ...]


class Exchange:
    """Makes the messages of one dialogue, in order, and keeps them in `sent`."""

    def __init__(self, dice: Dice, path: Path, start: int) -> None:
        self.dice = dice
        self.path = path
        self.at = start
        self.sent: list[Sent] = []
        caller, callee = path.nodes[0], path.nodes[-1]
        self.call_id = caller.vendor.identifiers.call_id(dice, caller.host)
        self.established = False
        self.ends = tuple(self._end(node) for node in (caller, callee))
        self.ends[CALLEE].identity = _as_dialled(dice, callee)

    def _end(self, node: Node) -> End:
        dice = self.dice
        return End(
            node=node,
            identity=node.name_addr,
            tag=node.vendor.identifiers.tag(dice),
            contact=node.contact(dice),
            number=dice.pick((0, 0, 1, 19, 100, dice.between(101, 99_999))),
        )

    @property
    def date(self) -> str:
        return formatdate(self.at // SECOND, usegmt=True)

    def wait(self, least: int, most: int) -> None:
        """Let time pass: `least` to `most` milliseconds."""
        self.at += self.dice.between(least * MILLISECOND, most * MILLISECOND)

    def request(
        self,
        method: str,
        uri: str = "",
        extra: Iterable[Field] = (),
        body: bytes = b"",
        by: int = CALLER,
    ) -> Transaction:
        """Send a request; inside the dialogue, to the other end's Contact unless `uri` is given."""
        me, peer = self.ends[by], self.ends[1 - by]
        if method != "ACK":
            me.number += 1
        transaction = Transaction(
            by=by,
            method=method,
            uri=uri or peer.contact,
            number=me.number,
            vias=tuple(self._via(node) for node in self.path.passed(by)),
            to=_tagged(peer.identity, peer.tag) if self.established else peer.identity,
            from_=_tagged(me.identity, me.tag),
            routes=self._routes(by) if self.established else (),
        )
        recorded = [] if self.established or method not in _MAKES_DIALOG else self._recorded(by)
        self._send_request(transaction, [*recorded, *extra], body)
        return transaction

    def same_hop(self, invite: Transaction, method: str, to_tag: str = "") -> Transaction:
        """The CANCEL of an INVITE, or the ACK for its failure: they repeat its top Via alone."""
        transaction = replace(
            invite,
            method=method,
            vias=invite.vias[:1],
            to=_tagged(invite.to, to_tag) if to_tag else invite.to,
        )
        self._send_request(transaction, [], b"")
        return transaction

    def respond(
        self,
        transaction: Transaction,
        status: int,
        reason: str,
        extra: Iterable[Field] = (),
        body: bytes = b"",
        writer: Vendor | None = None,
    ) -> None:
        """Send a response; `writer` is given where not the far end but a proxy answers."""
        by = transaction.by
        to = transaction.to
        if status > 100 and ";tag=" not in to:
            to = _tagged(to, self.ends[1 - by].tag)
        vendor = writer or self.ends[1 - by].node.vendor
        recorded = self._recorded_by_all(transaction, status, writer)
        fields: list[Field] = [
            *_listed(vendor, "Via", self._received(transaction)),
            *recorded,
            ("From", transaction.from_),
            ("To", to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{transaction.number} {transaction.method}"),
            *extra,
        ]
        if vendor.names_itself:
            fields.append(("Server", vendor.product))
        data = write(vendor, f"SIP/2.0 {status} {reason}", fields, body)
        self._put(self.path.next_hop(by), self.path.passed(by)[0], data)

    def _send_request(self, transaction: Transaction, extra: Iterable[Field], body: bytes) -> None:
        by = transaction.by
        vendor = self.ends[by].node.vendor
        fields: list[Field] = [
            *_listed(vendor, "Via", transaction.vias),
            *_listed(vendor, "Route", transaction.routes),
            ("Max-Forwards", str(71 - len(self.path.passed(by)))),
            ("From", transaction.from_),
            ("To", transaction.to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{transaction.number} {transaction.method}"),
            *extra,
        ]
        if vendor.names_itself or transaction.method in {"INVITE", "REGISTER", "OPTIONS"}:
            fields.append(("User-Agent", vendor.product))
        if vendor.access:
            fields.append(("P-Access-Network-Info", vendor.access))
        data = write(vendor, f"{transaction.method} {transaction.uri} SIP/2.0", fields, body)
        self._put(self.path.passed(by)[0], self.path.next_hop(by), data)

    def _put(self, source: Node, target: Node, data: bytes) -> None:
        self.sent.append(Sent(self.at, source, target, data))

    def _via(self, node: Node) -> str:
        vendor = node.vendor
        head = f"SIP/2.0/{node.transport} {node.sent_by}"
        branch = f";branch={vendor.identifiers.branch(self.dice)}"
        if node.transport != "UDP" or not node.user:
            return f"{head}{branch}"
        return f"{head};rport{branch}" if vendor.rport_first else f"{head}{branch};rport"

    def _received(self, transaction: Transaction) -> list[str]:
        """The Vias as they come back: rport and received filled in (RFC 3581 4)."""
        filled = []
        for node, via in zip(self.path.passed(transaction.by), transaction.vias, strict=False):
            if ";rport" in via:
                via = via.replace(";rport", f";rport={node.seen_port}")
                via += f";received={node.seen_host}"
            elif node.behind_nat:
                via += f";received={node.seen_host}"
            filled.append(via)
        return filled

    def _recorded(self, by: int) -> list[Field]:
        vendor = self.ends[by].node.vendor
        routes = [proxy.route for proxy in self.path.proxies_passed(by)]
        return _listed(vendor, "Record-Route", routes)

    def _recorded_by_all(
        self, transaction: Transaction, status: int, writer: Vendor | None
    ) -> list[Field]:
        makes_dialog = not self.established and transaction.method in _MAKES_DIALOG
        if not makes_dialog or writer or not 100 < status < 300:
            return []
        proxies = self.path.nodes[1:-1]
        routes = [proxy.route for proxy in (proxies[::-1] if transaction.by == CALLER else proxies)]
        return _listed(self.ends[1 - transaction.by].node.vendor, "Record-Route", routes)

    def _routes(self, by: int) -> tuple[str, ...]:
        ahead = self.path.proxies_passed(1 - by)
        return tuple(proxy.route for proxy in ahead)


def _listed(vendor: Vendor, name: str, values: Sequence[str]) -> list[Field]:
    """One field for each value, or one field for all where the vendor writes comma lists."""
    if vendor.joins_lists and len(values) > 1:
        return [(name, ", ".join(values))]
    return [(name, value) for value in values]


def _tagged(identity: str, tag: str) -> str:
    return f"{identity};tag={tag}"


def _as_dialled(dice: Dice, node: Node) -> str:
    """The other party as the caller knows it: often without a display name."""
    return node.name_addr if dice.chance(35) else f"<{node.aor}>"
