"""Whether a text is in a grammar: states of an automaton, made as texts need them.

A text costs time linear in its length: one look-up a byte where the state is known, and where it
is not, a step of all the states that it may be in.
"""

from __future__ import annotations

from collections.abc import Iterable

from .abnf import (
    DEEPEST,
    But,
    Choice,
    Grammar,
    Node,
    Reference,
    Repeat,
    Sequence,
    Set,
    split_set,
    word_characters,
)


class _State:
    """A set of positions in the grammar."""

    __slots__ = ("accepts", "next", "positions")

    def __init__(self, positions: tuple[int, ...], accepts: bool) -> None:
        self.positions = positions
        self.accepts = accepts
        self.next: dict[str, _State | None] = {}


class Automaton:
    """The texts of one rule, with whitespace around them."""

    def __init__(self, grammar: Grammar, rule: str) -> None:
        self._grammar = grammar
        self._empty: list[list[int]] = []
        """The positions that need no character, of each position."""
        self._moves: list[tuple[frozenset[str], int] | None] = []
        """The characters that lead from a position to another."""
        self._open: dict[str, int] = {}
        start, self._end = self._position(), self._position()
        space = Reference("SWS")
        self._add(Sequence((space, Reference(rule), space)), start, self._end)
        self._states: dict[tuple[int, ...], _State] = {}
        self._start = self._state([start])

    def matches(self, text: str) -> bool:
        """Whether the whole text is in the grammar."""
        return self.fault(text) is None

    def fault(self, text: str) -> int | None:
        """The first character with which the text leaves the grammar; None if it does not."""
        state = self._start
        for at, character in enumerate(text):
            try:
                following = state.next[character]
            except KeyError:
                following = state.next[character] = self._after(state, character)
            if following is None:
                return at
            state = following
        return None if state.accepts else len(text)

    def _after(self, state: _State, character: str) -> _State | None:
        reached = []
        for position in state.positions:
            move = self._moves[position]
            if move and character in move[0]:
                reached.append(move[1])
        return self._state(reached) if reached else None

    def _state(self, positions: Iterable[int]) -> _State:
        """The state of these positions, and of those that need no character after them."""
        reached = set(positions)
        waiting = [*reached]
        while waiting:
            for position in self._empty[waiting.pop()]:
                if position not in reached:
                    reached.add(position)
                    waiting.append(position)
        moving = tuple(
            sorted(place for place in reached if self._moves[place] or place == self._end)
        )
        state = self._states.get(moving)
        if state is None:
            state = self._states[moving] = _State(moving, self._end in reached)
        return state

    def _position(self) -> int:
        self._empty.append([])
        self._moves.append(None)
        return len(self._empty) - 1

    def _add(self, node: Node, start: int, end: int) -> None:
        """Lead from `start` to `end` with the texts of a node."""
        if isinstance(node, Set):
            middle = self._position()
            self._empty[start].append(middle)
            self._moves[middle] = (node.characters, end)
        elif isinstance(node, Sequence):
            self._add_all(node.nodes, start, end)
        elif isinstance(node, Choice):
            for part in node.nodes:
                self._add(part, start, end)
        elif isinstance(node, Repeat):
            self._add_repeat(node, start, end)
        elif isinstance(node, But):
            first, rest = word_characters(self._grammar, node.name)
            self._add_but(first, rest, [word.lower() for word in node.words], "", start, end)
        else:
            depth = self._open.get(node.name, 0)
            if depth < DEEPEST:
                self._open[node.name] = depth + 1
                self._add(self._grammar.rules[node.name], start, end)
                self._open[node.name] = depth

    def _add_all(self, nodes: tuple[Node, ...], start: int, end: int) -> None:
        for node in nodes:
            following = self._position()
            self._add(node, start, following)
            start = following
        self._empty[start].append(end)

    def _add_repeat(self, node: Repeat, start: int, end: int) -> None:
        for count in range(node.least or 0):
            start = self._once(node, start, count)
        if node.most is None:
            loop = self._position()
            self._empty[start].append(loop)
            self._empty[loop].append(end)
            self._empty[self._once(node, loop, node.least)].append(loop)
            return
        for count in range(node.least, node.most):
            self._empty[start].append(end)
            start = self._once(node, start, count)
        self._empty[start].append(end)

    def _once(self, node: Repeat, start: int, count: int) -> int:
        if node.separator and count:
            following = self._position()
            self._add(node.separator, start, following)
            start = following
        following = self._position()
        self._add(node.node, start, following)
        return following

    def _add_but(
        self, first: Node, rest: Node, words: list[str], begun: str, start: int, end: int
    ) -> None:
        """Words that begin as some of `words` do, and go on in another way or end before."""
        left = [word for word in words if word.startswith(begun)]
        if begun and begun not in left:
            self._empty[start].append(end)
        characters, others = split_set(self._grammar, rest if begun else first)
        following = {word[len(begun)] for word in left if len(word) > len(begun)}
        for character in following:
            middle = self._position()
            self._add(Set(frozenset({character, character.upper()})), start, middle)
            self._add_but(first, rest, left, begun + character, middle, end)
        after = self._position()
        free = frozenset(one for one in characters if one.lower() not in following)
        for part in (Set(free), *others):
            self._add(part, start, after)
        self._add(Repeat(rest, 0, None), after, end)
