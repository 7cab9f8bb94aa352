"""A scan: every message of captures and logs as a row of columns, in batches of Arrow."""

from __future__ import annotations

import copy
import importlib
import itertools
import os
import stat
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal

from .. import ParseError, _late
from .. import capture as captures
from .._engine import ENGINE, Engine
from .._install import lacking
from ..capture.base import CaptureError, Record
from ..capture.files.compressed import format_of
from ..capture.reasons import unread_of
from ..capture.source import Capture, Readable
from .names import Column, column_of, columns_of
from .values import REPEATS, Row, Value
from .where import compiled, named_in, parse

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow

__all__ = ["Errors", "Scan", "Selection", "Source", "Text", "scan"]

Source = str | os.PathLike[str] | Readable | bytes | bytearray | memoryview
"""What `sipfast.open` takes."""
Errors = Literal["keep", "skip", "raise"]
Text = Literal["view", "utf8"]

UNREADABLE = "unreadable file"
MOST_ROWS = 1 << 20
"""The rows that a batch may have."""
MOST_THREADS = 64
_COPIED = 16 * 1024 * 1024
"""The pure engine copies a file before it reads it; up to this size, that takes no time."""


class Scan:
    """The messages of captures and logs as rows; each consumer reads the sources anew.

    It is an Arrow stream (`__arrow_c_stream__`), which DuckDB, Polars, pandas, pyarrow and others
    take as it is, and an iterable of batches. The attributes below are of the pass that began last,
    and complete when it has ended.

    Attributes:
        columns: the names of the columns.
        rows: the rows handed out.
        left_out: the rows with an error that ``errors="skip"`` left out.
        refused: the sources of a list that could not be opened, by name, and why.
    """

    def __init__(
        self,
        source: Source | Iterable[Source],
        columns: Iterable[str] | None = None,
        where: str | None = None,
        *,
        errors: Errors = "keep",
        batch_rows: int = 65536,
        threads: int = 1,
        text: Text | None = None,
        engine: Engine = ENGINE,
    ) -> None:
        self._schema = columns_of(columns)
        self.columns = tuple([column.name for column in self._schema])
        self._where = None if where is None else parse(where)
        if errors not in ("keep", "skip", "raise"):
            raise ValueError(f"errors must be 'keep', 'skip' or 'raise', not {errors!r}")
        if text not in (None, "view", "utf8"):
            raise ValueError(f"text must be 'view' or 'utf8', not {text!r}")
        _check_number("batch_rows", batch_rows, MOST_ROWS)
        _check_number("threads", threads, MOST_THREADS)
        self._errors = errors
        self._batch_rows = batch_rows
        asked = (*self.columns, *(() if self._where is None else named_in(self._where)))
        self._wanted_threads = threads
        # What repeats an earlier message takes all of them in their order.
        self._threads = 1 if any(name in REPEATS for name in asked) else threads
        self._text = text
        self._engine = engine
        is_one = isinstance(source, _ONE) or hasattr(source, "read")
        self._sources = [_Opener(one) for one in ((source,) if is_one else _listed(source))]
        self._pass = _Pass()

    def of_same(self, columns: Iterable[str] | None, where: str | None = None) -> Scan:
        """A scan of the same sources for other columns: what can be read only once is shared."""
        other = Scan(
            b"",
            columns,
            where,
            errors=self._errors,
            batch_rows=self._batch_rows,
            threads=self._wanted_threads,
            text=self._text,
            engine=self._engine,
        )
        other._sources = self._sources
        return other

    # ---- what a pass counted

    @property
    def rows(self) -> int:
        """The rows handed out."""
        return self._pass.rows

    @property
    def left_out(self) -> int:
        """The rows with an error that ``errors="skip"`` left out."""
        return self._pass.left_out

    @property
    def refused(self) -> dict[str, Exception]:
        """The sources of a list that could not be opened, by name, and why."""
        return self._pass.refused

    @property
    def skipped(self) -> Counter[str]:
        """The packets that were skipped, by reason, as of `Capture`, summed over the sources.

        A source of a list that could not be opened counts as "unreadable file".
        """
        return self._pass.skipped

    @property
    def unread(self) -> Counter[str]:
        """Those of `skipped` that may have held SIP."""
        return unread_of(self._pass.skipped)

    @property
    def reading(self) -> Capture | None:
        """The source that is being read, for its `position` and `size`; None between passes."""
        return self._pass.reading

    # ---- Arrow

    @property
    def schema(self) -> tuple[Column, ...]:
        """The columns: name, type, source and meaning of each."""
        return self._schema

    def __arrow_c_schema__(self) -> object:
        """The schema of the rows, as a capsule."""
        return (
            self._engine.module("wire.arrow").Schema(self._fields(), self._text or "view").capsule()
        )

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows of a fresh pass, as a capsule.

        A requested schema decides between views and utf8 where the scan does not.
        """
        text = self._text
        if text is None and requested_schema is not None:
            text = self._engine.module("wire.arrow").requested_text(requested_schema)
        return self._stream(text or "view")

    def _stream(self, text: str) -> object:
        builder = self._builder(text)
        arrow = self._engine.module("wire.arrow")
        return arrow.stream(builder.schema, lambda: self._batches(builder, text))

    def _fields(self) -> tuple[tuple[str, int], ...]:
        return tuple([(column.name, column.type) for column in self._schema])

    def __iter__(self) -> Iterator[Any]:
        """The batches of a fresh pass: each has `len` and `__arrow_c_array__`."""
        text = self._text or "view"
        return self._batches(self._builder(text), text)

    def _builder(self, text: str) -> Any:
        return _columns_of(self._engine).Builder(
            self.columns, self._where, text, self._batch_rows, self._errors
        )

    def _batches(self, builder: Any, text: str) -> Iterator[Any]:
        make = partial(self._builder, text)
        counts = self._pass = _Pass()
        try:
            for opener in self._sources:
                capture = self._opened(opener, counts)
                if capture is not None:
                    with capture:
                        if self._threads == 1:
                            yield from counts.read(capture, builder)
                        else:
                            yield from counts.read_in_threads(capture, make, self._threads)
            if self._threads == 1:
                yield from counts.taken(builder)
        except Exception as error:
            counts.error = error
            raise

    def first(self, rows: int = 10, *, most: int = 1000) -> list[tuple[Value, ...]] | None:
        """The first rows, as values of Python: at a glance, without a pass.

        At most `most` messages of the first source are read.  None for a pipe, a compressed file
        and, on the pure engine, a large one, which have to be read to their end first.  Of errors,
        what can be read is shown.

        Raises:
            OSError, CaptureError: the first source cannot be opened.
        """
        opener = self._sources[0]
        try:
            capture = opener.open_at_once()
        except (OSError, CaptureError) as error:
            raise self._named(error, opener) from None
        if capture is None:
            return None
        names = list(self.columns)
        if self._where is not None:
            names += [name for name in named_in(self._where) if name not in names]
        row, test = Row(names), None if self._where is None else compiled(self._where)
        found: list[tuple[Value, ...]] = []
        with capture:
            for record in itertools.islice(capture, most):
                values = row.read(self._parsed(record), record)
                if test is None or test(dict(zip(names, values, strict=True))):
                    found.append(tuple(values[: len(self.columns)]))
                    if len(found) == rows:
                        break
        return found

    def _parsed(self, record: Record) -> Any:
        """The message of a record, or the error of `parse`."""
        is_apart = record.transport is not None or bool(record.lost)
        try:
            return self._engine.parse(record.data, datagram=is_apart)
        except ParseError as error:
            return error

    def _repr_html_(self) -> str:
        text: str = _late.notebook.of_scan(self)
        return text

    def over(self, captures: Iterable[Any]) -> Iterator[Any]:
        """The batches of a fresh pass over captures that are open, in place of the sources."""
        builder = self._builder(self._text or "view")
        counts = self._pass = _Pass()
        for capture in captures:
            yield from counts.read(capture, builder)
        yield from counts.taken(builder)

    def _opened(self, opener: _Opener, counts: _Pass) -> Capture | None:
        """The capture of a source; None for one of several that cannot be opened."""
        try:
            return opener.open()
        except (OSError, CaptureError) as error:
            error = self._named(error, opener)
            counts.refused[self._name(opener)] = error
            if self._errors == "raise" or len(counts.refused) == len(self._sources):
                raise error from None
            counts.skipped[UNREADABLE] += 1
            return None

    def _name(self, opener: _Opener) -> str:
        return opener.name or f"source {self._sources.index(opener)}"

    def _named(self, error: OSError | CaptureError, opener: _Opener) -> OSError | CaptureError:
        """The error of a source, with its name."""
        if isinstance(error, CaptureError) and (opener.name or len(self._sources) > 1):
            return CaptureError(f"{self._name(opener)}: {error.message}", error.offset)
        return error

    # ---- what others make of it

    def to_arrow(self) -> pyarrow.Table:
        """The rows as a table of pyarrow, whose text is utf8 unless the scan says otherwise.

        Raises ImportError without pyarrow.
        """
        pyarrow = _imported("pyarrow", "arrow")
        return self._consumed(lambda: pyarrow.table(_Stream(self, self._text or "utf8")))

    def to_polars(self) -> polars.DataFrame:
        """The rows as a data frame of Polars. Raises ImportError without Polars."""
        polars = _imported("polars", "polars")
        return self._consumed(lambda: polars.DataFrame(_Stream(self, self._text or "view")))

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a data frame of pandas, with Arrow's types, which have nulls.

        Raises ImportError without pandas and pyarrow.
        """
        pandas = _imported("pandas", "pandas")
        _imported("pyarrow", "pandas")
        return self.to_arrow().to_pandas(types_mapper=pandas.ArrowDtype)

    def to_duckdb(
        self, connection: duckdb.DuckDBPyConnection | None = None
    ) -> duckdb.DuckDBPyRelation:
        """A relation of DuckDB over this scan, by default of its global connection.

        It reads the sources anew whenever it is run. Raises ImportError without DuckDB.
        """
        duckdb = _imported("duckdb", "duckdb")
        return (duckdb if connection is None else connection).from_arrow(self)

    def _consumed(self, consume: Callable[[], Any]) -> Any:
        """What a library makes of a pass; an error in that is raised as it was."""
        try:
            return consume()
        except Exception:
            if self._pass.error is not None:
                raise self._pass.error from None
            raise

    def __repr__(self) -> str:
        sources = "1 source" if len(self._sources) == 1 else f"{len(self._sources)} sources"
        columns = "1 column" if len(self.columns) == 1 else f"{len(self.columns)} columns"
        return f"<Scan of {sources}, {columns}>"


