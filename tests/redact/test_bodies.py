"""What becomes of bodies: session descriptions line by line, parts one by one."""

from __future__ import annotations

import re

import pytest
from samples import sample

from sipfast._engine import Engine
from sipfast.redact import Redactor
from sipfast.redact.bodies import BODIES
from sipfast.redact.sdp import ATTRIBUTES, LINES

KEY = b"0123456789abcdef"
INVITE = b"INVITE sip:bob@example.com SIP/2.0"
HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
AUDIO = "m=audio 4000 RTP/AVP 0\r\n"


def body(
    engine: Engine, content: str | bytes, media_type: str = "application/sdp", *fields: bytes
) -> tuple[str | None, str]:
    """The media type and the body after redaction."""
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    one = Redactor(KEY, engine=engine)
    made = one.message(
        sample(INVITE, f"Content-Type: {media_type}".encode(), *fields, body=data, CSeq=b"1 INVITE")
    )
    assert made is not None
    message = engine.parse(made)
    assert message.content_length == len(message.body)
    assert made.endswith(message.body)
    assert one.removed["body"] == (not message.body and bool(data))
    return message.headers.get("Content-Type"), message.body.decode("ascii")


def sdp(engine: Engine, text: str) -> str:
    media_type, made = body(engine, text)
    assert (media_type is None) == (not made)
    return made


def attribute(engine: Engine, text: str) -> str | None:
    """An attribute after redaction."""
    made = sdp(engine, f"{HEAD}{AUDIO}a={text}\r\n")
    found = re.search("^a=(.*)\r$", made, re.MULTILINE)
    return found and found[1]


def test_a_plain_description_stays(engine: Engine) -> None:
    assert sdp(engine, HEAD + AUDIO) == HEAD + AUDIO
    assert sdp(engine, (HEAD + AUDIO).replace("\r", "")) == HEAD + AUDIO


def test_lines_that_tell_who_someone_is_go(engine: Engine) -> None:
    secret = (
        "i=alice\r\nu=http://alice\r\ne=a@alice\r\np=+1 alice\r\nk=clear:alice\r\nr=7d 1h 0\r\n"
    )
    made = sdp(engine, HEAD.replace("s=-", "s=Alice's call") + secret + AUDIO)
    assert made == HEAD + AUDIO


def test_the_origin_has_pseudonyms(engine: Engine) -> None:
    lines = []
    for version in (3890844516, 3890844517):
        origin = f"o=alice 3890844516 {version} IN IP6 2001:db8::1"
        made = sdp(engine, HEAD.replace("o=- 1 1 IN IP4 127.0.0.1", origin) + AUDIO)
        lines.append(re.findall(r"^o=(u\w{9}) (\d{10}) (\d{10}) IN IP6 (2\S+)\r$", made, re.M)[0])
    assert lines[0][0] == lines[1][0]
    assert lines[0][1] == lines[0][2]  # the version of the first is its identifier
    assert int(lines[1][2]) == int(lines[0][2]) + 1
    assert lines[0][1] != "3890844516"
    assert lines[0][3] != "2001:db8::1"


@pytest.mark.parametrize(
    "text",
    [
        "sendonly",
        "rtpmap:96 opus/48000/2",
        "rtpmap:101 telephone-event/8000",
        "fmtp:101 0-16,66",
        "fmtp:96 useinbandfec=1;minptime=10",
        "fmtp:97 profile-level-id=42e01f;packetization-mode=1",
        "fmtp:98 0/0/0",
        "fmtp:99 max-fps=29.97;mode-set=0,2,4,7;maxaveragebitrate=20000000",
        "ptime:20",
        "rtcp:4001",
        "rtcp-mux",
        "rtcp-fb:* nack pli",
        "setup:actpass",
        "mid:audio",
        "mid:0",
        "group:BUNDLE 0 1",
        "extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "curr:qos local none",
        "des:qos mandatory local sendrecv",
        "T38FaxVersion:0",
        "T38FaxRateManagement:transferredTCF",
        "silenceSupp:off - - - -",
        "connection:new",
        "content:main",
        "accept-types:text/plain message/cpim",
        "ice-options:trickle",
        "floorctrl:c-only",
        "T38FaxUdpEC:t38UDPRedundancy",
        "T38VendorInfo:0 0 0",
        "conf:qos remote sendrecv",
        "accept-wrapped-types:text/plain",
    ],
)
def test_attributes_stay(engine: Engine, text: str) -> None:
    assert attribute(engine, text) == text


