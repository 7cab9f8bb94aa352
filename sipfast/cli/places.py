"""Where a party is: its number, user and host, address and port. The texts are unescaped."""

from __future__ import annotations

from .. import URI, ParseError, SipURI, TelURI

__all__ = ["endpoint", "place_of", "user_and_host"]


def place_of(uri: URI) -> str:
    """The telephone number of a URI, or else its user and host."""
    return _telephone(uri) or user_and_host(uri)


def _telephone(uri: URI) -> str:
    """The number of a tel URI, or of a telephone subscriber in a SIP URI (RFC 3261 19.1.6)."""
    try:
        number = uri.telephone if isinstance(uri, SipURI) else uri
    except ParseError:
        return ""
    return number.number if isinstance(number, TelURI) else ""


def user_and_host(uri: URI) -> str:
    """User and host, or the whole URI of another scheme."""
    if not isinstance(uri, SipURI):
        return str(uri)
    scheme = "sips:" if uri.is_secure else ""
    user = "" if uri.user is None else f"{uri.user}@"
    return f"{scheme}{user}{endpoint(uri.host, uri.port)}"


def endpoint(address: str | None, port: int | None) -> str:
    """Address and port, with brackets around an IPv6 address."""
    place = f"[{address}]" if address and ":" in address and address[0] != "[" else str(address)
    return place if port is None else f"{place}:{port}"
