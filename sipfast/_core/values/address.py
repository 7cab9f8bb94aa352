"""Addresses: a display name, a URI and parameters (RFC 3261 20.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast import _late
from sipfast.errors import ParseError

from ..building import changed, check, gathered
from ..parameters import (
    Pairs,
    Parameters,
    agree,
    named,
    others,
    parameter_number,
    parameter_q,
    quoted,
    written,
)
from ..value import MOST, MOST_UNSIGNED, Value
from ..wire.text import ADDRESS, DISPLAY_NAME
from .uri import URI, uri_in

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

    from sipfast.uri_parts import URIParts

__all__ = ["Address", "Contact"]


class Address(Value):
    """The name-addr or addr-spec of From, To, Route, Refer-To and many more (RFC 3261 20.10).

    >>> address = Address.parse('"Alice" <sip:alice@example.com>;tag=88a')
    >>> address.display_name, address.uri.user, address.tag
    ('Alice', 'alice', '88a')
    """

    __slots__ = ()

    _field = ""
    """The header field with a grammar for the parameters."""

    def __init__(
        self,
        uri: URI | str,
        display_name: str | None = None,
        *,
        tag: str | None = None,
        parameters: Pairs = (),
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals(), uri=(URI, str))
        name = f"{quoted(display_name)} " if display_name else ""
        rest = written(gathered((("tag", tag),), parameters), self._field)
        built = self._built(f"{name}<{uri}>{rest}")
        built.uri  # noqa: B018  raises if malformed
        if str(built.uri) != str(uri):
            built._fail("address-malformed", ADDRESS)
        self._become(built)

    def _read(self) -> Any:
        self._split_address()
        return self

    @property
    def display_name(self) -> str | None:
        """The display name without its quotes, or None."""
        return self._unquoted(DISPLAY_NAME)

    @property
    def uri(self) -> URI:
        """The URI, in the class for its scheme.  Raises `ParseError` if it is malformed."""
        return _uri(self)

    @property
    def uri_parts(self) -> URIParts:
        """Scheme, user, password, host and port of the URI, also of a malformed one.  Never raises.

        Those of a malformed URI are a guess: route no message by them.  User and password may
        contain CR, LF and NUL.
        """
        parts: URIParts = _late.uri_parts.uri_parts(self._part(ADDRESS) or "")
        return parts

    @property
    def tag(self) -> str | None:
        """The tag (RFC 3261 19.3), or None."""
        return self._parameter("tag")

    @property
    def parameters(self) -> Parameters:
        """The header parameters as a mapping; `uri` has those of the URI."""
        return Parameters(self)

    def replace(
        self,
        *,
        uri: URI | str | EllipsisType = ...,
        display_name: str | EllipsisType | None = ...,
        tag: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some arguments of `Address` replaced."""
        given = changed(locals())
        parts = {
            "uri": self._part(ADDRESS),
            "display_name": self.display_name,
            "tag": self.tag,
            "parameters": others(self, ("tag",)),
        }
        return self._again(type(self), parts, given)

    def matches(self, other: Address) -> bool:
        """Whether both are the same address (RFC 3261 20.20), ignoring the display names.

        Their URIs match, their tags are equal, and so is each parameter that both have.  A
        malformed address matches only the same text.  Raises TypeError unless `other` is an
        `Address`.
        """
        if not isinstance(other, Address):
            raise TypeError(f"other must be Address, not {type(other).__name__}")
        try:
            mine, theirs = self.uri, other.uri
            if mine is None or theirs is None:
                return mine is theirs
            same = mine.matches(theirs) and self.tag == other.tag
            return same and agree(named(self), named(other))
        except ParseError:
            return str(self) == str(other)

    def _key(self) -> Any:
        return self.uri, self.tag, frozenset(named(self).items())


class Contact(Address):
    """A Contact (RFC 3261 20.10): an address, or the wildcard ``*``, which removes all bindings."""

    __slots__ = ()

    _field = "Contact"

    @property
    def is_wildcard(self) -> bool:
        """Whether it is the wildcard ``*`` (RFC 3261 10.2.2)."""
        return str(self) == "*"

    @property
    def uri(self) -> URI | None:  # type: ignore[override]  # None for the wildcard
        """The URI, or None for the wildcard.  Raises `ParseError` if malformed."""
        return None if self.is_wildcard else _uri(self)

    def replace(
        self,
        *,
        uri: URI | str | EllipsisType = ...,
        display_name: str | EllipsisType | None = ...,
        tag: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some arguments of `Contact` replaced; of the wildcard, only the URI.

        Raises `ParseError` if another part of the wildcard is replaced.
        """
        given = changed(locals())
        if self.is_wildcard and not given:
            return self
        return super().replace(**given)

    @property
    def q(self) -> float | None:
        """The preference from 0 to 1 with at most three decimals, or None.  Raises `ParseError`."""
        return parameter_q(self)

    @property
    def expires(self) -> int | None:
        """``expires`` in seconds, below 2**32, or None (RFC 3261 20.19).  Raises `ParseError`."""
        return parameter_number(self, "expires", MOST_UNSIGNED)

    @property
    def instance(self) -> str | None:
        """``+sip.instance``: the user agent's URN in angle brackets, or None (RFC 5626 4.1)."""
        return self._parameter("+sip.instance")

    @property
    def reg_id(self) -> int | None:
        """``reg-id``: the number of the instance's flow, or None (RFC 5626 4.2)."""
        return parameter_number(self, "reg-id", MOST)

    @property
    def methods(self) -> tuple[str, ...]:
        """``methods``: the methods that the contact supports (RFC 3840 10); empty if absent."""
        text = self._parameter("methods") or ""
        return tuple([method for piece in text.split(",") if (method := piece.strip(" \t"))])

    def _key(self) -> Any:
        return "*" if self.is_wildcard else Address._key(self)


def _uri(address: Address) -> URI:
    uri: URI | None = address._kept()
    if uri is None:
        uri = address._keep(uri_in(address, ADDRESS))
    return uri
