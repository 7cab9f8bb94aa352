"""Sockets for proxies: an `Endpoint` receives messages, and forwards, answers and sends them."""

from __future__ import annotations

from .endpoint import ConnectionBounds, Counters, Endpoint, Group, RateLimit, Source
from .loop import run

__all__ = ["ConnectionBounds", "Counters", "Endpoint", "Group", "RateLimit", "Source", "run"]
