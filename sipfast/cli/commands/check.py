"""``sipfast check``: what is wrong in each message of files, a line for each fault, as linters do.

A fault is written when it is met, and only sums are kept: memory does not grow with the files.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import click
from rich.console import Console
from rich.text import Text

from ... import Defect, ParseError, parse
from ...capture import Capture, Datagram
from ...errors import FAULTS
from ..files import Unreadable, opened
from ..screen.console import warn
from ..screen.text import counted, shortened, visible

__all__ = ["Found", "Sums", "check_files", "known_codes", "print_codes", "print_sums", "writer"]


class Found(NamedTuple):
    """A fault of message number `message` of a file, counted from 1."""

    file: str
    message: int
    datagram: Datagram
    fault: ParseError | Defect


@dataclass
class Sums:
    """What was found in all files together."""

    codes: Counter[str] = field(default_factory=Counter)
    """Faults by code."""
    messages: int = 0
    """All that were looked at, whether they could be parsed or not."""
    faulty: int = 0
    unparsable: int = 0
    skipped: int = 0
    """Packets that are no SIP over UDP."""
    unreadable: int = 0
    """Files."""

    @property
    def fine(self) -> bool:
        """Whether every file could be read and nothing was found."""
        return not self.codes and not self.unreadable


def known_codes(
    ctx: click.Context, param: click.Parameter, codes: tuple[str, ...]
) -> tuple[str, ...]:
    """The codes, each of which must be one of `FAULTS`: the callback of an option."""
    for code in codes:
        if code not in FAULTS:
            raise click.BadParameter(_unknown(code), ctx, param)
    return codes


def _unknown(asked: str) -> str:
    near = difflib.get_close_matches(asked.lower()[:64], FAULTS)
    hint = f"did you mean {' or '.join(near)}?" if near else "sipfast check --list names them all"
    return f'"{shortened(asked)}" is not the code of a fault; {hint}'


# ---- looking ----


def check_files(paths: Sequence[str], codes: Set[str], write: Callable[[Found], None]) -> Sums:
    """Hand every fault of the files with one of `codes` to `write`, in their order.

    A file that cannot be read is named on standard error, and does not keep the others.
    """
    sums = Sums()
    for path in paths:
        try:
            with opened(path) as capture:
                _check(path, capture, codes, write, sums)
                sums.skipped += capture.skipped.total()
        except Unreadable as error:
            sums.unreadable += 1
            warn(f"{path}: {error}")
    return sums


def _check(
    path: str, capture: Capture, codes: Set[str], write: Callable[[Found], None], sums: Sums
) -> None:
    number = 0
    for number, datagram in enumerate(capture, 1):
        faults = _faults(datagram)
        if faults:
            chosen = [fault for fault in faults if fault.code in codes]
            sums.faulty += bool(chosen)
            for fault in chosen:
                sums.codes[fault.code] += 1
                sums.unparsable += isinstance(fault, ParseError)
                write(Found(path, number, datagram, fault))
    sums.messages += number


def _faults(datagram: Datagram) -> Sequence[ParseError | Defect]:
    try:
        message = parse(datagram.payload)
    except ParseError as error:
        return (error,)
    if datagram.timestamp_ns is None:
        return message.defects
    return message.defects_at(datagram.timestamp_ns / 1e9)


# ---- writing ----


def writer(screen: Console, *, as_json: bool) -> Callable[[Found], None]:
    """What writes a fault on standard output as one line, in colour where `screen` has it."""
    line = _plain
    if as_json:
        line = _json
    elif screen.is_terminal:
        line = partial(_painted, screen)
    # While a progress bar is shown, rich takes the place of sys.stdout and prints above the bar, on
    # standard error. On a terminal that is right; what goes elsewhere must not be caught by it.
    elsewhere = None if sys.stdout.isatty() else sys.stdout

    def write(found: Found) -> None:
        (elsewhere or sys.stdout).write(line(found) + "\n")

    return write


def _plain(found: Found) -> str:
    place, code, what = _parts(found)
    return f"{place} {code}: {what}"


def _painted(screen: Console, found: Found) -> str:
    place, code, what = _parts(found)
    style = "error" if isinstance(found.fault, ParseError) else "defect"
    with screen.capture() as captured:
        text = Text.assemble((place, "quiet"), " ", (code, style), ": ", what)
        screen.print(text, soft_wrap=True, end="")
    return captured.get()


def _parts(found: Found) -> tuple[str, str, str]:
    """Where it is, its code, and what is wrong: fit for a terminal."""
    file, message, _, fault = found
    what = fault.text
    if fault.header and not _names(FAULTS[fault.code].text, fault.header):
        what += f", in {fault.header}"
    return (
        visible(f"{file}:{message}:{fault.offset}:"),
        fault.code,
        visible(f"{shortened(what)} ({fault.rfc}; answer {fault.status_hint})"),
    )


def _names(text: str, header: str) -> bool:
    """Whether the text of a row of `FAULTS` says which header field it is about."""
    return "{header}" in text or header in text.split()


def _json(found: Found) -> str:
    """The keys are listed in ``docs/command.md``; they stay."""
    file, message, datagram, fault = found
    row = {
        "file": _text(file),
        "message": message,
        "packet": datagram.index,
        "byte": fault.offset,
        "offset": datagram.offset + fault.offset,
        "code": fault.code,
        "header": fault.header and _text(fault.header),
        "text": _text(fault.text),
        "rfc": fault.rfc,
        "status": fault.status_hint,
        "parsed": not isinstance(fault, ParseError),
        "timestamp_ns": datagram.timestamp_ns,
        "source": datagram.source,
        "source_port": datagram.source_port,
        "destination": datagram.destination,
        "destination_port": datagram.destination_port,
        "transport": datagram.transport,
    }
    return json.dumps(row)  # in ASCII: right in any encoding, safe on any terminal


def _text(text: str) -> str:
    r"""The text, with ``\xff`` for a byte that is not UTF-8: many readers refuse surrogates."""
    return text.encode("utf-8", "sipfast.plain").decode("utf-8")


def print_sums(sums: Sums, screen: Console) -> None:
    """Print how often each code was met, and a line about all of it."""
    width = len(f"{max(sums.codes.values(), default=0):,}")
    for code, count in sorted(sums.codes.items(), key=lambda item: (-item[1], item[0])):
        screen.print(Text.assemble((f"{count:>{width},}", "defect"), f"  {code}"), soft_wrap=True)
    screen.print(Text(_in_all(sums), "title" if sums.codes else "good"), soft_wrap=True)


def _in_all(sums: Sums) -> str:
    messages = counted(sums.messages, "message")
    if sums.codes:
        line = f"{counted(sums.codes.total(), 'fault')} in {sums.faulty:,} of {messages}"
    else:
        line = f"no faults in {messages}"
    if sums.unparsable:
        line += f"; {sums.unparsable:,} cannot be parsed"
    if sums.skipped:
        line += f"; {counted(sums.skipped, 'packet')} skipped"
    return line


def print_codes(screen: Console) -> None:
    """Print every row of `FAULTS`."""
    width = max(map(len, FAULTS))
    for fault in FAULTS.values():
        code = f"{fault.code:{width}}"
        text = Text.assemble((code, "name"), f"  {fault.status}  {fault.text}", " ")
        screen.print(text.append(f"({fault.rfc})", "quiet"), soft_wrap=True)
