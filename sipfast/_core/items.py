"""Items: a word and parameters after semicolons, the form of most extensions of SIP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .building import changed, check_controls
from .parameters import QUOTED, TOKEN, Parameters
from .value import Value
from .wire.text import FIRST

if TYPE_CHECKING:
    from typing_extensions import Self

    from .value import V

__all__ = ["Item", "built_token", "built_word"]

_WORD = re.compile(rf"{TOKEN.pattern}|{QUOTED.pattern}", re.DOTALL)


class Item(Value):
    """A token or a quoted string, and parameters.  Comparison ignores case."""

    __slots__ = ()

    def _read(self) -> Any:
        self._split_item()
        if not self._part(FIRST):
            self._fail("item-malformed", FIRST)
        return self

    @property
    def parameters(self) -> Parameters:
        """All parameters as a mapping."""
        return Parameters(self)

    def _arguments(self) -> dict[str, Any]:
        """The constructor arguments that make the same value."""
        raise TypeError(f"{type(self).__name__} cannot be changed")

    def _with(self, arguments: dict[str, Any]) -> Self:
        """A copy with the parts passed to a `replace`."""
        return self._again(type(self), self._arguments(), changed(arguments))

    def _key(self) -> Any:
        return (self._part(FIRST) or "").lower(), self.parameters


def built_word(value: V, first: str, rest: str) -> V:
    """Make a new value an item.  Raises `ParseError` unless `first` is a word."""
    check_controls(first)
    built: V = value._built(f"{first}{rest}")
    if not _WORD.fullmatch(first):
        built._fail("item-malformed", FIRST)
    return built


def built_token(value: V, first: str, rest: str) -> V:
    """The same for a token as `first`."""
    built = built_word(value, first, rest)
    built._token(FIRST)
    return built
