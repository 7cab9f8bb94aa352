"""The tokenizer's pure twin: from a buffer to a `SipTable` of spans.

`docs/tokenizer.md` binds this file and `tokenizer.pyx` to the same answers.  Here, what is
well formed is said in patterns, so that the loops over bytes run in C: one match takes the start
line, the header fields and the blank line, and a table is little more than that match.  The fields
are told apart when the first of them is asked for, and where each is gets found when that is asked.
Elements are looked at one by one only where the match stops short, a limit is near or a CR is out
of place.

No pattern can take the same bytes in two ways, so each costs linear time.  A group that repeats
keeps every turn in memory, so there is one only, and its turns are counted.
"""

from __future__ import annotations

import re
from itertools import islice

from sipfast.errors import ParseError, parse_error
from sipfast.registry.header_names import HEADER_NAMES

from ..folds import Folds
from ..limits import Limits

__all__ = [
    "NO_LENGTH",
    "Buffer",
    "Fields",
    "GivenFields",
    "GivenTable",
    "SipTable",
    "is_plain_text",
    "is_response",
    "one_line",
    "starts_response",
    "tokenize",
    "tokenize_within",
]

Buffer = bytes | memoryview
Match = re.Match[bytes]

MOST_LENGTH = 2**31 - 1
NO_LENGTH = 0xFFFFFFFF
NOT_A_NUMBER = 1 << 64
LEAST_FIELD = len(b"a:\n")
WHITESPACE = b" \t\r\n"
HIGH_BYTES = bytes(range(0x80, 0x100))
PLAIN_BYTES = b"\t\r\n" + bytes(range(0x20, 0x7F))
WHITESPACE_OF_TEXT = " \t\r\n"


# ---- what is well formed ------------------------------------------------------------------------


def pattern(text: str) -> re.Pattern[bytes]:
    return re.compile(text.encode("ascii"), re.VERBOSE)


# `.` is any byte but LF.  It takes a CR, bare or not: bare ones are looked for apart.
TOKEN_BYTE = "[-A-Za-z0-9.!%*_+`'~]"  # RFC 3261 25.1
_TOKEN = f"{TOKEN_BYTE}+"
SIP_SLASH = "[Ss][Ii][Pp]/"
_VERSION = rf"{SIP_SLASH} [0-9]+ \. [0-9]+"
_REQUEST_LINE = rf"""
    (?P<status>) (?P<method> {_TOKEN} )
    [ \t]+ (?P<target> (?= [^ \t\r\n] ) .* [^ \t\r\n] )
    [ \t]+ (?P<version> {_VERSION} ) [ \t]*"""
_STATUS_LINE = rf"""
    (?P<method>) (?P<version> {_VERSION} )
    [ \t]+ (?P<status> [0-9]{{3}} ) (?= [ \t\r\n] )
    [ \t]? (?P<target> [^\r\n]* )"""
_LINE_END = r"\r?\n"
_NAME = rf"{_TOKEN} [ \t]* :"
_LINES = rf"""
    (?P<lines> (?: (?: {_NAME} | [ \t] ) .* \n ){{0,250}} )
    (?P<blank> {_LINE_END} )?"""
_CONTENT_LENGTH = "(?: [Ll] | [Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll][Ee][Nn][Gg][Tt][Hh] ) [ \t]* :"

REQUEST = pattern(rf"(?P<line> {_REQUEST_LINE} ) {_LINE_END} (?! [ \t] ) {_LINES}")
RESPONSE = pattern(rf"(?P<line> {_STATUS_LINE} ) {_LINE_END} (?! [ \t] ) {_LINES}")
LIKE_RESPONSE = pattern(rf"[\r\n]* {SIP_SLASH}")
ACK = pattern(r"[\r\n]* ACK [ \t]")
SIP = pattern(SIP_SLASH)
LINES = pattern(_LINES)
BLANK_LINE = pattern(r"\n \r? \n")
BARE_CR = pattern(r"\r (?! \n )")
FIELD = pattern(rf"\n ({_TOKEN}) [ \t]* :")
FIELD_OF_TEXT = re.compile(FIELD.pattern.decode("ascii"), re.VERBOSE)
CONTENT_LENGTH = pattern(rf"\n {_CONTENT_LENGTH} ( .* (?: \n [ \t] )? )")  # the fold's first byte


