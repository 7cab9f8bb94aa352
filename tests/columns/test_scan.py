"""Scans: sources, passes, counters, errors, and what other libraries make of them."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import capture_files as made
import duckdb
import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet
import pytest
from capture_files import Pcapng, frame

import sipfast
from sipfast._engine import Engine
from sipfast.capture import CaptureError, Record
from sipfast.columns import COLUMNS, Column, ColumnError, Scan, WhereError
from sipfast.columns.names import TIME, UINT32
from sipfast.columns.values import PARTS, Row

ROOT = Path(__file__).parents[2]
CALLS = ROOT / "bench_data" / "calls.pcap"
FEW = ("packet", "method", "status", "sdp_codecs", "retransmission", "error")
TYPES = (
    pyarrow.string(),
    pyarrow.bool_(),
    pyarrow.uint16(),
    pyarrow.uint32(),
    pyarrow.int64(),
    pyarrow.timestamp("ns", "UTC"),
    pyarrow.list_(pyarrow.string()),
)
MALFORMED = b"OPTIONS sip:h SIP/2.0\r\nX\r\n\r\n"
MESSAGES = (
    b"OPTIONS sip:a@h SIP/2.0\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    b"OPTIONS sip:b@h SIP/2.0\r\nCSeq: x OPTIONS\r\nContent-Length: 0\r\n\r\n"
    b"SIP/2.0 200 OK\r\nCSeq: 2 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


def rows_of(engine: Engine, source: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows that the definition gives for all messages of a source."""
    read, found = Row(names).read, []
    for record in sipfast.open(source):
        message: Any
        try:
            message = engine.parse(bytes(record.data))
        except sipfast.ParseError as error:
            message = error
        values = read(message, record)
        found.append(dict(zip(names, values, strict=True)))
    return found


def plain(table: Any) -> list[dict[str, Any]]:
    """The rows of a pyarrow table as the definition has them: times are numbers, lists tuples."""
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name in COLUMNS and COLUMNS[name].type == TIME:
            column = column.cast(pyarrow.int64())
        values = column.to_pylist()
        columns.append([tuple(value) if type(value) is list else value for value in values])
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


# ---- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [None, "view", "utf8"])
@pytest.mark.parametrize("batch_rows", [1, 7, 65536])
def test_every_column_of_every_message(engine: Engine, text: Any, batch_rows: int) -> None:
    names = (*COLUMNS, "header:User-Agent", "headers:v")
    scanned = Scan(CALLS, names, text=text, batch_rows=batch_rows, engine=engine)
    table = pyarrow.table(scanned)
    table.validate(full=True)
    expected = rows_of(engine, CALLS, names)
    assert plain(table) == expected
    assert len(expected) == scanned.rows == 162
    assert max(map(len, scanned)) == min(batch_rows, 162)


@pytest.mark.parametrize("path", sorted((ROOT / "bench_data").glob("*.sip")), ids=lambda p: p.name)
def test_files_of_messages(engine: Engine, path: Path) -> None:
    names = tuple(COLUMNS)
    assert plain(Scan(path, names, engine=engine).to_arrow()) == rows_of(engine, path, names)


def test_the_schema_is_that_of_the_table(engine: Engine) -> None:
    names = (*COLUMNS, "header:X", "headers:X")
    scanned = Scan(MESSAGES, names, text="utf8", engine=engine)
    schema = pyarrow.schema(scanned)
    assert schema == pyarrow.table(scanned).schema
    assert schema.names == list(scanned.columns) == [column.name for column in scanned.schema]
    assert [field.type for field in schema] == [TYPES[column.type] for column in scanned.schema]
    assert all(field.nullable for field in schema)
    views = pyarrow.schema(Scan(MESSAGES, ["file", "defects"], engine=engine))
    assert [field.type for field in views] == [
        pyarrow.string_view(),
        pyarrow.list_(pyarrow.string_view()),
    ]


