"""Reason (RFC 3326) and Warning (RFC 3261 20.43)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sipfast import _late
from sipfast.errors import ParseError

from ..building import MAYBE_TEXT, changed, check, digits, free
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

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

__all__ = ["Reason", "WarningValue", "reasons_in"]

_CODE = re.compile(r"[0-9]{3}")
_AGENT = re.compile(rf"(?:{TOKEN.pattern}|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?")


class Reason(Item):
    """Why a request or response was sent: a cause of another protocol, or another status code.

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
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals(), text=MAYBE_TEXT)
        number = "" if cause is None else f";cause={digits(cause)}"
        words = "" if text is None else f";text={quoted(text)}"
        built = built_token(
            self, protocol, f"{number}{words}{written(free(parameters, 'cause', 'text'))}"
        )
        built.cause  # noqa: B018  raises if malformed
        self._become(built)

    @property
    def protocol(self) -> str:
        """The protocol of the cause: ``"SIP"``, ``"Q.850"``, ``"STIR"`` (RFC 9410) or another."""
        return self._part(FIRST) or ""

    @property
    def cause(self) -> int | None:
        """``cause``: a number that the protocol defines, or None.  Raises `ParseError`."""
        return parameter_number(self, "cause", MOST)

    @property
    def text(self) -> str | None:
        """``text``: an explanation for people, or None."""
        return self._parameter("text")

    @property
    def location(self) -> str | None:
        """``location``: the network that released the call (RFC 8606: ``"LN"``), or None."""
        return self._parameter("location")

    @property
    def cause_name(self) -> str | None:
        """The name of the cause in English, or None if it is unknown."""
        names = _cause_names(self)
        return names and names[0]

    @property
    def cause_name_zh(self) -> str | None:
        """The name of the cause in Chinese, or None if it is unknown."""
        names = _cause_names(self)
        return names and names[1]

    def _fault(self, code: str, at: int) -> ParseError:
        """A Reason within another value reports its faults at that value."""
        within: tuple[Value, int] | None = self._kept()
        return Value._fault(self, code, at) if within is None else _fault_in(*within, code)

    def _arguments(self) -> dict[str, Any]:
        return {
            "protocol": self.protocol,
            "cause": self.cause,
            "text": self.text,
            "parameters": others(self, ("cause", "text")),
        }

    def replace(
        self,
        *,
        protocol: str | EllipsisType = ...,
        cause: int | EllipsisType | None = ...,
        text: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        return self._with(locals())

    def _key(self) -> Any:
        rest = alike(self, ("cause", "text"))
        return self.protocol.lower(), self.cause, compared(self.text), rest


def reasons_in(value: Value, part: int, texts: list[str]) -> tuple[Reason, ...]:
    """The Reason header fields in a part of a value; their faults are reported at that part.

    Raises `ParseError` if one has no word before its parameters.
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
    """A cause's names in English and Chinese.  The causes of SIP and STIR are status codes."""
    cause = reason.cause
    if cause is None:
        return None
    protocol = reason.protocol.upper()
    if protocol == "Q.850":
        q850 = _late.q850.CAUSES.get(cause)
        return q850 and (q850.en, q850.zh)
    if protocol in ("SIP", "STIR"):
        status = _late.status.STATUSES.get(cause)
        return status and (status.phrase, status.phrase_zh)
    return None


class WarningValue(Value):
    """Additional information on the status of a response.

    >>> warning = WarningValue.parse('370 proxy.example.com "Choose a lower bandwidth"')
    >>> warning.code, warning.agent, warning.text
    (370, 'proxy.example.com', 'Choose a lower bandwidth')
    >>> warning.meaning
    'Insufficient bandwidth'
    """

    __slots__ = ()

    def __init__(self, code: int, agent: str, text: str) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
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
        """warn-code: 300 to 399."""
        return self._number(FIRST, 999)

    @property
    def agent(self) -> str:
        """warn-agent: the host that added it, with or without a port, or a pseudonym."""
        return self._part(SECOND) or ""

    @property
    def text(self) -> str:
        """warn-text without its quotes."""
        return self._unquoted(THIRD) or ""

    @property
    def meaning(self) -> str | None:
        """The meaning of the code in English, or None if it is not registered."""
        row = _late.warning_codes.WARNINGS.get(self.code)
        return row and row.en

    @property
    def meaning_zh(self) -> str | None:
        """The meaning of the code in Chinese, or None if it is not registered."""
        row = _late.warning_codes.WARNINGS.get(self.code)
        return row and row.zh

    def replace(
        self,
        *,
        code: int | EllipsisType = ...,
        agent: str | EllipsisType = ...,
        text: str | EllipsisType = ...,
    ) -> WarningValue:
        """A copy with some arguments of `WarningValue` replaced."""
        given = changed(locals())
        parts: dict[str, Any] = {"code": self.code, "agent": self.agent, "text": self.text}
        return self._again(WarningValue, parts, given)

    def _key(self) -> Any:
        return self.code, self.agent.lower(), self.text
