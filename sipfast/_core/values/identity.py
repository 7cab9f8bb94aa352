"""Identity: the caller, in a signed PASSporT (RFC 8224, RFC 8225).

The signature is not verified here: treat the claims as unauthenticated input.
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
"""The maximum length of a PASSporT in characters."""
DEEPEST = 16
"""The maximum nesting depth of its JSON."""

_PART = "[-A-Za-z0-9_]*=*"
_PARTS = re.compile(rf"{_PART}(?:\.{_PART}(\.{_PART})?)?")
_NESTING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[][{}]', re.DOTALL)  # a string may be unclosed
_TO_BASE64 = str.maketrans("-_", "+/")
_TO_BASE64URL = str.maketrans("+/", "-_", "=\n")
_TOKEN = re.compile(f"[{TOKEN_CHARACTERS}/=]+")  # token characters and those of base64
_DIGEST = re.compile(r"[A-Za-z0-9+/]+=*")
"""RFC 4474 9: a signature alone, in quotes."""


class PASSporT(Value):
    """A token of three parts, separated by dots: header, payload, signature (RFC 8225).

    It is decoded on access.  A claim is None if it is absent or has a type other than its RFC
    requires.  Every claim raises `ParseError` if the PASSporT is malformed.

    >>> token = PASSporT({"ppt": "shaken"}, {"orig": {"tn": "12155551212"}, "attest": "A"}, b"")
    >>> token.ppt, token.orig, token.attest
    ('shaken', '12155551212', 'A')
    """

    __slots__ = ()

    def __init__(
        self, header: Mapping[str, Any], payload: Mapping[str, Any], signature: bytes
    ) -> None:
        """Build one with the JSON of RFC 8225 9, or a compact one from two empty mappings.

        The signature is not verified.  Raises TypeError for a claim that JSON cannot represent.
        """
        check(locals())
        parts = (_json(header), _json(payload), signature)
        built = self._built(".".join([_encoded(part) for part in parts]))
        built.header, built.payload  # noqa: B018  raises if malformed
        if (_json(built.header), _json(built.payload)) != parts[:2]:
            built._raise("passport-json-malformed", 0)
        self._become(built)

    def _read(self) -> Any:
        text = str(self)
        if len(text) > LARGEST:
            self._raise("passport-too-large", 0)
        fit = _PARTS.match(text)
        assert fit is not None  # the pattern matches the empty text too
        end = fit.end()
        if end < len(text) and text[end] != ".":
            self._raise("passport-encoding-malformed", end)
        if end < len(text) or fit[1] is None:
            self._raise("passport-malformed", 0)
        return self

    @property
    def is_compact(self) -> bool:
        """Whether it omits header and payload, which the message implies (RFC 8225 7)."""
        return str(self).startswith("..")

    @property
    def header(self) -> dict[str, Any]:
        """The JOSE header, such as ``{"alg": "ES256", "typ": "passport"}``; or empty.

        Each access returns a new dict.  Its texts may contain CR, LF and NUL.
        """
        return _decoded(self, 0)

    @property
    def payload(self) -> dict[str, Any]:
        """The claims by name; empty in the compact form.  Each access returns a new dict.

        Their texts may contain CR, LF and NUL.
        """
        return _decoded(self, 1)

    @property
    def signature(self) -> bytes:
        """The signature, not verified."""
        return _octets(self, 2)

    @property
    def alg(self) -> str | None:
        """``alg``: the signature algorithm, such as ``"ES256"``.  May contain CR, LF and NUL."""
        return _text(self.header.get("alg"))

    @property
    def ppt(self) -> str | None:
        """``ppt``: the PASSporT extension, such as ``"shaken"`` or ``"div"``.

        May contain CR, LF and NUL.
        """
        return _text(self.header.get("ppt"))

    @property
    def x5u(self) -> str | None:
        """``x5u``: the URI of the certificate.  May contain CR, LF and NUL."""
        return _text(self.header.get("x5u"))

    @property
    def orig(self) -> str | None:
        """``orig``: the caller's telephone number or URI (RFC 8225 5.2.1).

        May contain CR, LF and NUL.
        """
        return _party(self.payload.get("orig"))

    @property
    def dest(self) -> tuple[str, ...]:
        """``dest``: the called telephone numbers, then the called URIs; may be empty.

        Each may contain CR, LF and NUL.
        """
        dest = self.payload.get("dest")
        if not isinstance(dest, dict):
            return ()
        numbers, uris = _list(dest.get("tn")), _list(dest.get("uri"))
        return tuple([party for party in numbers + uris if isinstance(party, str)])

    @property
    def div(self) -> str | None:
        """``div``: the telephone number or the URI that was retargeted (RFC 8946).

        May contain CR, LF and NUL.
        """
        return _party(self.payload.get("div"))

    @property
    def iat(self) -> datetime | None:
        """``iat``: the time of signing, in UTC."""
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
        """``attest``: the level of attestation: A, B or C (RFC 8588 4).

        May contain CR, LF and NUL.
        """
        return _text(self.payload.get("attest"))

    @property
    def origid(self) -> str | None:
        """``origid``: an identifier of the call's origin, for traceback (RFC 8588 5).

        May contain CR, LF and NUL.
        """
        return _text(self.payload.get("origid"))

    def replace(
        self,
        *,
        header: Mapping[str, Any] | EllipsisType = ...,
        payload: Mapping[str, Any] | EllipsisType = ...,
        signature: bytes | EllipsisType = ...,
    ) -> PASSporT:
        """A copy with some arguments of `PASSporT` replaced; the rest is unchanged."""
        given = changed(locals())
        parts: dict[str, Any] = {"header": {}, "payload": {}, "signature": b""}
        made = str(PASSporT(**(parts | given))).split(".")
        kept = str(self).split(".")
        pieces = [made[at] if name in given else kept[at] for at, name in enumerate(parts)]
        return PASSporT.parse(".".join(pieces))


class Identity(Item):
    """A signed PASSporT and the URI of its certificate (RFC 8224 4).

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
        """Build one; RFC 8224 4 requires `info`.

        Raises `ParseError` if a part cannot be written.
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
        if first is text and (info is not None or "." in text) and not _is_whole(text):
            built._fail("passport-malformed", FIRST)
        with_quotes(built)._parameters()  # raises if the URI breaks the parameters
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
        """The PASSporT, decoded but not verified; None for an Identity of RFC 4474, without dots.

        Raises `ParseError` unless it has three parts.
        """
        if "." not in self.token:
            return None
        passport: PASSporT = self._sub(FIRST, PASSporT)
        return passport

    @property
    def info(self) -> str | None:
        """``info``: the URI of the certificate, without its brackets, or None."""
        begin, end = _brackets(self)
        if not begin:
            return self._parameter("info")
        return bytes(self)[begin:end].decode("utf-8", "surrogateescape")

    @property
    def alg(self) -> str | None:
        """``alg``: the signature algorithm, or None."""
        return with_quotes(self)._parameter("alg")

    @property
    def ppt(self) -> str | None:
        """``ppt``: the PASSporT extension, or None."""
        return with_quotes(self)._parameter("ppt")

    @property
    def parameters(self) -> Parameters:
        """All parameters as a mapping; there, ``info`` has its brackets."""
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
        """A copy with some constructor arguments replaced."""
        return self._with(locals())

    def _key(self) -> Any:
        return self.token, self.info, (self.alg or "").lower(), (self.ppt or "").lower()


def _is_whole(token: str) -> bool:
    """Whether a token has three parts, of which only the first two may be empty, together."""
    header, dot, rest = token.partition(".")
    payload, point, signature = rest.partition(".")
    return bool(dot and point and signature.strip("=")) and bool(header) == bool(payload)


def _brackets(identity: Identity) -> tuple[int, int]:
    """The span of the URI in the brackets of ``info``; two zeros if absent.

    The URI may contain semicolons.
    """
    info = identity._parameter("info")
    if info is None or not info.startswith("<"):
        return 0, 0
    text = bytes(identity)
    begin = text.find(b"<", identity._parameter_at("info")) + 1
    end = text.find(b">", begin)
    return begin, len(text) if end < 0 else end


def with_quotes(identity: Identity) -> Identity:
    """The same with quotes around a URI with semicolons, so that they separate no parameters."""
    text = bytes(identity)
    if b";" not in text:
        return identity
    begin, end = _brackets(identity)
    if b";" not in text[begin:end]:
        return identity
    begin, end = begin - 1, end + 1  # with the brackets
    try:
        return Identity.parse(b'%b"%b"%b' % (text[:begin], text[begin:end], text[end:]))
    except ParseError:  # a quote in the URI pairs with a later one
        return identity


def _others(identity: Identity) -> list[tuple[str, str | None]]:
    """The parameters without an argument of `Identity`, and without those of the URI."""
    return others(with_quotes(identity), ("info", "alg", "ppt"))


def _octets(passport: Value, part: int) -> bytes:
    """The bytes that a part of a PASSporT encodes in base64url."""
    pieces = str(passport).split(".")
    digits = pieces[part].rstrip("=") if part < len(pieces) else ""
    try:
        return a2b_base64(digits.translate(_TO_BASE64) + "==")  # excess padding is ignored
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
    """The nesting depth of objects and lists."""
    depth = most = 0
    for mark in _NESTING.finditer(text):
        if mark[0] in "[{":
            depth += 1
            most = max(most, depth)
        elif mark[0] in "]}":
            depth -= 1
    return most


def _integer(digits: str) -> int | float:
    """A JSON number; one beyond all dates and counters becomes a float."""
    return int(digits) if len(digits) <= 20 else float(digits)


def _refuse(name: str) -> Any:
    """NaN and the infinities are not JSON (RFC 8259 6)."""
    raise _late.json.JSONDecodeError("not JSON", name, 0)


def _text(claim: Any) -> str | None:
    return claim if isinstance(claim, str) else None


def _list(claim: Any) -> list[Any]:
    """A list unchanged; any other claim in a list of one."""
    return claim if isinstance(claim, list) else [claim]


def _party(claim: Any) -> str | None:
    """The number or the URI of one party."""
    if not isinstance(claim, dict):
        return None
    return _text(claim.get("tn")) or _text(claim.get("uri"))


def _json(claims: Mapping[str, Any]) -> bytes:
    """JSON without whitespace, with sorted names (RFC 8225 9); empty for no claims."""
    if not claims:
        return b""
    return _late.json.dumps(dict(claims), sort_keys=True, separators=(",", ":")).encode("ascii")


def _encoded(octets: bytes) -> str:
    """base64url without padding (RFC 7515 2)."""
    return b2a_base64(octets).decode("ascii").translate(_TO_BASE64URL)
