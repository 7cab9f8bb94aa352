"""Header fields between networks: access, visited network, charging (RFC 7315)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sipfast.errors import ParseError

from ..building import AsRead, changed, check, free, gathered
from ..comments import without_pairs
from ..items import Item, built_token, built_word
from ..octets import octets
from ..parameters import QUOTED, Pairs, Parameters, others, pieces_of, written
from ..value import Value, fault_among
from ..wire.text import FIRST, PARAMETERS

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

__all__ = ["AccessNetworkInfo", "ChargingFunctionAddresses", "ChargingVector", "VisitedNetwork"]

_CELLS = ("utran-cell-id-3gpp", "cgi-3gpp", "ci-3gpp2", "ci-3gpp2-femto", "utran-sai-3gpp")
_VECTOR = ("icid-value", "icid-generated-at", "orig-ioi", "term-ioi")


class VisitedNetwork(Item):
    """A network that a registration passes through (RFC 7315 4.3)."""

    __slots__ = ()

    def __init__(self, network: str, *, parameters: Pairs = ()) -> None:
        """Build one from a word as written, quoted or not.  Raises `ParseError`."""
        check(locals())
        built = built_word(self, network, written(free(parameters)))
        self._become(built)

    @property
    def network(self) -> str:
        """The network's name, without its quotes."""
        return self._unquoted(FIRST) or ""

    def _arguments(self) -> dict[str, Any]:
        return {"network": AsRead(self._part(FIRST) or ""), "parameters": self._parameters()}

    def replace(
        self,
        *,
        network: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        return self._with(locals())


class AccessNetworkInfo(Item):
    """A device's type of access and its place in the network (RFC 7315 4.4).

    >>> info = AccessNetworkInfo.parse("3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=4600112342F0A")
    >>> info.access_type, info.cell
    ('3GPP-E-UTRAN-FDD', '4600112342F0A')
    """

    __slots__ = ()

    def __init__(self, access_type: str, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` unless the type is a token."""
        check(locals())
        built = built_token(self, access_type, written(free(parameters), "P-Access-Network-Info"))
        self._become(built)

    @property
    def access_type(self) -> str:
        """Type or class of the access, such as ``"IEEE-802.11"`` or ``"3GPP-E-UTRAN-FDD"``."""
        return self._part(FIRST) or ""

    @property
    def cell(self) -> str | None:
        """The cell: the first of ``utran-cell-id-3gpp``, ``cgi-3gpp`` and the like, or None."""
        for name in _CELLS:
            cell = self._parameter(name)
            if cell:
                return cell
        return None

    @property
    def is_network_provided(self) -> bool:
        """``network-provided``: whether a trusted network supplied the value, not the device."""
        return self._parameter("network-provided") is not None

    @property
    def extensions(self) -> tuple[str, ...]:
        """The texts in quotes that have no name (RFC 7315 5.4: extension-access-info)."""
        return tuple([without_pairs(text[1 : len(text) - 1]) for text in _unnamed(self)])

    def _parameters(self) -> list[tuple[str, str | None]]:
        """As of other values, apart from texts without a name."""
        if not _unnamed(self):
            return Value._parameters(self)
        try:
            return Value._parameters(_without_unnamed(self))
        except ParseError as error:
            self._raise(error.code, error.offset)

    def _arguments(self) -> dict[str, Any]:
        return {"access_type": self.access_type, "parameters": self._parameters()}

    def replace(
        self,
        *,
        access_type: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        made = self._with(locals())
        kept = "".join([f";{text}" for text in _unnamed(self)]) if parameters is ... else ""
        return type(self).parse(f"{made}{kept}") if kept else made

    def _key(self) -> Any:
        return (self._part(FIRST) or "").lower(), self.parameters, _unnamed(self)


def _unnamed(info: AccessNetworkInfo) -> tuple[str, ...]:
    """The quoted strings that stand where a parameter would."""
    region = info._part(PARAMETERS) or ""
    if '"' not in region:
        return ()
    pieces = [piece.strip(" \t") for piece in pieces_of(region, ";")]
    return tuple([piece for piece in pieces if QUOTED.fullmatch(piece)])


def _without_unnamed(info: AccessNetworkInfo) -> AccessNetworkInfo:
    """The same with spaces in place of texts without a name, so that all else keeps its place."""
    text = str(info)
    region = info._part(PARAMETERS) or ""
    pieces = [
        " " * len(octets(piece)) if QUOTED.fullmatch(piece.strip(" \t")) else piece
        for piece in pieces_of(region, ";")
    ]
    made: AccessNetworkInfo = AccessNetworkInfo.parse(
        f"{text[: len(text) - len(region)]}{';'.join(pieces)}"
    )
    return made


class ChargingVector(Value):
    """Identifiers that the charging records of one session share (RFC 7315 4.6).

    >>> vector = ChargingVector.parse("icid-value=1234bc9876e;orig-ioi=home.example.net")
    >>> vector.icid_value, vector.orig_ioi, vector.term_ioi
    ('1234bc9876e', 'home.example.net', None)
    """

    __slots__ = ()

    def __init__(
        self,
        icid_value: str | None,
        *,
        icid_generated_at: str | None = None,
        orig_ioi: str | None = None,
        term_ioi: str | None = None,
        parameters: Pairs = (),
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        pairs = zip(_VECTOR, (icid_value, icid_generated_at, orig_ioi, term_ioi), strict=True)
        built = self._built(written(gathered(pairs, parameters), "P-Charging-Vector")[1:])
        self._become(built)

    def _read(self) -> Any:
        self._split_parameters(";")
        return self

    @property
    def icid_value(self) -> str | None:
        """``icid-value``: the charging identity of the session, or None."""
        return self._parameter("icid-value")

    @property
    def icid_generated_at(self) -> str | None:
        """``icid-generated-at``: the host that generated it, or None."""
        return self._parameter("icid-generated-at")

    @property
    def orig_ioi(self) -> str | None:
        """``orig-ioi``: the originating operator, or None."""
        return self._parameter("orig-ioi")

    @property
    def term_ioi(self) -> str | None:
        """``term-ioi``: the terminating operator, or None."""
        return self._parameter("term-ioi")

    @property
    def parameters(self) -> Parameters:
        """All parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        icid_value: str | EllipsisType | None = ...,
        icid_generated_at: str | EllipsisType | None = ...,
        orig_ioi: str | EllipsisType | None = ...,
        term_ioi: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> ChargingVector:
        """A copy with some arguments of `ChargingVector` replaced."""
        given = changed(locals())
        parts: dict[str, Any] = {
            "icid_value": self.icid_value,
            "icid_generated_at": self.icid_generated_at,
            "orig_ioi": self.orig_ioi,
            "term_ioi": self.term_ioi,
            "parameters": others(self, _VECTOR),
        }
        return self._again(ChargingVector, parts, given)

    def _key(self) -> Any:
        return self.parameters


class ChargingFunctionAddresses(Value):
    """The receivers of charging records (RFC 7315 4.5).

    A header field may have several lists of them, with commas between (RFC 7315 5.5); all are one
    value here.

    >>> ChargingFunctionAddresses.parse("ccf=192.0.2.8;ecf=192.0.2.9;ccf=192.0.2.7").ccf
    ('192.0.2.8', '192.0.2.7')
    """

    __slots__ = ()

    def __init__(
        self, ccf: Iterable[str] = (), ecf: Iterable[str] = (), *, parameters: Pairs = ()
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        known = [*[("ccf", address) for address in ccf], *[("ecf", address) for address in ecf]]
        built = self._built(written(known + free(parameters, "ccf", "ecf"))[1:])
        if not str(built):
            built._raise("header-empty", 0)
        self._become(built)

    def _read(self) -> Any:
        self._split_parameters(";")
        return self

    def _fault(self, code: str, at: int) -> ParseError:
        """A value of several list items reports its faults in the item that has them."""
        return fault_among(self, code, at, len(";"))

    @property
    def ccf(self) -> tuple[str, ...]:
        """``ccf``: hosts of the charging collection function, for offline charging."""
        return tuple([host or "" for name, host in self._parameters() if name.lower() == "ccf"])

    @property
    def ecf(self) -> tuple[str, ...]:
        """``ecf``: hosts of the event charging function, for online charging."""
        return tuple([host or "" for name, host in self._parameters() if name.lower() == "ecf"])

    @property
    def parameters(self) -> Parameters:
        """All parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        ccf: Iterable[str] | EllipsisType = ...,
        ecf: Iterable[str] | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> ChargingFunctionAddresses:
        """A copy with some arguments of `ChargingFunctionAddresses` replaced."""
        given = changed(locals())
        parts: dict[str, Any] = {
            "ccf": self.ccf,
            "ecf": self.ecf,
            "parameters": others(self, ("ccf", "ecf")),
        }
        return self._again(ChargingFunctionAddresses, parts, given)

    def _key(self) -> Any:
        return self.parameters
