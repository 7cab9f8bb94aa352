"""Requests for proxies: those of `bench_data`, and odd ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forwarding import Element
from hypothesis import strategies as st

import bench_data.corpus
from sipfast import ParseError
from sipfast._engine import Engine

ROOT = Path(__file__).parents[1]
ELEMENT = Element()
TARGETS = (
    "sip:bob@192.0.2.30:5062",
    "sips:bob@[2001:db8::30];transport=tcp;method=INVITE;x=1?Subject=hello&Route=%3Csip:a%3E",
    "sip:a?b@c;method=BYE",
    "tel:+1-201-555-0123",
)


def corpus() -> list[bytes]:
    """The messages of bench_data."""
    found = [path.read_bytes() for path in sorted((ROOT / "bench_data/messages").rglob("*.sip"))]
    for path in sorted((ROOT / "bench_data/dialogues").glob("*.sip")):
        found += bench_data.corpus.load(path)
    return found + bench_data.corpus.load(ROOT / "bench_data" / "mixed.sip")[:500]


def requests(engine: Engine, found: list[bytes]) -> Iterator[Any]:
    for data in found:
        try:
            message = engine.parse(data)
        except ParseError:
            continue
        if isinstance(message, engine.Request):
            yield message


# ---- odd ones -----------------------------------------------------------------------------------

HOSTS = ("a.example.com", "192.0.2.77", "[2001:db8::1]", "192.0.2.9:5070", "proxy.example.net:5060")
PARAMETERS = (
    *(";branch=z9hG4bKa8", ";rport", ";received=203.0.113.9", ";rport=7", ";x", ' ;y="q;,>"'),
    *(";branch=old", ";maddr=224.2.0.1", "; ttl = 1", ";\r\n z", ";Branch=Z9HG4BKx;alias"),
    *(';branch="z9hG4bKq,x"', ";branch=", ";branch", "; branch =\tz9hG4bKsp", ";branch=z9hG4bK"),
    *(';received="1.2.3.4"', ";rport =7", ";rport=", ";x=<a,b>", ";branch.x=1", ";loop=0;conn=5"),
    *(";", ' ;z="a\\",b"', ";received=[2001:db8::9]", ";RPORT", ";x=\xe9"),
)
ADDRESSES = (
    *("<sip:a>;tag=1", "A <sip:a>;x;TAG=1", "<sip:a>", "sip:a;tag=1", "sip:a", "<sip:a> ; tag = 1"),
    *('"q>" <sip:a>;tag=1', '"<x>;tag=2" <sip:a>;tag=1', "<sip:a>;tag=1;tag=2", "<sip:a>;x;tag=2"),
    *(
        "<sip:a;tag=3>;tag=1",
        "<sip:a>\r\n ;tag=1",
        "<sip:a>;tag=",
        "<sip:a>;tag",
        "<sip:a>;tag=1;x",
    ),
    *(
        '<sip:a>;x=";tag=2";tag=1',
        "<sip:a>;tag=1 ",
        "A B\t<sip:a>;tag=1",
        "<>;tag=1",
    ),
    *(
        "<sip:a>;tags=2",
        "<sip:a>;tag=\xe91",
        "<sip:a?b=<c>;tag=1",
        "<<sip:a>;tag=1",
        "<sip:a>,;tag=1",
    ),
    *("<sip:a", "sip:a>;tag=1", "<sip:a>x;tag=1", "<sip:a>;tag=a,b", "<sip:a>;tag=1;"),
)
ROUTES = (
    *("<sip:proxy.example.net;lr>", "<sip:proxy.example.net:5060;lr;mac=0123456789abcdef>"),
    *("<sip:PROXY.example.NET:5060;lr>", "<sip:a@p1.example.com;lr>", '"A, B" <sip:p2;lr>;x="1,"'),
    *("<sip:strict.example.com>", "<sip:strict.example.com;method=X?a=b>;y", "<sips:p3;lr=on>"),
    *("<sip:proxy.example.net:5062;lr>", "<SIGNED>", "<SIGNED>", "<SIGNED;transport=TCP>"),
    *("<SIGNED;transport=tcp;x>", "<sip:proxy.example.net:5060;transport=tcp;lr;mac=0>"),
)
SIGNED = b"SIGNED"
"""What stands for a URI that the element has signed for the dialog."""


@st.composite
def vias(draw: Any) -> bytes:
    values = [
        f"SIP/2.0/{draw(st.sampled_from(('UDP', 'TCP', 'tls')))} {draw(st.sampled_from(HOSTS))}"
        + "".join(draw(st.lists(st.sampled_from(PARAMETERS), max_size=4)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    lines: bytes = draw(listed(values, ("Via", "v", "VIA ", "via\t")))
    return lines


@st.composite
def listed(draw: Any, values: list[str], names: tuple[str, ...]) -> bytes:
    """Values as lines, some of them in one."""
    lines: list[str] = []
    for value in values:
        if lines and draw(st.booleans()):
            lines[-1] += draw(st.sampled_from((",", ", ", " ,\r\n ", ",,"))) + value
        else:
            lines.append(
                f"{draw(st.sampled_from(names))}:{draw(st.sampled_from(('', '  ')))}{value}"
            )
    if draw(st.integers(0, 7)) == 0:
        lines[0] = lines[0].replace(":", ":,", 1)
    return "\r\n".join(lines).encode()


@st.composite
def odd_requests(draw: Any) -> bytes:
    """Requests with folds, compact forms, lists, LF, unknown fields, and what is missing."""
    routes = draw(st.lists(st.sampled_from(ROUTES), max_size=3))
    lines = [
        draw(vias()),
        *([draw(listed(routes, ("Route", "ROUTE", "route ")))] if routes else []),
        b"From: " + draw(st.sampled_from(ADDRESSES)).encode(),
        b"t:" + draw(st.sampled_from(ADDRESSES)).encode(),
        b"i: 77@h",
        b"CSeq:\r\n 4711\t OPTIONS",
    ]
    optional = (
        *(b"Max-Forwards: 70", b"max-forwards:  007 ", b"Max-Forwards: 1", b"Max-Forwards: 256"),
        *(b"Record-Route: <sip:r1;lr>", b"RECORD-ROUTE:<sip:r2>\r\n , <sip:r3;lr>", b"X-Odd:  y  "),
        *(
            b"s: \xff\xfe",
            b"Proxy-Require: none",
            b"l: 4",
            b"Content-Length:\r\n 4",
            b"c: text/plain",
        ),
    )
    lines += draw(st.lists(st.sampled_from(optional), unique_by=lambda line: line[:3].lower()))
    lines = draw(st.permutations(lines))
    uri = draw(
        st.sampled_from(("sip:b@example.com", "sip:p;maddr=PROXY.example.net;x", "tel:1", "SIGNED"))
    )
    start = f"{draw(st.sampled_from(('OPTIONS', 'INVITE', 'x')))} {uri} SIP/2.0".encode()
    data = b"\r\n".join([start, *lines, b"", b"v=0\n"])
    line_end = draw(st.sampled_from((b"\r\n", b"\n")))
    before = draw(st.sampled_from((b"", b"\r\n")))
    after = draw(st.sampled_from((b"", b"more")))
    return bytes(before + data.replace(b"\r\n", line_end) + after)


def signed(engine: Engine, data: bytes) -> bytes:
    if SIGNED not in data:
        return data
    return data.replace(SIGNED, ELEMENT.record_route(engine, "77@h", "1")[1:-1].encode())
