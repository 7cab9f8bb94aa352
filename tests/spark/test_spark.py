"""A local Spark with several worker processes: the same rows as one process."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import capture_files as made
import pytest

import sipfast
from sipfast import sql
from sipfast.columns.names import COLUMNS, DEFAULT
from sipfast.spark import register

pytest.importorskip("pyspark", reason="pyspark is not installed")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Java is not installed", allow_module_level=True)

errors = pytest.importorskip("pyspark.errors")
SparkSession: Any = pytest.importorskip("pyspark.sql").SparkSession

pytestmark = pytest.mark.filterwarnings("ignore")  # of pyspark itself

ROOT = Path(__file__).parents[2]
CALLS = ROOT / "bench_data" / "calls.pcap"
COUNTED = ("packet", "method", "status", "call_id", "sdp_codecs")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'tests'}")
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            SparkSession.builder.master("local[2,4]")  # two workers; a task may fail three times
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.memory", "1g")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.local.dir", str(folder))
            .config("spark.sql.python.filterPushdown.enabled", "true")
            .config("spark.log.level", "OFF")
            .getOrCreate()
        )
        register(session)
        yield session
        session.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of captures, one large, one corrupt, one cut."""
    found = tmp_path_factory.mktemp("captures")
    day = found / "day 1"
    day.mkdir()
    shutil.copy(CALLS, day / "calls.pcap")
    shutil.copy(ROOT / "bench_data" / "mixed.sip", found / "mixed.sip")
    (found / "notes.txt").write_bytes(b"# Notes")
    (found / "cut.pcap").write_bytes(made.pcap(made.frame(), made.frame())[:-7])
    (found / "_hidden").write_bytes(CALLS.read_bytes())
    (found / "large.pcap").write_bytes(large(4000))
    return found


