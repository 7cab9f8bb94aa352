"""The page that ``sipfast show`` prints: one message in its own bytes, with notes and marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from ... import Message, Request, Response
from ..._moment import moment_text
from ...calls.dissect import Dissection, Fault, Field, Span, dissect, is_text, lines
from ...capture import Record
from ...registry.methods import method
from ...registry.status import status
from ..places import endpoint
from ..reading import is_apart
from ..screen.text import first_sentence, shortened, together, visible
from ..screen.wire import Mark, Wire, style_of
from ..screen.words import Words
from ..screen.wrapping import wrapped
from .gist import answered, facts, parties

__all__ = ["Page"]

_SIDE_BY_SIDE = 110
"""From this width on, in cells, the meanings are beside the header fields instead of below."""
_MARGIN = 2
_NOTE_MARGIN = 6
_GAP = 3
_NARROWEST = 20
_UNWRAPPED = 1_000_000
_LONGEST_LABEL = 16
_RULE = 40

_MOST_FIELD = 2048
_MOST_LINES = 32
_MOST_TEXT = 16_384
_MOST_BINARY = 1024

_UNKNOWN = "?"


class Page:
    """The page of a message: its width, its language, and the place of the notes."""

    def __init__(self, screen: Console, words: Words) -> None:
        self.screen = screen
        self.chinese = words.language == "zh"
        self.words = words
        # Output to a file or to another program keeps its lines unwrapped.
        self.width = max(_NARROWEST, screen.width) if screen.is_terminal else _UNWRAPPED
        self.side_by_side = screen.is_terminal and self.width >= _SIDE_BY_SIDE
        self.body_width = self.head_width = self.width - _MARGIN
        self.note_width = self.width - _NOTE_MARGIN
        if self.side_by_side:
            self.head_width = (self.body_width - _GAP) * 3 // 5
            self.note_width = self.body_width - _GAP - self.head_width

    def message(self, path: str, number: int, datagram: Record) -> None:
        shown = dissect(datagram)
        marks = [_mark(fault, self.words) for fault in shown.faults]
        wire = Wire(shown.data, marks, self.head_width, self.words.not_shown)
        self._summary(shown, path, number, datagram)
        self._line()
        self._head(shown, wire)
        self._body(shown, wire)
        for mark in wire.unplaced:
            if not mark.fatal:  # which the summary has
                self._prose(f"{self._byte(mark.offset)}: {mark.text}", style_of(mark))

    def gap(self) -> None:
        """Set two messages apart."""
        self._line()
        self._line(Text("─" * min(self.body_width, _RULE), "quiet"), margin=0)
        self._line()

    # ---- the summary ----

    def _summary(self, shown: Dissection, path: str, number: int, datagram: Record) -> None:
        message, error = shown.message, shown.error
        if error is not None:
            text = error.text_zh if self.chinese else error.text
            self._prose(self.words.unparsable, "error")
            self._prose(f"{text} · {self._byte(error.offset)} · {error.rfc}", "error")
        if datagram.is_cut:
            self._prose(self.words.cut, "error")
        if message is not None:
            title, meaning = self._kind(message)
            self._prose(title, "title")
            self._prose(first_sentence(meaning))
            caller, callee = parties(message, self.words)
            self._prose(f"{_in_short(caller)} → {_in_short(callee)}", "name")
            self._labelled(list(facts(message, self.words)))
        self._prose(" · ".join(self._facts(path, number, datagram)), "quiet")
        defects = sum(not fault.is_fatal for fault in shown.faults)
        if defects:
            self._prose(self.words.defects(defects), "defect")

    def _kind(self, message: Message) -> tuple[str, str]:
        """The title of a message, and the meaning of its method or status code."""
        if isinstance(message, Request):
            known = method(message.method)
            if known is None:
                return _in_short(message.method), self.words.unregistered_method
            return known.name, known.zh if self.chinese else known.en
        assert isinstance(message, Response)
        method_answered = answered(message)
        joint = f" · {_in_short(method_answered)}" if method_answered else ""
        if not 100 <= message.status <= 699:
            return f"{message.status:03}{joint}", self.words.no_status
        row = status(message.status)
        if self.chinese:
            return f"{row.code} {row.phrase_zh}{joint}", row.zh
        return f"{row.code} {row.phrase}{joint}", row.en

    def _facts(self, path: str, number: int, datagram: Record) -> Iterator[str]:
        words = self.words
        yield visible(path)
        yield words.message.format(f"{number:,}")
        if is_apart(datagram):
            yield words.packet.format(f"{datagram.packet:,}")
        yield self._byte(datagram.offset)
        yield words.size.format(f"{len(datagram.data):,}")
        if is_apart(datagram):
            yield _path(datagram)
        if datagram.time_ns is not None:
            yield moment_text(datagram.time_ns, "%Y-%m-%d %H:%M:%S.%f UTC")
        if datagram.lost:
            yield words.lost.format(", ".join(map(words.loss, datagram.lost)))

    # ---- the start line and the header fields ----

    def _head(self, shown: Dissection, wire: Wire) -> None:
        self._set(wire.rows(shown.start_line, most=_MOST_FIELD), "")
        noted: set[str] = set()
        for field in shown.fields:
            most = _beginning(shown.data, field.span)
            rows = wire.rows(field.span, most=most, name_end=field.name_end)
            self._set(rows, self._note(field, noted))

    def _note(self, field: Field, noted: set[str]) -> str:
        """The meaning of a header field, at its first appearance."""
        key = field.header.name if field.header else field.name.lower()
        if not field.name or key in noted:
            return ""
        noted.add(key)
        if field.header is None:
            return self.words.unregistered_header
        meaning = first_sentence(field.header.zh if self.chinese else field.header.en)
        long_name = f"{field.header.name}: " if len(field.name) == 1 else ""
        return f"{long_name}{meaning} {together(field.header.rfc)}"

    def _set(self, rows: Iterable[Text], note: str) -> None:
        notes = [Text(line, "quiet") for line in wrapped(note, self.note_width)]
        if not self.side_by_side:
            self._lines(rows)
            self._lines(notes, margin=_NOTE_MARGIN)
            return
        self._lines(self._beside(left, right) for left, right in zip_longest(rows, notes))

    def _beside(self, left: Text | None, right: Text | None) -> Text:
        row = left or Text()
        if right:
            row.pad_right(self.head_width + _GAP - row.cell_len)
            row.append_text(right)
        return row

    # ---- the body ----

    def _body(self, shown: Dissection, wire: Wire) -> None:
        size = shown.body.end - shown.body.start
        self._line()
        if shown.hidden:
            self._prose(self.words.not_shown.format(f"{shown.hidden:,}"), "quiet")
        elif not size:
            self._prose(self.words.no_body, "quiet")
        else:
            facts = (
                f"  {_media_type(shown.message, self.words)}{self.words.size.format(f'{size:,}')}"
            )
            self._line(Text.assemble((self.words.body, "title"), (facts, "quiet")), margin=0)
            self._content(shown, wire)
        if shown.surplus:
            self._prose(self.words.surplus.format(f"{shown.surplus:,}"), "quiet")

    def _content(self, shown: Dissection, wire: Wire) -> None:
        start, end = shown.body
        if is_text(shown.data[start : min(end, start + _MOST_TEXT)]):
            wire.width = self.body_width
            self._lines(wire.rows(shown.body, most=_MOST_TEXT, tab="    "))
            return
        self._lines(map(Text, _hexadecimal(shown.data[start : min(end, start + _MOST_BINARY)])))
        if end - start > _MOST_BINARY:
            self._prose(self.words.not_shown.format(f"{end - start - _MOST_BINARY:,}"), "quiet")

    # ---- writing ----

    def _byte(self, offset: int) -> str:
        return self.words.byte.format(f"{offset:,}")

    def _prose(self, text: str, style: str = "") -> None:
        self._lines([Text(line, style) for line in wrapped(text, self.width)], margin=0)

    def _labelled(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write texts, each beside its label."""
        labels = [shortened(visible(label), _LONGEST_LABEL) for label, _ in rows]
        start = max(map(cell_len, labels), default=0) + 2
        for label, (_, text) in zip(labels, rows, strict=True):
            first, *others = wrapped(_in_short(text), max(2, self.width - start)) or [""]
            self._line(Text.assemble((set_cell_size(label, start), "quiet"), first), margin=0)
            self._lines(map(Text, others), margin=start)

    def _line(self, row: Text | None = None, *, margin: int = _MARGIN) -> None:
        self._lines([row or Text()], margin=margin)

    def _lines(self, rows: Iterable[Text], *, margin: int = _MARGIN) -> None:
        """Write all rows at once: a call of the console for each row costs far more."""
        set_in = [Text(" " * margin if row else "").append_text(row) for row in rows]
        if set_in:
            self.put(set_in)

    def put(self, rows: list[Text]) -> None:
        """Take lines that are complete."""
        self.screen.print(Text("\n").join(rows), soft_wrap=True)


