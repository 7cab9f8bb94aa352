"""Cells of CSV that a spreadsheet would run as formulas."""

from __future__ import annotations

import re

__all__ = ["FIRST", "NUMBER", "harmless"]

FIRST = "=@+-\uff1d\uff20\uff0b\uff0d\t\r\n"
"""The characters that begin a formula; the wide forms of =, @, + and - are taken for these."""
NUMBER = "^[+\uff0b\uff0d-][0-9]+(?:\\.[0-9]+)?$"
"""A telephone number, or any number, which stays one: for `re`, and for RE2 of pyarrow."""

_IS_NUMBER = re.compile(NUMBER).fullmatch


def harmless(text: str) -> str:
    """A text with an apostrophe before what a spreadsheet would take for a formula.

    The text comes from a message, and so from anyone. "+442079460123" is left as it is: as a
    formula, it is a number.
    """
    return "'" + text if text and text[0] in FIRST and not _IS_NUMBER(text) else text
