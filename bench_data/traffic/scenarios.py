"""The exchanges: calls, registrations, pings, subscriptions, instant messages."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence

from .bodies import TEXTS, challenge, dialog_state, message_waiting, presence, session
from .dice import Dice
from .exchange import CALLEE, CALLER, Exchange, Path, Sent, Transaction
from .parties import Network, Node, network
from .vendors import BORDER, CARRIER, PROXY, Field

EPOCH = 1_710_232_200_000_000  # Tue, 12 Mar 2024 08:30:00 GMT, in microseconds since 1970

_SDP: Field = ("Content-Type", "application/sdp")
_ACCEPT = "application/sdp, application/isup, multipart/mixed, application/dtmf-relay"

Scenario = Callable[[Dice, Network, int], Exchange]


def call(dice: Dice, around: Network, start: int) -> Exchange:
    """An answered call, hung up by either side."""
    exchange, invite = _invite(dice, around, start)
    _ring(exchange, invite)
    exchange.wait(900, 14_000)
    answer = _session(dice, _callee(exchange), answers=True)
    exchange.respond(invite, 200, "OK", [*_answer_fields(exchange), _SDP], answer)
    exchange.established = True
    exchange.wait(5, 90)
    exchange.request("ACK", extra=_contact(exchange, CALLER) if dice.chance(40) else ())
    if not dice.chance(70):
        _reinvite(exchange)
    exchange.wait(2_500, 38_000)
    by = CALLER if dice.chance(60) else CALLEE
    bye = exchange.request("BYE", extra=_goodbye(exchange, by), by=by)
    exchange.wait(4, 120)
    exchange.respond(bye, 200, "OK", _goodbye(exchange, 1 - by)[:1])
    return exchange


def refused_call(dice: Dice, around: Network, start: int) -> Exchange:
    """A call that ends in a final failure: busy, not found, declined, unavailable."""
    exchange, invite = _invite(dice, around, start)
    status, reason = dice.weighted(
        (
            (50, (486, "Busy Here")),
            (20, (404, "Not Found")),
            (15, (480, "Temporarily Unavailable")),
            (10, (603, "Decline")),
            (5, (488, "Not Acceptable Here")),
        )
    )
    if status in {486, 603}:
        _ring(exchange, invite)
    exchange.wait(60, 5_000)
    exchange.respond(invite, status, reason, _refusal(exchange, status))
    exchange.wait(3, 60)
    exchange.same_hop(invite, "ACK", exchange.ends[CALLEE].tag)
    return exchange


def cancelled_call(dice: Dice, around: Network, start: int) -> Exchange:
    """A call that rings and is given up by the caller."""
    exchange, invite = _invite(dice, around, start)
    _ring(exchange, invite)
    exchange.wait(4_000, 20_000)
    cancel = exchange.same_hop(invite, "CANCEL")
    exchange.wait(3, 30)
    exchange.respond(cancel, 200, "OK")
    exchange.wait(1, 20)
    exchange.respond(invite, 487, "Request Terminated", _capabilities(_callee(exchange))[:1])
    exchange.wait(3, 60)
    exchange.same_hop(invite, "ACK", exchange.ends[CALLEE].tag)
    return exchange


def registration(dice: Dice, around: Network, start: int) -> Exchange:
    """REGISTER, challenged, then accepted; sometimes with credentials from the start."""
    phone, registrar = dice.pick(around.phones), dice.pick(around.proxies)
    exchange = Exchange(dice, Path((phone, registrar), 0), start)
    caller, callee = exchange.ends
    callee.identity = caller.identity
    uri = f"sip:{phone.domain}"
    asked = challenge(dice, phone.domain)
    expires = dice.pick((60, 300, 600, 3600))
    fields: list[Field] = [
        ("Contact", f"<{caller.contact}>;expires={expires}" + _instance(dice, phone)),
        *_capabilities(phone),
    ]
    if dice.chance(50):
        fields.append(("Expires", str(expires)))
    if dice.chance(72):
        first = exchange.request("REGISTER", uri, fields)
        exchange.wait(3, 80)
        asks: list[Field] = [("WWW-Authenticate", str(asked))]
        if dice.chance(30):
            asks.append(("Date", exchange.date))
        exchange.respond(first, 401, "Unauthorized", asks)
        exchange.wait(4, 90)
    credentials = asked.answer(dice, phone.user, "REGISTER", uri)
    register = exchange.request("REGISTER", uri, [*fields, ("Authorization", credentials)])
    exchange.wait(5, 120)
    exchange.respond(register, 200, "OK", _registered(exchange, expires))
    return exchange


def ping(dice: Dice, around: Network, start: int) -> Exchange:
    """OPTIONS between servers, or from a server to a phone, to see whether it is there."""
    server = dice.pick(around.proxies)
    target = dice.pick(around.phones if dice.chance(45) else around.gateways)
    exchange = Exchange(dice, Path((server, target), 0), start)
    fields: list[Field] = [("Contact", f"<{exchange.ends[CALLER].contact}>")]
    if dice.chance(50):
        fields.append(("Accept", "application/sdp"))
    options = exchange.request("OPTIONS", extra=fields)
    exchange.wait(2, 70)
    answers = [*_capabilities(target), ("Accept", "application/sdp"), ("Accept-Language", "en")]
    exchange.respond(options, 200, "OK", answers)
    return exchange


def subscription(dice: Dice, around: Network, start: int) -> Exchange:
    """SUBSCRIBE and a few NOTIFYs (RFC 6665)."""
    phone, server = dice.pick(around.phones), dice.pick(around.proxies)
    exchange = Exchange(dice, Path((phone, server), 0), start)
    event, content = dice.weighted(
        (
            (40, ("message-summary", "application/simple-message-summary")),
            (35, ("dialog", "application/dialog-info+xml")),
            (25, ("presence", "application/pidf+xml")),
        )
    )
    watched = phone if event == "message-summary" else dice.pick(around.phones)
    exchange.ends[CALLEE].identity = f"<{watched.aor}>"
    expires = dice.pick((600, 1800, 3600))
    subscribe = exchange.request(
        "SUBSCRIBE",
        watched.aor,
        [
            *_contact(exchange, CALLER),
            ("Event", event),
            ("Accept", content),
            ("Expires", str(expires)),
            *_capabilities(phone),
        ],
    )
    exchange.wait(5, 80)
    exchange.respond(subscribe, 200, "OK", [*_contact(exchange, CALLEE), ("Expires", str(expires))])
    exchange.established = True
    for version in range(dice.between(1, 3)):
        exchange.wait(10, 6_000)
        body = {
            "message-summary": message_waiting(dice, watched.aor),
            "dialog": dialog_state(dice, watched.aor, version),
            "presence": presence(dice, watched.aor),
        }[event]
        left = expires - 7 * version
        fields: list[Field] = [
            *_contact(exchange, CALLEE),
            ("Event", event),
            ("Subscription-State", f"active;expires={left}"),
            ("Content-Type", content),
        ]
        notify = exchange.request("NOTIFY", extra=fields, body=body, by=CALLEE)
        exchange.wait(5, 90)
        exchange.respond(notify, 200, "OK", _contact(exchange, CALLER) if dice.chance(40) else ())
    return exchange


def instant_message(dice: Dice, around: Network, start: int) -> Exchange:
    """MESSAGE (RFC 3428), sometimes challenged by the proxy."""
    exchange = _between_phones(dice, around, start)
    phone = exchange.path.nodes[0]
    target = _callee(exchange).aor
    content = ("Content-Type", dice.pick(("text/plain", "text/plain; charset=UTF-8")))
    fields: list[Field] = [content, ("Date", exchange.date)] if dice.chance(50) else [content]
    body = dice.pick(TEXTS).encode()
    if not all(byte < 128 for byte in body):
        fields[0] = ("Content-Type", "text/plain; charset=UTF-8")
    if exchange.path.place == 0 and dice.chance(40):
        fields.append(_challenged(exchange, phone, "MESSAGE", target, fields, body))
    message = exchange.request("MESSAGE", target, fields, body)
    exchange.wait(8, 200)
    exchange.respond(message, 200, "OK")
    return exchange


def _invite(dice: Dice, around: Network, start: int) -> tuple[Exchange, Transaction]:
    """The start of any call: the INVITE, perhaps challenged first, and 100."""
    exchange = _between_phones(dice, around, start)
    caller, callee = exchange.path.nodes[0], _callee(exchange)
    # Before the last proxy the INVITE still goes to the address of record (RFC 3261 16.5).
    resolved = exchange.path.place == len(exchange.path.nodes) - 2
    target = exchange.ends[CALLEE].contact if resolved else callee.aor
    contact = f"<{exchange.ends[CALLER].contact}>" + _instance(dice, caller)
    fields: list[Field] = [("Contact", contact), *_call_fields(exchange, caller), _SDP]
    body = _session(dice, caller)
    if exchange.path.place == 0 and dice.chance(40):
        fields.append(_challenged(exchange, caller, "INVITE", target, fields, body))
    invite = exchange.request("INVITE", target, fields, body)
    exchange.wait(1, 25)
    exchange.respond(invite, 100, "Trying", writer=exchange.path.next_hop(CALLER).vendor)
    return exchange, invite


def _challenged(
    exchange: Exchange, user: Node, method: str, uri: str, fields: Sequence[Field], body: bytes
) -> Field:
    """Let the first proxy answer 407; the credentials to send again with."""
    dice = exchange.dice
    asked = challenge(dice, user.domain)
    first = exchange.request(method, uri, fields, body)
    exchange.wait(2, 40)
    asks: list[Field] = [("Proxy-Authenticate", str(asked))]
    writer = exchange.path.next_hop(CALLER).vendor
    exchange.respond(first, 407, "Proxy Authentication Required", asks, writer=writer)
    if method == "INVITE":
        exchange.wait(2, 30)
        exchange.same_hop(first, "ACK", exchange.ends[CALLEE].tag)
    exchange.ends[CALLEE].tag = _callee(exchange).vendor.identifiers.tag(
        dice
    )  # the 407 had the proxy's
    exchange.wait(2, 40)
    return ("Proxy-Authorization", asked.answer(dice, user.user, method, uri))


def _ring(exchange: Exchange, invite: Transaction) -> None:
    dice, callee = exchange.dice, _callee(exchange)
    exchange.wait(80, 900)
    ringing: list[Field] = [*_contact(exchange, CALLEE), *_capabilities(callee)]
    if dice.chance(78):
        exchange.respond(invite, 180, "Ringing", ringing if dice.chance(70) else ringing[:1])
        return
    early = _session(dice, callee, answers=True)
    exchange.respond(invite, 183, "Session Progress", [*ringing, _SDP], early)


def _reinvite(exchange: Exchange) -> None:
    """Either end changes the session, for hold or to refresh it."""
    dice = exchange.dice
    by = CALLER if dice.chance(70) else CALLEE
    one, other = exchange.ends[by].node, exchange.ends[1 - by].node
    exchange.wait(2_000, 9_000)
    offer = _session(dice, one)
    if dice.chance(60):
        offer = offer.replace(b"a=sendrecv", b"a=sendonly")
    fields = [*_contact(exchange, by), *_capabilities(one), _SDP]
    invite = exchange.request("INVITE", extra=fields, body=offer, by=by)
    exchange.wait(3, 20)
    exchange.respond(invite, 100, "Trying")
    exchange.wait(15, 200)
    answer = _session(dice, other, answers=True)
    exchange.respond(invite, 200, "OK", [*_contact(exchange, 1 - by), _SDP], answer)
    exchange.wait(4, 60)
    exchange.request("ACK", by=by)


def _between_phones(dice: Dice, around: Network, start: int) -> Exchange:
    """An exchange from a phone (or a gateway) to another, through one to three proxies."""
    caller = dice.pick(around.phones)
    callee = dice.pick(around.gateways if dice.chance(35) else around.phones)
    if dice.chance(25) and callee in around.phones:
        caller = dice.pick(around.gateways)
    while callee is caller:
        callee = dice.pick(around.phones)
    count = dice.weighted(((36, 1), (38, 2), (26, 3)))
    first = dice.below(len(around.proxies))
    proxies = [around.proxies[(first + n) % len(around.proxies)] for n in range(count)]
    return Exchange(dice, Path((caller, *proxies, callee), dice.below(count + 1)), start)


def _callee(exchange: Exchange) -> Node:
    return exchange.path.nodes[-1]


def _contact(exchange: Exchange, side: int) -> list[Field]:
    return [("Contact", f"<{exchange.ends[side].contact}>")]


def _session(dice: Dice, node: Node, answers: bool = False) -> bytes:
    secure = node.transport == "TLS"
    return session(dice, node.vendor, node.address, answers=answers, secure=secure)


def _capabilities(node: Node) -> list[Field]:
    return [("Allow", node.vendor.allow), ("Supported", node.vendor.supported)]


def _call_fields(exchange: Exchange, caller: Node) -> list[Field]:
    """The optional fields of an INVITE."""
    dice = exchange.dice
    fields = _capabilities(caller)
    if dice.chance(55):
        fields += [("Session-Expires", dice.pick(("1800", "1800;refresher=uac", "3600")))]
        fields += [("Min-SE", dice.pick(("90", "600")))]
    if dice.chance(40):
        fields.append(("Allow-Events", "talk, hold, refer, message-summary"))
    if dice.chance(35):
        fields.append(("Accept", _ACCEPT))
    if dice.chance(30):
        fields.append(("Date", exchange.date))
    if exchange.path.place > 0 or caller.vendor in (BORDER, CARRIER):
        fields.append(("P-Asserted-Identity", f"<{caller.aor}>"))
        if dice.chance(40):
            icid = f"icid-value={dice.hex(24)}"
            fields.append(("P-Charging-Vector", f"{icid};icid-generated-at={caller.host}"))
    elif dice.chance(35):
        fields.append(("P-Preferred-Identity", f"<{caller.aor}>"))
    if dice.chance(15):
        fields.append(("Privacy", dice.pick(("none", "id"))))
    if dice.chance(12):
        fields.append(("X-Call-Ref", dice.digits(12)))
    if dice.chance(8):
        fields.append(("Subject", dice.pick(("Weekly review", "Bestellung 4471", "报修"))))
    return fields


def _answer_fields(exchange: Exchange) -> list[Field]:
    """The optional fields of the 200 for an INVITE."""
    dice, callee = exchange.dice, _callee(exchange)
    fields = [*_contact(exchange, CALLEE), *_capabilities(callee)]
    if dice.chance(45):
        fields.append(("Session-Expires", "1800;refresher=uac"))
        fields.append(("Require", "timer"))
    if callee.vendor in (BORDER, CARRIER):
        fields.append(("P-Asserted-Identity", f"<{callee.aor}>"))
    return fields


def _goodbye(exchange: Exchange, by: int) -> list[Field]:
    dice, vendor = exchange.dice, exchange.ends[by].node.vendor
    fields: list[Field] = [("Supported", vendor.supported)]
    if dice.chance(45):
        fields.append(("Reason", 'Q.850;cause=16;text="Normal call clearing"'))
    if dice.chance(35):
        fields.append(("Allow", vendor.allow))
    return fields


def _refusal(exchange: Exchange, status: int) -> list[Field]:
    dice = exchange.dice
    fields = _capabilities(_callee(exchange))[: dice.between(0, 2)]
    if status in {480, 486} and dice.chance(30):
        fields.append(("Retry-After", str(dice.pick((30, 60, 120)))))
    if dice.chance(40):
        cause = {486: 17, 404: 1, 480: 18, 603: 21, 488: 88}[status]
        fields.append(("Reason", f"Q.850;cause={cause}"))
    return fields


def _instance(dice: Dice, phone: Node) -> str:
    """The Contact parameters of RFC 5626, where the phone supports it."""
    if "outbound" not in phone.vendor.supported:
        return ""
    return f';reg-id=1;+sip.instance="<urn:uuid:{dice.uuid()}>"'


def _registered(exchange: Exchange, expires: int) -> list[Field]:
    dice, phone = exchange.dice, exchange.path.nodes[0]
    fields: list[Field] = [
        ("Contact", f"<{exchange.ends[CALLER].contact}>;expires={expires}"),
        ("Date", exchange.date),
    ]
    if dice.chance(50):
        fields.append(("P-Associated-URI", f"<{phone.aor}>"))
    if dice.chance(35):
        fields.append(("Service-Route", exchange.path.nodes[-1].route))
    if dice.chance(50):
        fields.append(("Supported", PROXY.supported))
    return fields


# The share of each in the day's traffic, in scenarios (not in messages).
DAY: tuple[tuple[int, Scenario], ...] = (
    (41, call),
    (5, refused_call),
    (3, cancelled_call),
    (27, registration),
    (13, ping),
    (8, subscription),
    (7, instant_message),
)


def traffic(seed: int) -> Iterator[Sent]:
    """Everything sent, without end, in the order of time; the same for the same seed."""
    dice = Dice(seed)
    networks = (
        (78, network(dice, "UDP", phones=100)),
        (6, network(dice, "UDP", phones=20, ipv6=True)),
        (10, network(dice, "TCP", phones=20)),
        (6, network(dice, "TLS", phones=20)),
    )

    def scenarios() -> Iterator[tuple[int, list[Sent]]]:
        start = EPOCH
        while True:
            around = dice.weighted(networks)
            yield start, dice.weighted(DAY)(dice, around, start).sent
            start += dice.between(20_000, 480_000)

    return merged(scenarios())


def merged(scenarios: Iterator[tuple[int, list[Sent]]]) -> Iterator[Sent]:
    """The messages of overlapping scenarios, by time; scenarios come in the order they start."""
    waiting: list[tuple[int, int, Sent]] = []
    serial = 0  # keeps messages of the same microsecond in the order they were made
    for start, sent in scenarios:
        while waiting and waiting[0][0] < start:
            yield heapq.heappop(waiting)[2]
        for one in sent:
            heapq.heappush(waiting, (one.at, serial, one))
            serial += 1
    while waiting:
        yield heapq.heappop(waiting)[2]