def _mark(one: Fault, words: Words) -> Mark:
    fault, is_fatal = one
    text = fault.text_zh if words.language == "zh" else fault.text
    named = text if is_fatal else f"{words.severity(fault.severity)}{words.colon}{text}"
    described = words.parenthesis.format(named, fault.rfc)
    return Mark(fault.offset, described, is_fatal or fault.severity == "error", is_fatal)


def _beginning(data: bytes, span: Span) -> int:
    """The number of bytes of a header field to show, limited in bytes and in lines."""
    at = span.start
    for line in islice(lines(data, *span), _MOST_LINES):
        at = line.following
    return min(at - span.start, _MOST_FIELD)


def _in_short(text: str) -> str:
    return visible(shortened(text))


def _media_type(message: Message | None, words: Words) -> str:
    """Content-Type and a comma, or nothing."""
    value = None if message is None else message.headers.get("Content-Type")
    return f"{_in_short(value)}{words.and_these}" if value else ""


def _path(record: Record) -> str:
    """The transport and the two sides, as far as they are known."""
    source, destination = (
        _UNKNOWN if address is None else endpoint(address, port)
        for address, port in (
            (record.source, record.source_port),
            (record.destination, record.destination_port),
        )
    )
    return f"{record.transport or _UNKNOWN} {source} → {destination}"


def _hexadecimal(data: bytes) -> Iterator[str]:
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        yield f"{at:06x}  {row.hex(' '):47}  {text}"
