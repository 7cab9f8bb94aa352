"""Tables of DuckDB for the commands: a query over files, its rows, and what could not be read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..capture.base import CaptureError
from ..columns import ColumnError
from ..columns.scan import UNREADABLE
from ..sql import connect, messages_of
from .aside import Aside
from .files import reading_threads, watched_query
from .screen.console import Misuse, Refusal, cleaned_up, warn
from .screen.text import visible
from .screen.words import Text, Words

if TYPE_CHECKING:
    import duckdb

__all__ = ["LOCKED", "Query", "answered", "batches_of", "like", "queried"]

LOCKED = (
    "set enable_external_access = false",
    "set python_enable_replacements = false",
    "set TimeZone = 'UTC'",
    "set lock_configuration = true",
)
"""A query may come from anyone: it reads the messages, and nothing else."""

_BATCH = 16_384
"""Rows of a result that are converted at once."""


class Query(NamedTuple):
    """Rows of a table: those for which all conditions hold, in an order; of them, some columns.

    What the other columns are made of is not read.
    """

    table: str
    conditions: Sequence[str] = ()
    """Conditions of the command, with `?` for each of `values`."""
    values: Sequence[Any] = ()
    where: str | None = None
    """A condition of the user."""
    order: str = ""
    correlate: str | None = None
    columns: Sequence[str] = ()
    """Empty for all; else with those of the order."""
    memory_limit: str = "1200MB"
    """That of DuckDB, which the readers of the files come on top of: 1.5 GB in all.

    Half a million calls fit; more go into files, which takes half as long again.
    """


class QueryWords(Words):
    """The texts of one language."""

    bad_where = Text("--where: {}", "--where：{}")
    bad_column = Text("--correlate: {}", "--correlate：{}")
    bad_header = Text("--headers: {}", "--headers：{}")
    bad_limit = Text("--memory-limit: {}", "--memory-limit：{}")


def like(pattern: str) -> str:
    """A text in which ``*`` stands for any characters, as a pattern of LIKE (escape ``!``)."""
    for special in "!%_":
        pattern = pattern.replace(special, "!" + special)
    return pattern.replace("*", "%")


def queried(
    paths: Sequence[str],
    words: Words,
    run: Callable[[duckdb.DuckDBPyConnection, Aside], None],
    *,
    what: str,
    refusal: Callable[[Exception, duckdb.DuckDBPyConnection], Misuse],
    memory_limit: str,
    headers: Sequence[str] = (),
    correlate: str | None = None,
) -> bool:
    """Run queries over files, on a connection that can reach nothing else.

    `refusal` is what an error of DuckDB means, if it is about the query. `what` asks for the extra
    in the message that it is missing. False if a file is unreadable, which standard error then
    names.
    """
    texts = QueryWords(words.language)
    present = _present(paths, words)
    try:
        import duckdb
        import pyarrow  # noqa: F401

        connection = connect(
            present,
            headers=headers,
            correlate=correlate,
            threads=reading_threads(),
            memory_limit=memory_limit,
        )
    except ImportError:
        raise Refusal(words.needs(what, "duckdb")) from None
    except ColumnError as error:
        option = texts.bad_header if headers else texts.bad_column
        raise Misuse(option.format(error)) from None
    except duckdb.Error as error:
        raise Misuse(texts.bad_limit.format(_in_one_line(error))) from None
    messages = messages_of(connection)
    for statement in LOCKED:
        connection.execute(statement)
    with cleaned_up(), watched_query(messages, words), Aside(connection.interrupt) as aside:
        try:
            run(connection, aside)
        except duckdb.Error as error:
            if messages.error is None:
                raise refusal(error, connection) from None
            if not messages.refused:
                raise messages.error from None
    connection.close()
    return _told(messages, present, words) and len(present) == len(paths)


def answered(
    paths: Sequence[str],
    query: Query,
    words: Words,
    write: Callable[[Any, Iterator[Any]], None],
) -> bool:
    """Give `write` the schema and the batches of a query, both of pyarrow.

    False if a file is unreadable, which standard error then names.
    """

    def run(connection: duckdb.DuckDBPyConnection, aside: Aside) -> None:
        relation = _relation(connection, query, QueryWords(words.language))
        write(*batches_of(relation, aside))

    return queried(
        paths,
        words,
        run,
        what=query.table,
        refusal=lambda error, _: Misuse(_in_one_line(error)),
        memory_limit=query.memory_limit,
        correlate=query.correlate,
    )


def batches_of(relation: Any, aside: Aside) -> tuple[Any, Iterator[Any]]:
    """The schema and the batches of a relation, both of pyarrow."""
    reader = aside(lambda: relation.to_arrow_reader(_BATCH))
    return reader.schema, aside.each(reader)


def _relation(connection: duckdb.DuckDBPyConnection, query: Query, texts: QueryWords) -> Any:
    import duckdb

    relation: Any = connection.sql(
        f"select * from {query.table}"
        + (f" where {' and '.join(query.conditions)}" if query.conditions else ""),
        params=list(query.values) or None,
    )
    if query.where is not None:
        try:
            relation = relation.filter(query.where)  # which takes one expression, and no more
        except duckdb.Error as error:
            raise Misuse(texts.bad_where.format(_in_one_line(error))) from None
    if query.columns:
        relation = relation.project(", ".join(query.columns))
    return relation.order(query.order) if query.order else relation


def _in_one_line(error: Exception) -> str:
    return visible(" ".join(str(error).partition("\n\nLINE ")[0].split()))


def _present(paths: Iterable[str], words: Words) -> list[str]:
    """The paths without those of missing files, of which it warns."""
    found = []
    for path in paths:
        try:
            if path != "-":
                os.stat(path)
        except OSError as error:
            warn(words.unreadable.format(path, words.reason(error)))
        else:
            found.append(path)
    if not found:
        raise Refusal(words.nothing_read)
    return found


def _told(messages: Any, paths: Sequence[str], words: Words) -> bool:
    """Tell what was not read; False if that is a file."""
    for path, reason in messages.refused.items():
        if isinstance(reason, CaptureError):  # which names the path itself
            reason = CaptureError(reason.message.removeprefix(f"{path}: "), reason.offset)
        warn(words.unreadable.format(path, words.reason(reason)))
    if len(messages.refused) == len(paths):
        raise Refusal(words.nothing_read)
    unread = messages.unread
    del unread[UNREADABLE]  # which have lines of their own
    if unread:
        name = paths[0] if len(paths) == 1 else words.files(len(paths))
        warn(words.not_read.format(name, words.reasons(unread)))
    return not messages.refused
