"""The expression that selects rows: its grammar, its faults, and its logic: that of SQL."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipfast.columns import WhereError
from sipfast.columns.names import BOOL, COLUMNS, TEXT, TEXTS, TIME, UINT16, column_of
from sipfast.columns.where import Tree, compiled, evaluate, like, named_in, parse

EQUAL = ("compare", "=", "status", 486)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("status = 486", EQUAL),
        ("status==486", EQUAL),
        (" ( status = +486 ) ", EQUAL),
        ("486 = status", EQUAL),
        ("status <> 486", ("compare", "!=", "status", 486)),
        ("400 <= status", ("compare", ">=", "status", 400)),
        ("400 > status", ("compare", "<", "status", 400)),
        ("packet > -1", ("compare", ">", "packet", -1)),
        ("is_request", ("compare", "=", "is_request", True)),
        ("NOT retransmission", ("not", ("compare", "=", "retransmission", True))),
        ("is_request = FALSE", ("compare", "=", "is_request", False)),
        ("true != is_request", ("compare", "!=", "is_request", True)),
        ("from_user = 'O''Neill'", ("compare", "=", "from_user", "O'Neill")),
        ('from_user = "O\'Neill ""x"""', ("compare", "=", "from_user", 'O\'Neill "x"')),
        ("method IN ('INVITE', \"BYE\")", ("in", "method", ("INVITE", "BYE"))),
        ("status not in (200)", ("not", ("in", "status", (200,)))),
        ("reason like 'Busy%'", ("like", "reason", "Busy%")),
        ("reason not like '_'", ("not", ("like", "reason", "_"))),
        ("error is null", ("null", "error")),
        ("error is not null", ("not", ("null", "error"))),
        (
            "status between 400 and 499 and is_request",
            (
                "and",
                (
                    "and",
                    ("compare", ">=", "status", 400),
                    ("compare", "<=", "status", 499),
                ),
                ("compare", "=", "is_request", True),
            ),
        ),
        (
            "status not between 1 and 2",
            ("not", ("and", ("compare", ">=", "status", 1), ("compare", "<=", "status", 2))),
        ),
        ("header:X-Foo = '1'", ("compare", "=", "header:X-Foo", "1")),
        ("headers:Via like '%a%'", ("like", "headers:Via", "%a%")),
        ("sdp_codecs = 'opus'", ("compare", "=", "sdp_codecs", "opus")),
        (
            "is_request or not is_request and status = 486",
            (
                "or",
                ("compare", "=", "is_request", True),
                ("and", ("not", ("compare", "=", "is_request", True)), EQUAL),
            ),
        ),
    ],
)
def test_tree(text: str, tree: Tree) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01 12:30", "2026-03-01T12:30:00+00:00"),
        ("2026-03-01T12:30:05Z", "2026-03-01T12:30:05+00:00"),
        ("2026-03-01T12:30:05+08:00", "2026-03-01T04:30:05+00:00"),
        ("2026-03-01T12:30:05 -0330", "2026-03-01T16:00:05+00:00"),
        ("1969-12-31 23:59:59", "1969-12-31T23:59:59+00:00"),
    ],
)
def test_times(text: str, moment: str) -> None:
    seconds = int(datetime.fromisoformat(moment).astimezone(timezone.utc).timestamp())
    assert parse(f"time >= '{text}'") == ("compare", ">=", "time", seconds * 10**9)


