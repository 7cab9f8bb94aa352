"""What an application reads of a message: 19 typed properties, from sipfast and from sipmessage.

Both are asked for the same; their answers are compared as plain values before they are timed.  The
comparison looks at every part of every value, the timing at what `typed_reader` names: sipfast
reads the parts of a value when they are asked for, sipmessage at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

Parse = Callable[[bytes], Any]
Values = tuple[Any, ...]
"""What was read of one message, of the library's own types, in the order of `KINDS`."""

PROPERTIES = (
    *("via", "vias", "from_", "to", "contacts", "call_id", "cseq", "routes", "record_routes"),
    *("max_forwards", "content_type", "expires", "user_agent", "allow", "supported"),
    *("authorization", "proxy_authorization", "www_authenticate", "proxy_authenticate"),
)
"""The properties of a message, by sipfast's names."""

PARTS = {
    "via": ("branch", "host", "port"),
    "from_": ("uri", "tag"),
    "to": ("uri", "tag"),
    "cseq": ("number", "method"),
}
"""What is read of their values."""

READS = "the 19 typed properties of benchmarks/typed.py"
"""What one call does besides parsing, to be read in a table."""

KINDS = (
    *("word", "word", "word", "vias"),
    *("uri", "word", "uri", "word"),
    *("addresses", "word", "word", "word"),
    *("addresses", "addresses", "word", "media type", "word", "text"),
    *("words", "words", "schemes", "schemes", "schemes", "schemes"),
)


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
    """Read Allow, for which sipmessage has no property, as it reads Supported."""
    return [token.strip() for field in fields if field.strip() for token in field.split(",")]


# ---- plain values, to be compared ----------------------------------------------------------------


def plain(values: Values) -> Values:
    """Return what sipfast read as str, int, None, and tuples of them."""
    return _plain(values, _OURS)


def plain_sipmessage(values: Values) -> Values:
    """Return what sipmessage read in the same way."""
    return _plain(values, _THEIRS)


def _plain(values: Values, by_kind: dict[str, Callable[[Any], Any]]) -> Values:
    return tuple(by_kind[kind](value) for kind, value in zip(KINDS, values, strict=True))


def _same(value: Any) -> Any:
    return value


def _each(read: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Values]:
    return lambda values: tuple(map(read, values))


def _if_there(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _parameters(pairs: Iterable[tuple[str, str | None]]) -> Values:
    return tuple(sorted((name.lower(), value or "") for name, value in pairs))


def _uri(uri: Any) -> Values:
    if uri.scheme == "tel":
        return "tel", uri.number, _parameters(uri.parameters.items())
    parts = uri.scheme, uri.user, uri.password, uri.host, uri.port
    return *parts, _parameters(uri.parameters.items())


def _address(address: Any) -> Values:
    name = address.display_name or ""
    return name, _uri(address.uri), _parameters(address.parameters.items())


def _via(via: Any) -> Values:
    return via.transport, via.host, via.port, _parameters(via.parameters.items())


def _media_type(content_type: Any) -> Values:
    return content_type.media_type, _parameters(content_type.parameters.items())


def _scheme(value: Any) -> Values:
    return value.scheme, _parameters(value.parameters.items())


_OURS: dict[str, Callable[[Any], Any]] = {
    "word": _same,
    "text": _if_there(str),
    "words": tuple,
    "uri": _uri,
    "vias": _each(_via),
    "addresses": _each(_address),
    "media type": _if_there(_media_type),
    "schemes": _each(_scheme),
}


def _bare(pairs: Iterable[tuple[str, str | None]]) -> Values:
    """sipmessage leaves the parameters of a header field in their quotes."""
    return _parameters(
        (name, value and value.removeprefix('"').removesuffix('"')) for name, value in pairs
    )


def _their_uri(uri: Any) -> Values:
    if uri.scheme == "tel":
        return "tel", uri.user, _parameters(uri.parameters.items())
    parts = uri.scheme, uri.user, uri.password, uri.host, uri.port
    return *parts, _parameters(uri.parameters.items())


def _their_address(address: Any) -> Values:
    return address.name, _their_uri(address.uri), _bare(address.parameters.items())


def _their_via(via: Any) -> Values:
    return via.transport, via.host, via.port, _bare(via.parameters.items())


def _their_media_type(media_type: Any) -> Values:
    return media_type.mime_type.lower(), _bare(media_type.parameters.items())


def _their_scheme(value: Any) -> Values:
    return () if value is None else (_scheme(value),)


_THEIRS: dict[str, Callable[[Any], Any]] = {
    "word": _same,
    "text": _same,
    "words": tuple,
    "uri": _their_uri,
    "vias": _each(_their_via),
    "addresses": _each(_their_address),
    "media type": _if_there(_their_media_type),
    "schemes": _their_scheme,
}