def test_a_column_that_only_the_definition_has(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    column = Column("fields", UINT32, "start", "RFC 3261 7.3", "the number of header fields")
    monkeypatch.setitem(COLUMNS, "fields", column)
    monkeypatch.setitem(PARTS, "fields", (None, lambda message: len(message.headers)))
    scanned = Scan(MESSAGES, ["uri", "fields"], "fields = 2 and uri = 'sip:b@h'", engine=engine)
    assert plain(scanned.to_arrow()) == [{"uri": "sip:b@h", "fields": 2}]


def test_a_requested_schema_decides_where_the_scan_does_not(engine: Engine) -> None:
    schemas = [
        pyarrow.schema([("uri", kind)]) for kind in (pyarrow.string(), pyarrow.string_view())
    ]
    for schema in schemas:
        scanned = Scan(MESSAGES, ["uri"], engine=engine)
        reader = pyarrow.RecordBatchReader.from_stream(scanned, schema)
        assert reader.read_all().schema == schema
    fixed = Scan(MESSAGES, ["uri"], text="view", engine=engine)
    assert pyarrow.schema(fixed) == schemas[1]
    capsule = schemas[0].__arrow_c_schema__()
    stream = fixed.__arrow_c_stream__(capsule)
    assert pyarrow.RecordBatchReader._import_from_c_capsule(stream).schema == schemas[1]


def test_a_time_beyond_its_column_is_null(engine: Engine) -> None:
    blocks, last = made.Pcapng(), (1 << 63) - 1
    seconds, nanoseconds = blocks.resolution(0), blocks.resolution(9)
    capture = b"".join(
        (
            blocks.section(),
            *(blocks.interface(options=options) for options in (seconds, nanoseconds)),
            *(blocks.enhanced(made.frame(), 0, timestamp) for timestamp in (2**34, 3)),
            *(blocks.enhanced(made.frame(), 1, timestamp) for timestamp in (last, last + 1)),
        )
    )
    log = (
        b"9999-12-31 23:59:59 10.0.0.1:5060 -> 10.0.0.2:5060\n" + MALFORMED + b"\n"
        b"2026-01-02 03:04:05 10.0.0.1:5060 -> 10.0.0.2:5060\n" + MALFORMED + b"\n"
    )
    for source, times in (
        (capture, [None, 3 * 10**9, last, None]),
        (log, [None, 1767323045 * 10**9]),
    ):
        records = list(sipfast.open(source))
        assert any((record.time_ns or 0) > last for record in records)
        table = Scan(source, ["time"], engine=engine).to_arrow()
        assert table["time"].cast(pyarrow.int64()).to_pylist() == times
        # It is known all the same.
        assert (
            None
            not in Scan(source, ["duplicate"], engine=engine).to_arrow()["duplicate"].to_pylist()
        )
        found = Scan(source, ["time"], "time is null", engine=engine).to_arrow()
        assert found.num_rows == times.count(None)


def test_where(engine: Engine) -> None:
    where = "status >= 400 or method in ('BYE', 'CANCEL') and retransmission is not null"
    scanned = Scan(CALLS, ["packet", "error"], where, engine=engine)
    expected = [
        row["packet"]
        for row in rows_of(engine, CALLS, ("packet", "status", "method"))
        if (row["status"] or 0) >= 400 or row["method"] in ("BYE", "CANCEL")
    ]
    assert expected
    assert scanned.to_arrow()["packet"].to_pylist() == expected


def test_a_scan_without_rows_has_its_schema(engine: Engine) -> None:
    scanned = Scan(CALLS, FEW, "packet < 0", engine=engine)
    assert list(scanned) == []
    assert scanned.to_arrow().num_rows == scanned.rows == 0
    assert scanned.to_polars().columns == list(FEW)


def test_the_text_is_utf8(engine: Engine) -> None:
    data = b"SIP/2.0 200 \xe4\r\nServer: \xe6\x97\xa5 and much more of it\r\n\r\n"
    (row,) = plain(Scan(data, ["reason", "user_agent", "error"], engine=engine).to_arrow())
    assert row == {
        "reason": "\ufffd",
        "user_agent": "\u65e5 and much more of it",
        "error": "text-encoding-malformed",
    }


@pytest.mark.parametrize("names", [["time", "uri"], ["time", "uri", "retransmission", "defects"]])
def test_a_time_beyond_the_column_is_null(engine: Engine, names: list[str]) -> None:
    file = Pcapng()
    times = (2**63 // 10**9, 2**63 // 10**9 + 1, 2**64 - 1)
    packets = [file.enhanced(frame(), timestamp=time) for time in times]
    data = file.section() + file.interface(options=file.resolution(0)) + b"".join(packets)
    records = list(sipfast.open(data))
    assert [record.time_ns for record in records] == [time * 10**9 for time in times]
    rows = plain(Scan(data, names, engine=engine).to_arrow())
    assert [row["time"] for row in rows] == [times[0] * 10**9, None, None]
    assert len({row["uri"] for row in rows}) == 1
    earlier = Record(memoryview(MESSAGES), 0, 1, -(2**63) - 1)
    assert Row(("time",)).read(sipfast.parse(MESSAGES), earlier) == [None]


# ---- errors --------------------------------------------------------------------------------------


def test_errors_are_kept(engine: Engine) -> None:
    scanned = Scan(MESSAGES, ["cseq_number", "error", "error_offset"], engine=engine)
    at = MESSAGES.index(b"x OPTIONS") - MESSAGES.index(b"OPTIONS sip:b")
    assert plain(scanned.to_arrow()) == [
        {"cseq_number": 1, "error": None, "error_offset": None},
        {"cseq_number": None, "error": "cseq-malformed", "error_offset": at},
        {"cseq_number": 2, "error": None, "error_offset": None},
    ]
    assert scanned.left_out == 0


def test_errors_are_skipped_and_counted(engine: Engine) -> None:
    scanned = Scan(MESSAGES, ["cseq_number"], errors="skip", engine=engine)
    assert scanned.to_arrow()["cseq_number"].to_pylist() == [1, 2]
    assert (scanned.rows, scanned.left_out) == (2, 1)
    unasked = Scan(MESSAGES, ["uri"], errors="skip", engine=engine)
    assert unasked.to_arrow().num_rows == 3
    elsewhere = Scan(MESSAGES, ["cseq_number"], "status = 200", errors="skip", engine=engine)
    assert elsewhere.to_arrow().num_rows == 1
    assert elsewhere.left_out == 0


@pytest.mark.parametrize("name", ["to_arrow", "to_polars", "to_pandas"])
def test_errors_are_raised(engine: Engine, name: str) -> None:
    scanned = Scan(MESSAGES, ["cseq_number"], errors="raise", engine=engine)
    with pytest.raises(sipfast.ParseError) as caught:
        getattr(scanned, name)()
    assert caught.value.code == "cseq-malformed"
    with pytest.raises(sipfast.ParseError):
        list(scanned)
    refused = Scan(MALFORMED, ["cseq_number"], errors="raise", engine=engine)
    with pytest.raises(sipfast.ParseError) as caught:
        list(refused)
    assert (caught.value.code, caught.value.offset) == ("header-without-colon", 23)


def test_a_consumer_sees_the_text_of_an_error(engine: Engine) -> None:
    scanned = Scan(MESSAGES, ["cseq_number"], errors="raise", engine=engine)
    with pytest.raises(Exception, match="Malformed CSeq"):
        pyarrow.table(scanned)
    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="Malformed CSeq"):
        connection.sql("select * from scanned").fetchall()


# ---- sources -------------------------------------------------------------------------------------


class Pipe:
    """A file object that can be read once."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(size)


def test_sources(engine: Engine, tmp_path: Path) -> None:
    content = CALLS.read_bytes()
    packed = tmp_path / "calls.pcap.gz"
    packed.write_bytes(gzip.compress(content))
    with CALLS.open("rb") as file:
        sources: list[Any] = [str(CALLS), CALLS, content, memoryview(content), packed]
        sources += [file, Pipe(content), [CALLS]]
        for source in sources:
            scanned = Scan(source, ["packet"], engine=engine)
            for _ in range(2):
                assert scanned.to_arrow()["packet"].to_pylist()[-1] == 312, source
                assert scanned.rows == 162


def test_standard_input(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = Pipe(CALLS.read_bytes())

    monkeypatch.setattr(sys, "stdin", Input)
    scanned = Scan("-", ["file"], engine=engine)
    for _ in range(2):
        assert scanned.to_arrow()["file"].to_pylist() == ["-"] * 162


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
@pytest.mark.parametrize("before", [b"", b"\r\n", b"\r\n\r\n"])
def test_a_byte_order_mark_is_in_no_message(engine: Engine, before: bytes) -> None:
    content = b"\xef\xbb\xbf" + before + MESSAGES
    names = ("packet", "offset", "method", "status", "error")
    found = plain(Scan(content, names, engine=engine).to_arrow())
    assert found == rows_of(engine, content, names)
    assert found[0]["offset"] == 3 + len(before)


def test_a_named_pipe_is_read_once(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(CALLS.read_bytes(),))
    writer.start()
    scanned = Scan(path, ["packet"], engine=engine)
    assert [len(scanned.to_arrow()) for _ in range(2)] == [162, 162]
    writer.join()


def test_several_sources_follow_one_another(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "m.sip"
    path.write_bytes(MESSAGES)
    scanned = Scan([CALLS, path, MESSAGES, CALLS], ["file", "packet", "call_id"], engine=engine)
    table = scanned.to_arrow()
    table.validate(full=True)
    expected = [(str(CALLS), 162), (str(path), 3), (None, 3), (str(CALLS), 162)]
    files = [name for name, count in expected for _ in range(count)]
    assert table["file"].to_pylist() == files
    assert scanned.skipped == Counter(sipfast_skipped().elements()) + sipfast_skipped()
    assert scanned.unread == Counter()
    views = pyarrow.table(scanned)
    views.validate(full=True)
    assert plain(views) == plain(table)


def sipfast_skipped() -> Counter[str]:
    capture = sipfast.open(CALLS)
    list(capture)
    return capture.skipped


@pytest.mark.parametrize("names", [["file", "packet", "uri"], ["file", "packet", "duplicate"]])
def test_threads_change_nothing(engine: Engine, tmp_path: Path, names: list[str]) -> None:
    packed = tmp_path / "calls.pcap.gz"
    packed.write_bytes(gzip.compress(CALLS.read_bytes()))
    sources: list[Any] = [CALLS, b"junk", MESSAGES, packed]
    alone, several = (Scan(sources, names, threads=number, engine=engine) for number in (1, 3))
    assert several.to_arrow().equals(alone.to_arrow())
    assert several.skipped == alone.skipped
    assert several.rows == alone.rows == 327
    assert several.refused.keys() == alone.refused.keys() == {"source 1"}


def test_sources_may_be_any_iterable(engine: Engine) -> None:
    scanned = Scan((ROOT / "bench_data").glob("calls.pcap"), ["packet"], engine=engine)
    assert [len(scanned.to_arrow()) for _ in range(2)] == [162, 162]


def test_many_small_sources(engine: Engine) -> None:
    scanned = Scan([MESSAGES] * 300, ["uri"], batch_rows=100, engine=engine)
    assert [len(batch) for batch in scanned] == [100] * 9
    assert scanned.to_arrow()["uri"].to_pylist() == ["sip:a@h", "sip:b@h", None] * 300


def test_a_file_is_read_anew(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "m.sip"
    path.write_bytes(MESSAGES)
    scanned = Scan(path, ["uri"], engine=engine)
    assert len(scanned.to_arrow()) == 3
    path.unlink()
    path.write_bytes(MESSAGES * 2)
    assert len(scanned.to_arrow()) == 6


def test_a_source_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sipfast.scan([CALLS, tmp_path / "absent"])


def test_an_unreadable_source(engine: Engine, tmp_path: Path) -> None:
    empty, other = tmp_path / "empty.pcap", tmp_path / "notes.txt"
    empty.touch()
    other.write_bytes(b"# Notes")
    for source in (empty, [empty], [empty, other]):
        with pytest.raises(CaptureError, match=r"(empty\.pcap|notes\.txt): "):
            list(Scan(source, ["uri"], engine=engine))
    scanned = Scan([empty, MESSAGES, other], ["uri"], engine=engine)
    assert len(scanned.to_arrow()) == 3
    assert scanned.unread == {"unreadable file": 2}
    assert list(scanned.refused) == [str(empty), str(other)]
    assert str(scanned.refused[str(empty)]) == f"{empty}: the file is empty"
    strict = Scan([MESSAGES, empty], ["uri"], errors="raise", engine=engine)
    with pytest.raises(CaptureError, match=r"empty\.pcap: the file is empty"):
        strict.to_arrow()
    strict = Scan([MESSAGES, b"# Notes"], ["uri"], errors="raise", engine=engine)
    with pytest.raises(CaptureError, match=r"source 1: neither"):
        strict.to_arrow()
    with pytest.raises(CaptureError, match=r"^neither"):
        Scan(b"# Notes", ["uri"], engine=engine).to_arrow()


def test_what_is_missing_of_a_source_is_counted(engine: Engine) -> None:
    scanned = Scan(CALLS.read_bytes()[:100_000], ["uri"], engine=engine)
    assert scanned.to_arrow().num_rows == 83
    assert scanned.unread == {"truncated record": 1}


# ---- arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"columns": ["stauts"]}, ColumnError, "did you mean status"),
        ({"columns": "status"}, TypeError, "list of names"),
        ({"where": "status = 'x'"}, WhereError, "status is a number, not text"),
        ({"where": b"status"}, TypeError, "where must be str, not bytes"),
        ({"errors": "ignore"}, ValueError, "errors must be 'keep', 'skip' or 'raise'"),
        ({"text": "large"}, ValueError, "text must be 'view' or 'utf8'"),
        ({"batch_rows": 0}, ValueError, "batch_rows must be from 1 to"),
        ({"batch_rows": True}, TypeError, "batch_rows must be int, not bool"),
        ({"threads": 0}, ValueError, "threads must be from 1 to"),
        ({"source": 5}, TypeError, "source must be a path, a binary file object or bytes, not int"),
        ({"source": [CALLS, None]}, TypeError, "not NoneType"),
        ({"source": []}, ValueError, "at least one source"),
    ],
)
def test_arguments(given: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        sipfast.scan(**{"source": CALLS, **given})


def test_the_scan_shows_itself() -> None:
    assert repr(sipfast.scan(CALLS, ["uri"])) == "<Scan of 1 source, 1 column>"
    assert repr(sipfast.scan([CALLS] * 2, FEW)) == "<Scan of 2 sources, 6 columns>"


# ---- consumers -----------------------------------------------------------------------------------


def test_polars(engine: Engine) -> None:
    scanned = Scan(CALLS, FEW, engine=engine)
    frame = scanned.to_polars()
    expected = rows_of(engine, CALLS, FEW)
    assert [
        {**row, "sdp_codecs": row["sdp_codecs"] and tuple(row["sdp_codecs"])}
        for row in frame.to_dicts()
    ] == expected
    assert polars.DataFrame(scanned).equals(frame)
    assert polars.from_arrow(pyarrow.table(scanned)).equals(frame)
    busy = frame.lazy().filter(polars.col("status") == 486).collect()
    assert len(busy) == sum(row["status"] == 486 for row in expected)


def test_pandas(engine: Engine) -> None:
    frame = Scan(CALLS, FEW, engine=engine).to_pandas()
    expected = rows_of(engine, CALLS, FEW)
    assert str(frame["status"].dtype) == "uint16[pyarrow]"
    assert frame["method"].isna().sum() == sum(row["method"] is None for row in expected)
    counted = frame.groupby("method").size().to_dict()
    assert counted == Counter(row["method"] for row in expected if row["method"])
    assert isinstance(frame, pandas.DataFrame)


def test_pyarrow_computes_with_utf8(engine: Engine, tmp_path: Path) -> None:
    table = Scan(CALLS, FEW, engine=engine).to_arrow()
    invites = table.filter(pyarrow.compute.equal(table["method"], "INVITE"))
    assert len(invites) == 18
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    assert pyarrow.parquet.read_table(tmp_path / "t.parquet").equals(table)


def test_duckdb(engine: Engine) -> None:
    table = Scan(CALLS, FEW, engine=engine)
    expected = rows_of(engine, CALLS, FEW)
    with duckdb.connect() as connection:
        # By its name alone, twice at once, and as a relation, which is run anew.
        counted = connection.sql('select method, count(*) from "table" group by 1').fetchall()
        assert dict(counted) == Counter(row["method"] for row in expected)
        joined = connection.sql('select count(*) from "table" a join "table" b using (packet)')
        assert joined.fetchall() == [(len(expected),)]
        relation = table.to_duckdb(connection)
        for _ in range(2):
            assert relation.filter("status = 200").count("*").fetchall() == [(45,)]
        first = connection.sql('select * from "table" limit 1').fetchall()
        assert len(first) == 1


def test_duckdb_of_its_own_connection() -> None:
    relation = sipfast.scan(CALLS, FEW).to_duckdb()
    assert relation.count("*").fetchall() == [(162,)]


def test_a_pass_that_is_left_early(engine: Engine) -> None:
    scanned = Scan(CALLS, FEW, batch_rows=10, engine=engine)
    batches = iter(scanned)
    first = next(batches)
    del batches
    assert len(first) == 10
    reader = pyarrow.RecordBatchReader.from_stream(scanned)
    assert reader.read_next_batch().num_rows == 10
    del reader
    assert scanned.to_arrow().num_rows == 162


def test_two_passes_at_once(engine: Engine) -> None:
    scanned = Scan(Pipe(CALLS.read_bytes()), ["packet"], batch_rows=50, engine=engine)
    pairs = list(zip(scanned, scanned, strict=True))
    assert [(len(left), len(right)) for left, right in pairs] == [(50, 50)] * 3 + [(12, 12)]
    assert scanned.rows == 162


def test_a_missing_library_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    scanned = sipfast.scan(CALLS, FEW)
    for name, method in (
        ("pyarrow", "to_arrow"),
        ("polars", "to_polars"),
        ("pandas", "to_pandas"),
        ("duckdb", "to_duckdb"),
    ):
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, name, None)
            with pytest.raises(ImportError, match=rf"this needs {name}: pip install .*'{name}>="):
                getattr(scanned, method)()


def test_a_scan_loads_no_other_library(engine: Engine) -> None:
    others = {"duckdb", "numpy", "pandas", "polars", "pyarrow", "difflib"}
    code = (
        "import sys, sipfast\n"
        "assert 'sipfast.columns' not in sys.modules\n"
        f"scanned = sipfast.scan({str(CALLS)!r}, where='status >= 200')\n"
        "assert sum(map(len, scanned)) > 40\n"
        f"print(sipfast.engine, {others} & {{*sys.modules}})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"SIPFAST_PURE": str(int(engine.name == "pure"))},
    )
    assert done.stdout == f"{engine.name} set()\n"


def test_records_are_unchanged() -> None:
    """The columns that are facts follow the fields of a record."""
    assert Record._fields[1:9] == (
        *("offset", "packet", "time_ns", "source", "source_port"),
        *("destination", "destination_port", "transport"),
    )
