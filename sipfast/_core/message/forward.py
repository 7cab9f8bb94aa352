"""Forwarding: what a proxy does to a message on its way (RFC 3261 16.3 to 16.7, 16.11).

The parts of the message that a proxy must know are found in its bytes as they are, and the changes
are planned as cuts and insertions: the forwarded message is the only thing that is made.

Two MACs tie what comes back to what was sent.  The one in our branch is over the Via below, where
its response goes: a response that does not have the same Via there is not forwarded.  The one in
our Record-Route is over the dialog.  The hash in `loop` is over that and what else the routing
depends on, so that the same request is known when it comes again: who forges it stops only itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from sipfast.errors import ParseError, parse_error, unanswered
from sipfast.next_hop import NextHop
from sipfast.registry.characters import CLASSES
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from .. import shapes
from ..limits import DEFAULT_LIMITS, NO_LIMITS
from ..lists import read_list
from ..octets import octets
from ..parameters import TOKEN
from ..values.tokens import Text
from ..values.uri import URI, SipURI, address_of, read_escapes
from ..wire import mac as macs
from ..wire import table as tables
from ..wire import text as chars
from ..wire.mac import Mac
from ..wire.splice import Splice
from ..wire.table import NO_LENGTH, Table
from ..wire.text import Room
from .hop import Hop
from .message import Forwarder, Request, Response, forward_with
from .parsing import parse
from .received import Source, address_of_source, host_and_port, ip_address, sources
from .spans import held_bytes, line_at, mixed_line_end, spaced, values_with

__all__ = [
    "Forwarding",
    "Relay",
    "next_of_request",
    "next_of_response",
    "relay_request",
    "relay_response",
    "via_with_source",
]

_VIA, _ROUTE, _RECORD_ROUTE = HEADER_IDS["via"], HEADER_IDS["route"], HEADER_IDS["record-route"]
_FROM, _TO, _CALL_ID = HEADER_IDS["from"], HEADER_IDS["to"], HEADER_IDS["call-id"]
_CSEQ, _MAX_FORWARDS = HEADER_IDS["cseq"], HEADER_IDS["max-forwards"]
_CONTENT_LENGTH = HEADER_IDS["content-length"]
_PROXY_REQUIRE = HEADER_IDS["proxy-require"]
_PROXY_AUTHORIZATION = HEADER_IDS["proxy-authorization"]

_MOST_FIELDS = DEFAULT_LIMITS.headers - 5
_LONGEST_LINE = DEFAULT_LIMITS.line - 128
_LARGEST = DEFAULT_LIMITS.size - 1024
"""What may be forwarded is within the usual limits of the next element, with what is added."""
_FAR = 65536
"""Of a message further into its buffer, a copy is worked on."""
MOST_FORKS = 63
MOST_CONNECTION = (1 << 32) - 1
_MOST_HOPS = 255
_HASH_SIZE = 16
"""The characters of a MAC."""
_COOKIE_SIZE = 7

_LOOP = b";loop="
_COOKIE, _MADDR, _MAC, _LR, _TAG = "z9hg4bk", "maddr", "mac", "lr", "tag"
_TRANSPORT = "transport"

_BRANCH_OF, _RECEIVED_OF, _RPORT_OF, _MADDR_OF, _LOOP_OF, _CONN_OF, _OTHER = range(7)
"""The parameters of a Via that a proxy reads: their places in an array."""

_ABSENT, _FLAG, _VALUED = 0, 1, 2
"""What `Forwarding._parameter` finds."""


class Forwarding(Room):
    """The plan of forwarding one message.

    `_at` and `_end` are where the value is that was read last, of the field `_index` of a list;
    `_begin` and `_stop` where the value of the parameter is.
    """

    __slots__ = (
        *("_table", "_hop", "_source", "_kept", "_text", "_shift", "_splice", "_mac", "_sub"),
        *("_found", "_field_end", "_scheme"),
        *("_base", "_index", "_at", "_end", "_after", "_begin", "_stop", "_conn", "_fork"),
        *("_from_at", "_from_end", "_to_at", "_to_end", "_call_at", "_call_end"),
        *("_number_at", "_number_end", "_branch", "_loop", "_dialog", "_is_old", "_is_signed"),
        *("_through_index", "_through_end", "_last_at", "_last_index", "_before_last"),
        *("_last_via", "_added", "_added_at", "_added_end"),
        *("_target", "_hops", "_record_route", "_below", "_stays", "_own", "_leaving", "_is_there"),
        *("_to", "_came_from", "_port"),
    )

    _table: Table
    _hop: Hop
    _source: bytes
    _kept: bytes
    """The same, with each fold as spaces; `_text` is its text."""
    _target: bytes | None
    """The new Request-URI: the one that was given, or that the routes ask for."""
    _record_route: Hop | None
    """What stays on the path, and goes on top of Record-Route."""
    _stays: bool
    """Whether it does; if not, its Routes are taken off all the same."""
    _below: Hop | None
    """The hop below it, by which the request came in (RFC 5658)."""
    _own: Hop
    """The hop that the URI is of which was split last."""
    _leaving: Hop | None
    """The hop of our second Route, by which the request leaves."""
    _came_from: tuple[str, bytes, bytes]
    """Of the source: see `address_of_source`."""
    _to: NextHop | None
    """Where the target that was given is, if it is a usual URI."""
    _is_there: bool
    """Whether a Route is left, to which `_at` points."""
    _splice: Splice
    _mac: Mac
    _found: Room
    """The values of the Via's parameters."""
    _text: str
    _sub: str
    """The value that is split, which begins at `_base`."""
    _shift: int
    """What is added to offsets in errors."""
    _is_signed: bool
    _is_old: bool
    """Whether the branch below is of RFC 2543."""

    # ---- the message ----------------------------------------------------------------------------

    def _take(self, message: Any, hop: Any) -> None:
        """Start with a message; one whose buffer may change is copied, and the copy read."""
        if message is None:
            raise TypeError("message must be Request or Response, not NoneType")
        source = held_bytes(message)
        start = message._parsed.start
        self._shift = 0
        if source is None or start > _FAR:
            source = message.raw
            again: Any = parse(source, limits=NO_LIMITS)
            if type(again) is not type(message):
                raise unanswered(parse_error("not-sip", start))
            message = again
            self._shift = start
        self._table, self._hop, self._source, self._kept = message, hop, source, source
        if self._table._has_folds():
            self._kept = _flattened(self._table, source)
        self._text = chars.text_of(self._kept, self._table._parsed.body)
        self._target = self._record_route = self._below = self._leaving = None
        length = self._table._parsed.content_length
        if length != NO_LENGTH and length > self._table._parsed.end - self._table._parsed.body:
            self._fail("body-too-short", self._table._parsed.body, "Content-Length")

    def _aim(self, target: URI | str, via: Hop, wants_hop: bool) -> bytes:
        """A target as a Request-URI.  Raises `ParseError` if it is malformed."""
        if type(target) is str and (plain := chars.plain_octets(target)) is not None:
            text = plain
        elif isinstance(target, URI):
            text = bytes(target)  # of a class of the caller's, anything
        elif isinstance(target, str):
            text = octets(target, "Request-URI")
        else:
            raise TypeError(f"target must be URI or str, not {type(target).__name__}")
        self._text = chars.text_of(text, len(text))
        fault = self._split_uri(0, len(text))
        if fault:
            raise parse_error(shapes.FAULTS[chars.high(fault)], chars.low(fault), "Request-URI")
        if wants_hop and self._is_usual():
            self._hop, self._leaving = via, None
            self._to = self._next_of_usual()
        parts = self._parts
        if chars.has(parts, chars.PARAMETERS) or chars.has(parts, chars.HEADERS):
            return _stripped(text)
        return text

    def _stay(self, record_route: Hop | Hops | None) -> None:
        """Take what stays on the path."""
        if type(record_route) is tuple:
            self._record_route, self._below = record_route[0], record_route[1]
        else:
            made: Any = record_route
            self._record_route = made

    def _check_framing(self) -> None:
        """Refuse what would close a stream to the next element, and so cut off all who share it."""
        table = self._table
        parsed = table._parsed
        start, body = parsed.start, parsed.body
        if parsed.end - start > _LARGEST:
            self._fail("message-too-large", start, None)
        if parsed.count > _MOST_FIELDS:
            self._fail("too-many-header-fields", line_at(table, _MOST_FIELDS), None)
        index = tables.first(table, _VIA)
        if index >= 0 and line_at(table, index + 1) - line_at(table, index) > _LONGEST_LINE:
            self._fail("line-too-long", line_at(table, index), "Via")
        if parsed.line_end - start > _LONGEST_LINE:
            self._fail("line-too-long", start, None)
        if self._target is not None and len(self._target) > _LONGEST_LINE:
            raise parse_error("line-too-long", 0, "Request-URI")
        if not self._is_all_crlf():
            at = mixed_line_end(self._source, start, body)
            if at >= 0:
                self._fail("line-ends-mixed", at, None)

    def _is_all_crlf(self) -> bool:
        """Whether each line ends with CR LF; False if there may be folds."""
        table, text = self._table, self._text
        body, count = table._parsed.body, table._parsed.count
        is_folded = self._kept is not self._source
        if is_folded or not self._is_crlf() or text[body - 2] != "\r":
            return False
        for index in range(1, count):
            if text[tables.name_at(table, index) - 2] != "\r":
                return False
        return text[body - 4] == "\r"

    def _identify(self) -> None:
        """Find tags, Call-ID and the number in CSeq."""
        self._read_tag(_FROM, "From")
        self._from_at, self._from_end = self._begin, self._stop
        self._read_tag(_TO, "To")
        self._to_at, self._to_end = self._begin, self._stop
        self._require(_CALL_ID)
        self._call_at, self._call_end = self._at, self._end
        self._require(_CSEQ)
        end = chars.past(self._text, self._at, self._end, chars.DIGIT)
        if end == self._at or (
            end < self._end and self._text[end] != " " and self._text[end] != "\t"
        ):
            self._fail("cseq-malformed", self._at, "CSeq")
        self._number_at, self._number_end = self._at, end

    def _read_tag(self, header_id: int, name: str) -> None:
        """Find the tag of a field, which may be empty."""
        self._require(header_id)
        if self._is_plain_tag():
            return
        self._within(self._at, self._end)
        fault = shapes.split_address(self._sub, self._end - self._at, self._parts)
        if fault:
            self._refuse(fault, name)
        self._parameter(_TAG)

    def _is_plain_tag(self) -> bool:
        """Find the tag of an address in brackets, if it is the only parameter."""
        text, at, end = self._text, self._at, self._end
        self._begin = self._stop = 0
        if at < end and text[at] == '"':
            at = chars.past_quoted(text, at, end)
            if at == 0:
                return False
        close = chars.find(text, at, end, ">")
        if close == end or chars.find(text, at, close, '"') != close:
            return False
        at = chars.find(text, at, close, "<")
        if at == close or chars.find(text, at + 1, close, "<") != close:
            return False
        if close + 1 == end:
            return True
        at = close + 6
        if at >= end or not chars.is_host(text, close + 1, at, chars.letters(";tag="), 5):
            return False
        self._begin, self._stop = at, end
        return chars.past(text, at, end, chars.IN_TOKEN) == end

    def _require(self, header_id: int) -> None:
        """Find the value of the first field with this id."""
        self._index = tables.first(self._table, header_id)
        if self._index < 0:
            self._fail(
                "header-missing", self._table._parsed.start, HEADER_NAMES[header_id - 1].name
            )
        self._at = tables.value_at(self._table, self._index)
        self._end = tables.value_end(self._table, self._index)

    def _fail(self, code: str, at: int, header: str | None) -> None:
        error = parse_error(code, at + self._shift, header)
        is_answered = self._table._parsed.method_length and self._table._method() != "ACK"
        raise error if is_answered else unanswered(error)

    def _refuse(self, fault: int, header: str) -> None:
        """Raise the error for a fault that `shapes` found in the value."""
        self._fail(shapes.FAULTS[chars.high(fault)], self._base + chars.low(fault), header)

    # ---- values and their parts -----------------------------------------------------------------

    def _within(self, at: int, end: int) -> None:
        """Turn to a value: parts count from its start."""
        self._base = at
        self._sub = chars.within(self._text, at, end)
        chars.clear(self._parts)

    def _open(self, header_id: int, name: str) -> bool:
        """Go to the first value of a list."""
        self._index = tables.first(self._table, header_id)
        if self._index < 0:
            return False
        self._enter()
        return self._go_on(name)

    def _enter(self) -> None:
        """Go to the start of the field."""
        self._after = tables.value_at(self._table, self._index)
        self._field_end = tables.value_end(self._table, self._index)

    def _go_on(self, name: str) -> bool:
        """Go to the next value of the list; False after the last one."""
        while True:
            at, stop = self._past_commas(self._after, self._field_end), self._field_end
            if at < stop:
                end = chars.find(self._text, at, stop, ",")
                if end != stop:  # maybe in quotes, or in brackets
                    fault = shapes.past_listed(self._text, at, stop)
                    if chars.high(fault):
                        self._fail(shapes.FAULTS[chars.high(fault)], chars.low(fault), name)
                    end = chars.low(fault)
                self._after = end
                self._at, self._end = at, chars.before_space(self._text, at, end)
                return True
            self._after = stop
            index = self._table._next(self._index)
            if index < 0:
                return False
            self._index = index
            self._enter()

    def _past_commas(self, at: int, stop: int) -> int:
        text = self._text
        while at < stop and (text[at] == "," or text[at] == " " or text[at] == "\t"):
            at += 1
        return at

    def _parameter(self, name: str) -> int:
        """Find a parameter of the value, and where its value is: empty if it has none."""
        found = shapes.find_parameter(self._sub, self._parts, ";", chars.letters(name), len(name))
        self._begin = self._stop = 0
        if found < 0:
            return _ABSENT
        at = chars.low(found)
        if at == 0:
            return _FLAG
        end = chars.stop(self._parts, chars.PARAMETERS)
        end = shapes.past_parameter(self._sub, at, end, ";", self._parts)
        at = chars.past_space(self._sub, at, end)
        self._begin = self._base + at
        self._stop = self._base + chars.before_space(self._sub, at, end)
        return _VALUED

    def _is_at(self, hop: Hop) -> bool:
        """Whether the value that is split has the host and the port of a hop."""
        at, end = chars.begin(self._parts, chars.HOST), chars.stop(self._parts, chars.HOST)
        if not chars.is_host(self._sub, at, end, chars.letters(hop._name), len(hop._name)):
            return False
        if not chars.has(self._parts, chars.PORT):
            return hop._number < 0
        return chars.number_of(self._sub, self._parts, chars.PORT) == hop._number

    # ---- Vias -----------------------------------------------------------------------------------

    def _split_via(self) -> None:
        """Split the Via, and find the parameters that a proxy reads."""
        self._within(self._at, self._end)
        fault = shapes.split_via(self._sub, self._end - self._at, self._parts)
        if fault:
            self._refuse(fault, "Via")
        found = self._found._parts
        chars.clear(found)
        self._added = 0
        at, end = (
            chars.begin(self._parts, chars.PARAMETERS),
            chars.stop(self._parts, chars.PARAMETERS),
        )
        while at < end:
            stop = shapes.past_parameter(self._sub, at, end, ";", self._parts)
            begin = chars.past_space(self._sub, at, stop)
            equals = chars.find(self._sub, begin, stop, "=")
            place = self._place_of(begin, chars.before_space(self._sub, begin, equals))
            if place in (_RPORT_OF, _RECEIVED_OF):
                self._added += 1
                self._added_at, self._added_end = at - 1, stop
            if place != _OTHER and not chars.has(found, place):
                begin = stop if equals == stop else chars.past_space(self._sub, equals + 1, stop)
                chars.put(found, place, begin, chars.before_space(self._sub, begin, stop))
            at = stop + 1

    def _place_of(self, at: int, stop: int) -> int:
        """The place of a parameter of a Via, by its name."""
        size = stop - at
        if size == 6:
            return (
                _BRANCH_OF
                if chars.is_host(self._sub, at, stop, chars.letters("branch"), 6)
                else _OTHER
            )
        if size == 5:
            if chars.is_host(self._sub, at, stop, chars.letters("rport"), 5):
                return _RPORT_OF
            return (
                _MADDR_OF
                if chars.is_host(self._sub, at, stop, chars.letters("maddr"), 5)
                else _OTHER
            )
        if size == 4:
            if chars.is_host(self._sub, at, stop, chars.letters("loop"), 4):
                return _LOOP_OF
            return (
                _CONN_OF if chars.is_host(self._sub, at, stop, chars.letters("conn"), 4) else _OTHER
            )
        if size == 8 and chars.is_host(self._sub, at, stop, chars.letters("received"), 8):
            return _RECEIVED_OF
        return _OTHER

    def _has(self, place: int) -> bool:
        """Whether the Via has a parameter; `_begin` and `_stop` are where its value is."""
        found = self._found._parts
        self._begin = self._base + chars.begin(found, place)
        self._stop = self._base + chars.stop(found, place)
        return chars.has(found, place)

    def _first_via(self) -> None:
        """Go to the top Via, and split it."""
        self._open_via()
        self._split_via()

    def _open_via(self) -> None:
        """Go to the top Via."""
        if not self._open(_VIA, "Via"):
            self._require(_VIA)
            self._fail("via-malformed", self._at, "Via")

    def _is_ours(self) -> bool:
        """Whether the Via has our sent-protocol and our sent-by."""
        hop = self._hop
        at, end = (
            chars.begin(self._parts, chars.TRANSPORT),
            chars.stop(self._parts, chars.TRANSPORT),
        )
        name = hop._transport_name
        return (
            chars.is_sip_2(self._sub, end)
            and chars.is_host(self._sub, at, end, chars.letters(name), len(name))
            and self._is_at(hop)
        )

    def _has_old_branch(self) -> bool:
        """Whether the branch is not of RFC 3261."""
        self._has(_BRANCH_OF)
        self._is_old = self._stop - self._begin <= _COOKIE_SIZE or not chars.is_named(
            self._text, self._begin, self._stop, chars.letters(_COOKIE), _COOKIE_SIZE
        )
        return self._is_old

    def _absorb_via(self) -> None:
        """Begin the MAC of our branch with the Via that is split.

        The response must have what it covers, maybe written with other whitespace.
        """
        mac, hop = self._mac, self._hop
        mac.begin(hop._branch_key)
        self._has(_BRANCH_OF)
        if self._is_old:
            self._absorb_old()
        else:
            mac.item(self._text, self._begin, self._stop)
        self._absorb_sent_by()
        if self._has(_MADDR_OF):
            mac.octets(b"maddr")
            mac.item(self._text, self._begin, self._stop)

    def _absorb_sent_by(self) -> None:
        """Absorb transport, host and port, as they are written without whitespace to spare."""
        mac, parts = self._mac, self._parts
        at, end = chars.begin(parts, chars.TRANSPORT), chars.stop(parts, chars.TRANSPORT)
        host, stop = chars.begin(parts, chars.HOST), chars.stop(parts, chars.HOST)
        is_usual = host == end + 1 and self._sub[end] == " "
        if chars.has(parts, chars.PORT):
            port, last = chars.begin(parts, chars.PORT), chars.stop(parts, chars.PORT)
            is_usual = is_usual and port == stop + 1
        else:
            port = last = stop
        if is_usual:
            mac.item(self._sub, at, last)
            return
        mac.part(self._sub, at, end)
        mac.octets(b" ")
        mac.part(self._sub, host, stop)
        if port < last:
            mac.octets(b":")
        mac.item(self._sub, port, last)

    def _absorb_part(self, part: int) -> None:
        self._mac.item(self._sub, chars.begin(self._parts, part), chars.stop(self._parts, part))

    def _absorb_old(self) -> None:
        """Absorb all that a request of RFC 2543 and its response have in common (16.11)."""
        mac = self._mac
        mac.item(self._text, 0, 0)  # no branch of RFC 3261 is empty
        self._absorb_part(chars.PROTOCOL)
        self._absorb_part(chars.VERSION)
        at, end = (
            chars.begin(self._parts, chars.PARAMETERS),
            chars.stop(self._parts, chars.PARAMETERS),
        )
        while at < end:
            stop = shapes.past_parameter(self._sub, at, end, ";", self._parts)
            begin = chars.past_space(self._sub, at, stop)
            if begin < stop and not self._is_added(begin, stop):
                while begin < stop:  # however whitespace is written
                    last = chars.past(self._sub, begin, stop, chars.BEFORE_SPACE)
                    mac.item(self._sub, begin, last)
                    begin = chars.past_space(self._sub, last, stop)
                mac.item(self._text, 0, 0)
            at = stop + 1
        mac.item(self._text, self._from_at, self._from_end)
        mac.item(self._text, self._call_at, self._call_end)
        mac.item(self._text, self._number_at, self._number_end)

    def _is_added(self, at: int, stop: int) -> bool:
        """Whether a parameter of the Via is one that its receiver adds."""
        at = chars.past_space(self._sub, at, stop)
        equals = chars.find(self._sub, at, stop, "=")
        place = self._place_of(at, chars.before_space(self._sub, at, equals))
        return place in (_RECEIVED_OF, _RPORT_OF)

    def _finish_branch(self, rport: int) -> int:
        """The MAC of our branch, after `received`; -1 is what is absent."""
        self._mac.word((rport + 1) | self._fork << 17 | (self._conn + 1) << 24)
        return self._mac.finish()

    # ---- requests -------------------------------------------------------------------------------

    def _count_hops(self) -> None:
        """Read Max-Forwards (16.3 step 3)."""
        self._hops = -1
        index = tables.first(self._table, _MAX_FORWARDS)
        if index < 0:
            return
        at = tables.value_at(self._table, index)
        hops = chars.number(self._text, at, tables.value_end(self._table, index))
        if hops < 0:
            self._fail("number-malformed", at, "Max-Forwards")
        if hops > _MOST_HOPS:
            self._fail("max-forwards-too-large", at, "Max-Forwards")
        if hops == 0:
            self._fail("max-forwards-zero", at, "Max-Forwards")
        self._hops = hops

    def _hash_loop(self) -> None:
        """Hash what the routing depends on (16.6 step 8)."""
        mac, parsed = self._mac, self._table._parsed
        hop = self._hop
        mac.begin(hop._loop_key)
        mac.item(self._text, self._call_at, self._call_end)
        mac.item(self._text, self._from_at, self._from_end)
        mac.item(self._text, self._to_at, self._to_end)
        mac.item(self._text, parsed.target_at, parsed.target_at + parsed.target_length)
        mac.item(self._text, self._number_at, self._number_end)
        if tables.first(self._table, _ROUTE) >= 0:
            self._hash_fields(_ROUTE)
        if tables.first(self._table, _PROXY_REQUIRE) >= 0:
            self._hash_fields(_PROXY_REQUIRE)
        if tables.first(self._table, _PROXY_AUTHORIZATION) >= 0:
            self._hash_fields(_PROXY_AUTHORIZATION)
        self._loop = mac.fingerprint()

    def _hash_fields(self, header_id: int) -> None:
        """Hash the values of the fields with this id."""
        index = tables.first(self._table, header_id)
        while index >= 0:
            at = tables.value_at(self._table, index)
            self._mac.word(header_id)
            self._mac.item(self._text, at, tables.value_end(self._table, index))
            index = self._table._next(index)

    def _come_from(self, source: Source) -> None:
        """Take where the request came from."""
        pair = source if type(source) is tuple and len(source) >= 2 else host_and_port(source)
        host, port = pair[0], pair[1]
        if type(host) is not str or type(port) is not int or not 0 < port <= 65535:
            host, port = host_and_port(source)
        self._port = port
        came_from = sources.get(host)
        self._came_from = address_of_source(host) if came_from is None else came_from

    def _note_source(self) -> bool:
        """Say in the top Via where the request came from; False if it says so as it is."""
        wants_rport = self._has(_RPORT_OF)
        is_added = wants_rport or not self._is_from(self._came_from[1])
        if is_added and self._added == 1:
            self._splice.open(self._base + self._added_at, self._base + self._added_end)
        elif self._added:
            self._cut_added(is_added)
        if is_added:
            self._splice.open(self._end, self._end)
            self._splice.write(self._came_from[2])
        if wants_rport:
            self._splice.write(b";rport=")
            self._splice.write_number(self._port)
        else:
            self._port = -1
        return is_added

    def _read_vias(self) -> None:
        """Say in the top Via where the request came from, hash it, and look for a loop."""
        self._first_via()
        self._refuse_loop()
        is_added = self._note_source()
        self._has_old_branch()
        self._absorb_via()
        if is_added:
            self._mac.octets(self._came_from[1])
        self._branch = self._finish_branch(self._port)
        while self._go_on("Via"):
            if self._may_be_ours():
                self._split_via()
                self._refuse_loop()
        self._last_via = self._index

    def _may_be_ours(self) -> bool:
        """Whether the Via may have our sent-by: not if it begins as usual, with another host."""
        hop = self._hop
        text, end = self._text, self._end
        if not chars.is_sip_2(chars.within(text, self._at, end), end - self._at):
            return True
        at = chars.past(text, self._at + 8, end, chars.IN_TOKEN) + 1
        if at >= end or text[at - 1] != " " or text[at] == " " or text[at] == "\t":
            return True
        size = len(hop._name)
        return size <= end - at and chars.is_host(
            text, at, at + size, chars.letters(hop._name), size
        )

    def _is_from(self, address: bytes) -> bool:
        """Whether sent-by is an address."""
        at, end = chars.begin(self._parts, chars.HOST), chars.stop(self._parts, chars.HOST)
        if self._sub[at] == "[":
            if (
                b":" not in address
                and chars.find(self._sub, at, end, "f") == end
                and chars.find(self._sub, at, end, "F") == end
            ):
                return False  # an IPv4 address is written as ::ffff:0:0
            host = self._kept[self._base + at + 1 : self._base + end - 1]
            return _address_of(host.decode("ascii")) == address
        return chars.is_octets(self._sub, at, end, address)

    def _cut_added(self, is_followed: bool) -> None:
        """Cut `received` and `rport` as the sender wrote them; unless others follow, no fold that
        was before them ends the value.
        """
        at, end = (
            chars.begin(self._parts, chars.PARAMETERS),
            chars.stop(self._parts, chars.PARAMETERS),
        )
        kept = at - 1
        while at <= end:
            stop = shapes.past_parameter(self._sub, at, end, ";", self._parts)
            if self._is_added(at, stop):
                self._splice.cut(self._base + at - 1, self._base + stop, b"")
            else:
                kept = stop
            at = stop + 1
        if kept < end and not is_followed:
            at = chars.before_space(self._sub, 0, kept)
            self._splice.cut(self._base + at, self._base + kept, b"")

    def _refuse_loop(self) -> None:
        """Refuse a request that we have forwarded before (16.3 step 4)."""
        if (
            self._has(_LOOP_OF)
            and self._is_at(self._hop)
            and macs.is_written(self._text, self._begin, self._stop, self._loop)
        ):
            self._fail("loop-detected", self._at, "Via")

    def _check_extensions(self) -> None:
        """Refuse unsupported option tags (16.3 step 5), not in ACK and CANCEL (8.2.2.3)."""
        if tables.first(self._table, _PROXY_REQUIRE) < 0 or self._table._method() in (
            "ACK",
            "CANCEL",
        ):
            return
        tags = [
            tag
            for field in values_with(self._table, _PROXY_REQUIRE)
            for tag in self._tags_in(field)
        ]
        hop = self._hop
        lacking = tuple([tag for tag in tags if tag.lower() not in hop._supported])
        if lacking:
            at = (
                tables.value_at(self._table, tables.first(self._table, _PROXY_REQUIRE))
                + self._shift
            )
            error = parse_error("extension-unsupported", at, "Proxy-Require")
            error.unsupported = lacking
            raise error

    def _tags_in(self, field: bytes) -> Any:
        """The option tags in a Proxy-Require field."""
        try:
            return read_list(Text, field + b",", _PROXY_REQUIRE)
        except ParseError as error:
            at = tables.value_at(self._table, tables.first(self._table, _PROXY_REQUIRE))
            self._fail(error.code, at, "Proxy-Require")
            return ()

    # ---- routes ---------------------------------------------------------------------------------

    def _split_uri(self, at: int, end: int) -> int:
        """Split the URI at a place; a fault, or 0."""
        self._within(at, end)
        self._scheme = chars.scheme_of(self._sub, end - at)
        return shapes.split_uri(self._sub, end - at, self._scheme, self._parts)

    def _is_sip(self) -> bool:
        return self._scheme == chars.OF_SIP or self._scheme == chars.OF_SIPS

    def _split_route(self) -> None:
        """Split the URI of the Route value; `_begin` and `_stop` are where it is."""
        self._within(self._at, self._end)
        fault = shapes.split_address(self._sub, self._end - self._at, self._parts)
        if fault:
            self._refuse(fault, "Route")
        at = self._base + chars.begin(self._parts, chars.ADDRESS)
        end = self._base + chars.stop(self._parts, chars.ADDRESS)
        fault = self._split_uri(at, end)
        if fault:
            self._refuse(fault, "Route")
        self._begin, self._stop = at, end

    def _is_own_uri(self) -> bool:
        """Whether the URI that is split is ours; if it is signed, the request is in a dialog."""
        if not self._is_sip():
            return False
        own = self._hop if self._is_at(self._hop) else None
        if self._record_route is not self._hop:
            own = self._nearer(own, self._record_route)
        own = self._nearer(own, self._below)
        if own is None:
            return False
        self._own = own
        if self._parameter(_MAC) == _VALUED and (
            self._is_written_by(own, self._from_at, self._from_end)
            or self._is_written_by(own, self._to_at, self._to_end)
        ):
            self._is_signed = True
        return True

    def _nearer(self, own: Hop | None, other: Hop | None) -> Hop | None:
        """The other of two hops if the URI has its place, and its transport if both are there."""
        if other is None or not self._is_at(other):
            return own
        return other if own is None or self._is_by(other) else own

    def _is_by(self, hop: Hop) -> bool:
        """Whether the URI that is split has the transport of a hop."""
        name = hop._transport_name
        is_secure = self._scheme == chars.OF_SIPS
        if self._parameter(_TRANSPORT) == _ABSENT:
            return name == ("tls" if is_secure else "udp")
        if is_secure and name == "wss":
            name = "ws"
        return chars.is_host(self._text, self._begin, self._stop, chars.letters(name), len(name))

    def _is_written_by(self, hop: Hop, tag_at: int, tag_end: int) -> bool:
        if hop is self._hop and tag_at == self._from_at:
            signature = self._dialog
        else:
            signature = self._signature(hop, tag_at, tag_end)
        return macs.is_written(self._text, self._begin, self._stop, signature)

    def _signature(self, hop: Hop, tag_at: int, tag_end: int) -> int:
        """What we sign a Record-Route with: the dialog, by the tag of its first request."""
        self._mac.begin(hop._dialog_key)
        self._mac.item(self._text, self._call_at, self._call_end)
        self._mac.item(self._text, tag_at, tag_end)
        return self._mac.finish()

    def _find_route(self, trusted: bool) -> None:
        """Take our own Route off (16.4), and find the one that is left."""
        self._dialog = self._signature(self._hop, self._from_at, self._from_end)
        self._is_signed = False
        self._through_index = self._last_index = -1
        parsed = self._table._parsed
        is_strict, is_led = False, self._target is None
        end = parsed.target_at + parsed.target_length
        if is_led or chars.find(self._text, parsed.target_at, end, ";") != end:  # maybe our own
            fault = self._split_uri(parsed.target_at, end)
            if fault and is_led:
                self._refuse(fault, "Request-URI")
            if fault == 0 and self._is_own_uri() and self._is_signed:
                is_strict = self._take_last_route(is_led)
                self._is_signed = is_strict
            elif fault == 0 and is_led and self._is_sip():
                self._strip_maddr()
        first = self._own if is_strict else None
        is_there = self._open_route(is_strict)
        if is_there:
            self._split_route()
            if is_strict and self._is_second(first):
                is_there = self._pop_route(is_strict)
            elif self._is_own_uri():
                first = self._own
                is_there = self._pop_route(is_strict)
                if is_there and not is_strict and self._has_two():
                    self._split_route()
                    if self._is_second(first):
                        is_there = self._pop_route(is_strict)
        if not (self._is_signed or trusted) and (is_there or is_led):
            at = self._at if is_there else parsed.target_at
            self._fail("route-unsigned", at, "Route" if is_there else "Request-URI")
        if not (is_there or is_led):
            self._leaving = None
        self._is_there = is_there

    def _has_two(self) -> bool:
        """Whether two hops are known, so that the request may have come in by one for the other."""
        return self._below is not None or self._record_route not in (None, self._hop)

    def _is_second(self, first: Hop | None) -> bool:
        """Whether the URI of the Route is our second one, of another hop (RFC 5658).

        Unless it is signed as well as the first, neither is.
        """
        was_signed, self._is_signed = self._is_signed, False
        if not self._is_own_uri() or self._own is first or not self._is_by(self._own):
            self._is_signed = was_signed
            return False
        self._is_signed = self._is_signed and was_signed
        self._leaving = self._own
        return True

    def _open_route(self, is_strict: bool) -> bool:
        if not self._open(_ROUTE, "Route"):
            return False
        return not is_strict or self._at != self._last_at

    def _pop_route(self, is_strict: bool) -> bool:
        """Take off all Routes up to this one; whether another one is left."""
        self._cut_through()
        if not self._go_on("Route"):
            return False
        return not is_strict or self._at != self._last_at

    def _take_last_route(self, is_target: bool) -> bool:
        """A strict router has moved the Request-URI to the end of Route: move it back (16.4)."""
        self._before_last = 0
        if not self._open(_ROUTE, "Route"):
            return False
        while True:
            self._last_at, self._last_index = self._at, self._index
            end = self._end
            if not self._go_on("Route"):
                break
            self._before_last = end if self._index == self._last_index else 0
        self._at, self._end = self._last_at, end
        self._split_route()
        if is_target:
            self._target = _stripped(self._kept[self._begin : self._stop])
        return True

    def _strip_maddr(self) -> None:
        """Take maddr, port and transport off a Request-URI that names us there (16.4)."""
        hop = self._hop
        if self._parameter(_MADDR) != _VALUED or not chars.is_host(
            self._text, self._begin, self._stop, chars.letters(hop._name), len(hop._name)
        ):
            return
        parsed = self._table._parsed
        uri = self._kept[parsed.target_at : parsed.target_at + parsed.target_length]
        at, end = (
            chars.begin(self._parts, chars.PARAMETERS),
            chars.stop(self._parts, chars.PARAMETERS),
        )
        default = 5060 if self._scheme == chars.OF_SIP else 5061
        port = chars.number_of(self._sub, self._parts, chars.PORT)
        before = at - 1 if port in (-1, default) else chars.stop(self._parts, chars.HOST)
        self._target = uri[:before] + _without(uri[at:end], ("maddr", "transport")) + uri[end:]

    def _cut_through(self) -> None:
        """Take off all values up to this one."""
        self._through_index, self._through_end = self._index, self._after

    def _write_routes(self, is_strict: bool) -> None:
        """Cut what was taken off Route."""
        table = self._table
        if self._through_index < 0 and not is_strict:
            return
        index = tables.first(table, _ROUTE)
        while index >= 0:
            at = tables.value_at(table, index)
            stop = tables.value_end(table, index)
            if index < self._through_index:
                self._cut_line(index)
            elif index == self._through_index:
                after = self._past_commas(self._through_end, stop)
                if after == stop or (is_strict and after == self._last_at):
                    self._cut_line(index)
                else:
                    self._splice.cut(at, after, b"")
                    if is_strict and index == self._last_index:
                        self._splice.cut(self._before_last, stop, b"")
            elif is_strict and index == self._last_index:
                if self._before_last:
                    self._splice.cut(self._before_last, stop, b"")
                else:
                    self._cut_line(index)
            index = table._next(index)

    def _cut_line(self, index: int) -> None:
        self._splice.cut(self._line_at(index), self._line_at(index + 1), b"")

    def _line_at(self, index: int) -> int:
        """The offset of a field's line; one beyond the last field, that of the blank line."""
        if index < self._table._parsed.count:
            return tables.name_at(self._table, index)
        return line_at(self._table, index)

    # ---- what is written ------------------------------------------------------------------------

    def _end_line(self) -> None:
        """Write a line end, as the start line has it."""
        self._splice.write(b"\r\n" if self._is_crlf() else b"\n")

    def _is_crlf(self) -> bool:
        return self._text[self._table._parsed.line_end] == "\r"

    def _write_request(self) -> bytes:
        table, splice, hop = self._table, self._splice, self._hop
        parsed = table._parsed
        target = self._target
        if self._is_there:
            target = self._route_strictly(target)
        if target is not None:
            splice.cut(parsed.target_at, parsed.target_at + parsed.target_length, target)
        self._write_routes(self._last_index >= 0)
        if self._record_route is not None and self._stays:
            self._write_record_routes(self._record_route)
        at = tables.name_at(table, tables.first(table, _VIA))
        splice.open(at, at)
        splice.write_hex(hop._via, self._branch)
        if self._fork:
            splice.write(b"-")
            splice.write_number(self._fork)
        if self._is_old:
            splice.write_hex(b".", self._hash_target())
        splice.write_hex(_LOOP, self._loop)
        if self._conn >= 0:
            splice.write(b";conn=")
            splice.write_number(self._conn)
        self._end_line()
        self._write_hops()
        self._write_length()
        return splice.joined(self._source, parsed.start, parsed.end)

    def _asks_for_sips(self) -> bool:
        """Whether the Request-URI or the next Route is a sips URI (16.6 step 4)."""
        if self._is_there:
            self._split_route()
            if self._scheme == chars.OF_SIPS:
                return True
        target = self._target
        if target is None:
            at = self._table._parsed.target_at
            target = self._kept[at : at + 5]
        return target[:5].lower() == b"sips:"

    def _write_record_routes(self, hop: Hop) -> None:
        index = tables.first(self._table, _RECORD_ROUTE)
        if index < 0:
            index = self._last_via + 1
        at = self._line_at(index)
        self._splice.open(at, at)
        self._write_record_route(hop)
        if self._below is not None:
            self._write_record_route(self._below)

    def _write_record_route(self, hop: Hop) -> None:
        signature = self._dialog
        if hop is not self._hop:
            signature = self._signature(hop, self._from_at, self._from_end)
        made = hop._record_route
        if hop._secure_route is not made and self._asks_for_sips():
            made = hop._secure_route
        self._splice.write_hex(made, signature)
        self._splice.write(b">\r\n" if self._is_crlf() else b">\n")

    def _write_hops(self) -> None:
        index = tables.first(self._table, _MAX_FORWARDS)
        if index < 0:
            self._open_at_end()
            self._splice.write(b"Max-Forwards: 70")
            self._end_line()
            return
        at = tables.value_at(self._table, index)
        self._splice.open(at, tables.value_end(self._table, index))
        self._splice.write_number(self._hops - 1)
        index = self._table._next(index)
        while index >= 0:
            self._cut_line(index)
            index = self._table._next(index)

    def _open_at_end(self) -> None:
        """Begin a field below all others."""
        blank = line_at(self._table, self._table._parsed.count)
        self._splice.open(blank, blank)

    def _write_length(self) -> None:
        """Write the Content-Length that a message without one needs on a stream (18.3)."""
        parsed = self._table._parsed
        if tables.first(self._table, _CONTENT_LENGTH) < 0:
            self._open_at_end()
            self._splice.write(b"Content-Length: ")
            self._splice.write_number(parsed.end - parsed.body)
            self._end_line()

    def _hash_target(self) -> int:
        """What a branch of RFC 2543 adds: requests that differ in it have one top Via (16.11)."""
        parsed = self._table._parsed
        hop = self._hop
        self._mac.begin(hop._branch_key)
        self._mac.item(self._text, 0, 0)
        self._mac.item(self._text, 0, 0)
        self._mac.item(self._text, parsed.target_at, parsed.target_at + parsed.target_length)
        return self._mac.finish()

    def _route_strictly(self, target: bytes | None) -> bytes | None:
        """Before a Route without lr, the Request-URI goes to the end of Route (16.6 step 6)."""
        self._split_route()
        at, end = self._begin, self._stop
        if not self._is_sip() or self._parameter(_LR) != _ABSENT:
            return target
        parsed = self._table._parsed
        if target is None:
            begin, stop = parsed.target_at, parsed.target_at + parsed.target_length
            fault = self._split_uri(begin, stop)
            if fault:
                self._refuse(fault, "Request-URI")
            target = self._kept[begin:stop]
        index = tables.first(self._table, _ROUTE)
        while self._table._next(index) >= 0:
            index = self._table._next(index)
        line = line_at(self._table, index + 1)
        self._splice.open(line, line)
        self._splice.write(b"Route: <")
        self._splice.write(target)
        self._splice.write(b">")
        self._end_line()
        self._cut_through()
        return _stripped(self._kept[at:end])

    # ---- responses ------------------------------------------------------------------------------

    def _is_as_written(self, at: int) -> bool:
        """Whether the Via is ours, as we write it without a connection and a fork.

        This only saves time: `_read_own_via` reads all.
        """
        text, end = self._text, self._end
        self._conn, self._fork = -1, 0
        loop = at + _HASH_SIZE + len(_LOOP)
        return (
            end == loop + _HASH_SIZE
            and chars.is_octets(text, self._at, at, self._hop._value)
            and chars.is_octets(text, at + _HASH_SIZE, loop, _LOOP)
            and chars.past(text, loop, end, chars.IN_TOKEN) == end
        )

    def _read_own_via(self) -> int:
        """Read our Via: where the MAC of its branch is."""
        self._split_via()
        if not self._is_ours():
            self._fail("via-foreign", self._at, "Via")
        if self._has(_CONN_OF):
            self._conn = chars.number(self._text, self._begin, self._stop)
        self._has(_BRANCH_OF)
        at = self._begin + _COOKIE_SIZE
        end = at + _HASH_SIZE
        if (
            end > self._stop
            or self._conn > MOST_CONNECTION
            or not chars.is_named(
                self._text, self._begin, self._stop, chars.letters(_COOKIE), _COOKIE_SIZE
            )
        ):
            self._fail("via-unsigned", self._at, "Via")
        if end < self._stop and self._text[end] == "-":
            stop = chars.past(self._text, end + 1, self._stop, chars.DIGIT)
            self._fork = chars.number(self._text, end + 1, stop)
            if not 0 < self._fork <= MOST_FORKS:
                self._fail("via-unsigned", self._at, "Via")
        return at

    def _check_response(self) -> None:
        """Check that our Via is on top, and is that of the Via below, to which `_at` points."""
        self._open_via()
        own = self._at
        at = self._at + len(self._hop._value)
        if not self._is_as_written(at):
            at = self._read_own_via()
        self._cut_through()
        if not self._go_on("Via"):
            self._fail("via-last", own, "Via")
        self._split_via()
        if self._has_old_branch():
            below, below_end = self._at, self._end
            self._identify()
            self._at, self._end = below, below_end
            self._split_via()
        self._absorb_via()
        if self._has(_RECEIVED_OF):
            self._mac.part(self._text, self._begin, self._stop)
        rport = -1
        if self._has(_RPORT_OF):
            rport = chars.number(self._text, self._begin, self._stop)
        signature = self._finish_branch(rport)
        end = at + _HASH_SIZE
        if rport > 65535 or not macs.is_written(self._text, at, end, signature):
            self._fail("via-unsigned", own, "Via")

    def _write_response(self) -> bytes:
        table = self._table
        parsed = table._parsed
        index = tables.first(table, _VIA)
        while index < self._through_index:
            self._cut_line(index)
            index = table._next(index)
        at = tables.value_at(table, index)
        stop = tables.value_end(table, index)
        after = self._past_commas(self._through_end, stop)
        if after == stop:
            self._cut_line(index)
        else:
            self._splice.cut(at, after, b"")
        self._write_length()
        return self._splice.joined(self._source, parsed.start, parsed.end)

    # ---- where a message goes -------------------------------------------------------------------

    def _next_of_request(self) -> NextHop:
        """Where a request goes (16.6 step 7)."""
        if self._is_there:
            self._split_route()
            return self._next_of_uri(self._begin, self._stop, "Route")
        if self._target is None:
            parsed = self._table._parsed
            end = parsed.target_at + parsed.target_length
            fault = self._split_uri(parsed.target_at, end)
            if fault:
                self._refuse(fault, "Request-URI")
            return self._next_of_uri(parsed.target_at, end, "Request-URI")
        if self._to is not None:
            return self._to
        return _next_of(URI.parse(self._target), 0, "Request-URI", self._leaving)

    def _next_of_uri(self, at: int, end: int, header: str) -> NextHop:
        """Where a request for the URI that is split goes."""
        if self._is_usual():
            return self._next_of_usual()
        return _next_of(URI.parse(self._kept[at:end]), at + self._shift, header, self._leaving)

    def _is_usual(self) -> bool:
        """Whether the URI says where to go by its host, its port and a transport at most."""
        if not self._is_sip() or chars.number_of(self._sub, self._parts, chars.PORT) == 0:
            return False
        self._begin = self._stop = 0
        if not chars.has(self._parts, chars.PARAMETERS):
            return True
        at, end = (
            chars.begin(self._parts, chars.PARAMETERS),
            chars.stop(self._parts, chars.PARAMETERS),
        )
        if chars.find(self._sub, at, end, "%") != end or self._parameter(_MADDR) != _ABSENT:
            return False
        if self._parameter(_TRANSPORT) == _ABSENT:
            return True
        self._begin -= self._base
        self._stop -= self._base
        return self._begin < self._stop and (
            chars.past(self._sub, self._begin, self._stop, chars.IN_TOKEN) == self._stop
        )

    def _next_of_usual(self) -> NextHop:
        """Where it goes; `_begin` and `_stop` are those of the transport."""
        at, end = chars.begin(self._parts, chars.HOST), chars.stop(self._parts, chars.HOST)
        is_reference = self._sub[at] == "["
        host = chars.decode(self._sub, at + is_reference, end - is_reference)
        is_secure = self._scheme == chars.OF_SIPS
        if self._begin < self._stop:
            transport = self._transport(self._begin, self._stop)
            if is_secure:
                transport = _OVER_TLS.get(transport, transport)
        else:
            transport = _usual_transport(is_secure, self._leaving)
        port = chars.number_of(self._sub, self._parts, chars.PORT)
        where: int | None = port
        if port < 0:
            where = None
            if address_of(f"[{host}]") is not None if is_reference else self._is_ipv4(at, end):
                where = 5061 if is_secure or transport in _SECURE else 5060
        return tables.named(NextHop, 4, host, where, transport, None)

    def _is_ipv4(self, at: int, end: int) -> bool:
        """Whether a host is an address of IPv4."""
        for dots in range(4):
            stop = chars.past(self._sub, at, end, chars.DIGIT)
            if stop == at or chars.number(self._sub, at, stop) > 255:
                return False
            if self._sub[at] == "0" and stop > at + 1:
                return False
            if stop == end:
                return dots == 3
            if self._sub[stop] != ".":
                return False
            at = stop + 1
        return False

    def _transport(self, at: int, end: int) -> str:
        """A transport in upper case; it is usually that of the hop."""
        hop = self._hop
        if hop is not None:
            name = hop._transport_name
            if chars.is_host(self._sub, at, end, chars.letters(name), len(name)):
                return hop._transport
        return chars.decode(self._sub, at, end).upper()

    def _next_of_via(self, is_signed: bool) -> NextHop:
        """Where a response goes by the Via that is split (18.2.2, RFC 3581 4).

        In a Via that is signed, `received` is an address: it was put in here.
        """
        at, end = (
            chars.begin(self._parts, chars.TRANSPORT),
            chars.stop(self._parts, chars.TRANSPORT),
        )
        transport = self._transport(at, end)
        at, end = chars.begin(self._parts, chars.HOST), chars.stop(self._parts, chars.HOST)
        port = chars.number_of(self._sub, self._parts, chars.PORT)
        if self._has(_MADDR_OF) and _is_multicast(self._value()):
            host = self._value()
        elif self._has(_RECEIVED_OF) and self._begin < self._stop:
            host = chars.decode(self._text, self._begin, self._stop)
            if not is_signed and not _address_of(_bare(host)):
                self._fail("via-malformed", self._begin, "Via")
            if self._has(_RPORT_OF) and self._begin < self._stop:
                port = chars.number(self._text, self._begin, self._stop)
                if not 0 < port <= 65535:
                    self._fail("via-malformed", self._begin, "Via")
        else:
            host = chars.decode(self._sub, at, end)
        if port < 0:
            port = 5061 if transport in _SECURE else 5060
        if port == 0:
            self._fail("via-malformed", self._at, "Via")
        conn = None if self._conn < 0 else self._conn
        return tables.named(NextHop, 4, _bare(host), port, transport, conn)

    def _value(self) -> str:
        return self._kept[self._begin : self._stop].decode("utf-8", "surrogateescape")


