"""The rivals that are called from Python, one `Rival` each."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from benchmarks.alike import EVERY_PART, LOOK_UPS, TYPED, look_up_by_hand
from benchmarks.rivals import Facts, Skipped
from benchmarks.rivals.by_hand import HandMade, by_hand
from benchmarks.typed import READS, every_part_of_sipmessage, plain, sipmessage_reader


@dataclass(frozen=True)
class Rival:
    """A parser, and the facts that it reads, to compare with sipfast's."""

    name: str
    does: str
    """The description of one call: a lazy and a typed parse are different work."""
    parse: Callable[[Any], Any]
    facts: Callable[[Any], Facts]
    prepare: Callable[[bytes], Any] = bytes
    """Turns a message into what `parse` takes; not timed."""
    version: str = ""

    def read(self, data: bytes) -> Facts | None:
        """Return the facts that the rival reads in `data`, or None if it refuses it."""
        try:
            return self.facts(self.parse(self.prepare(data)))
        except Exception:  # rivals refuse messages with various exceptions
            return None


def python_rivals() -> tuple[list[Rival], list[Skipped]]:
    """Return the rivals that can be imported here, and those that cannot."""
    tried = [_try_import(name) for name in _OPTIONAL]
    return (
        [
            BY_HAND,
            BY_HAND_LOOKED_UP,
            BY_REGEX,
            *(rival for rival in tried if isinstance(rival, Rival)),
        ],
        [skipped for skipped in tried if isinstance(skipped, Skipped)],
    )


def _try_import(name: str) -> Rival | Skipped:
    try:
        return _OPTIONAL[name]()
    except ImportError as error:
        return Skipped(name, str(error))


def _start(line: bytes) -> str:
    first, second, *_ = line.split(b" ")
    return (second if first == b"SIP/2.0" else first).decode()


def _by_hand_facts(message: HandMade) -> Facts:
    start, headers, _ = message
    call_id = headers.get(b"call-id") or headers[b"i"]
    return Facts(_start(start), call_id[0].decode(), sum(map(len, headers.values())))


def _looked_up_facts(values: tuple[Any, ...]) -> Facts:
    return Facts(more={LOOK_UPS.name: values})


BY_HAND = Rival(
    "by hand: split",
    "head cut at the blank line, partition and lower per line, a dict of lists of bytes",
    by_hand,
    _by_hand_facts,
)
BY_HAND_LOOKED_UP = Rival(
    f"{BY_HAND.name}, {LOOK_UPS.name}",
    f"the same to str, and {LOOK_UPS.does}",
    look_up_by_hand,
    _looked_up_facts,
)


# By regex, like log scripts.

_START_LINE = re.compile(rb"(?:SIP/2\.0 (\d{3})|([^ \r\n]+) [^ \r\n]+ SIP/2\.0)")
_FIELDS = [
    re.compile(rb"^(?:%b)[ \t]*:[ \t]*([^\r\n]*)" % names, re.IGNORECASE | re.MULTILINE)
    for names in (rb"Call-ID|i", rb"From|f", rb"To|t", rb"CSeq")
]


def by_regex(data: bytes) -> list[re.Match[bytes] | None]:
    """Search a message for its start line, Call-ID, From, To and CSeq."""
    return [_START_LINE.match(data), *(field.search(data) for field in _FIELDS)]


def _by_regex_facts(found: list[re.Match[bytes] | None]) -> Facts:
    start, call_id = found[:2]
    if start is None or call_id is None:
        raise ValueError("no start line or no Call-ID")
    return Facts((start[1] or start[2]).decode(), call_id[1].decode(), None)


BY_REGEX = Rival(
    "by hand: five regexes",
    "searches for the start line, Call-ID, From, To and CSeq, and nothing else",
    by_regex,
    _by_regex_facts,
)


# Libraries.


def _sipmessage() -> Rival:
    library = importlib.import_module("sipmessage")

    def facts(message: Any) -> Facts:
        headers = message.headers
        names = headers.keys()
        start = message.method if isinstance(message, library.Request) else str(message.code)
        fields = sum(len(headers.getlist(name)) for name in names)
        return Facts(start, headers.get("Call-ID"), fields)

    return Rival(
        "sipmessage",
        "Message.parse: Request-URI typed, header fields as a list of str",
        library.Message.parse,
        facts,
        version=version("sipmessage"),
    )


