"""What is shown of a run: messages, failed calls, counts, and the sums at the end."""

from __future__ import annotations

import contextlib
import json
import math
import sys
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

from rich.live import Live as Drawn
from rich.text import Text

from .... import ParseError
from ...._moment import moment
from ....live import Calls, EndedCall, Live, Rotation
from ....live.figures import Figures
from ...messages.line import Listed, line_of, row_of, shown
from ...places import endpoint
from ...reading import ANY, as_far_as_readable, parsed
from ...screen.console import console, line_writer, warn
from ...screen.text import portable, visible
from .words import FollowWords

if TYPE_CHECKING:
    from . import Order

__all__ = ["Run"]

_TOGETHER = 200
"""Lines that are printed at once."""


class Run:
    """A run: what it shows, and what it counts.

    Attributes:
        forward: where the chosen messages are written to, if anywhere.
    """

    def __init__(self, order: Order, words: FollowWords) -> None:
        self._order = order
        self._words = words
        self._screen = console()
        self._errors = console(stderr=True)
        self._print_line = self._write = line_writer()
        # The counts below the lines are drawn anew for each print: so lines wait for a moment.
        self._lines: list[str] = []
        self.forward: Rotation | None = None

    def begin(self, live: Live) -> Figures:
        """The figures of a run over these sources."""
        self._calls = Calls()
        self._figures = Figures(live.sources, self._calls)
        return self._figures

    def through(self, live: Live) -> bool:
        """Show all that comes; False if a source failed."""
        order, figures, calls = self._order, self._figures, self._calls
        choice, every = order.choice, order.every
        show = self._shower(several=len(live.sources) > 1)
        begun = monotonic()
        pace = _Pace(figures, begun)
        due = begun + every
        end = math.inf if order.duration is None else begun + order.duration
        most = math.inf if order.most is None else order.most
        last = math.inf if choice.last is None else choice.last
        number = 0
        with self._drawn(pace) as is_drawn:
            if is_drawn:
                self._write = self._lines.append
            for record in live:
                if record is None or len(self._lines) >= _TOGETHER:
                    self._print()
                if record is None:
                    self._tick(live.now)
                    if monotonic() >= end:
                        live.stop()
                    if live.now >= due:
                        if not is_drawn:
                            self._tell(pace.of_interval(live.now))
                        due += every * math.ceil((live.now - due) / every or 1)
                    continue
                number += 1
                if number > last:
                    break
                outcome = parsed(record)
                is_chosen = choice is ANY or choice.has(number, record, outcome)
                if not isinstance(outcome, ParseError):
                    calls.add(outcome, record, live.now, is_chosen=is_chosen)
                if not is_chosen:
                    continue
                figures.add(outcome)
                if show is not None:
                    message = as_far_as_readable(record, outcome)
                    show(Listed(record.file or "-", number, record, outcome, message))
                if self.forward is not None:
                    self.forward.write(record, live.now)
                    figures.forwarded = self.forward.written
                if figures.counts.messages >= most:
                    break
            for call in calls.close():
                self._end(call, is_over=True)
            self._print()
        if self.forward is not None:
            self.forward.close()
        return self._summed(live, monotonic() - begun)

    # ---- lines

    def _shower(self, several: bool) -> Callable[[Listed], None] | None:
        """What shows a message; None if messages are not shown."""
        order = self._order
        if order.shows != "messages":
            return None
        if order.as_json:
            return lambda listed: self._write(json.dumps({"event": "message", **row_of(listed)}))
        line = line_of(self._words, self._screen, several=several, as_json=False)
        return lambda listed: self._write(line(listed))

    def _print(self) -> None:
        """Print the lines that wait."""
        if self._lines:
            self._print_line("\n".join(self._lines))
            self._lines.clear()

    def _tick(self, now: float) -> None:
        for call in self._calls.ended(now):
            self._end(call)
        if self.forward is not None:
            self.forward.tick(now)
        sys.stdout.flush()

    def _end(self, call: EndedCall, *, is_over: bool = False) -> None:
        """Count a call that has ended and has a chosen message, and show it if it failed.

        At the end of the run, what is unfinished has not failed.
        """
        if not call.is_chosen or (is_over and call.result in ("unfinished", "challenged")):
            return
        self._figures.end(call)
        order = self._order
        if not call.is_failed or order.shows == "nothing":
            return
        if order.as_json:
            self._write(json.dumps({"event": "call", **_row(call)}))
        elif order.shows == "calls" or self._screen.is_terminal:
            self._write(self._line(call))

    def _line(self, call: EndedCall) -> str:
        words = self._words
        time = moment(call.start_ns)
        why = " ".join([str(call.status), call.reason or ""]).strip() if call.status else "-"
        parties = f"{shown(call.caller)} → {shown(call.callee)}"
        delay = "-" if call.post_dial_delay is None else f"{call.post_dial_delay:.3f}"
        cells = (
            "-" if time is None else f"{time:%Y-%m-%dT%H:%M:%S.%fZ}",
            words.results(call.result),
            shown(why),
            parties,
            delay,
            shown(call.call_id),
        )
        if not self._screen.is_terminal:
            return "\t".join(cells)
        text = Text()
        clock = cells[0] if time is None else f"{time:%H:%M:%S.%f}"[:12]
        text.append(f"{clock}  ", "quiet")
        text.append(f"{cells[1]}  {cells[2]}", "error")
        text.append(f"  {parties}  ")
        if call.post_dial_delay is not None:
            text.append(words.after_seconds.format(f"{call.post_dial_delay:.1f}") + "  ", "quiet")
        text.append(cells[5], "quiet")
        text.truncate(self._screen.width, overflow="ellipsis")
        with self._screen.capture() as captured:
            self._screen.print(text, soft_wrap=True, end="")
        return captured.get()

    # ---- counts

    @contextlib.contextmanager
    def _drawn(self, pace: _Pace) -> Iterator[bool]:
        """A line of counts at the bottom of a terminal; whether there is one."""
        screen = self._errors
        if not screen.is_terminal or self._order.as_json:
            yield False
            return

        def line() -> Text:
            text = Text(" · ".join(self._parts(pace.of_second(monotonic()))), "quiet")
            text.truncate(screen.width, overflow="ellipsis")
            return text

        with Drawn(get_renderable=line, console=screen, transient=True, refresh_per_second=2):
            yield True

    def _tell(self, counts: dict[str, Any]) -> None:
        """A line of counts."""
        if self._order.as_json:
            self._write(json.dumps({"event": "counts", **counts}))
        else:
            self._screen.file.flush()
            warn(self._words.then_these.join(self._parts(counts)))

    def _parts(self, counts: dict[str, Any]) -> list[str]:
        words = self._words
        parts = [
            words.requests_rate.format(f"{counts['requests_per_second']:,.0f}"),
            words.responses_rate.format(f"{counts['responses_per_second']:,.0f}"),
            words.failures_rate.format(f"{counts['failures_per_second']:,.0f}"),
            words.open_calls(counts["open_calls"]),
            words.failed_calls(counts["failed_calls"]),
        ]
        return parts + self._losses()

    def _losses(self) -> list[str]:
        """What was not read, and calls that were not followed to their end."""
        words, figures = self._words, self._figures
        parts = []
        if figures.counts.malformed:
            parts.append(words.malformed(figures.counts.malformed))
        skipped = figures.skipped.total()
        if skipped:
            parts.append(words.packets_skipped(skipped))
        dropped = figures.dropped
        parts.append(words.dropped_unknown if dropped is None else words.dropped(dropped))
        if figures.paused:
            parts.append(words.paused(figures.paused))
        if self._calls.evicted:
            parts.append(words.evicted(self._calls.evicted))
        return parts

    def _summed(self, live: Live, seconds: float) -> bool:
        words, figures = self._words, self._figures
        sys.stdout.flush()
        fine = True
        for source in live.sources:
            if source.failure is not None:
                fine = False
                why = words.reason(source.failure)
                warn(words.unreadable.format(visible(source.name), why))
        if self._order.as_json:
            self._write(
                json.dumps({"event": "end", "seconds": round(seconds, 3), **_sums(figures)})
            )
            return fine
        parts = [
            words.in_seconds.format(
                words.messages_seen(figures.counts.messages), f"{seconds:,.1f} s"
            ),
            words.ended_calls(figures.results.total()),
            words.failed_calls(figures.failed),
            *self._losses(),
        ]
        if self.forward is not None:
            if self.forward.untimed:
                written = words.messages(self.forward.untimed)
                warn(words.untimed.format(written, self.forward.format))
            written = words.files_written(self.forward.files)
            parts.append(f"{words.forwarded(self.forward.written)} ({written})")
        warn(words.then_these.join(parts))
        return fine


