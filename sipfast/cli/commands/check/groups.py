"""``--group-by``: the faults by code, call, user agent or file.

Memory is bounded: the names of calls and agents are chosen by senders, so only the first of them
get a group each, and the rest is counted together.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from ....errors import Severity
from ...reading import agent_of, as_far_as_readable, kind_of, texts_of_any
from ...screen.text import portable, shortened, visible
from ...screen.words import Words
from .find import Found
from .report import described, in_full, row_of

__all__ = ["BY", "Groups"]

_MOST_GROUPS = 4096
_MOST_KINDS = 20_000
_LONGEST = 256


def _call(found: Found) -> str | None:
    message = as_far_as_readable(found.datagram, found.outcome)
    return None if message is None else message.call_id


def _agent(found: Found) -> str | None:
    message = as_far_as_readable(found.datagram, found.outcome)
    return None if message is None else agent_of(message)


BY: dict[str, Callable[[Found], str | None]] = {
    "code": lambda found: found.fault.code,
    "call": _call,
    "agent": _agent,
    "file": lambda found: found.file,
}


@dataclass
class _Kind:
    """The faults of a group with one text."""

    severity: Severity
    row: dict[str, Any]
    described: str
    count: int = 0


@dataclass
class _Group:
    """The faults with one code, call, agent or file; `name` is None where there is none."""

    name: str | None
    messages: int = 0
    last: tuple[str, int] | None = None
    kinds: dict[tuple[str, str | None], _Kind] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(kind.count for kind in self.kinds.values())


class Groups:
    """Takes faults, and prints the groups at the end: the largest first."""

    def __init__(self, by: str, screen: Console, words: Words, *, as_json: bool) -> None:
        self._by = by
        self._name = BY[by]
        self._screen = screen
        self._words = words
        self._print = self._print_json if as_json else self._print_text
        self._groups: dict[str | None, _Group] = {}
        self._others = _Group(words.other_groups)
        self._kinds = 0

    def note(self, line: str) -> None:
        """Standard error has it."""

    def fault(self, found: Found) -> None:
        fault = found.fault
        name = self._name(found)
        name = name and shortened(name, _LONGEST)
        key = kind_of(fault.code, fault.header)
        group = self._groups.get(name)
        if group is None or key not in group.kinds:
            full = self._kinds >= _MOST_KINDS or len(self._groups) >= _MOST_GROUPS
            if group is None:
                group = self._others if full else self._groups.setdefault(name, _Group(name))
            elif full:
                key = fault.code, None
        kind = group.kinds.get(key)
        if kind is None:
            self._kinds += 1
            shown = described(fault, self._words)
            kind = group.kinds[key] = _Kind(fault.severity, row_of(found), shown)
        kind.count += 1
        if kind.row["header"] != (fault.header and portable(fault.header)):
            kind.row["header"] = None
            kind.row["text"], kind.row["text_zh"] = texts = texts_of_any(fault.code)
            kind.described = in_full(texts[self._words.language == "zh"], fault, self._words)
        at = found.file, found.message
        group.messages += at != group.last
        group.last = at

    def close(self) -> None:
        groups = sorted(self._groups.values(), key=lambda group: (-group.count, group.name or ""))
        for group in [*groups, self._others]:
            if group.kinds:
                self._print(group, sorted(group.kinds.values(), key=lambda kind: -kind.count))

    def _print_text(self, group: _Group, kinds: list[_Kind]) -> None:
        words = self._words
        name = words.nameless if group.name is None else visible(group.name)
        counts = words.faults_in_messages.format(
            words.faults(group.count), words.messages(group.messages)
        )
        self._line(Text.assemble((name, "name"), f"  {counts}"))
        width = len(f"{kinds[0].count:,}")
        for kind in kinds:
            row = kind.row
            style = "error" if kind.severity == "error" else "defect"
            code = "" if self._by == "code" else f"{row['code']}: "
            first = visible(f"{row['file']}:{row['message']}:{row['byte']}")
            self._line(
                Text.assemble(
                    (f"  {kind.count:>{width},}  {words.severity(kind.severity)}: {code}", style),
                    f"{kind.described}  ",
                    (words.first_at.format(first), "quiet"),
                )
            )

    def _line(self, text: Text) -> None:
        self._screen.print(text, soft_wrap=True)

    def _print_json(self, group: _Group, kinds: list[_Kind]) -> None:
        severities: Counter[Severity] = Counter()
        for kind in kinds:
            severities[kind.severity] += kind.count
        row = {
            "by": self._by,
            "name": None if group.name is None else portable(group.name),
            "others": group is self._others,
            "faults": group.count,
            "messages": group.messages,
            "errors": severities["error"],
            "warnings": severities["warning"],
            "kinds": [{"count": kind.count, **kind.row} for kind in kinds],
        }
        self._screen.file.write(json.dumps(row) + "\n")
