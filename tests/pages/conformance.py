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

What `sipfast.parse` makes of the 49 torture messages of RFC 4475. A message that is *parsed* has
the defects that are named, each with its byte; an *error* means that it cannot be taken apart. With
`strict=True` the first defect is an error too.

The verdict is what this layer has to do: `accept`: parse it, and find no defect; `reject`: an error
or a defect; `accept-app`: parse it, for what is wrong is for the application to answer; `either`:
the RFC leaves the choice, and the table says what it is. What this layer chose: no defect is an
unknown scheme in the Request-URI (unkscm, novelsc), an extension or media type that nobody knows
(bext01, invut, sdp01), a broadcast address in a Via (bcast) or Max-Forwards of 0 (zeromf), for
another element may take the message well; nor is what an element of RFC 2543 leaves out (inv2543).

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
