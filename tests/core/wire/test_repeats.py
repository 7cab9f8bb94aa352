"""The windows of repeated messages, and the keys that C reads: the same on both engines."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bench_data import generate
from sipfast import ParseError
from sipfast._engine import Engine, load

HEAD = "Via: {}\r\nTo: {}\r\nFrom: <sip:a@b>;tag=1\r\nCall-ID: 1@a\r\nCSeq: {}\r\n{}\r\n"
VIAS = (
    "SIP/2.0/UDP a.example.com:5060;branch=z9hG4bK1",
    "SIP/2.0/TLS 192.0.2.1:65535;x;BRANCH=z9hG4bKaB;rport;branch=z9hG4bK2",
    "SIP/2.0/UDP a.example.com:;branch=z9hG4bK1",
    "SIP/2.0/UDP a:5060;branch=z9hG4bK1;branch=",
    "SIP/2.0/UDP a:5060;branch= z9hG4bK1;x=1,SIP/2.0/UDP b",
    "SIP/2.0/UDP a:5060;x=\u00e4;branch=z9hG4bK1",
    "SIP/2.0/UDP A.Example.COM ;rport;BRANCH = Z9hG4bKaB ;received=192.0.2.1",
    "SIP/2.0/TCP [2001:DB8::1] : 5061;branch=z9hG4bK1, SIP/2.0/UDP b",
    "SIP/2.0/UDP a;branch=z9hG4bK1 , SIP/2.0/UDP b;branch=z9hG4bK2",
    'SIP/2.0/UDP a;x="1,2";branch=z9hG4bK1, SIP/2.0/UDP b',
    'SIP/2.0/UDP a;branch="z9hG4bK1"',
    "SIP/2.0/UDP a;branch=z9hG4bK",
    "SIP/2.0/UDP a;branch=1",
    "SIP/2.0/UDP a;branch",
    "SIP/2.0/UDP a",
    "SIP/2.0/UDP \u00e4;branch=z9hG4bK1",
    "SIP/2.0/UDP a;branch=z9hG4bK\u00c4",
    "SIP/2.0/UDP a;\r\n branch=z9hG4bK1",
    "SIP/2.0/UDP a;branch=z9hG4bK" + "1" * 400,
    "SIP/2.0/UDP",
)
TOS = (
    *("<sip:a@b>", "<sip:a@b>;tag=x", "sip:a@b;TAG= X ;y", "<sip:a@b>;tag", "<sip:a@b"),
    *('"A;tag=1" <sip:a@b>;tag=2', '<sip:a@b>;tag="q"', "<sip:a@b>;tag=\u00e4"),
    *('"A" <sip:a@b:5060;x>;y;Tag=1;tag=2', '<sip:a@b>;x="1";tag=2'),
    *("<sip:a@b>;tag=", "<sip:a@b>;tag= 1"),
    "<sip:a@b>;tag=" + "1" * 400,
)
SEQUENCES = ("1 INVITE", "2  ACK", "x INVITE", "1", "9999999999 BYE", "1 200")
LINES = (
    *("INVITE sip:a@b SIP/2.0", "ACK sip:a@b SIP/2.0", "200 sip:a@b SIP/2.0"),
    *("SIP/2.0 100 x", "SIP/2.0 200 x", "SIP/2.0 099 x", "SIP/2.0 699 x"),
)


def keys(engine: Engine, data: bytes) -> tuple[bytes | None, bytes | None]:
    """The text of the key of a message as C reads it, and by its definition."""
    wire = engine.module("wire.repeats")
    message = engine.parse(data)
    plain = wire.plain_key(message)
    assert wire.plain_key(message, has_room=True) == plain, data
    try:
        return plain, wire.text_of_key(message.retransmission_key)
    except ParseError:
        return plain, None


def test_a_key_that_is_read_in_c_is_that_of_the_message(native: Engine) -> None:
    rng = random.Random(7)
    plain = 0
    seen: dict[bytes, Any] = {}
    for _ in range(4000):
        line, via, to = rng.choice(LINES), rng.choice(VIAS), rng.choice(TOS)
        more = rng.choice(("", "", "RSeq: 1\r\n"))
        text = f"{line}\r\n" + HEAD.format(via, to, rng.choice(SEQUENCES), more)
        in_c, defined = keys(native, text.encode())
        if in_c is not None:
            plain += 1
            assert in_c == defined, text
        if defined is not None:
            key = native.parse(text.encode()).retransmission_key
            assert seen.setdefault(defined, key) == key
    assert plain > 500
    assert len(set(map(repr, seen.values()))) == len(seen) > 300


def test_most_keys_are_read_in_c(native: Engine) -> None:
    found = [keys(native, sent.data) for sent in generate.sent_messages(2000)]
    assert all(in_c in (None, defined) for in_c, defined in found)
    assert sum(in_c is not None for in_c, _ in found) > 0.99 * len(found)


@pytest.mark.parametrize("seed", range(20))
def test_windows_agree(native: Engine, seed: int) -> None:
    rng = random.Random(seed)
    most = rng.choice((1, 2, 3, 5, 64, 65, 200, 1000))
    width = rng.choice((0, 5, 100, 10**6))
    windows = [one.module("wire.repeats").Window(width, most) for one in (native, load("pure"))]
    now = rng.choice((0, -50, 2**63 - 50, 10**30))
    told = 0
    for _ in range(3000):
        now += rng.choice((0, 1, 1, 2, -1, width, width + 1, rng.randrange(-width - 2, width + 3)))
        # Some numbers share a slot, and their places among others move when one is forgotten.
        number = rng.choice((rng.randrange(10), rng.randrange(3 * most), rng.randrange(4) << 32))
        one, other = (window.holds(number, now) for window in windows)
        assert one == other
        told += one
    assert told


def test_nothing_repeats_within_less_than_no_time(engine: Engine) -> None:
    window = engine.module("wire.repeats").Window(-(10**9), 2)
    assert not any(window.holds(number, now) for now in (5, 5, 6, 4) for number in (1, 1, 2, 3))


class Least(int):
    """A number that no other is less or greater than."""

    def __lt__(self, _: object) -> bool:
        return False

    def __gt__(self, _: object) -> bool:
        return False


@pytest.mark.parametrize("most", [0, 1, 2])
@pytest.mark.parametrize("nanoseconds", [-(2**63), -1, 0, 5])
def test_a_window_has_room_for_one_whatever_a_number_says_of_itself(
    native: Engine, most: int, nanoseconds: int
) -> None:
    window = native.module("wire.repeats").Window(Least(nanoseconds), Least(most))
    assert [window.holds(number, 7) for number in (1, 1, 2, 2)] == [False, nanoseconds >= 0] * 2


@pytest.mark.parametrize("path", [None, "path", bytearray(b"path")])
def test_a_path_is_bytes(native: Engine, path: Any) -> None:
    with pytest.raises(TypeError):
        native.module("wire.repeats").number_of_path(path)
