"""From files to a report, and from a report to the JSON of ``sipfast stats --json``.

The keys of the document are stable, and listed in ``docs/command.md``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .... import __version__, engine, kernel
from ....errors import FAULTS
from ...files import Unreadable, opened
from ...screen.text import portable
from ...screen.words import Words
from .counts import DefectCount, Place, Stats, Unparsable, Wish, gather, total

if TYPE_CHECKING:
    from .measured import Measured

__all__ = ["FileReport", "Report", "as_json", "read", "retransmission_share"]


@dataclass(frozen=True)
class FileReport:
    """The counts of one file: `size` in bytes, packets `skipped` by reason.

    `log` is the format of a text log.

    Those of them that may hold SIP are `unread`.
    """

    path: str
    format: str
    log: str | None
    size: int
    skipped: dict[str, int]
    unread: dict[str, int]
    stats: Stats


@dataclass(frozen=True)
class Report:
    """All results of ``sipfast stats``."""

    files: tuple[FileReport, ...]
    failed: tuple[tuple[str, str], ...]
    """Path and reason of each unreadable file."""
    total: FileReport
    """The sum of `files`, without path and format."""


def read(
    paths: Sequence[str], words: Words, wish: Wish, places: Mapping[str, str] | None = None
) -> Report:
    """Read the files in order; an unreadable one does not stop the others.

    `places` has the paths of copies, where there are any.
    """
    files: list[FileReport] = []
    failed: list[tuple[str, str]] = []
    for path in paths:
        try:
            files.append(_read(path, (places or {}).get(path, path), words, wish))
        except Unreadable as error:
            failed.append((path, str(error)))
    return Report(tuple(files), tuple(failed), _sum(files, wish))


def _read(path: str, place: str, words: Words, wish: Wish) -> FileReport:
    with opened(place, words) as capture:
        stats = gather(capture, file=path, wish=wish)
        skipped, unread, log = capture.skipped, capture.unread, capture.log
        return FileReport(
            path,
            capture.format,
            None if log is None else log.name,
            capture.size,
            _sorted(skipped),
            _sorted(unread),
            stats,
        )


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())


def _sum(files: Sequence[FileReport], wish: Wish) -> FileReport:
    skipped: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    for file in files:
        skipped.update(file.skipped)
        unread.update(file.unread)
    return FileReport(
        path="",
        format="",
        log=None,
        size=sum(file.size for file in files),
        skipped=_sorted(skipped),
        unread=_sorted(unread),
        stats=total([file.stats for file in files], wish=wish),
    )


def as_json(report: Report, *, top: int, measures: Measured | None = None) -> str:
    """The report as one JSON document in ASCII: valid in any encoding, safe on any terminal."""
    document: dict[str, Any] = {
        "sipfast": __version__,
        "engine": engine,
        "kernel": kernel,
        "total": _numbers(report.total, top),
        "files": [
            {
                "file": portable(file.path),
                "format": file.format,
                "log": file.log,
                **_numbers(file, top),
            }
            for file in report.files
        ],
        "failed": [
            {"file": portable(path), "reason": portable(reason)} for path, reason in report.failed
        ],
    }
    if measures is not None:
        document["metrics"] = _metrics(measures)
        document["groups"] = None
        for groups in measures.groups:
            document["groups"] = {
                "by": groups.by,
                "number": groups.number,
                "first": [
                    {"name": row.name and portable(row.name), **row.metrics._asdict()}
                    for row in groups.first
                ],
            }
    # DEL is the only control character that json leaves unescaped.
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f")


def retransmission_share(stats: Stats) -> float:
    """The retransmissions among all messages, whether the repeated ones are counted or not."""
    whole = stats.messages + stats.unparsed
    if not stats.wish.repeats:
        whole += stats.retransmissions + stats.duplicates
    return round(stats.retransmissions / whole, 6) if whole else 0.0


def _metrics(measures: Measured) -> dict[str, Any]:
    second = measures.busiest
    return {
        **measures.metrics._asdict(),
        "busiest_second": second
        and {"time": second.start.isoformat(), "messages": second.messages},
    }


def _numbers(file: FileReport, top: int) -> dict[str, Any]:
    stats = file.stats
    looked = stats.wish.defects
    return {
        "size": file.size,
        "messages": stats.messages,
        "requests": stats.requests,
        "responses": stats.responses,
        "unparsable": stats.unparsed,
        "cut": stats.cut,
        "retransmissions": stats.retransmissions,
        "retransmission_share": retransmission_share(stats),
        "duplicates": stats.duplicates,
        "repeats_counted": stats.wish.repeats,
        "defective": stats.defective if looked else None,
        "erroneous": stats.erroneous if looked else None,
        "methods": {portable(name): count for name, count in stats.methods.ordered()},
        "status_classes": {f"{digit}xx": count for digit, count in stats.status_classes.items()},
        "statuses": {f"{code:03}": count for code, count in stats.statuses.items()},
        "user_agents": [
            {"name": portable(name), "count": count} for name, count in stats.agents.ordered()[:top]
        ],
        "user_agents_shortfall": stats.agents.shortfall,
        "without_user_agent": stats.without_agent,
        "defects": [_defect(row) for row in stats.defects] if looked else None,
        "faults": [
            {
                "code": code,
                "text": FAULTS[code].text,
                "text_zh": FAULTS[code].text_zh,
                "rfc": FAULTS[code].rfc,
                "count": count,
            }
            for code, count in stats.faults.items()
        ],
        "first_unparsable": [_unparsable(item) for item in stats.unparsable],
        "skipped": file.skipped,
        "unread": file.unread,
        "seconds": {"parse": stats.parse_seconds, "all": stats.seconds},
        "messages_per_second": {
            "parse": _rate(stats, stats.parse_seconds),
            "all": _rate(stats, stats.seconds),
        },
    }


def _defect(row: DefectCount) -> dict[str, Any]:
    return {
        "code": row.code,
        "header": row.header and portable(row.header),
        "severity": row.severity,
        "text": portable(row.text),
        "text_zh": portable(row.text_zh),
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
        "text_zh": item.text_zh,
        "rfc": item.rfc,
    }


def _place(place: Place) -> dict[str, Any]:
    return {**place._asdict(), "file": portable(place.file)}


def _rate(stats: Stats, seconds: float) -> float | None:
    tried = stats.messages + stats.unparsed
    return round(tried / seconds, 1) if seconds else None
