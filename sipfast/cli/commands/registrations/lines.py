"""The lines of ``sipfast registrations``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from ...places import endpoint
from ...rows.listing import Listing, clock, number, seconds, span, text
from ...screen.columns import Column

__all__ = ["RegistrationLines"]


class RegistrationLines(Listing):
    """A line for each registration."""

    styles: ClassVar = {"registered": "good", "removed": "quiet", "redirected": "quiet"}
    leaving = (
        "user agent",
        "Call-ID",
        "contact",
        "challenges",
        "unanswered",
        "refused",
        "attempts",
        "refreshes",
        "reason",
        "status",
        "delay",
        "time",
    )

    def columns(self, *, whole: bool) -> Sequence[Column]:
        """The columns; with `whole`, times have their date."""
        column, words = self.column, self._words
        return (
            column("time", "start", partial(clock, whole=whole), 8),
            column("who", "to_user to_host", _address, 14, 4),
            column("from", "source_address source_port", _source, 14, 3),
            column("result", "result", words.results, 10),
            column("status", "status", number, 3, right=True),
            column("expires", "expires", span, 7, right=True),
            column("delay", "delay", seconds, 6, right=True),
            column("refreshes", "refreshes", number, 9, right=True),
            column("attempts", "attempts", number, 8, right=True),
            column("refused", "refused", number, 7, right=True),
            column("unanswered", "unanswered", number, 10, right=True),
            column("challenges", "challenges", number, 10, right=True),
            column("reason", "reason result", _reason, 12, 3),
            column("contact", "contact_user contact_host", _address, 14, 3),
            column("Call-ID", "call_id", text, 16, 4),
            column("user agent", "user_agent", text, 14, 3),
        )


def _address(user: str | None, host: str | None) -> str:
    return text("@".join([part for part in (user, host) if part is not None]))


def _source(address: str | None, port: int | None) -> str:
    return "" if address is None else text(endpoint(address, port))


def _reason(reason: str | None, result: str) -> str:
    return "" if result in RegistrationLines.styles else text(reason)
