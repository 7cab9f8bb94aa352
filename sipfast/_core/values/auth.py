"""Authentication: challenges, credentials, and the check of credentials (RFC 3261 22).

These header fields contain commas; several values are several header fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from sipfast import _late
from sipfast.errors import ParseError

from ..building import changed, check, free
from ..octets import octets
from ..parameters import TOKEN, Pairs, Parameters, pieces_of, quoted
from ..value import Value, fault_among
from ..wire.slices import Found
from ..wire.text import SCHEME, TOKEN68
from .digest import Algorithm, algorithm_named

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

    from sipfast.nonces import AkaNonce

__all__ = ["AuthenticationInfo", "Challenge", "Credentials", "choose"]

_NONCE_COUNT = re.compile(r"[0-9A-Fa-f]{1,8}")
_HEXADECIMAL = "0123456789abcdefABCDEF"
_MOST_NC = 0xFFFFFFFF
_QOPS = ("auth", "auth-int")
_RSPAUTH = ("rspauth",)
_HASHED = (
    "username",
    "realm",
    "nonce",
    "nc",
    "cnonce",
    "qop",
    "uri",
    "response",
    "algorithm",
    "userhash",
)
"""The parameters that a check depends on, in the order in which they are hashed."""
USERNAME, REALM, NONCE, NC, CNONCE, QOP, URI, RESPONSE, ALGORITHM, USERHASH = range(10)
_IN_ANY_CASE = {"algorithm", "stale", "qop", "nc", "userhash", "charset"}


class SchemeValue(Value):
    """An authentication scheme, with parameters between commas or a token68 (RFC 9110 11.4)."""

    __slots__ = ()

    _bare = frozenset[str]()
    """The parameters that are written without quotes."""

    def __init__(self, scheme: str, parameters: Pairs = (), *, token: str | None = None) -> None:
        """Build one.

        Raises `ParseError` if a part cannot be written, and ValueError if the name of a parameter
        is not a token, or for a token together with parameters.
        """
        check(locals())
        after = _listed(parameters, self._bare)
        if token is not None and after:
            raise ValueError("credentials have parameters or a token, not both (RFC 9110 11.4)")
        built = self._built(f"{scheme} {after if token is None else token}")
        if built._part(SCHEME) != scheme or built._part(TOKEN68) != token:
            built._fail("credentials-malformed", SCHEME)
        self._become(built)

    def _read(self) -> Any:
        self._split_credentials()
        return self

    @property
    def scheme(self) -> str:
        """The scheme as written, such as ``"Digest"``; it is case-insensitive."""
        return self._part(SCHEME) or ""

    @property
    def token(self) -> str | None:
        """The token68 after the scheme, in place of parameters, or None."""
        return self._part(TOKEN68)

    @property
    def realm(self) -> str | None:
        """``realm``: the protection space of the password, or None."""
        return self._parameter("realm")

    @property
    def nonce(self) -> str | None:
        """``nonce``: the server's nonce, which is hashed, or None."""
        return self._parameter("nonce")

    @property
    def opaque(self) -> str | None:
        """``opaque``: a string that the client returns unchanged, or None."""
        return self._parameter("opaque")

    @property
    def algorithm(self) -> str | None:
        """``algorithm`` as written, such as ``"SHA-256"``; None means MD5 (RFC 7616 3.3)."""
        return self._parameter("algorithm")

    @property
    def userhash(self) -> bool:
        """``userhash``: whether the username can be, or is, a hash (RFC 7616 3.4.4)."""
        return _is_true(self._parameter("userhash"))

    @property
    def parameters(self) -> Parameters:
        """All parameters as a mapping; empty if there is a token68."""
        return Parameters(self)

    def replace(
        self,
        *,
        scheme: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
        token: str | EllipsisType | None = ...,
    ) -> Self:
        """A copy with another `scheme`, other `parameters` or another `token`."""
        given = changed(locals())
        parts = {"scheme": self.scheme, "parameters": self._parameters(), "token": self.token}
        return self._again(type(self), parts, given)

    def _key(self) -> Any:
        return self.scheme.lower(), self.token, _compared(self._parameters())


