"""Messages that are changed at random along the grammar of SIP, to compare readers of columns."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

PIECES = (
    *(b'"', b"<", b">", b";", b",", b"@", b":", b"%", b"\\", b"=", b"?", b"(", b")", b"[", b"]"),
    *(b"\r\n ", b"\r\n\t", b"\n ", b"\r\n", b"\r\n\r\n", b" ", b"\t", b"\0", b"\x7f", b"*", b"/"),
    *(
        b"\xc3\xa9",
        b"\xe9",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xe4\xbd\xa0",
        b"\xf0\x9f\x93\x9e",
        b"\xc3",
    ),
    *(b"%41", b"%C3%A9", b"%e9", b"%", b"%4", b'\\"', b'"a\\"b" ', b'"a, b"', b'"\xc3\xa9"'),
    *(b";tag=1", b";tag", b';tag="q"', b";branch=z9hG4bK1", b";branch", b";expires=60"),
    *(b";expires=4294967295", b";expires=4294967296", b";expires=00000000001", b";expires="),
    *(b"0", b"2147483647", b"2147483648", b"4294967295", b"4294967296", b"99999999999999"),
    *(
        b"sip:",
        b"SIPS:",
        b"tel:+1-2",
        b"tel:+12",
        b"urn:service:sos",
        b"urn:",
        b"http://x",
        b"sip:@",
    ),
    *(
        b"\r\nReason: Q.850;cause=16",
        b"\r\nReason: SIP ;cause=200, Q.850;cause=31",
        b"\r\nReason: ;x",
    ),
    *(
        b"\r\nContact: *",
        b"\r\nm: <sip:a%20b@c>",
        b"\r\nv: SIP / 2.0 / UDP h ; branch = b",
        b"\r\nVia: ,",
    ),
    *(
        b"\r\nServer: x",
        b"\r\nUser-Agent:",
        b"\r\nExpires: 1 2",
        b"\r\nc: Text / Plain",
        b"\r\nX-A: 1",
    ),
    *(
        b"\r\nx-a : \xff",
        b"\r\nExpires: 4294967296",
        b"\r\nFrom: <>",
        b"\r\nt: a <tel:1.2>;tag=\xe9",
    ),
    *(
        b"\r\nCSeq: 1  INVITE",
        b"\r\nCSeq: 1",
        b"\r\nCall-ID:",
        b"\r\nContent-Type: application/sdp;a",
    ),
)
"""What is put into a message."""


def mutated(originals: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Changed copies of messages; some are unchanged."""
    choose = random.Random(seed)
    for _ in range(count):
        data = choose.choice(originals)
        for _ in range(choose.choice((0, 1, 1, 1, 2, 2, 3, 6))):
            data = changed(data, choose)
        yield data


def changed(data: bytes, choose: random.Random) -> bytes:
    """One change."""
    header = data.find(b"\r\n\r\n")
    at = choose.randrange((header if header > 0 else len(data)) + 1)
    kind = choose.randrange(8)
    if kind < 3:
        return data[:at] + choose.choice(PIECES) + data[at:]
    if kind == 3:  # at a line end
        at = data.find(b"\r\n", at)
        return data[:at] + choose.choice(PIECES) + data[at:]
    if kind == 4:
        return data[:at] + data[at + choose.randrange(1, 12) :]
    if kind == 5:  # a line again, or elsewhere
        lines = data.split(b"\r\n")
        line = choose.choice(lines)
        lines.insert(choose.randrange(1, len(lines) + 1), line)
        return b"\r\n".join(lines)
    if kind == 6:
        return data[:at] + choose.choice(PIECES) + data[at + choose.randrange(1, 6) :]
    return data[:at] + bytes([choose.randrange(256)]) + data[at + 1 :]