# ---- the messages of callers ---------------------------------------------------------------------


class _Forwarder(Forwarder):
    __slots__ = ()

    def request(
        self,
        request: Any,
        target: URI | str | None,
        via: Hop,
        source: Source,
        record_route: Hop | Hops | None,
        connection: int | None,
        fork: int,
        trusted: bool,
    ) -> bytes:
        """The request as it is forwarded: see `Request.forward`."""
        plan = _planned(
            request, target, via, source, record_route, connection, fork, trusted, False
        )
        plan._stays = True
        return _done(plan, plan._write_request())

    def response(self, response: Any, via: Hop) -> bytes:
        """The response as it is forwarded: see `Response.forward`."""
        plan = _checked_response(response, via)
        return _done(plan, plan._write_response())


forward_with(_Forwarder())


def relay_request(
    request: Any,
    target: URI | str | None,
    via: Hop,
    source: Source,
    record_route: Hop | Hops | None,
    connection: int | None,
    fork: int,
    trusted: bool,
    stays: bool = True,
) -> tuple[bytes, NextHop]:
    """The request as it is forwarded, and where to: `forward` and `next_hop` in one pass.

    Unless it `stays`, the Routes of `record_route` are taken off, and no Record-Route is written.
    """
    plan = _planned(request, target, via, source, record_route, connection, fork, trusted, True)
    plan._stays = stays
    forwarded = plan._write_request()
    return _done(plan, (forwarded, plan._next_of_request()))


