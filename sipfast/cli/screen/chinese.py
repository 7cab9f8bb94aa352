"""Help in Chinese, by the cells that its characters take."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click
from rich.cells import cell_len

from .words import WORDS
from .wrapping import wrapped

__all__ = ["ChineseHelp"]

_HELP = re.compile(r"(.*?)(?:  \[(default: )?(.*)\])?", re.DOTALL)
_GAP = 2
"""The columns between an option and its text."""


class ChineseHelp(click.HelpFormatter):
    """Translates what click writes, and wraps it by cells."""

    words = WORDS["zh"]

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for english in ("[OPTIONS]", "COMMAND [ARGS]..."):
            args = args.replace(english, self.words.usage(english))
        super().write_usage(prog, args, self.words.usage("Usage: "))

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{self.words.usage(heading)}：\n")

    def write_text(self, text: str) -> None:
        paragraphs = [self.words.help(" ".join(part.split())) for part in text.split("\n\n")]
        for at, paragraph in enumerate(paragraphs):
            if at:
                self.write_paragraph()
            for line in wrapped(paragraph, self.width - self.current_indent):
                self.write(f"{'':>{self.current_indent}}{line}\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = _GAP
    ) -> None:
        rows = list(rows)
        margin = min(max(cell_len(name) for name, _ in rows), col_max) + col_spacing
        for name, english in rows:
            match = _HELP.fullmatch(english)
            assert match is not None  # its second half is optional
            text = self.words.help(match[1])
            if match[3]:
                form = self.words.default if match[2] else "（{}）"
                text += form.format(match[3].replace("; ", "，").replace("required", "必填"))
            head = f"{'':>{self.current_indent}}{name}"
            if cell_len(name) > margin - col_spacing:
                self.write(f"{head}\n")
                head = ""
            for line in wrapped(text, max(self.width - self.current_indent - margin, 10)):
                self.write(f"{head:{self.current_indent + margin}}{line}\n")
                head = ""
