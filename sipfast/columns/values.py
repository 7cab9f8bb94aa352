"""The values of the columns: what the properties of a message and the facts of its record say.

This is the definition. The pure engine reads columns so, and the native one every value that is not
plain; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .._engine import ENGINE, Engine
from ..capture.base import Record
from ..capture.repeats import Repeats
from ..errors import ParseError
from .names import COLUMNS, column_of

__all__ = ["Row", "Value", "row"]

Value = str | int | bool | tuple[str, ...] | None
"""The value of a column. A time is its nanoseconds since 1970-01-01 00:00 UTC."""

ENCODING = "text-encoding-malformed"

BODY = "body"
"""The place of the columns that are read from the body."""

_Read = Callable[[Any], Any]


def _time(record: Record) -> int | None:
    """The time, if Arrow has it: the years 1677 to 2262."""
    time_ns = record.time_ns
    return time_ns if time_ns is not None and -(2**63) <= time_ns < 2**63 else None


def _user(uri: Any) -> Any:
    """The user of a URI, or the number of a tel URI."""
    if uri is None:
        return None
    return uri.number if uri.scheme == "tel" else uri.user


def _host(uri: Any) -> Any:
    return None if uri is None else uri.host


def _of_field(attribute: str, read: _Read) -> _Read:
    """A part of a header field's value; None if the field is absent."""

    def value(message: Any) -> Any:
        found = getattr(message, attribute)
        return None if found is None else read(found)

    return value


def _party(attribute: str) -> tuple[_Read, _Read, _Read, _Read]:
    """Display name, user, host and tag of an address."""
    return (
        _of_field(attribute, lambda address: address.display_name),
        _of_field(attribute, lambda address: _user(address.uri)),
        _of_field(attribute, lambda address: _host(address.uri)),
        _of_field(attribute, lambda address: address.tag),
    )


def _agent(message: Any) -> Any:
    agent = message.user_agent
    if agent is None:
        agent = message.server
    return None if agent is None else str(agent)


def _media(read: _Read) -> _Read:
    """A part of the first media description."""

    def value(message: Any) -> Any:
        description = message.sdp
        if description is None or not description.media:
            return None
        return read(description.media[0])

    return value


def _sdp_address(message: Any) -> Any:
    description = message.sdp
    if description is None:
        return None
    media = description.media
    connection = media[0].connection if media else description.connection
    return None if connection is None else connection.address


def _sdp_direction(message: Any) -> Any:
    description = message.sdp
    if description is None:
        return None
    media = description.media
    return media[0].direction if media else description.direction


def _cause(message: Any) -> Any:
    reasons = message.reasons
    return reasons[0].cause if reasons else None


_FROM, _TO = _party("from_"), _party("to")

FACTS: dict[str, _Read] = {
    "file": lambda record: record.file,
    "packet": lambda record: record.packet,
    "offset": lambda record: record.offset,
    "time": _time,
    "transport": lambda record: record.transport,
    "source_address": lambda record: record.source,
    "source_port": lambda record: record.source_port,
    "destination_address": lambda record: record.destination,
    "destination_port": lambda record: record.destination_port,
}
"""The columns that a record has, whether its message can be parsed or not."""

PARTS: dict[str, tuple[str | None, _Read]] = {
    "method": (None, lambda message: getattr(message, "method", None)),
    "status": (None, lambda message: getattr(message, "status", None)),
    "is_request": (None, lambda message: hasattr(message, "method")),
    "reason": (None, lambda message: getattr(message, "reason", None)),
    "call_id": ("Call-ID", lambda message: message.call_id),
    "cseq_number": ("CSeq", _of_field("cseq", lambda cseq: cseq.number)),
    "cseq_method": ("CSeq", _of_field("cseq", lambda cseq: cseq.method)),
    "from_display": ("From", _FROM[0]),
    "from_user": ("From", _FROM[1]),
    "from_host": ("From", _FROM[2]),
    "from_tag": ("From", _FROM[3]),
    "to_display": ("To", _TO[0]),
    "to_user": ("To", _TO[1]),
    "to_host": ("To", _TO[2]),
    "to_tag": ("To", _TO[3]),
    "uri": (None, lambda message: getattr(message, "uri_text", None)),
    "uri_user": (None, lambda message: _user(getattr(message, "uri", None))),
    "uri_host": (None, lambda message: _host(getattr(message, "uri", None))),
    "via_host": ("Via", _of_field("via", lambda via: via.host)),
    "via_branch": ("Via", _of_field("via", lambda via: via.branch)),
    "via_count": ("Via", lambda message: len(message.vias) or None),
    "contact_user": ("Contact", _of_field("contact", lambda contact: _user(contact.uri))),
    "contact_host": ("Contact", _of_field("contact", lambda contact: _host(contact.uri))),
    "contact_expires": ("Contact", _of_field("contact", lambda contact: contact.expires)),
    "expires": ("Expires", lambda message: message.expires),
    "user_agent": ("User-Agent", _agent),
    "content_type": ("Content-Type", _of_field("content_type", lambda value: value.media_type)),
    "body_length": (None, lambda message: len(message.body_view)),
    "sdp_address": (BODY, _sdp_address),
    "sdp_port": (BODY, _media(lambda media: media.port)),
    "sdp_codecs": (BODY, _media(lambda media: tuple([codec.encoding for codec in media.codecs]))),
    "sdp_direction": (BODY, _sdp_direction),
    "reason_cause": ("Reason", _cause),
}
"""The columns that a message has: the header field that each is read from, or `BODY`, and how."""

