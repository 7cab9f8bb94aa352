"""Who holds the memory of Arrow arrays, and for how long: the native engine, used as C uses it."""

from __future__ import annotations

import gc
import mmap
import os
import random
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from arrow_structures import (
    ArrowArray,
    Stream,
    children_of,
    moved,
    moved_from,
    release,
    texts_of,
)

from sipfast._engine import Engine

TEXT, BOOL, UINT16, UINT32, INT64, TIME, TEXTS = range(7)
FIELDS = (("text", TEXT), ("number", UINT32), ("texts", TEXTS))
CONTENT = b"the beginning of the source " * 4


class Source:
    """A source that can tell whether somebody holds it."""

    def __init__(self) -> None:
        self.data = bytearray(CONTENT)

    @property
    def is_held(self) -> bool:
        try:
            self.data.append(0)
        except BufferError:
            return True
        self.data.pop()
        return False


class Batches:
    """Batches of one row each, whose texts are in a source."""

    def __init__(self, native: Engine, text: str = "view") -> None:
        self.arrow = native.module("wire.arrow")
        self.schema = self.arrow.Schema(FIELDS, text)
        self.source = Source()
        self.rows = [(slice(i, i + 20), i, (slice(i, i + 30),)) for i in range(3)]

    def __call__(self) -> Iterator[Any]:
        assembler = self.arrow.Assembler(self.schema, 1)
        assembler.begin(self.source.data, False)
        for row in self.rows:
            assert assembler.append_values(row)
            yield assembler.take()

    def stream(self) -> Stream:
        return Stream(self.arrow.stream(self.schema, self))


def content(start: int, stop: int) -> str:
    return CONTENT[start:stop].decode()


def items_of(array: ArrowArray) -> ArrowArray:
    (items,) = children_of(array)
    found: ArrowArray = items
    return found


@pytest.fixture
def batches(native: Engine) -> Batches:
    return Batches(native)


def test_arrays_outlive_their_stream(batches: Batches) -> None:
    stream = batches.stream()
    arrays = [stream.next()[1] for _ in range(3)]
    stream.release()
    assert batches.source.is_held
    for i, array in enumerate(arrays):
        text, _, texts = children_of(array)
        assert texts_of(text) == [content(i, i + 20)]
        assert texts_of(items_of(texts)) == [content(i, i + 30)]
    for array in arrays[:2]:
        release(array)
    assert batches.source.is_held
    release(arrays[2])
    assert not batches.source.is_held


def test_a_stream_outlives_its_arrays(batches: Batches) -> None:
    stream = batches.stream()
    for _ in range(3):
        _, array = stream.next()
        release(array)
    assert batches.source.is_held  # by the assembler, whose rows may go on
    outcome, array = stream.next()
    assert (outcome, array.release) == (0, None)
    assert not batches.source.is_held
    outcome, array = stream.next()
    assert (outcome, array.release) == (0, None)
    schema = stream.schema()  # still the same
    assert [child.name for child in children_of(schema)] == [b"text", b"number", b"texts"]
    release(schema)
    stream.release()


@pytest.mark.parametrize("parent_first", [True, False])
def test_children_that_are_moved_out(batches: Batches, parent_first: bool) -> None:
    stream = batches.stream()
    _, array = stream.next()
    stream.release()
    text, number, texts = map(moved, children_of(array))
    if parent_first:
        release(array)
    assert texts_of(text) == [content(0, 20)]
    items = moved(items_of(texts))
    release(texts)
    release(text)
    release(number)
    if not parent_first:
        release(array)
    assert batches.source.is_held
    assert texts_of(items) == [content(0, 30)]
    release(items)
    assert not batches.source.is_held


def test_children_of_a_schema_that_are_moved_out(batches: Batches) -> None:
    schema = moved_from(batches.schema.capsule(), b"arrow_schema")
    assert (schema.format, schema.flags) == (b"+s", 0)
    children = [moved(child) for child in children_of(schema)]
    release(schema)
    assert [(one.name, one.format, one.flags) for one in children] == [
        (b"text", b"vu", 2),
        (b"number", b"I", 2),
        (b"texts", b"+l", 2),
    ]
    (item,) = map(moved, children_of(children[2]))
    for child in children:
        release(child)
    assert (item.name, item.format) == (b"item", b"vu")
    release(item)


def test_release_in_another_thread(batches: Batches) -> None:
    stream = batches.stream()
    arrays = [stream.next()[1] for _ in range(3)]

    def finish() -> None:
        for array in arrays:
            release(array)
        stream.release()

    thread = threading.Thread(target=finish)
    thread.start()
    thread.join()
    assert not batches.source.is_held


