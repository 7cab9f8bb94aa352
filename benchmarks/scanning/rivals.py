"""What others take to read the same captures: tshark, dpkt and splits, a loop over `parse`."""

from __future__ import annotations

import gzip
import hashlib
import mmap
import resource
import shutil
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter_ns
from typing import Any, NamedTuple
from urllib.parse import unquote

import sipfast
from benchmarks.rivals import DisagreementError
from benchmarks.scanning.ours import TWELVE
from benchmarks.timing import Stopwatch, Subject, Took

Row = tuple[Any, ...]
"""The values of a message, in the order of the columns."""

TSHARK_FIELDS = {
    "time": "frame.time_epoch",
    "method": "sip.Method",
    "status": "sip.Status-Code",
    "call_id": "sip.Call-ID",
    "from_user": "sip.from.user",
}
"""The fields that tshark shows, by the column of the same value."""

# ---- tshark


def has_tshark() -> bool:
    """Return whether tshark is installed."""
    return shutil.which("tshark") is not None


def tshark_version() -> str:
    """Return its name and version."""
    done = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True)
    return "tshark " + done.stdout.split("\n", 1)[0].split()[2].rstrip(".")


def _command(path: Path) -> list[str]:
    fields = [option for name in TSHARK_FIELDS.values() for option in ("-e", name)]
    return ["tshark", "-n", "-r", str(path), "-Y", "sip", "-T", "fields", *fields]


def by_tshark(path: Path) -> Iterator[Row]:
    """Yield what tshark shows of each packet of SIP."""
    done = subprocess.run(_command(path), capture_output=True, check=True)
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        at, method, status, call_id, user = line.split("\t")
        seconds, _, fraction = at.partition(".")
        yield (
            int(seconds) * 10**9 + int(fraction.ljust(9, "0")[:9]),
            method or None,
            int(status) if status else None,
            call_id or None,
            unquote(user) or None,
        )


def child(command: list[str], units: float) -> Subject:
    """Return a subject that runs a program, with its CPU time; ns per unit."""

    def one_round() -> Took:
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter_ns()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        wall = perf_counter_ns() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Took(1e9 * cpu / units, wall / units)

    return one_round


def tshark_subject(path: Path, messages: int) -> Subject:
    """Return the subject of tshark, ns per message."""
    return child(_command(path), messages)


# ---- dpkt and splits by hand


def has_dpkt() -> bool:
    """Return whether dpkt is installed."""
    try:
        version("dpkt")
    except PackageNotFoundError:
        return False
    return True


_COMPACT = {"i": "call-id", "f": "from", "t": "to", "v": "via"}


def by_hand(path: Path) -> Iterator[Row]:
    """Yield the twelve columns as an analyst gets them without a library for SIP."""
    import dpkt

    with path.open("rb") as file:
        for at, frame in dpkt.pcap.Reader(file):
            packet = dpkt.ethernet.Ethernet(frame).data
            datagram = getattr(packet, "data", None)
            if not isinstance(datagram, dpkt.udp.UDP):
                continue
            head, _, _ = datagram.data.partition(b"\r\n\r\n")
            first, *lines = head.decode("utf-8", "replace").split("\r\n")
            method = status = None
            if first.startswith("SIP/2.0 "):
                status = int(first[8:11])
            elif first.endswith(" SIP/2.0"):
                method = first.partition(" ")[0]
            else:
                continue  # not SIP
            headers: dict[str, str] = {}
            for line in lines:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                headers.setdefault(_COMPACT.get(name, name), value.strip())
            number = headers.get("cseq", "").partition(" ")[0]
            from_user, from_tag = _user_and_tag(headers.get("from", ""))
            yield (
                round(at * 1_000_000) * 1000,
                _address(packet.src),
                _address(packet.dst),
                method,
                status,
                headers.get("call-id"),
                int(number) if number.isdigit() else None,
                from_user,
                from_tag,
                _user_and_tag(headers.get("to", ""))[0],
                _parameter(headers.get("via", "").partition(",")[0], "branch"),
                headers.get("user-agent", headers.get("server")),
            )


