"""Sockets for proxies: an `Endpoint` receives messages, and forwards, answers and sends them."""

from __future__ import annotations

from .connections import ConnectionBounds
from .counters import Counters
from .endpoint import Endpoint, Group, Handle, Source
from .guard import RateLimit
from .loop import run

__all__ = [
    "ConnectionBounds",
    "Counters",
    "Endpoint",
    "Group",
    "Handle",
    "RateLimit",
    "Source",
    "run",
]
