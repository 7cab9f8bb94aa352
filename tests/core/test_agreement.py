"""Both engines, and every kernel of the native one, find the same in the same bytes.

`docs/tokenizer.md` says what they find; here it is only that they agree: the same table, or the
same error with the same code, offset and header.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table_of

from bench_data import corpus
from sipfast._engine import Engine
from sipfast.registry.header_names import HEADER_NAMES

BENCH_DATA = Path(corpus.__file__).parent
BY_HAND = sorted(BENCH_DATA.glob("messages/*/*.sip"))
FIXED = [BENCH_DATA / f"{name}.sip" for name in ("small", "invite", "register")]
MUTATIONS = 100_000

Limits = dict[str, int]
Agree = Callable[..., None]


@pytest.fixture(scope="module")
def agree(native: Engine, pure: Engine) -> Iterator[Agree]:
    """Parse on pure, and on native with every kernel, and compare."""
    tokenizer: Any = importlib.import_module("sipfast._native.wire.tokenizer")
    in_use = tokenizer.kernel()
    kernels = tokenizer.kernels()

    def agree(data: bytes, **limits: int) -> None:
        expected = table_of(pure, data, **limits)
        for kernel in kernels:
            tokenizer.use_kernel(kernel)
            assert table_of(native, data, **limits) == expected, (kernel, data, limits)

    yield agree
    tokenizer.use_kernel(in_use)


def messages() -> list[bytes]:
    """Some of every kind: by hand and generated."""
    mixed = corpus.load(BENCH_DATA / "mixed.sip")
    return [path.read_bytes() for path in (*BY_HAND, *FIXED)] + mixed[::20]


def prefixes(data: bytes) -> Iterable[bytes]:
    return (data[:size] for size in range(len(data) + 1))


# ---- known inputs -----------------------------------------------------------------------------


def test_there_are_messages_by_hand() -> None:
    assert len(BY_HAND) > 60


@pytest.mark.parametrize("path", BY_HAND, ids=lambda path: str(path.stem))
def test_messages_by_hand_and_their_prefixes(agree: Agree, path: Path) -> None:
    for data in prefixes(path.read_bytes()):
        agree(data)


def test_generated_messages(agree: Agree) -> None:
    for data in corpus.load(BENCH_DATA / "mixed.sip"):
        agree(data)
        agree(data.replace(b"\r\n", b"\n"))
        agree(data, headers=10)
        agree(data, line=60)


@pytest.mark.parametrize("path", FIXED, ids=lambda path: str(path.stem))
def test_limits_at_every_value(agree: Agree, path: Path) -> None:
    data = path.read_bytes()
    for limit in range(1, len(data) + 2):
        agree(data, line=limit)
        agree(data, size=limit)
        agree(data, headers=limit)


def test_torture_messages_and_their_prefixes(agree: Agree, shared: Path) -> None:
    files = sorted((shared / "conformance" / "rfc4475").glob("*.dat"))
    assert len(files) >= 49
    for path in files:
        for data in prefixes(path.read_bytes()):
            agree(data)


# ---- random inputs ----------------------------------------------------------------------------

# All bytes, with the significant ones more often.
BYTES = b"\r\n \t:\0\xff/.0aZ" * 16 + bytes(range(256))
FEW: tuple[Limits, ...] = ({}, {}, {}, {"line": 80}, {"headers": 8}, {"size": 600})


@pytest.mark.parametrize("part", range(10))
def test_messages_with_one_byte_changed(agree: Agree, part: int) -> None:
    choose = random.Random(part)
    originals = messages()
    for _ in range(MUTATIONS // 10):
        data = bytearray(choose.choice(originals))
        data[choose.randrange(len(data))] = choose.choice(BYTES)
        agree(bytes(data), **choose.choice(FEW))


@pytest.mark.parametrize("count", [0, 1, 22, 23, 24, 25, 26, 62, 63, 64, 65, 66, 126, 127, 128])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_many_fields_of_every_length(agree: Agree, count: int, line_end: bytes) -> None:
    start = b"OPTIONS sip:a SIP/2.0" + line_end
    for length in range(70):
        field = b"X: " + b"." * length + line_end
        folded = b"X: " + b"." * length + line_end + b" ." + line_end
        for end in (line_end, b"", b"no colon" + line_end * 2, b"\r" + line_end * 2):
            agree(start + field * count + end)
            agree(start + folded * count + end, headers=max(count, 1))


@pytest.mark.parametrize("count", [249, 250, 251, 253, 254, 255, 256, 257, 499, 500, 501, 5000])
def test_very_many_fields(agree: Agree, count: int) -> None:
    start = b"SIP/2.0 200 OK\r\n"
    for field in (b"a:\n", b"v: x\r\n", b"X:\r\n y\n\tz\r\n", b"l:0\n"):
        for end in (b"\r\n", b"To: x\n\n", b"no colon\n\n", b"v:\r\n x\r\n \r\n\n", b"v:x\r\n"):
            agree(start + field * count + end)
            agree(start + field * count + end, headers=10_000)
            agree(start + field * count + end, headers=count + 1, line=20)


NAMES = [row.name.encode() for row in HEADER_NAMES] + [row.compact.encode() for row in HEADER_NAMES]
NASTY = [
    *(b"\xe4\xbd\xa0", b"\xf0\x9f\x93\x9e", b'x:n="\xc3\xa9";info=<a>\n'),
    *(b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b"\r\n ", b"\n\t", b":", b"::", b"\0"),
    *(
        b"\xff",
        b"\xc3\xbc",
        b"\xe4\xbd\xa0",
        b"\xf0\x9f\x93\x9e",
        b"\x0b",
        b"\x7f",
        b"\x85",
        b"/",
        b".",
        b"0",
        b"7",
        b"-",
        b"%",
        b"_",
    ),
    *(b"l: 3\r\n", b"L:\n", b"Content-Length: 3\r\n", b"content-length :03\n", b"l:x\r\n"),
    *(b"a:b\r\n", b"a: \r\n b\r\n", b"Via : x\n", b"x y:z\r\n", b"no colon\r\n", b":x\n"),
    *(b"INVITE", b"SIP/2.0", b"sip/1.0", b"200", b" 99 ", b"OK", b"sip:a@b;c=d", b"x" * 64),
]
STARTS = [b"", b"\r\n", b"INVITE sip:a SIP/2.0\r\n", b"SIP/2.0 200 OK\n", b"A \tb c\t sip/9.9 \r\n"]

pieces = st.one_of(
    st.sampled_from(NASTY),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES).map(bytes.swapcase),
    st.sampled_from(NAMES).map(lambda name: name.lower() + b":"),
    st.integers(0, 10**12).map(lambda number: b"l:%d\r\n" % number),
    st.binary(max_size=3),
)
blocks = st.builds(
    lambda start, middle, end: b"".join([start, *middle, end]),
    st.sampled_from(STARTS),
    st.lists(pieces, max_size=40),
    st.sampled_from([b"", b"\r\n", b"\r\n\r\n", b"\n\nbody", b"\r\n\r\n body", b"\n\n\t\n "]),
)
tiny_limits = st.fixed_dictionaries(
    {},
    optional={
        "size": st.integers(1, 300),
        "headers": st.integers(1, 6),
        "line": st.integers(1, 80),
    },
)


@settings(max_examples=3000, deadline=None)
@given(data=blocks, limits=tiny_limits)
def test_hostile_header_blocks(agree: Agree, data: bytes, limits: Limits) -> None:
    agree(data, **limits)
