"""docs/conformance.md: what becomes of each torture message of RFC 4475."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import NamedTuple

from samples import attempt

from sipfast import ParseError
from sipfast._engine import Engine, load

INTRODUCTION = """\
# RFC 4475, message by message

The results of `sipfast.parse` for the 49 torture messages of RFC 4475. A *parsed* message has the
listed defects, each with its byte; an *error* means that it cannot be parsed. With `strict=True`
the first defect is an error too.

The verdict is the task of this layer: `accept`: parse it without a defect; `reject`: an error or a
defect; `accept-app`: parse it, because the fault is for the application to answer; `either`: the
RFC leaves the choice, and the table shows it. The choices of this layer: it accepts an unknown
scheme in the Request-URI (unkscm, novelsc), an unknown extension or media type (bext01, invut,
sdp01), a broadcast address in a Via (bcast) and a Max-Forwards of 0 (zeromf), because another
element may handle the message, and a message without the header fields that RFC 2543 leaves out
(inv2543).

`make docs` writes this table, and a test compares it.

"""
COLUMNS = ("message", "section", "title", "verdict", "native", "pure")


class Torture(NamedTuple):
    """A message, and its row in the index."""

    name: str
    section: str
    title: str
    verdict: str
    data: bytes


def folder_of(shared: str | Path) -> Path:
    """Where the messages are, in the folder with data of others."""
    return Path(shared, "conformance", "rfc4475")


def read_index(folder: Path) -> dict[str, Torture]:
    """The messages by their names."""
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: Torture(
                *(row["name"], row["rfc_section"], row["title"], row["parser_verdict"]),
                (folder / row["file"]).read_bytes(),
            )
            for row in csv.DictReader(file, delimiter="\t")
        }


def outcome(engine: Engine, data: bytes) -> str:
    """What becomes of a message, in a few words."""
    made = attempt(engine, data)
    if isinstance(made, ParseError):
        return f"error: {made.code} ({made.offset})"
    defects = [f"{defect.code} ({defect.offset})" for defect in made.defects]
    return f"parsed: {', '.join(defects)}" if defects else "parsed"


def page() -> str:
    """The whole of docs/conformance.md."""
    native, pure = load("native"), load("pure")
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    for torture in read_index(folder_of(os.environ["SIPFAST_SHARED"])).values():
        title = torture.title.replace("<", "&lt;").replace("|", "&#124;")
        data = torture.data
        rows.append(
            (
                *(torture.name, torture.section, title, torture.verdict),
                *(outcome(native, data), outcome(pure, data)),
            )
        )
    return INTRODUCTION + "".join(f"| {' | '.join(row)} |\n" for row in rows)
