"""Identity: who calls, as a signed PASSporT says it (RFC 8224, RFC 8225).

The signature is not checked here: what a PASSporT says is what anybody may have written.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sipfast import _late
from sipfast.errors import ParseError

from ..building import AsRead, changed, check, check_controls, free, gathered
from ..items import Item
from ..parameters import TOKEN_CHARACTERS, Pairs, Parameters, others, quoted, written
from ..value import Value
from ..wire.text import FIRST

if TYPE_CHECKING:
    from datetime import datetime
    from types import EllipsisType

    from typing_extensions import Self

__all__ = ["Identity", "PASSporT", "with_quotes"]

LARGEST = 65_536
"""The most characters of a PASSporT."""
DEEPEST = 16
"""The most objects and lists within each other in its JSON."""

_PART = "[-A-Za-z0-9_]*=*"
_PARTS = re.compile(rf"{_PART}(?:\.{_PART}(\.{_PART})?)?")
_NESTING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[][{}]', re.DOTALL)  # a string need not end
_TO_BASE64 = str.maketrans("-_", "+/")
_TO_BASE64URL = str.maketrans("+/", "-_", "=\n")
_TOKEN = re.compile(f"[{TOKEN_CHARACTERS}/=]+")  # with the rest of base64
_DIGEST = re.compile(r"[A-Za-z0-9+/]+=*")
"""RFC 4474 9: a signature alone, which stands in quotes."""


class PASSporT(Value):
    """A token of three parts that dots separate: header, payload, signature (RFC 8225).

    It is decoded when it is asked for.  A claim that is absent, or of another type than its RFC
    says, is None.  Every claim raises `ParseError` if the PASSporT is malformed.

    >>> token = PASSporT({"ppt": "shaken"}, {"orig": {"tn": "12155551212"}, "attest": "A"}, b"")
    >>> token.ppt, token.orig, token.attest
    ('shaken', '12155551212', 'A')
    """

    __slots__ = ()

    def __init__(
        self, header: Mapping[str, Any], payload: Mapping[str, Any], signature: bytes
    ) -> None:
        """Build one with the JSON of RFC 8225 9, or compact of two empty mappings.

        The signature is taken as it is given.  Raises TypeError if a claim is none of JSON.
        """
        check(locals())
        parts = (_json(header), _json(payload), signature)
        built = self._built(".".join([_encoded(part) for part in parts]))
        built.header, built.payload  # noqa: B018  what is wrong raises
        if (_json(built.header), _json(built.payload)) != parts[:2]:
            built._raise("passport-json-malformed", 0)
        self._become(built)

    def _read(self) -> Any:
        text = str(self)
        if len(text) > LARGEST:
            self._raise("passport-too-large", 0)
        fit = _PARTS.match(text)
        assert fit is not None  # it takes the empty text too
        end = fit.end()
        if end < len(text) and text[end] != ".":
            self._raise("passport-encoding-malformed", end)
        if end < len(text) or fit[1] is None:
            self._raise("passport-malformed", 0)
        return self

    @property
    def is_compact(self) -> bool:
        """Whether header and payload were left out, for the message says the same (RFC 8225 7)."""
        return str(self).startswith("..")

    @property
    def header(self) -> dict[str, Any]:
        """The JOSE header, such as ``{"alg": "ES256", "typ": "passport"}``; or empty.

        A new dict each time: what is done to it is not done to the PASSporT.
        CR, LF and NUL may stand in its texts.
        """
        return _decoded(self, 0)

    @property
    def payload(self) -> dict[str, Any]:
        """The claims, by name; empty in the compact form.  A new dict each time.

        CR, LF and NUL may stand in their texts.
        """
        return _decoded(self, 1)

    @property
    def signature(self) -> bytes:
        """The signature, which nobody has checked."""
        return _octets(self, 2)

    @property
    def alg(self) -> str | None:
        """``alg``: how it is signed, such as ``"ES256"``.  CR, LF and NUL may stand in it."""
        return _text(self.header.get("alg"))

    @property
    def ppt(self) -> str | None:
        """``ppt``: the extension that it uses, such as ``"shaken"`` or ``"div"``.

        CR, LF and NUL may stand in it.
        """
        return _text(self.header.get("ppt"))

    @property
    def x5u(self) -> str | None:
        """``x5u``: where the certificate is.  CR, LF and NUL may stand in it."""
        return _text(self.header.get("x5u"))

    @property
    def orig(self) -> str | None:
        """``orig``: the telephone number or the URI that calls (RFC 8225 5.2.1).

        CR, LF and NUL may stand in it.
        """
        return _party(self.payload.get("orig"))

    @property
    def dest(self) -> tuple[str, ...]:
        """``dest``: the telephone numbers and then the URIs that are called; may be empty.

        CR, LF and NUL may stand in each.
        """
        dest = self.payload.get("dest")
        if not isinstance(dest, dict):
            return ()
        numbers, uris = _list(dest.get("tn")), _list(dest.get("uri"))
        return tuple([party for party in numbers + uris if isinstance(party, str)])

    @property
    def div(self) -> str | None:
        """``div``: the telephone number or the URI that was retargeted (RFC 8946).

        CR, LF and NUL may stand in it.
        """
        return _party(self.payload.get("div"))

    @property
    def iat(self) -> datetime | None:
        """``iat``: when it was made, in UTC."""
        seconds = self.payload.get("iat")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            return None
        try:
            epoch = _late.datetime.datetime(1970, 1, 1, tzinfo=_late.datetime.timezone.utc)
            return epoch + _late.datetime.timedelta(seconds=seconds)
        except (OverflowError, ValueError):
            return None

    @property
    def attest(self) -> str | None:
        """``attest``: how far the caller is vouched for: A, B or C (RFC 8588 4).

        CR, LF and NUL may stand in it.
        """
        return _text(self.payload.get("attest"))

    @property
    def origid(self) -> str | None:
        """``origid``: an identifier of where the call came from, for traceback (RFC 8588 5).

        CR, LF and NUL may stand in it.
        """
        return _text(self.payload.get("origid"))

    def replace(
        self,
        *,
        header: Mapping[str, Any] | EllipsisType = ...,
        payload: Mapping[str, Any] | EllipsisType = ...,
        signature: bytes | EllipsisType = ...,
    ) -> PASSporT:
        """A copy with other parts, by the names that `PASSporT` takes; the rest is untouched."""
        given = changed(locals())
        parts: dict[str, Any] = {"header": {}, "payload": {}, "signature": b""}
        made = str(PASSporT(**(parts | given))).split(".")
        kept = str(self).split(".")
        pieces = [made[at] if name in given else kept[at] for at, name in enumerate(parts)]
        return PASSporT.parse(".".join(pieces))


class Identity(Item):
    """A signed PASSporT, and where its certificate is (RFC 8224 4).

    >>> identity = Identity.parse("..c2lnbmVk;info=<https://cert.example.com/a.pem>;alg=ES256")
    >>> identity.info, identity.alg, identity.passport.is_compact, identity.passport.signature
    ('https://cert.example.com/a.pem', 'ES256', True, b'signed')
    """

    __slots__ = ()

    def __init__(
        self,
        token: PASSporT | str,
        info: str | None,
        *,
        alg: str | None = None,
        ppt: str | None = None,
        parameters: Pairs = (),
    ) -> None:
        """Build one; without `info` it is not what RFC 8224 4 asks for.

        Raises `ParseError` where a part cannot be written.
        """
        check(locals(), token=(PASSporT, str))
        text = str(token) if isinstance(token, PASSporT) else token
        rest = free(parameters, "info")
        pairs = gathered((("alg", alg), ("ppt", ppt)), rest)
        first = quoted(text) if _DIGEST.fullmatch(text) else text
        where = "" if info is None else f";info=<{info}>"
        if info is not None:
            check_controls(info, f"{first};info=<")
        built = self._built(f"{first}{where}{written(pairs)}")
        if built.token != text or not _TOKEN.fullmatch(text):
            built._fail("item-malformed", FIRST)
        with_quotes(built)._parameters()  # it raises where the URI cannot stand among them
        read = (built.info, built.alg, built.ppt, _others(built))
        if read != (info, alg, ppt, [(name, value or None) for name, value in rest]):
            built._raise("parameter-malformed", built._parameter_at("info"))
        self._become(built)

    @property
    def token(self) -> str:
        """The PASSporT as text."""
        return self._unquoted(FIRST) or ""

    @property
    def passport(self) -> PASSporT | None:
        """The PASSporT, decoded but not verified; None of an Identity of RFC 4474, without dots.

        Raises `ParseError` if it has no three parts.
        """
        if "." not in self.token:
            return None
        passport: PASSporT = self._sub(FIRST, PASSporT)
        return passport

    @property
    def info(self) -> str | None:
        """``info``: the URI of the certificate, without its brackets; or None."""
        begin, end = _brackets(self)
        if not begin:
            return self._parameter("info")
        return bytes(self)[begin:end].decode("utf-8", "surrogateescape")

    @property
    def alg(self) -> str | None:
        """``alg``: how it is signed; or None."""
        return with_quotes(self)._parameter("alg")

    @property
    def ppt(self) -> str | None:
        """``ppt``: the extension that the PASSporT uses; or None."""
        return with_quotes(self)._parameter("ppt")

    @property
    def parameters(self) -> Parameters:
        """All parameters, a mapping; ``info`` is in its brackets there."""
        return Parameters(with_quotes(self))

    def _arguments(self) -> dict[str, Any]:
        return {
            "token": self.token,
            "info": None if self.info is None else AsRead(self.info),
            "alg": self.alg,
            "ppt": self.ppt,
            "parameters": _others(self),
        }

    def replace(
        self,
        *,
        token: PASSporT | str | EllipsisType = ...,
        info: str | EllipsisType | None = ...,
        alg: str | EllipsisType | None = ...,
        ppt: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with other parts, by the names that the class takes."""
        return self._with(locals())

    def _key(self) -> Any:
        return self.token, self.info, (self.alg or "").lower(), (self.ppt or "").lower()


