"""The formats of an export, and what writes each of them."""

from __future__ import annotations

import contextlib
import importlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import IO, Any, NamedTuple

from ....capture import Capture, Record, Writer
from ....capture.beside import Output
from ....columns import Scan
from ....columns.names import TEXT, TEXTS, TIME, Column, columns_of
from ....columns.values import Row
from ....columns.where import compiled, named_in, parse
from ...reading import ANY, Choice, Outcome, chosen, parsed
from ...rows import csv
from .behind import Behind

__all__ = ["FORMATS", "Chosen", "Held", "Missing", "Sink", "Stream", "Table", "Wanted"]

_EPOCH = datetime(1970, 1, 1)

_BATCH = 131_072
"""Rows of a batch, which are a row group of Parquet."""


class Missing(Exception):
    """A package is not installed; its text names the extra that has it."""


class Chosen:
    """The chosen messages of a capture, as a capture of which a scan can be made."""

    def __init__(self, capture: Capture, choice: Choice) -> None:
        self.capture = capture
        self._choice = choice

    @property
    def skipped(self) -> Counter[str]:
        """What the capture skipped."""
        return self.capture.skipped

    def feed(self, builder: Any) -> Iterator[None]:
        """Add the messages to a builder of columns; stops whenever that is full."""
        if self._choice is ANY:
            return self.capture.feed(builder)
        return _fed(builder, self.capture, (record for record, _ in self.outcomes()))

    def outcomes(self) -> Iterator[tuple[Record, Outcome]]:
        """The records with what `parse` makes of them."""
        for _, record, outcome in chosen(iter(self.capture), self._choice):
            yield record, outcome


class Held:
    """Records of one capture that were read before, as a capture."""

    def __init__(self, capture: Capture, records: Sequence[Record]) -> None:
        self.skipped: Counter[str] = Counter()
        self._capture = capture
        self._records = records

    def feed(self, builder: Any) -> Iterator[None]:
        """Add the messages to a builder of columns; stops whenever that is full."""
        return _fed(builder, self._capture, self._records)

    def outcomes(self) -> Iterator[tuple[Record, Outcome]]:
        """The records with what `parse` makes of them."""
        for record in self._records:
            yield record, parsed(record)


def _fed(builder: Any, capture: Capture, records: Iterable[Record]) -> Iterator[None]:
    data = capture._data
    builder.begin(data, capture.file, not isinstance(data, bytes))
    for record in records:
        if builder.add(record):
            yield


class Sink(Output):
    """Writes messages to a binary file.

    Attributes:
        written: the number of messages, or rows, so far.
        untimed: those without their time, which the format cannot hold.
    """

    written = untimed = 0

    def fill(self, captures: Iterable[Chosen | Held]) -> None:
        """Write what they have."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is missing; the file stays open."""

    def discard(self) -> None:
        """Forget the file."""


class Wanted:
    """What an export writes of the messages.

    Raises `WhereError`, `ColumnError`, and `Missing` without the package of the format.
    """

    def __init__(self, format: str, columns: tuple[str, ...] | None, where: str | None) -> None:
        self.format = FORMATS[format]
        self.where = where
        tree = None if where is None else parse(where)
        self.columns = columns_of(columns) if self.format.has_columns else ()
        self.asked = named_in(tree) if tree else ()
        self.test = compiled(tree) if tree else None
        self.pyarrow: Any = None
        if self.format.needs_pyarrow:
            try:
                self.pyarrow = importlib.import_module("pyarrow")
            except ModuleNotFoundError:
                raise Missing("arrow") from None

    def sink(self, file: IO[bytes], *, again: bool = False) -> Sink:
        """What writes to a file; `again` to go on with one that has its beginning."""
        return self.format.make(self, file, again)

    def without_where(self) -> Wanted:
        """The same of messages that are selected already."""
        columns = tuple([column.name for column in self.columns]) or None
        return Wanted(self.format.name, columns, None)

    def selected(self) -> Callable[[Record, Outcome], bool]:
        """The function that says whether the expression selects a message, one after another."""
        if self.test is None:
            return lambda record, outcome: True
        test, names = self.test, self.asked
        row = Row(names)
        return lambda record, outcome: bool(
            test(dict(zip(names, row.read(outcome, record), strict=True)))
        )

    def rows(self, captures: Iterable[Chosen | Held]) -> Iterator[list[Any]]:
        """The values of the columns, of the messages that the expression selects."""
        shown = len(self.columns)
        names = [column.name for column in self.columns]
        names += [name for name in self.asked if name not in names]
        row = Row(names)
        for capture in captures:
            for record, outcome in capture.outcomes():
                values = row.read(outcome, record)
                if self.test is None or self.test(dict(zip(names, values, strict=True))):
                    yield values[:shown]