def _sipmessage_typed() -> Rival:
    read = sipmessage_reader(importlib.import_module("sipmessage").Message.parse)

    def facts(values: tuple[Any, ...]) -> Facts:
        return Facts(more={TYPED: plain(every_part_of_sipmessage(values))})

    return Rival(
        "sipmessage, typed",
        f"the same, and {READS}",
        read,
        facts,
        version=version("sipmessage"),
    )


def _sipmessage_every_part() -> Rival:
    library = importlib.import_module("sipmessage")
    read_typed = sipmessage_reader(lambda message: message)

    def read(data: bytes) -> tuple[Any, ...]:
        message = library.Message.parse(data)
        uri = message.uri if type(message) is library.Request else None
        return every_part_of_sipmessage(read_typed(message), uri)

    def facts(parts: tuple[Any, ...]) -> Facts:
        return Facts(more={EVERY_PART.name: plain(parts)})

    return Rival(
        f"sipmessage, {EVERY_PART.name}",
        f"the same, and {EVERY_PART.does}",
        read,
        facts,
        version=version("sipmessage"),
    )


def _voip_utils() -> Rival:
    parse_sip = _submodule("voip_utils", "sip").SipMessage.parse_sip

    def parse(data: bytes) -> Any:
        return parse_sip(data.decode())

    def facts(message: Any) -> Facts:
        headers = message.headers  # one value per name: repeated fields are lost
        return Facts(message.method or message.code, headers.get("call-id", headers.get("i")), None)

    return Rival(
        "voip-utils",
        "SipMessage.parse_sip: one dict of str",
        parse,
        facts,
        version=version("voip-utils"),
    )


def _submodule(package: str, name: str) -> types.ModuleType:
    """Import `package.name` without the package's `__init__`, which may need an audio codec."""
    if package not in sys.modules:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.submodule_search_locations is None:
            raise ImportError(f"No module named {package!r}")
        bare = types.ModuleType(package)
        bare.__path__ = list(spec.submodule_search_locations)
        sys.modules[package] = bare
    return importlib.import_module(f"{package}.{name}")


def _httptools() -> Rival:
    library = importlib.import_module("httptools")

    class Collector:
        """Collects the parser's callbacks, like its users."""

        def __init__(self) -> None:
            self.headers: list[tuple[bytes, bytes]] = []
            self.status: int | None = None

        def on_header(self, name: bytes, value: bytes) -> None:
            self.headers.append((name, value))

    def parse(data: bytes) -> Collector:
        collector = Collector()
        if data.startswith(b"HTTP/"):
            parser = library.HttpResponseParser(collector)
            parser.feed_data(data)
            collector.status = parser.get_status_code()
        else:
            library.HttpRequestParser(collector).feed_data(data)
        return collector

    def facts(message: Collector) -> Facts:
        call_id = next(
            value for name, value in message.headers if name.lower() in (b"call-id", b"i")
        )
        start = None if message.status is None else str(message.status)
        return Facts(start, call_id.decode(), len(message.headers))

    return Rival(
        "httptools",
        "the same header fields under an HTTP/1.1 start line, without body: callbacks into a list",
        parse,
        facts,
        as_http,
        version("httptools"),
    )


_CONTENT_LENGTH = re.compile(rb"^(Content-Length|l)[ \t]*:[^\r\n]*", re.IGNORECASE | re.MULTILINE)


def as_http(data: bytes) -> bytes:
    """Return a SIP message's header fields after an HTTP/1.1 start line, without the body."""
    head, _, _ = data.partition(b"\r\n\r\n")
    start, _, fields = head.partition(b"\r\n")
    first, second, *rest = start.split(b" ", 2)
    if first == b"SIP/2.0":
        start = b" ".join([b"HTTP/1.1", second, *rest])
    else:
        start = b"GET /%b HTTP/1.1" % second
    fields = _CONTENT_LENGTH.sub(rb"\1: 0", fields)
    return start + b"\r\n" + fields + b"\r\n\r\n"


_OPTIONAL: dict[str, Callable[[], Rival]] = {
    "sipmessage": _sipmessage,
    "sipmessage, typed": _sipmessage_typed,
    f"sipmessage, {EVERY_PART.name}": _sipmessage_every_part,
    "voip-utils": _voip_utils,
    "httptools": _httptools,
}

RIVAL_NAMES = (BY_HAND.name, BY_HAND_LOOKED_UP.name, BY_REGEX.name, *_OPTIONAL)
"""The name of every rival of this module, importable here or not."""
