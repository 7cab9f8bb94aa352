"""What user agents and proxies can do: feature tags and feature-capability indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..building import check, free
from ..items import Item, built_token, built_word
from ..parameters import Pairs, quoted, written
from ..wire.text import FIRST

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

__all__ = ["AnswerMode", "ContactPreference", "FeatureCaps", "InfoPackage"]


class FeatureCaps(Item):
    """Feature-capability indicators of a proxy: parameters of ``*`` (RFC 6809 6).

    >>> FeatureCaps.parse('*;+g.3gpp.srvcc="sip:srvcc@example.com"').parameters["+g.3gpp.srvcc"]
    'sip:srvcc@example.com'
    """

    __slots__ = ()

    def __init__(self, parameters: Pairs) -> None:
        """Build one.  Every value is quoted, as the grammar asks for."""
        check(locals())
        built = built_word(
            self, "*", "".join([_written(name, value) for name, value in free(parameters)])
        )
        self._become(built)

    def _read(self) -> Any:
        Item._read(self)
        if self._part(FIRST) != "*":
            self._fail("item-malformed", FIRST)
        return self

    def _arguments(self) -> dict[str, Any]:
        return {"parameters": self._parameters()}

    def replace(
        self,
        *,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with other parts, by the names that the class takes."""
        return self._with(locals())


class ContactPreference(FeatureCaps):
    """What a caller asks of the contact that is to be reached, or not (RFC 3841 9.2).

    >>> preference = ContactPreference.parse('*;audio;methods="INVITE";require')
    >>> preference.require, preference.explicit, preference.parameters["methods"]
    (True, False, 'INVITE')
    """

    __slots__ = ()

    @property
    def require(self) -> bool:
        """``require``: whether a contact that does not match is left out."""
        return self._parameter("require") is not None

    @property
    def explicit(self) -> bool:
        """``explicit``: whether a contact that does not say so is not taken to match."""
        return self._parameter("explicit") is not None


class AnswerMode(Item):
    """How a call is to be answered (RFC 5373 3)."""

    __slots__ = ()

    def __init__(self, mode: str, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` where the mode is no token."""
        check(locals())
        built = built_token(self, mode, written(free(parameters)))
        self._become(built)

    @property
    def mode(self) -> str:
        """``"Auto"`` or ``"Manual"`` as it is written, or another."""
        return self._part(FIRST) or ""

    @property
    def require(self) -> bool:
        """``require``: whether the call is to fail if it cannot be answered so."""
        return self._parameter("require") is not None

    def _arguments(self) -> dict[str, Any]:
        return {"mode": self.mode, "parameters": self._parameters()}

    def replace(
        self,
        *,
        mode: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with other parts, by the names that the class takes."""
        return self._with(locals())


class InfoPackage(Item):
    """A package of INFO requests (RFC 6086 7)."""

    __slots__ = ()

    def __init__(self, name: str, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` where the name is no token."""
        check(locals())
        built = built_token(self, name, written(free(parameters)))
        self._become(built)

    @property
    def name(self) -> str:
        """The package's name."""
        return self._part(FIRST) or ""

    def _arguments(self) -> dict[str, Any]:
        return {"name": self.name, "parameters": self._parameters()}

    def replace(
        self,
        *,
        name: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with other parts, by the names that the class takes."""
        return self._with(locals())


def _written(name: str, value: str | None) -> str:
    flag = written([(name, None)])
    return f"{flag}={quoted(value)}" if value else flag
