"""The dialogs of some files in tables of DuckDB, where a million messages are small and quick.

A pass makes a row for each Call-ID, with the numbers of its packets, from which a ladder reads its
own messages alone. What takes a look at all messages of a call is added afterwards.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from .... import capture as captures
from ....columns import COLUMNS as MESSAGES
from ....columns import scan
from ....sql.queries import macros
from ....sql.queries import query as calls_query
from ...aside import leave_behind
from ...files import Unreadable
from ...screen.words import Words
from .columns import COLUMNS, FIELDS, SEARCHED, Row

if TYPE_CHECKING:
    pass

__all__ = ["LEGS", "Malformed", "Stopped", "Store", "Summary", "View", "as_scanned"]

LEGS = ("X-CID", "X-Call-ID")
"""The header fields that name the other leg of a call, as sngrep has them."""

_OF_DIALOGS = (
    "file", "time", "call_id", "method", "status", "reason", "packet", "cseq_method", "from_user",
    "from_host", "to_user", "to_host", "uri_user", "source_address", "source_port",
    "destination_address", "destination_port", "user_agent",
)  # fmt: skip
_LOOK = 0.02
"""Seconds between two looks at whether a query is wanted still."""
_MOST_LOOKS = 50
"""A query that goes on after so many interruptions is left behind."""
MOST_LEGS = 20
"""The legs of one call that a ladder shows together."""

# What the user asks reads the tables, and nothing outside.
_CONFIGURATION = {"python_enable_replacements": "false", "enable_external_access": "false"}


# A place is a file and a packet in it. The first message of a Call-ID is that at the least place.
_DIALOGS = """
create table dialogs as
select
    row_number() over (order by start nulls last, place) - 1 as id,
    *,
    lower(concat_ws(' ', {searched})) as text
from (
    select
        call_id,
        min(place) as place,
        count(*) as messages,
        min(epoch_ns(time)) as start,
        max(epoch_ns(time)) as "end",
        unnest(arg_min({{
            'method': coalesce(method, cseq_method),
            'caller': coalesce(from_user, from_host),
            'callee': coalesce(uri_user, to_user, to_host),
            'from_host': from_host,
            'to_host': to_host,
            'source': source_address,
            'source_port': source_port,
            'destination': destination_address,
            'destination_port': destination_port
        }}, place)),
        coalesce(bool_or(method = 'INVITE'), false) as is_call,
        -- Of a call, the status is that of its INVITE, whatever else is asked meanwhile.
        unnest(case
            when is_call then arg_max({{'status': status, 'reason': reason}}, place) filter (
                status >= 200 and cseq_method = 'INVITE'
            )
            else arg_max({{'status': status, 'reason': reason}}, place) filter (
                status >= 200 and cseq_method not in ('ACK', 'BYE', 'CANCEL', 'PRACK')
            )
        end),
        arg_min(user_agent, place) as agent,
        list_distinct(list(coalesce(method, status::varchar))) as kinds,
        {leg} as leg,
        list(place) as places,
        {unknown}
    from (select *, {file}::bigint << 40 | packet as place from source)
    group by call_id
);
create table places as select id, places from dialogs;
alter table dialogs drop column places;
alter table dialogs drop column kinds
"""

_FILE = "(list_position({}, file) - 1)"

# A TIMESTAMP without a zone is in UTC, whatever the time zone of the session.
_MESSAGES = """
create temporary view messages as
select * replace (make_timestamp_ns(epoch_ns(time)) as time) from source
"""

_RESULTS = """
create table dialogs_with_results as
with call as (select call_id, {fields} from ({query}))
select
    dialogs.* replace ({replaced}, lower(concat_ws(' ', text, {searched})) as text)
