"""The values of the lines of a session description: a named tuple for each kind, and its reader.

The str of a record is its text in a description. Malformed text is read as None.
"""

from __future__ import annotations

import copyreg
import re
from typing import Any, NamedTuple

from sipfast import _rebuild

from .lines import TOKEN, number, stripped, words_of

_MILLISECONDS = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")
_TYPED_TIME = re.compile(r"(-?)([0-9]{1,18})([dhms]?)")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1, "": 1}
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*")
_ROLES = {"active", "passive", "actpass", "holdconn"}


# ---- the session ---------------------------------------------------------------------------------


def read_version(value: str) -> int | None:
    version = number(value, 10**18)
    return None if version < 0 else version


_record = tuple.__new__  # faster than a call of the class, whose __new__ is Python code


class Origin(NamedTuple):
    """The creator of the session, and its version (RFC 8866 5.2)."""

    username: str
    session_id: str
    session_version: str
    network_type: str
    address_type: str
    address: str

    def __str__(self) -> str:
        return " ".join(self)


def read_origin(value: str) -> Origin | None:
    words = words_of(value)
    return _record(Origin, words) if len(words) == 6 else None


class Connection(NamedTuple):
    """The address for media (RFC 8866 5.7)."""

    network_type: str
    address_type: str
    address: str
    ttl: int | None = None
    """The TTL of IPv4 multicast: 0 to 255."""
    address_count: int = 1
    """The number of consecutive addresses from this one on."""

    def __str__(self) -> str:
        ttl = "" if self.ttl is None else f"/{self.ttl}"
        count = "" if self.address_count == 1 else f"/{self.address_count}"
        return f"{self.network_type} {self.address_type} {self.address}{ttl}{count}"


def read_connection(value: str) -> Connection | None:
    words = words_of(value)
    if len(words) != 3:
        return None
    if "/" not in words[2]:
        return _record(Connection, (words[0], words[1], words[2], None, 1))
    return read_multicast(words[0], words[1], words[2].split("/"))


def read_multicast(network_type: str, address_type: str, parts: list[str]) -> Connection | None:
    """The numbers of an address with slashes: TTL and count for IPv4, a count for IPv6."""
    with_ttl = address_type == "IP4"
    if not parts[0] or len(parts) > 2 + with_ttl:
        return None
    numbers = [number(part, 2**31 - 1) for part in parts[1:]]
    ttl = numbers.pop(0) if with_ttl else None
    count = numbers[0] if numbers else 1
    if count < 1 or (ttl is not None and not 0 <= ttl <= 255):
        return None
    return Connection(network_type, address_type, parts[0], ttl, count)


class Bandwidth(NamedTuple):
    """The proposed bandwidth (RFC 8866 5.8)."""

    type: str
    value: int
    """Kilobits per second for `CT` and `AS`, bits per second for `TIAS` (RFC 3890)."""

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"


def read_bandwidth(value: str) -> Bandwidth | None:
    kind, _, amount = value.partition(":")
    bandwidth = number(amount, 10**18)
    return Bandwidth(kind, bandwidth) if bandwidth >= 0 and TOKEN.fullmatch(kind) else None


class Repeat(NamedTuple):
    """The repetitions of a session (RFC 8866 5.10); all in seconds."""

    interval: int
    duration: int
    offsets: tuple[int, ...]

    def __str__(self) -> str:
        return " ".join(map(str, (self.interval, self.duration, *self.offsets)))


class Timing(NamedTuple):
    """The time of a session (RFC 8866 5.9): seconds since 1900, 0 for unbounded."""

    start: int
    stop: int
    repeats: tuple[Repeat, ...] = ()

    def __str__(self) -> str:
        return f"{self.start} {self.stop}"


def read_timing(value: str) -> Timing | None:
    words = words_of(value)
    if len(words) != 2:
        return None
    start, stop = number(words[0], 10**18), number(words[1], 10**18)
    return Timing(start, stop) if start >= 0 and stop >= 0 else None


def read_repeat(value: str) -> Repeat | None:
    times = [read_seconds(word) for word in words_of(value)]
    known = [seconds for seconds in times if seconds is not None and seconds >= 0]
    if len(known) < 3 or len(known) < len(times) or not known[0]:
        return None
    return Repeat(known[0], known[1], tuple(known[2:]))


def read_seconds(text: str) -> int | None:
    """A typed time (RFC 8866 9), such as ``7d`` or ``-1h``."""
    match = _TYPED_TIME.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[2]) * _SECONDS[match[3]]
    if seconds >= 10**18:  # in seconds it would be longer than what is read
        return None
    return -seconds if match[1] else seconds


class ZoneAdjustment(NamedTuple):
    """A shift of repeat times: its time in seconds since 1900, and its offset (RFC 8866 5.11)."""

    time: int
    offset: int

    def __str__(self) -> str:
        return f"{self.time} {self.offset}"