class _HeaderIds(dict[str, int]):
    """Header ids by names as they are usually written.  Others are worked out, and not kept."""

    def __missing__(self, name: str) -> int:
        return self.get(name.lower(), 0)


HEADER_IDS_AS_WRITTEN = _HeaderIds(
    {
        spelling: header_id
        for header_id, header in enumerate(HEADER_NAMES, 1)
        for name in (header.name, header.compact)
        for spelling in (name, name.lower(), name.upper())
        if name
    }
)


# ---- the table ----------------------------------------------------------------------------------


class Fields:
    """The header fields of one message.  They do not know the message: values may keep them."""

    __slots__ = (
        "_begin",
        "_buffer",
        "_end",
        "_folds",
        "_last",
        "_matches",
        "_source",
        "_texts",
        "ids",
        "names",
    )

    ids: bytes
    """One byte per field, its id."""
    names: list[str]
    """The names as they were written."""
    _texts: list[str] | None
    """What is between each name's colon and the field's end, if it cannot change."""
    _matches: list[Match] | None
    _folds: dict[int, tuple[int, Folds]]
    _last: tuple[int, tuple[int, bytes]]
    """The field that was found last, whose faults are asked for one by one, and its value."""

    def __init__(self, buffer: Buffer, source: bytes, begin: int, end: int) -> None:
        """Take apart what stands from the end of the start line up to the blank line."""
        text = source[begin : end - 1].decode("utf-8", "surrogateescape")
        pieces = FIELD_OF_TEXT.split(text)  # what is before, and then names and texts in turn
        self.names = names = pieces[1::2]
        self.ids = bytes([*map(HEADER_IDS_AS_WRITTEN.__getitem__, names)])
        self._texts = pieces[2::2] if buffer is source else None
        self._buffer = buffer
        self._source = source
        self._begin = begin
        self._end = end
        self._matches = None
        self._folds = {}
        self._last = -1, (0, b"")

    def value(self, index: int) -> str:
        """A field's value, each fold read as one space."""
        if self._texts:
            text = self._texts[index].strip(WHITESPACE_OF_TEXT)
            return _unfolded(text) if "\n" in text else text
        at, value = self.found_value(index)
        # A copy is decoded: Python's decoder reads a buffer twice and trusts what it saw first.
        text = bytes(self._buffer[at : at + len(value)]).decode("utf-8", "surrogateescape")
        return one_line(_unfolded(text) if b"\n" in value else text)

    def following(self, index: int) -> int:
        """The index of the next field of the same name, or -1."""
        header_id = self.ids[index]
        if header_id:
            return self.ids.find(header_id, index + 1)
        return self.find_unknown(self.names[index].lower(), index + 1)

    def find_unknown(self, lower: str, index: int) -> int:
        """The first field from `index` on that has this name, and an id of 0; or -1."""
        ids, names = self.ids, self.names
        index = ids.find(0, index)
        while index >= 0 and names[index].lower() != lower:
            index = ids.find(0, index + 1)
        return index

    def name_span(self, index: int) -> tuple[int, int]:
        """Where a field's name begins and ends."""
        return self._found()[index].span(1)

    def found_value(self, index: int) -> tuple[int, bytes]:
        """Where a field's value begins, and the value as it was found, folds and all."""
        last, found = self._last
        if last != index:
            matches = self._found()
            at = matches[index].end()
            last_lf = matches[index + 1].start() if index + 1 < len(matches) else self._end - 1
            found = _trimmed(at, self._source[at:last_lf])
            self._last = index, found
        return found

    def place(self, index: int, at: int) -> int:
        """Where byte `at` of a field's value, each fold read as one space, stands in the buffer."""
        found = self._folds.get(index)
        if found is None:
            start, value = self.found_value(index)
            found = self._folds[index] = start, Folds(value)
        start, folds = found
        return start + folds.offset(at)

    def _found(self) -> list[Match]:
        """One match per field, of its name and colon."""
        matches = self._matches
        if matches is None:
            matches = [*FIELD.finditer(self._source, self._begin, self._end)]
            self._matches = matches
        return matches


