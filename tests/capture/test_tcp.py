"""TCP segment by segment: what a connection holds, and what is counted of it."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import capture_files as made
import pytest
from capture_files import OPTIONS, ethernet, extension, ipv4, ipv6, tcp

import sipfast
from sipfast.capture import Record

SIP_TLS = b"\x17\x03\x03\x00\x40" + bytes(range(64))
GET = b"GET /index.html HTTP/1.1\r\nHost: example.com\r\n\r\n"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"
UPGRADE = (
    b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)
ACCEPT = b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-protocol: sip\r\n\r\n"
RINGING = b"SIP/2.0 180 Ringing\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
BODY = OPTIONS.replace(b"h: 0", b"h: 40") + b"v=0\r\n" * 8
FRAME = b"\x82\x7e" + len(OPTIONS).to_bytes(2, "big") + OPTIONS
TO_PORT, FROM_PORT = (40000, 5060), (5060, 40000)


class Read(NamedTuple):
    found: list[bytes]
    records: list[Record]
    skipped: Counter[str]


def read(*packets: bytes) -> Read:
    with sipfast.open(made.pcap(*packets)) as capture:
        records = list(capture)
    return Read([bytes(record.data) for record in records], records, capture.skipped)


def segment(
    payload: bytes = b"",
    source: int = 40000,
    destination: int = 5060,
    *,
    number: int = 1,
    flags: int = 0x18,
) -> bytes:
    content = tcp(payload, source, destination, flags=flags, number=number)
    if source < destination:
        return ethernet(ipv4(content, protocol=6, source="192.0.2.2", destination="192.0.2.1"))
    return ethernet(ipv4(content, protocol=6))


def talk(*turns: tuple[bytes, int, int]) -> list[bytes]:
    """The segments of a connection, each side with its sequence numbers."""
    number: dict[int, int] = {}
    packets = []
    for text, source, destination in turns:
        packets.append(segment(text, source, destination, number=number.get(source, 1)))
        number[source] = number.get(source, 1) + len(text)
    return packets


@pytest.mark.parametrize(
    ("turns", "found", "skipped"),
    [
        pytest.param([(OPTIONS, *TO_PORT)], [OPTIONS], {}, id="SIP"),
        pytest.param([(OPTIONS * 3, *TO_PORT)], [OPTIONS] * 3, {}, id="three"),
        pytest.param([(BODY + OPTIONS, *FROM_PORT)], [BODY, OPTIONS], {}, id="a body"),
        pytest.param([(OPTIONS, 40000, 5061)], [OPTIONS], {}, id="port 5061"),
        pytest.param([(OPTIONS, 40000, 8080)], [OPTIONS], {}, id="another port"),
        pytest.param(
            [(b"\r\n\r\n" + OPTIONS, 40000, 8080), (RINGING, 8080, 40000)],
            [OPTIONS, RINGING],
            {},
            id="both directions",
        ),
        pytest.param(
            [(b"Via: x\r\n", *TO_PORT)], [], {"SIP over TCP": 1}, id="the middle of a message"
        ),
        pytest.param(
            [(b"a=b\r\n\r\n", *TO_PORT), (OPTIONS, *TO_PORT)],
            [OPTIONS],
            {"SIP over TCP": 1},
            id="from the middle to the next",
        ),
        pytest.param([(b"Via: x\r\n", 40000, 8080)], [], {"tcp": 1}, id="text elsewhere"),
        pytest.param(
            [(b"a=b\r\n" + RINGING, 40000, 8080)],
            [RINGING],
            {"SIP over TCP": 1},
            id="from the middle, elsewhere",
        ),
        pytest.param([(SIP_TLS, 40000, 5061)], [], {"SIP over TLS": 1}, id="TLS"),
        pytest.param([(b"\xaa" * 9, 40000, 5061)], [], {"SIP over TLS": 1}, id="TLS, its middle"),
        pytest.param([(SIP_TLS, *TO_PORT)], [], {"SIP over TLS": 1}, id="TLS on port 5060"),
        pytest.param([(SIP_TLS, 40000, 443)] * 2, [], {"tcp": 2}, id="HTTPS"),
        pytest.param([(GET, 40000, 80), (HTML, 80, 40000)], [], {"tcp": 2}, id="HTTP"),
        pytest.param(
            [(GET, *TO_PORT), (HTML, *FROM_PORT), (b"</html>", *FROM_PORT)],
            [],
            {"tcp": 3},
            id="HTTP on a port of SIP, with all that follows",
        ),
        pytest.param(
            [(GET, *TO_PORT), (RINGING, *FROM_PORT)], [RINGING], {"tcp": 1}, id="answered with SIP"
        ),
        pytest.param(
            [(UPGRADE, 40000, 8443), (FRAME, 40000, 8443)], [OPTIONS], {}, id="WebSocket, asked for"
        ),
        pytest.param(
            [(GET, 40000, 80), (UPGRADE, 40000, 80), (FRAME, 40000, 80)],
            [OPTIONS],
            {"tcp": 1},
            id="WebSocket after HTTP",
        ),
        pytest.param(
            [(ACCEPT, 8080, 40000), (FRAME, 8080, 40000)], [OPTIONS], {}, id="WebSocket, accepted"
        ),
        pytest.param(
            [(UPGRADE.replace(b"sip", b"mqtt"), 40000, 80), (b"\x82\x03abc", 40000, 80)],
            [],
            {"tcp": 2},
            id="WebSocket for others",
        ),
        pytest.param([(FRAME, 8080, 40000)], [OPTIONS], {}, id="a frame of WebSocket"),
        pytest.param(
            [(UPGRADE + b"\x82\x04\r\n\r\n\x89\0", 40000, 80)],
            [],
            {"keep-alive": 1},
            id="keep-alive of WebSocket",
        ),
        pytest.param(
            [(UPGRADE, 40000, 80), (b"\xff" * 20, 40000, 80), (FRAME, 40000, 80)],
            [OPTIONS],
            {"SIP over WebSocket": 1},
            id="no frame of WebSocket",
        ),
        pytest.param(
            [(b"\r\n\r\n", *TO_PORT), (b"\0", *TO_PORT), (b"\r\n", *FROM_PORT)],
            [],
            {"keep-alive": 3},
            id="keep-alive",
        ),
        pytest.param([(b"\r\n\r\n", 40000, 80)], [], {"tcp": 1}, id="line ends elsewhere"),
        pytest.param(
            [(OPTIONS + b"junk\r\nmore\r\n" + OPTIONS, *TO_PORT)],
            [OPTIONS] * 2,
            {"SIP over TCP": 1},
            id="junk between",
        ),
        pytest.param(
            [(OPTIONS.replace(b"Content-Length: 0\r\n", b"") + RINGING, *TO_PORT)],
            [OPTIONS.replace(b"Content-Length: 0\r\n", b""), RINGING],
            {},
            id="no Content-Length",
        ),
        pytest.param(
            [(OPTIONS.replace(b"h: 0", b"h: x") + b"body" + b"\r\n" + RINGING, *TO_PORT)],
            [OPTIONS.replace(b"h: 0", b"h: x") + b"body\r\n", RINGING],
            {},
            id="malformed Content-Length",
        ),
        pytest.param(
            [(OPTIONS[:60] + b"\r\n" + RINGING, *TO_PORT)],
            [OPTIONS[:60] + b"\r\n", RINGING],
            {},
            id="a header without its end",
        ),
    ],
)
def test_turns(
    turns: list[tuple[bytes, int, int]], found: list[bytes], skipped: dict[str, int]
) -> None:
    done = read(*talk(*turns))
    assert done.found == found
    assert done.skipped == skipped
    assert not any(record.is_cut for record in done.records)
    # The same with the beginning of the connection, on both sides.
    syns = [segment(b"", *turn[1:], number=0, flags=2) for turn in dict.fromkeys(turns)]
    again = read(*syns, *talk(*turns))
    if "SIP over TCP" not in skipped and "elsewhere" not in str(skipped):
        assert again.found == found


@pytest.mark.parametrize("cut", range(1, len(BODY)))
def test_a_message_cut_anywhere(cut: int) -> None:
    for port in (5060, 8080):
        done = read(*talk((BODY[:cut], 40000, port), (BODY[cut:] + RINGING, 40000, port)))
        assert done.found == [BODY, RINGING]
        assert done.skipped == {}
        assert [record.packet for record in done.records] == [2, 2]
        assert done.records[0].offset == 24 + 16 + 54


def test_a_message_byte_by_byte() -> None:
    done = read(*talk(*((bytes([byte]), *TO_PORT) for byte in OPTIONS + BODY)))
    assert done.found == [OPTIONS, BODY]
    assert done.skipped == {}


def test_the_end_of_a_capture_cuts_a_message() -> None:
    for size in range(20, len(BODY)):
        done = read(segment(BODY[:size]))
        assert done.found == [BODY[:size]]
        assert [record.is_cut for record in done.records] == [True]


def test_a_connection_that_ends_cuts_a_message() -> None:
    size = len(BODY) - 5
    fin = segment(b"", number=1 + size, flags=0x11)
    done = read(segment(BODY[:size]), fin, segment(RINGING, *FROM_PORT))
    assert done.found == [BODY[:size], RINGING]
    assert [record.packet for record in done.records] == [2, 3]


def test_a_new_connection_between_the_same_ports() -> None:
    syn = segment(number=5000, flags=2)
    done = read(segment(BODY[:100]), syn, segment(OPTIONS, number=5001), syn)
    assert done.found == [BODY[:100], OPTIONS]
    assert done.skipped == {"tcp": 2}
    of_http = read(segment(GET), syn, segment(b"Via: x\r\n", number=5001))
    assert of_http.skipped == {"tcp": 2, "SIP over TCP": 1}


@pytest.mark.parametrize("step", [2**30, -(2**30), 2**31 - 1, -(2**25)])
def test_a_new_connection_whose_beginning_was_not_captured(step: int) -> None:
    number = 2**29
    done = read(
        segment(BODY[:100], number=number),
        segment(OPTIONS, number=number + step),
        segment(RINGING, number=number + step + len(OPTIONS)),
    )
    assert done.found == [BODY[:100], OPTIONS, RINGING]
    assert done.skipped == {}


def test_a_late_syn_belongs_to_its_connection() -> None:
    syn = segment(number=0, flags=2)
    done = read(segment(BODY[:100]), syn, segment(BODY[100:], number=101))
    assert done.found == [BODY]


def test_segments_cut_by_the_capture() -> None:
    first, second, third = talk((BODY, *TO_PORT), (OPTIONS, *TO_PORT), (RINGING, *TO_PORT))
    done = read(first[:-10], second[:-20], third)
    assert done.found == [BODY[:-10], OPTIONS[:-20], RINGING]
    assert [record.is_cut for record in done.records] == [True, True, False]
    assert done.skipped == {"lost segment": 2}


def test_a_lost_segment_in_a_body_tells_where_the_next_message_begins() -> None:
    inner = b"OPTIONS sip:x@y SIP/2.0\r\nCall-ID: 2\r\n\r\n"
    message = b"MESSAGE sip:a@b SIP/2.0\r\nl: 200\r\n\r\n" + (b"x" * 100 + inner).ljust(200)
    one, two = message[:60], message[100:]
    syn = segment(number=0, flags=2)
    done = read(
        syn,
        segment(one),
        segment(two + RINGING, number=101),
        *(segment(RINGING, number=1000 + n) for n in range(70)),
    )
    assert done.found[:2] == [one, RINGING]
    assert done.records[0].is_cut


@pytest.mark.parametrize("method", [b"OPTIONS", b"PRACK", b"FOO"])
def test_the_next_message_after_a_lost_segment_may_begin_within_a_line(method: bytes) -> None:
    message = b"MESSAGE sip:a@b SIP/2.0\r\nl: 9000\r\n\r\n"
    following = method + b" sip:x@y SIP/2.0\r\nCall-ID: 2\r\nl: 0\r\n\r\n"
    # Nothing tells an unknown method from the text before it.
    for before in (b"x\r\nend-of-body", b"x\r\n")[method == b"FOO" :]:
        held = [segment(RINGING, number=20_000 + n) for n in range(70)]
        done = read(
            segment(number=0, flags=2),
            segment(message),
            segment(before + following, number=9_500),
            *held,
        )
        assert done.found[:2] == [message, following]


@pytest.mark.parametrize("port", [5060, 40_001])
@pytest.mark.parametrize("blank", [b"\r", b"\r\n\r\n", b"\r\n\r\nO", b"\r\n\r\nOPTIONS "])
def test_line_ends_before_the_first_message(blank: bytes, port: int) -> None:
    text = b"\r\n\r\n" + OPTIONS
    start = text.index(blank) + len(blank)
    parts = [text[:start], text[start : start + 1], text[start + 1 : start + 3], text[start + 3 :]]
    packets = [segment(number=0, flags=2, destination=port)]
    number = 1
    for part in (*parts, RINGING):
        packets.append(segment(part, number=number, destination=port))
        number += len(part)
    done = read(*packets)
    assert done.found == [OPTIONS, RINGING]
    late = read(packets[0], *packets[2:4], packets[1], *packets[4:])
    assert late.found == [OPTIONS, RINGING]


@pytest.mark.parametrize("port", [5060, 40_001])
def test_no_message_begins_in_the_middle_of_a_method(port: int) -> None:
    """Of a connection whose beginning was not captured."""
    rest = [
        segment(RINGING, number=3 + len(OPTIONS) + n, destination=port) for n in range(0, 400, 53)
    ]
    done = read(segment(OPTIONS[2:], number=3, destination=port), *rest)
    assert done.found
    assert OPTIONS[2:] not in done.found
    assert sipfast.capture.reasons.unread_of(done.skipped)
    # Or of a message that came before what was captured first.
    done = read(
        segment(RINGING, number=1000, destination=port),
        segment(OPTIONS[2:], number=1000 - len(OPTIONS) + 2, destination=port),
    )
    assert (done.found, done.skipped) == ([RINGING], {"SIP over TCP": 1})


def test_a_repetition_may_begin_before_what_was_captured_first() -> None:
    done = read(
        segment(RINGING, number=1000),
        segment(OPTIONS + RINGING, number=1000 - len(OPTIONS)),
        segment(OPTIONS, number=1000 + len(RINGING)),
    )
    assert done.found == [RINGING, OPTIONS, OPTIONS]
    assert done.skipped == {"repeated segment": 1}


def test_a_segment_is_given_up_after_its_time() -> None:
    def found(seconds: int) -> list[bytes]:
        content = made.pcap_header()
        late = segment(RINGING, number=1 + len(OPTIONS) + 50)
        for when, packet in ((0, segment(OPTIONS)), (1, late), (seconds, late), (60, made.frame())):
            content += made.pcap_record(packet, when)
        with sipfast.open(content) as capture:
            return [bytes(record.data) for record in capture]

    assert found(10) == [OPTIONS, OPTIONS, RINGING]
    assert found(12) == [OPTIONS, RINGING, OPTIONS]


def test_what_came_first_is_kept() -> None:
    done = read(
        segment(BODY[:100]),
        segment(BODY[130:150], number=131),
        segment(b"X" * 20, number=141),  # ten bytes of it are new
        segment(BODY[100:], number=101),
    )
    assert done.found == [BODY[:150] + b"X" * 10 + BODY[160:]]
    assert done.skipped == {}


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        pytest.param(segment(OPTIONS)[:54], "truncated", id="before the payload"),
        pytest.param(segment(OPTIONS)[:53], "truncated", id="in the TCP header"),
        pytest.param(ethernet(ipv4(tcp()[:19], protocol=6)), "tcp", id="TCP header too short"),
        pytest.param(ethernet(ipv4(bytes(60), protocol=6)), "tcp", id="data offset of zero"),
        pytest.param(
            ethernet(ipv4(tcp(OPTIONS, options=bytes(40)), protocol=6))[:60],
            "truncated",
            id="in the TCP options",
        ),
        pytest.param(segment(flags=2), "tcp", id="SYN"),
        pytest.param(segment(flags=0x10), "tcp", id="ACK"),
        pytest.param(segment(flags=0x11), "tcp", id="FIN"),
        pytest.param(segment(flags=4), "tcp", id="RST"),
    ],
)
def test_cut_and_odd_segments(packet: bytes, reason: str) -> None:
    done = read(packet)
    assert (done.found, done.skipped) == ([], {reason: 1})


def test_over_ipv6() -> None:
    packet = ethernet(ipv6(extension(6) + tcp(OPTIONS), following=0), made.IPV6)
    assert read(packet).found == [OPTIONS]


def test_a_message_larger_than_the_limit_is_cut() -> None:
    size = sipfast.Limits().size
    head = b"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: %d\r\n\r\n" % (2 * size)
    turns = [(head + b"x" * 1000, *TO_PORT), (b"y" * 1000, *TO_PORT), (b"\r\n" + RINGING, *TO_PORT)]
    done = read(*talk(*turns))
    assert done.found == [head + b"x" * 1000, RINGING]
    assert [record.is_cut for record in done.records] == [True, False]
    endless = [(b"X-Header: " + b"x" * 40_000 + b"\r\n", *TO_PORT)] * 30
    done = read(
        *talk((b"MESSAGE sip:a@b SIP/2.0\r\n", *TO_PORT), *endless, (b"\n" + RINGING, *TO_PORT))
    )
    assert [record.is_cut for record in done.records] == [True, False]
    assert done.found[1] == RINGING
    assert len(done.found[0]) <= size + 50_000