@pytest.mark.parametrize(
    "text",
    [
        "ice-ufrag:alice",
        "ice-pwd:alicealicealicealice22",
        "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:YWxpY2VhbGljZWFsaWNl",
        "fingerprint:sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB",
        "ssrc:314159 cname:alice@h",
        "msid:alice",
        "tool:alice",
        "alice",
        "fmtp:96 alice=1",
        "fmtp:96 maxplaybackrate=192.0.2.1",
        "fmtp:96 maxplaybackrate=44.20.7946",
        "fmtp:96 mode-set=4420-7946-0123",
        "fmtp:96 sprop-parameter-sets=YWxpY2U=",
        "fmtp:alice 1",
        "rtpmap:96 alice",
        "setup:alice",
        "ptime:alice",
        "rtcp:4001 IN IP4 alice!",
        "candidate:1 1 UDP 1 alice",
        "path:msrp://alice:9/x;tcp",
        "extmap:1 http://alice/",
        "label:alice",
        "\u212atcp-mux",
        "\u017fendonly",
        "key-mgmt:mikey alice",
    ],
)
def test_attributes_go(engine: Engine, text: str) -> None:
    made = attribute(engine, text)
    assert made is None or "alice" not in made
    if "rtcp:" not in text:
        assert made is None


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("rtpmap:96 x-alice/8000", r"rtpmap:96 x-\w{6}/8000"),
        ("mid:alice", r"mid:\w{8}"),
        ("group:BUNDLE audio alice", r"group:BUNDLE audio \w{8}"),
        ("fmtp:96 useinbandfec=1; x=alice", "fmtp:96 useinbandfec=1"),
        ("rtcp:4001 IN IP4 192.0.2.1", r"rtcp:4001 IN IP4 (?!192\.0\.2)\d+\.\d+\.\d+\.\d+"),
        ("accept-types:text/plain text/alice", "accept-types:text/plain"),
        (
            "candidate:2 1 UDP 16 203.0.113.9 27692 typ srflx raddr 192.0.2.14 rport 2 ufrag alice",
            r"candidate:\w{8} 1 UDP 16 \d+\.\d+\.\d+\.\d+ 27692 typ srflx raddr \d\S+ rport 2",
        ),
        (
            "candidate:2 1 TCP 16 0a1b2c-alice.local 9 typ host tcptype active generation 0",
            r"candidate:\w{8} 1 TCP 16 h\w{9}\.invalid 9 typ host tcptype active generation 0",
        ),
    ],
)
def test_attributes_change(engine: Engine, text: str, pattern: str) -> None:
    made = attribute(engine, text)
    assert made is not None
    assert re.fullmatch(pattern, made), made


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("m=audio 4000/2 RTP/AVP 0 alice 8", "m=audio 4000/2 RTP/AVP 0 8"),
        ("m=image 4000 udptl t38", "m=image 4000 udptl t38"),
        (
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        ),
        ("b=AS:64", "b=AS:64"),
        ("b=X-alice:64", None),
        ("t=3724394400 3724398000", "t=3724394400 3724398000"),
        ("c=IN IP4 233.252.0.1/127/3", r"c=IN IP4 2\S+/127/3"),
        ("c=IN IP4 alice.example.com", r"c=IN IP4 h\w{9}\.h\w{9}\.invalid"),
        ("c=IN IP4 2001:db8::1", None),
        ("c=IN ATM alice", None),
        ("z=0 0", None),
    ],
)
def test_lines(engine: Engine, line: str, made: str | None) -> None:
    text = sdp(engine, HEAD.rpartition("t=")[0] + line + "\r\n")
    last = text.removesuffix("\r\n").rpartition("\r\n")[2]
    if made is None:
        assert last.startswith("c=IN IP4 127.0.0.1")
    else:
        assert re.fullmatch(made if "\\" in made else re.escape(made), last), last


