"""One measured run: calls through an element, and the CPU time of each."""

from __future__ import annotations

import fcntl
import os
import re
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.calling.elements import ROOT, Element
from benchmarks.calling.probe import EVERY, Probe
from benchmarks.calling.processes import Processes, cpu_seconds, program, tree
from benchmarks.calling.sipp import SCENARIOS, Outcome, Side, run_side

WARM_SECONDS = 0.5
SETTLE_SECONDS = 10.0
"""How long the last calls may take: longer than a first retransmission."""
REACHED = 0.95
"""The share of the wanted rate that SIPp must make for a rate to count."""
SAMPLES_A_SECOND = 997
CALLER, CALLEE = SCENARIOS / "uac.xml", SCENARIOS / "uas.xml"


class Cores(NamedTuple):
    """The core of SIPp, and that of the element under test."""

    load: int
    element: int

    @classmethod
    def of_machine(cls) -> Cores:
        """Return the first and the last core that this process may use."""
        usable = sorted(os.sched_getaffinity(0))
        return cls(usable[0], usable[-1])


@dataclass(frozen=True)
class Sample:
    """The result of one run."""

    cpu: float
    """Microseconds of CPU time a call."""
    caller: Outcome
    callee: Outcome

    @property
    def clean(self) -> bool:
        """Whether no call failed and no message was sent twice."""
        return self.caller.clean and self.callee.clean

    @property
    def trouble(self) -> tuple[int, int]:
        """The failed calls, and the messages that were sent again."""
        sides = self.caller, self.callee
        return sum(side.failed for side in sides), sum(side.retransmissions for side in sides)


