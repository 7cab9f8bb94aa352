"""The gist of a message: who calls whom, at which addresses, for how long, with which media.

Malformed values are given as written. The texts are still unescaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ... import URI, Address, Media, Message, ParseError, Response, SipURI
from ..places import endpoint, place_of, user_and_host
from ..screen.words import Words

__all__ = ["answered", "facts", "parties"]

_MOST_CONTACTS = 3
_MOST_MEDIA = 8
_UNITS = (86400, 3600, 60, 1)


def parties(message: Message, words: Words) -> tuple[str, str]:
    """The sender of the request and its addressee."""
    return _party(message, "From", words), _party(message, "To", words)


def answered(response: Response) -> str:
    """The method that a response answers, or all of a malformed CSeq."""
    try:
        cseq = response.cseq
    except ParseError:
        return response.headers.get("CSeq") or ""
    return "" if cseq is None else str(cseq.method)


def facts(message: Message, words: Words) -> Iterator[tuple[str, str]]:
    """The addresses and times in the header fields, and the media in a session description.

    Each comes with its label.
    """
    for name, read in _READERS.items():
        text = message.headers.get(name)
        if text:
            try:
                yield name, read(message, words) or text
            except ParseError:
                yield name, text
    yield from _media(message, words)


# ---- addresses ----


def _party(message: Message, name: str, words: Words) -> str:
    try:
        address = message.from_ if name == "From" else message.to
        described = "" if address is None else _described(address, words)
    except ParseError:
        described = ""
    return described or message.headers.get(name) or "?"


def _described(address: Address, words: Words) -> str:
    """A display name, followed by the address unless that is the same."""
    uri, name = address.uri, address.display_name
    if _is_anonymous(uri):
        return words.anonymous
    place = place_of(uri)
    if not name or name in (place, uri.user):
        return place
    return f"{name} <{place}>"


def _is_anonymous(uri: URI) -> bool:
    """RFC 3323 4.1.1.3."""
    return isinstance(uri, SipURI) and uri.host.lower() == "anonymous.invalid"


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
        place = "*" if uri is None else user_and_host(uri)
        lasting = contact.expires
        if lasting is not None:
            place = words.parenthesis.format(place, _duration(lasting, words))
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
    units = (words.days, words.hours, words.minutes, words.seconds)
    for size, unit in zip(_UNITS, units, strict=True):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(unit(count))
    return " ".join(parts) or words.seconds(0)


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
    """The address, the direction and the codecs of media."""
    if media.port == 0:  # RFC 3264 5.1, 6
        yield words.unused
    else:
        connection = media.connection
        port = "?" if media.port is None else media.port
        yield f"{endpoint(connection.address if connection else '?', None)}:{port}"
        yield words.direction(media.direction)
    yield ", ".join([str(codec).partition(" ")[2] for codec in media.codecs]) or media.protocol


_READERS: dict[str, Callable[[Message, Words], str]] = {
    "Via": _via,
    "Contact": _contact,
    "Expires": _expires,
    "Session-Expires": _session_expires,
    "Date": _date,
}