REPEATS = ("retransmission", "duplicate")
"""The columns that depend on the messages before."""

_OTHERS = ("defects", *REPEATS, "error", "error_offset")
_OF_CUT = frozenset(("header-block-unfinished", "body-too-short"))
"""The defects of whoever cut a message."""


def _header(name: str) -> _Read:
    return lambda message: message.headers.get(name)


def _headers(name: str) -> _Read:
    def values(message: Any) -> Any:
        found = message.headers.getall(name, None)
        return None if found is None else tuple(found)

    return values


class Row:
    """The columns of a scan, to be read from one message after another.

    `names` are in any order: those that are shown, and those that a `where` asks for. `repeats`
    is what the earlier messages were, if a column depends on them.

    Attributes:
        fault: the error of the last row that was read, or None.
        repeats: what the earlier messages were; None if no column asks for it.
    """

    __slots__ = ("_facts", "_names", "_others", "_parts", "fault", "repeats")

    def __init__(
        self, names: Sequence[str], repeats: Repeats | None = None, engine: Engine = ENGINE
    ) -> None:
        order = {name: at for at, name in enumerate(COLUMNS)}
        self._names = tuple(names)
        self._facts = [(at, FACTS[name]) for at, name in enumerate(names) if name in FACTS]
        parts: list[tuple[int, int, str | None, _Read]] = []
        for at, name in enumerate(names):
            column_of(name)
            if name in PARTS:
                parts.append((order[name], at, *PARTS[name]))
            elif name not in COLUMNS:
                kind, _, header = name.partition(":")
                read = _header(header) if kind == "header" else _headers(header)
                parts.append((len(order) + at, at, header, read))
        # Errors are those of the first column in the order of the table, header fields last.
        self._parts = sorted(parts, key=lambda part: part[0])
        self._others = [(at, name) for at, name in enumerate(names) if name in _OTHERS]
        self.fault: ParseError | None = None
        asks_repeats = any(name in REPEATS for name in names)
        self.repeats = (repeats or Repeats(engine=engine)) if asks_repeats else None

    def read(self, message: Any, record: Record) -> list[Value]:
        """The values of a message, or of the ParseError that `parse` raised for it."""
        values: list[Value] = [None] * len(self._names)
        for at, read in self._facts:
            values[at] = _replaced(read(record))  # the path comes from the system: any bytes
        refused = isinstance(message, ParseError)
        fault: ParseError | None = message if refused else None
        if not refused:
            for _, at, place, read in self._parts:
                try:
                    value = read(message)
                except ParseError as error:
                    fault = fault or error
                    continue
                values[at] = _replaced(value)
                if values[at] is not value and fault is None:
                    fault = ParseError(ENCODING, *_place_of_text(message, place))
        self.fault = fault
        repeat = None
        if self.repeats is not None:
            repeat = self.repeats.of(record, None if refused else message)
        for at, name in self._others:
            if name == "error":
                values[at] = None if fault is None else fault.code
            elif name == "error_offset":
                values[at] = None if fault is None else fault.offset
            elif name == "defects":
                values[at] = None if refused else _defects(message, record)
            elif record.time_ns is not None and not (refused and name == "retransmission"):
                values[at] = repeat == name
        return values


def row(
    message: Any, record: Record, names: Sequence[str], repeats: Repeats | None = None
) -> list[Value]:
    """The values of `names` of a message, or of the ParseError that `parse` raised for it."""
    return Row(names, repeats).read(message, record)


def _defects(message: Any, record: Record) -> tuple[str, ...]:
    """The codes of the defects of the header, without those of whoever cut the message."""
    codes = [defect.code for defect in message.defects]
    # A packet holds one message, and a file of messages one after another.
    is_apart = record.transport is not None or bool(record.lost)
    if is_apart and bytes(record.data[message.end :]).strip(b"\r\n"):
        codes.append("body-too-long")
    return tuple([code for code in codes if not (record.is_cut and code in _OF_CUT)])


def _replaced(value: Any) -> Any:
    """The same value if its text is UTF-8, else one with U+FFFD for what is not."""
    if type(value) is str:
        if value.isascii():
            return value
        replaced = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return value if replaced == value else replaced
    if type(value) is tuple:
        items = tuple([_replaced(item) for item in value])
        return value if items == value else items
    return value


def _place_of_text(message: Any, place: str | None) -> tuple[int, str | None]:
    """The first byte that is not UTF-8 in a place, and the header field that it is in.

    The place is the fields of a name, the body, or the whole message. Where only the escapes of a
    URI make text other than UTF-8, it is the first byte of the place.
    """
    header = None if place == BODY else place
    if header == "User-Agent" and header not in message.headers:
        header = "Server"
    raw, start = message.raw, message.start
    pieces = [(0, len(raw))]
    if place == BODY:
        pieces = [(message.body_offset - start, len(raw))]
    elif header is not None:
        values = [span.value for span in message.headers.spans(header)]
        pieces = [(value.start - start, value.stop - start) for value in values]
    for at, end in pieces:
        try:
            raw[at:end].decode("utf-8")
        except UnicodeDecodeError as fault:
            return start + at + fault.start, header
    return start + pieces[0][0], header
