"""``application/isup``: a message of the ISDN user part within SIP (RFC 3204, ITU-T Q.763)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sipfast.errors import parse_error
from sipfast.registry.q850 import CAUSES

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["Cause", "Isup", "Parameter", "PartyNumber"]

CALLED_PARTY_NUMBER = 0x04
CALLING_PARTY_NUMBER = 0x0A
CAUSE_INDICATORS = 0x12

_END_OF_OPTIONAL_PARAMETERS = 0x00


class _Layout(NamedTuple):
    """The layout of a message of one type (Q.763 tables 5 to 56)."""

    name: str
    fixed: tuple[tuple[int, int], ...] = ()
    """Mandatory parameters of fixed length: code, and length in octets."""
    variable: tuple[int, ...] = ()
    """Mandatory parameters of variable length: their codes."""


_BACKWARD_CALL_INDICATORS = ((0x11, 2),)
_LAYOUTS = {
    0x01: _Layout("IAM", ((0x06, 1), (0x07, 2), (0x09, 1), (0x02, 1)), (CALLED_PARTY_NUMBER,)),
    0x02: _Layout("SAM", variable=(0x05,)),
    0x03: _Layout("INR", ((0x0E, 2),)),
    0x04: _Layout("INF", ((0x0F, 2),)),
    0x06: _Layout("ACM", _BACKWARD_CALL_INDICATORS),
    0x07: _Layout("CON", _BACKWARD_CALL_INDICATORS),
    0x08: _Layout("FOT"),
    0x09: _Layout("ANM"),
    0x0C: _Layout("REL", variable=(CAUSE_INDICATORS,)),
    0x0D: _Layout("SUS", ((0x22, 1),)),
    0x0E: _Layout("RES", ((0x22, 1),)),
    0x10: _Layout("RLC"),
    0x1F: _Layout("FAR", ((0x18, 1),)),
    0x20: _Layout("FAA", ((0x18, 1),)),
    0x21: _Layout("FRJ", ((0x18, 1),), (CAUSE_INDICATORS,)),
    0x2C: _Layout("CPG", ((0x24, 1),)),
    0x2D: _Layout("USR", variable=(0x20,)),
    0x2F: _Layout("CFN", variable=(CAUSE_INDICATORS,)),
    0x32: _Layout("NRM"),
    0x33: _Layout("FAC"),
    0x36: _Layout("IDR"),
    0x37: _Layout("IRS"),
    0x38: _Layout("SGM"),
    0x40: _Layout("LOP"),
    0x41: _Layout("APM"),
    0x42: _Layout("PRI"),
}
# Mostly messages about circuits: only their names are known here.
_OTHER_NAMES = {
    0x05: "COT", 0x11: "CCR", 0x12: "RSC", 0x13: "BLO", 0x14: "UBL", 0x15: "BLA", 0x16: "UBA",
    0x17: "GRS", 0x18: "CGB", 0x19: "CGU", 0x1A: "CGBA", 0x1B: "CGUA", 0x24: "LPA", 0x28: "PAM",
    0x29: "GRA", 0x2A: "CQM", 0x2B: "CQR", 0x2E: "UCIC", 0x30: "OLM", 0x31: "CRG", 0x34: "UPT",
    0x35: "UPA",
}  # fmt: skip

_NATURES = {
    1: "subscriber",
    2: "unknown",
    3: "national",
    4: "international",
    5: "network-specific",
    6: "network routing, national",
    7: "network routing, network-specific",
    8: "network routing with called directory number",
}
_PLANS = {1: "E.164", 3: "X.121", 4: "F.69", 5: "private"}
_PRESENTATIONS = ("allowed", "restricted", "not available", "reserved")
_SCREENINGS = (
    "user provided, not verified",
    "user provided, verified and passed",
    "user provided, verified and failed",
    "network provided",
)
_LOCATIONS = {
    0: "user",
    1: "private network serving the local user",
    2: "public network serving the local user",
    3: "transit network",
    4: "public network serving the remote user",
    5: "private network serving the remote user",
    7: "international network",
    10: "network beyond interworking point",
}
_STANDARDS = ("ITU-T", "ISO/IEC", "national", "network-specific")
_END_OF_PULSING = "F"


class Parameter(NamedTuple):
    """One parameter of a message (Q.763 1.5)."""

    code: int
    value: bytes
    offset: int
    """The offset of the value in the body."""


class PartyNumber(NamedTuple):
    """A number (Q.763 3.9 and 3.10). Codes without a name in Q.763 are digits."""

    digits: str
    """Address signals: ``0`` to ``9``, and ``A`` to ``E`` for the codes beyond them."""
    nature: str
    """Nature of address, such as ``"national"`` or ``"international"``."""
    plan: str
    """Numbering plan, such as ``"E.164"``."""
    presentation: str | None
    """``"allowed"``, ``"restricted"``, ``"not available"``; None for a called party number."""
    screening: str | None
    """Screening, such as ``"network provided"``; None for a called party number."""

    def __str__(self) -> str:
        """The digits, with ``+`` before an international number of E.164."""
        whole = self.nature == "international" and self.plan == "E.164"
        return f"+{self.digits}" if whole else self.digits


class Cause(NamedTuple):
    """Cause indicators (Q.763 3.12, Q.850)."""

    value: int
    name: str | None
    """The name of a cause value of ITU-T Q.850; None for others."""
    location: str
    """The location; codes without a name in Q.850 are digits."""
    standard: str
    """The coding standard: ``"ITU-T"``, ``"ISO/IEC"``, ``"national"``, ``"network-specific"``."""
    diagnostics: bytes


@dataclass(frozen=True, slots=True)
class Isup:
    """A message of ISUP; CIC and routing label are not part of it (RFC 3204 3.1)."""

    type: int
    """The message type code."""
    parameters: tuple[Parameter, ...]
    """The parameters in their order; empty for a type of unknown layout."""

    @classmethod
    def parse(cls, body: Buffer) -> Isup:
        """Parse a message; `ParseError` if a length or a pointer leads out of it."""
        data = bytes(body)
        if not data:
            raise parse_error("isup-truncated", 0)
        layout = _LAYOUTS.get(data[0])
        return cls(data[0], () if layout is None else _parameters(data, layout))

    @property
    def name(self) -> str | None:
        """The acronym of the message, such as ``"IAM"`` (Q.763 table 4); None if unknown."""
        layout = _LAYOUTS.get(self.type)
        return layout.name if layout else _OTHER_NAMES.get(self.type)

    def get(self, code: int) -> Parameter | None:
        """The first parameter of this code (Q.763 table 5), or None."""
        return next((found for found in self.parameters if found.code == code), None)

    @property
    def called(self) -> PartyNumber | None:
        """Called party number, or None.  Raises `ParseError` if it is too short."""
        found = self.get(CALLED_PARTY_NUMBER)
        return None if found is None else _number(found, screened=False)

    @property
    def calling(self) -> PartyNumber | None:
        """Calling party number, or None.  Raises `ParseError` if it is too short."""
        found = self.get(CALLING_PARTY_NUMBER)
        return None if found is None else _number(found, screened=True)

    @property
    def cause(self) -> Cause | None:
        """The cause of the release, or None. Raises `ParseError` if it is too short."""
        found = self.get(CAUSE_INDICATORS)
        return None if found is None else _cause(found)


def _parameters(data: bytes, layout: _Layout) -> tuple[Parameter, ...]:
    """The fixed part, the pointers and their targets, the optional part (Q.763 1.5)."""
    found = []
    at = 1
    for code, length in layout.fixed:
        found.append(_parameter(data, code, at, length))
        at += length
    for code in layout.variable:
        place = _pointed_at(data, at)
        found.append(_parameter(data, code, place + 1, _octet(data, place)))
        at += 1
    # A missing pointer points nowhere, like a zero.
    if at < len(data) and data[at]:
        found += _optional(data, _pointed_at(data, at))
    return tuple(found)


def _optional(data: bytes, at: int) -> list[Parameter]:
    found = []
    while (code := _octet(data, at)) != _END_OF_OPTIONAL_PARAMETERS:
        found.append(_parameter(data, code, at + 2, _octet(data, at + 1)))
        at += 2 + len(found[-1].value)
    return found


def _pointed_at(data: bytes, at: int) -> int:
    """The target of the pointer at `at`, which counts from its own offset."""
    return at + _octet(data, at)


def _parameter(data: bytes, code: int, start: int, length: int) -> Parameter:
    if start + length > len(data):
        raise parse_error("isup-truncated", start)
    return Parameter(code, data[start : start + length], start)


def _octet(data: bytes, at: int) -> int:
    if at >= len(data):
        raise parse_error("isup-truncated", len(data))
    return data[at]


def _number(parameter: Parameter, *, screened: bool) -> PartyNumber:
    if len(parameter.value) < 2:
        raise parse_error("isup-parameter-too-short", parameter.offset)
    first, second, *signals = parameter.value
    digits = "".join([f"{pair & 15:X}{pair >> 4:X}" for pair in signals])
    if first & 0x80:  # an odd number of them, and a filler
        digits = digits[:-1]
    nature, plan = first & 0x7F, second >> 4 & 7
    return PartyNumber(
        digits.removesuffix(_END_OF_PULSING),
        _NATURES.get(nature, str(nature)),
        _PLANS.get(plan, str(plan)),
        _PRESENTATIONS[second >> 2 & 3] if screened else None,
        _SCREENINGS[second & 3] if screened else None,
    )


def _cause(parameter: Parameter) -> Cause:
    octets = parameter.value
    # Where the extension bit is 0, one more octet comes between: the recommendation.
    at = 1 if octets and octets[0] & 0x80 else 2
    if len(octets) <= at:
        raise parse_error("isup-parameter-too-short", parameter.offset)
    standard = octets[0] >> 5 & 3
    location = octets[0] & 15
    value = octets[at] & 0x7F
    return Cause(
        value,
        None if standard or value not in CAUSES else CAUSES[value].en,
        _LOCATIONS.get(location, str(location)),
        _STANDARDS[standard],
        octets[at + 1 :],
    )
