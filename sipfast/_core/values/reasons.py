"""Why something happened: Reason (RFC 3326) and Warning (RFC 3261 20.43)."""

from __future__ import annotations

import re
from typing import Any

from sipfast.errors import ParseError
from sipfast.registry.q850 import CAUSES
from sipfast.registry.status import STATUSES
from sipfast.registry.warning_codes import WARNINGS

from ..building import digits, free
from ..items import Item, built_token
from ..lists import read_list
from ..parameters import (
    QUOTED,
    TOKEN,
    Pairs,
    alike,
    compared,
    others,
    parameter_number,
    quoted,
    written,
)
from ..value import MOST, Value
from ..wire.text import FIRST, SECOND, THIRD

__all__ = ["Reason", "Warning", "reasons_in"]

_CODE = re.compile(r"[0-9]{3}")
_AGENT = re.compile(rf"(?:{TOKEN.pattern}|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?")


class Reason(Item):
    """Why a request was sent, or a response, as another protocol or another response says it.

    >>> reason = Reason.parse('Q.850;cause=17;text="User busy"')
    >>> reason.protocol, reason.cause, reason.text, reason.cause_name
    ('Q.850', 17, 'User busy', 'User busy')
    """

    __slots__ = ()

    def __init__(
        self,
        protocol: str,
        cause: int | None = None,
        text: str | None = None,
        *,
        parameters: Pairs = (),
    ) -> None:
        """Build one.  Raises `ParseError` where a part cannot be written."""
        number = "" if cause is None else f";cause={digits(cause)}"
        words = "" if text is None else f";text={quoted(text)}"
        built = built_token(
            self, protocol, f"{number}{words}{written(free(parameters, 'cause', 'text'))}"
        )
        built.cause  # noqa: B018  what is wrong raises
        self._become(built)

    @property
    def protocol(self) -> str:
        """Whose cause it is, such as ``"SIP"``, ``"Q.850"`` or ``"STIR"`` (RFC 9410)."""
        return self._part(FIRST) or ""

    @property
    def cause(self) -> int | None:
        """``cause``: a number that the protocol defines, or None.  Raises `ParseError`."""
        return parameter_number(self, "cause", MOST)

    @property
    def text(self) -> str | None:
        """``text``: what people are told, or None."""
        return self._parameter("text")

    @property
    def location(self) -> str | None:
        """``location``: which network released the call, such as ``"LN"`` (RFC 8606); or None."""
        return self._parameter("location")

    @property
    def cause_name(self) -> str | None:
        """What the cause is called in English; None where that is not known."""
        names = _cause_names(self)
        return names and names[0]

    @property
    def cause_name_zh(self) -> str | None:
        """What the cause is called in Chinese; None where that is not known."""
        names = _cause_names(self)
        return names and names[1]

    def _fault(self, code: str, at: int) -> ParseError:
        """The faults of one that is written within another value are there."""
        within: tuple[Value, int] | None = self._kept()
        return Value._fault(self, code, at) if within is None else _fault_in(*within, code)

    def _arguments(self) -> dict[str, Any]:
        return {
            "protocol": self.protocol,
            "cause": self.cause,
            "text": self.text,
            "parameters": others(self, ("cause", "text")),
        }

    def _key(self) -> Any:
        rest = alike(self, ("cause", "text"))
        return self.protocol.lower(), self.cause, compared(self.text), rest


def reasons_in(value: Value, part: int, texts: list[str]) -> tuple[Reason, ...]:
    """The Reason header fields that part of a value says; what is malformed in them is so there.

    Raises `ParseError` where one has no word before its parameters.
    """
    found: list[Reason] = []
    for text in texts:
        try:
            found += read_list(Reason, text, 0)
        except ParseError as error:
            raise _fault_in(value, part, error.code) from None
    for reason in found:
        reason._keep((value, part))
    return tuple(found)


def _fault_in(value: Value, part: int, code: str) -> ParseError:
    """The error for a part of a value."""
    try:
        value._fail(code, part)
    except ParseError as error:
        return error


def _cause_names(reason: Reason) -> tuple[str, str] | None:
    """The names of a cause, English and Chinese.  The causes of SIP and STIR are status codes."""
    cause = reason.cause
    if cause is None:
        return None
    protocol = reason.protocol.upper()
    if protocol == "Q.850":
        q850 = CAUSES.get(cause)
        return q850 and (q850.en, q850.zh)
    if protocol in ("SIP", "STIR"):
        status = STATUSES.get(cause)
        return status and (status.phrase, status.phrase_zh)
    return None


class Warning(Value):
    """More about the status of a response.

    >>> warning = Warning.parse('370 proxy.example.com "Choose a lower bandwidth"')
    >>> warning.code, warning.agent, warning.text
    (370, 'proxy.example.com', 'Choose a lower bandwidth')
    >>> warning.meaning
    'Insufficient bandwidth'
    """

    __slots__ = ()

    def __init__(self, code: int, agent: str, text: str) -> None:
        """Build one.  Raises `ParseError` where a part cannot be written."""
        built = self._built(f"{digits(code).zfill(3)} {agent} {quoted(text)}")
        if built.agent != agent:
            built._fail("warning-malformed", SECOND)
        self._become(built)

    def _read(self) -> Any:
        self._split_words(3)
        self._number(FIRST, 999)
        for part, pattern in ((FIRST, _CODE), (SECOND, _AGENT), (THIRD, QUOTED)):
            if not pattern.fullmatch(self._part(part) or ""):
                self._fail("warning-malformed", part)
        return self

    @property
    def code(self) -> int:
        """warn-code: three digits, the first of them 3."""
        return self._number(FIRST, 999)

    @property
    def agent(self) -> str:
        """warn-agent: who added it, a host with or without port, or a pseudonym."""
        return self._part(SECOND) or ""

    @property
    def text(self) -> str:
        """warn-text without its quotes."""
        return self._unquoted(THIRD) or ""

    @property
    def meaning(self) -> str | None:
        """What the code means, in English; None if it is not registered."""
        row = WARNINGS.get(self.code)
        return row and row.en

    @property
    def meaning_zh(self) -> str | None:
        """What the code means, in Chinese; None if it is not registered."""
        row = WARNINGS.get(self.code)
        return row and row.zh

    def replace(self, **changes: Any) -> Warning:
        """A copy with other parts, by the names that `Warning` takes."""
        parts: dict[str, Any] = {"code": self.code, "agent": self.agent, "text": self.text}
        return Warning(**(parts | changes))

    def _key(self) -> Any:
        return self.code, self.agent.lower(), self.text
