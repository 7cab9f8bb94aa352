"""Files that shrink while they are mapped: the process goes on, and the reader says so."""

from __future__ import annotations

import mmap
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import capture_files as made
import pytest
from capture_files import OPTIONS, Pcapng, frame

PAGE = mmap.PAGESIZE
COUNT = 20_000

NG = Pcapng()
FORMATS = {
    "pcap": made.pcap(*[frame()] * COUNT),
    "pcapng": NG.section() + NG.interface() + NG.enhanced(frame()) * COUNT,
    "messages": OPTIONS * COUNT,
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="mapped files keep their size")


def run(
    script: str, *arguments: object, engine: str = "native"
) -> subprocess.CompletedProcess[str]:
    """Run a script, whose `sipfast` has this engine, for a minute at most."""
    variables = {**os.environ, "SIPFAST_PURE": "1" if engine == "pure" else ""}
    variables.pop("PYTHONFAULTHANDLER", None)
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env=variables,
    )


def succeeds(script: str, *arguments: object, engine: str = "native") -> str:
    done = run(script, *arguments, engine=engine)
    assert done.returncode == 0, (done.returncode, done.stderr)
    return done.stdout


@pytest.fixture(params=["native", "pure"])
def name(request: pytest.FixtureRequest, native: object) -> str:
    """The name of each engine; a subprocess loads it."""
    chosen: str = request.param
    return chosen


ITERATING = """
import os, sys, sipfast
path, left, at = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
first = None
with sipfast.open(path) as capture:
    for count, record in enumerate(capture, 1):
        data = bytes(record.data)
        first = first or data
        assert data == first, (count, data)
        if count == at:
            os.truncate(path, left)
    # A second look.
    unread, position = dict(capture.unread), capture.position
    again = sum(bytes(record.data) == first for record in capture)
    assert dict(capture.unread).get("file shrank") == unread.get("file shrank")
print(count, again, unread.get("file shrank"), position)
"""


