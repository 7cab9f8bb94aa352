"""The required coverage: methods, status codes, header fields and whole dialogues.

Each has messages that show it, and the expected values of their properties. The path of a property
is made of names, names of parameters, and indices of tuples.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from samples import OPTIONS, sample

from bench_data import corpus
from sipfast.registry.header_names import header_name
from sipfast.registry.methods import METHODS
from sipfast.registry.status import STATUSES

DIALOGUES = Path(__file__).parents[1] / "bench_data" / "dialogues"


class Explained(NamedTuple):
    """The texts for people on an item."""

    en: str
    zh: str


class Item(NamedTuple):
    """Something to cover."""

    name: str
    shown: str
    """The message, or the part of it, that matters; for the page."""
    messages: tuple[bytes, ...]
    facts: Mapping[str, object]
    """The properties at these paths: of the message if there is only one, else of all."""
    explained: tuple[Explained, ...]
    proofs: tuple[Callable[[Sequence[Any]], bool], ...] = ()
    """The condition on all messages together."""


# ---- texts ---------------------------------------------------------------------------------------


def _of_method(name: str) -> Explained:
    row = METHODS[name]
    return Explained(f"{row.en} {row.action}", f"{row.zh} {row.action_zh}")


def _of_status(code: int) -> Explained:
    row = STATUSES[code]
    return Explained(f"{row.en} {row.action}", f"{row.zh} {row.action_zh}")


def _of_header(name: str) -> Explained:
    row = header_name(name)
    return Explained(row.en if row else "", row.zh if row else "")


# ---- dialogues -----------------------------------------------------------------------------------


class Listed(NamedTuple):
    """A line of the index of the dialogues."""

    file: str
    messages: str
    """Methods and status codes, in order."""
    shows: str
    rfc: str


def _index() -> list[Listed]:
    with (DIALOGUES / "INDEX.tsv").open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert tuple(head) == Listed._fields
    return [Listed(*row) for row in rows]


INDEX = _index()
RECORDED = {row.file: tuple(corpus.load(DIALOGUES / row.file)) for row in INDEX}


def responses_answer_requests(messages: Sequence[Any]) -> bool:
    """Whether each response has the branch, Call-ID, CSeq and From tag of a request before it."""
    asked = set()
    for message in messages:
        vias = tuple(via.branch for via in message.vias)
        transaction = (vias, message.call_id, message.cseq, message.from_.tag)
        if hasattr(message, "method"):
            asked.add(transaction)
        elif transaction not in asked:
            return False
    return True


def one_dialog(messages: Sequence[Any]) -> bool:
    """Whether all messages have the same Call-ID, and the tags of the same two parties."""
    tags = {tag for message in messages for tag in (message.from_.tag, message.to.tag) if tag}
    return len(tags) == 2 and len({message.call_id for message in messages}) == 1


def ack_of_2xx_is_new(messages: Sequence[Any]) -> bool:
    """Whether the ACK of a 2xx has a branch of its own (RFC 3261 13.2.2.4)."""
    invite, ack = messages[0], messages[4]
    return bool(invite.via.branch != ack.via.branch and invite.cseq.number == ack.cseq.number)


def cancel_and_ack_are_of_the_invite(messages: Sequence[Any]) -> bool:
    """Whether CANCEL, and ACK of the 487, have the INVITE's branch (RFC 3261 9.1, 17.1.1.3)."""
    invite, cancel, ack = messages[0], messages[3], messages[6]
    same = {(one.via.branch, one.uri_text, one.cseq.number) for one in (invite, cancel, ack)}
    return len(same) == 1


def credentials_are_right(messages: Sequence[Any]) -> bool:
    """Whether the second REGISTER answers the 401 with the password, and with no other."""
    challenge, request = messages[1].www_authenticate[0], messages[2]
    (credentials,) = request.authorization
    return (
        credentials.check("tess", method="REGISTER")
        and not credentials.check("Tess", method="REGISTER")
        and not credentials.check("tess", method="INVITE")
        and credentials.uri == str(request.uri)
        and (credentials.realm, credentials.nonce) == (challenge.realm, challenge.nonce)
        and challenge.answer(
            "tess", "tess", "REGISTER", str(request.uri), cnonce=credentials.cnonce
        ).response
        == credentials.response
    )


