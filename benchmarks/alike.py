"""Like-for-like comparisons: sipfast and a rival read the same, and nothing more.

A lazy parse compares well with an eager one, so these are the rows to judge by.  The values that
both sides read are compared, message by message, before timing.

- *nine look-ups*: nine header fields by name, long or compact, as str, and the body.  The fastest
  way by hand is to decode the whole head first.
- *every part*: the 19 typed properties of `benchmarks.typed` and the Request-URI, every part of
  every value.
- *every field*: every header field with a type in sipfast, the Request-URI, and the URI of every
  address: sofia-sip's `msg_make` makes all of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from benchmarks.engines import Parse
from benchmarks.rivals.by_hand import by_hand_to_str
from benchmarks.typed import READS, every_part, plain, typed_reader
from sipfast.registry.header_names import HEADER_NAMES, header_name

Values = tuple[Any, ...]
Reader = Callable[[bytes], Any]


class Work(NamedTuple):
    """Work on a message, besides parsing."""

    name: str
    does: str
    """The description of one call, for tables."""
    reader: Callable[[Parse, Sequence[bytes]], Reader]
    """Makes a function that parses and reads with sipfast, given sample messages."""
    plain: Callable[[Any], Values]
    """The result as plain values, to compare with a rival's."""


ANY_REQUEST = b"OPTIONS sip:a SIP/2.0\r\n\r\n"

# ---- nine look-ups -------------------------------------------------------------------------------


def look_up(parse: Parse, _: Sequence[bytes] = ()) -> Reader:
    """Return a function that reads nine header fields and the body with sipfast."""

    def read(data: bytes) -> Values:
        message = parse(data)
        get = message.headers.get
        return (
            get("Via"),
            get("From"),
            get("To"),
            get("Call-ID"),
            get("CSeq"),
            get("Contact"),
            get("Max-Forwards"),
            get("Content-Type"),
            get("User-Agent"),
            message.body,
        )

    return read


NOTHING: Any = [None]


def look_up_by_hand(data: bytes) -> Values:
    """Read the same with a split by hand."""
    _, headers, body = by_hand_to_str(data)
    get = headers.get
    return (
        (get("via") or get("v", NOTHING))[0],
        (get("from") or get("f", NOTHING))[0],
        (get("to") or get("t", NOTHING))[0],
        (get("call-id") or get("i", NOTHING))[0],
        get("cseq", NOTHING)[0],
        (get("contact") or get("m", NOTHING))[0],
        get("max-forwards", NOTHING)[0],
        (get("content-type") or get("c", NOTHING))[0],
        get("user-agent", NOTHING)[0],
        body,
    )


# ---- every part ----------------------------------------------------------------------------------


def read_every_part(parse: Parse, _: Sequence[bytes] = ()) -> Reader:
    """Return a function that reads the 19 typed properties and the Request-URI, in every part."""
    request = type(parse(ANY_REQUEST))
    read_typed = typed_reader(lambda message: message)

    def read(data: bytes) -> Values:
        message = parse(data)
        uri = message.uri if type(message) is request else None
        return every_part(read_typed(message), uri)

    return read


# ---- every field ---------------------------------------------------------------------------------


def typed_fields(messages: Sequence[Any]) -> list[str]:
    """Return the properties of all header fields with a type in these messages.

    Of two properties, for the first value and for all values, return the one for all.
    """
    rows = {header_name(name) for name in {name for one in messages for name in one.headers}}
    named = {row.name for row in rows if row}
    found: dict[int, str] = {}
    for name in dir(type(messages[0])):
        header_id = getattr(getattr(type(messages[0]), name), "header_id", None)
        if header_id and HEADER_NAMES[header_id - 1].name in named:
            several = isinstance(getattr(messages[0], name), tuple)
            if several or header_id not in found:
                found[header_id] = name
    return list(found.values())


def read_every_field(parse: Parse, messages: Sequence[bytes]) -> Reader:
    """Return a function that reads every header field with a type, and every URI."""
    request = type(parse(ANY_REQUEST))
    parsed = [parse(message) for message in messages[:2000]]
    fields = typed_fields(parsed)
    lists = [name for name in fields if any(has_uris(getattr(one, name)) for one in parsed)]
    read_fields = attrgetter(*fields, "from_.uri", "to.uri")
    read_lists = [attrgetter(name) for name in lists]

    def read(data: bytes) -> Any:
        message = parse(data)
        if type(message) is request:
            message.uri  # noqa: B018
        read_fields(message)
        for addresses in read_lists:
            for address in addresses(message):
                address.uri  # noqa: B018
        return message

    return read


def has_uris(value: Any) -> bool:
    """Whether these are addresses, or other values with a URI."""
    return isinstance(value, tuple) and any(hasattr(type(one), "uri") for one in value)


def plain_fields(message: Any) -> Values:
    """Return what sofia.c prints for a message, in the same form."""
    via, cseq, contacts = message.via, message.cseq, message.contacts
    uri = getattr(message, "uri", None)
    return tuple(
        "" if value is None else str(value)
        for value in (
            *((uri.user, uri.host) if uri else ("", "")),
            *(len(message.vias), via.host, via.port, via.branch),
            *(message.from_.uri.user, message.from_.uri.host, message.from_.tag),
            *(message.to.uri.user, message.to.uri.host, message.to.tag),
            *(cseq.number, cseq.method, len(contacts), len(message.routes)),
            *(len(message.record_routes), message.max_forwards, message.expires),
            message.content_type and message.content_type.media_type,
        )
    )


# ---- defects -------------------------------------------------------------------------------------


def read_defects(parse: Parse, _: Sequence[bytes] = ()) -> Reader:
    """Return a function that parses and reads the defects."""
    return lambda data: parse(data).defects


TYPED = "typed"
"""The key of the compared values of rows that read the typed properties, not the Request-URI."""

# ---- all of them ---------------------------------------------------------------------------------

LOOK_UPS = Work(
    "nine look-ups",
    "nine header fields by name, long or compact, as str, and the body",
    look_up,
    tuple,
)
EVERY_PART = Work(
    "every part",
    f"{READS} and the Request-URI, every part of every value",
    read_every_part,
    plain,
)
EVERY_FIELD = Work(
    "every field",
    "every header field with a type, the Request-URI and the URIs of addresses",
    read_every_field,
    plain_fields,
)
DEFECTS = Work(
    "defects",
    "the defects: `message.defects`",
    read_defects,
    lambda found: tuple([defect.code for defect in found]),
)
WORKS = (LOOK_UPS, EVERY_PART, EVERY_FIELD, DEFECTS)
"""All kinds of work; the last one, which no rival does, is compared between the engines only."""