def large(count: int) -> bytes:
    """A capture of so many OPTIONS, each with its number."""
    message = b"OPTIONS sip:%d@h SIP/2.0\r\nCall-ID: %d\r\nCSeq: 1 OPTIONS\r\n\r\n"
    packets = [
        made.pcap_record(made.frame(message % (number, number)), number // 10, number)
        for number in range(count)
    ]
    return made.pcap_header() + b"".join(packets)


def read(spark: Any, path: Any, **options: Any) -> Any:
    reader = spark.read.format("sip")
    for name, value in options.items():
        reader = reader.option(name, value)
    return reader.load(str(path) if isinstance(path, Path) else path)


def of_one_process(paths: list[Path], columns: tuple[str, ...]) -> Counter[str]:
    table = sipfast.scan(paths, columns, text="utf8").to_arrow()
    return Counter(json.dumps(row, default=str) for row in table.to_pylist())


def rows(frame: Any) -> Counter[str]:
    return Counter(json.dumps(row.asDict(), default=str) for row in frame.collect())


def test_the_schema(spark: Any) -> None:
    frame = read(spark, CALLS)
    assert frame.columns == list(DEFAULT)
    types = dict(frame.dtypes)
    assert types["time"] == "timestamp"
    assert types["status"] == "int"
    assert types["cseq_number"] == "bigint"
    assert types["sdp_codecs"] == "array<string>"
    named = [*COLUMNS, "header:X`Q"]
    assert read(spark, CALLS, columns=", ".join(named)).columns == named


def test_the_rows_are_those_of_one_process(spark: Any, folder: Path) -> None:
    files = [folder / name for name in ("large.pcap", "mixed.sip", "day 1/calls.pcap", "cut.pcap")]
    frame = read(spark, folder, columns=",".join([*COUNTED, "error"]), partBytes=100_000)
    assert frame.rdd.getNumPartitions() >= 6  # large.pcap is read in parts
    expected = of_one_process(files, (*COUNTED, "error"))
    found = rows(frame)
    faults = found - expected
    assert not expected - found
    assert sorted(json.loads(row)["error"].partition(":")[0] for row in faults) == [
        "file-corrupt",
        "file-unreadable",
    ]


def test_times_are_of_microseconds_in_utc(spark: Any) -> None:
    (row,) = read(spark, CALLS, columns="packet,time").where("packet = 2").collect()
    table = sipfast.scan(CALLS, ["time"], "packet = 2").to_arrow()
    expected = table["time"][0].value // 1000
    moment = row.time.replace(tzinfo=datetime.timezone.utc)
    assert (moment - datetime.datetime.fromtimestamp(0, datetime.timezone.utc)) == (
        datetime.timedelta(microseconds=expected)
    )


def test_several_paths_and_patterns(spark: Any, folder: Path) -> None:
    paths = [str(folder / "*.sip"), f"file:{folder}/day 1"]
    frame = read(spark, paths, columns="file")
    assert {Path(row.file).name for row in frame.distinct().collect()} == {
        "mixed.sip",
        "calls.pcap",
    }


def test_files_that_cannot_be_read_are_rows(spark: Any, folder: Path) -> None:
    paths = [str(folder / "notes.txt"), str(folder / "none.pcap"), str(folder / "cut.pcap")]
    frame = read(spark, paths, columns="file,packet,error").where("packet is null")
    found = {Path(row.file).name: row.error for row in frame.collect()}
    assert found["none.pcap"] == "file-unreadable: No such file or directory"
    assert found["notes.txt"].startswith("file-unreadable: neither a capture nor SIP messages")
    assert found["cut.pcap"] == "file-corrupt: truncated record"
    # The filters of a query are for these rows as for others; the option is about messages.
    assert read(spark, paths[:1], columns="file,error").where("error is null").count() == 0
    assert read(spark, paths[:1], columns="status,error", where="status > 1").count() == 1
    with pytest.raises(errors.PySparkException, match="neither a capture"):
        read(spark, paths[:1], columns="file").collect()


@pytest.mark.parametrize(
    "option",
    [
        *(("columns", "stauts"), ("where", "status >"), ("partBytes", "x"), ("format", "sip")),
        *(("settleSeconds", "nan"), ("settleSeconds", "-1"), ("settleSeconds", "soon")),
    ],
)
def test_wrong_options(spark: Any, option: tuple[str, str]) -> None:
    with pytest.raises((errors.AnalysisException, errors.PySparkException)) as raised:
        read(spark, CALLS, **dict([option])).collect()
    assert option[0].lower() in str(raised.value).lower() or "stauts" in str(raised.value)


CONDITIONS = (
    "status >= 400 and cseq_method = 'INVITE'",
    "method in ('INVITE', 'BYE') and not is_request = false",
    "not (method <> 'BYE') and from_user like '4%' and to_user is not null",
    "call_id like '%19%' or status = 200",
    "time > timestamp '2024-03-12 08:30:03.859256' and packet < 100",
    "time = timestamp '2024-03-12 08:30:00.006081' and status <=> 100",
)


def test_filters_are_pushed_and_hold(spark: Any) -> None:
    columns = "packet,time,is_request,method,status,cseq_method,call_id,from_user,to_user,error"
    held = read(spark, CALLS, columns=columns).selectExpr("packet", *CONDITIONS).collect()
    for at, condition in enumerate(CONDITIONS, 1):
        pushed = read(spark, CALLS, columns=columns).where(condition).select("packet")
        expected = sorted([row[0] for row in held if row[at]])
        assert sorted([row.packet for row in pushed.collect()]) == expected, condition
        assert expected
    plan = read(spark, CALLS, columns=columns).where(CONDITIONS[0])
    text = plan._jdf.queryExecution().executedPlan().toString()
    assert "Filter (" not in text


def test_each_load_has_filters_of_its_own(spark: Any) -> None:
    """Of one load, Spark 4.3.0 mixes them up: see docs/spark.md."""

    def part(condition: str) -> Any:
        return read(spark, CALLS, columns="packet,cseq_method").where(condition)

    expected = sipfast.scan(CALLS, ["packet"], "cseq_method is not null").to_arrow()["packet"]
    both = part("cseq_method = 'REGISTER'").union(part("cseq_method <> 'REGISTER'"))
    assert sorted([row.packet for row in both.collect()]) == expected.to_pylist()


@contextlib.contextmanager
def without_filters(spark: Any) -> Iterator[None]:
    """Spark as it is, without the option that hands filters to a source."""
    option = "spark.sql.python.filterPushdown.enabled"
    spark.conf.unset(option)
    register(spark)
    try:
        yield
    finally:
        spark.conf.set(option, "true")
        register(spark)


def test_spark_as_it_is_hands_over_no_filters(spark: Any) -> None:
    """It refuses a source that takes them."""
    columns = "packet,status"
    expected = sipfast.scan(CALLS, ["packet"], "status >= 400").to_arrow()["packet"].to_pylist()
    with without_filters(spark):
        assert read(spark, CALLS, columns=columns).count() == 162
        some = read(spark, CALLS, columns=columns).where("status >= 400")
        assert sorted([row.packet for row in some.collect()]) == expected
        assert "Filter (" in some._jdf.queryExecution().executedPlan().toString()


def test_the_shipped_queries(spark: Any, folder: Path) -> None:
    with without_filters(spark):
        compare_the_shipped_queries(spark, folder)


def compare_the_shipped_queries(spark: Any, folder: Path) -> None:
    columns = ",".join(sql.columns_of("metrics"))
    read(spark, folder / "day 1", columns=columns).createOrReplaceTempView("messages")
    with sipfast.connect(CALLS) as connection:
        for name in sql.VIEWS:
            frame = spark.sql(sql.query(name))
            frame.createOrReplaceTempView(name)
            found = connection.execute(f"describe {name}").fetchall()
            assert frame.columns == [row[0] for row in found]
            # A time has nanoseconds there, and a path is absolute here.
            kept = [row[0] for row in found if row[1] != "TIMESTAMP_NS" and row[0] != "file"]
            chosen = ", ".join([f'"{column}"' for column in kept])
            ours = connection.execute(f"select {chosen} from {name}").fetchall()
            theirs = frame.select(*kept).collect()
            assert sorted(map(rounded, theirs), key=str) == sorted(map(rounded, ours), key=str)


def rounded(row: Iterable[Any]) -> list[Any]:
    """A row whose averages do not depend on the order of their values."""
    return [round(value, 9) if isinstance(value, float) else value for value in row]


def test_a_killed_worker(spark: Any, folder: Path, tmp_path: Path) -> None:
    big = tmp_path / "big.pcap"
    big.write_bytes(large(150_000))
    frame = read(spark, big, columns="packet", partBytes=200_000)
    stop = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        jvm = spark.sparkContext._gateway.proc.pid
        tracker = spark.sparkContext.statusTracker()
        while not stop.wait(0.02) and not killed:
            for worker in workers_of(jvm) if tracker.getActiveStageIds() else ():
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)
                break

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        numbers = [row.packet for row in frame.collect()]
    finally:
        stop.set()
        thread.join()
    assert killed
    assert sorted(numbers) == list(range(1, 150_001))