_DIALOGUE_FACTS: dict[str, dict[str, object]] = {
    "call.sip": {
        "0.sdp.media.0.port": 40000,
        "0.sdp.media.0.formats": ("8", "0", "101"),
        "0.routes.0.uri.host": "edge.example.com",
        "1.to.tag": None,
        "2.record_routes.0.uri.lr": True,
        "3.sdp.connection.address": "198.51.100.20",
        "3.sdp.media.0.port": 52004,
        "3.contact.uri.port": 5062,
        "4.cseq.method": "ACK",
        "5.vias.1.sent_by": "198.51.100.20:5062",
        "5.from_.tag": "h-90",
        "6.cseq.method": "BYE",
    },
    "cancelled.sip": {
        "0.expires": 60,
        "2.to.tag": "gw-3",
        "4.cseq.method": "CANCEL",
        "5.status": 487,
        "5.cseq.method": "INVITE",
        "6.to.tag": "gw-3",
    },
    "register.sip": {
        "0.from_.parameters.epid": "5c31ab90",
        "0.contact.methods": ("INVITE", "ACK", "BYE", "CANCEL"),
        "1.contacts.0.expires": 600,
        "1.contacts.1.uri.host": "[2001:db8::61]",
        "1.contacts.1.expires": 120,
    },
    "register-digest.sip": {
        "1.www_authenticate.0.algorithm": "SHA-256",
        "1.www_authenticate.1.algorithm": "MD5",
        "2.cseq.number": 21,
        "2.authorization.0.username": "tess",
        "2.authorization.0.nc": 1,
        "3.contact.expires": 600,
    },
    "options.sip": {
        "1.allow": ("INVITE", "ACK", "CANCEL", "OPTIONS", "BYE", "INFO", "REFER", "MESSAGE"),
        "1.supported": ("replaces", "timer"),
        "1.allow_events": ("dialog", "message-summary"),
    },
    "info-dtmf.sip": {
        "0.content.signal": "5",
        "0.content.duration_ms": 160,
        "2.content_type.media_type": "application/dtmf",
        "2.content.signal": "#",
        "2.content.duration_ms": None,
    },
    "message.sip": {
        "0.content_type.parameters.charset": "UTF-8",
        "0.content": "The kettle is on. Der Tee ist gleich fertig – 水开了。",
        "1.content_type.media_type": "text/html",
        "1.content": "<p>Shown to <b>Nan</b>.</p>\r\n",
    },
    "update.sip": {
        "0.sdp.origin.session_version": "1",
        "4.sdp.origin.session_version": "2",
        "4.sdp.connection.address": "192.0.2.12",
        "4.sdp.media.0.port": 40800,
        "4.sdp.media.0.direction": "sendonly",
        "5.sdp.media.0.direction": "recvonly",
        "6.cseq.method": "INVITE",
    },
    "subscription.sip": {
        "1.expires": 1800,
        "2.event.package": "presence",
        "2.event.id": "7",
        "4.event.id": "7",
        "4.content_type.media_type": "application/pidf+xml",
    },
    "transfer.sip": {
        "0.headers.Refer-To": "<sip:orla@loft.example.net>",
        "2.event.package": "refer",
        "2.content.status": 200,
    },
}
_DIALOGUE_PROOFS: dict[str, tuple[Callable[[Sequence[Any]], bool], ...]] = {
    "call.sip": (one_dialog, ack_of_2xx_is_new),
    "cancelled.sip": (one_dialog, cancel_and_ack_are_of_the_invite),
    "register-digest.sip": (credentials_are_right,),
    "info-dtmf.sip": (one_dialog,),
    "update.sip": (one_dialog,),
    "transfer.sip": (one_dialog,),
}


def kind(message: bytes) -> str:
    """Method or status code."""
    first, second = message.split(b" ", 2)[:2]
    return (second if first == b"SIP/2.0" else first).decode()


