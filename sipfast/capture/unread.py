"""What IP packets hold that are not read: whether it may be SIP.

SIP over TCP and SCTP, fragments and tunnels are counted apart from the other packets of the same
protocols. Later segments of a connection and later fragments of a packet are counted as the first
ones: 4,096 connections and 4,096 packets are remembered, those used last.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from struct import Struct
from typing import Generic, TypeVar

from .base import Data
from .ip import Other
from .reasons import reason_of
from .recognise import SIP_PORTS, begins_like_sip, why_not_sip

_TCP, _UDP, _SCTP = 6, 17, 132
_PROTOCOLS = {
    1: "icmp",
    2: "igmp",
    4: "IP in IP",
    41: "IP in IP",
    47: "gre",
    50: "esp",
    51: "ah",
    55: "IP in IP",  # RFC 2004
    58: "icmpv6",
    94: "IP in IP",
    97: "etherip",
    98: "IP in IP",  # RFC 1241
    108: "ipcomp",
    115: "l2tp",
    137: "mpls",
    143: "etherip",  # RFC 8986 10.1
}

_FRAGMENT, _FRAGMENT_OF_SIP = "fragment", "fragment of SIP"
_OVER_TCP, _OVER_TLS, _OVER_WEBSOCKET = "SIP over TCP", "SIP over TLS", "SIP over WebSocket"

_TLS_PORT = 5061
_TLS_RECORD = re.compile(rb"[\x14-\x17]\x03[\0-\x04]")
_HTTP = re.compile(
    rb"HTTP/[0-9]|[A-Z]{3,16} [^ \r\n]{0,8192} HTTP/[0-9]"
    rb"|(?:GET|POST|HEAD|PUT|DELETE|CONNECT|TRACE|PATCH|PRI) "
)
# RFC 7118 4.1: the handshake names the subprotocol.
_WEBSOCKET = re.compile(rb"\n(?i:Sec-WebSocket-Protocol)[ \t]*:[^\r\n]*\b[Ss][Ii][Pp]\b")
# RFC 6455 5.2: a text or binary frame without a mask, as servers send it.
_FRAME = re.compile(rb"[\x81\x82\x01\x02](?:[\0-\x7d]|\x7e[\0-\xff]{2}|\x7f[\0-\xff]{8})")
_BINDING = re.compile(rb"[ \t\r\n\0]*\Z")

_PORTS = Struct(">HH")
_DATA_OFFSET, _FLAGS, _SYN = 12, 13, 2

_CHUNK = Struct(">BxH")
_SCTP_HEADER = 12
_SCTP_DATA = {0: 16, 64: 20}  # types of chunks with data, and the length of their headers

_Key = TypeVar("_Key")


class _Known(Generic[_Key]):
    """The reasons of the keys that were put last, up to 4,096 of them."""

    __slots__ = ("_reasons",)

    def __init__(self) -> None:
        self._reasons: OrderedDict[_Key, str] = OrderedDict()

    def get(self, key: _Key) -> str | None:
        return self._reasons.get(key)

    def put(self, key: _Key, reason: str) -> None:
        self._reasons[key] = reason
        self._reasons.move_to_end(key)
        if len(self._reasons) > 4096:
            self._reasons.popitem(last=False)

    def drop(self, key: _Key) -> None:
        self._reasons.pop(key, None)


class Unread:
    """Gives the reasons for skipping the IP packets of one capture, in their order."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._connections: _Known[frozenset[tuple[bytes, int]]] = _Known()
        self._packets: _Known[tuple[bytes, bytes, int, int]] = _Known()

    def reason(self, other: Other) -> str:
        """The reason for skipping a packet, with a row in `reasons`."""
        if other.identification is None:
            return self._packet(other)
        key = other.source, other.destination, other.protocol, other.identification
        if other.fragment_offset:
            return self._packets.get(key) or _of_a_missing_packet(other.protocol)
        reason = self._first_fragment(other)
        self._packets.put(key, reason)
        return reason

    def _packet(self, other: Other) -> str:
        if other.protocol == _TCP:
            return self._segment(other)
        if other.protocol == _SCTP:
            return self._sctp(other)
        return _PROTOCOLS.get(other.protocol) or f"IP protocol {other.protocol}"

    def _first_fragment(self, other: Other) -> str:
        reason = self._first_of_udp(other) if other.protocol == _UDP else self._packet(other)
        return reason if _is_unread(reason) else _FRAGMENT

    def _first_of_udp(self, other: Other) -> str:
        start = other.start + 8
        if start > other.end:
            return _FRAGMENT_OF_SIP
        source_port, destination_port = _PORTS.unpack_from(self._data, other.start)
        reason = why_not_sip(self._data, start, other.end, source_port, destination_port, True)
        return _FRAGMENT_OF_SIP if reason in (None, "truncated") else reason

    def _segment(self, other: Other) -> str:
        """RFC 9293 3.1."""
        data, start, end = self._data, other.start, other.end
        if end - start < 20:
            return "truncated" if end < other.stated_end else "tcp"
        source_port, destination_port = _PORTS.unpack_from(data, start)
        connection = frozenset(((other.source, source_port), (other.destination, destination_port)))
        if data[start + _FLAGS] & _SYN:
            self._connections.drop(connection)
        header = (data[start + _DATA_OFFSET] >> 4) * 4
        if not 20 <= header < other.stated_end - start:
            return "tcp"
        start += header
        on_port = source_port in SIP_PORTS or destination_port in SIP_PORTS
        known = self._connections.get(connection)
        if (on_port or known) and end == other.stated_end and _BINDING.match(data, start, end):
            return "keep-alive"
        reason = _of_connection(data, start, end, known)
        if reason is None:
            if not on_port:
                return "tcp"
            is_tls = _TLS_PORT in (source_port, destination_port)
            return _OVER_TLS if is_tls or _TLS_RECORD.match(data, start, end) else _OVER_TCP
        if on_port or reason != "tcp":
            self._connections.put(connection, reason)
        return reason

    def _sctp(self, other: Other) -> str:
        """RFC 9260 3; SIP over SCTP: RFC 4168."""
        data, end = self._data, other.end
        if end - other.start < _SCTP_HEADER:
            return "truncated" if end < other.stated_end else "sctp"
        on_port = not SIP_PORTS.isdisjoint(_PORTS.unpack_from(data, other.start))
        at = other.start + _SCTP_HEADER
        while at + 4 <= end:
            kind, length = _CHUNK.unpack_from(data, at)
            header = _SCTP_DATA.get(kind)
            if header is not None:
                chunk_end = min(end, at + length)
                user_data = min(at + header, chunk_end)
                if on_port or begins_like_sip(data, user_data, chunk_end):
                    return "SIP over SCTP"
            at += max(4, (length + 3) & ~3)
        return "sctp"


def _of_connection(data: Data, start: int, end: int, known: str | None) -> str | None:
    """The reason for a connection, by a payload that tells what it holds; `known` for any other.

    A server of SIP may answer HTTP with SIP.
    """
    if begins_like_sip(data, start, end):
        return _OVER_TCP
    if known is not None:
        return known
    if _HTTP.match(data, start, end):
        return _OVER_WEBSOCKET if _WEBSOCKET.search(data, start, end) else "tcp"
    frame = _FRAME.match(data, start, end)
    if frame is not None and begins_like_sip(data, frame.end(), end):
        return _OVER_WEBSOCKET
    return None


def _of_a_missing_packet(protocol: int) -> str:
    """The reason for a fragment whose packet's beginning is missing."""
    if protocol == _UDP:
        return _FRAGMENT_OF_SIP
    reason = _PROTOCOLS.get(protocol)
    return reason if reason and _is_unread(reason) else _FRAGMENT


def _is_unread(reason: str) -> bool:
    return reason_of(reason).is_unread