def scan(
    source: Source | Iterable[Source],
    columns: Iterable[str] | None = None,
    where: str | None = None,
    *,
    errors: Errors = "keep",
    batch_rows: int = 65536,
    threads: int = 1,
    text: Text | None = None,
) -> Scan:
    """The messages of captures and logs as columns of Arrow, a row for each in their order.

        table = sipfast.scan("trace.pcap", columns=["method", "user_agent"])
        duckdb.sql("select user_agent, count(*) from table group by all")

    `source` is what `sipfast.open` takes, or a list of these. `columns` are names of
    `sipfast.columns.COLUMNS`, by default the `usual` ones, and any header field as
    ``header:NAME`` (its first value) or ``headers:NAME`` (all). `where` selects rows, as in
    ``status >= 400 and from_user = 'alice'``. docs/columns.md has both.

    `errors` says what becomes of a row whose message, or one of the columns asked for, is
    malformed: "keep" gives what can be read, and the columns `error` and `error_offset`; "skip"
    leaves it out and counts it; "raise" raises its ParseError. `batch_rows` is the number of rows
    in a batch. `text` is "view", by default, or "utf8", which is what Parquet and pyarrow want, and
    the default of `Scan.to_arrow`.

    Raises:
        ColumnError: a column is unknown, or asked for twice.
        WhereError: `where` is malformed, with the place.
        OSError: a path does not exist.

    A source that is no capture raises CaptureError when it is read; in a list, it is among
    `Scan.refused` and counted, unless ``errors="raise"``.
    """
    return Scan(
        source,
        columns,
        where,
        errors=errors,
        batch_rows=batch_rows,
        threads=threads,
        text=text,
    )


