"""Text fit for a terminal: visible characters, and sizes."""

from __future__ import annotations

from ..._visible import escape, first_sentence, portable, shortened, visible

__all__ = [
    "NO_BREAK",
    "escape",
    "file_size",
    "first_sentence",
    "portable",
    "shortened",
    "together",
    "visible",
]

NO_BREAK = "\xa0"


def together(text: str) -> str:
    """The text with no-break spaces: ``RFC 3261 20.42``."""
    return text.replace(" ", NO_BREAK)


def file_size(number: int) -> str:
    """A size in bytes for people, in powers of 1000: ``789 bytes``, ``1.5 MB``."""
    if number < 1000:
        return f"{number} {'byte' if number == 1 else 'bytes'}"
    unit = 1000
    for name in ("kB", "MB", "GB"):
        if number < 999.95 * unit:
            return f"{number / unit:.1f} {name}"
        unit *= 1000
    return f"{number / unit:.1f} TB"
