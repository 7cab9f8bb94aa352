"""The gist of a message: who calls whom, at which addresses, for how long, with which media.

What cannot be read stands as it was written.  Nothing here is fit for a terminal yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .... import URI, Address, Media, Message, ParseError, Response, SipURI, TelURI
from ...screen.words import Words

__all__ = ["answered", "endpoint", "facts", "parties"]

_MOST_CONTACTS = 3
_MOST_MEDIA = 8
_UNITS = (86400, 3600, 60, 1)


def parties(message: Message, words: Words) -> tuple[str, str]:
    """Who sends the request, or sent it, and to whom."""
    return _party(message, "From", words), _party(message, "To", words)


def answered(response: Response) -> str:
    """The method that a response answers, or all of CSeq where that cannot be read."""
    try:
        cseq = response.cseq
    except ParseError:
        return response.headers.get("CSeq") or ""
    return "" if cseq is None else str(cseq.method)


def facts(message: Message, words: Words) -> Iterator[tuple[str, str]]:
    """The addresses and times in the header fields, and the media in a session description.

    Each comes with the name of what says it.
    """
    for name, read in _READERS.items():
        text = message.headers.get(name)
        if text:
            try:
                yield name, read(message, words) or text
            except ParseError:
                yield name, text
    yield from _media(message, words)


def endpoint(address: str | None, port: int | None) -> str:
    """Address and port, with brackets around an IPv6 address."""
    place = f"[{address}]" if address and ":" in address and address[0] != "[" else str(address)
    return place if port is None else f"{place}:{port}"


# ---- addresses ----


def _party(message: Message, name: str, words: Words) -> str:
    try:
        address = message.from_ if name == "From" else message.to
        described = "" if address is None else _described(address, words)
    except ParseError:
        described = ""
    return described or message.headers.get(name) or "?"


def _described(address: Address, words: Words) -> str:
    """A display name, and behind it whose it is, unless that says the same."""
    uri, name = address.uri, address.display_name
    if _is_anonymous(uri):
        return words.anonymous
    place = _telephone(uri) or _place(uri)
    if not name or name in (place, uri.user):
        return place
    return f"{name} <{place}>"


def _is_anonymous(uri: URI) -> bool:
    """RFC 3323 4.1.1.3."""
    return isinstance(uri, SipURI) and uri.host.lower() == "anonymous.invalid"


def _telephone(uri: URI) -> str:
    """The number of a tel URI, or of a telephone subscriber behind a host (RFC 3261 19.1.6)."""
    try:
        number = uri.telephone if isinstance(uri, SipURI) else uri
    except ParseError:
        return ""
    return number.number if isinstance(number, TelURI) else ""


def _place(uri: URI) -> str:
    """User and host, or the whole URI where it is none of sip."""
    if not isinstance(uri, SipURI):
        return str(uri)
    scheme = "sips:" if uri.is_secure else ""
    user = "" if uri.user is None else f"{uri.user}@"
    return f"{scheme}{user}{endpoint(uri.host, uri.port)}"


def _via(message: Message, words: Words) -> str:
    via = message.via
    if via is None:
        return ""
    sent_by = f"{via.transport} {via.sent_by}"
    source = endpoint(via.received or via.host, via.rport)
    if source in (via.host, via.sent_by):
        return sent_by
    return f"{sent_by} · {words.received.format(source)}"


def _contact(message: Message, words: Words) -> str:
    contacts = message.contacts
    shown = []
    for contact in contacts[:_MOST_CONTACTS]:
        uri = contact.uri
        place = "*" if uri is None else _place(uri)
        lasting = contact.expires
        if lasting is not None:
            place += f" ({_duration(lasting, words)})"
        shown.append(place)
    if len(contacts) > _MOST_CONTACTS:
        shown.append(words.more.format(f"{len(contacts) - _MOST_CONTACTS:,}"))
    return ", ".join(shown)


# ---- times ----


def _expires(message: Message, words: Words) -> str:
    seconds = message.expires
    return "" if seconds is None else _duration(seconds, words)


def _session_expires(message: Message, words: Words) -> str:
    session = message.session_expires
    if session is None:
        return ""
    lasting = _duration(session.interval, words)
    if session.refresher not in ("uac", "uas"):
        return lasting
    return f"{lasting} · {words.refreshed.format(session.refresher.upper())}"


def _date(message: Message, words: Words) -> str:
    date = message.date
    return "" if date is None else f"{date.datetime:%Y-%m-%d %H:%M:%S} UTC"


def _duration(seconds: int, words: Words) -> str:
    """Seconds as days, hours, minutes and seconds."""
    parts = []
    for size, (one, several) in zip(_UNITS, words.units, strict=True):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append((one if count == 1 else several).format(f"{count:,}"))
    return " ".join(parts) or words.units[-1][1].format(0)


# ---- media ----


def _media(message: Message, words: Words) -> Iterator[tuple[str, str]]:
    try:
        sdp = message.sdp
    except ParseError:
        return
    media = () if sdp is None else sdp.media
    for stream in media[:_MOST_MEDIA]:
        yield stream.kind, " · ".join(_stream(stream, words))
    if len(media) > _MOST_MEDIA:
        yield "", words.more.format(f"{len(media) - _MOST_MEDIA:,}")


def _stream(media: Media, words: Words) -> Iterator[str]:
    """Where media goes, which way, and how it is coded."""
    if media.port == 0:  # RFC 3264 5.1, 6
        yield words.unused
    else:
        connection = media.connection
        port = "?" if media.port is None else media.port
        yield f"{endpoint(connection.address if connection else '?', None)}:{port}"
        yield words.directions[media.direction]
    yield ", ".join([str(codec).partition(" ")[2] for codec in media.codecs]) or media.protocol


_READERS: dict[str, Callable[[Message, Words], str]] = {
    "Via": _via,
    "Contact": _contact,
    "Expires": _expires,
    "Session-Expires": _session_expires,
    "Date": _date,
}
