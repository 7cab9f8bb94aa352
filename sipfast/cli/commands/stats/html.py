"""The report of ``sipfast stats --html``: counts and figures, as one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from ....capture.beside import Beside
from ....errors import FAULTS
from ...screen.console import Refusal, cleaned_up
from ...screen.faults import text_of
from ...screen.text import file_size, visible
from .measured import Measured
from .report import Report, retransmission_share
from .words import StatsWords

if TYPE_CHECKING:
    from ....report.page import Counts, Rows

__all__ = ["check_extra", "write_page"]


def check_extra(words: StatsWords) -> None:
    """Refuse before anything is read if the libraries of the page are not there."""
    try:
        import jinja2
        import matplotlib
    except ModuleNotFoundError as error:
        if error.name not in ("jinja2", "matplotlib"):
            raise
        raise Refusal(words.needs("--html", "report")) from None
    assert jinja2
    assert matplotlib


def write_page(
    found: Report,
    measures: Measured,
    places: Sequence[str],
    words: StatsWords,
    *,
    out: str,
    top: int,
    overwrite: bool,
) -> None:
    """Write the page of a report; the calls are drawn from the files at `places`."""
    from ....calls import read_calls
    from ....report import figures, page

    language: Literal["en", "zh"] = "zh" if words.language == "zh" else "en"
    assert measures.figures is not None
    wanted = [row.call_id for row in measures.figures.failures if row.call_id is not None]
    calls = read_calls(places, wanted, most=figures.LONGEST_LADDER) if wanted else {}
    report = page.Report(
        counts=_counts(found, words),
        metrics=measures.metrics,
        busiest=measures.busiest,
        figures=measures.figures,
        groups=measures.groups,
        ladders={name: call.ladder().svg(language=language) for name, call in calls.items()},
        top=top,
    )
    text = page.page(report, language)
    try:
        with cleaned_up(), Beside(out, overwrite=overwrite) as place:
            place.file.write(text.encode())
    except FileExistsError as error:
        raise Refusal(words.exists.format(visible(str(error.filename)))) from None


def _counts(found: Report, words: StatsWords) -> Counts:
    """The counts of all files together, with their texts in the language of the page."""
    from ....report.page import Counts, FileLine

    chinese = words.language == "zh"
    total, stats = found.total, found.total.stats
    agents = [(count, name) for name, count in stats.agents.ordered()]
    if stats.without_agent:
        agents.append((stats.without_agent, words.nameless))
    return Counts(
        files=[
            FileLine(
                file.path,
                file.format if file.log is None else f"{file.format} ({file.log})",
                file_size(file.size),
            )
            for file in found.files
        ],
        messages=stats.messages,
        requests=stats.requests,
        responses=stats.responses,
        unparsable=stats.unparsed,
        defective=stats.defective if stats.wish.defects else None,
        erroneous=stats.erroneous,
        retransmissions=stats.retransmissions,
        retransmission_share=retransmission_share(stats),
        methods=[(count, name) for name, count in stats.methods.ordered()],
        statuses=stats.statuses,
        agents=sorted(agents, key=lambda row: -row[0]),
        defects=[(row.count, row.severity, text_of(row, words), row.rfc) for row in stats.defects],
        faults=[
            (count, FAULTS[code].text_zh if chinese else FAULTS[code].text, FAULTS[code].rfc)
            for code, count in stats.faults.items()
        ],
        unread=_packets(total.unread, words),
        skipped=_packets(
            {
                reason: count
                for reason, count in total.skipped.items()
                if reason not in total.unread
            },
            words,
        ),
    )


def _packets(counts: Mapping[str, int], words: StatsWords) -> Rows:
    """Packets by reason, in an order that both engines agree on."""
    rows = [(count, words.skipped(reason)) for reason, count in counts.items()]
    return sorted(rows, key=lambda row: (-row[0], row[1]))
