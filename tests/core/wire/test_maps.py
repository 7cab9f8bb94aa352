"""Mapped files; `tests/capture/test_shrinking.py` has the process that reads one that shrinks."""

from __future__ import annotations

import gc
import mmap
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipfast._engine import Engine

BYTES = b"abcab\0c" * 3
INDICES = st.none() | st.integers(-30, 30)


def mapped(engine: Engine, path: Path, content: bytes) -> Any:
    path.write_bytes(content)
    with path.open("rb") as file:
        return engine.module("wire.maps").mapped(file.fileno())


@pytest.fixture
def data(engine: Engine, tmp_path: Path) -> Any:
    return mapped(engine, tmp_path / "file", BYTES)


def test_indices_and_slices(data: Any) -> None:
    assert len(data) == len(BYTES)
    assert bytes(memoryview(data)) == BYTES
    assert memoryview(data).readonly
    for index in range(-len(BYTES), len(BYTES)):
        assert data[index] == BYTES[index]
    for index in (-len(BYTES) - 1, len(BYTES), 1 << 40):
        with pytest.raises(IndexError):
            data[index]
    with pytest.raises(TypeError):
        data["1"]

    @given(INDICES, INDICES, st.none() | st.integers(1, 3) | st.integers(-3, -1))
    def slices(start: int | None, end: int | None, step: int | None) -> None:
        assert data[start:end:step] == BYTES[start:end:step]

    slices()


def test_the_places_of_texts(data: Any) -> None:
    texts = st.sampled_from([b"a", b"c", b"ab", b"bc", b"\0", b"ca", b"x", BYTES, BYTES + b"x"])

    @given(texts, st.integers(-30, 30), st.integers(-30, 30))
    def places(text: bytes, start: int, end: int) -> None:
        assert data.find(text) == BYTES.find(text)
        assert data.find(text, start) == BYTES.find(text, start)
        assert data.find(text, start, end) == BYTES.find(text, start, end)
        assert data.rfind(text) == BYTES.rfind(text)
        assert data.rfind(text, start, end) == BYTES.rfind(text, start, end)

    places()
    for wrong in (None, "a"):
        with pytest.raises(TypeError):
            data.find(wrong)
        with pytest.raises(TypeError):
            data.rfind(wrong)


def test_an_empty_file_and_what_is_no_file(engine: Engine, tmp_path: Path) -> None:
    assert mapped(engine, tmp_path / "file", b"") == b""
    with pytest.raises(OSError, match="descriptor"):
        engine.module("wire.maps").mapped(-1)
    if sys.platform != "win32":
        folder = os.open(tmp_path, os.O_RDONLY)
        with pytest.raises((OSError, ValueError)):
            engine.module("wire.maps").mapped(folder)
        os.close(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="such files keep their size")
def test_what_is_intact(native: Engine, pure: Engine, tmp_path: Path) -> None:
    path = tmp_path / "file"
    content = bytes(range(256)) * (5 * mmap.PAGESIZE // 256)
    for engine in (native, pure):
        intact = engine.module("wire.maps").intact
        data = mapped(engine, path, content)
        assert intact(data) == intact(content) == len(content)
        os.truncate(path, 3 * mmap.PAGESIZE - 100)
        if engine is pure:
            assert (intact(data), data[:]) == (len(content), content)
            continue
        assert intact(data) == 3 * mmap.PAGESIZE - 100
        assert data[3 * mmap.PAGESIZE] == 0
        os.truncate(path, len(content))  # what was seen to be lost stays so
        assert intact(data) == 3 * mmap.PAGESIZE
        assert data[: 3 * mmap.PAGESIZE - 100] == content[: 3 * mmap.PAGESIZE - 100]
        assert not any(data[3 * mmap.PAGESIZE - 100 :])


def test_a_long_file_is_copied_on_the_pure_engine(
    pure: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maps = pure.module("wire.maps")
    monkeypatch.setattr(maps, "IN_MEMORY", 1000)
    monkeypatch.setattr(maps, "_CHUNK", 300)
    short, long = os.urandom(1000), os.urandom(1001)
    assert mapped(pure, tmp_path / "file", short) == short
    data = mapped(pure, tmp_path / "file", long)
    assert type(data) is mmap.mmap
    (tmp_path / "file").write_bytes(b"")
    assert data[:] == long


def test_a_watched_reader_is_released_with_its_data(native: Engine, tmp_path: Path) -> None:
    maps = native.module("wire.maps")
    data = mapped(native, tmp_path / "file", BYTES)
    seen: list[object] = []

    def is_kept(record: object) -> bool:
        seen.append(record)
        return record is not None and record != (b"\0",)

    records: list[object] = [(b"a",), (b"\0",), (b"a\0b",), (b"",), "other", ()]
    watched = maps.watched(iter(records), data, is_kept)
    assert list(watched) == [(b"a",), (b"a\0b",), (b"",), "other", ()]
    assert seen == [(b"\0",), (b"",), "other", (), None]
    records.append(watched)  # a cycle
    del watched, data, records
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one).__name__ == "Watched"]


def test_an_error_of_a_reader_is_the_end_only_of_a_file_that_shrank(
    native: Engine, tmp_path: Path
) -> None:
    maps = native.module("wire.maps")
    data = mapped(native, tmp_path / "file", BYTES)

    def failing(error: type[BaseException]) -> Any:
        yield (b"a",)
        raise error

    for intact, error, raised in (
        (True, KeyError, KeyError),
        (False, KeyError, None),
        (False, MemoryError, MemoryError),
        (False, KeyboardInterrupt, KeyboardInterrupt),
    ):
        watched = maps.watched(failing(error), data, lambda _, intact=intact: intact)
        assert next(watched) == (b"a",)
        with pytest.raises(raised or StopIteration):
            next(watched)
