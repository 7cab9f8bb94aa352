"""A network that loses and repeats datagrams, by a pattern that is the same in each run.

It loses no datagram twice: otherwise some call would at times outlast the timers of its ends.
"""

from __future__ import annotations

import random
import selectors
import socket
import threading

from benchmarks.calling.processes import HOST

LOST, REPEATED = 0.1, 0.1
"""The share of datagrams, in each direction."""
PATIENCE = 0.1


class LossyLink(threading.Thread):
    """Passes datagrams on from `port` to another port, and back to who has sent to `port` last."""

    def __init__(self, remote: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.lost = self.repeated = 0
        self._random = random.Random(seed)
        self._gone: set[bytes] = set()
        self._ended = threading.Event()
        self._near, self._far = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab")
        self._near.bind((HOST, 0))
        self._far.bind((HOST, 0))
        self._remote, self._sender = (HOST, remote), (HOST, 0)
        self.port: int = self._near.getsockname()[1]

    def __enter__(self) -> LossyLink:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Pass datagrams on until the block ends."""
        with selectors.DefaultSelector() as selector, self._near, self._far:
            selector.register(self._near, selectors.EVENT_READ)
            selector.register(self._far, selectors.EVENT_READ)
            while not self._ended.is_set():
                for key, _ in selector.select(PATIENCE):
                    self._pass_on(key.fileobj is self._near)

    def _pass_on(self, is_request: bool) -> None:
        if is_request:
            data, self._sender = self._near.recvfrom(65535)
        else:
            data = self._far.recv(65535)
        chance = self._random.random()
        is_lost = chance < LOST and data not in self._gone
        is_repeated = chance > 1 - REPEATED
        if is_lost:
            self._gone.add(data)
        self.lost += is_lost
        self.repeated += is_repeated
        for _ in range((not is_lost) + is_repeated):
            if is_request:
                self._far.sendto(data, self._remote)
            else:
                self._near.sendto(data, self._sender)