class Challenge(SchemeValue):
    """A challenge: WWW-Authenticate (RFC 3261 20.44) or Proxy-Authenticate (RFC 3261 20.27).

    >>> challenge = Challenge.parse('Digest realm="example.com", nonce="84a4cc6f", qop="auth"')
    >>> challenge.scheme, challenge.realm, challenge.qop
    ('Digest', 'example.com', ('auth',))
    """

    __slots__ = ()

    _bare = frozenset({"algorithm", "stale", "userhash", "charset"})

    @classmethod
    def digest(
        cls,
        realm: str,
        *,
        nonce: str,
        algorithm: str | None = "SHA-256",
        qop: Iterable[str] = ("auth",),
        opaque: str | None = None,
        stale: bool = False,
        userhash: bool = False,
        domain: Iterable[str] = (),
        charset: str | None = None,
    ) -> Challenge:
        """Make a Digest challenge (RFC 7616 3.3); `sipfast.auth.Nonces` makes its `nonce`.

        Raises ValueError for an unknown algorithm or qop.
        """
        _known(algorithm)
        offered = tuple(qop)
        if not set(offered) <= set(_QOPS):
            raise ValueError(f"each qop is one of {', '.join(_QOPS)}, not {offered!r}")
        return cls(
            "Digest",
            _present(
                {
                    "realm": realm,
                    "domain": " ".join(domain) or None,
                    "nonce": nonce,
                    "opaque": opaque,
                    "stale": "true" if stale else None,
                    "algorithm": algorithm,
                    "qop": ",".join(offered) or None,
                    "charset": charset,
                    "userhash": "true" if userhash else None,
                }
            ),
        )

    @property
    def qop(self) -> tuple[str, ...]:
        """``qop``: the qualities of protection on offer, such as ``("auth", "auth-int")``."""
        pieces = (self._parameter("qop") or "").split(",")
        if len(pieces) == 1 and pieces[0]:
            pieces += _unquoted_qops(self)
        return tuple([qop for piece in pieces if (qop := piece.strip(" \t"))])

    @property
    def stale(self) -> bool:
        """``stale``: whether the credentials were refused only because the nonce had expired."""
        return _is_true(self._parameter("stale"))

    @property
    def domain(self) -> tuple[str, ...]:
        """``domain``: the URIs for which the credentials are valid; empty if absent."""
        return tuple((self._parameter("domain") or "").split())

    @property
    def charset(self) -> str | None:
        """``charset``: the encoding of hashed text, or None.  The only allowed value is UTF-8."""
        return self._parameter("charset")

    @property
    def authz_server(self) -> str | None:
        """``authz_server``: the server that issues Bearer tokens, or None (RFC 8898 4)."""
        return self._parameter("authz_server")

    @property
    def scope(self) -> tuple[str, ...]:
        """``scope``: the scopes that a Bearer token needs (RFC 6749 3.3); may be empty."""
        return tuple((self._parameter("scope") or "").split())

    @property
    def error(self) -> str | None:
        """``error``: why a Bearer token was refused, such as ``"invalid_token"``, or None."""
        return self._parameter("error")

    @property
    def aka(self) -> AkaNonce | None:
        """The decoded nonce of AKAv1-MD5 or AKAv2-MD5; None for any other algorithm.

        Raises `ParseError` if it is malformed.
        """
        nonce = self._parameter("nonce")
        if nonce is None or not (self._parameter("algorithm") or "").lower().startswith("akav"):
            return None
        try:
            return _late.nonces.AkaNonce.parse(nonce)
        except ValueError:
            self._raise("aka-nonce-malformed", self._parameter_at("nonce"))

    def answer(
        self,
        username: str,
        password: str | bytes | None,
        method: str,
        uri: Any,
        *,
        cnonce: str | None = None,
        nc: int = 1,
        qop: str | None = None,
        body: Any = b"",
        ha1: str | None = None,
    ) -> Credentials:
        """The credentials that answer this challenge (RFC 7616 3.4, RFC 3261 22.2).

        `uri` is the Request-URI and `body` the body of the request with the credentials.  `nc`
        counts the requests with this nonce.  The default `cnonce` is random.  The default `qop` is
        ``auth`` if offered, else ``auth-int`` if offered, else none (RFC 2069).  `ha1` replaces the
        password.

        Raises ValueError if the challenge cannot be answered: its scheme is not Digest, its realm
        or nonce is missing, or its algorithm or all of its qops are unknown.
        """
        realm, nonce = self.realm, self.nonce
        if not _is_digest(self) or realm is None or nonce is None:
            raise ValueError("the challenge must be Digest with a realm and a nonce")
        if not 0 < nc <= _MOST_NC:
            raise ValueError(f"nc must be from 1 to {_MOST_NC}")
        algorithm = _known(self.algorithm)
        qop = _one_qop(self.qop, qop)
        count = None if qop is None else f"{nc:08x}"
        if qop is None and not algorithm.is_session:
            cnonce = None
        elif cnonce is None:
            cnonce = _late.secrets.token_hex(16)
        _check_one(password, ha1)
        if ha1 is None:
            ha1 = algorithm.ha1(username, realm, password)
        parameters = _present(
            {
                "username": algorithm.hex(f"{username}:{realm}") if self.userhash else username,
                "realm": realm,
                "uri": str(uri),
                "algorithm": self.algorithm,
                "nonce": nonce,
                "nc": count,
                "cnonce": cnonce,
                "qop": qop,
                "opaque": self.opaque,
                "userhash": "true" if self.userhash else None,
            }
        )
        found = Credentials("Digest", parameters)._several(_HASHED)
        response = _response(found, algorithm, ha1, method, body)
        return Credentials("Digest", [*parameters, ("response", response)])


