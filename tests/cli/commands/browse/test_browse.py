"""The browser as its user sees it: lists, ladders, messages, differences, saved files."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from browsing import browse, press, screen_of, settled
from capture_files import frame, pcap
from command import HOSTILE, UNSEEN, error_line, message, output, request, response
from textual.pilot import Pilot
from textual.widgets import Input

import sipfast
from sipfast import capture
from sipfast.capture import Writer
from sipfast.cli.commands.browse.app import Browser
from sipfast.cli.commands.browse.dialogs import SaveDialog
from sipfast.cli.commands.browse.flow import FlowScreen
from sipfast.cli.commands.browse.list_screen import DialogList, ListScreen
from sipfast.cli.commands.browse.sheets import DifferenceScreen
from sipfast.cli.commands.browse.store import Stopped, Store
from sipfast.cli.messages.page import Page

CALLS = Path(__file__).parents[4] / "bench_data" / "calls.pcap"
App = Pilot[None]

#: What a terminal must show of names made to be taken for something else.
MARKUP = "[red]x[/red] [@click=app.quit]y[/] [$error]z"


def dialog(call_id: str, *, method: str = "OPTIONS", extra: Sequence[str] = ()) -> bytes:
    """A request of a dialog of its own."""
    return request(method, *extra).replace(b"1@192.0.2.1", call_id.encode())


def written(folder: Path, *messages: bytes) -> Path:
    file = folder / "x.pcap"
    file.write_bytes(pcap(*map(frame, messages)))
    return file


# ---- the list


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_list_has_the_calls_of_the_capture(language: str) -> None:
    async def drive(pilot: App, app: Browser) -> None:
        lines = screen_of(app)
        assert lines[0].split()[:5] == (
            ["sipfast", "browse", "calls.pcap", "30", "dialogs"]
            if language == "en"
            else ["sipfast", "browse", "calls.pcap", "30", "个会话（15"]
        )
        first = lines[2].split()
        result = "answered" if language == "en" else "已应答"
        assert first[:2] == ["08:30:00.000", "INVITE"]
        assert first[2].startswith("marta.on")
        assert first[3:5] == ["gw8", result]
        assert first[5:8] == ["0.20", "26.82", "7"]
        assert sum(" INVITE " in line for line in lines) == 15

    browse(CALLS, drive=drive, language=language, size=(140, 40))


@pytest.mark.parametrize("width", [20, 40, 80, 100, 200])
def test_the_list_fits_any_width(width: int) -> None:
    async def drive(pilot: App, app: Browser) -> None:
        lines = screen_of(app)
        assert {len(line) for line in lines} <= {width}
        assert lines[2].split()[0].startswith("08:30")
        assert ("Call-ID" in lines[1]) == (width == 200)

    browse(CALLS, drive=drive, size=(width, 24))


def test_typing_filters() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        assert app.store.shown == 30
        await press(pilot, "slash", "B", "u", "s", "y")
        assert app.store.shown == 3
        assert sum(" busy " in line for line in screen_of(app)) == 3
        assert screen_of(app)[-2].strip() == "Busy"  # what is typed
        await press(pilot, "enter", "down")
        assert app.screen.query_one(DialogList).cursor == 1
        await press(pilot, "slash", *["space", "z", "o", "e"])
        assert app.view.text == "Busy zoe"
        assert app.store.shown == 1
        await press(pilot, "escape")
        assert app.store.shown == 30

    browse(CALLS, drive=drive)


def test_the_filter_finds_any_message_of_a_dialog(tmp_path: Path) -> None:
    answer = response(481, "No Call").replace(b"1@192.0.2.1", b"b@x").replace(b"OPTIONS", b"BYE")
    file = written(
        tmp_path,
        dialog("a@x", method="INVITE"),
        dialog("b@x", method="INVITE"),
        dialog("b@x", method="BYE"),
        answer,
        dialog("c%_@x"),
    )

    async def drive(pilot: App, app: Browser) -> None:
        found = {}
        for typed in ("481", "bye", "BYE invite", "alice", "192.0.2.1", "%", "options", "481 a@x"):
            app.screen.change(text=typed)  # type: ignore[attr-defined]
            await settled(pilot)
            found[typed] = [row.call_id for row in app.store.rows(0, 9)]
        assert found == {
            "481": ["b@x"],
            "bye": ["b@x"],
            "BYE invite": ["b@x"],
            "alice": ["a@x", "b@x", "c%_@x"],
            "192.0.2.1": ["a@x", "b@x", "c%_@x"],
            "%": ["c%_@x"],
            "options": ["c%_@x"],
            "481 a@x": [],
        }

    browse(file, drive=drive)


def test_the_cursor_stays_at_its_dialog() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        dialogs = app.screen.query_one(DialogList)
        await press(pilot, *["down"] * 12)
        row = dialogs.current
        assert row is not None
        await press(pilot, "z")
        assert dialogs.current == row
        assert dialogs.cursor == 17
        await press(pilot, "i", "z")
        assert dialogs.current == row
        assert dialogs.cursor == 12
        assert app.store.shown == 15

    browse(CALLS, drive=drive)


def test_columns_sort() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "less_than_sign", "z")
        assert app.view.sort == "messages"
        counts = [row.messages for row in app.store.rows(0, 30)]
        assert counts == sorted(counts, reverse=True)
        assert "msgs▼" in screen_of(app)[1]
        await press(pilot, "greater_than_sign")
        assert app.view.sort == "time"

    browse(CALLS, drive=drive, size=(80, 24))


def test_a_condition_chooses() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "f7")
        field = app.screen.query_one(Input)
        field.value = "result = 'answered' and post_dial_delay > 0.8"
        await press(pilot, "enter")
        assert isinstance(app.screen, ListScreen)
        assert app.store.shown == sum(
            row.result == "answered" and (row.post_dial_delay or 0) > 0.8
            for row in app.store.rows_of(None)
        )
        assert 0 < app.store.shown < 15
        assert "Condition result = 'answered'" in screen_of(app)[-2]

    browse(CALLS, drive=drive)


@pytest.mark.parametrize(
    "condition",
    [
        "nothing > 1",
        "1); drop table dialogs; select (1",
        "true) union select 1 --",
        "exists (select 1 from read_csv('/etc/passwd'))",
        "exists (select 1 from '/etc/passwd')",
        "getenv('HOME') is not null",
        "'[red]' > ",
    ],
)
def test_a_condition_reads_nothing_else(condition: str) -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "f7")
        app.screen.query_one(Input).value = condition
        await press(pilot, "enter")
        assert not isinstance(app.screen, ListScreen), "it was taken"
        assert "Malformed condition: " in "\n".join(screen_of(app))
        await press(pilot, "escape")
        assert app.store.shown == 30

    browse(CALLS, drive=drive)


def test_a_condition_that_fails_at_a_value_is_refused() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        app.screen.change(text="486")  # type: ignore[attr-defined]
        await settled(pilot)
        assert 0 < (shown := app.store.shown) < 30
        await press(pilot, "f7")
        app.screen.query_one(Input).value = "call_id::int > 3"
        await press(pilot, "enter")
        assert isinstance(app.screen, ListScreen)
        (note,) = app._notifications
        assert "Malformed condition: Conversion Error" in note.message
        assert (app.view.text, app.view.condition) == ("486", "")
        assert (app.store.view, app.store.shown) == (app.view, shown)

    browse(CALLS, drive=drive)


ENDLESS = "(select count(*) from range(1000000000000)) > 0"


async def until(holds: Callable[[], object]) -> None:
    """Wait for something that no worker of the program ends with."""
    for _ in range(3000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_list_answers_while_a_condition_takes_for_ever(language: str) -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "f7")
        app.screen.query_one(Input).value = ENDLESS
        app.simulate_key("enter")
        await until(lambda: isinstance(app.screen, ListScreen))
        listed = app.screen.query_one(DialogList)
        words = app.look.words.choosing.partition("; ")[0].partition("；")[0]
        await until(lambda: words in screen_of(app)[-2])
        app.simulate_key("down")
        await until(lambda: listed.cursor == 1)
        app.simulate_key("space")
        await until(lambda: len(listed.marked) == 1)
        assert app.store.shown == 30
        # The newest wins, and what is asked for in between is not computed.
        for text in ("b", "bu", "bus", "busy"):
            app.screen.change(text=text)  # type: ignore[attr-defined]
        assert app.store.shown == 30
        app.screen.change(condition="status = 486 -- busy")  # type: ignore[attr-defined]
        await until(lambda: app.store.shown == 3)
        await settled(pilot)
        assert words not in screen_of(app)[-2]
        app.screen.change(condition=ENDLESS)  # type: ignore[attr-defined]
        app.simulate_key("escape")
        await until(lambda: app.store.shown == 30)
        await settled(pilot)
        app.screen.change(condition=ENDLESS)  # type: ignore[attr-defined]
        app.leave()

    browse(CALLS, drive=drive, language=language)


def test_a_condition_that_takes_long_to_check_can_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB computes constants when it looks at a query, and some functions heed no interrupt."""
    store_of_check = Store.check
    begun, go_on, stopped = threading.Event(), threading.Event(), threading.Event()

    def slow(store: Store, condition: str, is_wanted: Callable[[], bool]) -> None:
        begun.set()
        assert go_on.wait(30)
        with pytest.raises(Stopped):
            store_of_check(store, condition, is_wanted)
        stopped.set()
        raise Stopped

    monkeypatch.setattr(Store, "check", slow)

    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "f7")
        app.screen.query_one(Input).value = "status > 400"
        app.simulate_key("enter")
        await until(begun.is_set)
        await until(lambda: "Choosing" in "\n".join(screen_of(app)))
        app.simulate_key("escape")
        await until(lambda: isinstance(app.screen, ListScreen))
        go_on.set()
        await until(stopped.is_set)
        await pilot.pause()
        assert isinstance(app.screen, ListScreen)
        assert app.store.shown == 30

    browse(CALLS, drive=drive)


