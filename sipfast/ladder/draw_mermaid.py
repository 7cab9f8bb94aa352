"""A ladder as a sequence diagram of Mermaid.

Every character that its grammar may give a meaning is written as an entity, such as ``#59;``.
"""

from __future__ import annotations

import re

from .._visible import visible
from .model import Arrow, Ladder
from .words import meanings

__all__ = ["drawn"]

_MEANINGFUL = re.compile(r"[^A-Za-z0-9 ._/()\-\u3000-\ufaff]")
_END = re.compile(r"\be(?=nd\b)", re.IGNORECASE)


def drawn(ladder: Ladder) -> str:
    """The text of the diagram."""
    lines = ["sequenceDiagram"]
    if not ladder.hosts:
        lines.append("    participant h1 as _")
    for number, host in enumerate(ladder.hosts, 1):
        lines.append(f"    participant h{number} as {_escaped(host.label)}")
    lines += map(_line, ladder.arrows)
    return "\n".join(lines) + "\n"


def _line(arrow: Arrow) -> str:
    shaft = "->>" if arrow.kind in ("request", "unparsable") else "-->>"
    marks = ", ".join(meanings(arrow, "en"))
    text = f"{arrow.text} - {marks}" if marks else arrow.text
    return f"    h{arrow.source + 1}{shaft}h{arrow.target + 1}: {_escaped(text)}"


def _escaped(text: str) -> str:
    # "end" closes a block wherever it is a word.
    text = _MEANINGFUL.sub(lambda found: f"#{ord(found[0])};", visible(text))
    return _END.sub(lambda found: f"#{ord(found[0])};", text) or "_"
