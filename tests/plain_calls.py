"""Calls and registrations as a plain program finds them: one at a time, message by message.

It is written from RFC 3261 and RFC 6076, and slow: what the queries find is held against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import sipfast
from sipfast import Message, ParseError, Request, TelURI
from sipfast.capture import Record, Repeats

CHALLENGES = (401, 407)
NO_FAILURES = (401, 402, 407)
"""RFC 6076 4.2 and 4.3.2: responses that ask for more, and are no failures."""
LONGEST_ANSWER = 32.0
"""Seconds from a challenge to the REGISTER that answers it: Timer F of RFC 3261 17.1.2.2."""


class Seen(NamedTuple):
    """A message that was captured."""

    record: Record
    message: Message
    repeats: bool

    @property
    def moment(self) -> int | None:
        """When, in microseconds."""
        time = self.record.time_ns
        return None if time is None else time // 1000

    @property
    def place(self) -> tuple[bool, int]:
        """The same; behind these, of a message without a time, the number of its packet."""
        moment = self.moment
        return (True, self.record.packet) if moment is None else (False, moment)

    @property
    def method(self) -> str | None:
        """The method of a request."""
        return self.message.method if isinstance(self.message, Request) else None

    @property
    def status(self) -> int:
        """The status of a response; 0 of a request."""
        return 0 if isinstance(self.message, Request) else self.message.status  # type: ignore[attr-defined]

    @property
    def hop(self) -> int:
        """How far it is from the client that sent the request: each hop adds a Via (16.6)."""
        return self.read(lambda message: len(message.vias)) or 400

    @property
    def cseq(self) -> int:
        return self.read(lambda message: message.cseq.number) or 0

    @property
    def of(self) -> str | None:
        """The method of CSeq."""
        found: str | None = self.read(lambda message: message.cseq.method)
        return found

    @property
    def is_attempt(self) -> bool:
        """Whether it asks for a new session: a request outside a dialog (RFC 3261 12.2)."""
        return self.method == "INVITE" and self.read(lambda message: message.to.tag) is None

    def is_answer(self, method: str, first: int, last: int) -> bool:
        """Whether it is a response of these codes to such a request."""
        return self.of == method and first <= self.status <= last

    def read(self, what: Callable[[Any], Any]) -> Any:
        """A part of the message; None if it is absent or malformed."""
        try:
            return what(self.message)
        except (ParseError, AttributeError, IndexError):
            return None

    @property
    def codecs(self) -> list[str] | None:
        """The codecs of the first media description; None without one."""
        found: list[str] | None = self.read(
            lambda message: [codec.encoding for codec in message.sdp.media[0].codecs]
        )
        return found

    @property
    def agent(self) -> str | None:
        agent = self.read(lambda message: message.user_agent) or self.read(
            lambda message: message.server
        )
        return None if agent is None else str(agent)

    @property
    def cause(self) -> int | None:
        found: int | None = self.read(lambda message: message.reasons[0].cause)
        return found

    @property
    def sides(self) -> tuple[str | None, int | None, str | None, int | None]:
        """The client and the server of its transaction."""
        record = self.record
        client, server = (
            (record.source, record.source_port),
            (record.destination, record.destination_port),
        )
        return (*client, *server) if self.method else (*server, *client)


def user(uri: Any) -> str | None:
    found: str | None = uri.number if isinstance(uri, TelURI) else uri.user
    return found


def read(sources: Iterable[Any], engine: Any = None) -> Iterator[Seen]:
    """The messages of sources that can be parsed, in order."""
    repeats = Repeats()
    for source in sources:
        with sipfast.open(source) as capture:
            for record in capture:
                try:
                    message = sipfast.parse(record.data, datagram=record.transport is not None)
                except ParseError:
                    repeats.of(record, None)
                    continue
                yield Seen(
                    record._replace(data=memoryview(bytes(record.data))),
                    message,
                    repeats.of(record, message) == "retransmission",
                )


def in_order(messages: Iterable[Seen]) -> list[Seen]:
    """By time, then those without; those of one time, and these, as they lie in their file."""
    return sorted(messages, key=lambda seen: (seen.place, seen.record.packet))


def closest(messages: Iterable[Seen]) -> Seen | None:
    """The first on the hop that is the closest to the client of the request (RFC 6076 4)."""
    return min(
        messages,
        key=lambda seen: (seen.hop, seen.place, seen.status, seen.record.packet),
        default=None,
    )


def of_the_side(responses: list[Seen], tag: str | None) -> list[Seen]:
    """Those to the side with this tag of a dialog; all if there are none."""
    own = [seen for seen in responses if seen.read(lambda message: message.from_.tag) == tag]
    return own or responses


def latest(messages: Iterable[Seen]) -> Seen | None:
    """The last on the hop that is the closest to the client, of the last attempt."""
    return max(
        messages,
        key=lambda seen: (seen.cseq, -seen.hop, seen.place, seen.status, seen.record.packet),
        default=None,
    )


def causes(messages: Iterable[Seen]) -> list[int]:
    """Those of Reason, in order; those of one time by their number."""
    found = [(seen.place, seen.cause) for seen in messages if seen.cause is not None]
    return [cause for _, cause in sorted(found) if cause < 1000]


def seconds(begin: int | None, end: int | None) -> float | None:
    return None if begin is None or end is None else (end - begin) / 1e6


def first(messages: Iterable[Seen]) -> Seen | None:
    return next(iter(messages), None)


def common(texts: list[str] | None, others: list[str] | None) -> str | None:
    if texts is None or others is None:
        return None
    known = {text.lower() for text in others}
    return ",".join(text for text in texts if text.lower() in known) or None


# ---- calls


def plain_calls(sources: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """Each call by its Call-ID, as the columns of `calls`."""
    dialogs: dict[str, list[Seen]] = defaultdict(list)
    for seen in read(sources):
        if seen.message.call_id is not None and (seen.of or seen.method) != "REGISTER":
            dialogs[seen.message.call_id].append(seen)
    return {
        call_id: call(in_order(messages))
        for call_id, messages in dialogs.items()
        if any(seen.of == "INVITE" for seen in messages)
    }


def call(messages: Sequence[Seen]) -> dict[str, Any]:
    """One call, of its messages in order."""
    attempts = [seen for seen in messages if seen.is_attempt]
    of_invite = [seen for seen in messages if seen.of == "INVITE"]
    opening = closest(attempts) or closest(of_invite)
    assert opening is not None
    # A capture that begins with a re-INVITE shows nothing of the set-up.
    begins_within = (
        opening.method is not None and opening.read(lambda message: message.to.tag) is not None
    )
    invite = closest(attempts)
    invited = None if invite is None else invite.moment

    tag = opening.read(lambda message: message.from_.tag)
    ringing = of_the_side([seen for seen in of_invite if seen.is_answer("INVITE", 101, 199)], tag)
    failures = [seen for seen in of_invite if seen.status >= 300]
    rang = closest(ringing)
    answer = closest(
        of_the_side([seen for seen in of_invite if seen.is_answer("INVITE", 200, 299)], tag)
    )
    last_failure = latest(failures)
    final = answer
    last_attempt = max((seen.cseq for seen in attempts), default=0)
    if final is None and last_failure is not None and last_failure.cseq >= last_attempt:
        final = last_failure
    if begins_within:
        final = None
    status = None if final is None else final.status
    cancelled = any(seen.method == "CANCEL" for seen in messages)

    # RFC 6076 4.3: the first message that tells the caller something.
    telling = rang
    if telling is None and status is not None and 200 <= status <= 299:
        telling = answer
    if telling is None and status is not None and status >= 400 and status not in NO_FAILURES:
        telling = closest(
            seen for seen in failures if seen.status >= 400 and seen.status not in NO_FAILURES
        )

    byes = [seen for seen in messages if seen.method == "BYE"]
    bye = first(byes)
    of_bye = [seen for seen in messages if seen.of == "BYE" and seen.status >= 200]
    released = closest(seen for seen in of_bye if seen.status <= 299)
    bye_tag = first(
        seen for seen in byes if seen.read(lambda message: message.from_.tag) is not None
    )

    reasons = [
        *causes(byes),
        *reversed(causes(seen for seen in of_invite if seen.status > 100)),
        *causes(seen for seen in messages if seen.method == "CANCEL"),
    ]

    offer = opening.codecs if opening.method else None
    answered_codecs = None if answer is None else answer.codecs
    if offer is None:
        ack = closest(seen for seen in messages if seen.method == "ACK" and seen.codecs is not None)
        codecs = common(None if ack is None else ack.codecs, answered_codecs)
    else:
        early = closest(seen for seen in ringing if seen.codecs is not None)
        codecs = common(
            answered_codecs
            if answered_codecs is not None
            else None
            if early is None
            else early.codecs,
            offer,
        )

    source_address, source_port, destination_address, destination_port = opening.sides
    from_user = opening.read(lambda message: user(message.from_.uri))
    from_host = opening.read(lambda message: message.from_.uri.host)
    to_user = opening.read(lambda message: user(message.to.uri))
    to_host = opening.read(lambda message: message.to.uri.host)
    callees = (
        opening.read(lambda message: user(message.uri)),
        to_user,
        opening.read(lambda message: message.uri.host),
        to_host,
    )
    moments = [seen.moment for seen in messages if seen.moment is not None]
    answered = None if answer is None or begins_within else answer.moment
    hung_up = None if bye is None else bye.moment
    return {
        "start": min(moments, default=None),
        "finish": max(moments, default=None),
        "caller": from_user if from_user is not None else from_host,
        "callee": next((name for name in callees if name is not None), None),
        "from_user": from_user,
        "from_host": from_host,
        "to_user": to_user,
        "to_host": to_host,
        "source_address": source_address,
        "source_port": source_port,
        "destination_address": destination_address,
        "destination_port": destination_port,
        "result": result_of(status, begins_within, rang is not None, cancelled),
        "status": status,
        "reason": None if final is None else final.message.reason,  # type: ignore[attr-defined]
        "progress": None if rang is None or begins_within else rang.status,
        "post_dial_delay": None if telling is None else seconds(invited, telling.moment),
        "setup_time": None if answer is None else seconds(invited, answer.moment),
        "answered": answered,
        "hung_up": hung_up,
        "duration": seconds(answered, hung_up),
        "disconnect_delay": None if released is None else seconds(hung_up, released.moment),
        "hangup": None
        if bye_tag is None or tag is None
        else "caller"
        if bye_tag.read(lambda message: message.from_.tag) == tag
        else "callee",
        "bye_status": min((seen.status for seen in of_bye), default=None),
        "cause": next(iter(reasons), None),
        "codecs": codecs,
        "retransmissions": sum(seen.repeats for seen in messages),
        "caller_agent": opening.agent if opening.method else None,
        "callee_agent": next(
            (
                seen.agent
                for seen in (answer, last_failure)
                if seen is not None and seen.agent is not None
            ),
            None,
        ),
        "messages": len(messages),
        "invites": sum(not seen.repeats for seen in attempts),
        "correlation": None,
        "legs": 1,
        "file": opening.record.file,
    }


def result_of(status: int | None, begins_within: bool, rang: bool, cancelled: bool) -> str:
    """What became of a call."""
    if begins_within:
        return "answered"
    if status is None:
        return "cancelled" if cancelled else "unfinished"
    if 200 <= status <= 299:
        return "answered"
    if 300 <= status <= 399:
        return "redirected"
    if status == 408:
        return "no answer" if rang else "failed"
    known = {401: "challenged", 407: "challenged", 480: "no answer", 486: "busy", 487: "cancelled"}
    known |= {600: "busy", 603: "declined", 607: "declined", 608: "declined"}
    return known.get(status, "failed")


# ---- registrations


def plain_registrations(sources: Iterable[Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Each registration by Call-ID, user and host of To, as some columns of `registrations`."""
    groups: dict[tuple[Any, ...], list[Seen]] = defaultdict(list)
    for seen in read(sources):
        if seen.of == "REGISTER" and seen.message.call_id is not None:
            to_user = seen.read(lambda message: user(message.to.uri))
            to_host = seen.read(lambda message: message.to.uri.host)
            groups[seen.message.call_id, to_user, to_host].append(seen)
    return {key: registration(in_order(messages)) for key, messages in groups.items()}


