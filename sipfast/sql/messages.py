"""The table `messages` of DuckDB: a dataset that scans the columns and rows that a query uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow
import pyarrow.dataset

from .._engine import Engine
from ..capture import Capture
from ..capture.reasons import unread_of
from ..columns.names import COLUMNS, DEFAULT
from ..columns.scan import Scan
from ..columns.where import WhereError
from .pushdown import Split, split

__all__ = ["Messages"]

_ERRORS = ("error", "error_offset")
_TIME = pyarrow.timestamp("ns")
"""Without a zone: in UTC, whatever the time zone of the session."""


class Messages(pyarrow.dataset.Dataset):  # type: ignore[misc]
    """The messages of a source as DuckDB takes a dataset of pyarrow: by `schema` and `scanner`.

    Each reference to it in a query is a pass of its own over the source.
    """

    def __init__(self, source: Any, headers: Sequence[str], threads: int, engine: Engine) -> None:
        # The dataset in C++ is never made: nothing asks for more than what is here.
        self._usual = (*DEFAULT, *headers)
        columns = [*COLUMNS, *headers]
        self._whole = Scan(source, columns, threads=threads, text="utf8", engine=engine)
        self._schema = _without_zone(pyarrow.schema(self._whole))
        self._skipped = Counter[str]()
        self.refused: dict[str, Exception] = {}
        self.error: Exception | None = None
        self._pass: Scan | None = None

    @property
    def schema(self) -> Any:
        """The columns, as pyarrow has them."""
        return self._schema

    def scanner(self, columns: list[str] | None = None, filter: Any = None, **_: Any) -> _Scanner:
        """What reads some columns, of the rows for which a condition holds."""
        return _Scanner(self, self._schema.names if columns is None else columns, filter)

    @property
    def reading(self) -> Capture | None:
        """The capture that the query reads now, for its position; None before and after."""
        return None if self._pass is None else self._pass.reading

    # ---- what was read

    @property
    def skipped(self) -> Counter[str]:
        """The packets that were skipped, by reason, in the pass that went furthest."""
        return self._skipped

    @property
    def unread(self) -> Counter[str]:
        """Those of `skipped` that may have held SIP."""
        return unread_of(self._skipped)

    # ---- reading

    def read(self, columns: Sequence[str], condition: Any) -> Iterator[Any]:
        """The rows of a pass for which a condition holds, in batches of these columns."""
        where, rest = Split(None, None) if condition is None else split(condition, self._schema)
        try:
            scan = self._scan(self._asked(columns, condition, rest), where)
        except WhereError:  # more than a scan takes
            rest = condition
            scan = self._scan(self._asked(columns, condition, rest))
        names = list(columns)
        self._pass = scan
        try:
            for batch in scan:
                kept = _in_utc(pyarrow.record_batch(batch))
                if rest is not None:
                    kept = kept.filter(rest)
                yield kept.select(names)
        except Exception as error:
            self.error = error
            raise
        finally:
            self._skipped |= scan.skipped
            self.refused.update(scan.refused)

    def _asked(self, columns: Sequence[str], condition: Any, rest: Any) -> list[str]:
        """The columns to be read: those of a query, and what they depend on."""
        asked = dict.fromkeys([*columns, *self._named(rest)])
        if any(name in _ERRORS for name in (*columns, *self._named(condition))):
            asked.update(dict.fromkeys(self._usual))  # an error is the same in every query
        return list(asked)

    def _named(self, condition: Any) -> list[str]:
        """The columns of a condition, and perhaps others."""
        text = "" if condition is None else str(condition)
        return [name for name in self._schema.names if name in text]

    def _scan(self, columns: Sequence[str], where: str | None = None) -> Scan:
        return self._whole.of_same(columns, where)


class _Scanner:
    """A part of the table, which is read when its reader is."""

    def __init__(self, messages: Messages, columns: Sequence[str], condition: Any) -> None:
        self._messages = messages
        self._columns = columns
        self._condition = condition

    @property
    def projected_schema(self) -> Any:
        """The columns of this part."""
        return pyarrow.schema([self._messages.schema.field(name) for name in self._columns])

    def to_reader(self) -> Any:
        """The rows, as a reader of pyarrow, whose pass begins with its first batch."""
        batches = self._messages.read(self._columns, self._condition)
        return pyarrow.RecordBatchReader.from_batches(self.projected_schema, batches)


def _in_utc(batch: Any) -> Any:
    """A batch whose times are without a zone."""
    at = batch.schema.get_field_index("time")
    if at < 0:
        return batch
    return batch.set_column(at, "time", batch.column(at).view(_TIME))


def _without_zone(schema: Any) -> Any:
    at = schema.get_field_index("time")
    return schema.set(at, pyarrow.field("time", _TIME))
