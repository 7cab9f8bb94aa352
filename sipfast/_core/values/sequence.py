"""Sequence numbers of requests and of reliable provisional responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast.errors import ParseError

from ..building import changed, check, digits
from ..value import MOST, MOST_UNSIGNED, Value
from ..wire.text import FIRST, SECOND, THIRD

if TYPE_CHECKING:
    from types import EllipsisType

__all__ = ["CSeq", "RAck"]

_OF_CSEQ = {
    "number-malformed": "cseq-malformed",
    "number-too-large": "cseq-too-large",
    "token-malformed": "cseq-malformed",
}


class CSeq(Value):
    """A CSeq: a number below 2**31, and the method of the request (RFC 3261 20.16).

    >>> cseq = CSeq.parse("4711 INVITE")
    >>> cseq.number, cseq.method
    (4711, 'INVITE')
    """

    __slots__ = ()

    def __init__(self, number: int, method: str) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        built = self._built(f"{digits(number)} {method}")
        if built.method != method:
            built._fail("token-malformed", SECOND)
        self._become(built)

    def _read(self) -> Any:
        self._split_words(2)
        if not self._has(SECOND):
            self._fail("cseq-malformed", FIRST)
        self._number(FIRST, MOST)
        self._keep(self._token(SECOND))
        return self

    def _fault(self, code: str, at: int) -> ParseError:
        """Report faults of the number and of the method as faults of the CSeq."""
        return Value._fault(self, _OF_CSEQ.get(code, code), at)

    @property
    def number(self) -> int:
        """The sequence number."""
        return self._number(FIRST, MOST)

    @property
    def method(self) -> str:
        """The method, such as ``"INVITE"``; it is case-sensitive."""
        method: str = self._kept()
        return method

    def replace(
        self,
        *,
        number: int | EllipsisType = ...,
        method: str | EllipsisType = ...,
    ) -> CSeq:
        """A copy with some arguments of `CSeq` replaced."""
        given = changed(locals())
        parts: dict[str, Any] = {"number": self.number, "method": self.method}
        return self._again(CSeq, parts, given)

    def _key(self) -> Any:
        return self.number, self.method


class RAck(Value):
    """An RAck: the provisional response that a PRACK acknowledges (RFC 3262 7.2).

    >>> rack = RAck.parse("776656 1 INVITE")
    >>> rack.response_number, rack.cseq_number, rack.method
    (776656, 1, 'INVITE')
    """

    __slots__ = ()

    def __init__(self, response_number: int, cseq_number: int, method: str) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        built = self._built(f"{digits(response_number)} {digits(cseq_number)} {method}")
        if built.method != method:
            built._fail("token-malformed", THIRD)
        self._become(built)

    def _read(self) -> Any:
        self._split_words(3)
        self._number(FIRST, MOST_UNSIGNED)
        if not self._has(THIRD):
            self._fail("rack-malformed", FIRST)
        self._number(SECOND, MOST)
        self._keep(self._token(THIRD))
        return self

    @property
    def response_number(self) -> int:
        """The RSeq of the response, below 2**32."""
        return self._number(FIRST, MOST_UNSIGNED)

    @property
    def cseq_number(self) -> int:
        """The number in the CSeq of the response."""
        return self._number(SECOND, MOST)

    @property
    def method(self) -> str:
        """The method in the CSeq of the response."""
        method: str = self._kept()
        return method

    def replace(
        self,
        *,
        response_number: int | EllipsisType = ...,
        cseq_number: int | EllipsisType = ...,
        method: str | EllipsisType = ...,
    ) -> RAck:
        """A copy with some arguments of `RAck` replaced."""
        given = changed(locals())
        parts: dict[str, Any] = {
            "response_number": self.response_number,
            "cseq_number": self.cseq_number,
            "method": self.method,
        }
        return self._again(RAck, parts, given)

    def _key(self) -> Any:
        return self.response_number, self.cseq_number, self.method
