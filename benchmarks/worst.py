"""Header blocks with the highest cost per byte, in any size.

Each maker takes the size of the block in bytes and returns a message with a header block of about
that size: most can be parsed (with raised limits), a few must be refused, at the end of the block
if possible. They are used for the bars on linear cost, and in tests.
"""

from __future__ import annotations

import random
from collections.abc import Callable

START = b"OPTIONS sip:a@b SIP/2.0\r\n"
NAMES = b"abcdefghijkmnopqrstuvwxyz0123456789-.!%*_+`'~"  # no l: Content-Length needs a number
NEAR_MISSES = (
    b"Call-IE",
    b"Content-Lengti",
    b"Viaa",
    b"CSep",
    b"Froo",
    b"Max-Forwardt",
    b"Record-Routf",
)


def _message(block: bytes) -> bytes:
    return START + block + b"\r\n"


def _fields(size: int, *fields: bytes) -> bytes:
    """Fill a block with fields in an order that a branch predictor cannot learn."""
    pick = random.Random(size)
    block = bytearray()
    while len(block) < size:
        block += pick.choice(fields)
    return _message(bytes(block))


def one_byte_names(size: int) -> bytes:
    """Empty fields with one-byte names, compact forms among them."""
    return _fields(size, *(b"%c:\r\n" % name for name in NAMES))


def one_byte_names_bare_lf(size: int) -> bytes:
    """The same with bare LF: three bytes per field, the densest form."""
    return _fields(size, *(b"%c:\n" % name for name in NAMES))


def spaces_before_colons(size: int) -> bytes:
    """Legal whitespace between name and colon (RFC 3261 7.3.1)."""
    return _fields(size, *(b"%c :\n" % name for name in NAMES), b"v\t:\n")


def long_names(size: int) -> bytes:
    """Names longer than any known one."""
    return _fields(size, *(bytes([name]) * 40 + b":\n" for name in NAMES))


def folded_everywhere(size: int) -> bytes:
    """Every field is folded, with every line end before and after its value."""
    return _fields(size, b"X:\r\n a\r\n\tb\r\n", b"v:\r\n\t\r\n c\r\n", b"s:\n d\n e\n")


def one_field_folded(size: int) -> bytes:
    """One field, folded after every byte."""
    return _message(b"Subject: a" + b"\r\n a" * (size // 4) + b"\r\n")


def empty_folds(size: int) -> bytes:
    """One field of nothing but folds: a line end every two bytes."""
    return _message(b"Subject:" + b"\n " * (size // 2) + b"\r\n")


def many_fields(size: int) -> bytes:
    """As many short fields with unknown names as fit: over 10,000 in 64 KiB."""
    return _fields(size, *(b"%c%c:%c\r\n" % (name, name, name) for name in NAMES))


def near_misses(size: int) -> bytes:
    """Names that differ from known ones in their last byte."""
    return _fields(size, *(name + b":\r\n" for name in NEAR_MISSES))


def repeated_via(size: int) -> bytes:
    """One known header over and over."""
    return _fields(size, b"v:a\r\n", b"Via:b\r\n", b"VIA :c\r\n")


def repeated_content_length(size: int) -> bytes:
    """Content-Length over and over; all values must agree."""
    return _fields(size, b"l:0\r\n", b"L: 00\r\n", b"Content-Length:0\r\n")


def long_content_length(size: int) -> bytes:
    """A Content-Length of zeros."""
    return _message(b"l: " + b"0" * size + b"\r\n")


def one_long_field(size: int) -> bytes:
    """One field as long as the block."""
    return _message(b"Subject: " + b"x" * size + b"\r\n")


def one_long_name(size: int) -> bytes:
    """One unknown name as long as the block."""
    return _message(b"x" * size + b": y\r\n")


def colons_in_value(size: int) -> bytes:
    """A value of colons."""
    return _message(b"Subject: " + b":" * size + b"\r\n")


def colons_only(size: int) -> bytes:
    """A block of colons, where a name should be."""
    return _message(b":" * size + b"\r\n")


def spaces_only(size: int) -> bytes:
    """A value of spaces, to be trimmed away."""
    return _message(b"Subject:" + b" \t" * (size // 2) + b"\r\n")


def crs_in_value(size: int) -> bytes:
    """A value of carriage returns without line feeds."""
    return _message(b"Subject: " + b"\r" * size + b"x\r\n")


def crs_only(size: int) -> bytes:
    """A block of carriage returns without a line feed."""
    return START + b"\r" * size


def line_ends_first(size: int) -> bytes:
    """Line ends before the start line (RFC 3261 7.5)."""
    return b"\r\n" * (size // 2) + _message(b"v:a\r\n")


def controls_in_value(size: int) -> bytes:
    """A value of NUL and other control bytes."""
    return _message(b"Subject: " + bytes(range(1, 9)) * (size // 8) + b"\r\n")


def no_colon_last(size: int) -> bytes:
    """Valid fields, and a line without a colon at the end."""
    return _message(one_byte_names(size)[len(START) : -2] + b"oops\r\n")


def unfinished(size: int) -> bytes:
    """Valid fields without a blank line."""
    return one_byte_names(size)[:-2]


WORST: dict[str, Callable[[int], bytes]] = {
    maker.__name__.replace("_", " "): maker
    for maker in (
        one_byte_names,
        one_byte_names_bare_lf,
        spaces_before_colons,
        long_names,
        folded_everywhere,
        one_field_folded,
        empty_folds,
        many_fields,
        near_misses,
        repeated_via,
        repeated_content_length,
        long_content_length,
        one_long_field,
        one_long_name,
        colons_in_value,
        colons_only,
        spaces_only,
        crs_in_value,
        crs_only,
        line_ends_first,
        controls_in_value,
        no_colon_last,
        unfinished,
    )
}
"""Every maker by its name."""
