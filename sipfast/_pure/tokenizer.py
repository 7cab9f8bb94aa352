"""The tokenizer's pure twin: from a buffer to a `Table` of spans.

`docs/tokenizer.md` binds this file and `_native/tokenizer.pyx` to the same answers.  Here, what is
well formed is said in patterns, so that the loops over bytes run in C: one match takes the start
line, the header fields and the blank line, and a table is little more than that match.  Where each
field is gets found when the first of them is asked for.  Elements are looked at one by one only
where the match stops short, a limit is near or a CR is out of place.

No pattern can take the same bytes in two ways, so each costs linear time.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from sipfast.errors import ParseError, parse_error
from sipfast.header_names import HEADER_IDS, HEADER_NAMES

from .limits import Limits

__all__ = ["Table"]

Buffer = bytes | memoryview
Match = re.Match[bytes]

MOST_LENGTH = 2**31 - 1
NO_LENGTH = 0xFFFFFFFF
NOT_A_NUMBER = 1 << 64
LEAST_FIELD = len(b"a:\n")
WHITESPACE = b" \t\r\n"


# ---- what is well formed ------------------------------------------------------------------------


def _pattern(text: str) -> re.Pattern[bytes]:
    return re.compile(text.encode("ascii"), re.VERBOSE)


_TOKEN = "[-A-Za-z0-9.!%*_+`'~]+"  # RFC 3261 25.1
_WORD = r"[^ \t\r\n]+"
_SIP = "[Ss][Ii][Pp]/"
_VERSION = rf"{_SIP} [0-9]+ \. [0-9]+"
_REQUEST_LINE = rf"""
    (?P<status>) (?P<method> {_TOKEN} )
    [ \t]+ (?P<target> {_WORD} (?: [ \t]+ {_WORD} )*? )
    [ \t]+ (?P<version> {_VERSION} ) [ \t]*"""
_STATUS_LINE = rf"""
    (?P<method>) (?P<version> {_VERSION} )
    [ \t]+ (?P<status> [0-9]{{3}} ) (?= [ \t\r\n] )
    [ \t]? (?P<target> [^\r\n]* )"""

# `.` is any byte but LF.  It takes a CR, bare or not: bare ones are looked for apart.
_LINE_ENDS = r"(?: \r?\n )*"
_FIELDS = rf"(?: (?: {_TOKEN} [ \t]* : | [ \t] ) .*\n )*"
_VALUE = r"(?P<value> .* (?: \n [ \t] .* )* )"  # up to the LF that ends the element
_CONTENT_LENGTH = "[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll][Ee][Nn][Gg][Tt][Hh] | [Ll]"


def _head(line: str) -> re.Pattern[bytes]:
    """The start line, and after it as many header fields as are well formed, and the blank line."""
    elements = rf"(?P<line> {line} ) \r?\n (?! [ \t] ) {_FIELDS}"
    return _pattern(rf"{_LINE_ENDS} (?P<elements> {elements} ) (?P<blank> \r?\n )?")


REQUEST = _head(_REQUEST_LINE)
RESPONSE = _head(_STATUS_LINE)
RESPONSE_START = _pattern(rf"[\r\n]* {_SIP}")
BARE_CR = _pattern(r"\r (?! \n )")
FIELD = _pattern(rf"\n (?P<name> {_TOKEN} ) [ \t]* : {_VALUE}")
CONTENT_LENGTH = _pattern(rf"\n (?: {_CONTENT_LENGTH} ) [ \t]* : {_VALUE}")


class _HeaderIds(dict[bytes, int]):
    """Header ids by names as they are usually written.  Others are worked out, and not kept."""

    def __missing__(self, name: bytes) -> int:
        return self.get(name.lower(), 0)


HEADER_IDS_AS_WRITTEN = _HeaderIds(
    {
        spelling.encode("ascii"): header_id
        for header_id, header in enumerate(HEADER_NAMES, 1)
        for name in (header.name, header.compact)
        for spelling in (name, name.lower(), name.upper())
        if name
    }
)


# ---- the table ----------------------------------------------------------------------------------


class Table:
    """Where everything is in one message: spans over a buffer that it keeps alive."""

    __slots__ = (
        "_body",
        "_buffer",
        "_content_length",
        "_end",
        "_head",
        "_known_fields",
        "_known_ids",
        "_line_end",
        "_memo",
        "_source",
    )

    _buffer: Buffer
    """What was given to `parse`: bytes, or a view that holds the export."""
    _source: bytes
    """The buffer up to the body as it was then: a view's bytes may change, but no span does."""
    _head: Match
    _line_end: int
    _body: int
    _end: int
    _content_length: int
    _known_fields: list[Match] | None
    _known_ids: bytes
    _memo: Any

    # From bytes to spans.

    @staticmethod
    def _is_response(data: Any) -> bool:
        """Whether the first element of `data` begins like a status line."""
        return RESPONSE_START.match(data if type(data) is bytes else _byte_view(data)) is not None

    def _read(self, data: Any, limits: Limits) -> None:
        """Take `data` apart.  Raises `ParseError`, or `TypeError` when it holds no bytes."""
        buffer: Buffer = data if type(data) is bytes else _byte_view(data)
        size = len(buffer)
        if size > limits._size:
            raise parse_error("message-too-large", limits._size)
        head = REQUEST.match(buffer) or RESPONSE.match(buffer)
        if head is None:
            raise _start_fault(bytes(buffer), limits)
        body = head.end("blank")
        whole = isinstance(buffer, bytes) or body < 0
        source = bytes(buffer if whole else buffer[:body])
        if (
            body < 0
            or body > limits._line
            or body > limits._headers * LEAST_FIELD
            or BARE_CR.search(source, 0, body)
        ):
            fault = _first_fault(source, head, limits)
            if fault:
                raise fault
        self._buffer = buffer
        self._source = source
        self._head = head
        self._line_end = head.end("line")
        self._body = body
        self._content_length = _content_length(source, self._line_end, body)
        self._end = min(body + self._content_length, size)
        self._known_fields = None
        self._memo = None

    @property
    def _fields(self) -> list[Match]:
        """One match per header field."""
        fields = self._known_fields
        if fields is None:
            fields = [*FIELD.finditer(self._source, self._line_end, self._body)]
            self._known_ids = bytes([HEADER_IDS_AS_WRITTEN[field["name"]] for field in fields])
            self._known_fields = fields
        return fields

    @property
    def _ids(self) -> bytes:
        """One byte per header field, its id."""
        return self._known_ids if self._fields else b""

    # The parts of the start line.

    @property
    def _start(self) -> int:
        return self._head.start("line")

    @property
    def _method_length(self) -> int:
        return self._length("method")

    @property
    def _target_at(self) -> int:
        return self._head.start("target")

    @property
    def _target_length(self) -> int:
        return self._length("target")

    @property
    def _version_at(self) -> int:
        return self._head.start("version")

    @property
    def _version_length(self) -> int:
        return self._length("version")

    @property
    def _status_code(self) -> int:
        start, end = self._head.span("status")
        return int(self._source[start:end] or b"0")

    def _length(self, part: str) -> int:
        start, end = self._head.span(part)
        return end - start

    # The header fields.  An index counts them from 0, and is -1 where there is none.

    @property
    def _count(self) -> int:
        return len(self._fields)

    def _first(self, header_id: int) -> int:
        """The index of the first field with this id, or -1."""
        return self._ids.find(header_id)

    def _next(self, index: int) -> int:
        """The index of the next field of the same name, or -1."""
        header_id = self._ids[index]
        if header_id:
            return self._ids.find(header_id, index + 1)
        return self._find_unknown(self._fields[index]["name"].lower(), index + 1)

    def _find(self, name: str) -> int:
        """The index of the first field of this name, long or compact, in any case; or -1."""
        if not name.isascii():  # no token; and some letters beyond ASCII are ASCII in lower case
            return -1
        lower = name.lower()
        header_id = HEADER_IDS.get(lower)
        return self._first(header_id) if header_id else self._find_unknown(lower.encode(), 0)

    def _find_unknown(self, lower: bytes, index: int) -> int:
        """The first field from `index` on that has this name, and an id of 0; or -1."""
        ids, fields = self._ids, self._fields
        index = ids.find(0, index)
        while index >= 0 and fields[index]["name"].lower() != lower:
            index = ids.find(0, index + 1)
        return index

    def _id(self, index: int) -> int:
        return self._ids[index]

    def _name_at(self, index: int) -> int:
        return self._fields[index].start("name")

    def _value_at(self, index: int) -> int:
        return _value_of(self._fields[index])[0]

    def _name(self, index: int) -> str:
        """The field's name as it was written."""
        return self._raw_name(index).decode("utf-8", "surrogateescape")

    def _value(self, index: int) -> str:
        """The field's value, each fold read as one space."""
        at, value = _value_of(self._fields[index])
        raw = self._bytes(at, len(value))
        if b"\n" in value:
            raw = _unfolded(raw)
        return raw.decode("utf-8", "surrogateescape")

    def _raw_name(self, index: int) -> bytes:
        start, end = self._fields[index].span("name")
        return self._bytes(start, end - start)

    def _raw_value(self, index: int) -> bytes:
        """The field's value as it was written, folds and all."""
        at, value = _value_of(self._fields[index])
        return self._bytes(at, len(value))

    # What the buffer holds in a span.

    def _method(self) -> str:
        return self._text(self._start, self._method_length)

    def _text(self, at: int, length: int) -> str:
        return str(self._buffer[at : at + length], "utf-8", "surrogateescape")

    def _bytes(self, at: int, length: int) -> bytes:
        return bytes(self._buffer[at : at + length])

    def _view(self, at: int, length: int) -> memoryview:
        return memoryview(self._buffer)[at : at + length]

    # For the layers above, and for comparing the engines.

    def _keep(self, memo: Any) -> Any:
        """Keep one object for the layers above, for as long as the table lives."""
        self._memo = memo
        return memo

    def _kept(self) -> Any:
        """What `_keep` was given, or None."""
        return self._memo

    def _dump(self) -> tuple[Any, ...]:
        """All that was found, as plain numbers."""
        fields = []
        for header_id, field in zip(self._ids, self._fields):
            start, end = field.span("name")
            at, value = _value_of(field)
            fields.append((header_id, start, end - start, at, len(value), b"\n" in value))
        return (
            self._start,
            self._line_end,
            self._body,
            self._end,
            self._method_length,
            self._target_at,
            self._target_length,
            self._version_at,
            self._version_length,
            self._status_code,
            self._content_length,
            tuple(fields),
        )


