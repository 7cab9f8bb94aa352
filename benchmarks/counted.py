"""The program whose instructions are counted: repeated work over corpora.

    python -m benchmarks.counted METER PACKAGE CORPUS...

METER is the built `callgrind.c`, PACKAGE the folder that `sipfast` must come from.  Callgrind
writes a file for each count; the result of a row is its lowest count.

Each kernel runs over each corpus in a C loop, once to warm up and once counted: these counts repeat
exactly.  The other rows run in the interpreter, as for users.  The cost of an attribute lookup
depends on its slot in the interpreter's type cache, which two attributes may share, so these rows
are counted in several arrangements of that cache.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import md5
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import sipfast
from bench_data import generate
from bench_data.traffic import datagrams
from benchmarks.alike import look_up, look_up_by_hand, read_defects, read_every_part
from benchmarks.corpora import load_corpus
from benchmarks.engines import Parse, best_variants, engine_module, variants
from benchmarks.instructions import ARRANGEMENTS, MESSAGES, PURE_USES, SCANNED, USES, WARM
from benchmarks.rivals.by_hand import by_hand as split
from benchmarks.scanning.ours import INVITES, THIRTY, to_nowhere
from benchmarks.typed import typed_reader
from benchmarks.values import OFFER, digest, sdp_reader
from sipfast._engine import load

Function = Callable[[Any], object]


STREAMED = {1 << 20: "whole", 16384: "16 KiB", 1400: "1,400"}
"""The sizes of the reads of a stream."""
FEW = 60
"""The number of messages that a stream is fed byte by byte."""


class Work(NamedTuple):
    """A row: a function, and the arguments of its calls."""

    row: str
    function: Function
    items: Sequence[Any]
    messages: int = 0
    """The number of messages in the items, if these are one sequence; else each item has one."""


def some(corpus: str, count: int) -> list[bytes]:
    """Return `count` messages of a corpus in order, repeated if needed."""
    messages = load_corpus(corpus)
    return (messages * -(-count // len(messages)))[:count]


def go_over(function: Function, items: Sequence[Any]) -> None:
    """Call the function with each item and drop the results, with as little Python as possible."""
    deque(map(function, items), maxlen=0)


def use(function: Function, items: Sequence[Any]) -> None:
    """Call the function with each item in a Python loop, like users."""
    for item in items:
        function(item)


def works(engine: str, parse: Parse, corpora: Sequence[str]) -> Iterator[Callable[[], Work]]:
    """Yield the makers of the rows of an engine; each row includes the parse."""
    of, count = ("", USES) if engine == "native" else (f"{engine} ", PURE_USES)
    mixed = some("mixed", count)
    yield lambda: Work(f"{of}parse mixed", parse, mixed)
    for corpus in corpora if engine == "native" else ("mixed",):
        yield partial(typed, f"{of}typed {corpus}", parse, some(corpus, count))
    yield lambda: Work(f"{of}look-ups mixed", look_up(parse), mixed)
    yield lambda: Work(f"{of}headers mixed", headers_reader(parse), mixed)
    yield lambda: Work(f"{of}every part mixed", read_every_part(parse), mixed)
    yield lambda: Work(f"{of}defects mixed", read_defects(parse), mixed)
    yield lambda: Work(f"{of}edit mixed", editor(parse), mixed)
    yield lambda: Work(f"{of}reply invite", replier(parse), some("invite", count))
    yield lambda: Work(f"{of}forward mixed", forwarder(engine, parse), some_requests(count))
    yield lambda: Work(f"{of}response mixed", returner(engine, parse), some_responses(count))
    for size, name in STREAMED.items():
        yield partial(streamed, f"{of}stream mixed {name}", engine, mixed, size)
    if engine == "native":
        few = mixed[:FEW]
        yield lambda: streamed("stream mixed by bytes", engine, few, 1)
        yield lambda: streamed("stream mixed by nothing", engine, few, 1, b"")
    yield from scans(engine, of, SCANNED if engine == "native" else count)
    if engine == "native":  # what reads captures is of the engine in use
        yield from readings(parse, SCANNED)
    yield lambda: Work(f"{of}sdp offer", sdp_of(engine), [OFFER] * count)
    yield lambda: Work(f"{of}digest md5", checks_of(engine), [None] * count)


def by_hand() -> Iterator[Callable[[], Work]]:
    """Yield the makers of the rows to which ratios refer."""
    mixed = some("mixed", USES)
    yield lambda: Work("by hand: split mixed", split, mixed)
    yield lambda: Work("by hand: look-ups mixed", look_up_by_hand, mixed)
    yield lambda: Work("by hand: digest md5", hashes(), [None] * USES)


def typed(row: str, parse: Parse, messages: Sequence[bytes]) -> Work:
    """Return the row of the typed properties."""
    return Work(row, typed_reader(parse), messages)


def headers_reader(parse: Parse) -> Function:
    """Return a function that reads four header fields by name."""

    def read(data: bytes) -> object:
        headers = parse(data).headers
        return headers["Via"], headers["From"], headers["Call-ID"], headers["CSeq"]

    return read


def editor(parse: Parse) -> Function:
    """Return a function that makes four changes, as a proxy does, and joins them."""

    def edit(data: bytes) -> object:
        draft = parse(data).edit()
        draft.push("Via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa71c")
        draft["Max-Forwards"] = 69
        draft.discard("Route")
        draft.append("Record-Route", "<sip:192.0.2.9;lr>")
        return bytes(draft)

    return edit


def replier(parse: Parse) -> Function:
    """Return a function that answers a request with 200."""
    return lambda data: bytes(parse(data).reply(200, to_tag="77f1"))


REPEATS = ("retransmission", "duplicate")
SECRET = bytes(range(16))
SOURCE = "198.51.100.7", 5060


def hop_of(engine: str) -> Any:
    """Return the proxy that forwards."""
    return engine_module(engine, "message.hop").Hop("192.0.2.9", 5060, secret=SECRET)


def some_requests(count: int) -> list[bytes]:
    """Return `count` requests of the mixed corpus that a proxy forwards."""
    found = [one for one in load_corpus("mixed") if not one.startswith(b"SIP/2.0")]
    return (found * -(-count // len(found)))[:count]


def some_responses(count: int) -> list[bytes]:
    """Return `count` responses of the mixed corpus, as if the proxy had forwarded the requests."""
    hop, found = hop_of(sipfast.engine), []
    for response in load_corpus("mixed"):
        if response.startswith(b"SIP/2.0"):
            line, end, header = response.partition(b"\r\n")
            request: Any = sipfast.parse(b"OPTIONS sip:a@192.0.2.7 SIP/2.0\r\n" + header)
            sent = request.forward(via=hop, source=SOURCE, trusted=True)
            found.append(line + end + sent.partition(b"\r\n")[2])
    return (found * -(-count // len(found)))[:count]


def forwarder(engine: str, parse: Parse) -> Function:
    """Return a function that forwards a request, and stays on the path."""
    hop = hop_of(engine)

    def forward(data: bytes) -> object:
        return parse(data).forward(via=hop, source=SOURCE, record_route=hop, trusted=True)

    return forward


def returner(engine: str, parse: Parse) -> Function:
    """Return a function that forwards a response."""
    hop = hop_of(engine)
    return lambda data: parse(data).forward(via=hop)


def relayer(engine: str, parse: Parse) -> Function:
    """Return a function that does what an endpoint does to a request, and tells where it goes."""
    hop, relay = hop_of(engine), engine_module(engine, "message.forward").relay_request
    target = "sip:bob@192.0.2.30:5062"
    return lambda data: relay(parse(data), target, hop, SOURCE, hop, None, 0, False)


def relay_returner(engine: str, parse: Parse) -> Function:
    """Return a function that does the same to a response."""
    hop, relay = hop_of(engine), engine_module(engine, "message.forward").relay_response
    return lambda data: relay(parse(data), hop)


def streamed(
    row: str, engine: str, messages: Sequence[bytes], size: int, fed: bytes | None = None
) -> Work:
    """Return the row of a stream that is fed reads of this size, or as many times `fed`."""
    whole = b"".join(messages)
    reads = [whole[at : at + size] for at in range(0, len(whole), size)]
    stream = engine_module(engine, "message.stream").Stream()
    return Work(row, stream.feed, reads if fed is None else [fed] * len(reads), len(messages))


def scans(engine: str, of: str, count: int) -> Iterator[Callable[[], Work]]:
    """Yield the makers of the rows of scans of a capture, to nowhere."""
    whole = capture(count)
    yield lambda: scan(f"{of}scan 12 columns", engine, whole, count)
    if engine == "native":
        yield lambda: scan("scan 12 columns utf8", engine, whole, count, text="utf8")
        yield lambda: scan("scan 12 columns where", engine, whole, count, where=INVITES)
        yield lambda: scan("scan 30 columns", engine, whole, count, columns=THIRTY)
        yield lambda: scan("scan repeats", engine, whole, count, columns=REPEATS)


def capture(count: int) -> bytes:
    """Return a capture of so many messages, those of the mixed corpus first."""
    file = BytesIO()
    datagrams.write(file, list(generate.sent_messages(min(count, MESSAGES))), count)
    return file.getvalue()


def scan(row: str, engine: str, whole: bytes, count: int, **options: Any) -> Work:
    """Return the row of a scan."""
    of = load(engine)

    def rows(data: bytes) -> int:
        return to_nowhere(data, engine=of, **options)

    if rows(whole) == 0:
        raise ValueError(f"{row} has no rows")
    return Work(row, rows, [whole], count)


def readings(parse: Parse, count: int) -> Iterator[Callable[[], Work]]:
    """Yield the makers of the rows of other readers of captures: counting, keys, and HEP."""
    whole, copies = capture(count), hep_packets(count)
    yield lambda: Work("stats mixed", counter_of(defects=False), [whole], count)
    yield lambda: Work("stats mixed defects", counter_of(defects=True), [whole], count)
    yield lambda: Work("repeats mixed", repeats_of(parse), [whole], count)
    yield lambda: Work("hep mixed", read_records, [b"".join(copies)], count)
    yield lambda: Work("hep mixed live", read_live, [copies], count)


def counter_of(*, defects: bool) -> Function:
    """Return a function that counts the messages of a capture, as `sipfast stats` does."""
    from sipfast.cli.commands.stats.counts import Wish, gather

    wish = Wish(defects=defects)

    def count(whole: bytes) -> object:
        with sipfast.open(whole) as source:
            return gather(source, wish=wish, clock=float)

    return count


def repeats_of(parse: Parse) -> Function:
    """Return a function that tells the repeated messages of a capture by their keys."""
    from sipfast.capture import Repeats

    def tell(whole: bytes) -> object:
        repeats = Repeats()
        with sipfast.open(whole) as source:
            return [repeats.of(record, parse(record.data)) for record in source]

    return tell


def hep_packets(count: int) -> list[bytes]:
    """Return so many packets of HEP version 3, with the messages of the mixed corpus."""
    found = []
    for number, message in enumerate(some("mixed", count)):
        chunks = {
            1: b"\x02",
            2: b"\x11",
            3: b"\xc0\0\2\1",
            4: b"\xc6\x33\x64\1",
            7: b"\x13\xc4",
            8: b"\x13\xc4",
            9: (number + 1).to_bytes(4, "big"),
            10: bytes(4),
            11: b"\x01",
            12: b"\0\0\x07\xd1",
            15: message,
        }
        body = b"".join(
            kind.to_bytes(4, "big") + (6 + len(value)).to_bytes(2, "big") + value
            for kind, value in chunks.items()
        )
        found.append(b"HEP3" + (6 + len(body)).to_bytes(2, "big") + body)
    return found


def read_records(whole: bytes) -> object:
    """Read all records of a capture."""
    with sipfast.open(whole) as source:
        return deque(source, maxlen=0)


def read_live(packets: Sequence[bytes]) -> object:
    """Read packets of HEP one by one, as they come from a socket."""
    from sipfast.capture.base import Tally
    from sipfast.capture.packets import Layers

    layers, base = Layers(Tally()), 0
    for number, packet in enumerate(packets, 1):
        for record in layers.copied(number, packet, base, number):
            base += len(record.data)
    return base


def sdp_of(engine: str) -> Function:
    """Return a function that reads a session description."""
    return sdp_reader(engine_module(engine, "sdp.description").SDP.parse)


def checks_of(engine: str) -> Function:
    """Return a function that checks credentials whose HA1 is known."""
    check, ha1, *_ = digest(engine, "MD5")
    return lambda _: check(ha1=ha1, method="REGISTER")


def hashes() -> Function:
    """Return a function that computes only the hashes of such a check."""
    *_, a2, last = digest("native", "MD5")

    def both(_: object) -> object:
        return md5(a2).hexdigest(), md5(last).hexdigest()

    return both


class Meter:
    """Counts rows with callgrind."""

    def __init__(self, library: str) -> None:
        self._library = ctypes.CDLL(library)

    def count_kernel(self, parse: Parse, row: str, messages: list[bytes]) -> None:
        """Count a C loop over messages."""
        go_over(parse, messages)
        self._library.start_counting()
        go_over(parse, messages)
        self._library.stop_counting(row.encode(), len(messages))

    def count_use(
        self, row: str, function: Function, items: Sequence[Any], messages: int = 0
    ) -> None:
        """Count an interpreted loop, in several arrangements of the type cache."""
        use(function, items)
        for _ in range(ARRANGEMENTS):
            rearrange()
            use(function, items if messages else items[:WARM])
            self._library.start_counting()
            use(function, items)
            self._library.stop_counting(row.encode(), messages or len(items))


def rearrange() -> None:
    """Make the interpreter give each of our classes a new version, and so other slots."""
    for cls in [one for one in gc.get_objects() if isinstance(one, type)]:
        if str(cls.__module__).startswith("sipfast"):
            ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))


def main() -> None:
    """Count the rows of the command line."""
    library, package, *corpora = sys.argv[1:]
    if not Path(sipfast.__file__).is_relative_to(package):
        raise SystemExit(f"sipfast is {sipfast.__file__}, not the one in {package}")
    meter = Meter(library)
    gc.disable()
    for variant in variants():
        parse = variant.select()
        if variant.kernel is not None:
            for corpus in corpora:
                meter.count_kernel(parse, f"{variant.kernel} {corpus}", some(corpus, MESSAGES))
    if "mixed" in corpora:
        for engine, variant in best_variants().items():
            count_uses(meter, works(engine, variant.select(), corpora))
        count_uses(meter, by_hand())


def count_uses(meter: Meter, makers: Iterator[Callable[[], Work]]) -> None:
    """Count all possible rows: an older revision may lack some features."""
    for make in makers:
        try:
            meter.count_use(*make())
        except (AttributeError, ImportError, KeyError) as lacking:
            print(f"left out: {lacking}")


if __name__ == "__main__":
    main()
