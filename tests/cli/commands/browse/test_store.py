"""What the browser reads: files once, then the packets of a ladder and a part of the list."""

from __future__ import annotations

import os
import threading
from collections import Counter
from pathlib import Path

import pytest
from browsing import browse, press
from command import request
from cost import READ_OF_FOUR, least, steadiness
from ladders import ALICE, BOB, INVITE, capture, sip
from textual.pilot import Pilot

import sipfast
from bench_data.generate import sent_messages
from bench_data.traffic import datagrams
from benchmarks import browsing
from sipfast.calls import read as read_module
from sipfast.calls.call import CallMessage
from sipfast.capture import Record
from sipfast.cli.commands.browse import list_screen, messages
from sipfast.cli.commands.browse import store as store_module
from sipfast.cli.commands.browse.app import Browser
from sipfast.cli.commands.browse.list_screen import DialogList
from sipfast.cli.commands.browse.messages import call_of, found_in
from sipfast.cli.commands.browse.store import Malformed, Stopped, Store, View
from sipfast.cli.commands.browse.words import BrowseWords
from sipfast.cli.files import Unreadable

__all__ = ["steadiness"]

CALLS = Path(__file__).parents[4] / "bench_data" / "calls.pcap"
WORDS = BrowseWords("en")


def generated(folder: Path, count: int) -> Path:
    file = folder / f"{count}.pcap"
    with file.open("wb") as out:
        datagrams.write(out, list(sent_messages(min(count, 2000))), count)
    return file


def loaded(*files: Path) -> Store:
    store = Store([str(file) for file in files], WORDS)
    store.load()
    return store


def test_the_messages_of_each_dialog_are_those_of_its_call_id() -> None:
    expected: Counter[str | None] = Counter()
    with sipfast.open(CALLS) as file:
        for record in file:
            try:
                expected[sipfast.parse(record.data).call_id] += 1
            except sipfast.ParseError:
                expected[None] += 1
    store = loaded(CALLS)
    rows = store.rows_of(None)
    assert {row.call_id: row.messages for row in rows} == dict(expected)
    for row in rows:
        assert len(call_of(store, [row], lambda: True).messages) >= expected[row.call_id]
    store.close()


def test_calls_have_what_the_table_of_calls_says() -> None:
    store = loaded(CALLS)
    store.add_results()
    connection = sipfast.connect(str(CALLS))
    fields = "call_id, result, status, reason, post_dial_delay, setup_time, duration, codecs"
    expected = connection.execute(f"select {fields} from calls order by 1").fetchall()
    found = sorted(
        tuple(getattr(row, name) for name in fields.split(", "))
        for row in store.rows_of(None)
        if row.is_call
    )
    assert found == expected
    assert len(found) == 15
    connection.close()
    store.close()


def test_a_call_in_two_files_is_one_row(tmp_path: Path) -> None:
    first, second = tmp_path / "it's.sip", tmp_path / "b.sip"
    first.write_bytes(request("INVITE"))
    second.write_bytes(request("OPTIONS").replace(b"1@192.0.2.1", b"2@x") + request("BYE"))
    store = loaded(first, second, first)
    rows = store.rows_of(None)
    assert [(row.call_id, row.method, row.messages) for row in rows] == [
        ("1@192.0.2.1", "INVITE", 2),
        ("2@x", "OPTIONS", 1),
    ]
    found = list(found_in(store, rows[:1], lambda: True))
    assert [(Path(path).name, one.number) for path, one in found] == [("it's.sip", 1), ("b.sip", 2)]
    store.close()


@pytest.mark.parametrize("names", [(b"a", b"\xff"), (b"\xff", b"\xfe")])
def test_names_of_files_may_be_any_bytes(tmp_path: Path, names: tuple[bytes, bytes]) -> None:
    first, second = [tmp_path / os.fsdecode(name) for name in names]
    first.write_bytes(request("INVITE"))
    second.write_bytes(request("OPTIONS").replace(b"1@192.0.2.1", b"2@x") + request("BYE"))
    store = loaded(first, second)
    store.add_results()
    rows = store.rows_of(None)
    assert [(row.call_id, row.messages) for row in rows] == [("1@192.0.2.1", 2), ("2@x", 1)]
    found = list(found_in(store, rows[:1], lambda: True))
    assert [(path, one.number) for path, one in found] == [(str(first), 1), (str(second), 2)]
    store.close()


def test_the_status_of_a_call_is_that_of_its_invite(tmp_path: Path) -> None:
    file = tmp_path / "calls.pcap"
    steps = [
        sip(INVITE, "1 INVITE"),
        sip("SIP/2.0 183 Session Progress", "1 INVITE"),
        sip("UPDATE sip:b SIP/2.0", "2 UPDATE"),
        sip("SIP/2.0 200 OK", "2 UPDATE"),
        sip(INVITE, "1 INVITE", call_id="b@x"),
        sip("SIP/2.0 401 Unauthorized", "1 INVITE", call_id="b@x"),
        sip(INVITE, "2 INVITE", call_id="b@x"),
        sip("OPTIONS sip:b SIP/2.0", "1 OPTIONS", call_id="c@x"),
        sip("SIP/2.0 404 Not Found", "1 OPTIONS", call_id="c@x"),
    ]
    file.write_bytes(capture(*[(float(n), ALICE, BOB, one) for n, one in enumerate(steps)]))
    store = loaded(file)
    assert [row.status for row in store.rows_of(None)] == [None, 401, 404]
    store.add_results()
    rows = store.rows_of(None)
    assert [(row.result, row.status, row.reason) for row in rows] == [
        ("unfinished", None, None),
        ("unfinished", None, None),
        (None, 404, "Not Found"),
    ]
    store.close()


