"""The examples run, on both engines, and `make demo` runs one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sipfast._engine import Engine

ROOT = Path(__file__).parents[2]
FORWARD = "examples/forward.py"
SMALL = "examples/small_proxy.py"


def run(engine: Engine, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", FORWARD, *arguments],
        cwd=ROOT,
        env=os.environ
        | {"SIPFAST_PURE": "1" if engine.name == "pure" else "", "PYTHONPATH": str(ROOT)}
        | {"PYTHONUTF8": "1"},
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def test_a_message_is_edited_and_forwarded(engine: Engine) -> None:
    done = run(engine)
    assert (done.returncode, done.stderr) == (0, "")
    edited, sent, back = done.stdout.split("\n# ")[1:]
    assert [line[:14] for line in edited.splitlines()[1:] if line] == [
        *("- Allow: INVIT", "+ Supported: p", "- User-Agent: ", "+ User-Agent: ")
    ]
    assert ";branch=z9hG4bK4c1d.9a60f2b7;received=198.51.100.4\n" in sent
    assert "\n+ Record-Route: <sip:192.0.2.1:5060;lr;mac=" in sent
    assert "\n- Max-Forwards: 69\n+ Max-Forwards: 68\n" in sent
    assert [line[:40] for line in back.splitlines()[1:] if line] == [
        "- Via: SIP/2.0/UDP 192.0.2.1:5060;branch",
        "To 198.51.100.4 5060 UDP",
    ]


def test_a_response_is_no_request(engine: Engine) -> None:
    done = run(engine, "bench_data/messages/valid/100-trying.sip")
    assert done.returncode == 1
    assert "a request is required" in done.stderr


def test_the_demo_shows_it() -> None:
    assert f"$(PY) {FORWARD}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "docs/endpoints.md"])
def test_the_small_proxy_is_the_one_of_the_pages(page: str) -> None:
    text = (ROOT / SMALL).read_text(encoding="utf-8")
    shown = text.split("from __future__ import annotations\n\n")[1]
    assert f"```python\n{shown}```\n" in (ROOT / page).read_text(encoding="utf-8")
    assert len([line for line in shown.splitlines() if line]) <= 22