class _Pace:
    """Counts a second, since the last look."""

    def __init__(self, figures: Figures, now: float) -> None:
        self._figures = figures
        self._looks = {"interval": (now, 0, 0, 0), "second": (now, 0, 0, 0)}
        self._last: dict[str, Any] | None = None

    def of_interval(self, now: float) -> dict[str, Any]:
        """The counts of the last interval."""
        return self._since("interval", now)

    def of_second(self, now: float) -> dict[str, Any]:
        """The counts of the last second, more or less."""
        if self._last is None or now - self._looks["second"][0] >= 1:
            self._last = self._since("second", now)
        return self._last

    def _since(self, look: str, now: float) -> dict[str, Any]:
        figures = self._figures
        counts = figures.counts
        before = self._looks[look]
        self._looks[look] = (now, counts.requests, counts.responses, counts.failures)
        seconds = max(now - before[0], 1e-3)
        return {
            "requests_per_second": round((counts.requests - before[1]) / seconds, 1),
            "responses_per_second": round((counts.responses - before[2]) / seconds, 1),
            "failures_per_second": round((counts.failures - before[3]) / seconds, 1),
            **_sums(figures),
        }


def _sums(figures: Figures) -> dict[str, Any]:
    counts = figures.counts
    return {
        "messages": counts.messages,
        "requests": counts.requests,
        "responses": counts.responses,
        "failures": counts.failures,
        "malformed": counts.malformed,
        "open_calls": len(figures.calls),
        "ended_calls": figures.results.total(),
        "failed_calls": figures.failed,
        "evicted_calls": figures.calls.evicted,
        "skipped": dict(figures.skipped),
        "dropped": figures.dropped,
        "accept_pauses": figures.paused,
        "forwarded": figures.forwarded,
    }


def _row(call: EndedCall) -> dict[str, Any]:
    time = moment(call.start_ns)
    row = call._asdict()
    del row["is_chosen"]
    row["start"] = None if time is None else f"{time:%Y-%m-%dT%H:%M:%S.%fZ}"
    row["source"] = endpoint(call.source_address, call.source_port) if call.source_address else None
    return {key: portable(value) if isinstance(value, str) else value for key, value in row.items()}
