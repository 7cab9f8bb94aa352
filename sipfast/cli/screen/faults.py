"""The text of a fault, with the header field or SDP line that it is in."""

from __future__ import annotations

import re
from typing import Protocol

from .words import Words

__all__ = ["Fault", "text_of"]


class Fault(Protocol):
    """A `Defect`, a `ParseError`, or what counts them."""

    @property
    def header(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def text_zh(self) -> str: ...


def text_of(fault: Fault, words: Words) -> str:
    """The text in the language of `words`, and where the fault is if the text does not say it."""
    text = fault.text_zh if words.language == "zh" else fault.text
    if fault.header and not _names(text, fault.header):
        return words.place_in.format(text, fault.header)
    return text


def _names(text: str, header: str) -> bool:
    """Whether a text names the header field, not as a part of a word."""
    pattern = rf"(?<![A-Za-z0-9-]){re.escape(header)}(?![A-Za-z0-9-])"
    return re.search(pattern, text) is not None
