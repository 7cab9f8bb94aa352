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

OTHER = [
    b"NOTIFY * HTTP/1.1\r\nNT: sip:x SIP/2.0\r\n",
    b"M-SEARCH * HTTP/1.1\r\n",
    b"CRCX 1204 aaln/1@example.net MGCP 1.0\r\n",
    b"12345_6 d7:command4:pinge",
    b"<134>INVITE sip:bob@example.com SIP/2.0",
    b"\x80\x00\x12\x34 sip:",
    b"x" * 200 + b" sip:bob@example.com SIP/2.0",
    b"\0\1\0\0INVITE sip:",
]


@pytest.mark.parametrize("payload", SIP)
def test_sip_is_handed_on_whatever_its_ports(payload: bytes) -> None:
    assert verdict(payload) is None


@pytest.mark.parametrize("payload", OTHER)
@pytest.mark.parametrize("port", [5060, 5061])
def test_other_payloads_are_handed_on_from_and_to_ports_of_sip_only(
    payload: bytes, port: int
) -> None:
    assert verdict(payload) == "not SIP"
    assert verdict(payload, source_port=port) is None
    assert verdict(payload, destination_port=port) is None


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
    assert verdict(channel_data, port, port) == (None if port == 5060 else "not SIP")


def test_only_the_bytes_between_the_bounds_count() -> None:
    data = b"SIP/2.0 200 OK\r\nx"
    assert why_not_sip(data, 0, 3, 1, 1) == "not SIP"
    assert why_not_sip(data, 14, 16, 1, 1) == "keep-alive"
    assert why_not_sip(data, 14, 17, 1, 1) == "not SIP"
