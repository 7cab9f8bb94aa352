"""Who there is: phones, gateways, proxies; their names, addresses and devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from .dice import Dice
from .vendors import BORDER, GATEWAYS, PHONES, PROXY, Vendor

_PEOPLE = (
    ("Anna Lindqvist", "anna"),
    ("Reception", "2000"),
    ("Tomasz Wójcik", "tomasz.w"),
    ("", "3017"),
    ("李娜", "lina"),
    ("Priya Raman", "priya"),
    ("", "+442079460018"),
    ("Front Door", "door1"),
    ("Jonas Becker", "jbecker"),
    ("Zoë Marchetti", "zoe"),
    ("Sales, North", "4100"),
    ("", "3052"),
    ("Marta O'Neill", "marta.oneill"),
    ("王伟", "wangwei"),
    ("Conference 7", "conf-7"),
    ("", "+12025550143"),
    ("Dmitri Volkov", "dvolkov"),
    ("Night Bell", "2999"),
    ("Ines Carvalho", "ines"),
    ("", "3088"),
    ('Sam "Ace" Porter', "sam"),
    ("Help Desk", "helpdesk"),
    ("Yuki Tanaka", "yuki"),
    ("", "+442079460077"),
)
_DOMAINS = (
    "example.com",
    "voice.example.net",
    "pbx.branch4.example.org",
    "ims.region-east.carrier.example.net",
)
_BLOCKS = {"a": "192.0.2", "b": "198.51.100", "c": "203.0.113"}


@dataclass(frozen=True)
class Node:
    """Something that sends and receives SIP: a phone, a gateway or a proxy."""

    vendor: Vendor
    transport: str  # UDP, TCP or TLS
    host: str  # its own name: a domain, an IPv4 address or an IPv6 reference
    port: int
    seen_host: str  # where its packets come from, as a plain address
    seen_port: int
    domain: str
    user: str = ""
    display: str = ""

    @property
    def behind_nat(self) -> bool:
        return (self.host.strip("[]"), self.port) != (self.seen_host, self.seen_port)

    @property
    def address(self) -> str:
        """The host as SDP wants it."""
        return self.host.strip("[]")

    @property
    def aor(self) -> str:
        return f"sip:{self._userinfo}{self.domain}"

    @property
    def _userinfo(self) -> str:
        return f"{self.user}@" if self.user else ""

    @property
    def name_addr(self) -> str:
        return display_name(self.display, self.vendor) + f"<{self.aor}>"

    @property
    def sent_by(self) -> str:
        usual = 5061 if self.transport == "TLS" else 5060
        plain = self.port == usual and not self.vendor.port_always
        return self.host if plain else f"{self.host}:{self.port}"

    def contact(self, dice: Dice) -> str:
        """Its Contact URI, with the parameters its vendor adds."""
        line = f";line={dice.lower(16)}" if self.user and self.vendor.names_line else ""
        return f"sip:{self._userinfo}{self.host}:{self.port}{self._transport_parameter}{line}"

    @property
    def route(self) -> str:
        """Its Route and Record-Route value."""
        return f"<sip:{self.host}:{self.port}{self._transport_parameter};{self.vendor.loose}>"

    @property
    def _transport_parameter(self) -> str:
        return "" if self.transport == "UDP" else f";transport={self.transport.lower()}"


def display_name(text: str, vendor: Vendor) -> str:
    """The display name and a space; quoted where it must be, or where the vendor always does."""
    if not text:
        return ""
    tokens = all(word.isascii() and word.replace("-", "").isalnum() for word in text.split())
    if tokens and not vendor.quotes_names:
        return f"{text} "
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" '


@dataclass(frozen=True)
class Network:
    """Parties that can reach one another: one address family and one transport."""

    phones: Sequence[Node]
    gateways: Sequence[Node]
    proxies: Sequence[Node]


@dataclass(frozen=True)
class _Plan:
    """Addresses in the blocks set aside for examples (RFC 5737, RFC 3849)."""

    transport: str
    ipv6: bool

    @property
    def port(self) -> int:
        return 5061 if self.transport == "TLS" else 5060

    def address(self, block: str, number: int) -> str:
        return f"2001:db8:{block}::{number:x}" if self.ipv6 else f"{_BLOCKS[block]}.{number}"

    def host(self, address: str) -> str:
        return f"[{address}]" if self.ipv6 else address

    def phone(self, dice: Dice, number: int, vendor: Vendor, display: str, user: str) -> Node:
        own = self.address("a", 10 + number)
        port = self.port if dice.chance(70) else dice.between(5062, 5090)
        nat = not self.ipv6 and dice.chance(30)
        return Node(
            vendor=vendor,
            transport=self.transport,
            host=self.host(own),
            port=port,
            seen_host=self.address("c", 1 + number % 40) if nat else own,
            seen_port=dice.between(20000, 60000) if nat else port,
            domain=dice.pick(_DOMAINS),
            user=user,
            display=display,
        )

    def server(self, number: int, vendor: Vendor, name: str = "", user: str = "") -> Node:
        own = self.address("b", number)
        return Node(
            vendor=vendor,
            transport=self.transport,
            host=name or self.host(own),
            port=self.port,
            seen_host=own,
            seen_port=self.port,
            domain=name or self.host(own),
            user=user,
        )


def network(dice: Dice, transport: str, phones: int, ipv6: bool = False) -> Network:
    """A network of `phones` phones, a dozen gateways and four proxies."""
    plan = _Plan(transport, ipv6)
    first = dice.below(len(_PEOPLE))
    people = cycle(_PEOPLE[first:] + _PEOPLE[:first])
    makers = cycle(_interleave(PHONES))
    return Network(
        phones=[plan.phone(dice, n, next(makers), *next(people)) for n in range(phones)],
        gateways=[
            plan.server(100 + n, vendor, user=f"gw{n}")
            for n, vendor in enumerate(_interleave(GATEWAYS))
        ],
        proxies=[
            plan.server(10, PROXY, "edge1.pop-north.example.net"),
            plan.server(11, PROXY),
            plan.server(20, BORDER),
            plan.server(12, PROXY, "core.pop-south.example.net"),
        ],
    )


def _interleave(shares: Sequence[tuple[int, Vendor]]) -> list[Vendor]:
    """A run of vendors, each as often as its weight and spread evenly."""
    places = [
        ((turn + 0.5) / weight, n, vendor)
        for n, (weight, vendor) in enumerate(shares)
        for turn in range(weight)
    ]
    return [vendor for _, _, vendor in sorted(places, key=lambda place: place[:2])]