def relay_response(response: Any, via: Hop) -> tuple[bytes, NextHop]:
    """The same for a response: `Response.forward` and `next_hop`."""
    plan = _checked_response(response, via)
    forwarded = plan._write_response()
    return _done(plan, (forwarded, plan._next_of_via(True)))


class Relay:
    """Forwards responses, and requests within a dialog of whose path `hop` is.

    `send(data, host, port)` sends a datagram, or returns False.  `otherwise(message, source)` gets
    every other message, and those with a fault, that leave by another transport, or that go to a
    name.  `mark` begins the tags of the proxy's own answers, whose ACK ends here; `connection` is
    noted in requests: see `Request.forward`.
    """

    __slots__ = ("_connection", "_hop", "_mark", "_otherwise", "_send")

    _hop: Hop
    _connection: int | None

    def __init__(
        self,
        hop: Hop,
        send: Callable[[bytes, str, int], bool],
        otherwise: Callable[[Any, Any], Any],
        mark: bytes,
        connection: int | None,
    ) -> None:
        self._hop, self._send, self._otherwise = hop, send, otherwise
        self._mark, self._connection = mark, connection

    def handle(self, message: Any, source: Any) -> Any:
        """Send the message on, or give it to `otherwise`, whose result is returned."""
        try:
            is_sent = self._relays(message, source)
        except ParseError:  # which is raised again, unless the sender is trusted
            is_sent = False
        return None if is_sent else self._otherwise(message, source)

    def _relays(self, message: Any, source: Any) -> bool:
        """Send the message on, if that needs no decision."""
        if isinstance(message, Response):
            made = relay_response(message, self._hop)
        elif not isinstance(message, Request) or tables.first(message, _ROUTE) < 0:
            return False
        else:
            if message.method == "ACK" and self._mark in message.raw:
                return False
            path, noted = self._hop, self._connection
            made = relay_request(message, None, path, source.address, None, noted, 0, False)
        data, where = made
        port = where[1]
        if where[3] is not None or where[2] != "UDP" or port is None:
            return False
        sent: bool = self._send(data, where[0], port)
        return sent


