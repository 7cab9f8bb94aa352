"""Linear cost of typed values: long lists, many parameters, long strings, deep comments.

`python -m benchmarks.long_values ENGINE ROUNDS` runs in a process of its own, like `linear`, and
prints the results as JSON.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.engines import engine_parse, no_limits
from benchmarks.linear import KIB, measured_apart, tolerant
from benchmarks.timing import again, interleave
from benchmarks.worst import START

KEEPS_MEMORY = {
    "PYTHONMALLOC": "malloc",
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_MMAP_MAX_": "0",
}
"""Settings that make glibc and Python keep freed memory: requesting the memory of a long list from
the system each time would take time."""


class LongValue(NamedTuple):
    """A message with a value of any length, and its reader."""

    length: int
    """The number of its pieces."""
    make: Callable[[int, random.Random], bytes]
    """Writes header fields with this number of pieces."""
    read: Callable[[Any], object]
    """Reads the whole value from the message."""


class Long(NamedTuple):
    """The cost of one of the long values on an engine."""

    value: str
    doubling: float
    """The time of the whole over the mean time of two different halves."""
    microseconds: float
    """The time of the whole, parsed and read."""


def contact(pick: random.Random) -> bytes:
    """One of many addresses, some with parameters."""
    tail = b";expires=3600" if pick.random() < 0.5 else b""
    return b"<sip:u%d@192.0.2.%d:5060>%b" % (pick.randrange(10**6), pick.randrange(256), tail)


def contacts_in_a_field(count: int, pick: random.Random) -> bytes:
    return b"Contact: " + b", ".join(contact(pick) for _ in range(count)) + b"\r\n"


def contact_fields(count: int, pick: random.Random) -> bytes:
    names = b"Contact", b"m"
    return b"".join(b"%b: %b\r\n" % (pick.choice(names), contact(pick)) for _ in range(count))


def parameter(number: int, pick: random.Random) -> bytes:
    """One of many parameters with distinct names."""
    return b";p%d" % number + pick.choice((b"", b"=1", b'="a;b"'))


def parameters(count: int, pick: random.Random) -> bytes:
    found = b"".join(parameter(number, pick) for number in range(count))
    return b"From: <sip:a@example.com>%b;tag=z\r\n" % found


def uri_parameters(count: int, pick: random.Random) -> bytes:
    found = b"".join(b";p%d=%%4%d" % (number, pick.randrange(10)) for number in range(count))
    return b"To: <sip:a@example.com%b;transport=tcp>\r\n" % found


def quoted_string(count: int, pick: random.Random) -> bytes:
    said = bytes(pick.choices(b"abcdefg ,;<>", k=count))
    return b'From: "%b" <sip:a@example.com>;tag=z\r\n' % said


def quoted_pairs(count: int, pick: random.Random) -> bytes:
    said = b"".join(pick.choice((rb"\"", rb"\\", b"ab")) for _ in range(count // 2))
    return b'From: "%b" <sip:a@example.com>;tag=z\r\n' % said


def nested_comments(count: int, pick: random.Random) -> bytes:
    opened = b"".join(b"(%c" % pick.choice(b"abc") for _ in range(count))
    return b"Retry-After: 5 %b%b\r\nUser-Agent: x %b%b\r\n" % ((opened, b")" * count) * 2)


def credential_parameters(count: int, pick: random.Random) -> bytes:
    found = b"".join(b'p%d="%d, ", ' % (number, pick.randrange(10)) for number in range(count))
    return b'Authorization: Digest %bnonce="z"\r\n' % found


def tokens(count: int, pick: random.Random) -> bytes:
    return (
        b"Supported: " + b",".join(b"t%d" % pick.randrange(10**6) for _ in range(count)) + b"\r\n"
    )


LONG: dict[str, LongValue] = {
    "Contacts in one field": LongValue(
        10_000, contacts_in_a_field, lambda message: [each.uri.host for each in message.contacts]
    ),
    "fields of one Contact": LongValue(
        10_000, contact_fields, lambda message: [each.uri.host for each in message.contacts]
    ),
    "parameters": LongValue(
        10_000, parameters, lambda message: ([*message.from_.parameters.items()], message.from_.tag)
    ),
    "parameters of a URI": LongValue(
        10_000,
        uri_parameters,
        lambda message: ([*message.to.uri.parameters.items()], message.to.uri.transport),
    ),
    "parameters of credentials": LongValue(
        10_000,
        credential_parameters,
        lambda message: [
            ([*each.parameters.items()], each.nonce) for each in message.authorization
        ],
    ),
    "bytes of a quoted string": LongValue(
        64 * KIB, quoted_string, lambda message: message.from_.display_name
    ),
    "bytes of quoted pairs": LongValue(
        64 * KIB, quoted_pairs, lambda message: message.from_.display_name
    ),
    "nested comments": LongValue(
        1_000,
        nested_comments,
        lambda message: (message.retry_after.comment, message.user_agent.comments),
    ),
    "tokens": LongValue(10_000, tokens, lambda message: message.supported),
}
"""Every long value by the kind of its pieces."""


def long_message(value: LongValue, count: int) -> bytes:
    """Return a message with a value of `count` pieces, which differ between counts."""
    return START + value.make(count, random.Random(count)) + b"\r\n"


def measure_long(engine: str, rounds: int) -> list[Long]:
    """Measure every long value on an engine, in a new process."""
    rows = measured_apart("benchmarks.long_values", engine, rounds, KEEPS_MEMORY)
    return [Long(*row) for row in rows]


def long_value(engine: str, name: str, rounds: int) -> Long:
    """Measure one long value on an engine, with its limits raised; the best rounds count.

    The halves differ in length and content, like those of `linear`, and their values are kept until
    both are read, so that the whole needs no more memory than the halves.
    """
    value = LONG[name]
    parse = tolerant(engine_parse(engine), no_limits(engine))

    def read(messages: list[bytes]) -> object:
        return [(value.read(message), message.defects) for message in map(parse, messages)]

    half, little = value.length // 2, value.length // 100
    halves = [long_message(value, half - little), long_message(value, half + little)]
    subjects = {
        "halves": again(read, halves),
        "whole": again(read, [long_message(value, 2 * half)]),
    }
    ns = {key: timing.best for key, timing in interleave(subjects, rounds).items()}
    return Long(name, 2 * ns["whole"] / ns["halves"], ns["whole"] / 1000)


def main() -> None:
    """Measure the engine named on the command line."""
    engine, rounds = sys.argv[1], int(sys.argv[2])
    json.dump([long_value(engine, name, rounds) for name in LONG], sys.stdout)


if __name__ == "__main__":
    main()