def test_columns_are_chosen_and_moved() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "f10", "space", "down", "plus", "enter")
        assert app.columns[:3] == ("from", "method", "to")
        head = screen_of(app)[1].split()
        assert head[0] == "from▲"  # the column that sorted is no longer there
        assert head[1] == "method"

    browse(CALLS, drive=drive)


def test_the_last_column_stays() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "f10", *["space", "down"] * 30)
        assert len(app.columns) >= 1
        await press(pilot, "enter")
        assert screen_of(app)[1].strip()

    browse(CALLS, drive=drive)


def test_settings_change_everything_at_once() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "enter", "f8", "space", "down", "space", "down", "space", "enter")
        assert isinstance(app.screen, FlowScreen)
        assert app.theme == "sipfast-light"
        assert "的时序图" in screen_of(app)[0].replace(" ", "")
        await press(pilot, "escape")
        lines = screen_of(app)
        assert lines[2].split()[:2] == ["03-12", "08:30:00"]
        assert "主叫" in lines[1]

    browse(CALLS, drive=drive, size=(120, 30))


def test_the_mouse_chooses_and_opens() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await pilot.click("#dialogs", offset=(5, 4))
        await settled(pilot)
        assert app.screen.query_one(DialogList).cursor == 4
        await pilot.click("#dialogs", offset=(5, 2), times=2)
        await settled(pilot)
        assert isinstance(app.screen, FlowScreen)

    browse(CALLS, drive=drive)


