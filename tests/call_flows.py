"""Random captures of calls and registrations, as networks show them.

Forks, retransmissions, challenges, redirections, cancelled and unanswered calls, re-INVITEs, both
sides of a proxy, hops that are not captured, lost messages, mirror copies, equal times, captures
that begin or end within.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import NamedTuple

from sipfast.capture import Record, Writer

AGENTS = ("Larkfield L48", "Avocet Edge 6.1", "TernGate-SBC/5.2", None)
CODECS = ("8 0 101", "0 8 9", "9", "0", "8 18 101")
FINALS = (180, 404, 408, 480, 486, 487, 488, 500, 503, 600, 603, 608)


class Sent(NamedTuple):
    """A message on the network."""

    time: int
    """Microseconds."""
    source: tuple[str, int]
    destination: tuple[str, int]
    data: bytes


class Flow:
    """One dialog: its messages gather in `sent`."""

    def __init__(self, random: Random, number: int, begin: int) -> None:
        self.random = random
        self.now = begin
        self.call_id = f"{number}-{random.getrandbits(40):x}@example.com"
        self.caller = (f"10.0.0.{random.randrange(1, 200)}", 5060)
        self.proxy = ("192.0.2.1", 5060) if random.random() < 0.4 else None
        self.callee = (f"10.1.0.{random.randrange(1, 200)}", 5060)
        self.unseen = (random.choice((0, 0, 1, 2)), random.choice((0, 0, 1)))
        """The hops on the sides of the caller and of the callee that are not captured."""
        self.from_tag, self.to_tag = f"a{number}", f"b{number}"
        self.user = random.choice(("alice", "+4420", "1001"))
        self.cseq = random.randrange(1, 5000)
        self.agents = (random.choice(AGENTS), random.choice(AGENTS))
        self.sent: list[Sent] = []

    def wait(self, seconds: float) -> None:
        self.now += int(self.random.uniform(0.2, 1) * seconds * 1e6)

    def branch(self) -> str:
        return f"z9hG4bK{self.random.getrandbits(48):x}"

    def text(
        self,
        start: str,
        cseq: str,
        branches: list[str],
        *,
        to_tag: str | None,
        back: bool,
        more: tuple[str, ...] = (),
        sdp: str | None = None,
    ) -> bytes:
        """A message; `back` if its request comes from the callee."""
        tags = (self.from_tag, to_tag)
        one, other = f"<sip:{self.user}@a.example>", "<sip:bob@b.example>"
        if back:
            one, other, tags = other, one, (self.to_tag, self.from_tag)
        agent = self.agents[start.startswith("SIP/") != back]
        body = ""
        if sdp is not None:
            body = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
            body += f"m=audio 4000 RTP/AVP {sdp}\r\n"
        vias = [f"Via: SIP/2.0/UDP 10.0.0.1;branch={branch}" for branch in reversed(branches)]
        if len(vias) > 1 and self.random.random() < 0.2:
            vias = [vias[0] + ", " + vias[1].removeprefix("Via: ")]
        lines = [
            start,
            *vias,
            f"From: {one};tag={tags[0]}",
            f"To: {other}" + (f";tag={tags[1]}" if tags[1] else ""),
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq}",
            *([f"User-Agent: {agent}"] if agent else ()),
            *more,
            *(["Content-Type: application/sdp"] if body else ()),
            f"Content-Length: {len(body)}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def put(self, source: tuple[str, int], destination: tuple[str, int], data: bytes) -> None:
        self.sent.append(Sent(self.now, source, destination, data))
        if self.random.random() < 0.1:
            later = self.now + self.random.choice((500_000, 1_500_000))
            self.sent.append(Sent(later, source, destination, data))
        if self.random.random() < 0.03:
            self.sent.append(Sent(self.now + 40, source, destination, data))
        if self.random.random() < 0.7:
            self.now += self.random.randrange(1, 3000)

    def hops(self, back: bool) -> list[tuple[tuple[str, int], tuple[str, int]]]:
        ends = [self.caller, *([self.proxy] if self.proxy else ()), self.callee]
        if back:
            ends.reverse()
        return list(pairwise(ends))

    def request(
        self,
        method: str,
        *,
        to_tag: str | None = None,
        back: bool = False,
        more: tuple[str, ...] = (),
        sdp: str | None = None,
        branches: list[str] | None = None,
        cseq: int | None = None,
    ) -> list[str]:
        """Send a request over all hops; its branches."""
        number = self.cseq if cseq is None else cseq
        hops = self.hops(back)
        unseen = self.unseen[back]
        branches = branches or [self.branch() for _ in range(unseen + len(hops))]
        for at, (source, destination) in enumerate(hops, 1):
            data = self.text(
                f"{method} sip:bob@b.example SIP/2.0",
                f"{number} {method}",
                branches[: unseen + at],
                to_tag=to_tag,
                back=back,
                more=more,
                sdp=sdp,
            )
            self.put(source, destination, data)
        return branches

    def reply(
        self,
        status: int,
        method: str,
        branches: list[str],
        *,
        to_tag: str | None = None,
        back: bool = False,
        more: tuple[str, ...] = (),
        sdp: str | None = None,
        cseq: int | None = None,
    ) -> None:
        """Send a response back over all hops."""
        number = self.cseq if cseq is None else cseq
        unseen = self.unseen[back]
        for at, (source, destination) in reversed(list(enumerate(self.hops(back), 1))):
            data = self.text(
                f"SIP/2.0 {status} Reason {status}",
                f"{number} {method}",
                branches[: unseen + at],
                to_tag=to_tag,
                back=back,
                more=more,
                sdp=sdp,
            )
            self.put(destination, source, data)

    def maybe_reason(self) -> tuple[str, ...]:
        cause = self.random.choice((16, 17, 31, 200, 1200))
        protocol = "SIP" if cause >= 200 else "Q.850"
        return (f"Reason: {protocol};cause={cause}",) if self.random.random() < 0.3 else ()

    # ---- flows

    def call(self) -> None:
        random = self.random
        offer = random.choice(CODECS) if random.random() < 0.8 else None
        if random.random() < 0.3:
            branches = self.request("INVITE", sdp=offer)
            self.wait(0.01)
            self.reply(random.choice((401, 407, 302)), "INVITE", branches, to_tag="c1")
            self.request("ACK", to_tag="c1", branches=branches)
            self.cseq += 1
            self.wait(0.01)
            if random.random() < 0.1:
                return
        branches = self.request("INVITE", sdp=offer)
        if random.random() < 0.7:
            self.reply(100, "INVITE", branches)
        tags = [self.to_tag, *(["f2"] if random.random() < 0.2 else ())]
        for tag in tags:
            if random.random() < 0.7:
                self.wait(2)
                sdp = random.choice(CODECS) if random.random() < 0.3 else None
                self.reply(
                    random.choice((180, 183)),
                    "INVITE",
                    branches,
                    to_tag=tag,
                    sdp=sdp,
                    more=self.maybe_reason(),
                )
        self.wait(5)
        fate = random.random()
        if fate < 0.1:
            return
        if fate < 0.25:
            cancels = self.request("CANCEL", branches=branches, more=self.maybe_reason())
            self.reply(200, "CANCEL", cancels, to_tag=self.to_tag)
            if random.random() < 0.8:
                self.reply(487, "INVITE", branches, to_tag=self.to_tag)
                self.request("ACK", to_tag=self.to_tag, branches=branches)
            return
        if fate < 0.45:
            self.reply(
                random.choice(FINALS[1:]),
                "INVITE",
                branches,
                to_tag=self.to_tag,
                more=self.maybe_reason(),
            )
            self.request("ACK", to_tag=self.to_tag, branches=branches)
            return
        for tag in tags if random.random() < 0.3 else tags[:1]:
            self.reply(
                200,
                "INVITE",
                branches,
                to_tag=tag,
                sdp=random.choice(CODECS) if random.random() < 0.9 else None,
            )
        self.request("ACK", to_tag=self.to_tag, sdp=None if offer else random.choice(CODECS))
        if random.random() < 0.3:
            self.wait(10)
            back = random.random() < 0.5
            again = self.cseq + 1 if not back else random.randrange(1, 9000)
            branches = self.request(
                "INVITE", to_tag=self.to_tag, back=back, sdp=random.choice(CODECS), cseq=again
            )
            self.reply(
                random.choice((200, 488, 491)),
                "INVITE",
                branches,
                to_tag=self.to_tag,
                back=back,
                cseq=again,
            )
            self.request("ACK", to_tag=self.to_tag, back=back, cseq=again)
        self.wait(60)
        if random.random() < 0.15:
            return
        self.cseq += 2
        back = random.random() < 0.5
        if random.random() < 0.1:  # both hang up
            self.request("BYE", to_tag=self.to_tag, back=not back)
        branches = self.request("BYE", to_tag=self.to_tag, back=back, more=self.maybe_reason())
        for status in random.choice(((200,), (200,), (401, 200), (481,), ())):
            self.reply(status, "BYE", branches, to_tag=self.to_tag, back=back)

    def register(self) -> None:
        random = self.random
        for _ in range(random.randrange(1, 4)):
            contact = random.choice(
                (
                    "Contact: <sip:alice@10.0.0.1>;expires=60",
                    "Contact: *\r\nExpires: 0",
                    "Expires: 300",
                )
            )
            for status in random.choice(
                ((200,), (401, 200), (401, 401), (407, 403), (401, 200), (503,), (402,), (302,), ())
            ) or (0,):
                branches = self.request("REGISTER", more=(contact,))
                self.wait(0.2)
                if status:
                    self.reply(status, "REGISTER", branches, to_tag="r", more=("Expires: 120",))
                self.cseq += 1
                self.wait(0.1)
            self.wait(90)


def traffic(random: Random, flows: int) -> list[Sent]:
    """Messages of flows, in the order of their times, some lost."""
    sent: list[Sent] = []
    for number in range(flows):
        flow = Flow(random, number, 1_700_000_000_000_000 + random.randrange(60_000_000))
        flow.register() if random.random() < 0.25 else flow.call()
        lost = random.choice((0, 0, 0.1, 0.4))
        kept = [one for one in flow.sent if random.random() >= lost]
        if random.random() < 0.15:  # on one side of a wall: one direction only
            kept = [one for one in kept if one.source != flow.caller]
        if random.random() < 0.1:  # coarse clocks
            kept = [one._replace(time=one.time - one.time % 10_000) for one in kept]
        sent += kept
    sent.sort(key=lambda one: one.time)
    if random.random() < 0.3 and len(sent) > 10:  # the capture began later, and ended earlier
        sent = sent[random.randrange(len(sent) // 3) : -random.randrange(1, len(sent) // 3)]
    return sent


def captures(random: Random, flows: int) -> Iterator[bytes]:
    """The traffic in one or two files; now and then one of them is of messages without times."""
    sent = traffic(random, flows)
    if not sent:
        return
    formats = random.choice(
        (("pcap",), ("pcapng",), ("pcap", "pcap"), ("sip",), ("sip", "pcap"), ("pcap", "sip"))
    )
    cut = random.randrange(len(sent)) if len(formats) == 2 else len(sent)
    for format, part in zip(formats, (sent[:cut], sent[cut:]), strict=False):
        if part:
            yield written(part, format)


def written(sent: list[Sent], format: str = "pcap") -> bytes:
    """The messages as a file."""
    file = io.BytesIO()
    with Writer(file, format=format) as writer:  # type: ignore[arg-type]
        for packet, one in enumerate(sent, 1):
            writer.write(
                Record(
                    memoryview(one.data),
                    0,
                    packet,
                    one.time * 1000,
                    *one.source,
                    *one.destination,
                    "UDP",
                )
            )
    return file.getvalue()
