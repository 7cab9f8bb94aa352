"""docs/defects.md: every row of the table of faults, and who reports it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sipfast.errors import (
    BODY_FAULTS,
    FAULTS,
    MESSAGE_FAULTS,
    SDP_FAULTS,
    TIME_FAULTS,
    TOKENIZER_FAULTS,
    VALUE_FAULTS,
    Fault,
)

INTRODUCTION = """\
# What can be wrong with a message

Every fault that sipfast knows: its code, which stays; its text, in which `{header}` stands for the
name of the header field or the part of the body; the section that is broken; the response status
that tells the sender. They are the rows of `sipfast.errors.FAULTS`; `sipfast check --list` prints
them too. Who reports them:

- `parse`: the bytes cannot be taken apart. `sipfast.parse` raises `ParseError`.
- `message.defects`: they can, but the RFC forbids what they say. With `strict=True`, `parse` raises
  the first of them; a property that cannot be read for it, such as `max_forwards`, raises it too.
- `message.defects_at`: the same, and what has been too old, or too new, for one who receives the
  message at that time. `sipfast check` asks it where the capture says when a packet came.
- typed value: a value breaks its grammar. The property, `parse_header`, or the class's `parse` or
  constructor raises it, some of them only when the part that is wrong is asked for. Where
  `message.defects` stands beside it, that lists it too.
- `SDP.defects`: a session description says what it must not. Where there is none at all,
  `SDP.parse` and `message.sdp` raise that.
- opened body: `message.content`, `message.parts`, `message.sdp` and what is in `sipfast.bodies`
  raise it, when they open a body or read what is in it.

`make docs` writes this page, and a test compares it.

"""
COLUMNS = ("code", "text", "section", "status", "reported by")

REPORTERS: tuple[tuple[tuple[Fault, ...], str], ...] = (
    (TOKENIZER_FAULTS, "`parse`"),
    (MESSAGE_FAULTS, "`message.defects`"),
    (TIME_FAULTS, "`message.defects_at`"),
    (VALUE_FAULTS, "typed value, `message.defects`"),
    (SDP_FAULTS, "`SDP.defects`"),
    (BODY_FAULTS, "opened body"),
)
APART = {
    "uri-scheme-unexpected": "typed value",  # it is of what somebody asks for
    "value-surrogate": "typed value",  # no bytes are read as one
    "value-control": "typed value",  # reading tolerates it
    "sdp-none": "`SDP.parse`",
    "sdp-surrogate": "`SDP.parse`",
    "media-type-malformed": "typed value, `message.defects`, opened body",
}
"""Who reports a fault that goes not with all of its tuple."""


def page(faults: Iterable[Fault] = FAULTS.values()) -> str:
    """The whole of docs/defects.md."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *map(row, faults)]
    return INTRODUCTION + "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def row(fault: Fault) -> tuple[str, ...]:
    status = str(fault.status)
    return f"`{fault.code}`", markdown(fault.text), markdown(fault.rfc), status, reporter(fault)


def reporter(fault: Fault) -> str:
    if fault.code in APART:
        return APART[fault.code]
    (name,) = [name for faults, name in REPORTERS if fault in faults]
    return name


def markdown(text: str) -> str:
    """The text, with nothing in it that Markdown would take for its own."""
    return re.sub(r"[&<|*_`]", lambda match: f"&#{ord(match[0])};", text)
