"""The lines of a session description, and the words and numbers in them (RFC 8866 9)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+")
ANY_LINE = re.compile(r"\n[A-Za-z]=")
DIRECTION_LINES = ("a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive")
_DIRECTIONS = {line: line[2:] for line in DIRECTION_LINES}
_USUAL_NUMBERS = {str(value): value for value in (*range(128), 8000, 16000, 44100, 48000, 90000)}


def rest_of_line(text: str, at: int) -> str:
    """The rest of the line in `text` from `at`, without whitespace at its end."""
    stop = text.find("\n", at)
    return stripped(text, at, len(text) if stop < 0 else stop)


def first_in(text: str, mark: str) -> str | None:
    """The text after `mark` in the first line that begins with it, or None."""
    at = text.find(mark)
    return None if at < 0 else rest_of_line(text, at + len(mark))


def all_in(text: str, mark: str) -> list[str]:
    """The texts after `mark` in all lines that begin with it."""
    found = []
    at = text.find(mark)
    while at >= 0:
        at += len(mark)
        found.append(rest_of_line(text, at))
        at = text.find(mark, at)
    return found


def stripped(text: str, at: int, stop: int) -> str:
    """The part of `text` from `at` to `stop`, without whitespace at its end."""
    while stop > at and text[stop - 1] in " \t\r":
        stop -= 1
    return text[at:stop]


def split_lines(text: str) -> list[str]:
    """The lines of `text`, each after its line feed."""
    lines = [line.removesuffix("\r") for line in text[1:].split("\n")]
    if not lines[len(lines) - 1]:  # the empty text after the last line end
        lines.pop()
    return lines


def direction_in(text: str) -> str:
    """The direction in its lines, or empty."""
    found = ""
    for line in text.split("\n"):
        if len(line) >= 10:
            found = wider(found, line)
    return found


def wider(direction: str, line: str) -> str:
    """The later in the alphabet of a direction and that of a line: it allows more."""
    said = _DIRECTIONS.get(stripped(line, 0, len(line)))
    return direction if said is None or said < direction else said


def all_read(read: Callable[[str], Any], values: list[str]) -> tuple[Any, ...]:
    """The results of `read` for the well-formed values."""
    found = []
    for value in values:
        record = read(value)
        if record is not None:
            found.append(record)
    return tuple(found)


def words_of(value: str) -> list[str]:
    """The words between its spaces."""
    if not value or value[0] == " " or value[len(value) - 1] == " " or "  " in value:
        return [word for word in value.split(" ") if word]
    return value.split(" ")


def number(text: str, most: int) -> int:
    """1*DIGIT up to `most`, or -1."""
    value = _USUAL_NUMBERS.get(text, -1)
    if value < 0:
        if not text or len(text) > 18:
            return -1
        value = 0
        for character in text:
            if not "0" <= character <= "9":
                return -1
            value = 10 * value + ord(character) - 48
    return value if value <= most else -1


def is_usual_address(words: list[str]) -> bool:
    """Whether the last three words are those of a unicast IPv4 address."""
    count = len(words)
    if words[count - 3] != "IN" or words[count - 2] != "IP4":
        return False
    octet = digits = dots = 0
    address = words[count - 1]
    for character in address:
        if "0" <= character <= "9":
            octet = 10 * octet + ord(character) - 48
            digits += 1
            if octet > 255 or digits > 3 or (digits > 1 and octet < 10):
                return False
        elif character == "." and digits:
            dots += 1
            if dots == 1 and 224 <= octet < 240:
                return False  # multicast
            octet = digits = 0
        else:
            return False
    return dots == 3 and digits > 0


def plain(text: str) -> str:
    """An exact str: the methods of a subclass may do anything."""
    return text if type(text) is str else str.__str__(text)


def shortened(text: str) -> str:
    """At most 60 printable characters of a text."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    return shown if shown.isprintable() else ascii(shown)