# ---- the ladder


def test_the_ladder_goes_arrow_by_arrow() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "enter")
        lines = screen_of(app)
        assert "Ladder of 5d41a665-3f87-4425-a750-d1dc703c7fb9  7 messages" in lines[0]
        assert "INVITE (SDP)" in lines[2]
        assert any(line.startswith("INVITE") for line in lines)
        await press(pilot, "down", "down", "down")
        assert any(line.startswith("200 OK") for line in screen_of(app))
        await press(pilot, "end")
        assert any(line.startswith("200 OK · BYE") for line in screen_of(app))
        await press(pilot, "t")
        assert not any(line.startswith("200 OK · BYE") for line in screen_of(app))

    browse(CALLS, drive=drive, size=(80, 24))


def test_marked_calls_share_a_ladder() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "space", "space", "enter")
        assert "Ladder of 2 dialogs  14 messages" in screen_of(app)[0]
        await press(pilot, "c")
        assert "coloured by Call-ID" in screen_of(app)[0]

    browse(CALLS, drive=drive)


def test_media_and_sdp_alone() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "enter", "t", "f2")
        assert "192.0.2.14:27688" in "\n".join(screen_of(app))
        await press(pilot, "D")
        lines = "\n".join(screen_of(app))
        assert "200 OK" in lines
        assert "ACK" not in lines
        assert "SDP only" in lines

    browse(CALLS, drive=drive, size=(140, 24))


