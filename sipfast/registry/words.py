"""Faults of single words that reading tolerates: patterns that find them, by header field."""

from __future__ import annotations

import re

__all__ = ["WORD_FAULTS"]

_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_PARAMETER = rf'(?:;[^";]*(?:{_QUOTED}[^";]*)*)*?;[ \t]*'
"""Up to the start of any parameter."""
_ITEM = rf'\A(?:(?:[^",]|{_QUOTED})*,)*?[ \t]*'
"""Up to the start of any item of a list."""
_LANGUAGE = r"(?:[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)"  # subtags: RFC 5646 2.1
_PASSPORT = r"(?:[^.;]+\.[^.;]+|\.)\.=*[^.=; \t][^.;]*"
"""Three parts, of which the first two may be empty together (RFC 8224 4.1, RFC 8225 7)."""

_SOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "accept-language": (
        (rf"{_ITEM}(?!{_LANGUAGE}[ \t]*(?:[,;]|\Z))([^,; \t])", "language-malformed"),
    ),
    # RFC 6665 8.4: event-type is token-nodot with single dots between them.
    "allow-events": ((rf"{_ITEM}(\.|[^,]*?\.(?=[., \t]|\Z))", "token-malformed"),),
    "content-language": (
        (rf"{_ITEM}(?!{_LANGUAGE}[ \t]*(?:,|\Z))([^, \t])", "language-malformed"),
    ),
    # RFC 3261 25.1: a SIP-date begins with the day of the week, a comma and a space.
    "date": ((r"\A[0-9]", "date-iso"), (r"\A[A-Za-z]+,()[0-9]", "date-space-missing")),
    "event": ((r"\A(?:\.|[^;]*?\.(?=[.; \t]|\Z))", "token-malformed"),),
    # RFC 4474 9 has no dots: in quotes, or with Identity-Info in place of the parameter info.
    "identity": (
        (rf'\A(?=[^";.]*\.)(?!{_PASSPORT}(?:;|\Z))', "passport-malformed"),
        (rf'\A[^";.]+{_PARAMETER}(?i:info)[ \t]*=', "passport-malformed"),
        (r'\A"(?![A-Za-z0-9+/]+=*")', "passport-malformed"),
    ),
    # RFC 3323 4.2: tokens with semicolons between them.
    "privacy": (
        (r"(?:\A|[;,])[ \t]*(?=[;,]|\Z)", "token-malformed"),
        (r",", "privacy-comma"),
    ),
    # RFC 3262 7.1: an RSeq is from 1 to 2**32 - 1.
    "rack": ((r"\A0+[ \t]", "number-out-of-range"),),
    "rseq": ((r"\A0+\Z", "number-out-of-range"),),
    # RFC 7989 5: digits and the letters from a to f.
    "session-id": (
        (r"\A[0-9a-f]*[A-F]", "session-id-capitals"),
        (
            rf'\A[^";]*{_PARAMETER}((?i:remote)[ \t]*=[ \t]*[0-9a-f]*[A-F])',
            "session-id-capitals",
        ),
    ),
}

WORD_FAULTS: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    name: tuple([(re.compile(source, re.DOTALL), code) for source, code in rows])
    for name, rows in _SOURCES.items()
}
"""By header field, in lower case: patterns, and the fault of a text in which one is found.

The fault is at the start of the pattern's group, if it has one.
"""
