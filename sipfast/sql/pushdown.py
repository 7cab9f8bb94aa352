"""The conditions that DuckDB hands to a table, as the `where` of a scan.

DuckDB builds them as expressions of pyarrow, which cannot be taken apart. So their text is read;
what is read is built again, and taken only if pyarrow finds both equal. A condition that this does
not reach, or that a scan cannot test, stays with pyarrow.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pyarrow
import pyarrow.compute

from ..columns.names import BOOL, INT64, TEXT, TIME, UINT16, UINT32, Column, ColumnError, column_of

__all__ = ["Split", "split"]

_TOKEN = re.compile(
    r"""(?P<and> and )|(?P<or> or )|(?P<op> (?:==|!=|<=|>=|<|>) )"""
    r"""|(?P<options>, \{nan_is_null=false\})"""
    r"""|if_else\(is_valid\((?P<among>[^ ()]+)\), is_in\((?P=among), """
    r"""\{value_set=\w+:\[\n(?P<values>[^\]]*)\n\], """
    r"""null_matching_behavior=MATCH\}\), null\[bool\]\)"""
    r"""|(?P<call>(?:is_null|is_valid|invert)\()"""
    r"""|(?P<text>"(?:[^"\\]|\\["\\nrt])*")"""
    r"""|(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9})"""
    r"""|(?P<word>[A-Za-z0-9!%*_+`~.:-]+)"""
    r"""|(?P<open>\()|(?P<close>\))"""
)
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_EPOCH = datetime(1970, 1, 1)
_NUMBER = re.compile(r"-?[0-9]{1,19}")
_LONGEST = 256 * 1024
_DEEPEST = 48
"""Below what `where` takes, whose `not`s have levels of their own."""


class Split(NamedTuple):
    """A condition in two parts, both of which must hold."""

    where: str | None
    """The part that a scan tests."""
    rest: Any
    """The expression of pyarrow that is left, or None."""


class _Unknown(Exception):
    """An expression of another form."""


class _Read(NamedTuple):
    """An expression as text for `where`, and as pyarrow has it."""

    where: str
    built: Any


def split(condition: Any, schema: Any) -> Split:
    """The part of a condition that a scan can test, and the rest."""
    text = str(condition)
    if len(text) > _LONGEST:
        return Split(None, condition)
    try:
        read = _Reader(text, schema).whole()
    except (_Unknown, ColumnError, KeyError, OverflowError, pyarrow.ArrowException):
        return Split(None, condition)
    if not read.built.equals(condition):
        return Split(None, condition)
    return Split(read.where, None)


class _Reader:
    """Reads the text of an expression by recursive descent."""

    def __init__(self, text: str, schema: Any) -> None:
        self._schema = schema
        self._text = text
        self._at = 0
        self._depth = 0

    def whole(self) -> _Read:
        read = self._expression()
        if self._at < len(self._text):
            raise _Unknown
        return read

    def _next(self) -> tuple[str, str]:
        found = self._found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise _Unknown
        self._at = found.end()
        return str(found.lastgroup), found[0]

    def _expect(self, *kinds: str) -> tuple[str, str]:
        kind, text = self._next()
        if kind not in kinds:
            raise _Unknown
        return kind, text

    def _expression(self) -> _Read:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Unknown
        kind, text = self._next()
        if kind == "open":
            read = self._pair()
        elif kind == "call":
            read = self._call(text[:-1])
        elif kind == "values":
            read = self._among()
        elif kind == "word":
            read = self._flag(text)
        else:
            raise _Unknown
        self._depth -= 1
        return read

    def _flag(self, name: str) -> _Read:
        if column_of(name).type != BOOL:
            raise _Unknown
        return _Read(f"{name} = true", pyarrow.compute.field(name))

    def _call(self, function: str) -> _Read:
        if function == "invert":
            inner = self._expression()
            self._expect("close")
            return _Read(f"not ({inner.where})", ~inner.built)
        name = self._expect("word")[1]
        field = pyarrow.compute.field(column_of(name).name)
        if function == "is_valid":
            self._expect("close")
            return _Read(f"{name} is not null", field.is_valid())
        self._expect("options")
        self._expect("close")
        return _Read(f"{name} is null", field.is_null())

    def _pair(self) -> _Read:
        """Two expressions, or a column and a constant, after the parenthesis."""
        at = self._at
        if self._next()[0] == "word" and self._next()[0] == "op":
            self._at = at
            read = self._comparison()
            self._expect("close")
            return read
        self._at = at
        left = self._expression()
        kind, _ = self._expect("and", "or")
        right = self._expression()
        self._expect("close")
        built = left.built & right.built if kind == "and" else left.built | right.built
        return _Read(f"({left.where} {kind} {right.where})", built)

    def _among(self) -> _Read:
        """A list of constants, as DuckDB writes it: null for null."""
        assert self._found is not None
        column = column_of(self._found["among"])
        pairs = []
        for line in self._found["values"].split(",\n"):
            inner = _Reader(line.lstrip(), self._schema)
            pairs.append(inner._constant(column))
        field = pyarrow.compute.field(column.name)
        values = pyarrow.array([value for value, _ in pairs], self._type_of(column))
        found = pyarrow.compute.if_else(
            field.is_valid(), field.isin(values), pyarrow.scalar(None, pyarrow.bool_())
        )
        return _Read(f"{column.name} in ({', '.join([text for _, text in pairs])})", found)

    def _comparison(self) -> _Read:
        column = column_of(self._next()[1])
        op = self._next()[1].strip()
        value, text = self._constant(column)
        field = pyarrow.compute.field(column.name)
        scalar = pyarrow.scalar(value, self._type_of(column))
        return _Read(f"{column.name} {op} {text}", _COMPARED[op](field, scalar))

    def _constant(self, column: Column) -> tuple[Any, str]:
        """A constant of a column, and how `where` has it."""
        kind, text = self._next()
        if kind == "text" and column.type == TEXT:
            value = _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1])
            return value, "'" + value.replace("'", "''") + "'"
        if kind == "time" and column.type == TIME:
            seconds, nanoseconds = text.split(".")
            moment = datetime.fromisoformat(seconds) - _EPOCH
            since = moment // timedelta(seconds=1)
            return since * 10**9 + int(nanoseconds), f"'{text}'"
        if kind == "word":
            if column.type == BOOL and text in ("true", "false"):
                return text == "true", text
            if column.type in (UINT16, UINT32, INT64) and _NUMBER.fullmatch(text):
                return int(text), text
        raise _Unknown

    def _type_of(self, column: Column) -> Any:
        return self._schema.field(column.name).type


_COMPARED: dict[str, Any] = {
    "==": lambda field, scalar: field == scalar,
    "!=": lambda field, scalar: field != scalar,
    "<": lambda field, scalar: field < scalar,
    "<=": lambda field, scalar: field <= scalar,
    ">": lambda field, scalar: field > scalar,
    ">=": lambda field, scalar: field >= scalar,
}
