"""The values of a result, of DuckDB's types, for people, CSV and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow
import pyarrow.compute

from ..screen.text import visible
from . import csv

__all__ = [
    "cells",
    "csv_cell",
    "is_number",
    "joined",
    "json_text",
    "json_value",
    "pieces",
    "shown",
    "values",
]

_EPOCH = datetime(1970, 1, 1)
_ENDLESS = {2**63 - 1: "infinity", 1 - 2**63: "-infinity"}
_ENDLESS_DATES = {2**31 - 1: "infinity", 1 - 2**31: "-infinity"}
_DAY = 86_400
_CYCLE = 146_097
"""The days of 400 years, after which the calendar begins anew."""
_json = json.JSONEncoder(separators=(",", ":")).encode
_TEXT = pyarrow.large_string()
_PIECE = 16 * 1024 * 1024
_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


class Moment(str):
    """A timestamp in ISO 8601, in UTC, with all its digits."""

    __slots__ = ()


def values(column: Any) -> Iterable[Any]:
    """The values of a column of pyarrow, as objects of Python; a timestamp is a `Moment`."""
    read = _reader(column.type)
    if read is _plain:
        found: Iterable[Any] = column.to_pylist()
    elif read is _moment and column.type.unit == "ns":  # whose years Python has
        texts = pyarrow.compute.utf8_replace_slice(column.cast(pyarrow.string()), 10, 11, "T")
        found = [None if text is None else Moment(f"{text}Z") for text in texts.to_pylist()]
    else:
        found = map(read, column)
    return found


def pieces(batches: Iterable[Any]) -> Iterator[Any]:
    """The batches, those with long texts in parts: their lines are in memory several times."""
    for batch in batches:
        most = max(1, batch.num_rows * _PIECE // max(batch.nbytes, _PIECE))
        for at in range(0, batch.num_rows, most):
            yield batch.slice(at, most)


def cells(columns: Sequence[Any], cell: Callable[..., str]) -> Any:
    """What `cell` makes of the values of each row, as a column of texts.

    Of one column of texts, whole numbers or times it is asked once for each value.
    """
    if len(columns) == 1 and _is_repetitive(columns[0].type):
        found = columns[0].dictionary_encode(null_encoding="encode")
        texts = pyarrow.array(map(cell, values(found.dictionary)), _TEXT)
        return texts.take(found.indices)
    return pyarrow.array(map(cell, *map(values, columns)), _TEXT)


def _is_repetitive(kind: Any) -> bool:
    types = pyarrow.types
    return bool(types.is_string(kind) or types.is_integer(kind) or types.is_timestamp(kind))


def joined(columns: Sequence[Any], between: str, first: str = "", last: str = "") -> bytes:
    """The lines of rows whose cells are columns of texts, with the marks between and around."""
    if not len(columns[0]):
        return b""
    start, gap, end, nothing = [
        pyarrow.scalar(text, _TEXT) for text in (first, between, f"{last}\n", "")
    ]
    parts = [start, columns[0]]
    for column in columns[1:]:
        parts += [gap, column]
    lines = pyarrow.compute.binary_join_element_wise(*parts, end, nothing)
    _, offsets, texts = lines.buffers()
    return bytes(texts)[: memoryview(offsets).cast("q")[len(lines)]]


def _reader(kind: Any) -> Callable[[Any], Any]:
    types = pyarrow.types
    if types.is_timestamp(kind):
        return _moment
    if types.is_date32(kind):
        return _date
    if types.is_union(kind):
        return lambda scalar: _reader(scalar.value.type)(scalar.value) if scalar.is_valid else None
    if types.is_duration(kind) or types.is_time64(kind):
        return _duration if types.is_duration(kind) else _time
    if types.is_map(kind):
        return _pairs(_reader(kind.key_type), _reader(kind.item_type))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = _reader(kind.value_type)
        return lambda scalar: None if not scalar.is_valid else [*map(inner, scalar.values)]
    if types.is_struct(kind):
        readers = [(field.name, _reader(field.type)) for field in kind]
        return lambda scalar: (
            {name: read(scalar[at]) for at, (name, read) in enumerate(readers)}
            if scalar.is_valid
            else None
        )
    return _plain


def _plain(scalar: Any) -> Any:
    return scalar.as_py()


def _moment(scalar: Any) -> Moment | None:
    if not scalar.is_valid:
        return None
    digits = _DIGITS[scalar.type.unit]
    if scalar.value in _ENDLESS:
        return Moment(_ENDLESS[scalar.value])
    seconds, rest = divmod(scalar.value, 10**digits)
    days, second = divmod(seconds, _DAY)
    clock = _EPOCH + timedelta(seconds=second)
    fraction = f".{rest:0{digits}}" if digits else ""
    return Moment(f"{_day(days)}T{clock:%H:%M:%S}{fraction}Z")


def _date(scalar: Any) -> str | None:
    if not scalar.is_valid:
        return None
    return _ENDLESS_DATES.get(scalar.value) or _day(scalar.value)


def _day(days: int) -> str:
    """A date by its days since 1970, in DuckDB's form where Python lacks its year."""
    cycles, days = divmod(days, _CYCLE)
    one = _EPOCH + timedelta(days=days)
    year = one.year + 400 * cycles
    if year < 1:
        return f"{1 - year:04}-{one:%m-%d} (BC)"
    return f"{year:04}-{one:%m-%d}"


