"""Rows of columns: one message after another into batches of Arrow.

Which values a message has is said by the layer above, `sipfast.columns.values`: this twin asks it
for every row. The other twin reads plain values itself, and asks for the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sipfast.errors import ParseError

from . import arrow

__all__ = ["Builder", "Reader", "read_with"]


class Reader(NamedTuple):
    """What the layers above know of columns, for the engine of this module."""

    parse: Callable[[Any], Any]
    row: Callable[[tuple[str, ...]], Any]
    """The `Row` of these columns, for a pass over all sources."""
    test: Callable[[Any], Callable[[Any], bool | None]]
    """The function that evaluates the tree of a `where`."""
    named_in: Callable[[Any], tuple[str, ...]]
    """The columns that the tree of a `where` asks for."""
    type_of: Callable[[str], int]
    record: Any
    """The class of the records."""


_reader: Reader


def read_with(reader: Reader) -> None:
    """Set what the layers above know."""
    global _reader
    _reader = reader


class Builder:
    """The rows of a scan, from the messages of one source after another.

    Attributes:
        schema: the schema of its batches.
        left_out: the rows that ``errors="skip"`` left out.
    """

    def __init__(
        self, names: tuple[str, ...], where: Any, text: str, rows: int, errors: str
    ) -> None:
        self._shown = len(names)
        self._names = names + tuple(
            [name for name in (_reader.named_in(where) if where else ()) if name not in names]
        )
        self._row = _reader.row(self._names)
        self._test = _reader.test(where) if where else None
        self._errors = errors
        self.left_out = 0
        self.schema = arrow.Schema(tuple([(name, _reader.type_of(name)) for name in names]), text)
        self._assembler = arrow.Assembler(self.schema, rows)

    def begin(self, data: Any, file: str | None, mapped: bool) -> None:
        """Go on with the next source."""
        self._assembler.begin(data, mapped)

    def add(self, record: Any) -> bool:
        """Read one message; True if the batch is full.

        Raises `ParseError` for what cannot be read, with ``errors="raise"``.
        """
        data = record.data
        if type(data) is not bytes:
            data = bytes(data)  # what another process writes to meanwhile is read once
        message: Any
        try:
            message = _reader.parse(data)
        except ParseError as error:
            message = error
        values = self._row.read(message, record._replace(data=data))
        if self._test is not None:
            row = dict(zip(self._names, values, strict=True))
            if self._test(row) is not True:
                return False
        if self._errors != "keep" and self._row.fault is not None:
            if self._errors == "skip":
                self.left_out += 1
                return False
            raise self._row.fault
        return bool(self._assembler.append_values(tuple(values[: self._shown])))

    def __len__(self) -> int:
        return len(self._assembler)

    def cut(self, rows: int) -> None:
        """Leave out the rows after so many."""
        self._assembler.cut(rows)

    def take(self) -> Any:
        """The rows so far as a batch; None without any."""
        return self._assembler.take()