from dialogs
left join call on dialogs.is_call and dialogs.call_id = call.call_id
order by id
"""

_OF_CALL = "case when call.call_id is null then dialogs.{0} else call.{0} end"

_COMPLETE = """
begin;
drop table dialogs;
alter table dialogs_with_results rename to dialogs;
commit
"""

_OF_CALLS = (
    "result", "post_dial_delay", "setup_time", "duration", "hangup", "cause", "codecs",
    "retransmissions",
)  # fmt: skip
"""The fields that the table `calls` of `sipfast.connect` fills."""

_TYPES = dict(FIELDS)
_FIELDS = ", ".join(f'"{name}"' for name, _ in FIELDS)


_CHOSEN = f"select id from (select {_FIELDS} from dialogs) where ({{}}\n)"


class View(NamedTuple):
    """What the list shows, and in which order."""

    text: str = ""
    condition: str = ""
    calls_only: bool = False
    sort: str = "time"
    descending: bool = False


class Malformed(ValueError):
    """A condition that is not one over the columns of the list; its text is the reason."""


class Stopped(Exception):
    """The reading was ended by `Store.stop`, or a query is not wanted any more."""


class Summary(NamedTuple):
    """The figures of the summary; times in nanoseconds, delays in seconds."""

    first: int | None
    last: int | None
    delay: float | None
    long_delay: float | None
    duration: float | None
    talk: float | None
    results: list[tuple[str, int]]
    methods: list[tuple[str, int]]
    statuses: list[tuple[str, int]]
    sources: list[tuple[str, int]]


class Store:
    """The dialogs of some files; `load` reads them, in a thread of its own if need be.

    Attributes:
        captures: the files that could be opened.
        unreadable: the others, and why.
        total: the dialogs.
        shown: the dialogs that the view has.
    """

    def __init__(self, paths: Sequence[str], words: Words, legs: Sequence[str] = LEGS) -> None:
        import duckdb

        self.captures: list[captures.Capture] = []
        self.unreadable: dict[str, str] = {}
        self._legs = tuple(legs)
        for path in dict.fromkeys(paths):
            try:
                self.captures.append(captures.open(path))
            except (OSError, captures.CaptureError) as error:
                self.unreadable[path] = words.reason(error)
        if not self.captures:
            path, reason = next(iter(self.unreadable.items()))
            raise Unreadable(words.unreadable.format(path, reason))
        self._base = duckdb.connect(config=_CONFIGURATION)
        self._reader = self._base.cursor()
        self._is_stopped = False
        self._lock = threading.Lock()
        self._views = 0
        self._view_name = ""
        self._nameless: list[int] = []
        self.skipped = Counter[str]()
        self.messages = 0
        self.total = 0
        self.calls = 0
        self.shown = 0
        self.first: int | None = None
        self.has_results = False
        self.view = View()
        self._scan: Any = None

    @property
    def read(self) -> int:
        """The messages read so far in this pass."""
        return 0 if self._scan is None else self._scan.rows

    def stop(self) -> None:
        """End the reading and the queries, whose methods raise `Stopped`."""
        self._is_stopped = True
        self._reader.interrupt()

    def close(self) -> None:
        """Free the tables, unless a query was left behind that uses them."""
        import duckdb

        with contextlib.suppress(duckdb.Error):
            self._base.close()
        for capture in self.captures:
            capture.close()

    # ---- reading

    def load(self) -> None:
        """Make the dialogs; the list can be shown when this returns."""
        with self._stoppable():
            self._load()

    def _load(self) -> None:
        headers = [f"header:{name}" for name in self._legs]
        leg = f"any_value(coalesce({', '.join(map(_quoted, headers))}))" if headers else "null"
        paths = ", ".join("'" + name.replace("'", "''") + "'" for name in self._names)
        query = _DIALOGS.format(
            searched=", ".join(SEARCHED),
            leg=leg,
            file="0" if len(self._names) == 1 else _FILE.format(f"[{paths}]"),
            unknown=", ".join(
                f'null::{kind} as "{name}"' for name, kind in FIELDS if name in _OF_CALLS
            ),
        )
        self._read((*_OF_DIALOGS, *headers), query)
        self.skipped = self._scan.unread
        ((self.total, self.calls, messages, self.first),) = self._ask(
            "select count(*), count(*) filter (is_call), sum(messages), min(start) from dialogs"
        )
        self.messages = int(messages or 0)
        self._nameless = [
            one for (one,) in self._ask("select id from dialogs where call_id is null")
        ]
        self.show(View())

    def add_results(self) -> None:
        """Add what the table `calls` of `sipfast.connect` says of each: its result, its delays."""
        with self._stoppable():
            self._add_results()

    @contextlib.contextmanager
    def _stoppable(self) -> Iterator[None]:
        import duckdb

        if self._is_stopped:
            raise Stopped
        try:
            yield
        except duckdb.Error as error:  # such as a full disk
            if self._is_stopped:
                raise Stopped from None
            raise Unreadable(str(error)) from None

    def _add_results(self) -> None:
        query = calls_query("calls")
        names = [*_OF_CALLS, "status", "reason"]
        script = _RESULTS.format(
            fields=", ".join(names),
            query=query,
            replaced=", ".join(f"{_OF_CALL.format(one)} as {one}" for one in names),
            searched=", ".join(f"call.{name}" for name in _OF_CALLS if _TYPES[name] == "varchar"),
        )
        used = [name for name in MESSAGES if re.search(rf"\b{name}\b", query)]
        self._read(used, f"{macros()};{_MESSAGES};{script}")
        with self._lock:
            self._reader.execute(_COMPLETE).fetchall()
        self.has_results = True

    def _read(self, columns: Iterable[str], query: str) -> None:
        """Run a query over the messages of all files, which it calls `source`."""
        self._scan = scan(self._names.values(), columns=columns)
        self._reader.register("source", self._scan)
        self._reader.execute(query).fetchall()
        self._reader.unregister("source")

    @property
    def _names(self) -> dict[str, str]:
        """The paths by the names that a scan gives them, which Arrow takes in UTF-8 alone.

        Of two paths that have the same name then, the second gets one more ``./``.
        """
        found: dict[str, str] = {}
        for capture in self.captures:
            path = capture.file or ""
            while as_scanned(path) in found:
                path = os.path.join(os.path.dirname(path), os.curdir, os.path.basename(path))
            found[as_scanned(path)] = path
        return found

    # ---- what the list shows

    def show(self, view: View, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Make the list show what `view` says; until then, it shows what it did.

        Raises `Malformed` for its condition, and `Stopped` once it is not wanted.
        """
        import duckdb

        holds, values = self._condition(view, is_wanted)
        direction = "desc nulls last" if view.descending else "asc nulls last"
        order = ", ".join(f"{part} {direction}" for part in COLUMNS[view.sort].sort.split(", "))
        with self._lock:
            self._views += 1
            name = f"view_{self._views}"

        def make(cursor: Any) -> None:
            cursor.execute(
                f"create table {name} as select id, row_number() over (order by {order}, id)"
                f" - 1 as rank from dialogs where {holds} order by rank",
                values,
            )
            ((shown,),) = cursor.execute(f"select count(*) from {name}").fetchall()
            with self._lock:  # one that was left behind comes after another that it must not undo
                is_last = is_wanted() and not self._is_stopped
                leaves = self._view_name if is_last else name
                if is_last:
                    self._view_name = name
                    self.view, self.shown = view, shown
                if leaves:
                    cursor.execute(f"drop table {leaves}")

        try:
            self._while_wanted(make, is_wanted)
        except duckdb.Error as error:  # such as of a cast, which depends on the values
            if not view.condition:
                raise
            raise Malformed(str(error).splitlines()[0]) from None

    def _while_wanted(self, run: Callable[[Any], None], is_wanted: Callable[[], bool]) -> None:
        """Run a query of the user, which may take for ever, on a cursor of its own.

        It is interrupted when it is not wanted any more, and raises `Stopped`. That it does so in a
        thread of its own lets it be left behind where no interruption ends it.
        """
        cursor = self._base.cursor()
        ended: SimpleQueue[BaseException | None] = SimpleQueue()

        def running() -> None:
            try:
                run(cursor)
            except BaseException as error:
                ended.put(error)
            else:
                ended.put(None)

        Thread(target=running, daemon=True).start()
        looks = 0
        while True:
            try:
                error = ended.get(timeout=_LOOK)
            except Empty:
                if is_wanted() and not self._is_stopped:
                    continue
                if looks == _MOST_LOOKS:
                    leave_behind()
                    raise Stopped from None
                looks += 1
                cursor.interrupt()  # again, as one that comes before the query is lost
            else:
                break
        if self._is_stopped or not is_wanted():
            raise Stopped
        if error is not None:
            raise error

    def _condition(self, view: View, is_wanted: Callable[[], bool]) -> tuple[str, list[str]]:
        parts = ["true"]
        values = []
        for word in view.text.lower().split():
            parts.append("contains(text, ?)")
            values.append(word)
        if view.calls_only:
            parts.append("is_call")
        if view.condition:
            self.check(view.condition, is_wanted)
            # A table of its own: the condition is one, whatever its parentheses are.
            parts.append(f"id in ({_CHOSEN.format(view.condition)})")
        return " and ".join(parts), values

    def check(self, condition: str, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Raise `Malformed` unless this is one condition over the columns of the list.

        What is constant in it is computed for that: so this takes long, too, and raises `Stopped`.
        """
        import duckdb

        query = _CHOSEN.format(condition)

        def explain(cursor: Any) -> None:
            if len(cursor.extract_statements(query)) != 1:
                raise Malformed("more than one statement")
            cursor.execute(f"explain {query}").fetchall()

        try:
            self._while_wanted(explain, is_wanted)
        except duckdb.Error as error:
            raise Malformed(str(error).splitlines()[0]) from None

    def _ask(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of a query, from any thread."""
        found: list[Any] = self._base.cursor().execute(query, list(values)).fetchall()
        return found

    def rows(self, start: int, stop: int) -> list[Row]:
        """The rows of the list from one place to another."""
        with self._lock:
            found = self._ask(
                f"select {_FIELDS} from {self._view_name} join dialogs using (id)"
                " where rank >= ? and rank < ? order by rank",
                [start, stop],
            )
            return [Row(*row) for row in found]

    def rows_of(self, ids: Sequence[int] | None) -> list[Row]:
        """The rows of dialogs, in the order of their beginnings; of all for None."""
        holds = "true" if ids is None else "id in (select unnest(?::bigint[]))"
        found = self._ask(
            f"select {_FIELDS} from dialogs where {holds} order by id",
            [] if ids is None else [list(ids)],
        )
        return [Row(*row) for row in found]

    def row(self, number: int) -> Row:
        """The row of a dialog."""
        (row,) = self._ask(f"select {_FIELDS} from dialogs where id = ?", [number])
        return Row(*row)

    def place_of(self, number: int) -> int:
        """The place of a dialog in the view; 0 if it is not there."""
        with self._lock:
            found = self._ask(f"select rank from {self._view_name} where id = ?", [number])
            return found[0][0] if found else 0

    def ids(self) -> list[int]:
        """The dialogs shown, in their order."""
        with self._lock:
            found = self._ask(f"select id from {self._view_name} order by rank")
            return [row[0] for row in found]

    # ---- what ladders need

    def packets(self, ids: Iterable[int], most: int | None) -> dict[int, list[int]]:
        """The packets of dialogs by file, at most so many of each dialog.

        Those of messages without a Call-ID that a scan can read are among them: a message that is
        malformed elsewhere may be one of the dialogs.
        """
        found = self._ask(
            "select place >> 40, list(place & 1099511627775)"
            " from (select unnest(places[:coalesce(?, len(places))]) as place from places"
            " where id in (select unnest(?::bigint[]))) group by 1 order by 1",
            [most, [*ids, *self._nameless]],
        )
        return dict(found)

    def legs(self, number: int) -> list[int]:
        """The dialogs that are legs of the same call, with the one asked for."""
        found = self._ask(
            "select other.id from dialogs as one join dialogs as other on other.id = one.id or"
            " other.call_id = one.leg or other.leg = one.call_id or other.leg = one.leg"
            " where one.id = ? order by other.id limit ?",
            [number, MOST_LEGS],
        )
        return [row[0] for row in found]

    # ---- the summary

    def summary(self) -> Summary:
        """What the summary screen shows."""

        def counts(query: str) -> list[tuple[str, int]]:
            return [(str(name), count) for name, count in self._ask(query)]

        (row,) = self._ask(
            'select min(start), max("end"), median(post_dial_delay),'
            " quantile_cont(post_dial_delay, 0.95), median(duration), sum(duration) from dialogs"
        )
        first, last, delay, long_delay, duration, talk = row
        top = " group by all order by count(*) desc, 1 limit 12"
        return Summary(
            first,
            last,
            delay,
            long_delay,
            duration,
            talk,
            counts(f"select result, count(*) from dialogs where result is not null{top}"),
            counts(f"select coalesce(method, '?'), count(*) from dialogs{top}"),
            counts(f"select status, count(*) from dialogs where status is not null{top}"),
            counts(f"select source, count(*) from dialogs where source is not null{top}"),
        )


def as_scanned(text: str) -> str:
    """A text as a scan has it: Arrow takes no bytes that are not UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
