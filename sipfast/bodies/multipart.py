"""Multipart bodies (RFC 5621, RFC 2046 5.1): parts as views of their buffer."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sipfast import _engine
from sipfast.errors import ParseError, parse_error

from ._fields import LENT, read_fields
from ._reading import read_body
from .encoding import MOST_PARTS, Room, unpack

if TYPE_CHECKING:
    from sipfast._core.message.headers import Headers
    from sipfast._core.message.message import Buffer, Message, Reader, Request, Response
    from sipfast._core.values.media import ContentType

    from .media import Content

__all__ = ["Multipart", "Part", "is_usual_boundary", "split_multipart", "split_on"]

T = TypeVar("T")

DEEPEST = 8

_LONGEST_BOUNDARY = 256  # RFC 2046 5.1.1 allows 70; some senders use more
_REST_OF_DELIMITER = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_BOUNDARY = re.compile(r"[-0-9A-Za-z'()+_,./:=? ]{0,69}[-0-9A-Za-z'()+_,./:=?]")
_LINE_END = re.compile(rb"\r?\n")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_BLANK = (b"", b"\n", b"\r\n")
_PLAIN = "text/plain"
_AS_IT_IS = ("7bit", "8bit", "binary")


class Multipart(tuple["Part", ...]):
    """The parts of a multipart body in their order, and the bytes around them."""

    preamble: memoryview
    """The bytes before the first delimiter, which RFC 2046 5.1.1 ignores."""
    epilogue: memoryview
    """The bytes after the closing delimiter, likewise ignored."""
    complete: bool
    """Whether there is a closing delimiter. Without it the last part goes on to the end."""

    def __new__(
        cls,
        parts: Iterable[Part],
        preamble: memoryview,
        epilogue: memoryview,
        complete: bool,
    ) -> Multipart:
        made = super().__new__(cls, parts)
        made.__dict__.update(preamble=preamble, epilogue=epilogue, complete=complete)
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Multipart is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Multipart is immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        around = bytes(self.preamble), bytes(self.epilogue)
        return _multipart_again, (tuple(self), *around, self.complete)

    def __repr__(self) -> str:
        return f"<Multipart, {len(self)} parts{'' if self.complete else ', incomplete'}>"


class _Whole:
    """The common state of the parts of a multipart."""

    __slots__ = ("blank", "depth", "nothing", "offset", "plain", "reader", "room", "view")

    blank: Request | Response | None
    """The empty header fields of a part, once they have been read."""
    plain: ContentType | None
    """The default media type of a part."""
    nothing: Multipart | None
    """The parts of a part of another type."""

    def __init__(
        self, view: memoryview, offset: int, reader: Reader, depth: int, room: Room
    ) -> None:
        self.view = view
        self.offset = offset
        """The offset of the view in the buffer in which offsets count."""
        self.reader = reader
        self.depth = depth
        """The remaining depth of nested multiparts."""
        self.room = room
        self.blank = None
        self.plain = None
        self.nothing = None


def _multipart_again(
    parts: Iterable[Part], preamble: bytes, epilogue: bytes, complete: bool
) -> Multipart:
    """Unpickle one."""
    return Multipart(parts, memoryview(preamble), memoryview(epilogue), complete)


class Part:
    """One part of a multipart body (RFC 2046 5.1), read on access.

    Two are equal if they are the same bytes.
    """

    __slots__ = ("_fields", "_head", "_length", "_parts", "_start", "_unpacked", "_whole")

    _fields: Request | Response | None
    _parts: Multipart | None
    _unpacked: bytes | ParseError | None

    def __init__(self, whole: _Whole, start: int, head: int, length: int) -> None:
        """A part at `start` of the whole, with the sizes of its header fields and of all of it.

        A body may have as many parts as lines, so each keeps little.
        """
        self._whole = whole
        self._start = start
        self._head = head
        self._length = length
        self._fields = None
        self._parts = None
        self._unpacked = None

    @property
    def raw(self) -> memoryview:
        """The part with its header fields, as a view of the buffer."""
        return self._whole.view[self._start : self._start + self._length]

    @property
    def view(self) -> memoryview:
        """The part's body as a read-only view of the buffer, not a copy."""
        return self._whole.view[self._start + self._head : self._start + self._length]

    @property
    def body(self) -> bytes:
        """The part's body, before the transfer encoding is undone."""
        return bytes(self.view)

    @property
    def offset(self) -> int:
        """The offset of the part's body in the buffer given to `split_multipart`."""
        return self._begins + self._head

    @property
    def headers(self) -> Headers:
        """The part's header fields (RFC 2046 5.1), a mapping; it may be empty.

        Raises `ParseError`, its offset in the buffer given to `split_multipart`.
        """
        return self._read_fields().headers

    @property
    def content_type(self) -> str:
        """Content-Type as written; ``"text/plain"`` by default (RFC 2046 5.1)."""
        return self.headers.get("Content-Type", _PLAIN)

    @property
    def content_id(self) -> str | None:
        """Content-ID without its angle brackets, as in a cid: URI (RFC 2392), or None."""
        value = self.headers.get("Content-ID")
        return None if value is None else value.strip(" \t<>")

    @property
    def decoded(self) -> bytes:
        """The part's body after its Content-Transfer-Encoding (RFC 2045 6), before any other.

        Raises `ParseError` for an encoding other than base64, quoted-printable and none, and for
        malformed base64.  In SIP the encoding should be binary (RFC 3261 7.4.1).
        """
        name = self._transfer_encoding()
        if name in _AS_IT_IS:
            return self.body
        if name == "quoted-printable":
            return binascii.a2b_qp(self.view)
        if name != "base64":
            raise parse_error("transfer-encoding-unknown", self.offset)
        try:
            return binascii.a2b_base64(self.view)
        except binascii.Error:
            raise parse_error("transfer-encoding-malformed", self.offset) from None

    @property
    def content(self) -> Content:
        """The value of the part after its encodings, by its Content-Type (`decode`).

        Raises `ParseError`, with its offset in `decoded`, or in the bytes unpacked from that.
        Errors of `headers`, `decoded` and `parts` keep their offsets, and so do errors in
        Content-Type or Content-Encoding.
        """
        media = self._media()
        if media.type == "multipart":
            return self.parts
        return read_body(self._whole.reader, self._opened(), media, self._whole.room)

    @property
    def parts(self) -> Multipart:
        """The parts of this part if it is a multipart; otherwise empty.

        The offsets in an encoded part count in its decoded bytes. Raises `ParseError` beyond the
        limits given to `split_multipart`, and for the errors of an encoding.
        """
        if self._parts is None:
            media = self._media()
            whole = self._whole
            if media.type != "multipart":
                if whole.nothing is None:
                    nothing = whole.view[:0]
                    whole.nothing = Multipart((), nothing, nothing, True)
                self._parts = whole.nothing
                return self._parts
            if not whole.depth:
                raise parse_error("parts-too-deep", self.offset)
            boundary = self._located(lambda: _as_bytes(media.boundary or ""))
            view, offset = self.view, self.offset
            if self._is_encoded():
                view, offset = memoryview(self._opened()), 0
            within = _Whole(view, offset, whole.reader, whole.depth - 1, whole.room)
            self._parts = _split(within, boundary)
        return self._parts

    @property
    def _begins(self) -> int:
        """The offset of the part in the buffer in which offsets count."""
        return self._whole.offset + self._start

    def _read_fields(self) -> Request | Response:
        if self._fields is None:
            whole = self._whole
            head = bytes(self.raw[: self._head])
            if head not in _BLANK:
                self._fields = read_fields(whole.reader, head, self._begins)
            else:
                if whole.blank is None:
                    whole.blank = read_fields(whole.reader, b"", 0)
                self._fields = whole.blank
        return self._fields

    def _media(self) -> ContentType:
        """The part's media type; the offset of an error counts as that of `headers` does."""
        given = self._asked(lambda fields: fields.content_type)
        if given:
            return given
        whole = self._whole
        if whole.plain is None:
            plain: ContentType = whole.reader.parse_header("Content-Type", _PLAIN)
            whole.plain = plain
        return whole.plain

    def _encodings(self) -> tuple[str, ...]:
        """Its content encodings; the offset of an error counts as that of `headers` does."""
        return self._asked(lambda fields: fields.content_encoding)

    def _asked(self, ask: Callable[[Message], T]) -> T:
        """The values of the header fields."""
        fields = self._read_fields()
        try:
            return ask(fields)
        except ParseError as error:
            at = self._begins + error.offset - len(LENT)
            raise parse_error(error.code, at, error.header) from None

    def _transfer_encoding(self) -> str:
        return self.headers.get("Content-Transfer-Encoding", "binary").strip().lower()

    def _has_fields(self) -> bool:
        return bytes(self.raw[: self._head]) not in _BLANK

    def _is_encoded(self) -> bool:
        """Whether its body must be decoded or unpacked, which moves its bytes."""
        return bool(self._encodings()) or self._is_transfer_encoded()

    def _is_transfer_encoded(self) -> bool:
        return self._transfer_encoding() not in _AS_IT_IS

    def _opened(self) -> bytes:
        """The part's body after its encodings, cached, so that it counts once.

        The offset of an error in encoded bytes counts in `decoded`.
        """
        encodings = self._encodings()
        if not encodings:
            return self.decoded
        if self._unpacked is None:
            room = self._whole.room
            try:
                self._unpacked = self._located(lambda: unpack(self.decoded, encodings, room))
            except ParseError as error:
                self._unpacked = parse_error(error.code, error.offset, error.header)
        found = self._unpacked
        if isinstance(found, ParseError):
            raise parse_error(found.code, found.offset, found.header)
        return found

    def _located(self, read: Callable[[], T]) -> T:
        """The result of `read`; an error that names a header field gets the offset of its value."""
        try:
            return read()
        except ParseError as error:
            if error.header is None:
                raise
            at = self._begins + self._read_fields()._field_at(error.header) - len(LENT)
            raise parse_error(error.code, at, error.header) from None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Part):
            return NotImplemented
        return self is other or self.raw == other.raw

    def __hash__(self) -> int:
        return hash(bytes(self.raw))

    def __reduce__(self) -> tuple[Any, ...]:
        whole = self._whole
        return _part_again, (bytes(self.raw), self._begins, self._head, whole.depth, whole.room)

    def __repr__(self) -> str:
        return f"<Part at byte {self.offset}, {self._length - self._head} bytes>"


