"""The command: build with sanitizers, fuzz for a time, print a summary.

    python -m fuzz [--seconds N] [--target NAME] [--compare N]  fuzz all targets, or one
    python -m fuzz --build                                      only build all targets
    python -m fuzz --target engine --replay FILE...             run each of these inputs once
    python -m fuzz --target engine --minimise                   shrink the corpus

Exit code 0: nothing found; 1: a fault found, its input kept and its path printed; 2: the build
failed or a tool is missing.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from fuzz.build import (
    BUILD,
    CHANGING,
    INCLUDE,
    PACKAGE,
    CannotBuild,
    build_changing_package,
    build_engine_target,
    build_kernels_target,
    build_package,
    python_environment,
)
from fuzz.seeds import write_seeds
from fuzz.words import write_words

LONGEST = {
    "kernels": 2048,
    "engine": 1024,
    "changing": 1024,
    "captures": 4096,
    "columns": 2048,
    "counting": 4096,
}
"""The maximum size of an input in bytes: many batches of line ends, and more fields than the
engine's initial capacity."""

SHARES = {
    "kernels": 0.1,
    "engine": 0.35,
    "changing": 0.2,
    "captures": 0.15,
    "columns": 0.1,
    "counting": 0.1,
}
"""The share of each target in the time."""

MINIMUM = 2
"""The minimum seconds per target: for libFuzzer, 0 means no limit."""

COVERED = re.compile(r" cov: (\d+) ft: (\d+) ")
COUNTERS = re.compile(r"Loaded \d+ modules\s+\((\d+) inline 8-bit counters\)")
WRITTEN = re.compile(r"Test unit written to (.+)")
RUNNING = re.compile(r"^Running: (.+)$", re.MULTILINE)
EXECUTIONS = re.compile(r"stat::number_of_executed_units: (\d+)")

COMPARING = 0.15
"""The share of the engine's time for reading new inputs on the pure engine too."""

AT_ONCE = 100
"""The number of inputs passed to one process by name."""

SANITIZERS = {
    # Short, because each input makes hundreds of objects, and each allocation walks its stack.
    "ASAN_OPTIONS": "malloc_context_size=2:quarantine_size_mb=8"
    ":thread_local_quarantine_size_kb=256",
}
"""Options that save time in every run, but reduce reports: `--replay` omits them."""


@dataclass(frozen=True)
class Result:
    """The result of one target."""

    target: str
    executions: int
    seconds: float
    covered: int
    counters: int
    found: list[Path]

    def __str__(self) -> str:
        rate = self.executions / max(self.seconds, 1)
        share = 100 * self.covered / max(self.counters, 1)
        done = (
            f"{self.target}: {self.executions:,} executions in {self.seconds:.0f} s, "
            f"{rate:,.0f} a second, {self.covered:,} of {self.counters:,} branches ({share:.0f} %)"
        )
        return "\n".join([done, *(f"    found: {path}" for path in self.found)])


def build(target: str) -> Path:
    """Build a target and its dependencies."""
    if target == "kernels":
        return build_kernels_target()
    if target == "changing":
        build_changing_package()
    else:
        build_package()
    return build_engine_target()


def environment(target: str, compare: int = 0, *, fast: bool = True) -> dict[str, str]:
    """The environment variables of the program of a target."""
    found = python_environment(CHANGING if target == "changing" else PACKAGE)
    found["FUZZ_TARGET"] = f"fuzz.{target}"
    if compare:
        found["FUZZ_COMPARE"] = str(compare)
    for name, options in SANITIZERS.items() if fast else ():
        found[name] = f"{found[name]}:{options}"
    return found


