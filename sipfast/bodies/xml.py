"""XML bodies: the charset, the limits, and a parser without external access (RFC 7303)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

from sipfast import errors

from .encoding import MOST_BYTES
from .text import codec_of

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

    from sipfast._core.message.message import Buffer

__all__ = ["children", "first", "local_name", "number", "parse_document", "parse_xml", "text_of"]

DEEPEST = 64
LONGEST_NAMESPACE = 256  # characters; those of SIP have 50

_DECLARED = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([-A-Za-z0-9._]+)[\"']")
_DECLARED_WITHIN = 256  # bytes
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xfe\xff": "utf-16", b"\xff\xfe": "utf-16"}
_BOM = "\ufeff".encode()
_BLANKS = re.compile(rb"[ \t\r\n]*")
_BEFORE_THE_ROOT = ((b"<?", b"?>"), (b"<!--", b"-->"))
_FIRST_PIECE = 4096  # bytes
_XML = "http://www.w3.org/XML/1998/namespace"
_XMLNS = "http://www.w3.org/2000/xmlns/"
_MOST_DIGITS = 10


def parse_xml(
    body: Buffer,
    charset: str | None = None,
    *,
    default: str = "utf-8",
    limit: int = MOST_BYTES,
    depth: int = DEEPEST,
) -> Element:
    """The root element of an XML body, as in `xml.etree.ElementTree`.

    The charset is that of the byte order mark, of `charset` (the parameter of the media type), of
    the XML declaration, or `default`, in this order (RFC 7303 3.2).  Whitespace before the
    declaration is tolerated.

    Raises `ParseError` for a malformed document, one above `limit` bytes, elements nested deeper
    than `depth`, a namespace above 256 characters, and a document type declaration, which could
    declare entities. The distinct names, with their namespaces, may add up to `limit` characters.
    """
    data = bytes(body)
    if len(data) > limit:
        raise errors.parse_error("body-too-large", limit)
    source = _read(data, charset, default)
    at = _document_type(source.utf8)
    if at >= 0:
        raise source.error("xml-with-dtd", at)
    parser = ParserCreate("utf-8")
    builder = _Builder(parser, depth, limit)
    try:
        _feed(parser, source.utf8)
        return builder.root()
    except ExpatError:
        raise source.error("xml-malformed", parser.ErrorByteIndex) from None
    except _Refused as refused:
        raise source.error(refused.code, refused.index) from None
    finally:
        builder.let_go()


def parse_document(root_name: str, body: Buffer, charset: str | None, limit: int) -> Element:
    """The root element of an XML body, which must have this name, in any namespace."""
    root = parse_xml(body, charset, limit=limit)
    if local_name(root) != root_name:
        raise errors.parse_error("xml-root-unexpected", 0)
    return root


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    """The child elements of this name, in any namespace, because devices mix them up."""
    return [child for child in element if local_name(child) == name]


def first(element: Element, name: str) -> Element | None:
    """The first child element of this name, in any namespace."""
    return next(iter(children(element, name)), None)


def text_of(element: Element | None) -> str | None:
    """The text of an element without surrounding whitespace; None without text."""
    return None if element is None else (element.text or "").strip() or None


def number(text: str | None, most: int = _MOST_DIGITS) -> int | None:
    """A whole number of at most so many digits; None for any other text."""
    digits = (text or "").strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= most:
        return int(digits)
    return None


class _Source(NamedTuple):
    """A document in the parser's UTF-8, and as received."""

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
    """Convert it to UTF-8, in which the parser reads it regardless of its declaration."""
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


def _document_type(utf8: bytes) -> int:
    """The offset of a document type declaration, or -1.

    The search comes before the parse, because the parser goes on after a handler has raised: it
    would still expand entities.
    """
    at = len(_BOM) if utf8.startswith(_BOM) else 0
    while True:
        at = _BLANKS.match(utf8, at).end()  # type: ignore[union-attr]  # it matches anything
        for opening, closing in _BEFORE_THE_ROOT:
            if utf8.startswith(opening, at):
                end = utf8.find(closing, at + len(opening))
                if end < 0:
                    return -1
                at = end + len(closing)
                break
        else:
            return at if utf8.startswith(b"<!DOCTYPE", at) else -1


def _feed(parser: XMLParserType, utf8: bytes) -> None:
    """Parse the document in pieces, each as long as all before it.

    The parser finishes a piece after a handler has raised, so pieces start small. It reads a token
    at the end of a piece again with the next one, so pieces must be few.
    """
    start, end = 0, _FIRST_PIECE
    while end < len(utf8):
        parser.Parse(utf8[start:end], False)
        start, end = end, 2 * end
    parser.Parse(utf8[start:], True)


