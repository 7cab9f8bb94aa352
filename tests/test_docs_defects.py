"""`docs/defects.md`: every row of the table of faults, and who reports it.

With UPDATE=1 in the environment, the test writes the page instead of comparing it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from sipfast import errors
from sipfast.errors import FAULTS, MESSAGE_FAULTS, TOKENIZER_FAULTS, Fault

PAGE = Path(__file__).parents[1] / "docs" / "defects.md"

INTRODUCTION = """\
# What can be wrong with a message

Every fault that sipfast knows: its code, which stays; its text, in which `{header}` stands for the
name of the header field or the part of the body; the section that is broken; the response status
that tells the sender. They are the rows of `sipfast.errors.FAULTS`; `sipfast check --list` prints
them too. Who reports them:

- `parse`: the bytes cannot be taken apart. `sipfast.parse` raises `ParseError`.
- `message.defects`: they can, but the RFC forbids what they say. With `strict=True`, `parse` raises
  the first of them; a property that cannot be read for it, such as `max_forwards`, raises it too.
- typed value: a part of the message, such as a URI or a session description, breaks its grammar.
  It is reported when that part is asked for.

A test writes this page and compares it: `UPDATE=1 python -m pytest tests/test_docs_defects.py`.

"""
COLUMNS = ("code", "text", "section", "status", "reported by")


def page(faults: Iterable[Fault]) -> str:
    """The whole of docs/defects.md."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *map(row, faults)]
    return INTRODUCTION + "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def row(fault: Fault) -> tuple[str, ...]:
    status = str(fault.status)
    return f"`{fault.code}`", markdown(fault.text), markdown(fault.rfc), status, reporter(fault)


def reporter(fault: Fault) -> str:
    if fault in TOKENIZER_FAULTS:
        return "`parse`"
    return "`message.defects`" if fault in MESSAGE_FAULTS else "typed value"


def markdown(text: str) -> str:
    """The text, with nothing in it that Markdown would take for its own."""
    return re.sub(r"[&<|*_`]", lambda match: f"&#{ord(match[0])};", text)


def test_the_page_is_up_to_date() -> None:
    if os.environ.get("UPDATE") == "1":
        PAGE.write_text(page(FAULTS.values()), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(FAULTS.values())


def test_a_new_row_is_on_the_page() -> None:
    new = Fault("time-odd", "{header} is <odd> | *bent", "RFC 9999 1", 499)
    text = "{header} is &#60;odd> &#124; &#42;bent"
    assert page([*FAULTS.values(), new]) == (
        f"{page(FAULTS.values())}| `time-odd` | {text} | RFC 9999 1 | 499 | typed value |\n"
    )


def test_every_tuple_of_faults_is_in_the_table() -> None:
    """And no code is there twice, for the later row would take the place of the earlier one."""
    tuples = [rows for name, rows in vars(errors).items() if name.endswith("_FAULTS")]
    assert TOKENIZER_FAULTS in tuples
    assert sorted(fault for rows in tuples for fault in rows) == sorted(FAULTS.values())
