"""The defects of a message's body: of its encodings, of its parts, and of the documents in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from sipfast.errors import Defect, ParseError, defect, parse_error

from ._fields import LENT
from .dtmf import read_signal
from .encoding import Room, unpack
from .isup import Isup
from .manscdp import Manscdp
from .multipart import DEEPEST, Part, is_usual_boundary, split_on
from .sipfrag import message_in
from .text import codec_of
from .xml import local_name, parse_xml

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer, Message, Reader
    from sipfast._core.values.media import ContentType

__all__ = ["find_body_defects"]

MOST_DEFECTS = 1000

_OF_BODY = frozenset(
    (
        *("boundary-missing", "boundary-malformed", "charset-unknown"),
        *("content-encoding-unknown", "too-many-content-encodings"),
    )
)
"""Faults in header fields that `Message.defects` does not list, because they concern the body."""
_ROOTS = {
    "application/3gpp-ims+xml": "ims-3gpp",
    "application/conference-info+xml": "conference-info",
    "application/dialog-info+xml": "dialog-info",
    "application/im-iscomposing+xml": "isComposing",
    "application/kpml-request+xml": "kpml-request",
    "application/kpml-response+xml": "kpml-response",
    "application/load-control+xml": "load-control",
    "application/media_control+xml": "media_control",
    "application/pidf+xml": "presence",
    "application/poc-settings+xml": "poc-settings",
    "application/reginfo+xml": "reginfo",
    "application/resource-lists+xml": "resource-lists",
    "application/rlmi+xml": "list",
    "application/rs-metadata+xml": "recording",
    "application/simple-filter+xml": "filter-set",
    "application/vnd.3gpp.ussd+xml": "ussd-data",
    "application/watcherinfo+xml": "watcherinfo",
    "application/xcap-diff+xml": "xcap-diff",
}
"""The root element of a document, by its media type."""


def find_body_defects(message: Message, reader: Reader) -> list[Defect]:
    """The defects of a message's body, with their offsets in the message's buffer."""
    walk = _Walk(reader)
    walk.message(message, _Place(0, None), 1 + DEEPEST)
    return walk.found[:MOST_DEFECTS]


class _Place(NamedTuple):
    """Where the bytes of a body are in the message's buffer."""

    start: int
    """The offset of their first byte."""
    fixed: int | None
    """The offset of the encoded body in which they are; it stands for all of their offsets."""

    def at(self, offset: int) -> int:
        return self.start + offset if self.fixed is None else self.fixed

    def within(self, offset: int) -> _Place:
        """The place of bytes that begin at an offset here."""
        return self._replace(start=self.start + offset)

    def encoded(self) -> _Place:
        """The place of the bytes within this encoded body."""
        return _Place(0, self.at(0))


class _Body(NamedTuple):
    """A body, and what its header fields say about it."""

    view: Buffer
    media: ContentType | None
    encodings: tuple[str, ...]
    place: _Place
    field_at: Callable[[str], int]
    """The offset of a header field's value in the message's buffer."""
    depth: int
    """The remaining depth of bodies within bodies."""


