"""Typical reads of an application: 19 typed properties, with sipfast and with sipmessage.

Both read the same, and their results are compared as plain values before timing.  sipfast reads the
parts of a value on access, sipmessage at once: `typed_reader` leaves most parts unread,
`every_part` reads all of them on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Parse = Callable[[bytes], Any]
Values = tuple[Any, ...]
"""The values read from one message, in the library's types, in the order of `typed_reader`."""

PROPERTIES = (
    *("via", "vias", "from_", "to", "contacts", "call_id", "cseq", "routes", "record_routes"),
    *("max_forwards", "content_type", "expires", "user_agent", "allow", "supported"),
    *("authorization", "proxy_authorization", "www_authenticate", "proxy_authenticate"),
)
"""The properties of a message, by sipfast's names."""

READS = "the 19 typed properties of benchmarks/typed.py"
"""The work of one call besides parsing, for tables."""


def typed_reader(parse: Parse) -> Callable[[bytes], Values]:
    """Return a function that parses with sipfast and reads the 19 properties."""

    def read(data: bytes) -> Values:
        message = parse(data)
        via, from_, to, cseq = message.via, message.from_, message.to, message.cseq
        return (
            via.branch,
            via.host,
            via.port,
            message.vias,
            from_.uri,
            from_.tag,
            to.uri,
            to.tag,
            message.contacts,
            message.call_id,
            cseq.number,
            cseq.method,
            message.routes,
            message.record_routes,
            message.max_forwards,
            message.content_type,
            message.expires,
            message.user_agent,
            message.allow,
            message.supported,
            message.authorization,
            message.proxy_authorization,
            message.www_authenticate,
            message.proxy_authenticate,
        )

    return read


def sipmessage_reader(parse: Parse) -> Callable[[bytes], Values]:
    """Return a function that parses with sipmessage and reads the same."""

    def read(data: bytes) -> Values:
        message = parse(data)
        vias = message.via
        via, from_, to, cseq = vias[0], message.from_address, message.to_address, message.cseq
        return (
            via.parameters.get("branch"),
            via.host,
            via.port,
            vias,
            from_.uri,
            from_.parameters.get("tag"),
            to.uri,
            to.parameters.get("tag"),
            message.contact,
            message.call_id,
            cseq.sequence,
            cseq.method,
            message.route,
            message.record_route,
            message.max_forwards,
            message.content_type,
            message.expires,
            message.user_agent,
            tokens(message.headers.getlist("Allow")),
            message.supported,
            message.authorization,
            message.proxy_authorization,
            message.www_authenticate,
            message.proxy_authenticate,
        )

    return read


def tokens(fields: Iterable[str]) -> list[str]:
    """Read Allow, for which sipmessage has no property, the way it reads Supported."""
    return [token.strip() for field in fields if field.strip() for token in field.split(",")]


# ---- every part of every value -------------------------------------------------------------------


def every_part(values: Values, request_uri: Any = None) -> Values:
    """Return the parts of the values of `typed_reader`, each value as a tuple of str and int.

    The Request-URI is last: sipmessage reads it during the parse.
    """
    (branch, host, port, vias, from_uri, from_tag, to_uri, to_tag, contacts, *rest) = values
    (call_id, number, method, routes, record_routes, forwards, content_type, *rest) = rest
    (expires, agent, allow, supported, *schemes) = rest
    return (
        *(branch, host, port, [_via(via) for via in vias]),
        *(_uri(from_uri), from_tag, _uri(to_uri), to_tag, [_address(each) for each in contacts]),
        *(call_id, number, method, [_address(each) for each in routes]),
        *([_address(each) for each in record_routes], forwards),
        None if content_type is None else _media_type(content_type),
        *(expires, None if agent is None else str(agent), allow, supported),
        *[[_scheme(each) for each in scheme] for scheme in schemes],
        None if request_uri is None else _uri(request_uri),
    )


def every_part_of_sipmessage(values: Values, request_uri: Any = None) -> Values:
    """Return the parts of the values of `sipmessage_reader`."""
    (branch, host, port, vias, from_uri, from_tag, to_uri, to_tag, contacts, *rest) = values
    (call_id, number, method, routes, record_routes, forwards, content_type, *rest) = rest
    (expires, agent, allow, supported, *schemes) = rest
    return (
        *(branch, host, port, [_via(via) for via in vias]),
        *(_their_uri(from_uri), from_tag, _their_uri(to_uri), to_tag),
        *([_their_address(each) for each in contacts], call_id, number, method),
        *(
            [_their_address(each) for each in routes],
            [_their_address(each) for each in record_routes],
        ),
        *(forwards, None if content_type is None else _their_media_type(content_type)),
        *(expires, agent, allow, supported),
        *[[] if scheme is None else [_scheme(scheme)] for scheme in schemes],
        None if request_uri is None else _their_uri(request_uri),
    )


def _uri(uri: Any) -> Values:
    if uri.scheme == "tel":
        return "tel", uri.number, tuple(uri.parameters.items())
    return uri.scheme, uri.user, uri.password, uri.host, uri.port, tuple(uri.parameters.items())


def _address(address: Any) -> Values:
    return address.display_name, _uri(address.uri), tuple(address.parameters.items())


def _via(via: Any) -> Values:
    return via.transport, via.host, via.port, tuple(via.parameters.items())


def _media_type(content_type: Any) -> Values:
    return content_type.media_type, tuple(content_type.parameters.items())


def _scheme(value: Any) -> Values:
    return value.scheme, tuple(value.parameters.items())


def _their_uri(uri: Any) -> Values:
    if uri.scheme == "tel":
        return "tel", uri.user, tuple(uri.parameters.items())
    return uri.scheme, uri.user, uri.password, uri.host, uri.port, tuple(uri.parameters.items())


def _their_address(address: Any) -> Values:
    return address.name, _their_uri(address.uri), tuple(address.parameters.items())


def _their_media_type(media_type: Any) -> Values:
    return media_type.mime_type, tuple(media_type.parameters.items())


# ---- plain values for comparison -----------------------------------------------------------------

KINDS = (
    *("word", "word", "word", "split"),
    *("one", "word", "one", "word"),
    *("addresses", "word", "word", "word"),
    *("addresses", "addresses", "word", "media type", "word", "word"),
    *("words", "words", "split", "split", "split", "split", "request uri"),
)
"""The names of the values of `every_part`."""


def plain(parts: Values) -> Values:
    """Return the result of `every_part`, of either library, in one comparable form.

    Parameters are sorted, and a missing value counts as empty.  sipmessage keeps the quotes of
    header field parameters, and the case of media types.
    """
    return tuple(_PLAIN[kind](part) for kind, part in zip(KINDS, parts, strict=True))


def _same(part: Any) -> Any:
    return part


def _sorted(part: Values) -> Values:
    *fixed, parameters = part
    pairs = ((name.lower(), _unquoted(value or "")) for name, value in parameters)
    return *fixed, tuple(sorted(pairs))


def _unquoted(text: str) -> str:
    return text.removeprefix('"').removesuffix('"')


def _plain_address(part: Values) -> Values:
    name, uri, parameters = part
    return _sorted((name or "", _sorted(uri), parameters))


def _plain_media_type(part: Values | None) -> Values | None:
    return part and _sorted((part[0].lower(), part[1]))


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "word": _same,
    "words": tuple,
    "one": _sorted,
    "split": lambda parts: tuple(map(_sorted, parts)),
    "addresses": lambda parts: tuple(map(_plain_address, parts)),
    "media type": _plain_media_type,
    "request uri": lambda part: part and _sorted(part),
}
