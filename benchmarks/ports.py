"""Ports of loopback for servers of tests and benchmarks."""

from __future__ import annotations

import random
import socket

__all__ = ["free_port"]

_LEAST, _MOST = 10_240, 32_767
"""Below the ports that systems give to sockets that connect, which would take them meanwhile."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that is free for UDP and TCP."""
    while True:
        port = random.randint(_LEAST, _MOST)
        if all(_is_free(host, port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            return port


def _is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
