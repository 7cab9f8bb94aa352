"""Words that reading accepts although the grammar of their header field does not.

`WORDS` has the patterns of first words; the other checks are functions, one for each header field.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..items import Item
from ..lists import read_list, read_text
from ..parameters import TOKEN, TOKEN_CHARACTERS
from ..wire.text import FIRST
from .parameters import Found, place_of

__all__ = ["HAVE_WORDS", "check_words"]

_NO_DOT = f"[{TOKEN_CHARACTERS.replace('.', '')}]+"
_EVENT_TYPE = re.compile(rf"{_NO_DOT}(?:\.{_NO_DOT})*")
_ABOVE_ZERO = re.compile(r"0*[1-9][0-9]*")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*")  # subtags: RFC 5646 2.1

WORDS: dict[str, tuple[re.Pattern[str], str]] = {
    "accept-language": (_LANGUAGE, "language-malformed"),
    "allow-events": (_EVENT_TYPE, "token-malformed"),  # RFC 6665 8.4: token-nodot
    "content-language": (_LANGUAGE, "language-malformed"),
    "event": (_EVENT_TYPE, "token-malformed"),
    "rseq": (_ABOVE_ZERO, "number-out-of-range"),  # RFC 3262 7.1
}
"""By header field, the pattern of the first word of each value, and the fault if it differs."""

_PRIV_VALUES = re.compile(rf"{TOKEN.pattern}(?:[ \t]*[;,][ \t]*{TOKEN.pattern})*")
_PASSPORT = re.compile(r"(?:[^.]+\.[^.]+|\.)\.=*[^.=][^.]*")
_CAPITALS = re.compile(r"[0-9a-f]*[A-F]")

Fault = tuple[str, int]


def _date(text: str) -> Fault | None:
    """RFC 3261 25.1: a SIP-date begins with the day of the week."""
    return ("date-iso", 0) if text[:1].isdigit() else None


def _privacy(text: str) -> Fault | None:
    """RFC 3323 4.2: priv-values between semicolons."""
    fit = _PRIV_VALUES.match(text)
    end = fit.end() if fit else 0
    if end < len(text):
        return "token-malformed", end
    return ("privacy-comma", text.index(",")) if "," in text else None


def _rack(text: str) -> Fault | None:
    """RFC 3262 7.2: the number of an RSeq comes first."""
    return None if _ABOVE_ZERO.match(text) else ("number-out-of-range", 0)


def _session_id(text: str) -> Fault | None:
    """RFC 7989 5: digits and the letters from a to f."""
    session: Item = read_text(Item, text, 0)
    if _CAPITALS.match(text):
        return "session-id-capitals", 0
    is_upper = _CAPITALS.match(session._parameter("remote") or "")
    return ("session-id-capitals", session._parameter_at("remote")) if is_upper else None


def _identity(text: str) -> Fault | None:
    """RFC 8224 4.1, RFC 8225 7: three parts; the first two may be empty together.

    Without dots it has the form of RFC 4474: in quotes, or with Identity-Info in place of ``info``.
    """
    identity: Item = read_text(Item, text, 0)
    token = identity._part(FIRST) or ""
    if token[:1] == '"' or ("." not in token and identity._parameter("info") is None):
        return None
    return None if _PASSPORT.fullmatch(token) else ("passport-malformed", 0)


_OTHERS: dict[str, Callable[[str], Fault | None]] = {
    "date": _date,
    "identity": _identity,
    "privacy": _privacy,
    "rack": _rack,
    "session-id": _session_id,
}

_WORD_OF = {HEADER_IDS[name]: row for name, row in WORDS.items()}
_OTHER_OF = {HEADER_IDS[name]: check for name, check in _OTHERS.items()}
HAVE_WORDS = frozenset((*_WORD_OF, *_OTHER_OF))
"""The ids of the header fields that are checked here."""


def check_words(header_id: int, text: str, faults: Found) -> None:
    """Report the first malformed word of a header field whose values can be read."""
    check = _OTHER_OF.get(header_id)
    fault = _first_word(header_id, text) if check is None else check(text)
    # A property may have raised the same fault at another byte of the word.
    if fault is not None and fault[0] not in [code for code, _ in faults]:
        faults.append(fault)


def _first_word(header_id: int, text: str) -> Fault | None:
    pattern, code = _WORD_OF[header_id]
    is_list = HEADER_NAMES[header_id - 1].comma_list
    items = read_list(Item, text, 0) if is_list else (read_text(Item, text, 0),)
    for item in items:
        if not pattern.fullmatch(item._part(FIRST) or ""):
            return code, place_of(item)
    return None
