"""Expensive bodies: multiparts, encodings, XML, text, DTMF, ISUP, fragments.

Each is the body of a message, read through the message, with everything in its parts.
"""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from sipfast import ParseError
from sipfast.bodies.encoding import Room
from sipfast.bodies.multipart import split_on

from . import Case

if TYPE_CHECKING:
    from sipfast._engine import Engine
    from sipfast.bodies import Multipart

__all__ = ["CASES"]

Maker = Callable[[int], bytes]

PIDF = b"application/pidf+xml"
REGINFO = b"application/reginfo+xml"
DIALOG = b"application/dialog-info+xml"
MANSCDP = b"Application/MANSCDP+xml"
SDP = b"application/sdp"
DTMF = b"application/dtmf-relay"
FRAGMENT = b"message/sipfrag"
MIXED = b"multipart/mixed;boundary=b"
START = b"NOTIFY sip:a@example.com SIP/2.0\r\n"
EMPTY = gzip.compress(b"", mtime=0)
LONG = b"urn:" + b"n" * 252
"""A namespace of the maximum length."""
CHARSETS = (
    *("utf-8", "gb18030", "utf-16", "utf-16be", "big5", "euc-jp", "iso-2022-jp", "koi8-r"),
    *("shift_jis", "euc-kr", "iso-8859-1", "iso-8859-7", "windows-1253"),
)


def read(engine: Engine, data: bytes) -> object:
    """A message, its content, its session description, and everything in its parts."""
    message = engine.parse(data, limits=engine.NO_LIMITS)
    held: list[object] = [message]
    for name in ("content", "sdp"):
        with suppress(ParseError):
            held.append(getattr(message, name))
    with suppress(ParseError):
        held += parts_read(message.parts)
    return held


def defects(engine: Engine, data: bytes) -> object:
    """A message and the defects of its body."""
    message = engine.parse(data, limits=engine.NO_LIMITS)
    return message, message.body_defects


def parts_read(parts: Multipart) -> Iterator[object]:
    """The contents of parts, and of the parts in them."""
    for part in parts:
        try:
            yield part.headers
            yield part.content_id
            yield part.content
            yield from parts_read(part.parts)
        except ParseError as error:
            yield error.code


def read_all_parts(engine: Engine, data: bytes) -> object:
    """All parts of a multipart, in any number."""
    parts = split_on(engine.READER, data, "b", Room(parts=len(data)))
    return [parts, *parts_read(parts)]


def message_of(content_type: bytes, body: bytes, *fields: bytes) -> bytes:
    """A message with this body."""
    head = [START, b"Content-Type: %b\r\n" % content_type]
    head += [b"%b\r\n" % field for field in fields]
    return b"".join(head) + b"\r\n" + body


