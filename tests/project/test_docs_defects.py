"""`docs/defects.md`: every row of the table of faults, and who reports it.

With UPDATE=1 in the environment, the test writes the page instead of comparing it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from sipfast import errors
from sipfast._engine import Engine
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

PAGE = Path(__file__).parents[2] / "docs" / "defects.md"

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

A test writes this page and compares it:
`UPDATE=1 python -m pytest tests/project/test_docs_defects.py`.

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


def page(faults: Iterable[Fault]) -> str:
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


def test_the_page_is_up_to_date() -> None:
    if os.environ.get("UPDATE") == "1":
        PAGE.write_text(page(FAULTS.values()), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(FAULTS.values())


def test_a_new_row_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(APART, "time-odd", "nobody")
    new = Fault("time-odd", "{header} is <odd> | *bent", "RFC 9999 1", 499)
    text = "{header} is &#60;odd> &#124; &#42;bent"
    assert page([*FAULTS.values(), new]) == (
        f"{page(FAULTS.values())}| `time-odd` | {text} | RFC 9999 1 | 499 | nobody |\n"
    )


@pytest.mark.parametrize(
    ("field", "code", "listed"),
    [
        ("Expires: 4294967296", "number-out-of-range", True),
        ("Session-ID: x", "session-id-malformed", True),
        ("Accept: x", "media-type-malformed", True),
        ("Security-Client: ;q=1", "item-malformed", True),
        ("P-Asserted-Identity: <http://x>", "uri-scheme-unexpected", False),
        ("History-Info: <sip:a>;index=x", "index-malformed", True),
        ('Warning: 300 "a" x', "warning-malformed", True),
        ("Identity: YWFh.YWFh.YWFh;info=<https://a>", "passport-json-malformed", True),
    ],
)
def test_message_defects_lists_what_the_page_says(
    field: str, code: str, listed: bool, engine: Engine
) -> None:
    message = engine.parse(f"INVITE sip:a SIP/2.0\r\n{field}\r\n\r\n".encode())
    assert (code in [found.code for found in message.defects]) is listed
    assert ("`message.defects`" in reporter(FAULTS[code])) is listed


def test_every_tuple_of_faults_is_in_the_table() -> None:
    """And no code is there twice, for the later row would take the place of the earlier one."""
    tuples = [rows for name, rows in vars(errors).items() if name.endswith("_FAULTS")]
    assert TOKENIZER_FAULTS in tuples
    assert sorted(fault for rows in tuples for fault in rows) == sorted(FAULTS.values())
