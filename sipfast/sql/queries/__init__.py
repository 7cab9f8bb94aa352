"""The shipped queries, which make the tables of SQL: one text for DuckDB and Spark SQL."""

from __future__ import annotations

from importlib import resources

__all__ = ["VIEWS", "macros", "query"]

VIEWS = ("transactions", "calls", "registrations", "metrics")
"""The queries, each of which reads only `messages` and those before it.

What `transactions` and `calls` have in common, such as the order of messages, is in both: a view
for it would have to be made wherever one of them is run, on Spark too.
"""

_FIRST_VALUE = (
    "min_by(cast({0} as string), struct(place, packet)) "
    "filter (where {0} is not null and is_attempt) as correlation"
)
_CORRELATED = (
    ("cast(null as string) as correlation", _FIRST_VALUE),
    ("    correlation,\n", "    coalesce(correlation, call_id) as correlation,\n"),
    (
        "cast(1 as bigint) as legs",
        "count(*) over (partition by coalesce(correlation, call_id)) as legs",
    ),
)
"""What changes in a query that is asked for a correlation."""


def query(name: str, correlation: str | None = None) -> str:
    """The text of a query of `VIEWS`.

    `correlation` is an SQL expression over `messages`, such as ``'"header:X-CID"'``. Calls are legs
    of one another whose INVITEs have the same value; a call without one has its Call-ID in place of
    it, which is what many B2BUAs put into the field of the other leg. Of Replaces, the value is the
    Call-ID in it (RFC 3891 6.1).
    """
    text = _text(name)
    if correlation is not None and name == "calls":
        if "header:replaces" in correlation.lower():
            correlation = f"trim(split_part({correlation}, ';', 1))"
        for plain, correlated in _CORRELATED:
            assert plain in text, plain
            text = text.replace(plain, correlated.format(correlation))
    return text


def macros(dialect: str = "duckdb") -> str:
    """The statements that "duckdb" or "spark" needs before the queries: functions of the other."""
    return _text(dialect)


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