def _byte_view(data: Any) -> memoryview:
    """A read-only view of the bytes of a buffer; TypeError or BufferError where there is none."""
    if isinstance(data, str):
        raise TypeError("a SIP message is bytes, not str: encode it first")
    view = memoryview(data)
    if not view.c_contiguous:
        raise BufferError("a SIP message is one contiguous run of bytes")
    return view.cast("B").toreadonly()


def _value_of(field: Match) -> tuple[int, bytes]:
    """Where a field's value begins, and the value: no whitespace at its ends."""
    element = field["value"].removesuffix(b"\r")
    value = element.lstrip(WHITESPACE)
    return field.start("value") + len(element) - len(value), value.rstrip(WHITESPACE)


def _unfolded(value: bytes) -> bytes:
    """Make one space of every run of whitespace that holds a line end (RFC 3261 7.3.1)."""
    lines = [line.strip(WHITESPACE) for line in value.split(b"\n")]
    return b" ".join([line for line in lines if line])


# ---- framing ------------------------------------------------------------------------------------


def _content_length(source: bytes, line_end: int, body: int) -> int:
    """Content-Length, or NO_LENGTH.  Every one must be a number, and the same one."""
    values = CONTENT_LENGTH.findall(source, line_end, body)
    number = NO_LENGTH
    for value in values if len(values) < 2 else dict.fromkeys(values):
        before, number = number, _number(value)
        if number > MOST_LENGTH or number != before != NO_LENGTH:
            fields = CONTENT_LENGTH.finditer(source, line_end, body)
            raise _content_length_fault(number, next(islice(fields, values.index(value), None)))
    return number


