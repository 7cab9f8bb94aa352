"""Calls for the tests of ladders: captures made by hand, and texts that must not take effect."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from capture_files import ethernet, ipv4, pcap_header, pcap_record, udp
from command import message

import sipfast

ALICE, PROXY, BOB = ("192.0.2.1", 5060), ("192.0.2.2", 5060), ("192.0.2.3", 5062)
Place = tuple[str, int]

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 8\r\n"
)
HELD = SDP + b"a=sendonly\r\n"

#: Texts that a terminal, a page, a picture or a diagram would act on.
HOSTILE = (
    "\x1b[31m\x07\x9b \u202e\u2066\ufeff \udcff \ufffe ]]> <script>alert(1)</script> "
    "\"><img src=x onerror=alert(1)> & &lt; ' or 1=1 -- =cmd|calc @SUM(1) ../../etc/passwd "
    "%% `x` end; #35; ->> :: {{7*7}} ${x} </style></title><!-- [red]b[/red]"
)
#: Characters that are in no text that was made of it.
UNSEEN = set(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0xFEFF, 0xFFFE])) | set(
    map(chr, range(0xD800, 0xE000))
)


def sip(
    start: str,
    cseq: str = "1 INVITE",
    *extra: str,
    call_id: str = "a@x",
    branch: str = "z9hG4bK1",
    body: bytes = b"",
) -> bytes:
    """A message of a call."""
    is_response = start.startswith("SIP/")
    is_later = is_response or start.startswith(("BYE", "NOTIFY"))
    return message(
        start,
        f"Via: SIP/2.0/UDP 192.0.2.1;branch={branch}",
        *([] if is_response else ["Max-Forwards: 70"]),
        "From: <sip:alice@example.org>;tag=1",
        f"To: <sip:bob@example.com>{';tag=2' if is_later else ''}",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq}",
        "Contact: <sip:c@192.0.2.1>",
        *extra,
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}",
        body=body,
    )


def packet(source: Place, destination: Place, payload: bytes) -> bytes:
    datagram = udp(payload, source[1], destination[1])
    return ethernet(ipv4(datagram, source=source[0], destination=destination[0]))


def capture(*steps: tuple[float, Place, Place, bytes]) -> bytes:
    """A pcap file of datagrams, each with its time in seconds."""
    records = []
    for time, source, destination, payload in steps:
        micros = round(time * 1_000_000)
        data = packet(source, destination, payload)
        records.append(pcap_record(data, seconds=micros // 1_000_000, fraction=micros % 1_000_000))
    return pcap_header() + b"".join(records)


INVITE = "INVITE sip:bob@example.com SIP/2.0"
CALL = capture(
    (0.0, ALICE, PROXY, sip(INVITE, body=SDP)),
    (0.5, ALICE, PROXY, sip(INVITE, body=SDP)),
    (0.501, ALICE, PROXY, sip(INVITE, body=SDP)),
    (0.6, PROXY, BOB, sip(INVITE, branch="z9hG4bK2", body=SDP)),
    (0.7, BOB, PROXY, sip("SIP/2.0 183 Session Progress", branch="z9hG4bK2", body=HELD)),
    (0.8, PROXY, ALICE, sip("SIP/2.0 302 Moved Temporarily")),
    (1.0, ALICE, BOB, sip("BYE sip:bob@example.com SIP/2.0", "2 BYE", branch="z9hG4bK3")),
    (1.1, BOB, ALICE, sip("SIP/2.0 200 OK", "2 BYE", branch="z9hG4bK3")),
    (1.2, ALICE, PROXY, sip("NOTIFY sip:b@h SIP/2.0", "x NOTIFY", branch="z9hG4bK4")),
)


def call_of(data: bytes | Path = CALL, call_id: str = "a@x") -> sipfast.Call:
    return sipfast.read_calls(data, [call_id])[call_id]


def hostile_call() -> sipfast.Call:
    """A call whose every text is hostile."""
    text = HOSTILE
    start = f"INVITE sip:{text} SIP/2.0"
    odd = (f"X-{text}", f"Subject: {text}", f"User-Agent: {text}")
    data = capture(
        (
            0.0,
            ALICE,
            PROXY,
            sip(
                start, f"1 {text}", *odd, call_id=text, body=text.encode("utf-8", "surrogateescape")
            ),
        ),
        (0.1, PROXY, ALICE, sip(f"SIP/2.0 486 {text}", f"1 {text}", *odd, call_id=text)),
        (
            0.2,
            PROXY,
            ALICE,
            sip("SIP/2.0 200 OK", "1 INVITE", 'To: "x', call_id=text, body=b"\0\1<b>"),
        ),
    )
    (call,) = calls_of(data).values()
    return call


def calls_of(source: object) -> dict[str, sipfast.Call]:
    """All calls of a source."""
    ids: dict[str, None] = {}
    with sipfast.open(source) as opened:  # type: ignore[arg-type]
        for record in opened:
            try:
                found = sipfast.parse(record.data, lenient=True).call_id
            except sipfast.ParseError:
                continue
            if found is not None:
                ids[found] = None
    return sipfast.read_calls(source, ids)  # type: ignore[arg-type]


ELEMENTS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "div",
        "section",
        "nav",
        "a",
        "script",
    ),
    *(
        "h2",
        "p",
        "ul",
        "li",
        "b",
        "table",
        "tbody",
        "thead",
        "th",
        "tr",
        "td",
        "code",
        "pre",
        "span",
        "mark",
    ),
    *("svg", "desc", "rect", "line", "path", "circle", "g", "text"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "draggable"),
    *(
        "title",
        "viewbox",
        "width",
        "height",
        "role",
        "aria-label",
        "x",
        "y",
        "rx",
        "xmlns",
        "xml:space",
    ),
    *("x1", "x2", "y1", "y2", "d", "cx", "cy", "r"),
}
VOID = {"meta"}


class Page(HTMLParser):
    """The elements of a page, which are closed in their order, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, tag
        assert {name for name, _ in attrs} <= ATTRIBUTES, attrs
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]
