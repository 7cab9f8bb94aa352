"""The command line of the proxy: `python -m examples.proxy --help`."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Coroutine
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import click

from sipfast import NextHop, SipURI
from sipfast.proxy import run

from .metrics import read_snapshots, serve_metrics
from .registrar import Policy
from .routing import next_hop_of
from .server import Server, Settings, StartError, serve
from .supervisor import CANNOT_START, supervise

_LOG = logging.getLogger("sipfast.proxy")
_LOOPS = ("own", "asyncio", "uvloop")
_ANY_ADDRESS = ("0.0.0.0", "::")


def listen_address(value: str) -> tuple[str, str, int]:
    """TRANSPORT:HOST:PORT."""
    transport, _, rest = value.partition(":")
    if transport.lower() not in ("udp", "tcp", "tls", "ws", "wss"):
        raise click.BadParameter(f"{value!r} does not begin with udp, tcp, tls, ws or wss")
    return (transport.upper(), *address(rest))


def address(value: str) -> tuple[str, int]:
    """HOST:PORT."""
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise click.BadParameter(f"{value!r} is not HOST:PORT")
    return host.strip("[]"), int(port)


def network(value: str) -> str:
    """An address, or ADDRESS/BITS."""
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def next_hop(value: str) -> NextHop:
    """A SIP URI."""
    try:
        return next_hop_of(SipURI.parse(value))
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}") from None


def route(value: str) -> tuple[str, NextHop]:
    """DOMAIN=URI."""
    domain, equals, uri = value.partition("=")
    if not domain or not equals:
        raise click.BadParameter(f"{value!r} is not DOMAIN=URI")
    return domain.lower(), next_hop(uri)


@click.command(context_settings={"show_default": True, "max_content_width": 100})
@click.option(
    "--listen",
    "-l",
    type=listen_address,
    multiple=True,
    default=["udp:127.0.0.1:5060"],
    help="An address to listen at: udp, tcp, tls, ws, wss.",
)
@click.option("--advertise", metavar="HOST", help="Our host in Via and Record-Route.")
@click.option("--cert", type=click.Path(exists=True, path_type=Path), help="For tls and wss.")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="The key of --cert.")
@click.option("--domain", "-d", "domains", multiple=True, help="A domain with users of ours.")
@click.option(
    "--users",
    type=click.Path(exists=True, path_type=Path),
    help="Lines user:realm:algorithm:HA1, as examples.proxy.accounts writes them.",
)
@click.option(
    "--trust",
    type=network,
    multiple=True,
    metavar="NETWORK",
    help="Addresses that may register, and send anywhere, without a password.",
)
@click.option("--auth-calls", is_flag=True, help="Users prove who they are when they call.")
@click.option(
    "--route",
    "routes",
    type=route,
    multiple=True,
    metavar="DOMAIN=URI",
    help="Where requests for another domain go.",
)
@click.option(
    "--next-hop",
    type=next_hop,
    metavar="URI",
    help="Where requests go that nothing else matches.",
)
@click.option("--stateful/--stateless", help="Transactions: 100, retransmissions, forking.")
@click.option("--record-route/--no-record-route", default=True, help="Stay in dialogs.")
@click.option("--database", metavar="FILE", help="SQLite; else for as long as the proxy runs.")
@click.option("--redis", metavar="URL", help="Registrations in Redis in place of SQLite.")
@click.option(
    "--secret",
    type=click.Path(exists=True, path_type=Path),
    help="16 bytes or more, that all machines of this proxy share; else random.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, 1e9, min_open=True),
    help="Requests a second that one address may send.",
)
@click.option(
    "--burst",
    type=click.FloatRange(1, 1e9),
    default=100.0,
    help="Requests that it may send at once.",
)
@click.option("--min-expires", type=click.IntRange(1), default=60, help="Of registrations.")
@click.option("--workers", type=click.IntRange(1, 16), default=1, help="Processes.")
@click.option("--metrics", type=address, help="Where to serve /metrics for Prometheus.")
@click.option("--loop", type=click.Choice(_LOOPS), default="own", help="The event loop.")
@click.option(
    "--moderation",
    type=click.FloatRange(0, 1000),
    default=1.0,
    help="Milliseconds to gather datagrams in.",
)
@click.option(
    "--grace",
    type=click.FloatRange(0),
    default=5.0,
    help="Seconds that SIGTERM leaves to transactions.",
)
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info"
)
@click.option("--worker", type=int, hidden=True)
@click.option("--parent", type=int, hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(worker: int | None, folder: Path | None, **options: Any) -> None:
    """A SIP proxy and registrar."""
    level = options["log_level"].upper()
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    _check(options)
    with tempfile.TemporaryDirectory(prefix="sip-proxy-") as made:
        own = folder or Path(made)
        settings = _settings(options, own)
        workers = options["workers"]
        try:
            if workers > 1 and worker is None:
                sys.exit(asyncio.run(_supervise(options, own)))
            _runner(options["loop"])(_serve(options, settings, worker or 0, own))
        except StartError as error:
            _LOG.critical("cannot start: %s", error)
            sys.exit(CANNOT_START)


def _check(options: dict[str, Any]) -> None:
    transports = {transport for transport, _, _ in options["listen"]}
    if transports & {"TLS", "WSS"} and not (options["cert"] and options["key"]):
        raise click.UsageError("tls and wss need --cert and --key")
    hosts = {host for _, host, _ in options["listen"]}
    if not hosts.isdisjoint(_ANY_ADDRESS) and not options["advertise"]:
        raise click.UsageError("a host that means any address needs --advertise: others see it")
    if options["workers"] > 1 and "UDP" not in transports:
        raise click.UsageError("--workers share UDP; connections are all with one of them")


def _settings(options: dict[str, Any], folder: Path) -> Settings:
    secret = options["secret"] or folder / "secret"
    if not secret.exists():
        secret.write_bytes(secrets.token_bytes(32))
    return Settings(
        listen=options["listen"],
        advertise=options["advertise"],
        certificate=(options["cert"], options["key"]) if options["cert"] else None,
        domains=options["domains"],
        users=options["users"],
        trust=options["trust"],
        authenticate_calls=options["auth_calls"],
        routes=dict(options["routes"]),
        next_hop=options["next_hop"],
        is_stateful=options["stateful"],
        record_route=options["record_route"],
        database=options["database"] or str(folder / "location.sqlite"),
        redis=options["redis"],
        secret=secret.read_bytes(),
        rate=(options["rate"], options["burst"]) if options["rate"] else None,
        policy=Policy(least=options["min_expires"]),
        moderation=options["moderation"] / 1000,
        grace=options["grace"],
    )


async def _serve(options: dict[str, Any], settings: Settings, worker: int, folder: Path) -> None:
    close_metrics: Callable[[], None] | None = None

    def started(server: Server) -> None:
        nonlocal close_metrics
        if options["workers"] == 1:
            for transport, host, port in settings.listen:
                _LOG.info("listening at %s:%s:%d", transport.lower(), host, port)
            if options["metrics"]:
                host, port = options["metrics"]
                close_metrics = serve_metrics(host, port, lambda: {"0": server.snapshot()})

    try:
        workers, parent = options["workers"], options["parent"]
        await serve(settings, worker, workers, folder, parent=parent, started=started)
    finally:
        if close_metrics is not None:
            close_metrics()


async def _supervise(options: dict[str, Any], folder: Path) -> int:
    """Run the workers: this command again, with the number of each."""
    commands = [
        [
            *("-m", "examples.proxy", *sys.argv[1:], "--worker", str(index)),
            *("--folder", str(folder), "--parent", str(os.getpid())),
        ]
        for index in range(options["workers"])
    ]
    if not options["metrics"]:
        return await supervise(commands)
    host, port = options["metrics"]
    try:
        close_metrics = serve_metrics(host, port, lambda: read_snapshots(folder))
    except OSError as error:
        raise StartError(f"metrics at {host}:{port}: {error}") from error
    try:
        return await supervise(commands)
    finally:
        close_metrics()


def _runner(loop: str) -> Callable[[Coroutine[Any, Any, None]], None]:
    if loop == "own":
        return run
    if loop == "asyncio":
        return asyncio.run
    import uvloop  # only who asks for it needs it

    return uvloop.run


if __name__ == "__main__":
    main()
