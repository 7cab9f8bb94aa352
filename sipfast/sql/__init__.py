"""SQL over messages: DuckDB with the tables messages, transactions, calls and registrations.

    connection = sipfast.connect("trace.pcap")
    connection.sql("select caller, result from calls where post_dial_delay > 3")

docs/sql.md has the tables. All but `messages` are queries over others, whose text `query` has: it
runs on Apache Spark as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, finalize

from .._engine import ENGINE, Engine
from .._install import lacking
from ..columns.names import COLUMNS, ColumnError, column_of
from ..columns.scan import Source
from .queries import VIEWS, macros, query

if TYPE_CHECKING:
    import duckdb

    from .messages import Messages

__all__ = ["VIEWS", "columns_of", "connect", "messages_of", "query"]

_MESSAGES: WeakKeyDictionary[duckdb.DuckDBPyConnection, Messages] = WeakKeyDictionary()


def connect(
    source: Source | Iterable[Source],
    *,
    headers: Iterable[str] = (),
    correlate: str | None = None,
    threads: int = 1,
    memory_limit: str | None = None,
    engine: Engine = ENGINE,
) -> duckdb.DuckDBPyConnection:
    """A connection to DuckDB, in memory, whose tables are of the messages of captures and logs.

        connection = sipfast.connect("trace.pcap", headers=["X-CID"])
        connection.sql('select "header:X-CID", count(*) from messages group by all')

    `source` is what `sipfast.scan` takes. `messages` has every column of `sipfast.columns.COLUMNS`,
    and ``"header:NAME"`` for each of `headers`; `transactions`, `calls`, `registrations` and
    `metrics` are made of it. Each query reads the source anew, and of it the columns and rows that
    it uses. The times are in UTC.

    `correlate` names a column of `messages` by which calls are legs of one another. `threads` read
    a capture, as those of `scan`. `memory_limit` is that of DuckDB, such as ``"1GB"``: what needs
    more goes into a temporary folder, which is removed with the connection.

    Raises:
        ColumnError: a header name is malformed, or given twice.
        OSError: a path does not exist.
        ImportError: DuckDB or pyarrow is not installed.
    """
    if isinstance(headers, str):
        raise TypeError("headers must be a list of names, not str")
    names = [column_of(f"header:{name}").name for name in headers]
    known = {name.lower() for name in names}  # DuckDB's names have no case either
    if len(known) < len(names):
        raise ColumnError(f"a header field is asked for twice: {', '.join(names)}")
    if correlate is not None:
        column_of(correlate)
        if correlate.startswith("headers:"):
            raise ColumnError(f"{correlate} is a list: calls have one value of header:NAME")
        if correlate.startswith("header:") and correlate.lower() not in known:
            names.append(correlate)
    # These are slow to import, and a command that only says how it is used needs none of them.
    import shutil
    import tempfile

    try:
        import duckdb

        from .messages import Messages
    except ModuleNotFoundError as error:
        if error.name not in ("duckdb", "pyarrow"):
            raise
        raise lacking(error.name, "duckdb") from None
    messages = Messages(source, names, threads, engine)
    folder = tempfile.mkdtemp(prefix="sipfast-")  # which only its owner can read
    config = {"temp_directory": folder}
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    try:
        connection = duckdb.connect(":memory:", config=config)
        finalize(connection, shutil.rmtree, folder, ignore_errors=True)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    connection.register("messages", messages)
    connection.execute(macros())
    for name in VIEWS:
        correlation = None if correlate is None else '"' + correlate.replace('"', '""') + '"'
        connection.execute(f"create temporary view {name} as {query(name, correlation)}")
    _MESSAGES[connection] = messages
    return connection


def columns_of(name: str) -> tuple[str, ...]:
    """The columns of messages that a query of `VIEWS` uses, with the queries that it reads."""
    words: set[str] = set()
    for view in (name, *reversed(VIEWS[: VIEWS.index(name)])):
        if view == name or view in words:
            words.update(re.findall(r"\w+", re.sub(r"--.*", "", query(view))))
    return tuple([column for column in COLUMNS if column in words])


def messages_of(connection: duckdb.DuckDBPyConnection) -> Messages:
    """The table `messages` of a connection of `connect`: what its queries did not read.

    Raises KeyError for another connection.
    """
    return _MESSAGES[connection]