class Credentials(SchemeValue):
    """Credentials: Authorization (RFC 3261 20.7) or Proxy-Authorization (RFC 3261 20.28).

    >>> credentials = Credentials.parse('Digest username="bob", realm="example.com", nc=0000000a')
    >>> credentials.username, credentials.nc
    ('bob', 10)
    """

    __slots__ = ()

    _bare = frozenset({"algorithm", "qop", "nc", "userhash", "username*"})

    @property
    def username(self) -> str | None:
        """``username``, or ``username*`` decoded (RFC 8187), or None.  Raises `ParseError`.

        Once decoded, it may contain CR, LF and NUL.
        """
        username = self._parameter("username")
        return _extended(self, "username*") if username is None else username

    @property
    def uri(self) -> str | None:
        """``uri``: the Request-URI that was hashed, or None."""
        return self._parameter("uri")

    @property
    def response(self) -> str | None:
        """``response``: the hash in hexadecimal digits, or None."""
        return self._parameter("response")

    @property
    def cnonce(self) -> str | None:
        """``cnonce``: the client's nonce, or None."""
        return self._parameter("cnonce")

    @property
    def qop(self) -> str | None:
        """``qop``: the chosen quality of protection; None means the hash of RFC 2069."""
        return self._parameter("qop")

    @property
    def nc(self) -> int | None:
        """``nc``: the number of requests with this nonce so far, or None.  Raises `ParseError`."""
        return _nonce_count(self)

    def check(
        self,
        password: str | bytes | None = None,
        *,
        method: str,
        ha1: str | None = None,
        username: str | None = None,
        body: Any = b"",
    ) -> bool:
        """Whether the sender knows the password, or its `ha1`; compared in constant time.

        `method` and `body` are those of the request.  `username` is the owner of the password: if
        given, the credentials must name that user, in clear or by hash.  It is required for a
        hashed username, except with `ha1`.

        False for credentials that cannot be checked: another scheme, an unknown algorithm, a
        missing or malformed parameter, an ``nc`` other than eight hexadecimal digits.  The caller
        must check that realm, nonce, algorithm, qop and uri are the expected ones.  Raises
        TypeError unless exactly one of `password` and `ha1` is given.
        """
        found = self._several(_HASHED)
        expected = _expected(self, found, password, ha1, username, method, body)
        return expected is not None and found.same(RESPONSE, expected)

    def confirm(
        self,
        password: str | bytes | None = None,
        *,
        ha1: str | None = None,
        username: str | None = None,
        nextnonce: str | None = None,
        body: Any = b"",
    ) -> AuthenticationInfo:
        """The Authentication-Info for the response to a request with these (RFC 7616 3.5).

        It proves that the server knows the password, or its `ha1`; `body` is that of the response.
        Raises ValueError for credentials that cannot be checked.
        """
        rspauth = _rspauth(self, password, ha1, username, body)
        if rspauth is None:
            raise ValueError("these credentials cannot be confirmed")
        return AuthenticationInfo(
            _present(
                {
                    "nextnonce": nextnonce,
                    "qop": self.qop,
                    "rspauth": rspauth,
                    "cnonce": self.cnonce,
                    "nc": self._parameter("nc"),
                }
            )
        )