def read_zone(value: str) -> tuple[ZoneAdjustment, ...] | None:
    words = words_of(value)
    if not words or len(words) % 2:
        return None
    found = []
    for time, shift in zip(words[::2], words[1::2], strict=True):
        at, offset = number(time, 10**18), read_seconds(shift)
        if at < 0 or offset is None:
            return None
        found.append(ZoneAdjustment(at, offset))
    return tuple(found)


# ---- attributes ----------------------------------------------------------------------------------


class Attribute(NamedTuple):
    """An attribute (RFC 8866 5.13); one without a colon has no value."""

    name: str
    value: str | None = None

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}:{self.value}"


def read_attribute(text: str) -> Attribute:
    name, colon, value = text.partition(":")
    return Attribute(name, value if colon else None)


class Group(NamedTuple):
    """Media that belong together, by their `mid` (RFC 5888)."""

    semantics: str
    mids: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join([self.semantics, *self.mids])


def read_group(value: str) -> Group | None:
    words = words_of(value)
    return Group(words[0], tuple(words[1:])) if words else None


class Fingerprint(NamedTuple):
    """The hash of a certificate (RFC 8122 5)."""

    hash_function: str
    fingerprint: str

    def __str__(self) -> str:
        return " ".join(self)


def read_fingerprint(value: str) -> Fingerprint | None:
    words = words_of(value)
    return Fingerprint(*words) if len(words) == 2 and _FINGERPRINT.fullmatch(words[1]) else None


def read_setup(value: str) -> str | None:
    role = value.lower()
    return role if role in _ROLES else None


# ---- media ---------------------------------------------------------------------------------------


def read_port(text: str) -> tuple[int, int]:
    """Port, or -1, and count (RFC 8866 5.14)."""
    if "/" not in text:
        return number(text, 65535), 1
    port, _, ports = text.partition("/")
    count = number(ports, 65535)
    return (number(port, 65535) if count > 0 else -1), count


class RtpMap(NamedTuple):
    """The meaning of an RTP payload type (RFC 8866 6.6)."""

    payload_type: int
    encoding: str
    clock_rate: int
    """In Hz."""
    parameters: str | None = None
    """For audio, the number of channels."""

    def __str__(self) -> str:
        parameters = "" if self.parameters is None else f"/{self.parameters}"
        return f"{self.payload_type} {self.encoding}/{self.clock_rate}{parameters}"


STATIC_PAYLOADS = {
    payload_type: RtpMap(payload_type, encoding, clock_rate, parameters)
    for payload_type, encoding, clock_rate, parameters in (
        (0, "PCMU", 8000, None),
        (3, "GSM", 8000, None),
        (4, "G723", 8000, None),
        (5, "DVI4", 8000, None),
        (6, "DVI4", 16000, None),
        (7, "LPC", 8000, None),
        (8, "PCMA", 8000, None),
        (9, "G722", 8000, None),
        (10, "L16", 44100, "2"),
        (11, "L16", 44100, None),
        (12, "QCELP", 8000, None),
        (13, "CN", 8000, None),
        (14, "MPA", 90000, None),
        (15, "G728", 8000, None),
        (16, "DVI4", 11025, None),
        (17, "DVI4", 22050, None),
        (18, "G729", 8000, None),
        (25, "CelB", 90000, None),
        (26, "JPEG", 90000, None),
        (28, "nv", 90000, None),
        (31, "H261", 90000, None),
        (32, "MPV", 90000, None),
        (33, "MP2T", 90000, None),
        (34, "H263", 90000, None),
    )
}


# Nearly all descriptions have the same few lines, so their values are cached.
_KNOWN_RTPMAPS = {f"a=rtpmap:{rtpmap}": rtpmap for rtpmap in STATIC_PAYLOADS.values()}
_MOST_KNOWN = 1024
_LONGEST_KNOWN = 80


def read_rtpmap(value: str) -> RtpMap | None:
    return rtpmap_of("a=rtpmap:" + value)


def rtpmap_of(line: str) -> RtpMap | None:
    """The value of a line that begins with ``a=rtpmap:``."""
    rtpmap = _KNOWN_RTPMAPS.get(line)
    if rtpmap is None:
        rtpmap = read_new_rtpmap(stripped(line, 9, len(line)))
        if rtpmap is not None and len(line) <= _LONGEST_KNOWN:
            if len(_KNOWN_RTPMAPS) >= _MOST_KNOWN:
                _KNOWN_RTPMAPS.clear()
            _KNOWN_RTPMAPS[line] = rtpmap
    return rtpmap


def read_new_rtpmap(value: str) -> RtpMap | None:
    if value.startswith(" ") or "  " in value:
        value = " ".join(words_of(value))
    space = value.find(" ")
    slash = value.find("/", space)
    if not 0 < space < slash:
        return None
    last = value.find("/", slash + 1)
    parameters = None if last < 0 else value[last + 1 :]
    payload_type = number(value[:space], 127)
    clock_rate = number(value[slash + 1 : len(value) if last < 0 else last], 2**32 - 1)
    encoding = value[space + 1 : slash]
    if payload_type < 0 or clock_rate < 0 or not encoding or " " in encoding:
        return None
    if parameters is not None and (not parameters or " " in parameters or "/" in parameters):
        return None
    return _record(RtpMap, (payload_type, encoding, clock_rate, parameters))


