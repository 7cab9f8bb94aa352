"""Deadlines: what expires, in which order, and by how many timers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from sipfast.proxy.deadlines import Deadlines


class Loop:
    """A clock that is set, and the timers that run at it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.woken = 0

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Any, *_: Any, **__: Any) -> Any:
        timer = (when, callback)
        self.timers.append(timer)
        return SimpleNamespace(cancel=lambda: self.timers.remove(timer))

    def run_until(self, now: float) -> None:
        while self.timers and min(self.timers)[0] <= now:
            timer = min(self.timers)
            self.timers.remove(timer)
            self.now = max(self.now, timer[0])
            self.woken += 1
            timer[1]()
        self.now = now


steps = st.lists(
    st.tuples(
        st.floats(0, 3), st.sampled_from(["add", "discard"]), st.integers(0, 2), st.integers(0, 3)
    ),
    max_size=60,
)


@settings(deadline=None)
@given(steps)
def test_everything_expires_in_time(changes: list[tuple[float, str, int, int]]) -> None:
    loop = Loop()
    deadlines = Deadlines(cast(Any, loop))
    gone: list[tuple[float, int, int]] = []

    def expire(number: int, item: int) -> None:
        gone.append((loop.now, number, item))

    queues = [
        deadlines.queue(delay, partial(expire, number))
        for number, delay in enumerate((1.0, 2.5, 10.0))
    ]
    due: dict[tuple[int, int], float] = {}
    expected: list[tuple[float, int, int]] = []

    def pass_on(now: float) -> None:
        over = [key for key, at in due.items() if at <= now]
        expected.extend((due.pop(key), *key) for key in over)
        loop.run_until(now)

    for wait, what, number, item in changes:
        pass_on(loop.now + wait)
        if what == "add":
            queues[number].add(item, loop.now)
            due[number, item] = loop.now + queues[number].delay
        else:
            queues[number].discard(item)
            due.pop((number, item), None)
        assert len(loop.timers) <= 1
    pass_on(loop.now + 11)
    assert sorted(gone) == sorted(expected)
    assert loop.timers == []
    assert not any(queue.entries for queue in queues)


def test_what_is_added_again_costs_no_timer() -> None:
    loop = Loop()
    deadlines = Deadlines(cast(Any, loop))
    gone: list[int] = []
    queue = deadlines.queue(10.0, gone.append)
    for step in range(1000):
        loop.run_until(step / 100)
        queue.add(step % 5, loop.now)
    assert loop.woken == 0
    loop.run_until(30)
    assert sorted(gone) == [0, 1, 2, 3, 4]
    assert loop.woken <= 8


def test_what_expires_may_add_and_discard() -> None:
    loop = Loop()
    deadlines = Deadlines(cast(Any, loop))
    gone: list[str] = []

    def expire(item: str) -> None:
        gone.append(item)
        deadlines.discard("b")
        if item == "a":
            queue.add("c", loop.now)

    queue = deadlines.queue(1.0, expire)
    forgotten = deadlines.queue(0.5, None)
    for item in "ab":
        queue.add(item, 0)
        forgotten.add(item, 0)
    loop.run_until(0.75)
    assert not forgotten.entries
    loop.run_until(5)
    assert gone == ["a", "c"]


def test_close() -> None:
    loop = Loop()
    deadlines = Deadlines(cast(Any, loop))
    gone: list[str] = []
    queue = deadlines.queue(1.0, gone.append)
    queue.add("a", 0)
    deadlines.close()
    queue.add("b", 0)
    assert loop.timers == []
    assert gone == []
