"""One process of the proxy: its parts put together, from the first message to a graceful end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import secrets
import sqlite3
import ssl
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sipfast import NextHop
from sipfast.proxy import Endpoint, Group, RateLimit
from sipfast.transactions import Transactions

from . import signals
from .accounts import Accounts, Digest
from .app import Proxy, Rules
from .front import Front
from .handover import Handover, forks_of
from .location import Location
from .metrics import Snapshot, write_snapshot
from .registrar import Policy
from .relay import Relay
from .routing import Domains, Networks
from .stateful import Stateful
from .stateless import Stateless
from .store import SQLiteStore, Store

__all__ = ["Settings", "StartError", "serve"]

_SECURE = ("TLS", "WSS")


class StartError(Exception):
    """The proxy cannot be started with these settings."""


@dataclass(frozen=True)
class Settings:
    """The options of the command line."""

    listen: tuple[tuple[str, str, int], ...]
    database: str
    advertise: str | None = None
    certificate: tuple[Path, Path] | None = None
    domains: tuple[str, ...] = ()
    users: Path | None = None
    trust: tuple[str, ...] = ()
    authenticate_calls: bool = False
    routes: dict[str, NextHop] = field(default_factory=dict)
    next_hop: NextHop | None = None
    is_stateful: bool = False
    record_route: bool = True
    redis: str | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    rate: tuple[float, float] | None = None
    errors: tuple[float, float] = (100.0, 200.0)
    policy: Policy = field(default_factory=Policy)
    moderation: float = 0.001
    grace: float = 5.0


class Server:
    """The parts of one process."""

    def __init__(self, settings: Settings, worker: int, workers: int, folder: Path | None) -> None:
        self.settings = settings
        self.worker = worker
        self.endpoints = _endpoints(settings, worker, workers)
        self.group = Group(*self.endpoints)
        # What another worker changes is seen at once, unless the store is slow to ask.
        is_shared = workers > 1 and settings.redis is None
        self.location = Location(_store(settings), fresh=0.0 if is_shared else 1.0)
        self.handover = (
            Handover(folder, worker, workers) if folder is not None and workers > 1 else None
        )
        accounts = Accounts.load(settings.users) if settings.users else Accounts()
        digest = Digest(accounts, settings.secret + b"nonce")
        # Connections die with their process; so a registration by one names the process.
        process = secrets.token_hex(4) if worker == 0 else ""
        self.proxy = Proxy(_rules(settings), self.location, digest, self.group, process)
        self.transactions = Transactions()
        relay = Relay(
            self.proxy.flows, record_route=settings.record_route, has_connections=worker == 0
        )
        stateless = Stateless(self.proxy, relay)
        self.stateful = Stateful(
            self.proxy, relay, stateless, self.transactions, forks_of(worker, workers)
        )
        self.front = Front(
            self.proxy,
            stateless,
            self.stateful,
            is_stateful=settings.is_stateful,
            rate=None if settings.rate is None else RateLimit(*settings.rate),
            handover=self.handover,
        )

    async def start(self) -> None:
        await self.group.attach(
            self.front.handle,
            moderation=self.settings.moderation,
            relay=self._relays,
            undelivered=self.stateful.fail,
        )
        if self.handover is not None:
            self.handover.start([endpoint.receive for endpoint in self.endpoints])

    @property
    def _relays(self) -> bool:
        """Whether responses, and requests along our Route, go on without a look at them.

        Those of connections are looked at, and those that count against a rate.
        """
        settings = self.settings
        return (
            not settings.is_stateful
            and settings.rate is None
            and self.handover is None
            and all(transport == "UDP" for transport, _, _ in settings.listen)
        )

    async def close(self, now: asyncio.Event) -> None:
        """Refuse what is new, and wait until what goes on has ended, or until `now`."""
        self.stateful.is_closing = True
        self.group.quiesce()
        until = time.monotonic() + self.settings.grace
        while self.stateful.pending and time.monotonic() < until and not now.is_set():
            await asyncio.sleep(0.02)
        await _first_of(self.group.close(), now.wait())  # peers get a while to close connections
        self.stateful.close()
        if self.handover is not None:
            self.handover.close()
        await self.location.close()

    def snapshot(self) -> Snapshot:
        """What was counted until now."""
        return {
            "endpoints": {
                f"{endpoint.hop.transport} {endpoint.hop.sent_by}": counts_of(endpoint)
                for endpoint in self.endpoints
            },
            "events": dict(self.proxy.counts)
            | {"look-ups": self.location.look_ups, "store failures": self.location.failures}
            | ({"handover dropped": self.handover.dropped} if self.handover is not None else {}),
            "gauges": {
                "transactions": len(self.transactions),
                "pending": self.transactions.pending,
                "flows": len(self.proxy.flows),
                "connections": sum(endpoint.connections for endpoint in self.endpoints),
            },
        }


async def _first_of(*work: Coroutine[Any, Any, Any]) -> None:
    """Wait for the first of several to end, and cancel the others."""
    tasks = [asyncio.ensure_future(each) for each in work]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


def counts_of(endpoint: Endpoint) -> dict[str, int]:
    """The counters of an endpoint by name."""
    counters = endpoint.counters
    names = [name for name in dir(counters) if not name.startswith("_")]
    values = {name: getattr(counters, name) for name in names}
    return {name: value for name, value in values.items() if type(value) is int}


async def serve(
    settings: Settings,
    worker: int = 0,
    workers: int = 1,
    folder: Path | None = None,
    *,
    parent: int | None = None,
    started: Callable[[Server], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; a second signal ends at once.  Raises `StartError`."""
    stopping, at_once = asyncio.Event(), asyncio.Event()

    def stop(_number: int) -> None:
        (at_once if stopping.is_set() else stopping).set()

    with signals.handled(stop):
        try:
            server = Server(settings, worker, workers, folder)
            await server.start()
            if started is not None:
                started(server)
        except (OSError, ValueError, sqlite3.Error) as error:
            raise StartError(str(error)) from error
        _spare_what_lives_long()
        shared = folder if workers > 1 else None
        housekeeping = asyncio.create_task(_keep_house(server, shared, parent, stopping))
        await stopping.wait()
        await server.close(at_once)
        housekeeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await housekeeping


