"""URIs: sip and sips (RFC 3261 19.1), tel (RFC 3966), urn (RFC 8141), and any other, kept whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv6Address
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from sipfast.errors import ParseError
from sipfast.registry.header_names import HEADER_IDS

from ..building import digits, free, gathered
from ..octets import octets, unwritable
from ..parameters import Pairs, Parameters, agree, parameter_number
from ..value import Value
from ..wire.text import (
    HEADERS,
    HOST,
    OF_OTHER,
    OF_SIP,
    OF_SIPS,
    OF_TEL,
    OF_URN,
    PARAMETERS,
    PASSWORD,
    PORT,
    SCHEME,
    USER,
)

__all__ = ["URI", "URN", "SipURI", "TelURI", "same_host", "uri_in"]

# What stands unescaped in each part, besides letters and digits (RFC 3261 25.1).
_MARK = "-_.!~*'()"
_USER = _MARK + "&=+$,;?/"
_PASSWORD = _MARK + "&=+$,"
_PARAMETER = _MARK + "[]/:&+$"
_HEADER = _MARK + "[]/?:+$"

_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_RESERVED = ";/?:@&=+$,"
_SEPARATORS = str.maketrans("", "", "-.()")
_CONTEXT = "phone-context"
_MUST_MATCH = ("user", "ttl", "method", "maddr", "transport")


class URI(Value):
    """A URI of any scheme (RFC 3986 3); `URI.parse` gives the class that fits the scheme."""

    __slots__ = ()

    def _read(self) -> Any:
        scheme = self._split_uri()
        return self if scheme == OF_OTHER else self._as(_CLASSES[scheme])

    @property
    def scheme(self) -> str:
        """The scheme in lower case, such as ``"sip"``."""
        return (self._part(SCHEME) or "").lower()

    @property
    def user(self) -> str | None:
        """The user of a sip or sips URI, or None."""
        return None

    @property
    def host(self) -> str | None:
        """The host of a sip or sips URI; None of any other."""
        return None

    @property
    def port(self) -> int | None:
        """The port of a sip or sips URI, or None."""
        return None

    def matches(self, other: URI) -> bool:
        """Whether both identify the same resource, by the rules of their scheme.

        That is `==` but for sip and sips URIs.  Raises TypeError where `other` is no URI.
        """
        if not isinstance(other, URI):
            raise TypeError(f"a URI is matched with a URI, not with {type(other).__name__}")
        return self == other

    def _key(self) -> Any:
        return self.scheme, _rest(self)


class SipURI(URI):
    """A sip or sips URI (RFC 3261 19.1.1).  Text comes with each %HH read, once.

    So it may hold CR, LF and NUL, which constructors and `replace` escape again.

    >>> uri = SipURI.parse("sip:alice@example.com:5070;transport=tcp")
    >>> uri.user, uri.host, uri.port, uri.transport
    ('alice', 'example.com', 5070, 'tcp')
    >>> str(uri.replace(user="b b", port=None))
    'sip:b%20b@example.com;transport=tcp'
    """

    __slots__ = ()

    def __init__(
        self,
        host: str,
        user: str | None = None,
        *,
        scheme: str = "sip",
        password: str | None = None,
        port: int | None = None,
        parameters: Pairs = (),
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Build one, escaped as it must be.  Raises `ParseError` if a part cannot be written."""
        userinfo = ""
        if user is not None:
            secret = "" if password is None else ":" + _escaped(password, _PASSWORD)
            userinfo = f"{_escaped(user, _USER)}{secret}@"
        elif password is not None:
            raise ValueError("a password stands after a user")
        hostport = host if port is None else f"{host}:{digits(port)}"
        fields = "&".join(
            [f"{_escaped(name, _HEADER)}={_escaped(text, _HEADER)}" for name, text in headers]
        )
        fields = f"?{fields}" if fields else ""
        built = self._built(f"{scheme}:{userinfo}{hostport}{_parameters_text(parameters)}{fields}")
        if built.scheme != scheme.lower():
            built._fail("uri-scheme-unexpected", SCHEME)
        if built.host != host:
            built._fail("host-malformed", HOST)
        self._become(built)

    def _read(self) -> Any:
        scheme = self._split_uri()
        if scheme != OF_SIP and scheme != OF_SIPS:
            self._fail("uri-scheme-unexpected", SCHEME)
        return self

    @property
    def is_secure(self) -> bool:
        """Whether the scheme is sips (RFC 3261 26.2.2)."""
        return self.scheme == "sips"

    @property
    def user(self) -> str | None:
        """The user, or None.  CR, LF and NUL may stand in it."""
        return self._unescaped(USER)

    @property
    def password(self) -> str | None:
        """The password, or None; RFC 3261 19.1.1 recommends against it.

        CR, LF and NUL may stand in it.
        """
        return self._unescaped(PASSWORD)

    @property
    def host(self) -> str:
        """The host as it stands: a name, an IPv4 address, or an IPv6 address in brackets."""
        return self._part(HOST) or ""

    @property
    def port(self) -> int | None:
        """The port, or None."""
        return self._number(PORT, 65535) if self._has(PORT) else None

    @property
    def parameters(self) -> Parameters:
        """The uri-parameters, a mapping.  CR, LF and NUL may stand in names and values."""
        return Parameters(self)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The header fields that a request to this URI should have: names and values.

        CR, LF and NUL may stand in both: do not write them as they are.
        """
        text = self._part(HEADERS)
        if not text:
            return ()
        pairs = [piece.partition("=") for piece in text.split("&")]
        return tuple([(_read_escapes(name), _read_escapes(value)) for name, _, value in pairs])

    @property
    def lr(self) -> bool:
        """Whether this is a loose router (RFC 3261 19.1.1)."""
        return self._parameter("lr") is not None

    @property
    def transport(self) -> str | None:
        """The ``transport`` parameter in lower case, or None.  CR, LF and NUL may stand in it."""
        transport = self._parameter("transport")
        return transport and transport.lower()

    @property
    def maddr(self) -> str | None:
        """The ``maddr`` parameter: the address to send to instead of the host, or None.

        CR, LF and NUL may stand in it.
        """
        return self._parameter("maddr")

    @property
    def ttl(self) -> int | None:
        """The ``ttl`` parameter, 0 to 255, or None.  Raises `ParseError` if it is another text."""
        return parameter_number(self, "ttl", 255)

    @property
    def user_parameter(self) -> str | None:
        """The ``user`` parameter, such as ``"phone"``, in lower case; or None.

        CR, LF and NUL may stand in it.
        """
        kind = self._parameter("user")
        return kind and kind.lower()

    @property
    def method(self) -> str | None:
        """The ``method`` parameter, or None.  CR, LF and NUL may stand in it."""
        return self._parameter("method")

    @property
    def gr(self) -> str | None:
        """The ``gr`` parameter of a GRUU (RFC 5627): "" in a temporary one; None if it is none.

        CR, LF and NUL may stand in it.
        """
        return self._parameter("gr")

    @property
    def ob(self) -> bool:
        """Whether the ``ob`` parameter asks for the same flow (RFC 5626)."""
        return self._parameter("ob") is not None

    @property
    def telephone(self) -> TelURI | None:
        """The telephone number that the user is, or None (RFC 3261 19.1.6).

        That is one with ``user=phone``, or one that begins with + and a digit.  Raises `ParseError`
        where ``user=phone`` says so and it is none.
        """
        user = self._part(USER)
        is_phone = self.user_parameter == "phone"
        if user is None or not (is_phone or "+0" <= user[:2] <= "+9"):
            return None
        number, semicolon, parameters = user.partition(";")
        number = _read_escapes(number).replace(";", "%3B")
        try:
            telephone: TelURI = TelURI.parse(f"tel:{number}{semicolon}{parameters}")
        except ParseError:
            if is_phone:
                self._fail("tel-number-malformed", USER)
            return None
        return telephone

    def replace(self, **changes: Any) -> SipURI:
        """A copy with other parts, by the names that `SipURI` takes."""
        user, password = self._part(USER), self._part(PASSWORD)
        parts: dict[str, Any] = {
            "scheme": self.scheme,
            "user": None if user is None else _AsWritten(user),
            "password": None if password is None else _AsWritten(password),
            "host": self.host,
            "port": self.port,
            "parameters": _pairs(self._part(PARAMETERS), ";"),
            "headers": [(name, text or "") for name, text in _pairs(self._part(HEADERS), "&")],
        }
        again: SipURI = type(self)(**(parts | changes))
        return again

    def matches(self, other: URI) -> bool:
        """Whether both identify the same resource (RFC 3261 19.1.4).

        A parameter that only one of them has does not count, unless it is ``user``, ``ttl``,
        ``method``, ``maddr`` or ``transport``: so this is not transitive, and `==` is.
        """
        if not isinstance(other, SipURI):
            return URI.matches(self, other)
        if self._resource() != other._resource():
            return False
        mine, theirs = self._compared(), other._compared()
        if any(mine.get(name) != theirs.get(name) for name in _MUST_MATCH):
            return False
        return agree(mine, theirs)

    def _key(self) -> Any:
        return self._resource(), frozenset(self._compared().items())

    def _resource(self) -> Any:
        """All but the parameters, as it is compared (RFC 3261 19.1.4)."""
        return (
            self.scheme,
            _normal(self._part(USER)),
            _normal(self._part(PASSWORD)),
            same_host(self.host),
            self.port,
            frozenset(Counter([(_field(name), text) for name, text in self.headers]).items()),
        )

    def _compared(self) -> dict[str, str]:
        """The parameters by name, as they are compared; of several, the first counts."""
        found: dict[str, str] = {}
        for piece in (_normal(self._part(PARAMETERS)) or "").lower().split(";"):
            name, _, text = piece.partition("=")
            found.setdefault(name, text)
        return found


class TelURI(URI):
    """A telephone number (RFC 3966 3), global (``tel:+1-201-555-0123``) or local to a context.

    >>> TelURI.parse("tel:7042;phone-context=example.com").context
    'example.com'
    """

    __slots__ = ()

    def __init__(self, number: str, *, context: str | None = None, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` where a part cannot be written."""
        pairs = gathered(((_CONTEXT, context),), parameters)
        built = self._built(f"tel:{number}{_parameters_text(pairs)}")
        if built._part(HOST) != number:
            built._fail("tel-number-malformed", HOST)
        self._become(built)

    def _read(self) -> Any:
        if self._split_uri() != OF_TEL:
            self._fail("uri-scheme-unexpected", SCHEME)
        return self

    @property
    def number(self) -> str:
        """The number without visual separators, such as ``"+12015550123"``."""
        return (self._part(HOST) or "").translate(_SEPARATORS)

    @property
    def is_global(self) -> bool:
        """Whether the number begins with + and a country code."""
        return (self._part(HOST) or "").startswith("+")

    @property
    def context(self) -> str | None:
        """``phone-context``: the domain or the prefix in which a local number is valid; or None.

        CR, LF and NUL may stand in it.
        """
        return self._parameter("phone-context")

    @property
    def extension(self) -> str | None:
        """``ext``: the extension behind the number, without visual separators; or None.

        Raises `ParseError` where it is more than digits and separators (RFC 3966 3).
        """
        extension = self._parameter("ext")
        if extension is None:
            return None
        if not _EXTENSION.fullmatch(extension):
            self._raise("tel-number-malformed", self._parameter_at("ext"))
        return extension.translate(_SEPARATORS)

    @property
    def subaddress(self) -> str | None:
        """``isub``: the ISDN subaddress, or None.  CR, LF and NUL may stand in it."""
        return self._parameter("isub")

    @property
    def parameters(self) -> Parameters:
        """The parameters, a mapping.  CR, LF and NUL may stand in names and values."""
        return Parameters(self)

    def replace(self, **changes: Any) -> TelURI:
        """A copy with other parts, by the names that `TelURI` takes."""
        pairs = _pairs(self._part(PARAMETERS), ";")
        parts = {
            "number": self._part(HOST),
            "context": self.context,
            "parameters": [pair for pair in pairs if _read_escapes(pair[0]).lower() != _CONTEXT],
        }
        again: TelURI = type(self)(**(parts | changes))
        return again

    def _key(self) -> Any:
        """RFC 3966 4: case, the order of parameters and visual separators do not count."""
        parameters = []
        for name, value in self._parameters():
            name, value = name.lower(), (value or "").lower()
            is_number = name == "ext" or (name == "phone-context" and value.startswith("+"))
            parameters.append((name, value.translate(_SEPARATORS) if is_number else value))
        return self.number.lower(), frozenset(parameters)


