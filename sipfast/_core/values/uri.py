"""URIs: sip and sips (RFC 3261 19.1), tel (RFC 3966), urn (RFC 8141) and others, kept whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sipfast import _late
from sipfast.errors import ParseError
from sipfast.registry.header_names import HEADER_IDS

from ..building import changed, check, digits, free, gathered, pairs_of
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

if TYPE_CHECKING:
    from types import EllipsisType

__all__ = ["URI", "URN", "SipURI", "TelURI", "address_of", "read_escapes", "same_host", "uri_in"]

_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_RESERVED = ";/?:@&=+$,"
_SEPARATORS = str.maketrans("", "", "-.()")
_CONTEXT = "phone-context"
_MUST_MATCH = ("user", "ttl", "method", "maddr", "transport")


class URI(Value):
    """A URI of any scheme (RFC 3986 3); `URI.parse` returns the class for the scheme."""

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
        """The host of a sip or sips URI; None for any other."""
        return None

    @property
    def host_address(self) -> str | None:
        """The host of a sip or sips URI if it is an IP address, without brackets; else None."""
        return None

    @property
    def port(self) -> int | None:
        """The port of a sip or sips URI, or None."""
        return None

    def matches(self, other: URI) -> bool:
        """Whether both identify the same resource, by the rules of their scheme.

        This is `==` except for sip and sips URIs.  Raises TypeError unless `other` is a URI.
        """
        if not isinstance(other, URI):
            raise TypeError(f"other must be URI, not {type(other).__name__}")
        return self == other

    def _key(self) -> Any:
        return self.scheme, _rest(self)


class SipURI(URI):
    """A sip or sips URI (RFC 3261 19.1.1).  Texts have each %HH decoded, once.

    So they may contain CR, LF and NUL, which constructors and `replace` escape again.

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
        """Build one, escaped where needed.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        userinfo = ""
        if user is not None:
            secret = "" if password is None else ":" + _escaped(password, "password")
            userinfo = f"{_escaped(user, 'user')}{secret}@"
        elif password is not None:
            raise ValueError("a password requires a user")
        hostport = host if port is None else f"{host}:{digits(port)}"
        fields = "&".join(
            [
                f"{_escaped(name, 'header name')}={_escaped(text, 'header value')}"
                for name, text in pairs_of("headers", headers, (str,))
            ]
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
        """The user, or None.  May contain CR, LF and NUL."""
        return self._unescaped(USER)

    @property
    def password(self) -> str | None:
        """The password, or None; RFC 3261 19.1.1 recommends against it.

        May contain CR, LF and NUL.
        """
        return self._unescaped(PASSWORD)

    @property
    def host(self) -> str:
        """The host as written: a name, an IPv4 address, or an IPv6 address in brackets."""
        return self._part(HOST) or ""

    @property
    def host_address(self) -> str | None:
        """The IP address that the host is, as written but without brackets; None for a name."""
        return address_of(self._part(HOST) or "")

    @property
    def port(self) -> int | None:
        """The port, or None."""
        return self._number(PORT, 65535) if self._has(PORT) else None

    @property
    def parameters(self) -> Parameters:
        """The uri-parameters as a mapping.  Names and values may contain CR, LF and NUL."""
        return Parameters(self)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Names and values of the header fields for a request to this URI.

        Both may contain CR, LF and NUL: escape them before writing.
        """
        text = self._part(HEADERS)
        if not text:
            return ()
        pairs = [piece.partition("=") for piece in text.split("&")]
        return tuple([(read_escapes(name), read_escapes(value)) for name, _, value in pairs])

    @property
    def lr(self) -> bool:
        """Whether ``lr`` marks a loose router (RFC 3261 19.1.1)."""
        return self._parameter("lr") is not None

    @property
    def transport(self) -> str | None:
        """The ``transport`` parameter in lower case, or None.  May contain CR, LF and NUL."""
        transport = self._parameter("transport")
        return transport and transport.lower()

    @property
    def maddr(self) -> str | None:
        """The ``maddr`` parameter: the address to send to instead of the host, or None.

        May contain CR, LF and NUL.
        """
        return self._parameter("maddr")

    @property
    def ttl(self) -> int | None:
        """The ``ttl`` parameter, 0 to 255, or None.  Raises `ParseError` if it is malformed."""
        return parameter_number(self, "ttl", 255)

    @property
    def user_parameter(self) -> str | None:
        """The ``user`` parameter, such as ``"phone"``, in lower case, or None.

        May contain CR, LF and NUL.
        """
        kind = self._parameter("user")
        return kind and kind.lower()

    @property
    def method(self) -> str | None:
        """The ``method`` parameter, or None.  May contain CR, LF and NUL."""
        return self._parameter("method")

    @property
    def gr(self) -> str | None:
        """The ``gr`` parameter of a GRUU (RFC 5627): "" for a temporary one; None if absent.

        May contain CR, LF and NUL.
        """
        return self._parameter("gr")

    @property
    def ob(self) -> bool:
        """Whether the ``ob`` parameter asks for the same flow (RFC 5626)."""
        return self._parameter("ob") is not None

    @property
    def telephone(self) -> TelURI | None:
        """The user as a telephone number, or None (RFC 3261 19.1.6).

        It is one if there is ``user=phone``, or if it begins with + and a digit.  Raises
        `ParseError` if there is ``user=phone`` and the number is malformed.
        """
        user = self._part(USER)
        is_phone = self.user_parameter == "phone"
        if user is None or not (is_phone or "+0" <= user[:2] <= "+9"):
            return None
        number, semicolon, parameters = user.partition(";")
        number = read_escapes(number).replace(";", "%3B")
        try:
            telephone: TelURI = TelURI.parse(f"tel:{number}{semicolon}{parameters}")
        except ParseError:
            if is_phone:
                self._fail("tel-number-malformed", USER)
            return None
        return telephone

    def replace(
        self,
        *,
        host: str | EllipsisType = ...,
        user: str | EllipsisType | None = ...,
        scheme: str | EllipsisType = ...,
        password: str | EllipsisType | None = ...,
        port: int | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
        headers: Iterable[tuple[str, str]] | EllipsisType = ...,
    ) -> SipURI:
        """A copy with some arguments of `SipURI` replaced."""
        given = changed(locals())
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
        again: SipURI = self._again(type(self), parts, given)
        return again

    def matches(self, other: URI) -> bool:
        """Whether both identify the same resource (RFC 3261 19.1.4).

        A parameter in only one of the two is ignored, except ``user``, ``ttl``, ``method``,
        ``maddr`` and ``transport``: so this relation is not transitive, unlike `==`.
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
        """The URI without its parameters, as compared (RFC 3261 19.1.4)."""
        return (
            self.scheme,
            _normal(self._part(USER)),
            _normal(self._part(PASSWORD)),
            same_host(self.host),
            self.port,
            frozenset(Counter([(_field(name), text) for name, text in self.headers]).items()),
        )

    def _compared(self) -> dict[str, str]:
        """The parameters by name, as compared; of repeated ones, the first counts."""
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
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals(), number=str)
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
        """``phone-context``: the domain or prefix in which a local number is valid, or None.

        May contain CR, LF and NUL.
        """
        return self._parameter("phone-context")

    @property
    def extension(self) -> str | None:
        """``ext``: the extension, without visual separators, or None.

        Raises `ParseError` unless it is digits and separators (RFC 3966 3).
        """
        extension = self._parameter("ext")
        if extension is None:
            return None
        if not _EXTENSION.fullmatch(extension):
            self._raise("tel-number-malformed", self._parameter_at("ext"))
        return extension.translate(_SEPARATORS)

    @property
    def subaddress(self) -> str | None:
        """``isub``: the ISDN subaddress, or None.  May contain CR, LF and NUL."""
        return self._parameter("isub")

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping.  Names and values may contain CR, LF and NUL."""
        return Parameters(self)

    def replace(
        self,
        *,
        number: str | EllipsisType = ...,
        context: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> TelURI:
        """A copy with some arguments of `TelURI` replaced."""
        given = changed(locals())
        pairs = _pairs(self._part(PARAMETERS), ";")
        parts = {
            "number": self._part(HOST),
            "context": self.context,
            "parameters": [pair for pair in pairs if read_escapes(pair[0]).lower() != _CONTEXT],
        }
        again: TelURI = self._again(type(self), parts, given)
        return again

    def _key(self) -> Any:
        """RFC 3966 4: case, order of parameters and visual separators are ignored."""
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
        """Build one from a namespace identifier and a namespace-specific string, already escaped.

        Components (RFC 8141 2.3) may follow.  Raises `ParseError` if a part cannot be written.
        """
        check(locals())
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
        """The namespace-specific string, without components."""
        return _COMPONENTS.split(_rest(self).partition(":")[2], maxsplit=1)[0]

    def replace(
        self,
        *,
        namespace: str | EllipsisType = ...,
        specific: str | EllipsisType = ...,
    ) -> URN:
        """A copy with another namespace, or with another specific string and no components."""
        given = changed(locals())
        namespace, _, specific = _rest(self).partition(":")
        again: URN = self._again(type(self), {"namespace": namespace, "specific": specific}, given)
        return again

    def _key(self) -> Any:
        """RFC 8141 3: components, and the case of the namespace and of %HH, are ignored.

        So is the case of a UUID and of a service (RFC 4122 3, RFC 5031 4.2).
        """
        specific = _ESCAPED.sub(_upper, self.specific)
        if self.namespace in ("uuid", "service"):
            specific = specific.lower()
        return self.namespace, specific


_EXTENSION = re.compile(r"[0-9().-]+")  # RFC 3966 3: 1*phonedigit
_PCHAR = "-A-Za-z0-9._~!$&'()*+,;=:@"


def _run(more: str) -> str:
    """A pattern of URN characters (RFC 3986 3.3: pchar) and `more`, which fails in linear time."""
    return f"[{_PCHAR}{more}]*(?:%[0-9A-Fa-f]{{2}}[{_PCHAR}{more}]*)*"


# RFC 8141 2.  The components after ?+ and ?= match as one: each may contain the other's mark.
_URN = re.compile(
    rf"[A-Za-z0-9][-A-Za-z0-9]{{0,30}}[A-Za-z0-9]:(?=[{_PCHAR}%]){_run('/')}"
    rf"(?:\?[+=](?=[{_PCHAR}%]){_run('/?')})?(?:#{_run('/?')})?"
)
_COMPONENTS = re.compile(r"\?[+=]|#")
_CLASSES: tuple[type[URI], ...] = (URI, SipURI, SipURI, TelURI, URN)


def uri_in(value: Value, part: int) -> URI:
    """The URI in a part of another value, in the class for its scheme."""
    uri: URI = value._sub(part, _CLASSES[value._scheme(part)])
    return uri


def same_host(host: str) -> Any:
    """A key that equal hosts share (RFC 3261 19.1.4; RFC 5118 4.1 for IPv6)."""
    if host.startswith("["):
        try:
            return _late.ipaddress.IPv6Address(host.strip("[]"))
        except _late.ipaddress.AddressValueError:
            pass
    return host.lower()


def address_of(host: str) -> str | None:
    """A host that is an IP address, without brackets; else None."""
    is_bracketed = host.startswith("[")
    kind = _late.ipaddress.IPv6Address if is_bracketed else _late.ipaddress.IPv4Address
    address = host[1 : len(host) - 1] if is_bracketed else host
    try:
        kind(address)
    except _late.ipaddress.AddressValueError:
        return None
    return address


class _AsWritten(str):
    """Text that is already escaped."""

    __slots__ = ()


def _escaped(text: str, component: str) -> str:
    """Text with %HH for the characters that a component of a SIP URI cannot contain."""
    if isinstance(text, _AsWritten):
        return text
    safe = _late.uri_components.COMPONENTS["sip", component].marks
    try:
        return _late.parse.quote(text, safe=safe, errors="surrogateescape")
    except UnicodeEncodeError:  # the caller refuses the surrogate, with its place
        at = unwritable(text)
        return _late.parse.quote(text[:at], safe=safe, errors="surrogateescape") + text[at]


def _pairs(region: str | None, separator: str) -> list[tuple[str, str | None]]:
    """Names and values as written, with None for an absent value."""
    pieces = [piece.partition("=") for piece in (region or "").split(separator) if piece]
    return [
        (_AsWritten(name), _AsWritten(text) if equals else None) for name, equals, text in pieces
    ]


def _field(name: str) -> str | int:
    """The name of a header field as compared: in any case, long or compact."""
    name = name.lower()
    return HEADER_IDS.get(name, name)


def read_escapes(text: str) -> str:
    """Text with each %HH decoded, once."""
    if "%" not in text:
        return text
    return _late.parse.unquote_to_bytes(octets(text)).decode("utf-8", "surrogateescape")


def _parameters_text(parameters: Pairs) -> str:
    """Parameters, each after its semicolon, with %HH where needed."""
    parts = []
    for name, value in free(parameters):
        if not name and not isinstance(name, _AsWritten):
            raise ValueError("the name of a parameter must not be empty")
        parts.append(";" + _escaped(name, "parameter name"))
        if value:
            parts.append("=" + _escaped(value, "parameter value"))
    return "".join(parts)


def _normal(text: str | None) -> str | None:
    """A user or password as compared: a character equals its %HH unless it is reserved."""
    return text if text is None or "%" not in text else _ESCAPED.sub(_unless_reserved, text)


def _unless_reserved(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return escape[0].upper() if character in _RESERVED or character > "\x7f" else character


def _upper(escape: re.Match[str]) -> str:
    return escape[0].upper()


def _rest(uri: Value) -> str:
    """The text after the scheme and its colon."""
    return str(uri).partition(":")[2]
