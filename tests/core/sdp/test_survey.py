"""The survey of descriptions: what it calls sound has no defect, and common ones are sound."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bench_data import generate
from sipfast._engine import Engine, load

COMMON = b"""\
v=0
o=root 1956055256 2 IN IP4 192.0.2.16
s=A name with  spaces
c=IN IP4 192.0.2.16
b=AS:64
t=0 0
a=tool-of-ours
a=x-y:any text; at all
a=ice-ufrag:0MR0
a=sendrecv
m=audio 17598 RTP/AVP 96 9 8 101
c=IN IP6 2001:db8::16
a=rtpmap:96 opus/48000/2
a=fmtp:96 useinbandfec=1
a=rtpmap:8 PCMA/8000
a=fmtp:101 0-16
a=ice-pwd:ZM00sAeW5tS9g7vIBfu3Hg
a=candidate:1 1 UDP 2130706431 192.0.2.16 17598 typ host
a=candidate:2 1 UDP 1694498815 2001:db8:c::9 17602 typ srflx raddr 192.0.2.1 rport 0
a=rtcp:17599 IN IP4 192.0.2.16
a=ptime:20
a=maxptime:150
a=recvonly
m=image 4000 udptl t38
m=video 0 UDP/TLS/RTP/SAVPF 97
b=TIAS:512000
""".replace(b"\n", b"\r\n")
OTHERS = b"""\
a=rtcp-mux
a=setup:active
a=mid:a
a=group:BUNDLE a
a=
a=\\xff
a=rtpmap:8 PCMA/8000/0
a=rtpmap:8 PCMA/0
a=rtpmap:8 PCMA/8000/
a=rtpmap:7 A/1
a=fmtp:8
a=fmtp:08 x
a=ptime:0
a=ptime:201
a=ptime:20.5
a=rtcp:0
a=sendrecv:x
a=inactive
a=ice-ufrag:abc
a=ice-pwd:short
a=candidate:1 0 UDP 1 192.0.2.1 9 typ host
a=candidate:1 1 UDP 1 192.0.2.1 9 typ relay
a=candidate:1 1 UDP 0 192.0.2.1 9 typ host
a=candidate:1 1 UDP 1 a.example.com 9 typ host
c=IN IP4 224.0.0.1/9
c=IN IP4 224.0.0.1
c=IN IP4 256.0.0.1
c=IN IP4 192.0.2.016
c=IN IP4 a.example.com
c=IN IP6 1:2:3:4:5:6:7::
c=IN IP6 1::2::3
c=IN IP6 192.0.2.1
k=clear:x
i=x
r=1 2 3
t=5 4
t=4 5
b=X
b=AS:
m=audio 65536 RTP/AVP 0
m=audio 5/2 RTP/AVP 0
m=audio 5 RTP/AVP 0 0
m=audio 5 RTP/AVP 128
m=audio 5 RTP/AVP 00
m=audio 5 /a 0
m=audio 5 a//b 0
m=image 5 udptl t38 t38
v=1
s=
o=a b c IN IP4 192.0.2.1
o=a 1 2 IN IP4 192.0.2.1
y=0
x=1

