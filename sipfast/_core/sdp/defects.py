"""The defects of a session description: of each line, and of lines together (RFC 8866 5)."""

from __future__ import annotations

import re
from operator import attrgetter

from sipfast.errors import Defect, defect
from sipfast.registry.sdp import ATTRIBUTES as RULES
from sipfast.registry.sdp import ITSELF, MEDIA, SESSION, Rule
from sipfast.registry.sdp import LINES as LINE_CHECKS

from .lines import ANY_LINE, DIRECTION_LINES, TOKEN, is_usual_address, number, words_of
from .records import (
    ATTRIBUTES,
    read_bandwidth,
    read_connection,
    read_origin,
    read_port,
    read_repeat,
    read_timing,
    read_version,
    read_zone,
)

MOST_DEFECTS = 1000
MOST = 10**18

_SESSION_RANKS = {letter: rank for rank, letter in enumerate("vosiuepcbtka")} | {"r": 9, "z": 9}
_MEDIA_RANKS = {letter: rank for rank, letter in enumerate("micbka")}


def bits_of(letters: str) -> int:
    """The types of lines as a set of bits."""
    return sum({1 << ord(letter) - 97 for letter in letters})


_SESSION_ONCE = bits_of("vosiuck")
_MEDIA_ONCE = bits_of("ik")
_AFTER_TIME = bits_of("rz")
_CONNECTION = bits_of("c")
_TIME = bits_of("t")
_MANDATORY = bits_of("vost")
_OF_TEXT = "siuep"
_OF_GB28181 = "yf"
_LINES = {
    "o": (read_origin, "sdp-origin-malformed"),
    "c": (read_connection, "sdp-connection-malformed"),
    "b": (read_bandwidth, "sdp-bandwidth-malformed"),
    "t": (read_timing, "sdp-time-malformed"),
    "r": (read_repeat, "sdp-repeat-malformed"),
    "z": (read_zone, "sdp-zone-malformed"),
}
_ESCAPED = re.compile("[\udc80-\udcff]")
_DIRECTION = Rule(again="sdp-direction-repeated")


def fault_of(line: str) -> str | None:
    """The defect of one line, without its line end."""
    letter, value = line[:1], line[2:].rstrip(" \t")
    if "\r" in line or "\n" in line or "\0" in line:
        return "sdp-byte-forbidden"
    if line[1:2] == "=" and letter and letter in _OF_GB28181:
        return None
    if not line.strip(" \t"):
        return "sdp-line-empty"
    if line[1:2] != "=" or len(line) < 3 or not (letter.isascii() and letter.isalpha()):
        return "sdp-line-malformed"
    fault = value_fault(letter, value)
    if fault is None and not line.isascii() and _ESCAPED.search(line):
        return "sdp-text-malformed"
    return fault


def value_fault(letter: str, value: str) -> str | None:
    """The defect of the value of a line."""
    if letter == "a":
        return attribute_fault(value)
    if letter in _OF_TEXT:
        return None
    if letter == "k":
        return "sdp-key-obsolete"
    fault = None
    if letter == "v":
        fault = None if read_version(value) == 0 else "sdp-version-unsupported"
    elif letter == "m":
        fault = media_fault(value)
    elif letter in _LINES:
        read, code = _LINES[letter]
        record = read(value)
        if record is None:
            return code
        if letter in LINE_CHECKS and not is_usual(letter, value):
            fault = LINE_CHECKS[letter](record)
    else:
        return "sdp-type-unknown"
    if fault is None and (value[:1] == " " or "  " in value):
        return "sdp-line-whitespace"
    return fault


def is_usual(letter: str, value: str) -> bool:
    """Whether it is an origin or a connection of the commonest form, which is sound."""
    words = words_of(value)
    if letter == "c":
        return len(words) == 3 and is_usual_address(words)
    if letter != "o" or len(words) != 6:
        return False
    return number(words[1], MOST) >= 0 and number(words[2], MOST) >= 0 and is_usual_address(words)


def media_fault(value: str) -> str | None:
    words = words_of(value)
    if len(words) < 4 or not (is_kind(words[0]) and is_protocol(words[2])):
        return "sdp-media-malformed"
    port, count = read_port(words[1])
    if port < 0 or port + count > 65536:
        return "sdp-port-malformed"
    formats = words[3:]
    if "RTP/" in words[2]:
        for text in formats:
            if number(text, 127) < 0:
                return "sdp-format-malformed"
    return "sdp-format-repeated" if len({*formats}) < len(formats) else None


def is_kind(text: str) -> bool:
    return text in _KINDS or TOKEN.fullmatch(text) is not None


def is_protocol(text: str) -> bool:
    return text in _PROTOCOLS or _PROTOCOL.fullmatch(text) is not None


