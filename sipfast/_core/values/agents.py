"""User-Agent and Server: the software that a message came from (RFC 3261 20.35, 20.41)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..building import AsRead, changed, check, check_controls
from ..comments import comment_end, without_pairs
from ..value import Value

if TYPE_CHECKING:
    from types import EllipsisType

__all__ = ["Product", "Products"]

_PRODUCT = re.compile(r"([^ \t(/]*)(?:[ \t]*/[ \t]*([^ \t(]*))?")


class Product(NamedTuple):
    """One product, as written."""

    name: str
    version: str | None = None

    def __str__(self) -> str:
        return self.name if self.version is None else f"{self.name}/{self.version}"


class Products(Value):
    """Products and comments.  Any text is valid; its parts are found on access.

    >>> agent = Products.parse("Desk/2.1 (build 7 (beta)) stack/0.9")
    >>> [str(product) for product in agent.products], agent.comments
    (['Desk/2.1', 'stack/0.9'], ('build 7 (beta)',))
    """

    __slots__ = ()

    def __init__(self, text: str) -> None:
        """Build one from text, which is written unchanged.

        Raises `ParseError` if it is empty, or contains a line end or a control character outside a
        quoted-pair.
        """
        check(locals())
        check_controls(text)
        built = self._built(str.__str__(text))  # without a subclass of str
        self._become(built)

    def _read(self) -> Any:
        return self

    @property
    def products(self) -> tuple[Product, ...]:
        """The products: names, and versions or None."""
        return tuple(_pieces(str(self))[0])

    @property
    def comments(self) -> tuple[str, ...]:
        """The comments without their outer parentheses.

        An unclosed comment extends to the end of the text.
        """
        return tuple(_pieces(str(self))[1])

    def replace(
        self,
        *,
        text: str | EllipsisType = ...,
    ) -> Products:
        """A copy with another `text`."""
        given = changed(locals())
        return self._again(Products, {"text": AsRead(self)}, given)


def _pieces(text: str) -> tuple[list[Product], list[str]]:
    """The products and the comments of a text, each in order."""
    products, comments = [], []
    at, end = 0, len(text)
    while at < end:
        if text[at] in " \t":
            at += 1
        elif text[at] == "(":
            after = comment_end(text, at)
            comments.append(without_pairs(text[at + 1 : end if after < 0 else after - 1]))
            at = end if after < 0 else after
        else:
            product = _PRODUCT.match(text, at)
            assert product is not None  # each of its parts may be empty
            products.append(Product(product[1], product[2] or None))
            at = product.end()
    return products, comments