class URN(URI):
    """A URN (RFC 8141 2), such as ``urn:service:sos`` or ``urn:uuid:...``.

    >>> URN.parse("urn:service:sos.fire").namespace
    'service'
    """

    __slots__ = ()

    def __init__(self, namespace: str, specific: str) -> None:
        """Build one of a namespace identifier and what is in it, escaped already.

        Components (RFC 8141 2.3) may follow.  Raises `ParseError` where a part cannot be written.
        """
        if not isinstance(namespace, str) or not isinstance(specific, str):
            raise TypeError("the parts of a URN are str")
        text = f"urn:{namespace}:{specific}"
        built = self._built(text)
        if built.namespace != namespace.lower() or str(built) != text:
            built._fail("urn-malformed", HOST)
        self._become(built)

    def _read(self) -> Any:
        if self._split_uri() != OF_URN:
            self._fail("uri-scheme-unexpected", SCHEME)
        if not _URN.fullmatch(_rest(self)):
            self._fail("urn-malformed", HOST)
        return self

    @property
    def namespace(self) -> str:
        """The namespace identifier in lower case, such as ``"service"`` or ``"uuid"``."""
        return _rest(self).partition(":")[0].lower()

    @property
    def specific(self) -> str:
        """The namespace-specific string, without components after it."""
        return _COMPONENTS.split(_rest(self).partition(":")[2], maxsplit=1)[0]

    def replace(self, **changes: Any) -> URN:
        """A copy with another namespace, or with another specific string and no components."""
        namespace, _, specific = _rest(self).partition(":")
        again: URN = type(self)(**({"namespace": namespace, "specific": specific} | changes))
        return again

    def _key(self) -> Any:
        """RFC 8141 3: the case of the namespace and of %HH does not count, nor do components.

        A UUID and a service are compared in any case too (RFC 4122 3, RFC 5031 4.2).
        """
        specific = _ESCAPED.sub(_upper, self.specific)
        if self.namespace in ("uuid", "service"):
            specific = specific.lower()
        return self.namespace, specific


