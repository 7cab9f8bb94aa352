"""Live traffic: what `sipfast follow` takes for a packet of HEP, and whether it keeps up.

`python -m benchmarks.live` sends 100,000 packets a second to the command, from another core, and
writes RESULTS.md; `--quick` sends a few.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import Console

import sipfast
from benchmarks.bar import Bar
from benchmarks.report import Sheet, machine, write_results
from sipfast._engine import ENGINE

RESULTS = Path(__file__).with_name("RESULTS.md")
RATE = 100_000
SECONDS = 5.0
QUICK_RATE = 2_000
QUICK_SECONDS = 0.5
CALLS = 30_000
"""Different ones; 9 of 10 are answered."""
TOGETHER = 2_000
"""Calls that are open at once."""

_SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class Way(NamedTuple):
    """How the command is run, and what it does."""

    name: str
    arguments: tuple[str, ...]
    transport: str = "udp"


class Figures(NamedTuple):
    """What was measured."""

    rate: float
    sent: int
    read: int
    dropped: int
    microseconds: float
    """Of CPU time for a packet."""
    peak: int
    """Bytes of memory."""


WAYS = (
    Way("counts and calls", ("-q",)),
    Way("counts and calls, over TCP", ("-q",), "tcp"),
    Way("counts and calls, to captures", ("-q", "--forward", "live.pcapng", "--rotate", "100MB")),
    Way("failed calls", ("--calls",)),
    Way("a line for each message", ()),
)


def packets(calls: int) -> list[bytes]:
    """HEP packets of calls, many of which are open at once."""
    found: list[bytes] = []
    for begin in range(0, calls, TOGETHER):
        group = [_call(number) for number in range(begin, min(begin + TOGETHER, calls))]
        for step in range(max(map(len, group))):
            found += [call[step] for call in group if step < len(call)]
    return found


def _call(number: int) -> list[bytes]:
    uri = f"sip:bob{number}@example.net"
    lines = [
        (f"INVITE {uri} SIP/2.0", "1 INVITE", _SDP),
        ("SIP/2.0 100 Trying", "1 INVITE", b""),
        ("SIP/2.0 180 Ringing", "1 INVITE", b""),
    ]
    if number % 10 == 0:
        lines += [("SIP/2.0 486 Busy Here", "1 INVITE", b""), (f"ACK {uri} SIP/2.0", "1 ACK", b"")]
    else:
        lines += [
            ("SIP/2.0 200 OK", "1 INVITE", _SDP),
            (f"ACK {uri} SIP/2.0", "1 ACK", b""),
            (f"BYE {uri} SIP/2.0", "2 BYE", b""),
            ("SIP/2.0 200 OK", "2 BYE", b""),
        ]
    ends = f"192.0.2.{1 + number % 50}", f"198.51.100.{1 + number % 50}"
    found = []
    for line, cseq, body in lines:
        is_answer = line.startswith("SIP/")
        tag = "" if line.startswith("INVITE") else ";tag=b"
        head = (
            f"{line}\r\nVia: SIP/2.0/UDP {ends[0]}:5060;branch=z9hG4bK{number}x{cseq[0]};rport\r\n"
            f'Max-Forwards: 70\r\nFrom: "Alice" <sip:alice{number}@example.com>;tag=a{number}\r\n'
            f"To: <{uri}>{tag}\r\nCall-ID: {number}-4a7f@192.0.2.1\r\nCSeq: {cseq}\r\n"
            f"Contact: <sip:alice{number}@{ends[0]}:5060>\r\n"
            "User-Agent: Kittiwake Mobile 4.1 (build 20817)\r\n"
            f"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        found.append(_hep(head + body, *(ends[::-1] if is_answer else ends)))
    return found


def _hep(payload: bytes, source: str, destination: str) -> bytes:
    now = time.time_ns()
    chunks = (
        *((1, b"\x02"), (2, b"\x11"), (3, socket.inet_aton(source))),
        *((4, socket.inet_aton(destination)), (7, b"\x13\xc4"), (8, b"\x13\xc4")),
        (9, struct.pack(">I", now // 10**9)),
        (10, struct.pack(">I", now % 10**9 // 1000)),
        *((11, b"\x01"), (12, struct.pack(">I", 2001)), (15, payload)),
    )
    body = b"".join(struct.pack(">HHH", 0, kind, 6 + len(value)) + value for kind, value in chunks)
    return b"HEP3" + struct.pack(">H", 6 + len(body)) + body


class _Counters:
    received = sent = refused = dropped = undelivered = 0


def send(found: Sequence[bytes], transport: str, port: int, rate: float, seconds: float) -> int:
    """Send packets at a rate, one after another and anew; how many."""
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    done, count = 0, len(found)
    with socket.socket(socket.AF_INET, kind) as to:
        datagrams: Any = None
        if transport == "udp":
            datagrams = ENGINE.module("wire.datagrams").Datagrams(to, _Counters(), None)
        else:
            to.connect(("127.0.0.1", port))
        begun = time.monotonic()
        while (now := time.monotonic() - begun) < seconds:
            due = min(int(now * rate) - done, 512)
            if due < 64:
                time.sleep(0.0003)
                continue
            batch = [found[at % count] for at in range(done, done + due)]
            if datagrams is None:
                to.sendall(b"".join(batch))
            else:
                for packet in batch:
                    datagrams.send(packet, "127.0.0.1", port)
                datagrams.flush()
            done += due
    return done


def measure(way: Way, found: Sequence[bytes], rate: float, seconds: float) -> Figures:
    """Run the command once while packets come."""
    idle = _run(way, (), 0, 0)[2]
    sent, sums, used, peak = _run(way, found, rate, seconds)
    read = sums["messages"]
    microseconds = (used - idle) / max(read, 1) * 1e6
    return Figures(sent / seconds, sent, read, sums["dropped"], microseconds, peak)


def _run(
    way: Way, found: Sequence[bytes], rate: float, seconds: float
) -> tuple[int, dict[str, int], float, int]:
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="sipfast-live-") as folder:
        command = [
            *(sys.executable, "-m", "sipfast", "follow", "--hep", f"{way.transport}:127.0.0.1:0"),
            *(*way.arguments, "--every", "3600", "--duration", str(seconds + 4 if seconds else 1)),
        ]
        with subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(RESULTS.parents[1])},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as child:
            os.sched_setaffinity(child.pid, {cores[0]})
            assert child.stderr is not None
            told = re.search(r":(\d+)$", child.stderr.readline().strip())
            assert told is not None
            sent = 0
            if seconds:
                os.sched_setaffinity(0, {cores[-1]})
                try:
                    sent = send(found, way.transport, int(told[1]), rate, seconds)
                finally:
                    os.sched_setaffinity(0, cores)
            peak = _peak(child.pid)
            summed = child.stderr.read()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
    return sent, _sums(summed), usage.ru_utime + usage.ru_stime, peak


def _peak(pid: int) -> int:
    """The most memory that a process has had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def _sums(line: str) -> dict[str, int]:
    """The figures of the last line on standard error."""
    found = {}
    for name, pattern in (("messages", r"([\d,]+) messages? in"), ("dropped", r"([\d,]+) dropped")):
        match = re.search(pattern, line)
        assert match is not None, line
        found[name] = int(match[1].replace(",", ""))
    return found


