"""The fault codes: as values of options, and as a list."""

from __future__ import annotations

import difflib

import click
from rich.console import Console
from rich.text import Text

from ....errors import FAULTS
from ...screen.console import words_of
from ...screen.text import shortened
from ...screen.words import Words

__all__ = ["known_codes", "print_codes"]


def known_codes(
    ctx: click.Context, param: click.Parameter, codes: tuple[str, ...]
) -> tuple[str, ...]:
    """The codes, each of which must be one of `FAULTS`: the callback of an option."""
    for code in codes:
        if code not in FAULTS:
            raise click.BadParameter(_unknown(code, words_of(ctx)), ctx, param)
    return codes


def _unknown(asked: str, words: Words) -> str:
    near = difflib.get_close_matches(asked.lower()[:64], FAULTS)
    known = words.did_you_mean.format(words.or_these.join(near)) if near else words.see_list
    return words.unknown_code.format(shortened(asked)) + known


def print_codes(screen: Console, words: Words) -> None:
    """Print every row of `FAULTS`."""
    width = max(map(len, FAULTS))
    longest = max(len(words.severity(fault.severity)) for fault in FAULTS.values())
    for fault in FAULTS.values():
        code = f"{fault.code:{width}}"
        what = fault.text_zh if words.language == "zh" else fault.text
        severity = words.severity(fault.severity)
        text = Text.assemble((code, "name"), f"  {severity:{longest}}  {fault.status or '-':>3}  ")
        whole = words.parenthesis.format("", fault.rfc)
        screen.print(text.append(what).append(whole, "quiet"), soft_wrap=True)
