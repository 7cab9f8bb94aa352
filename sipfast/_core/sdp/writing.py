"""Other values for parts of a session description: its text with new lines where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast.errors import defect

from .defects import fault_of, header_of
from .lines import DIRECTION_LINES, shortened, words_of
from .records import Timing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypedDict

    from .description import Media
    from .records import Attribute, Bandwidth, Connection, Origin, ZoneAdjustment

    class SectionFields(TypedDict, total=False):
        """What session and media can both be given.  None, or nothing in a list, is no line."""

        information: str | None
        connection: Connection | str | None
        bandwidths: Iterable[Bandwidth | str]
        key: str | None
        attributes: Iterable[Attribute | str]
        direction: str | None

    class SessionFields(SectionFields, total=False):
        """What `SDP.replace` takes."""

        version: int
        origin: Origin | str
        session_name: str
        uri: str | None
        emails: Iterable[str]
        phones: Iterable[str]
        times: Iterable[Timing | str]
        zone: Iterable[ZoneAdjustment]
        media: Iterable[Media]

    class MediaFields(SectionFields, total=False):
        """What `Media.build` takes besides the parts of the media line."""

        port_count: int
        ssrc: str | None
        media_format: str | None

    class MediaChanges(MediaFields, total=False):
        """What `Media.replace` takes."""

        kind: str
        port: int
        protocol: str
        formats: Iterable[str | int]


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
_SEVERAL = {"emails", "phones", "bandwidths", "times", "zone", "attributes"}


def carriage_return(text: str) -> str:
    """What stands before the line feeds of `text`, but for its first character, which is one."""
    return "" if "\r\n" not in text and "\n" in text[1:] else "\r"


def edited(text: str, cr: str, fields: dict[str, str], changes: dict[str, Any]) -> str:
    """A section's text with other values of fields, and a line end after its last line."""
    lines = text.split("\n")
    last = lines.pop()
    if last:
        lines.append(last + cr)
    order = _MEDIA_ORDER if fields is MEDIA_FIELDS else _SESSION_ORDER
    for keyword, value in sorted(changes.items(), key=_attributes_first):
        if keyword not in fields:
            raise TypeError(f"{keyword} is nothing that can be replaced here")
        new = [line + cr for line in lines_of(keyword, fields[keyword], value)]
        kept = [line for line in lines if not is_of(line, keyword, fields[keyword])]
        at = place(lines, kept, keyword, fields[keyword], order)
        lines = kept[:at] + new + kept[at:]
    return "\n".join([*lines, ""])


def _attributes_first(change: tuple[str, Any]) -> bool:
    """The direction is one of the attributes, and is set when they are."""
    return change[0] == "direction"


def is_of(line: str, keyword: str, letter: str) -> bool:
    """Whether a line holds, of a section, the value of this field."""
    if keyword == "direction":
        return line.rstrip(" \t\r") in DIRECTION_LINES
    return line.startswith(letter + "=") or (keyword == "times" and line.startswith("r="))


def place(lines: list[str], kept: list[str], keyword: str, letter: str, order: str) -> int:
    """Where among the lines `kept` new ones belong."""
    for index, line in enumerate(lines):
        if is_of(line, keyword, letter):
            return index
    rank = order.index(letter)
    for index, line in enumerate(kept):
        if line[1:2] == "=" and order.find(line[:1]) > rank:
            return index
    return len(kept)


def lines_of(keyword: str, letter: str, value: Any) -> list[str]:
    """The lines that hold a field's value."""
    if keyword in _SEVERAL:
        values = several(keyword, value)
        if keyword == "zone":
            values = [" ".join(map(str, values))] if values else []
    else:
        values = [] if value is None else [value]
    lines = []
    for item in values:
        lines.append(f"{letter}={item}")
        if isinstance(item, Timing):
            lines += [f"r={repeat}" for repeat in item.repeats]
    for line in lines:
        check(keyword, line)
        if keyword == "direction" and line not in DIRECTION_LINES:
            raise ValueError(f"direction: {value!r} is none of sendrecv, sendonly, ...")
    return lines


def several(keyword: str, value: Any) -> list[Any]:
    if isinstance(value, str):
        raise TypeError(f"{keyword} is a list or tuple, not one text")
    return list(value)


def media_line(kind: str, port: int, port_count: int, protocol: str, formats: Any) -> str:
    ports = str(port) if port_count == 1 else f"{port}/{port_count}"
    words = [kind, ports, protocol, *map(str, several("formats", formats))]
    line = "m=" + " ".join(words)
    check("media", line)
    if words_of(line[2:]) != words:
        raise ValueError(f"media: a part is empty or has spaces: {shortened(line)}")
    return line


def check(keyword: str, line: str) -> None:
    """Raise ValueError if a line cannot stand in a description."""
    code = fault_of(line)
    if code is not None:
        text = defect(code, 0, header_of(line)).text
        raise ValueError(f"{keyword}: {text}: {shortened(line)}")