def _part_again(raw: bytes, begins: int, head: int, depth: int, room: Room) -> Part:
    """Unpickle one, on the engine in use."""
    return Part(
        _Whole(memoryview(raw), begins, _engine.ENGINE.READER, depth, room), 0, head, len(raw)
    )


class _Delimiter(NamedTuple):
    """A line between two parts; the line end before it belongs to it (RFC 2046 5.1.1)."""

    start: int
    end: int
    closes: bool


def split_multipart(
    body: Buffer, boundary: str, *, limit: int = MOST_PARTS, depth: int = DEEPEST
) -> Multipart:
    """Split a multipart body (RFC 2046 5.1.1).

    `boundary` is the parameter of the media type, without quotes. The body may have at most `limit`
    parts, nested ones included, in `depth` levels; all parts with a Content-Encoding may unpack to
    1 MiB together. A delimiter is a whole line, which tells it from the longer boundary of a nested
    multipart. Lines may end in LF alone. Raises `ParseError` for a malformed boundary and beyond a
    limit.
    """
    return split_on(_engine.ENGINE.READER, body, boundary, Room(parts=limit), depth=depth)


def split_on(
    reader: Reader, body: Buffer, boundary: str, room: Room, *, depth: int = DEEPEST
) -> Multipart:
    """Split a multipart body; this reader reads its parts, and they use up the room."""
    view = memoryview(body).cast("B").toreadonly()
    return _split(_Whole(view, 0, reader, depth, room), _as_bytes(boundary))


