"""Several processes: each handles what is its own, and hands the rest over as it came.

The system spreads datagrams over the workers by their source.  Connections are all with worker 0,
so what came by one, or goes to one, is for worker 0; and the response to a branch is for the worker
whose transaction it belongs to, which the number of the branch tells.
"""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["Handover", "forks_of", "owner_of_branch"]

_LARGEST = 65536
_HEAD = 128
_MOST_KEYS = 10_000
_FORKS = 64
_MOST_WAITING = 10_000
_MOMENT = 0.001


def forks_of(worker: int, workers: int) -> range:
    """The numbers of branches that a worker may use, of the 64 that there are."""
    return range(worker, _FORKS, workers)


def owner_of_branch(branch: str | None, workers: int) -> int:
    """The worker that has made the branch of a Via."""
    number = (branch or "").partition("-")[2]
    is_ours = len(number) < 3 and number.isascii() and number.isdigit()
    return int(number) % workers if is_ours else 0


class Handover:
    """The sockets between the workers, in a folder that only they can read."""

    def __init__(self, folder: Path, worker: int, workers: int) -> None:
        self.worker = worker
        self.workers = workers
        self._paths = [str(folder / f"{each}.socket") for each in range(workers)]
        self._keys: OrderedDict[object, None] = OrderedDict()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        Path(self._paths[worker]).unlink(missing_ok=True)
        self._socket.bind(self._paths[worker])
        self._waiting: deque[tuple[int, bytes]] = deque()
        self.dropped = 0

    def start(self, receivers: Sequence[Callable[[bytes, tuple[str, int]], None]]) -> None:
        """Pass what others hand over to the receiver of its endpoint, with the source it had."""

        def read() -> None:
            for _ in range(64):
                try:
                    data = self._socket.recv(_LARGEST + _HEAD)
                except (BlockingIOError, InterruptedError):
                    return
                head, _, message = data.partition(b"\n")
                endpoint, host, port = head.decode().split(" ")
                receivers[int(endpoint)](message, (host, int(port)))

        asyncio.get_running_loop().add_reader(self._socket, read)

    def give(self, worker: int, data: bytes, source: tuple[str, int], endpoint: int = 0) -> None:
        """Hand over a message that has come to the endpoint with this number.

        If the other worker does not follow, it waits a moment, or is dropped.
        """
        data = f"{endpoint} {source[0]} {source[1]}\n".encode() + data
        if self._waiting or not self._is_sent(worker, data):
            if len(self._waiting) >= _MOST_WAITING:
                self.dropped += 1
                return
            if not self._waiting:
                asyncio.get_running_loop().call_later(_MOMENT, self._give_again)
            self._waiting.append((worker, data))

    def _is_sent(self, worker: int, data: bytes) -> bool:
        """Send to another worker; False if its socket, which is short, is full."""
        try:
            self._socket.sendto(data, self._paths[worker])
        except BlockingIOError:
            return False
        except OSError:  # it is being started again
            self.dropped += 1
        return True

    def _give_again(self) -> None:
        while self._waiting and self._is_sent(*self._waiting[0]):
            self._waiting.popleft()
        if self._waiting:
            asyncio.get_running_loop().call_later(_MOMENT, self._give_again)

    def remember(self, key: object) -> None:
        """Hand over what follows for a transaction: retransmissions, its CANCEL, its ACK."""
        self._keys[key] = None
        if len(self._keys) > _MOST_KEYS:
            self._keys.popitem(last=False)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def close(self) -> None:
        self._waiting.clear()
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        Path(self._paths[self.worker]).unlink(missing_ok=True)