def _brackets(identity: Identity) -> tuple[int, int]:
    """The bytes between which the URI of ``info`` stands in its brackets; 0 twice if it has none.

    It may have semicolons of its own, and goes on after them.
    """
    info = identity._parameter("info")
    if info is None or not info.startswith("<"):
        return 0, 0
    text = bytes(identity)
    begin = text.find(b"<", identity._parameter_at("info")) + 1
    end = text.find(b">", begin)
    return begin, len(text) if end < 0 else end


def with_quotes(identity: Identity) -> Identity:
    """The same with quotes around a URI that has semicolons, so that they part nothing."""
    begin, end = _brackets(identity)
    text = bytes(identity)
    if b";" not in text[begin:end]:
        return identity
    begin, end = begin - 1, end + 1  # with the brackets
    try:
        return Identity.parse(b'%b"%b"%b' % (text[:begin], text[begin:end], text[end:]))
    except ParseError:  # a quote in the URI closes one behind it
        return identity


def _others(identity: Identity) -> list[tuple[str, str | None]]:
    """The parameters that `Identity` has no arguments for, and nothing of the URI's."""
    return others(with_quotes(identity), ("info", "alg", "ppt"))


def _octets(passport: Value, part: int) -> bytes:
    """What a part of a PASSporT says in base64url."""
    pieces = str(passport).split(".")
    digits = pieces[part].rstrip("=") if part < len(pieces) else ""
    try:
        return a2b_base64(digits.translate(_TO_BASE64) + "==")  # more than enough is no harm
    except ValueError:
        passport._raise("passport-encoding-malformed", _at(passport, part))


