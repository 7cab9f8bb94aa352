"""Calls as they end, in bounded memory.

What a call is, and its result, is what `sipfast/sql/queries/calls.sql` says of a capture: a Call-ID
with an INVITE. This keeps only what that needs for the result and the delays of calls that have not
ended, and tells each call once:

- a moment after its final response or its BYE, because other hops and branches may follow;
- a challenged call when nobody answered the challenge;
- a call without a final response, or without a BYE, after `Timeouts`;
- the oldest calls when there are too many.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from .. import Message, ParseError, Request, Response
from ..capture import Record
from ..columns.values import Row
from ..registry.results import FAILED_CALLS

__all__ = [
    "MOST_CALLS",
    "MOST_TEXT",
    "Calls",
    "EndedCall",
    "Timeouts",
    "result_of",
]

MOST_CALLS = 100_000
"""The calls that are kept until they end."""
MOST_TEXT = 64 * 1024 * 1024
"""The characters of their Call-IDs, parties and reason phrases, which senders choose."""

_PARTIES: tuple[str, ...] = (
    *("from_user", "from_host"),
    *("uri_user", "to_user", "uri_host", "to_host"),
    *("source_address", "source_port", "destination_address", "destination_port"),
)


class Timeouts(NamedTuple):
    """Seconds after the last message that counts, until a call has ended."""

    unanswered: float = 200.0
    """Without a final response: a proxy gives up after 3 minutes (RFC 3261 16.6, timer C)."""
    challenged: float = 32.0
    settled: float = 2.0
    """After a failure or a BYE."""
    answered: float = 4 * 3600.0
    """Without a BYE."""


class EndedCall(NamedTuple):
    """A call, with the columns of `calls.sql` of the same names."""

    call_id: str
    start_ns: int | None
    caller: str | None
    callee: str | None
    source_address: str | None
    source_port: int | None
    destination_address: str | None
    destination_port: int | None
    result: str
    status: int | None
    reason: str | None
    progress: int | None
    post_dial_delay: float | None
    setup_time: float | None
    duration: float | None
    file: str | None
    is_chosen: bool = True
    """Whether one of its messages is."""

    @property
    def is_failed(self) -> bool:
        """Whether it failed, as `FAILED_CALLS` has it."""
        return self.result in FAILED_CALLS


class Place(NamedTuple):
    """Where and when a message was seen; the smallest is the closest to the caller (RFC 6076 4)."""

    is_others: bool
    """Whether it is a response to the callee."""
    hop: int
    """Its Via values: each hop adds one (RFC 3261 16.6)."""
    has_no_time: bool
    time_ns: int
    status: int
    """0 of a request."""


class _Call:
    __slots__ = (
        *(
            "answer",
            "answered",
            "asked",
            "call_id",
            "cancelled",
            "due",
            "failed",
            "failure",
            "file",
        ),
        *("hung_up", "invited", "is_chosen", "kept", "parties", "progress", "rang", "size"),
        *("start_ns", "tag"),
    )

    def __init__(self, call_id: str, record: Record, parties: tuple[Any, ...]) -> None:
        self.call_id = call_id
        self.start_ns = record.time_ns
        self.file = record.file
        self.parties = parties
        self.tag: str | None = None
        """That of From in the INVITE: whose responses count rather than those to the callee."""
        self.asked = 0
        """The CSeq of the last attempt: an INVITE outside a dialog."""
        self.invited: Place | None = None
        self.rang: Place | None = None
        self.progress: int | None = None
        self.answered: Place | None = None
        self.answer: tuple[int, str] | None = None
        self.failed: Place | None = None
        self.failure: tuple[int, int, tuple[bool, int], int, str] | None = None
        """CSeq, the hop negated, when it was, the status and the reason phrase."""
        self.cancelled = False
        self.hung_up: int | None = None
        self.is_chosen = False
        self.due = 0.0
        self.kept: OrderedDict[str, _Call] | None = None
        self.size = len(call_id) + _size(parties)
        """The characters of its texts."""

    def told(self) -> EndedCall:
        """The call as it is now."""
        status, reason = None, None
        if self.answer is not None:
            status, reason = self.answer
        elif self.failure is not None and self.failure[0] >= self.asked:
            *_, status, reason = self.failure
        heard = self.rang
        if heard is None and status is not None:
            if status < 300:
                heard = self.answered
            elif status >= 400 and status not in _CHALLENGES:
                heard = self.failed
        parties = self.parties
        return EndedCall(
            self.call_id,
            self.start_ns,
            _first(*parties[:2]),
            _first(*parties[2:6]),
            parties[6],
            parties[7],
            parties[8],
            parties[9],
            result_of(status, self.progress, self.cancelled),
            status,
            reason,
            self.progress,
            _seconds(_time(self.invited), _time(heard)),
            _seconds(_time(self.invited), _time(self.answered)),
            _seconds(_time(self.answered), self.hung_up),
            self.file,
            self.is_chosen,
        )


_CHALLENGES = (401, 402, 407)


def result_of(status: int | None, progress: int | None, cancelled: bool) -> str:
    """The result of a call, as `calls.sql` has it."""
    if status is None:
        return "cancelled" if cancelled else "unfinished"
    if status < 300:
        return "answered"
    if status == 408 and progress is not None:
        return "no answer"
    return _RESULT_OF.get(status) or ("redirected" if status < 400 else "failed")


_RESULT_OF = {
    **dict.fromkeys((486, 600), "busy"),
    **dict.fromkeys((603, 607, 608), "declined"),
    487: "cancelled",
    480: "no answer",
    **dict.fromkeys((401, 407), "challenged"),
}


def _first(*texts: Any) -> Any:
    return next((text for text in texts if text is not None), None)


def _seconds(begin: int | None, end: int | None) -> float | None:
    return None if begin is None or end is None else (end // 1000 - begin // 1000) / 1e6


class Calls:
    """The calls that have not ended.

    Attributes:
        evicted: the calls that were told before their end because there were too many.
    """

    def __init__(
        self,
        most: int = MOST_CALLS,
        timeouts: Timeouts | None = None,
        *,
        most_text: int = MOST_TEXT,
    ) -> None:
        self.evicted = 0
        self._most = most
        self._most_text = most_text
        self._text = 0
        self._timeouts = timeouts or Timeouts()
        self._row = Row(_PARTIES)
        self._calls: dict[str, _Call] = {}
        # By what they wait for, each with the one that waits for the longest first.
        self._unanswered: OrderedDict[str, _Call] = OrderedDict()
        self._challenged: OrderedDict[str, _Call] = OrderedDict()
        self._settling: OrderedDict[str, _Call] = OrderedDict()
        self._answered: OrderedDict[str, _Call] = OrderedDict()
        self._early: deque[_Call] = deque()

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def answered(self) -> int:
        """The calls that were answered and not hung up."""
        return len(self._answered)

    def add(self, message: Message, record: Record, now: float, *, is_chosen: bool = True) -> None:
        """Take a message that was read at the monotonic time `now`.

        A call is chosen if one of its messages is.
        """
        call_id = message.call_id
        if call_id is None:
            return
        call = self._calls.get(call_id)
        if isinstance(message, Request):
            method = message.method
            if method == "INVITE":
                call = self._invited(call, call_id, message, record, now)
            elif call is not None and method == "BYE":
                if call.hung_up is None or call.kept is not self._settling:
                    self._keep(call, self._settling, self._timeouts.settled, now)
                call.hung_up = _earlier(call.hung_up, record.time_ns)
            elif call is not None and method == "CANCEL":
                call.cancelled = True
        elif call is not None and isinstance(message, Response) and message.status > 100:
            self._responded(call, message, record, now)
        if call is not None and is_chosen:
            call.is_chosen = True
        if len(self._calls) > self._most or self._text > self._most_text:
            self._make_room()

    def _invited(
        self, call: _Call | None, call_id: str, invite: Request, record: Record, now: float
    ) -> _Call | None:
        number = _number_of(invite)
        if number is None or _is_within_dialog(invite):
            return call
        is_new = call is None
        if call is None:
            call = _Call(call_id, record, tuple(self._row.read(invite, record)))
            self._calls[call_id] = call
            self._text += call.size
        place = Place(False, _hop(invite), *_moment(record), 0)
        if _is_closer(place, call.invited):
            if not is_new:
                self._grow(call, -_size(call.parties))
                call.parties = tuple(self._row.read(invite, record))
                self._grow(call, _size(call.parties))
            call.invited, call.tag = place, _from_tag(invite)
        if is_new or number > call.asked:
            call.asked = number
            if call.answer is None and call.hung_up is None:
                self._keep(call, self._unanswered, self._timeouts.unanswered, now)
        return call

    def _responded(self, call: _Call, response: Response, record: Record, now: float) -> None:
        number = _number_of(response)
        if number is None:
            return
        status = response.status
        is_others = call.tag is not None and _from_tag(response) != call.tag
        place = Place(is_others, _hop(response), *_moment(record), status)
        if status < 200:
            if _is_closer(place, call.rang):
                call.rang, call.progress = place, status
            return
        timeouts = self._timeouts
        if status < 300:
            if call.answer is None and call.hung_up is None:
                self._keep(call, self._answered, timeouts.answered, now)
            if _is_closer(place, call.answered):
                before = 0 if call.answer is None else len(call.answer[1])
                call.answer, call.answered = (status, response.reason), place
                self._grow(call, len(response.reason) - before)
            return
        if status >= 400 and status not in _CHALLENGES and _is_closer(place, call.failed):
            call.failed = place
        failure = number, -place.hop, _moment(record), status, response.reason
        if call.failure is None or failure[:4] >= call.failure[:4]:
            before = 0 if call.failure is None else len(call.failure[4])
            call.failure = failure
            self._grow(call, len(response.reason) - before)
        if call.answer is None and call.hung_up is None and number >= call.asked:
            if status < 400 or status in _CHALLENGES:
                self._keep(call, self._challenged, timeouts.challenged, now)
            else:
                self._keep(call, self._settling, timeouts.settled, now)

    def _keep(
        self, call: _Call, where: OrderedDict[str, _Call], seconds: float, now: float
    ) -> None:
        if call.kept is not None:
            del call.kept[call.call_id]
        call.kept = where
        call.due = now + seconds
        where[call.call_id] = call

    def _grow(self, call: _Call, size: int) -> None:
        call.size += size
        self._text += size

    def _make_room(self) -> None:
        """Of what most calls wait for, the one that waits for the longest is told."""
        while len(self._calls) > self._most or self._text > self._most_text:
            most = max(self._kept(), key=len)
            call = next(iter(most.values()))
            self._remove(call)
            self.evicted += 1
            self._early.append(call)

    def _kept(self) -> tuple[OrderedDict[str, _Call], ...]:
        return self._unanswered, self._challenged, self._settling, self._answered

    def _remove(self, call: _Call) -> None:
        del self._calls[call.call_id]
        self._text -= call.size
        if call.kept is not None:
            del call.kept[call.call_id]

    def ended(self, now: float) -> Iterator[EndedCall]:
        """The calls that have ended by the monotonic time `now`; each is told once."""
        while self._early:
            yield self._early.popleft().told()
        for kept in self._kept():
            while kept:
                call = next(iter(kept.values()))
                if call.due > now:
                    break
                self._remove(call)
                yield call.told()

    def close(self) -> Iterator[EndedCall]:
        """All that are left, as they are now."""
        yield from self.ended(float("inf"))


def _size(parties: tuple[Any, ...]) -> int:
    return sum([len(text) for text in parties if isinstance(text, str)])


def _moment(record: Record) -> tuple[bool, int]:
    """When, to the microsecond as the columns have it; behind all others without a time."""
    time_ns = record.time_ns
    return (True, record.packet) if time_ns is None else (False, time_ns // 1000 * 1000)


def _is_closer(place: Place, than: Place | None) -> bool:
    return than is None or place < than


def _time(place: Place | None) -> int | None:
    return None if place is None or place.has_no_time else place.time_ns


_FARTHEST = 400


def _hop(message: Message) -> int:
    """How far it is from the client of its request, as `calls.sql` has it."""
    try:
        return min(len(message.vias) or _FARTHEST, _FARTHEST)
    except ParseError:
        return _FARTHEST


def _from_tag(message: Message) -> str | None:
    try:
        sender = message.from_
    except ParseError:
        return None
    return None if sender is None else sender.tag


def _earlier(one: int | None, other: int | None) -> int | None:
    """The first of two times: packets may come out of order."""
    return other if one is None or (other is not None and other < one) else one


def _number_of(message: Message) -> int | None:
    """The number of CSeq of an INVITE, or of a response to one."""
    try:
        cseq = message.cseq
    except ParseError:
        return None
    return None if cseq is None or cseq.method != "INVITE" else cseq.number


def _is_within_dialog(invite: Request) -> bool:
    try:
        to = invite.to
    except ParseError:
        return False
    return to is not None and to.tag is not None
