"""Which datagrams are SIP."""

from __future__ import annotations

import pytest

from sipfast.capture.recognise import why_not_sip


def verdict(payload: bytes, source_port: int = 40000, destination_port: int = 40001) -> str | None:
    return why_not_sip(payload, 0, len(payload), source_port, destination_port)


SIP = [
    b"INVITE sip:bob@example.com SIP/2.0\r\n",
    b"SIP/2.0 200 OK\r\n",
    b"sip/2.0 200 OK\r\n",
    b"\r\n\r\nOPTIONS sip:bob@example.com SIP/2.0\r\n",
    b"INVITE  sips:bob@example.com  SIP/2.0\r\n",
    b"INVITE\ttel:+15550100 SIP/2.0\r\n",
    b"INVITE urn:service:sos sip/2.0\r\n",
    b"!odd%Method*_+`.'~- any:thing, with spaces SIP/7.0\r\n",
    # Malformed, and handed on for a report.
    b"INVITE sip:bob@example.com\r\n",
    b"INVITE <sip:bob@example.com> SIP/2.0\r\n",
    b"INVITE SIP:bob",
    b"SIP/",
    b"BYE x SIP/3",
]

# Damaged messages, told by what is left of SIP in them.
DAMAGED = {
    "a sip URI": b"\x80\x00\x12\x34 sip:bob",
    "a sips URI": b"\x0012 sips:bob",
    "a version": b"x" * 200 + b" SIP/2.0",
    "a version, the name in lower case": b"(200 OK sip/2.0",
    "a NUL for the first letter": b"\0NVITE sip:bob@example.com SIP/2.0\r\n",
    "a priority of syslog": b"<134>INVITE sip:bob@example.com SIP/2.0",
    "a length before it": b"\0\1\0\0INVITE sip:bob",
    "a NUL for the blank": b"INVITE\0sip:bob@example.com",
    "no version": b"REGISTER bob\r\n",
    "no URI": b"OPTIONS\r\nVia: x\r\n\r\n",
    "only a method and a line end": b"BYE\r\n",
    "line ends, then a method": b"\r\n\r\nACK ",
    "header fields only": b"From: <tel:+1>\r\nCall-ID: 1\r\n",
    "another start line": b"200 OK\r\nCall-ID: 1\r\n",
    "compact names": b"200 OK\ni: 1\n",
    "CR as line end": b"200 OK\rCall-ID: 1\r",
    "HTTP with header fields": b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
}

# Payloads on a port of SIP that are other things, and the reason for skipping them.
KEEP_ALIVE_TEXTS = [
    b"hello",
    b"hello\r\n",
    b"jaK",
    b"jaK\0",
    b"\0jaK",
    b"0",
    b"x",
    b"\xff" * 4,
    b"PING",
    b"ping\n",
    b"Keep-Alive",
    b"keepalive: 1",
    b"NAT keep-alive",
    b"OPTIONS",
    b"\x00\x00\x00\x00\x01",
    b"x" * 16,
]
NOT_SIP = [
    b"x" * 17,
    b"This is the keep-alive text of a phone",
    b"M-SEARCH * HTTP/1.1\r\n",
    b"CRCX 1204 aaln/1@example.net MGCP 1.0\r\n",
    b"12345_6 d7:command4:pinge",
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\na=rtpmap:0 PCMU/8000\r\n",
    bytes(range(33, 127)) * 4,
    b"<?xml version='1.0'?><x/>",
    b"\0" * 20 + b"\n:",
]


@pytest.mark.parametrize("payload", SIP)
def test_sip_is_handed_on_at_any_port(payload: bytes) -> None:
    assert verdict(payload) is None


@pytest.mark.parametrize("payload", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("port", [5060, 5061])
def test_a_damaged_message_is_handed_on_from_and_to_a_port_of_sip(
    payload: bytes, port: int
) -> None:
    assert verdict(payload) in ("not SIP", "rtp")
    assert verdict(payload, source_port=port) is None
    assert verdict(payload, destination_port=port) is None


@pytest.mark.parametrize("payload", KEEP_ALIVE_TEXTS)
@pytest.mark.parametrize("port", [5060, 5061])
def test_a_short_text_on_a_port_of_sip_is_a_keep_alive(payload: bytes, port: int) -> None:
    assert verdict(payload, source_port=port) == "keep-alive"
    assert verdict(payload, destination_port=port) == "keep-alive"
    assert verdict(payload) == "not SIP"


@pytest.mark.parametrize("payload", NOT_SIP)
@pytest.mark.parametrize("port", [5060, 5061, 16384])
def test_other_payloads_are_not_sip_on_any_port(payload: bytes, port: int) -> None:
    assert verdict(payload, port, port) == "not SIP"


def test_sigcomp_is_told_on_a_port_of_sip() -> None:
    assert verdict(b"\xf8" + bytes(20), destination_port=5060) == "sigcomp"
    assert verdict(b"\xf7" + bytes(20), destination_port=5060) == "not SIP"
    assert verdict(b"\xf8" + bytes(20)) == "not SIP"


def test_hep_is_told_on_any_port() -> None:
    assert verdict(b"HEP3\0\x20" + bytes(30)) == "hep"
    assert verdict(b"HEP3\0\x20" + bytes(30), destination_port=5060) == "hep"


@pytest.mark.parametrize(
    "payload", [b"", b"\r\n\r\n", b"\r\n", b"\n", b"\0", b"\0\0\0\0", b"     ", b" \t\r\n\0"]
)
@pytest.mark.parametrize("port", [5060, 16384])
def test_keep_alives(payload: bytes, port: int) -> None:
    assert verdict(payload, port, port) == "keep-alive"


@pytest.mark.parametrize("port", [5060, 16384])
def test_stun(port: int) -> None:
    binding_request = bytes.fromhex("000100002112a442") + bytes(12)
    assert verdict(binding_request, port, port) == "stun"
    channel_data = bytes.fromhex("400100002112a442") + bytes(12)
    assert verdict(channel_data, port, port) == "not SIP"


@pytest.mark.parametrize("port", [5060, 16384])
@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"\x80\x08" + bytes(range(160)), "rtp"),
        (b"\x80" * 512 + b" sip:bob", "rtp"),
        (b"\x8f\x08" + bytes(70), "rtp"),
        (b"\x80\xc8\0\x06" + bytes(24), "rtcp"),
        (b"\x81\xc9\0\x07" + bytes(28) + b"\x81\xca\0\1" + bytes(4), "rtcp"),
        pytest.param(b"\x8f\x08" + bytes(69), "not SIP", id="more sources than bytes"),
        pytest.param(b"\x80\xc8\0\x07" + bytes(24), "not SIP", id="RTCP, too long"),
        pytest.param(b"\x40\x08" + bytes(160), "not SIP", id="version 1"),
        pytest.param(b"\x80\x08" + bytes(16), "rtp", id="short"),
        pytest.param(b"\xc0\x08" + bytes(160), "not SIP", id="version 3"),
    ],
)
def test_media(port: int, payload: bytes, kind: str) -> None:
    assert verdict(payload, port, port) == kind


def test_only_the_bytes_between_the_bounds_count() -> None:
    data = b"SIP/2.0 200 OK\r\nx"
    assert why_not_sip(data, 0, 3, 1, 1) == "not SIP"
    assert why_not_sip(data, 14, 16, 1, 1) == "keep-alive"
    assert why_not_sip(data, 14, 17, 1, 1) == "not SIP"
