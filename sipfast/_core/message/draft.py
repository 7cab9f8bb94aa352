"""Drafts: messages that are changed or built, and written once (RFC 3261 7).

A draft is a message and the changes to it that are not joined yet.  What they do not touch stays as
it was, to the byte.  A read joins them and parses the result, which is then the message; so does a
second change of the same part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sipfast import _rebuild
from sipfast.registry.header_names import HEADER_IDS

from ..limits import NO_LIMITS
from ..lists import read_list
from ..octets import octets
from ..values.tokens import Text
from ..wire.splice import Splice
from .message import Request, Response
from .parsing import parse
from .spans import (
    field_count,
    fields_named,
    fields_with,
    held_bytes,
    line_at,
    method_span,
    status_span,
    target_span,
    unfolded,
    value_span,
)
from .writing import (
    CONTENT_LENGTH,
    Header,
    Headers,
    body_bytes,
    compose,
    field_name,
    is_listed,
    may_repeat,
    method_text,
    request_line,
    status_line,
    status_text,
    text_of,
    uri_text,
)

if TYPE_CHECKING:
    from ..values.uri import URI
    from .properties import Typed as _Typed
else:
    _Typed = object  # its properties are found by `Changes.__getattr__`

__all__ = ["Draft", "edited"]

_VIA = HEADER_IDS["via"]
_METHOD, _TARGET, _BODY = -1, -2, -3
"""The parts that change besides header fields; those have their ids, or unregistered names."""
_PUSHED, _APPENDED, _CHANGED = 1, 2, 3
"""How a part changes."""
_OF_BODY = ("Content-Type", "Content-Encoding", "Content-Disposition", "Content-Language")
"""The fields that describe the body."""
_FLAT = bytes.maketrans(b"\r\n\t", b"   ")


class Changes:
    """The changes to a message that are not joined yet, and what makes them."""

    __slots__ = ("_base", "_changed", "_changes", "_places", "_source")

    _base: Request | Response
    _source: bytes
    _changes: Splice | None
    _changed: dict[int | str, int]
    """The parts that the changes touch, and how; only fields to append can follow each other."""
    _places: dict[int, int | str]
    """The offsets of new fields, and the part that they all append to; "" if they do not."""

    # ---- writing and reading --------------------------------------------------------------------

    def __bytes__(self) -> bytes:
        start, end = self._base.start, self._base.end
        if self._changes is None:
            return self._base.raw
        return self._changes.joined(self._source, start, end)

    def pieces(self) -> list[bytes | memoryview]:
        """The bytes of the message as pieces in order, such as for `socket.sendmsg`.

        What was not changed is a view of the original bytes.
        """
        start, end = self._base.start, self._base.end
        if self._changes is None:
            return [memoryview(self._source)[start:end]]
        return self._changes.pieces(self._source, start, end)

    @property
    def message(self) -> Request | Response:
        """The message as it is now, a `Request` or a `Response`; later changes leave it alone."""
        if self._changes is not None:
            self._join()
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
        self._changed = {}
        self._places = {}

    def _join(self) -> None:
        """Join the changes, and parse the result."""
        self._rebase(bytes(self))

    def _changing(self, part: int | str, how: int) -> Splice:
        """The changes, to which one of this part comes: the id of a header field, or a name."""
        if part in self._changed and not (how == _APPENDED and self._changed[part] == _APPENDED):
            self._join()
        self._changed[part] = how
        if self._changes is None:
            self._changes = Splice()
        return self._changes

    # ---- the start line -------------------------------------------------------------------------

    @property
    def method(self) -> str:
        """The method of a request; CSeq has its own."""
        method: str = self._as_request().method
        return method

    @method.setter
    def method(self, method: str) -> None:
        text = method_text(method)
        changes = self._changing_start(_METHOD, True)
        at, end = method_span(self._base)
        changes.cut(at, end, text)

    @property
    def uri(self) -> URI:
        """The Request-URI as a value; it may be set to a text."""
        uri: URI = self._as_request().uri
        return uri

    @uri.setter
    def uri(self, uri: URI | str) -> None:
        text = uri_text(uri)
        changes = self._changing_start(_TARGET, True)
        at, end = target_span(self._base)
        changes.cut(at, end, text)

    @property
    def status(self) -> int:
        """The status code of a response; setting it sets the registered reason phrase too."""
        status: int = self._as_response().status
        return status

    @status.setter
    def status(self, status: int) -> None:
        self._change_status(status_text(status, None))

    @property
    def reason(self) -> str:
        """The reason phrase of a response."""
        reason: str = self._as_response().reason
        return reason

    @reason.setter
    def reason(self, reason: str) -> None:
        self._change_status(status_text(self.status, reason))

    def _change_status(self, text: bytes) -> None:
        changes = self._changing_start(_TARGET, False)
        at, end = status_span(self._base)
        changes.cut(at, end, b" " + text)

    def _changing_start(self, part: int, request: bool) -> Splice:
        self._must_be(request)
        return self._changing(part, _CHANGED)

    def _as_request(self) -> Any:
        self._must_be(True)
        return self.message

    def _as_response(self) -> Any:
        self._must_be(False)
        return self.message

    def _must_be(self, request: bool) -> None:
        if isinstance(self._base, Request) != request:
            raise TypeError(f"the draft is a {'response' if request else 'request'}")

    # ---- the body -------------------------------------------------------------------------------

    @property
    def body(self) -> bytes:
        """The body; setting it sets Content-Length too."""
        return self.message.body

    @body.setter
    def body(self, body: Any) -> None:
        self.set_body(body)

    def set_body(self, body: Any, content_type: Header | None = None) -> None:
        """Replace the body and Content-Length, and Content-Type if one is given.

        An empty body takes the fields that describe it along; a new Content-Type takes the
        Content-Encoding along.  Raises ValueError for a body without a Content-Type.
        """
        body = body_bytes(body)
        if not body:
            for name in _OF_BODY:
                self.discard(name)
        elif content_type is not None:
            self["Content-Type"] = content_type
            self.discard("Content-Encoding")
        elif "Content-Type" not in self:
            raise ValueError("a body needs a Content-Type (RFC 3261 20.15)")
        changes = self._changing(_BODY, _CHANGED)
        changes.cut(self._base.body_offset, self._base.end, body)
        self._replace("Content-Length", CONTENT_LENGTH, b"%d" % len(body))

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
        name, header_id = field_name(name)
        text = text_of(value, name, False)
        self._check_length(header_id, text)
        self._replace(name, header_id, text)

    def __delitem__(self, name: str) -> None:
        """Remove all fields of this name; KeyError if absent."""
        if name not in self:
            raise KeyError(name)
        self.discard(name)

    def discard(self, name: str) -> None:
        """Remove all fields of this name, if there are any."""
        name, header_id = field_name(name)
        part = _part(name, header_id)
        if part in self._changed or self._indices(part):
            changes = self._changing(part, _CHANGED)
            for index in self._indices(part):
                changes.cut(self._line(index), self._line(index + 1), b"")

    def push(self, name: str, value: Header) -> None:
        """Put a field above those of its name; if absent, on top, below the Vias."""
        self._put(name, value, True)

    def append(self, name: str, value: Header) -> None:
        """Put a field below those of its name; if absent, at the end."""
        self._put(name, value, False)

    def _put(self, name: str, value: Header, above: bool) -> None:
        name, header_id = field_name(name)
        part, text = _part(name, header_id), text_of(value, name)
        self._check_length(header_id, text)
        if part in self._changed and (above or self._changed[part] != _APPENDED):
            self._join()
        if not may_repeat(header_id) and (part in self._changed or self._indices(part)):
            raise ValueError(f"the message has a {name} already")
        at = self._place(part, above)
        if at < 0:
            self._join()
            at = self._place(part, above)
        changes = self._changing(part, _PUSHED if above else _APPENDED)
        self._places[at] = part if not above and self._places.get(at, part) == part else ""
        changes.put(at, self._field(name, text))

    def _place(self, part: int | str, above: bool) -> int:
        """Where to put a field; -1 if only a join of the changes shows that.

        Of fields that are put at one offset, the later one stands below, as `Splice` does.
        """
        indices = self._indices(part)
        if above and indices:
            return self._line(indices[0])
        if not above:
            last = indices[len(indices) - 1] + 1 if indices else field_count(self._base)
            at, is_first = self._line(last), not indices and part not in self._changed
            return at if is_first or self._places.get(at, part) == part else -1
        vias = [] if part == _VIA else self._indices(_VIA)
        at = self._line(vias[len(vias) - 1] + 1 if vias else 0)
        if self._changes is None:
            return at
        is_clear = self._places.get(at, _VIA) == _VIA and self._changed.get(_VIA) != _CHANGED
        return at if is_clear and vias else -1

    def pop(self, name: str) -> str:
        """Remove the first value of this name, and return its text; KeyError if absent.

        Of a comma list, the other values stay where they are.  Raises `ParseError` if it is
        malformed.
        """
        name, header_id = field_name(name)
        part = _part(name, header_id)
        if part in self._changed:
            self._join()
        empty: list[int] = []
        for index in self._indices(part):
            at, end = value_span(self._base, index)
            raw = self._source[at:end]
            first, after = _split_first(raw, header_id)
            if first is None:
                empty.append(index)
                continue
            changes = self._changing(part, _CHANGED)
            for gone in empty:
                changes.cut(self._line(gone), self._line(gone + 1), b"")
            if after < len(raw):
                changes.cut(at, at + after, b"")
            else:
                changes.cut(self._line(index), self._line(index + 1), b"")
            return first
        raise KeyError(name)

    def _replace(self, name: str, header_id: int, text: bytes) -> None:
        part = _part(name, header_id)
        changes = self._changing(part, _CHANGED)
        indices = self._indices(part)
        if not indices:
            at = self._line(field_count(self._base))
            self._places[at] = ""
            changes.put(at, self._field(name, text))
            return
        at, end = value_span(self._base, indices[0])
        changes.cut(at, end, text)
        for index in indices[1:]:
            changes.cut(self._line(index), self._line(index + 1), b"")

    def _check_length(self, header_id: int, text: bytes) -> None:
        if header_id == CONTENT_LENGTH and text != b"%d" % len(self.body):
            raise ValueError("Content-Length is the length of the body: set the body instead")

    def _indices(self, part: int | str) -> list[int]:
        """The indices of the fields with this id, or with this unregistered name."""
        if isinstance(part, int):
            return fields_with(self._base, part)
        return fields_named(self._base, part)

    def _line(self, index: int) -> int:
        """The offset of a field's line; one beyond the last field, that of the blank line."""
        return line_at(self._base, index)

    def _field(self, name: str, text: bytes) -> bytes:
        """A header field with its line end, which is that of the start line."""
        _, end = status_span(self._base)
        line_end = b"\r\n" if self._source[end] == 0x0D else b"\n"
        return b"%b: %b%b" % (name.encode(), text, line_end)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.draft_of, (bytes(self),)

    def __repr__(self) -> str:
        return f"<Draft of {self.message!r}>"


