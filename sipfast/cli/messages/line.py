"""The line of a message in a list, for a terminal, for a pipe, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from ... import Message, ParseError, Request, Response
from ..._moment import moment
from ...capture import Record
from ..places import place_of
from ..reading import Outcome, agent_of
from ..screen.text import portable, shortened, visible
from ..screen.words import Words

__all__ = ["Listed", "line_of", "row_of", "shown"]

_LONGEST = 256
_GAP = 2


class Listed(NamedTuple):
    """A message of a list; its values are None where the message has none."""

    file: str
    number: int
    datagram: Record
    outcome: Outcome
    message: Message | None
    """As far as it can be read."""

    @property
    def from_(self) -> str | None:
        return self._party("From")

    @property
    def to(self) -> str | None:
        return self._party("To")

    def _party(self, field: str) -> str | None:
        """The number, or user and host; the field as written where it is malformed."""
        message = self.message
        if message is None:
            return None
        try:
            address = message.from_ if field == "From" else message.to
            return None if address is None else place_of(address.uri)
        except ParseError:
            return message.headers.get(field)

    @property
    def what(self) -> str | None:
        """The method, or the status code."""
        message = self.message
        if isinstance(message, Request):
            return message.method
        return f"{message.status:03}" if isinstance(message, Response) else None

    @property
    def cseq(self) -> str | None:
        return None if self.message is None else self.message.headers.get("CSeq")

    @property
    def call_id(self) -> str | None:
        return None if self.message is None else self.message.call_id

    @property
    def agent(self) -> str | None:
        return None if self.message is None else agent_of(self.message)

    @property
    def fault(self) -> str | None:
        """The code of the fault that makes it unparsable."""
        if not isinstance(self.outcome, ParseError) or self.datagram.is_cut:
            return None
        return self.outcome.code

    @property
    def time(self) -> datetime | None:
        return moment(self.datagram.time_ns)


def line_of(
    words: Words, screen: Console, *, several: bool, as_json: bool
) -> Callable[[Listed], str]:
    """What makes the line of a message, of one file or `several`."""
    if as_json:
        return lambda listed: json.dumps(row_of(listed))  # ASCII: valid in any encoding
    if screen.is_terminal:
        return _Columns(words, screen, several).line
    return _tabbed(words, several)


def _number(listed: Listed, several: bool) -> str:
    return visible(f"{listed.file}:{listed.number}") if several else str(listed.number)


def _note(listed: Listed, words: Words) -> str:
    """The code of the fault of an unparsable message, or that it is cut."""
    return listed.fault or (words.is_cut if listed.datagram.is_cut else "")


def shown(text: str | None) -> str:
    """A text of a message in a line; ``-`` for none."""
    return "-" if text is None else visible(shortened(text, _LONGEST))


# ---- in a pipe ----


def _tabbed(words: Words, several: bool) -> Callable[[Listed], str]:
    """All columns, with a tab between them."""

    def line(listed: Listed) -> str:
        time = listed.time
        cells = (
            "-" if time is None else f"{time:%Y-%m-%dT%H:%M:%S.%fZ}",
            f"{shown(listed.from_)} → {shown(listed.to)}",
            shown(listed.what),
            shown(listed.call_id),
            shown(listed.cseq),
            shown(listed.agent),
            _note(listed, words),
        )
        return "\t".join([_number(listed, several), *cells]).rstrip("\t")

    return line


# ---- on a terminal ----


class _Column(NamedTuple):
    """A column: its least width, and its share of the cells that are left."""

    name: str
    least: int
    share: int
    cell: Callable[[Listed], str | None]


def _clock(listed: Listed) -> str | None:
    time = listed.time
    return None if time is None else f"{time:%H:%M:%S.%f}"[:12]


_COLUMNS = (
    _Column("time", 12, 0, _clock),
    _Column("from", 8, 3, lambda listed: listed.from_),
    _Column("to", 8, 3, lambda listed: listed.to),
    _Column("message", 9, 0, lambda listed: listed.what),
    _Column("Call-ID", 8, 3, lambda listed: listed.call_id),
    _Column("CSeq", 9, 1, lambda listed: listed.cseq),
    _Column("user agent", 8, 2, lambda listed: listed.agent),
)
_LEAVING = ("user agent", "CSeq", "Call-ID", "time", "to")
"""The columns that a narrow terminal has no room for, in this order."""
_NUMBER = 6
_MOST_SHARED = 40


class _Columns:
    """Lines of columns for a terminal, each cut to its width; the first line names them."""

    def __init__(self, words: Words, screen: Console, several: bool) -> None:
        self._words = words
        self._screen = screen
        self._several = several
        self._number = min(24, screen.width // 3) if several else _NUMBER
        columns = list(_COLUMNS)
        for name in _LEAVING:
            if self._least(columns) <= screen.width:
                break
            columns = [column for column in columns if column.name != name]
        left = max(0, screen.width - self._least(columns))
        shares = sum(column.share for column in columns)
        self._columns = [
            (column, column.least + min(_MOST_SHARED, left * column.share // max(1, shares)))
            for column in columns
        ]
        head = [words.columns("number").rjust(self._number)]
        head += [_cut(words.columns(column.name), width) for column, width in self._columns]
        self._head = (" " * _GAP).join(head)

    def _least(self, columns: Sequence[_Column]) -> int:
        return self._number + sum(_GAP + column.least for column in columns)

    def line(self, listed: Listed) -> str:
        note = _note(listed, self._words)
        number = _number(listed, self._several)
        cells = [(number.rjust(self._number), "quiet")]
        for column, width in self._columns:
            last = column is self._columns[-1][0]
            value = note if last and note else shown(column.cell(listed))
            style = "error" if note and (last or column.name == "message") else ""
            style = style or ("name" if column.name == "message" else "")
            cells.append((_cut(value, width), style))
        text = Text()
        for at, (cell, style) in enumerate(cells):
            text.append(" " * _GAP if at else "").append(cell, style)
        text.rstrip()
        text.truncate(self._screen.width, overflow="ellipsis")
        with self._screen.capture() as captured:
            if self._head:
                head = Text(self._head, "quiet")
                head.truncate(self._screen.width)
                self._screen.print(head, soft_wrap=True)
                self._head = ""
            self._screen.print(text, soft_wrap=True, end="")
        return captured.get()


def _cut(text: str, width: int) -> str:
    """The text in exactly `width` cells."""
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)


# ---- JSON ----


def row_of(listed: Listed) -> dict[str, Any]:
    """The keys are stable, and listed in ``docs/command.md``."""
    datagram, message = listed.datagram, listed.message
    time = listed.time
    row: dict[str, Any] = {
        "file": portable(listed.file),
        "message": listed.number,
        "packet": datagram.packet,
        "offset": datagram.offset,
        "size": len(datagram.data),
        "time": None if time is None else f"{time:%Y-%m-%dT%H:%M:%S.%fZ}",
        "timestamp_ns": datagram.time_ns,
        "source": datagram.source,
        "source_port": datagram.source_port,
        "destination": datagram.destination,
        "destination_port": datagram.destination_port,
        "transport": datagram.transport,
        "direction": datagram.direction,
        "lost": datagram.lost,
        "from": listed.from_,
        "to": listed.to,
        "method": message.method if isinstance(message, Request) else None,
        "uri": message.uri_text if isinstance(message, Request) else None,
        "status": message.status if isinstance(message, Response) else None,
        "reason": message.reason if isinstance(message, Response) else None,
        "call_id": listed.call_id,
        "cseq": listed.cseq,
        "user_agent": listed.agent,
        "parsed": listed.fault is None,
        "cut": datagram.is_cut,
        "fault": listed.fault,
    }
    return {key: portable(value) if isinstance(value, str) else value for key, value in row.items()}