def workers_of(jvm: int) -> list[int]:
    """The workers of our own JVM that run a task: children of its `pyspark.daemon`."""
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True)
    processes = [line.split(None, 2) for line in found.stdout.splitlines()[1:]]
    daemon = "pyspark.daemon pyspark.worker"  # those of other modules make plans
    daemons = {pid for pid, parent, args in processes if int(parent) == jvm and daemon in args}
    return [int(pid) for pid, parent, _ in processes if parent in daemons]


def test_a_landing_folder(spark: Any, tmp_path: Path) -> None:
    landing, state, out = tmp_path / "in", tmp_path / "state", tmp_path / "out"
    landing.mkdir()

    def run() -> list[tuple[str, Any]]:
        stream = (
            spark.readStream.format("sip")
            .option("columns", "file,packet,error")
            .option("settleSeconds", "0")
            .load(str(landing))
        )
        query = (
            stream.writeStream.format("parquet")
            .option("checkpointLocation", str(state))
            .option("path", str(out))
            .trigger(availableNow=True)
            .start()
        )
        query.awaitTermination(60)
        found = spark.read.parquet(str(out)).collect()
        rows = [(Path(row.file).name, row.packet or row.error) for row in found]
        return sorted(rows, key=lambda row: (row[0], str(row[1])))

    (landing / "a.pcap").write_bytes(made.pcap(made.frame(), made.frame()))
    (landing / "b.pcap.part").write_bytes(CALLS.read_bytes())
    (landing / "c.pcap").write_bytes(made.pcap(made.frame()))
    os.utime(landing / "c.pcap", (time.time() + 3600,) * 2)  # it is being written
    first = run()
    assert first == [("a.pcap", 1), ("a.pcap", 2)]

    (landing / "b.pcap.part").rename(landing / "b.txt")
    (landing / "b.txt").write_bytes(b"# Notes")
    os.utime(landing / "c.pcap")
    with (landing / "a.pcap").open("ab") as file:
        file.write(made.pcap_record(made.frame()))
    second = run()  # as after a restart: the offsets are in the checkpoint
    assert second[:3] == [
        ("a.pcap", 1),
        ("a.pcap", 2),
        ("a.pcap", "file-corrupt: changed after it was read"),
    ]
    assert second[3][0] == "b.txt"
    assert str(second[3][1]).startswith("file-unreadable: neither")
    assert second[4:] == [("c.pcap", 1)]


def test_the_page(spark: Any, folder: Path) -> None:
    """The blocks of docs/spark.md, but for those of streams and of other engines."""
    page = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8").partition("## Streams")[0]
    blocks = re.findall(r"```py\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        block = re.sub(r'"/captures/[^"]*"', repr(str(folder / "day 1")), block)
        exec(block, {"spark": spark, "sipfast": sipfast})