def field_names(message: bytes) -> list[str]:
    """The names of the header fields, found in the plainest way there is."""
    head = message.partition(b"\r\n\r\n")[0]
    return [line.partition(b":")[0].decode() for line in head.split(b"\r\n")[1:]]


def _dialogue(row: Listed) -> Item:
    messages = RECORDED[row.file]
    kinds = {kind(message): None for message in messages}
    names = {name: None for message in messages for name in field_names(message)}
    of_kinds = [_of_method(one) if one in METHODS else _of_status(int(one)) for one in kinds]
    return Item(
        row.file.removesuffix(".sip"),
        row.messages,
        messages,
        _DIALOGUE_FACTS[row.file],
        (*of_kinds, *map(_of_header, names)),
        (responses_answer_requests, *_DIALOGUE_PROOFS.get(row.file, ())),
    )


# ---- methods: the first request of each in the dialogues -----------------------------------------

_METHOD_FACTS: dict[str, dict[str, object]] = {
    "INVITE": {"sdp.media.0.kind": "audio", "contact.uri.user": "wren", "supported.0": "timer"},
    "ACK": {"cseq.number": 8, "routes.0.uri.lr": True, "body": b""},
    "BYE": {"from_.tag": "h-90", "to.tag": "w-41", "max_forwards": 69},
    "CANCEL": {"cseq.number": 101, "to.tag": None, "via.transport": "TCP"},
    "REGISTER": {"to.uri.user": "tess", "contact.q": 0.8, "expires": 3600},
    "OPTIONS": {"to.uri.user": "desk", "max_forwards": 70},
    "INFO": {"content_type.media_type": "application/dtmf-relay", "content.signal": "5"},
    "UPDATE": {"sdp.media.0.direction": "sendonly", "cseq.number": 32},
    "PRACK": {"headers.RAck": "5501 30 INVITE", "cseq.number": 31},
    "REFER": {"headers.Refer-To": "<sip:orla@loft.example.net>", "to.tag": "w-80"},
    "SUBSCRIBE": {"event.package": "presence", "expires": 600, "to.tag": None},
    "NOTIFY": {"event.package": "presence", "headers.Subscription-State": "active;expires=599"},
    "MESSAGE": {"content_type.media_type": "text/plain", "from_.display_name": "Pia"},
    "PUBLISH": {"event.package": "presence", "expires": 1800},
}


def _method(name: str, facts: dict[str, object]) -> Item:
    everything = [message for messages in RECORDED.values() for message in messages]
    message = next(message for message in everything if kind(message) == name)
    shown = message.partition(b"\r\n")[0].decode()
    facts = {"method": name, "cseq.method": name, **facts}
    return Item(name, shown, (message,), facts, (_of_method(name),))


# ---- status codes --------------------------------------------------------------------------------


class Reply(NamedTuple):
    """A response: its reason phrase if it is not the registered one, more fields, and facts."""

    reason: str | None = None
    fields: tuple[str, ...] = ()
    facts: Mapping[str, object] = {}


_HERE = "Contact: <sip:attic@192.0.2.90:5070>;q=0.7"
_THERE = "<sip:shed@192.0.2.91>;q=0.2"
_BUSY = ("Retry-After: 90",)
_CHALLENGE = 'Digest realm="orchard.example.com", nonce="ZmlnLTE=", algorithm=MD5, qop="auth"'
_REFUSED = 'Warning: 304 orchard.example.com "No common media type"'

