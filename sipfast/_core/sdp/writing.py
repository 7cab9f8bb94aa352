"""Changed copies of a session description: its text with new lines in their places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sipfast.errors import ERROR, defect

from .defects import fault_of, header_of
from .lines import DIRECTION_LINES, plain, shortened, words_of
from .records import Timing, read_attribute, read_bandwidth, read_connection, read_origin

_SESSION_ORDER = "vosiuepcbtrzka"
_MEDIA_ORDER = "micbkayf"
_SECTION_FIELDS = {
    "information": "i",
    "connection": "c",
    "bandwidths": "b",
    "key": "k",
    "attributes": "a",
    "direction": "a",
}
SESSION_FIELDS = {
    **_SECTION_FIELDS,
    "version": "v",
    "origin": "o",
    "session_name": "s",
    "uri": "u",
    "emails": "e",
    "phones": "p",
    "times": "t",
    "zone": "z",
}
MEDIA_FIELDS = {**_SECTION_FIELDS, "ssrc": "y", "media_format": "f"}
MEDIA_LINE = ("kind", "port", "port_count", "protocol", "formats")
_RECORDS = read_origin.__module__
"""The module with the classes of records."""
_TEXTS = {"o": read_origin, "c": read_connection, "b": read_bandwidth, "a": read_attribute}
"""Readers of records with text, to check that each part stays in its place."""
_SEVERAL = {"emails", "phones", "bandwidths", "times", "zone", "attributes"}


def carriage_return(text: str) -> str:
    """The lines of `text`, which begins with a line feed."""
    return "" if "\r\n" not in text and "\n" in text[1:] else "\r"


def edited(text: str, cr: str, fields: dict[str, str], changes: dict[str, Any]) -> str:
    """A section's text with other values of fields, and a line end after its last line."""
    if not changes:
        return text if text == "" or text.endswith("\n") else text + cr + "\n"
    lines = text.split("\n")
    last = lines.pop()
    if last:
        lines.append(last + cr)
    order = _MEDIA_ORDER if fields is MEDIA_FIELDS else _SESSION_ORDER
    for keyword, value in sorted(changes.items(), key=_attributes_first):
        new = [line + cr for line in lines_of(keyword, fields[keyword], value)]
        kept = [line for line in lines if not is_of(line, keyword, fields[keyword])]
        at = place(lines, kept, keyword, fields[keyword], order)
        lines = kept[:at] + new + kept[at:]
    return "\n".join([*lines, ""])


def _attributes_first(change: tuple[str, Any]) -> bool:
    """The direction is one of the attributes, and is set with them."""
    return change[0] == "direction"


def is_of(line: str, keyword: str, letter: str) -> bool:
    """Whether a line has the value of this field of a section."""
    if keyword == "direction":
        return line.rstrip(" \t\r") in DIRECTION_LINES
    return line.startswith(letter + "=") or (keyword == "times" and line.startswith("r="))


def place(lines: list[str], kept: list[str], keyword: str, letter: str, order: str) -> int:
    """The place of new lines among the lines `kept`."""
    for index, line in enumerate(lines):
        if is_of(line, keyword, letter):
            return index
    rank = order.index(letter)
    for index, line in enumerate(kept):
        if line[1:2] == "=" and order.find(line[:1]) > rank:
            return index
    return len(kept)


def lines_of(keyword: str, letter: str, value: Any) -> list[str]:
    """The lines of a field's value."""
    if keyword in _SEVERAL:
        values = several(keyword, value)
        if keyword == "zone":
            pairs = [line_of(keyword, "", pair).removeprefix("=") for pair in values]
            values = [" ".join(pairs)] if pairs else []
    else:
        values = [] if value is None else [value]
    lines = []
    for item in values:
        lines.append(line_of(keyword, letter, item))
        if isinstance(item, Timing):
            lines += [line_of(keyword, "r", repeat) for repeat in item.repeats]
    for line in lines:
        check(keyword, line)
        if keyword == "direction" and line not in DIRECTION_LINES:
            raise ValueError(
                f"direction: {value!r} must be sendrecv, sendonly, recvonly or inactive"
            )
    return lines


def line_of(keyword: str, letter: str, item: Any) -> str:
    """The line of `item`, which is text, a record, or the version's number."""
    if isinstance(item, str):
        return f"{letter}={plain(item)}"
    is_record = type(item).__module__ == _RECORDS
    if not is_record and not (keyword == "version" and isinstance(item, int)):
        raise TypeError(f"{keyword} must be text or a record, not {type(item).__name__}")
    line = f"{letter}={written(keyword, item)}"
    read = _TEXTS.get(letter)
    found = read(line[2:]) if read is not None else None
    if found is not None and [*map(str, found)] != [*map(str, item)]:  # numbers may be text
        raise ValueError(f"{keyword}: a part would parse as two: {shortened(line)}")
    return line


def written(keyword: str, item: Any) -> str:
    """The str of a record or number; ValueError for a number of thousands of digits."""
    try:
        return str(item)
    except ValueError as error:
        raise ValueError(f"{keyword}: {error}") from None


def several(keyword: str, value: Any) -> list[Any]:
    if type(value) is list:
        return value
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{keyword} must be a list or tuple, not {type(value).__name__}")
    return list(value)


def media_line(kind: str, port: int, port_count: int, protocol: str, formats: Any) -> str:
    ports = part_of("port", port)
    if port_count != 1:
        ports = f"{ports}/{part_of('port_count', port_count)}"
    for name, text in (("kind", kind), ("protocol", protocol)):
        if not isinstance(text, str):
            raise TypeError(f"{name} must be str, not {type(text).__name__}")
    parts = [part_of("formats", value) for value in several("formats", formats)]
    words = [plain(kind), ports, plain(protocol), *parts]
    line = "m=" + " ".join(words)
    check("media", line)
    if words_of(line[2:]) != words:
        raise ValueError(f"media: empty part, or spaces in it: {shortened(line)}")
    return line


def part_of(name: str, value: Any) -> str:
    """A part of a media line, as text."""
    if type(value) is int:
        return written("media", value)
    if isinstance(value, str):
        return plain(value)
    if value is not None and not isinstance(value, int):
        raise TypeError(f"{name} must be int or str, not {type(value).__name__}")
    return written("media", value)


def check(keyword: str, line: str) -> None:
    """Raise ValueError for a line with an error."""
    if not line.isascii():
        try:
            line.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise ValueError(f"{keyword}: lone surrogate: {shortened(line)}") from None
    code = fault_of(line)
    if code is None:
        return
    found = defect(code, 0, header_of(line))
    if found.severity == ERROR:
        raise ValueError(f"{keyword}: {found.text}: {shortened(line)}")