@click.command()
@click.option("--quick", "is_quick", is_flag=True, help="Send a few packets; write nothing.")
def main(is_quick: bool) -> None:
    """Measure `sipfast follow`."""
    console = Console()
    rate, seconds = (QUICK_RATE, QUICK_SECONDS) if is_quick else (RATE, SECONDS)
    found = packets(CALLS // 100 if is_quick else CALLS)
    rows, bars = [], []
    for way in WAYS:
        console.print(f"measuring {way.name}", style="dim")
        figures = measure(way, found, rate, seconds)
        rows.append(
            [
                way.name,
                f"{figures.rate:,.0f}",
                f"{figures.read:,}",
                f"{figures.dropped:,}",
                f"{figures.microseconds:.2f}",
                f"{1e6 / figures.microseconds:,.0f}",
                f"{figures.peak / 1e6:.0f} MB",
            ]
        )
        if way.arguments == ("-q",):
            kept = figures.read / max(figures.sent, 1)
            note = f"{kept:.1%} of {figures.sent:,} were read at {figures.rate:,.0f} a second"
            most = 1e6 / figures.microseconds
            bars.append(Bar(f"{way.name}, a second", RATE, most, True, "packets", note))
    head = ["", "sent a second", "read", "dropped", "CPU us a packet", "a core, a second", "memory"]
    sheets = [
        Sheet(
            "Live: bars",
            ["", "wanted", "measured", "", "where"],
            [[bar.promise, bar.limit, bar.figure, bar.verdict, bar.note] for bar in bars],
        ),
        Sheet("Live: packets of HEP", head, rows),
    ]
    for sheet in sheets:
        sheet.print(console)
    if not is_quick:
        engine = f"engine {sipfast.engine}, kernel {sipfast.kernel}"
        facts = f"`python -m benchmarks.live`, on {machine()}; {engine}"
        body = "\n".join([facts, "", *(sheet.markdown() for sheet in sheets)])
        write_results(RESULTS, body, "live")


if __name__ == "__main__":
    main()