def registration(messages: Sequence[Seen]) -> dict[str, Any]:
    """One registration, of its messages in order."""
    requests: dict[int, list[Seen]] = defaultdict(list)
    for seen in messages:
        requests[seen.cseq].append(seen)
    attempts: list[list[list[Seen]]] = []
    challenge: Seen | None = None
    for _, request in sorted(requests.items()):
        begun = min((seen.moment for seen in request if seen.moment is not None), default=None)
        waited = None if challenge is None else seconds(challenge.moment, begun)
        if challenge is None or (waited is not None and waited > LONGEST_ANSWER):
            attempts.append([])
        attempts[-1].append(request)
        final = final_of(request)
        challenge = final if final is not None and final.status in CHALLENGES else None
    finals = [final_of(attempt[-1]) for attempt in attempts]
    statuses = [None if final is None else final.status for final in finals]
    accepted = [
        at for at, status in enumerate(statuses) if status is not None and 200 <= status <= 299
    ]
    delays = []
    for at in accepted:
        begun = min(
            (
                seen.moment
                for request in attempts[at]
                for seen in request
                if seen.method and seen.moment is not None
            ),
            default=None,
        )
        final = finals[at]
        delay = None if final is None else seconds(begun, final.moment)
        if delay is not None:
            delays.append(delay)
    last = statuses[-1]
    asked = [expires_of(seen) for request in attempts[-1] for seen in request if seen.method]
    removed = next((expires for expires in reversed(asked) if expires is not None), None) == 0
    result = (
        "unanswered"
        if last is None
        else "removed"
        if last <= 299 and removed
        else "registered"
        if last <= 299
        else "redirected"
        if last <= 399
        else "challenged"
        if last in CHALLENGES
        else "refused"
    )
    return {
        "result": result,
        "status": last,
        "delay": sum(delays) / len(delays) if delays else None,
        "attempts": len(attempts),
        "accepted": len(accepted),
        "refreshes": max(0, len(accepted) - 1),
        "refused": sum(
            status is not None and status >= 400 and status not in NO_FAILURES
            for status in statuses
        ),
        "unanswered": sum(status is None for status in statuses),
        "challenges": sum(
            final is not None and final.status in CHALLENGES
            for final in map(final_of, requests.values())
        ),
        "retransmissions": sum(seen.repeats for seen in messages),
        "messages": len(messages),
    }


