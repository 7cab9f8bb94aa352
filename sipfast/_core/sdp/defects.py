"""The defects of a session description: of each line, and of their order (RFC 8866 5)."""

from __future__ import annotations

from operator import attrgetter

from sipfast.errors import Defect, defect

from .lines import ANY_LINE, DIRECTION_LINES, TOKEN, words_of
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

_SESSION_RANKS = {letter: rank for rank, letter in enumerate("vosiuepcbtka")} | {"r": 9, "z": 9}
_MEDIA_RANKS = {letter: rank for rank, letter in enumerate("micbka")}
_SESSION_ONCE = "vosiuck"
_MEDIA_ONCE = "ik"
_MANDATORY = "vost"
_OF_TEXT = "siuepkyf"
_OF_GB28181 = "yf"
_LINES = {
    "o": (read_origin, "sdp-origin-malformed"),
    "c": (read_connection, "sdp-connection-malformed"),
    "b": (read_bandwidth, "sdp-bandwidth-malformed"),
    "t": (read_timing, "sdp-time-malformed"),
    "r": (read_repeat, "sdp-repeat-malformed"),
    "z": (read_zone, "sdp-zone-malformed"),
}


def fault_of(line: str) -> str | None:
    """The defect of one line, without its line end."""
    letter, value = line[:1], line[2:].rstrip(" \t")
    if "\r" in line or "\n" in line or "\0" in line:
        return "sdp-byte-forbidden"
    if line[1:2] != "=" or len(line) < 3 or not (letter.isascii() and letter.isalpha()):
        return "sdp-line-malformed"
    if letter == "v":
        return None if read_version(value) == 0 else "sdp-version-unsupported"
    if letter == "m":
        return media_fault(value)
    if letter == "a":
        return attribute_fault(value)
    if letter in _OF_TEXT:
        return None
    if letter not in _LINES:
        return "sdp-type-unknown"
    read, code = _LINES[letter]
    return code if read(value) is None else None


def media_fault(value: str) -> str | None:
    words = words_of(value)
    if len(words) < 4:
        return "sdp-media-malformed"
    port, _ = read_port(words[1])
    return "sdp-port-malformed" if port < 0 else None


def attribute_fault(text: str) -> str | None:
    name, _, value = text.partition(":")
    if name in ATTRIBUTES:
        read, code = ATTRIBUTES[name]
        return code if read(value) is None else None
    return None if TOKEN.fullmatch(name) else "sdp-attribute-malformed"


def header_of(line: str) -> str | None:
    """The line's type, with the attribute's name if it is a known one."""
    if not ANY_LINE.match("\n" + line[:2]):
        return None
    name = line[2:].partition(":")[0].rstrip(" \t") if line.startswith("a=") else ""
    return line[:2] + (name if name in ATTRIBUTES else "")


def find_defects(text: str) -> tuple[Defect, ...]:
    """The defects in the lines of `text`, each after its line feed."""
    audit = Audit()
    at, offset, end = 1, 0, len(text)
    plain = text.isascii()
    while at < end and len(audit.found) < MOST_DEFECTS:
        stop = text.find("\n", at)
        if stop < 0:
            stop = end
        line = text[at:stop]
        audit.take(line.removesuffix("\r"), offset)
        offset += 1 + (len(line) if plain else len(line.encode("utf-8", "surrogateescape")))
        at = stop + 1
    if at >= end:
        audit.close()
    return tuple(sorted(audit.found, key=attrgetter("offset"))[:MOST_DEFECTS])


class Audit:
    """Collects the defects of lines, and of their order."""

    __slots__ = ("_connected", "_directed", "_is_media", "_offset", "_rank", "_seen", "found")

    def __init__(self) -> None:
        self.found: list[Defect] = []
        self._connected = False
        self._open(0, False)

    def _open(self, offset: int, is_media: bool) -> None:
        """Begin a section."""
        self._is_media = is_media
        self._offset = offset
        self._rank = 0
        self._seen: set[str] = set()
        self._directed = False

    def take(self, line: str, offset: int) -> None:
        """Check the next line."""
        code = fault_of(line)
        if code is not None:
            self.found.append(defect(code, offset, header_of(line)))
        letter = line[:1]
        if line[1:2] != "=" or letter in _OF_GB28181:
            return
        if letter == "m":
            self.close()
            self._open(offset, True)
        if letter == "m" or letter in _SESSION_RANKS:
            self._take_order(letter, offset)
        if letter == "a" and line.rstrip(" \t\r") in DIRECTION_LINES:
            if self._directed:
                self.found.append(defect("sdp-direction-repeated", offset, "a="))
            self._directed = True

    def _take_order(self, letter: str, offset: int) -> None:
        ranks, once = _SESSION_RANKS, _SESSION_ONCE
        if self._is_media:
            ranks, once = _MEDIA_RANKS, _MEDIA_ONCE
        rank = ranks.get(letter, -1)
        if letter in once and letter in self._seen:
            self.found.append(defect("sdp-line-repeated", offset, letter + "="))
        elif rank < self._rank or (letter in "rz" and "t" not in self._seen):
            self.found.append(defect("sdp-line-misplaced", offset, letter + "="))
        else:
            self._rank = rank
        self._seen.add(letter)

    def close(self) -> None:
        """End a section, and check for missing lines."""
        if not self._is_media:
            missing = [letter for letter in _MANDATORY if letter not in self._seen]
            self.found += [defect("sdp-line-missing", 0, letter + "=") for letter in missing]
            self._connected = "c" in self._seen
        elif not self._connected and "c" not in self._seen:
            self.found.append(defect("sdp-connection-missing", self._offset, "m="))
