"""What a proxy does to a message, against a split by hand; keys; streams, against `parse`.

Before the timing, both engines must make the same bytes, keys and events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from benchmarks.bar import Bar
from benchmarks.corpora import load_corpus
from benchmarks.counted import (
    FEW,
    editor,
    forwarder,
    relay_returner,
    relayer,
    replier,
    returner,
    some_requests,
    some_responses,
)
from benchmarks.engines import Parse, engine_module, engine_parse, engines
from benchmarks.reads import AT_ONCE
from benchmarks.rivals import DisagreementError
from benchmarks.rivals.by_hand import by_hand
from benchmarks.timing import ROUND_CALLS, Stopwatch, Subject, Took, interleave, over, reads

Function = Callable[[bytes], Any]


class Step(NamedTuple):
    """Work on a message, parse included, and how much of a split by hand it may take."""

    name: str
    make: Callable[[str, Parse], Function]
    """Makes the function of an engine."""
    messages: Callable[[], list[bytes]]
    wanted: float

    @property
    def promise(self) -> str:
        return f"native parse and {self.name}, against split by hand"


class Relay(NamedTuple):
    """What an endpoint does to a message, and the ns that it may take, parse included."""

    name: str
    make: Callable[[str, Parse], Function]
    messages: Callable[[], list[bytes]]
    wanted: float

    @property
    def promise(self) -> str:
        return f"native parse, forward and next hop of {self.name}"


class Key(NamedTuple):
    """A key of a message, and the ns that its first read may take, without the parse."""

    name: str
    messages: Callable[[], list[bytes]]
    wanted: float

    @property
    def promise(self) -> str:
        return f"native {self.name}, first read"


class Reads(NamedTuple):
    """A size of reads of a stream, and how many times a `parse` a message may take."""

    name: str
    size: int
    wanted: float

    @property
    def promise(self) -> str:
        return f"native Stream, {self.name}, against parse"


def _mixed() -> list[bytes]:
    return load_corpus("mixed")


def _requests() -> list[bytes]:
    return some_requests(_share(is_response=False))


def _responses() -> list[bytes]:
    return some_responses(_share(is_response=True))


def _share(*, is_response: bool) -> int:
    """The number of responses or requests in the mixed corpus."""
    return sum(one.startswith(b"SIP/2.0") is is_response for one in _mixed())


STEPS = (
    Step("forward a request", forwarder, _requests, 0.20),
    Step("forward a response", returner, _responses, 0.18),
    Step(
        "reply(200) to an INVITE",
        lambda _, parse: replier(parse),
        lambda: load_corpus("invite"),
        0.12,
    ),
    Step("four changes of a draft", lambda _, parse: editor(parse), _mixed, 0.35),
)
RELAYS = (
    Relay("an INVITE", relayer, lambda: load_corpus("invite"), 1500),
    Relay("a response", relay_returner, _responses, 900),
)
KEYS = (
    Key("transaction_key", _mixed, 350),
    Key("loop_key", _requests, 800),
)
READS = (
    Reads("one buffer", 1 << 30, 1.4),
    Reads("reads of 16 KiB", 16384, 1.4),
    Reads("reads of 1,400 bytes", 1400, 2.5),
)
BY_BYTES, OF_NOTHING = "one byte", "no byte"
BYTE_WANTED = 1.5
"""How many times an empty call a byte may take that is fed alone."""


def proxy_bars(rounds: int) -> list[Bar]:
    """Return the bars on drafts, forwarding, replies, keys and streams, natively."""
    check()
    parse = engine_parse("native")
    steps = [_step_bar(step, parse, rounds) for step in STEPS]
    relays = [_relay_bar(one, parse, rounds) for one in RELAYS]
    keys = [_key_bar(key, parse, rounds) for key in KEYS]
    return [*steps, *relays, *keys, *stream_bars(parse, rounds)]


def _step_bar(step: Step, parse: Parse, rounds: int) -> Bar:
    messages = step.messages()
    subjects = {
        "sipfast": over(step.make("native", parse), messages),
        "by hand": over(by_hand, messages),
    }
    ours, theirs = (timing.median for timing in interleave(subjects, rounds).values())
    note = f"{ours:,.0f} against {theirs:,.0f} ns"
    return Bar(step.promise, step.wanted, ours / theirs, note=note)


def _relay_bar(relay: Relay, parse: Parse, rounds: int) -> Bar:
    subject = over(relay.make("native", parse), relay.messages())
    (timing,) = interleave({relay.name: subject}, rounds).values()
    return Bar(relay.promise, relay.wanted, timing.median, unit="ns", slack=2.5)


def _key_bar(key: Key, parse: Parse, rounds: int) -> Bar:
    sample = key.messages()[:AT_ONCE]
    subject = reads(f".{key.name}", lambda: [parse(message) for message in sample])
    (timing,) = interleave({key.name: subject}, rounds).values()
    return Bar(key.promise, key.wanted, timing.median, unit="ns", slack=2.5)


def stream_bars(parse: Parse, rounds: int) -> list[Bar]:
    """Return the bars on streams, which are fed the same bytes in reads of several sizes."""
    messages = _mixed()
    few = messages[:FEW]
    fed = cut(few, 1)
    subjects = {
        "parse": over(parse, messages),
        **{one.name: feeding(cut(messages, one.size), len(messages)) for one in READS},
        BY_BYTES: feeding(fed, len(fed)),
        OF_NOTHING: feeding([b""] * len(fed), len(fed)),
    }
    took = {name: timing.median for name, timing in interleave(subjects, rounds).items()}

    def bar(promise: str, wanted: float, name: str, other: str) -> Bar:
        note = f"{took[name]:,.0f} against {took[other]:,.0f} ns"
        return Bar(promise, wanted, took[name] / took[other], note=note)

    by_bytes = f"native Stream, {BY_BYTES} a call, against a call with none"
    return [
        *(bar(one.promise, one.wanted, one.name, "parse") for one in READS),
        bar(by_bytes, BYTE_WANTED, BY_BYTES, OF_NOTHING),
    ]


def cut(messages: Sequence[bytes], size: int) -> list[bytes]:
    """Return the bytes of messages in a stream, in reads of this size."""
    whole = b"".join(messages)
    return [whole[at : at + size] for at in range(0, len(whole), size)]


def feeding(pieces: Sequence[bytes], units: int) -> Subject:
    """Return a subject that feeds a stream; ns per unit, of which the pieces have so many."""
    feed = _stream("native").feed
    passes = max(1, ROUND_CALLS // units)

    def go_over(times: int) -> Took:
        started = Stopwatch()
        for _ in range(times):
            for piece in pieces:
                feed(piece)
        return started.took(times * units)

    def one_round() -> Took:
        go_over(1)
        return go_over(passes)

    return one_round


def _stream(engine: str) -> Any:
    return engine_module(engine, "message.stream").Stream()


# ---- that the work is done ----------------------------------------------------------------------


def check() -> None:
    """Raise `DisagreementError` unless all engines do the same in each row."""
    for step in STEPS:
        of_engines = [partial(_bytes_of, step.make(one, engine_parse(one))) for one in engines()]
        agree(step.promise, step.messages(), of_engines)
    for relay in RELAYS:
        works = [relay.make(one, engine_parse(one)) for one in engines()]
        agree(relay.promise, relay.messages(), works)
    for key in KEYS:
        agree(key.promise, key.messages(), [partial(_key_of, key.name, one) for one in engines()])
    messages = _mixed()
    for one in READS:
        agree(
            one.promise, [b"".join(messages)], [partial(_fed, name, one.size) for name in engines()]
        )
        if _fed("native", one.size, b"".join(messages)) != messages:
            raise DisagreementError(f"{one.promise}: the messages are not those of the corpus")


def agree(promise: str, messages: Sequence[bytes], works: Sequence[Function]) -> None:
    """Raise `DisagreementError` unless the results are the same, and are no error, for each."""
    for number, message in enumerate(messages):
        first, *others = [work(message) for work in works]
        if any(other != first for other in others):
            raise DisagreementError(f"{promise}: the engines differ over message {number}")


def _bytes_of(work: Function, message: bytes) -> bytes:
    return bytes(work(message))


def _key_of(name: str, engine: str, message: bytes) -> object:
    return getattr(engine_parse(engine)(message), name)


def _fed(engine: str, size: int, whole: bytes) -> list[bytes]:
    """The messages that a stream gives."""
    stream = _stream(engine)
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    return [event.raw for piece in pieces for event in stream.feed(piece)]