def test_arrays_of_one_batch_in_many_threads(native: Engine) -> None:
    """Counts are atomic: children are released at the same time as others are exported."""
    batches = Batches(native)
    batches.rows = batches.rows[:1]
    for _ in range(20):
        (batch,) = batches()
        arrays = [moved_from(batch.__arrow_c_array__()[1], b"arrow_array") for _ in range(64)]

        def finish(some: list[ArrowArray]) -> None:
            for array in some:
                for child in map(moved, children_of(array)):
                    release(child)
                release(array)

        threads = [threading.Thread(target=finish, args=(arrays[i::4],)) for i in range(4)]
        for thread in threads:
            thread.start()
        del batch
        for thread in threads:
            thread.join()
        assert not batches.source.is_held


def test_an_error_is_repeated(native: Engine) -> None:
    batches = Batches(native)
    calls = 0

    def failing() -> Iterator[Any]:
        nonlocal calls
        calls += 1
        yield next(batches())
        raise ValueError("malformed\0 \ud800 header")

    stream = Stream(batches.arrow.stream(batches.schema, failing))
    assert stream.error() is None
    outcome, array = stream.next()
    assert outcome == 0
    release(array)
    for _ in range(2):
        outcome, array = stream.next()
        assert (outcome, array.release) == (22, None)
        assert stream.error() == "malformed"  # a C string
    assert calls == 1
    stream.release()
    assert not batches.source.is_held


@pytest.mark.parametrize(
    ("fault", "number", "text"),
    [
        (TypeError("a"), 22, "a"),
        (MemoryError(), 12, "MemoryError"),
        (OSError(2, "b"), 5, "[Errno 2] b"),
        (RuntimeError("c"), 5, "c"),
        (SystemExit("d"), 5, "d"),
    ],
)
def test_errors(native: Engine, fault: BaseException, number: int, text: str) -> None:
    def failing() -> Iterator[Any]:
        raise fault

    batches = Batches(native)
    stream = Stream(batches.arrow.stream(batches.schema, failing))
    outcome, _ = stream.next()
    assert (outcome, stream.error()) == (number, text)
    stream.release()


def test_an_error_whose_text_fails(native: Engine) -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise ValueError

    def failing() -> Iterator[Any]:
        raise Silent

    batches = Batches(native)
    stream = Stream(batches.arrow.stream(batches.schema, failing))
    assert stream.next()[0] == 5
    assert stream.error() is None
    stream.release()


def test_ctrl_c_reaches_the_main_thread(native: Engine) -> None:
    def failing() -> Iterator[Any]:
        raise KeyboardInterrupt

    batches = Batches(native)
    stream = Stream(batches.arrow.stream(batches.schema, failing))
    outcomes = []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - it comes soon after
        outcomes.append(stream.next()[0])
        for _ in range(1000):
            pass
    assert stream.error() == "KeyboardInterrupt"
    stream.release()


def test_unread_capsules_release_what_they_have(batches: Batches) -> None:
    batches.rows = batches.rows[:1]
    (first,) = batches()
    pair = first.__arrow_c_array__()
    capsule = batches.arrow.stream(batches.schema, batches)
    del first
    assert batches.source.is_held
    del pair
    assert not batches.source.is_held
    del capsule


def test_an_exception_on_its_way_survives_a_release(batches: Batches) -> None:
    pyarrow = pytest.importorskip("pyarrow")

    class Table:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return batches.arrow.stream(batches.schema, batches)

    with pytest.raises(ValueError, match="invalid literal"):
        print((pyarrow.table(Table()), int("q")))  # the table goes while the exception is set
    assert not batches.source.is_held


def test_a_stream_that_is_its_own_iterator_is_freed(batches: Batches) -> None:
    stream = batches.stream()
    _, array = stream.next()
    stream.release()  # in the middle: the generator is closed
    assert batches.source.is_held
    release(array)
    assert not batches.source.is_held


def test_text_in_utf8_does_not_hold_the_source(native: Engine) -> None:
    batches = Batches(native, "utf8")
    made = list(batches())
    assert not batches.source.is_held
    assert len(made) == 3


