"""From files to a report, and from a report to the JSON of ``sipfast stats --json``.

The keys of the document are listed in ``docs/command.md``; they stay.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .... import __version__, engine, kernel
from ....errors import FAULTS
from ...files import Unreadable, opened
from ...screen.text import visible
from .counts import DefectCount, Place, Stats, Unparsable, gather, total

__all__ = ["FileReport", "Report", "as_json", "read"]


@dataclass(frozen=True)
class FileReport:
    """What one file holds: `size` in bytes, packets `skipped` by reason."""

    path: str
    format: str
    size: int
    skipped: dict[str, int]
    stats: Stats


@dataclass(frozen=True)
class Report:
    """Everything that ``sipfast stats`` has to say."""

    files: tuple[FileReport, ...]
    failed: tuple[tuple[str, str], ...]
    """Path and reason of each file that could not be read."""
    total: FileReport
    """The sum of `files`, with no path and no format of its own."""


def read(paths: Sequence[str], *, errors: int = 10) -> Report:
    """Read the files one after another; one that cannot be read does not keep the others."""
    files: list[FileReport] = []
    failed: list[tuple[str, str]] = []
    for path in paths:
        try:
            files.append(_read(path, errors))
        except Unreadable as error:
            failed.append((path, str(error)))
    return Report(tuple(files), tuple(failed), _sum(files, errors))


def _read(path: str, errors: int) -> FileReport:
    with opened(path) as capture:
        stats = gather(capture, file=path, errors=errors)
        skipped = dict(capture.skipped.most_common())
        return FileReport(path, capture.format, capture.size, skipped, stats)


def _sum(files: Sequence[FileReport], errors: int) -> FileReport:
    skipped: Counter[str] = Counter()
    for file in files:
        skipped.update(file.skipped)
    return FileReport(
        path="",
        format="",
        size=sum(file.size for file in files),
        skipped=dict(skipped.most_common()),
        stats=total([file.stats for file in files], errors=errors),
    )


def as_json(report: Report, *, top: int) -> str:
    """The report as one JSON document in ASCII: right in any encoding, safe on any terminal."""
    document = {
        "sipfast": __version__,
        "engine": engine,
        "kernel": kernel,
        "total": _numbers(report.total, top),
        "files": [
            {"file": _text(file.path), "format": file.format, **_numbers(file, top)}
            for file in report.files
        ],
        "failed": [
            {"file": _text(path), "reason": _text(reason)} for path, reason in report.failed
        ],
    }
    # json writes DEL as it is, and only DEL.
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f")


def _numbers(file: FileReport, top: int) -> dict[str, Any]:
    stats = file.stats
    return {
        "size": file.size,
        "messages": stats.messages,
        "requests": stats.requests,
        "responses": stats.responses,
        "unparsable": stats.unparsed,
        "defective": stats.defective,
        "methods": {_text(name): count for name, count in stats.methods.ordered()},
        "status_classes": {f"{digit}xx": count for digit, count in stats.status_classes.items()},
        "statuses": {f"{code:03}": count for code, count in stats.statuses.items()},
        "user_agents": [
            {"name": _text(name), "count": count} for name, count in stats.agents.ordered()[:top]
        ],
        "user_agents_shortfall": stats.agents.shortfall,
        "without_user_agent": stats.without_agent,
        "defects": [_defect(row) for row in stats.defects],
        "faults": [
            {"code": code, "text": FAULTS[code].text, "rfc": FAULTS[code].rfc, "count": count}
            for code, count in stats.faults.items()
        ],
        "first_unparsable": [_unparsable(item) for item in stats.unparsable],
        "skipped": file.skipped,
        "seconds": {"parse": stats.parse_seconds, "all": stats.seconds},
        "messages_per_second": {
            "parse": _rate(stats, stats.parse_seconds),
            "all": _rate(stats, stats.seconds),
        },
    }


def _defect(row: DefectCount) -> dict[str, Any]:
    return {
        "code": row.code,
        "header": row.header,
        "text": row.text,
        "rfc": row.rfc,
        "count": row.count,
        "first": _place(row.first),
    }


def _unparsable(item: Unparsable) -> dict[str, Any]:
    return {
        **_place(item.place),
        "byte": item.byte,
        "code": item.code,
        "text": item.text,
        "rfc": item.rfc,
    }


def _place(place: Place) -> dict[str, Any]:
    return {**place._asdict(), "file": _text(place.file)}


def _rate(stats: Stats, seconds: float) -> float | None:
    tried = stats.messages + stats.unparsed
    return round(tried / seconds, 1) if seconds else None


def _text(text: str) -> str:
    r"""The text, with ``\xff`` for a byte that is not UTF-8: many readers refuse surrogates."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        return "".join([visible(char) if "\ud800" <= char <= "\udfff" else char for char in text])
    return text