def run(target: str, seconds: int, compare_every: int = 0) -> Result:
    """Fuzz one target and show its output. New inputs stay in the corpus for the next time.

    During the fuzzing of the engine, one input in many is read on the pure engine too; after it,
    for a share of the time, so are the inputs that are new to the corpus.
    """
    program = build(target)
    corpus, found = BUILD / "corpus" / target, BUILD / "found" / target
    seeds = write_seeds(target, BUILD / "seeds" / target)
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    comparing = round(COMPARING * seconds) if target == "engine" else 0
    command = [
        str(program),
        f"-max_total_time={seconds - comparing}",
        f"-max_len={LONGEST[target]}",
        f"-dict={write_words(INCLUDE)}",
        f"-artifact_prefix={found}/",
        "-timeout=20",
        "-rss_limit_mb=4096",
        "-reload=0",
        "-entropic=0",  # its bookkeeping takes longer than the inputs
        "-detect_leaks=0",
        f"-use_value_profile={int(target == 'kernels')}",
        "-print_final_stats=1",
        str(corpus),
        str(seeds),
    ]
    begin, started = time.monotonic(), time.time()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=BUILD,
        env=environment(target, compare_every),
    )
    assert process.stdout is not None
    covered = counters = executions = 0
    written = []
    for line in process.stdout:
        print(line, end="", flush=True)
        if match := COVERED.search(line):
            covered = int(match[1])
        elif match := COUNTERS.search(line):
            counters = int(match[1])
        elif match := WRITTEN.search(line):
            written.append(Path(match[1]))
        elif match := EXECUTIONS.search(line):
            executions = int(match[1])
    if process.wait() != 0 and not written:
        raise CannotBuild(f"the target {target} ended with {process.returncode} before it ran")
    taken = time.monotonic() - begin
    if target == "engine" and not written:
        new = [path for path in corpus.iterdir() if path.stat().st_mtime >= started]
        written += compare(program, sorted(new), time.monotonic() + comparing)
    return Result(target, executions, taken, covered, counters, written)


def compare(program: Path, new: list[Path], until: float) -> list[Path]:
    """Read inputs on both engines while there is time; return those with differences."""
    waiting = new
    different = []
    while waiting and time.monotonic() < until:
        some = waiting[:AT_ONCE]
        done = subprocess.run(
            [str(program), "-detect_leaks=0", *map(str, some)],
            check=False,
            cwd=BUILD,
            env=environment("engine", compare=1),
            capture_output=True,
            text=True,
            errors="replace",
        )
        ran = RUNNING.findall(done.stderr)
        if not ran:
            raise CannotBuild(f"the target engine ended with {done.returncode} before it ran")
        if done.returncode != 0:
            print(done.stderr[done.stderr.rindex("Running: ") :], flush=True)
            different.append(Path(ran[-1]))
        waiting = waiting[len(ran) :]
    print(f"{len(new) - len(waiting):,} of {len(new):,} new inputs were read on both engines")
    return different


def replay(target: str, files: list[Path]) -> int:
    """Run inputs that were found before; return 1 if one still shows a fault."""
    command = [str(build(target)), *(str(path.resolve()) for path in files)]
    variables = environment(target, compare=1, fast=False)
    return 1 if subprocess.run(command, check=False, cwd=BUILD, env=variables).returncode else 0


def minimise(target: str) -> int:
    """Shrink the corpus to the smallest part that takes the same branches."""
    program, corpus = build(target), BUILD / "corpus" / target
    kept = BUILD / "corpus" / f"{target}-kept"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    before = sum(1 for _ in corpus.iterdir())
    command = [str(program), "-merge=1", f"-max_len={LONGEST[target]}", str(kept), str(corpus)]
    done = subprocess.run(
        command, check=False, cwd=BUILD, env=environment(target), capture_output=True
    )
    if done.returncode != 0:
        sys.stderr.buffer.write(done.stderr[-2000:])
        return 1
    shutil.rmtree(corpus)
    kept.rename(corpus)
    print(f"{target}: {sum(1 for _ in corpus.iterdir()):,} of {before:,} inputs are needed")
    return 0


def main() -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz under sanitizers.")
    parser.add_argument("--seconds", type=int, default=600, help="the total time (600)")
    parser.add_argument("--target", choices=SHARES, help="only this one")
    parser.add_argument(
        "--compare", type=int, default=0, metavar="N", help="read one input in N on both engines"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--build", action="store_true", help="only build")
    what.add_argument("--replay", nargs="+", type=Path, metavar="FILE", help="run these inputs")
    what.add_argument("--minimise", action="store_true", help="shrink the corpus")
    asked = parser.parse_args()
    if (asked.replay or asked.minimise) and not asked.target:
        parser.error("--replay and --minimise need a --target")
    shares = {asked.target: 1.0} if asked.target else SHARES
    if asked.seconds * min(shares.values()) < MINIMUM:
        least = round(MINIMUM / min(shares.values()))
        parser.error(f"--seconds must be at least {least}")
    try:
        if asked.replay:
            return replay(asked.target, asked.replay)
        if asked.minimise:
            return minimise(asked.target)
        begin = time.monotonic()
        for target in shares:
            build(target)
        print(f"built in {time.monotonic() - begin:.0f} s", flush=True)
        if asked.build:
            return 0
        results = [
            run(target, round(asked.seconds * share), asked.compare)
            for target, share in shares.items()
        ]
    except CannotBuild as problem:
        print(problem, file=sys.stderr)
        return 2
    print()
    print(*results, sep="\n")
    return 1 if any(result.found for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
