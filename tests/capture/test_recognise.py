"""Which datagrams are handed on, and which lines begin a message."""

from __future__ import annotations

import re

import pytest
from cost import within

from sipfast.capture.recognise import START_LINE, why_not_sip


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
    # Broken, and handed on so that it is reported.
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


@pytest.mark.parametrize(
    "line",
    [
        b"INVITE sip:bob@example.com SIP/2.0",
        b"INVITE  sip:bob@example.com  SIP/2.0  ",
        b"A B SIP/2.0",
        b"OPTIONS sip:bob@example.com SIP/7.0",
        b"REGISTER sip:" + b"x" * 4000 + b" SIP/2.0",
        b"SIP/2.0 200 OK",
        b"SIP/2.0 100 ",
        b"SIP/2.0 4294967301 too large",
    ],
)
@pytest.mark.parametrize("line_end", [b"", b"\r\n", b"\n"])
def test_start_lines(line: bytes, line_end: bytes) -> None:
    assert re.match(START_LINE, line + line_end)


@pytest.mark.parametrize(
    "line",
    [
        b"Via: SIP/2.0/UDP 192.0.2.1",
        b"Via : SIP/2.0",
        b"Subject : on SIP/2.0",
        b"Subject: on SIP/2.0",
        b" INVITE sip:bob@example.com SIP/2.0",
        b"INVITE sip:bob@example.com",
        b"INVITE sip:bob@example.com SIP/2.0 is what it said",
        b"SIP/2.0",
        b"SIP/2.0 OK",
        b"SIP/2.0 200OK",
        b"SIP/2 200 OK",
        b"GET / HTTP/1.1",
        b"v=0",
        b"INVITE SIP/2.0",
        b"REGISTER sip:" + b"x" * 5000 + b" SIP/2.0",
    ],
)
def test_not_start_lines(line: bytes) -> None:
    assert not re.match(START_LINE, line + b"\r\n")


LONG = [b" ", b"\t", b" \t", b"A ", b"SIP/", b" SIP/", b" SIP/2.0", b" sip", b"<", b"\r\n", b"\0"]
PREFIXES = [b"", b"A", b"A ", b"A B", b"A B ", b"SIP/2.0 "]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("part", LONG)
def test_a_long_line_costs_little(prefix: bytes, part: bytes) -> None:
    """Of 64 KiB, where a cost that grows with the square comes to many seconds."""
    data = prefix + part * (65_536 // len(part)) + b"!"
    assert within(lambda: verdict(data, 1, 2), 0.1)
    assert within(lambda: re.match(START_LINE, data), 0.1)
    assert within(lambda: re.search(rb"\n(?=" + START_LINE + rb")", b"\n" + data), 0.1)
