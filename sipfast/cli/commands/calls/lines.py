"""The lines of ``sipfast calls``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from ....registry.q850 import cause_text
from ...rows.listing import Listing, clock, number, seconds, span, text
from ...screen.columns import Column
from .words import CallWords

__all__ = ["CallLines"]


class CallLines(Listing):
    """A line for each call; with `legs`, those of one correlation below each other."""

    styles: ClassVar = {
        "answered": "good",
        "unfinished": "quiet",
        "redirected": "quiet",
        "cancelled": "defect",
    }
    leaving = (
        "callee's agent",
        "caller's agent",
        "Call-ID",
        "messages",
        "setup",
        "reason",
        "repeats",
        "hang-up",
        "codecs",
        "status",
        "time",
    )

    def __init__(self, words: CallWords, *, legs: bool) -> None:
        super().__init__(words)
        self._legs = legs
        self._correlation: str | None = None
        self.causes = self._cause_text

    def columns(self, *, whole: bool) -> Sequence[Column]:
        """The columns; with `whole`, times have their date."""
        column, words = self.column, self._words
        caller = (
            column("from", "caller correlation", self._leg, 10, 3)
            if self._legs
            else column("from", "caller", text, 10, 3)
        )
        return (
            column("time", "start", partial(clock, whole=whole), 8),
            caller,
            column("to", "callee", text, 10, 3),
            column("result", "result", words.results, 10),
            column("status", "status", number, 3, right=True),
            column("delay", "post_dial_delay", seconds, 6, right=True),
            column("setup", "setup_time", seconds, 6, right=True),
            column("duration", "duration", span, 8, right=True),
            column("hang-up", "hangup", lambda side: words.sides(side or ""), 7),
            column("codecs", "codecs", _codecs, 8, 2),
            column("repeats", "retransmissions", number, 7, right=True),
            column("reason", "cause reason result", self._cause, 12, 3),
            column("messages", "messages", number, 8, right=True),
            column("Call-ID", "call_id", text, 16, 4),
            column("caller's agent", "caller_agent", text, 14, 3),
            column("callee's agent", "callee_agent", text, 14, 3),
        )

    def _leg(self, caller: str | None, correlation: str | None) -> str:
        """The caller; of a further leg, moved to the right."""
        is_further = correlation == self._correlation
        self._correlation = correlation
        return f"↳ {text(caller)}" if is_further else text(caller)

    def _cause_text(self, cause: int | None) -> str:
        return "" if cause is None else cause_text(cause, chinese=self._words.language == "zh")

    def _cause(self, cause: int | None, reason: str | None, result: str) -> str:
        """The cause of Reason with its name, or else the reason phrase of what failed."""
        if cause is not None:
            return f"{cause} {self._cause_text(cause)}".rstrip()
        return text(reason) if result != "answered" else ""


def _codecs(codecs: str | None) -> str:
    """The codecs, without those that accompany one (RFC 4733, RFC 3389) if there is one."""
    every = (codecs or "").split(",")
    main = [codec for codec in every if codec.lower() not in ("telephone-event", "cn")]
    return text(",".join(main or every))
