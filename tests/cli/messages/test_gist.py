"""The gist of a message: who calls whom, from where, for how long, with which media."""

from __future__ import annotations

import gzip

import pytest
from command import SDP, message, request

import sipfast
from sipfast.cli.messages.gist import facts, parties
from sipfast.cli.screen.words import WORDS


def named(value: str, language: str = "en") -> str:
    """The name of the sender of a message from that address."""
    old = b"From: Alice <sip:alice@example.org>"
    data = request().replace(old, b"From: " + value.encode())
    assert value.encode() in data
    caller, callee = parties(sipfast.parse(data), WORDS[language])
    assert callee == "bob@example.com"
    return caller


@pytest.mark.parametrize(
    ("value", "caller"),
    [
        ("<sip:a@b>", "a@b"),
        ("sip:a@b", "a@b"),
        ("Alice <sip:a@b>", "Alice <a@b>"),
        ('"A \\"<B>\\", C" <sip:a@b;x=1>', 'A "<B>", C <a@b>'),
        ("<sips:a@[2001:db8::1]:5071>", "sips:a@[2001:db8::1]:5071"),
        ("sip:b", "b"),
        ('"1001" <sip:1001@pbx.example.com>', "1001@pbx.example.com"),
        ('"a@b" <sip:a@b>', "a@b"),
        ('"+1 555" <tel:+1-201-555-0123>', "+1 555 <+12015550123>"),
        ("Bo <sip:+15551234567@gw.example.com>", "Bo <+15551234567>"),
        ("<sip:7042@gw.example.com;user=phone>", "7042"),
        ("<sip:x%20y@gw.example.com;user=phone>", "x y@gw.example.com"),  # a user after all
        ('"Anonymous" <sip:c8o@anonymous.invalid>', "anonymous"),
        ("<urn:service:sos>", "urn:service:sos"),
        ('"open <sip:a@b>', '"open <sip:a@b>;tag=1'),  # malformed: as it was written
        ("<sip:>", "<sip:>;tag=1"),
    ],
)
def test_the_caller(value: str, caller: str) -> None:
    assert named(value) == caller


def test_the_caller_in_chinese() -> None:
    assert named("<sip:anonymous@anonymous.invalid>", "zh") == "匿名"


def test_a_missing_caller() -> None:
    nobody = sipfast.parse(message("OPTIONS sip:b SIP/2.0", "From:"))
    assert parties(nobody, WORDS["en"]) == ("?", "?")


def said(*fields: str, body: bytes = b"", language: str = "en") -> list[tuple[str, str]]:
    parsed = sipfast.parse(message("INVITE sip:b SIP/2.0", *fields, body=body))
    return list(facts(parsed, WORDS[language]))