def test_a_time_has_nanoseconds() -> None:
    assert parse("time = '1970-01-01T00:00:01.000000002Z'")[3] == 1_000_000_002
    assert parse("time = '1970-01-01 00:00:00.5'")[3] == 500_000_000


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "empty expression", 0),
        ("stauts = 1", "unknown column 'stauts'; did you mean status?", 0),
        ("is_request and stauts = 1", "unknown column 'stauts'; did you mean status?", 15),
        ("X = 1", "unknown column 'X'; a header field is 'header:X'", 0),
        ("status = 'busy'", "status is a number, not text", 9),
        ("status = true", "status is a number, not true or false", 9),
        ("method = 1", "method is text, not a number", 9),
        ("method in ('A', 1)", "method is text, not a number", 16),
        ("is_request = 'x'", "is_request is true or false, not text", 13),
        ("is_request > true", "is_request is true or false: it has no order", 11),
        ("sdp_codecs < 'a'", "sdp_codecs is a list of text: it has no order", 11),
        ("status like 'x'", "status is a number: 'like' is for text", 7),
        ("time > 5", "time is a time, such as '2026-03-01 12:00', not a number", 7),
        ("time > 'noon'", "malformed time: such as '2026-03-01' or '2026-03-01T12:00:05.25Z'", 7),
        ("time > '2026-02-30'", "malformed time: day is out of range for month", 7),
        ("time > '9999-01-01'", "time out of range: from 1677 to 2262", 7),
        ("time > '2026-01-01 00:00+99:00'", "malformed time: offset out of range", 7),
        ("status", "status is a number: compare it with something", 0),
        ("method and is_request", "method is text: compare it with something", 0),
        ("status =", "expected a constant before the end", 8),
        ("status = null", "null equals nothing: write 'is null' or 'is not null'", 9),
        ("method = INVITE", "expected a constant (text in quotes), found 'INVITE'", 9),
        ("status = 1.5", "malformed number: columns have whole numbers", 9),
        ("status = 1x", "malformed number: columns have whole numbers", 9),
        ("status = 99999999999999999999999", "number out of range", 9),
        ("status = 9223372036854775808", "number out of range", 9),
        ("method = 'x", "string without its closing quote", 9),
        ("(status = 1", "expected ')' before the end", 11),
        ("status = 1)", "expected 'and', 'or' or the end, found ')'", 10),
        ("status = 1 status = 2", "expected 'and', 'or' or the end, found 'status'", 11),
        ("status in ()", "expected a constant, found ')'", 11),
        ("status not 5", "expected 'in', 'like' or 'between', found '5'", 11),
        ("and", "expected the name of a column, found 'and'", 0),
        ("5", "expected a comparison before the end", 1),
        ("status; drop", "unexpected ';'", 6),
        ("method like status", "expected a pattern in quotes, found 'status'", 12),
        ("status between 1 or 2", "expected 'and', found 'or'", 17),
        ("(" * 65 + "is_request" + ")" * 65, "nested deeper than 64", 64),
        ("not " * 65 + "is_request", "nested deeper than 64", 256),
        (" or ".join(["is_request"] * 1025), "more than 1024 tests", 14336),
    ],
)
def test_faults(text: str, message: str, offset: int) -> None:
    with pytest.raises(WhereError) as caught:
        parse(text)
    assert (caught.value.message, caught.value.offset) == (message, offset)
    assert str(caught.value) == f"{message} (character {offset + 1})"
    line, arrow = caught.value.shown.splitlines()
    assert line[len(arrow) - 1 :][:1] == text[offset : offset + 1]


def test_a_string_has_no_unpaired_surrogate() -> None:
    with pytest.raises(WhereError, match="unpaired surrogate in a string") as caught:
        parse("method = 'x\ud800'")
    assert caught.value.offset == 11


def test_the_text_must_be_str() -> None:
    with pytest.raises(TypeError, match="where must be str, not bytes"):
        parse(b"status = 1")  # type: ignore[arg-type]


HOSTILE = [
    "(",
    "not ",
    "is_request or ",
    "is_request and not ",
    "''",
    "x",
    "9",
    "status in (1,",
    "header:",
    "\N{COMBINING ACUTE ACCENT}",
    "' or ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_anything_is_a_fault_at_once(piece: str) -> None:
    began = time.process_time()
    many = piece * (1_000_000 // len(piece))
    for text in (many, f"method = '{many}"):
        with pytest.raises(WhereError) as caught:
            parse(text)
        assert len(str(caught.value)) < 200
    assert time.process_time() - began < 3


def test_an_expression_beyond_a_mebibyte_is_refused_unread() -> None:
    with pytest.raises(WhereError, match="longer than 1048576"):
        parse("(" * 1_048_577)


def test_a_list_may_be_long() -> None:
    names = tuple(f"user{number}" for number in range(50_000))
    tree = parse("from_user in ('" + "', '".join(names) + "')")
    assert tree == ("in", "from_user", names)
    test = compiled(tree)
    began = time.process_time()
    assert [test({"from_user": name}) for name in (*names, "nobody")] == [True] * 50_000 + [False]
    assert time.process_time() - began < 2


def test_the_most_tests_are_evaluated() -> None:
    tree = parse(" or ".join(f"status = {number}" for number in range(1024)))
    assert evaluate(tree, {"status": 1023}) is True
    assert evaluate(tree, {"status": 1024}) is False


def test_named_in() -> None:
    tree = parse("to_user = 'a' and (status = 1 or not to_user is null) and header:i like '%'")
    assert named_in(tree) == ("to_user", "status", "header:i")


@pytest.mark.parametrize("size", [20_000])
def test_like_takes_one_pass(size: int) -> None:
    test = like("%a%a%a%a_a%a%b")
    began = time.process_time()
    assert test("a" * size) is False
    assert test("a" * size + "b") is True
    assert time.process_time() - began < 1


# ---- the logic is that of SQL --------------------------------------------------------------------

USED = ("method", "reason", "status", "cseq_number", "is_request", "sdp_codecs", "header:X", "time")
WORDS = ["", "a", "b", "ab", "aa", "a%", "_", "\u00e9", "\u65e5b", "B", "a'b", "\U0001f600"]
TIMES = ["1969-12-31 23:59:59.999999999", "1970-01-01 00:00:00", "2026-03-01 12:00:00.5"]
PATTERNS = st.text(alphabet="ab%_\u00e9", max_size=6)


def _values(name: str) -> st.SearchStrategy[Any]:
    kind = column_of(name).type
    if kind == TEXT:
        return st.sampled_from(WORDS)
    if kind == TEXTS:
        return st.lists(st.sampled_from(WORDS), max_size=3).map(tuple)
    if kind == BOOL:
        return st.booleans()
    if kind == TIME:
        return st.sampled_from(TIMES).map(lambda text: parse(f"time = '{text}'")[3])
    return st.integers(0, 4 if kind == UINT16 else 6)


ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | _values(name) for name in USED}),
    min_size=1,
    max_size=8,
)


