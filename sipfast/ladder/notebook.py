"""What messages, calls, ladders and scans show of themselves in a notebook.

All text is escaped, and the cost is bounded: of long ones, the beginning is shown.
"""

from __future__ import annotations

import os
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from .. import Message
from .._moment import moment_text
from .._visible import shortened, visible
from ..calls.call import Call
from ..calls.read import message_of
from ..capture import CaptureError, Record
from ..columns.names import TIME
from ..columns.scan import Scan
from .draw_html import message_block, style
from .draw_svg import colours, element, rules
from .model import Ladder, kind_of, text_of
from .words import say

__all__ = ["of_call", "of_ladder", "of_message", "of_scan"]

MOST_ARROWS = 200
MOST_ROWS = 10
_MOST_COLUMNS = 64
_LONGEST = 60

_OWN = """
.sipfast{background:var(--paper);padding:12px 16px;border-radius:6px;overflow:auto;max-width:100%}
.sipfast>svg{max-width:none;background:none}
.sipfast.rows table{table-layout:auto;width:auto}
.sipfast.rows td,.sipfast.rows td:first-child,.sipfast.rows td:last-child,.sipfast.rows th{width:auto;\
white-space:nowrap;padding:2px 14px 2px 0;text-align:left;font-size:12.5px;color:inherit}
.sipfast.rows th{font-weight:600;border-bottom:1px solid var(--line)}
.sipfast.rows th span{display:block;font-weight:400;color:var(--quiet)}
.sipfast.rows td.null{color:var(--quiet)}
"""


def of_message(message: Message) -> str:
    """A message: its meaning, its faults, and its lines with notes."""
    # Read anew, it is of the engine in use, whatever it was parsed by.
    one = message_of(0, Record(memoryview(message.raw), 0, 0))
    block = _block(kind_of(one.message))
    if one.message is not None:
        SubElement(block, "h2").text = shortened(text_of(one.message), 160)
    message_block(block, one, "en")
    return _written(block)


def of_call(call: Call) -> str:
    """The ladder of a call."""
    return of_ladder(call.ladder())


def of_ladder(ladder: Ladder) -> str:
    """A ladder, as a picture in the text."""
    count = len(ladder.arrows)
    block = _block()
    if count > MOST_ARROWS:
        ladder = Ladder(ladder.call, ladder.hosts, ladder.arrows[:MOST_ARROWS])
    block.append(element(ladder, "auto", "en", styled=False))
    if count > MOST_ARROWS:
        SubElement(block, "p").text = say("en", "left out", f"{count - MOST_ARROWS:,}")
    return _written(block, rules(".sipfast-ladder"))


def of_scan(scan: Scan) -> str:
    """The columns of a scan, its first rows, what the last pass counted, and what is unreadable."""
    block = _block("rows")
    SubElement(block, "p").text = _counts(scan)
    rows, refused = None, [*scan.refused.values()]
    try:
        rows = scan.first(MOST_ROWS)
        if rows is None:
            SubElement(block, "p").text = "No rows yet: the source has to be read to its end first."
    except (OSError, CaptureError) as error:
        refused.insert(0, error)
    _reasons(block, refused)
    table = SubElement(block, "table")
    shown = scan.schema[:_MOST_COLUMNS]
    head = SubElement(SubElement(table, "thead"), "tr")
    for column in shown:
        cell = SubElement(head, "th", {"title": column.text})
        cell.text = visible(column.name)
        SubElement(cell, "span").text = column.type_name
    body = SubElement(table, "tbody")
    for values in rows or ():
        row = SubElement(body, "tr")
        for column, value in zip(shown, values, strict=False):
            cell = SubElement(row, "td", {} if value is not None else {"class": "null"})
            cell.text = _value(value, column.type == TIME)
    if len(scan.schema) > _MOST_COLUMNS:
        SubElement(block, "p").text = f"+ {len(scan.schema) - _MOST_COLUMNS:,} columns"
    return _written(block)


def _counts(scan: Scan) -> str:
    facts = [repr(scan).strip("<>")]
    if scan.rows:
        facts.append(f"{scan.rows:,} rows in the last pass")
    if scan.left_out:
        facts.append(f"{scan.left_out:,} left out")
    facts += [f"{count:,} {visible(reason)}" for reason, count in scan.unread.most_common(5)]
    return " · ".join(facts)


def _reasons(block: Element, refused: list[Exception]) -> None:
    """Why sources cannot be read."""
    reasons = [*dict.fromkeys(map(_reason, refused))]
    if reasons:
        found = SubElement(block, "ul")
        for reason in reasons[:MOST_ROWS]:
            SubElement(found, "li", {"class": "error"}).text = reason
        if len(reasons) > MOST_ROWS:
            SubElement(found, "li").text = f"+ {len(reasons) - MOST_ROWS:,}"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return visible(f"{os.fsdecode(error.filename)}: {error.strerror}")
    return visible(str(error))


def _value(value: Any, is_time: bool) -> str:
    if value is None:
        return "null"
    if is_time:
        return moment_text(value, "%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, tuple):
        value = ", ".join(value) or "[]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return visible(shortened(str(value), _LONGEST))


def _block(kind: str = "") -> Element:
    return Element("div", {"class": f"sipfast {kind}".strip()})


def _written(block: Element, more: str = "") -> str:
    """The text of a block, with its style: that of the notebook's theme, which may be another one
    than the reader's system has."""
    styles = Element("style")
    styles.text = colours(".sipfast", "notebook") + style() + more + _OWN
    block.insert(0, styles)
    return ElementTree.tostring(block, "unicode", method="html")