_REPLIES = {
    100: Reply(facts={"to.tag": None}),
    180: Reply(fields=(_HERE,), facts={"to.tag": "b-77", "contact.uri.host": "192.0.2.90"}),
    181: Reply("Forwarded to the attic"),
    182: Reply("Queued; 3 callers ahead of you, about 4 minutes"),
    183: Reply("Calling the shed", (_HERE,), {"contact.uri.port": 5070}),
    200: Reply(fields=(_HERE,), facts={"contact.q": 0.7}),
    202: Reply(fields=(_HERE,)),
    300: Reply(fields=(f"{_HERE}, {_THERE}",), facts={"contacts.1.uri.user": "shed"}),
    301: Reply(fields=(_HERE,), facts={"contact.uri.user": "attic"}),
    302: Reply(fields=(_HERE, "Expires: 300"), facts={"contact.uri.user": "attic", "expires": 300}),
    305: Reply(fields=("Contact: <sip:gate.example.net;lr>",), facts={"contact.uri.lr": True}),
    380: Reply(),
    400: Reply("Bad Request: the CSeq has no number"),
    401: Reply(
        fields=(f"WWW-Authenticate: {_CHALLENGE}",),
        facts={
            "www_authenticate.0.realm": "orchard.example.com",
            "www_authenticate.0.qop": ("auth",),
            "proxy_authenticate": (),
        },
    ),
    402: Reply(),
    403: Reply(),
    404: Reply(),
    405: Reply(fields=("Allow: REGISTER, OPTIONS",), facts={"allow": ("REGISTER", "OPTIONS")}),
    406: Reply(),
    407: Reply(
        fields=(f"Proxy-Authenticate: {_CHALLENGE}",),
        facts={"proxy_authenticate.0.nonce": "ZmlnLTE=", "www_authenticate": ()},
    ),
    408: Reply(),
    410: Reply(),
    413: Reply(fields=_BUSY, facts={"headers.retry-after": "90"}),
    414: Reply(),
    415: Reply(fields=("Accept: application/sdp, text/plain",)),
    416: Reply(),
    420: Reply(fields=("Unsupported: privacy, 100rel",)),
    421: Reply(fields=("Require: 100rel",), facts={"headers.require": "100rel"}),
    423: Reply(fields=("Min-Expires: 900",), facts={"headers.min-expires": "900"}),
    480: Reply("Asleep until six", _BUSY),
    481: Reply(),
    482: Reply(),
    483: Reply(),
    484: Reply("Two more digits, please"),
    485: Reply(fields=(f"{_HERE}, {_THERE}",), facts={"contacts.0.uri.user": "attic"}),
    486: Reply(fields=_BUSY, facts={"headers.retry-after": "90"}),
    487: Reply(),
    488: Reply(fields=(_REFUSED,)),
    491: Reply(),
    493: Reply(),
    500: Reply(fields=_BUSY),
    501: Reply(),
    502: Reply(),
    503: Reply(fields=("Retry-After: 120 (changing a disk);duration=600",)),
    504: Reply(),
    505: Reply(),
    513: Reply(),
    600: Reply(fields=_BUSY),
    603: Reply(),
    604: Reply(),
    606: Reply(fields=(_REFUSED,)),
}


def _status(code: int, reply: Reply) -> Item:
    reason = reply.reason or STATUSES[code].phrase
    shown = f"SIP/2.0 {code} {reason}"
    message = sample(
        shown.encode(),
        *(field.encode() for field in reply.fields),
        CSeq=b"14 INVITE",
        To=b"Bob <sip:bob@example.com>" + (b"" if code == 100 else b";tag=b-77"),
        Max_Forwards=None,
    )
    facts = {"status": code, "reason": reason, "cseq.method": "INVITE", **reply.facts}
    return Item(str(code), shown, (message,), facts, (_of_status(code),))


# ---- header fields -------------------------------------------------------------------------------


def _header(name: str, value: str, facts: dict[str, object], what: str = "") -> Item:
    body = b"Signal=9\r\n" if name.startswith("Content-") else b""
    text = value.encode()
    if name.replace("-", "_") in {"Call_ID", "From", "To", "CSeq", "Via", "Max_Forwards"}:
        message = sample(OPTIONS, **{name.replace("-", "_"): text})
    elif name == "Content-Length":
        message = sample(OPTIONS, b"Content-Type: application/dtmf-relay", body=body)
    else:
        message = sample(OPTIONS, f"{name}: {value}".encode(), body=body)
    title = f"{name} {what}".rstrip()
    return Item(title, f"{name}: {value}", (message,), facts, (_of_header(name),))