def next_of_request(
    request: Any, target: URI | str | None, via: Hop, record_route: Hop | Hops | None, trusted: bool
) -> NextHop:
    """Where a request is forwarded to: see `Request.next_hop`."""
    _check_hops(via, record_route)
    plan = _plan()
    text = None if target is None else plan._aim(target, via, True)
    plan._take(request, via)
    plan._target = text
    plan._stay(record_route)
    plan._identify()
    plan._find_route(trusted)
    return _done(plan, plan._next_of_request())


def next_of_response(response: Any, via: Hop | None) -> NextHop:
    """Where a response is sent to: see `Response.next_hop`."""
    plan = _plan()
    if via is not None:
        _check_hop(via, "via")
        plan._take(response, via)
        plan._check_response()
        return _done(plan, plan._next_of_via(True))
    plan._take(response, None)
    plan._first_via()
    plan._conn = -1
    return _done(plan, plan._next_of_via(False))


def via_with_source(request: Any, source: Source) -> bytes | None:
    """The first Via field, which says where the request came from; None if there may be folds."""
    plan = _plan()
    plan._come_from(source)
    plan._take(request, None)
    plan._first_via()
    table = plan._table
    index = tables.first(table, _VIA)
    if table._has_folds() or plan._index != index:
        return _done(plan, None)
    plan._note_source()
    at, end = tables.value_at(table, index), tables.value_end(table, index)
    return _done(plan, plan._splice.joined(plan._source, at, end))


