"""Ladders as pages: self-contained, and without anything that a message brought."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ladders import ALICE, BOB, UNSEEN, Page, call_of, capture, hostile_call, sip

from sipfast.ladder import draw_html


def test_each_arrow_leads_to_its_message() -> None:
    page = Page(call_of().ladder().html())
    links = [one["href"] for one in page.all("a") if one.get("class") == "pick"]
    assert links == [f"#m{n}" for n in range(1, 10)]
    assert [one["id"] for one in page.all("section")] == [f"m{n}" for n in range(1, 10)]
    text = "".join([data for _, data in page.texts])
    assert "Invites to a session" in text
    assert "The logical originator of the request" in text
    assert "m=audio 4000 RTP/AVP 8" in text
    assert "Malformed CSeq" in text


def test_the_page_is_in_the_language_asked_for() -> None:
    text = call_of().ladder().html("zh")
    assert '<html lang="zh-CN">' in text
    assert "下一条消息" in text
    assert "CSeq" in text


def test_faults_are_marked_at_their_bytes() -> None:
    page = Page(call_of().ladder().html())
    assert [one["class"] for one in page.all("mark")] == ["error"] * 2
    assert [data for tag, data in page.texts if tag == "mark"] == ["N", "x"]


def test_the_policy_lets_nothing_in_but_the_script_of_the_page() -> None:
    text = call_of().ladder().html()
    (policy,) = [one["content"] for one in Page(text).all("meta") if one.get("http-equiv")]
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?:|url\(|@import", text.replace("http://www.w3.org/2000/svg", ""))


def test_the_page_is_the_same_whatever_the_messages_say() -> None:
    plain, hostile = call_of().ladder().html(), hostile_call().ladder().html()
    scripts = {
        tuple(re.findall(r"<script>.*?</script>", text, re.DOTALL)) for text in (plain, hostile)
    }
    assert len(scripts) == 1
    page = Page(hostile)
    assert len(page.all("script")) == 1
    assert not UNSEEN - {"\n"} & {*hostile}
    assert any("<script>alert(1)</script>" in data for tag, data in page.texts if tag == "code")


def test_bodies_of_bytes_are_shown_in_hexadecimal() -> None:
    text = hostile_call().ladder().html()
    assert "000000  00 01 3c 62 3e" in text


def test_long_messages_are_shown_in_part() -> None:
    body = b"v=0\r\n" + b"a=x\r\n" * 20_000
    long_field = "X-Long: " + "a" * 5000
    data = sip("INVITE sip:a SIP/2.0", "1 INVITE", long_field, body=body)
    text = call_of(data).ladder().html()
    assert len(text) < 60_000
    assert re.search(r"[0-9,]+ bytes not shown", text)


def test_the_number_of_messages_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_html, "MOST_MESSAGES", 3)
    page = Page(call_of().ladder().html())
    places = {f"#{one['id']}" for one in page.all("section")}
    assert len(places) == 3
    assert {one["href"] for one in page.all("a")} == places
    assert any("first 3 messages" in data for _, data in page.texts)


def test_the_keys_work_in_a_browser(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("chromium is not installed")
    path = tmp_path / "call.html"
    path.write_text(call_of().ladder().html(), encoding="utf-8")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}",
        "--dump-dom",
    ]
    found = subprocess.run(
        [browser, *options, f"{path.as_uri()}#m2"],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    ).stdout
    # The policy lets the script run, and it marks the arrow that the address names.
    assert re.findall(
        r'class="pick chosen"[^>]*href="#(m\d)"|href="#(m\d)"[^>]*class="pick chosen"', found
    ) == [("", "m2")]


def test_costs_are_bounded_by_the_arrows() -> None:
    sizes = []
    for count in (20, 80):
        steps = [(n * 1.0, ALICE, BOB, sip("BYE sip:a SIP/2.0", f"{n} BYE")) for n in range(count)]
        sizes.append(len(call_of(capture(*steps)).ladder().html()))
    assert sizes[1] < 4.2 * sizes[0]