_EXTENSION = re.compile(r"[0-9().-]+")  # RFC 3966 3: 1*phonedigit
_PCHAR = "-A-Za-z0-9._~!$&'()*+,;=:@"


def _run(more: str) -> str:
    """Characters of a URN (RFC 3986 3.3: pchar) and more; of linear cost where they do not fit."""
    return f"[{_PCHAR}{more}]*(?:%[0-9A-Fa-f]{{2}}[{_PCHAR}{more}]*)*"


# RFC 8141 2.  What begins with ?+ or ?= is taken together: either may stand within the other.
_URN = re.compile(
    rf"[A-Za-z0-9][-A-Za-z0-9]{{0,30}}[A-Za-z0-9]:(?=[{_PCHAR}%]){_run('/')}"
    rf"(?:\?[+=](?=[{_PCHAR}%]){_run('/?')})?(?:#{_run('/?')})?"
)
_COMPONENTS = re.compile(r"\?[+=]|#")
_CLASSES: tuple[type[URI], ...] = (URI, SipURI, SipURI, TelURI, URN)


def uri_in(value: Value, part: int) -> URI:
    """The URI in a part of another value, of the class that its scheme asks for."""
    uri: URI = value._sub(part, _CLASSES[value._scheme(part)])
    return uri


def same_host(host: str) -> Any:
    """What hosts that are the same have in common: RFC 3261 19.1.4, RFC 5118 4.1 for IPv6."""
    if host.startswith("["):
        try:
            return IPv6Address(host.strip("[]"))
        except AddressValueError:
            pass
    return host.lower()


