"""What the workers of the example proxy hand to each other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from examples.proxy.handover import Handover, forks_of, owner_of_branch


def unexpected(data: bytes, source: tuple[str, int]) -> None:
    raise AssertionError(data)


def test_messages_arrive_with_their_source_and_in_order(tmp_path: Path) -> None:
    """More at once than a socket between processes takes; none is lost."""

    async def test() -> None:
        first, second = Handover(tmp_path, 0, 2), Handover(tmp_path, 1, 2)
        got: list[tuple[bytes, tuple[str, int]]] = []
        first.start([unexpected, lambda data, source: got.append((data, source))])
        second.start([unexpected])
        for number in range(2000):
            second.give(0, b"%d\r\n\n" % number, ("2001:db8::1", number + 1), 1)
        until = asyncio.get_running_loop().time() + 10
        while len(got) < 2000 and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.01)
        assert got == [
            (b"%d\r\n\n" % number, ("2001:db8::1", number + 1)) for number in range(2000)
        ]
        assert second.dropped == 0
        first.close()
        second.give(0, b"nobody is there", ("192.0.2.1", 5060))
        assert second.dropped == 1
        second.close()

    asyncio.run(test())


def test_a_worker_that_hangs_costs_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        monkeypatch.setattr("examples.proxy.handover._MOST_WAITING", 50)
        silent, busy = Handover(tmp_path, 0, 2), Handover(tmp_path, 1, 2)
        silent.start([unexpected])
        busy.start([unexpected])
        for number in range(5000):
            busy.give(0, b"%d" % number, ("192.0.2.1", 5060))
        assert len(busy._waiting) == 50
        assert busy.dropped > 0
        silent.close()
        busy.close()

    asyncio.run(test())


def test_branches_tell_their_worker() -> None:
    for workers in (1, 3, 16):
        numbers = [number for worker in range(workers) for number in forks_of(worker, workers)]
        assert sorted(numbers) == list(range(64))
        for worker in range(workers):
            for number in forks_of(worker, workers):
                branch = "z9hG4bK0123456789abcdef" + (f"-{number}" if number else "")
                assert owner_of_branch(branch, workers) == worker
    for strange in (None, "", "z9hG4bK-", "z9hG4bK-x", "z9hG4bK-٣", "z9hG4bK-" + 5000 * "1"):
        assert owner_of_branch(strange, 4) == 0


def test_keys_are_remembered_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("examples.proxy.handover._MOST_KEYS", 3)

    async def test() -> None:
        handover = Handover(tmp_path, 0, 2)
        handover.start([unexpected])
        for key in range(5):
            handover.remember(key)
        assert [key in handover for key in range(5)] == [False, False, True, True, True]
        handover.close()

    asyncio.run(test())