class _Packets(Sink):
    """Captures, and concatenated messages."""

    def __init__(self, wanted: Wanted, file: IO[bytes], again: bool) -> None:
        self._wanted = wanted
        self._writer = Writer(file, format=wanted.format.name, append=again)  # type: ignore[arg-type]

    def fill(self, captures: Iterable[Chosen | Held]) -> None:
        selected, write = self._wanted.selected(), self._writer.write
        for capture in captures:
            for record, outcome in capture.outcomes():
                if selected(record, outcome):
                    write(record)
        self.written, self.untimed = self._writer.written, self._writer.untimed


class _Lines(Sink):
    """Text with a line for each row."""

    def __init__(self, wanted: Wanted, file: IO[bytes], again: bool) -> None:
        self._wanted = wanted
        self._file = file
        self._begin(again)

    def _begin(self, again: bool) -> None:
        """Write what comes before the rows."""

    def _line(self, values: Sequence[Any]) -> bytes:
        raise NotImplementedError

    def fill(self, captures: Iterable[Chosen | Held]) -> None:
        columns, line, write = self._wanted.columns, self._line, self._file.write
        times = [at for at, column in enumerate(columns) if column.type == TIME]
        for shown in self._wanted.rows(captures):
            for at in times:
                if shown[at] is not None:
                    shown[at] = _time(shown[at])
            write(line(shown))
            self.written += 1


class _Json(_Lines):
    """An object for each row, in ASCII."""

    def _begin(self, again: bool) -> None:
        self._names = [column.name for column in self._wanted.columns]
        self._encode = json.JSONEncoder(separators=(",", ":")).encode

    def _line(self, values: Sequence[Any]) -> bytes:
        return f"{self._encode(dict(zip(self._names, values, strict=True)))}\n".encode()


class _Csv(_Lines):
    """Comma-separated values (RFC 4180) in UTF-8, below a line of names."""

    def _begin(self, again: bool) -> None:
        if not again:
            self._file.write(_heads(self._wanted))

    def _line(self, values: Sequence[Any]) -> bytes:
        return csv.line(values)


class Table(Sink):
    """Batches of Arrow, from a scan."""

    def __init__(self, wanted: Wanted, file: IO[bytes], again: bool) -> None:
        columns = [column.name for column in wanted.columns]
        # It reads captures that are open, in place of its source.
        self._scan = Scan(b"", columns, wanted.where, batch_rows=_BATCH, text="utf8")
        self._pyarrow = wanted.pyarrow
        self._file = file
        self._writer = self._open(wanted.pyarrow.schema(self._scan))

    def _open(self, schema: Any) -> Any:
        raise NotImplementedError

    def fill(self, captures: Iterable[Chosen | Held]) -> None:
        with Behind(self._write) as behind:
            for batch in self._scan.over(captures):
                self.written += len(batch)
                behind.take(batch)

    def _write(self, batch: Any) -> None:
        self._writer.write_batch(self._written(self._pyarrow.record_batch(batch)))

    def _written(self, batch: Any) -> Any:
        """A batch as it is written."""
        return batch

    def take(self, batch: Any) -> None:
        """Write a batch of pyarrow's."""
        self._writer.write_batch(batch)

    def close(self) -> None:
        self._writer.close()

    def discard(self) -> None:
        with contextlib.suppress(Exception):
            self._writer.close()
        with contextlib.suppress(AttributeError):
            self._writer.is_open = False  # or one of Parquet closes again when it goes


