"""The formats of faults, one per line, and the sums at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from .... import Defect, ParseError
from ....errors import FAULTS, Severity
from ...screen.console import line_writer
from ...screen.faults import text_of
from ...screen.text import portable, shortened, visible
from ...screen.words import Words
from .find import Found, Sums
from .places import Lines
from .sarif import Sarif

__all__ = ["FORMATS", "Report", "described", "print_sums", "report_of", "row_of"]


class Report:
    """Writes each fault as one line on standard output."""

    def __init__(
        self, line: Callable[[Found], str], note: Callable[[str], str] | None = None
    ) -> None:
        self._line = line
        self._note = note
        self._write = line_writer()

    def fault(self, found: Found) -> None:
        self._write(self._line(found))

    def note(self, line: str) -> None:
        """Write a note too, where the format has a form for it; standard error has it anyway."""
        if self._note is not None:
            self._write(self._note(line))

    def close(self) -> None:
        """Nothing follows the faults."""


def report_of(form: str, screen: Console, words: Words) -> Report | Sarif:
    """The report of a format."""
    return FORMATS[form](screen, words)


# ---- text ----


def _plain(words: Words) -> Callable[[Found], str]:
    def line(found: Found) -> str:
        return "".join([text for text, _ in _parts(found, words)])

    return line


def _painted(screen: Console, words: Words) -> Callable[[Found], str]:
    def line(found: Found) -> str:
        with screen.capture() as captured:
            screen.print(Text.assemble(*_parts(found, words)), soft_wrap=True, end="")
        return captured.get()

    return line


def _parts(found: Found, words: Words) -> list[tuple[str, str]]:
    """A line in parts, fit for a terminal, each with its style."""
    fault = found.fault
    fatal = isinstance(fault, ParseError) or fault.severity == "error"
    style = "error" if fatal else "defect"
    return [
        (visible(f"{found.file}:{found.message}:{fault.offset}:"), "quiet"),
        (f" {words.severity(fault.severity)}: ", style),
        (fault.code, style),
        (f": {described(fault, words)}", ""),
    ]


def described(fault: ParseError | Defect, words: Words) -> str:
    """The text, the RFC section and the response status of a fault, fit for a terminal."""
    return in_full(text_of(fault, words), fault, words)


def in_full(what: str, fault: ParseError | Defect, words: Words) -> str:
    """A text with the RFC section and the response status of a fault, fit for a terminal."""
    status = fault.status_hint
    source = fault.rfc if status is None else words.answer.format(fault.rfc, status)
    return visible(words.parenthesis.format(shortened(what), source))


# ---- JSON ----


def _json(found: Found) -> str:
    return json.dumps(row_of(found))  # ASCII: valid in any encoding, safe on any terminal


def row_of(found: Found) -> dict[str, Any]:
    """The keys are stable, and listed in ``docs/command.md``."""
    file, message, datagram, outcome, fault = found
    return {
        "file": portable(file),
        "message": message,
        "packet": datagram.packet,
        "byte": fault.offset,
        "offset": datagram.offset + fault.offset,
        "severity": fault.severity,
        "code": fault.code,
        "header": fault.header and portable(fault.header),
        "text": portable(fault.text),
        "text_zh": portable(fault.text_zh),
        "rfc": fault.rfc,
        "status": fault.status_hint,
        "parsed": datagram.is_cut or not isinstance(outcome, ParseError),
        "cut": datagram.is_cut,
        "timestamp_ns": datagram.time_ns,
        "source": datagram.source,
        "source_port": datagram.source_port,
        "destination": datagram.destination,
        "destination_port": datagram.destination_port,
        "transport": datagram.transport,
    }


# ---- annotations of GitHub ----

_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


def _annotation(words: Words) -> Callable[[Found], str]:
    """Lines such as ``::error file=a.sip,line=3::text``, which become marks at lines of files."""
    lines = Lines()

    def line(found: Found) -> str:
        place = lines.at(found)
        properties = {
            "file": visible(found.file),
            **({} if place is None else {"line": str(place.line), "col": str(place.column)}),
            "title": found.fault.code,
        }
        told = ",".join(
            f"{name}={text.translate(_IN_PROPERTY)}" for name, text in properties.items()
        )
        where = (
            words.message.format(found.message),
            words.byte.format(found.fault.offset),
            described(found.fault, words),
        )
        text = words.and_these.join(where).translate(_IN_DATA)
        return f"::{found.fault.severity} {told}::{text}"

    return line


def _noted(line: str) -> str:
    """What was not read: a mark on no line of a file."""
    return f"::error title=not-read::{visible(line).translate(_IN_DATA)}"


def _text_report(screen: Console, words: Words) -> Report:
    return Report(_painted(screen, words) if screen.is_terminal else _plain(words))


FORMATS: dict[str, Callable[[Console, Words], Report | Sarif]] = {
    "text": _text_report,
    "json": lambda _screen, _words: Report(_json),
    "sarif": lambda _screen, words: Sarif(words),
    "github": lambda _screen, words: Report(_annotation(words), _noted),
}


# ---- the sums ----


def print_sums(sums: Sums, screen: Console, words: Words) -> None:
    """Print the count of each code, and a line of totals."""
    width = len(f"{max(sums.codes.values(), default=0):,}")
    for code, count in sorted(sums.codes.items(), key=lambda item: (-item[1], item[0])):
        style = "error" if FAULTS[code].severity == "error" else "defect"
        screen.print(Text.assemble((f"{count:>{width},}", style), f"  {code}"), soft_wrap=True)
    fine = not (sums.codes or sums.unread or sums.unreadable)
    screen.print(Text(_in_all(sums, words), "good" if fine else "title"), soft_wrap=True)


def _in_all(sums: Sums, words: Words) -> str:
    messages = words.messages(sums.messages)
    line = words.no_faults.format(messages) if sums.messages else words.no_messages
    if sums.codes:
        faults = words.faults(sums.codes.total())
        both: dict[Severity, Callable[[int], str]] = {
            "error": words.errors,
            "warning": words.warnings,
        }
        kinds = [
            count(sums.severities[kind]) for kind, count in both.items() if sums.severities[kind]
        ]
        line = words.fault_in_all.format(
            faults, words.and_these.join(kinds), f"{sums.faulty:,}", messages
        )
    for count, text in ((sums.unparsable, words.and_no_parse), (sums.cut, words.and_cut)):
        if count:
            line += text.format(f"{count:,}")
    if sums.skipped:
        line += words.and_skipped.format(words.packets(sums.skipped))
    return line