def _number(value: bytes) -> int:
    """The number that 1*DIGIT is, or one above MOST_LENGTH; NOT_A_NUMBER for other text."""
    digits = value.strip(WHITESPACE)
    if not digits.isdigit():
        return NOT_A_NUMBER
    return int(digits) if len(digits) < 10 else int(digits.lstrip(b"0")[:11] or b"0")


def _content_length_fault(number: int, field: Match) -> ParseError:
    if number == NOT_A_NUMBER:
        code = "content-length-not-a-number"
    elif number > MOST_LENGTH:
        code = "content-length-too-large"
    else:
        code = "content-length-conflict"
    return parse_error(code, _value_of(field)[0], "Content-Length")


# ---- what is not well formed --------------------------------------------------------------------

LINE_END = _pattern(r"\r?\n")
LINE_ENDS = _pattern(_LINE_ENDS)
ELEMENTS = _pattern(r"(?s: .* ) \n (?= [^ \t] )")
ELEMENT_END = _pattern(r"\r?\n (?! [ \t] )")
FINISHED = _pattern(r"\r?\n (?= [^ \t] )")
TOKEN = _pattern(_TOKEN)
START = _pattern(rf"{_SIP} | {_TOKEN} (?: [ \t] | \Z )")
SIP = _pattern(_SIP)
VERSION = _pattern(rf"{_VERSION} (?: [ \t]+ | \Z )")