@pytest.mark.parametrize(
    ("field", "english", "chinese"),
    [
        ("Via: SIP/2.0/TCP a:5070", "TCP a:5070", "TCP a:5070"),
        ("Via: SIP/2.0/UDP a, SIP/2.0/UDP b", "UDP a", "UDP a"),
        ("v: SIP/2.0/UDP a;received=a", "UDP a", "UDP a"),
        (
            "Via: SIP/2.0/UDP a:9;received=192.0.2.9;rport=7",
            "UDP a:9 · came from 192.0.2.9:7",
            "UDP a:9 · 实际来自 192.0.2.9:7",
        ),
        (
            "Via: SIP/2.0/UDP a;received=2001:db8::1",
            "UDP a · came from [2001:db8::1]",
            "UDP a · 实际来自 [2001:db8::1]",
        ),
        ("Via: SIP/2.0/UDP a;rport=x", "SIP/2.0/UDP a;rport=x", "SIP/2.0/UDP a;rport=x"),
        ("Via: x", "x", "x"),
        ("m: *", "*", "*"),
        ("Contact: A <sip:+1555@a:5062>", "+1555@a:5062", "+1555@a:5062"),
        ("Contact: <sip:a@b>;expires=60", "a@b (1 minute)", "a@b（1 分钟）"),
        ("Contact: <sip:a@b>;expires=x", "<sip:a@b>;expires=x", "<sip:a@b>;expires=x"),
        ("Contact: <sip:a>,sip:b,sip:c", "a, b, c", "a, b, c"),
        ("Contact: <sip:a>,sip:b,sip:c,<sip:d>,x:e", "a, b, c, 2 more", "a, b, c, 另有 2 个"),
        ("Contact: <sip:a", "<sip:a", "<sip:a"),
        ("Expires: 0", "0 seconds", "0 秒"),
        ("Expires: 3600", "1 hour", "1 小时"),
        ("Expires: 90061", "1 day 1 hour 1 minute 1 second", "1 天 1 小时 1 分钟 1 秒"),
        ("Expires: 172830", "2 days 30 seconds", "2 天 30 秒"),
        ("Expires: soon", "soon", "soon"),
        ("Session-Expires: 1800", "30 minutes", "30 分钟"),
        (
            "Session-Expires: 90; Refresher=uas",
            "1 minute 30 seconds · refreshed by the UAS",
            "1 分钟 30 秒 · 由 UAS 刷新",
        ),
        ("x: 90;refresher=\x1b", "1 minute 30 seconds", "1 分钟 30 秒"),
        ("Session-Expires: x;refresher=uac", "x;refresher=uac", "x;refresher=uac"),
        ("Session-Expires: 99999999999", "99999999999", "99999999999"),
        ("Date: Sat, 13 Nov 2010 23:29:00 GMT", "2010-11-13 23:29:00 UTC", None),
        ("Date: Sun, 13 Nov 2010 23:29:00 GMT", "Sun, 13 Nov 2010 23:29:00 GMT", None),
        ("Date: Sat, 31 Feb 2010 23:29:00 GMT", "Sat, 31 Feb 2010 23:29:00 GMT", None),
    ],
)
def test_the_gist_of_a_header_field(field: str, english: str, chinese: str | None) -> None:
    ((label, value),) = said(field)
    assert value == english
    assert label == {"v": "Via", "m": "Contact", "x": "Session-Expires"}.get(
        field.partition(":")[0], field.partition(":")[0]
    )
    assert said(field, language="zh") == [(label, chinese or english)]


def test_an_empty_header_field_has_no_gist() -> None:
    assert said("Via:", "Contact: ", "Expires:", "Date:") == []


def test_the_media() -> None:
    assert said("Content-Type: Application/SDP ;charset=x", body=SDP) == [
        ("audio", "192.0.2.1:4000 · sends and receives · PCMU/8000, opus/48000/2"),
        ("video", "[2001:db8::1]:5000 · only sends · H263/90000"),
        ("image", "not used (port 0) · udptl"),
        ("application", "192.0.2.1:9 · only receives · UDP/DTLS/SCTP"),
        ("text", "192.0.2.1:? · inactive · PCMU/8000"),
    ]
    assert said("c: application/sdp", body=SDP, language="zh")[:3] == [
        ("audio", "192.0.2.1:4000 · 收发 · PCMU/8000, opus/48000/2"),
        ("video", "[2001:db8::1]:5000 · 只发 · H263/90000"),
        ("image", "不使用（端口 0） · udptl"),
    ]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [("text/plain", SDP), ("application/sdp", b"\x1f\x8b"), ("application/sdp", b"")],
)
def test_without_media(media_type: str, body: bytes) -> None:
    assert said(f"Content-Type: {media_type}", body=body) == []


def test_media_in_a_part_and_in_a_compressed_body() -> None:
    multipart = b"--seam\r\nContent-Type: text/plain\r\n\r\nhello\r\n--seam\r\n"
    multipart += b"Content-Type: application/sdp\r\n\r\n" + SDP + b"\r\n--seam--\r\n"
    plain = said("Content-Type: application/sdp", body=SDP)
    assert said("Content-Type: multipart/mixed;boundary=seam", body=multipart) == plain
    fields = ("Content-Type: application/sdp", "Content-Encoding: gzip")
    assert said(*fields, body=gzip.compress(SDP)) == plain
    assert said(*fields, body=gzip.compress(SDP)[:40]) == []


def test_media_without_an_address_and_more_than_are_shown() -> None:
    body = b"m=audio 4000 RTP/AVP 0\n" * 10
    audio = ("audio", "?:4000 · sends and receives · PCMU/8000")
    assert said("Content-Type: application/sdp", body=body) == [audio] * 8 + [("", "2 more")]
