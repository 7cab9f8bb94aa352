"""How devices write: order and spelling of header fields, identifiers, capabilities.

The products are invented; the habits are those seen in the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .dice import Dice

Field = tuple[str, str]

COMPACT = {
    "Via": "v",
    "From": "f",
    "To": "t",
    "Call-ID": "i",
    "Contact": "m",
    "Supported": "k",
    "Event": "o",
    "Allow-Events": "u",
    "Subject": "s",
    "Session-Expires": "x",
    "Content-Type": "c",
    "Content-Length": "l",
}

# Every header field that the traffic holds, in the order that most devices write them.
_USUAL = """
    Via Record-Route Route Max-Forwards From To Call-ID CSeq Contact Expires Authorization
    Proxy-Authorization WWW-Authenticate Proxy-Authenticate Event Subscription-State
    User-Agent Server Date Allow Supported Require Allow-Events Accept Accept-Language
    Session-Expires Min-SE
    P-Asserted-Identity P-Preferred-Identity P-Access-Network-Info P-Charging-Vector Privacy
    Service-Route P-Associated-URI Subject Reason Retry-After X-Call-Ref
    Content-Type Content-Length
"""
USUAL_ORDER = _USUAL.split()


class Identifiers(NamedTuple):
    """The forms of a device's identifiers: Call-IDs (for its host), tags and Via branches."""

    call_id: Callable[[Dice, str], str]
    tag: Callable[[Dice], str]
    branch: Callable[[Dice], str]


_UUID = Identifiers(
    call_id=lambda dice, host: dice.uuid(),
    tag=lambda dice: dice.uuid(),
    branch=lambda dice: f"z9hG4bKPj{dice.uuid()}",
)
_DIGITS = Identifiers(
    call_id=lambda dice, host: f"{dice.digits(10)}-{dice.digits(4)}@{host}",
    tag=lambda dice: dice.digits(10),
    branch=lambda dice: f"z9hG4bK{dice.digits(9)}",
)
_HEX = Identifiers(
    call_id=lambda dice, host: f"{dice.hex(32)}@{host}",
    tag=lambda dice: f"{dice.hex(8)}-{dice.hex(16)}",
    branch=lambda dice: f"z9hG4bK{dice.hex(4)}.{dice.hex(32)}.0",
)
_LETTERS = Identifiers(
    call_id=lambda dice, host: f"{dice.mixed(22)}@{host}",
    tag=lambda dice: dice.mixed(9),
    branch=lambda dice: f"z9hG4bK-524287-1---{dice.hex(16)}-{dice.lower(6)}",
)


@dataclass(frozen=True)
class Vendor:
    """One product's way of writing SIP."""

    product: str
    lead: str  # the header fields that it writes first; the others follow in the usual order
    allow: str
    supported: str
    codecs: str  # RTP payload types, best first
    identifiers: Identifiers
    spelling: dict[str, str] = field(default_factory=dict)
    colon: str = ": "
    quotes_names: bool = True
    rport_first: bool = False
    names_line: bool = False  # a line parameter in its Contact
    loose: str = "lr"
    joins_lists: bool = False  # Route, Record-Route and Via as one comma list
    names_itself: bool = True  # User-Agent and Server in every message, not only in the first
    port_always: bool = True
    access: str = ""  # its radio cell, in every request

    @cached_property
    def rank(self) -> dict[str, int]:
        """The place of each header field in its messages."""
        lead = self.lead.split()
        others = (name for name in USUAL_ORDER if name not in lead)
        return {name: place for place, name in enumerate([*lead, *others])}