_KINDS = ("audio", "video", "application", "image")
_PROTOCOLS = ("RTP/AVP", "RTP/SAVP", "UDP/TLS/RTP/SAVPF", "udptl")
_PROTOCOL = re.compile(f"{TOKEN.pattern}(?:/{TOKEN.pattern})*")


def attribute_fault(text: str) -> str | None:
    name, _, value = text.partition(":")
    record: object = value
    if name in ATTRIBUTES:
        read, code = ATTRIBUTES[name]
        record = read(value)
        if record is None:
            return code
    rule = RULES.get(name)
    if rule is not None:
        return None if rule.check is None else rule.check(record)
    return None if name in ATTRIBUTES or TOKEN.fullmatch(name) else "sdp-attribute-malformed"


def header_of(line: str) -> str | None:
    """The line's type, with the attribute's name if it is a known one."""
    if not ANY_LINE.match("\n" + line[:2]):
        return None
    name = line[2:].partition(":")[0].rstrip(" \t") if line.startswith("a=") else ""
    return line[:2] + (name if name in ATTRIBUTES or name in RULES else "")


class Line:
    """What one line says by itself, shared by all lines that say the same."""

    __slots__ = (
        *("bit", "fault", "key", "letter", "level", "media_rank", "name", "of_format", "role"),
        *("rule", "session_rank", "word"),
    )

    letter: str
    """The type; empty for a line that counts in no order."""
    bit: int
    fault: str | None
    """The first defect that it has anywhere."""
    session_rank: int
    """Its place in the order of a session's lines, or -1."""
    media_rank: int
    rule: Rule | None
    """The rule for an attribute, if there is one."""
    name: str
    """The attribute's name."""
    word: str
    """The first word of the attribute's value."""
    key: str
    """What a section may have once; empty for others."""
    level: int
    of_format: bool
    role: int
    """`MID` or `GROUP`, if it is one."""

    def __init__(self, line: str, fault: str | None) -> None:
        letter = line[:1]
        if line[1:2] != "=" or letter in _OF_GB28181:
            letter = ""
        self.letter = letter
        self.fault = fault
        self.session_rank = _SESSION_RANKS.get(letter, -1)
        self.media_rank = _MEDIA_RANKS.get(letter, -1)
        self.bit = bits_of(letter) if letter == "m" or self.session_rank >= 0 else 0
        self.rule = None
        self.name = self.word = self.key = ""
        self.level = self.role = 0
        self.of_format = False
        if letter == "a":
            self.read_attribute(line[2:].rstrip(" \t"))

    def read_attribute(self, text: str) -> None:
        if f"a={text}" in DIRECTION_LINES:
            self.rule, self.key = _DIRECTION, "direction"
            return
        name, _, value = text.partition(":")
        rule = RULES.get(name)
        if rule is None:
            return
        self.rule = rule
        self.level = rule.level
        self.of_format = rule.of_format and self.fault is None
        self.name = name
        self.word = value.lstrip(" ").partition(" ")[0]
        if rule.once:
            self.key = name if rule.once == ITSELF else f"{name} {self.word}"
        if self.fault is None:
            self.role = _ROLES.get(name, 0)


MID, GROUP = 1, 2
_ROLES = {"mid": MID, "group": GROUP}
_SOUND: dict[str, Line] = {}
"""All sound lines of a type other than a=, by the type."""
_KNOWN: dict[str, Line] = {}
"""Most descriptions have the same few lines; secrets are never among these."""
_CACHED = ("v", "s", "c", "b", "t", "a")
_MOST_KNOWN = 1024
_LONGEST_KNOWN = 80


def line_of(text: str) -> Line:
    """What a line says by itself."""
    known = _KNOWN.get(text)
    if known is not None:
        return known
    fault = fault_of(text)
    letter = text[:1]
    if fault is None and letter != "a":
        known = _SOUND.get(letter)
    if known is None:
        known = Line(text, fault)
        if fault is None and letter != "a":
            _SOUND[letter] = known
    is_secret = known.rule is not None and not known.rule.cached
    if letter in _CACHED and not is_secret and len(text) <= _LONGEST_KNOWN:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[text] = known
    return known


def find_defects(text: str) -> tuple[Defect, ...]:
    """The defects in the lines of `text`, each after its line feed."""
    at, offset, end = 1, 0, len(text)
    plain = text.isascii()
    audit = Audit(plain or "\na=charset:" in text)
    while at < end and len(audit.found) < MOST_DEFECTS:
        stop = text.find("\n", at)
        if stop < 0:
            stop = end
        line = text[at : stop - 1] if text[stop - 1] == "\r" and stop > at else text[at:stop]
        audit.take(line, offset)
        if plain:
            offset = stop
        else:
            offset += 1 + len(text[at:stop].encode("utf-8", "surrogateescape"))
        at = stop + 1
    if at >= end:
        audit.close()
        audit.close_groups()
    if len(audit.found) > 1:
        audit.found.sort(key=attrgetter("offset"))
    return tuple(audit.found[:MOST_DEFECTS])


