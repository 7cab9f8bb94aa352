"""Bodies and credentials: SDP, presence, message waiting, text, digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .dice import Dice
from .vendors import Vendor

_RTPMAPS = {
    "0": ("PCMU/8000", ""),
    "3": ("GSM/8000", ""),
    "8": ("PCMA/8000", ""),
    "9": ("G722/8000", ""),
    "18": ("G729/8000", "annexb=no"),
    "96": ("opus/48000/2", "useinbandfec=1"),
    "100": ("telephone-event/8000", "0-15"),
    "101": ("telephone-event/8000", "0-16"),
}

TEXTS = (
    "On my way, five minutes",
    "The meeting moved to 15:30, room 4",
    "Können wir morgen telefonieren?",
    "Le train a du retard, commencez sans moi.",
    "会议改到下午三点",
    "请回电话,谢谢",
    "Спасибо, перезвоню позже",
    "Gate code is 4471#",
    "Can you send me the report from Tuesday? The second page was missing.",
    "👍",
    "Door 2 opened\r\nDoor 2 closed",
    "ありがとうございます",
)


def session(
    dice: Dice, vendor: Vendor, host: str, *, answers: bool = False, secure: bool = False
) -> bytes:
    """An SDP offer, or an answer with fewer codecs (RFC 8866, 3264); `secure`: SRTP (RFC 4568)."""
    family = "IP6" if ":" in host else "IP4"
    codecs = vendor.codecs.split()
    if answers and len(codecs) > 3:
        codecs = [*codecs[:2], codecs[-1]]
    port = 16384 + 2 * dice.below(8192)
    profile = "RTP/SAVP" if secure else "RTP/AVP"
    number = dice.between(1, 2**31 - 1)
    origin = dice.pick(("-", "root", vendor.product.split()[0]))
    lines = [
        "v=0",
        f"o={origin} {number} {number} IN {family} {host}",
        f"s={dice.pick(('-', 'call', vendor.product))}",
        f"c=IN {family} {host}",
        "t=0 0",
        f"m=audio {port} {profile} {' '.join(codecs)}",
    ]
    for codec in codecs:
        rtpmap, fmtp = _RTPMAPS[codec]
        lines.append(f"a=rtpmap:{codec} {rtpmap}")
        if fmtp:
            lines.append(f"a=fmtp:{codec} {fmtp}")
    if secure:
        lines.append(f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{dice.mixed(40)}")
    if "96" in codecs:
        lines += _candidates(dice, host, port)
    if dice.chance(60):
        lines += ["a=ptime:20", "a=maxptime:150"]
    if dice.chance(55):
        lines.append(f"a=rtcp:{port + 1} IN {family} {host}")
    lines.append("a=sendrecv")
    if dice.chance(18):
        lines += [
            f"m=video {0 if answers else port + 2} {profile} 97 98",
            "b=TIAS:512000",
            "a=rtpmap:97 H264/90000",
            "a=fmtp:97 profile-level-id=42e01f;packetization-mode=1",
            "a=rtpmap:98 VP8/90000",
        ]
    return ("\r\n".join(lines) + "\r\n").encode()


def _candidates(dice: Dice, host: str, port: int) -> list[str]:
    """The ICE lines of RFC 8839: one candidate of its own, one as a server sees it."""
    outside = "2001:db8:c::9" if ":" in host else "203.0.113.9"
    return [
        f"a=ice-ufrag:{dice.mixed(4)}",
        f"a=ice-pwd:{dice.mixed(22)}",
        f"a=candidate:1 1 UDP 2130706431 {host} {port} typ host",
        f"a=candidate:2 1 UDP 1694498815 {outside} {port + 4} typ srflx raddr {host} rport {port}",
    ]


def message_waiting(dice: Dice, account: str) -> bytes:
    """RFC 3842."""
    fresh = dice.below(9)
    waiting = "yes" if fresh else "no"
    return (
        f"Messages-Waiting: {waiting}\r\nMessage-Account: {account}\r\n"
        f"Voice-Message: {fresh}/{dice.below(20)} (0/0)\r\n"
    ).encode()


def presence(dice: Dice, entity: str) -> bytes:
    """RFC 3863."""
    basic = dice.pick(("open", "closed"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        f'<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="{entity}">\r\n'
        f'<tuple id="t{dice.hex(6)}"><status><basic>{basic}</basic></status></tuple>\r\n'
        "</presence>\r\n"
    ).encode()


def dialog_state(dice: Dice, entity: str, version: int) -> bytes:
    """RFC 4235."""
    state = dice.pick(("trying", "early", "confirmed", "terminated"))
    return (
        '<?xml version="1.0"?>\r\n'
        '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"'
        f' version="{version}" state="partial" entity="{entity}">\r\n'
        f'<dialog id="d{dice.digits(8)}" direction="initiator"><state>{state}</state></dialog>\r\n'
        "</dialog-info>\r\n"
    ).encode()


@dataclass(frozen=True)
class Challenge:
    """One digest challenge (RFC 7616), to be written and to be answered."""

    realm: str
    nonce: str
    opaque: str
    algorithm: str

    def __str__(self) -> str:
        opaque = f', opaque="{self.opaque}"' if self.opaque else ""
        return (
            f'Digest realm="{self.realm}", nonce="{self.nonce}"{opaque},'
            f' algorithm={self.algorithm}, qop="auth"'
        )

    def answer(self, dice: Dice, user: str, method: str, uri: str) -> str:
        """The credentials. Everybody's password is the user's name, so that they can be checked."""
        client, count = dice.hex(16), "00000001"
        secret = self._hash(f"{user}:{self.realm}:{user}")
        proof = self._hash(
            f"{secret}:{self.nonce}:{count}:{client}:auth:{self._hash(f'{method}:{uri}')}"
        )
        opaque = f', opaque="{self.opaque}"' if self.opaque else ""
        return (
            f'Digest username="{user}", realm="{self.realm}", nonce="{self.nonce}", uri="{uri}",'
            f' response="{proof}", algorithm={self.algorithm}, cnonce="{client}", qop=auth,'
            f" nc={count}{opaque}"
        )

    def _hash(self, text: str) -> str:
        name = self.algorithm.replace("-", "").lower()
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def challenge(dice: Dice, realm: str) -> Challenge:
    return Challenge(
        realm=realm,
        nonce=dice.hex(32) if dice.chance(70) else dice.mixed(44),
        opaque=dice.hex(16) if dice.chance(40) else "",
        algorithm="SHA-256" if dice.chance(12) else "MD5",
    )
