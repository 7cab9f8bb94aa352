"""The proxies that calls go through: the example, the twenty lines of README, and Kamailio."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.calling.kamailio import start_kamailio
from benchmarks.calling.processes import HOST, Processes
from benchmarks.ports import free_port

ROOT = Path(__file__).parents[2]


class Started(NamedTuple):
    """A running element."""

    process: subprocess.Popen[bytes]
    port: int


Start = Callable[[Processes, int, "int | None"], Started]
"""Starts an element, given the port of its next hop and the core that it runs on."""


class Element(NamedTuple):
    """A proxy with its options."""

    name: str
    start: Start
    transport: str = "udp"


def start_module(
    processes: Processes, arguments: Sequence[str], port: int, transport: str, core: int | None
) -> Started:
    """Start a Python module of this project that listens to a port."""
    process = processes.start(
        [sys.executable, "-m", *arguments],
        core=core,
        variables={"PYTHONPATH": str(ROOT), "SIPFAST_PURE": ""},
    )
    processes.wait_for(process, port, transport)
    return Started(process, port)


def example(name: str, *options: str, transport: str = "udp") -> Element:
    """Return the example proxy with some options."""

    def start(processes: Processes, next_port: int, core: int | None) -> Started:
        port = free_port()
        following = f"sip:{HOST}:{next_port};transport={transport}"
        arguments = ["examples.proxy", "--listen", f"{transport}:{HOST}:{port}"]
        arguments += ["--next-hop", following, *options]
        return start_module(processes, arguments, port, transport, core)

    return Element(name, start, transport)


def twenty_lines(
    name: str, loop: str = "own", moderation: float = 1, transport: str = "udp"
) -> Element:
    """Return the proxy of README."""

    def start(processes: Processes, next_port: int, core: int | None) -> Started:
        port = free_port()
        module = "benchmarks.calling.twenty_lines"
        arguments = [module, transport, str(port), str(next_port), loop, str(moderation)]
        return start_module(processes, arguments, port, transport, core)

    return Element(name, start, transport)


def kamailio(
    name: str,
    *,
    transport: str = "udp",
    stateful: bool = False,
    checks: bool = False,
    allocator: str = "fm",
) -> Element:
    """Return Kamailio with some options."""

    def start(processes: Processes, next_port: int, core: int | None) -> Started:
        return Started(
            *start_kamailio(
                processes,
                next_port,
                transport=transport,
                stateful=stateful,
                checks=checks,
                allocator=allocator,
                core=core,
            )
        )

    return Element(name, start, transport)
