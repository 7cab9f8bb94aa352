"""The rows of a partition, in the types of Spark."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow
import pyarrow.compute

from ..capture import CaptureError
from ..capture.parts import Alone, Part, read_alone
from ..columns.names import BOOL, INT64, TEXT, TEXTS, TIME, UINT16, UINT32, Column
from ..columns.scan import Scan
from ..columns.where import compiled, named_in, parse
from .plan import Partition, Wanted

__all__ = ["SPARK_TYPES", "read_partition", "schema_of"]

SPARK_TYPES = {
    TEXT: ("string", pyarrow.string()),
    BOOL: ("boolean", pyarrow.bool_()),
    UINT16: ("int", pyarrow.int32()),
    UINT32: ("bigint", pyarrow.int64()),
    INT64: ("bigint", pyarrow.int64()),
    TIME: ("timestamp", pyarrow.timestamp("us", "UTC")),
    TEXTS: ("array<string>", pyarrow.list_(pyarrow.string())),
}
"""The types of columns in Spark, and as Spark takes them from Arrow: it has no unsigned numbers,
views or nanoseconds."""

_CORRUPT = (
    *("truncated record", "malformed block", "file shrank"),
    *("truncated compression", "malformed compression"),
)
"""Of what was not read, that for which the file itself is to blame."""
_BATCH = 16_384


def schema_of(wanted: Wanted) -> Any:
    """The schema of the batches, as pyarrow has it."""
    return pyarrow.schema([(column.name, SPARK_TYPES[column.type][1]) for column in wanted.schema])


def read_partition(partition: Partition, wanted: Wanted) -> Iterator[Any]:
    """The rows of a partition, in batches of pyarrow.

    A file that cannot be read, or not to its end, has a row whose `error` says so. Without a column
    `error`, it raises OSError or CaptureError.
    """
    if partition.fault is not None:
        yield from _fault(partition.fault, partition, wanted)
        return
    try:
        if partition.part is not None:
            batches = _of_part(partition, partition.part, wanted)
            if batches is not None:
                yield from batches
                return
        yield from _of_file(partition, wanted)
    except (OSError, CaptureError) as error:
        if "error" not in wanted.names:
            raise
        text = error.strerror if isinstance(error, OSError) else error.message
        text = (text or str(error)).removeprefix(f"{partition.path}: ")
        yield from _fault(f"file-unreadable: {text}", partition, wanted)


def _of_file(partition: Partition, wanted: Wanted) -> Iterator[Any]:
    """The rows of a whole file, or of a part that takes the packets before it to be read."""
    part = partition.part
    condition = wanted.condition
    if part is not None:
        rest = f"packet >= {part.first}"
        rest += "" if part.last is None else f" and packet <= {part.last}"
        condition = rest if condition is None else f"({condition}) and {rest}"
    columns = wanted.schema
    scan = Scan(
        partition.path,
        wanted.names,
        condition,
        batch_rows=_BATCH,
        text="utf8",
    )
    for batch in scan:
        yield _in_spark(pyarrow.record_batch(batch), columns)
    if part is None or part.last is None:
        yield from _corrupt(scan.unread, partition, wanted)


def _of_part(partition: Partition, part: Part, wanted: Wanted) -> Iterator[Any] | None:
    """The rows of a part by itself; None if that takes more than its own bytes."""
    scan = Scan(b"", wanted.names, wanted.condition, batch_rows=_BATCH, text="utf8")
    with open(partition.path, "rb") as file:
        file.seek(part.begin)
        data = file.read(part.end - part.begin)
    if len(data) < part.end - part.begin:
        return None
    found = read_alone(part.head + data, partition.path, lambda: scan._builder("utf8"))
    return None if found is None else _moved(found, partition, part, wanted)


def _moved(found: Alone, partition: Partition, part: Part, wanted: Wanted) -> Iterator[Any]:
    """The rows of a part, with the places that they have in the file."""
    before = {"packet": part.first - 1, "offset": part.begin - len(part.head)}
    for batch in found.batches:
        batch = pyarrow.record_batch(batch)
        for at, name in enumerate(batch.schema.names):
            if name in before:
                moved = pyarrow.compute.add(batch.column(at), before[name])
                batch = batch.set_column(at, name, moved)
        yield _in_spark(batch, wanted.schema)
    skipped = found.skipped if part.fault is None else {**found.skipped, part.fault: 1}
    yield from _corrupt(skipped, partition, wanted)


def _in_spark(batch: Any, columns: Sequence[Column]) -> Any:
    """A batch in the types of Spark; a time is cut to microseconds."""
    arrays = []
    for column, array in zip(columns, batch.columns, strict=True):
        kind = SPARK_TYPES[column.type][1]
        if column.type == TIME:
            since = array.view(pyarrow.int64())
            whole = pyarrow.compute.divide(since, 1000)  # towards zero
            early = pyarrow.compute.less(since, pyarrow.compute.multiply(whole, 1000))
            whole = pyarrow.compute.subtract(whole, early.cast(pyarrow.int64()))
            arrays.append(whole.view(kind))
        else:
            arrays.append(array.cast(kind))
    return pyarrow.record_batch(arrays, names=[column.name for column in columns])


# ---- faults --------------------------------------------------------------------------------------


def _corrupt(skipped: Mapping[str, int], partition: Partition, wanted: Wanted) -> Iterator[Any]:
    reasons = [name for name in _CORRUPT if skipped.get(name)]
    if reasons and "error" in wanted.names:
        yield from _fault(f"file-corrupt: {', '.join(reasons)}", partition, wanted)


def _fault(text: str, partition: Partition, wanted: Wanted) -> Iterator[Any]:
    """The row that says what is wrong with a file, unless the query leaves it out.

    The `where` of the reader is about messages; the conditions of the query are about rows.
    """
    # As in the rows of a scan: a name may have any bytes, and Arrow takes UTF-8.
    row = {"file": os.fsencode(partition.path).decode("utf-8", "replace"), "error": text}
    for condition in wanted.pushed:
        tree = parse(condition)
        if not compiled(tree)({**dict.fromkeys(named_in(tree)), **row}):
            return
    yield pyarrow.RecordBatch.from_pylist([row], schema=schema_of(wanted))