# ---- sources -------------------------------------------------------------------------------------

_ONE = (str, bytes, bytearray, memoryview, os.PathLike)


def _listed(sources: Any) -> list[Any]:
    if not isinstance(sources, Iterable):
        raise _not_a_source(sources)
    found = list(sources)
    if not found:
        raise ValueError("a scan needs at least one source")
    return found


def _not_a_source(given: object) -> TypeError:
    kind = type(given).__name__
    return TypeError(f"source must be a path, a binary file object or bytes, not {kind}")


class _Opener:
    """A source of a scan: regular files are opened at each pass, and all else is read once."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._kept: Capture | None = None
        self._lock = threading.Lock()
        self._is_file = self._is_neither = False  # that is, neither a file nor a pipe
        self.name: str | None = None
        if isinstance(source, str | os.PathLike) and source != "-":
            self.name = os.fsdecode(source)
            mode = os.stat(source).st_mode
            self._is_file = stat.S_ISREG(mode)
            self._is_neither = not self._is_file and not stat.S_ISFIFO(mode)
        elif isinstance(source, str):
            self.name = source
        elif not isinstance(source, _ONE) and not hasattr(source, "read"):
            raise _not_a_source(source)

    def open(self) -> Capture:
        if self._is_file:
            return captures.open(self._source)
        with self._lock:
            if self._kept is None:
                self._kept = captures.open(self._source)
        return copy.copy(self._kept)  # with counters of its own

    def open_at_once(self) -> Capture | None:
        """The capture, unless all of it has to be read for that. Raises OSError, CaptureError."""
        source = self._source
        if self._is_file:
            with open(source, "rb") as file:
                beginning, size = file.read(64), os.fstat(file.fileno()).st_size
            if ENGINE.kernel is None and size > _COPIED:
                return None
        elif isinstance(source, bytes):
            beginning = source[:64]
        elif self._kept is None and not self._is_neither:
            return None
        else:
            beginning = b""
        return None if format_of(beginning) else self.open()


# ---- a pass --------------------------------------------------------------------------------------


class _Pass:
    """One pass over the sources: its counters."""

    def __init__(self) -> None:
        self.rows = 0
        self.left_out = 0
        self.refused: dict[str, Exception] = {}
        self.skipped: Counter[str] = Counter()
        self.error: Exception | None = None
        self.reading: Capture | None = None

    def read(self, capture: Capture, builder: Any) -> Iterator[Any]:
        """The batches that become full from the messages of a capture."""
        self.reading = capture
        try:
            for _ in capture.feed(builder):
                yield from self.taken(builder)
        finally:
            self.reading = None
            self.skipped += capture.skipped

    def read_in_threads(
        self, capture: Capture, make: Callable[[], Any], threads: int
    ) -> Iterator[Any]:
        """All batches of a capture."""
        self.reading = capture
        try:
            for batch, left_out in capture.batches(make, threads):
                self.left_out += left_out
                if batch is not None:
                    self.rows += len(batch)
                    yield batch
        finally:
            self.reading = None
            self.skipped += capture.skipped

    def taken(self, builder: Any) -> Iterator[Any]:
        """The batch of the rows so far, if there are any."""
        batch = builder.take()
        self.left_out = builder.left_out
        if batch is not None:
            self.rows += len(batch)
            yield batch


class _Stream:
    """A scan with the text of one consumer."""

    def __init__(self, scanned: Scan, text: str) -> None:
        self._scan = scanned
        self._text = text

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._scan._stream(self._text)


class Selection:
    """Which messages a `where` selects, one at a time. Raises `WhereError` for a malformed one."""

    def __init__(self, where: str, engine: Engine = ENGINE) -> None:
        tree = parse(where)
        self._builder = _columns_of(engine).Builder(("packet",), tree, "utf8", 2, "keep")
        self._builder.begin(b"", None, False)

    def __contains__(self, record: Record) -> bool:
        self._builder.add(record)
        found = len(self._builder) > 0
        if found:
            self._builder.cut(0)
        return found


# ---- the engine ----------------------------------------------------------------------------------


@cache
def _columns_of(engine: Engine) -> Any:
    """The module of an engine that makes rows of messages."""
    module = engine.module("wire.columns")
    reader = module.Reader(
        engine.parse, partial(Row, engine=engine), compiled, named_in, _type_of, Record
    )
    module.read_with(reader)
    return module


def _type_of(name: str) -> int:
    return column_of(name).type


def _check_number(name: str, given: Any, most: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError(f"{name} must be int, not {type(given).__name__}")
    if not 1 <= given <= most:
        raise ValueError(f"{name} must be from 1 to {most}")


def _imported(name: str, extra: str) -> Any:
    """A package of an extra. Raises ImportError with the command that installs it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise lacking(name, extra) from None
