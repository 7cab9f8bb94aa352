"""The data source, as Spark asks for it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pyspark.sql.datasource import (
    DataSource,
    DataSourceReader,
    DataSourceStreamReader,
    InputPartition,
)

from .filters import condition_of
from .landing import Landing, Offset
from .plan import PART_SIZE, Partition, Wanted, partitions
from .rows import SPARK_TYPES, read_partition

__all__ = ["PushingSipDataSource", "SipDataSource"]

_OPTIONS = frozenset(
    ("columns", "where", "path", "paths", "partbytes", "settleseconds", "maxfilespertrigger")
)


class _Options(NamedTuple):
    """The options of a reader."""

    paths: tuple[str, ...]
    wanted: Wanted
    settle: float
    most_files: int | None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> _Options:
        """The options by name, in any case. Raises ValueError, ColumnError and WhereError."""
        options = {name.lower(): text for name, text in given.items()}
        for name in options:
            if name not in _OPTIONS:
                raise ValueError(f"unknown option {name!r}: one of {', '.join(sorted(_OPTIONS))}")
        paths = json.loads(options["paths"]) if "paths" in options else []
        if "path" in options:
            paths.append(options["path"])
        if not paths:
            raise ValueError("a path is missing: load(PATH)")
        columns = None
        if "columns" in options:
            names = options["columns"].split(",")
            columns = tuple([name.strip() for name in names if name.strip()])
        size = _number(options, "partBytes", PART_SIZE, 1)
        wanted = Wanted(columns, options.get("where"), (), size)
        wanted.check()
        most = _number(options, "maxFilesPerTrigger", 0, 0)
        return cls(tuple(paths), wanted, _seconds(options, "settleSeconds", 10.0), most or None)


def _number(options: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = options.get(name.lower())
    if text is None:
        return default
    if not text.isdecimal() or int(text) < least:
        raise ValueError(f"{name} must be a number from {least}, not {text!r}")
    return int(text)


def _seconds(options: Mapping[str, str], name: str, default: float) -> float:
    text = options.get(name.lower())
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ValueError(f"{name} must be a number from 0, not {text!r}")
    return seconds


class SipDataSource(DataSource):  # type: ignore[misc]
    """Captures and logs of SIP as a source of Spark, ``format("sip")``.

        sipfast.spark.register(spark)
        spark.read.format("sip").option("columns", "time,method,call_id").load("/captures/")

    Options: `columns`, with commas between; `where`, as `sipfast.scan` has it; `partBytes`, the
    bytes of a part of a large file. A stream also has `settleSeconds`, the seconds for which a file
    must be as it is before it is read, and `maxFilesPerTrigger`.
    """

    @classmethod
    def name(cls) -> str:
        """The name of the format."""
        return "sip"

    def schema(self) -> str:
        """The columns in the types of Spark, as DDL."""
        return ddl_of(_Options.of(self.options).wanted)

    def reader(self, schema: Any) -> SipReader:
        """What reads the files that are there now."""
        return SipReader(_Options.of(self.options))

    def streamReader(self, schema: Any) -> SipStreamReader:  # noqa: N802
        """What reads the files that come into a folder."""
        return SipStreamReader(_Options.of(self.options))


def ddl_of(wanted: Wanted) -> str:
    """The schema of Spark."""
    return ", ".join(
        [
            f"`{column.name.replace('`', '``')}` {SPARK_TYPES[column.type][0]}"
            for column in wanted.schema
        ]
    )


class _Input(InputPartition):  # type: ignore[misc]
    """A partition as Spark sends it to a worker."""

    def __init__(self, partition: Partition) -> None:
        super().__init__(partition)


class SipReader(DataSourceReader):  # type: ignore[misc]
    """Reads files, each by one worker, or a large one in parts."""

    def __init__(self, options: _Options) -> None:
        self._paths = options.paths
        self._wanted = options.wanted

    def partitions(self) -> list[_Input]:
        """What each worker reads."""
        return [_Input(one) for one in partitions(self._paths, self._wanted)]

    def read(self, partition: _Input) -> Iterator[Any]:
        """The rows of a partition, in batches of Arrow."""
        return read_partition(partition.value, self._wanted)


class PushingSipDataSource(SipDataSource):
    """The same where Spark hands over the filters of queries: elsewhere it refuses this one."""

    def reader(self, schema: Any) -> PushingSipReader:
        """What reads the files that are there now, of their rows those that filters leave."""
        return PushingSipReader(_Options.of(self.options))


class PushingSipReader(SipReader):
    """A reader that takes filters."""

    def pushFilters(self, filters: list[Any]) -> Iterable[Any]:  # noqa: N802
        """Take the filters that a scan can test, and return the others."""
        pushed = []
        for given in filters:
            condition = condition_of(given)
            if condition is None:
                yield given
            else:
                pushed.append(condition)
        self._wanted = self._wanted._replace(pushed=tuple(pushed))


class SipStreamReader(DataSourceStreamReader):  # type: ignore[misc]
    """Reads each file of a folder once, when it is complete."""

    def __init__(self, options: _Options) -> None:
        self._wanted = options.wanted
        self._landing = Landing(options.paths, options.settle)
        self._most = options.most_files

    def initialOffset(self) -> Offset:  # noqa: N802
        """No file."""
        return {}

    def latestOffset(self, start: Offset | None = None, limit: Any = None) -> Offset:  # noqa: N802
        """The complete files of the folder, and what tells whether they change."""
        most = None if type(limit).__name__ == "ReadAllAvailable" else self._most
        return self._landing.offset(start, most)

    def getDefaultReadLimit(self) -> Any:  # noqa: N802
        """The limit that the options set."""
        from pyspark.sql.streaming.datasource import ReadAllAvailable, ReadMaxFiles

        return ReadAllAvailable() if self._most is None else ReadMaxFiles(self._most)

    def partitions(self, start: Offset, end: Offset) -> list[_Input]:
        """What each worker reads of the files between two offsets."""
        return [_Input(one) for one in self._landing.partitions(start, end, self._wanted)]

    def read(self, partition: _Input) -> Iterator[Any]:
        """The rows of a partition, in batches of Arrow."""
        return read_partition(partition.value, self._wanted)