def test_legs_are_found_by_their_header_field(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        dialog("a@x", method="INVITE"),
        dialog("b@x", method="INVITE", extra=["X-CID: a@x"]),
        dialog("c@x", method="INVITE", extra=["P-Leg: a@x"]),
        dialog("d@x"),
    )

    def titles(legs: Sequence[str]) -> list[str]:
        found: list[str] = []

        async def drive(pilot: App, app: Browser) -> None:
            await press(pilot, "x")
            found.append(screen_of(app)[0])
            await press(pilot, "escape", "end", "x")
            found.append(screen_of(app)[0])

        browse(file, drive=drive, legs=legs, size=(140, 24))
        return found

    both, alone = titles(["X-CID", "X-Call-ID"])
    assert "Ladder of 2 dialogs  2 messages · with other legs" in both
    assert "Ladder of d@x  1 message" in alone
    assert "Ladder of 2 dialogs" in titles(["P-Leg"])[0]


def test_two_messages_are_compared() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "enter", "down", "space")
        assert isinstance(app.screen, FlowScreen)
        await press(pilot, "down", "space")
        assert isinstance(app.screen, DifferenceScreen)
        lines = screen_of(app)
        assert lines[0].strip() == "Difference of messages 2 and 3"
        assert "SIP/2.0 100 Trying" in lines[1]
        assert "SIP/2.0 180 Ringing" in lines[1]
        await press(pilot, "escape")
        assert isinstance(app.screen, FlowScreen)

    browse(CALLS, drive=drive, size=(140, 30))


def test_all_messages_of_a_call() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "r")
        sheet = app.screen.sheet  # type: ignore[attr-defined]
        shown = [sheet.line(at, 100).plain for at in range(sheet.height_of_all)]
        assert sum(line.startswith("  SIP/2.0 ") for line in shown) == 4
        assert sum(line.startswith("  INVITE sip:") for line in shown) == 1
        assert "  Via: SIP/2.0/UDP 192.0.2.14:5089" in "\n".join(shown)

    browse(CALLS, drive=drive)


def test_the_summary_counts() -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "m")
        lines = "\n".join(screen_of(app))
        assert "calls.pcap: 162 messages, 30 dialogs, 15 calls" in lines
        assert "10  answered" in lines

    browse(CALLS, drive=drive, size=(100, 50))


# ---- what is odd


def test_a_file_without_sip(tmp_path: Path) -> None:
    async def drive(pilot: App, app: Browser) -> None:
        assert "No dialogs here." in "\n".join(screen_of(app))
        await press(pilot, "enter", "space", "r", "x", "f2", "m", "escape", "slash", "a", "escape")
        assert isinstance(app.screen, ListScreen)

    browse(written(tmp_path, b"nothing"), drive=drive)


def test_malformed_messages_are_in_their_dialogs(tmp_path: Path) -> None:
    broken = dialog("a@x").replace(b"Content-Length: 0", b"Content-Length: x")
    nameless = dialog("a@x").replace(b"Call-ID: a@x\r\n", b"")

    async def drive(pilot: App, app: Browser) -> None:
        assert app.store.total == 2
        await press(pilot, "enter")
        assert "2 messages" in screen_of(app)[0]
        await press(pilot, "down")
        assert "Cannot be parsed" in "\n".join(screen_of(app))
        await press(pilot, "escape", "end", "enter")
        assert "Ladder of ?  2 messages" in screen_of(app)[0]

    browse(written(tmp_path, dialog("a@x"), broken, nameless), drive=drive)


def test_an_unreadable_file_beside_others(tmp_path: Path) -> None:
    absent = tmp_path / "absent.pcap"

    async def drive(pilot: App, app: Browser) -> None:
        assert app.store.total == 30
        assert "No such file" in screen_of(app)[-2]

    browse(CALLS, absent, drive=drive, size=(200, 24))


