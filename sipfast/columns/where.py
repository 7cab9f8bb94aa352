"""The expression that selects rows: ``status >= 400 and from_user == 'alice'``.

`parse` makes a tree of tuples from its text, which both engines evaluate; nothing of it is ever run
as code. The logic is that of SQL: a test of null is null, and a row is selected if the whole is
true.

    ("and", left, right)            ("or", left, right)             ("not", test)
    ("compare", op, column, constant)                               op: = != < <= > >=
    ("in", column, (constant, ...)) ("like", column, pattern)       ("null", column)

A constant is str, int or bool, of the type of its column; a time is its nanoseconds since 1970.
For a list, `=`, `in` and `like` are true if they are of any of its items.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from .names import BOOL, TEXT, TEXTS, TIME, Column, ColumnError, column_of

__all__ = ["Tree", "WhereError", "compiled", "evaluate", "named_in", "parse"]

Tree = tuple[Any, ...]

LONGEST = 1024 * 1024
"""The characters that an expression may have."""
MOST_TESTS = 1024
"""The tests of columns that it may have."""
DEEPEST = 64
"""How deep its parentheses, and its `not`s, may be nested."""
BITS = 1 << 63


class WhereError(ValueError):
    """A fault of an expression.

    Attributes:
        message: the fault.
        offset: the character of the expression at which it is, from 0.
        expression: the expression.
    """

    def __init__(self, message: str, offset: int, expression: str) -> None:
        super().__init__(message, offset, expression)
        self.message = message
        self.offset = offset
        self.expression = expression

    def __str__(self) -> str:
        return f"{self.message} (character {self.offset + 1})"

    @property
    def shown(self) -> str:
        """The part of the expression with the fault, and below it an arrow to the place."""
        begin = max(self.offset - 40, 0)
        line = self.expression[begin : self.offset + 40]
        line = "".join([mark if mark.isprintable() else " " for mark in line])
        return f"{line}\n{' ' * (self.offset - begin)}^"


def parse(text: str) -> Tree:
    """The tree of an expression. Raises WhereError."""
    if not isinstance(text, str):
        raise TypeError(f"where must be str, not {type(text).__name__}")
    return _Parser(text).whole()


def named_in(tree: Tree) -> tuple[str, ...]:
    """The columns that an expression asks for, each once, in the order of their first tests."""
    found: dict[str, None] = {}
    pending = [tree]
    while pending:
        kind, *rest = pending.pop()
        if kind in ("and", "or", "not"):
            pending += reversed(rest)
        else:
            found[rest[1 if kind == "compare" else 0]] = None
    return tuple(found)


# ---- evaluation ----------------------------------------------------------------------------------

Test = Callable[[Mapping[str, Any]], bool | None]


def evaluate(tree: Tree, row: Mapping[str, Any]) -> bool | None:
    """What an expression says of a row, the values of its columns by name."""
    return compiled(tree)(row)


def compiled(tree: Tree) -> Test:
    """The function that evaluates an expression."""
    kind = tree[0]
    if kind in ("and", "or"):
        return _joined(compiled(tree[1]), compiled(tree[2]), decided=kind == "or")
    if kind == "not":
        inner = compiled(tree[1])

        def negated(row: Mapping[str, Any]) -> bool | None:
            found = inner(row)
            return None if found is None else not found

        return negated
    if kind == "null":
        name = tree[1]
        return lambda row: row[name] is None
    if kind == "compare":
        _, op, name, constant = tree
        if op == "!=":
            return compiled(("not", ("compare", "=", name, constant)))
        return _tested(name, _COMPARISONS[op](constant))
    if kind == "in":
        _, name, constants = tree
        return _tested(name, frozenset(constants).__contains__)
    _, name, pattern = tree
    return _tested(name, like(pattern))


def _joined(left: Test, right: Test, decided: bool) -> Test:
    """`and`, or `or`, in three-valued logic; one side that is `decided` decides the whole."""

    def test(row: Mapping[str, Any]) -> bool | None:
        first = left(row)
        if first is decided:
            return decided
        second = right(row)
        if second is decided:
            return decided
        return None if first is None or second is None else not decided

    return test


def _tested(name: str, holds: Callable[[Any], bool]) -> Test:
    def test(row: Mapping[str, Any]) -> bool | None:
        value = row[name]
        if value is None:
            return None
        if type(value) is tuple:
            return any(map(holds, value))
        return holds(value)

    return test


_COMPARISONS: dict[str, Callable[[Any], Callable[[Any], bool]]] = {
    "=": lambda constant: lambda value: bool(value == constant),
    "<": lambda constant: lambda value: bool(value < constant),
    "<=": lambda constant: lambda value: bool(value <= constant),
    ">": lambda constant: lambda value: bool(value > constant),
    ">=": lambda constant: lambda value: bool(value >= constant),
}


def like(pattern: str) -> Callable[[str], bool]:
    """The test of a pattern: `%` is any text, `_` one character.

    The pieces between the `%` are searched from left to right, each at its first place: that is
    right because the rest has the most room then, and takes one pass.
    """
    head, *pieces = pattern.split("%")
    searched = [_piece(piece) for piece in pieces if piece]
    first = _piece(head)
    if not pieces:
        return lambda text: first.fullmatch(text) is not None
    last = pieces[-1]
    if last:
        searched.pop()
    tail, tail_length = _piece(last), len(last)

    def test(text: str) -> bool:
        found = first.match(text)
        if found is None:
            return False
        at, end = found.end(), len(text) - tail_length
        for piece in searched:
            found = piece.search(text, at, max(end, at))
            if found is None:
                return False
            at = found.end()
        return at <= end and tail.match(text, end) is not None

    return test


def _piece(piece: str) -> re.Pattern[str]:
    return re.compile(".".join(map(re.escape, piece.split("_"))), re.DOTALL)


# ---- parsing -------------------------------------------------------------------------------------


class _Token(NamedTuple):
    kind: str
    """"word", "text", "number", "sign" or "end"."""
    value: Any
    at: int


_SPACE = re.compile(r"\s*")
_TOKEN = re.compile(
    r"(?P<header>headers?:[A-Za-z0-9!%*_+`~.-]+)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<number>[+-]?[0-9]+)(?![.\w])"
    r"""|(?P<text>'[^']*(?:''[^']*)*'|"[^"]*(?:""[^"]*)*")"""
    r"|(?P<sign>==|!=|<>|<=|>=|[=<>(),])"
)
_SIGNS = {"==": "=", "<>": "!="}
_FLIPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_KEYWORDS = frozenset(("and", "or", "not", "in", "like", "is", "null", "between", "true", "false"))


class _Parser:
    """A parser by recursive descent, a token at a time, whose depth is bounded."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._tests = 0
        if len(text) > LONGEST:
            raise self._fault(f"expression longer than {LONGEST} characters", LONGEST)
        self._token = self._next()

    def whole(self) -> Tree:
        if self._token.kind == "end":
            raise self._fault("empty expression", 0)
        tree = self._either()
        if self._token.kind != "end":
            raise self._unexpected("'and', 'or' or the end")
        return tree

    # ---- tokens

    def _fault(self, message: str, at: int) -> WhereError:
        return WhereError(message, at, self._text)

    def _unexpected(self, wanted: str) -> WhereError:
        token = self._token
        if token.kind == "end":
            return self._fault(f"expected {wanted} before the end", token.at)
        return self._fault(
            f"expected {wanted}, found {_shown(self._text[token.at : self._at])}", token.at
        )

    def _next(self) -> _Token:
        text = self._text
        space = _SPACE.match(text, self._at)
        at = self._at = space.end() if space else self._at
        if at == len(text):
            return _Token("end", None, at)
        found = _TOKEN.match(text, at)
        if found is None:
            if text[at] in "'\"":
                raise self._fault("string without its closing quote", at)
            if text[at].isdigit() or text[at] in "+-":
                raise self._fault("malformed number: columns have whole numbers", at)
            raise self._fault(f"unexpected {_shown(text[at])}", at)
        self._at = found.end()
        kind, value = str(found.lastgroup), found[0]
        if kind == "text":
            try:
                value.encode()
            except UnicodeEncodeError as fault:
                raise self._fault("unpaired surrogate in a string", at + fault.start) from None
            quote = value[0]
            return _Token("text", value[1:-1].replace(quote * 2, quote), at)
        if kind == "number":
            if len(value) > 20 or not -BITS <= int(value) < BITS:
                raise self._fault("number out of range", at)
            return _Token("number", int(value), at)
        if kind == "sign":
            return _Token("sign", _SIGNS.get(value, value), at)
        if kind == "word" and value.lower() in _KEYWORDS:
            return _Token("keyword", value.lower(), at)
        return _Token("column", value, at)

    def _take(self) -> _Token:
        token = self._token
        self._token = self._next()
        return token

    def _is(self, value: str, kind: str = "keyword") -> bool:
        return self._token.kind == kind and self._token.value == value

    def _took(self, value: str, kind: str = "keyword") -> bool:
        if self._is(value, kind):
            self._take()
            return True
        return False

    def _expect(self, value: str, kind: str = "sign") -> None:
        if not self._took(value, kind):
            raise self._unexpected(f"'{value}'")

    # ---- grammar

    def _either(self) -> Tree:
        return self._chain("or", self._all)

    def _all(self) -> Tree:
        return self._chain("and", self._one)

    def _chain(self, word: str, part: Callable[[], Tree]) -> Tree:
        parts = [part()]
        while self._took(word):
            parts.append(part())
        # Balanced, so that the depth is the logarithm of their number.
        while len(parts) > 1:
            pairs = [(word, *parts[at : at + 2]) for at in range(0, len(parts) - 1, 2)]
            parts = pairs + parts[len(parts) & ~1 :]
        return parts[0]

    def _one(self) -> Tree:
        token = self._token
        if self._is("not") or self._is("(", "sign"):
            self._depth += 1
            if self._depth > DEEPEST:
                raise self._fault(f"nested deeper than {DEEPEST}", token.at)
            self._take()
            if token.kind == "keyword":
                tree: Tree = ("not", self._one())
            else:
                tree = self._either()
                self._expect(")")
            self._depth -= 1
            return tree
        self._tests += 1
        if self._tests > MOST_TESTS:
            raise self._fault(f"more than {MOST_TESTS} tests", token.at)
        if token.kind == "column":
            return self._test()
        if token.kind in ("text", "number") or self._is("true") or self._is("false"):
            return self._turned()
        raise self._unexpected("the name of a column")

    def _column(self) -> Column:
        if self._token.kind != "column":
            raise self._unexpected("the name of a column")
        token = self._take()
        try:
            return column_of(token.value)
        except ColumnError as error:
            raise self._fault(str(error), token.at) from None

    def _turned(self) -> Tree:
        """A comparison with the constant first: ``400 <= status``."""
        constant = self._take()
        op = self._token
        if op.kind != "sign" or op.value not in _FLIPPED:
            raise self._unexpected("a comparison")
        self._take()
        column = self._column()
        return self._comparison(column, _FLIPPED[op.value], op.at, constant)

    def _test(self) -> Tree:
        at = self._token.at
        column = self._column()
        token = self._token
        if token.kind == "sign" and token.value in _FLIPPED:
            self._take()
            return self._comparison(column, token.value, token.at, self._constant())
        if self._took("is"):
            negated = self._took("not")
            self._expect("null", "keyword")
            return _negated(("null", column.name), negated)
        negated = self._took("not")
        if self._took("in"):
            return _negated(self._among(column), negated)
        if self._is("like"):
            return _negated(self._like(column), negated)
        if self._is("between"):
            self._take()
            low = self._comparison(column, ">=", token.at, self._constant())
            self._expect("and", "keyword")
            high = self._comparison(column, "<=", token.at, self._constant())
            return _negated(("and", low, high), negated)
        if negated:
            raise self._unexpected("'in', 'like' or 'between'")
        if column.type != BOOL:
            if token.kind in ("end", "keyword") or self._is(")", "sign"):
                raise self._fault(
                    f"{column.name} is {_kind(column)}: compare it with something", at
                )
            raise self._unexpected("a comparison, 'in', 'like', 'is' or 'between'")
        return ("compare", "=", column.name, True)

    def _among(self, column: Column) -> Tree:
        self._expect("(")
        constants = [self._value(column, self._constant())]
        while self._took(",", "sign"):
            constants.append(self._value(column, self._constant()))
        self._expect(")")
        return ("in", column.name, tuple(dict.fromkeys(constants)))

    def _like(self, column: Column) -> Tree:
        token = self._take()
        if column.type not in (TEXT, TEXTS):
            raise self._fault(f"{column.name} is {_kind(column)}: 'like' is for text", token.at)
        if self._token.kind != "text":
            raise self._unexpected("a pattern in quotes")
        return ("like", column.name, self._take().value)

    def _constant(self) -> _Token:
        token = self._token
        if self._is("null"):
            raise self._fault("null equals nothing: write 'is null' or 'is not null'", token.at)
        if token.kind not in ("text", "number") and not (self._is("true") or self._is("false")):
            wanted = "a constant"
            if token.kind == "column":
                wanted = "a constant (text in quotes)"
            raise self._unexpected(wanted)
        return self._take()

    def _comparison(self, column: Column, op: str, at: int, constant: _Token) -> Tree:
        if column.type in (BOOL, TEXTS) and op not in ("=", "!="):
            raise self._fault(f"{column.name} is {_kind(column)}: it has no order", at)
        return ("compare", op, column.name, self._value(column, constant))

    def _value(self, column: Column, token: _Token) -> Any:
        """A constant as a value of a column."""
        given = {"text": "text", "number": "a number"}.get(token.kind, "true or false")
        if column.type in (TEXT, TEXTS):
            wanted = "text"
        elif column.type == BOOL:
            wanted = "true or false"
        elif column.type == TIME:
            if token.kind == "text":
                return self._time(token)
            wanted = "a time, such as '2026-03-01 12:00'"
        else:
            wanted = "a number"
        if given != wanted:
            raise self._fault(f"{column.name} is {wanted}, not {given}", token.at)
        return token.value if token.kind != "keyword" else token.value == "true"

    def _time(self, token: _Token) -> int:
        found = _TIME.fullmatch(token.value)
        if found is None:
            raise self._fault(
                "malformed time: such as '2026-03-01' or '2026-03-01T12:00:05.25Z'", token.at
            )
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        try:
            moment = datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
            )
        except ValueError as error:
            raise self._fault(f"malformed time: {error}", token.at) from None
        seconds = (moment - _EPOCH) // timedelta(seconds=1)
        if zone and zone not in "Zz":
            hours, minutes = int(zone[1:3]), int(zone[-2:])
            if hours > 23 or minutes > 59:
                raise self._fault("malformed time: offset out of range", token.at)
            seconds -= (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
        nanoseconds = seconds * 10**9 + int((fraction or "0").ljust(9, "0"))
        if not -BITS <= nanoseconds < BITS:
            raise self._fault("time out of range: from 1677 to 2262", token.at)
        return nanoseconds


_EPOCH = datetime(1970, 1, 1)
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"[ ]?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII,
)


def _negated(tree: Tree, negated: bool) -> Tree:
    return ("not", tree) if negated else tree


def _kind(column: Column) -> str:
    if column.type == TEXT:
        return "text"
    if column.type == TEXTS:
        return "a list of text"
    if column.type == BOOL:
        return "true or false"
    return "a time" if column.type == TIME else "a number"


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 40 else text[:37] + "...")