class SipTable:
    """Where everything is in one message, as the C struct `sip_table` has it."""

    __slots__ = (
        "blank",
        "body",
        "buffer",
        "content_length",
        "end",
        "fields",
        "head",
        "line_end",
        "source",
    )

    buffer: Buffer
    """What was given to `parse`: bytes, or a view that holds the export."""
    source: bytes
    """The buffer up to the body as it was then: a view's bytes may change, but no span does."""
    head: Match
    """The start line, and the first lines after it."""
    line_end: int
    blank: int
    """Where the blank line is."""
    body: int
    end: int
    content_length: int
    fields: Fields
    """The header fields; made when they are first asked for."""

    def __getattr__(self, name: str) -> Fields:
        if name != "fields":
            raise AttributeError(name)
        self.fields = fields = Fields(self.buffer, self.source, self.line_end, self.blank)
        return fields

    @property
    def count(self) -> int:
        return len(self.fields.ids)

    @property
    def start(self) -> int:
        return self.head.start()

    @property
    def method_length(self) -> int:
        return self._length("method")

    @property
    def target_at(self) -> int:
        return self.head.start("target")

    @property
    def target_length(self) -> int:
        return self._length("target")

    @property
    def version_at(self) -> int:
        return self.head.start("version")

    @property
    def version_length(self) -> int:
        return self._length("version")

    @property
    def status_code(self) -> int:
        start, end = self.head.span("status")
        return int(self.source[start:end] or b"0")

    def _length(self, part: str) -> int:
        start, end = self.head.span(part)
        return end - start


class GivenFields(Fields):
    """Header fields whose places are given, for bytes that the patterns do not match."""

    __slots__ = ("_spans",)

    _spans: list[int]
    """For each field where its name and its value begin, each with its length."""

    def __init__(self, buffer: Buffer, source: bytes, spans: list[int]) -> None:
        self._buffer = buffer
        self._source = source
        self._spans = spans
        self._texts = self._matches = None
        self._folds = {}
        self.names = [
            source[at : at + length].decode("utf-8", "surrogateescape")
            for at, length in zip(spans[::4], spans[1::4], strict=True)
        ]
        self.ids = bytes([*map(HEADER_IDS_AS_WRITTEN.__getitem__, self.names)])

    def name_span(self, index: int) -> tuple[int, int]:
        at, length = self._spans[4 * index : 4 * index + 2]
        return at, at + length

    def found_value(self, index: int) -> tuple[int, bytes]:
        at, length = self._spans[4 * index + 2 : 4 * index + 4]
        return at, self._source[at : at + length]


class GivenTable(SipTable):
    """A table whose numbers are given, for bytes that the patterns do not match."""

    __slots__ = (
        "method_length",
        "start",
        "status_code",
        "target_at",
        "target_length",
        "version_at",
        "version_length",
    )

    start: int
    method_length: int
    target_at: int
    target_length: int
    version_at: int
    version_length: int
    status_code: int


# ---- from bytes to spans ------------------------------------------------------------------------


def is_response(buffer: Buffer, limits: Limits) -> bool:
    """Whether a buffer, as far as the limit of size, begins like a status line."""
    return LIKE_RESPONSE.match(buffer, 0, limits._size) is not None


def starts_response(data: bytes, start: int) -> bool:
    """Whether the message at data[start] begins like a status line; no line end precedes it."""
    return SIP.match(data, start) is not None


def tokenize_within(data: bytes, start: int, size: int, limits: Limits) -> SipTable | None:
    """Take apart the message at data[start], of `size` bytes at the most; its body may be cut.

    None if its header is malformed or ends too early.
    """
    stop = start + size
    response = starts_response(data, start)
    head = (RESPONSE if response else REQUEST).match(data, start, stop)
    if head is None:
        return None
    blank, body = head.end("lines"), head.end("blank")
    if body < 0:
        blank, body = _more_lines(data, blank)
    line_end = head.end("line")
    if not 0 <= body <= stop:
        return None
    values = CONTENT_LENGTH.findall(data, line_end, blank)
    digits = values[0].strip(b" \t\r") if len(values) == 1 else b""
    if (
        digits.isdigit()
        and len(digits) < 10
        and body - start <= limits._line
        and body - start <= limits._headers * LEAST_FIELD
        and not BARE_CR.search(data, start, body)
    ):
        length = int(digits)
    else:  # the header alone, once more
        try:
            length = tokenize(data[start:body], limits, response).content_length
        except ParseError:
            return None
    table = SipTable()
    table.buffer = table.source = data
    table.head = head
    table.line_end = line_end
    table.blank = blank
    table.body = body
    table.content_length = length
    table.end = min(body + length, stop)
    return table


