"""Texts of a grammar, chosen at random."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from urllib.parse import unquote

from .abnf import DEEPEST, But, Choice, Grammar, Node, Reference, Repeat, Sequence, Set, resolved

Draw = Callable[["Drawing"], str]

USUAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
LONGEST_RUN = 8
"""Characters beyond the least of a run of them."""
MOST_TIMES = 3
"""Times beyond the least of what is longer than a character."""
LIKELY = {
    "LWS": (" ", 0.9),
    "SWS": ("", 0.9),
}
"""Rules that are usually one text; else they are as the grammar has them."""
FAVOURED = {"SIP-URI": 6, "SIPS-URI": 2, "hostname": 3, "name-addr": 3, "token": 2}
"""How much more often a rule is chosen than others beside it."""


class Drawing:
    """The choices of one text."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.names: set[str] = set()
        """The names of generic parameters so far: each is another one."""
        self.taken: list[set[int]] = [set()]
        """The named parameters that the innermost repetitions have chosen: none is repeated."""


class Drawer:
    """Draws texts of one rule."""

    def __init__(self, grammar: Grammar, rule: str) -> None:
        self._grammar = grammar
        self._open: dict[str, int] = {}
        self._known: dict[str, Draw] = {}
        self._draw = self._of(Reference(rule))

    def __call__(self, random: Random) -> str:
        return self._draw(Drawing(random))

    def _of(self, node: Node) -> Draw:
        if isinstance(node, Set):
            return _draw_one(node)
        if isinstance(node, Sequence):
            return _draw_all([self._of(part) for part in node.nodes])
        if isinstance(node, Choice):
            return self._of_choice(node)
        if isinstance(node, Repeat):
            return self._of_repeat(node)
        if isinstance(node, But):
            return _draw_name(self._of(Reference(node.name)), node.words)
        return self._of_rule(node.name)

    def _of_rule(self, name: str) -> Draw:
        if name in self._known:
            return self._known[name]
        depth = self._open.get(name, 0)
        if depth == DEEPEST:
            return _draw_nothing
        self._open[name] = depth + 1
        draw = self._of(self._grammar.rules[name])
        if name in LIKELY:
            draw = _draw_likely(draw, *LIKELY[name])
        self._open[name] = depth
        if not any(self._open.values()):
            self._known[name] = draw
        return draw

    def _of_choice(self, node: Choice) -> Draw:
        parts = [part for part in node.nodes if not self._is_too_deep(part)]
        draws = [self._of(part) for part in parts]
        weights = [
            FAVOURED.get(part.name, 1) if isinstance(part, Reference) else 1 for part in parts
        ]
        order = [index for index, weight in enumerate(weights) for _ in range(weight)]
        generic = [index for index, part in enumerate(parts) if self._is_generic(part)]
        if generic:
            return _draw_parameter(draws, generic[0])
        return lambda drawing: draws[order[int(drawing.random.random() * len(order))]](drawing)

    def _is_too_deep(self, node: Node) -> bool:
        return isinstance(node, Reference) and self._open.get(node.name, 0) >= DEEPEST

    def _is_generic(self, node: Node) -> bool:
        node = resolved(self._grammar, node)
        return isinstance(node, Sequence) and bool(node.nodes) and isinstance(node.nodes[0], But)

    def _of_repeat(self, node: Repeat) -> Draw:
        if isinstance(node.node, (Set, Reference)) and not node.separator:
            inner = resolved(self._grammar, node.node)
            if isinstance(inner, Set):
                return _draw_run(inner, node.least, node.most)
        draw = self._of(node.node)
        separator = self._of(node.separator) if node.separator else _draw_nothing
        return _draw_times(draw, separator, node.least, node.most)


def _draw_nothing(drawing: Drawing) -> str:
    return ""


def _draw_one(node: Set) -> Draw:
    characters = sorted(node.characters)
    count = len(characters)
    if count == 1:
        only = characters[0]
        return lambda drawing: only
    if len({character.lower() for character in characters}) == 1:  # of a word in any case
        lower, upper = characters[1], characters[0]
        return lambda drawing: upper if drawing.random.random() < 0.1 else lower
    return lambda drawing: characters[int(drawing.random.random() * count)]


def _draw_all(draws: list[Draw]) -> Draw:
    return lambda drawing: "".join([draw(drawing) for draw in draws])


def _draw_likely(draw: Draw, usual: str, share: float) -> Draw:
    return lambda drawing: usual if drawing.random.random() < share else draw(drawing)


def _draw_run(node: Set, least: int, most: int | None) -> Draw:
    every = sorted(node.characters)
    usual = sorted(node.characters & USUAL) or every
    longest = least + LONGEST_RUN if most is None else min(most, least + LONGEST_RUN)

    def draw(drawing: Drawing) -> str:
        random = drawing.random
        count = least + int(random.random() ** 2 * (longest - least + 1))
        some = usual if random.random() < 0.7 else every
        return "".join([some[int(random.random() * len(some))] for _ in range(count)])

    return draw


def _draw_times(draw: Draw, separator: Draw, least: int, most: int | None) -> Draw:
    longest = least + MOST_TIMES if most is None else min(most, least + MOST_TIMES)

    def draw_times(drawing: Drawing) -> str:
        random = drawing.random
        count = least
        while count < longest and random.random() < 0.4:
            count += 1
        drawing.taken.append(set())
        parts = []
        for number in range(count):
            if number:
                parts.append(separator(drawing))
            parts.append(draw(drawing))
        drawing.taken.pop()
        return "".join(parts)

    return draw_times


def _draw_name(draw: Draw, words: tuple[str, ...]) -> Draw:
    """A name that no other parameter of the text has."""

    def draw_name(drawing: Drawing) -> str:
        name = draw(drawing)
        while (key := unquote(name).lower()) in words or key in drawing.names:
            name += "z"
        drawing.names.add(key)
        return name

    return draw_name


def _draw_parameter(draws: list[Draw], generic: int) -> Draw:
    """A parameter, which is none of the named ones that the repetition has already."""

    def draw(drawing: Drawing) -> str:
        taken = drawing.taken[-1]
        index = int(drawing.random.random() * len(draws))
        if index in taken:
            index = generic
        elif index != generic:
            taken.add(index)
        return draws[index](drawing)

    return draw
