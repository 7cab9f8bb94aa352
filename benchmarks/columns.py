"""Captures to columns: the rate of `sipfast.scan`, beside tshark, dpkt and a loop over `parse`.

`python -m benchmarks.columns` makes the files, compares the values of all sides, times them in
turns, prints the tables and writes them into RESULTS.md. With ``--quick`` it reads small files
once and writes nothing. Where two sides read other values, nothing is written, and it exits with 1.
It needs pyarrow, and measures what is installed of tshark (Debian: tshark) and dpkt. The
environment variable SIPFAST_SHARED names the folder whose `captures` are the second corpus.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import Console

import sipfast
from bench_data.traffic import datagrams
from benchmarks.bar import Bar
from benchmarks.bars import ratio
from benchmarks.report import Sheet, machine, write_results
from benchmarks.rivals import DisagreementError, Skipped
from benchmarks.scanning import apart, files, ours, rivals
from benchmarks.scanning.files import File
from benchmarks.scanning.ours import INVITES, THIRTY, TWELVE, scanned
from benchmarks.timing import Subject, Timing, interleave

RESULTS = Path(__file__).with_name("RESULTS.md")
ROUNDS, MESSAGES, LARGE = 7, 100_000, 5_000_000
LOG_MESSAGES = 20_000
QUICK_MESSAGES, QUICK_LARGE = 2_000, 20_000
MB = 1e6

# The rows of both corpora.
COLUMNS_12, COLUMNS_30 = "12 columns", "30 columns"
COLUMNS_UTF8, COLUMNS_WHERE = "12 columns, utf8", "12 columns where INVITE"
COPY, MAP_AND_COPY = "memcpy", "map and memcpy"
# The rows of other files.
TCP, CONCATENATED, ZIPPED, UNZIP = "TCP", "messages", "pcap.gz", "gunzip"
# The rows of a large file.
EXPORT, PARQUET, PARQUET_OF_TABLE = "sipfast export", "scan to Parquet", "table to Parquet"
# The rows of threads.
ONE, TWO, SPIN_ONE, SPIN_TWO = "1 thread", "2 threads", "hashes, 1 thread", "hashes, 2 threads"

OURS = {
    COLUMNS_12: partial(scanned, columns=TWELVE),
    COLUMNS_UTF8: partial(scanned, columns=TWELVE, text="utf8"),
    COLUMNS_30: partial(scanned, columns=THIRTY),
    COLUMNS_WHERE: partial(scanned, columns=TWELVE, where=INVITES),
}
DOES = {
    COLUMNS_12: f"`sipfast.scan` of {', '.join(TWELVE)}",
    COLUMNS_UTF8: 'the same with `text="utf8"`',
    COLUMNS_30: "and of " + ", ".join(name for name in THIRTY if name not in TWELVE),
    COLUMNS_WHERE: f"12 columns with `where={INVITES!r}`; ns per message of the file",
    COPY: "one copy of the file, which is mapped before, into memory that is there",
    MAP_AND_COPY: "the file mapped, as a scan does it, and copied so",
    **{rival.name: rival.does for rival in rivals.RIVALS},
    TCP: "over TCP, in order: one a segment, several, one over two",
    CONCATENATED: "messages one after another, without times",
    ZIPPED: "the pcap, compressed with gzip",
    UNZIP: "the same, decompressed by `gzip` and dropped",
    ONE: "12 columns",
    TWO: "12 columns, `threads=2`",
    SPIN_ONE: "SHA-256 of one megabyte again and again",
    SPIN_TWO: "as many, half of them in another thread",
    EXPORT: "12 columns by the command, its start included",
    PARQUET: '12 columns with `text="utf8"`, batch by batch to the writer of pyarrow',
    PARQUET_OF_TABLE: "the same table in memory, written by pyarrow",
}


class Rate(NamedTuple):
    """A promise in million messages a second of CPU time."""

    promise: str
    row: str
    wanted: float

    def bar(self, corpus: str, timings: Mapping[str, Timing]) -> Bar:
        """Return the bar with the measured rate."""
        timing = timings.get(self.row)
        measured = timing and 1000 / timing.median
        return Bar(f"{corpus}: {self.promise}", self.wanted, measured, True, "million/s")


class Ratio(NamedTuple):
    """A promise on the ratio of two rows; without `at_least`, at most so much."""

    promise: str
    row: str
    other: str
    wanted: float
    at_least: bool = True

    def bar(self, corpus: str, timings: Mapping[str, Timing]) -> Bar:
        """Return the bar with the measured ratio."""
        measured = ratio(timings, self.row, self.other)
        note = ""
        if measured is not None:
            note = f"{timings[self.row].median:,.0f} against {timings[self.other].median:,.0f} ns"
        return Bar(f"{corpus}: {self.promise}", self.wanted, measured, self.at_least, note=note)


PROMISES: tuple[Rate | Ratio, ...] = (
    Rate(COLUMNS_12, COLUMNS_12, 3.0),
    Rate(COLUMNS_30, COLUMNS_30, 2.2),
    Ratio("12 columns, faster than tshark with 5", rivals.TSHARK.name, COLUMNS_12, 120),
    Ratio("12 columns, faster than dpkt and split", rivals.DPKT.name, COLUMNS_12, 35),
    Ratio("12 columns, against map and memcpy", COLUMNS_12, MAP_AND_COPY, 4.7, at_least=False),
    Ratio("where INVITE, faster than without", COLUMNS_12, COLUMNS_WHERE, 3),
    Ratio("utf8, against views", COLUMNS_UTF8, COLUMNS_12, 1.1, at_least=False),
)
OF_PCAP = {TCP: 0.6, CONCATENATED: 0.8}
"""The wanted part of the pcap's rate, by row; of a log, `OF_LOGS`."""
OF_LOGS = 0.8
OF_DECOMPRESSOR = 1.1
"""The most that gzip may take, against the decompressor and a scan of the pcap."""
OF_CONTROL = 0.9
"""The least gain of two threads, against that of a spin without the GIL."""
MOST_RESIDENT = 100
MOST_OF_PARQUET = 1.5