def _decoded(passport: Value, part: int) -> dict[str, Any]:
    """The JSON object in a part of a PASSporT; an empty one if the part is empty."""
    octets = _octets(passport, part)
    if not octets:
        return {}
    try:
        text = octets.decode("utf-8")
        is_deep = _depth(text) > DEEPEST
        found = (
            None if is_deep else _late.json.loads(text, parse_int=_integer, parse_constant=_refuse)
        )
    except (UnicodeDecodeError, _late.json.JSONDecodeError):
        found, is_deep = None, False
    if not isinstance(found, dict):
        code = "passport-too-deep" if is_deep else "passport-json-malformed"
        passport._raise(code, _at(passport, part))
    return found


def _at(passport: Value, part: int) -> int:
    """Where a part of a PASSporT begins."""
    return sum([len(before) + 1 for before in str(passport).split(".")[:part]])


def _depth(text: str) -> int:
    """How many objects and lists stand within each other, at the most."""
    depth = most = 0
    for mark in _NESTING.finditer(text):
        if mark[0] in "[{":
            depth += 1
            most = max(most, depth)
        elif mark[0] in "]}":
            depth -= 1
    return most


def _integer(digits: str) -> int | float:
    """A number of JSON; one that is beyond all dates and counters becomes a float."""
    return int(digits) if len(digits) <= 20 else float(digits)


def _refuse(name: str) -> Any:
    """NaN and the infinities are not JSON (RFC 8259 6)."""
    raise _late.json.JSONDecodeError("not JSON", name, 0)


def _text(claim: Any) -> str | None:
    return claim if isinstance(claim, str) else None


def _list(claim: Any) -> list[Any]:
    """A list as it is; any other claim as the one element of a list."""
    return claim if isinstance(claim, list) else [claim]


def _party(claim: Any) -> str | None:
    """The number or the URI of one party."""
    if not isinstance(claim, dict):
        return None
    return _text(claim.get("tn")) or _text(claim.get("uri"))


def _json(claims: Mapping[str, Any]) -> bytes:
    """JSON without whitespace, with its names in order (RFC 8225 9); nothing for no claims."""
    if not claims:
        return b""
    return _late.json.dumps(dict(claims), sort_keys=True, separators=(",", ":")).encode("ascii")


def _encoded(octets: bytes) -> str:
    """base64url without padding (RFC 7515 2)."""
    return b2a_base64(octets).decode("ascii").translate(_TO_BASE64URL)
