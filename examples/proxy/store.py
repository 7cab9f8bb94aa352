"""Stores of records, each replaced as a whole: SQLite here, Redis in `redis_store.py`.

A record is the bindings of one address of record, as bytes.  Two processes may change it at once,
so a change names the record that it was made from, and fails if that is no longer the one there.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

__all__ = ["SQLiteStore", "Store", "StoreDown"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS location (
    record TEXT PRIMARY KEY, bindings BLOB NOT NULL, expires REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS location_by_expiry ON location (expires);
"""
_FORGET = """
DELETE FROM location WHERE record IN
    (SELECT record FROM location WHERE expires <= ? ORDER BY expires LIMIT 1000)
"""
_LONGEST_START = 10.0


class StoreDown(Exception):
    """The store cannot be asked now."""


class Store(Protocol):
    """What `Location` asks of a store; what it raises is `StoreDown`."""

    def get(self, record: str) -> bytes | Awaitable[bytes]:
        """What is stored; empty bytes for nothing."""

    async def replace(self, record: str, old: bytes, new: bytes, expires: float) -> bool:
        """Put `new` in the place of `old`, until `expires`; False if another was faster."""

    async def forget(self, now: float) -> int:
        """Drop records that have ended, in small steps; their number."""

    async def close(self) -> None:
        """Let go of files and connections."""


class SQLiteStore:
    """A file that several processes share.

    Readers of a write-ahead log never wait, and a look-up takes some 10 us: it is made in place.
    Writers take turns and wait for the disk, so writing has a thread.
    """

    def __init__(self, path: str, *, busy_timeout: float = 2.0) -> None:
        self._writer = ThreadPoolExecutor(1, "sqlite")
        self._written = self._open(path, busy_timeout)
        self._written.executescript(_SCHEMA)
        self._read = self._open(path, 0.05)
        self._read.execute("PRAGMA query_only = ON")

    @staticmethod
    def _open(path: str, timeout: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=timeout, isolation_level=None, check_same_thread=False
        )
        until = time.monotonic() + _LONGEST_START
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError:  # another process makes it so: SQLite does not wait
                if time.monotonic() > until:
                    connection.close()
                    raise
                time.sleep(0.01)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def get(self, record: str) -> bytes:
        try:
            row = self._read.execute(
                "SELECT bindings FROM location WHERE record = ?", (record,)
            ).fetchone()
        except sqlite3.Error as error:
            raise StoreDown(str(error)) from error
        return row[0] if row else b""

    async def replace(self, record: str, old: bytes, new: bytes, expires: float) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._replace, record, old, new, expires)

    def _replace(self, record: str, old: bytes, new: bytes, expires: float) -> bool:
        database = self._written
        try:
            with _Transaction(database):
                found = database.execute(
                    "SELECT bindings FROM location WHERE record = ?", (record,)
                ).fetchone()
                if (found[0] if found else b"") != old:
                    return False
                if new:
                    database.execute(
                        "INSERT OR REPLACE INTO location VALUES (?, ?, ?)", (record, new, expires)
                    )
                else:
                    database.execute("DELETE FROM location WHERE record = ?", (record,))
                return True
        except sqlite3.Error as error:
            raise StoreDown(str(error)) from error

    async def forget(self, now: float) -> int:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._forget, now)

    def _forget(self, now: float) -> int:
        dropped, step = 0, 1000
        try:
            while step == 1000:
                step = self._written.execute(_FORGET, (now,)).rowcount
                dropped += step
                time.sleep(0)  # other processes may write in between
        except sqlite3.Error as error:
            raise StoreDown(str(error)) from error
        return dropped

    async def close(self) -> None:
        self._writer.shutdown()
        self._read.close()
        self._written.close()


class _Transaction:
    """BEGIN IMMEDIATE takes the lock at once: two that read first could not both go on."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._database.execute("ROLLBACK" if kind else "COMMIT")
