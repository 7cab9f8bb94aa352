"""Drafts: messages that are changed or built, and written once (RFC 3261 7).

A draft is a message and the changes to it that are not joined yet.  What they do not touch stays as
it was, to the byte.  A read joins them and parses the result, which is then the message; so does a
second change of the same part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sipfast import _late
from sipfast.errors import parse_error
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..limits import NO_LIMITS
from ..octets import octets
from ..parameters import TOKEN
from ..value import MOST_UNSIGNED, Value
from .message import Message
from .parsing import parse
from .splice import Splice

if TYPE_CHECKING:
    from .properties import Typed as _Typed
else:
    _Typed = object

__all__ = ["Draft", "edited"]

Header = str | bytes | int | Value
"""The value of a header field to write."""
Headers = Mapping[str, Header] | Iterable[tuple[str, Header]]

_VIA = HEADER_IDS["via"]
_CONTENT_LENGTH = HEADER_IDS["content-length"]
_CONTENT_TYPE = HEADER_IDS["content-type"]
_METHOD, _TARGET, _BODY = -1, -2, -3
"""The parts that change besides header fields: as the ids of those, negative."""
_LISTED = (False, *(header.comma_list for header in HEADER_NAMES))
"""By header id: whether a field may have several values; 0 means unknown header fields."""

_UNWRITABLE = re.compile(rb"[\r\n\0]")
_NOT_IN_URI = re.compile(rb"[\0-\x20\x7f]")
_ITEM = re.compile(rb'(?:[^,"<]+|"[^"\\]*(?:\\.[^"\\]*)*"|<[^<>]*>|<)*', re.DOTALL)
"""A value of a comma list: no comma stands in a quoted string or in brackets (RFC 3261 7.3.1)."""
_WHITESPACE = b" \t\r\n"


class Draft(_Typed):
    """A message that is changed or built: its header fields by name, and its typed properties.

    `message.edit()` starts from a message, `Draft.request` and `Draft.response` from nothing, and
    `bytes(draft)` writes it.  Names match as in `headers`.  Every change is visible at once, in
    typed properties too.  What cannot be read back as it was written is refused: `ParseError` for
    CR, LF or NUL and for a malformed method, name or URI, ValueError for a value that would be read
    as several or as none.

    >>> import sipfast
    >>> draft = sipfast.Draft.request("OPTIONS", "sip:bob@example.com", {"Max-Forwards": 70})
    >>> draft.push("Via", "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKq3v8")
    >>> draft["Max-Forwards"] = 69
    >>> draft.via.host, draft.max_forwards
    ('192.0.2.7', 69)
    """

    __slots__ = ("_base", "_changed", "_changes", "_source")

    _base: Message
    _source: bytes
    _changes: Splice | None
    _changed: list[int]
    """The ids of what the changes touch."""

    def __init__(self) -> None:
        raise TypeError("drafts are made by message.edit, Draft.request and Draft.response")

    # ---- making ---------------------------------------------------------------------------------

    @staticmethod
    def request(method: str, uri: Any, headers: Headers = (), body: bytes = b"") -> Draft:
        """Start a request (RFC 3261 7.1), with header fields in their order.

        A `body` needs a Content-Type among them; Content-Length is added.
        """
        return _started(b"%b %b SIP/2.0\r\n\r\n" % (_method(method), _uri(uri)), headers, body)

    @staticmethod
    def response(
        status: int, reason: str | None = None, headers: Headers = (), body: bytes = b""
    ) -> Draft:
        """Start a response (RFC 3261 7.2); the default reason phrase is the registered one."""
        return _started(b"SIP/2.0 %b\r\n\r\n" % _status_line(status, reason), headers, body)

    # ---- writing and reading --------------------------------------------------------------------

    def __bytes__(self) -> bytes:
        return self._base.raw if self._changes is None else b"".join(self.pieces())

    def pieces(self) -> list[bytes]:
        """The bytes of the message as pieces, in order, such as for `socket.sendmsg`."""
        start, end = self._base._parsed.start, self._base._parsed.end
        if self._changes is None:
            return [self._source[start:end]]
        return self._changes.pieces(self._source, start, end)

    @property
    def message(self) -> Message:
        """The message as it is now, a `Request` or a `Response`; later changes leave it alone."""
        if self._changes is not None:
            self._rebase(bytes(self))
        return self._base

    def __getattr__(self, name: str) -> Any:
        """Any property of the message as it is now."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.message, name)

    def _rebase(self, source: bytes) -> None:
        """Start again from these bytes, with no changes."""
        self._base = parse(source, limits=NO_LIMITS)
        self._source = source
        self._changes = None
        self._changed = []

    def _changing(self, part: int) -> Splice:
        """The changes, to which one of this part comes: the id of a header field, or another."""
        if part in self._changed:
            self._rebase(bytes(self))
        self._changed.append(part)
        if self._changes is None:
            self._changes = Splice()
        return self._changes

    # ---- the start line -------------------------------------------------------------------------

    @property
    def method(self) -> str:
        """The method of a request."""
        return str(self.message.method)  # type: ignore[attr-defined]

    @method.setter
    def method(self, method: str) -> None:
        self._must_be(request=True)
        changes = self._changing(_METHOD)
        at = self._base._parsed.start
        changes.cut(at, at + self._base._parsed.method_length, _method(method))

    @property
    def uri(self) -> Any:
        """The Request-URI as a value; its text sets it too."""
        return self.message.uri  # type: ignore[attr-defined]

    @uri.setter
    def uri(self, uri: Any) -> None:
        self._must_be(request=True)
        self._change_target(_uri(uri))

    @property
    def status(self) -> int:
        """The status code of a response; setting it sets the registered reason phrase too."""
        return int(self.message.status)  # type: ignore[attr-defined]

    @status.setter
    def status(self, status: int) -> None:
        self._must_be(request=False)
        text = _status_line(status, None)
        changes, parsed = self._changing(_TARGET), self._base._parsed
        at = parsed.version_at + parsed.version_length
        changes.cut(at, parsed.line_end, b" " + text)

    @property
    def reason(self) -> str:
        """The reason phrase of a response."""
        return str(self.message.reason)  # type: ignore[attr-defined]

    @reason.setter
    def reason(self, reason: str) -> None:
        self._must_be(request=False)
        self._change_target(_line(octets(reason)))

    def _change_target(self, text: bytes) -> None:
        changes, parsed = self._changing(_TARGET), self._base._parsed
        changes.cut(parsed.target_at, parsed.target_at + parsed.target_length, text)

    def _must_be(self, request: bool) -> None:
        if (self._base._parsed.method_length != 0) != request:
            raise TypeError(f"the draft is a {'response' if request else 'request'}")

    # ---- the body -------------------------------------------------------------------------------

    @property
    def body(self) -> bytes:
        """The body; setting it sets Content-Length too."""
        return self.message.body

    @body.setter
    def body(self, body: bytes) -> None:
        self.set_body(body)

    def set_body(self, body: bytes, content_type: Header | None = None) -> None:
        """Replace the body and Content-Length, and Content-Type if one is given.

        Content-Type is removed with the body.  Raises ValueError for a body without one.
        """
        body = bytes(body)
        if content_type is not None:
            self["Content-Type"] = content_type
        elif not body:
            self.discard("Content-Type")
        elif "Content-Type" not in self:
            raise ValueError("a body needs a Content-Type (RFC 3261 20.15)")
        changes, parsed = self._changing(_BODY), self._base._parsed
        changes.cut(parsed.body, parsed.end, body)
        self._replace("Content-Length", _CONTENT_LENGTH, b"%d" % len(body))

    # ---- header fields --------------------------------------------------------------------------

    def __getitem__(self, name: str) -> str:
        """The text of the first field of this name; KeyError if absent."""
        return self.message.headers[name]

    def __contains__(self, name: object) -> bool:
        return name in self.message.headers

    def __iter__(self) -> Iterator[str]:
        return iter(self.message.headers)

    def __len__(self) -> int:
        return len(self.message.headers)

    def __setitem__(self, name: str, value: Header) -> None:
        """Replace all fields of this name with one, at the place of the first or at the end."""
        header_id, text = self._new(name, value, False)
        self._replace(name, header_id, text)

    def __delitem__(self, name: str) -> None:
        """Remove all fields of this name; KeyError if absent."""
        if name not in self:
            raise KeyError(name)
        self.discard(name)

    def discard(self, name: str) -> None:
        """Remove all fields of this name, if there are any."""
        header_id = _id_of(name)
        indices = self._indices(name, header_id)
        if not indices:
            return
        changes = self._changing(header_id)
        for index in self._indices(name, header_id):
            changes.cut(self._line(index), self._line(index + 1))

    def push(self, name: str, value: Header) -> None:
        """Put a field on top of those of its name; if absent, on top, below the Vias."""
        header_id, text = self._new(name, value, True)
        changes = self._changing(header_id)
        indices = self._indices(name, header_id)
        if indices:
            at = self._line(indices[0])
        elif header_id == _VIA:
            at = self._line(0)
        else:
            vias = self._indices("Via", _VIA)
            at = self._line(vias[len(vias) - 1] + 1 if vias else 0)
        changes.put(at, self._field(name, text))

    def append(self, name: str, value: Header) -> None:
        """Put a field below those of its name; if absent, at the end."""
        header_id, text = self._new(name, value, True)
        changes = self._changing(header_id)
        indices = self._indices(name, header_id)
        count = self._base._parsed.count
        at = self._line(indices[len(indices) - 1] + 1 if indices else count)
        changes.put(at, self._field(name, text))

    def pop(self, name: str) -> str:
        """Remove the first value of this name, and return its text; KeyError if absent.

        The first value of a comma list leaves the others where they are.
        """
        header_id = _id_of(name)
        changes = self._changing(header_id)
        for index in self._indices(name, header_id):
            raw, at = self._base._raw_value(index), self._base._value_at(index)
            begin, end = _first_item(raw) if _LISTED[header_id] else (0, len(raw))
            is_last = not raw[end:].strip(b"," + _WHITESPACE)
            if is_last:
                changes.cut(self._line(index), self._line(index + 1))
            if begin == end and _LISTED[header_id]:
                continue
            if not is_last:
                after = raw[end + 1 :]
                rest = len(raw) - len(after.lstrip(b"," + _WHITESPACE))
                changes.cut(at, at + rest)
            return b" ".join(raw[begin:end].split()).decode("utf-8", "surrogateescape")
        raise KeyError(name)

    def _replace(self, name: str, header_id: int, text: bytes) -> None:
        changes = self._changing(header_id)
        indices = self._indices(name, header_id)
        if not indices:
            changes.put(self._line(self._base._parsed.count), self._field(name, text))
            return
        at = self._base._value_at(indices[0])
        changes.cut(at, at + self._base._value_length(indices[0]), text)
        for index in indices[1:]:
            changes.cut(self._line(index), self._line(index + 1))

    def _new(self, name: str, value: Header, one: bool) -> tuple[int, bytes]:
        """The id and the text of a field to write; with `one`, a list has one value in it."""
        header_id = _id_of(name)
        text = _text_of(value, name)
        if header_id == _CONTENT_LENGTH and text != b"%d" % len(self.body):
            raise ValueError("Content-Length is that of the body: set the body instead")
        if _LISTED[header_id]:
            _check_list(name, text, one)
        return header_id, text

    def _indices(self, name: str, header_id: int) -> list[int]:
        """The indices of the fields of this name."""
        base, found = self._base, []
        if header_id:
            index = base._first(header_id)
            while index >= 0:
                found.append(index)
                index = base._next(index)
            return found
        lower = name.lower()
        for index in range(base._parsed.count):
            if base._id(index) == 0 and base._name(index).lower() == lower:
                found.append(index)
        return found

    def _line(self, index: int) -> int:
        """Where the line of a field begins; of one beyond the last, the blank line."""
        parsed = self._base._parsed
        if index < parsed.count:
            return self._base._name_at(index)
        return parsed.body - (2 if self._source[parsed.body - 2] == 0x0D else 1)

    def _field(self, name: str, text: bytes) -> bytes:
        """A header field with its line end, which is that of the start line."""
        end = self._base._parsed.line_end
        line_end = b"\r\n" if self._source[end] == 0x0D else b"\n"
        return b"%b: %b%b" % (name.encode(), text, line_end)

    def __repr__(self) -> str:
        return f"<Draft of {self.message!r}>"


