"""The survey of a session description: one pass that shows that a common one has no defect.

Most descriptions consist of the same few lines in the same order.  For these, no check of `defects`
finds a fault, and they are not run.  A description with other lines may be sound too: the checks
decide.  A new check that finds faults in common lines needs the survey to reject those.

Each byte is read a few times at most, and no object is made but for names of unknown attributes.
"""

from __future__ import annotations

import string

from sipfast.registry.header_names import HEADER_IDS
from sipfast.registry.sdp import ATTRIBUTES as RULES

from ..wire.table import Table
from .records import ATTRIBUTES

__all__ = ["has_sound_body", "is_sound"]

_CONTENT_TYPE = HEADER_IDS["content-type"]
_CONTENT_ENCODING = HEADER_IDS["content-encoding"]

_UNREAD = frozenset(
    (
        *("text/plain", "text/plain;charset=utf-8", "text/plain; charset=utf-8"),
        "application/simple-message-summary",
    )
)
"""Common types of bodies that no check reads."""

# ---- classes of bytes

_ALPHANUMERIC = (string.ascii_letters + string.digits).encode()
_IN_TEXT, _IN_WORD, _IN_TOKEN, _IN_DIGIT, _IN_ICE, _IN_PROTOCOL, _IN_HEX = [
    1 << bit for bit in range(7)
]
_MEMBERS = (
    bytes(range(0x20, 0x7F)),
    bytes(range(0x21, 0x7F)),
    _ALPHANUMERIC + b"!#$%&'*+-.^_`{|}~",
    string.digits.encode(),
    _ALPHANUMERIC + b"+/",
    _ALPHANUMERIC + b"!#$%&'*+-.^_`{|}~/",
    string.hexdigits.encode(),
)
_CLASSES_KEPT = bytes(
    [sum(1 << bit for bit, held in enumerate(_MEMBERS) if byte in held) for byte in range(256)]
)
_CLASSES = _CLASSES_KEPT

_KNOWN = frozenset(name.encode() for name in (*RULES, *ATTRIBUTES))
"""The names of the attributes that have rules."""

_NOWHERE = -1
_ONE = 1
_MOST_DIGITS = 18

# The lines of a section in their order: v o s c b t a, m c b a.
_V, _O, _S, _C, _B, _T, _A = [1 << rank for rank in range(7)]
_MANDATORY = _V | _O | _S | _T
_ONLY = _V | _O | _S | _C

# What a section may have once.
_DIRECTION, _PTIME, _MAXPTIME, _RTCP, _UFRAG, _PWD, _CRYPTO = [1 << bit for bit in range(7)]


def has_sound_body(table: Table) -> bool:
    """Whether a message has no body, or one without a defect, such as a common description.

    False says nothing.
    """
    begin, length = table._parsed.body, table._parsed.end - table._parsed.body
    if length <= 0:
        return True
    index = table._first(_CONTENT_TYPE)
    if index < 0 or table._next(index) >= 0 or table._first(_CONTENT_ENCODING) >= 0:
        return False
    kind = table._value(index).lower()
    if kind != "application/sdp":
        return kind in _UNREAD
    # A copy, which nobody writes to.
    return is_sound(table._bytes(begin, length), 0, length)


def is_sound(text: bytes, at: int, end: int) -> bool:
    """Whether text[at:end] is a session description of the common form, without a defect."""
    if not 0 <= at <= end <= len(text):
        raise IndexError("the description must be within the text")
    sound = Sound.__new__(Sound)
    return sound._read(text, at, end)


