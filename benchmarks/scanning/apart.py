"""What is measured in a process of its own: memory, and the writing of Parquet.

    python -m benchmarks.scanning.apart memory FILE
    python -m benchmarks.scanning.apart parquet FILE ROUNDS FOLDER

The first prints the rows of a scan to nowhere, and the peak of the resident set in bytes. The
second prints the times of writing Parquet in ns per message: by `sipfast export`, from a scan by
pyarrow, and from the same table in memory by pyarrow.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.scanning.ours import TWELVE, to_nowhere
from benchmarks.scanning.rivals import child
from benchmarks.timing import Stopwatch, Subject, Timing, Took, interleave

STATUS = Path("/proc/self/status")
EXPORT, SCAN, TABLE = "export", "scan", "table"


class Peak(NamedTuple):
    """What a scan to nowhere took."""

    rows: int
    resident: int
    """The peak of the resident set, in bytes."""


def peak(path: Path) -> Peak | None:
    """Measure a scan of a file; None on a system without /proc."""
    return Peak(*map(int, _run("memory", str(path)).split())) if STATUS.exists() else None


def parquet(path: Path, rounds: int, folder: Path) -> dict[str, Timing]:
    """Time the writing of a file as Parquet: by the command, from a scan, and from its table."""
    said = json.loads(_run("parquet", str(path), str(rounds), str(folder)))
    return {name: Timing(*times) for name, times in said.items()}


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.scanning.apart", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def _memory(path: Path) -> None:
    rows = to_nowhere(path)
    # Unlike ru_maxrss, this leaves out what the process was before it ran this program.
    (peak,) = re.findall(r"^VmHWM:\s*(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    print(rows, int(peak) * 1024)


def _parquet(path: Path, rounds: int, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    import sipfast

    table = sipfast.scan(path, TWELVE, text="utf8").to_arrow()
    files = {name: folder / f"{name}.parquet" for name in (EXPORT, SCAN, TABLE)}

    def scan() -> None:
        reader = pa.RecordBatchReader.from_stream(sipfast.scan(path, TWELVE, text="utf8"))
        with pq.ParquetWriter(files[SCAN], reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)

    def subject(write: Callable[[], None]) -> Subject:
        def one_round() -> Took:
            watch = Stopwatch()
            write()
            return watch.took(len(table))

        return one_round

    command = [sys.executable, "-m", "sipfast", "export", str(path), "-o", str(files[EXPORT])]
    subjects = {
        EXPORT: child([*command, "--columns", ",".join(TWELVE), "--force"], len(table)),
        SCAN: subject(scan),
        TABLE: subject(lambda: pq.write_table(table, files[TABLE])),
    }
    timings = interleave(subjects, rounds)
    for file in files.values():
        if not pq.read_table(file).equals(table):
            raise SystemExit(f"{file.name} has other rows")
    print(json.dumps(timings))


def main() -> None:
    """Measure what the command line says."""
    what, path, *rest = sys.argv[1:]
    if what == "memory":
        _memory(Path(path))
    else:
        rounds, folder = rest
        _parquet(Path(path), int(rounds), Path(folder))


if __name__ == "__main__":
    main()