def final_of(request: Iterable[Seen]) -> Seen | None:
    """The final response on the hop on which the request was seen first."""
    hops: dict[str | None, list[Seen]] = defaultdict(list)
    for seen in request:
        hops[seen.read(lambda message: message.via.branch)].append(seen)
    for hop in hops.values():
        final = first(seen for seen in hop if seen.status >= 200)
        if final is not None:
            return final
    return None


def expires_of(seen: Seen) -> int | None:
    """The seconds that a REGISTER asks for."""
    found: int | None = seen.read(lambda message: message.contact.expires)
    return found if found is not None else seen.read(lambda message: message.expires)


# ---- metrics


def plain_metrics(sources: Iterable[Any]) -> dict[str, Any]:
    """The figures of RFC 6076, and ASR and NER, of all calls and registrations."""
    sources = list(sources)
    calls = list(plain_calls(sources).values())
    registrations = list(plain_registrations(sources).values())
    attempts = [call for call in calls if call["invites"]]
    answered = [call for call in attempts if call["result"] == "answered"]
    failed = [
        call for call in calls if (call["status"] or 0) >= 400 and call["status"] not in NO_FAILURES
    ]
    ended = [call for call in calls if call["hung_up"] is not None or call["hangup"] is not None]
    released = [call for call in calls if 200 <= (call["bye_status"] or 0) <= 299]

    def having(status: int, *others: int) -> list[Any]:
        return [call for call in attempts if call["status"] in (status, *others)]

    redirected = [call for call in attempts if call["result"] == "redirected"]
    reached = [call for call in attempts if call["result"] in ("busy", "declined", "no answer")]
    reached += [
        call for call in attempts if call["result"] == "cancelled" and call["progress"] is not None
    ]
    tries = sum(row["attempts"] for row in registrations)
    delays = [(row["delay"], row["accepted"]) for row in registrations if row["delay"] is not None]
    return {
        "attempts": len(attempts),
        "answers": len(answered),
        "asr": percent(len(answered), len(attempts)),
        "ner": percent(len(answered) + len(reached), len(attempts)),
        "ser": percent(len(answered), len(attempts) - len(redirected)),
        "seer": percent(
            len(answered) + len(having(480, 486, 600, 603)), len(attempts) - len(redirected)
        ),
        "isa": percent(len(having(408, 500, 503, 504)), len(attempts)),
        "scr": percent(sum(call in released for call in answered), len(attempts)),
        "srd_successful": mean(call["post_dial_delay"] for call in answered),
        "srd_failed": mean(call["post_dial_delay"] for call in failed),
        "sdd": mean(call["disconnect_delay"] for call in calls),
        "sdd_failures": sum(call not in released for call in ended),
        "sdt": mean(call["duration"] for call in released),
        "registrations": tries,
        "rrd": mean(delay for delay, accepted in delays for _ in range(accepted)),
        "ira": percent(sum(row["refused"] + row["unanswered"] for row in registrations), tries),
        "messages": sum(row["messages"] for row in (*calls, *registrations)),
    }


def percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
