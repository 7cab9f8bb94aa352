"""``sipfast follow``: live traffic as it comes, its counts, and its calls as they end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ...filters import choice_of, filter_options
from ...options import FILE, language_option
from ...reading import Choice
from ...screen.console import Misuse, Refusal, warn
from ...screen.help import SipfastCommand
from ...screen.text import file_size, shortened, visible
from ...screen.words import Words
from .words import FollowWords

if TYPE_CHECKING:
    from ....live import Live, Source
    from ....live.metrics import Exporter

__all__ = ["command"]

_ADDRESS = re.compile(r"(udp|tcp):(.*):([0-9]{1,5})", re.ASCII)
_PORT = re.compile(r"(?:(.*):)?([0-9]{1,5})", re.ASCII)
_ROTATION = re.compile(r"([0-9]{1,12})(kB|MB|GB|s|m|h|d)", re.ASCII)
_ROOM = 8_000_000
"""Bytes for bursts: 100 ms at 100,000 packets a second."""
_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "s": 1, "m": 60, "h": 3600, "d": 86_400}


class Order(NamedTuple):
    """What is wanted."""

    choice: Choice
    shows: str
    """ "messages", "calls" or "nothing"; "all" on a terminal."""
    as_json: bool
    every: float
    most: int | None
    duration: float | None


@click.command("follow", cls=SipfastCommand)
@click.argument("files", nargs=-1, metavar="[FILE|-]...", type=FILE)
@click.option(
    "--hep",
    multiple=True,
    metavar="ADDRESS",
    help="Listen for HEP: udp:HOST:PORT or tcp:HOST:PORT. Repeatable.",
)
@filter_options
@click.option("--new", "only_new", is_flag=True, help="Leave out what the files have already.")
@click.option("--calls", "as_calls", is_flag=True, help="Print failed calls in place of messages.")
@click.option("-q", "--quiet", is_flag=True, help="Print neither messages nor calls.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON objects, one per line: messages, failed calls and counts.",
)
@click.option(
    "--every",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Seconds between two lines of counts.",
)
@click.option(
    "--metrics",
    metavar="[HOST:]PORT",
    help="Serve metrics for Prometheus at PORT of HOST, by default 127.0.0.1.",
)
@click.option(
    "--forward",
    metavar="OUT",
    type=click.Path(dir_okay=False, readable=False),
    help="Write the messages to captures named after OUT (.pcapng, .pcap).",
)
@click.option(
    "--rotate",
    metavar="SIZE|TIME",
    help="Begin another capture after a size (100MB) or a time (1h).",
)
@click.option(
    "--keep",
    metavar="N",
    type=click.IntRange(min=1),
    help="Keep this many captures, and remove the oldest.",
)
@click.option(
    "--duration",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help="End after this many seconds.",
)
@click.option(
    "--count",
    metavar="N",
    type=click.IntRange(min=1),
    help="End after this many messages.",
)
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    hep: tuple[str, ...],
    only_new: bool,
    as_calls: bool,
    quiet: bool,
    as_json: bool,
    every: int,
    metrics: str | None,
    forward: str | None,
    rotate: str | None,
    keep: int | None,
    duration: float | None,
    count: int | None,
    words: Words,
    **filters: Any,
) -> None:
    """Show the messages of growing files, pipes and HEP, and failed calls as they end.

    FILE may grow, be replaced or be written anew; - is standard input. Ends with a pipe, by
    --duration or --count, or by Ctrl-C.
    """
    texts = FollowWords(words.language)
    if not files and not hep:
        raise Misuse(texts.no_source)
    for given, name in ((rotate, "--rotate"), (keep, "--keep")):
        if given is not None and forward is None:
            raise Misuse(texts.only_forward.format(name))
    shows = "nothing" if quiet else "calls" if as_calls else "messages"
    order = Order(choice_of(**filters), shows, as_json, every, count, duration)
    addresses = [_address(text, texts) for text in hep]
    served = None if metrics is None else _port(metrics, texts)
    rotation = {} if rotate is None else _rotation(rotate, texts)

    from .show import Run  # which needs much of the package

    run = Run(order, texts)
    with contextlib.ExitStack() as stack:
        sources = _sources(files, addresses, stack, texts, only_new=only_new)
        live = stack.enter_context(_live(sources))
        figures = run.begin(live)
        if forward is not None:
            from ....live import Rotation

            try:
                run.forward = Rotation(forward, keep=keep, **rotation)
            except ValueError:
                raise Misuse(texts.suffix) from None
            except OSError as error:
                name = visible(str(error.filename or forward))
                raise Refusal(texts.unreadable.format(name, texts.reason(error))) from None
            stack.callback(run.forward.close)
        if served is not None:
            stack.callback(_served(figures, *served, texts).close)
        with _stopped_by_signals(live):
            fine = run.through(live)
    if not fine:
        ctx.exit(1)


def _address(text: str, words: FollowWords) -> tuple[str, str, int]:
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found[3]) > 65_535:
        raise Misuse(words.not_an_address.format(shortened(visible(text))))
    return found[1], found[2].removeprefix("[").removesuffix("]"), int(found[3])


def _port(text: str, words: FollowWords) -> tuple[str, int]:
    found = _PORT.fullmatch(text)
    if found is None or int(found[2]) > 65_535:
        raise Misuse(words.not_a_port.format(shortened(visible(text))))
    return (found[1] or "127.0.0.1").removeprefix("[").removesuffix("]"), int(found[2])


def _rotation(text: str, words: FollowWords) -> dict[str, int]:
    found = _ROTATION.fullmatch(text)
    if found is None or not int(found[1]):
        raise Misuse(words.not_a_rotation.format(shortened(visible(text))))
    return {"size" if found[2][-1] == "B" else "seconds": int(found[1]) * _UNITS[found[2]]}


def _live(sources: list[Source]) -> Live:
    from ....live import Live

    return Live(sources)


def _sources(
    files: tuple[str, ...],
    addresses: list[tuple[str, str, int]],
    stack: contextlib.ExitStack,
    words: FollowWords,
    *,
    only_new: bool,
) -> list[Source]:
    from ....capture import CaptureError
    from ....live import HepTcp, HepUdp

    found: list[Source] = []
    for path in files:
        try:
            source = _of_path(path, only_new=only_new)
        except (OSError, CaptureError) as error:
            raise Refusal(words.unreadable.format(visible(path), words.reason(error))) from None
        stack.callback(source.close)
        found.append(source)
    for kind, host, port in addresses:
        try:
            listening = (HepUdp if kind == "udp" else HepTcp)(host, port)
        except (OSError, UnicodeError) as error:
            name = visible(f"{kind}:{host}:{port}")
            raise Refusal(words.no_bind.format(name, words.reason(error))) from None
        stack.callback(listening.close)
        warn(words.listens.format(listening.name))
        if isinstance(listening, HepUdp) and listening.room < _ROOM and sys.platform == "linux":
            warn(words.small_room.format(listening.name, file_size(listening.room)))
        found.append(listening)
    return found


def _of_path(path: str, *, only_new: bool) -> Source:
    from ....capture import CaptureError
    from ....live import Grown, Piped

    if path == "-":
        if sys.stdin is None or sys.stdin.closed:  # despite its type: there may be none
            raise CaptureError("standard input is closed")
        return Piped(sys.stdin.fileno())
    if stat.S_ISFIFO(os.stat(path).st_mode):
        return Piped(os.open(path, os.O_RDONLY), path)  # waits for whoever writes to it
    return Grown(path, only_new=only_new)


def _served(figures: Any, host: str, port: int, words: FollowWords) -> Exporter:
    from ....live.metrics import Exporter

    try:
        exporter = Exporter(figures, host, port)
    except ImportError as error:
        if error.name != "prometheus_client":
            raise
        raise Refusal(words.needs("--metrics", "follow")) from None
    except (OSError, UnicodeError) as error:
        name = visible(f"{host}:{port}")
        raise Refusal(words.no_bind.format(name, words.reason(error))) from None
    host, port = exporter.address
    warn(words.serves.format(f"[{host}]:{port}" if ":" in host else f"{host}:{port}"))
    return exporter


@contextlib.contextmanager
def _stopped_by_signals(live: Live) -> Iterator[None]:
    """End cleanly at Ctrl-C and SIGTERM; at once when they come again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}

    def stop(number: int, _frame: object) -> None:
        live.stop()
        _restore(before)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # A signal that is ignored (nohup) stays so.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        _restore(before)


def _restore(handlers: dict[int, Callable[..., Any] | int | None]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
