"""The command: build with sanitizers, fuzz for a time, say what was run.

    python -m fuzz [--seconds N] [--target kernels|engine]
    python -m fuzz --target kernels|engine --replay FILE...     run these inputs, each once

Exit code 0: nothing found; 1: something found, its input is kept and its path printed; 2: a build
or a tool is missing.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fuzz.build import (
    BUILD,
    CannotBuild,
    build_engine_target,
    build_kernels_target,
    build_package,
    python_environment,
)
from fuzz.names import ROOT
from fuzz.seeds import write_seeds

LONGEST = 2048
"""Bytes of an input at the most: many batches of line ends, and more fields than the engine has
room for at first."""

SHARES = {"kernels": 0.2, "engine": 0.8}
"""How the time is divided."""

MINIMUM = 5
"""Seconds: less would leave one of the targets no time, which libFuzzer takes for all of it."""

NO_CHOICE = bytes(4)
"""What goes before a message as a seed of the engine target: `fuzz.engine.CHOICES` bytes."""

COVERED = re.compile(r" cov: (\d+) ft: (\d+) ")
COUNTERS = re.compile(r"Loaded \d+ modules\s+\((\d+) inline 8-bit counters\)")
WRITTEN = re.compile(r"Test unit written to (.+)")
EXECUTIONS = re.compile(r"stat::number_of_executed_units: (\d+)")


@dataclass(frozen=True)
class Result:
    """What one target did."""

    target: str
    executions: int
    covered: int
    counters: int
    found: list[Path]

    def __str__(self) -> str:
        done = (
            f"{self.target}: {self.executions:,} runs, {self.covered} of {self.counters} branches"
        )
        return "\n".join([done, *(f"    found: {path}" for path in self.found)])


def build(target: str) -> Path:
    """Build one of the targets, and what it needs."""
    if target == "kernels":
        return build_kernels_target()
    build_package()
    return build_engine_target()


def run(target: str, seconds: int) -> Result:
    """Fuzz one target and show its output. What is worth keeping stays for the next time."""
    program = build(target)
    corpus, found = BUILD / "corpus" / target, BUILD / "found" / target
    seeds = write_seeds(BUILD / "seeds" / target, NO_CHOICE if target == "engine" else b"")
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        str(program),
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-dict={ROOT / 'fuzz' / 'sip.dict'}",
        f"-artifact_prefix={found}/",
        "-timeout=20",
        "-rss_limit_mb=4096",
        f"-use_value_profile={int(target == 'kernels')}",
        "-print_final_stats=1",
        str(corpus),
        str(seeds),
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=BUILD,
        env=python_environment(),
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
    return Result(target, executions, covered, counters, written)


def replay(target: str, files: list[Path]) -> int:
    """Run inputs that were found before; return 1 when one of them still shows a fault."""
    command = [str(build(target)), *(str(path.resolve()) for path in files)]
    done = subprocess.run(command, check=False, cwd=BUILD, env=python_environment())
    return 1 if done.returncode else 0


def main() -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz under sanitizers.")
    parser.add_argument("--seconds", type=int, default=600, help="how long, in all (600)")
    parser.add_argument("--target", choices=SHARES, help="only this one")
    parser.add_argument("--replay", nargs="+", type=Path, metavar="FILE", help="run these inputs")
    asked = parser.parse_args()
    if asked.seconds < MINIMUM:
        parser.error(f"--seconds must be at least {MINIMUM}")
    if asked.replay and not asked.target:
        parser.error("--replay needs a --target")
    shares = {asked.target: 1.0} if asked.target else SHARES
    try:
        if asked.replay:
            return replay(asked.target, asked.replay)
        results = [run(target, round(asked.seconds * share)) for target, share in shares.items()]
    except CannotBuild as problem:
        print(problem, file=sys.stderr)
        return 2
    print()
    print(*results, sep="\n")
    return 1 if any(result.found for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
