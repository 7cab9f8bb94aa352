"""What notebooks show: escaped, bounded, and the same on both engines."""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT, bound_by_permissions
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
from sipfast._visible import visible
from sipfast.capture import CaptureError
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
    few, many = scan.first(3), scan.first(100)
    assert few is not None
    assert many is not None
    assert few == many[:3]
    assert len(scan.first() or ()) == 10
    assert len(scan.first(1000, most=20) or ()) == 20
    assert len(rows(scan._repr_html_())) == 10


def test_sources_that_must_be_read_to_their_end_show_no_rows(tmp_path: Path) -> None:
    packed = tmp_path / "a.pcap.gz"
    packed.write_bytes(gzip.compress(CALL))
    pipe = io.BytesIO(CALL)
    for source in (packed, pipe, gzip.compress(CALL)):
        scan = sipfast.scan(source, ["method"])
        assert scan.first() is None
        page = Page(scan._repr_html_())
        assert ("p", "No rows yet: the source has to be read to its end first.") in page.texts
    assert pipe.tell() == 0
    assert sipfast.scan(CALL, ["method"]).first(1) == [("INVITE",)]


def reasons(scan: Scan) -> list[str]:
    """Why it shows no rows of some sources."""
    html = scan._repr_html_()
    assert not UNSEEN - {"\n"} & {*html}
    page = Page(html)
    assert "column" in text_of(page)
    return [text for tag, text in page.texts if tag == "li"]


HOSTILE_NAME = "<b onclick=x>&\n\x1b[31m\u202e"


def test_a_source_that_cannot_be_read_says_why(engine: Engine, tmp_path: Path) -> None:
    for name in ("gone", HOSTILE_NAME):
        gone = tmp_path / f"{name}.pcap"
        gone.write_bytes(CALL)
        scan = Scan(gone, ["method"], engine=engine)
        gone.unlink()
        assert reasons(scan) == [visible(f"{gone}: No such file or directory")]
        gone.write_bytes(b"")
        assert reasons(scan) == [visible(f"{gone}: the file is empty")]
        gone.write_bytes(b"<script>\0\xff")
        (why,) = reasons(scan)
        assert why.startswith(visible(f"{gone}: neither a capture nor SIP messages"))
        assert "<script>" in why
        with pytest.raises(CaptureError, match="neither a capture"):
            scan.first()
    assert reasons(Scan(tmp_path, ["method"], engine=engine)) == [
        f"{tmp_path}: neither a file nor a pipe"
    ]
    (why,) = reasons(Scan(b"none", ["method"], engine=engine))
    assert why.startswith("neither a capture nor SIP messages")
    assert reasons(Scan(CALL, ["method"], engine=engine)) == []


def test_a_file_without_permission_says_why(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.touch(mode=0)
    shown = f"import sipfast; print(sipfast.scan({str(file)!r})._repr_html_())"
    done = subprocess.run(
        [*bound_by_permissions(), sys.executable, "-c", shown],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert ("li", f"{file}: Permission denied") in Page(done.stdout).texts


def test_sources_that_the_last_pass_refused_are_listed(engine: Engine, tmp_path: Path) -> None:
    empty = [tmp_path / f"{number:02}" for number in range(12)]
    for path in empty:
        path.write_bytes(b"")
    scan = Scan([CALL, *empty], ["method"], engine=engine)
    assert reasons(scan) == []  # not yet known
    assert sum(map(len, scan)) == 9
    assert reasons(scan) == [*(f"{path}: the file is empty" for path in empty[:10]), "+ 2"]
    assert len(rows(scan._repr_html_())) == 9
    first = Scan([empty[0], CALL], ["method"], engine=engine)
    for _ in range(2):
        assert reasons(first) == [f"{empty[0]}: the file is empty"]
        assert sum(map(len, first)) == 9


def test_a_call_of_a_file_that_is_gone_still_shows_itself(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(CALLS.read_bytes())
    call_id = "1245702684-0742@192.0.2.21"
    call = sipfast.read_calls(file, [call_id])[call_id]
    whole = call._repr_html_()
    file.unlink()
    assert call._repr_html_() == whole


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