class _Refused(Exception):
    """A fault found by a handler: its code and its byte in the document."""

    def __init__(self, code: str, index: int) -> None:
        super().__init__(code, index)
        self.code = code
        self.index = index


class _Builder:
    """Builds the tree from the events of the parser, within limits, and resolves the namespaces.

    The parser could resolve them too, but it writes the namespace out for every name before it
    calls a handler: a long one and many short names take gigabytes.
    """

    def __init__(self, parser: XMLParserType, depth: int, room: int) -> None:
        parser.buffer_text = True
        parser.ordered_attributes = True
        self._tree = TreeBuilder()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._tree.data
        parser.StartDoctypeDeclHandler = self._document_type
        self._parser: XMLParserType | None = parser
        self._left = depth
        self._room = room
        self._spaces = {"": "", "xml": _XML}
        """Namespaces by their prefixes, at the parser's position."""
        self._hidden: list[list[tuple[str, str | None]]] = []
        """For each open element: the prefixes that it declares, and their outer namespaces."""
        self._names: dict[tuple[str, str], str] = {}
        """Names of the tree, by namespace and local name."""

    def root(self) -> Element:
        """The root element, after the end of the document."""
        return self._tree.close()

    def let_go(self) -> None:
        """Undo the cycle of references between the builder and the parser."""
        self._parser = None

    def _start(self, name: str, given: list[str]) -> None:
        if not self._left:
            raise self._refusal("xml-too-deep")
        self._left -= 1
        hidden: list[tuple[str, str | None]] = []
        self._hidden.append(hidden)
        attributes = {}
        prefixed = False
        values = iter(given)
        for attribute, value in zip(values, values, strict=True):
            if attribute.startswith("xmlns") and attribute[5:6] in ("", ":"):
                hidden.append(self._declare(attribute, value))
            else:
                attributes[attribute] = value
                prefixed = prefixed or ":" in attribute
        if prefixed:
            attributes = self._resolved(attributes)
        if ":" in name or self._spaces[""]:
            name = self._resolve(name)
        self._tree.start(name, attributes)

    def _end(self, name: str) -> None:
        self._left += 1
        for prefix, before in reversed(self._hidden.pop()):
            if before is None:
                del self._spaces[prefix]
            else:
                self._spaces[prefix] = before
        self._tree.end(name)

    def _document_type(self, *_: object) -> None:
        raise self._refusal("xml-with-dtd")

    def _declare(self, attribute: str, space: str) -> tuple[str, str | None]:
        """Apply a namespace declaration; returns its prefix and the former namespace."""
        prefix = attribute[6:]
        if len(space) > LONGEST_NAMESPACE:
            raise self._refusal("xml-names-too-long")
        is_default = attribute == "xmlns"
        if (
            not (is_default or (space and _is_name(prefix)))
            or (prefix == "xml") != (space == _XML)
            or prefix == "xmlns"
            or space == _XMLNS
            or "}" in space  # which ends the namespace in a name of the tree
        ):
            raise self._refusal("xml-malformed")
        before = self._spaces.get(prefix)
        self._spaces[prefix] = space
        return prefix, before

    def _resolved(self, attributes: dict[str, str]) -> dict[str, str]:
        """Attributes by their names in the tree; without a prefix they are in no namespace."""
        resolved = {
            self._resolve(name) if ":" in name else name: value
            for name, value in attributes.items()
        }
        if len(resolved) < len(attributes):
            raise self._refusal("xml-malformed")
        return resolved

    def _resolve(self, name: str) -> str:
        """A name in the tree's form: ``{namespace}local``."""
        prefix, colon, local = name.rpartition(":")
        space = self._spaces.get(prefix)
        if space is None or (colon and not (prefix and _is_name(local))):
            raise self._refusal("xml-malformed")
        known = self._names.get((space, local))
        if known is None:
            self._room -= len(space) + len(local) + 2
            if self._room < 0:
                raise self._refusal("xml-names-too-long")
            known = self._names[space, local] = f"{{{space}}}{local}"
        return known

    def _refusal(self, code: str) -> _Refused:
        """The fault at the parser's current position, before it reads on."""
        assert self._parser is not None  # which called this handler
        return _Refused(code, self._parser.CurrentByteIndex)


def _is_name(name: str) -> bool:
    """Whether the local part of a name is a valid name by itself (Namespaces in XML 3)."""
    return ":" not in name and name[:1].isidentifier()
