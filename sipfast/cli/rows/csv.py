"""Cells of CSV (RFC 4180), of which none is a formula for a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..screen.text import portable

__all__ = ["cell", "harmless", "harmless_texts", "line"]

_FIRST = "=@+-\uff1d\uff20\uff0b\uff0d\t\r\n"
"""The characters that begin a formula; the wide forms of =, @, + and - are taken for these."""
_NUMBER = "^[+\uff0b\uff0d-][0-9]+(?:\\.[0-9]+)?$"
"""A telephone number, or any number, which stays one: for `re`, and for RE2 of pyarrow."""

_is_number = re.compile(_NUMBER).fullmatch


def line(values: Iterable[Any]) -> bytes:
    """The line of a row, in UTF-8."""
    return (",".join(map(cell, values)) + "\n").encode()


def cell(value: Any) -> str:
    """A value as a cell: null, a number, a boolean, a text, or texts.

    Null is empty. Texts, and so times, are quoted, so that an empty one differs from null.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else ";".join(value)
    return '"' + harmless(portable(text)).replace('"', '""') + '"'


def harmless(text: str) -> str:
    """A text with an apostrophe before what a spreadsheet would take for a formula.

    The text comes from a message, and so from anyone. "+442079460123" is left as it is: as a
    formula, it is a number.
    """
    return "'" + text if text and text[0] in _FIRST and not _is_number(text) else text


def harmless_texts(texts: Any) -> Any:
    """The same of each text of an array of pyarrow's."""
    import pyarrow
    from pyarrow import compute

    is_formula = compute.is_in(compute.utf8_slice_codeunits(texts, 0, 1), pyarrow.array([*_FIRST]))
    if not compute.any(is_formula).as_py():
        return texts
    is_formula = compute.and_not(is_formula, compute.match_substring_regex(texts, _NUMBER))
    return compute.if_else(is_formula, compute.utf8_replace_slice(texts, 0, 0, "'"), texts)
