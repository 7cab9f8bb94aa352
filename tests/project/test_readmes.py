"""The two READMEs say the same: the same headings, code, links and figures, in the same order.

What they say to type runs.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")

HEADINGS = {
    "# sipfast": "# sipfast",
    "## Two commands": "## 两条命令",
    "## In ten lines": "## 十行代码",
    "### Typed header fields": "### 带类型的头字段",
    "### Errors and defects": "### 错误与缺陷",
    "### Editing and answering": "### 编辑与应答",
    "### Forward": "### 转发",
    "### A proxy": "### 代理",
    "### Streams": "### 流",
    "### Captures": "### 抓包文件",
    "### Columns": "### 列",
    "### The registry": "### 登记表",
    "## The command": "## 命令",
    "### The analyst's desk": "### 分析工作台",
    "## Two engines": "## 两个引擎",
    "## How fast": "## 有多快",
    "## Layout": "## 目录结构",
}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ .*$", BLOCK.sub("", text), re.MULTILINE)


def code(text: str) -> list[list[str]]:
    """The lines of each block, without what is said of them, which is in either language."""
    return [
        [said_of(language, line) for line in block.splitlines()]
        for language, block in BLOCK.findall(text)
    ]


def said_of(language: str, line: str) -> str:
    mark = r"\s+# .*" if language else r"(?<=\S)\s{2,}\S.*"
    return re.sub(f"{mark}$", "", line)


def links(text: str) -> list[str]:
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "README" not in link]


def figures(text: str) -> list[list[str]]:
    """The numbers in each row of the tables."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [re.findall(r"\d+(?:\.\d+)?", row) for row in rows]


def test_headings() -> None:
    assert headings(ENGLISH) == list(HEADINGS)
    assert headings(CHINESE) == list(HEADINGS.values())


def test_code() -> None:
    assert code(ENGLISH) == code(CHINESE)
    assert len(code(ENGLISH)) >= 8
    assert said_of("sh", "make test     # run the tests") == "make test"
    assert said_of("", "docs/     pages") == "docs/"


def test_links() -> None:
    assert links(ENGLISH) == links(CHINESE)
    assert len(links(ENGLISH)) > 15


def test_figures() -> None:
    assert figures(ENGLISH) == figures(CHINESE)
    assert sum(map(len, figures(ENGLISH))) > 20


def test_variables_and_commands_in_the_text() -> None:
    """What is set in code within a sentence is the same, in whatever order."""
    english, chinese = [
        sorted(re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))) for text in (ENGLISH, CHINESE)
    ]
    assert set(english) == set(chinese)


TYPED = [
    line.partition(" # ")[0].rstrip()
    for language, block in BLOCK.findall(ENGLISH)
    for line in block.splitlines()
    if language == "sh" and "sipfast " in line
]


def test_each_part_of_the_desk_is_shown() -> None:
    shown = {"sql", "calls", "registrations", "stats", "ladder", "browse", "redact", "follow"}
    assert shown <= {line.split("sipfast ")[1].split()[0] for line in TYPED}


@pytest.mark.parametrize("line", TYPED)
def test_a_command_runs_as_it_is_typed(line: str, tmp_path: Path) -> None:
    data = ROOT / "bench_data"
    (tmp_path / "bench_data").symlink_to(data)
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(line.rpartition(" | ")[2])],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        input=(data / "calls.pcap").read_bytes(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    if " browse " in line:
        assert done.stderr == b"sipfast: browse needs a terminal\n"
        return
    assert done.returncode == (1 if " check " in line else 0), done.stderr
    written = set(re.findall(r"(?:-o|--html|redact \S+) (\S+\.\w+)", line))
    assert all((tmp_path / name).stat().st_size for name in written)
    assert done.stdout or written
