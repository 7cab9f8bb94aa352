"""Session descriptions: read, reported, built and given back, on both engines alike."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from cost import ratio
from hypothesis import given, settings
from hypothesis import strategies as st

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.errors import FAULTS

SESSION = (
    "v=0\r\n"
    "o=ada 3724394400 3724394405 IN IP4 192.0.2.10\r\n"
    "s=Lunch\r\n"
    "c=IN IP4 192.0.2.10\r\n"
    "t=0 0\r\n"
)
AUDIO = (
    "m=audio 49170 RTP/AVP 0 8 97 101\r\n"
    "b=AS:64\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:97 opus/48000/2\r\n"
    "a=fmtp:97 useinbandfec=1; stereo=0\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-16\r\n"
    "a=ptime:20\r\n"
    "a=maxptime:60\r\n"
    "a=rtcp:53020 IN IP4 192.0.2.11\r\n"
    "a=mid:a1\r\n"
    "a=rtcp-mux\r\n"
    "a=sendonly\r\n"
)
VIDEO = "m=video 0 RTP/AVP 34 126\r\n"
OFFER = SESSION + AUDIO + VIDEO

GB28181 = (
    "v=0\r\n"
    "o=34020000001320000001 0 0 IN IP4 192.0.2.2\r\n"
    "s=Play\r\n"
    "c=IN IP4 192.0.2.2\r\n"
    "t=0 0\r\n"
    "m=video 6000 RTP/AVP 96 98\r\n"
    "a=recvonly\r\n"
    "a=rtpmap:96 PS/90000\r\n"
    "a=rtpmap:98 H264/90000\r\n"
    "y=0100000001\r\n"
    "f=v/2/5/25/1/2048a/1/8/1\r\n"
)

KEY = "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:32"
HASH = "AB:CD:" * 9 + "AB:01"
LONG_HASH = "AB:CD:" * 15 + "AB:01"
WEBRTC = (
    "v=0\r\n"
    "o=- 7614 2 IN IP4 127.0.0.1\r\n"
    "s= \r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0 1\r\n"
    "a=ice-ufrag:F7gI\r\n"
    "a=ice-pwd:x9cml/YzichV2+XlhiMu8g\r\n"
    f"a=fingerprint:sha-1 {HASH}\r\n"
    "a=setup:actpass\r\n"
    "a=inactive\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=candidate:1 1 UDP 2130706431 203.0.113.7 5000 typ srflx raddr 10.0.0.1 rport 8998\r\n"
    "a=candidate:2 2 TCP 7 2001:db8::1 9 typ host tcptype active generation 0\r\n"
    "a=ice-ufrag:own1\r\n"
    "a=setup:Passive\r\n"
    "a=mid:0\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP6 ::\r\n"
    f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n"
    f"a=fingerprint:sha-256 {LONG_HASH}\r\n"
    "a=mid:1\r\n"
    "a=sendrecv\r\n"
)


@pytest.fixture(scope="module")
def sdp(engine: Engine) -> ModuleType:
    module: ModuleType = engine.module("sdp.description")
    return module


def with_media(*lines: str) -> str:
    return SESSION + "\r\n".join(["m=audio 4000 RTP/AVP 0 96", *lines, ""])


def codes(description: Any) -> list[str]:
    return [found.code for found in description.defects]


# ---- what a description says --------------------------------------------------------------------


def test_session(sdp: ModuleType) -> None:
    offer = sdp.SDP.parse(OFFER.encode())
    assert offer.version == 0
    assert offer.origin == sdp.Origin("ada", "3724394400", "3724394405", "IN", "IP4", "192.0.2.10")
    assert offer.origin.session_version == "3724394405"
    assert offer.session_name == "Lunch"
    assert offer.connection == sdp.Connection("IN", "IP4", "192.0.2.10", None, 1)
    assert offer.times == (sdp.Timing(0, 0, ()),)
    assert (offer.information, offer.uri, offer.key, offer.zone) == (None, None, None, ())
    assert (offer.emails, offer.phones, offer.bandwidths, offer.attributes) == ((), (), (), ())
    assert offer.direction == "sendrecv"
    assert [media.kind for media in offer.media] == ["audio", "video"]
    assert (offer.ssrc, offer.media_format) == (None, None)
    assert offer.defects == ()


def test_media(sdp: ModuleType) -> None:
    audio, video = sdp.SDP.parse(OFFER).media
    assert (audio.kind, audio.port, audio.port_count, audio.protocol) == (
        *("audio", 49170, 1, "RTP/AVP"),
    )
    assert audio.formats == ("0", "8", "97", "101")
    assert audio.rtpmaps == {
        0: (0, "PCMU", 8000, None),
        97: sdp.RtpMap(97, "opus", 48000, "2"),
        101: (101, "telephone-event", 8000, None),
    }
    assert [codec.encoding for codec in audio.codecs] == [
        *("PCMU", "PCMA", "opus", "telephone-event"),
    ]
    assert audio.fmtps == {"97": "useinbandfec=1; stereo=0", "101": "0-16"}
    assert audio.fmtp(97) == audio.fmtp("97") == "useinbandfec=1; stereo=0"
    assert audio.fmtp(9) is None
    assert audio.fmtp(1) is None
    assert (audio.ptime, audio.maxptime) == (20, 60)
    assert audio.rtcp == sdp.Rtcp(53020, "IN", "IP4", "192.0.2.11")
    assert (audio.mid, audio.direction) == ("a1", "sendonly")
    assert audio.bandwidths == (sdp.Bandwidth("AS", 64),)
    assert audio.connection == sdp.Connection("IN", "IP4", "192.0.2.10")
    assert (audio.connections, audio.information, audio.key) == ((), None, None)
    assert (audio.setup, audio.fingerprints, audio.candidates, audio.cryptos) == (None, (), (), ())
    assert (audio.ice_ufrag, audio.ice_pwd, audio.ssrc, audio.media_format) == (None,) * 4

    assert (video.port, video.direction, video.rtpmaps, video.fmtps) == (0, "sendrecv", {}, {})
    assert video.codecs == (sdp.RtpMap(34, "H263", 90000),)
    assert (video.ptime, video.maxptime, video.rtcp, video.mid) == (None, None, None, None)


def test_attributes(sdp: ModuleType) -> None:
    audio = sdp.SDP.parse(OFFER).media[0]
    assert audio.attributes[0] == sdp.Attribute("rtpmap", "0 PCMU/8000")
    assert audio.attributes[9:] == (("rtcp-mux", None), ("sendonly", None))
    assert audio.attribute("rtcp-mux") is True
    assert audio.attribute("rtcp") == "53020 IN IP4 192.0.2.11"
    assert audio.attribute("RTCP") is None
    assert audio.getall("fmtp") == ["97 useinbandfec=1; stereo=0", "101 0-16"]
    assert audio.getall("rtc") == []
    for name in ("", "rtcp:53020", "mid:a1\r\na=rtcp-mux", "é", "\udcff"):
        assert audio.attribute(name) is None


def test_attributes_with_and_without_value(sdp: ModuleType) -> None:
    media = sdp.SDP.parse(with_media("a=x", "a=xy:1", "a=x:", "a=x: 1:2 \t", "a=x \t")).media[0]
    assert media.getall("x") == [True, "", " 1:2", True]
    assert [str(attribute) for attribute in media.attributes] == ["x", "xy:1", "x:", "x: 1:2", "x"]


def test_all_other_session_lines(sdp: ModuleType) -> None:
    description = sdp.SDP.parse(
        "v=0\no=- 1 1 IN IP6 2001:db8::1\ns=Séance\ni=On lunch\nu=http://example.com/\n"
        "e=a@example.com (Ada)\ne=b@example.com\np=+1 617 555-6011\nc=IN IP4 233.252.0.1/127/3\n"
        "b=CT:128\nb=X-YZ:96\nt=3724394400 3724398000\nr=7d 1h 0 25h\nr=604800 3600 0\nt=0 0\n"
        "z=3730928400 -1h 3749680800 0\nk=clear:secret\na=recvonly\na=group:LS 1 2\n"
    )
    assert codes(description) == ["sdp-key-obsolete", "sdp-group-mid-missing"]
    assert (description.session_name, description.information) == ("Séance", "On lunch")
    assert description.uri == "http://example.com/"
    assert description.emails == ("a@example.com (Ada)", "b@example.com")
    assert description.phones == ("+1 617 555-6011",)
    assert description.connection == sdp.Connection("IN", "IP4", "233.252.0.1", 127, 3)
    assert description.bandwidths == (sdp.Bandwidth("CT", 128), sdp.Bandwidth("X-YZ", 96))
    weekly = (sdp.Repeat(604800, 3600, (0, 90000)), sdp.Repeat(604800, 3600, (0,)))
    assert description.times == (
        sdp.Timing(3724394400, 3724398000, weekly),
        sdp.Timing(0, 0),
    )
    assert description.zone == ((3730928400, -3600), sdp.ZoneAdjustment(3749680800, 0))
    assert description.key == "clear:secret"
    assert description.direction == "recvonly"
    assert description.groups == (sdp.Group("LS", ("1", "2")),)


def test_values_inherited_from_the_session(sdp: ModuleType) -> None:
    description = sdp.SDP.parse(WEBRTC)
    audio, data = description.media
    assert description.defects == ()
    assert description.session_name == ""
    assert (description.direction, audio.direction, data.direction) == (
        *("inactive", "inactive", "sendrecv"),
    )
    assert (description.setup, audio.setup, data.setup) == ("actpass", "passive", "actpass")
    assert (description.ice_ufrag, audio.ice_ufrag, data.ice_ufrag) == ("F7gI", "own1", "F7gI")
    assert audio.ice_pwd == data.ice_pwd == description.ice_pwd == "x9cml/YzichV2+XlhiMu8g"
    assert audio.fingerprints == description.fingerprints == (sdp.Fingerprint("sha-1", HASH),)
    assert data.fingerprints == (("sha-256", LONG_HASH),)
    assert (description.connection, data.connection.address) == (None, "::")
    assert audio.connections == (audio.connection,) == (("IN", "IP4", "0.0.0.0", None, 1),)
    assert description.groups == (("BUNDLE", ("0", "1")),)
    assert data.codecs == ()


def test_candidates_and_keys(sdp: ModuleType) -> None:
    audio, data = sdp.SDP.parse(WEBRTC).media
    first, second = audio.candidates
    assert first == sdp.Candidate(
        *("1", 1, "UDP", 2130706431, "203.0.113.7", 5000, "srflx", "10.0.0.1", 8998, ()),
    )
    assert (second.type, second.related_address, second.related_port) == ("host", None, None)
    assert second.extensions == (("tcptype", "active"), ("generation", "0"))
    (crypto,) = data.cryptos
    assert (crypto.tag, crypto.suite) == (1, "AES_CM_128_HMAC_SHA1_80")
    assert crypto.key_params == (KEY,)
    assert crypto.session_params == ()
    assert [str(record) for record in (first, second, crypto)] == [
        audio.getall("candidate")[0],
        audio.getall("candidate")[1],
        data.attribute("crypto"),
    ]


def test_the_parts_of_a_media_line(sdp: ModuleType) -> None:
    media = sdp.SDP.parse(SESSION + "m=video 49170/2 RTP/AVP 31").media[0]
    assert (media.port, media.port_count, media.formats) == (49170, 2, ("31",))
    assert str(media) == "m=video 49170/2 RTP/AVP 31"


def test_static_payload_types_are_those_of_rtp_only(sdp: ModuleType) -> None:
    line = "m=image 4000 udptl 0\r\nm=audio 4000 TCP/RTP/AVP 18 x 999 77 0\r\n"
    image, audio = sdp.SDP.parse(SESSION + line).media
    assert image.codecs == ()
    assert [str(codec) for codec in audio.codecs] == ["18 G729/8000", "0 PCMU/8000"]


def test_rtpmap_is_heard_before_the_static_payload_type(sdp: ModuleType) -> None:
    media = sdp.SDP.parse(with_media("a=rtpmap:0 L16/16000", "a=rtpmap:0 GSM/8000")).media[0]
    assert media.codecs == ((0, "L16", 16000, None),)


def test_only_a_line_of_its_own_is_an_rtpmap(sdp: ModuleType) -> None:
    known = "rtpmap:0 PCMU/8000"
    assert sdp.SDP.parse(with_media(f"a={known}")).media[0].rtpmaps == {0: (0, "PCMU", 8000, None)}
    media = sdp.SDP.parse(f"{SESSION}m=a={known}").media[0]
    assert (media.kind, media.rtpmaps) == ("a=rtpmap:0", {})
    description = sdp.SDP.parse(with_media(f"a=rtpmap:a={known}"))
    assert description.media[0].rtpmaps == {}
    assert codes(description) == ["sdp-rtpmap-malformed"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", " \t\r\n", "\r\r\n", ""])
@pytest.mark.parametrize("direction", ["sendrecv", "sendonly", "recvonly", "inactive"])
def test_direction_before_whitespace(sdp: ModuleType, direction: str, end: str) -> None:
    assert sdp.SDP.parse(f"{SESSION}a={direction}{end}").direction == direction
    assert sdp.SDP.parse(with_media(f"a={direction}{end}")).media[0].direction == direction
    for text in (f"{direction}x", f"{direction}:", direction[:-1], f" {direction}"):
        assert sdp.SDP.parse(with_media(f"a={text}{end}")).media[0].direction == "sendrecv"


def test_of_several_directions_the_one_that_allows_most_counts(sdp: ModuleType) -> None:
    lines = ["a=inactive", "a=recvonly", "a=sendonly", "a=sendrecv"]
    for count, line in enumerate(lines, 1):
        for order in (lines[:count], lines[:count][::-1]):
            media = sdp.SDP.parse("\n".join([f"{SESSION}m=audio 9 RTP/AVP 0", *order])).media[0]
            assert f"a={media.direction}" == line


def test_gb28181(sdp: ModuleType) -> None:
    description = sdp.SDP.parse(GB28181)
    (video,) = description.media
    assert description.ssrc == video.ssrc == "0100000001"
    assert description.media_format == video.media_format == "v/2/5/25/1/2048a/1/8/1"
    assert description.lines[-2:] == ("y=0100000001", "f=v/2/5/25/1/2048a/1/8/1")
    assert [codec.encoding for codec in video.codecs] == ["PS", "H264"]
    assert description.defects == ()
    assert sdp.SDP.parse("v=0\ny=7 \n").ssrc == "7"


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("c=IN IP4 233.252.0.1/127", "connection", ("IN", "IP4", "233.252.0.1", 127, 1)),
        ("c=IN IP6 ff15::101/3", "connection", ("IN", "IP6", "ff15::101", None, 3)),
        ("c=IN IP4 a.example.com", "connection", ("IN", "IP4", "a.example.com", None, 1)),
        ("c= IN  IP4   192.0.2.1 ", "connection", ("IN", "IP4", "192.0.2.1", None, 1)),
        ("c=IN IP4", "connection", None),
        ("c=IN IP4 /127", "connection", None),
        ("c=IN IP4 233.252.0.1/256", "connection", None),
        ("c=IN IP4 233.252.0.1/1/0", "connection", None),
        ("c=IN IP4 233.252.0.1/1/2/3", "connection", None),
        ("c=IN IP6 ff15::101/3/4", "connection", None),
        ("a=ptime:2.5", "ptime", 2.5),
        ("a=ptime:020", "ptime", 20),
        ("a=ptime:0", "ptime", None),
        ("a=ptime:", "ptime", None),
        ("a=ptime:-20", "ptime", None),
        ("a=ptime:٢٠", "ptime", None),
        ("a=maxptime:1e3", "maxptime", None),
        ("a=rtcp:5000", "rtcp", (5000, None, None, None)),
        ("a=rtcp:5000 IN", "rtcp", None),
        ("a=rtcp:65536", "rtcp", None),
        ("a=rtcp:", "rtcp", None),
        ("a=mid:", "mid", None),
        ("a=mid:a b", "mid", None),
        ("a=setup:holdconn", "setup", "holdconn"),
        ("a=setup:both", "setup", None),
        ("a=sendrecv \t", "direction", "sendrecv"),
        ("a=recvonly", "direction", "recvonly"),
        ("a=recvonly:1", "direction", "sendrecv"),
        ("a=recvonlyx", "direction", "sendrecv"),
        ("a=fmtp:96  x=1 ", "fmtps", {"96": "x=1"}),
        ("a=fmtp:96 ", "fmtps", {}),
        ("a=rtpmap:96 AMR-WB/16000/1", "rtpmaps", {96: (96, "AMR-WB", 16000, "1")}),
        ("a=rtpmap:96  AMR/8000", "rtpmaps", {96: (96, "AMR", 8000, None)}),
        ("a=rtpmap: 96 AMR/8000", "rtpmaps", {96: (96, "AMR", 8000, None)}),
        ("a=rtpmap:96", "rtpmaps", {}),
        ("a=rtpmap:96 AMR", "rtpmaps", {}),
        ("a=rtpmap:96 AMR/", "rtpmaps", {}),
        ("a=rtpmap:96 AMR/8000/", "rtpmaps", {}),
        ("a=rtpmap:96 AMR/8000/1/2", "rtpmaps", {}),
        ("a=rtpmap:96 AMR/8000/1 2", "rtpmaps", {}),
        ("a=rtpmap:96 /8000", "rtpmaps", {}),
        ("a=rtpmap:96 A MR/8000", "rtpmaps", {}),
        ("a=rtpmap:96/8000 AMR", "rtpmaps", {}),
        ("a=rtpmap:128 AMR/8000", "rtpmaps", {}),
        ("a=rtpmap:x AMR/8000", "rtpmaps", {}),
        ("a=rtpmap:96 AMR/+8000", "rtpmaps", {}),
        ("a=rtpmap:96 AMR/٨٠", "rtpmaps", {}),
        ("a=rtpmap:96 AMR/4294967296", "rtpmaps", {}),
        ("a=rtpmap:96 AMR/" + "9" * 5000, "rtpmaps", {}),
        ("a=fingerprint:sha-1 AB:C", "fingerprints", ()),
        ("a=fingerprint:AB:CD", "fingerprints", ()),
        ("a=crypto:1 S inline:a;inline:b X=1 Y", "cryptos", (
            (1, "S", ("inline:a", "inline:b"), ("X=1", "Y")),
        )),
        ("a=crypto:1 S key", "cryptos", ()),
        ("a=crypto:x S inline:a", "cryptos", ()),
        ("a=candidate:1 1 UDP 1 192.0.2.1 1 typ", "candidates", ()),
        ("a=candidate:1 1 UDP 1 192.0.2.1 1 typ host name", "candidates", ()),
        ("a=candidate:1 257 UDP 1 192.0.2.1 1 typ host", "candidates", ()),
        ("a=candidate:1 1 UDP 1 192.0.2.1 1 typ relay rport 70000", "candidates", ()),
        ("b=AS", "bandwidths", ()),
        ("b=AS:64k", "bandwidths", ()),
        ("b=:64", "bandwidths", ()),
        ("i=\xa0x\u2028y ", "information", "\xa0x\u2028y"),
        ("k=prompt", "key", "prompt"),
    ],
)  # fmt: skip
def test_values(sdp: ModuleType, line: str, name: str, value: Any) -> None:
    description = sdp.SDP.parse(with_media(line).replace("c=IN IP4 192.0.2.10\r\n", ""))
    assert getattr(description.media[0], name) == value
    assert str(description).endswith(f"{line}\r\n")


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ("m=audio 65535 RTP/AVP 0", 65535),
        ("m=audio 65536 RTP/AVP 0", None),
        ("m=audio 4000/0 RTP/AVP 0", None),
        ("m=audio 4000/ RTP/AVP 0", None),
        ("m=audio -1 RTP/AVP 0", None),
        ("m=audio", None),
        ("m=", None),
    ],
)
def test_port(sdp: ModuleType, line: str, port: int | None) -> None:
    (media,) = sdp.SDP.parse(SESSION + line).media
    assert media.port == port
    assert media.port_count == 1
    assert media.lines == (line,)


# ---- lines and bytes ----------------------------------------------------------------------------


@pytest.mark.parametrize("line_end", ["\r\n", "\n", " \t\r\n"])
@pytest.mark.parametrize("last", ["", " \t", "\r"])
@pytest.mark.parametrize("text", [OFFER, WEBRTC, GB28181], ids=["offer", "webrtc", "gb28181"])
def test_line_ends_and_whitespace_before_them_do_not_matter(
    sdp: ModuleType, text: str, line_end: str, last: str
) -> None:
    usual = sdp.SDP.parse(text)
    other = sdp.SDP.parse(text.replace("\r\n", line_end).rstrip() + last)
    assert values(other) == values(usual)
    assert other.defects == ()


@pytest.mark.parametrize(
    "data",
    [
        OFFER.encode(),
        b"\xff\xfe\nm=\xe9\n",
        b"i=a",
        b"\xed\xa0\x80\r\r\n\nx=\0\r\n\n\n",
        "s=中文\r\n".encode("gb18030"),
        "\ufeffv=0\r\ns=é\r\n".encode(),
    ],
)
def test_bytes_come_back(sdp: ModuleType, data: bytes) -> None:
    for given_as in (data, bytearray(data), memoryview(data)):
        description = sdp.SDP.parse(given_as)
        assert bytes(description) == data
        assert str(description) == data.decode("utf-8", "surrogateescape")
        assert sdp.SDP.parse(str(description)) == description
        assert b"".join(map(bytes, description.media)) in data


def test_a_surrogate_that_completes_a_character_is_read_as_it(sdp: ModuleType) -> None:
    assert sdp.SDP.parse("s=\udcc3\udca9") == sdp.SDP.parse("s=é")


def test_lines(sdp: ModuleType) -> None:
    text = "\r\nv=0\r\n\nnonsense\r\n=\na=x\rm=y\nm=audio 1 RTP/AVP 0\r\n\r\n"
    description = sdp.SDP.parse(text)
    assert description.lines == (
        *("", "v=0", "", "nonsense", "=", "a=x\rm=y", "m=audio 1 RTP/AVP 0", ""),
    )
    assert description.media[0].lines == ("m=audio 1 RTP/AVP 0", "")
    assert str(description) == text


@pytest.mark.parametrize(
    "data",
    [b"", "", b"\r\n", b"\x16\x03\x01\x00=", b"<?xml version='1.0'?>", b" v=0", b"1=2\n==\n"],
)
def test_text_without_any_line_of_sdp(sdp: ModuleType, data: Any) -> None:
    with pytest.raises(ParseError) as caught:
        sdp.SDP.parse(data)
    assert (caught.value.code, caught.value.offset) == ("sdp-none", 0)


@pytest.mark.parametrize("data", [None, 5, ["v=0"], object()])
def test_malformed_text(sdp: ModuleType, data: Any) -> None:
    with pytest.raises(TypeError):
        sdp.SDP.parse(data)


def test_a_lone_surrogate(sdp: ModuleType) -> None:
    for text, offset in (("v=0\ns=\ud800\n", 6), ("v=0\ns=é\udcff\ud800", 9)):
        with pytest.raises(ParseError) as caught:
            sdp.SDP.parse(text)
        assert (caught.value.code, caught.value.offset) == ("sdp-surrogate", offset)


# ---- defects ------------------------------------------------------------------------------------

SWAPPED = SESSION.replace("v=0\r\n", "").replace("s=Lunch", "v=0\r\ns=Lunch")
DEFECTS = [
    ("sdp-line-malformed", SESSION + "nonsense\r\n", "nonsense", None),
    ("sdp-line-empty", SESSION + "\r\n", "\r\n", None),
    ("sdp-line-empty", SESSION + " \t\r\n", " \t\r\n", None),
    ("sdp-line-malformed", SESSION.replace("Lunch", ""), "s=", "s="),
    ("sdp-line-malformed", SESSION + "é=1\r\n", "é=1", None),
    ("sdp-byte-forbidden", SESSION + "a=x\0\r\n", "a=x", "a="),
    ("sdp-byte-forbidden", SESSION + "a=x\ry\r\n", "a=x", "a="),
    ("sdp-byte-forbidden", SESSION + "a=x\r\r\n", "a=x", "a="),
    ("sdp-type-unknown", SESSION + "q=1\r\n", "q=1", "q="),
    ("sdp-line-missing", SESSION.replace("v=0\r\n", ""), "", "v="),
    ("sdp-line-missing", SESSION.replace("s=Lunch\r\n", ""), "", "s="),
    ("sdp-line-missing", SESSION.replace("t=0 0\r\n", "") + VIDEO, "", "t="),
    ("sdp-line-misplaced", SESSION + "b=AS:1\r\n", "b=AS", "b="),
    ("sdp-line-misplaced", SWAPPED, "v=", "v="),
    ("sdp-line-misplaced", with_media("a=x", "i=y"), "i=y", "i="),
    ("sdp-line-misplaced", with_media("s=y"), "s=y", "s="),
    ("sdp-line-misplaced", SESSION.replace("t=", "r=1 1 0\r\nt="), "r=", "r="),
    ("sdp-line-repeated", SESSION.replace("s=", "s=a\r\ns="), "s=Lunch", "s="),
    ("sdp-line-repeated", with_media("i=x", "i=y"), "i=y", "i="),
    ("sdp-version-unsupported", SESSION.replace("v=0", "v=1"), "v=", "v="),
    ("sdp-version-unsupported", SESSION.replace("v=0", "v=zero"), "v=", "v="),
    ("sdp-origin-malformed", SESSION.replace("o=ada", "o=ada b"), "o=", "o="),
    ("sdp-origin-malformed", SESSION.replace("IN IP4 192.0.2.10\r\ns", "IN\r\ns"), "o=", "o="),
    ("sdp-connection-malformed", SESSION.replace("c=IN", "c="), "c=", "c="),
    ("sdp-connection-missing", SESSION.replace("c=IN IP4 192.0.2.10\r\n", "") + VIDEO, "m=", "m="),
    ("sdp-bandwidth-malformed", with_media("b=64"), "b=64", "b="),
    ("sdp-time-malformed", SESSION.replace("0 0", "now later"), "t=", "t="),
    ("sdp-time-malformed", SESSION.replace("t=0 0", "t=0"), "t=", "t="),
    ("sdp-repeat-malformed", SESSION + "r=1 1\r\n", "r=", "r="),
    ("sdp-repeat-malformed", SESSION + "r=0 1 0\r\n", "r=", "r="),
    ("sdp-repeat-malformed", SESSION + "r=7w 1h 0\r\n", "r=", "r="),
    ("sdp-zone-malformed", SESSION + "z=1 2 3\r\n", "z=", "z="),
    ("sdp-zone-malformed", SESSION + "z=1 x\r\n", "z=", "z="),
    ("sdp-attribute-malformed", SESSION + "a=é:1\r\n", "a=", "a="),
    ("sdp-attribute-malformed", SESSION + "a=:1\r\n", "a=", "a="),
    ("sdp-attribute-malformed", SESSION + "a=x y:1\r\n", "a=", "a="),
    ("sdp-media-malformed", SESSION + "m=audio 4000 RTP/AVP\r\n", "m=", "m="),
    ("sdp-port-malformed", SESSION + "m=audio 99999 RTP/AVP 0\r\n", "m=", "m="),
    ("sdp-ptime-malformed", with_media("a=ptime:soon"), "a=ptime", "a=ptime"),
    ("sdp-ptime-malformed", with_media("a=maxptime:0"), "a=maxptime", "a=maxptime"),
    ("sdp-rtpmap-malformed", with_media("a=rtpmap:0"), "a=rtpmap", "a=rtpmap"),
    ("sdp-rtpmap-malformed", with_media("a=rtpmap"), "a=rtpmap", "a=rtpmap"),
    ("sdp-direction-repeated", with_media("a=sendonly", "a=inactive"), "a=inactive", "a="),
    ("sdp-fmtp-malformed", with_media("a=fmtp:96"), "a=fmtp", "a=fmtp"),
    ("sdp-rtcp-malformed", with_media("a=rtcp:x"), "a=rtcp", "a=rtcp"),
    ("sdp-setup-malformed", with_media("a=setup:x"), "a=setup", "a=setup"),
    ("sdp-crypto-malformed", with_media("a=crypto:1"), "a=crypto", "a=crypto"),
    ("sdp-mid-malformed", with_media("a=mid:a/b"), "a=mid", "a=mid"),
    ("sdp-group-malformed", SESSION + "a=group:\r\n", "a=group", "a=group"),
    ("sdp-fingerprint-malformed", SESSION + "a=fingerprint:x\r\n", "a=f", "a=fingerprint"),
    ("sdp-candidate-malformed", with_media("a=candidate:1"), "a=cand", "a=candidate"),
    # Rules beyond the grammar: registry/sdp.py.
    ("sdp-origin-malformed", SESSION.replace("3724394400", "-1"), "o=", "o="),
    ("sdp-origin-malformed", SESSION.replace("3724394405", "1.5"), "o=", "o="),
    *(
        (code, SESSION.replace("IN IP4 192.0.2.10\r\nt", f"{text}\r\nt"), "c=", "c=")
        for code, text in (
            ("sdp-address-type-mismatched", "IN IP4 2001:db8::1"),
            ("sdp-address-type-mismatched", "IN IP6 192.0.2.1"),
            ("sdp-address-malformed", "IN IP4 192.0.2.999"),
            ("sdp-address-malformed", "IN IP4 192.0.2"),
            ("sdp-address-malformed", "IN IP4 192.0.2.01"),
            ("sdp-address-malformed", "IN IP4 h..example"),
            ("sdp-address-malformed", "IN IP4 -h"),
            ("sdp-address-malformed", "IN IP4 h-.example"),
            ("sdp-address-malformed", "IN IP4 .h"),
            ("sdp-address-malformed", "IN IP4 example.7"),
            ("sdp-address-malformed", "IN IP4 " + "a" * 256),
            ("sdp-address-malformed", "IN IP6 2001:::1"),
            ("sdp-address-malformed", "IN IP6 1:2:3:4:5:6:7"),
            ("sdp-address-malformed", "IN IP6 1:2:3:4:5:6:7:8:9"),
            ("sdp-address-malformed", "IN IP6 1::2::3"),
            ("sdp-address-malformed", "IN IP6 fe80::1%eth0"),
            ("sdp-address-malformed", "IN IP6 [2001:db8::1]"),
            ("sdp-address-malformed", "IN IP6 2001:db8::12345"),
            ("sdp-host-underscore", "IN IP4 media_1.example.com"),
            ("sdp-network-unknown", "INET IP4 192.0.2.1"),
            ("sdp-network-unknown", "IN IP5 192.0.2.1"),
            ("sdp-network-unknown", "in ip4 192.0.2.1"),
            ("sdp-ttl-missing", "IN IP4 233.252.0.1"),
            ("sdp-ttl-misplaced", "IN IP4 192.0.2.1/127"),
            ("sdp-ttl-misplaced", "IN IP6 2001:db8::1/3"),
            ("sdp-connection-malformed", "IN 192.0.2.27"),
            ("sdp-line-whitespace", " IN IP4 192.0.2.1"),
            ("sdp-line-whitespace", "IN  IP4 192.0.2.1"),
        )
    ),
    ("sdp-address-malformed", SESSION.replace("192.0.2.10\r\ns", "192.0.2.1/7\r\ns"), "o=", "o="),
    ("sdp-time-reversed", SESSION.replace("t=0 0", "t=3724398000 3724394400"), "t=", "t="),
    ("sdp-key-obsolete", SESSION + "k=prompt\r\n", "k=", "k="),
    ("sdp-text-malformed", SESSION.replace("Lunch", "\udcff"), "s=", "s="),
    *(
        (code, SESSION + f"m={text}\r\n", "m=", "m=")
        for code, text in (
            ("sdp-port-malformed", "audio 70000 RTP/AVP 0"),
            ("sdp-port-malformed", "audio 65535/2 RTP/AVP 0"),
            ("sdp-media-malformed", "audio 9 RTP//AVP 0"),
            ("sdp-media-malformed", "é 9 RTP/AVP 0"),
            ("sdp-format-malformed", "audio 9 RTP/AVP PCMU"),
            ("sdp-format-malformed", "audio 9 UDP/TLS/RTP/SAVPF 0 128"),
            ("sdp-format-repeated", "audio 9 RTP/AVP 0 8 0"),
        )
    ),
    *(
        (code, with_media(*lines), lines[-1], "a=" + lines[-1][2:].partition(":")[0])
        for code, lines in (
            ("sdp-candidate-malformed", ["a=candidate:1 0 UDP 1 192.0.2.1 9 typ host"]),
            ("sdp-candidate-malformed", ["a=candidate:1 1 UDP 0 192.0.2.1 9 typ host"]),
            ("sdp-candidate-malformed", ["a=candidate:1 1 UDP 2147483648 192.0.2.1 9 typ host"]),
            ("sdp-candidate-malformed", ["a=candidate:1-1 1 UDP 1 192.0.2.1 9 typ host"]),
            ("sdp-candidate-malformed", [f"a=candidate:{'1' * 33} 1 UDP 1 192.0.2.1 9 typ host"]),
            ("sdp-candidate-malformed", ["a=candidate:1 1 UDP 1 192.0.2 9 typ host"]),
            ("sdp-candidate-malformed", ["a=candidate:1 1 U/P 1 192.0.2.1 9 typ host"]),
            ("sdp-candidate-malformed",
             ["a=candidate:1 1 UDP 1 192.0.2.1 9 typ srflx raddr 1.2 rport 9"]),
            ("sdp-candidate-related-missing", ["a=candidate:1 1 UDP 1 192.0.2.1 9 typ srflx"]),
            ("sdp-candidate-related-missing",
             ["a=candidate:1 1 UDP 1 192.0.2.1 9 typ relay raddr 192.0.2.1"]),
            ("sdp-port-zero", ["a=candidate:1 1 UDP 1 192.0.2.1 0 typ host"]),
            ("sdp-port-zero", ["a=rtcp:0"]),
            ("sdp-rtcp-malformed", ["a=rtcp:70000"]),
            ("sdp-address-type-mismatched", ["a=rtcp:9 IN IP4 ::1"]),
            ("sdp-ice-malformed", ["a=ice-ufrag:abc"]),
            ("sdp-ice-malformed", ["a=ice-ufrag:ab-cd"]),
            ("sdp-ice-malformed", ["a=ice-pwd:" + "a" * 21]),
            ("sdp-ice-malformed", ["a=ice-pwd:" + "a" * 257]),
            ("sdp-ice-malformed", ["a=ice-pwd"]),
            ("sdp-fingerprint-malformed", ["a=fingerprint:SHA-256"]),
            ("sdp-fingerprint-length-wrong", [f"a=fingerprint:sha-256 {HASH}"]),
            ("sdp-fingerprint-length-wrong", ["a=fingerprint:MD5 AB"]),
            ("sdp-fingerprint-in-lower-case", ["a=fingerprint:sha-1 " + HASH.lower()]),
            ("sdp-crypto-key-length-wrong", [f"a=crypto:1 AES_256_CM_HMAC_SHA1_80 {KEY}"]),
            ("sdp-crypto-key-length-wrong", ["a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:AAAA"]),
            ("sdp-crypto-malformed", ["a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:?"]),
            ("sdp-crypto-tag-repeated", ["a=crypto:1 S inline:a", "a=crypto:1 S inline:b"]),
            ("sdp-ptime-too-long", ["a=ptime:201"]),
            ("sdp-rtpmap-malformed", ["a=rtpmap:96 "]),
            ("sdp-rtpmap-malformed", ["a=rtpmap:96 opus/0"]),
            ("sdp-rtpmap-malformed", ["a=rtpmap:96 opus/48000/0"]),
            ("sdp-rtpmap-malformed", ["a=rtpmap:96 opus/48000/stereo"]),
            ("sdp-rtpmap-malformed", ["a=rtpmap:96 é/48000"]),
            ("sdp-attribute-repeated", ["a=extmap:1 urn:x", "a=extmap:1 urn:y"]),
            ("sdp-format-unlisted", ["a=rtpmap:97 opus/48000/2"]),
            ("sdp-format-unlisted", ["a=fmtp:97 x=1"]),
            ("sdp-format-unlisted", ["a=rtcp-fb:97 nack"]),
            ("sdp-attribute-repeated", ["a=rtpmap:96 a/8000", "a=rtpmap:96 b/8000"]),
            ("sdp-attribute-repeated", ["a=fmtp:96 a", "a=fmtp:96 b"]),
            ("sdp-attribute-repeated", ["a=ptime:20", "a=ptime:30"]),
            ("sdp-attribute-repeated", ["a=setup:active", "a=setup:passive"]),
            ("sdp-attribute-misplaced", ["a=tool:x"]),
            ("sdp-attribute-misplaced", ["a=ice-lite"]),
            ("sdp-attribute-value-malformed", ["a=ssrc:x"]),
            ("sdp-attribute-value-malformed", ["a=ssrc:1"]),
            ("sdp-attribute-value-malformed", ["a=rtcp-fb:nack"]),
            ("sdp-attribute-value-malformed", ["a=extmap:urn:x"]),
            ("sdp-attribute-value-malformed", ["a=framerate:30fps"]),
            ("sdp-attribute-value-malformed", ["a=quality:11"]),
            ("sdp-attribute-value-malformed", ["a=connection:old"]),
            ("sdp-attribute-value-malformed", ["a=sctp-port:x"]),
            ("sdp-attribute-value-unexpected", ["a=rtcp-mux:1"]),
            ("sdp-attribute-value-unexpected", ["a=sendrecv:1"]),
            ("sdp-attribute-value-unexpected", ["a=inactive:x"]),
        )
    ),
    ("sdp-attribute-misplaced", SESSION + "a=ptime:20\r\n" + VIDEO, "a=ptime", "a=ptime"),
    ("sdp-group-malformed", SESSION + "a=group:B/N\r\n", "a=group", "a=group"),
    ("sdp-group-mid-missing", SESSION + "a=group:BUNDLE 1\r\n" + VIDEO, "a=group", "a=group"),
    ("sdp-group-mid-repeated", WEBRTC.replace("BUNDLE 0 1", "BUNDLE 0 0"), "a=group", "a=group"),
    (
        "sdp-group-mid-repeated",
        WEBRTC.replace("BUNDLE 0 1\r\n", "BUNDLE 0\r\na=group:BUNDLE 1 0\r\n"),
        *("a=group:BUNDLE 1", "a=group"),
    ),
    ("sdp-mid-repeated", SESSION + 2 * (VIDEO + "a=mid:0\r\n"), "a=mid", "a=mid"),
]  # fmt: skip
LEGAL = [
    with_media(),
    with_media("a=ptime:20", "a=ptime:20"),
    OFFER + "m=audio 0 RTP/AVP 0 8\r\n",
    SESSION + "a=group:BUNDLE\r\n",
    SESSION.replace("IN IP4 192.0.2.10\r\nt", "PSTN E164 +15551234\r\nt"),
    GB28181.replace("f=v/2/5/25/1/2048a/1/8/1", "f="),
    SESSION + "y=\r\nf=v/////a///\r\n",
    SESSION.replace("s=Lunch", "s= "),
    SESSION.replace("s=Lunch", "s=a  b"),
    SESSION.replace("Lunch", "\udcff") + "a=charset:ISO-8859-1\r\n",
    SESSION.replace("t=0 0", "t=3724394400 0"),
    *(
        SESSION.replace("IN IP4 192.0.2.10\r\nt", f"IN {text}\r\nt")
        for text in (
            *("IP4 0.0.0.0", "IP4 255.255.255.255", "IP4 233.252.0.1/127", "IP4 239.0.0.1/1/3"),
            *("IP4 a", "IP4 example.com.", "IP4 233.example", "IP4 xn--bcher-kva.example"),
            *("IP6 ::", "IP6 ::1", "IP6 1::", "IP6 1:2:3:4:5:6:7:8", "IP6 1:2:3:4:5:6:7::"),
            *("IP6 ::2:3:4:5:6:7:8", "IP6 ::ffff:192.0.2.1", "IP6 1:2:3:4:5:6:192.0.2.1"),
            *("IP6 2001:DB8::1", "IP6 ff15::101", "IP6 FF15::101/3", "IP6 ffff.example"),
        )
    ),
    with_media("a=rtcp-fb:* nack pli", "a=extmap:1/sendonly urn:x a", "a=ssrc:4294967295 cname:x"),
    with_media("a=candidate:a+/9 256 tcp 2147483647 x.local 9 typ srflx raddr :: rport 0"),
    with_media("a=ice-ufrag:" + "a" * 256, "a=ice-pwd:" + "+" * 22, "a=ice-options:trickle"),
    with_media("a=crypto:1 AEAD_AES_256_GCM inline:" + "A" * 59, "a=crypto:2 S x:y;inline:?"),
    with_media("a=crypto:1 AES_192_CM_HMAC_SHA1_32 inline:" + "A" * 51 + "=|2^20"),
    with_media("a=fingerprint:sha-1 " + HASH, "a=fingerprint:sha-256 " + LONG_HASH),
    with_media("a=fingerprint:sha3-512 AB:CD", "a=ptime:200", "a=maxptime:240", "a=x", "a=x"),
    SESSION + "m=message 9 TCP/MSRP *\r\nm=image 9 udptl t38\r\nm=text 9 TCP/TLS a a2\r\n",
    SESSION + "a=setup:active\r\n" + VIDEO + "a=setup:passive\r\n" + VIDEO + "a=rtcp-mux\r\n",
    SESSION + "a=recvonly\r\n" + VIDEO + "a=sendonly\r\n",
]


@pytest.mark.parametrize(
    ("code", "text", "where", "header"),
    DEFECTS,
    ids=[f"{code}-{index}" for index, (code, *_) in enumerate(DEFECTS)],
)
def test_a_defect(sdp: ModuleType, code: str, text: str, where: str, header: str | None) -> None:
    at = text.rindex(where) if where != "\r\n" else len(SESSION)
    (found,) = sdp.SDP.parse(text).defects if where else sdp.SDP.parse(text).defects[:1]
    assert (found.code, found.header) == (code, header)
    assert found.offset == (at if where else 0)
    assert (found.rfc, found.status_hint) == (FAULTS[code].rfc, FAULTS[code].status)
    assert "{" not in str(found)


@pytest.mark.parametrize("text", LEGAL, ids=range(len(LEGAL)))
def test_no_defect(sdp: ModuleType, text: str) -> None:
    assert sdp.SDP.parse(text).defects == ()


def test_of_two_faults_of_a_line_both_count_if_one_is_its_place(sdp: ModuleType) -> None:
    found = sdp.SDP.parse(SESSION + "a=ptime:x\r\na=crypto:1\r\na=crypto:1\r\n").defects
    assert [(defect.code, defect.header) for defect in found] == [
        ("sdp-ptime-malformed", "a=ptime"),
        ("sdp-attribute-misplaced", "a=ptime"),
        ("sdp-crypto-malformed", "a=crypto"),
        ("sdp-attribute-misplaced", "a=crypto"),
        ("sdp-crypto-malformed", "a=crypto"),
        ("sdp-crypto-tag-repeated", "a=crypto"),
        ("sdp-attribute-misplaced", "a=crypto"),
    ]


def test_each_media_description_counts_for_itself(sdp: ModuleType) -> None:
    again = AUDIO.replace("a1", "a2") + VIDEO + AUDIO.replace("a1", "a3")
    assert sdp.SDP.parse(OFFER + again).defects == ()


def test_a_warning_is_not_refused(sdp: ModuleType) -> None:
    media = sdp.Media.build("audio", 9, "RTP/AVP", ["x"], key="prompt", attributes=["ptime:500"])
    found = sdp.SDP.parse(SESSION + str(media)).defects
    assert [defect.severity for defect in found] == ["warning"] * 3
    with pytest.raises(ValueError, match="attributes: Malformed candidate"):
        media.replace(attributes=["candidate:1 0 UDP 1 192.0.2.1 9 typ host"])


def test_every_row_of_faults_has_an_example() -> None:
    rows = {code for code in FAULTS if code.startswith("sdp-")}
    assert rows == {code for code, *_ in DEFECTS} | {"sdp-none", "sdp-surrogate"}


def test_offsets_count_bytes(sdp: ModuleType) -> None:
    data = SESSION.replace("Lunch", "Séance 中").encode() + b"a=\xff\xfe\na=setup:x\n"
    found = sdp.SDP.parse(data).defects
    assert [(defect.code, defect.offset) for defect in found] == [
        ("sdp-attribute-malformed", data.index(b"a=\xff")),
        ("sdp-setup-malformed", data.index(b"a=setup")),
    ]


def test_defects_are_in_the_order_of_their_lines(sdp: ModuleType) -> None:
    description = sdp.SDP.parse(
        "s=x\nnonsense\nm=audio x RTP/AVP 0\nm=video 0 RTP/AVP 31\na=mid:\n"
    )
    assert [(defect.code, defect.header) for defect in description.defects] == [
        *[("sdp-line-missing", header) for header in ("v=", "o=", "t=")],
        ("sdp-line-malformed", None),
        ("sdp-port-malformed", "m="),
        ("sdp-connection-missing", "m="),
        ("sdp-connection-missing", "m="),
        ("sdp-mid-malformed", "a=mid"),
    ]


def test_defects_are_not_without_end(sdp: ModuleType) -> None:
    assert codes(sdp.SDP.parse("v=0" + "\n" * 100_000)) == ["sdp-line-empty"] * 1_000


# ---- changed copies -----------------------------------------------------------------------------


def test_other_parts_stay(sdp: ModuleType) -> None:
    text = OFFER.replace("t=0 0\r\n", "t=0 0 \n\nnonsense\r\n") + "x=?"
    description = sdp.SDP.parse(text)
    changed = description.replace(session_name="Tea", connection="IN IP6 2001:db8::7")
    expected = text.replace("Lunch", "Tea").replace("c=IN IP4 192.0.2.10", "c=IN IP6 2001:db8::7")
    assert str(changed) == expected + "\r\n"
    assert str(description) == text
    assert str(description.replace()) == text + "\r\n"


def test_replace_by_records(sdp: ModuleType) -> None:
    offer = sdp.SDP.parse(OFFER)
    origin = offer.origin._replace(session_version="3724394406")
    changed = offer.replace(
        origin=origin,
        times=[sdp.Timing(1, 2, (sdp.Repeat(7, 1, (0, 3)),)), "0 0"],
        zone=[sdp.ZoneAdjustment(5, -3600), sdp.ZoneAdjustment(6, 0)],
        bandwidths=[sdp.Bandwidth("AS", 9)],
        attributes=[sdp.Attribute("tool", "x"), sdp.Attribute("lite")],
        emails=["a@example.com"],
        key="prompt",
    )
    assert str(changed) == (
        "v=0\r\no=ada 3724394400 3724394406 IN IP4 192.0.2.10\r\ns=Lunch\r\ne=a@example.com\r\n"
        "c=IN IP4 192.0.2.10\r\nb=AS:9\r\nt=1 2\r\nr=7 1 0 3\r\nt=0 0\r\nz=5 -3600 6 0\r\n"
        "k=prompt\r\na=tool:x\r\na=lite\r\n" + AUDIO + VIDEO
    )
    assert codes(changed) == ["sdp-key-obsolete"]
    gone = dict.fromkeys(("emails", "bandwidths", "attributes", "zone"), ())
    back = changed.replace(origin=offer.origin, times=offer.times, key=None, **gone)
    assert back == offer


def test_replace_media(sdp: ModuleType) -> None:
    offer = sdp.SDP.parse(OFFER)
    audio, video = offer.media
    held = audio.replace(direction="inactive", port=5000)
    assert str(held) == AUDIO.replace("49170", "5000").replace("sendonly", "inactive")
    assert held.connection == audio.connection
    assert str(offer.replace(media=[video, held])) == SESSION + VIDEO + str(held)
    assert str(offer.replace(media=[])) == SESSION
    assert video.replace(port_count=2, formats=[34], kind="x", protocol="RTP/SAVP") == (
        video.build("x", 0, "RTP/SAVP", ["34"], port_count=2)
    )
    assert audio.direction == "sendonly"


def test_a_part_is_put_where_it_belongs(sdp: ModuleType) -> None:
    (video,) = sdp.SDP.parse(GB28181).media
    changed = video.replace(
        information="Gate", bandwidths=["AS:5"], connection="IN IP4 192.0.2.3", ssrc=None
    )
    assert changed.lines == (
        *("m=video 6000 RTP/AVP 96 98", "i=Gate", "c=IN IP4 192.0.2.3", "b=AS:5", "a=recvonly"),
        *("a=rtpmap:96 PS/90000", "a=rtpmap:98 H264/90000", "f=v/2/5/25/1/2048a/1/8/1"),
    )
    bare = video.replace(attributes=[])
    assert bare.replace(direction="sendonly").lines[1] == "a=sendonly"
    assert bare.replace(direction="sendonly", attributes=["x", "sendrecv"]).lines[1:3] == (
        *("a=x", "a=sendonly"),
    )
    assert video.replace(direction=None).direction == "sendrecv"


def test_new_lines_end_as_the_others(sdp: ModuleType) -> None:
    description = sdp.SDP.parse(OFFER.replace("\r\n", "\n").rstrip("\n"))
    changed = description.replace(information="x", media=[description.media[1].replace(port=9)])
    assert "\r" not in str(changed)
    assert str(changed).endswith("m=video 9 RTP/AVP 34 126\n")


def test_build(sdp: ModuleType) -> None:
    audio = sdp.Media.build(
        *("audio", 4000, "RTP/AVP", [0, "96"]),
        attributes=[f"rtpmap:{sdp.RtpMap(96, 'opus', 48000, '2')}", "ptime:20"],
        direction="sendonly",
        ssrc="0100000001",
        media_format="v/a",
    )
    offer = sdp.SDP.build(
        origin=sdp.Origin("-", "1", "1", "IN", "IP4", "192.0.2.1"),
        connection="IN IP4 192.0.2.1",
        media=[audio],
        phones=["+1 5"],
    )
    assert str(offer) == (
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\np=+1 5\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
        "m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:96 opus/48000/2\r\na=ptime:20\r\na=sendonly\r\n"
        "y=0100000001\r\nf=v/a\r\n"
    )
    assert offer.defects == ()
    assert [codec.encoding for codec in offer.media[0].codecs] == ["PCMU", "opus"]
    assert audio.connection is None


@pytest.mark.parametrize(
    "fields",
    [
        {"session_name": "a\r\ni=b"},
        {"session_name": "a\nb"},
        {"session_name": "a\0"},
        {"session_name": ""},
        {"origin": "ada"},
        {"origin": "a b 1 1 IN IP4 192.0.2.1"},
        {"version": 1},
        {"connection": "192.0.2.1"},
        {"bandwidths": ["64"]},
        {"times": ["now"]},
        {"attributes": ["ptime:x"]},
        {"attributes": [""]},
        {"attributes": ["é"]},
        {"direction": "both"},
        {"direction": "sendonly\r\na=x"},
    ],
)
def test_values_refused_in_a_description(sdp: ModuleType, fields: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(fields))):
        sdp.SDP.parse(OFFER).replace(**fields)


@pytest.mark.parametrize(
    "parts",
    [
        ("audio", 65536, "RTP/AVP", [0]),
        ("audio", -1, "RTP/AVP", [0]),
        ("audio", 4000, "RTP/AVP", []),
        ("", 4000, "RTP/AVP", [0, 1]),
        ("audio video", 4000, "RTP/AVP", [0]),
        ("audio", 4000, "RTP/AVP", ["0 8"]),
        ("audio", 4000, "RTP/AVP\r\na=x", [0]),
        ("audio", None, "RTP/AVP", [0]),
    ],
)
def test_malformed_media_lines(sdp: ModuleType, parts: Any) -> None:
    with pytest.raises(ValueError, match="media"):
        sdp.Media.build(*parts)


def test_media_alone(sdp: ModuleType) -> None:
    audio = sdp.Media.parse(AUDIO.encode())
    assert audio == sdp.SDP.parse(OFFER).media[0]
    assert audio.connection is None
    assert sdp.Media.parse(OFFER).connection.address == "192.0.2.10"
    with pytest.raises(ParseError):
        sdp.Media.parse(SESSION)


def test_wrong_arguments(sdp: ModuleType) -> None:
    offer = sdp.SDP.parse(OFFER)
    for wrong in (
        {"name": "x"},
        {"ssrc": "1"},
        {"emails": "a@example.com"},
        {"media": ["m=audio 1 RTP/AVP 0"]},
    ):
        with pytest.raises(TypeError):
            offer.replace(**wrong)
    for wrong in ({"origin": "x"}, {"formats": "0"}, {"attributes": "x"}):
        with pytest.raises(TypeError):
            offer.media[0].replace(**wrong)
    with pytest.raises(TypeError, match="origin"):
        sdp.SDP.build(session_name="x")


# ---- what others give ---------------------------------------------------------------------------


class Odd(str):
    """A str with false methods."""

    def isascii(self) -> bool:
        return True

    def encode(self, *given: Any) -> Any:
        return None

    def __str__(self) -> str:
        return "x\r\na=injected"

    def __format__(self, spec: str) -> str:
        return "x\r\na=injected"

    def __radd__(self, other: Any) -> Any:
        return None

    def startswith(self, *given: Any) -> Any:
        return True


def test_a_subclass_of_str_is_the_text_that_it_holds(sdp: ModuleType) -> None:
    assert sdp.SDP.parse(Odd(OFFER.replace("Lunch", "é"))) == (
        sdp.SDP.parse(OFFER.replace("Lunch", "é"))
    )
    audio = sdp.Media.build(
        *(Odd("audio"), 4000, Odd("RTP/AVP"), [Odd("0")]), attributes=[Odd("x:1")], key=Odd("y")
    )
    assert str(audio) == "m=audio 4000 RTP/AVP 0\r\nk=y\r\na=x:1\r\n"
    offer = sdp.SDP.parse(OFFER).replace(session_name=Odd("Tea"), origin=Odd("- 1 1 IN IP4 a"))
    assert offer.lines[1:3] == ("o=- 1 1 IN IP4 a", "s=Tea")
    assert (audio.attribute(Odd("x")), audio.getall(Odd("x")), audio.fmtp(Odd("0"))) == (
        *("1", ["1"], None),
    )


TEXTS = (
    *("information", "key", "session_name", "uri", "connection", "origin", "direction"),
    *("ssrc", "media_format"),
)
LISTS = ("emails", "phones", "bandwidths", "attributes", "times")


def smuggled(sdp: ModuleType, text: str) -> list[Any]:
    """Records with this text in each part that is text."""
    return [
        sdp.Attribute("x", text),
        sdp.Attribute(text, "x"),
        sdp.Bandwidth(text, 1),
        sdp.Bandwidth("AS", text),
        sdp.Timing(1, text),
        sdp.Timing(1, 2, (sdp.Repeat(1, 2, (text,)),)),
        sdp.Connection("IN", "IP4", text),
        sdp.Origin(text, "1", "1", "IN", "IP4", "a"),
        text,
    ]


@pytest.mark.parametrize("bad", ["\r\na=y", "\n", "\r", "\0", "\nm=audio 1 x 0", "\ud800"])
def test_nothing_that_is_given_becomes_a_second_line(sdp: ModuleType, bad: str) -> None:
    offer = sdp.SDP.parse(OFFER)
    for text in (f"a{bad}", bad, f"{bad}a", f"a{bad}b"):
        for section in (offer, offer.media[0]):
            for name in (*TEXTS, *LISTS):
                for record in smuggled(sdp, text):
                    given: Any = [record] if name in LISTS else record
                    with pytest.raises((ValueError, TypeError)):
                        section.replace(**{name: given})
        with pytest.raises(ValueError, match="zone"):
            offer.replace(zone=[sdp.ZoneAdjustment(1, text)])
        for parts in (
            (text, 1, "x", ["0"]),
            ("audio", text, "x", ["0"]),
            ("audio", 1, text, ["0"]),
            ("audio", 1, "x", [text]),
            ("audio", 1, "x", ["0", text]),
        ):
            with pytest.raises(ValueError, match="media"):
                sdp.Media.build(*parts)


@pytest.mark.parametrize("field", ["session_name", "emails", "attributes", "connection", "key"])
@pytest.mark.parametrize("wrong", [5, b"x", ("IN", "IP4", "192.0.2.1"), object(), 2.5])
def test_values_of_other_types(sdp: ModuleType, field: str, wrong: Any) -> None:
    given = [wrong] if field in LISTS else wrong
    with pytest.raises(TypeError, match=field):
        sdp.SDP.parse(OFFER).replace(**{field: given})
    with pytest.raises(TypeError):
        sdp.Media.build("audio", 4000, wrong, [0])
    with pytest.raises(TypeError):
        sdp.SDP.parse(OFFER).media[0].fmtp(object())


def test_parts_of_records_stay_where_they_are_put(sdp: ModuleType) -> None:
    for field, record in (
        ("origin", sdp.Origin("a", "1", "1", "IN", "IP4 b", "")),
        ("connection", sdp.Connection("IN", "IP4", "192.0.2.1/7")),
        ("connection", sdp.Connection("IN IP4", "192.0.2.1", "")),
        ("connection", sdp.Connection("IN", "IP4", "192.0.2.1", None, 3)),
        ("attributes", sdp.Attribute("x:y", "z")),
        ("bandwidths", sdp.Bandwidth("AS:1", "")),
    ):
        with pytest.raises(ValueError, match=field):
            sdp.SDP.parse(OFFER).replace(**{field: [record] if field in LISTS else record})


def test_numbers_beyond_measure(sdp: ModuleType) -> None:
    huge = 10**5000
    offer = sdp.SDP.parse(OFFER)
    for changes in (
        {"version": huge},
        {"bandwidths": [sdp.Bandwidth("AS", huge)]},
        {"times": [sdp.Timing(0, huge)]},
        {"times": [sdp.Timing(0, 0, (sdp.Repeat(huge, 1, (0,)),))]},
        {"zone": [sdp.ZoneAdjustment(huge, 0)]},
    ):
        with pytest.raises(ValueError, match=next(iter(changes))):
            offer.replace(**changes)
    for parts in (("a", huge, "x", [0]), ("a", 1, "x", [huge])):
        with pytest.raises(ValueError, match="media"):
            sdp.Media.build(*parts)
    with pytest.raises(ValueError, match="media"):
        offer.media[0].replace(port_count=huge)
    assert offer.media[0].fmtp(huge) is None


def test_an_empty_line_before_media_is_a_line(sdp: ModuleType) -> None:
    first, second = sdp.SDP.parse(SESSION + "m=a 1 x 0\r\n\r\nm=b 2 x 0\r\n").media
    assert first.lines == ("m=a 1 x 0", "")
    assert second.lines == ("m=b 2 x 0",)


@pytest.mark.parametrize("looks", range(1, 9))
def test_an_attribute_is_found_however_often_one_is_looked_for(sdp: ModuleType, looks: int) -> None:
    lines = ["a=x", "a=xy:1", "a=x:", "a=x: 1:2 \t", "a=x \t", "a=z:3"]
    media = sdp.SDP.parse(with_media(*lines)).media[0]
    for _ in range(looks):
        media.attribute("none")
    assert media.attribute("x") is True
    assert media.getall("x") == [True, "", " 1:2", True]
    media.getall("x").clear()
    assert media.getall("x") == [True, "", " 1:2", True]
    assert (media.attribute("xy"), media.getall("z"), media.attribute("y")) == ("1", ["3"], None)


def test_the_fmtp_of_a_format_is_that_of_all(sdp: ModuleType) -> None:
    lines = ["a=fmtp:96", "a=fmtp: 96  x", "a=fmtp:96 y", "a=fmtp:97 z"]
    media = sdp.SDP.parse(with_media(*lines)).media[0]
    assert media.fmtps == {"96": "x", "97": "z"}
    assert (media.fmtp(96), media.fmtp("97"), media.fmtp("96 y")) == ("x", "z", None)
    assert (media.fmtp(-1), media.fmtp(2**31)) == (None, None)


# ---- as Python objects --------------------------------------------------------------------------


def test_equality_is_that_of_the_text(sdp: ModuleType) -> None:
    one, same, other = sdp.SDP.parse(OFFER), sdp.SDP.parse(OFFER.encode()), sdp.SDP.parse(WEBRTC)
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != OFFER
    assert one.media == same.media
    assert hash(one.media[0]) == hash(same.media[0])
    assert one.media[0] != one.media[1]
    assert one.media[0] != str(one.media[0])


def test_copies_and_pickles(sdp: ModuleType) -> None:
    description = sdp.SDP.parse(WEBRTC)
    audio, data = description.media
    timing = sdp.Timing(1, 2, (sdp.Repeat(7, 1, (0,)),))
    for thing in (
        description,
        audio,
        data,
        audio.candidates,
        data.cryptos,
        description.origin,
        timing,
    ):
        for again in (pickle.loads(pickle.dumps(thing)), copy.copy(thing), copy.deepcopy(thing)):
            assert str(again) == str(thing)
    assert pickle.loads(pickle.dumps(data)).setup == "actpass"
    assert b"_native" not in pickle.dumps((description, audio, timing))
    assert b"_core" not in pickle.dumps((description, audio, timing))


def test_nothing_can_be_changed(sdp: ModuleType) -> None:
    offer = sdp.SDP.parse(OFFER)
    for thing in (offer, offer.media[0], offer.origin):
        for name in ("connection", "origin", "address", "other"):
            with pytest.raises(AttributeError):
                setattr(thing, name, None)
    offer.media[0].rtpmaps.clear()
    offer.media[0].fmtps.clear()
    assert len(offer.media[0].rtpmaps) == 3


def test_repr(sdp: ModuleType) -> None:
    offer = sdp.SDP.parse(OFFER)
    assert repr(offer) == f"<SDP Lunch, 2 media, {len(OFFER)} characters>"
    assert repr(offer.media[0]) == "<Media audio 49170 RTP/AVP 0 8 97 101>"
    assert len(repr(sdp.SDP.parse("s=" + "\udcff" * 10_000))) < 500


def test_objects_made_without_parse(sdp: ModuleType) -> None:
    for kind in (sdp.SDP, sdp.Media):
        with pytest.raises(TypeError):
            kind()
        for name in (name for name in dir(kind) if not name.startswith("_")):
            empty = kind.__new__(kind)
            if isinstance(getattr(kind, name), Callable):  # type: ignore[arg-type]
                continue
            with pytest.raises((AttributeError, TypeError)):
                getattr(empty, name)


# ---- both engines, whatever the bytes -----------------------------------------------------------


def values(section: Any) -> dict[str, Any]:
    """All values of a section, without its text."""
    said = {}
    for name in dir(section):
        if name.startswith("_") or name in ("lines", "defects"):
            continue
        value = getattr(section, name)
        if name == "media":
            value = [values(media) for media in value]
        if not callable(value):
            said[name] = value
    return said


TOKENS = st.text("abXY01-.", min_size=1, max_size=6)
NUMBERS = st.one_of(st.integers(0, 70_000), st.integers(0, 2**64)).map(str)
WORDS = st.one_of(TOKENS, NUMBERS, st.text("aé\xa0/:;=0 \t\0\r\xff", max_size=5))
TEMPLATES = [
    *("v=0", "v={}", "s={}", "i={}", "u={}", "e={}", "p={}", "k={}", "y={}", "f={}", "q={}", "{}"),
    *("o={} {} {} IN IP4 {}", "c=IN IP4 {}", "c=IN IP4 {}/{}/{}", "c=IN IP6 {}/{}", "b={}:{}"),
    *("t={} {}", "r={} {} {}", "r=7d {}h 0", "z={} {}", "z=1 -{}h"),
    *("m={} {} RTP/AVP {} {}", "m=audio {}/{} RTP/AVP 0", "m={} {}", "m=audio 4000 RTP/AVP 0 8 96"),
    *("a={}", "a={}:{}", "a=sendonly", "a=inactive", "a=rtpmap:{} {}/{}", "a=rtpmap:96 {}/{}/{}"),
    *("a=fmtp:{} {}", "a=ptime:{}", "a=maxptime:{}.{}", "a=rtcp:{}", "a=rtcp:{} IN IP4 {}"),
    *("a=mid:{}", "a=group:{} {}", "a=setup:{}", "a=setup:active", "a=ice-ufrag:{}"),
    *("a=fingerprint:{} AB:{}", "a=crypto:{} {} inline:{};inline:{} {}"),
    *("a=candidate:{} {} {} {} {} {} typ {} raddr {} rport {} {} {}",),
    *("a=candidate:1 1 UDP {} {} {} typ host {} {}", "a=rtpmap:0 PCMU/8000"),
]


@st.composite
def lines(draw: st.DrawFn) -> str:
    template = draw(st.sampled_from(TEMPLATES))
    return template.format(*[draw(WORDS) for _ in range(template.count("{}"))])


@st.composite
def descriptions(draw: st.DrawFn) -> bytes:
    first = draw(st.sampled_from(["v=0\r\n", "", SESSION, OFFER]))
    ends = st.sampled_from(["\r\n", "\r\n", "\n", " \r\n", "\r"])
    text = first + "".join([line + draw(ends) for line in draw(st.lists(lines(), max_size=12))])
    return text.encode() + draw(st.sampled_from([b"", b"a=\xff", b"s=\r\n\r\n", b"a=sendrecv"]))


def attempt(module: ModuleType, data: Any) -> Any:
    try:
        return module.SDP.parse(data)
    except ParseError as error:
        return error


def of(engine: Engine) -> ModuleType:
    module: ModuleType = engine.module("sdp.description")
    return module


@settings(max_examples=400, deadline=None)
@given(
    data=st.one_of(descriptions(), st.binary(max_size=60), st.binary(max_size=9).map(b"v=".__add__))
)
def test_engines_agree(native: Engine, pure: Engine, data: bytes) -> None:
    one, other = attempt(of(native), data), attempt(of(pure), data)
    if isinstance(other, ParseError):
        assert (one.code, one.offset) == (other.code, other.offset)
        return
    assert bytes(one) == bytes(other) == data
    assert values(one) == values(other)
    assert (one.lines, one.defects, repr(one)) == (other.lines, other.defects, repr(other))
    assert [media.lines for media in one.media] == [media.lines for media in other.media]


@settings(max_examples=200, deadline=None)
@given(data=descriptions())
def test_text_reads_back_the_same(engine: Engine, data: bytes) -> None:
    description = attempt(of(engine), data)
    if isinstance(description, ParseError):
        return
    again = of(engine).SDP.parse(str(description))
    assert again == description
    assert values(again) == values(description)
    assert again.defects == description.defects
    assert all(0 <= found.offset <= len(data) for found in description.defects)
    assert (
        "".join(map(str, description.media))
        == str(description)[
            len(str(description)) - sum(len(str(media)) for media in description.media) :
        ]
    )


@pytest.mark.parametrize("word", ["277777777777778h", "11574074074075d", "999999999999999999m"])
def test_a_typed_time_that_seconds_cannot_say_is_malformed(engine: Engine, word: str) -> None:
    read = engine.module("sdp.records").read_repeat
    assert read(f"7d {word} 0") is None
    assert str(read("7d 277777777777777h 0")) == "604800 999999999999997200 0"
    assert read("604800 999999999999999999 0").duration == 10**18 - 1


@settings(max_examples=200, deadline=None)
@given(data=descriptions())
def test_records_read_back_the_same(engine: Engine, data: bytes) -> None:
    """The value of a valid line, written again, reads as the same value."""
    module, description = engine.module("sdp.records"), attempt(of(engine), data)
    if isinstance(description, ParseError):
        return
    media = description.media
    readers = {
        module.read_origin: [description.origin],
        module.read_connection: [description.connection, *[each.connection for each in media]],
        module.read_bandwidth: [*description.bandwidths],
        module.read_repeat: [again for time in description.times for again in time.repeats],
        module.read_rtpmap: [again for each in media for again in each.rtpmaps.values()],
        module.read_rtcp: [each.rtcp for each in media],
        module.read_group: [*description.groups],
        module.read_fingerprint: [*description.fingerprints],
        module.read_crypto: [again for each in media for again in each.cryptos],
        module.read_candidate: [again for each in media for again in each.candidates],
    }
    for read, records in readers.items():
        for record in records:
            assert record is None or read(str(record)) == record


@settings(max_examples=100, deadline=None)
@given(data=descriptions(), name=WORDS, port=st.integers(0, 65535), flag=TOKENS)
def test_copies_are_changed_where_they_are_to_be(
    native: Engine, pure: Engine, data: bytes, name: str, port: int, flag: str
) -> None:
    texts = []
    for engine in (native, pure):
        description = attempt(of(engine), data)
        if isinstance(description, ParseError):
            return
        media = [
            each.replace(attributes=[*each.attributes])
            for each in description.media
            if not codes(description)
        ]
        new = of(engine).Media.build("audio", port, "RTP/AVP", [0], attributes=[flag])
        try:
            changed = description.replace(session_name=name, media=[*media, new])
        except ValueError:
            texts.append("")
            continue
        assert changed.session_name == name.rstrip(" \t")
        assert changed.media[-1] == new
        assert changed.media[-1].port == port
        assert [each.rtpmaps for each in changed.media[:-1]] == [each.rtpmaps for each in media]
        texts.append(str(changed))
    assert texts[0] == texts[1]


# ---- cost ---------------------------------------------------------------------------------------


def long_line(size: int) -> str:
    return SESSION + "a=" + "x" * size


LONG: dict[str, Callable[[int], str]] = {
    "attributes": lambda n: with_media(*["a=rtpmap:96 opus/48000/2"] * n),
    "other attributes": lambda n: with_media(*[f"a=x{i}:{i}" for i in range(n)]),
    "directions": lambda n: with_media(*["a=sendonly"] * n),
    "formats": lambda n: SESSION + "m=audio 4000 RTP/AVP" + " 96" * n,
    "media": lambda n: SESSION + "a=x\r\n" * n + "m=audio 9 RTP/AVP 0\r\n" * n,
    "bad media": lambda n: SESSION + "m=\r\n" * n,
    "one line": lambda n: long_line(20 * n),
    "spaces": lambda n: SESSION + "a=rtpmap:" + " " * 20 * n + "\r\nc=" + " " * 20 * n,
    "carriage returns": lambda n: SESSION + "a=" + "\r" * 20 * n + "x",
    "digits": lambda n: SESSION + f"t={'9' * 20 * n} 0\r\nm=audio {'9' * 20 * n} RTP/AVP 0",
    "candidates": lambda n: with_media("a=candidate:" + "a b " * n + "typ host"),
    "fingerprint": lambda n: with_media("a=fingerprint:x " + "AB:" * n),
    "zone": lambda n: SESSION + "z=" + "1 2 " * n,
    "repeats": lambda n: SESSION + "r=1 1 1\r\n" * n,
    "no lines": lambda n: "v=0" + "\n" * n,
    "beyond ascii": lambda n: SESSION + "a=é\r\n" * n,
}


@pytest.mark.parametrize("name", LONG)
def test_cost_is_linear(sdp: ModuleType, name: str) -> None:
    few, many = (LONG[name](count).encode() for count in (2_000, 4_000))

    def read(data: bytes) -> None:
        description = sdp.SDP.parse(data)
        values(description)
        assert len(description.defects) <= 1_000

    # Twice as much in twice the time; a quadratic step takes four times as long.
    assert ratio(partial(read, few), partial(read, many), 3) <= 3


def test_of_rtpmaps_that_were_read_not_many_are_kept(sdp: ModuleType) -> None:
    def read(names: list[str]) -> None:
        rtpmaps = [f"a=rtpmap:{96 + number % 8} {name}/8000" for number, name in enumerate(names)]
        assert len(sdp.SDP.parse(with_media(*rtpmaps)).media[0].rtpmaps) == min(8, len(names))

    tracemalloc.start()
    try:
        for batch in range(20):
            read([f"x{batch}-{number}" for number in range(1_000)])
        read(["x" * 100_000] * 8)
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()
    read(["PCMU"])


@pytest.mark.parametrize(
    "text", [long_line(1 << 20), LONG["attributes"](10_000), LONG["formats"](10_000)]
)
def test_large_ones_are_read(sdp: ModuleType, text: str) -> None:
    description = sdp.SDP.parse(text)
    said = values(description)
    assert str(description) == text
    assert said["origin"].username == "ada"
    assert sum(len(media["attributes"]) + len(media["formats"]) for media in said["media"]) in (
        *(0, 10_000, 10_002),
    )
