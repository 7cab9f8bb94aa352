"""`Hop`: one element on the path of messages, as it writes and recognises itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sipfast import _late

from ..values.via import Via

__all__ = ["Hop"]

_LEAST_SECRET = 16
"""The least size of a secret, in bytes."""
_OF_SIPS = {"TLS": "", "WSS": ";transport=ws"}
"""How a sips URI says that it has a transport."""


class Hop:
    """This element, such as a proxy, at one address and transport.

    `host`, `port` and `transport` are those of its Via and its Record-Route; without a port, the
    default of the transport is meant.  `secret` is at least 16 random bytes, the same in all
    processes that serve the address: it signs what the element writes, so that it trusts nothing
    else.  `supported` are the option tags of Proxy-Require that it understands.

    >>> import sipfast
    >>> hop = sipfast.Hop("192.0.2.1", 5060, secret=bytes(range(16)))
    >>> hop.sent_by, hop.transport
    ('192.0.2.1:5060', 'UDP')
    """

    __slots__ = (
        *("_host", "_port", "_transport", "_sent_by", "_supported", "_name", "_number"),
        "_transport_name",
        *("_value", "_branch_key", "_dialog_key", "_loop_key", "_via"),
        *("_record_route", "_secure_route"),
    )

    _host: str
    _port: int | None
    _transport: str
    _sent_by: str
    _supported: frozenset[str]
    _name: str
    """The host in lower case."""
    _transport_name: str
    """The transport in lower case."""
    _number: int
    """The port, or -1."""
    _branch_key: bytes
    _dialog_key: bytes
    _loop_key: bytes
    _via: bytes
    """A Via up to the branch's MAC."""
    _value: bytes
    """The same without the name of the field."""
    _record_route: bytes
    """A Record-Route up to its MAC."""
    _secure_route: bytes
    """The same for a request to a sips URI, if the transport is secure (RFC 3261 16.6 step 4)."""

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        transport: str = "UDP",
        secret: bytes,
        supported: Iterable[str] = (),
    ) -> None:
        if self._is_made():
            raise TypeError("Hop is immutable")
        via = Via(host, port, transport=transport)
        if via.port == 0:
            raise ValueError("the port of a Hop must be from 1 to 65535, not 0")
        if type(secret) is not bytes:
            raise TypeError(f"secret must be bytes, not {type(secret).__name__}")
        if len(secret) < _LEAST_SECRET:
            raise ValueError(f"secret has at least {_LEAST_SECRET} bytes")
        if isinstance(supported, str):
            raise TypeError("supported must be several option tags, not str")
        self._host, self._port, self._transport = via.host, via.port, via.transport.upper()
        self._sent_by = via.sent_by
        self._supported = frozenset([_tag(tag) for tag in supported])
        self._name = via.host.lower()
        self._transport_name = via.transport.lower()
        self._number = -1 if via.port is None else via.port
        self._branch_key = _derived(secret, b"sipfast branch")
        self._dialog_key = _derived(secret, b"sipfast dialog")
        self._loop_key = _derived(secret, b"sipfast loop")
        of_uri = "" if self._transport == "UDP" else f";transport={self._transport_name}"
        self._record_route = f"Record-Route: <sip:{self._sent_by}{of_uri};lr;mac=".encode()
        self._secure_route = self._record_route
        if self._transport in _OF_SIPS:
            of_uri = _OF_SIPS[self._transport]
            self._secure_route = f"Record-Route: <sips:{self._sent_by}{of_uri};lr;mac=".encode()
        self._value = f"SIP/2.0/{self._transport} {self._sent_by};branch=z9hG4bK".encode()
        self._via = b"Via: " + self._value

    @property
    def host(self) -> str:
        """The host of its sent-by; an IPv6 address is in brackets."""
        return self._host

    @property
    def port(self) -> int | None:
        """The port of its sent-by, or None."""
        return self._port

    @property
    def transport(self) -> str:
        """The transport, in upper case."""
        return self._transport

    @property
    def sent_by(self) -> str:
        """Host and port, as in a Via."""
        return self._sent_by

    @property
    def supported(self) -> frozenset[str]:
        """The option tags that it understands, in lower case."""
        return self._supported

    def _is_made(self) -> bool:
        """Whether it was initialised."""
        try:
            via: bytes | None = self._via
        except AttributeError:  # the interpreter raises this for an empty slot
            return False
        return via is not None

    def __reduce__(self) -> Any:
        raise TypeError("a Hop holds a secret, and is not pickled")

    def __repr__(self) -> str:
        return f"<Hop {self._transport} {self._sent_by}>" if self._is_made() else "<Hop>"


def _tag(tag: str) -> str:
    if not isinstance(tag, str):
        raise TypeError(f"supported must be option tags, not {type(tag).__name__}")
    return str.lower(tag)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    """A key for one purpose."""
    key: bytes = _late.hashlib.blake2b(secret, digest_size=16, person=purpose).digest()
    return key