class Sound:
    """The state of a pass."""

    __slots__ = ("_is_connected", "_is_media", "_is_rtp", "_listed", "_mapped", "_once", "_tuned")

    _is_connected: bool
    """Whether the session has a line c=."""
    _is_media: bool
    _is_rtp: bool
    _once: int
    _listed: list[int]
    """The payload types of the media description, as two sets of bits."""
    _mapped: list[int]
    """Those with an rtpmap, and those with an fmtp."""
    _tuned: list[int]

    def _read(self, text: bytes, at: int, end: int) -> bool:
        self._is_media = self._is_rtp = self._is_connected = False
        self._begin()
        seen = 0
        while at < end:
            stop = _past(text, at, end, _IN_TEXT)
            after = stop
            if after < end and text[after] == 0x0D:
                after += 1
            if after < end:
                if text[after] != 0x0A:
                    return False
                after += 1
            elif after != stop:  # a CR alone
                return False
            if stop - at < 3 or text[at + 1] != 0x3D or text[stop - 1] == 0x20:
                return False
            letter = text[at]
            at += 2
            if letter == 0x61:  # a
                bit = _A
                is_fine = self._is_attribute(text, at, stop)
            elif letter == 0x6D:  # m
                if not self._may_end(seen):
                    return False
                self._is_media = True
                self._begin()
                seen, bit = 0, _V  # before all others
                is_fine = self._is_media_line(text, at, stop)
            elif letter == 0x63:  # c
                bit = _C
                is_fine = _past_connection(text, at, stop) == stop
            elif letter == 0x62:  # b
                bit = _B
                is_fine = _is_bandwidth(text, at, stop)
            elif self._is_media:
                return False
            elif letter == 0x76:  # v
                bit = _V
                is_fine = stop == at + 1 and text[at] == 0x30
            elif letter == 0x6F:  # o
                bit = _O
                is_fine = _is_origin(text, at, stop)
            elif letter == 0x73:  # s
                bit, is_fine = _S, True
            elif letter == 0x74:  # t
                bit = _T
                is_fine = _is_time(text, at, stop)
            else:
                return False
            # In their order, and but one v=, o=, s= and c=.
            if not is_fine or seen >= bit << 1 or seen & bit & _ONLY:
                return False
            seen |= bit
            at = after
        return self._may_end(seen)

    def _begin(self) -> None:
        """Begin a section."""
        self._once = 0
        self._listed = [0, 0]
        self._mapped = [0, 0]
        self._tuned = [0, 0]

    def _may_end(self, seen: int) -> bool:
        """Whether the section has what it must have."""
        if self._is_media:
            return self._is_connected or seen & _C != 0
        self._is_connected = seen & _C != 0
        return seen & _MANDATORY == _MANDATORY

    def _is_media_line(self, text: bytes, at: int, end: int) -> bool:
        stop = _past(text, at, end, _IN_TOKEN)
        if not at < stop < end or text[stop] != 0x20:
            return False
        at = stop + 1
        stop = _past_number(text, at, end, 65535)
        if stop < 0 or stop == end or text[stop] != 0x20:
            return False
        at = stop + 1
        stop = _past(text, at, end, _IN_PROTOCOL)
        if not at < stop < end or text[stop] != 0x20:
            return False
        if text[at] == 0x2F or text[stop - 1] == 0x2F or _has(text, at, stop, b"//", 2):
            return False
        self._is_rtp = _has(text, at, stop, b"RTP/", 4)
        at = stop + 1
        if not self._is_rtp:
            return at < end and _past(text, at, end, _IN_WORD) == end
        while True:
            stop = _past_format(text, at, end)
            if stop < 0 or not _add(self._listed, _value(text, at, stop)):
                return False
            if stop == end:
                return True
            if text[stop] != 0x20:
                return False
            at = stop + 1

    def _is_attribute(self, text: bytes, at: int, end: int) -> bool:
        colon = _past(text, at, end, _IN_TOKEN)
        value = colon + 1
        if colon == at or (colon < end and text[colon] != 0x3A):
            return False
        length = colon - at
        if colon == end:
            if (
                (length == 8 and _is(text, at, b"sendrecv", 8))
                or (length == 8 and _is(text, at, b"sendonly", 8))
                or (length == 8 and _is(text, at, b"recvonly", 8))
                or (length == 8 and _is(text, at, b"inactive", 8))
            ):
                return self._is_first(_DIRECTION)
            return text[at:colon] not in _KNOWN
        if length == 6 and _is(text, at, b"rtpmap", 6):
            return self._is_rtpmap(text, value, end)
        if length == 4 and _is(text, at, b"fmtp", 4):
            return self._is_fmtp(text, value, end)
        if length == 9 and _is(text, at, b"candidate", 9):
            return self._is_media and _is_candidate(text, value, end)
        if length == 5 and _is(text, at, b"ptime", 5):
            is_fine = _past_number(text, value, end, 200) == end and text[value] != 0x30
            return is_fine and self._is_media and self._is_first(_PTIME)
        if length == 8 and _is(text, at, b"maxptime", 8):
            is_fine = _past_number(text, value, end, 999_999_999) == end and text[value] != 0x30
            return is_fine and self._is_media and self._is_first(_MAXPTIME)
        if length == 4 and _is(text, at, b"rtcp", 4):
            return self._is_media and _is_rtcp(text, value, end) and self._is_first(_RTCP)
        if length == 6 and _is(text, at, b"crypto", 6):
            return self._is_media and _is_crypto(text, value, end) and self._is_first(_CRYPTO)
        if length == 9 and _is(text, at, b"ice-ufrag", 9):
            return _is_secret(text, value, end, 4) and self._is_first(_UFRAG)
        if length == 7 and _is(text, at, b"ice-pwd", 7):
            return _is_secret(text, value, end, 22) and self._is_first(_PWD)
        return text[at:colon] not in _KNOWN

    def _is_first(self, what: int) -> bool:
        is_first = self._once & what == 0
        self._once |= what
        return is_first

    def _is_rtpmap(self, text: bytes, at: int, end: int) -> bool:
        stop = self._past_listed(text, at, end)
        if stop < 0 or not _add(self._mapped, _value(text, at, stop)):
            return False
        at = stop + 1
        stop = _past(text, at, end, _IN_TOKEN)
        if not at < stop < end or text[stop] != 0x2F:
            return False
        at = stop + 1
        stop = _past_number(text, at, end, 999_999_999)
        if stop < 0 or text[at] == 0x30:
            return False
        if stop == end:
            return True
        at = stop + 1
        return text[stop] == 0x2F and _past_number(text, at, end, 999) == end and text[at] != 0x30

    def _is_fmtp(self, text: bytes, at: int, end: int) -> bool:
        stop = self._past_listed(text, at, end)
        return stop > 0 and _add(self._tuned, _value(text, at, stop)) and text[stop + 1] != 0x20

    def _past_listed(self, text: bytes, at: int, end: int) -> int:
        """Past a payload type of the media description, before a space and more."""
        stop = _past_format(text, at, end)
        if stop < 0 or end - stop < 2 or text[stop] != 0x20 or not self._is_rtp:
            return _NOWHERE
        number = _value(text, at, stop)
        return stop if self._listed[number >> 6] >> (number & 63) & 1 else _NOWHERE


