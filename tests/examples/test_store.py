"""The location store of the example proxy: SQLite and Redis behave alike, and may go away."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from redis_server import redis_server

from examples.proxy.answer import Refused
from examples.proxy.bindings import Binding, Bindings, decode, encode
from examples.proxy.location import Location
from examples.proxy.redis_store import RedisStore
from examples.proxy.store import SQLiteStore, Store, StoreDown

FAR = time.time() + 3600


def binding(number: int = 1, expires: float = FAR) -> Binding:
    return Binding(f"sip:bob@192.0.2.{number}", (("q", "0.5"), ("ob", None)), 0.5, expires, "c", 1)


async def got(store: Store, record: str) -> bytes:
    found = store.get(record)
    return found if isinstance(found, bytes) else await found


@pytest.fixture(params=["sqlite", "redis"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Runs a test with a store, opened as often as it asks."""

    def runner(test: Callable[[Callable[[], Store]], Awaitable[None]]) -> None:
        if request.param == "sqlite":
            asyncio.run(_with_stores(test, lambda: SQLiteStore(str(tmp_path / "location"))))
            return
        with redis_server(tmp_path) as server:
            asyncio.run(_with_stores(test, lambda: RedisStore(server.url)))

    return runner


async def _with_stores(
    test: Callable[[Callable[[], Store]], Awaitable[None]], make: Callable[[], Store]
) -> None:
    made: list[Store] = []

    def opened() -> Store:
        made.append(make())
        return made[-1]

    try:
        await test(opened)
    finally:
        for store in made:
            await store.close()


def test_records_are_replaced(run: Any) -> None:
    async def test(opened: Callable[[], Store]) -> None:
        store, other = opened(), opened()
        assert await got(store, "bob") == b""
        assert await store.replace("bob", b"", b"one", FAR)
        assert await got(other, "bob") == b"one"
        assert not await other.replace("bob", b"", b"two", FAR)  # made from what was there before
        assert await other.replace("bob", b"one", b"two", FAR)
        assert await got(store, "bob") == b"two"
        assert await store.replace("bob", b"two", b"", FAR)
        assert await got(other, "bob") == b""

    run(test)


def test_what_two_change_at_once_is_not_lost(run: Any) -> None:
    async def test(opened: Callable[[], Store]) -> None:
        locations = [Location(opened(), fresh=0) for _ in range(3)]

        async def add(number: int) -> Bindings:
            def change(current: Bindings) -> Bindings:
                return (*current, binding(number))

            return await locations[number].change("bob", 0.0, change)

        await asyncio.gather(*(add(number) for number in range(3)))
        found = locations[0].find("bob", 0.0)
        uris = {each.uri for each in (found if isinstance(found, tuple) else await found)}
        assert uris == {binding(number).uri for number in range(3)}

    run(test)


def test_many_look_ups_at_once(run: Any) -> None:
    async def test(opened: Callable[[], Store]) -> None:
        store = opened()
        done = [store.replace(f"user {n}", b"", b"%d" % n, FAR) for n in range(20)]
        assert all(await asyncio.gather(*done))
        found = await asyncio.gather(*(got(store, f"user {n % 25}") for n in range(200)))
        assert found == [b"%d" % (n % 25) if n % 25 < 20 else b"" for n in range(200)]

    run(test)


def test_records_end(run: Any) -> None:
    async def test(opened: Callable[[], Store]) -> None:
        store = opened()
        now = time.time()
        await store.replace("bob", b"", b"soon", now + 0.05)
        await store.replace("alice", b"", b"late", now + 60)
        await asyncio.sleep(0.1)
        await store.forget(now + 1)
        assert (await got(store, "bob"), await got(store, "alice")) == (b"", b"late")

    run(test)


def test_bindings_survive_the_store() -> None:
    flow = ("192.0.2.7", 5060, "TCP", 7, "here")
    kept = (binding(), binding(2)._replace(flow=flow, path=("<sip:a;lr>",), instance="<x>;1"))
    assert decode(encode(kept)) == kept
    assert (encode(()), decode(b"")) == (b"", ())
    assert [decode(record) for record in (b"{", b"[[1]]", b"7", b"[7]", b"\xff")] == [()] * 5


def test_sqlite_finds_by_index(tmp_path: Path) -> None:
    """Neither a look-up nor the end of old records scans the table."""
    from examples.proxy import store

    path = str(tmp_path / "location")
    asyncio.run(SQLiteStore(path).close())
    database = sqlite3.connect(path)
    for statement, values in [
        ("SELECT bindings FROM location WHERE record = ?", ("bob",)),
        (store._FORGET, (0.0,)),
    ]:
        plan = [row[3] for row in database.execute("EXPLAIN QUERY PLAN " + statement, values)]
        assert plan
        assert not [step for step in plan if step.startswith("SCAN")]
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_sqlite_forgets_in_steps(tmp_path: Path) -> None:
    async def test() -> None:
        store = SQLiteStore(str(tmp_path / "location"))
        store._written.execute("BEGIN")
        store._written.executemany(
            "INSERT INTO location VALUES (?, x'00', ?)", [(str(n), n) for n in range(2500)]
        )
        store._written.execute("COMMIT")
        assert await store.forget(2399) == 2400
        assert await got(store, "2399") == b""
        assert await got(store, "2400") == b"\0"
        await store.close()

    asyncio.run(test())


def test_several_processes_begin_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(5):
            path = str(tmp_path / f"location {number}")
            stores = list(pool.map(lambda _, path=path: SQLiteStore(path), range(8)))
            for store in stores:
                asyncio.run(store.close())