def _planned(
    request: Any,
    target: URI | str | None,
    via: Hop,
    source: Source,
    record_route: Hop | Hops | None,
    connection: int | None,
    fork: int,
    trusted: bool,
    wants_hop: bool,
) -> Forwarding:
    """The plan of forwarding a request."""
    _check_hops(via, record_route)
    plan = _plan()
    plan._come_from(source)
    ways = _checked(fork, "fork", MOST_FORKS) if fork != 0 else 0
    conn = -1 if connection is None else _checked(connection, "connection", MOST_CONNECTION)
    text = None if target is None else plan._aim(target, via, wants_hop)
    plan._take(request, via)
    plan._target = text
    plan._stay(record_route)
    plan._conn, plan._fork = conn, ways
    plan._check_framing()
    plan._identify()
    plan._count_hops()
    plan._hash_loop()
    plan._read_vias()
    plan._check_extensions()
    plan._find_route(trusted)
    return plan


def _checked_response(response: Any, via: Hop) -> Forwarding:
    """The plan of forwarding a response that is ours."""
    _check_hop(via, "via")
    plan = _plan()
    plan._take(response, via)
    plan._check_framing()
    plan._check_response()
    return plan


Hops = tuple[Hop, Hop]
"""Those of two Record-Routes: by which a request leaves, and by which it came in (RFC 5658)."""
Result = TypeVar("Result")
_SPARES = 64
_spares: list[Any] = [None] * _SPARES
"""Plans that are not in use, above as many places that are never taken: a list that gets empty
gives its memory back."""


