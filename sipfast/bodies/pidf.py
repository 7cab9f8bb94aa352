"""``application/pidf+xml``: presence (RFC 3863)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element

from .encoding import MOST_BYTES
from .xml import children, first, parse_document, text_of

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["Presence", "PresenceTuple"]

_PRIORITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


class PresenceTuple(NamedTuple):
    """One way to reach the presentity (RFC 3863 4.1.2)."""

    id: str | None
    basic: str | None
    """``"open"`` or ``"closed"`` (RFC 3863 4.1.4), or None."""
    contact: str | None
    """A URI."""
    priority: float | None
    """The priority of the contact, 0 to 1, or None."""
    notes: tuple[str, ...]
    timestamp: str | None
    """A time, as in RFC 3339."""


@dataclass(frozen=True, slots=True)
class Presence:
    """A presence document (RFC 3863 4.1.1)."""

    entity: str | None
    """The URI of the presentity."""
    tuples: tuple[PresenceTuple, ...]
    notes: tuple[str, ...]
    root: Element = field(compare=False, repr=False)
    """The whole document, a mutable tree; comparisons ignore it."""

    @classmethod
    def parse(
        cls, body: Buffer, charset: str | None = None, *, limit: int = MOST_BYTES
    ) -> Presence:
        """Read a body; raises the errors of `parse_xml`, and `ParseError` for another document."""
        root = parse_document("presence", body, charset, limit)
        tuples = tuple(_tuple(element) for element in children(root, "tuple"))
        return cls(root.get("entity"), tuples, _notes(root), root)


def _tuple(element: Element) -> PresenceTuple:
    status = first(element, "status")
    contact = first(element, "contact")
    return PresenceTuple(
        element.get("id"),
        None if status is None else text_of(first(status, "basic")),
        text_of(contact),
        None if contact is None else _priority(contact.get("priority")),
        _notes(element),
        text_of(first(element, "timestamp")),
    )


def _notes(element: Element) -> tuple[str, ...]:
    return tuple(text_of(note) or "" for note in children(element, "note"))


def _priority(text: str | None) -> float | None:
    return float(text) if text is not None and _PRIORITY.fullmatch(text) else None