class Draft(Changes, _Typed):  # type: ignore[misc]  # two bases only for mypy
    """A message that is changed or built: its header fields by name, and its typed properties.

    `message.edit()` starts from a message, `Draft.request` and `Draft.response` from nothing, and
    `bytes(draft)` writes it.  Names match as in `headers`.  Every change is visible at once, in
    typed properties too.

    What cannot be read back as it was written is refused: `ParseError` for CR, LF or NUL and for a
    malformed method, name or URI, ValueError for a value that would be read as several or as none,
    and for a second field of a name that does not repeat.

    >>> import sipfast
    >>> draft = sipfast.Draft.request("OPTIONS", "sip:bob@example.com", {"Max-Forwards": 70})
    >>> draft.push("Via", "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKq3v8")
    >>> draft["Max-Forwards"] = 69
    >>> draft.via.host, draft.max_forwards
    ('192.0.2.7', 69)
    """

    __slots__ = ()

    def __init__(self) -> None:
        raise TypeError("drafts are made by message.edit, Draft.request and Draft.response")

    # ---- making ---------------------------------------------------------------------------------

    @staticmethod
    def request(method: str, uri: URI | str, headers: Headers = (), body: Any = b"") -> Draft:
        """Start a request (RFC 3261 7.1), with header fields in their order.

        A `body` needs a Content-Type among them.  Content-Length is added.
        """
        return _started(compose(request_line(method, uri), (), headers, body))

    @staticmethod
    def response(
        status: int, reason: str | None = None, headers: Headers = (), body: Any = b""
    ) -> Draft:
        """Start a response (RFC 3261 7.2); the default reason phrase is the registered one."""
        return _started(compose(status_line(status, reason), (), headers, body))