def test_a_locked_database_does_not_hold_up_readers(tmp_path: Path) -> None:
    async def test() -> None:
        store = SQLiteStore(str(tmp_path / "location"), busy_timeout=0.1)
        await store.replace("bob", b"", b"one", FAR)
        other = sqlite3.connect(str(tmp_path / "location"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        change = asyncio.ensure_future(store.replace("bob", b"one", b"two", FAR))
        await asyncio.sleep(0)
        began = time.perf_counter()
        assert await got(store, "bob") == b"one"
        assert time.perf_counter() - began < 0.05
        with pytest.raises(StoreDown):
            await change
        other.execute("ROLLBACK")
        assert await store.replace("bob", b"one", b"two", FAR)
        other.close()
        await store.close()

    asyncio.run(test())


# ---- the cache ----------------------------------------------------------------------------------


class Stub:
    """A store in memory that counts, and fails when told to."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}
        self.gets = 0
        self.is_down = False

    def get(self, record: str) -> bytes:
        self.gets += 1
        if self.is_down:
            raise StoreDown
        return self.records.get(record, b"")

    async def replace(self, record: str, old: bytes, new: bytes, expires: float) -> bool:
        if self.is_down:
            raise StoreDown
        if self.records.get(record, b"") != old:
            return False
        self.records[record] = new
        return True

    async def forget(self, now: float) -> int:
        return 0

    async def close(self) -> None:
        pass


def test_look_ups_come_from_the_cache_for_a_second() -> None:
    store = Stub()
    location = Location(store)
    store.records["bob"] = encode((binding(),))
    for now in (0.0, 0.5, 0.99):
        assert location.find("bob", now) == (binding(),)
        assert location.find("nobody", now) == ()
    assert store.gets == 2
    location.find("bob", 1.0)
    assert store.gets == 3


def test_the_cache_is_bounded_and_bindings_in_it_end() -> None:
    store = Stub()
    location = Location(store, most=10, fresh=100)
    store.records["bob"] = encode((binding(expires=5.0),))
    assert location.find("bob", 4.0) == (binding(expires=5.0),)
    assert location.find("bob", 5.0) == ()
    for number in range(100):
        location.find(str(number), 0.0)
    assert len(location._cache) == 10


def test_names_that_are_no_text(run: Any) -> None:
    """Nobody has them; they disturb no other look-up."""

    async def test(opened: Callable[[], Store]) -> None:
        location = Location(opened(), fresh=0.0)
        await location.change("bob", 0.0, lambda _: (binding(),))
        other = location.find("bob", 0.0)
        for _ in range(2):
            with pytest.raises(Refused) as caught:
                location.find("b\udcffb", 0.0)
            assert caught.value.status == 404
        with pytest.raises(Refused):
            await location.change("b\udcffb", 0.0, lambda _: (binding(),))
        assert (other if isinstance(other, tuple) else await other) == (binding(),)

    run(test)


def test_a_change_is_seen_at_once() -> None:
    location = Location(Stub())
    assert location.find("bob", 0.0) == ()
    asyncio.run(location.change("bob", 0.1, lambda _: (binding(),)))
    assert location.find("bob", 0.2) == (binding(),)


def test_while_the_store_is_away_what_was_known_counts() -> None:
    store = Stub()
    location = Location(store)
    store.records["bob"] = encode((binding(expires=50.0),))
    location.find("bob", 0.0)
    store.is_down = True
    assert location.find("bob", 10.0) == (binding(expires=50.0),)
    for record, now in (("alice", 10.0), ("bob", 51.0)):
        with pytest.raises(Refused) as caught:
            location.find(record, now)
        assert caught.value.status == 480
    with pytest.raises(Refused) as caught:
        asyncio.run(location.change("bob", 10.0, lambda current: current[:0]))
    assert caught.value.status == 500
    assert location.failures == 4


async def looked_up(location: Location, record: str) -> Bindings:
    found = location.find(record, 1.0)
    return found if isinstance(found, tuple) else await found


def test_redis_killed_and_started_again(tmp_path: Path) -> None:
    """No look-up hangs; what was registered is there again."""

    async def test(url: str, kill: Callable[[], None], start: Callable[[], None]) -> None:
        store = RedisStore(url, timeout=0.2, pause=0.1)
        location = Location(store, fresh=0.0)
        await location.change("bob", 0.0, lambda _: (binding(),))
        kill()
        for record in ("bob", "alice", "bob"):
            began = time.perf_counter()
            if record == "bob":
                assert await looked_up(location, record) == (binding(),)
            else:
                with pytest.raises(Refused) as caught:
                    await looked_up(location, record)
                assert caught.value.status == 480
            assert time.perf_counter() - began < 0.6
        start()
        await asyncio.sleep(0.15)
        changed = await location.change("bob", 1.0, lambda current: (*current, binding(2)))
        assert changed == (binding(), binding(2))
        await store.close()

    with redis_server(tmp_path) as server:
        asyncio.run(test(server.url, server.kill, server.start))


def test_redis_that_hangs(tmp_path: Path) -> None:
    """A server that accepts and says nothing: the first look-up waits, the others fail at once."""

    async def test() -> None:
        silent = socket.create_server(("127.0.0.1", 0))  # connects, and is never read
        port = silent.getsockname()[1]
        store = RedisStore(f"redis://127.0.0.1:{port}/0", timeout=0.1, pause=5.0)
        began = time.perf_counter()
        found = await asyncio.gather(
            *(store.get(str(number)) for number in range(50)), return_exceptions=True
        )
        assert all(isinstance(each, StoreDown) for each in found)
        with pytest.raises(StoreDown):
            store.get("one more")
        assert time.perf_counter() - began < 1.0
        await store.close()
        silent.close()

    asyncio.run(test())