def _add(numbers: list[int], number: int) -> bool:
    """Add a number up to 127 to a set of bits; whether it was not there."""
    bit = _ONE << (number & 63)
    if numbers[number >> 6] & bit:
        return False
    numbers[number >> 6] |= bit
    return True


# ---- the values of lines


def _is_bandwidth(text: bytes, at: int, end: int) -> bool:
    stop = _past(text, at, end, _IN_TOKEN)
    if not at < stop < end or text[stop] != 0x3A:
        return False
    return _past_digits(text, stop + 1, end) == end


def _is_origin(text: bytes, at: int, end: int) -> bool:
    stop = _past(text, at, end, _IN_WORD)
    if not at < stop < end:
        return False
    at = stop + 1
    stop = _past_digits(text, at, end)
    if stop < 0 or stop == end or text[stop] != 0x20:
        return False
    at = stop + 1
    stop = _past_digits(text, at, end)
    if stop < 0 or stop == end or text[stop] != 0x20:
        return False
    return _past_connection(text, stop + 1, end) == end


def _is_time(text: bytes, at: int, end: int) -> bool:
    space = _past_digits(text, at, end)
    if space < 0 or space == end or text[space] != 0x20:
        return False
    if _past_digits(text, space + 1, end) != end:
        return False
    begun, ended = _value(text, at, space), _value(text, space + 1, end)
    return ended == 0 or ended >= begun


def _past_connection(text: bytes, at: int, end: int) -> int:
    """Past the address of a connection or origin: IPv6, or unicast IPv4."""
    if end - at < 7:
        return _NOWHERE
    if _is(text, at, b"IN IP6 ", 7):
        return _past_ipv6(text, at + 7, end)
    if not _is(text, at, b"IN IP4 ", 7):
        return _NOWHERE
    at += 7
    stop = _past_ipv4(text, at, end)
    if stop < 0:
        return _NOWHERE
    first = _value(text, at, _past(text, at, end, _IN_DIGIT))
    return _NOWHERE if 224 <= first < 240 else stop


def _is_rtcp(text: bytes, at: int, end: int) -> bool:
    stop = _past_number(text, at, end, 65535)
    if stop < 0 or text[at] == 0x30:
        return False
    if stop == end:
        return True
    return text[stop] == 0x20 and _past_connection(text, stop + 1, end) == end


def _is_crypto(text: bytes, at: int, end: int) -> bool:
    """Whether this is a key of the suites that all have (RFC 4568 6.2), without more."""
    at = _past_number(text, at, end, 999_999_999)
    if at < 0 or end - at != 72 or not _is(text, at, b" AES_CM_128_HMAC_SHA1_", 22):
        return False
    at += 22
    if not (_is(text, at, b"80 inline:", 10) or _is(text, at, b"32 inline:", 10)):
        return False
    return _past(text, at + 10, end, _IN_ICE) == end


def _is_secret(text: bytes, at: int, end: int, least: int) -> bool:
    return least <= end - at <= 256 and _past(text, at, end, _IN_ICE) == end