OUTLIVED = """
    import ctypes, sys
    sys.path.insert(0, {tests!r})
    from arrow_structures import *
    from sipfast._native.wire import arrow
    schema = arrow.Schema((("text", 0), ("texts", 6)), "view")
    def batches():
        assembler = arrow.Assembler(schema, 1)
        assembler.begin(bytearray(b"a text of some length" * 9), False)
        while True:
            assembler.append_values((slice(0, 20), (slice(0, 30), slice(2, 32))))
            yield assembler.take()
    stream = Stream(arrow.stream(schema, batches))
    array = stream.next()[1]
    capsule = arrow.stream(schema, batches)
    pair = next(batches()).__arrow_c_array__()
    # Released by the C library, after the end of Python.
    for structure in {released}:
        kept = type(structure)()
        ctypes.memmove(ctypes.addressof(kept), ctypes.addressof(structure), ctypes.sizeof(kept))
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
        libc = ctypes.CDLL(None)
        libc.__cxa_atexit(
            ctypes.c_void_p(structure.release),
            ctypes.c_void_p(ctypes.addressof(kept)), ctypes.c_void_p(None))
    print("end")
"""


@pytest.mark.parametrize("released", ["[]", "[array]", "[stream.structure, array]"])
@pytest.mark.skipif(sys.platform != "linux", reason="it is of the GNU C library")
def test_what_is_not_released_before_the_end(native: Engine, released: str) -> None:
    tests = str(Path(__file__).parents[1])
    code = textwrap.dedent(OUTLIVED.format(tests=tests, released=released))
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


# ---- large files, and much -----------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="the file takes no room on Linux")
def test_texts_more_than_2_gib_apart(native: Engine, tmp_path: Path) -> None:
    places = [0, 70_000, 10_000, (1 << 31) - 10, (1 << 31) + 70_000, 5 << 30, (1 << 31) + 50, 90]
    path = tmp_path / "sparse"
    with path.open("w+b") as made:
        made.truncate((5 << 30) + 100)
        for i, place in enumerate(places):
            os.pwrite(made.fileno(), b"text of place %03d" % i, place)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        arrow = native.module("wire.arrow")
        assembler = arrow.Assembler(arrow.Schema((("text", TEXT),), "view"), 100)
        assembler.begin(data, True)
        for _ in range(2):
            for place in places:
                assembler.append_values((slice(place, place + 17),))
        array = moved_from(assembler.take().__arrow_c_array__()[1], b"arrow_array")
        (text,) = children_of(array)
        assert texts_of(text) == [f"text of place {i:03}" for i in range(8)] * 2
        assert 5 <= text.n_buffers < 12
        with pytest.raises(BufferError):
            data.close()
        release(array)
        del assembler