def edited(message: Message) -> Draft:
    """A draft of a message."""
    draft = Draft.__new__(Draft)
    if type(message._buffer) is bytes:
        draft._base, draft._source = message, message._buffer
        draft._changes = None
        draft._changed = []
    else:
        draft._rebase(message.raw)
    return draft


def _started(start: bytes, headers: Headers, body: bytes) -> Draft:
    draft = Draft.__new__(Draft)
    draft._rebase(start)
    for name, value in headers.items() if isinstance(headers, Mapping) else headers:
        draft.append(name, value)
    draft.set_body(body)
    return draft


# ---- what may be written -------------------------------------------------------------------------


def _line(text: bytes) -> bytes:
    """The text, in which nothing ends the line.  Raises `ParseError`."""
    found = _UNWRITABLE.search(text)
    if found:
        raise parse_error("value-control" if found[0] == b"\0" else "value-line-end", found.start())
    return text


def _id_of(name: str) -> int:
    """The id of a header field, 0 for an unregistered one.  Raises `ParseError` for no token."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a header field must be str, not {type(name).__name__}")
    fit = TOKEN.match(name)
    if not fit:
        raise parse_error("header-name-empty" if not name else "header-name-malformed", 0)
    if fit.end() < len(name):
        raise parse_error("header-name-malformed", fit.end())
    return HEADER_IDS.get(name.lower(), 0)


def _text_of(value: Header, name: str) -> bytes:
    """The bytes of a value."""
    if isinstance(value, bytes):
        text = value
    elif isinstance(value, Value):
        text = bytes(value)
    elif isinstance(value, int):
        if not 0 <= value <= MOST_UNSIGNED:
            raise parse_error("number-out-of-range", 0, name)
        text = b"%d" % value
    elif isinstance(value, str):
        text = octets(value, name)
    else:
        raise TypeError(f"{name} must be str, bytes, int or a value, not {type(value).__name__}")
    found = _UNWRITABLE.search(text)
    if found:
        code = "value-control" if found[0] == b"\0" else "value-line-end"
        raise parse_error(code, found.start(), name)
    if text != text.strip(b" \t"):
        raise ValueError(f"whitespace around the value of {name} is lost when it is read")
    return text


def _check_list(name: str, text: bytes, one: bool) -> None:
    """Raise ValueError where a list would be read as none, or `one` value as several."""
    at = 0
    while True:
        begin, end = _first_item(text[at:])
        if begin == end and text:
            raise ValueError(f"an empty value of {name} is lost when it is read")
        at += end
        if at == len(text):
            return
        if one:
            raise ValueError(f"the value of {name} would be read as several (RFC 3261 7.3.1)")
        at += 1


def _first_item(raw: bytes) -> tuple[int, int]:
    """Where the first value of a comma list begins that is not empty, and where it ends."""
    begin = len(raw) - len(raw.lstrip(b"," + _WHITESPACE))
    fit = _ITEM.match(raw, begin)
    end = fit.end() if fit else begin
    if end < len(raw) and raw[end] != 0x2C:  # an open quote: all that is left
        end = len(raw)
    return begin, end


def _method(method: str) -> bytes:
    if not isinstance(method, str):
        raise TypeError(f"method must be str, not {type(method).__name__}")
    if not TOKEN.fullmatch(method):
        raise parse_error("token-malformed", 0, "method")
    return method.encode()


def _uri(uri: Any) -> bytes:
    """The text of a Request-URI, which has a scheme, and no whitespace in it."""
    text = octets(uri if isinstance(uri, str) else str(uri), "Request-URI")
    found = _NOT_IN_URI.search(text)
    if found or not text:
        raise parse_error("uri-character-illegal", found.start() if found else 0, "Request-URI")
    return text


def _status_line(status: int, reason: str | None) -> bytes:
    """The status code and the reason phrase."""
    if not isinstance(status, int):
        raise TypeError(f"status must be int, not {type(status).__name__}")
    if not 100 <= status <= 699:
        raise parse_error("status-code-out-of-range", 0, "status")
    if reason is None:
        reason = _late.status.status(status).phrase
    return b"%d %b" % (status, _line(octets(reason)))
