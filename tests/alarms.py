"""Alarms: what is said about messages that are right, or are as real stacks send them.

The sources are the captures and the valid messages of RFC 4475 in the folder that `SIPFAST_SHARED`
names, and `bench_data/`. `project/alarms.tsv` has each alarm that is known, with the reason for it.

    PYTHONPATH=tests:. python -m alarms            # the share of messages with an error, a warning
    PYTHONPATH=tests:. python -m alarms --write    # alarms.tsv anew; the reasons are kept
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pages.conformance import folder_of, read_index
from samples import attempt

import sipfast.capture
from bench_data import corpus
from sipfast import ParseError
from sipfast._engine import Engine, load
from sipfast.capture import CaptureError
from sipfast.errors import FAULTS

ROOT = Path(__file__).parents[1]
BENCH_DATA = ROOT / "bench_data"
TABLE = Path(__file__).parent / "project" / "alarms.tsv"

SEVERITIES = {fault.code: fault.severity for fault in FAULTS.values()}


class Alarm(NamedTuple):
    """A fault that messages of a source have."""

    source: str
    code: str
    header: str
    """The header field; "-" for none."""


class Row(NamedTuple):
    """A line of the table."""

    source: str
    code: str
    header: str
    messages: int
    reason: str


def sources(shared: Path | None) -> Iterator[tuple[str, list[bytes]]]:
    """The name of each source, and its messages."""
    for path in sorted(BENCH_DATA.rglob("*.sip")):
        if path.parent.name == "broken":
            continue  # broken on purpose, each with its code in INDEX.tsv
        several = path.parent.name != "tortured"  # with line ends and lengths of every kind
        yield (
            path.relative_to(ROOT).as_posix(),
            corpus.load(path) if several else [path.read_bytes()],
        )
    for path in sorted(BENCH_DATA.rglob("*.pcap")):
        yield path.relative_to(ROOT).as_posix(), list(payloads(path))
    if shared is None:
        return
    captures = shared / "captures"
    for path in sorted(captures.glob("*/*")):
        try:
            yield path.relative_to(shared).as_posix(), list(payloads(path))
        except CaptureError:
            continue  # tests/capture/test_shared.py has these
    for name, torture in read_index(folder_of(shared)).items():
        if torture.verdict.startswith("accept"):
            yield f"rfc4475/{name}", [torture.data]


def payloads(path: Path) -> Iterator[bytes]:
    """The datagrams of a capture."""
    with sipfast.capture.open(path) as capture:
        for datagram in capture:
            yield bytes(datagram.payload)


def faults_of(engine: Engine, data: bytes) -> list[tuple[str, str]]:
    """The code and the header field of each fault of a message."""
    message: Any = attempt(engine, data)
    if isinstance(message, ParseError):
        return [(message.code, message.header or "-")]
    found = [*message.defects, *getattr(message, "body_defects", ())]
    return [(defect.code, defect.header or "-") for defect in found]


class Count:
    """The messages of some sources, and those with a fault."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[bytes, list[tuple[str, str]]] = {}
        self.alarms: Counter[Alarm] = Counter()
        """The messages of a source with an alarm."""
        self.codes: Counter[str] = Counter()
        """The messages with a fault of a code."""
        self.severities: Counter[str] = Counter()
        """The messages with an error, and those with a warning."""
        self.messages = 0

    def add(self, source: str, messages: Iterable[bytes]) -> None:
        for data in messages:
            self.messages += 1
            if data not in self._known:
                self._known[data] = faults_of(self._engine, data)
            faults = self._known[data]
            self.alarms.update({Alarm(source, *fault) for fault in faults})
            codes = {code for code, _ in faults}
            self.codes.update(codes)
            self.severities.update({SEVERITIES[code] for code in codes})


def counted(engine: Engine, shared: Path | None) -> Count:
    """The alarms of all sources."""
    count = Count(engine)
    for source, messages in sources(shared):
        count.add(source, messages)
    return count


def read() -> dict[Alarm, Row]:
    """The table of known alarms."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()[1:] if TABLE.exists() else []
    rows = [line.split("\t") for line in lines]
    return {
        Alarm(source, code, header): Row(source, code, header, int(messages), reason)
        for source, code, header, messages, reason in rows
    }


def write(count: Count) -> None:
    """The table anew. A row that is new has no reason, which a test demands."""
    known = read()
    lines = ["\t".join(Row._fields)]
    for alarm, number in sorted(count.alarms.items()):
        reason = known[alarm].reason if alarm in known else ""
        lines.append("\t".join((*alarm, str(number), reason)))
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def report(count: Count) -> str:
    """The share of messages with an error, with a warning, and with each code."""
    shares = [
        f"{count.messages} messages",
        *[
            f"{number:7} {number / count.messages:8.3%}  with {'an' if what == 'error' else 'a'} "
            f"{what}"
            for what, number in sorted(count.severities.items())
        ],
        "",
        *[
            f"{number:7} {number / count.messages:8.3%}  {SEVERITIES[code]:7}  {code}"
            for code, number in sorted(count.codes.items(), key=lambda item: (-item[1], item[0]))
        ],
    ]
    return "\n".join(shares)


def main() -> None:
    parser = argparse.ArgumentParser(prog="alarms", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name} anew")
    parser.add_argument("--only", default="", help="sources whose name begins so")
    given = parser.parse_args()
    folder = os.environ.get("SIPFAST_SHARED")
    count = Count(load("native"))
    for source, messages in sources(Path(folder) if folder else None):
        if source.startswith(given.only):
            count.add(source, messages)
    if given.write:
        write(count)
    print(report(count))


if __name__ == "__main__":
    main()
