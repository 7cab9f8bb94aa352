"""Writing in a thread: in the order of the batches, and with the errors of either side."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from sipfast.cli.commands.export.behind import Behind


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())  # a library that other tests used may keep some
    yield
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("count", [0, 1, 2, 3, 100])
def test_all_batches_in_their_order(count: int) -> None:
    seen: list[int] = []
    threads: set[int] = set()

    def write(batch: int) -> None:
        seen.append(batch)
        threads.add(threading.get_ident())

    with Behind(write) as behind:
        for batch in range(count):
            behind.take(batch)
    assert seen == [*range(count)]
    assert (threading.get_ident() in threads) == (count == 1)


@pytest.mark.parametrize("fails", [0, 1, 5, 99])
@pytest.mark.parametrize("count", [1, 2, 100])
def test_an_error_of_the_writer_ends_the_reader(count: int, fails: int) -> None:
    seen: list[int] = []

    def write(batch: int) -> None:
        if batch == fails:
            raise OSError("full")
        seen.append(batch)

    def read() -> int:
        with Behind(write) as behind:
            for batch in range(count):
                behind.take(batch)
                time.sleep(0.001)
        return count

    if fails < count:
        with pytest.raises(OSError, match="full"):
            read()
    else:
        assert read() == count
    assert seen == [*range(min(count, fails))]


@pytest.mark.parametrize("count", [0, 1, 2, 10])
def test_an_error_of_the_reader_is_raised_as_it_is(count: int) -> None:
    seen: list[int] = []

    def read() -> None:
        with Behind(seen.append) as behind:
            for batch in range(count):
                behind.take(batch)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read()
    assert seen == [*range(len(seen))]