def _spare_what_lives_long() -> None:
    """Have the garbage collector look at what is new, and at all of it only in quiet moments.

    Transactions end without its help.  To look at 100,000 of them takes 0.2 s, in which messages
    would wait.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 1_000, 1_000_000)


async def _keep_house(
    server: Server, folder: Path | None, parent: int | None, stopping: asyncio.Event
) -> None:
    """Twice a second tell the parent what was counted; once a minute drop what has ended."""
    turn = 0
    while True:
        if turn % 120 == 0:
            if server.worker == 0:
                await server.location.forget(time.time())
            if not len(server.transactions):
                gc.collect()
        if folder is not None:
            write_snapshot(folder, server.worker, server.snapshot())
            if os.getppid() != parent:  # it was killed, and can no longer stop us
                stopping.set()
                return
        turn += 1
        await asyncio.sleep(0.5)


def _endpoints(settings: Settings, worker: int, workers: int) -> list[Endpoint]:
    """An endpoint for each address; connections are all with worker 0.

    Those for UDP come first, so that they have the same numbers in all workers.
    """
    addresses = sorted(settings.listen, key=lambda each: each[0] != "UDP")
    if worker != 0:
        addresses = [each for each in addresses if each[0] == "UDP"]
    context = None
    if settings.certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*settings.certificate)
    return [
        Endpoint(
            _in_brackets(settings.advertise or host),
            port,
            transport=transport,
            secret=settings.secret,
            supported=("path",),
            bind=(host, port),
            ssl=context if transport in _SECURE else None,
            reuse_port=workers > 1,
        )
        for transport, host, port in addresses
    ]


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _rules(settings: Settings) -> Rules:
    hosts = {settings.advertise} if settings.advertise else set()
    addresses = [
        (_in_brackets(host), port) for _, bound, port in settings.listen for host in {bound, *hosts}
    ]
    return Rules(
        domains=Domains(settings.domains, addresses),
        routes=settings.routes,
        next_hop=settings.next_hop,
        trusted=Networks(settings.trust),
        authenticate_calls=settings.authenticate_calls,
        errors=settings.errors,
        policy=settings.policy,
    )


def _store(settings: Settings) -> Store:
    if settings.redis is None:
        return SQLiteStore(settings.database)
    from .redis_store import RedisStore  # only who uses Redis needs its client

    return RedisStore(settings.redis)