def _is_candidate(text: bytes, at: int, end: int) -> bool:
    """Whether this is a candidate of the host, or one related to another."""
    stop = _past(text, at, end, _IN_ICE)
    if not 1 <= stop - at <= 32 or stop == end or text[stop] != 0x20:
        return False
    at = stop + 1
    stop = _past_number(text, at, end, 256)
    if stop < 0 or stop == end or text[stop] != 0x20 or text[at] == 0x30:
        return False
    at = stop + 1
    stop = _past(text, at, end, _IN_TOKEN)
    if not at < stop < end or text[stop] != 0x20:
        return False
    at = stop + 1
    stop = _past_number(text, at, end, 2_147_483_647)
    if stop < 0 or stop == end or text[stop] != 0x20 or text[at] == 0x30:
        return False
    at = _past_address(text, stop + 1, end)
    if at < 0 or at == end or text[at] != 0x20:
        return False
    at += 1
    stop = _past_number(text, at, end, 65535)
    if stop < 0 or text[at] == 0x30:
        return False
    at = stop
    if end - at < 9 or not _is(text, at, b" typ ", 5):
        return False
    at += 5
    if end - at == 4 and _is(text, at, b"host", 4):
        return True
    stop = _past(text, at, end, _IN_TOKEN)
    if stop == at or end - stop < 7 or not _is(text, stop, b" raddr ", 7):
        return False
    at = _past_address(text, stop + 7, end)
    if at < 0 or end - at < 7 or not _is(text, at, b" rport ", 7):
        return False
    return _past_number(text, at + 7, end, 65535) == end


# ---- bytes


def _past(text: bytes, at: int, end: int, kind: int) -> int:
    """The end of the bytes of this kind."""
    while at < end and _CLASSES[text[at]] & kind:
        at += 1
    return at


def _past_digits(text: bytes, at: int, end: int) -> int:
    """Past up to 18 digits."""
    stop = _past(text, at, end, _IN_DIGIT)
    return stop if 0 < stop - at <= _MOST_DIGITS else _NOWHERE


def _past_number(text: bytes, at: int, end: int, most: int) -> int:
    """Past a number up to `most`."""
    stop = _past_digits(text, at, end)
    return stop if stop > 0 and _value(text, at, stop) <= most else _NOWHERE


def _past_format(text: bytes, at: int, end: int) -> int:
    """Past a payload type: a number up to 127 without a leading zero."""
    stop = _past_number(text, at, end, 127)
    return _NOWHERE if stop > at + 1 and text[at] == 0x30 else stop


def _value(text: bytes, at: int, end: int) -> int:
    """The value of up to 18 digits."""
    value = 0
    while at < end:
        value = value * 10 + text[at] - 0x30
        at += 1
    return value


def _past_address(text: bytes, at: int, end: int) -> int:
    stop = _past_ipv4(text, at, end)
    return stop if stop > 0 else _past_ipv6(text, at, end)


def _past_ipv6(text: bytes, at: int, end: int) -> int:
    """Past an IPv6 address of groups (RFC 4291 2.2), without an IPv4 address in it."""
    groups, is_short, may_end = 0, False, False
    if end - at >= 2 and _is(text, at, b"::", 2):
        is_short = may_end = True
        at += 2
    while True:
        stop = _past(text, at, end, _IN_HEX)
        if stop == at or stop - at > 4:
            break
        groups += 1
        at, may_end = stop, True
        if at == end or text[at] != 0x3A:
            break
        at += 1
        may_end = not is_short and at < end and text[at] == 0x3A
        if may_end:
            is_short = True
            at += 1
    is_whole = groups < 8 if is_short else groups == 8
    return at if may_end and is_whole else _NOWHERE


def _past_ipv4(text: bytes, at: int, end: int) -> int:
    """Past four numbers up to 255 without leading zeros."""
    dots = 0
    while True:
        stop = _past(text, at, end, _IN_DIGIT)
        if not 1 <= stop - at <= 3 or _value(text, at, stop) > 255:
            return _NOWHERE
        if stop > at + 1 and text[at] == 0x30:
            return _NOWHERE
        if dots == 3:
            return stop
        if stop == end or text[stop] != 0x2E:
            return _NOWHERE
        dots += 1
        at = stop + 1


def _is(text: bytes, at: int, word: bytes, length: int) -> bool:
    """Whether a word of this length is at a place."""
    same = 0
    while same < length and text[at + same] == word[same]:
        same += 1
    return same == length


def _has(text: bytes, at: int, end: int, word: bytes, length: int) -> bool:
    """Whether a word of this length is anywhere in text[at:end]."""
    while end - at >= length:
        if _is(text, at, word, length):
            return True
        at += 1
    return False