class AuthenticationInfo(Value):
    """Authentication-Info: the server's answer to valid credentials (RFC 3261 20.6).

    >>> AuthenticationInfo.parse('nextnonce="47364c23432d2e131a5fb210812c"').nextnonce
    '47364c23432d2e131a5fb210812c'
    """

    __slots__ = ()

    def __init__(self, parameters: Pairs) -> None:
        """Build one.  Raises ValueError unless parameter names are tokens."""
        check(locals())
        built = self._built(_listed(parameters, frozenset({"qop", "nc"})))
        self._become(built)

    def _read(self) -> Any:
        self._split_parameters(",")
        return self

    def _fault(self, code: str, at: int) -> ParseError:
        """A value of several header fields reports its faults in the field that has them."""
        return fault_among(self, code, at, len(", "))

    @property
    def nextnonce(self) -> str | None:
        """``nextnonce``: the nonce for the next request, or None."""
        return self._parameter("nextnonce")

    @property
    def qop(self) -> str | None:
        """``qop``: the quality of protection of the response, or None."""
        return self._parameter("qop")

    @property
    def rspauth(self) -> str | None:
        """``rspauth``: the server's hash in hexadecimal digits, or None."""
        return self._parameter("rspauth")

    @property
    def cnonce(self) -> str | None:
        """``cnonce``: the client's nonce, or None."""
        return self._parameter("cnonce")

    @property
    def nc(self) -> int | None:
        """``nc``: that of the request, or None.  Raises `ParseError`."""
        return _nonce_count(self)

    @property
    def parameters(self) -> Parameters:
        """All parameters as a mapping."""
        return Parameters(self)

    def check(
        self,
        credentials: Credentials,
        password: str | bytes | None = None,
        *,
        ha1: str | None = None,
        username: str | None = None,
        body: Any = b"",
    ) -> bool:
        """Whether ``rspauth`` proves that the server knows the password; compared in constant time.

        `credentials` are those of the request, `body` is that of the response; a hashed username
        needs `username` or `ha1`.  Raises TypeError as `Credentials.check` does.
        """
        if not isinstance(credentials, Credentials):
            kind = type(credentials).__name__
            raise TypeError(f"credentials must be Credentials, not {kind}")
        expected = _rspauth(credentials, password, ha1, username, body)
        return expected is not None and self._several(_RSPAUTH).same(0, expected)

    def replace(
        self,
        *,
        parameters: Pairs | EllipsisType = ...,
    ) -> AuthenticationInfo:
        """A copy with other `parameters`."""
        given = changed(locals())
        return AuthenticationInfo(**({"parameters": self._parameters()} | given))

    def _key(self) -> Any:
        return _compared(self._parameters())