def write(vendor: Vendor, start: str, fields: Iterable[Field], body: bytes = b"") -> bytes:
    """The whole message on the wire, with its Content-Length."""
    rank, spelling = vendor.rank, vendor.spelling
    ordered = sorted([*fields, ("Content-Length", str(len(body)))], key=lambda pair: rank[pair[0]])
    lines = [
        start,
        *(f"{spelling.get(name, name)}{vendor.colon}{value}" for name, value in ordered),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


_CLASSIC = "Via Max-Forwards Route Record-Route From To Call-ID CSeq Contact"
_BASIC_METHODS = "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, REFER, INFO"
_ALL_METHODS = (
    "PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, REFER, MESSAGE, OPTIONS"
)

DESK_PHONE = Vendor(
    product="Larkfield L48-G 2.9.14.3 0004f2a17c55",
    lead="Via Route Record-Route From To Call-ID CSeq Contact Max-Forwards User-Agent",
    allow=f"{_BASIC_METHODS}, UPDATE, PRACK, SUBSCRIBE, MESSAGE",
    supported="replaces, 100rel, timer, norefersub",
    codecs="9 0 8 18 101",
    identifiers=_DIGITS,
)
PBX = Vendor(
    product="Plover PBX 18.20.1 (Debian, community)",
    lead="Via Max-Forwards From To Contact Call-ID CSeq User-Agent Server Date Allow Supported",
    allow="OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK",
    supported="100rel, timer, replaces, norefersub",
    codecs="0 8 3 101",
    identifiers=_UUID,
    loose="lr=on",
)
SOFTPHONE = Vendor(
    product="Heron/7.4 (linux; x86_64)",
    lead="Via Max-Forwards Route Record-Route Contact To From Call-ID CSeq Expires Allow",
    allow=_ALL_METHODS,
    supported="replaces, outbound, gruu, path",
    codecs="96 9 0 8 101",
    identifiers=_LETTERS,
    rport_first=True,
    names_line=True,
)
BORDER = Vendor(
    product="TernGate-SBC/5.2.0.18",
    lead="Via From To Call-ID CSeq Max-Forwards Contact Record-Route Route Allow Supported",
    allow=f"{_ALL_METHODS}, PUBLISH",
    supported="timer,100rel,precondition,199",
    codecs="8 0 18 101",
    spelling={"Call-ID": "Call-Id", "CSeq": "Cseq"},
    identifiers=_HEX,
    quotes_names=False,
    joins_lists=True,
)
CARRIER = Vendor(
    product="Curlew-MGCF_R12.4",
    lead="Via To From Call-ID CSeq Max-Forwards Contact Route Record-Route",
    allow="INVITE,ACK,CANCEL,BYE,PRACK,UPDATE,INFO,OPTIONS",
    supported="100rel,timer,histinfo",
    codecs="8 18 100",
    identifiers=_DIGITS,
    names_itself=False,
    port_always=False,
)
MOBILE = Vendor(
    product="Kittiwake Mobile 4.1 (build 20817)",
    lead="Via Route Record-Route Max-Forwards To From Call-ID CSeq Contact",
    allow=_ALL_METHODS,
    supported="path,gruu,outbound,timer",
    codecs="96 9 8 101",
    identifiers=_UUID,
    spelling=COMPACT,
    access="3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=9990420011a2b03",
)
ADAPTER = Vendor(
    product="Dunlin D2 1.0.33",
    lead=_CLASSIC,
    allow=_BASIC_METHODS.replace(" ", ""),
    supported="replaces",
    codecs="0 8 18 101",
    spelling={name: name.upper() for name in ("Via", "From", "To", "Contact", "Allow")},
    colon=":",
    identifiers=_DIGITS,
    quotes_names=False,
    rport_first=True,
)
LOWER_CASE = Vendor(
    product="sandpiper/3.2.0",
    lead=_CLASSIC,
    allow=_ALL_METHODS.replace(" ", ""),
    supported="outbound, path, replaces",
    codecs="9 8 0 101",
    spelling={name: name.lower() for name in USUAL_ORDER},
    identifiers=_HEX,
)
PROXY = Vendor(
    product="Avocet Edge 6.1.7 (x86_64/linux)",
    lead="Via To From Call-ID CSeq Max-Forwards Contact",
    allow=_ALL_METHODS,
    supported="path, gruu, timer",
    codecs="0",
    identifiers=_LETTERS,
    loose="lr=on;r2=on",
)

# (weight, vendor): who makes the phones
PHONES: tuple[tuple[int, Vendor], ...] = (
    (27, DESK_PHONE),
    (22, SOFTPHONE),
    (18, PBX),
    (12, ADAPTER),
    (9, LOWER_CASE),
    (12, MOBILE),
)
GATEWAYS: tuple[tuple[int, Vendor], ...] = ((5, BORDER), (4, CARRIER), (3, PBX))