def _start_fault(source: bytes, limits: Limits) -> ParseError:
    """What is wrong where no start line was found."""
    start = _past(LINE_ENDS, source)
    if source[start : start + 2] in (b"", b"\r"):
        return parse_error("no-message", len(source))
    return _element_fault(source, start, -1, limits)


def _first_fault(source: bytes, head: Match, limits: Limits) -> ParseError | None:
    """What is wrong first, from the start line on, if anything."""
    start, stop = head.span("elements")
    cr = BARE_CR.search(source, start, stop)
    last = _past(ELEMENTS, source, start, (cr.start() if cr else stop) + 1)

    # The elements before the last one can only be too long or too many.
    fields = source.count(b"\n", start, last) - 1  # at the most: folds have line ends too
    if fields >= limits.headers or last - start > limits.line:
        at, fields = start, -1
        for end in ELEMENT_END.finditer(source, start, last):
            if end.start() - at > limits.line:
                return parse_error("line-too-long", at + limits.line)
            if fields >= limits.headers:
                return parse_error("too-many-header-fields", at)
            at, fields = end.end(), fields + 1

    if LINE_END.match(source, last):
        return None
    return _element_fault(source, last, fields, limits)


def _element_fault(source: bytes, at: int, fields: int, limits: Limits) -> ParseError:
    """What is wrong with the element at `at`: the one after so many fields, the start line at -1."""
    finish = FINISHED.search(source, at)
    line = source[at : finish.start()] if finish else source[at:]
    if not finish:
        line = line.removesuffix(b"\n").removesuffix(b"\r")
    if len(line) > limits.line:
        return parse_error("line-too-long", at + limits.line)
    if not finish:
        if fields < 0 and not START.match(line):
            return parse_error("not-sip", at + _past(TOKEN, line))
        return parse_error("header-block-unfinished", len(source))
    cr = BARE_CR.search(line)
    if cr:
        return parse_error("bare-cr", at + cr.start())
    if fields < 0:
        return _start_line_fault(line, at)
    if fields >= limits.headers:
        return parse_error("too-many-header-fields", at)
    return _field_fault(line, at)


def _start_line_fault(line: bytes, at: int) -> ParseError:
    if b"\n" in line:
        return parse_error("start-line-folded", at + line.index(b"\n") + 1)
    if not START.match(line):
        return parse_error("not-sip", at + _past(TOKEN, line))
    if SIP.match(line):
        version = VERSION.match(line)
        if not version:
            return parse_error("version-malformed", at)
        return parse_error("status-code-malformed", at + version.end())
    line = line.rstrip(b" \t")
    version_at = 1 + max(line.rfind(b" "), line.rfind(b"\t"))
    if not version_at:
        return parse_error("request-line-incomplete", at + len(line))
    if not VERSION.match(line, version_at):
        return parse_error("version-malformed", at + version_at)
    return parse_error("request-line-incomplete", at + version_at)


def _field_fault(line: bytes, at: int) -> ParseError:
    name, colon, _ = line.partition(b":")
    name = name.rstrip(b" \t")
    if not colon:
        return parse_error("header-without-colon", at)
    if not name:
        return parse_error("header-name-empty", at)
    return parse_error("header-name-malformed", at + _past(TOKEN, name))


def _past(pattern: re.Pattern[bytes], text: bytes, at: int = 0, end: int = MOST_LENGTH) -> int:
    """Where what `pattern` takes from `at` on ends; `at` if it takes nothing."""
    match = pattern.match(text, at, end)
    return match.end() if match else at