@dataclass
class Bench:
    """Runs calls through elements, each started for its run."""

    cores: Cores = field(default_factory=Cores.of_machine)
    lock: Path | None = None
    """A file that is locked during each run, where others use the machine."""

    def run(self, element: Element, rate: int, seconds: float) -> Sample:
        """Return the CPU time a call, over calls at a rate, after a warm-up."""
        warm, calls = round(rate * WARM_SECONDS), round(rate * seconds)
        with self._alone() as processes:
            callee = self._callee(processes, element, warm + calls)
            started = element.start(processes, callee.port, self.cores.element)
            self._caller(processes, element, started.port, warm, rate)
            before = cpu_seconds(started.process.pid)
            outcome = self._caller(processes, element, started.port, calls, rate)
            used = cpu_seconds(started.process.pid) - before
            return Sample(used / calls * 1e6, outcome, callee.wait(1))

    def round_trip(self, element: Element | None, rate: int, seconds: float) -> float:
        """Return the median milliseconds between a request and its first response, under load.

        Without an element, the load and the probe go straight to SIPp.
        """
        calls, probes = round(rate * seconds), round((seconds - 1) / EVERY / 2)
        with self._alone() as processes:
            callee = run_side(
                processes, CALLEE, calls=calls + probes, transport="udp", core=self.cores.load
            )
            port = callee.port
            if element:
                port = element.start(processes, port, self.cores.element).port
            probe = Probe(port, probes)
            probe.start()
            self._start_caller(processes, "udp", port, calls, rate).wait(seconds + SETTLE_SECONDS)
            probe.join(SETTLE_SECONDS)
            return probe.milliseconds

    def is_clean(self, element: Element | None, rate: int, seconds: float) -> bool:
        """Return whether a rate is reached without failure and without retransmission."""
        calls = round(rate * seconds)
        with self._alone() as processes:
            callee = run_side(processes, CALLEE, calls=calls, core=self.cores.load)
            port = callee.port
            if element:
                port = element.start(processes, port, self.cores.element).port
            caller = self._start_caller(processes, "udp", port, calls, rate)
            outcome = caller.wait(seconds + SETTLE_SECONDS)
            reached = outcome.successful == calls and outcome.rate >= REACHED * rate
            return reached and outcome.clean and callee.wait(1).clean

    def highest_clean(self, element: Element | None, seconds: float, first: int, steps: int) -> int:
        """Return the highest clean rate, by doubling and then halving the gap a few times."""
        low, high = 0, first
        while self._clean_in_two(element, high, seconds):
            low, high = high, high * 2
        for _ in range(steps):
            middle = (low + high) // 2
            if self._clean_in_two(element, middle, seconds):
                low = middle
            else:
                high = middle
        return low

    def _clean_in_two(self, element: Element | None, rate: int, seconds: float) -> bool:
        """Whether a rate is clean in one of two runs: something else may disturb one."""
        return any(self.is_clean(element, rate, seconds) for _ in range(2))

    def shares(self, element: Element, rate: int, seconds: float) -> dict[str, float]:
        """Return the share of the CPU time by shared object, as perf samples it."""
        calls = round(rate * seconds)
        with self._alone() as processes:
            callee = self._callee(processes, element, calls)
            started = element.start(processes, callee.port, self.cores.element)
            data = processes.folder / "perf.data"
            watched = ",".join(map(str, tree(started.process.pid)))
            perf = ["perf", "record", "-q", "-F", str(SAMPLES_A_SECOND), "-o", str(data)]
            recorder = processes.start([*perf, "-p", watched], core=self.cores.load)
            self._caller(processes, element, started.port, calls, rate)
            processes.stop(recorder, 2)
            report = ["perf", "report", "-q", "-i", str(data), "--sort", "dso", "--stdio"]
            text = subprocess.run(report, check=True, capture_output=True, text=True).stdout
        found = re.findall(r"^\s*([\d.]+)%\s+(\S+)", text, re.MULTILINE)
        return {name: float(percent) / 100 for percent, name in found}

    @contextmanager
    def _alone(self) -> Iterator[Processes]:
        with (
            _locked(self.lock),
            tempfile.TemporaryDirectory(prefix="sipfast-calls-") as name,
            Processes(Path(name)) as processes,
        ):
            yield processes

    def _callee(self, processes: Processes, element: Element, calls: int) -> Side:
        return run_side(
            processes, CALLEE, calls=calls, transport=element.transport, core=self.cores.load
        )

    def _caller(
        self, processes: Processes, element: Element, port: int, calls: int, rate: int
    ) -> Outcome:
        """The outcome of calls to a port, when all are done."""
        caller = self._start_caller(processes, element.transport, port, calls, rate)
        return caller.wait(calls / rate + SETTLE_SECONDS)

    def _start_caller(
        self, processes: Processes, transport: str, port: int, calls: int, rate: int
    ) -> Side:
        return run_side(
            processes,
            CALLER,
            remote=port,
            calls=calls,
            rate=rate,
            transport=transport,
            core=self.cores.load,
        )


@contextmanager
def _locked(path: Path | None) -> Iterator[None]:
    if path is None:
        yield
        return
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def parts(shares: dict[str, float]) -> dict[str, float]:
    """Return the shares of the kernel, of sipfast's own code, of Python, and of the rest."""
    ours = {path.name for path in (ROOT / "sipfast" / "_native").rglob("*.so")}
    summed = dict.fromkeys(("kernel", "sipfast", "Python", "rest"), 0.0)
    for name, share in shares.items():
        if name.startswith("["):
            summed["kernel"] += share
        elif name in ours:
            summed["sipfast"] += share
        elif "python" in name:  # libpython, the extension modules of Python, uvloop
            summed["Python"] += share
        else:
            summed["rest"] += share
    return summed


def median_ratio(ours: list[Sample], theirs: list[Sample]) -> float:
    """Return the median of the ratios of CPU time, pair by pair."""
    return statistics.median(a.cpu / b.cpu for a, b in zip(ours, theirs, strict=True))


def has(name: str) -> bool:
    """Return whether a program is installed."""
    return program(name) is not None
