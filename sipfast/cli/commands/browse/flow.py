"""The screen of the ladder: arrow by arrow, with the message of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.worker import get_current_worker

from .... import Message, ParseError
from ....calls import Call
from ....ladder import Arrow, Ladder, Line
from ...places import endpoint
from ...screen.text import shortened, visible
from .bindings import bindings
from .columns import Row
from .dialogs import SettingsDialog
from .lines import Lines, Sheet
from .messages import MOST, call_of
from .pages import page_of
from .palette import LEGS
from .screens import Bar, BrowserScreen, Foot
from .sheets import DifferenceScreen, MessagesScreen, OneMessageScreen

__all__ = ["FlowScreen"]

_BESIDE = 120
"""From this width on, in cells, the message is beside the ladder instead of below."""
_SHARES = (25, 35, 45, 55, 65, 75)
_USUAL_SHARE = 2
_MARK = 2

COLOURS = ("kind", "leg", "cseq")


class LadderLines(Lines):
    """The arrows of a ladder."""

    def __init__(self) -> None:
        super().__init__(id="ladder")
        self._ladder: Ladder | None = None
        self._lines: list[Line] = []
        self._spans: list[range] = []
        self._width = 0
        self._language: Any = "en"
        self.marked: int | None = None
        self.colours: list[str] | None = None
        """The style of each arrow; None for those of the ladder."""

    @property
    def stops(self) -> int:
        return 0 if self._ladder is None else len(self._ladder.arrows)

    @property
    def height_of_all(self) -> int:
        return len(self._lines)

    def lines_of(self, stop: int) -> range:
        return self._spans[stop] if stop < len(self._spans) else range(0)

    def put(self, ladder: Ladder, language: str) -> None:
        """Show another ladder."""
        self._ladder, self._language, self._width = ladder, language, 0
        self.renew()

    def renew(self) -> None:
        width = self.scrollable_content_region.width - _MARK
        if self._ladder is not None and width > 0 and width != self._width:
            self._width = width
            self._lines = self._ladder.text(width, language=self._language, heading=False)
            first: dict[int, int] = {}
            last: dict[int, int] = {}
            for number, line in enumerate(self._lines):
                if line.arrow is not None:
                    first.setdefault(line.arrow, number)
                    last[line.arrow] = number
            self._spans = [range(first[at], last[at] + 1) for at in range(self.stops)]
        super().renew()

    def line(self, number: int, width: int) -> Text:
        line = self._lines[number]
        is_marked = line.arrow is not None and line.arrow == self.marked
        text = Text.assemble(("● " if is_marked else "  ", "mark"))
        for part, style in line.parts:
            if self.colours is not None and line.arrow is not None and style != "quiet":
                style = self.colours[line.arrow]
            text.append(part, style)
        return text


class FlowScreen(BrowserScreen):
    """The ladder of some dialogs."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("flow")
    PLACE = "flow"
    DEFAULT_CSS = """
    FlowScreen #both { height: 1fr; layout: vertical; }
    FlowScreen #both.beside { layout: horizontal; }
    FlowScreen #ladder { height: 1fr; width: 1fr; }
    FlowScreen #message { border-top: solid $quiet; }
    FlowScreen #both.beside #message { border-top: none; border-left: solid $quiet; }
    """

    def __init__(self, rows: Sequence[Row], *, extended: bool = False) -> None:
        super().__init__()
        self._rows = list(rows)
        self._all = list(rows)
        self._is_extended = extended
        self._call: Call | None = None
        self._shown: Call | None = None
        self._has_preview = True
        self._share = _USUAL_SHARE
        self._colours = 0
        self._only_sdp = False
        self._with_sdp = False
        self._merge: bool | None = None

    def compose(self) -> ComposeResult:
        yield Bar(id="title")
        with Container(id="both"):
            yield LadderLines()
            yield Sheet(id="message")
        yield Foot("flow")

    @property
    def ladder(self) -> LadderLines:
        return self.query_one(LadderLines)

    @property
    def sheet(self) -> Sheet:
        return self.query_one("#message", Sheet)

    def on_mount(self) -> None:
        self.ladder.focus()
        self._lay_out()
        self._title()
        self._read()

    def on_resize(self) -> None:
        self._lay_out()
        self.call_after_refresh(self._preview)

    def renew(self) -> None:
        self._draw()
        self.query_one(Foot).renew()

    def _lay_out(self) -> None:
        is_beside = self.size.width >= _BESIDE
        self.query_one("#both").set_class(is_beside, "beside")
        share = f"{_SHARES[self._share]}%"
        self.sheet.display = self._has_preview
        self.sheet.styles.width = share if is_beside else "100%"
        self.sheet.styles.height = "100%" if is_beside else share

    # ---- reading

    @work(thread=True, exclusive=True, group="flow")
    def _read(self) -> None:
        worker = get_current_worker()
        store = self.browser.store
        rows = list(self._rows)
        if self._is_extended:
            known = {row.id for row in rows}
            for row in self._rows:
                for number in store.legs(row.id):
                    if number not in known:
                        known.add(number)
                        rows.append(store.row(number))
        call = call_of(store, rows, lambda: not worker.is_cancelled)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._have, rows, call)

    def _have(self, rows: list[Row], call: Call) -> None:
        words = self.browser.look.words
        if self._is_extended and len(rows) == len(self._rows):
            self.say(words.no_legs.format(", ".join(self.browser.legs)))
        if len(call.messages) == MOST and call.left_out:
            self.say(words.too_long.format(words.messages(MOST)))
        self._all, self._call = rows, call
        self._draw()

    def _draw(self) -> None:
        """The ladder as the keys have it."""
        if self._call is None:
            return
        call = self._call
        if self._only_sdp:
            only = Call(call.call_id, [one for one in call.messages if _has_sdp(one.message)])
            only.call_ids = call.call_ids
            call = only
        self._shown = call
        ladder = call.ladder(merge=self._merge)
        if self._with_sdp:
            arrows = [_with_media(arrow, call) for arrow in ladder.arrows]
            ladder = Ladder(call, ladder.hosts, arrows)
        self.ladder.colours = self._styles(ladder)
        self.ladder.marked = None
        self.ladder.put(ladder, self.browser.look.words.language)
        self._title()
        self._preview()

    def _styles(self, ladder: Ladder) -> list[str] | None:
        if COLOURS[self._colours] == "leg":
            return [f"leg{arrow.leg % LEGS}" for arrow in ladder.arrows]
        if COLOURS[self._colours] == "cseq":
            numbers: dict[object, int] = {}
            return [
                f"leg{numbers.setdefault(_cseq(ladder, arrow), len(numbers)) % LEGS}"
                for arrow in ladder.arrows
            ]
        return None

    def _title(self) -> None:
        words = self.browser.look.words
        title = Text(" ", no_wrap=True)
        if len(self._all) == 1:
            name = visible(shortened(self._all[0].call_id or "?", 80))
            title.append(words.ladder_of.format(name), "title")
        else:
            title.append(words.of_calls.format(f"{len(self._all):,}"), "title")
        if self._call is not None:
            title.append(f"  {words.messages(len(self._call.messages))}", "quiet")
        notes = [
            (words.only_sdp, self._only_sdp),
            (words.compressed, self._merge is True),
            (words.with_legs, self._is_extended),
            (words.by_leg, COLOURS[self._colours] == "leg"),
            (words.by_cseq, COLOURS[self._colours] == "cseq"),
        ]
        for text, holds in notes:
            if holds:
                title.append(f" · {text}", "name")
        self.query_one("#title", Bar).put(title)

    # ---- the message

    @on(Lines.Moved)
    def _moved(self) -> None:
        self._preview()

    @on(Lines.Opened)
    def _opened(self) -> None:
        self.action_raw()

    @property
    def index(self) -> int | None:
        """The index of the message at the cursor."""
        if self._shown is None or not self._shown.messages:
            return None
        return min(self.ladder.cursor, len(self._shown.messages) - 1)

    def _preview(self) -> None:
        index = self.index
        if not self._has_preview:
            return
        if index is None or self._shown is None:
            self.sheet.put([])
            return
        one = self._shown.messages[index]
        width = self.sheet.scrollable_content_region.width or self.size.width
        words, painter = self.browser.look.words, self.browser.painter
        self.sheet.put(
            page_of(one.record.file or "", one.number, one.record, width, words, painter)
        )

    # ---- the keys

    def action_raw(self) -> None:
        if self.index is not None and self._shown is not None:
            self.app.push_screen(OneMessageScreen(self._shown.messages[self.index]))

    def action_messages(self) -> None:
        self.app.push_screen(MessagesScreen(self._all))

    def action_mark(self) -> None:
        index, marked = self.index, self.ladder.marked
        if index is None or self._shown is None:
            return
        if marked is None:
            self.ladder.marked = index
            self.say(self.browser.look.words.mark_another)
        elif marked == index:
            self.ladder.marked = None
        else:
            one, other = sorted((marked, index))
            messages = self._shown.messages
            self.ladder.marked = None
            self.app.push_screen(DifferenceScreen(messages[one], messages[other]))
        self.ladder.refresh()

    def action_sdp(self) -> None:
        self._with_sdp = not self._with_sdp
        self._draw()

    def action_only_sdp(self) -> None:
        if self._call is None:
            return
        if not self._only_sdp and not any(_has_sdp(one.message) for one in self._call.messages):
            self.say(self.browser.look.words.no_sdp)
            return
        self._only_sdp = not self._only_sdp
        self._draw()

    def action_extended(self) -> None:
        self._is_extended = not self._is_extended
        self._read()

    def action_compress(self) -> None:
        self._merge = None if self._merge else True
        if self._merge is None and self._shown is not None:
            self._merge = False
        self._draw()

    def action_colours(self) -> None:
        self._colours = (self._colours + 1) % len(COLOURS)
        self._draw()

    def action_preview(self) -> None:
        self._has_preview = not self._has_preview
        self._lay_out()
        self.call_after_refresh(self._preview)

    def _resize_preview(self, share: int) -> None:
        self._share = max(0, min(share, len(_SHARES) - 1))
        self._has_preview = True
        self._lay_out()
        self.call_after_refresh(self._preview)

    def action_wider(self) -> None:
        self._resize_preview(self._share + 1)

    def action_narrower(self) -> None:
        self._resize_preview(self._share - 1)

    def action_reset(self) -> None:
        self._resize_preview(_USUAL_SHARE)

    def action_settings(self) -> None:
        self.app.push_screen(SettingsDialog())

    def action_save(self) -> None:
        self.browser.open_save(self._all[0], [row.id for row in self._all])


def _has_sdp(message: Message | None) -> bool:
    try:
        return message is not None and message.sdp is not None
    except ParseError:
        return True  # malformed, and there all the same


def _with_media(arrow: Arrow, call: Call) -> Arrow:
    """The arrow with the addresses and codecs of its media in place of the word SDP."""
    message = call.messages[arrow.message].message
    try:
        sdp = None if message is None else message.sdp
    except ParseError:
        return arrow
    if sdp is None:
        return arrow
    found = []
    for media in sdp.media[:3]:
        address = media.connection.address if media.connection else "?"
        names = [str(codec).partition(" ")[2].partition("/")[0] for codec in media.codecs[:4]]
        found.append(visible(shortened(f"{endpoint(address, media.port)} {' '.join(names)}", 60)))
    notes = [note for note in arrow.notes if not note.startswith("SDP")]
    return arrow._replace(notes=(*notes, *found))


def _cseq(ladder: Ladder, arrow: Arrow) -> object:
    message = ladder.call.messages[arrow.message].message
    try:
        cseq = None if message is None else message.cseq
    except ParseError:
        return arrow.leg, None
    return arrow.leg, None if cseq is None else cseq.number
