"""The bindings of Textual that the table of keys stands for."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from .keys import keys_of

__all__ = ["bindings"]


def bindings(place: str) -> list[BindingType]:
    """The bindings of one place."""
    return [Binding(",".join(key.keys), key.action, key.en, show=False) for key in keys_of(place)]