@st.composite
def _expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, str]:
    """An expression, and the same in SQL."""
    kind = draw(st.sampled_from(["and", "or", "not", "test", "test"] if depth else ["test"]))
    if kind == "not":
        ours, sql = draw(_expressions(depth=depth - 1))
        return f"not ({ours})", f"not ({sql})"
    if kind != "test":
        (left, left_sql), (right, right_sql) = (draw(_expressions(depth=depth - 1)) for _ in "ab")
        return f"({left}) {kind} ({right})", f"({left_sql}) {kind} ({right_sql})"
    name = draw(st.sampled_from(USED))
    kind_of = column_of(name).type
    quoted = f'"{name}"'

    def constant() -> tuple[str, str]:
        if kind_of == TIME:
            text = draw(st.sampled_from(TIMES))
            return f"'{text}'", f"timestamp_ns '{text}'"
        if kind_of in (TEXT, TEXTS):
            text = draw(st.sampled_from(WORDS)).replace("'", "''")
            return f"'{text}'", f"'{text}'"
        value = str(draw(_values(name))).lower()
        return value, value

    forms = ["=", "!=", "in", "null"]
    forms += ["<", "<=", ">", ">=", "between"] if kind_of not in (BOOL, TEXTS) else []
    forms += ["like"] if kind_of in (TEXT, TEXTS) else []
    forms += ["alone"] if kind_of == BOOL else []
    form = draw(st.sampled_from(forms))
    negated = draw(st.sampled_from(["", "not "]))
    if form == "alone":
        return name, quoted
    if form == "null":
        return f"{name} is {negated}null", f"{quoted} is {negated}null"

    def test(condition: str) -> str:
        """A condition on each item of a list, or on the value."""
        if kind_of != TEXTS:
            return condition.format(quoted)
        items = f"list_filter({quoted}, lambda item: {condition.format('item')})"
        return f"(len({items}) > 0)"

    if form == "like":
        pattern = draw(PATTERNS)
        return f"{name} {negated}like '{pattern}'", f"{negated}{test(f'{{}} like {pattern!r}')}"
    if form == "in":
        pairs = [constant() for _ in range(draw(st.integers(1, 3)))]
        ours, sql = (", ".join(side) for side in zip(*pairs, strict=True))
        return f"{name} {negated}in ({ours})", f"{negated}{test(f'{{}} in ({sql})')}"
    (low, low_sql), (high, high_sql) = constant(), constant()
    if form == "between":
        return (
            f"{name} {negated}between {low} and {high}",
            f"{quoted} {negated}between {low_sql} and {high_sql}",
        )
    if form == "!=":
        return f"{name} != {low}", f"not {test(f'{{}} = {low_sql}')}"
    if kind_of != TEXTS and draw(st.booleans()):
        return f"{low} {form} {name}", f"{low_sql} {form} {quoted}"
    return f"{name} {form} {low}", test(f"{{}} {form} {low_sql}")


SQL_TYPES = ("varchar", "boolean", "usmallint", "uinteger", "bigint", "timestamp_ns", "varchar[]")


def test_the_logic_is_that_of_sql() -> None:
    import duckdb

    connection = duckdb.connect()
    fields = ", ".join(f'"{name}" {SQL_TYPES[column_of(name).type]}' for name in USED)
    connection.execute(f"create table rows (number integer, {fields})")
    holes = ["?"] + [
        "make_timestamp_ns(?)" if column_of(name).type == TIME else "?" for name in USED
    ]

    @settings(max_examples=300, deadline=None)
    @given(ROWS, _expressions())
    def check(rows: list[dict[str, Any]], pair: tuple[str, str]) -> None:
        ours, sql = pair
        connection.execute("delete from rows")
        for at, row in enumerate(rows):
            values = [row[name] for name in USED]
            values = [list(value) if type(value) is tuple else value for value in values]
            connection.execute(f"insert into rows values ({', '.join(holes)})", [at, *values])
        expected = connection.execute(f"select ({sql}) from rows order by number").fetchall()
        tree = parse(ours)
        assert [evaluate(tree, row) for row in rows] == [answer for (answer,) in expected], sql

    try:
        check()
    finally:
        connection.close()


def test_every_column_can_be_tested() -> None:
    for column in COLUMNS.values():
        assert parse(f"{column.name} is null") == ("null", column.name)
