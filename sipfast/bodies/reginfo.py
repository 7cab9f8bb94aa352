"""``application/reginfo+xml``: the state of registrations (RFC 3680)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element

from .encoding import MOST_BYTES
from .xml import children, first, number, parse_document, text_of

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["Contact", "RegInfo", "Registration"]


class Contact(NamedTuple):
    """One contact of an address-of-record (RFC 3680 5.3).  A missing value is None."""

    uri: str | None
    display_name: str | None
    id: str | None
    state: str | None
    """``"active"`` or ``"terminated"``."""
    event: str | None
    """The reason for the state, such as ``"registered"`` or ``"expired"``."""
    expires: int | None
    """Seconds until the contact expires."""
    duration_registered: int | None
    """Seconds since the registration."""
    q: str | None
    call_id: str | None
    """Call-ID of the last REGISTER for it."""
    cseq: int | None


class Registration(NamedTuple):
    """The registration of an address-of-record (RFC 3680 5.2)."""

    aor: str | None
    id: str | None
    state: str | None
    """``"init"``, ``"active"`` or ``"terminated"``."""
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class RegInfo:
    """A document of registrations (RFC 3680 5.1)."""

    version: int | None
    state: str | None
    """``"full"`` or ``"partial"``."""
    registrations: tuple[Registration, ...]
    root: Element = field(compare=False, repr=False)
    """The whole document, a mutable tree; comparisons ignore it."""

    @classmethod
    def parse(cls, body: Buffer, charset: str | None = None, *, limit: int = MOST_BYTES) -> RegInfo:
        """Read a body; raises the errors of `parse_xml`, and `ParseError` for another document."""
        root = parse_document("reginfo", body, charset, limit)
        registrations = tuple(_registration(element) for element in children(root, "registration"))
        return cls(number(root.get("version")), root.get("state"), registrations, root)


def _registration(element: Element) -> Registration:
    contacts = tuple(_contact(child) for child in children(element, "contact"))
    return Registration(element.get("aor"), element.get("id"), element.get("state"), contacts)


def _contact(element: Element) -> Contact:
    return Contact(
        uri=text_of(first(element, "uri")),
        display_name=text_of(first(element, "display-name")),
        id=element.get("id"),
        state=element.get("state"),
        event=element.get("event"),
        expires=number(element.get("expires")),
        duration_registered=number(element.get("duration-registered")),
        q=element.get("q"),
        call_id=element.get("callid"),
        cseq=number(element.get("cseq")),
    )
