"""SIPp: its command line, and its statistics."""

from __future__ import annotations

import csv
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.calling.processes import HOST, Processes, program
from benchmarks.ports import free_port

SCENARIOS = Path(__file__).with_name("scenarios")
BUFFER = 4_194_304
"""The size of SIPp's socket buffers: with the usual ones, it loses datagrams itself."""
MODES = {"udp": "u1", "tcp": "t1"}


@dataclass(frozen=True)
class Outcome:
    """What SIPp counted on one side of the calls."""

    successful: int
    failed: int
    retransmissions: int
    stray: int
    """Messages that belong to no call, or to one that has ended."""
    errors: str
    rate: float
    """Calls a second that were really made."""

    @property
    def clean(self) -> bool:
        """Whether nothing failed and nothing was sent twice."""
        return not (self.failed or self.retransmissions or self.stray or self.errors)


@dataclass(frozen=True)
class Side:
    """A running SIPp: one side of the calls."""

    processes: Processes
    process: subprocess.Popen[bytes]
    port: int
    stem: Path

    def wait(self, seconds: float) -> Outcome:
        """Wait until all calls are done, and return the statistics.

        A side that waits for calls that never come is ended after the time.
        """
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.processes.stop(self.process, signal.SIGUSR1)
        return self.outcome()

    def outcome(self) -> Outcome:
        """Return the last statistics that were written."""
        with _named(self.stem, "csv").open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        last = rows[-1] if rows else {}

        def count(*names: str) -> int:
            return sum(int(last.get(f"{name}(C)") or 0) for name in names)

        errors = _named(self.stem, "errors")
        return Outcome(
            count("SuccessfulCall"),
            count("FailedCall"),
            count("Retransmissions"),
            count("OutOfCallMsgs", "DeadCallMsgs"),
            errors.read_text(errors="replace") if errors.exists() else "",
            float(last.get("CallRate(C)") or 0),
        )


def run_side(
    processes: Processes,
    scenario: Path,
    *,
    remote: int | None = None,
    calls: int,
    rate: int = 100,
    transport: str = "udp",
    core: int | None = None,
    options: Sequence[str] = (),
) -> Side:
    """Start a SIPp that makes calls to a port of loopback, or waits for them if there is none."""
    port = free_port()
    stem = processes.folder / f"{scenario.stem}-{port}"
    command = [
        program("sipp") or "sipp",
        *([] if remote is None else [f"{HOST}:{remote}"]),
        *("-sf", str(scenario), "-t", MODES[transport]),
        *("-i", HOST, "-p", str(port), "-bind_local", "-mi", HOST),
        *("-m", str(calls), "-r", str(rate), "-l", str(max(1000, 3 * rate))),
        *("-buff_size", str(BUFFER), "-nostdin"),
        *("-trace_stat", "-stf", str(_named(stem, "csv")), "-fd", "1"),
        *("-trace_err", "-error_file", str(_named(stem, "errors"))),
        *options,
    ]
    process = processes.start(command, core=core, variables={"TERM": "vt100"})
    if remote is None:
        processes.wait_for(process, port, transport)
    return Side(processes, process, port, stem)


def _named(stem: Path, suffix: str) -> Path:
    return stem.with_name(f"{stem.name}.{suffix}")