def _plan() -> Forwarding:
    """A plan: one that was used before, if there is one."""
    plan: Forwarding = _spares.pop()
    if plan is None:
        _spares.append(None)
        plan = Forwarding.__new__(Forwarding)
        plan._splice, plan._mac = Splice.__new__(Splice), Mac.__new__(Mac)
        plan._found, plan._to = Room.__new__(Room), None
    return plan


def _done(plan: Forwarding, result: Result) -> Result:
    """The result of a plan, which may be used again."""
    spare: Any = plan
    spare._table = spare._hop = spare._record_route = spare._below = None
    spare._own = spare._leaving = spare._to = spare._came_from = None
    spare._source = spare._kept = spare._target = None
    plan._splice.clear()
    _spares.append(plan)
    return result


def _check_hops(via: Any, record_route: Any) -> None:
    _check_hop(via, "via")
    if type(record_route) is tuple:
        if len(record_route) != 2:
            raise TypeError(f"record_route must be one Hop or two, not {len(record_route)}")
        _check_hop(record_route[0], "record_route")
        _check_hop(record_route[1], "record_route")
    elif record_route is not None and record_route is not via:
        _check_hop(record_route, "record_route")


def _check_hop(hop: Any, name: str) -> None:
    if not isinstance(hop, Hop):
        raise TypeError(f"{name} must be Hop, not {type(hop).__name__}")
    made: Hop = hop
    if not made._is_made():
        raise TypeError(f"{name} is a Hop that was not initialised")