def read_fmtp(value: str) -> tuple[str, str] | None:
    payload, _, parameters = value.lstrip(" ").partition(" ")
    parameters = parameters.lstrip(" ")
    return (payload, parameters) if payload and parameters else None


def read_milliseconds(value: str) -> float | None:
    if "." not in value and len(value) < 10:
        whole = number(value, 10**9 - 1)
        return whole if whole > 0 else None
    return (float(value) or None) if _MILLISECONDS.fullmatch(value) else None


class Rtcp(NamedTuple):
    """The address for RTCP, if other than the next port (RFC 3605)."""

    port: int
    network_type: str | None = None
    address_type: str | None = None
    address: str | None = None

    def __str__(self) -> str:
        return " ".join([str(part) for part in self if part is not None])


def read_rtcp(value: str) -> Rtcp | None:
    words = words_of(value)
    port = number(words[0], 65535) if words else -1
    if port < 0 or len(words) not in (1, 4):
        return None
    return Rtcp(port, *words[1:])


def read_mid(value: str) -> str | None:
    return value if TOKEN.fullmatch(value) else None


class Crypto(NamedTuple):
    """A key for SRTP (RFC 4568)."""

    tag: int
    suite: str
    key_params: tuple[str, ...]
    """Such as ``"inline:..."``."""
    session_params: tuple[str, ...] = ()

    def __str__(self) -> str:
        key_params = ";".join(self.key_params)
        return " ".join([str(self.tag), self.suite, key_params, *self.session_params])


def read_crypto(value: str) -> Crypto | None:
    words = words_of(value)
    tag = number(words[0], 10**9 - 1) if len(words) >= 3 else -1
    if tag < 0 or ":" not in words[2]:
        return None
    return Crypto(tag, words[1], tuple(words[2].split(";")), tuple(words[3:]))


class Candidate(NamedTuple):
    """A candidate of ICE (RFC 8839 5.1)."""

    foundation: str
    component: int
    transport: str
    priority: int
    address: str
    port: int
    type: str
    """``"host"``, ``"srflx"``, ``"prflx"`` or ``"relay"``."""
    related_address: str | None = None
    related_port: int | None = None
    extensions: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        words = [*map(str, self[:6]), "typ", self.type]
        if self.related_address is not None:
            words += ["raddr", self.related_address]
        if self.related_port is not None:
            words += ["rport", str(self.related_port)]
        for extension in self.extensions:
            words += extension
        return " ".join(words)


def read_candidate(value: str) -> Candidate | None:
    words = words_of(value)
    if len(words) < 8 or len(words) % 2 or words[6] != "typ":
        return None
    component, priority = number(words[1], 256), number(words[3], 2**32 - 1)
    port = number(words[5], 65535)
    if component < 0 or priority < 0 or port < 0:
        return None
    pairs = list(zip(words[8::2], words[9::2], strict=True))
    related_address = related_port = None
    if pairs and pairs[0][0] == "raddr":
        related_address = pairs.pop(0)[1]
    if pairs and pairs[0][0] == "rport":
        related_port = number(pairs.pop(0)[1], 65535)
        if related_port < 0:
            return None
    return Candidate(
        *(words[0], component, words[2], priority, words[4], port, words[7]),
        *(related_address, related_port, tuple(pairs)),
    )


# ---- the table of known attributes
# ----------------------------------------------------------------

ATTRIBUTES = {
    "rtpmap": (read_rtpmap, "sdp-rtpmap-malformed"),
    "fmtp": (read_fmtp, "sdp-fmtp-malformed"),
    "ptime": (read_milliseconds, "sdp-ptime-malformed"),
    "maxptime": (read_milliseconds, "sdp-ptime-malformed"),
    "rtcp": (read_rtcp, "sdp-rtcp-malformed"),
    "mid": (read_mid, "sdp-mid-malformed"),
    "group": (read_group, "sdp-group-malformed"),
    "setup": (read_setup, "sdp-setup-malformed"),
    "fingerprint": (read_fingerprint, "sdp-fingerprint-malformed"),
    "crypto": (read_crypto, "sdp-crypto-malformed"),
    "candidate": (read_candidate, "sdp-candidate-malformed"),
}
"""The reader of an attribute's value, and the fault for a result of None."""


# ---- pickling ------------------------------------------------------------------------------------


def _reduce(record: Any) -> tuple[Any, ...]:
    return _rebuild.record_of, ("sdp.records", type(record).__name__, tuple(record))


for _kind in (
    *(Origin, Connection, Bandwidth, Repeat, Timing, ZoneAdjustment, Attribute),
    *(RtpMap, Rtcp, Crypto, Fingerprint, Candidate, Group),
):
    copyreg.pickle(_kind, _reduce)

# RFC 3551 6, tables 4 and 5.
