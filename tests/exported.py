"""What `sipfast export` wrote, read back for the tests."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

from command import ROOT

import sipfast
from sipfast.cli.commands.export.sinks import FORMATS

CALLS = ROOT / "bench_data" / "calls.pcap"
TABLES = [name for name, row in FORMATS.items() if row.has_columns]
CAPTURES = [name for name in FORMATS if name not in TABLES]


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a table, with the types of CSV: all texts."""
    kind = path.suffix[1:]
    if kind == "csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    if kind == "jsonl":
        found = [json.loads(line) for line in path.read_text("ascii").splitlines()]
    else:
        import pyarrow.feather
        import pyarrow.parquet

        read = pyarrow.parquet.read_table if kind == "parquet" else pyarrow.feather.read_table
        table = read(path)
        times = {
            field.name: table[field.name].cast("int64").to_pylist()
            for field in table.schema
            if str(field.type).startswith("timestamp")
        }
        plain = table.drop_columns(list(times))
        found = plain.to_pylist()
        for at, row in enumerate(found):
            row.update({name: values[at] for name, values in times.items()})
        found = [{name: row[name] for name in table.column_names} for row in found]
    return [{name: text(name, value) for name, value in row.items()} for row in found]


def text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(value)
    if name == "time" and isinstance(value, int):
        seconds, nanoseconds = divmod(value, 10**9)
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{nanoseconds:09}Z"
    return str(value)


def payloads(path: Path) -> list[bytes]:
    """The messages of a file, without the line ends after them, which one of messages adds."""
    with sipfast.open(path) as capture:
        found = [bytes(record.data).rstrip(b"\r\n") for record in capture]
        assert not capture.unread or path == CALLS
    return found