class Audit:
    """Collects the defects of lines, and of their order."""

    __slots__ = (
        *("_connected", "_formats", "_groups", "_has_charset", "_is_media"),
        *("_keys", "_listed", "_mids", "_offset", "_rank", "_seen", "found"),
    )

    def __init__(self, has_charset: bool) -> None:
        self.found: list[Defect] = []
        self._connected = False
        self._has_charset = has_charset
        self._mids: set[str] = set()
        self._groups: list[tuple[int, str]] = []
        self._open(0, False, "")

    def _open(self, offset: int, is_media: bool, line: str) -> None:
        """Begin a section."""
        self._is_media = is_media
        self._offset = offset
        self._rank = 0
        self._seen = 0
        self._keys: dict[str, str] = {}
        self._formats = line
        self._listed: set[str] | None = None

    def take(self, line: str, offset: int) -> None:
        """Check the next line."""
        said = line_of(line)
        if said.fault is not None:
            self._take_fault(said.fault, line, offset)
        if said.letter == "m":
            self.close()
            self._open(offset, True, line)
        if said.bit:
            self._take_order(said, offset)
        if said.rule is not None:
            self._take_attribute(said, line, offset)

    def _take_fault(self, code: str, line: str, offset: int) -> None:
        if code != "sdp-text-malformed" or not self._has_charset:
            self.found.append(defect(code, offset, header_of(line)))

    def _take_order(self, said: Line, offset: int) -> None:
        rank, once = said.session_rank, _SESSION_ONCE
        if self._is_media:
            rank, once = said.media_rank, _MEDIA_ONCE
        if said.bit & once & self._seen:
            self.found.append(defect("sdp-line-repeated", offset, said.letter + "="))
        elif rank < self._rank or (said.bit & _AFTER_TIME and not self._seen & _TIME):
            self.found.append(defect("sdp-line-misplaced", offset, said.letter + "="))
        else:
            self._rank = rank
        self._seen |= said.bit

    def _take_attribute(self, said: Line, line: str, offset: int) -> None:
        """Check an attribute by the others in its section."""
        if said.key:
            if said.key in self._keys:
                again = "sdp-attribute-repeated" if said.rule is None else said.rule.again
                # The same value again does no harm: Cisco's CUCM has a=ptime after each a=rtpmap.
                if again != "sdp-attribute-repeated" or line != self._keys[said.key]:
                    self.found.append(defect(again, offset, "a=" + said.name))
            else:
                self._keys[said.key] = line
        if said.level and said.level != (MEDIA if self._is_media else SESSION):
            self.found.append(defect("sdp-attribute-misplaced", offset, "a=" + said.name))
        elif said.of_format and not self._lists(said.word):
            self.found.append(defect("sdp-format-unlisted", offset, "a=" + said.name))
        if said.role == MID:
            if said.word in self._mids:
                self.found.append(defect("sdp-mid-repeated", offset, "a=mid"))
            self._mids.add(said.word)
        elif said.role == GROUP:
            self._groups.append((offset, line.rstrip(" \t")))

    def _lists(self, word: str) -> bool:
        """Whether the formats of the media description include this one."""
        if self._listed is None:
            self._listed = {*words_of(self._formats[2:].rstrip(" \t"))[3:], "*"}
        return word in self._listed

    def close(self) -> None:
        """End a section, and check for missing lines."""
        is_connected = self._seen & _CONNECTION != 0
        if self._is_media:
            if not (is_connected or self._connected):
                self.found.append(defect("sdp-connection-missing", self._offset, "m="))
            return
        self._connected = is_connected
        if self._seen & _MANDATORY != _MANDATORY:
            missing = [letter for letter in "vost" if not self._seen & bits_of(letter)]
            self.found += [defect("sdp-line-missing", 0, letter + "=") for letter in missing]

    def close_groups(self) -> None:
        """Check that all media that a group names are there, each in one bundle."""
        bundled: set[str] = set()
        for offset, line in self._groups:
            semantics, *mids = words_of(line.partition(":")[2])
            if not self._mids.issuperset(mids):
                self.found.append(defect("sdp-group-mid-missing", offset, "a=group"))
            elif semantics == "BUNDLE":
                if not bundled.isdisjoint(mids):
                    self.found.append(defect("sdp-group-mid-repeated", offset, "a=group"))
                bundled.update(mids)