""".replace(b"\\xff", b"\xff").split(b"\n")


def modules(engine: Engine) -> tuple[Any, Any]:
    return engine.module("sdp.survey"), engine.module("sdp.defects")


def defects(engine: Engine, text: bytes) -> tuple[object, ...]:
    found: tuple[object, ...] = modules(engine)[1].find_defects(
        "\n" + text.decode("utf-8", "surrogateescape")
    )
    return found


def is_sound(engine: Engine, text: bytes) -> bool:
    sound: bool = modules(engine)[0].is_sound(b"x" + text + b"a=x\xff", 1, 1 + len(text))
    return sound


def test_common_descriptions_are_sound(engine: Engine) -> None:
    assert defects(engine, COMMON) == ()
    assert is_sound(engine, COMMON)
    assert is_sound(engine, COMMON.replace(b"\r", b""))
    assert is_sound(engine, COMMON.removesuffix(b"\r\n"))
    for part in (b"a=", b"b=", b"m="):
        lines = [line for line in COMMON.splitlines(keepends=True) if not line.startswith(part)]
        assert is_sound(engine, b"".join(lines)) == (part != b"m=")


def test_those_of_the_traffic_are_sound(engine: Engine) -> None:
    bodies = [
        message.body
        for sent in generate.sent_messages(2000)
        if b"application/sdp" in sent.data
        for message in [engine.parse(sent.data)]
        if message.sdp is not None and b"a=crypto" not in message.body
    ]
    assert len(bodies) > 200
    assert sum(is_sound(engine, body) for body in bodies) > 0.95 * len(bodies)


@pytest.mark.parametrize("other", OTHERS)
def test_one_other_line(engine: Engine, other: bytes) -> None:
    """Beside each line of its type, in its place, and without it."""
    lines = COMMON.split(b"\r\n")
    for at, line in enumerate(lines):
        if line[:1] != other[:1] and at % 5:
            continue
        changed = [[*lines[:at], *new, *lines[at + 1 :]] for new in ([other], [line, other], [])]
        for text in map(b"\r\n".join, changed):
            if is_sound(engine, text):
                assert defects(engine, text) == ()


def mutated(rng: random.Random) -> bytes:
    lines = COMMON.split(b"\r\n")
    for _ in range(rng.choice((1, 1, 2, 3))):
        at, kind = rng.randrange(len(lines)), rng.randrange(7)
        line = lines[at]
        place = rng.randrange(len(line) + 1)
        if kind == 0:
            lines[at] = line[:place] + rng.choice(
                (b"0", b" ", b"\t", b"\r", b"/", b":", b"\0", b"\xe4")
            )
        elif kind == 1:
            lines[at] = line[:place] + line[place + 1 :]
        elif kind == 2:
            lines[at] = line[:place] + bytes([rng.choice(b"0129 :/.=acmz-\r\n\t")]) + line[place:]
        elif kind == 3:
            lines.insert(at, rng.choice(lines))
        elif kind == 4:
            del lines[at]
        elif kind == 5:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines[at] = rng.choice(OTHERS)
        lines = lines or [b""]
    return rng.choice((b"\r\n", b"\n")).join(lines)


@pytest.mark.parametrize(
    ("text", "at", "end"),
    [
        (b"v=0", -1, 3),
        (b"v=0", 0, 1 << 40),
        (b"v=0", 3, 2),
        (None, 0, 3),
        (bytearray(b"v=0"), 0, 3),
    ],
)
def test_a_description_is_within_its_text(native: Engine, text: Any, at: int, end: int) -> None:
    with pytest.raises((IndexError, TypeError)):
        modules(native)[0].is_sound(text, at, end)


def test_what_is_sound_has_no_defect() -> None:
    """On both engines, which agree."""
    engines = [load("pure"), *([load("native")] if _has_native() else [])]
    rng = random.Random(20)
    sound = 0
    for _ in range(2000):
        text = mutated(rng)
        said = {is_sound(engine, text) for engine in engines}
        assert len(said) == 1, text
        if said == {True}:
            sound += 1
            assert defects(engines[-1], text) == (), text
    assert 150 < sound < 1800


def _has_native() -> bool:
    try:
        load("native")
    except ImportError:
        return False
    return True


HEAD = b"INVITE sip:a@b SIP/2.0\r\nContent-Length: %d\r\n%b\r\n"


@pytest.mark.parametrize(
    ("fields", "sound"),
    [
        (b"Content-Type: application/sdp\r\n", True),
        (b"c:APPLICATION/Sdp\r\n", True),
        (b"Content-Type: application/sdp;a=b\r\n", False),
        (b"Content-Type:\r\n application/sdp\r\n", True),
        (b"Content-Type: application/\r\n sdp\r\n", False),
        (b"Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n", False),
        (b"Content-Type: application/sdp\r\nc: text/plain\r\n", False),
        (b"Content-Type: application/sd\r\n", False),
        (b"", False),
    ],
)
@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_the_body_of_a_message(engine: Engine, fields: bytes, sound: bool, kind: Any) -> None:
    survey = modules(engine)[0]
    message = engine.parse(kind(HEAD % (len(COMMON), fields) + COMMON))
    assert survey.has_sound_body(message) == sound
    assert survey.has_sound_body(engine.parse(kind(HEAD % (0, fields))))
    broken = COMMON.replace(b"v=0", b"v=1")
    message = engine.parse(kind(HEAD % (len(broken), fields) + broken))
    assert not survey.has_sound_body(message)
    codes = [item.code for item in message.body_defects]
    is_sdp = fields not in (b"", b"Content-Type: application/sd\r\n") and b"gzip" not in fields
    assert (codes == ["sdp-version-unsupported"]) == is_sdp