@pytest.mark.parametrize("left", [0, 100, PAGE, 3 * PAGE + 700, 200 * PAGE - 1, 200 * PAGE + 1])
@pytest.mark.parametrize("format", FORMATS)
def test_an_iteration_ends_where_the_file_does(
    tmp_path: Path, name: str, format: str, left: int
) -> None:
    file = tmp_path / "file"
    file.write_bytes(FORMATS[format])
    size = len(FORMATS[format])
    at = 2
    count, again, shrank, position = succeeds(ITERATING, file, left, at, engine=name).split()
    if name == "pure":
        assert (int(count), int(again), shrank) == (COUNT, COUNT, "None")
        return
    each = len(FORMATS["messages"]) // COUNT if format == "messages" else size // COUNT
    assert shrank == "1"
    assert max(at, left // each - 1) <= int(count) <= max(at, left // each + 1)
    assert int(again) <= left // each
    assert int(position) <= left


@pytest.mark.parametrize("offset", range(0, 180, 7))
def test_the_rest_of_a_page_is_no_data(tmp_path: Path, offset: int) -> None:
    # It reads as zeros, without a fault.
    file = tmp_path / "file"
    file.write_bytes(made.pcap(*[frame()] * 10))
    count, again, shrank, _ = succeeds(ITERATING, file, 24 + offset + 1000, 1).split()
    assert shrank == "1"
    assert int(count) == int(again) == (1000 + offset) // (16 + len(frame()))


def test_all_messages_are_read_before_the_file_shrinks(tmp_path: Path) -> None:
    # Those that were handed out are lost, too: it is said, although no fault was met.
    file = tmp_path / "file"
    file.write_bytes(OPTIONS * 3)
    assert succeeds(ITERATING, file, len(OPTIONS), 3).split() == ["3", "1", "1", str(len(OPTIONS))]


HELD = """
import os, sys, sipfast
path = sys.argv[1]
with sipfast.open(path) as capture:
    records = list(capture)
copies = [bytes(record.data) for record in records]
os.truncate(path, 0)
if sys.argv[2] == "late":
    import faulthandler
    faulthandler.enable()
print({bytes(record.data) == copy for record, copy in zip(records, copies)})
print({bytes(len(copy)) == bytes(record.data) for record, copy in zip(records, copies)})
"""


@pytest.mark.parametrize("when", ["never", "late"])
def test_views_that_are_held_after_closing_read_as_zeros(
    tmp_path: Path, name: str, when: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(FORMATS["pcap"])
    said = succeeds(HELD, file, when, engine=name).split()
    assert said == (["{True}", "{False}"] if name == "pure" else ["{False}", "{True}"])


THREADS = """
import os, sys, threading, zlib, sipfast
folder = sys.argv[1]
content = open(folder + "/content", "rb").read()
paths = [f"{folder}/{number}" for number in range(4)]
for path in paths:
    with open(path, "wb") as file:
        file.write(content)
views = [[record.data for record in sipfast.open(path)] for path in paths]
wholes = [memoryview(of[0].obj) for of in views]
begun = threading.Barrier(9)

def read(whole):
    begun.wait()
    for _ in range(20):
        zlib.crc32(whole)  # without the GIL

threads = [threading.Thread(target=read, args=(whole,)) for whole in wholes * 2]
for thread in threads:
    thread.start()
begun.wait()
for number, path in enumerate(paths):
    os.truncate(path, number * 100_000)
for thread in threads:
    thread.join()
for number, whole in enumerate(wholes):
    page = -(-number * 100_000 // 4096) * 4096
    assert bytes(whole[: number * 100_000]) == content[: number * 100_000]
    assert not any(whole[page:])
"""


def test_threads_read_several_files_that_shrink(tmp_path: Path) -> None:
    (tmp_path / "content").write_bytes(FORMATS["pcap"])
    for _ in range(3):
        succeeds(THREADS, tmp_path)


@pytest.mark.parametrize("left", [0, 60_000])
def test_a_compressed_file_that_shrinks_says_so(tmp_path: Path, left: int) -> None:
    import gzip

    file = tmp_path / "file"
    file.write_bytes(gzip.compress(OPTIONS * 10) + gzip.compress(os.urandom(300_000)))
    script = """
    import os, sys, sipfast
    from sipfast.capture import source
    real, path, left = source._read, sys.argv[1], int(sys.argv[2])
    def shrinking(file):
        os.truncate(path, left)
        return real(file)
    source._read = shrinking
    try:
        capture = sipfast.open(path)
        list(capture)
        print(sorted(capture.unread))
    except sipfast.capture.CaptureError as error:
        print(error)
    """
    said = succeeds(script, file, left)
    assert said == (
        "['file shrank', 'malformed compression']\n"
        if left
        else "compressed with gzip, with a fault at its beginning\n"
    )


# ---- the faults of others ----

FOREIGN = """
import faulthandler, gc, mmap, os, signal, sys, sipfast
path, when = sys.argv[1:]
if "before" in when:
    faulthandler.enable()
if "ignored" in when:
    signal.signal(signal.SIGBUS, signal.SIG_IGN)
if "python" in when:
    signal.signal(signal.SIGBUS, lambda *_: print("handled", flush=True))
capture = sipfast.open(path)
records = list(capture)
if "after" in when:
    faulthandler.enable()
if "twice" in when:
    list(capture)
if "gone" in when:
    del records, capture
    gc.collect()
if "raised" in when:
    os.kill(os.getpid(), signal.SIGBUS)
    print("alive", flush=True)
    sys.exit()
with open(path + ".other", "w+b") as file:
    file.truncate(100_000)
    plain = [mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) for _ in range(20)]
    file.truncate(0)
print("reading", flush=True)
sum(of[8192] for of in reversed(plain))
print("alive")
"""


@pytest.mark.parametrize(
    "when",
    ["", "before", "after", "after twice", "before after twice", "ignored", "gone", "before gone"],
)
def test_another_mapping_that_shrinks_ends_the_process(tmp_path: Path, when: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(FORMATS["pcap"])
    done = run(FOREIGN, file, when)
    assert done.stdout == "reading\n"
    assert done.returncode == -signal.SIGBUS
    enabled = "before" in when or "after" in when
    assert done.stderr.count("Fatal Python error: Bus error") == enabled


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("raised", None),
        ("raised before", None),
        ("raised after twice", None),
        ("raised ignored", "alive\n"),
        ("raised ignored twice", "alive\n"),
        ("raised python", "handled\nalive\n"),
        ("raised python twice", "handled\nalive\n"),
    ],
)
def test_a_signal_that_is_sent_does_what_it_did(
    tmp_path: Path, when: str, said: str | None
) -> None:
    file = tmp_path / "file"
    file.write_bytes(FORMATS["pcap"])
    done = run(FOREIGN, file, when)
    assert done.stdout == (said or "")
    assert done.returncode == (-signal.SIGBUS if said is None else 0)


def test_a_handler_that_was_there_is_called_for_its_own_faults(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(FORMATS["pcap"])
    script = """
    import ctypes, mmap, os, signal, sys, sipfast
    libc = ctypes.CDLL(None, use_errno=True)
    base = {}

    @ctypes.CFUNCTYPE(None, ctypes.c_int)
    def mend(number):  # as a handler of another library does
        libc.mmap(ctypes.c_void_p(base["at"]), ctypes.c_size_t(base["size"]), 1, 0x32, -1, 0)
        base["calls"] = base.get("calls", 0) + 1

    libc.mmap.restype = ctypes.c_void_p
    libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    libc.signal(signal.SIGBUS, ctypes.cast(mend, ctypes.c_void_p))
    capture = sipfast.open(sys.argv[1])
    records = list(capture)
    with open(sys.argv[1], "rb") as file:
        base["size"] = os.fstat(file.fileno()).st_size
        base["at"] = libc.mmap(None, ctypes.c_size_t(base["size"]), 1, 1, file.fileno(), 0)
    os.truncate(sys.argv[1], 0)
    print(ctypes.string_at(base["at"] + 8192, 2), base["calls"])
    print(bytes(records[200].data[:2]), base["calls"])
    """
    if sys.platform != "linux":
        pytest.skip("the numbers are of Linux")
    assert succeeds(script, file) == "b'\\x00\\x00' 1\nb'\\x00\\x00' 1\n"


def test_no_mapping_and_no_descriptor_is_left_over(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(OPTIONS * 100)
    script = """
    import os, sys, sipfast
    def count():
        with open("/proc/self/maps") as maps:
            return len(os.listdir("/proc/self/fd")), sum(sys.argv[1] in line for line in maps)
    before = count()
    held = [next(iter(sipfast.open(sys.argv[1]))) for _ in range(100)]
    assert count() == (before[0] + 100, 100)
    del held
    for _ in range(1000):
        for record in sipfast.open(sys.argv[1]):
            pass
    del record
    assert count() == before, count()
    """
    if not Path("/proc/self/maps").exists():
        pytest.skip("needs /proc")
    succeeds(script, file)


# ---- scans ----

SCANNING = """
import os, sys, pyarrow, sipfast
path, left = sys.argv[1], int(sys.argv[2])
scan = sipfast.scan(path, ["call_id", "offset", "method", "error"], batch_rows=100)
batches = []
for batch in scan:
    batches.append(pyarrow.record_batch(batch))
    if len(batches) == 2:
        os.truncate(path, left)
table = pyarrow.Table.from_batches(batches)
assert set(table["method"].to_pylist()) <= {"OPTIONS", "\\0" * 7}
print(scan.rows, table.num_rows, scan.unread["file shrank"])
"""


@pytest.mark.parametrize("left", [0, 200 * PAGE + 100])
@pytest.mark.parametrize("format", FORMATS)
def test_a_scan_ends_where_the_file_does(tmp_path: Path, name: str, format: str, left: int) -> None:
    pytest.importorskip("pyarrow")
    file = tmp_path / "file"
    file.write_bytes(FORMATS[format])
    said = map(int, succeeds(SCANNING, file, left, engine=name).split())
    rows, of_table, shrank = said
    assert rows == of_table
    if name == "pure":
        assert (rows, shrank) == (COUNT, 0)
        return
    each = len(FORMATS[format]) // COUNT
    assert shrank == 1
    # The batch in which it is seen is left out, with all after it.
    assert 200 <= rows <= max(200, left // each)


SHARED = """
import os, sys, pyarrow, sipfast
path, whole = sys.argv[1:]
captures = [sipfast.open(whole), sipfast.open(path)]
scan = sipfast.scan(path, ["call_id", "file", "headers:Via", "status"], batch_rows=15_000)
batches = []
for batch in scan.over(captures):
    batches.append(pyarrow.record_batch(batch))
    if len(batches) == 1:
        os.truncate(path, 0)
table = pyarrow.Table.from_batches(batches)
table.validate(full=True)
assert table["call_id"].null_count == 0 and len(set(table["call_id"].to_pylist())) == 1
print(table.num_rows, set(table["file"].to_pylist()) == {whole}, captures[1].unread["file shrank"])
"""


@pytest.mark.parametrize("format", FORMATS)
def test_rows_of_the_file_before_are_kept(tmp_path: Path, format: str) -> None:
    pytest.importorskip("pyarrow")
    file, whole = tmp_path / "file", tmp_path / "whole"
    file.write_bytes(FORMATS[format])
    whole.write_bytes(FORMATS[format])
    assert succeeds(SHARED, file, whole).split() == [str(COUNT), "True", "1"]


CONSUMED = """
import os, sys, duckdb, pyarrow, sipfast
path = sys.argv[1]
scan = sipfast.scan(path, ["call_id", "method"])
relation = duckdb.from_arrow(pyarrow.table(scan))
os.truncate(path, 0)
print(relation.query("r", "select call_id, count(*) from r group by all").fetchall())
"""


def test_duckdb_reads_views_of_a_file_that_shrank(tmp_path: Path, name: str) -> None:
    pytest.importorskip("duckdb")
    file = tmp_path / "file"
    file.write_bytes(FORMATS["pcap"])
    said = succeeds(CONSUMED, file, engine=name)
    # Views of up to twelve bytes hold their text themselves; those of longer ones point to the map.
    call_id = "1@example.net"
    assert said == f"{[(call_id if name == 'pure' else chr(0) * len(call_id), COUNT)]}\n"
