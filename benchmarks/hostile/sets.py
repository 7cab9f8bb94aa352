"""Sets of very many values of each class that differ in one place: hashes must not collide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sipfast._engine import Engine

from . import Case
from .texts import START, header_of, parse

# For each class, a text whose %d become numbers where values may differ.
DIFFERING = {
    "contacts": (
        *(b"<sip:a;x=%d>", b"<sip:a;transport=%d>", b"<sip:a;x%d>", b"<sip:%d@h>", b"<sip:h%d>"),
        *(
            b"<sip:a>;x=%d",
            b"<sip:a>;x%d",
            b"<sip:a>;tag=%d",
            b"<sip:a>;q=0.5;x=%d",
            b"<sip:h?a=%d>",
        ),
        *(
            b"<tel:%d>",
            b"<tel:1;x=%d>",
            b"<urn:a:b%d>",
            b"<http:%d>",
            b"<sip:a:%d@h>",
            b"<sip:[::%d]>",
        ),
        *(
            b"<sip:a %d>",
            b"<sip:a>;x=a %d",
            b'"%d" <sip:a>',
            b"<sip:a>;x=1;x=%d",
            b"<sip:a>;expires=%d",
        ),
    ),
    "vias": (
        *(b"SIP/2.0/UDP h;branch=%d", b"SIP/2.0/UDP h;x%d", b"SIP/2.0/UDP h%d", b"SIP/2.0/U%d h"),
        *(b"SIP/2.0/UDP [::%d]", b"SIP/2.%d/UDP h"),
    ),
    "routes": (b"<sip:a;x=%d>", b"<sip:a>;x=%d", b"<sip:a;lr;x%d>"),
    "diversion": (b"<sip:a>;counter=%d", b"<sip:a;x=%d>"),
    "history_info": (
        b"<sip:a>;index=1.%d",
        b"<sip:a;x=%d>;index=1",
        b"<sip:a?Reason=SIP%%3Bcause%%3D%d>",
    ),
    "remote_party_id": (b"<sip:a>;x=%d",),
    "call_info": (b"<http://h/%d>", b"<http://h/>;x=%d"),
    "reasons": (b"Q.850;cause=%d", b'Q.850;text="%d"', b"Q.850;x=%d", b"SIP;cause=200;x%d", b"x%d"),
    "warning": (b'399 h "%d"', b'399 h%d "a"'),
    "user_to_user": (b"56;x=%d", b"%d;encoding=x"),
    "resource_priority": (b"a.%d",),
    "security_client": (b"digest;x=%d", b"x%d", b"digest;q=0.1;x=%d"),
    "feature_caps": (b"*;x=%d", b"*;+x%d"),
    "accept_contact": (b"*;x=%d", b"*;+x%d"),
    "accept": (b"text/a%d", b"text/a;x=%d", b"text/a;q=0.1;x=%d"),
    "accept_encoding": (b"a%d", b"a;x=%d"),
    "recv_info": (b"a;x=%d", b"a%d"),
    "p_visited_network_id": (b"a;x=%d", b"a%d"),
    "p_access_network_info": (b"a;x=%d", b"a%d"),
}
# The same for fields with one value per message.
APART = {
    "content_type": (b"text/a;x=%d", b"text/a%d"),
    "content_disposition": (b"a;x=%d", b"a%d"),
    "event": (b"a;id=%d", b"a;x=%d"),
    "subscription_state": (b"active;expires=%d", b"active;x=%d", b"x%d"),
    "session_expires": (b"90;x=%d", b"%d"),
    "min_se": (b"90;x=%d",),
    "retry_after": (b"%d", b"1;x=%d", b"1 (%d)"),
    "timestamp": (b"%d", b"1 %d"),
    "replaces": (
        b"a@h;from-tag=%d;to-tag=1",
        b"a@h;from-tag=1;to-tag=%d",
        b"%d@h;from-tag=1;to-tag=1",
    ),
    "target_dialog": (b"a@h;local-tag=%d;remote-tag=1", b"a@h;local-tag=1;remote-tag=2;x=%d"),
    "cseq": (b"%d A", b"1 A%d"),
    "rack": (b"%d 1 A", b"1 %d A"),
    "session_id": (b"ab30317f1a784dc48ff824d0d3715d86;remote=%d", b"%032d"),
    "p_charging_vector": (b"icid-value=%d", b"icid-value=a;x=%d"),
    "p_charging_function_addresses": (b"ccf=%d", b"x=%d"),
    "user_agent": (b"a/%d", b"(%d)"),
    "answer_mode": (b"Auto;x%d", b"a%d"),
    "identity": (
        b"a.b.%d;info=<https://h>",
        b"a.b.c;info=<https://h/%d>",
        b"a.b.c;alg=%d",
        b"a.b.c;x=%d",
    ),
    "www_authenticate": (b"Digest a=%d", b'Digest realm="a",nonce="%d"', b"A %d", b"A%d b=c"),
    "authorization": (b"Digest a=%d", b'Digest username="a",nc=%d'),
    "authentication_info": (b'nextnonce="%d"', b"x=%d"),
    "p_served_user": (b"<sip:a>;x=%d",),
    "referred_by": (b"<sip:a>;x=%d", b"<sip:a;x=%d>"),
    "privacy": (b"x%d",),
}


def _list(name: bytes, piece: bytes) -> Callable[[int], bytes]:
    """A message with a list of distinct values."""
    width = len(piece) + 4

    def make(size: int) -> bytes:
        return (
            START
            + name
            + b": "
            + b",".join([piece % at for at in range(size // width)])
            + b"\r\n\r\n"
        )

    return make


def _texts(piece: bytes) -> Callable[[int], list[bytes]]:
    """Distinct texts."""
    return lambda size: [piece % at for at in range(size // (len(piece) + 4))]


def _set_of_list(attribute: str) -> Callable[[Engine, bytes], object]:
    return lambda engine, data: set(getattr(parse(engine, data), attribute))


def _set_of_texts(name: str, *, values: bool = False) -> Callable[[Engine, list[bytes]], object]:
    def run(engine: Engine, texts: list[bytes]) -> object:
        found: dict[Any, None] = {}
        for text in texts:
            read = engine.parse_header(name, text)
            found[read[0] if values and isinstance(read, tuple) else read] = None
        return found

    return run


def _messages(engine: Engine, texts: list[bytes]) -> object:
    return {engine.parse(text) for text in texts}


def _cases() -> Iterator[Case]:
    for attribute, pieces in DIFFERING.items():
        name = header_of(attribute)
        for piece in pieces:
            text = f"a set of {attribute}: {piece.decode()}"
            yield Case(text, _list(name.encode(), piece), _set_of_list(attribute))
    for attribute, pieces in APART.items():
        name = header_of(attribute)
        for piece in pieces:
            text = f"a dict by {attribute}: {piece.decode()}"
            yield Case(text, _texts(piece), _set_of_texts(name, values=True))
    yield Case("a set of messages", _texts(START + b"X: %d\r\n\r\n"), _messages)


CASES = list(_cases())
