"""The difference of two messages: lines beside each other, with the words that differ marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rich.cells import cell_len
from rich.text import Text

from ....registry.header_names import header_name
from ...screen.text import visible

__all__ = ["difference"]

_MOST_LINES = 400
_MOST_TEXT = 400
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_GAP = " │ "

_Pair = tuple[Text | None, Text | None]


def difference(one: bytes, other: bytes, width: int, left_out: str) -> list[Text]:
    """The lines of two messages beside each other, in a width in cells.

    difflib takes time with the square of what it compares: of a long message the first 400 lines
    are, and of a long line its first 400 characters. `left_out` is the text for the rest, with
    ``{}`` for its number of lines.
    """
    left, right = _lines(one), _lines(other)
    half = max(10, (width - len(_GAP)) // 2)
    found: list[Text] = []
    for pair in _pairs(left[:_MOST_LINES], right[:_MOST_LINES]):
        found += _beside(*pair, half)
    beyond = max(len(left), len(right)) - _MOST_LINES
    if beyond > 0:
        found.append(Text(left_out.format(f"{beyond:,}"), "quiet"))
    return found


def _lines(data: bytes) -> list[str]:
    text = data.decode("utf-8", "surrogateescape")
    return [visible(line.removesuffix("\r")[:_MOST_TEXT]) for line in text.split("\n")]


def _pairs(left: Sequence[str], right: Sequence[str]) -> Iterator[_Pair]:
    if left and right and left[0] != right[0]:  # the start lines belong together
        yield _words(left[0], right[0])
        left, right = left[1:], right[1:]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            for line in left[start:end]:
                yield Text(line), Text(line)
            continue
        yield from _changed(left[start:end], right[other_start:other_end])


def _changed(left: Sequence[str], right: Sequence[str]) -> Iterator[_Pair]:
    """Lines that differ: a header field beside the first of the same name, wherever that is."""
    others = list(right)
    for line in left:
        name = _name(line)
        at = next((at for at, other in enumerate(others) if name and _name(other) == name), None)
        if at is None:
            yield _whole(line, "error"), None
            continue
        yield _words(line, others.pop(at))
    for other in others:
        yield None, _whole(other, "good")


def _whole(line: str, style: str) -> Text:
    return Text.assemble((line, style))


def _name(line: str) -> str:
    """What says which lines belong together: the name of a header field, or of a line of SDP."""
    name, colon, _ = line.partition(":")
    if colon and name.replace("-", "").isalnum():
        known = header_name(name)
        return known.name if known else name.lower()
    return line[:2] if line[1:2] == "=" else line.partition(" ")[0]


def _words(line: str, other: str) -> tuple[Text, Text]:
    """Two lines with marks at the words that differ."""
    left, right = _WORD.findall(line), _WORD.findall(other)
    marked, other_marked = Text(), Text()
    for kind, start, end, other_start, other_end in SequenceMatcher(
        None, left, right, autojunk=False
    ).get_opcodes():
        equal = kind == "equal"
        marked.append("".join(left[start:end]), "" if equal else "less")
        other_marked.append("".join(right[other_start:other_end]), "" if equal else "more")
    return marked, other_marked


def _beside(left: Text | None, right: Text | None, half: int) -> Iterator[Text]:
    """Two lines in columns of a width, in as many rows as they need."""
    rows, others = _rows(left, half), _rows(right, half)
    for number in range(max(len(rows), len(others))):
        row = rows[number].copy() if number < len(rows) else Text()
        row.append(" " * (half - row.cell_len)).append(_GAP, "quiet")
        yield row.append_text(others[number]) if number < len(others) else row


def _rows(text: Text | None, width: int) -> list[Text]:
    if text is None:
        return []
    rows = []
    while text.cell_len > width:
        at = _fitting(text.plain, width)
        rows.append(text[:at])
        text = text[at:]
    return [*rows, text]


def _fitting(text: str, width: int) -> int:
    """The number of characters that fit into a width; at least one."""
    used = 0
    for number, char in enumerate(text):
        used += cell_len(char)
        if used > width:
            return max(1, number)
    return len(text)
