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
from ..multimapping import exact_name
from ..octets import octets
from ..values.tokens import Text
from ..wire.splice import Splice
from .message import Request, Response
from .parsing import parse
from .spans import (
    held_bytes,
    line_at,
    method_span,
    spaced,
    status_span,
    target_span,
    unfolded,
)
from .writing import (
    CONTENT_LENGTH,
    Header,
    Headers,
    body_bytes,
    compose,
    header_id_of,
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
    _Typed = object  # its properties are made below `Draft`

__all__ = ["Draft", "edited"]

_VIA = HEADER_IDS["via"]
_METHOD, _TARGET, _BODY = 157, 158, 159
"""The parts that change besides header fields; those have their ids."""
_OTHERS = 160
"""Unregistered names have numbers from this on."""
_PUSHED, _APPENDED, _CHANGED = 1, 2, 3
"""How a part changes."""
_OF_BODY = ("Content-Type", "Content-Encoding", "Content-Disposition", "Content-Language")
"""The fields that describe the body."""


class Changes:
    """The changes to a message that are not joined yet, and what makes them."""

    __slots__ = ("_base", "_changes", "_others", "_source")

    _base: Request | Response
    _source: bytes
    _changes: Splice | None
    """It notes how each part changes; only fields to append can follow each other.  What is put at
    an offset is owned by the part that all of it appends to; by -1 if there is none.
    """
    _others: dict[str, int] | None
    """The parts of unregistered names, in lower case."""

    # ---- writing and reading --------------------------------------------------------------------

    def __bytes__(self) -> bytes:
        parsed = self._base._parsed
        if self._changes is None:
            return self._base._bytes(parsed.start, parsed.end - parsed.start)
        return self._changes.joined(self._source, parsed.start, parsed.end)

    def pieces(self) -> list[bytes | memoryview]:
        """The bytes of the message as pieces in order, such as for `socket.sendmsg`.

        What was not changed is a view of the original bytes.
        """
        parsed = self._base._parsed
        if self._changes is None:
            return [memoryview(self._source)[parsed.start : parsed.end]]
        return self._changes.pieces(self._source, parsed.start, parsed.end)

    @property
    def message(self) -> Request | Response:
        """The message as it is now, a `Request` or a `Response`; later changes leave it alone."""
        if self._changes is not None:
            self._join()
        return self._base

    def _rebase(self, source: bytes) -> None:
        """Start again from these bytes, with no changes."""
        self._base = parse(source, limits=NO_LIMITS)
        self._source = source
        self._changes = None

    def _join(self) -> None:
        """Join the changes, and parse the result."""
        self._rebase(bytes(self))

    def _changing(self, part: int, how: int) -> Splice:
        """The changes, to which one of this part comes."""
        before = self._noted(part)
        if before and not (how == _APPENDED == before):
            self._join()
        if self._changes is None:
            self._changes = Splice()
        self._changes.note(part, how)
        return self._changes

    def _noted(self, part: int) -> int:
        """How a part changes; 0 if it does not."""
        return 0 if self._changes is None else self._changes.noted(part)

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
        name = name if type(name) is str else exact_name(name, "a header field")
        header_id = header_id_of(name)
        text = text_of(value, name, header_id, False)
        self._check_length(header_id, text)
        self._replace(name, header_id, text)

    def __delitem__(self, name: str) -> None:
        """Remove all fields of this name; KeyError if absent."""
        if name not in self:
            raise KeyError(name)
        self.discard(name)

    def discard(self, name: str) -> None:
        """Remove all fields of this name, if there are any."""
        name = name if type(name) is str else exact_name(name, "a header field")
        header_id = header_id_of(name)
        part = self._part(name, header_id)
        if self._noted(part):
            self._join()
        index = self._first(name, header_id)
        if index >= 0:
            self._cut_from(self._changing(part, _CHANGED), index)

    def push(self, name: str, value: Header) -> None:
        """Put a field above those of its name; if absent, on top, below the Vias."""
        self._put(name, value, True)

    def append(self, name: str, value: Header) -> None:
        """Put a field below those of its name; if absent, at the end."""
        self._put(name, value, False)

    def _put(self, name: str, value: Header, above: bool) -> None:
        name = name if type(name) is str else exact_name(name, "a header field")
        header_id = header_id_of(name)
        part, text = self._part(name, header_id), text_of(value, name, header_id)
        self._check_length(header_id, text)
        how = self._noted(part)
        if how and (above or how != _APPENDED):
            self._join()
            how = 0
        first = self._first(name, header_id)
        if (how or first >= 0) and not may_repeat(header_id):
            raise ValueError(f"the message has a {name} already")
        at = self._place(part, first, above)
        if at < 0:
            self._join()
            at = self._place(part, self._first(name, header_id), above)
        changes = self._changing(part, _PUSHED if above else _APPENDED)
        owner = -1 if above else part
        if self._owner(at) not in (0, owner):
            owner = -1
        changes.put_field(at, name, text, self._has_cr(), owner)

    def _place(self, part: int, first: int, above: bool) -> int:
        """Where to put a field; -1 if only a join of the changes shows that.

        Of fields that are put at one offset, the later one stands below, as `Splice` does.
        """
        if above and first >= 0:
            return line_at(self._base, first)
        if not above:
            last = self._last(first) if first >= 0 else self._base._parsed.count - 1
            at = line_at(self._base, last + 1)
            is_first = first < 0 and not self._noted(part)
            return at if is_first or self._owner(at) in (0, part) else -1
        via = -1 if part == _VIA else self._last(self._base._first(_VIA))
        at = line_at(self._base, via + 1)
        if self._changes is None:
            return at
        is_clear = self._owner(at) in (0, _VIA) and self._noted(_VIA) != _CHANGED
        return at if is_clear and via >= 0 else -1

    def _owner(self, at: int) -> int:
        """The part that all new fields at an offset append to; 0 if there are none, else -1."""
        return 0 if self._changes is None else self._changes.owner(at)

    def pop(self, name: str) -> str:
        """Remove the first value of this name, and return its text; KeyError if absent.

        Of a comma list, the other values stay where they are.  Raises `ParseError` if it is
        malformed.
        """
        name = name if type(name) is str else exact_name(name, "a header field")
        header_id = header_id_of(name)
        part = self._part(name, header_id)
        if self._noted(part):
            self._join()
        empty: list[int] = []
        index = self._first(name, header_id)
        while index >= 0:
            at = self._base._value_at(index)
            raw = self._base._raw_value(index)
            first, after = _split_first(raw, header_id)
            if first is not None:
                changes = self._changing(part, _CHANGED)
                for gone in empty:
                    self._cut_line(changes, gone)
                if after < len(raw):
                    changes.cut(at, at + after, b"")
                else:
                    self._cut_line(changes, index)
                return first
            empty.append(index)
            index = self._base._next(index)
        raise KeyError(name)

    def _replace(self, name: str, header_id: int, text: bytes) -> None:
        part = self._part(name, header_id)
        changes = self._changing(part, _CHANGED)
        index = self._first(name, header_id)
        if index < 0:
            at = line_at(self._base, self._base._parsed.count)
            changes.put_field(at, name, text, self._has_cr(), -1)
            return
        at = self._base._value_at(index)
        changes.cut(at, at + self._base._value_length(index), text)
        index = self._base._next(index)
        if index >= 0:
            self._cut_from(changes, index)

    def _cut_from(self, changes: Splice, index: int) -> None:
        """Cut out a field and those of its name that follow."""
        while index >= 0:
            self._cut_line(changes, index)
            index = self._base._next(index)

    def _cut_line(self, changes: Splice, index: int) -> None:
        changes.cut(line_at(self._base, index), line_at(self._base, index + 1), b"")

    def _check_length(self, header_id: int, text: bytes) -> None:
        if header_id == CONTENT_LENGTH and text != b"%d" % len(self.body):
            raise ValueError("Content-Length is the length of the body: set the body instead")

    def _part(self, name: str, header_id: int) -> int:
        """The part of the message that the fields of a name are."""
        if header_id:
            return header_id
        if self._others is None:
            self._others = {}
        return self._others.setdefault(name.lower(), _OTHERS + len(self._others))

    def _first(self, name: str, header_id: int) -> int:
        """The index of the first field of a name, or -1."""
        return self._base._first(header_id) if header_id else self._base._find_other(name)

    def _last(self, index: int) -> int:
        """The index of the last field of the name of this one, or -1 if it is -1."""
        last = index
        while index >= 0:
            last = index
            index = self._base._next(index)
        return last

    def _has_cr(self) -> bool:
        """Whether lines end in CR LF, as the start line does."""
        return self._source[self._base._parsed.line_end] == 0x0D

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

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What a message has besides typed properties."""

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


class _Now:
    """An attribute of the message as it is now.

    One for each, unlike `__getattr__`, leaves the calls of a draft's own methods fast.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, draft: Draft | None, owner: Any = None) -> Any:
        return self if draft is None else getattr(draft.message, self._name)


_DRAFT = Draft
for _name in {*dir(Request), *dir(Response)} - {*dir(Draft)}:
    if not _name.startswith("_"):
        setattr(Draft, _name, _Now(_name))


def edited(message: Request | Response) -> Draft:
    """A draft of a message."""
    draft = _DRAFT.__new__(_DRAFT)
    source = held_bytes(message)
    draft._others = None
    if source is not None:
        draft._base, draft._source = message, source
        draft._changes = None
    else:
        draft._rebase(message.raw)
    return draft


def _started(source: bytes) -> Draft:
    draft = _DRAFT.__new__(_DRAFT)
    draft._others = None
    draft._rebase(source)
    return draft


def _split_first(raw: bytes, header_id: int) -> tuple[str | None, int]:
    """The first value in a field as written, unfolded, and the offset of the next one.

    None if a list has no value.
    """
    if not is_listed(header_id):
        return _text(raw), len(raw)
    flat = spaced(raw)
    items = read_list(Text, flat + b",", header_id)  # of a list, quotes are checked
    if not items:
        return None, len(raw)
    begin = len(flat) - len(flat.lstrip(b", "))
    end = begin + len(octets(items[0]))
    after = len(flat) - len(flat[end:].lstrip(b", "))
    return _text(raw[begin:end]), after


def _text(raw: bytes) -> str:
    return unfolded(raw).decode("utf-8", "surrogateescape")