class _Walk:
    """Collects the defects of a body and of all bodies within."""

    def __init__(self, reader: Reader) -> None:
        self.found: list[Defect] = []
        self._reader = reader
        self._room = Room()

    def message(self, message: Message, place: _Place, depth: int) -> None:
        """Check the body of a message, whose buffer is at this place."""
        view = message.body_view
        if not len(view):
            return
        try:
            media, encodings = message.content_type, message.content_encoding
        except ParseError:
            return  # its `defects` list the fault

        def field_at(name: str) -> int:
            return place.at(message._field_at(name))

        inner = place.within(message.body_offset)
        self._check(_Body(view, media, encodings, inner, field_at, depth))

    def _check(self, body: _Body) -> None:
        try:
            if body.encodings:
                body = self._unpacked(body)
            if body.media is not None:
                self._check_document(body, body.media)
        except ParseError as error:
            if error.header not in ("Content-Type", "Content-Encoding"):
                self._note(error.code, body.place.at(error.offset), error.header)
            elif error.code in _OF_BODY:
                self._note(error.code, body.field_at(error.header), error.header)

    def _unpacked(self, body: _Body) -> _Body:
        place = body.place.encoded()
        try:
            octets = unpack(body.view, body.encodings, self._room)
        except ParseError as error:
            if error.header is not None:
                raise
            raise parse_error(error.code, 0) from None
        return body._replace(view=octets, place=place)

    def _check_document(self, body: _Body, media: ContentType) -> None:
        """Check a body without encodings."""
        kind = media.media_type
        if media.type == "multipart":
            self._check_parts(body, media)
        elif kind == "message/sipfrag":
            self._check_fragment(body)
        else:
            default = _xml if kind.endswith("+xml") else _CHECKS.get(media.type)
            check = _CHECKS.get(kind, default)
            if check is not None:
                self._add(check(self._reader, body.view, media), body.place)

    def _check_parts(self, body: _Body, media: ContentType) -> None:
        if not body.depth:
            raise parse_error("parts-too-deep", 0)
        boundary = media.boundary or ""
        parts = split_on(self._reader, body.view, boundary, self._room)
        if not is_usual_boundary(boundary):
            self._note("boundary-malformed", body.field_at("Content-Type"), "Content-Type")
        if not parts:
            self._note("delimiter-missing", body.place.at(0))
        elif not parts.complete:
            self._note("closing-delimiter-missing", body.place.at(len(body.view)))
        for part in parts:
            if len(self.found) >= MOST_DEFECTS:
                break
            self._check_part(part, body.place, body.depth - 1)

    def _check_part(self, part: Part, whole: _Place, depth: int) -> None:
        try:
            fields = part._read_fields()
            at = whole.within(part._begins - len(LENT))
            if part._has_fields():
                self._add(self._reader.find_defects_in_fragment(fields, True), at)
            media, encodings = part._media(), part._encodings()
            place = whole.within(part.offset)
            view: Buffer = part.view
            if part._is_transfer_encoded():
                view, place = part.decoded, place.encoded()
        except ParseError as error:
            if error.header not in ("Content-Type", "Content-Encoding"):
                self._note(error.code, whole.at(error.offset), error.header)
            return

        def field_at(name: str) -> int:
            return at.at(fields._field_at(name))

        self._check(_Body(view, media, encodings, place, field_at, depth))

    def _check_fragment(self, body: _Body) -> None:
        if not body.depth:
            raise parse_error("parts-too-deep", 0)
        message, is_bare = message_in(self._reader, body.view)
        place = body.place.within(-len(LENT) if is_bare else 0)
        self._add(self._reader.find_defects_in_fragment(message, is_bare), place)
        self.message(message, place, body.depth - 1)

    def _add(self, defects: Iterable[Defect], place: _Place) -> None:
        self.found += [item._replace(offset=place.at(item.offset)) for item in defects]

    def _note(self, code: str, at: int, header: str | None = None) -> None:
        self.found.append(defect(code, at, header))


def _description(reader: Reader, view: Buffer, media: ContentType) -> Iterable[Defect]:
    return reader.parse_sdp(bytes(view)).defects


def _signal(reader: Reader, view: Buffer, media: ContentType) -> Iterable[Defect]:
    return [defect(code, at) for code, at in read_signal(bytes(view)).faults]


def _isup(reader: Reader, view: Buffer, media: ContentType) -> Iterable[Defect]:
    message = Isup.parse(view)
    found = []
    for name in ("called", "calling", "cause"):
        try:
            getattr(message, name)
        except ParseError as error:
            found.append(defect(error.code, error.offset))
    return found


def _xml(reader: Reader, view: Buffer, media: ContentType) -> Iterable[Defect]:
    root = parse_xml(view, media.charset)
    expected = _ROOTS.get(media.media_type)
    is_expected = expected is None or local_name(root) == expected
    return () if is_expected else (defect("xml-root-unexpected", 0),)


def _manscdp(reader: Reader, view: Buffer, media: ContentType) -> Iterable[Defect]:
    Manscdp.parse(view, media.charset)
    return ()


def _text(reader: Reader, view: Buffer, media: ContentType) -> Iterable[Defect]:
    if codec_of(media.charset or "utf-8") is None:
        raise parse_error("charset-unknown", 0, "Content-Type")
    return ()


_CHECKS: dict[str, Callable[[Reader, Buffer, ContentType], Iterable[Defect]]] = {
    "application/sdp": _description,
    "application/dtmf": _signal,
    "application/dtmf-relay": _signal,
    "application/isup": _isup,
    "application/manscdp+xml": _manscdp,
    "application/xml": _xml,
    "text/xml": _xml,
    "text": _text,
}
"""Checks by media type, or by its part before the slash; they raise a fault that ends them."""