def is_usual_boundary(boundary: str) -> bool:
    """Whether it has the characters and the length that RFC 2046 5.1.1 allows."""
    return _BOUNDARY.fullmatch(boundary) is not None


def _as_bytes(boundary: str) -> bytes:
    if 0 < len(boundary) <= _LONGEST_BOUNDARY and not {"\r", "\n"} & set(boundary):
        try:
            return boundary.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            pass
    raise parse_error("boundary-missing", 0, "Content-Type")


def _split(whole: _Whole, boundary: bytes) -> Multipart:
    view, room = whole.view, whole.room
    data = bytes(view)  # a view cannot be searched
    found: list[_Delimiter] = []
    for delimiter in _delimiters(data, boundary):
        found.append(delimiter)
        if delimiter.closes:
            break
        if len(found) > room.parts:
            raise parse_error("too-many-parts", whole.offset + delimiter.end)
    if not found:
        return Multipart((), view, view[len(data) :], False)
    closed = found[-1].closes
    ends = [delimiter.start for delimiter in found[1:]]
    if not closed:
        ends.append(len(data))
    parts = []
    for delimiter, end in zip(found, ends, strict=False):
        start = delimiter.end
        end = max(start, end)  # two delimiters in a row share a line end
        parts.append(Part(whole, start, _body_at(data, start, end) - start, end - start))
    room.parts -= len(parts)
    epilogue = view[found[-1].end if closed else len(data) :]
    return Multipart(parts, view[: found[0].start], epilogue, closed)


def _delimiters(data: bytes, boundary: bytes) -> Iterator[_Delimiter]:
    dashes = b"--" + boundary
    if data.startswith(dashes):
        match = _REST_OF_DELIMITER.match(data, len(dashes))
        if match is not None:
            yield _Delimiter(0, match.end(), match[1] is not None)
    line = b"\n" + dashes
    start = data.find(line)
    while start >= 0:
        match = _REST_OF_DELIMITER.match(data, start + len(line))
        if match is not None:
            carriage_return = data[max(start - 1, 0) : start] == b"\r"
            yield _Delimiter(start - carriage_return, match.end(), match[1] is not None)
        start = data.find(line, start + len(line))


def _body_at(data: bytes, start: int, end: int) -> int:
    """The offset of a part's body, after the blank line; `end` without one."""
    match = _LINE_END.match(data, start, end) or _BLANK_LINE.search(data, start, end)
    return end if match is None else match.end()
