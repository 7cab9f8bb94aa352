"""The scans that are measured, to nowhere: each batch is exported and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import sipfast
from benchmarks.timing import Stopwatch, Subject, Took
from sipfast._engine import ENGINE, Engine

TWELVE = (
    *("time", "source_address", "destination_address", "method", "status", "call_id"),
    *("cseq_number", "from_user", "from_tag", "to_user", "via_branch", "user_agent"),
)
THIRTY = (
    *("packet", "time", "transport", "source_address", "source_port", "destination_address"),
    *("destination_port", "is_request", "method", "status", "reason", "call_id", "cseq_number"),
    *("cseq_method", "from_display", "from_user", "from_host", "from_tag", "to_user", "to_host"),
    *("to_tag", "uri_user", "uri_host", "via_host", "via_branch", "contact_user", "contact_host"),
    *("user_agent", "content_type", "body_length"),
)
INVITES = "method = 'INVITE'"

Text = Literal["view", "utf8"]


def to_nowhere(
    source: Path | bytes,
    columns: tuple[str, ...] = TWELVE,
    where: str | None = None,
    text: Text = "view",
    threads: int = 1,
    engine: Engine = ENGINE,
) -> int:
    """Scan a file, and return the number of rows."""
    from sipfast.columns.scan import Scan

    rows = 0
    for batch in Scan(source, columns, where, text=text, threads=threads, engine=engine):
        batch.__arrow_c_array__()
        rows += len(batch)
    return rows


def scanned(
    path: Path,
    messages: int,
    columns: tuple[str, ...] = TWELVE,
    where: str | None = None,
    text: Text = "view",
    threads: int = 1,
) -> Subject:
    """Return the subject of such a scan, ns per message of the file."""

    def one_round() -> Took:
        watch = Stopwatch()
        to_nowhere(path, columns, where, text, threads)
        return watch.took(messages)

    return one_round


def columns(
    source: Path | bytes,
    names: tuple[str, ...] = TWELVE,
    where: str | None = None,
    text: Text = "utf8",
) -> dict[str, list[Any]]:
    """Return the values of a scan by column; times are ns since 1970."""
    import pyarrow as pa

    return dict(_values(pa.table(sipfast.scan(source, names, where, text=text))))


def _values(table: Any) -> Iterator[tuple[str, list[Any]]]:
    import pyarrow as pa

    for name, column in zip(table.column_names, table.columns, strict=True):
        values = column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
        yield name, values.to_pylist()
