"""``sipfast stats --html``: one page that needs nothing else, whatever the messages say."""

from __future__ import annotations

import base64
import html
import os
import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from command import UNSEEN, broken, document, error_line, output, process, request, run
from failed_calls import NASTY, call, capture

CALLS = "bench_data/calls.pcap"
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """The elements of a page, their attributes and texts; it must be well-formed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.styles: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.styles if self._open[-1:] == ["style"] else self.texts).append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    @property
    def shape(self) -> Counter[tuple[str, tuple[str, ...]]]:
        return Counter((tag, tuple(sorted(attributes))) for tag, attributes in self.elements)


def written(*arguments: str | Path, folder: Path) -> str:
    """The page that the command writes, which prints nothing."""
    out = folder / "report.html"
    assert output("stats", *arguments, "--html", out, "--force") == ""
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(written(CALLS, folder=tmp_path_factory.mktemp("page")))


def test_the_figures_of_the_page_are_those_of_the_document(page: Page) -> None:
    found = document(CALLS, "--metrics")
    total, metrics = found["total"], found["metrics"]
    assert f"Messages {total['messages']} 72 requests, 87 responses" in page.text
    assert f"Calls {metrics['attempts']} {metrics['answers']} answered" in page.text
    assert f"ASR {metrics['asr']:.1f}% NER 100%" in page.text
    assert f"SRD {metrics['srd_successful'] * 1000:.0f} ms" in page.text
    assert f"Busiest second {metrics['busiest_second']['messages']} 03-12 08:30:22" in page.text
    assert f"Unparsable {total['unparsable']} 1.9% of messages" in page.text
    for name, count in total["methods"].items():
        assert f"{name} {count} " in page.text
    for code, count in total["statuses"].items():
        assert re.search(rf"\b{code} [A-Z][A-Za-z ]+ {count}\b", page.text)
    for agent in total["user_agents"]:
        assert f"{agent['count']} {agent['name']}" in page.text
    for fault in total["faults"]:
        assert f"{fault['count']} {fault['text']} {fault['rfc']}" in page.text
    for reason, count in total["skipped"].items():
        assert f"{count} {reason}" in page.text
    assert "2024-03-12 08:30:00 to 2024-03-12 08:31:08 UTC" in page.text
    assert "486 Busy Here 3 calls 20.0% of all calls · Q.850 17 User busy" in page.text


def test_each_failure_has_its_ladder(page: Page) -> None:
    pictures = [attributes for tag, attributes in page.elements if tag == "img"]
    assert len(pictures) == 2
    for picture in pictures:
        source = picture["src"]
        assert source is not None
        svg = base64.b64decode(source.removeprefix("data:image/svg+xml;base64,")).decode()
        assert svg.startswith("<svg ")
        assert html.escape(str(picture["alt"])) in svg
    assert "1245702684-0742@192.0.2.21" in page.text


def test_a_broad_ladder_has_the_whole_page(tmp_path: Path) -> None:
    """Half of it would make its texts too small to be read on paper."""
    file = tmp_path / "a.pcap"
    address = "[2001:db8:1234:5678:9abc:def0:1234:5678]"
    file.write_bytes(
        capture(call(486, call_id="narrow"), call(404, f"Not {address}", call_id="broad"))
    )
    found = Page(written(file, folder=tmp_path))
    of_failures = [attributes for tag, attributes in found.elements if tag in ("details", "img")]
    places = {
        str(picture["alt"]): details["class"]
        for details, picture in pairwise(of_failures)
        if "alt" in picture
    }
    assert places == {"narrow": "half", "broad": "broad"}


def test_the_groups_of_a_page(tmp_path: Path, page: Page) -> None:
    headings = re.findall("Trunks|Hosts|Domains", page.text)
    assert headings == ["Trunks", "Hosts"]
    other = Page(written(CALLS, "--by", "domain", "--top", "2", folder=tmp_path))
    assert re.findall("Trunks|Hosts|Domains", other.text) == ["Domains"]
    assert "ims.region-east.carrier.example.net 6 66.7%" in other.text
    assert "3 more" in other.text


def test_a_page_in_chinese(tmp_path: Path) -> None:
    text = written(CALLS, "--lang", "zh", folder=tmp_path)
    found = Page(text.replace(CALLS, ""))
    assert '<html lang="zh-CN">' in text
    for part in (
        "SIP 报告",
        "消息 159 72 个请求，87 个响应",
        "486 此处忙",
        "失败的呼叫",
        "会话建立率",
    ):
        assert part in found.text
    english = set(re.findall(r"\b[a-z]{3,}\b", found.text)) - {"pcap", "sipfast", "keep", "alive"}
    assert not {"calls", "messages", "median", "requests", "error", "average"} & english


def test_nothing_is_fetched_and_nothing_runs(page: Page) -> None:
    policy = [dict(attributes) for tag, attributes in page.elements if tag == "meta"]
    assert {
        "http-equiv": "Content-Security-Policy",
        "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    } in policy
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "a", "form", "base", "use"}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "href"]
        assert str(attributes.get("src") or "data:").startswith("data:image/svg+xml;base64,") or (
            "src" not in attributes
        )
        assert "url(" not in str(attributes.get("style"))
    assert "url(" not in "".join(page.styles)
    assert "@import" not in "".join(page.styles)


def hostile(text: str) -> bytes:
    """A capture with a text wherever a sender may write one."""
    word = re.sub(r"[\s,;<>\"@:\x00-\x20]", "_", text)
    name = text.encode("utf-8", "replace").decode()  # a call that is drawn has a Call-ID of UTF-8
    return capture(
        call(
            486,
            text,
            call_id=name,
            user=word,
            host=word,
            agent=text,
            more=(f'Reason: Q.850;cause=17;text="{word}"', f"X-Odd: {text}"),
        ),
        call(486, text, call_id=f"{name}2", at=9, agent=f"{text}2"),
    )


_OF_LISTS = {"tr", "td", "span"}


@pytest.mark.parametrize("by", ["agent", "domain", "trunk"])
def test_hostile_texts_stay_texts(by: str, tmp_path: Path) -> None:
    plain, nasty = tmp_path / "plain.pcap", tmp_path / 'n"><script>alert(1)<\x1b[31m.pcap'
    plain.write_bytes(hostile("Plain text"))
    nasty.write_bytes(hostile(NASTY))
    expected = Page(written(plain, "--by", by, folder=tmp_path))
    text = written(nasty, "--by", by, folder=tmp_path)
    found = Page(text)
    # The same elements with the same attributes, but for the rows of the list of defects.
    assert set(found.shape) == set(expected.shape)
    for element, number in found.shape.items():
        assert number == expected.shape[element] or element[0] in _OF_LISTS
    assert not UNSEEN & {ord(char) for char in text if char != "\n"}
    assert "<script>alert(1)</script> ]]>" in found.text
    assert "\\x1b[31m" in found.text
    assert "{{ 7*7 }}" in found.text
    pictures = [str(attributes["src"]) for tag, attributes in found.elements if tag == "img"]
    assert pictures
    for picture in pictures:
        svg = base64.b64decode(picture.removeprefix("data:image/svg+xml;base64,")).decode()
        assert "<script" not in svg
        assert "<img" not in svg
        assert not UNSEEN & {ord(char) for char in svg if char != "\n"}


def test_lists_and_texts_are_bounded(tmp_path: Path) -> None:
    long = "x" * 5000
    calls = [
        call(
            400 + n % 200,
            long,
            call_id=f"{n}{long}",
            at=n,
            agent=f"{n}{long}",
            host=f"h{n}.{long}",
            source=f"192.0.2.{n % 250}",
        )
        for n in range(400)
    ]
    path = tmp_path / "a.pcap"
    path.write_bytes(capture(*calls))
    sizes = []
    for top in ("1", "10", "50"):
        text = written(path, "--by", "domain", "--top", top, folder=tmp_path)
        found = Page(text)
        pictures = [attributes for tag, attributes in found.elements if tag == "img"]
        assert len(pictures) <= int(top)
        sizes.append(len(text) - sum(len(str(picture["src"])) for picture in pictures))
        assert "x" * 200 not in found.text
    assert sizes[0] < 100_000
    assert sizes[2] < 200_000


@pytest.mark.parametrize("name", ["mixed.sip", "small.sip", "invite.sip"])
def test_messages_without_times(name: str, tmp_path: Path) -> None:
    found = Page(written(f"bench_data/{name}", folder=tmp_path))
    assert "The messages have no times" in found.text
    assert "Busiest" not in found.text
    assert "Delays" not in found.text


def test_a_file_without_calls(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(request() + broken())
    found = Page(written(file, folder=tmp_path))
    assert "Messages 1 1 request, 0 responses" in found.text
    assert "Failed calls" not in found.text
    assert "Malformed Content-Length" in found.text


def test_no_call_failed(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(capture(call(200, "OK")))
    assert "Failed calls No call failed." in Page(written(file, folder=tmp_path)).text


def test_without_defects(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(request("FOO", "Date: x") + request())
    assert "With defects 1 " in Page(written(file, folder=tmp_path)).text
    found = Page(written(file, "--no-defects", folder=tmp_path))
    assert "With defects" not in found.text
    assert "Defects" not in found.text


def test_several_files_and_one_that_is_unreadable(tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.pcap" for n in range(20)]
    for n, file in enumerate(files):
        file.write_bytes(capture(call(486, call_id=f"c{n}", at=n)))
    out = tmp_path / "report.html"
    result = run("stats", *files, tmp_path / "none.pcap", "--html", out)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"sipfast: {tmp_path / 'none.pcap'}: ")
    found = Page(out.read_text(encoding="utf-8"))
    assert "and 8 more" in found.text
    assert "Calls 20 0 answered" in found.text
    (_, picture), *others = [item for item in found.elements if item[0] == "img"]
    assert picture["alt"] == "c0"
    assert others == []


def test_nothing_is_written_if_nothing_is_read(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    result = run("stats", tmp_path / "none.pcap", "--html", out)
    assert result.exit_code == 1
    assert not out.exists()


def test_a_file_is_overwritten_on_demand(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("mine")
    assert error_line("stats", CALLS, "--html", out, exit_code=1) == (
        f"{out} exists; --force overwrites it"
    )
    assert out.read_text() == "mine"
    written(CALLS, folder=tmp_path)
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_standard_input_and_output() -> None:
    with open(CALLS, "rb") as file:
        done = subprocess.run(
            [*process_arguments(), "stats", "-", "--html", "-"],
            stdin=file,
            check=True,
            capture_output=True,
            timeout=120,
        )
    found = Page(done.stdout.decode())
    assert "Calls 15 10 answered" in found.text
    assert done.stderr == b""


def process_arguments() -> list[str]:
    import sys

    return [sys.executable, "-m", "sipfast"]


def test_both_engines_write_the_same_page() -> None:
    pages = []
    for pure in (False, True):
        done = process("stats", CALLS, "--html", "-", pure=pure)
        assert (done.returncode, done.stderr) == (0, "")
        pages.append(done.stdout)
    assert pages[0] == pages[1]


def test_html_contradicts_json_and_the_choice_of_messages(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    for other in (["--json"], ["--method", "INVITE"], ["-n", "3"]):
        result = run("stats", CALLS, "--html", out, *other)
        assert result.exit_code == 2
        assert "--html" in result.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("module", "extra"), [("jinja2", "report"), ("matplotlib", "report"), ("duckdb", "duckdb")]
)
def test_a_missing_library_is_named(
    module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, module, None)
    out = tmp_path / "report.html"
    line = error_line("stats", CALLS, "--html", out, exit_code=1)
    assert line.startswith(f"--html needs the extra {extra}: pip install ")
    assert module in line
    assert not out.exists()


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
def test_a_browser_takes_the_page_without_a_complaint(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(hostile(NASTY))
    written(file, folder=tmp_path)
    done = subprocess.run(
        [
            str(CHROMIUM),
            *("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"),
            (tmp_path / "report.html").as_uri(),
        ],
        env=os.environ | {"HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert "CONSOLE" not in done.stderr  # what the policy refuses would stand there
    assert "<script" not in done.stdout
    assert "SIP report" in done.stdout
