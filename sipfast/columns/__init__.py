"""Messages as columns: from captures and logs to Arrow, Polars, pandas and DuckDB.

    table = sipfast.scan("trace.pcap", where="status >= 400")
    duckdb.sql("select user_agent, count(*) from table group by all")

docs/columns.md has the columns, and the language of `where`.
"""

from __future__ import annotations

from .names import COLUMNS, Column, ColumnError
from .scan import Scan, scan
from .where import WhereError

__all__ = ["COLUMNS", "Column", "ColumnError", "Scan", "WhereError", "scan"]
