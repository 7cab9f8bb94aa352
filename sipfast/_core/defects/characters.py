"""The bytes of the header: its line ends, control characters, and text that is not UTF-8.

Nearly all headers are plain, which `survey` shows in one pass over their bytes; these checks run on
the others.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from sipfast.errors import ERROR, Defect, defect
from sipfast.registry.header_names import HEADER_NAMES

from ..message.fields import Field
from ..message.properties import Typed
from ..values.tokens import Text
from ..wire.table import Table

__all__ = ["check_text"]

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARK = re.compile(rb'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\\"()]')
_LF = re.compile(rb"(?<!\r)\n")
_CR_LF = re.compile(rb"\r\n")

_HAS_PAIRS = frozenset(
    field.header_id
    for field in vars(Typed).values()
    if isinstance(field, Field) and field.value_class is not Text
)
"""The header fields whose grammar has quoted strings or comments.

A quoted pair in them may hold a control character (RFC 3261 25.1); one in other text is text.
"""


def check_text(table: Table, found: list[Defect]) -> None:
    """Report the faulty line ends, and in each header field the first fault of each kind.

    A control character is not reported in a field with an error before it, or at it: that one says
    where reading failed.
    """
    start, body = table._parsed.start, table._parsed.body
    head = table._unchanging()[start:body]
    _line_ends(head, start, found)
    if not _CONTROL.search(head) and _not_utf8(head) < 0:
        return
    known = sorted([item.offset for item in found if item.severity == ERROR])
    name = "Request-URI" if table._parsed.method_length else "Reason-Phrase"
    target = table._bytes(table._parsed.target_at, table._parsed.target_length)
    _check(target, table._parsed.target_at, name, False, known, found)
    for index in range(table._parsed.count):
        header_id = table._id(index)
        name = HEADER_NAMES[header_id - 1].name if header_id else table._name(index)
        at, has_pairs = table._value_at(index), header_id in _HAS_PAIRS
        _check(table._raw_value(index), at, name, has_pairs, known, found)


def _check(
    raw: bytes, at: int, name: str, has_pairs: bool, known: list[int], found: list[Defect]
) -> None:
    """Report the faults in the text of a header field, whose value begins at `at`."""
    control = _control_in(raw, has_pairs)
    if control >= 0 and bisect_right(known, at + control) == bisect_left(known, at):
        found.append(defect("value-control", at + control, name))
    encoding = _not_utf8(raw)
    if encoding >= 0:
        found.append(defect("text-encoding-malformed", at + encoding, name))


def _control_in(raw: bytes, has_pairs: bool) -> int:
    """The first control character outside of quoted pairs, or -1."""
    if not has_pairs or b"\\" not in raw:
        control = _CONTROL.search(raw)
        return control.start() if control else -1
    at = depth = 0
    is_quoted = False
    mark = _MARK.search(raw)
    while mark is not None:
        at, byte = mark.end(), mark.group()
        if byte == b"\\":
            at += is_quoted or depth > 0
        elif byte == b'"':
            is_quoted = is_quoted != (depth == 0)
        elif byte == b"(":
            depth += not is_quoted
        elif byte == b")":
            depth -= depth > 0 and not is_quoted
        else:
            return mark.start()
        mark = _MARK.search(raw, at)
    return -1


def _not_utf8(text: bytes) -> int:
    """The first byte that is not UTF-8, or -1."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return -1


def _line_ends(head: bytes, start: int, found: list[Defect]) -> None:
    """Report line ends other than CR LF (RFC 3261 7); those of folds and the blank line count."""
    first = head.find(b"\n")
    if first < 0:
        return
    is_crlf = head[first - 1 : first] == b"\r"
    other = (_LF if is_crlf else _CR_LF).search(head, first + 1)
    if other:
        found.append(defect("line-ends-mixed", start + other.start()))
    elif not is_crlf:
        found.append(defect("line-ends-lf", start + first))
