"""Processes that end with the block that started them, their ports and their CPU time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

HOST = "127.0.0.1"
START_SECONDS, STOP_SECONDS = 15.0, 5.0
PATHS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
"""Debian has kamailio in /usr/sbin, which is not on every user's path."""
_FIRST = ["nice", "-n", "-20"] if os.geteuid() == 0 else []


def program(name: str) -> str | None:
    """Return the path of an installed program, or None."""
    return shutil.which(name, path=PATHS)


class StartError(RuntimeError):
    """A process ended or hung instead of listening; the text has what it wrote."""


class Processes:
    """The processes of one run, with their logs in a folder. Leaving the block ends them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self._logs: dict[int, Path] = {}

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in reversed(self._running):
            self.stop(process)

    def start(
        self,
        command: Sequence[str],
        *,
        core: int | None = None,
        cwd: Path | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process, with its output in a log.

        On one core if told, then before all others there, as far as this process may.
        """
        path = self.folder / f"{Path(command[0]).name}-{len(self._logs)}.log"
        pinned = [] if core is None else [*_FIRST, "taskset", "-c", str(core)]
        with path.open("wb") as log:
            process = subprocess.Popen(
                [*pinned, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=cwd or self.folder,
                env={**os.environ, **(variables or {})},
            )
        self._running.append(process)
        self._logs[process.pid] = path
        return process

    def wait_for(self, process: subprocess.Popen[bytes], port: int, transport: str) -> None:
        """Wait until a port is bound; raise `StartError` if the process ends or takes too long."""
        until = time.monotonic() + START_SECONDS
        while not is_bound(port, transport):
            if process.poll() is not None or time.monotonic() > until:
                raise StartError(f"{process.args!r} does not listen:\n{self.log(process)}")
            time.sleep(0.02)

    def log(self, process: subprocess.Popen[bytes]) -> str:
        """Return what a process wrote."""
        return self._logs[process.pid].read_text(encoding="utf-8", errors="replace")

    def stop(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
        """End a process with a signal, if need be the hard way; return its status."""
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def is_bound(port: int, transport: str) -> bool:
    """Return whether a socket is bound to a port of UDP, or listens there on TCP (on Linux)."""
    table, state = ("udp", None) if transport == "udp" else ("tcp", "0A")
    for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
        _, local, _, status, *_ = line.split()
        if int(local.rpartition(":")[2], 16) == port and state in (None, status):
            return True
    return False


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and its descendants, by the scheduler's own count."""
    nanoseconds = 0
    for one in tree(pid):
        for path in Path(f"/proc/{one}/task").glob("*/schedstat"):
            nanoseconds += int(path.read_text().split()[0])
    return nanoseconds / 1e9


def tree(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            yield from tree(int(child))