@pytest.mark.parametrize(
    "line", ["m=alice 4000 RTP/AVP 0", "m=audio alice RTP/AVP 0", "m=audio 4000 ALICE 0", "m=audio"]
)
def test_unknown_media_go_with_their_attributes(engine: Engine, line: str) -> None:
    made = sdp(engine, f"{HEAD}{line}\r\na=sendrecv\r\n{AUDIO}a=recvonly\r\n")
    assert made == f"{HEAD}{AUDIO}a=recvonly\r\n"


def test_what_is_no_description_goes(engine: Engine) -> None:
    for text in ("alice", "s=alice\r\n", "v=1\r\ns=-\r\n", ""):
        assert body(engine, text)[1] == ""


def test_times_are_shifted(engine: Engine) -> None:
    text = HEAD.replace("t=0 0", "t=3724394400 0") + AUDIO
    one = Redactor(KEY, engine=engine, shift=60)
    made = one.message(
        sample(INVITE, b"Content-Type: application/sdp", body=text.encode(), CSeq=b"1 INVITE")
    )
    assert made is not None
    assert b"t=3724394460 0\r\n" in made


@pytest.mark.parametrize("times", ["3724394400 0", "0 3724394400", "3724394400 3724394401", "1 0"])
def test_times_that_a_shift_takes_away_are_counted(engine: Engine, times: str) -> None:
    """To 0, too, which would be no time."""
    text = HEAD.replace("t=0 0", f"t={times}") + AUDIO
    one = Redactor(KEY, engine=engine, shift=-3724394400)
    for count in (1, 2):
        made = one.message(
            sample(INVITE, b"Content-Type: application/sdp", body=text.encode(), CSeq=b"1 INVITE")
        )
        assert made is not None
        assert made.endswith((HEAD.replace("t=0 0\r\n", "") + AUDIO).encode())
        assert one.removed == {"t=": count}


def test_each_row_is_tested() -> None:
    tested = " ".join(
        str(mark.args) for test in TESTS for mark in getattr(test, "pytestmark", ())
    ).lower()
    assert [name for name in ATTRIBUTES if f"'{name}" not in tested and not is_flag(name)] == []
    assert set(LINES) == set("voscbtma")


def is_flag(name: str) -> bool:
    """Whether the row of an attribute is shared with one that is tested."""
    same = ("sendonly", "ptime", "curr", "setup")
    return any(ATTRIBUTES[name] == ATTRIBUTES[other] for other in same)


TESTS = (test_attributes_stay, test_attributes_go, test_attributes_change)


# ---- other bodies --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("media_type", "text", "made"),
    [
        ("text/plain", "Alice says h\u00fcllo", "x" * 17),
        ("text/plain;charset=gb18030", "Alice", "xxxxx"),
        (
            "message/sipfrag",
            "SIP/2.0 486 Alice is busy\r\nTo: alice\r\n",
            "SIP/2.0 486 Busy Here\r\n",
        ),
        ("message/sipfrag;version=2.0", "SIP/2.0 200 OK", "SIP/2.0 200 OK\r\n"),
        ("message/sipfrag", "INVITE sip:alice SIP/2.0\r\n", ""),
        (
            "application/dtmf-relay",
            "Signal=5\r\nDuration=160\r\nX=alice",
            "Signal=0\r\nDuration=160\r\n",
        ),
        ("application/dtmf", "5", "0"),
        (
            "application/simple-message-summary",
            (
                "Messages-Waiting: yes\r\nMessage-Account: http://alice\r\n"
                "Voice-Message: 2/8 (0/2)\r\nX: alice\r\n"
            ),
            "Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n",
        ),
        ("application/pidf+xml", "<presence entity='pres:alice'/>", ""),
        ("application/isup", "\x01\x02alice", ""),
        ("text/html", "<p>alice", ""),
        ("x-alice/alice", "alice", ""),
    ],
)
def test_bodies(engine: Engine, media_type: str, text: str, made: str) -> None:
    after, content = body(engine, text, media_type)
    assert content == made
    assert after == (media_type.partition(";")[0] if made else None)


def test_the_account_of_messages_has_a_pseudonym(engine: Engine) -> None:
    text = "Messages-Waiting: no\r\nMessage-Account: sip:alice@vm.example.com\r\n"
    made = body(engine, text, "application/simple-message-summary")[1]
    assert re.fullmatch(
        r"Messages-Waiting: no\r\nMessage-Account: sip:u\w{9}@h\w{9}\.h\w{9}\.invalid\r\n", made
    )