def test_packets_of_several_messages(tmp_path: Path) -> None:
    """A segment of TCP may have the messages of two dialogs."""
    file = tmp_path / "two.sip"
    file.write_bytes(dialog("a@x") + dialog("b@x") + dialog("a@x"))

    async def drive(pilot: App, app: Browser) -> None:
        assert [row.messages for row in app.store.rows(0, 9)] == [2, 1]
        await press(pilot, "enter")
        assert "2 messages" in screen_of(app)[0]

    browse(file, drive=drive)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_text_is_shown_and_not_obeyed(language: str, tmp_path: Path) -> None:
    odd = f"{MARKUP} {HOSTILE}"
    folder = tmp_path / "[red]\x1b[31m"
    folder.mkdir()
    data = message(
        f"INVITE sip:{odd}@example.com SIP/2.0",
        f"User-Agent: {odd}",
        f"From: {odd} <sip:[red]{HOSTILE}@example.com>;tag=[bold]1",
        f"To: <sip:{odd}@example.com>",
        f"Call-ID: {MARKUP}{HOSTILE}",
        "CSeq: 1 INVITE",
        f"Contact: {odd}",
        "Content-Length: 0",
    )
    file = written(folder, data, data.replace(b"INVITE", b"BYE"), dialog(MARKUP.split()[0]))

    async def drive(pilot: App, app: Browser) -> None:
        everything = []

        async def look(*keys: str) -> str:
            await press(pilot, *keys)
            lines = screen_of(app)
            everything.extend(lines)
            return "\n".join(lines)

        assert "[red]x[/red]" in await look()
        await look(
            "slash", *"[red]", "enter", "escape", "f10", "escape", "f7", "escape", "m", "escape"
        )
        assert "[red]x[/red]" in (await look("end", "enter")).split("message")[0]
        await look("escape")
        assert "[red]x[/red] [@click=app.quit]y[/]" in await look("home", "enter")
        await look("escape", "a", "enter")
        await look("space", "down", "space")
        assert isinstance(app.screen, DifferenceScreen)
        await look("escape", "enter", "escape", "escape", "f2")
        app.screen.query_one(Input).value = "[red]\x1b\u202e.pcapx"
        await look("enter")
        assert not UNSEEN & set(map(ord, "".join(everything)))
        assert app.is_running

    browse(file, drive=drive, size=(160, 40), language=language)


# ---- saving


async def saved(pilot: App, app: Browser, path: Path, *keys: str) -> None:
    """Save what `keys` choose."""
    await press(pilot, "f2")
    assert isinstance(app.screen, SaveDialog)
    app.screen.query_one(Input).value = str(path)
    await press(pilot, *keys, "enter")


@pytest.mark.parametrize("form", ["pcap", "pcapng", "sip"])
def test_marked_dialogs_are_saved_as_a_capture(form: str, tmp_path: Path) -> None:
    out = tmp_path / f"out.{form}"

    async def drive(pilot: App, app: Browser) -> None:
        await press(pilot, "space", "down", "space")
        await saved(pilot, app, out)
        assert isinstance(app.screen, ListScreen)

    browse(CALLS, drive=drive)
    with capture.open(out) as file:
        found = [sipfast.parse(record.data) for record in file]
    ids = {one.call_id for one in found}
    assert len(ids) == 2
    expected = sipfast.read_calls(CALLS, [one or "" for one in ids]).values()
    messages = sorted(one.number for call in expected for one in call.messages)
    with capture.open(CALLS) as file:
        kept = [bytes(one.data) for number, one in enumerate(file, 1) if number in messages]
    assert [bytes(one) for one in found] == kept


@pytest.mark.parametrize(
    ("choice", "count"), [((), 7), (("tab", "down"), 11), (("tab", "end"), 162)]
)
def test_what_is_saved(choice: tuple[str, ...], count: int, tmp_path: Path) -> None:
    """The current dialog, those shown, or all."""
    out = tmp_path / "out.pcap"

    async def drive(pilot: App, app: Browser) -> None:
        app.screen.change(text="tomasz.w 4420794")  # type: ignore[attr-defined]
        await settled(pilot)
        if not choice:
            await press(pilot, "escape", "home")
        await saved(pilot, app, out, *choice)

    browse(CALLS, drive=drive)
    with capture.open(out) as file:
        assert sum(1 for _ in file) == count


def test_times_that_the_format_cannot_hold_are_told(tmp_path: Path) -> None:
    late = tmp_path / "late.pcapng"
    with capture.Writer(late) as writer, capture.open(CALLS) as file:
        for record in file:
            writer.write(record._replace(time_ns=2**32 * 10**9))

    async def drive(pilot: App, app: Browser) -> None:
        for keys in ((), ("tab", "end")):
            for suffix in ("pcap", "pcapng"):
                await saved(pilot, app, tmp_path / f"out{len(keys)}.{suffix}", *keys)
        said.extend(note.message.partition("\n")[2] for note in app._notifications)

    said: list[str] = []
    browse(late, drive=drive)
    why = "without a time: it is before 1970, or too late for pcap"
    assert said == [f"7 messages {why}", "", f"162 messages {why}", ""]


