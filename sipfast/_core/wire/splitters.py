"""The splitters' pure twin: from the text of a value to where its parts are.

`docs/splitters.md` binds this file and `splitters.pyx` to the same answers.  A `Value` is
its text, and what one of the splitters found in it; the classes above give the parts their names.
Here, patterns say what is well formed, and the code behind each looks for the fault where it does
not fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

from sipfast import _late, _rebuild
from sipfast.errors import ParseError, parse_error
from sipfast.registry.header_names import HEADER_NAMES

from ..comments import comment_end, without_pairs
from ..folds import bytes_before
from ..octets import octets
from .table import Table
from .tokenizer import Fields

__all__ = [
    "Found",
    "Value",
    "read_again",
    "read_each",
    "read_field",
    "read_fields",
    "read_first",
    "read_list",
    "read_text",
]

V = TypeVar("V", bound="Value")

# ---- the parts of each shape ---------------------------------------------------------------------

SCHEME, USER, PASSWORD, HOST, PORT, PARAMETERS, HEADERS = range(1, 8)  # of a URI
PROTOCOL, VERSION, TRANSPORT = range(1, 4)  # of a Via, before its HOST, PORT and PARAMETERS
DISPLAY_NAME, ADDRESS = range(1, 3)  # of a name-addr, before its PARAMETERS
FIRST, SECOND, THIRD = range(1, 4)  # words; an item is the FIRST, before its PARAMETERS
TOKEN68 = 2  # of credentials, after their SCHEME and in place of PARAMETERS

OF_OTHER, OF_SIP, OF_SIPS, OF_TEL, OF_URN = range(5)  # schemes

MOST = 2**31 - 1
MOST_UNSIGNED = 2**32 - 1
WHITESPACE = " \t"
SCHEMES = {"sip:": OF_SIP, "sips:": OF_SIPS, "tel:": OF_TEL, "urn:": OF_URN}


# ---- what is well formed -------------------------------------------------------------------------


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.VERBOSE | re.DOTALL)


_TOKEN = r"[-A-Za-z0-9.!%*_+`'~]+"  # RFC 3261 25.1
_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_HOST = r"[-A-Za-z0-9._]+|\[[0-9A-Fa-f:.]+\]"
_PORT = (  # below 65536
    r"[0-9]{1,4}"
    r"|0*(?:[1-5]?[0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
)
_ILLEGAL = r'\x00-\x20\x7f<>"'  # in a URI
_TEL_NUMBER = r"\+ [().-]* [0-9] [0-9().-]* | [().-]* [0-9A-Fa-f*\#] [0-9A-Fa-f*\#().-]*"
_LWS = r"[ \t]*"
_PARAMETERS = r"(?: ; (.*) | \Z )"


def _without(parts: int) -> str:
    """Groups for parts that a shape does not have, for the sake of those behind them."""
    return f"(?: (?!) {'()' * parts} | )"


# The groups are the parts, by their number.
SIP_URI = _pattern(
    rf"""([Ss][Ii][Pp][Ss]?) :
    (?: ([^@:{_ILLEGAL}]+) (?: : ([^@{_ILLEGAL}]*) | ) @ | (?! [^@]* @) )
    ({_HOST}) (?: : ({_PORT}) | )
    (?: ; ([^?{_ILLEGAL}]*) | ) (?: \? ([^{_ILLEGAL}]*) | ) \Z"""
)
TEL_URI = _pattern(
    rf"""([Tt][Ee][Ll]) : {_without(2)} ({_TEL_NUMBER})
    {_without(1)} (?: ; ([^{_ILLEGAL}]*) | ) {_without(1)} \Z"""
)
OTHER_URI = _pattern(
    rf"([A-Za-z][-A-Za-z0-9+.]*) : {_without(2)} ([^{_ILLEGAL}]*) {_without(3)} \Z"
)
NAME_ADDR = _pattern(
    rf"""(?: < | ([^";<]+ | {_QUOTED} {_LWS}) < ) {_LWS} (?! [ \t]) ([^<>]*) >
    {_without(3)} {_LWS} {_PARAMETERS}"""
)
ADDR_SPEC = _pattern(rf'{_without(1)} ([^";<]+) {_without(3)} {_PARAMETERS}')
VIA = _pattern(
    rf"""({_TOKEN}) {_LWS} / {_LWS} ({_TOKEN}) {_LWS} / {_LWS} ({_TOKEN}) [ \t]+
    ({_HOST}) {_LWS} (?: : {_LWS} ({_PORT}) {_LWS} | ) {_PARAMETERS}"""
)
ITEM = _pattern(rf'([^";]* (?: {_QUOTED} [^";]* )*) {_without(4)} {_PARAMETERS}')
MEDIA = _pattern(rf"({_TOKEN}) {_LWS} / {_LWS} ({_TOKEN}) {_without(3)} {_LWS} {_PARAMETERS}")
COMMENTED = _pattern(rf"([^;(]*) (\(_*\))? {_without(3)} {_LWS} {_PARAMETERS}")
CREDENTIALS = _pattern(rf"({_TOKEN}) {_without(4)} (?: [ \t]+ (.*) | \Z )")
CREDENTIALS_TOKEN = _pattern(rf"({_TOKEN}) [ \t]+ ([-A-Za-z0-9._~+/]+ =*) {_without(4)} \Z")
ALL_PARAMETERS = _pattern(rf"{_without(5)} (.*)")
WORDS = {
    1: _pattern(rf"(.*) {_without(5)}"),
    2: _pattern(rf"([^ \t]*) (?: [ \t]+ (.*) | ) {_without(4)}"),
    3: _pattern(rf"([^ \t]*) (?: [ \t]+ ([^ \t]*) (?: [ \t]+ (.*) | ) | ) {_without(3)}"),
}

SCHEME_PATTERNS = (OTHER_URI, SIP_URI, SIP_URI, TEL_URI, OTHER_URI)

SCHEME_NAME = _pattern(r"[A-Za-z][-A-Za-z0-9+.]* :")
ILLEGAL = _pattern(rf"[{_ILLEGAL}]")
HOST_NAME = _pattern(_HOST)
DIGITS = _pattern(r"[0-9]*")
PORT_NUMBER = _pattern(_PORT)
BEFORE_TEL_FAULT = _pattern(r"\+ [0-9().-]* | [0-9A-Fa-f*\#().-]*")
TOKEN = _pattern(_TOKEN)
SPACE = _pattern(_LWS)
SPACES = _pattern(r"[ \t]+")
SLASH = _pattern(rf"{_LWS} / {_LWS}")
BEFORE_MARK = _pattern(r'[^";<]*')
BRACKETED = _pattern(r"< [^<>]* >")
LINE_END = _pattern(r"[\r\n]")
QUOTED = _pattern(_QUOTED)
BEFORE_COMMENT = _pattern(r"[^;(]*")
LIST_MARKS = _pattern(rf'{_QUOTED} | " | <[^<>]*> | ,')
MARKS = {mark: _pattern(rf'{_QUOTED} | " | {mark}') for mark in ";,"}

REMEMBERED = 256
LONGEST_REMEMBERED = 192  # characters
_remembered: dict[tuple[str, type[Value]], tuple[Any, ...]] = {}

Origin = tuple[Fields | None, int, str, int, list[int]]
"""Where a value came from: a message's fields and an index, or None and a header id; then the text
of the whole field, where in it the value begins, and what `bytes_before` keeps for that text."""


# ---- the value -----------------------------------------------------------------------------------


class Value:
    """A value: its text, and where its parts are.  Immutable; equal as its RFC says."""

    __slots__ = ("_escaped", "_match", "_memo", "_origin", "_separator", "_whole")

    _whole: str
    """The text, without the whitespace around it."""
    _origin: Origin
    _match: re.Match[str]
    """The parts: a group each, maybe with whitespace behind."""
    _separator: str
    """What stands between parameters."""
    _escaped: bool
    """Whether parameters may hold %HH."""
    _memo: Any

    _recurs = False
    """Whether the same few texts come again and again, and are read as str or int."""

    @classmethod
    def parse(cls: type[V], text: str | bytes) -> V:
        """Read one value, which may have whitespace around it.

        Raises `ParseError` where it is malformed, and TypeError where it is no text.
        """
        value: V = read_text(cls, text, 0)
        return value

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError(f"{type(self).__name__} is made by its parse")

    def _read(self) -> Any:
        """Split the text.  What comes of it is this value, or what it stands for, as a number."""
        raise TypeError(f"{type(self).__name__} is not read from text")

    def _built(self, text: str) -> Any:
        """What a constructor has built, as another value, so that it can be looked at first."""
        if not _is_new(self):
            raise TypeError(f"{type(self).__name__} is immutable")
        built: Any = object.__new__(_own_class(type(self)))
        text = _checked(text, 0)
        built._whole = text.strip(WHITESPACE)
        built._origin = (None, 0, text, _past(SPACE, text), [])
        built._memo = None
        built._read()
        return built

    def _become(self, built: Value) -> None:
        """Be what was built, once all of it has been found right."""
        if not _is_new(self):
            raise TypeError(f"{type(self).__name__} is immutable")
        for name in Value.__slots__:
            if hasattr(built, name):
                setattr(self, name, getattr(built, name))

    def _key(self) -> Any:
        """What is compared and hashed: equal keys make equal values, and only those."""
        return self._whole

    def __eq__(self, other: object) -> bool:
        """What is malformed within equals only the same text."""
        if not isinstance(other, Value):
            return NotImplemented
        if self is other or type(self) is not type(other):
            return self is other
        if self._whole == other._whole:
            return True
        try:
            return bool(self._key() == other._key())
        except ParseError:
            return False

    def __hash__(self) -> int:
        try:
            return hash(self._key())
        except ParseError:
            return hash(self._whole)

    def __str__(self) -> str:
        return self._whole

    def __bytes__(self) -> bytes:
        return _octets(self._whole)

    def __repr__(self) -> str:
        return f"{type(self).__name__}.parse({self._whole!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.reduced(self)

    # The splitters.  Each finds the parts of one shape, or raises.

    def _split_uri(self) -> int:
        """A URI (RFC 3261 19.1.1, RFC 3966 3, RFC 3986 3), and which scheme it has.

        HOST is the number of a tel URI, and all there is after a scheme that is not sip or tel.
        """
        text = self._whole
        self._separator, self._escaped = ";", True
        scheme = SCHEMES.get(text[:4].lower()) or SCHEMES.get(text[:5].lower(), OF_OTHER)
        match = SCHEME_PATTERNS[scheme].match(text)
        if match is None:
            raise self._fault_at(*_uri_fault(text))
        self._match = match
        return scheme

    def _split_address(self) -> None:
        """A name-addr or an addr-spec, and parameters (RFC 3261 20.10)."""
        text = self._whole
        self._separator, self._escaped = ";", False
        match = NAME_ADDR.match(text) or ADDR_SPEC.match(text)
        if match is None:
            raise self._fault_at(*_address_fault(text))
        self._match = match
        if '"' in text:
            self._check_quotes()

    def _split_via(self) -> None:
        """A Via (RFC 3261 20.42): sent-protocol, sent-by, parameters."""
        text = self._whole
        self._separator, self._escaped = ";", False
        match = VIA.match(text)
        if match is None:
            raise self._fault_at(*_via_fault(text))
        self._match = match
        if '"' in text:
            self._check_quotes()

    def _split_item(self) -> None:
        """Anything up to the first semicolon, and parameters."""
        text = self._whole
        self._separator, self._escaped = ";", False
        match = ITEM.match(text)
        if match is None:
            raise self._fault_at("quote-unterminated", _open_quote(text, ";"))
        self._match = match
        if '"' in text:
            self._check_quotes()

    def _split_media(self) -> None:
        """A media type or range: type, subtype, and parameters (RFC 3261 20.1, 20.15)."""
        text = self._whole
        self._separator, self._escaped = ";", False
        match = MEDIA.match(text)
        if match is None:
            raise self._fault_at("media-type-malformed", _media_fault(text))
        self._match = match
        if '"' in text:
            self._check_quotes()

    def _split_commented(self) -> None:
        """Anything up to a comment (RFC 3261 25.1), that comment, and parameters."""
        text = self._whole
        self._separator, self._escaped = ";", False
        begin = _past(BEFORE_COMMENT, text)
        end = comment_end(text, begin)
        if end < 0:
            raise self._fault_at("comment-malformed", begin)
        after = _past(SPACE, text, end)
        if after < len(text) and text[after] != ";":
            raise self._fault_at("comment-malformed", after)
        # What the comment says is no matter for where the parts are.
        hidden = f"({'_' * (end - begin - 2)})" if end > begin else ""
        hiding = text[:begin] + hidden + text[end:]
        self._match = COMMENTED.match(hiding)  # type: ignore[assignment]
        if '"' in text:
            self._check_quotes()

    def _split_words(self, most: int) -> None:
        """One to three words that whitespace separates; the last one takes what is left."""
        self._separator, self._escaped = ";", False
        self._match = WORDS[most].match(self._whole)  # type: ignore[assignment]

    def _split_credentials(self) -> None:
        """An authentication scheme, and parameters between commas or a token68 (RFC 9110 11.4)."""
        text = self._whole
        self._separator, self._escaped = ",", False
        match = CREDENTIALS_TOKEN.match(text) or CREDENTIALS.match(text)
        if match is None:
            raise self._fault_at("credentials-malformed", _past(TOKEN, text))
        self._match = match
        if '"' in text:
            self._check_quotes()

    def _split_parameters(self, separator: str) -> None:
        """Nothing but parameters, between commas or semicolons."""
        text = self._whole
        self._separator, self._escaped = separator, False
        self._match = ALL_PARAMETERS.match(text)  # type: ignore[assignment]
        if '"' in text:
            self._check_quotes()

    # The parts.

    def _part(self, part: int) -> str | None:
        """A part's text as it stands, or None."""
        start, end = self._match.span(part)
        return None if start < 0 else self._whole[start:end].rstrip(WHITESPACE)

    def _has(self, part: int) -> bool:
        return self._match.start(part) >= 0

    def _unquoted(self, part: int) -> str | None:
        """A part's text, without its quotes if it is a quoted string (RFC 3261 25.1)."""
        text = self._part(part)
        return text and _unquoted(text)

    def _unescaped(self, part: int) -> str | None:
        """A part's text with each %HH read, once (RFC 3261 19.1.2)."""
        text = self._part(part)
        return text and _unescaped(text)

    def _number(self, part: int, most: int) -> int:
        """The number that a part is: 1*DIGIT, at most `most`.  Raises `ParseError`."""
        text = (self._match[part] or "").rstrip(WHITESPACE)
        if not (text.isdigit() and text.isascii()):
            raise self._fault("number-malformed", self._at(part))
        number = int(text if len(text) < 10 else text.lstrip("0")[:11] or "0")
        if number > most:
            code = "number-too-large" if most == MOST else "number-out-of-range"
            raise self._fault(code, self._at(part))
        return number

    def _token(self, part: int) -> str:
        """The token that a part is (RFC 3261 25.1).  Raises `ParseError`."""
        text = (self._match[part] or "").rstrip(WHITESPACE)
        if not TOKEN.fullmatch(text):
            raise self._fault("token-malformed", self._at(part) + _past(TOKEN, text))
        return text

    def _media_type(self) -> str:
        """The type and subtype that `_split_media` found, in lower case."""
        return f"{self._match[FIRST]}/{self._match[SECOND]}".lower()

    def _scheme(self, part: int) -> int:
        """Which scheme the URI in a part has."""
        text = self._match[part] or ""
        return SCHEMES.get(text[:4].lower()) or SCHEMES.get(text[:5].lower(), OF_OTHER)

    def _sub(self, part: int, cls: type[Value]) -> Any:
        """What a part is, read as another value."""
        text = self._match[part]
        if text is None:
            return None
        fields, number, source, begin, steps = self._origin
        begin += self._match.start(part)
        return _read(cls, text.rstrip(WHITESPACE), (fields, number, source, begin, steps))

    def _as(self, cls: type[Value]) -> Any:
        """The same text, read as a value of another class."""
        return _read(cls, self._whole, self._origin)

    # The parameters.

    def _parameter(self, name: str) -> str | None:
        """A parameter's value, unquoted or unescaped; "" where it has none; or None.

        `name` is in lower case if it is ASCII.  The first of several counts.
        """
        region = self._match[PARAMETERS]
        if not region:
            return None
        # The usual: nothing to decode, and the first place with the name is a parameter's.
        if name.isalnum() and region.isascii() and '"' not in region and "%" not in region:
            at = region.lower().find(name)
            if at < 0:
                return None
            after = at + len(name)
            if region[after : after + 1] == "=" and (not at or region[at - 1] == self._separator):
                return region[after + 1 :].partition(self._separator)[0].strip(WHITESPACE)
        found = self._find_parameter(name)
        return found and found[1]

    def _parameter_at(self, name: str) -> int:
        """Where a parameter begins in the text, in bytes; 0 if it is not there."""
        found = self._find_parameter(name)
        return self._bytes_before(found[0]) if found else 0

    def _find_parameter(self, name: str) -> tuple[int, str] | None:
        region = self._match[PARAMETERS]
        if not region:
            return None
        for at, piece in self._pieces(region):
            written, equals, value = piece.partition("=")
            written = written.rstrip(WHITESPACE)
            if self._escaped:
                written = _unescaped(written)
            elif '"' in written:
                continue
            if (written.lower() if written.isascii() else written) == name:
                begin = self._match.start(PARAMETERS) + at
                return begin, self._decoded(value.lstrip(WHITESPACE)) if equals else ""
        return None

    def _several(self, names: tuple[str, ...]) -> Found:
        """The parameters of these names, in lower case, sixteen at most; not for a URI."""
        values = self._named()
        return Found([values[name] or "" if name in values else None for name in names])

    def _named(self) -> dict[str, str | None]:
        """The first value of each name, None for a flag; names in ASCII are in lower case."""
        region = self._match[PARAMETERS]
        values: dict[str, str | None] = {}
        for _, piece in self._pieces(region) if region else ():
            written, equals, value = piece.partition("=")
            name = written.rstrip(WHITESPACE)
            if self._escaped:
                name = _unescaped(name)
            elif '"' in name:
                continue
            if name.isascii():
                name = name.lower()
            if name not in values:
                values[name] = self._decoded(value.lstrip(WHITESPACE)) if equals else None
        return values

    def _parameters(self) -> list[tuple[str, str | None]]:
        """Each parameter's name as it was written, and its value, None where it has none.

        Raises `ParseError` where one is malformed.
        """
        found: list[tuple[str, str | None]] = []
        region = self._match[PARAMETERS]
        for at, piece in self._pieces(region) if region else ():
            written, equals, value = piece.partition("=")
            written, value = written.rstrip(WHITESPACE), value.lstrip(WHITESPACE)
            if not self._is_parameter(written, value):
                begin = self._match.start(PARAMETERS)
                raise self._fault_at("parameter-malformed", begin + at)
            name = _unescaped(written) if self._escaped else written
            found.append((name, self._decoded(value) if equals else None))
        return found

    def _pieces(self, region: str) -> list[tuple[int, str]]:
        """Where each parameter that is not empty begins in the region, and its text."""
        pieces = []
        at = 0
        for piece in _cut(region, self._separator):
            text = piece.strip(WHITESPACE)
            if text:
                pieces.append((at + len(piece) - len(piece.lstrip(WHITESPACE)), text))
            at += len(piece) + 1
        return pieces

    def _is_parameter(self, name: str, value: str) -> bool:
        if self._escaped:
            return name != ""
        if not TOKEN.fullmatch(name):
            return False
        if '"' in value:
            return QUOTED.fullmatch(value) is not None
        return " " not in value and "\t" not in value

    def _decoded(self, value: str) -> str:
        return _unescaped(value) if self._escaped else _unquoted(value)

    def _check_quotes(self) -> None:
        """Raise where a quoted string among the parameters does not end."""
        region = self._match[PARAMETERS]
        if region and '"' in region:
            quote = _open_quote(region, self._separator)
            if quote >= 0:
                raise self._fault_at("quote-unterminated", self._match.start(PARAMETERS) + quote)

    # Faults.

    # Where something is counts in bytes for all but the patterns: so it does natively.

    def _bytes_before(self, at: int) -> int:
        """How many bytes the first `at` characters of the text are."""
        return len(_octets(self._whole[:at]))

    def _at(self, part: int) -> int:
        """Where a part begins in the text, in bytes; 0 if it is not there."""
        return self._bytes_before(max(self._match.start(part), 0))

    def _fault(self, code: str, at: int) -> ParseError:
        """The error to raise for byte `at` of the text."""
        return _fault(self._origin, code, at)

    def _fault_at(self, code: str, at: int) -> ParseError:
        """The error to raise for the character at `at` of the text."""
        return self._fault(code, self._bytes_before(at))

    def _raise(self, code: str, at: int) -> NoReturn:
        """Raise the error for byte `at` of the text."""
        raise self._fault(code, at)

    def _fail(self, code: str, part: int) -> NoReturn:
        """Raise the error for a part, or for the whole where it is not there."""
        raise self._fault(code, self._at(part))

    # For the layers above.

    def _keep(self, memo: Any) -> Any:
        """Keep one object for the layers above, for as long as the value lives."""
        self._memo = memo
        return memo

    def _kept(self) -> Any:
        """What `_keep` was given, or None."""
        return self._memo


_WHOLE: Any = Value.__dict__["_whole"]
_BASES: Any = type.__dict__["__mro__"]


class Found:
    """Some parameters of a value by their place among the names that were looked for."""

    __slots__ = ("_values",)

    def __init__(self, values: list[str | None]) -> None:
        self._values = values

    def text(self, place: int) -> str | None:
        """What `_parameter` gives for one of them."""
        return self._values[place]

    def has(self, place: int) -> bool:
        return self._values[place] is not None

    def joined(
        self, before: str | None, first: int, last: int, after: str | bytes | None
    ) -> bytes | None:
        """Text, the parameters from `first` to `last`, and text, with colons between; or None.

        Text that is None is left out; a parameter that is not there leaves nothing at all.
        """
        texts = [before, *self._values[first : last + 1], after]
        if None in texts[1:-1]:
            return None
        return b":".join([_octets(text) for text in texts if text is not None])

    def same(self, place: int, text: str) -> bool:
        """Whether a parameter is this text, which is ASCII in lower case; in any case.

        How long it takes does not tell where they differ.
        """
        value = self._values[place]
        if value is None or not value.isascii():
            return False
        return _late.hmac.compare_digest(value.lower(), text)


# ---- reading -------------------------------------------------------------------------------------


def read_text(cls: type[Value], text: str | bytes, header_id: int) -> Any:
    """Read one value from text; an error names the header field with this id, 0 for none."""
    whole = _checked(text, header_id)
    return _read(cls, whole.strip(WHITESPACE), (None, header_id, whole, _past(SPACE, whole), []))


def read_list(cls: type[Value], text: str | bytes, header_id: int) -> tuple[Any, ...]:
    """Read the values of a comma list (RFC 3261 7.3.1); empty ones are left out."""
    return tuple(_list(cls, _checked(text, header_id), None, header_id))


def read_field(table: Table, index: int, cls: type[Value]) -> Any:
    """Read the value of a header field."""
    fields = table._parsed.known_fields or table._parsed.fields
    text = fields.value(index)
    return _read(cls, text, (fields, index, text, 0, []))


def read_first(table: Table, index: int, cls: type[Value]) -> Any:
    """Read the first value of the comma list in a header field; None if all are empty."""
    fields = table._parsed.known_fields or table._parsed.fields
    text = fields.value(index)
    if "," in text:
        return next(_list(cls, text, fields, index), None)
    return _read(cls, text, (fields, index, text, 0, [])) if text else None


def read_fields(table: Table, index: int, cls: type[Value], first: Any) -> tuple[Any, ...]:
    """Read the comma lists of a header field and of those of the same name that follow.

    `first` is what `read_first` gave, or None.
    """
    found: list[Any] = []
    fields = table._parsed.known_fields or table._parsed.fields
    while index >= 0:
        text = fields.value(index)
        if "," in text:
            found += _list(cls, text, fields, index)
        elif first is not None and not found:
            found.append(first)
        elif text:
            found.append(_read(cls, text, (fields, index, text, 0, [])))
        index = fields.following(index)
    if first is not None and found:  # there may be none if somebody writes to the buffer
        found[0] = first
    return tuple(found)


def read_each(table: Table, index: int, cls: type[Value]) -> tuple[Any, ...]:
    """Read one value from a header field and from each of the same name that follows."""
    found: list[Any] = []
    while index >= 0:
        found.append(read_field(table, index, cls))
        index = table._next(index)
    return tuple(found)


def read_again(table: Table, index: int, cls: type[Value]) -> tuple[Any, ...]:
    """As `read_fields` with no first, for a class whose few texts come again and again."""
    fields = table._parsed.known_fields or table._parsed.fields
    text = fields.value(index)
    if len(text) > LONGEST_REMEMBERED or fields.following(index) >= 0:
        return read_fields(table, index, cls, None)
    values = _remembered.get((text, cls))
    if values is None:
        values = read_fields(table, index, cls, None)
        if len(_remembered) >= REMEMBERED:
            _remembered.clear()
        _remembered[text, cls] = values
    return values


def _read(cls: type[Value], whole: str, origin: Origin) -> Any:
    value: Any = cls.__new__(cls)
    if type(value) is not cls or not _is_new(value):
        raise TypeError(f"{cls.__name__}.__new__ made no new {cls.__name__}")
    value._whole = whole
    value._origin = origin
    value._memo = None
    return value._read()


def _is_new(value: Value) -> bool:
    """Whether nothing was read into it yet, whatever its class says of its attributes."""
    try:
        _WHOLE.__get__(value)
    except AttributeError:
        return True
    return False


def _own_class(cls: Any) -> Any:
    """The class of ours that a user's class comes from."""
    ours = __name__.removesuffix("wire.splitters")
    bases = _BASES.__get__(cls)  # whatever its metaclass answers
    return next(base for base in bases if base.__module__.startswith(ours))


def _checked(text: str | bytes, header_id: int) -> str:
    """The text as it would be on the wire, without a line end."""
    if isinstance(text, bytes):
        text = _text(text)
    elif not isinstance(text, str):
        raise TypeError(f"a value is read from str or bytes, not from {type(text).__name__}")
    else:
        text = str.__str__(text)  # no subclass of str
        if not text.isascii():
            text = _text(octets(text, _name_of(header_id)))
    line_end = LINE_END.search(text)
    if line_end:
        at = len(_octets(text[: line_end.start()]))
        raise _fault((None, header_id, text, 0, []), "value-line-end", at)
    return text


def _list(cls: type[Value], text: str, fields: Fields | None, number: int) -> Iterator[Any]:
    """Read the values between commas that stand in no quoted string and in no brackets."""
    at = 0
    steps: list[int] = []
    for end in _commas(text, (fields, number, text, 0, steps)):
        whole = text[at:end].strip(WHITESPACE)
        if whole:
            begin = _past(SPACE, text, at)
            yield _read(cls, whole, (fields, number, text, begin, steps))
        at = end + 1


def _commas(text: str, origin: Origin) -> Iterator[int]:
    """Where the list's commas are, and then its end."""
    if "," in text:
        for mark in LIST_MARKS.finditer(text):
            if mark[0] == '"':
                at = bytes_before(text, mark.start(), origin[4])
                raise _fault(origin, "quote-unterminated", at)
            if mark[0] == ",":
                yield mark.start()
    yield len(text)


def _cut(region: str, separator: str) -> list[str]:
    """The pieces between separators that stand in no quoted string."""
    if '"' not in region:
        return region.split(separator)
    pieces = []
    at = 0
    for mark in MARKS[separator].finditer(region):
        if mark[0] == separator:
            pieces.append(region[at : mark.start()])
            at = mark.end()
    return [*pieces, region[at:]]


def _open_quote(text: str, separator: str) -> int:
    """Where the quoted string begins that does not end, or -1."""
    marks = MARKS[separator].finditer(text)
    return next((mark.start() for mark in marks if mark[0] == '"'), -1)


def _unquoted(text: str) -> str:
    """What a quoted string says (RFC 3261 25.1); other text as it is."""
    quoted = QUOTED.match(text)
    if not quoted:
        return text
    inner = quoted[0][1:-1]
    return _joined(without_pairs(inner)) if "\\" in inner else inner


def _joined(text: str) -> str:
    """Text whose bytes have come together: what was no UTF-8 may be so now."""
    return text if text.isascii() else _text(_octets(text))


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _unescaped(text: str) -> str:
    """Text with each %HH read as the byte that it stands for; a % without two digits stays."""
    if "%" not in text:
        return text
    return _text(_late.parse.unquote_to_bytes(_octets(text)))


def _octets(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    return octets(text)


def _name_of(header_id: int) -> str | None:
    """The name of the header field with an id; None for 0."""
    return HEADER_NAMES[header_id - 1].name if header_id else None


def _fault(origin: Origin, code: str, at: int) -> ParseError:
    """The error for byte `at` of a value."""
    fields, number, source, begin, steps = origin
    offset = bytes_before(source, begin, steps) + at
    if fields is None:
        return parse_error(code, offset, _name_of(number))
    header_id = fields.ids[number]
    return parse_error(code, fields.place(number, offset), HEADER_NAMES[header_id - 1].name)


# ---- what is not well formed ---------------------------------------------------------------------


def _uri_fault(text: str) -> tuple[str, int]:
    scheme = SCHEME_NAME.match(text)
    if not scheme:
        return "uri-scheme-missing", 0
    illegal = ILLEGAL.search(text)
    if illegal:
        return "uri-character-illegal", illegal.start()
    at = scheme.end()
    if SCHEMES[scheme[0].lower()] == OF_TEL:  # that of no other scheme but sip can be wrong
        return "tel-number-malformed", _past(BEFORE_TEL_FAULT, text, at)
    if "@" in text:
        if text[at] in ":@":
            return "uri-user-missing", at
        at = text.index("@") + 1
    return _host_fault(text, at)


def _host_fault(text: str, at: int, space: str = "") -> tuple[str, int]:
    """What is wrong with the host and port at `at`, or after them."""
    host = HOST_NAME.match(text, at)
    if not host:
        return "host-malformed", at
    at = host.end() if not space else _past(SPACE, text, host.end())
    if text.startswith(":", at):
        at = at + 1 if not space else _past(SPACE, text, at + 1)
        digits = text[at : _past(DIGITS, text, at)]
        if not PORT_NUMBER.fullmatch(digits):
            return "port-malformed", at
        at += len(digits)
        at = at if not space else _past(SPACE, text, at)
    return "host-malformed", at


def _address_fault(text: str) -> tuple[str, int]:
    if text.startswith('"'):
        name = QUOTED.match(text)
        if not name:
            return "quote-unterminated", 0
        at = _past(SPACE, text, name.end())
        if not text.startswith("<", at):
            return "address-malformed", at
    else:
        at = _past(BEFORE_MARK, text)
        if not text.startswith("<", at):
            return "address-malformed", at if text.startswith('"', at) else 0
    address = BRACKETED.match(text, at)
    if not address:
        return "address-malformed", at
    return "address-malformed", _past(SPACE, text, address.end())


def _via_fault(text: str) -> tuple[str, int]:
    at = 0
    for following in (SLASH, SLASH, SPACES):
        for pattern in (TOKEN, following):
            part = pattern.match(text, at)
            if not part:
                return "via-malformed", at
            at = part.end()
    return _host_fault(text, at, WHITESPACE)


def _media_fault(text: str) -> int:
    at = 0
    for pattern in (TOKEN, SLASH, TOKEN):
        part = pattern.match(text, at)
        if not part:
            return at
        at = part.end()
    return _past(SPACE, text, at)


def _past(pattern: re.Pattern[str], text: str, at: int = 0) -> int:
    """Where what `pattern` takes from `at` on ends."""
    match = pattern.match(text, at)
    return match.end() if match else at
