"""XML bodies: the charset, the limits, and a parser that opens nothing (RFC 7303)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from sipfast import errors
from sipfast._install import how_to_get

from .encoding import MOST_BYTES
from .text import codec_of

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["children", "first", "local_name", "number", "parse_document", "parse_xml", "text_of"]

DEEPEST = 64

_DECLARED = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([-A-Za-z0-9._]+)[\"']")
_DECLARED_WITHIN = 256  # bytes
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xfe\xff": "utf-16", b"\xff\xfe": "utf-16"}
_MOST_DIGITS = 10


def parse_xml(
    body: Buffer,
    charset: str | None = None,
    *,
    default: str = "utf-8",
    limit: int = MOST_BYTES,
    depth: int = DEEPEST,
) -> Element:
    """The root element of an XML body, as `xml.etree.ElementTree` has it.

    The charset is what the byte order mark says, else `charset` (the parameter of the media type),
    else what the XML declaration says, else `default` (RFC 7303 3.2).  Whitespace before the
    declaration is tolerated.

    Raises `ParseError` where the document is not well-formed, is larger than `limit` bytes, nests
    elements deeper than `depth`, or has a document type declaration, and so entities of its own;
    ImportError where the extra `xml` is not installed.
    """
    data = bytes(body)
    if len(data) > limit:
        raise errors.parse_error("body-too-large", limit)
    make_parser, refusal = _defused()
    source = _read(data, charset, default)
    builder = _Builder(depth)
    parser = make_parser(target=builder, encoding="utf-8", forbid_dtd=True)
    expat = parser.parser
    builder.place = lambda: int(expat.CurrentByteIndex)
    try:
        parser.feed(source.utf8)
        root: Element = parser.close()
    except ParseError:
        raise source.error("xml-malformed", expat.ErrorByteIndex) from None
    except _TooDeep as error:
        raise source.error("xml-too-deep", error.index) from None
    except refusal:
        raise source.error("xml-with-dtd", source.utf8.find(b"<!DOCTYPE")) from None
    return root


def parse_document(root_name: str, body: Buffer, charset: str | None, limit: int) -> Element:
    """The root element of an XML body, which must have this name, in whatever namespace."""
    root = parse_xml(body, charset, limit=limit)
    if local_name(root) != root_name:
        raise errors.parse_error("xml-root-unexpected", 0)
    return root


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    """The child elements of this name, in whatever namespace: devices mix them up."""
    return [child for child in element if local_name(child) == name]


def first(element: Element, name: str) -> Element | None:
    """The first child element of this name, in whatever namespace."""
    return next(iter(children(element, name)), None)


def text_of(element: Element | None) -> str | None:
    """The text of an element without whitespace around it; None where there is none."""
    return None if element is None else (element.text or "").strip() or None


def number(text: str | None) -> int | None:
    """A whole number; None for anything else."""
    digits = (text or "").strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS:
        return int(digits)
    return None


class _Source(NamedTuple):
    """A document as the parser gets it, and as it came."""

    utf8: bytes
    codec: str
    start: int
    end: int

    def error(self, code: str, index: int) -> errors.ParseError:
        """The fault at a byte of `utf8`, with its offset in the body."""
        if self.codec != "utf-8":
            before = self.utf8[:index].decode("utf-8", "ignore")
            index = len(before.encode(self.codec, "ignore"))
        return errors.parse_error(code, min(self.start + max(index, 0), self.end))


def _read(data: bytes, charset: str | None, default: str) -> _Source:
    """Make it UTF-8, which is what the parser is told that it is, whatever it declares."""
    start = len(data) - len(data.lstrip(b" \t\r\n"))
    declared = _DECLARED.match(data, start, start + _DECLARED_WITHIN)
    if declared is not None:
        default = declared[1].decode("ascii")
    marks = [mark for mark in _BYTE_ORDER_MARKS if data.startswith(mark, start)]
    marked = _BYTE_ORDER_MARKS[marks[0]] if marks else None
    codec = codec_of(marked or charset or default)
    if codec is None:
        at = declared.start(1) if declared and not charset else start
        raise errors.parse_error("charset-unknown", at)
    document = data[start:]
    if codec == "utf-8":
        return _Source(document, codec, start, len(data))
    try:
        text = document.decode(codec)
    except UnicodeDecodeError as error:
        raise errors.parse_error("xml-malformed", start + error.start) from None
    return _Source(text.encode("utf-8", "surrogatepass"), codec, start, len(data))


class _TooDeep(Exception):
    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class _Builder(TreeBuilder):
    """Builds the tree, and no deeper than it may be."""

    place: Callable[[], int]
    """At which byte the parser is.  Told here, for it reads on when it has been stopped."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self._left = depth

    def start(self, tag: Any, attrs: Any, /) -> Element:
        if not self._left:
            raise _TooDeep(self.place())
        self._left -= 1
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._left += 1
        return super().end(tag)


def _defused() -> tuple[Any, type[Exception]]:
    """The parser that refuses what is dangerous, and how it says so."""
    try:
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import XMLParser
    except ImportError as error:
        raise ImportError(f"XML bodies need an extra: {how_to_get('xml')}") from error
    return XMLParser, DefusedXmlException