def test_an_encoded_body_goes(engine: Engine) -> None:
    assert body(engine, HEAD + AUDIO, "application/sdp", b"Content-Encoding: gzip") == (None, "")
    assert body(engine, HEAD + AUDIO, "application/sdp", b"Content-Encoding: identity")[1]


def test_a_body_without_a_type_goes(engine: Engine) -> None:
    text = sample(INVITE, b"Content-Type: text/plain", body=b"alice", CSeq=b"1 INVITE")
    for field in (b"", b"Content-Type: alice\r\n"):
        one = Redactor(KEY, engine=engine)
        made = one.message(text.replace(b"Content-Type: text/plain\r\n", field))
        assert made is not None
        assert made.endswith(b"Content-Length: 0\r\n\r\n")
        assert b"alice" not in made


def test_the_fields_of_a_body_are_written_with_it(engine: Engine) -> None:
    one = Redactor(KEY, engine=engine)
    fields = (
        b"Content-Type: text/plain",
        b"Content-Disposition: render;handling=optional;x=alice",
        b"Content-Language: alice",
        b"Content-ID: <alice@h>",
        b"MIME-Version: 1.0",
    )
    made = one.message(sample(INVITE, *fields, body=b"alice", CSeq=b"1 INVITE"))
    assert made is not None
    assert made.partition(b"CSeq: 1 INVITE\r\n")[2] == (
        b"Content-Type: text/plain\r\nContent-Disposition: render;handling=optional\r\n"
        b"MIME-Version: 1.0\r\nContent-Length: 5\r\n\r\nxxxxx"
    )


def test_an_empty_body_leaves_a_usual_type(engine: Engine) -> None:
    assert body(engine, "", "application/sdp;x=alice") == ("application/sdp", "")
    assert body(engine, "", "alice/alice") == (None, "")
    assert body(engine, "", "multipart/mixed;boundary=alice") == (None, "")


PARTS = (
    "alice\r\n--alice\r\nContent-Type: application/sdp\r\nContent-ID: <alice@h>\r\n"
    "Content-Disposition: session;handling=required\r\nX: alice\r\n\r\n"
    f"{HEAD}{AUDIO}\r\n--alice\r\nContent-Type: application/isup;version=alice\r\n\r\nalice"
    "\r\n--alice\r\nContent-Type: multipart/alternative;boundary=bob\r\n\r\n"
    "--bob\r\n\r\nalice\r\n--bob\r\nContent-Type: text/html\r\n\r\nalice\r\n--bob--"
    "\r\n--alice\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "YWxpY2U=\r\n--alice--\r\nalice"
)


def test_parts_are_redacted_one_by_one(engine: Engine) -> None:
    media_type, text = body(engine, PARTS, "multipart/mixed;boundary=alice")
    assert media_type is not None
    assert "alice" not in text + media_type
    assert "YWxp" not in text
    made = engine.parse(
        sample(INVITE, f"Content-Type: {media_type}".encode(), body=text.encode(), CSeq=b"1 INVITE")
    )
    assert made.parts[0].content_type == "application/sdp"
    assert bytes(made.parts[0].body) == (HEAD + AUDIO).encode()
    assert re.fullmatch(r"\w{20}@h\w{9}", made.parts[0].content_id or "")
    assert made.parts[0].headers["Content-Disposition"] == "session;handling=required"
    assert len(made.parts) == 2
    assert [bytes(part.body) for part in made.parts[1].parts] == [b"xxxxx"]
    assert made.body_defects == ()


def test_a_multipart_without_known_parts_goes(engine: Engine) -> None:
    text = "--b\r\nContent-Type: application/isup\r\n\r\nalice\r\n--b--"
    assert body(engine, text, "multipart/mixed;boundary=b") == (None, "")
    assert (
        body(engine, text.replace("application/isup", "text/plain"), "multipart/alice;boundary=b")[
            1
        ]
        == ""
    )
    assert body(engine, "alice", "multipart/mixed") == (None, "")


def test_each_media_type_of_the_table_is_tested() -> None:
    tested = str([mark.args for mark in test_bodies.pytestmark])
    assert [name for name in BODIES if name not in tested and name != "application/sdp"] == []