def choose(
    challenges: Iterable[Challenge], algorithms: Iterable[str] | None = None
) -> Challenge | None:
    """Choose which of several challenges for one realm to answer; None if none can be answered.

    Without `algorithms`, the first one, which the server prefers (RFC 8760 2.4); AKA is skipped.
    With them, the one whose algorithm is earliest in `algorithms`: this order is yours, and an
    intermediary cannot change it by reordering the challenges.
    """
    found = [challenge for challenge in challenges if _is_answerable(challenge)]
    if algorithms is None:
        return next((one for one in found if not _algorithm(one).startswith("akav")), None)
    for algorithm in algorithms:
        for challenge in found:
            if _algorithm(challenge) == algorithm.lower():
                return challenge
    return None


# ---- hashes ----------------------------------------------------------------------------------


def _expected(
    credentials: Credentials,
    found: Found,
    password: Any,
    ha1: str | None,
    username: str | None,
    method: str,
    body: Any,
) -> str | None:
    """The expected ``response``; None if the credentials cannot be checked."""
    _check_one(password, ha1)
    algorithm = algorithm_named(found.text(ALGORITHM))
    if algorithm is None or not _is_digest(credentials):
        return None
    if username is not None and not _is_named(credentials, found, algorithm, username):
        return None
    if ha1 is None:
        a1 = _a1(credentials, found, username, password)
        if a1 is None:
            return None
        ha1 = algorithm.hex_of(a1)
    return _response(found, algorithm, ha1, method, body)


def _rspauth(
    credentials: Credentials, password: Any, ha1: str | None, username: str | None, body: Any
) -> str | None:
    """The expected ``rspauth``, which is hashed without a method (RFC 7616 3.5)."""
    found = credentials._several(_HASHED)
    return _expected(credentials, found, password, ha1, username, "", body)


def _response(found: Found, algorithm: Algorithm, ha1: str, method: str, body: Any) -> str | None:
    """``response``, or for an empty method ``rspauth`` (RFC 7616 3.4.1 and 3.5), or None.

    Values are hashed as written.  Without ``qop`` the hash is that of RFC 2069.
    """
    if algorithm.is_session:
        a1 = found.joined(ha1, NONCE, NONCE, found.text(CNONCE)) if found.has(CNONCE) else None
        if a1 is None:
            return None
        ha1 = algorithm.hex_of(a1)
    count = found.text(NC)
    if count is not None and (len(count) != 8 or count.strip(_HEXADECIMAL)):
        return None
    if not isinstance(method, str):  # None would drop it from the hashed text
        raise TypeError(f"method must be str, not {type(method).__name__}")
    last, after = NONCE, None
    if found.has(QOP):
        last = QOP
        if found.same(QOP, "auth-int"):
            after = algorithm.hex_of(body)
        elif not found.same(QOP, "auth"):
            return None
    a2 = found.joined(method, URI, URI, after)
    if a2 is None:
        return None
    all_of_it = found.joined(ha1, NONCE, last, algorithm.hex_of_a2(a2))
    return None if all_of_it is None else algorithm.hex_of(all_of_it)


def _a1(
    credentials: Credentials, found: Found, username: str | None, password: Any
) -> bytes | None:
    """The bytes whose hash is HA1; None if they are unknown."""
    if username is None:
        if found.same(USERHASH, "true"):
            return None
        if found.has(USERNAME):
            return found.joined(None, USERNAME, REALM, password)
        username = _username(credentials)
        if username is None:
            return None
    return found.joined(username, REALM, REALM, password)


def _is_named(credentials: Credentials, found: Found, algorithm: Algorithm, username: str) -> bool:
    """Whether the credentials name this user, in clear or by hash."""
    if found.same(USERHASH, "true"):
        user = found.joined(username, REALM, REALM, None)
        return user is not None and found.same(USERNAME, algorithm.hex_of(user))
    named = _username(credentials)
    return named is not None and _late.hmac.compare_digest(octets(named), octets(username))


def _username(credentials: Credentials) -> str | None:
    """The username, or None if it is malformed."""
    try:
        return credentials.username
    except ParseError:
        return None


def _check_one(password: Any, ha1: str | None) -> None:
    if (password is None) == (ha1 is None):
        raise TypeError("exactly one of password and ha1 is required")