def repeated(piece: bytes, before: bytes = b"", after: bytes = b"") -> Maker:
    """The same piece, over and over."""

    def make(size: int) -> bytes:
        room = size - len(before) - len(after)
        return before + piece * max(1, room // len(piece)) + after

    return make


def numbered(piece: Callable[[int], bytes], before: bytes = b"", after: bytes = b"") -> Maker:
    """Pieces that differ."""

    def make(size: int) -> bytes:
        made = bytearray(before)
        for number in count():
            if len(made) + len(after) >= size:
                return bytes(made + after)
            made += piece(number)
        raise AssertionError

    return make


def halves(one: Maker, other: Callable[[bytes, int], bytes]) -> Maker:
    """Half of the size for one piece, the other half for pieces that use it."""
    return lambda size: other(one(size // 2), size // 2)


def nested(levels: int, head: bytes, encode: Callable[[bytes], bytes], shrinks: float) -> Maker:
    """Nested multiparts, the innermost full of parts."""

    def make(size: int) -> bytes:
        body = b"--b\n\n\n" * max(1, int(size * shrinks) // 6)
        for level in range(levels):
            name = b"c%d" % level
            inner = b"b" if level == 0 else b"c%d" % (level - 1)
            last = level == levels - 1
            fields = b"Content-Type: multipart/mixed;boundary=%b\r\n%b" % (inner, head)
            body = b"--%b\r\n%b\r\n%b\r\n" % (b"b" if last else name, fields, encode(body))
        return body

    return make


def layers(size: int, number: int, wrap: Callable[[bytes], bytes]) -> bytes:
    """A body with the maximum size at each of its layers, and this size outside."""
    body = EMPTY * (min(size << 8, 1 << 20) // len(EMPTY))
    for _ in range(number - 1):
        body = wrap(body)
    return body + EMPTY * ((size - len(body)) // len(EMPTY))


def encoded_parts(piece: bytes, *encodings: bytes) -> Maker:
    """Parts, each with these encodings."""
    fields = b"".join(b"Content-Encoding: %b\r\n" % encoding for encoding in encodings)
    return repeated(b"--b\r\nContent-Type: text/plain\r\n%b\r\n%b\r\n" % (fields, piece))


def _many_layers() -> bytes:
    """Some bytes that decode to a MiB at each of three layers."""
    body = EMPTY * ((1 << 20) // len(EMPTY))
    for _ in range(3):
        body = gzip.compress(body, mtime=0)
    return body


def _prefixed_attributes(size: int) -> bytes:
    """A long namespace, and attributes in it."""
    start = b"<presence xmlns:n='%b' " % (b"n" * (size // 2))
    return numbered(lambda number: b"n:a%d='' " % number, start, b"/>")(size)


def _long_and_short(size: int) -> bytes:
    """A long namespace, and short elements in it."""
    start = b"<presence xmlns='%b'>" % (b"n" * (size // 2))
    return repeated(b"<a/>", start, b"</presence>")(size)


def _rebound(size: int) -> bytes:
    """Many declarations, and elements with one declaration each."""
    start = b"<presence " + numbered(lambda n: b"xmlns:p%d='u%d' " % (n, n))(size // 2) + b">"
    return repeated(b"<a xmlns:p1='v'/>", start, b"</presence>")(size)


BODIES: dict[str, tuple[bytes, Maker]] = {
    # Multiparts.
    "delimiters": (MIXED, repeated(b"--b\n")),
    "parts": (MIXED, repeated(b"--b\r\n\r\n\r\n")),
    "parts with a field": (MIXED, repeated(b"--b\nA:\n")),
    "parts with a media type": (MIXED, repeated(b"--b\nc:a/b\n\n\n")),
    "a part of fields": (MIXED, repeated(b"A: b\r\n", b"--b\r\n")),
    "a field of parameters": (MIXED, repeated(b";a=b", b"--b\r\nc: a/b", b"\r\n\r\n")),
    "a long field of a part": (MIXED, repeated(b"a", b"--b\r\nA:", b"\r\n\r\n")),
    "almost delimiters": (MIXED, repeated(b"\n--bx")),
    "dashes": (b"multipart/mixed;boundary=" + b"-" * 250, repeated(b"\n--" + b"-" * 249)),
    "blanks after a delimiter": (MIXED, repeated(b" ", b"\n--b", b"x")),
    "line ends in a part": (MIXED, repeated(b"\r\n", b"--b\r\nA: b")),
    "carriage returns in a part": (MIXED, repeated(b"\r", b"--b\r\nA: b")),
    "nested": (MIXED, nested(8, b"", bytes, 1)),
    "nested in base64": (
        MIXED,
        nested(7, b"Content-Transfer-Encoding: base64\r\n", base64.b64encode, 0.75**7),
    ),
    "nested in identity": (MIXED, nested(8, b"Content-Encoding: identity\r\n", bytes, 1)),
    "quoted-printable": (
        MIXED,
        repeated(b"=41", b"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"),
    ),
    "soft line ends": (
        MIXED,
        repeated(b"=\r\n", b"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"),
    ),
    "equals signs": (
        MIXED,
        repeated(b"=", b"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"),
    ),
    "padding of base64": (
        MIXED,
        repeated(b"=", b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
    ),
    "fragments in parts": (MIXED, repeated(b"--b\nc:message/sipfrag\n\nA:b\n")),
    "signals in parts": (MIXED, repeated(b"--b\nc:application/dtmf\n\n5\n")),
    "XML in parts": (MIXED, repeated(b"--b\nc:application/pidf+xml\n\n<presence/>\n")),
    # Encodings, of parts.
    "empty parts in gzip": (MIXED, encoded_parts(EMPTY, b"gzip")),
    "parts in four layers": (MIXED, encoded_parts(_many_layers(), *[b"gzip"] * 4)),
    "parts that fail at the end": (
        MIXED,
        encoded_parts(gzip.compress(bytes(1 << 20), mtime=0)[:-1], b"gzip"),
    ),
    "parts that are too large": (
        MIXED,
        encoded_parts(gzip.compress(bytes(4 << 20), mtime=0), b"gzip"),
    ),
    "parts that are not gzip": (MIXED, encoded_parts(b"x", b"gzip")),
    "parts in deflate": (MIXED, encoded_parts(zlib.compress(bytes(1 << 12)), b"deflate")),
    # Fragments, DTMF, ISUP.
    "fields of a fragment": (FRAGMENT, repeated(b"A: b\r\n")),
    "a token of a fragment": (FRAGMENT, repeated(b"A")),
    "blanks of a fragment": (FRAGMENT, repeated(b" ", b"A")),
    "body of a fragment": (FRAGMENT, repeated(b"\r\n")),
    "lines of DTMF": (DTMF, repeated(b"\nsigna")),
    "signals": (DTMF, repeated(b"Signal=1\n")),
    "blanks of DTMF": (DTMF, repeated(b" ", b"Signal=", b"1")),
    "blanks before DTMF": (DTMF, repeated(b" ")),
    "digits of a duration": (DTMF, repeated(b"9", b"Signal=1\nDuration=")),
    "parameters of ISUP": (b"application/isup", repeated(b"\x21\x00", b"\x09\x01", b"\x00")),
    "parameters of ISUP with values": (
        b"application/isup",
        repeated(b"\x21\x02ab", b"\x09\x01", b"\x00"),
    ),
    # XML.
    "elements": (PIDF, repeated(b"<a/>", b"<presence>", b"</presence>")),
    "open elements": (PIDF, repeated(b"<a>")),
    "open elements at the end": (
        PIDF,
        halves(repeated(b"<a/>"), lambda body, size: b"<a>" + body + b"<a>" * (size // 3)),
    ),
    "nested elements": (
        PIDF,
        repeated(b"<a>" * 60 + b"</a>" * 60, b"<presence>", b"</presence>"),
    ),
    "empty attributes": (PIDF, repeated(b"<a b=''/>", b"<presence>", b"</presence>")),
    "attributes of one element": (PIDF, numbered(lambda n: b"a%d='' " % n, b"<presence ", b"/>")),
    "a long attribute": (PIDF, repeated(b"a", b"<presence entity='", b"'/>")),
    "a long name": (PIDF, repeated(b"a", b"<", b"/>")),
    "short elements of a long namespace": (PIDF, _long_and_short),
    "attributes of a long namespace": (PIDF, _prefixed_attributes),
    "short elements of a namespace": (
        PIDF,
        repeated(b"<a/>", b"<presence xmlns='%b'>" % LONG, b"</presence>"),
    ),
    "different elements of a namespace": (
        PIDF,
        numbered(lambda n: b"<a%x/>" % n, b"<presence xmlns='%b'>" % LONG, b"</presence>"),
    ),
    "attributes of a namespace": (
        PIDF,
        repeated(b"<a n:a=''/>", b"<presence xmlns:n='%b'>" % LONG, b"</presence>"),
    ),
    "declarations of one element": (
        PIDF,
        numbered(lambda n: b"xmlns:p%d='u%d' " % (n, n), b"<presence ", b"/>"),
    ),
    "declarations of many elements": (
        PIDF,
        repeated(b"<p:a xmlns:p='u'/>", b"<presence>", b"</presence>"),
    ),
    "declarations and more within": (PIDF, _rebound),
    "undeclared prefixes": (PIDF, repeated(b"<p:a/>", b"<presence>", b"</presence>")),
    "references": (PIDF, repeated(b"&lt;", b"<presence>", b"</presence>")),
    "references in an attribute": (PIDF, repeated(b"&lt;", b"<presence a='", b"'/>")),
    "a comment": (PIDF, repeated(b"a", b"<presence><!--", b"--></presence>")),
    "an open comment": (PIDF, repeated(b"a", b"<presence><!--")),
    "comments before the root": (PIDF, repeated(b"<!---->", b"", b"<presence/>")),
    "instructions": (PIDF, repeated(b"<?a?>", b"<presence>", b"</presence>")),
    "sections": (PIDF, repeated(b"<![CDATA[]]>", b"<presence>", b"</presence>")),
    "texts between elements": (PIDF, repeated(b"<a/> x ", b"<presence>", b"</presence>")),
    "a text": (PIDF, repeated(b"a\n", b"<presence>", b"</presence>")),
    "a declaration of blanks": (PIDF, repeated(b" ", b"<?xml ", b"?><a/>")),
    "XML in Chinese": (PIDF + b";charset=gbk", repeated("门".encode("gbk"), b"<a>", b"<")),
    "tuples": (PIDF, repeated(b"<tuple/>", b"<presence>", b"</presence>")),
    "notes": (PIDF, repeated(b"<note>a</note>", b"<presence><tuple>", b"</tuple></presence>")),
    "statuses": (PIDF, repeated(b"<status/>", b"<presence><tuple>", b"</tuple></presence>")),
    "registrations": (REGINFO, repeated(b"<registration/>", b"<reginfo>", b"</reginfo>")),
    "contacts": (
        REGINFO,
        repeated(b"<contact/>", b"<reginfo><registration>", b"</registration></reginfo>"),
    ),
    "dialogs": (DIALOG, repeated(b"<dialog/>", b"<dialog-info>", b"</dialog-info>")),
    "dialogs with parties": (
        DIALOG,
        repeated(b"<dialog><local/><remote/></dialog>", b"<dialog-info>", b"</dialog-info>"),
    ),
    "elements of a command": (MANSCDP, repeated(b"<a/>", b"<Query>", b"</Query>")),
    "different elements of a command": (
        MANSCDP,
        numbered(lambda n: b"<a%x/>" % n, b"<Query>", b"</Query>"),
    ),
    "items": (MANSCDP, repeated(b"<Item/>", b"<Query>", b"</Query>")),
    "items within items": (
        MANSCDP,
        repeated(b"<Item>" * 60 + b"</Item>" * 60, b"<Query>", b"</Query>"),
    ),
    "items with texts": (MANSCDP, repeated(b"<Item><a>b</a></Item>", b"<Query>", b"</Query>")),
    # Text.
    **{
        f"{name} in {charset}": (b"text/plain;charset=" + charset.encode(), repeated(piece))
        for charset in CHARSETS
        for name, piece in (("text", b"a"), ("wrong bytes", b"\x81\xff"), ("escapes", b"\x1b$B"))
    },
}

# Encodings of the whole body.
ENCODED: dict[str, tuple[bytes, Maker]] = {
    "members": (b"gzip", repeated(EMPTY)),
    "members of one byte": (b"gzip", repeated(gzip.compress(b"a", mtime=0))),
    "members and a fault": (b"gzip", repeated(EMPTY, b"", b"x")),
    "a member with a long name": (b"gzip", repeated(b"a", EMPTY[:3] + b"\x08" + EMPTY[4:10])),
    "stored blocks": (b"deflate", repeated(b"\x00\x00\x00\xff\xff")),
    "a stream and more": (b"deflate", repeated(b"x", zlib.compress(b""))),
    "four layers of members": (
        b"gzip,gzip,gzip,gzip",
        lambda size: layers(size, 4, lambda body: gzip.compress(body, mtime=0)),
    ),
}

# Multiparts whose parts are not counted.
UNCOUNTED: dict[str, Maker] = {
    "delimiters, all": repeated(b"--b\n"),
    "parts, all": repeated(b"--b\r\n\r\n\r\n"),
    "parts with a field, all": repeated(b"--b\nA:\n"),
    "parts with a media type, all": repeated(b"--b\nc:a/b\n\n\n"),
    "parts in gzip, all": encoded_parts(EMPTY, b"gzip"),
    "nested, all": nested(8, b"", bytes, 1),
    "fragments in parts, all": repeated(b"--b\nc:message/sipfrag\n\nA:b\n"),
    "signals in parts, all": repeated(b"--b\nc:application/dtmf\n\n5\n"),
    "XML in parts, all": repeated(b"--b\nc:application/pidf+xml\n\n<presence/>\n"),
}


# Bodies whose defects are many, or costly to find.
DEFECTIVE: dict[str, tuple[bytes, Maker]] = {
    "lines": (SDP, repeated(b"x\n", b"v=0\n")),
    "candidates": (SDP, numbered(lambda n: b"a=candidate:%d 0 UDP 1 ::%x 9 typ x\n" % (n, n))),
    "labels of an address": (SDP, repeated(b"a.", b"c=IN IP4 ", b"-\n")),
    "hyphens of an address": (SDP, repeated(b"-", b"c=IN IP4 a", b"\n")),
    "groups of an address": (SDP, repeated(b"1:", b"c=IN IP6 ", b"\n")),
    "mids of a bundle": (SDP, numbered(lambda n: b" %d" % n, b"a=group:BUNDLE", b"\n")),
    "bundles of a mid": (SDP, repeated(b"a=group:BUNDLE 1\n", b"v=0\n", b"m=a 1 x 1\na=mid:1")),
    "unlisted formats": (SDP, numbered(lambda n: b"a=fmtp:%d x\n" % n, b"m=audio 9 RTP/AVP 0\n")),
    "descriptions in parts": (MIXED, repeated(b"--b\nc:application/sdp\n\nv=0\nx\n")),
    "malformed types of parts": (MIXED, repeated(b"--b\nc:/\n\n")),
    "malformed fields of a part": (MIXED, repeated(b"CSeq:x\n", b"--b\n", b"\n\n--b--")),
    "malformed fields of a fragment": (FRAGMENT, repeated(b"CSeq:x\n")),
    "values of a fragment": (FRAGMENT, repeated(b"Via:a,", b"", b"\n")),
    "fragments within fragments": (FRAGMENT, repeated(b"c:message/sipfrag\n\n")),
    "multiparts within fragments": (
        FRAGMENT,
        repeated(b"--b\n\n\n", b"c:multipart/a;boundary=b\n\n"),
    ),
}


def in_message(content_type: bytes, make: Maker, *fields: bytes) -> Maker:
    """Messages whose bodies these are."""
    return lambda size: message_of(content_type, make(size), *fields)


CASES: list[Case] = [
    *(Case(name, in_message(kind, make), read) for name, (kind, make) in BODIES.items()),
    *(
        Case(name, in_message(b"text/plain", make, b"Content-Encoding: " + encodings), read)
        for name, (encodings, make) in ENCODED.items()
    ),
    *(
        Case(f"{name}, defects", in_message(kind, make), defects)
        for name, (kind, make) in (BODIES | DEFECTIVE).items()
        if not kind.startswith(b"text/")
    ),
    *(Case(name, make, read_all_parts) for name, make in UNCOUNTED.items()),
]