def tokenize(buffer: Buffer, limits: Limits, response: bool) -> SipTable:
    """Take a buffer apart, as a response or a request.  Raises `ParseError`."""
    size = len(buffer)
    if size > limits._size:
        raise parse_error("message-too-large", limits._size)
    source = buffer if isinstance(buffer, bytes) else _head_of(buffer)
    if source is not buffer and response != is_response(source, limits):
        raise BufferError("the buffer was written to while it was parsed")
    start = skip_line_ends(source) if size and source[0] in b"\r\n" else 0
    head = RESPONSE.match(source, start) if response else REQUEST.match(source, start)
    if head is None:
        raise _start_fault(source, start, limits)
    blank, body = head.end("lines"), head.end("blank")
    if body < 0:
        blank, body = _more_lines(source, blank)
    if (
        body < 0
        or body > limits._line
        or body > limits._headers * LEAST_FIELD
        or BARE_CR.search(source, start, body)
    ):
        fault = _first_fault(source, start, blank, limits)
        if fault:
            try:
                raise fault
            finally:
                del fault  # which refers to this frame, and so would keep the buffer exported
    table = SipTable()
    table.buffer = buffer
    table.source = source
    table.head = head
    table.line_end = line_end = head.end("line")
    table.blank = blank
    table.body = body
    table.content_length = length = _content_length(source, line_end, blank)
    table.end = min(body + length, size)
    return table


def is_plain_text(text: bytes, at: int, end: int) -> bool:
    """Whether `text[at:end]` is UTF-8 without control characters but TAB, CR, and LF after a CR."""
    head = text[at:end]
    if head.count(b"\n") != head.count(b"\r\n"):
        return False
    odd = head.translate(None, PLAIN_BYTES)
    if not odd:
        return True
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not odd.translate(None, HIGH_BYTES)


def one_line(text: str) -> str:
    """A text of one line; a line end written into the buffer since it was parsed is a space."""
    return text.replace("\r", " ").replace("\n", " ")


def _head_of(view: memoryview) -> bytes:
    """A copy of a view up to its body, or of all of it: what is found in the copy stays there.

    Where the body begins is only guessed: while the view is looked at, somebody may write to it.
    """
    end = BLANK_LINE.search(view, _past(CR_OR_LF, view))
    return bytes(view if end is None else view[: end.end()])


def skip_line_ends(buffer: Buffer) -> int:
    """Where the line ends before a message end: at what is none, be it a CR without LF."""
    end = _past(CR_OR_LF, buffer)
    cr = BARE_CR.search(buffer, 0, end)
    return cr.start() if cr else end


def _more_lines(buffer: Buffer, at: int) -> tuple[int, int]:
    """Where well-formed lines from `at` on end, and where the body begins, or -1 for nowhere."""
    body = -1
    while body < 0:
        more = LINES.match(buffer, at)
        if more is None or more.end() == at:
            break
        at, body = more.end("lines"), more.end("blank")
    return at, body


def _trimmed(at: int, text: bytes) -> tuple[int, bytes]:
    """Where a value begins, and the value, in the `text` at `at`: from colon to line end."""
    text = text.removesuffix(b"\r")
    value = text.lstrip(WHITESPACE)
    return at + len(text) - len(value), value.rstrip(WHITESPACE)


def _unfolded(value: str) -> str:
    """Make one space of every run of whitespace that holds a line end (RFC 3261 7.3.1)."""
    lines = [line.strip(WHITESPACE_OF_TEXT) for line in value.split("\n")]
    return " ".join([line for line in lines if line])


# ---- framing ------------------------------------------------------------------------------------