def test_a_ladder_reads_its_packets_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    message_of = read_module.message_of

    def counted(number: int, record: Record) -> CallMessage:
        read.append(number)
        return message_of(number, record)

    monkeypatch.setattr(messages, "message_of", counted)
    store = loaded(generated(tmp_path, 4000))
    for row in store.rows(0, store.shown)[:: store.shown // 20]:
        read.clear()
        call = call_of(store, [row], lambda: True)
        assert len(call.messages) == len(read) == row.messages
    store.close()


def test_the_list_fetches_what_is_seen(tmp_path: Path) -> None:
    async def drive(pilot: Pilot[None], app: Browser) -> None:
        dialogs = app.screen.query_one(DialogList)
        await press(pilot, "end", "home", "end", "pageup")
        assert app.store.shown > 600
        assert len(dialogs._blocks) * list_screen._BLOCK <= 3 * list_screen._BLOCK

    browse(generated(tmp_path, 4000), drive=drive)


def test_reading_is_linear(tmp_path: Path) -> None:
    def cost(count: int) -> float:
        file = generated(tmp_path, count)
        return least(lambda: loaded(file).close())

    small = cost(5_000)
    ratios = []
    for _ in range(4):
        ratios.append(cost(20_000) / small)
        if ratios[-1] < READ_OF_FOUR:
            return
    pytest.fail(f"four times the messages cost {ratios} times as much")


def test_opening_a_ladder_costs_the_same_anywhere(tmp_path: Path) -> None:
    store = loaded(generated(tmp_path, 20_000))
    rows = [row for row in store.rows(0, store.shown) if row.messages == 7]
    first = least(lambda: call_of(store, [rows[0]], lambda: True))
    last = least(lambda: call_of(store, [rows[-1]], lambda: True))
    assert last < 20e6, "a ladder takes 20 ms of 20,000 messages"
    assert last < 20 * first
    store.close()


def test_a_condition_is_one(tmp_path: Path) -> None:
    store = loaded(CALLS)
    store.show(View(condition="messages > 7) or (messages > 0", calls_only=True))
    assert store.shown == 15
    with pytest.raises(Malformed):
        store.show(View(condition="text = ''"))  # a column of the table, and not of the list
    store.close()


@pytest.mark.parametrize("comment", ["-- x", "/* x */", "--", "-- it's (", "-- x\n"])
def test_a_comment_may_end_a_condition(comment: str) -> None:
    store = loaded(CALLS)
    condition = f"status >= 400 {comment}"
    store.check(condition)
    store.show(View(condition=condition))
    assert store.shown == sum((row.status or 0) >= 400 for row in store.rows_of(None)) > 0
    store.close()


ENDLESS = "(select count(*) from range(1000000000000)) > 0"


def test_a_query_that_takes_for_ever_holds_nothing() -> None:
    store = loaded(CALLS)
    is_wanted = True
    ended = threading.Event()

    def show() -> None:
        with pytest.raises(Stopped):
            store.show(View(condition=ENDLESS), lambda: is_wanted)
        ended.set()

    threading.Thread(target=show, daemon=True).start()
    assert len(store.rows(0, 30)) == len(store.ids()) == 30
    store.show(View(text="busy"))
    shown = store.ids()
    assert 0 < len(shown) < 30
    store.add_results()
    assert store.has_results
    assert not ended.wait(0.2)
    is_wanted = False
    assert ended.wait(30)
    assert (store.view, store.ids()) == (View(text="busy"), shown)
    store.close()


def test_a_query_that_comes_late_undoes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    store = loaded(CALLS)
    store.show(View(text="busy"))
    shown = store.ids()
    monkeypatch.setattr(store_module, "_LOOK", 30)  # seconds: it ends before it is interrupted
    with pytest.raises(Stopped):
        store.show(View(text="answered"), lambda: False)
    tables = store._ask(
        "select count(*) from duckdb_tables() where starts_with(table_name, 'view')"
    )
    assert (store.view, store.ids(), tables) == (View(text="busy"), shown, [(1,)])
    store.close()


def test_queries_end_with_the_program() -> None:
    store = loaded(CALLS)
    ended = threading.Event()

    def show() -> None:
        with pytest.raises(Stopped):
            store.show(View(condition=ENDLESS))
        ended.set()

    threading.Thread(target=show, daemon=True).start()
    assert not ended.wait(0.2)
    store.stop()
    assert ended.wait(30)
    store.close()


def test_reading_stops(tmp_path: Path) -> None:
    store = Store([str(generated(tmp_path, 20_000))], WORDS)
    ended: list[str] = []

    def read() -> None:
        try:
            store.load()
            store.add_results()
        except Stopped:
            ended.append("stopped")

    store.stop()
    thread = threading.Thread(target=read)
    thread.start()
    thread.join(30)
    assert ended == ["stopped"]
    store.close()


def test_a_failure_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_store: Store) -> None:
        raise Unreadable("disk full")

    monkeypatch.setattr(Store, "load", fail)

    async def drive(pilot: Pilot[None], app: Browser) -> None:
        assert app.failure == "disk full"

    browse(CALLS, drive=drive)


def test_the_benchmark_has_a_row_for_each_kind_of_key(tmp_path: Path) -> None:
    found = {name: cpu for name, cpu, _ in browsing.rows(generated(tmp_path, 2000))}
    assert len(found) == 7
    keys = [cpu for name, cpu in found.items() if name not in list(found)[:2]]
    assert max(keys) < 0.1
