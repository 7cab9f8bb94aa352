"""Reads of single values: URI, address and Via against `bytes.split`, SDP, and a digest check."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmarks.engines import engine_module
from benchmarks.rivals import DisagreementError
from benchmarks.timing import Subject, again, statement


@dataclass(frozen=True)
class Sample:
    """A typical text of a kind of value."""

    name: str
    module: str
    cls: str
    text: bytes

    @property
    def split(self) -> str:
        """The name of its reference."""
        return f"{self.name}: split at semicolons"


URI = Sample(
    "SipURI.parse",
    "values.uri",
    "SipURI",
    b"sip:+15551234567@gw1.example.com:5070;transport=tcp;user=phone",
)
VIA = Sample(
    "Via.parse",
    "values.via",
    "Via",
    b"SIP/2.0/UDP 192.0.2.44:5060;branch=z9hG4bKPj5b1f7e0a;rport=41022;received=203.0.113.17",
)
FROM = Sample(
    "Address.parse of a From",
    "values.address",
    "Address",
    b'"Anna Lindqvist" <sip:anna@voice.example.net>;tag=8f1d5c3e7',
)
SAMPLES = (URI, VIA, FROM)

SDP_READ = "SDP of 20 lines"
HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
CHECKS = {
    f"digest check, {algorithm}{with_ha1 and ', with ha1'}": (algorithm, bool(with_ha1))
    for algorithm in HASHES
    for with_ha1 in ("", "ha1")
}
"""Each check by its algorithm, and whether HA1 is given, which saves hashing the password."""

OFFER = b"""\
v=0
o=- 3841905 3841906 IN IP4 192.0.2.44
s=call
c=IN IP4 203.0.113.17
t=0 0
m=audio 17820 RTP/AVP 9 8 0 101
a=rtpmap:9 G722/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=sendrecv
m=video 17822 RTP/AVP 96 97
a=rtpmap:96 H264/90000
a=fmtp:96 profile-level-id=42e01f;packetization-mode=1
a=rtpmap:97 VP8/90000
a=rtcp-fb:96 nack
a=rtcp:17823
a=sendonly
""".replace(b"\n", b"\r\n")


def bare(name: str) -> str:
    """Return the name of the hashes alone of a digest check."""
    return f"{name}: the hashes"


def value_subjects(engine: str) -> dict[str, Subject]:
    """Return the subjects of an engine, and their references."""
    subjects: dict[str, Subject] = {}
    for sample in SAMPLES:
        cls = getattr(engine_module(engine, sample.module), sample.cls)
        if bytes(cls.parse(sample.text)) != sample.text:
            raise DisagreementError(f"{sample.cls} does not keep its text")
        subjects[sample.name] = statement("parse(text)", parse=cls.parse, text=sample.text)
        subjects[sample.split] = statement('text.split(b";")', text=sample.text)
    subjects[SDP_READ] = again(
        sdp_reader(engine_module(engine, "sdp.description").SDP.parse), OFFER
    )
    for name, (algorithm, with_ha1) in CHECKS.items():
        subjects[name], subjects[bare(name)] = digest_subjects(engine, algorithm, with_ha1)
    return subjects


def sdp_reader(parse: Callable[[bytes], Any]) -> Callable[[bytes], tuple[Any, ...]]:
    """Return a function that reads the parts of an offer that an answer needs."""

    def read(data: bytes) -> tuple[Any, ...]:
        sdp = parse(data)
        return (
            sdp.origin,
            sdp.connection,
            [
                (
                    media.kind,
                    media.port,
                    media.protocol,
                    media.formats,
                    media.rtpmaps,
                    media.direction,
                )
                for media in sdp.media
            ],
        )

    _, _, (audio, video) = read(OFFER)
    if (audio[1], len(audio[4]), video[1], video[5]) != (17820, 4, 17822, "sendonly"):
        raise DisagreementError("sipfast reads another offer")
    return read


class Digest(NamedTuple):
    """Valid credentials, and the texts that are hashed to check them."""

    check: Callable[..., object]
    ha1: str
    a1: bytes
    a2: bytes
    last: bytes


def digest(engine: str, algorithm: str) -> Digest:
    """Return credentials of an algorithm, after testing the check of valid and wrong ones."""
    name = HASHES[algorithm]

    def hashed(text: bytes) -> str:
        return hashlib.new(name, text).hexdigest()

    a1, a2 = b"anna:example.net:secret", b"REGISTER:sip:example.net"
    ha1, ha2 = hashed(a1), hashed(a2)
    nonce, cnonce = "acbf5422a4ca7701e3c0cd9d3950480b", "0a4f113b"
    last = f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}".encode()
    text = (
        f'Digest username="anna", realm="example.net", nonce="{nonce}", uri="sip:example.net", '
        f'response="{hashed(last)}", algorithm={algorithm}, cnonce="{cnonce}", qop=auth, '
        "nc=00000001"
    )
    check = engine_module(engine, "values.auth").Credentials.parse(text).check
    right = check("secret", method="REGISTER"), check(ha1=ha1, method="REGISTER")
    wrong = check("Secret", method="REGISTER"), check(ha1=ha2, method="REGISTER")
    if not all(right) or any(wrong):
        raise DisagreementError("sipfast checks digests in another way")
    return Digest(check, ha1, a1, a2, last)


def digest_subjects(engine: str, algorithm: str, with_ha1: bool) -> tuple[Subject, Subject]:
    """Return the check of valid credentials with a password or HA1, and its hashes alone."""
    check, ha1, a1, a2, last = digest(engine, algorithm)
    name = HASHES[algorithm]
    if with_ha1:
        checking = statement('check(ha1=ha1, method="REGISTER")', check=check, ha1=ha1)
        return checking, hashing(name, a2, last)
    checking = statement('check("secret", method="REGISTER")', check=check)
    return checking, hashing(name, a1, a2, last)


def hashing(name: str, *texts: bytes) -> Subject:
    """Return the hashing of texts, by the fastest way in hashlib."""
    names = {f"text{number}": text for number, text in enumerate(texts)}
    if hasattr(hashlib, name):
        code, how = "make({}).hexdigest()", {"make": getattr(hashlib, name)}
    else:
        code = "hashed = empty.copy(); hashed.update({}); hashed.hexdigest()"
        how = {"empty": hashlib.new(name)}
    return statement("; ".join(map(code.format, names)), **how, **names)
