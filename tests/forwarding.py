"""Forwarding done by hand, by a draft and typed values: what `forward` must give, byte for byte.

It is slow and plain.  What only the element can know, the MACs, it takes as it finds them: those of
the branch from the result that it is compared with, that of a Record-Route from another request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from sipfast import ParseError
from sipfast._engine import Engine

SECRET = b"an element's secret, 32 bytes ..."
SOURCE = ("192.0.2.77", 40961)
OUR_VIA = re.compile(
    rb"SIP/2\.0/(?P<transport>\w+) (?P<sent_by>[^;]+)"
    rb";branch=z9hG4bK(?P<mac>[0-9a-f]{16})(?P<fork>-[0-9]+)?(?P<rest>\.[0-9a-f]{16})?"
    rb";loop=(?P<loop>[0-9a-f]{16})(?P<connection>;conn=[0-9]+)?"
)
"""The Via of an element, with a MAC in its branch."""


class Refused(Exception):
    """The code of the fault that `forward` must find."""


@dataclass(frozen=True)
class Element:
    """What a `Hop` is made of."""

    host: str = "proxy.example.net"
    port: int | None = 5060
    transport: str = "UDP"
    secret: bytes = SECRET
    supported: tuple[str, ...] = ()

    def hop(self, engine: Engine) -> Any:
        return hop_of(engine)(
            self.host,
            self.port,
            transport=self.transport,
            secret=self.secret,
            supported=self.supported,
        )

    @property
    def sent_by(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"

    def has(self, uri: Any) -> bool:
        """Whether a URI is this element's, host and port."""
        if uri.scheme not in ("sip", "sips"):
            return False
        return (uri.host.lower(), uri.port) == (self.host.lower(), self.port)

    def is_by(self, uri: Any) -> bool:
        """Whether a URI has the transport of this element."""
        if uri.is_secure:
            return {None: "TLS", "ws": "WSS"}.get(uri.transport) == self.transport
        return (uri.transport or "udp") == self.transport.lower()

    def record_route(self, engine: Engine, call_id: str, tag: str) -> str:
        """The Record-Route that this element puts into a request with this Call-ID and From tag."""
        data = (
            "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:a>;tag={tag}\r\nTo: <sip:b>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        ).encode()
        hop = self.hop(engine)
        request: Any = engine.parse(data)
        passed = engine.parse(
            request.forward("sip:a", via=hop, source=SOURCE, record_route=hop, trusted=True)
        )
        return str(passed.headers["Record-Route"])


def hop_of(engine: Engine) -> Any:
    return engine.module("message.hop").Hop


def forwarded_by_hand(
    engine: Engine,
    data: bytes,
    target: str | None,
    result: bytes | None,
    element: Element,
    *,
    source: tuple[Any, ...] = SOURCE,
    record_routed: bool = False,
    pair: tuple[Element, ...] = (),
    trusted: bool = False,
) -> bytes:
    """What an element makes of a request (RFC 3261 16.3 to 16.6); `result` has its MACs.

    `pair` are the elements of two Record-Routes (RFC 5658).

    Raises `Refused`, and `ParseError` as the draft and typed values do.
    """
    request: Any = engine.parse(data)
    _check(request, element)
    routes = list(request.routes)
    uri = request.uri if target is None else _readable_uri(request)
    known = (element, *pair)
    first = _owner(known, uri)
    of_strict_router = bool(routes) and first is not None and _signs(engine, first, request, uri)
    if of_strict_router:
        moved = routes.pop().uri
        target = str(_bare(moved)) if target is None else target
    else:
        first = None
    is_signed = of_strict_router
    own = 0
    for route in routes[: 1 if of_strict_router else 2]:
        owner = _owner(known, route.uri)
        is_second = first is not None and owner is not first
        if owner is None or (is_second and not owner.is_by(route.uri)) or (own and not is_second):
            break
        is_valid = _signs(engine, owner, request, route.uri)
        is_signed = is_signed and is_valid if is_second else is_signed or is_valid
        own, first = own + 1, owner
    del routes[:own]
    if not (is_signed or trusted) and (target is None or routes):
        raise Refused("route-unsigned")

    data = _with_source(engine.parse(data), source)
    if of_strict_router:
        data = _without_last_route(engine.parse(data))
    draft: Any = engine.parse(data).edit()
    if "Max-Forwards" in draft:
        draft["Max-Forwards"] = request.max_forwards - 1
    else:
        draft["Max-Forwards"] = 70
    for _ in range(own):
        draft.pop("Route")
    if target is not None:
        draft.uri = _bare(engine.module("values.uri").URI.parse(target))
    elif (getattr(uri, "maddr", None) or "").lower() == element.host.lower():
        draft.uri = _without_place(uri)
    if routes and not routes[0].uri.lr:
        draft.append("Route", f"<{draft.uri}>")
        draft.uri = _bare(routes[0].uri)
        draft.pop("Route")
    ours = OUR_VIA.search(result) if result else None
    if result is not None and record_routed:
        passed: Any = engine.parse(result)
        for route in reversed(passed.record_routes[: len(pair) or 1]):
            draft.push("Record-Route", str(route))
    draft.push("Via", ours[0] if ours else b"SIP/2.0/UDP x")
    if "Content-Length" not in draft:
        draft.append("Content-Length", len(request.body))
    return bytes(draft)


def _check(request: Any, element: Element) -> None:
    """What RFC 3261 16.3 has checked first."""
    if request.content_length is not None and request.content_length > len(request.body):
        raise Refused("body-too-short")
    header = bytes(request)[: request.body_offset - request.start]
    if 0 < header.count(b"\r\n") < header.count(b"\n"):
        raise Refused("line-ends-mixed")
    if any(name not in request.headers for name in ("From", "To", "Call-ID", "CSeq")):
        raise Refused("header-missing")
    _ = request.from_.tag, request.to.tag
    if not re.match(r"[0-9]+([ \t]|$)", request.headers["CSeq"]):
        raise Refused("cseq-malformed")
    hops = request.max_forwards
    if hops == 0:
        raise Refused("max-forwards-zero")
    if hops is not None and hops > 255:
        raise Refused("max-forwards-too-large")
    if request.via is None:
        raise Refused("via-malformed" if "Via" in request.headers else "header-missing")
    _ = request.vias
    known = {option.lower() for option in element.supported}
    if request.method not in ("ACK", "CANCEL") and any(
        option.lower() not in known for option in request.proxy_require
    ):
        raise Refused("extension-unsupported")


def _readable_uri(request: Any) -> Any:
    """The Request-URI; None if it is malformed, for it is replaced."""
    try:
        return request.uri
    except ParseError:
        return None


def _owner(known: tuple[Element, ...], uri: Any) -> Element | None:
    """The element of a URI: of several at its place, the first with its transport."""
    here = [one for one in known if uri is not None and one.has(uri)]
    return next((one for one in here if one.is_by(uri)), here[0] if here else None)


def _signs(engine: Engine, element: Element, request: Any, uri: Any) -> bool:
    """Whether a URI is the Record-Route of this element for the dialog of the request."""
    if not element.has(uri) or not request.call_id:
        return False
    tags = {request.from_ and request.from_.tag, request.to and request.to.tag} - {None, ""}
    mac = uri.parameters.get("mac")
    for tag in tags:
        route = engine.module("values.address").Address.parse(
            element.record_route(engine, request.call_id, tag)
        )
        if mac == route.uri.parameters["mac"]:
            return True
    return False


def _bare(uri: Any) -> Any:
    """A URI without what a Request-URI cannot have (RFC 3261 19.1.1)."""
    if uri.scheme not in ("sip", "sips"):
        return uri
    kept = [
        (name, value) for name, value in uri.parameters.items() if name.lower() not in ("method",)
    ]
    if len(kept) == len(uri.parameters) and not uri.headers:
        return uri
    return uri.replace(parameters=kept, headers=())


def _without_place(uri: Any) -> Any:
    """A Request-URI that named the element by its maddr (RFC 3261 16.4)."""
    kept = [
        (name, value)
        for name, value in uri.parameters.items()
        if name.lower() not in ("maddr", "transport")
    ]
    return uri.replace(port=None, parameters=kept)


# ---- on the bytes --------------------------------------------------------------------------------


_LWS = b" \t\r\n"


def _with_source(request: Any, source: tuple[Any, ...]) -> bytes:
    """The request with the address that it came from in its top Via (RFC 3261 18.2.1, RFC 3581)."""
    via, data = request.via, request.raw
    at, end = _first_value(request)
    head, *pieces = _split(data[at:end], b";")
    kept = [piece for piece in pieces if _name(piece) not in (b"received", b"rport")]
    address = _address(source[0])
    host = via.host_address
    added = b""
    if via.wants_rport or host is None or _address(host) != address:
        added = f";received={address}".encode()
    if via.wants_rport:
        added += b";rport=%d" % source[1]
    value: bytes = b";".join([head, *kept])
    if not added:
        value = value.rstrip(_LWS)
    return bytes(data[:at] + value + added + data[end:])


def _first_value(request: Any) -> tuple[int, int]:
    """Where the first Via value stands in the bytes of the message."""
    data = request.raw
    for span in request.headers.spans("Via"):
        start, stop = span.value.start - request.start, span.value.stop - request.start
        at = start
        for piece in _split(data[start:stop], b","):
            bare = piece.strip(_LWS)
            if bare:
                at += piece.index(bare)
                return at, at + len(bare)
            at += len(piece) + 1
    raise AssertionError("a message without a Via")


def _without_last_route(request: Any) -> bytes:
    data = request.raw
    for span in reversed(request.headers.spans("Route")):
        start, stop = span.value.start - request.start, span.value.stop - request.start
        pieces = _split(data[start:stop], b",")
        full = [at for at, piece in enumerate(pieces) if piece.strip(_LWS)]
        if len(full) > 1:
            kept = b",".join(pieces[: full[-2] + 1]).rstrip(_LWS)
            return bytes(data[:start] + kept + data[stop:])
        if full:
            line = span.line
            return bytes(data[: line.start - request.start] + data[line.stop - request.start :])
    raise AssertionError("a message without a Route")


def _split(text: bytes, mark: bytes) -> list[bytes]:
    """The pieces between marks outside of quotes and angle brackets."""
    pieces, begin, at = [], 0, 0
    quoted = bracketed = False
    while at < len(text):
        byte = text[at : at + 1]
        if quoted and byte == b"\\":
            at += 1
        elif byte == b'"' and not bracketed:
            quoted = not quoted
        elif not quoted and byte in b"<>":
            bracketed = byte == b"<"
        elif byte == mark and not quoted and not bracketed:
            pieces.append(text[begin:at])
            begin = at + 1
        at += 1
    return [*pieces, text[begin:]]


def _name(piece: bytes) -> bytes:
    return piece.partition(b"=")[0].strip(_LWS).lower()


def _address(host: str) -> Any:
    address = ip_address(host.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


__all__ = ["OUR_VIA", "SECRET", "SOURCE", "Element", "ParseError", "Refused", "forwarded_by_hand"]