def edited(message: Request | Response) -> Draft:
    """A draft of a message."""
    draft = Draft.__new__(Draft)
    source = held_bytes(message)
    if source is not None:
        draft._base, draft._source = message, source
        draft._changes = None
        draft._changed, draft._places = {}, {}
    else:
        draft._rebase(message.raw)
    return draft


def _started(source: bytes) -> Draft:
    draft = Draft.__new__(Draft)
    draft._rebase(source)
    return draft


def _part(name: str, header_id: int) -> int | str:
    """What a draft calls the fields of a name: their id, or the unregistered name in lower case."""
    return header_id or name.lower()


def _split_first(raw: bytes, header_id: int) -> tuple[str | None, int]:
    """The first value in a field as written, unfolded, and the offset of the next one.

    None if a list has no value.
    """
    flat = raw.translate(_FLAT)  # folds become spaces, and offsets stay
    if not is_listed(header_id):
        return _text(raw), len(raw)
    items = read_list(Text, flat + b",", header_id)  # of a list, quotes are checked
    if not items:
        return None, len(raw)
    begin = len(flat) - len(flat.lstrip(b", "))
    end = begin + len(octets(items[0]))
    after = len(flat) - len(flat[end:].lstrip(b", "))
    return _text(raw[begin:end]), after


def _text(raw: bytes) -> str:
    return unfolded(raw).decode("utf-8", "surrogateescape")
