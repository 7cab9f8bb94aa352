"""What notebooks show: escaped, bounded, and the same on both engines."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path

import pytest
from command import ROOT
from exported import CALLS
from ladders import (
    ALICE,
    BOB,
    CALL,
    HOSTILE,
    INVITE,
    SDP,
    UNSEEN,
    Page,
    call_of,
    capture,
    hostile_call,
    sip,
)

import sipfast
from sipfast._engine import Engine
from sipfast.columns.scan import Scan
from sipfast.ladder import notebook


def text_of(page: Page) -> str:
    return "\n".join([data for tag, data in page.texts if tag != "style"])


def test_a_message(engine: Engine) -> None:
    page = Page(engine.parse(sip(INVITE, body=SDP))._repr_html_())
    text = text_of(page)
    assert ("h2", "INVITE (SDP)") in page.texts
    assert "Invites to a session" in text
    assert "How many more hops" in text
    assert "m=audio 4000 RTP/AVP 8" in text
    response = Page(engine.parse(sip("SIP/2.0 404 Not Found", "x"))._repr_html_())
    assert ("h2", "404 Not Found (x)") in response.texts
    assert "Malformed CSeq" in text_of(response)


def test_a_hostile_message(engine: Engine) -> None:
    body = HOSTILE.encode("utf-8", "surrogateescape")
    data = sip(f"INVITE sip:{HOSTILE} SIP/2.0", "1 INVITE", f"X-{HOSTILE}: {HOSTILE}", body=body)
    html = engine.parse(data, lenient=True)._repr_html_()
    assert not UNSEEN - {"\n"} & {*html}
    Page(html)
    assert "<script" not in html
    cut = engine.parse(data[:200], lenient=True)._repr_html_()
    Page(cut)


def test_a_call_and_its_ladder() -> None:
    call = call_of()
    for html in (call._repr_html_(), call.ladder()._repr_html_()):
        page = Page(html)
        assert ("text", "INVITE (SDP) ↻") in page.texts
        assert '[data-jp-theme-light="false"] .sipfast{' in html
    assert call._repr_svg_() == call.ladder()._repr_svg_() == call.ladder().svg()
    hostile = hostile_call()._repr_html_()
    Page(hostile)
    assert not UNSEEN - {"\n"} & {*hostile}


def test_a_long_call_is_shown_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "MOST_ARROWS", 4)
    page = Page(call_of()._repr_html_())
    assert ("p", "5 more left out") in page.texts
    assert len([tag for tag, data in page.texts if tag == "text" and "00:00" in data]) == 4


# ---- scans


def rows(html: str) -> list[list[str]]:
    Page(html)
    body = html.partition("<tbody>")[2]
    return [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in re.findall("<tr>(.*?)</tr>", body)]


NAMES = ["time", "method", "status", "is_request", "sdp_codecs"]


def test_a_scan_shows_its_columns_and_first_rows(engine: Engine) -> None:
    scan = Scan(CALL, NAMES, engine=engine)
    html = scan._repr_html_()
    assert "timestamp[ns, UTC]" in html
    assert rows(html)[0] == ["1970-01-01 00:00:00.000000", "INVITE", "null", "true", "PCMA"]
    assert len(rows(html)) == 9
    assert "in the last pass" not in html
    assert sum(map(len, scan)) == 9
    assert "9 rows in the last pass" in scan._repr_html_()
    assert scan.rows == 9, "looking counts nothing"


def test_a_condition_selects_the_rows_shown() -> None:
    scan = sipfast.scan(CALL, ["method"], where="status is null and from_user = 'alice'")
    assert {row[0] for row in rows(scan._repr_html_())} == {"INVITE", "BYE", "NOTIFY"}
    nothing = sipfast.scan(CALL, ["method"], where="status = 999")
    assert rows(nothing._repr_html_()) == []


def test_few_messages_are_read_for_it() -> None:
    scan = sipfast.scan(CALLS, ["packet"])
    assert [row[0] for row in scan.first(3)] == [row[0] for row in scan.first(100)][:3]
    assert len(scan.first()) == 10
    assert len(scan.first(1000, most=20)) == 20
    assert len(rows(scan._repr_html_())) == 10


def test_sources_that_must_be_read_to_their_end_show_no_rows(tmp_path: Path) -> None:
    packed = tmp_path / "a.pcap.gz"
    packed.write_bytes(gzip.compress(CALL))
    pipe = io.BytesIO(CALL)
    for source in (packed, pipe, gzip.compress(CALL)):
        assert sipfast.scan(source, ["method"]).first() == []
    assert pipe.tell() == 0
    assert sipfast.scan(CALL, ["method"]).first(1) == [("INVITE",)]
    gone = tmp_path / "gone.pcap"
    gone.write_bytes(CALL)
    scan = sipfast.scan(gone, ["method"])
    gone.unlink()
    assert scan.first() == []
    assert "1 column" in scan._repr_html_()
    assert sipfast.scan(b"none", ["method"]).first() == []


def test_a_hostile_scan() -> None:
    data = capture(
        (0.0, ALICE, BOB, sip("INVITE sip:a SIP/2.0", "1 INVITE", f"User-Agent: {HOSTILE}"))
    )
    html = sipfast.scan(
        data, ["user_agent", "headers:User-Agent", "header:X-<b>"[:9]]
    )._repr_html_()
    assert not UNSEEN - {"\n"} & {*html}
    assert "\\x1b[31m" in html
    Page(html)


def test_all_columns_of_a_file_of_messages() -> None:
    scan = sipfast.scan(ROOT / "bench_data" / "mixed.sip", list(sipfast.columns.COLUMNS))
    assert len(rows(scan._repr_html_())) == 10
