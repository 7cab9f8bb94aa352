"""A data source for Apache Spark 4: captures and logs as rows, read by many workers.

    sipfast.spark.register(spark)
    messages = spark.read.format("sip").load("/captures/2026-03-01/")

docs/spark.md has the options. `read_partition` and `partitions` serve other engines as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._install import how_to_get
from ..sql.queries import macros
from .plan import Partition, Wanted, partitions
from .rows import read_partition, schema_of

if TYPE_CHECKING:
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
    now: while it is false, its default, Spark refuses a source that takes any.
    """
    from .source import PushingSipDataSource, SipDataSource

    pushes = session.conf.get("spark.sql.python.filterPushdown.enabled", "false") == "true"
    session.dataSource.register(PushingSipDataSource if pushes else SipDataSource)
    session.sql(macros("spark"))


def __getattr__(name: str) -> Any:
    if name != "SipDataSource":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from .source import SipDataSource
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("pyspark"):
            raise
        raise ImportError(f"this needs pyspark: {how_to_get('spark')}", name="pyspark") from None
    globals()[name] = SipDataSource
    return SipDataSource
