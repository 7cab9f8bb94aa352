"""The native engine reads no byte outside of its buffer: not before it and not after it."""

from __future__ import annotations

import base64
import mmap
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import sipfast

pytest.importorskip("sipfast._native.message.message", reason="the native engine is not built here")
if not hasattr(os, "fork"):
    pytest.skip("this system has no mprotect", allow_module_level=True)

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("page_edge.py")
MESSAGES = [
    path.read_bytes()
    for path in sorted((ROOT / "bench_data" / "messages").rglob("*.sip"))
    if path.stat().st_size < mmap.PAGESIZE
]
SHORT = [
    b"A sip:b SIP/2.0\r\n\r\n",
    b"ACK sip:b SIP/2.0\n\n",
    b"OPTIONS sip:a@b.example SIP/2.0\r\nVia:x\r\n\r\n",
    b"SIP/2.0 200 OK\r\nl:0\r\n\r\n",
    b"SIP/2.0 100 \r\nCall-ID: 1\r\nX : y\r\n\tz\r\n\r\nbody",
    b"\r\n\r\nSUBSCRIBE sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc",
    b"P-Charging-Function-Addresses sip:a SIP/2.0\r\nP-Charging-Function-Addresses:x\r\n\r\n",
]


def survives(inputs: Iterable[bytes]) -> None:
    """Fail if the engine touches memory outside one of these inputs.

    The program runs on the engine of this process, wherever it was built.
    """
    package = Path(sipfast.__file__).parent.parent
    lines = b"".join(base64.b64encode(data) + b"\n" for data in inputs)
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", str(PROGRAM)],
        input=lines,
        check=False,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(package)},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) == lines.count(b"\n")


def test_every_prefix_of_short_messages() -> None:
    survives(message[:end] for message in SHORT for end in range(len(message) + 1))


def test_every_suffix_of_short_messages() -> None:
    survives(message[start:] for message in SHORT for start in range(len(message)))


def test_every_hand_written_message_and_prefixes() -> None:
    assert len(MESSAGES) > 50
    pick = random.Random(4475)
    cuts = [message[: pick.randrange(len(message))] for message in MESSAGES for _ in range(30)]
    survives([*MESSAGES, *cuts])


def test_start_lines_of_every_length() -> None:
    """The engine looks at start lines and names 8, 16 and 32 bytes at a time."""
    lines = [
        b"%s sip:%s SIP/2.0" % (method, b"a" * length)
        for method in (b"ACK", b"OPTIONS", b"SUBSCRIBE", b"A" * 15, b"A" * 16, b"A" * 40)
        for length in range(40)
    ]
    lines += [b"SIP/2.0 200 " + b"a" * length for length in range(40)]
    survives(line + ends for line in lines for ends in (b"", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"))


def test_last_names_of_every_length() -> None:
    start = b"ACK sip:b SIP/2.0\n"
    names = [b"i", b"Via", b"Content-Length", b"P-Charging-Function-Addresses"]
    names += [b"x" * length for length in range(1, 40)]
    ends = (b"", b":", b":\n", b":\n\n", b": 0\n\n", b" :\r\n\r\n", b"\n\n")
    survives(start + name + end for name in names for end in ends)