def test_text_and_ladders_are_saved(tmp_path: Path) -> None:
    async def drive(pilot: App, app: Browser) -> None:
        for form in ("txt", "svg", "html", "mmd"):
            await saved(pilot, app, tmp_path / f"out.{form}")
        await press(pilot, "enter", "w")
        app.screen.query_one(Input).value = str(tmp_path / "flow.svg")
        await press(pilot, "enter")

    browse(CALLS, drive=drive)
    shown = output("show", CALLS, "--call-id", "5d41a665-3f87-4425-a750-d1dc703c7fb9")
    assert (tmp_path / "out.txt").read_text("utf-8") == shown
    svg = (tmp_path / "out.svg").read_text("utf-8")
    assert svg.startswith("<svg") or "<svg " in svg[:200]
    assert (tmp_path / "flow.svg").read_text("utf-8") == svg
    assert "<html" in (tmp_path / "out.html").read_text("utf-8")
    assert "sequenceDiagram" in (tmp_path / "out.mmd").read_text("utf-8")


def test_a_file_is_overwritten_when_confirmed(tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    out.write_bytes(b"kept")

    async def drive(pilot: App, app: Browser) -> None:
        await saved(pilot, app, out)
        assert isinstance(app.screen, SaveDialog)
        assert out.read_bytes() == b"kept"
        await press(pilot, "enter")
        assert isinstance(app.screen, ListScreen)

    browse(CALLS, drive=drive)
    assert len(out.read_bytes()) > 4


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("out.exe", "The suffix must be one of"),
        ("absent/out.pcap", "No such file"),
        ("out", "The suffix must be one of"),
    ],
)
def test_what_cannot_be_saved(name: str, why: str, tmp_path: Path) -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await saved(pilot, app, tmp_path / name)
        assert isinstance(app.screen, SaveDialog)
        assert why in "\n".join(screen_of(app))

    browse(CALLS, drive=drive)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keys", [(), ("tab", "end")], ids=["current", "all"])
@pytest.mark.parametrize("form", ["pcap", "txt"])
def test_what_is_left_while_it_saves_is_no_file(
    form: str, keys: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    write, show = Writer.write, Page.message

    def wait(then: Callable[..., None], *given: object) -> None:
        begun.set()
        assert go_on.wait(30)
        then(*given)

    monkeypatch.setattr(Writer, "write", lambda *given: wait(write, *given))
    monkeypatch.setattr(Page, "message", lambda *given: wait(show, *given))

    async def drive(pilot: App, app: Browser) -> None:
        await pilot.press("f2")
        await pilot.pause()
        app.screen.query_one(Input).value = str(tmp_path / f"out.{form}")
        await pilot.press(*keys, "enter")
        while not begun.is_set():
            await pilot.pause(0.01)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, ListScreen)
        go_on.set()
        await settled(pilot)

    browse(CALLS, drive=drive)
    assert list(tmp_path.iterdir()) == []


def test_a_ladder_has_few_calls(tmp_path: Path) -> None:
    async def drive(pilot: App, app: Browser) -> None:
        await saved(pilot, app, tmp_path / "out.svg", "tab", "end")
        assert "30 dialogs are too many for a ladder." in "\n".join(screen_of(app))

    browse(CALLS, drive=drive)


# ---- the command


def test_the_command_needs_a_terminal() -> None:
    assert error_line("browse", CALLS, exit_code=2) == "browse needs a terminal"


def test_the_command_needs_regular_files() -> None:
    why = "browse reads its files several times: give it a regular file"
    assert error_line("browse", "-", exit_code=2) == f"-: {why}"


def test_the_command_takes_header_fields() -> None:
    line = error_line("browse", CALLS, "--correlate", "call_id", exit_code=2)
    assert line == "--correlate takes header:NAME, not call_id"


def test_the_help_is_in_both_languages() -> None:
    assert "sngrep" in output("browse", "--help")
    assert "初始过滤文本" in output("browse", "--help", "--lang", "zh")
