"""``sipfast redact``: a capture with pseudonyms, to show to others."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import Any, NamedTuple, get_args

import click

from ....capture.beside import Beside
from ....capture.writer import Format
from ....redact import KeyFault, Redactor, is_open_to_others, new_key, read_key
from ...files import Unreadable, is_same, opened
from ...filters import choice_of, filter_options
from ...options import FILE, PLACE, language_option
from ...reading import ANY, Choice, chosen
from ...screen.console import Misuse, Refusal, cleaned_up, warn
from ...screen.help import SipfastCommand
from ...screen.text import visible
from ...screen.words import Words
from .words import RedactWords

__all__ = ["Order", "command", "redact_file"]

FORMATS: dict[str, Format] = {name: name for name in get_args(Format)}

_COUNT = re.compile("[0-9]|1[0-5]", re.ASCII)
_PREFIXES = re.compile(r"\+?[0-9]{1,15}(?:,\+?[0-9]{1,15}){0,99}", re.ASCII)
_SHIFT = re.compile("([+-]?)([0-9]{1,9})([smhd])", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MOST_SHOWN = 12


class Order(NamedTuple):
    """What is to be written, where, and how."""

    source: str
    out: str
    format: str | None
    key_file: str
    new_key: bool
    keep_prefix: str | None
    allow: tuple[str, ...]
    shift: str | None
    keep_agents: bool
    force: bool


@click.command("redact", cls=SipfastCommand)
@click.argument("source", metavar="IN", type=FILE)
@click.argument("out", metavar="OUT", type=PLACE)
@click.option(
    "--key-file",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, readable=False),
    help="File with the key, at least 16 bytes.",
)
@click.option("--new-key", is_flag=True, help="Make the key file.")
@click.option(
    "--keep-prefix",
    metavar="DIGITS",
    help="Leading digits of numbers that stay: how many, or which, such as +44,+49.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="NAME",
    help="Keep an unknown header field, with a pseudonym. Repeatable.",
)
@click.option("--shift-time", metavar="TIME", help="Shift all times: -90d, 36h, 10m, 5s.")
@click.option("--keep-agents", is_flag=True, help="Leave User-Agent and Server as they are.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="Format, in place of the suffix of OUT.",
)
@click.option("--force", is_flag=True, help="Overwrite files.")
@filter_options
@language_option
def command(
    source: str,
    out: str,
    key_file: str,
    new_key: bool,
    keep_prefix: str | None,
    allow: tuple[str, ...],
    shift_time: str | None,
    keep_agents: bool,
    form: str | None,
    force: bool,
    words: Words,
    **filters: Any,
) -> None:
    """Write the messages of IN to OUT with pseudonyms in place of people, numbers and hosts.

    The formats of OUT are pcap, pcapng and sip. What is kept, replaced and dropped is in
    docs/redact.md.
    """
    order = Order(
        *(source, out, form, key_file, new_key, keep_prefix, allow, shift_time),
        *(keep_agents, force),
    )
    redact_file(order, choice_of(**filters), RedactWords(words.language))


def redact_file(order: Order, choice: Choice, words: RedactWords) -> None:
    """Write the chosen messages of a file with pseudonyms, and say what was left out."""
    format = FORMATS.get(order.format or os.path.splitext(order.out)[1][1:].lower())
    if format is None:
        raise Misuse(words.formats.format(visible(order.out), ", ".join(FORMATS)))
    for one, text in (
        (order.source, words.same_file.format("IN")),
        (order.key_file, words.key_of_key.format("OUT")),
    ):
        if is_same(one, order.out):
            raise Misuse(text)
    if is_same(order.key_file, order.source):
        raise Misuse(words.key_of_key.format("IN"))
    keep_prefix, shift = _prefix_in(order.keep_prefix, words), _shift_in(order.shift, words)
    for name in order.allow:
        if not re.fullmatch(r"[A-Za-z0-9!%*_+`'~.-]{1,64}", name, re.ASCII):
            raise Misuse(words.bad_name.format(visible(name)))
    try:
        with (
            opened(order.source, words) as capture,
            cleaned_up(),
            Beside(order.out, overwrite=order.force) as place,
        ):
            redactor = Redactor(
                _key(order, words),  # made when there is something to read and a place to write to
                keep_prefix=keep_prefix,
                allow=order.allow,
                shift=shift,
                keep_agents=order.keep_agents,
            )
            records = (
                iter(capture)
                if choice is ANY
                else (record for _, record, _ in chosen(iter(capture), choice))
            )
            redactor.file(records, place.file, format=format)
    except FileExistsError as error:
        raise Refusal(words.exists.format(visible(str(error.filename)))) from None
    except Unreadable as error:
        raise Refusal(words.unreadable.format(visible(order.source), error)) from None
    if capture.unread:
        warn(words.not_read.format(order.source, words.reasons(capture.unread)))
    _report(redactor, format, words)


def _key(order: Order, words: RedactWords) -> bytes:
    path = order.key_file
    if order.new_key:
        try:
            return new_key(path)
        except FileExistsError:
            raise Refusal(words.key_exists.format(visible(path))) from None
        except OSError as error:
            raise Refusal(words.unreadable.format(visible(path), words.reason(error))) from None
    try:
        key = read_key(path)
        if is_open_to_others(path):
            warn(words.open_key.format(path))
    except KeyFault:
        raise Refusal(words.bad_key.format(visible(path))) from None
    except FileNotFoundError as error:
        raise Refusal(words.no_key.format(visible(path), words.reason(error))) from None
    except OSError as error:
        raise Refusal(words.unreadable.format(visible(path), words.reason(error))) from None
    return key


def _prefix_in(text: str | None, words: RedactWords) -> int | list[str]:
    if text is None:
        return 0
    text = text.replace(" ", "")
    if _COUNT.fullmatch(text):
        return int(text)
    if _PREFIXES.fullmatch(text):
        return text.split(",")
    raise Misuse(words.bad_prefix.format(visible(text)))


def _shift_in(text: str | None, words: RedactWords) -> int:
    if text is None:
        return 0
    found = _SHIFT.fullmatch(text)
    if found is None:
        raise Misuse(words.bad_shift.format(visible(text)))
    seconds = int(found[2]) * _UNITS[found[3]]
    return -seconds if found[1] == "-" else seconds


def _report(redactor: Redactor, format: str, words: RedactWords) -> None:
    """What was written and left out, on standard error."""
    warn(words.written(redactor.written))
    if redactor.untimed:
        warn(words.untimed.format(words.messages(redactor.untimed), format))
    if redactor.dropped:
        named = Counter({words.drop_reason(name): n for name, n in redactor.dropped.items()})
        warn(words.dropped.format(_listed(named, words)))
    if redactor.removed:
        warn(words.removed.format(_listed(redactor.removed, words)))


def _listed(counts: Counter[str], words: RedactWords) -> str:
    first = counts.most_common(_MOST_SHOWN)
    shown = [
        words.of_name.format(words.of_bodies if name == "body" else name, f"{n:,}")
        for name, n in first
    ]
    rest = sum(counts.values()) - sum(n for _, n in first)
    if rest:
        shown.append(words.more_names.format(f"{rest:,}"))
    return words.then_these.join(shown)
