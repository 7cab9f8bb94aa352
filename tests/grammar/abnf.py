"""ABNF (RFC 5234, RFC 7405) as nodes, with three additions for header fields.

- ``1#rule`` and ``#rule``: a comma list of at least one element, or of none too.
- ``<rule but "a" "b">``: the words of a rule, without these.
- A *generic* rule (`GENERIC`) among alternatives has another name than those beside it: where
  ``"tag" EQUAL token`` is one, ``tag=`` is malformed, although it is a generic parameter too.

Characters are the bytes of a message, as the characters of Latin-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

FOLDER = Path(__file__).parent
GENERIC = frozenset(
    {"generic-param", "plain-param", "auth-param", "other-param", "tel-parameter", "pani-param"}
)
"""The rules of parameters with any name: a name first, which is a word of characters."""
DEEPEST = 3
"""A rule within itself is followed so far: comments in comments."""


@dataclass(frozen=True, eq=False)
class Set:
    """One character of several."""

    characters: frozenset[str]


@dataclass(frozen=True, eq=False)
class Sequence:
    """One node after the other; the empty text if there is none."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Choice:
    """One of several nodes."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Repeat:
    """A node again and again, with `separator` between."""

    node: Node
    least: int
    most: int | None
    separator: Node | None = None


@dataclass(frozen=True, eq=False)
class Reference:
    """A rule by its name."""

    name: str


@dataclass(frozen=True, eq=False)
class But:
    """The words of a rule without some of them, in any case of letters."""

    name: str
    words: tuple[str, ...]


Node: TypeAlias = Set | Sequence | Choice | Repeat | Reference | But

_MARK = re.compile(
    r"""\s*(?: (?P<comment> ;[^\n]* )
    | %s (?P<exact> "[^"]*" )
    | (?P<string> "[^"]*" )
    | %x (?P<codes> [0-9A-Fa-f]+ (?: -[0-9A-Fa-f]+ | (?: \.[0-9A-Fa-f]+ )* ) )
    | < (?P<but> [A-Za-z0-9-]+ \s+ but (?: \s+ "[^"]+" )+ ) \s* >
    | (?P<name> [A-Za-z][A-Za-z0-9-]* )
    | (?P<list> \d* \# )
    | (?P<times> \d* \* \d* | \d+ )
    | (?P<mark> [()\[\]/] )
    )""",
    re.VERBOSE,
)
_RULE = re.compile(
    r"^([A-Za-z][A-Za-z0-9-]*)[ \t]*=[ \t]*((?:.*\n)(?:(?:[ \t].*)?\n)*)", re.MULTILINE
)


class Grammar:
    """Rules by their names."""

    def __init__(self, *texts: str) -> None:
        self.rules: dict[str, Node] = {}
        for text in texts:
            self.rules |= dict(_rules(text))
        for name, node in [*self.rules.items()]:
            self.rules[name] = self._apart(node)
        if missing := self.missing:
            raise ValueError(f"no rules for {sorted(missing)}")

    @classmethod
    def of(cls, *names: str) -> Grammar:
        """The rules of files of this folder; a later one replaces an earlier one."""
        return cls(*[(FOLDER / f"{name}.abnf").read_text(encoding="utf-8") for name in names])

    @cached_property
    def missing(self) -> set[str]:
        """What is referred to and is no rule."""
        named = {name for node in self.rules.values() for name in _names(node)}
        return named - self.rules.keys()

    def _apart(self, node: Node) -> Node:
        """The same node, in which generic rules have other names than those beside them."""
        if isinstance(node, Sequence):
            return Sequence(tuple(self._apart(part) for part in node.nodes))
        if isinstance(node, Repeat):
            return Repeat(self._apart(node.node), node.least, node.most, node.separator)
        if isinstance(node, Reference) and node.name in GENERIC:
            return self._without(node, ())
        if not isinstance(node, Choice):
            return node
        parts = [part if isinstance(part, Reference) else self._apart(part) for part in node.nodes]
        if any(isinstance(part, Reference) and part.name in GENERIC for part in parts):
            names = tuple(sorted({word for part in node.nodes for word in self._first_words(part)}))
            parts = [self._without(part, names) for part in parts]
        return Choice(tuple(parts))

    def _without(self, node: Node, names: tuple[str, ...]) -> Node:
        if not (isinstance(node, Reference) and node.name in GENERIC):
            return node
        rule = self.rules[node.name]
        name, *rest = rule.nodes if isinstance(rule, Sequence) else (rule,)
        if not isinstance(name, Reference):
            raise ValueError(f"{node.name} does not begin with the rule of its name")
        return Sequence((But(name.name, names), *rest))

    def _first_words(self, node: Node) -> Iterator[str]:
        """The fixed words with which a parameter may begin."""
        if isinstance(node, Reference):
            if node.name not in GENERIC:
                yield from self._first_words(self.rules[node.name])
        elif isinstance(node, Choice):
            for part in node.nodes:
                yield from self._first_words(part)
        elif isinstance(node, Sequence):
            word = ""
            for part in node.nodes:
                if isinstance(part, Reference) and part.name == "SWS":
                    continue
                if not isinstance(part, Set) or not _is_letter(part):
                    break
                word += min(part.characters).lower()
            else:
                part = Sequence(())
            if word:
                yield word.rstrip("=")
            elif node.nodes and not isinstance(node.nodes[0], (Set, Repeat)):
                yield from self._first_words(node.nodes[0])


def _is_letter(node: Set) -> bool:
    return len({character.lower() for character in node.characters}) == 1


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, (Reference, But)):
        yield node.name
    elif isinstance(node, (Sequence, Choice)):
        for part in node.nodes:
            yield from _names(part)
    elif isinstance(node, Repeat):
        yield from _names(node.node)
        if node.separator:
            yield from _names(node.separator)


def _rules(text: str) -> Iterator[tuple[str, Node]]:
    for found in _RULE.finditer(text + "\n"):
        reader = _Reader(found[1], found[2])
        node = reader.choice()
        if reader.marks:
            raise ValueError(f"{found[1]}: left over {reader.marks[:3]}")
        yield found[1], node


class _Reader:
    """Reads the right side of a rule."""

    def __init__(self, name: str, text: str) -> None:
        self.marks: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = _MARK.match(text, at)
            if not found:
                raise ValueError(f"{name}: what is {text[at : at + 20]!r}?")
            at = found.end()
            kind = str(found.lastgroup)
            if kind != "comment":
                self.marks.append((kind, found[kind]))

    def _is(self, *kinds: str) -> bool:
        return bool(self.marks) and self.marks[0][0] in kinds

    def _at(self, *marks: str) -> bool:
        return self._is("mark") and self.marks[0][1] in marks

    def choice(self) -> Node:
        nodes = [self._sequence()]
        while self._at("/"):
            del self.marks[0]
            nodes.append(self._sequence())
        return _chosen(nodes)

    def _sequence(self) -> Node:
        nodes: list[Node] = []
        while self.marks and not self._at("/", ")", "]"):
            node = self._element()
            nodes += node.nodes if isinstance(node, Sequence) else [node]
        return nodes[0] if len(nodes) == 1 else Sequence(tuple(nodes))

    def _element(self) -> Node:
        kind, text = self.marks.pop(0)
        if kind == "list":
            return _listed(self._element(), int(text[:-1] or 0))
        if kind == "times":
            low, star, high = text.partition("*")
            most = (int(high) if high else None) if star else int(low)
            return Repeat(self._element(), int(low or 0), most)
        if kind == "string":
            return _word(text[1:-1])
        if kind == "exact":
            return _joined([frozenset(character) for character in text[1:-1]])
        if kind == "codes":
            return _codes(text)
        if kind == "name":
            return Reference(text)
        if kind == "but":
            name, _, words = text.split(maxsplit=2)
            return But(name, tuple(re.findall(r'"([^"]+)"', words)))
        node = self.choice()
        del self.marks[0]
        return node if text == "(" else Repeat(node, 0, 1)


def _listed(node: Node, least: int) -> Node:
    some = Repeat(node, 1, None, Reference("COMMA"))
    return some if least else Repeat(some, 0, 1)


def _chosen(nodes: list[Node]) -> Node:
    """One of the nodes; single characters become one set."""
    sets = [node.characters for node in nodes if isinstance(node, Set)]
    if len(sets) > 1:
        rest = [node for node in nodes if not isinstance(node, Set)]
        nodes = [Set(frozenset().union(*sets)), *rest]
    return nodes[0] if len(nodes) == 1 else Choice(tuple(nodes))


def _word(text: str) -> Node:
    """A word in any case of letters."""
    return _joined([frozenset({character.lower(), character.upper()}) for character in text])


def _codes(text: str) -> Node:
    low, dash, high = text.partition("-")
    if dash:
        return Set(frozenset(map(chr, range(int(low, 16), int(high, 16) + 1))))
    return _joined([frozenset(chr(int(code, 16))) for code in text.split(".")])


def _joined(sets: list[frozenset[str]]) -> Node:
    return Set(sets[0]) if len(sets) == 1 else Sequence(tuple(map(Set, sets)))


def word_characters(grammar: Grammar, name: str) -> tuple[Node, Node]:
    """The first character of the words of a rule, and the others."""
    node = resolved(grammar, Reference(name))
    if isinstance(node, Repeat) and node.least == 1 and node.most is None:
        return node.node, node.node
    if isinstance(node, Sequence) and len(node.nodes) == 2:
        first, rest = node.nodes
        if isinstance(rest, Repeat) and rest.least == 0 and rest.most is None:
            return first, rest.node
    raise ValueError(f"{name} has no words of characters")


def resolved(grammar: Grammar, node: Node) -> Node:
    """The node behind references."""
    while isinstance(node, Reference):
        node = grammar.rules[node.name]
    return node


def split_set(grammar: Grammar, node: Node) -> tuple[frozenset[str], tuple[Node, ...]]:
    """The single characters that a node allows, and what else it does."""
    node = resolved(grammar, node)
    if isinstance(node, Set):
        return node.characters, ()
    if not isinstance(node, Choice):
        return frozenset(), (node,)
    characters: frozenset[str] = frozenset()
    others: list[Node] = []
    for part in node.nodes:
        of_part, rest = split_set(grammar, part)
        characters |= of_part
        others += rest
    return characters, tuple(others)