def _checked(number: Any, name: str, most: int) -> int:
    """A number from 0 to `most`."""
    if not isinstance(number, int):
        raise TypeError(f"{name} must be int, not {type(number).__name__}")
    try:
        value = number
    except OverflowError:  # compiled, it has 64 bits
        value = -1
    if not 0 <= value <= most:
        raise ValueError(f"{name} must be from 0 to {most}, not {number}")
    return value


def _flattened(table: Table, source: bytes) -> bytes:
    """The header with each fold as spaces, so that all offsets stay."""
    flat = bytearray(source[: table._parsed.body])
    for index in range(table._parsed.count):
        if table._is_folded(index):
            at = tables.value_at(table, index)
            end = tables.value_end(table, index)
            flat[at:end] = spaced(source[at:end])
    return bytes(flat)


# ---- addresses -----------------------------------------------------------------------------------

_SECURE = ("TLS", "TLS-SCTP", "WSS", "DTLS-UDP")
"""The transports with the default port of sips (RFC 3261 19.1.2)."""
_OVER_TLS = {"UDP": "TLS", "TCP": "TLS", "SCTP": "TLS-SCTP", "WS": "WSS"}
"""What a transport in a sips URI means: nothing leaves without TLS (26.2.2, RFC 5630 3.1.2)."""