def _content_length(source: bytes, line_end: int, blank: int) -> int:
    """Content-Length, or NO_LENGTH.  Every one must be a number, and the same one."""
    values = CONTENT_LENGTH.findall(source, line_end, blank)
    if len(values) == 1:
        digits = values[0].strip(b" \t\r")
        if len(digits) < 10 and digits.isdigit():  # the usual: one, not folded
            return int(digits)
    if b"\n" in b"".join(values):
        source = _flattened(source[:blank])
        values = CONTENT_LENGTH.findall(source, line_end, blank)
    number = NO_LENGTH
    for value in values if len(values) < 2 else dict.fromkeys(values):
        before, number = number, _number(value)
        if number > MOST_LENGTH or number != before != NO_LENGTH:
            names = CONTENT_LENGTH_NAME.finditer(source, line_end, blank)
            name = next(islice(names, values.index(value), None))
            raise _content_length_fault(number, _trimmed(name.end(), value)[0])
    return number


def _flattened(source: bytes) -> bytes:
    """Make whitespace of the line ends of folds, byte by byte, so that offsets stay as they are."""
    for line_end in (b"\r\n", b"\n"):
        for space in (b" ", b"\t"):
            source = source.replace(line_end + space, b" " * len(line_end) + space)
    return source


def _number(value: bytes) -> int:
    """The number that 1*DIGIT is, or one above MOST_LENGTH; NOT_A_NUMBER for other text."""
    digits = value.strip(WHITESPACE)
    if not digits.isdigit():
        return NOT_A_NUMBER
    return int(digits) if len(digits) < 10 else int(digits.lstrip(b"0")[:11] or b"0")


def _content_length_fault(number: int, at: int) -> ParseError:
    if number == NOT_A_NUMBER:
        code = "content-length-not-a-number"
    elif number > MOST_LENGTH:
        code = "content-length-too-large"
    else:
        code = "content-length-conflict"
    return parse_error(code, at, "Content-Length")


# ---- what is not well formed --------------------------------------------------------------------

CR_OR_LF = pattern(r"[\r\n]+")
LINE_END = pattern(_LINE_END)
ELEMENTS = pattern(r"(?s: .* ) \n (?= [^ \t] )")
ELEMENT_END = pattern(rf"{_LINE_END} (?! [ \t] )")
FINISHED = pattern(rf"{_LINE_END} (?= [^ \t] )")
TOKEN = pattern(_TOKEN)
START = pattern(rf"{SIP_SLASH} | {_TOKEN} (?: [ \t] | \Z )")
VERSION = pattern(rf"{_VERSION} (?: [ \t]+ | \Z )")
CONTENT_LENGTH_NAME = pattern(rf"\n {_CONTENT_LENGTH}")


def _start_fault(source: bytes, start: int, limits: Limits) -> ParseError:
    """What is wrong where no start line was found."""
    if source[start : start + 2] in (b"", b"\r"):
        return parse_error("no-message", len(source))
    return _element_fault(source, start, -1, limits)


def _first_fault(source: bytes, start: int, stop: int, limits: Limits) -> ParseError | None:
    """What is wrong first, if anything.  Up to `stop`, lines are well formed but for bare CRs."""
    cr = BARE_CR.search(source, start, stop)
    last = _past(ELEMENTS, source, start, (cr.start() if cr else stop) + 1)
    fields = 0  # before the last one, or any number within the limit

    # The elements before the last one can only be too many or too long.
    if source.count(b"\n", start, last) > limits.headers:
        ends = ELEMENT_END.finditer(source, start, last)
        end = next(islice(ends, limits.headers, None), None)
        if end:
            last, fields = end.end(), limits.headers
    at = start
    while last - at > limits.line:
        most = at + limits.line
        line_end = 2 if source.startswith(b"\r\n", most) else 1
        following = _past(ELEMENTS, source, at, most + line_end + 1)
        if following == at:
            return parse_error("line-too-long", most)
        at = following

    if LINE_END.match(source, last):
        return None
    return _element_fault(source, last, fields, limits)


def _element_fault(source: bytes, at: int, fields: int, limits: Limits) -> ParseError:
    """What is wrong with the element at `at`: after so many fields, or -1 for the start line."""
    finish = FINISHED.search(source, at)
    if finish:
        line = source[at : finish.start()]
    else:
        line = source[at:].removesuffix(b"\n").removesuffix(b"\r")
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


def _past(pattern: re.Pattern[bytes], text: Buffer, at: int = 0, end: int = MOST_LENGTH) -> int:
    """Where what `pattern` takes from `at` on ends; `at` if it takes nothing."""
    match = pattern.match(text, at, end)
    return match.end() if match else at