def _known(name: str | None) -> Algorithm:
    algorithm = algorithm_named(name)
    if algorithm is None:
        raise ValueError(f"unknown algorithm {name!r}, or its hash is missing from this Python")
    return algorithm


def _one_qop(offered: tuple[str, ...], wanted: str | None) -> str | None:
    known = {qop.lower() for qop in offered}
    if wanted is None:
        if not offered:
            return None
        wanted = next((qop for qop in _QOPS if qop in known), None)
    if wanted not in _QOPS or wanted not in known:
        raise ValueError(f"unknown qop: {offered!r}")
    return wanted


def _is_digest(value: SchemeValue) -> bool:
    scheme = value._part(SCHEME) or ""
    return scheme == "Digest" or scheme.lower() == "digest"


def _algorithm(challenge: Challenge) -> str:
    return (challenge.algorithm or "MD5").lower()


def _is_answerable(challenge: Challenge) -> bool:
    """Whether `Challenge.answer` can answer it."""
    if not _is_digest(challenge) or challenge.realm is None or challenge.nonce is None:
        return False
    offered = challenge.qop
    usable = not offered or any(qop.lower() in _QOPS for qop in offered)
    return usable and algorithm_named(challenge.algorithm) is not None


# ---- parameters ------------------------------------------------------------------------------


def _unquoted_qops(challenge: Challenge) -> list[str]:
    """The further values of a ``qop`` without quotes, which look like parameters without values."""
    after = bytes(challenge)[challenge._parameter_at("qop") :].decode("utf-8", "surrogateescape")
    if after.partition("=")[2].lstrip(" \t").startswith('"'):
        return []
    found = []
    for piece in pieces_of(after, ",")[1:]:
        if not TOKEN.fullmatch(piece.strip(" \t")):
            break
        found.append(piece)
    return found


def _is_true(text: str | None) -> bool:
    return text is not None and text.lower() == "true"


def _nonce_count(value: Value) -> int | None:
    """``nc``: up to eight hexadecimal digits.  Raises `ParseError`."""
    text = value._parameter("nc")
    if text is None:
        return None
    if not _NONCE_COUNT.fullmatch(text):
        value._raise("nonce-count-malformed", value._parameter_at("nc"))
    return int(text, 16)


def _extended(value: Value, name: str) -> str | None:
    """A decoded extended parameter: charset, language, %HH (RFC 8187 3.2).  Raises `ParseError`."""
    text = value._parameter(name)
    if text is None:
        return None
    charset, _, rest = text.partition("'")
    _, mark, encoded = rest.partition("'")
    if mark and charset.lower() in ("utf-8", "iso-8859-1"):
        try:
            return _late.parse.unquote_to_bytes(octets(encoded)).decode(charset)
        except UnicodeDecodeError:
            pass
    return _malformed(value, name)


def _malformed(value: Value, name: str) -> NoReturn:
    value._raise("extended-value-malformed", value._parameter_at(name))


def _compared(pairs: list[tuple[str, str | None]]) -> frozenset[tuple[str, str | None]]:
    """Parameters as compared: hashes and nonces are case-sensitive."""
    found = []
    for written, value in pairs:
        name = written.lower()
        found.append((name, value.lower() if value and name in _IN_ANY_CASE else value))
    return frozenset(found)


def _present(pairs: Mapping[str, str | None]) -> list[tuple[str, str | None]]:
    return [(name, value) for name, value in pairs.items() if value is not None]


def _listed(parameters: Pairs, bare: frozenset[str]) -> str:
    """Parameters joined by commas; values of parameters in `bare` are unquoted if possible."""
    parts = []
    for name, value in free(parameters):
        if not TOKEN.fullmatch(name):
            raise ValueError(f"parameter names must be tokens, not {name!r} (RFC 3261 25.1)")
        if value is None:
            parts.append(name)
        elif name.lower() in bare and TOKEN.fullmatch(value):
            parts.append(f"{name}={value}")
        else:
            parts.append(f"{name}={quoted(value)}")
    return ", ".join(parts)