def _address(packed: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def _user_and_tag(value: str) -> tuple[str | None, str | None]:
    if "<" in value:
        uri, _, parameters = value.rpartition("<")[2].partition(">")
    else:
        uri, _, parameters = value.partition(";")
        parameters = ";" + parameters
    before, at, _ = uri.partition("@")
    user = unquote(before.partition(":")[2].partition(":")[0]) if at else None
    return user, _parameter(parameters, "tag")


def _parameter(text: str, wanted: str) -> str | None:
    for parameter in text.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == wanted:
            return value.strip()
    return None


# ---- a loop over `parse`


def by_loop(path: Path) -> Iterator[Row]:
    """Yield the twelve columns from the typed properties of each message."""
    with sipfast.open(path) as capture:
        for record in capture:
            try:
                message = sipfast.parse(record.data)
            except sipfast.ParseError:
                yield (record.time_ns, record.source, record.destination, *[None] * 9)
                continue
            cseq, via = _read(message, "cseq"), _read(message, "via")
            from_, to = _read(message, "from_"), _read(message, "to")
            agent = _read(message, "user_agent") or _read(message, "server")
            yield (
                record.time_ns,
                record.source,
                record.destination,
                message.method if isinstance(message, sipfast.Request) else None,
                message.status if isinstance(message, sipfast.Response) else None,
                _read(message, "call_id"),
                cseq and cseq.number,
                from_ and _user(from_.uri),
                from_ and from_.tag,
                to and _user(to.uri),
                via and via.branch,
                agent and str(agent),
            )


def _user(uri: Any) -> str | None:
    return getattr(uri, "user", None) or getattr(uri, "number", None)


def _read(message: Any, name: str) -> Any:
    """Return a property, or None if its field is malformed."""
    try:
        return getattr(message, name)
    except sipfast.ParseError:
        return None


def emptied(read: Callable[[Path], Iterator[Row]], path: Path, messages: int) -> Subject:
    """Return a subject that makes all rows and drops them; ns per message."""

    def one_round() -> Took:
        watch = Stopwatch()
        for _row in read(path):
            pass
        return watch.took(messages)

    return one_round


# ---- lower bounds


def copied(path: Path, messages: int) -> Subject:
    """Return a subject that copies the file, which is mapped before; ns per message."""
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    source = memoryview(mapped)
    target = memoryview(bytearray(len(source)))

    def one_round() -> Took:
        watch = Stopwatch()
        target[:] = source
        return watch.took(messages)

    return one_round


def mapped_and_copied(path: Path, messages: int) -> Subject:
    """Return a subject that maps the file, as a scan does, and copies it; ns per message."""
    target = memoryview(bytearray(path.stat().st_size))

    def one_round() -> Took:
        watch = Stopwatch()
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        with memoryview(mapped) as source:
            target[:] = source
        mapped.close()
        return watch.took(messages)

    return one_round


def unzipped(path: Path, messages: int) -> Subject:
    """Return a subject that decompresses a file and drops the bytes; ns per message."""

    def one_round() -> Took:
        watch = Stopwatch()
        with gzip.open(path) as file:
            while file.read(1 << 18):
                pass
        return watch.took(messages)

    return one_round


SPIN_BYTES = 400_000_000
"""Some 0.3 s."""


def spun(threads: int) -> Subject:
    """Return a subject in which threads without the GIL hash as much together as one alone.

    The time is in ns per KB.
    """
    each = bytes(1_000_000)

    def spin() -> None:
        for _ in range(SPIN_BYTES // threads // len(each)):
            hashlib.sha256(each)

    def one_round() -> Took:
        others = [threading.Thread(target=spin) for _ in range(threads - 1)]
        watch = Stopwatch()
        for one in others:
            one.start()
        spin()
        for one in others:
            one.join()
        return watch.took(SPIN_BYTES / 1000)

    return one_round


# ---- agreement


class Rival(NamedTuple):
    """Another way to the same values."""

    name: str
    does: str
    read: Callable[[Path], Iterator[Row]]
    columns: tuple[str, ...]
    subject: Callable[[Path, int], Subject]
    why_not: Callable[[], str | None] = lambda: None
    """Why it cannot be measured here, or None."""


TSHARK = Rival(
    "tshark, 5 fields",
    f"`tshark -n -Y sip -T fields` of {', '.join(TSHARK_FIELDS)}; to /dev/null",
    by_tshark,
    tuple(TSHARK_FIELDS),
    tshark_subject,
    lambda: None if has_tshark() else "not installed (on Debian: apt-get install tshark)",
)
DPKT = Rival(
    "dpkt and split",
    "packets by dpkt, a dict of header fields, the 12 values by splits of str",
    by_hand,
    TWELVE,
    partial(emptied, by_hand),
    lambda: None if has_dpkt() else "not installed (pip install dpkt)",
)
LOOP = Rival(
    "loop over sipfast.parse",
    "`sipfast.open`, `parse`, the 12 values from typed properties",
    by_loop,
    TWELVE,
    partial(emptied, by_loop),
)
RIVALS = (TSHARK, DPKT, LOOP)


def agreement(ours: Mapping[str, list[Any]], rival: Rival, path: Path, least: float) -> float:
    """Return the share of the rows of a file that a rival reads alike, in any order.

    Raises DisagreementError if it is less than `least`.
    """
    mine = Counter(zip(*(ours[name] for name in rival.columns), strict=True))
    theirs = Counter(rival.read(path))
    share = (mine & theirs).total() / max(mine.total(), theirs.total(), 1)
    if share >= least:
        return share
    example = next(iter(mine - theirs), None), next(iter(theirs - mine), None)
    raise DisagreementError(
        f"{rival.name} has {theirs.total():,} rows, and we {mine.total():,}; {share:.1%} are alike;"
        f" such as {example[0]} and {example[1]} are not"
    )
