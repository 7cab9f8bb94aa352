"""The primitives' interpreted twin: a text is a str, its parts a match or a list of pairs.

`docs/text.md` binds this file and `text.pyx` to the same answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from sipfast import _late
from sipfast.registry.characters import CLASSES

from ..comments import without_pairs
from ..octets import octets
from .patterns import ALL_PARTS as ALL_PARTS
from .patterns import PLAIN_PARAMETERS, QUOTED_STRING

__all__ = ["Parts", "Room", "Spans", "clear", "no_parts", "text_of", "with_quotes", "within"]

if TYPE_CHECKING:
    Kind = re.Pattern[str]


class Spans(list[tuple[int, int]]):
    """Where each part begins and ends, by its number and 1, as the groups of a match are counted.

    `ABSENT` is one that is not there.
    """

    __slots__ = ()

    span = list.__getitem__


Parts = Spans | re.Match[str]
"""What was put in its place, or the match whose groups are the parts."""

ABSENT = (-1, -1)
WHITESPACE = " \t"
SCHEMES = {"sip:": 1, "sips:": 2, "tel:": 3, "urn:": 4}

# ---- the parts of each shape: their places in a list ---------------------------------------------

SCHEME, USER, PASSWORD, HOST, PORT, PARAMETERS, HEADERS = range(7)  # of a URI
PROTOCOL, VERSION, TRANSPORT = range(3)  # of a Via, before its HOST, PORT and PARAMETERS
DISPLAY_NAME, ADDRESS = range(2)  # of an address, before its PARAMETERS
FIRST, SECOND, THIRD = range(3)  # words; an item is the FIRST, before its PARAMETERS
TOKEN68 = 1  # of credentials, after their SCHEME and in place of PARAMETERS
PARTS = 7
QUOTED = 7  # of all: the text from the first quotation mark among the PARAMETERS

OF_OTHER, OF_SIP, OF_SIPS, OF_TEL, OF_URN = range(5)  # schemes, and the shapes of their URIs
NAME_ADDR, ADDR_SPEC, VIA, ITEM, MEDIA, COMMENTED, CREDENTIALS_TOKEN, CREDENTIALS = range(5, 13)
ONE_WORD, TWO_WORDS, THREE_WORDS, ALL_PARAMETERS, CALL_ID = range(13, 18)

# ---- classes of characters -----------------------------------------------------------------------


def _kind(name: str) -> Kind:
    return re.compile(f"[{CLASSES[name]}]*")


IN_TOKEN = _kind("IN_TOKEN")
IN_NAME = _kind("IN_NAME")
IN_HOST = _kind("IN_HOST")
IN_REFERENCE = _kind("IN_REFERENCE")
IN_SCHEME = _kind("IN_SCHEME")
IN_URI = _kind("IN_URI")
IN_TOKEN68 = _kind("IN_TOKEN68")
LETTER = _kind("LETTER")
DIGIT = _kind("DIGIT")
DIALLED = _kind("DIALLED")
DIALLED_GLOBALLY = _kind("DIALLED_GLOBALLY")
VISUAL = _kind("VISUAL")
BEFORE_SPACE = _kind("BEFORE_SPACE")
BEFORE_ADDRESS = _kind("BEFORE_ADDRESS")
BEFORE_COMMENT = _kind("BEFORE_COMMENT")
BEFORE_PARENTHESIS = _kind("BEFORE_PARENTHESIS")
BEFORE_PARAMETERS = _kind("BEFORE_PARAMETERS")
BEFORE_COMMA = _kind("BEFORE_COMMA")
BEFORE_BRACKET = _kind("BEFORE_BRACKET")

_SPACE = re.compile(r"[ \t]*")
_QUOTED = re.compile(QUOTED_STRING, re.DOTALL)
_QUOTES = re.compile(f'{QUOTED_STRING}|"', re.DOTALL)
_MARKS = {mark: re.compile(f'{QUOTED_STRING}|["{mark}]', re.DOTALL) for mark in ";,"}


# ---- parts ---------------------------------------------------------------------------------------


def no_parts() -> Spans:
    """Room for the parts, none of which is there."""
    return Spans(_NO_PARTS)


_NO_PARTS = [ABSENT] * (1 + ALL_PARTS)


R = TypeVar("R", bound="Room")


class Room:
    """Room for the parts of one value after another; compiled, it is no object of its own."""

    __slots__ = ("_parts",)

    _parts: Spans

    def __new__(cls: type[R]) -> R:
        self = super().__new__(cls)
        self._parts = no_parts()
        return self


def clear(parts: Spans) -> None:
    """Take the parts of a value out."""
    parts[:] = _NO_PARTS


def with_quotes(match: re.Match[str], text: str) -> Parts | None:
    """The parts that a match has found and the QUOTED one; None where a quoted string is open."""
    at = match.start(1 + PARAMETERS)
    quote = text.find('"', at) if at >= 0 else -1
    if quote < 0:
        return match
    end = len(text)
    if open_quote(text, quote, end) != end:
        return None
    parts = Spans(match.regs)
    parts[1 + QUOTED] = quote, end
    return parts


def put(parts: Spans, part: int, at: int, end: int) -> None:
    """Say that a part is text[at:end]."""
    parts[1 + part] = at, end


def has(parts: Parts, part: int) -> bool:
    """Whether a part is there."""
    return parts.span(1 + part)[0] >= 0


def begin(parts: Parts, part: int) -> int:
    """Where a part begins; 0 if it is not there."""
    return max(parts.span(1 + part)[0], 0)


def stop(parts: Parts, part: int) -> int:
    """Where a part ends; 0 if it is not there."""
    return max(parts.span(1 + part)[1], 0)


def part(text: str, parts: Parts, which: int) -> str | None:
    """A part's text, or None."""
    at, end = parts.span(1 + which)
    return None if at < 0 else text[at:end]


