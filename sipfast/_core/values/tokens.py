"""Values of one word, one number or free text, read as str or int."""

from __future__ import annotations

import re
from typing import Any

from ..parameters import TOKEN_CHARACTERS
from ..value import MOST, MOST_UNSIGNED, Value
from ..wire.text import FIRST

__all__ = ["CallID", "LargeNumber", "Number", "Priority", "Text", "Token"]

_PRIORITIES = frozenset(("emergency", "urgent", "normal", "non-urgent", "psap-callback"))
_WORD = rf"""[{TOKEN_CHARACTERS}()<>:\\"/\[\]?{{}}]+"""  # RFC 3261 25.1
_CALL_ID = re.compile(rf"{_WORD}(?:@{_WORD})?")


class Token(Value):
    """One value of a list such as Allow or Supported; it is read as str (RFC 3261 25.1: token)."""

    __slots__ = ()
    _recurs = True

    def _read(self) -> Any:
        self._split_words(1)
        return self._token(FIRST)


class Text(Value):
    """Free text; it is read as str."""

    __slots__ = ()

    def _read(self) -> Any:
        return str(self)


class Number(Value):
    """A number below 2**31; it is read as int (RFC 3261 25.1: 1*DIGIT)."""

    __slots__ = ()

    def _read(self) -> Any:
        self._split_words(1)
        return self._number(FIRST, MOST)


class LargeNumber(Value):
    """A number below 2**32; it is read as int (RFC 3261 20.19: delta-seconds; RFC 3262 7.1)."""

    __slots__ = ()

    def _read(self) -> Any:
        self._split_words(1)
        return self._number(FIRST, MOST_UNSIGNED)


class CallID(Value):
    """A Call-ID; it is read as str (RFC 3261 25.1: callid)."""

    __slots__ = ()

    def _read(self) -> Any:
        text = str(self)
        fit = _CALL_ID.match(text)
        end = fit.end() if fit else 0
        if not text or end < len(text):
            self._raise("call-id-malformed", end)
        return text

    def _parts_at_commas(self) -> bool:
        return True  # a word may have quotes and angle brackets


class Priority(Value):
    """The urgency of a request, read as str; registered values in lower case (RFC 3261 20.26)."""

    __slots__ = ()

    def _read(self) -> Any:
        self._split_words(1)
        text = self._token(FIRST)
        lowered = text.lower()
        return lowered if lowered in _PRIORITIES else text
