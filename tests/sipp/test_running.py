"""What the benchmark of calls stands on: processes that end, their CPU time, and a run."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.calling.elements import ROOT
from benchmarks.calling.elements import kamailio as kamailio_element
from benchmarks.calling.processes import (
    HOST,
    Processes,
    StartError,
    cpu_seconds,
    is_bound,
    tree,
)
from benchmarks.calling.running import Bench, Sample, median_ratio, parts
from benchmarks.calling.sipp import Outcome
from benchmarks.ports import free_port

CLEAN = Outcome(1, 0, 0, 0, "", 1.0)
BUSY = "import time\nwhile time.process_time() < 0.3: pass\ntime.sleep(60)"
PARENT = f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {BUSY!r}])\n{BUSY}"
LISTENING = f"""
import socket, time
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.bind(({HOST!r}, {{port}}))
time.sleep(60)
"""


def test_the_cpu_time_is_that_of_a_process_and_its_children(processes: Processes) -> None:
    process = processes.start([sys.executable, "-c", PARENT])
    until = time.monotonic() + 20
    while cpu_seconds(process.pid) < 0.6:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert len(list(tree(process.pid))) == 2


def test_leaving_the_block_ends_what_was_started(tmp_path: Path) -> None:
    with Processes(tmp_path) as started:
        process = started.start([sys.executable, "-c", "import time; time.sleep(60)"])
        assert process.poll() is None
    assert process.returncode is not None


def test_a_process_is_awaited_until_it_listens(processes: Processes) -> None:
    port = free_port()
    process = processes.start([sys.executable, "-c", LISTENING.format(port=port)])
    processes.wait_for(process, port, "udp")
    assert is_bound(port, "udp")
    assert not is_bound(port, "tcp")


def test_a_process_that_ends_is_not_awaited(processes: Processes) -> None:
    process = processes.start([sys.executable, "-c", "print('no such option')"])
    with pytest.raises(StartError, match="no such option"):
        processes.wait_for(process, free_port(), "udp")


def test_a_run_counts_calls_and_cpu_time(kamailio: Processes) -> None:
    sample = Bench().run(kamailio_element("Kamailio"), 200, 0.5)
    assert sample.caller.successful == 100
    assert sample.callee.successful == 200  # with the warm-up
    assert sample.clean
    assert 10 < sample.cpu < 5_000


def test_the_probe_measures_what_an_element_adds(kamailio: Processes) -> None:
    bench = Bench()
    direct, through = (
        bench.round_trip(element, 50, 1.5) for element in (None, kamailio_element("Kamailio"))
    )
    assert direct > 0
    assert 0 < through < 1000


def test_a_ratio_is_that_of_pairs() -> None:
    ours, theirs = ([Sample(cpu, CLEAN, CLEAN) for cpu in row] for row in ((1, 8, 9), (2, 4, 9)))
    assert median_ratio(ours, theirs) == 1


def test_what_is_not_clean() -> None:
    assert CLEAN.clean
    assert not replace(CLEAN, failed=1).clean
    assert not replace(CLEAN, retransmissions=1).clean
    assert not replace(CLEAN, stray=1).clean
    assert not replace(CLEAN, errors="timeout").clean


def test_the_parts_of_the_time_add_up() -> None:
    shares = {"[kernel.kallsyms]": 0.5, "libpython3.11.so.1.0": 0.25, "libc.so.6": 0.125}
    built = [path.name for path in (ROOT / "sipfast" / "_native").glob("*.so")]
    shares.update(dict.fromkeys(built or ["libc.so.6"], 0.125))
    ours = 0.125 if built else 0.0
    assert parts(shares) == {"kernel": 0.5, "sipfast": ours, "Python": 0.25, "rest": 0.125}


def test_the_command_names_what_is_not_installed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.calls", "--quick"],
        cwd=Path(__file__).parents[2],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "sip-tester" in done.stderr