def scheme_of_part(text: str, parts: Parts, which: int) -> int:
    """Which scheme the URI in a part has."""
    at, end = parts.span(1 + which)
    return OF_OTHER if at < 0 else scheme_of(text[at:end], end - at)


def number_of(text: str, parts: Parts, which: int) -> int:
    """The number that a part is, as `number` reads it."""
    at, end = parts.span(1 + which)
    digits = text[at:end]
    if at >= 0 and end - at < 10 and digits.isdigit() and digits.isascii():
        return int(digits)
    return -1 if at < 0 else number(text, at, end)


def unquoted(text: str, parts: Parts, which: int) -> str | None:
    """A part's text without its quotes, or None."""
    at, end = parts.span(1 + which)
    return None if at < 0 else unquote(text, at, end)


def unescaped(text: str, parts: Parts, which: int) -> str | None:
    """A part's text with each %HH read, or None."""
    at, end = parts.span(1 + which)
    return None if at < 0 else unescape(text, at, end)


# ---- primitives ----------------------------------------------------------------------------------


def text_of(source: bytes, end: int) -> str:
    """The text of bytes up to `end`, of which each is a character: places in it are offsets."""
    return source[:end].decode("latin-1")


def within(text: str, at: int, end: int) -> str:
    """The text from `at` to `end`, in which places count from `at`."""
    return text[at:end]


def is_host(text: str, at: int, end: int, host: str, size: int) -> bool:
    """Whether text[at:end] is a host, which is in lower case, in any case."""
    return text[at:end].lower() == host


def is_octets(text: str, at: int, end: int, octets: bytes) -> bool:
    """Whether text[at:end] is these bytes, which are ASCII."""
    return text[at:end] == octets.decode()


def past(text: str, at: int, end: int, kind: Kind) -> int:
    """Where characters of a class end."""
    match = kind.match(text, at, end)
    return match.end() if match else at


def is_uri(text: str, end: int) -> bool:
    """Whether a URI may have all characters of a text."""
    return past(text, 0, end, IN_URI) == end


def past_space(text: str, at: int, end: int) -> int:
    """Where whitespace ends."""
    while at < end and text[at] in WHITESPACE:
        at += 1
    return at


def before_space(text: str, at: int, end: int) -> int:
    """Where text ends that whitespace follows."""
    while end > at and text[end - 1] in WHITESPACE:
        end -= 1
    return end


def find(text: str, at: int, end: int, mark: str) -> int:
    """The first such character, or `end`, which `at` is not beyond."""
    at = text.find(mark, at, end)
    return end if at < 0 else at


def is_in(mark: str, text: str, end: int) -> bool:
    """Whether such a character stands in a text."""
    return mark in text


def past_quoted(text: str, at: int, end: int) -> int:
    """Where the quoted string that begins at `at` ends, after its quote; 0 if it does not end."""
    match = _QUOTED.match(text, at, end)
    return match.end() if match else 0


def open_quote(text: str, at: int, end: int) -> int:
    """Where the quoted string begins that does not end, or `end`."""
    for match in _QUOTES.finditer(text, at, end):
        if match.end() - match.start() == 1:
            return match.start()
    return end


def find_mark(text: str, at: int, end: int, mark: str) -> int:
    """The first `mark` that stands in no quoted string, or `end`; each quoted string ends."""
    for match in _MARKS[mark].finditer(text, at, end):
        if text[match.start()] == mark:
            return match.start()
    return end


def number(text: str, at: int, end: int) -> int:
    """The number that 1*DIGIT is, or a large one if it has more than ten digits; else -1."""
    digits = text[at:end]
    if not (digits.isdigit() and digits.isascii()):
        return -1
    return int(digits if end - at < 10 else digits.lstrip("0")[:11] or "0")


def is_sip_2(text: str, end: int) -> bool:
    """Whether a Via begins as nearly all do, and goes on."""
    return end > 8 and text.startswith("SIP/2.0/")