class _AsWritten(str):
    """Text that is escaped already."""

    __slots__ = ()


def _escaped(text: str, safe: str) -> str:
    """Text with %HH for what must not stand in a part as it is."""
    if isinstance(text, _AsWritten):
        return text
    try:
        return quote(text, safe=safe, errors="surrogateescape")
    except UnicodeEncodeError:  # what it is put into refuses the surrogate, and says where it is
        at = unwritable(text)
        return quote(text[:at], safe=safe, errors="surrogateescape") + text[at]


def _pairs(region: str | None, separator: str) -> list[tuple[str, str | None]]:
    """Names and values as they are written, None where there is no value."""
    pieces = [piece.partition("=") for piece in (region or "").split(separator) if piece]
    return [
        (_AsWritten(name), _AsWritten(text) if equals else None) for name, equals, text in pieces
    ]


def _field(name: str) -> str | int:
    """The name of a header field as it is compared: in any case, compact or not."""
    name = name.lower()
    return HEADER_IDS.get(name, name)


def _read_escapes(text: str) -> str:
    return unquote_to_bytes(octets(text)).decode("utf-8", "surrogateescape")


def _parameters_text(parameters: Pairs) -> str:
    """Parameters, each after its semicolon, with %HH where it must be."""
    parts = []
    for name, value in free(parameters):
        if not name and not isinstance(name, _AsWritten):
            raise ValueError("a parameter has a name")
        parts.append(";" + _escaped(name, _PARAMETER))
        if value:
            parts.append("=" + _escaped(value, _PARAMETER))
    return "".join(parts)


def _normal(text: str | None) -> str | None:
    """A user or password as it compares: a character equals its %HH, unless it is reserved."""
    return text if text is None or "%" not in text else _ESCAPED.sub(_unless_reserved, text)


def _unless_reserved(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return escape[0].upper() if character in _RESERVED or character > "\x7f" else character


def _upper(escape: re.Match[str]) -> str:
    return escape[0].upper()


def _rest(uri: Value) -> str:
    """All after the scheme and its colon."""
    return str(uri).partition(":")[2]
