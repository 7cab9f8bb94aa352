"""The gate: fails if a row takes more instructions than the committed baseline allows.

The rows are each kernel over each corpus, and typical uses on both engines: typed properties,
header fields by name, defects, a session description, a digest check, and captures that are
scanned, counted, and read as HEP. A row may take 2 % more, one of the pure engine 5 %. The bars of
`benchmarks.binding` are checked too.

    python -m benchmarks.gate                  compare; exit 1 if a row takes more
    python -m benchmarks.gate --update         save the current counts as the baseline
    python -m benchmarks.gate --against REV    compare with a revision instead of the baseline

Counts of the same code differ between compilers, versions of Python and C libraries by far more
than 2 %, so the baseline records these. If they are the same here, one count suffices. If one
differs, as on another machine, the revision that last changed the baseline is built and counted
here, and its counts replace the baseline's. So counts are never compared across machines, the usual
case is quick, and accepting a slowdown is a change to one file, visible in review. This requires
the full history: a shallow clone is refused, because its oldest commit seems to have changed every
file.

Exit codes: 0 passed, 1 slower or a bar missed, 2 counting failed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks import binding
from benchmarks.bar import Bar
from benchmarks.instructions import ROOT, CannotCountError, Counts, build, count, environment

BASELINE = Path(__file__).with_name("gate_baseline.json")
LIMIT, PURE_LIMIT = 0.02, 0.05
"""The tolerated growth of a row."""

NOT_OURS = "by hand"
"""The prefix of rows that exist only for ratios."""

UPDATE = "python -m benchmarks.gate --update"


class Baseline(NamedTuple):
    """Counts, and the environment that they were made in."""

    environment: dict[str, str]
    instructions: Counts

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Read a file written by `save`. Raises `CannotCountError` if it cannot be read."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise CannotCountError(f"no baseline in {path.name} ({error}): {UPDATE}") from error

    def save(self, path: Path) -> None:
        """Write a file with one line per number, for readable diffs."""
        path.write_text(json.dumps(self._asdict(), indent=2, sort_keys=True) + "\n")


@dataclass(frozen=True)
class Row:
    """One kind of work over one corpus: instructions per message."""

    name: str
    before: float | None
    now: float | None

    @property
    def change(self) -> float | None:
        """The relative growth; None if there is nothing to compare."""
        return self.now / self.before - 1 if self.now and self.before else None

    @property
    def verdict(self) -> str:
        """``"SLOWER"`` or ``"GONE"``, which fail the gate; ``"faster"``, ``"new"`` or nothing."""
        if self.change is None:
            return "new" if self.now else "GONE"
        limit = PURE_LIMIT if self.name.startswith("pure") else LIMIT
        if abs(self.change) <= limit or self.name.startswith(NOT_OURS):
            return ""
        return "SLOWER" if self.change > 0 else "faster"

    @property
    def fails(self) -> bool:
        """Whether this row fails the gate."""
        return self.verdict.isupper()

    def __str__(self) -> str:
        before, now = (f"{value:,.1f}" if value else "-" for value in (self.before, self.now))
        change = "" if self.change is None else f"{self.change:+.2%}"
        return f"{self.name:<24}{before:>12}{now:>12}{change:>10}  {self.verdict}".rstrip()


def compare(before: Counts, now: Counts) -> list[Row]:
    """Return the rows of both, sorted by name."""
    return [Row(name, before.get(name), now.get(name)) for name in sorted({*before, *now})]


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    head = f"{'instructions/message':<24}{'before':>12}{'now':>12}{'change':>10}"
    return "\n".join([head, *map(str, rows)])


def count_tree(tree: Path, folder: Path) -> Counts:
    """Build the code of a tree in `folder`, and count it."""
    package = build(tree, folder)
    with tempfile.TemporaryDirectory() as scratch:
        return count(package, Path(scratch))


def count_revision(root: Path, revision: str) -> Counts:
    """Build and count a revision of the repository at `root`, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        tree.mkdir()
        archive = Path(folder, "tree.tar")
        _git(root, "archive", "--format=tar", f"--output={archive}", revision)
        subprocess.run(["tar", "-xf", str(archive), "-C", str(tree)], check=True)
        return count_tree(tree, Path(folder, "build"))


def baseline_revision(root: Path, path: Path) -> str:
    """Return the last commit that changed the file. Raises `CannotCountError` if there is none."""
    if _git(root, "rev-parse", "--is-shallow-repository") == "true":
        raise CannotCountError("the clone is shallow: fetch the history (git fetch --unshallow)")
    revision = _git(root, "log", "-1", "--format=%H", "HEAD", "--", str(path))
    if not revision:
        raise CannotCountError(f"{path.name} was never committed: there is nothing to compare with")
    return revision


def counts_before(baseline: Baseline, here: dict[str, str]) -> Counts:
    """Return the baseline's counts, or those of its revision in another environment."""
    keys = sorted({*baseline.environment, *here})
    differ = [key for key in keys if baseline.environment.get(key) != here.get(key)]
    if not differ:
        return baseline.instructions
    revision = baseline_revision(ROOT, BASELINE)
    print(f"The baseline was counted with another {', '.join(differ)}:")
    print(f"comparing with its revision {revision[:12]}, built and counted here.")
    return count_revision(ROOT, revision)


def count_now() -> Counts:
    """Build and count the working tree."""
    return count_tree(ROOT, ROOT / "build" / "gate")


def judge(rows: Sequence[Row], bars: Sequence[Bar] = ()) -> int:
    """Print the rows, the bars and the verdict; return the exit code."""
    print(table(rows))
    for bar in bars:
        verdict = {True: "", False: "  MISSED", None: "  GONE"}[bar.met]
        print(f"{bar.promise}: {bar.figure}, {bar.limit}{verdict}")
    slower = [row for row in rows if row.fails]
    if slower:
        print(f"{len(slower)} rows take too many instructions. To accept that: {UPDATE}")
    elif any(row.verdict for row in rows):
        print(f"To record faster or new rows: {UPDATE}")
    return 1 if slower or not all(bar.met for bar in bars) else 0


def run(*, update: bool, against: str | None) -> int:
    """Compare or update, and return the exit code."""
    if update:
        Baseline(environment(), count_now()).save(BASELINE)
        print(f"Wrote {BASELINE.relative_to(ROOT)}.")
        return 0
    if against is not None:
        before = count_revision(ROOT, against)
    else:
        before = counts_before(Baseline.load(BASELINE), environment())
    now = count_now()
    return judge(compare(before, now), binding.bars(now))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gate", description="Count the instructions of what users run."
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--update", action="store_true", help="write the baseline")
    choice.add_argument("--against", metavar="REV", help="compare with this revision")
    asked = parser.parse_args(arguments)
    try:
        return run(update=asked.update, against=asked.against)
    except CannotCountError as problem:
        print(problem, file=sys.stderr)
        return 2


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise CannotCountError("git is not installed (on Debian: apt-get install git)") from error
    if done.returncode != 0:
        raise CannotCountError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
