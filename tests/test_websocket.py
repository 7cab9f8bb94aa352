"""SIP over WebSocket: handshake, messages in frames of every kind, and the end."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from samples import OPTIONS, RINGING, sample
from wsproto.frame_protocol import FrameProtocol, Opcode
from wsproto.utilities import LocalProtocolError

import sipfast
from sipfast import FramingError, Limits, Ping, Pong
from sipfast.websocket import Closed, Opened, Upgrade, WebSocket

ONE = sample(OPTIONS, body=b"one")
TWO = sample(RINGING)
REQUEST = (
    b"GET /sip HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%b\r\n"
)
SIP = b"Sec-WebSocket-Protocol: chat, sip\r\n"


def pair(**options: Any) -> tuple[WebSocket, WebSocket]:
    """A client and a server after the handshake."""
    client, server = WebSocket.client("example.com", "/sip"), WebSocket(**options)
    assert isinstance(server.feed(client.data_to_send())[0], Upgrade)
    server.accept()
    assert [type(event) for event in client.feed(server.data_to_send())] == [Opened]
    assert client.is_open
    assert server.is_open
    return client, server


def frames(*parts: tuple[bytes, bool], opcode: Opcode = Opcode.BINARY) -> bytes:
    """The frames of a client, each with its FIN bit."""
    protocol = FrameProtocol(client=True, extensions=[])
    out = b""
    for payload, is_last in parts:
        data = payload.decode() if opcode is Opcode.TEXT else payload
        out += protocol.send_data(data, is_last)
    return out


def plain(events: list[Any]) -> list[Any]:
    return [getattr(event, "raw", event) for event in events]


def test_handshake() -> None:
    client = WebSocket.client("example.com:8443", "/sip?a=b", headers=[("Origin", "https://x")])
    server = WebSocket()
    sent = client.data_to_send()
    assert sent.startswith(b"GET /sip?a=b HTTP/1.1\r\nHost: example.com:8443\r\n")
    assert b"Sec-WebSocket-Protocol: sip\r\n" in sent
    assert client.data_to_send() == b""
    assert not client.is_open
    upgrade = None
    for at in range(len(sent)):  # byte by byte
        for event in server.feed(sent[at : at + 1]):
            upgrade = event
    assert isinstance(upgrade, Upgrade)
    assert (upgrade.host, upgrade.target) == ("example.com:8443", "/sip?a=b")
    assert ("origin", "https://x") in upgrade.headers
    server.accept(headers=[("Set-Cookie", "a=1")])
    answer = server.data_to_send()
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Protocol: sip\r\n" in answer
    assert b"Set-Cookie: a=1\r\n" in answer
    assert repr(client.feed(answer)) == "[Opened()]"


def test_messages_both_ways() -> None:
    client, server = pair()
    latin = ONE.replace(b"Bob", b"B\xf6b")
    for message in (ONE, TWO, sipfast.parse(ONE), sipfast.parse(ONE).edit(), latin):
        for one, other in ((client, server), (server, client)):
            one.send(message)
            sent = one.data_to_send()
            assert sent[0] == (0x82 if message == latin else 0x81)  # binary or text
            assert plain(other.feed(sent)) == [bytes(message)]


def test_a_message_without_content_length() -> None:
    """WebSocket keeps the messages apart (RFC 7118 5)."""
    client, server = pair()
    data = sample(OPTIONS, Content_Length=None) + b"body"
    client.send(data)
    (message,) = server.feed(client.data_to_send())
    assert isinstance(message, sipfast.Request)
    assert message.body == b"body"


@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.BINARY])
def test_fragments(opcode: Opcode) -> None:
    draw = random.Random(1)
    for count in (1, 2, 5, len(ONE)):
        ends = sorted(draw.choices(range(len(ONE) + 1), k=count - 1))
        pieces = [ONE[at:end] for at, end in zip([0, *ends], [*ends, len(ONE)], strict=True)]
        data = frames(*((piece, at == count - 1) for at, piece in enumerate(pieces)), opcode=opcode)
        for size in (1, 3, 100, len(data)):
            _, server = pair()
            found: list[Any] = []
            for at in range(0, len(data), size):
                found += server.feed(data[at : at + size])
            assert plain(found) == [ONE]


def test_pending() -> None:
    """The bytes of a message that is not finished, in frames or within one."""
    _, server = pair()
    first, second = frames((ONE[:50], False), (ONE[50:], True)), frames((TWO, True))
    assert server.pending == 0
    server.feed(first[:20])
    assert 0 < server.pending < 20
    server.feed(first[20:60])
    assert 40 < server.pending <= 50
    assert len(server.feed(first[60:])) == 1
    assert server.pending == 0
    server.feed(second)
    assert server.pending == 0


def test_a_character_cut_by_frames() -> None:
    data = ONE.replace(b"Bob", "Bö".encode())
    _, server = pair()
    whole = frames((data, True), opcode=Opcode.TEXT)
    found = [event for at in range(len(whole)) for event in server.feed(whole[at : at + 1])]
    assert plain(found) == [data]


def test_keep_alives() -> None:
    client, server = pair()
    client.send(b"\r\n\r\n")
    (ping,) = server.feed(client.data_to_send())
    assert isinstance(ping, Ping)
    server.send(ping.response)
    (pong,) = client.feed(server.data_to_send())
    assert isinstance(pong, Pong)
    client.ping(b"abc")
    assert server.feed(client.data_to_send()) == []
    assert server.data_to_send() == b"\x8a\x03abc"
    assert client.feed(b"\x8a\x03abc") == []


def test_malformed_messages_leave_the_connection_open() -> None:
    client, server = pair()
    bad = {
        b"": "no-message",
        b"hello": "header-block-unfinished",
        ONE[:-9]: "header-block-unfinished",
        ONE[:-1]: "body-too-short",
        ONE + TWO: "body-too-long",
        ONE.replace(b"Length: 3", b"Length: x"): "content-length-not-a-number",
    }
    for data, code in bad.items():
        client.send(data)
        (fault,) = server.feed(client.data_to_send())
        assert isinstance(fault, FramingError)
        assert fault.code == code
        if code in ("content-length-not-a-number", "body-too-short"):
            assert fault.response is not None
            server.send(fault.response)
            (response,) = client.feed(server.data_to_send())
            assert isinstance(response, sipfast.Response)
            assert response.status == 400
        else:
            assert fault.response is None or fault.response.status == 400
        assert server.is_open
    client.send(TWO[:-4])
    (fault,) = server.feed(client.data_to_send())
    assert isinstance(fault, FramingError)
    assert (fault.status_hint, fault.response) == (None, None)


def test_size_is_limited() -> None:
    limits = Limits(size=len(ONE))
    client, server = pair(limits=limits)
    client.send(ONE)
    assert plain(server.feed(client.data_to_send())) == [ONE]
    client.send(ONE + b"x")
    assert server.feed(client.data_to_send()) == [Closed(1009, "message too large")]
    assert not server.is_open
    (closed,) = client.feed(server.data_to_send())
    assert isinstance(closed, Closed)
    assert closed.code == 1009


def test_the_payload_of_a_large_frame_is_not_gathered() -> None:
    _, server = pair(limits=Limits(size=1000))
    assert server.feed(b"\x82\xff" + (1 << 40).to_bytes(8, "big") + b"\0\0\0\0") == []
    assert server.feed(b"x" * 1000) == []
    assert server.feed(b"x") == [Closed(1009, "message too large")]


def test_many_fragments_are_limited() -> None:
    _, server = pair(limits=Limits(size=1000))
    data = frames(*[(b"x" * 10, False)] * 101)
    assert server.feed(data[: 100 * 16]) == []
    assert server.feed(data[100 * 16 :]) == [Closed(1009, "message too large")]


def test_close() -> None:
    client, server = pair()
    client.close(1000, "bye")
    assert server.feed(client.data_to_send()) == [Closed(1000, "bye")]
    assert not server.is_open
    assert client.feed(server.data_to_send()) == [Closed(1000, "bye")]
    assert client.data_to_send() == b""
    assert (client.feed(b"x"), client.eof(), server.feed(b"x"), server.eof()) == ([], [], [], [])
    with pytest.raises(LocalProtocolError):
        client.send(ONE)


def test_eof() -> None:
    client, _ = pair()
    assert client.eof() == [Closed(1006, "")]
    assert (client.eof(), client.is_open) == ([], False)


@pytest.mark.parametrize(
    "data",
    [
        b"\x81\x03abc",  # a client masks
        b"\xf1\x80\0\0\0\0",  # reserved bits
        b"\x83\x80\0\0\0\0",  # reserved opcode
        b"\x80\x80\0\0\0\0",  # a continuation of nothing
        b"\x89\xfe\0\x7e\0\0\0\0",  # a long ping
        b"\x81\x82\0\0\0\0\xc3\x28",  # no UTF-8
    ],
)
def test_malformed_frames(data: bytes) -> None:
    _, server = pair()
    (closed,) = server.feed(data)
    assert isinstance(closed, Closed)
    assert closed.code in (1002, 1007)
    assert server.data_to_send()[:1] == b"\x88"
    assert not server.is_open


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (REQUEST % b"", 400),
        (REQUEST % b"Sec-WebSocket-Protocol: chat\r\n", 400),
        ((REQUEST % SIP).replace(b"GET", b"POST"), 400),
        ((REQUEST % SIP).replace(b"Version: 13", b"Version: 8"), 426),
        ((REQUEST % SIP).replace(b"Upgrade: websocket\r\n", b""), 400),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + b"x" * 70_000, 400),
    ],
)
def test_refused_handshakes(data: bytes, status: int) -> None:
    server = WebSocket()
    (closed,) = server.feed(data)
    assert isinstance(closed, Closed)
    assert closed.code == status
    answer = server.data_to_send()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 %d " % status)
    assert server.feed(REQUEST % SIP) == []


def test_rejected() -> None:
    client, server = WebSocket.client("example.com"), WebSocket()
    server.feed(client.data_to_send())
    server.reject(403)
    assert client.feed(server.data_to_send()) == [Closed(403, "rejected")]
    assert not client.is_open


def test_odd_http_fields() -> None:
    server = WebSocket()
    (closed,) = server.feed((REQUEST % SIP).replace(b"Host: ex", b"Host: \xff..ex"))
    assert isinstance(closed, Closed)


def test_data_before_the_handshake_ended() -> None:
    server = WebSocket()
    assert isinstance(server.feed(REQUEST % SIP)[0], Upgrade)
    (closed,) = server.feed(frames((ONE, True)))
    assert isinstance(closed, Closed)
    assert closed.code == 1002


def test_the_server_must_choose_sip() -> None:
    client, server = WebSocket.client("example.com"), WebSocket()
    server.feed(client.data_to_send())
    server.accept()
    answer = server.data_to_send().replace(b"Sec-WebSocket-Protocol: sip\r\n", b"")
    (closed,) = client.feed(answer)
    assert closed == Closed(1002, "the server chose no subprotocol sip")
    assert client.data_to_send()[:1] == b"\x88"


def test_wrong_arguments() -> None:
    limits: Any = 5
    with pytest.raises(TypeError, match="limits must be Limits, not int"):
        WebSocket(limits=limits)


def test_without_wsproto() -> None:
    code = "import sys; sys.modules['wsproto'] = None; import sipfast.websocket"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "pip install 'wsproto>=1.2'" in found.stderr


def pieces_of(data: bytes, draw: random.Random) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        step = draw.randrange(1, 40)
        yield data[at : at + step]
        at += step


def test_many_messages_in_random_reads() -> None:
    draw = random.Random(7)
    client, server = pair()
    sent = [ONE, TWO, b"\r\n\r\n"] * 40
    for message in sent:
        client.send(message)
    found: list[Any] = []
    for piece in pieces_of(client.data_to_send(), draw):
        found += server.feed(piece)
    assert plain(found) == [Ping() if message == b"\r\n\r\n" else message for message in sent]


def test_answers_need_a_question() -> None:
    for side in (WebSocket(), WebSocket.client("example.com")):
        for answer in (side.accept, side.reject):
            with pytest.raises(LocalProtocolError, match="no client is waiting"):
                answer()


def test_a_number_is_no_message() -> None:
    _, server = pair()
    for message in (5, "text"):
        with pytest.raises(TypeError, match="message must be"):
            server.send(message)  # type: ignore[arg-type]


def test_of_many_pings_the_last_one_is_answered() -> None:
    client, server = pair()
    for number in range(1000):
        client.ping(b"%d" % number)
    server.feed(client.data_to_send())
    assert server.data_to_send() == b"\x8a\x03999"
