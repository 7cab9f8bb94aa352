"""A data source for Apache Spark 4: captures and logs as rows, read by many workers.

    sipfast.spark.register(spark)
    messages = spark.read.format("sip").load("/captures/2026-03-01/")

docs/spark.md has the options. `read_partition` and `partitions` serve other engines as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._install import lacking
from ..sql.queries import macros
from .plan import Partition, Wanted, partitions

try:
    from .rows import read_partition, schema_of
except ModuleNotFoundError as error:
    if error.name != "pyarrow":
        raise
    raise lacking(error.name, "spark") from None

if TYPE_CHECKING:
    from types import ModuleType

    from pyspark.sql import SparkSession

    from .source import SipDataSource

__all__ = [
    "Partition",
    "SipDataSource",
    "Wanted",
    "partitions",
    "read_partition",
    "register",
    "schema_of",
]


def register(session: SparkSession) -> None:
    """Give a session the format "sip", and the functions that the queries of `sipfast.sql` use.

    The format takes the filters of queries if ``spark.sql.python.filterPushdown.enabled`` is true
    now: while it is false, its default, Spark refuses a source that takes any. With filters, a
    query must not read the same ``load`` twice: Spark mixes up their filters (docs/spark.md).

    Raises ImportError without pyspark.
    """
    source = _source()
    pushes = session.conf.get("spark.sql.python.filterPushdown.enabled", "false") == "true"
    session.dataSource.register(source.PushingSipDataSource if pushes else source.SipDataSource)
    session.sql(macros("spark"))


def _source() -> ModuleType:
    """The module of the data source, which only Spark needs."""
    try:
        from . import source
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "pyspark":
            raise
        raise lacking("pyspark", "spark") from None
    return source


def __getattr__(name: str) -> Any:
    if name != "SipDataSource":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = _source().SipDataSource
    return found