@dataclass
class Results:
    """What has been measured so far."""

    rounds: int
    bars: list[Bar] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What two sides read differently, by group; that group is not timed."""

    def add(
        self,
        title: str,
        timings: Mapping[str, Timing],
        reference: str,
        notes: Mapping[str, Sequence[str]],
        headings: Sequence[str],
    ) -> None:
        """Add a table of timings; `notes` are the cells below the `headings`."""
        rows = [
            [
                name,
                DOES.get(name, "text among the lines of a log (docs/logs.md)"),
                *notes.get(name, ["-"] * len(headings)),
                str(timing),
                f"{timing.wall:,.0f}",
                f"{1000 / timing.median:.3g}",
                f"{timing.median / timings[reference].median:.2f}",
            ]
            for name, timing in timings.items()
        ]
        columns = ["", "what it does", *headings, "ns a message (best)", "wall", "million/s", "x"]
        self.sheets.append(Sheet(f"Columns: {title}", columns, rows))

    def skip(self, name: str, why: str) -> None:
        """Note what cannot be measured here."""
        self.skipped.append(Skipped(name, why))


def rows_of(path: Path, names: tuple[str, ...], values: Mapping[str, list[Any]]) -> None:
    """Raise DisagreementError if a scan reads other values than another one of the same file."""
    for text, columns, where in (
        ("utf8", names, None),
        ("view", names, None),
        ("utf8", THIRTY, None),
        ("utf8", names, INVITES),
    ):
        found = ours.columns(path, columns, where, text)  # type: ignore[arg-type]
        kept = [where is None or method == "INVITE" for method in values["method"]]
        for name in names:
            wanted = [value for value, keep in zip(values[name], kept, strict=True) if keep]
            if found[name] != wanted:
                raise DisagreementError(f"{name} of {columns}, {text}, where {where}, differs")


def measure_corpus(results: Results, name: str, file: File, least: float) -> None:
    """Measure one corpus against all rivals; of each, `least` is the share it must read alike."""
    values = ours.columns(file.path)
    if len(values["time"]) != file.messages:
        raise DisagreementError(f"{len(values['time'])} rows of {file.messages} messages")
    rows_of(file.path, TWELVE, values)
    subjects: dict[str, Subject] = {
        row: scan(file.path, file.messages) for row, scan in OURS.items()
    }
    notes = {row: ["all"] for row in subjects}
    for rival in rivals.RIVALS:
        why = rival.why_not()
        if why is not None:
            results.skip(rival.name, why)
            continue
        share = rivals.agreement(values, rival, file.path, 1 if rival is rivals.LOOP else least)
        notes[rival.name] = [f"{share:.2%}"]
        subjects[rival.name] = rival.subject(file.path, file.messages)
    subjects[COPY] = rivals.copied(file.path, file.messages)
    subjects[MAP_AND_COPY] = rivals.mapped_and_copied(file.path, file.messages)
    timings = interleave(subjects, results.rounds)
    of = f"{file.messages:,} messages in {file.packets or file.messages:,} packets"
    title = f"{name}, {of}, {file.size / MB:,.0f} MB"
    results.add(title, timings, COLUMNS_12, notes, ["read alike"])
    results.bars += [promise.bar(name, timings) for promise in PROMISES]


def measure_forms(results: Results, folder: Path, pcap: File, messages: int) -> None:
    """Measure the same messages in other files, against the pcap."""
    sent = files.traffic(messages)
    data = [one.data for one in sent]
    expected = ours.columns(pcap.path, ("method", "status", "call_id"))
    made: dict[str, File] = {
        TCP: files.tcp(folder, sent),
        CONCATENATED: files.concatenated(folder, data),
        ZIPPED: files.zipped(pcap),
    }
    logs = {f"log: {name}": file for name, file in files.logs(folder, data[:LOG_MESSAGES]).items()}
    for name, file in {**made, **logs}.items():
        check_form(name, file, expected)
    subjects = {COLUMNS_12: scanned(pcap.path, pcap.messages)}
    subjects |= {name: scanned(file.path, file.messages) for name, file in made.items()}
    subjects[UNZIP] = rivals.unzipped(made[ZIPPED].path, pcap.messages)
    subjects |= {name: scanned(file.path, file.messages) for name, file in logs.items()}
    timings = interleave(subjects, results.rounds)
    notes = {
        name: [f"{file.messages:,}", f"{file.size / MB:,.1f}"]
        for name, file in {**made, COLUMNS_12: pcap, UNZIP: made[ZIPPED], **logs}.items()
    }
    results.add("other files", timings, COLUMNS_12, notes, ["messages", "MB"])
    wanted = OF_PCAP | dict.fromkeys(logs, OF_LOGS)
    results.bars += [
        Ratio(f"rate of {name}, of the pcap's", COLUMNS_12, name, part).bar("other files", timings)
        for name, part in wanted.items()
    ]
    bound = timings[UNZIP].median + timings[COLUMNS_12].median
    results.bars.append(
        Bar(
            "other files: gzip, against its decompressor and the pcap",
            OF_DECOMPRESSOR,
            timings[ZIPPED].median / bound,
            note=f"{timings[ZIPPED].median:,.0f} against {bound:,.0f} ns",
        )
    )


def check_form(name: str, file: File, expected: Mapping[str, list[Any]]) -> None:
    """Raise DisagreementError if a file has other messages than the pcap."""
    found = ours.columns(file.path, tuple(expected))
    rows = sorted(map(str, zip(*found.values(), strict=True)))
    known = map(str, zip(*expected.values(), strict=True))
    if len(rows) != file.messages:
        raise DisagreementError(f"{name} has {len(rows):,} rows of {file.messages:,} messages")
    missing = set(rows).difference(known)
    if missing:
        raise DisagreementError(f"{name} has rows that the pcap has not, such as {missing.pop()}")


def measure_threads(results: Results, file: File) -> None:
    """Measure two threads, beside a control: what two threads gain that share nothing."""
    if (os.cpu_count() or 1) < 2:
        results.skip("threads", "this machine has one core")
        return
    one, two = (sipfast.scan(file.path, TWELVE, threads=n).to_arrow() for n in (1, 2))
    if not one.equals(two):
        raise DisagreementError("two threads read other rows than one")
    del one, two
    subjects = {
        ONE: scanned(file.path, file.messages),
        TWO: scanned(file.path, file.messages, threads=2),
        SPIN_ONE: rivals.spun(1),
        SPIN_TWO: rivals.spun(2),
    }
    timings = interleave(subjects, results.rounds, pinned=False)
    of = f"{file.messages:,} messages"
    results.add(f"threads, {of}, or {rivals.SPIN_BYTES:,} bytes hashed", timings, ONE, {}, [])
    gain, control = (
        timings[one].wall / timings[two].wall for one, two in ((ONE, TWO), (SPIN_ONE, SPIN_TWO))
    )
    results.bars.append(
        Bar(
            "threads: the gain of two, of that of hashes",
            OF_CONTROL,
            gain / control,
            at_least=True,
            note=f"{gain:.2f} against {control:.2f}, by wall time",
        )
    )


def measure_large(results: Results, folder: Path, file: File) -> None:
    """Measure the memory of a scan, and the writing of Parquet."""
    found = apart.peak(file.path)
    if found is not None and found.rows != file.messages:
        raise DisagreementError(f"{found.rows:,} rows of {file.messages:,} messages")
    of = f"{file.messages:,} messages, {file.size / MB:,.0f} MB"
    results.bars.append(
        Bar(
            "large: peak of the resident set, scanned to nowhere",
            MOST_RESIDENT,
            found and found.resident / MB,
            unit="MB",
            note=of,
        )
    )
    timings = interleave({COLUMNS_12: scanned(file.path, file.messages)}, results.rounds)
    written = apart.parquet(file.path, results.rounds, folder)
    names = {apart.EXPORT: EXPORT, apart.SCAN: PARQUET, apart.TABLE: PARQUET_OF_TABLE}
    timings |= {names[name]: timing for name, timing in written.items()}
    results.add(f"large, {of}", timings, COLUMNS_12, {}, [])
    results.bars.append(PROMISES[0].bar("large", timings))
    promise = "export to Parquet, against pyarrow's of the same table"
    bar = Ratio(promise, EXPORT, PARQUET_OF_TABLE, MOST_OF_PARQUET, at_least=False)
    results.bars.append(bar.bar("large", timings))


@dataclass
class Run:
    """The files of a run, made when they are needed."""

    results: Results
    folder: Path
    messages: int
    large: int
    _made: dict[int, File | None] = field(default_factory=dict)

    def pcap(self) -> File:
        """The capture of UDP."""
        return files.udp(self.folder, files.traffic(self.messages))

    def large_file(self) -> File | None:
        """The large capture, or None if there is no room for it."""
        if self.large not in self._made:
            why = files.room(self.folder, self.large * files.BYTES_A_MESSAGE)
            if why is not None:
                self.results.skip(f"{self.large:,} messages", why)
                self._made[self.large] = None
            else:
                least = -(-self.large // datagrams.MOST_TURNS)
                sent = files.traffic(min(max(self.messages, least), self.large))
                self._made[self.large] = files.udp(self.folder, sent, self.large)
        return self._made[self.large]

    def measure_pcap(self) -> None:
        """Measure the generated messages."""
        measure_corpus(self.results, "pcap", self.pcap(), 1)

    def measure_captures(self) -> None:
        """Measure the captures of others."""
        shared = os.environ.get("SIPFAST_SHARED")
        if not shared:
            self.results.skip("captures", "SIPFAST_SHARED is not set")
            return
        if not rivals.has_dpkt():
            self.results.skip("captures", "dpkt, which joins them, is not installed")
            return
        found = files.captured(
            self.folder, Path(shared) / "captures", ours.to_nowhere, self.messages
        )
        if found is None:
            self.results.skip("captures", "there are none in SIPFAST_SHARED")
        else:
            measure_corpus(self.results, "captures", found, 0.95)

    def measure_forms(self) -> None:
        """Measure other files of the generated messages."""
        measure_forms(self.results, self.folder, self.pcap(), self.messages)

    def measure_threads(self) -> None:
        """Measure two threads."""
        file = self.large_file()
        if file is not None:
            measure_threads(self.results, file)

    def measure_large(self) -> None:
        """Measure the large capture."""
        file = self.large_file()
        if file is not None:
            measure_large(self.results, self.folder, file)


GROUPS: dict[str, Callable[[Run], None]] = {
    "pcap": Run.measure_pcap,
    "captures": Run.measure_captures,
    "files": Run.measure_forms,
    "threads": Run.measure_threads,
    "large": Run.measure_large,
}


def versions() -> Iterator[str]:
    """The programs, and the libraries."""
    from importlib.metadata import version

    if rivals.has_tshark():
        yield rivals.tshark_version()
    for name in ("dpkt", "pyarrow"):
        if name != "dpkt" or rivals.has_dpkt():
            yield f"{name} {version(name)}"


@click.command()
@click.option("--quick", "is_quick", is_flag=True, help="Small files, one round; write nothing.")
@click.option("--rounds", type=click.IntRange(min=1), help="Timed rounds of each.")
@click.option("--only", type=click.Choice(list(GROUPS)), help="One group; write nothing.")
@click.option("--messages", type=click.IntRange(min=10), help="Messages of the captures.")
@click.option("--large", type=click.IntRange(min=10), help="Messages of the large capture.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="For the files, of which the large one has 4 GB; else the system's temporary folder.",
)
def main(
    is_quick: bool,
    rounds: int | None,
    only: str | None,
    messages: int | None,
    large: int | None,
    folder: Path | None,
) -> None:
    """Measure the way of captures to columns."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    results = Results(rounds or (1 if is_quick else ROUNDS))
    with tempfile.TemporaryDirectory(prefix="sipfast-columns-", dir=folder) as name:
        run = Run(
            results,
            Path(name),
            messages or (QUICK_MESSAGES if is_quick else MESSAGES),
            large or (QUICK_LARGE if is_quick else LARGE),
        )
        for group, measure in GROUPS.items():
            if only in (None, group):
                console.print(f"measuring {group}", style="dim")
                try:
                    measure(run)
                except DisagreementError as error:
                    results.wrong.append(f"{group} is not timed: {error}")
    rows = [[bar.promise, bar.limit, bar.figure, bar.verdict, bar.note] for bar in results.bars]
    sheets = [
        Sheet("Columns: bars", ["", "wanted", "measured", "", "where"], rows),
        *results.sheets,
    ]
    for sheet in sheets:
        sheet.print(console)
    for skipped in results.skipped:
        console.print(str(skipped), style="bold yellow")
    if results.wrong:
        for wrong in results.wrong:
            console.print(wrong, style="bold red")
        sys.exit(1)
    if not (is_quick or only):
        engine = f"engine {sipfast.engine}, kernel {sipfast.kernel}"
        facts = [
            f"`python -m benchmarks.columns`, on {machine()}; {engine}",
            *versions(),
            f"{results.rounds} rounds",
        ]
        notes = [f"- {skipped}" for skipped in results.skipped]
        body = "\n".join(["; ".join(facts), *notes, "", *(sheet.markdown() for sheet in sheets)])
        write_results(RESULTS, body, "columns")


if __name__ == "__main__":
    main()
