"""``Application/MANSCDP+xml``: queries and reports of video surveillance (GB/T 28181)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element

from sipfast.errors import parse_error

from .encoding import MOST_BYTES
from .xml import first, local_name, number, parse_xml, text_of

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["DeviceId", "Fields", "Manscdp"]

_MOST_DIGITS_OF_SN = 20  # the standard names no maximum, and devices count beyond 32 bits

_KINDS = frozenset({"Query", "Response", "Notify", "Control"})

_TYPES = {
    111: "DVR",
    112: "video server",
    113: "encoder",
    114: "decoder",
    115: "video matrix",
    116: "audio matrix",
    117: "alarm controller",
    118: "NVR",
    130: "HVR",
    131: "camera",
    132: "network camera",
    133: "display",
    134: "alarm input",
    135: "alarm output",
    136: "audio input",
    137: "audio output",
    138: "mobile transmission device",
    139: "other peripheral",
    200: "signalling server",
    201: "web server",
    202: "media server",
    203: "proxy server",
    204: "security server",
    205: "alarm server",
    206: "database server",
    207: "GIS server",
    208: "management server",
    209: "access gateway",
    210: "media storage server",
    211: "signalling security gateway",
    215: "business group",
    216: "virtual organization",
}
# The ranges of GB/T 28181-2016, table D.1, for types without a name.
_RANGES = (
    (range(111, 131), "main device"),
    (range(131, 200), "peripheral device"),
    (range(200, 300), "platform device"),
    (range(300, 400), "central user"),
    (range(400, 500), "terminal user"),
    (range(500, 600), "external platform"),
)


class Fields(Mapping[str, "str | Fields"]):
    """The texts of elements by name; an element with child elements is such a mapping too."""

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str | Fields]) -> None:
        if hasattr(self, "_texts"):
            raise TypeError("Fields are immutable")
        self._texts = dict(texts)

    def __getitem__(self, name: str) -> str | Fields:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __hash__(self) -> int:
        return hash(frozenset(self._texts.items()))

    def __repr__(self) -> str:
        return f"Fields({self._texts!r})"


class DeviceId(NamedTuple):
    """The parts of an identifier of 20 digits (GB/T 28181-2016, annex D.1)."""

    area: str
    """8 digits: the administrative division (GB/T 2260), in pairs from the province down."""
    industry: str
    """2 digits."""
    device_type: int
    """3 digits."""
    network: str
    """1 digit."""
    serial: str
    """6 digits."""

    @classmethod
    def parse(cls, text: str) -> DeviceId | None:
        """Split an identifier; None for one of other than 20 digits, such as that of an area."""
        if len(text) != 20 or not (text.isascii() and text.isdigit()):
            return None
        return cls(text[:8], text[8:10], int(text[10:13]), text[13], text[14:])

    @property
    def type_name(self) -> str:
        """The kind of device, such as ``"network camera"``; ``"other"`` for unassigned types."""
        known = _TYPES.get(self.device_type)
        return known or next(
            (name for codes, name in _RANGES if self.device_type in codes), "other"
        )

    @property
    def parent(self) -> str:
        """The identifier of its area: `area` without the empty levels."""
        area = self.area
        while len(area) > 2 and area.endswith("00"):
            area = area[:-2]
        return area

    def __str__(self) -> str:
        return f"{self.area}{self.industry}{self.device_type:03}{self.network}{self.serial}"


@dataclass(frozen=True, slots=True)
class Manscdp:
    """A command of MANSCDP (GB/T 28181-2016, annex A)."""

    kind: str
    """``"Query"``, ``"Response"``, ``"Notify"`` or ``"Control"``."""
    command: str | None
    """CmdType, such as ``"Catalog"`` or ``"Keepalive"``."""
    sn: int | None
    """The number that matches a response to its query."""
    device_id: str | None
    fields: Fields
    """All elements of the command; lists are empty here."""
    items: tuple[Fields, ...]
    """The items of all lists, such as DeviceList or RecordList."""
    root: Element = field(compare=False, repr=False)
    """The whole document, a mutable tree; comparisons ignore it."""

    @classmethod
    def parse(cls, body: Buffer, charset: str | None = None, *, limit: int = MOST_BYTES) -> Manscdp:
        """Read a body.  GB2312 and GBK are read as GB18030, which contains them.

        If neither the document nor `charset` names one, the charset is UTF-8 if the bytes are
        valid, otherwise GB18030. Raises the errors of `parse_xml`, and `ParseError` for another
        document.
        """
        data = bytes(body)
        root = parse_xml(data, charset, default=_guess(data), limit=limit)
        kind = local_name(root)
        if kind not in _KINDS:
            raise parse_error("xml-root-unexpected", 0)
        return cls(
            kind,
            text_of(first(root, "CmdType")),
            number(text_of(first(root, "SN")), _MOST_DIGITS_OF_SN),
            text_of(first(root, "DeviceID")),
            _fields(root),
            tuple(_fields(item) for item in root.iter() if local_name(item) == "Item"),
            root,
        )

    @property
    def device(self) -> DeviceId | None:
        """The parts of `device_id`; None unless it has 20 digits."""
        return None if self.device_id is None else DeviceId.parse(self.device_id)


def _guess(data: bytes) -> str:
    try:
        data.decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _fields(element: Element) -> Fields:
    return Fields(
        {local_name(child): _texts(child) if len(child) else _text(child) for child in element}
    )


def _texts(element: Element) -> Fields:
    return Fields({local_name(child): _text(child) for child in element if not len(child)})


def _text(element: Element) -> str:
    return (element.text or "").strip()
