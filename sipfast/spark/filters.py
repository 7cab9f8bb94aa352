"""Filters that Spark hands to a source, as conditions of `where`.

Spark leaves out those that are taken, so a condition must hold for just the rows for which the
filter does. Times are of nanoseconds here, and of microseconds there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from ..columns.names import BOOL, INT64, TEXT, TIME, UINT16, UINT32, Column, ColumnError, column_of
from ..columns.where import WhereError, parse

__all__ = ["condition_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


class _Other(Exception):
    """A filter that a scan cannot test in the same way."""


def condition_of(given: Any) -> str | None:
    """The condition of a filter; None if there is none that is surely the same."""
    try:
        condition = _condition(given)
        parse(condition)
    except (_Other, ColumnError, WhereError, OverflowError):  # of a time
        return None
    return condition


def _condition(given: Any) -> str:
    kind = type(given).__name__
    if kind == "Not":
        return f"not ({_condition(given.child)})"
    if len(given.attribute) != 1 or "'" in given.attribute[0]:
        raise _Other
    column = column_of(given.attribute[0])
    if kind == "IsNull":
        return f"{column.name} is null"
    if kind == "IsNotNull":
        return f"{column.name} is not null"
    if kind == "EqualNullSafe":
        # Null where the filter is false: both leave the row out, unless it is negated.
        if given.value is None:
            return f"{column.name} is null"
        return f"({column.name} is not null and {_compared(column, '=', given.value)})"
    if kind == "In":
        if not given.value:
            raise _Other
        return "(" + " or ".join([_compared(column, "=", one) for one in given.value]) + ")"
    if kind in _LIKE:
        if column.type != TEXT or not isinstance(given.value, str) or {*given.value} & {*"%_"}:
            raise _Other
        return f"{column.name} like {_quoted(_LIKE[kind](given.value))}"
    if kind in _OPS:
        return _compared(column, _OPS[kind], given.value)
    raise _Other


_OPS = {
    "EqualTo": "=",
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
}
_LIKE: dict[str, Callable[[str], str]] = {
    "StringStartsWith": "{}%".format,
    "StringEndsWith": "%{}".format,
    "StringContains": "%{}%".format,
}


def _compared(column: Column, op: str, value: Any) -> str:
    name = column.name
    if column.type == TEXT and type(value) is str:
        return f"{name} {op} {_quoted(value)}"
    if column.type == BOOL and type(value) is bool and op == "=":
        return f"{name} = {str(value).lower()}"
    if column.type in (UINT16, UINT32, INT64) and type(value) is int:
        return f"{name} {op} {value}"
    if column.type == TIME and isinstance(value, datetime) and value.tzinfo is not None:
        # A row's time is cut to microseconds: it equals all that have the same ones.
        begin = (value - _EPOCH) // _MICROSECOND
        at, after = _time(begin), _time(begin + 1)
        return {
            "=": f"({name} >= {at} and {name} < {after})",
            ">": f"{name} >= {after}",
            ">=": f"{name} >= {at}",
            "<": f"{name} < {at}",
            "<=": f"{name} < {after}",
        }[op]
    raise _Other


def _time(microseconds: int) -> str:
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return f"'{moment:%Y-%m-%d %H:%M:%S.%f}'"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
