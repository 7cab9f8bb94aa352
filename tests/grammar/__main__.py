"""Values by the million: `PYTHONPATH=tests:. python -m grammar --values 1000000`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from random import Random
from typing import Any

from sipfast._engine import Engine, load

from .fields import RULES
from .judging import (
    edited_value,
    is_silent,
    is_tolerated,
    said,
    value,
    where_it_leaves,
    wrong_of_value,
)


class Run:
    """Counts, and the examples of what is wrong."""

    def __init__(self, engine: Engine, other: Engine | None) -> None:
        self.engine = engine
        self.other = other
        """An engine that must say the same."""
        self.counts: Counter[str] = Counter()
        self.wrong: defaultdict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        """What is wrong, and the shortest example for each two characters at the fault."""

    def values(self, field: str, random: Random, count: int) -> None:
        for _ in range(count):
            text = value(field, random)
            self.counts["values"] += 1
            self._compare(field, text)
            for each in wrong_of_value(self.engine, field, text):
                self._add(f"{field}: {each.severity} {each.code}", each.offset, text)

    def edits(self, field: str, random: Random, count: int) -> None:
        for _ in range(count):
            text = edited_value(field, random)
            self.counts["edits"] += 1
            if text is None:
                self.counts["edits within the grammar"] += 1
                continue
            self._compare(field, text)
            if said(self.engine, field, text):
                self.counts["edits named"] += 1
            elif is_tolerated(field, text):
                self.counts["edits tolerated"] += 1
            elif is_silent(self.engine, field, text):
                self._add(f"{field}: silent", where_it_leaves(field, text), text)

    def _compare(self, field: str, text: str) -> None:
        if self.other is None:
            return
        mine, theirs = said(self.engine, field, text), said(self.other, field, text)
        if mine != theirs:
            self._add(f"{field}: engines differ", min({*mine} ^ {*theirs}).offset, text)

    def _add(self, what: str, at: int, text: str) -> None:
        self.counts["wrong"] += 1
        examples = self.wrong[what]
        kind = text[max(0, at - 1) : at + 1]
        if kind not in examples or len(text) < len(examples[kind][1]):
            examples[kind] = (at, text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="grammar", description=__doc__)
    parser.add_argument("--values", type=int, default=100_000, help="values of the grammar")
    parser.add_argument("--edits", type=int, default=0, help="texts after an edit")
    parser.add_argument("--show", type=int, default=5, help="examples of each fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=["native", "pure", "both"], default="native")
    parser.add_argument("field", nargs="*", help="header fields; all if none is named")
    given: Any = parser.parse_args()
    fields = given.field or RULES
    run = Run(
        load("native" if given.engine == "both" else given.engine),
        load("pure") if given.engine == "both" else None,
    )
    begun = time.process_time()
    for field in fields:
        random = Random(f"{given.seed} {field}")
        run.values(field, random, -(-given.values // len(fields)))
        run.edits(field, random, -(-given.edits // len(fields)))
    for what, examples in sorted(run.wrong.items()):
        print(what)
        for at, text in sorted(examples.values(), key=lambda found: len(found[1]))[: given.show]:
            print(f"    byte {at} of {text!r}")
    counts = ", ".join(f"{number} {what}" for what, number in run.counts.items())
    print(f"{counts}; {time.process_time() - begun:.0f} s of CPU on {given.engine}")
    sys.exit(1 if run.wrong else 0)


if __name__ == "__main__":
    main()