def scheme_of(text: str, end: int) -> int:
    """Which scheme a URI has; its name is compared in any case."""
    known = SCHEMES.get(text[:4])
    return known or SCHEMES.get(text[:4].lower()) or SCHEMES.get(text[:5].lower(), OF_OTHER)


def same(one: str, length: int, other: str, size: int) -> bool:
    """Whether two texts of these lengths are the same."""
    return one == other


def low(two: int) -> int:
    """The second of two numbers below 2**32 that are one."""
    return two & 0xFFFFFFFF


def high(two: int) -> int:
    """The first of them."""
    return two >> 32


def octets_before(text: str, at: int) -> int:
    """How many bytes stand before `at`."""
    return at if text.isascii() else len(octets(text[:at]))


# ---- names, which are in lower case where they are ASCII -----------------------------------------


def letters(name: str) -> str:
    """A name as `is_named` compares it."""
    return name


def is_ascii(name: str) -> bool:
    """Whether a name is ASCII."""
    return name.isascii()


def is_plain(name: str) -> bool:
    """Whether a name is written in one way, but for case."""
    return IN_NAME.fullmatch(name) is not None


def is_token(text: str) -> bool:
    """Whether a text is a token (RFC 3261 25.1)."""
    return text != "" and IN_TOKEN.fullmatch(text) is not None


def plain_octets(text: str) -> bytes | None:
    """The bytes of printable ASCII without a space at its ends; None for any other text."""
    return text.encode() if _PLAIN.fullmatch(text) else None


_PLAIN = re.compile("(?:[!-~](?:[ -~]*[!-~])?)?")


def is_named(text: str, at: int, end: int, name: str, size: int) -> bool:
    """Whether a name stands at `at` in any case, in characters that are in `IN_NAME`."""
    written = text[at : at + size]
    return written.lower() == name and at + size <= end and is_plain(written)


def quick_parameter(text: str, parts: Parts, separator: str, name: str) -> str | None:
    """The value of the first parameter of a name where that is plain to see; else None.

    Compiled, it never is.
    """
    at, end = parts.span(1 + PARAMETERS)
    region = text[at:end]
    if at < 0 or '"' in region or "%" in region or not (name.isalnum() and region.isascii()):
        return None
    at = region.lower().find(name)
    after = at + len(name)
    if at < 0 or region[after : after + 1] != "=" or (at and region[at - 1] != separator):
        return None
    return region[after + 1 :].partition(separator)[0].strip(WHITESPACE)


def may_be_named(text: str, parts: Parts, name: str) -> bool:
    """Whether parameters are there, and one of them may have a name, which is not empty.

    Compiled, each may have it.
    """
    at, end = parts.span(1 + PARAMETERS)
    region = text[at:end]
    return at >= 0 and ("%" in region or not region.isascii() or name in region.lower())


def quick_parameters(
    text: str, parts: Parts, separator: str
) -> list[tuple[str, str | None]] | None:
    """All parameters, names and values, where they are plain to see; else None.

    Compiled, they never are.
    """
    at, end = parts.span(1 + PARAMETERS)
    match = PLAIN_PARAMETERS[separator].match
    found: list[tuple[str, str | None]] = []
    while 0 <= at < end:
        one = match(text, at, end)
        if one is None:
            return None
        name, equals, quoted, plain = one.groups()
        if name:
            found.append((name, (quoted or plain or "") if equals else None))
        at = one.end()
    return None if at < 0 else found


# ---- from bytes to str ---------------------------------------------------------------------------


def decode(text: str, at: int, end: int) -> str:
    """The text from `at` to `end`."""
    return text[at:end]


def unquote(text: str, at: int, end: int) -> str:
    """What a quoted string says (RFC 3261 25.1); other text as it is."""
    if not text.startswith('"', at, end):
        return text[at:end]
    quoted = _QUOTED.match(text, at, end)
    if not quoted:
        return text[at:end]
    inner = text[at + 1 : quoted.end() - 1]
    if "\\" not in inner:
        return inner
    said = without_pairs(inner)
    # Bytes have come together: what was not UTF-8 may be so now.
    return said if said.isascii() else octets(said).decode("utf-8", "surrogateescape")


def unescape(text: str, at: int, end: int) -> str:
    """Text with each %HH read as the byte that it stands for; a % without two digits stays."""
    text = text[at:end]
    if "%" not in text:
        return text
    return _late.parse.unquote_to_bytes(octets(text)).decode("utf-8", "surrogateescape")


def shared_word(text: str, at: int, end: int) -> str | None:
    """The text from `at` to `end` if it is a token, found at once; else None.

    Compiled, the one str for a token that most messages carry, or None.
    """
    return text[at:end] if IN_TOKEN.fullmatch(text, at, end) and at < end else None


def lower(text: str, at: int, end: int) -> str:
    """The text from `at` to `end` in lower case."""
    return text[at:end].lower()


def media_type(text: str, end: int) -> str:
    """The text up to `end` in lower case."""
    return text[:end].lower()
