"""Capabilities of user agents and proxies, and wishes for how they handle a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast.errors import ParseError

from ..building import MAYBE_TEXT, changed, check, free
from ..items import Item, built_token, built_word
from ..parameters import TOKEN, Pairs, Parameters, quoted, written
from ..value import Value
from ..wire.text import FIRST

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

__all__ = [
    "AnswerMode",
    "ContactPreference",
    "FeatureCaps",
    "GeolocationRouting",
    "InfoPackage",
    "ReferSub",
]


class FeatureCaps(Item):
    """Feature-capability indicators of a proxy: parameters of ``*`` (RFC 6809 6).

    >>> FeatureCaps.parse('*;+g.3gpp.srvcc="sip:srvcc@example.com"').parameters["+g.3gpp.srvcc"]
    'sip:srvcc@example.com'
    """

    __slots__ = ()

    def __init__(self, parameters: Pairs) -> None:
        """Build one.  All values are quoted, as the grammar requires."""
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
        """A copy with some constructor arguments replaced."""
        return self._with(locals())


class ContactPreference(FeatureCaps):
    """A caller's preference: the features of contacts to reach or to avoid (RFC 3841 9.2).

    >>> preference = ContactPreference.parse('*;audio;methods="INVITE";require')
    >>> preference.require, preference.explicit, preference.parameters["methods"]
    (True, False, 'INVITE')
    """

    __slots__ = ()

    @property
    def require(self) -> bool:
        """``require``: whether contacts that do not match are dropped."""
        return self._parameter("require") is not None

    @property
    def explicit(self) -> bool:
        """``explicit``: whether contacts must state the feature to match."""
        return self._parameter("explicit") is not None


class AnswerMode(Item):
    """How to answer a call (RFC 5373 3)."""

    __slots__ = ()

    def __init__(self, mode: str, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` unless the mode is a token."""
        check(locals())
        built = built_token(self, mode, written(free(parameters)))
        self._become(built)

    @property
    def mode(self) -> str:
        """The mode as written: ``"Auto"``, ``"Manual"`` or another."""
        return self._part(FIRST) or ""

    @property
    def require(self) -> bool:
        """``require``: whether to reject the call if it cannot be answered in this mode."""
        return self._parameter("require") is not None

    def _arguments(self) -> dict[str, Any]:
        return {"mode": self.mode, "parameters": self._parameters()}

    def replace(
        self,
        *,
        mode: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        return self._with(locals())


class InfoPackage(Item):
    """A package of INFO requests (RFC 6086 7)."""

    __slots__ = ()

    def __init__(self, name: str, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` unless the name is a token."""
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
        """A copy with some constructor arguments replaced."""
        return self._with(locals())


class ReferSub(Item):
    """Whether a REFER creates a subscription to its outcome (RFC 4488 4).

    >>> ReferSub.parse("false").value
    'false'
    """

    __slots__ = ()

    def __init__(self, value: str, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` unless the value is a token."""
        check(locals(), value=(str,))
        built = built_token(self, value, written(free(parameters)))
        self._become(built)

    def _read(self) -> Any:
        self._split_item()
        self._token(FIRST)
        return self

    @property
    def value(self) -> str:
        """``"true"`` or ``"false"``, in lower case."""
        return self._token(FIRST).lower()

    def _arguments(self) -> dict[str, Any]:
        return {"value": self._part(FIRST), "parameters": self._parameters()}

    def replace(
        self,
        *,
        value: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        return self._with(locals())


class GeolocationRouting(Value):
    """Whether proxies may use the conveyed location to route the request (RFC 6442 4.2).

    >>> routing = GeolocationRouting.parse("yes")
    >>> routing.value, routing.argument
    ('yes', None)
    """

    __slots__ = ()

    def __init__(self, value: str, argument: str | None = None, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` unless the value is a token."""
        check(locals(), value=(str,), argument=MAYBE_TEXT)
        if not TOKEN.fullmatch(value):
            self._built(value)._raise("token-malformed", 0)
        built = self._built(written([(value, argument), *free(parameters)])[1:])
        self._become(built)

    def _read(self) -> Any:
        self._split_parameters(";")
        try:
            self._keep(self._parameters()[0])
        except (ParseError, IndexError):
            self._raise("token-malformed", 0)
        return self

    @property
    def value(self) -> str:
        """``"yes"``, ``"no"``, or the name of an extension, in lower case."""
        name: str = self._kept()[0]
        return name.lower()

    @property
    def argument(self) -> str | None:
        """The text after the equals sign of an extension, such as ``"b"`` of ``a=b``, or None."""
        argument: str | None = self._kept()[1]
        return argument

    @property
    def parameters(self) -> Parameters:
        """Value and argument, and all that follows after semicolons, as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        value: str | EllipsisType = ...,
        argument: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> GeolocationRouting:
        """A copy with some arguments of `GeolocationRouting` replaced."""
        given = changed(locals())
        (value, argument), *rest = self._parameters()
        parts: dict[str, Any] = {"value": value, "argument": argument, "parameters": rest}
        return self._again(GeolocationRouting, parts, given)

    def _key(self) -> Any:
        return self.parameters


def _written(name: str, value: str | None) -> str:
    flag = written([(name, None)])
    return f"{flag}={quoted(value)}" if value else flag
