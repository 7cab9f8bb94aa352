"""Batches and streams of Arrow: what consumers read in them, on both engines."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import sipfast
from sipfast._engine import Engine

pyarrow = pytest.importorskip("pyarrow")

TEXT, BOOL, UINT16, UINT32, INT64, TIME, TEXTS = range(7)
FIELDS = (
    ("text", TEXT),
    ("bool", BOOL),
    ("uint16", UINT16),
    ("uint32", UINT32),
    ("int64", INT64),
    ("time", TIME),
    ("texts", TEXTS),
    ("other", TEXT),
)
SOURCE = "".join(f"Call {i} of Zoë's 電話; " for i in range(5000)).encode()
FORMS = pytest.mark.parametrize("text", ["view", "utf8"])

Row = tuple[Any, ...]


class Rows:
    """Rows as an Arrow stream: what `sipfast.scan` gives."""

    def __init__(
        self, engine: Engine, fields: tuple[tuple[str, int], ...], rows: list[Row], **options: Any
    ) -> None:
        self.arrow = engine.module("wire.arrow")
        self.schema = self.arrow.Schema(fields, options.get("text", "view"))
        self._rows = rows
        self._most = options.get("most", 65536)
        self._source = options.get("source", SOURCE)

    def batches(self) -> Iterator[Any]:
        assembler = self.arrow.Assembler(self.schema, self._most)
        assembler.begin(self._source, False)
        for row in self._rows:
            if assembler.append_values(row):
                yield assembler.take()
        batch = assembler.take()
        if batch is not None:
            yield batch

    def __arrow_c_schema__(self) -> object:
        return self.schema.capsule()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.arrow.stream(self.schema, self.batches)


def plain(rows: list[Row], source: bytes = SOURCE) -> list[Row]:
    """The rows with texts in place of slices."""

    def text(value: Any) -> Any:
        return source[value].decode() if isinstance(value, slice) else value

    return [
        tuple([list(map(text, one)) if isinstance(one, tuple) else text(one) for one in row])
        for row in rows
    ]


def read(table: Any) -> list[Row]:
    """The rows of a table of pyarrow; times as nanoseconds."""
    table.validate(full=True)
    columns = []
    for column in table.columns:
        if pyarrow.types.is_timestamp(column.type):
            column = column.cast(pyarrow.int64())
        columns.append(column.to_pylist())
    return list(zip(*columns, strict=True))


def some_text(chance: random.Random, places: list[int]) -> Any:
    kind = chance.randrange(4)
    if kind == 0:
        start = chance.choice(places)
        return slice(start, chance.choice([at for at in places if start <= at < start + 60]))
    if kind == 1:
        return "".join(chance.choices("abcé漢😀", k=chance.randrange(40)))
    return chance.choice(("", "INVITE", "twelve bytes", "thirteen byte", "x" * 300))


def some_rows(count: int, seed: int, nulls: float = 0.2) -> list[Row]:
    chance = random.Random(seed)
    # A text begins and ends between characters.
    places = [at for at in range(len(SOURCE)) if SOURCE[at] & 0xC0 != 0x80][:2000]
    of_type: dict[int, Callable[[], Any]] = {
        TEXT: lambda: some_text(chance, places),
        BOOL: lambda: chance.random() < 0.5,
        UINT16: lambda: chance.choice((0, 200, 65535)),
        UINT32: lambda: chance.choice((0, 1 << 31, (1 << 32) - 1)),
        INT64: lambda: chance.choice((0, -1, (1 << 63) - 1, -1 << 63)),
        TIME: lambda: chance.choice((0, -1, 1_700_000_000_123_456_789)),
        TEXTS: lambda: tuple(some_text(chance, places) for _ in range(chance.randrange(4))),
    }
    return [
        tuple([None if chance.random() < nulls else of_type[type_]() for _, type_ in FIELDS])
        for _ in range(count)
    ]


@FORMS
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 63, 64, 65, 1000])
def test_rows_come_out_as_they_went_in(engine: Engine, text: str, count: int) -> None:
    rows = some_rows(count, seed=count)
    assert read(pyarrow.table(Rows(engine, FIELDS, rows, text=text))) == plain(rows)


@FORMS
@pytest.mark.parametrize("most", [1, 2, 64, 65, 300])
def test_batches_have_so_many_rows(engine: Engine, text: str, most: int) -> None:
    rows = some_rows(300, seed=most)
    stream = Rows(engine, FIELDS, rows, text=text, most=most)
    sizes = [len(batch) for batch in stream.batches()]
    assert sizes == [most] * (300 // most) + [300 % most] * (300 % most > 0)
    found = pyarrow.table(stream)
    assert [batch.num_rows for batch in found.to_batches()] == sizes
    assert read(found) == plain(rows)


@FORMS
@pytest.mark.parametrize("name", [name for name, _ in FIELDS])
def test_nulls_in_one_column(engine: Engine, text: str, name: str) -> None:
    at = [field for field, _ in FIELDS].index(name)
    rows = some_rows(130, seed=at, nulls=0)
    for one in (*range(60, 70), 129):
        rows[one] = (*rows[one][:at], None, *rows[one][at + 1 :])
    table = pyarrow.table(Rows(engine, FIELDS, rows, text=text))
    assert read(table) == plain(rows)
    assert [column.null_count for column in table.columns] == [
        11 if field == name else 0 for field, _ in FIELDS
    ]
    # A column without nulls has no bitmap.
    of_others = [column.chunk(0).buffers()[0] for column in table.columns if not column.null_count]
    assert of_others == [None] * (len(FIELDS) - 1)


@FORMS
def test_columns_of_nothing_but_null(engine: Engine, text: str) -> None:
    rows: list[Row] = [(None,) * len(FIELDS)] * 100
    table = pyarrow.table(Rows(engine, FIELDS, rows, text=text))
    assert read(table) == rows


@FORMS
@pytest.mark.parametrize("columns", [0, 1, 63, 64, 65, 128, 1500])
def test_many_columns(engine: Engine, text: str, columns: int) -> None:
    fields = tuple((f"column {i}", i % 7) for i in range(columns))
    values: tuple[Any, ...] = ("text", True, 1, 2, 3, 4, ("one", "an item that is longer"))
    rows = [
        tuple([None if (row + i) % 3 == 0 else values[i % 7] for i in range(columns)])
        for row in range(5)
    ]
    table = pyarrow.table(Rows(engine, fields, rows, text=text))
    assert table.num_rows == (5 if columns else 0) or columns == 0
    if columns:
        assert read(table) == plain(rows)
    assembler = Rows(engine, fields, []).arrow.Assembler(Rows(engine, fields, []).schema, 65536)
    assert assembler.rows == min(65536, 64 * 1024 * 1024 // 16 // max(columns, 1))


@FORMS
def test_types(engine: Engine, text: str) -> None:
    of_text = pyarrow.string_view() if text == "view" else pyarrow.string()
    assert pyarrow.schema(Rows(engine, FIELDS, [], text=text)) == pyarrow.schema(
        [
            ("text", of_text),
            ("bool", pyarrow.bool_()),
            ("uint16", pyarrow.uint16()),
            ("uint32", pyarrow.uint32()),
            ("int64", pyarrow.int64()),
            ("time", pyarrow.timestamp("ns", "UTC")),
            ("texts", pyarrow.list_(of_text)),
            ("other", of_text),
        ]
    )


@FORMS
def test_a_batch_of_several_sources(engine: Engine, text: str) -> None:
    sources = [f"the text of source {i:09}".encode() for i in range(3000)]
    stream = Rows(engine, (("text", TEXT), ("texts", TEXTS)), [], text=text)

    def batches() -> Iterator[Any]:
        assembler = stream.arrow.Assembler(stream.schema, 65536)
        for source in sources:
            assembler.begin(bytearray(source), False)
            if assembler.append_values((slice(4, len(source)), (slice(0, 13), slice(0, 3)))):
                yield assembler.take()
        yield assembler.take()

    stream.batches = batches  # type: ignore[method-assign]
    expected = [(one[4:].decode(), ["the text of s", "the"]) for one in sources]
    assert read(pyarrow.table(stream)) == expected


@FORMS
def test_much_text_ends_a_batch(engine: Engine, text: str) -> None:
    rows = [("x" * 5_000_000,) for _ in range(30)]
    stream = Rows(engine, (("text", TEXT),), rows, text=text)
    assert [len(batch) for batch in stream.batches()] == [14, 14, 2]
    assert pyarrow.table(stream).column(0).to_pylist() == [row[0] for row in rows]


# ---- consumers -----------------------------------------------------------------------------------


@FORMS
def test_polars(engine: Engine, text: str) -> None:
    polars = pytest.importorskip("polars")
    rows = some_rows(500, seed=3)
    frame = polars.DataFrame(Rows(engine, FIELDS, rows, text=text, most=200))
    frame = frame.with_columns(polars.col("time").to_physical())
    assert frame.rows() == plain(rows)


@FORMS
def test_duckdb(engine: Engine, text: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    rows = some_rows(500, seed=4)
    stream = Rows(engine, FIELDS, rows, text=text, most=200)
    with duckdb.connect() as connection:
        connection.register("calls", stream)
        columns = ", ".join("epoch_ns(time)" if name == "time" else name for name, _ in FIELDS)
        for _ in range(2):  # each query asks for the stream again
            found = connection.sql(f"select {columns} from calls").fetchall()
            assert found == plain(rows)
        count = connection.sql("select count(*), count(text) from calls where uint16 = 200")
        wanted = [row for row in rows if row[2] == 200]
        assert count.fetchall() == [(len(wanted), sum(row[0] is not None for row in wanted))]


@FORMS
def test_pandas(engine: Engine, text: str) -> None:
    pandas = pytest.importorskip("pandas")
    rows = some_rows(500, seed=5)
    table = pyarrow.table(Rows(engine, FIELDS, rows, text=text))
    frame = table.to_pandas(types_mapper=pandas.ArrowDtype)
    found = [None if pandas.isna(one) else one for one in frame["text"]]
    assert found == [row[0] for row in plain(rows)]
    assert frame["uint32"].dropna().tolist() == [row[3] for row in rows if row[3] is not None]


@FORMS
def test_files(engine: Engine, text: str, tmp_path: Any) -> None:
    """Arrow IPC and Parquet of it have the same values."""
    from pyarrow import ipc, parquet

    rows = some_rows(500, seed=6)
    reader = pyarrow.RecordBatchReader.from_stream(Rows(engine, FIELDS, rows, text=text, most=200))
    table = reader.read_all()
    with ipc.new_file(tmp_path / "calls.arrow", table.schema) as writer:
        writer.write_table(table)
    with ipc.open_file(tmp_path / "calls.arrow") as file:
        assert read(file.read_all()) == plain(rows)
    if text == "utf8":
        parquet.write_table(table, tmp_path / "calls.parquet")
        assert read(parquet.read_table(tmp_path / "calls.parquet")) == plain(rows)


@FORMS
def test_rows_that_are_left_out_again(engine: Engine, text: str) -> None:
    rows = some_rows(300, seed=9)
    arrow = engine.module("wire.arrow")
    assembler = arrow.Assembler(arrow.Schema(FIELDS, text), 200)
    assembler.begin(SOURCE, False)
    for row in rows[:200]:
        assembler.append_values(row)
    assembler.cut(201)
    assert len(assembler) == 200
    assembler.cut(70)
    for row in rows[200:]:
        assert not assembler.append_values(row)
    found = pyarrow.record_batch(assembler.take())
    found.validate(full=True)
    assert read(pyarrow.Table.from_batches([found])) == plain(rows[:70] + rows[200:])
    assembler.cut(0)
    assert assembler.append_values(rows[0]) is False
    assembler.cut(0)
    assert assembler.take() is None


# ---- requests, errors ----------------------------------------------------------------------------


def test_the_form_of_text_that_is_requested(engine: Engine) -> None:
    of = engine.module("wire.arrow").requested_text
    for text in ("view", "utf8"):
        assert of(Rows(engine, FIELDS, [], text=text).__arrow_c_schema__()) == text
    assert of(pyarrow.schema([("a", pyarrow.int8())]).__arrow_c_schema__()) is None
    both = pyarrow.schema([("a", pyarrow.string()), ("b", pyarrow.string_view())])
    assert of(both.__arrow_c_schema__()) is None
    with pytest.raises(TypeError, match="capsule"):
        of("utf8")
    released = both.__arrow_c_schema__()
    pyarrow.Schema._import_from_c_capsule(released)
    with pytest.raises(ValueError, match="released"):
        of(released)


@pytest.mark.parametrize("told", [None, "view", "utf8"])
@pytest.mark.parametrize("wanted", [None, "view", "utf8"])
def test_a_scan_grants_the_form_that_is_requested(told: Any, wanted: str | None) -> None:
    scan = sipfast.scan(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n", ["method", "status"], text=told)
    request = None
    if wanted is not None:
        text = pyarrow.string_view() if wanted == "view" else pyarrow.string()
        fields = [("method", text), ("status", pyarrow.uint16())]
        request = pyarrow.schema(fields).__arrow_c_schema__()
    capsule = scan.__arrow_c_stream__(request)
    reader = pyarrow.RecordBatchReader._import_from_c_capsule(capsule)
    found = "view" if pyarrow.types.is_string_view(reader.schema.types[0]) else "utf8"
    assert found == (told or wanted or "view")
    reader.close()


def test_a_batch_of_a_requested_schema(engine: Engine) -> None:
    rows = some_rows(10, seed=7)
    batch = next(Rows(engine, FIELDS, rows).batches())
    wanted = Rows(engine, FIELDS, [], text="utf8").__arrow_c_schema__()
    schema, array = batch.__arrow_c_array__(wanted)
    found = pyarrow.RecordBatch._import_from_c_capsule(schema, array)
    assert read(pyarrow.Table.from_batches([found])) == plain(rows)
    for _ in range(2):
        again = pyarrow.record_batch(batch)
        assert read(pyarrow.Table.from_batches([again])) == plain(rows)
    assert batch.num_rows == len(batch) == 10
    assert pyarrow.schema(batch) == again.schema
    with pytest.raises(ValueError, match="another number of columns"):
        batch.__arrow_c_array__(pyarrow.schema([("a", pyarrow.int8())]).__arrow_c_schema__())
    with pytest.raises(TypeError, match="capsule"):
        batch.__arrow_c_array__(1)


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("fault", [ValueError("malformed é"), OSError(5, "gone"), MemoryError("x")])
def test_an_error_ends_the_stream_with_its_text(
    engine: Engine, after: int, fault: Exception
) -> None:
    arrow = engine.module("wire.arrow")
    stream = Rows(engine, FIELDS, some_rows(30, seed=8), most=10)

    def batches() -> Iterator[Any]:
        yield from list(stream.batches())[:after]
        raise fault

    reader = pyarrow.RecordBatchReader._import_from_c_capsule(arrow.stream(stream.schema, batches))
    for _ in range(after):
        assert reader.read_next_batch().num_rows == 10
    with pytest.raises((pyarrow.ArrowException, OSError, MemoryError), match=str(fault)[-5:]):
        reader.read_next_batch()


def test_an_error_before_the_first_batch(engine: Engine) -> None:
    arrow = engine.module("wire.arrow")
    schema = arrow.Schema(FIELDS, "view")

    def batches() -> Iterator[Any]:
        raise ValueError("no source")

    reader = pyarrow.RecordBatchReader._import_from_c_capsule(arrow.stream(schema, batches))
    assert reader.schema.names == [name for name, _ in FIELDS]  # the schema needs no source
    with pytest.raises(pyarrow.ArrowException, match="no source"):
        reader.read_all()


def test_batches_of_another_schema(engine: Engine) -> None:
    other = Rows(engine, (("a", TEXT),), [("x",)])
    arrow = other.arrow
    for batches in (other.batches, lambda: iter([None]), lambda: iter([5]), lambda: 5):
        capsule = arrow.stream(arrow.Schema((("a", TEXT),), "utf8"), batches)
        reader = pyarrow.RecordBatchReader._import_from_c_capsule(capsule)
        with pytest.raises((pyarrow.ArrowException, TypeError, AttributeError)):
            reader.read_all()
    with pytest.raises(TypeError, match="callable"):
        arrow.stream(other.schema, 5)


def test_what_an_assembler_refuses(engine: Engine) -> None:
    arrow = engine.module("wire.arrow")
    schema = arrow.Schema(FIELDS, "view")
    assembler = arrow.Assembler(schema, 2)
    assembler.begin(b"0123456789abcdef", False)
    fine = some_rows(1, seed=9, nulls=1)[0]
    for at, value in (
        *((0, slice(start, stop)) for start, stop in ((0, 17), (15, 17), (-1, 1), (17, 17))),
        *((2, number) for number in (-1, 65536)),
        *((3, number) for number in (-1, 1 << 32)),
        (6, ("x", slice(0, 17))),
    ):
        row = (*fine[:at], value, *fine[at + 1 :])
        with pytest.raises(ValueError, match=r"source|does not fit"):
            assembler.append_values(row)
    for value in (1 << 63, -1 << 64):
        with pytest.raises((ValueError, OverflowError)):
            assembler.append_values((*fine[:4], value, *fine[5:]))
    with pytest.raises(UnicodeEncodeError):
        assembler.append_values(("\ud800", *fine[1:]))
    with pytest.raises(ValueError, match="8 columns, but 1 values"):
        assembler.append_values(("x",))
    assert len(assembler) == 0
    assert assembler.take() is None
    assert not assembler.append_values((slice(3, 16), *fine[1:6], (slice(0, 16),), "x"))
    assert assembler.append_values(fine)
    with pytest.raises(ValueError, match="full"):
        assembler.append_values(fine)
    table = pyarrow.Table.from_batches([pyarrow.record_batch(assembler.take())])
    assert read(table)[0][0] == "3456789abcdef"
    assert read(table)[0][6] == ["0123456789abcdef"]
    for rows in (0, -1):
        with pytest.raises((ValueError, OverflowError)):
            arrow.Assembler(schema, rows)
    with pytest.raises(ValueError, match="'view' or 'utf8'"):
        arrow.Schema(FIELDS, "large")
    with pytest.raises(ValueError, match="unknown type"):
        arrow.Schema((("x", 7),), "view")


@FORMS
def test_bytes_that_are_not_utf8(engine: Engine, text: str) -> None:
    """A file can change after its text was checked: what is copied is checked again."""
    source = b"ab\xffcd\xe2\x82 \xf0\x9f\x98\x80\xc3" + b"." * 20
    rows = [(slice(0, 5),), (slice(2, 13),), (slice(8, 12),)]
    table = pyarrow.table(Rows(engine, (("text", TEXT),), rows, text=text, source=source))
    assert table.column(0).to_pylist() == ["ab?cd", "?cd?? 😀?", "😀"]
    if text == "utf8":
        rows = [(slice(0, len(source)),)]
        table = pyarrow.table(Rows(engine, (("text", TEXT),), rows, text=text, source=source))
        assert read(table) == [("ab?cd?? 😀?" + "." * 20,)]
