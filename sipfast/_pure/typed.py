"""The header fields as properties of the message: one line each.

A new header field is a row in `header_names.py`, a line here, and a class for its value if none of
those that are there fits.
"""

from __future__ import annotations

from typing import Any

from sipfast.header_names import HEADER_IDS

from .address import Address, Contact, Diversion, HistoryInfo
from .fields import All, First, One, every, first, one
from .splitters import read_text
from .tokenizer import Table
from .tokens import Number, Text, Token
from .via import Via

__all__ = ["Typed", "format_header", "parse_header"]


class Typed(Table):
    """A message's header fields by name.

    A property is read when it is first asked for, and then kept.  It is None where the field is not
    there, or an empty tuple where several values may be.  It raises `ParseError` if the field is
    malformed; a malformed field is no trouble to the others.
    """

    __slots__ = ()

    # Routing and dialogs.
    via: Via | None = first("Via", Via)
    vias: tuple[Via, ...] = every("Via", Via)
    from_: Address | None = one("From", Address)
    to: Address | None = one("To", Address)
    contact: Contact | None = first("Contact", Contact)
    contacts: tuple[Contact, ...] = every("Contact", Contact)
    routes: tuple[Address, ...] = every("Route", Address)
    record_routes: tuple[Address, ...] = every("Record-Route", Address)
    path: tuple[Address, ...] = every("Path", Address)
    service_route: tuple[Address, ...] = every("Service-Route", Address)
    expires: int | None = one("Expires", Number)

    # Who is who.
    diversion: tuple[Diversion, ...] = every("Diversion", Diversion)
    history_info: tuple[HistoryInfo, ...] = every("History-Info", HistoryInfo)

    # What a party can do.
    allow: tuple[str, ...] = every("Allow", Token)
    supported: tuple[str, ...] = every("Supported", Token)


_FIELDS: dict[int, One | First | All] = {
    field.header_id: field for field in vars(Typed).values() if isinstance(field, (One, First, All))
}


def parse_header(name: str, text: str | bytes) -> Any:
    """Read the value of a header field, or the values of one that is a list, as a tuple.

    The field of a name that is not typed stays text.  Raises `ParseError` where it is malformed,
    with the byte of the text.
    """
    header_id = HEADER_IDS.get(name.lower(), 0)
    field = _FIELDS.get(header_id)
    return read_text(Text, text, header_id) if field is None else field.read(text)


def format_header(value: Any) -> str:
    """The text of a header field with this value, such as `parse_header` gives."""
    if isinstance(value, tuple):
        return ", ".join([format_header(item) for item in value])
    return str(value)
