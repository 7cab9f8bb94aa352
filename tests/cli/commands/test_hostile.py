"""Hostile bytes never reach the terminal as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import HOSTILE, UNSEEN, broken, message, output


@pytest.mark.parametrize("terminal", [0, 80])
@pytest.mark.parametrize("command", ["stats", "show"])
def test_hostile_bytes_do_not_reach_the_terminal(
    command: str, terminal: int, tmp_path: Path
) -> None:
    folder = tmp_path / "\x1b[31m [red]\u202e"
    folder.mkdir()
    file = folder / "x\x07.sip"
    file.write_bytes(
        message(
            f"OPTIONS sip:{HOSTILE} SIP/2.0",
            f"User-Agent: {HOSTILE}",
            f"From: {HOSTILE} <sip:{HOSTILE}>",
            f'To: "{HOSTILE}',
            f"CSeq: {HOSTILE}",
            f"Content-Type: {HOSTILE}",
            "Content-Length: 20",
            body=b"\x1b[31m\x9b \xe2\x80\xae text",
        )
        + broken(HOSTILE)
    )
    text = output(command, file, terminal=terminal)
    assert not UNSEEN & set(map(ord, text))
    text = text.replace("\n    ↳ ", "")
    assert "\\x1b[31mred\\x1b]0;title\\x07\\x9b5m\\x08\\x7f [bold]b[/bold] [lin" in text
    if command == "show":
        assert "[link=x]l[/link] :smile: \\u202eright to left\\u2066\\u200f\\ufeff" in text
        assert "\\U000e0041 \\xff\\x80" in text