class _Parquet(Table):
    def _open(self, schema: Any) -> Any:
        return importlib.import_module("pyarrow.parquet").ParquetWriter(self._file, schema)


class _Arrow(Table):
    """The file format of Arrow IPC, also called Feather 2."""

    def _open(self, schema: Any) -> Any:
        return self._pyarrow.ipc.new_file(self._file, schema)


class Stream(Table):
    """The stream format of Arrow IPC: several, one after another, are a part of a table."""

    def _open(self, schema: Any) -> Any:
        return self._pyarrow.ipc.new_stream(self._file, schema)


class _CsvOfTable(Table):
    """The same as `_Csv`, ten times as fast."""

    def __init__(self, wanted: Wanted, file: IO[bytes], again: bool) -> None:
        self._columns = wanted.columns
        if not again:
            file.write(_heads(wanted))
        super().__init__(wanted, file, again)

    def _open(self, schema: Any) -> Any:
        self._compute = importlib.import_module("pyarrow.compute")
        module = importlib.import_module("pyarrow.csv")
        texts = [
            field.with_type(self._pyarrow.string()) if column.type in (TIME, TEXTS) else field
            for field, column in zip(schema, self._columns, strict=True)
        ]
        options = module.WriteOptions(include_header=False)
        return module.CSVWriter(self._file, self._pyarrow.schema(texts), write_options=options)

    def _written(self, batch: Any) -> Any:
        arrays = map(self._cells, batch.columns, self._columns)
        return self._pyarrow.record_batch(
            [*arrays], names=[column.name for column in self._columns]
        )

    def _cells(self, array: Any, column: Column) -> Any:
        """The values of a column as `csv.cell` has them, but for the quotes of texts."""
        compute = self._compute
        if column.type == TIME:
            return compute.strftime(array, "%Y-%m-%dT%H:%M:%SZ")
        if column.type == TEXTS:
            array = compute.binary_join(array, ";")
        elif column.type != TEXT:
            return array
        return csv.harmless_texts(array)


def _csv(wanted: Wanted, file: IO[bytes], again: bool) -> Sink:
    try:
        wanted.pyarrow = importlib.import_module("pyarrow")
    except ModuleNotFoundError:
        return _Csv(wanted, file, again)
    return _CsvOfTable(wanted, file, again)


class _Format(NamedTuple):
    name: str
    make: Callable[[Wanted, IO[bytes], bool], Sink]
    has_columns: bool = True
    needs_pyarrow: bool = False


FORMATS = {
    row.name: row
    for row in (
        _Format("parquet", _Parquet, needs_pyarrow=True),
        _Format("csv", _csv),
        _Format("jsonl", _Json),
        _Format("arrow", _Arrow, needs_pyarrow=True),
        _Format("pcap", _Packets, has_columns=False),
        _Format("pcapng", _Packets, has_columns=False),
        _Format("sip", _Packets, has_columns=False),
    )
}
"""The formats by their names, which are their suffixes."""


def _time(time_ns: int) -> str:
    """A time in ISO 8601 with nanoseconds."""
    seconds, nanoseconds = divmod(time_ns, 10**9)
    begun = _EPOCH + timedelta(seconds=seconds)
    return f"{begun:%Y-%m-%dT%H:%M:%S}.{nanoseconds:09}Z"


def _heads(wanted: Wanted) -> bytes:
    return csv.line([column.name for column in wanted.columns])