_HEADERS = (
    _header("Call-ID", "77-pears@192.0.2.4", {"call_id": "77-pears@192.0.2.4"}),
    _header(
        "From",
        '"Ode, of the mill" <sip:ode@mill.example.com:5080;transport=tcp>;tag=o-1',
        {
            "from_.display_name": "Ode, of the mill",
            "from_.uri.user": "ode",
            "from_.uri.port": 5080,
            "from_.uri.transport": "tcp",
            "from_.tag": "o-1",
        },
    ),
    _header(
        "From",
        "<sip:ode@mill.example.com>;tag=o-1;epid=5c31ab90",
        {"from_.tag": "o-1", "from_.parameters.epid": "5c31ab90"},
        "with `epid`",
    ),
    _header(
        "To",
        "<tel:+1-555-0100;phone-context=example.com>;tag=t-9",
        {"to.uri.number": "+15550100", "to.tag": "t-9", "to.display_name": None},
    ),
    _header("CSeq", "2147483647 OPTIONS", {"cseq.number": 2147483647, "cseq.method": "OPTIONS"}),
    _header(
        "Via",
        "SIP/2.0/TLS edge.example.com;branch=z9hG4bKe1, "
        "SIP/2.0/UDP [2001:db8::4]:5090;branch=z9hG4bKe0;rport=5091;received=192.0.2.4",
        {
            "via.transport": "TLS",
            "via.branch": "z9hG4bKe1",
            "via.port": None,
            "vias.1.host": "[2001:db8::4]",
            "vias.1.port": 5090,
            "vias.1.rport": 5091,
            "vias.1.received": "192.0.2.4",
        },
    ),
    _header("Max-Forwards", "68", {"max_forwards": 68}),
    _header(
        "Contact",
        "<sip:ode@192.0.2.4:5062>;q=0.5;expires=1800, <sips:ode@mill.example.com>",
        {
            "contact.q": 0.5,
            "contact.expires": 1800,
            "contacts.1.uri.scheme": "sips",
            "contacts.1.q": None,
        },
    ),
    _header(
        "Contact",
        '<sip:ode@192.0.2.4:5062>;methods="INVITE, ACK";proxy=replace, <sip:ode@192.0.2.5>',
        {
            "contacts.0.methods": ("INVITE", "ACK"),
            "contacts.0.parameters.proxy": "replace",
            "contacts.1.uri.host": "192.0.2.5",
            "contacts.1.methods": (),
        },
        "with `methods`",
    ),
    _header("Allow", "INVITE, ACK, BYE, X-NUDGE", {"allow": ("INVITE", "ACK", "BYE", "X-NUDGE")}),
    _header("Expires", "3600", {"expires": 3600}),
    _header(
        "Authorization",
        'Digest username="ode", realm="mill, upper", nonce="ZmlnLTI=", '
        'uri="sip:mill.example.com", response="0123456789abcdef0123456789abcdef", '
        'cnonce="pip", qop=auth, nc=0000001f',
        {
            "authorization.0.scheme": "Digest",
            "authorization.0.username": "ode",
            "authorization.0.realm": "mill, upper",
            "authorization.0.uri": "sip:mill.example.com",
            "authorization.0.qop": "auth",
            "authorization.0.nc": 31,
        },
    ),
    _header(
        "Content-Type",
        "application/dtmf-relay;version=1",
        {
            "content_type.media_type": "application/dtmf-relay",
            "content_type.parameters.version": "1",
        },
    ),
    _header("Content-Length", "10", {"content_length": 10, "body": b"Signal=9\r\n"}),
    _header(
        "Event",
        "presence.winfo;id=16;call-id=77",
        {"event.package": "presence", "event.id": "16", "event.parameters.call-id": "77"},
    ),
    _header("Allow-Events", "dialog, presence", {"allow_events": ("dialog", "presence")}),
    _header(
        "User-Agent",
        "Larkfield L48/2.1 (desk; rev 7) stack/0.9",
        {"user_agent.products.1.version": "2.1", "user_agent.comments": ("desk; rev 7",)},
    ),
)

GROUPS: dict[str, tuple[Item, ...]] = {
    "Methods": tuple(_method(name, facts) for name, facts in _METHOD_FACTS.items()),
    "Status codes": tuple(_status(code, reply) for code, reply in _REPLIES.items()),
    "Header fields": _HEADERS,
    "Dialogues": tuple(map(_dialogue, INDEX)),
}
"""All that is to be covered, by the headings of the page."""