def _address_of(host: str) -> bytes:
    """The same for the address in a Via; empty if it is malformed."""
    try:
        return str(ip_address(host)).encode()
    except ValueError:
        return b""


def _is_multicast(host: str) -> bool:
    try:
        return bool(ip_address(_bare(host)).is_multicast)
    except ValueError:
        return False


def _bare(host: str) -> str:
    """A host without the brackets of an IPv6 address."""
    return host[1 : len(host) - 1] if host[:1] == "[" and host[len(host) - 1 :] == "]" else host


_HOST = re.compile(f"[{CLASSES['IN_HOST']}]+|\\[[{CLASSES['IN_REFERENCE']}]+]")


# ---- targets -------------------------------------------------------------------------------------


def _stripped(uri: bytes) -> bytes:
    """A URI without what a Request-URI may not have: headers and `method` (RFC 3261 19.1.1)."""
    if b"?" not in uri and b"%" not in uri and b"ethod" not in uri and b"ETHOD" not in uri.upper():
        return uri
    value = URI.parse(uri)
    if not isinstance(value, SipURI):
        return uri
    kept, room = chars.text_of(uri, len(uri)), Room.__new__(Room)
    shapes.split_uri(kept, len(uri), chars.scheme_of(kept, len(uri)), room._parts)
    end = len(uri)
    if chars.has(room._parts, chars.HEADERS):
        end = chars.begin(room._parts, chars.HEADERS) - 1
    if not chars.has(room._parts, chars.PARAMETERS):
        return uri[:end]
    at = chars.begin(room._parts, chars.PARAMETERS)
    return uri[: at - 1] + _without(uri[at:end], ("method",))


def _without(parameters: bytes, names: tuple[str, ...]) -> bytes:
    """The parameters of a URI without those of these names, each after its semicolon."""
    kept = [
        b";" + pair
        for pair in parameters.split(b";")
        if read_escapes(pair.partition(b"=")[0].decode("latin-1")).lower() not in names
    ]
    return b"".join(kept)


def _next_of(uri: URI, at: int, header: str, leaving: Hop | None) -> NextHop:
    """Where a request for a URI goes (RFC 3263 4)."""
    if not isinstance(uri, SipURI):
        raise parse_error("uri-scheme-unsupported", at, header)
    host, port = uri.maddr or uri.host, uri.port
    transport = (uri.transport or _usual_transport(uri.is_secure, leaving)).upper()
    if uri.is_secure:
        transport = _OVER_TLS.get(transport, transport)
    if not _HOST.fullmatch(host):  # both may have escapes
        raise parse_error("host-malformed", at, header)
    if not TOKEN.fullmatch(transport):
        raise parse_error("token-malformed", at, header)
    if port == 0:
        raise parse_error("port-malformed", at, header)
    if port is None and address_of(host) is not None:
        port = 5061 if uri.is_secure or transport in _SECURE else 5060
    return NextHop(_bare(host), port, transport, None)


def _usual_transport(is_secure: bool, leaving: Hop | None) -> str:
    """The transport of a URI that names none."""
    if leaving is not None and (not is_secure or leaving._transport in _SECURE):
        return leaving._transport
    return "TLS" if is_secure else "UDP"