def resident() -> int:
    """The bytes of memory that the process has now."""
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * mmap.PAGESIZE


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
@pytest.mark.parametrize("text", ["view", "utf8"])
def test_memory_stays_flat(native: Engine, tmp_path: Path, text: str) -> None:
    """A scan to nowhere of a file of any size: pages that were read are given back."""
    arrow = native.module("wire.arrow")
    schema = arrow.Schema((("a", TEXT), ("b", TEXT), ("n", INT64)), text)
    path = tmp_path / "large"
    size = 192 * 1024 * 1024
    with path.open("wb") as file:
        file.write(b"a line of this file, as long as all others of it" * (size // 48))
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    assembler = arrow.Assembler(schema, 512)
    assembler.begin(data, True)
    gc.collect()
    before = most = resident()
    for at in range(0, size, 16384):
        if assembler.append_values((slice(at, at + 40), slice(at + 4096, at + 4140), at)):
            batch = assembler.take()
            most = max(most, resident())
            del batch
    del assembler
    data.close()
    assert most - before < 48 * 1024 * 1024


@pytest.mark.parametrize(
    ("text", "step", "sizes"),
    [("view", 2048, {8192}), ("view", 100, {65536}), ("view", 1024, {16321}), ("utf8", 2048, {})],
)
def test_a_part_of_the_source_ends_a_batch_of_views(
    native: Engine, text: str, step: int, sizes: set[int]
) -> None:
    arrow = native.module("wire.arrow")
    assembler = arrow.Assembler(arrow.Schema((("text", TEXT),), text), 65536)
    with mmap.mmap(-1, 64 * 1024 * 1024) as data:
        assembler.begin(data, False)
        found = set()
        at = 0
        while at + 30 < min(len(data), 200_000 * step):
            if assembler.append_values((slice(at, at + 30),)):
                found.add(len(assembler.take()))
            at += step
        del assembler
    assert found >= set(sizes)
    assert len(found) <= 2


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_views_of_few_rows_take_little_memory(native: Engine) -> None:
    arrow = native.module("wire.arrow")
    fields = tuple((str(i), TEXT) for i in range(12))
    assembler = arrow.Assembler(arrow.Schema(fields, "view"), 65536)

    def batch_of(rows: int) -> Any:
        for _ in range(rows):
            assembler.append_values(("text",) * 12)
        return assembler.take()

    kept = [batch_of(100)]
    before = resident()
    kept += [batch_of(100) for _ in range(20)]
    # A page or two for each column, in place of 16 MiB for all rows that a batch has room for.
    assert resident() - before < 20 * 256 * 1024
    del kept


OF_TWO_SIZES = """
import sys

sys.path.insert(0, {tests!r})
from arrow_structures import children_of, moved_from, release, texts_of
from sipfast._native.wire import arrow

TEXT, UINT16, UINT32, INT64 = 0, 2, 3, 4

def batch_of(assembler, types, text):
    row = tuple(text if type_ == TEXT else 7 for type_ in types)
    while not assembler.append_values(row):
        pass
    return assembler.take()

def assembler_of(types):
    fields = tuple((str(i), type_) for i, type_ in enumerate(types))
    return arrow.Assembler(arrow.Schema(fields, "view"), 65536)

for more in (TEXT,), (TEXT, INT64, UINT32), (TEXT, INT64, UINT32, UINT16):
    for count in (4, 5):
        types = (TEXT,) * count
        assembler = assembler_of(types)
        kept, freed = [batch_of(assembler, types, "kept" * 3) for _ in range(2)]
        del assembler, freed  # the memory of the latter is for the next one
        other = batch_of(assembler_of(types + more), types + more, "other")
        array = moved_from(kept.__arrow_c_array__()[1], b"arrow_array")
        assert all(set(texts_of(one)) == {{"kept" * 3}} for one in children_of(array)), count
        release(array)
        del kept, other
print("end")
"""


def test_memory_that_is_used_again_has_room(native: Engine) -> None:
    code = OF_TWO_SIZES.format(tests=str(Path(__file__).parents[1]))
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
@pytest.mark.parametrize("text", ["view", "utf8"])
def test_nothing_leaks(native: Engine, text: str) -> None:
    batches = Batches(native, text)
    chance = random.Random(1)

    def some() -> None:
        stream = batches.stream()
        release(stream.schema())
        for _ in range(chance.randrange(5)):
            _, array = stream.next()
            if not array.release:
                break
            if chance.random() < 0.5:
                for child in map(moved, children_of(array)):
                    release(child)
            release(array)
        stream.release()
        batches.arrow.stream(batches.schema, batches)
        next(batches()).__arrow_c_array__()
        batches.arrow.Where(("and", ("like", "text", "a%"), ("in", "number", (1, 2))), FIELDS)

    for _ in range(500):
        some()
    gc.collect()
    before = resident()
    for _ in range(4000):
        some()
    gc.collect()
    assert resident() - before < 1024 * 1024
    assert not batches.source.is_held


def test_a_row_that_fails_leaves_nothing(native: Engine) -> None:
    batches = Batches(native)
    assembler = batches.arrow.Assembler(batches.schema, 10)
    assembler.begin(batches.source.data, False)
    good = (slice(0, 20), 1, (slice(3, 30), slice(0, 5)))
    for _ in range(3):
        assembler.append_values(good)
        for bad in (
            (slice(0, 20), 1 << 32, (slice(0, 30),)),
            (slice(0, 20), 1, (slice(0, 30), slice(100, 200))),
            (slice(90, 190), 1, ()),
        ):
            with pytest.raises(ValueError, match="in the source"):
                assembler.append_values(bad)
    array = moved_from(assembler.take().__arrow_c_array__()[1], b"arrow_array")
    text, _, texts = children_of(array)
    assert texts_of(text) == [content(0, 20)] * 3
    assert texts_of(items_of(texts)) == [content(3, 30), content(0, 5)] * 3
    release(array)


def test_only_a_map_gives_pages_back(native: Engine) -> None:
    batches = Batches(native)
    assembler = batches.arrow.Assembler(batches.schema, 10)
    source = b"x" * (1 << 20)
    assembler.begin(source, True)
    assembler.append_values((slice(0, 1 << 19), 1, ()))
    del batches
    assert len(assembler.take()) == 1
    assembler.begin(b"", False)
    gc.collect()
    assert source.count(b"x") == len(source)


class Meanwhile:
    """A number that uses the assembler when it is asked for its value."""

    def __init__(self, value: int, use: Callable[[], object]) -> None:
        self.value = value
        self.use = use
        self.refused = 0

    def __index__(self) -> int:
        with pytest.raises(ValueError, match="in use"):
            self.use()
        self.refused += 1
        return self.value

    __int__ = __index__


@pytest.mark.parametrize("use", ["begin", "append_values", "cut", "take", "tested"])
def test_a_value_cannot_use_the_assembler_that_it_goes_into(native: Engine, use: str) -> None:
    batches = Batches(native)
    assembler = batches.arrow.Assembler(batches.schema, 10)
    assembler.begin(batches.source.data, False)
    where = batches.arrow.Where(("null", "text"), FIELDS)
    row = (slice(0, 20), 1, ())
    uses: dict[str, Callable[[], object]] = {
        "begin": lambda: assembler.begin(bytes(100), False),
        "append_values": lambda: assembler.append_values(row),
        "cut": lambda: assembler.cut(0),
        "take": assembler.take,
        "tested": lambda: where.tested(assembler, row),
    }
    number = Meanwhile(7, uses[use])
    for values in ((slice(0, 20), number, ()), (slice(number, 20), 1, (slice(number, 9),))):
        assembler.append_values(values)
        assert where.tested(assembler, values) == 2
    assert number.refused == 6
    array = moved_from(assembler.take().__arrow_c_array__()[1], b"arrow_array")
    assert texts_of(next(children_of(array))) == [content(0, 20), content(7, 20)]
    release(array)


@pytest.mark.parametrize(
    "text",
    [
        slice(-1, 5),
        slice(5, 4),
        slice(0, 1 << 32),
        slice(0, (1 << 32) + 5),
        slice(0, 1 << 30),
        slice(len(CONTENT), len(CONTENT) + 1),
        slice(-(1 << 63), (1 << 63) - 1),
        slice((1 << 63) - 2, (1 << 63) - 1),
    ],
)
def test_a_text_lies_in_the_source(native: Engine, text: slice) -> None:
    batches = Batches(native)
    assembler = batches.arrow.Assembler(batches.schema, 10)
    assembler.begin(batches.source.data, False)
    for row in ((text, 1, ()), ("a", 1, (text,)), ("a", 1, ("copied", text))):
        with pytest.raises(ValueError, match="in the source"):
            assembler.append_values(row)
    assert assembler.take() is None
    where = batches.arrow.Where(("like", "text", "%zz%"), FIELDS)
    with pytest.raises(ValueError, match="in the source"):
        where.tested(assembler, (text, 1, ()))


class Alike(int):
    """A number that says of any other that it is the same."""

    __hash__ = int.__hash__

    def __eq__(self, other: object) -> bool:
        return True


def test_schemas_are_compared_by_what_was_made_of_them(native: Engine) -> None:
    """A batch of two bytes a row is none of eight, whatever its types compare like."""
    arrow = native.module("wire.arrow")
    assembler = arrow.Assembler(arrow.Schema((("number", Alike(UINT16)),), "utf8"), 10)
    assembler.append_values((7,))
    batch = assembler.take()
    schema = arrow.Schema((("number", INT64),), "utf8")
    stream = Stream(arrow.stream(schema, lambda: iter([batch])))
    assert stream.next()[0] != 0
    assert stream.error() == "a batch of another schema"
    stream.release()


@pytest.mark.parametrize("values", [(), ("a",), ("a", 1), ("a", 1, (), 2)])
def test_a_condition_wants_a_value_for_each_slot(native: Engine, values: tuple[Any, ...]) -> None:
    batches = Batches(native)
    assembler = batches.arrow.Assembler(batches.schema, 10)
    where = batches.arrow.Where(("like", "texts", "a%"), FIELDS)
    with pytest.raises(ValueError, match="3 slots"):
        where.tested(assembler, values)
    with pytest.raises(TypeError):
        where.tested(assembler, ("a", 1, "twenty-four bytes of text"))


def test_a_batch_that_was_not_taken_has_nothing(native: Engine) -> None:
    batches = Batches(native)
    batch = batches.arrow.Batch.__new__(batches.arrow.Batch)
    schema = batches.schema.capsule()
    for use in (lambda: batch.num_rows, batch.__arrow_c_array__):
        with pytest.raises(ValueError, match="from an assembler"):
            use()
    with pytest.raises(ValueError, match="from an assembler"):
        batch.__arrow_c_array__(schema)
    stream = Stream(batches.arrow.stream(batches.schema, lambda: iter([batch])))
    assert stream.next()[0] != 0
    assert stream.error() == "a batch of another schema"
    stream.release()


@pytest.mark.parametrize("fails", [False, True])
def test_a_stream_is_released_by_what_makes_its_batches(native: Engine, fails: bool) -> None:
    batches = Batches(native)

    def releasing() -> Iterator[Any]:
        stream.release()
        gc.collect()
        if fails:
            raise ValueError("released")
        yield from batches()

    stream = Stream(batches.arrow.stream(batches.schema, releasing))
    outcome, array = stream.next()
    assert (outcome != 0) == fails
    if not fails:
        release(array)
    assert not stream.structure.release
    gc.collect()
    assert not batches.source.is_held