def _duration(scalar: Any) -> str | None:
    return None if not scalar.is_valid else str(scalar.cast(pyarrow.duration("us")).as_py())


def _time(scalar: Any) -> str | None:
    if not scalar.is_valid:
        return None
    digits = _DIGITS[scalar.type.unit]
    if scalar.value == _DAY * 10**digits:  # which DuckDB has, and pyarrow lacks
        return f"24:00:00.{0:0{digits}}"
    return str(scalar.cast(pyarrow.string()).as_py())


def _pairs(key: Callable[[Any], Any], item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(scalar: Any) -> Any:
        if not scalar.is_valid:
            return None
        return [[key(pair["key"]), item(pair["value"])] for pair in scalar.values]

    return read


def is_number(kind: Any) -> bool:
    """Whether the values of a type are numbers, which stand on the right of their column."""
    types = pyarrow.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def shown(value: Any) -> str:
    """A value for people, on one line; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, Moment):
        whole, _, fraction = value.removesuffix("Z").replace("T", " ").partition(".")
        fraction = fraction.rstrip("0")
        return f"{whole}.{fraction}" if fraction else whole
    if isinstance(value, float):
        return (
            f"{value:.6g}"
            if abs(value) < 1e6
            else f"{value:.1f}"
            if abs(value) < 1e15
            else str(value)
        )
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    if isinstance(value, dict):
        return ", ".join([f"{visible(name)}: {shown(item)}" for name, item in value.items()])
    return visible(_text(value))


def csv_cell(value: Any) -> str:
    """The cell of CSV of any value: see `csv.cell`."""
    if isinstance(value, Decimal):
        return _text(value)
    if isinstance(value, list):
        return csv.cell(map(_part, value))
    is_plain = value is None or isinstance(value, bool | int | float)
    return csv.cell(value if is_plain else _part(value))


def _part(value: Any) -> str:
    """A value as a text within a cell."""
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return json.dumps(json_value(value), ensure_ascii=False)
    return _text(value)


def json_text(value: Any) -> str:
    """A value as JSON, in ASCII."""
    return _json(json_value(value))


def json_value(value: Any) -> Any:
    """A value as JSON has it: NaN and infinity, which it lacks, are null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {name: json_value(item) for name, item in value.items()}
    if value is None or isinstance(value, bool | int | str):
        return value
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return "".join([chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in value])
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, pyarrow.MonthDayNano):  # an interval
        seconds = Decimal(value.nanoseconds).scaleb(-9).normalize()
        parts = (value.months, "months"), (value.days, "days"), (seconds, "seconds")
        return (
            " ".join([f"{Decimal(count):f} {unit}" for count, unit in parts if count])
            or "0 seconds"
        )
    return str(value)
