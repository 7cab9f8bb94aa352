"""The pictures of docs/pictures, each made by a command of the project: `make pictures`.

To add one, add a row to PICTURES, run `make pictures`, and show it in a page of docs/ as
`![what it shows](pictures/NAME)`. Pictures in SVG are the same at every run, and
`tests/project/test_pictures.py` compares them; those of a browser are looked at.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

__all__ = ["FOLDER", "PICTURES", "write"]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
CALLS = "bench_data/calls.pcap"

_THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [
        *[(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34)],
        *[(88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)],
    ],
    [
        *[(110, 118, 129), (255, 161, 152), (86, 211, 100), (227, 179, 65)],
        *[(121, 192, 255), (210, 168, 255), (86, 212, 221), (240, 246, 252)],
    ],
)
_FONT_FACES = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""rich has them fetched from elsewhere."""


def sipfast(*arguments: str | Path, **variables: str) -> bytes:
    """What the command prints."""
    return subprocess.run(
        [sys.executable, "-m", "sipfast", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout


def terminal(*arguments: str, width: int = 100) -> bytes:
    """A terminal with a command and what it prints."""
    printed = sipfast(*arguments, FORCE_COLOR="1", TERM="xterm-256color", COLUMNS=str(width))
    console = Console(record=True, width=width, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    with console.file:
        console.print(Text(f"$ sipfast {' '.join(arguments)}", "bold"))
        console.print(Text.from_ansi(printed.decode()))
        svg = console.export_svg(title="", theme=_THEME, unique_id=arguments[0])
    return _FONT_FACES.sub("", svg).encode()


def browser(page: Path, width: int, height: int, *, dark: bool = False, at: str = "") -> bytes:
    """The top of a page of HTML, or the place `at`, such as ``#m6``, as Chromium shows it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("this needs chromium: apt-get install chromium fonts-noto-cjk")
    picture = page.with_suffix(".png")
    subprocess.run(
        [
            chromium,
            *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            f"--user-data-dir={page.parent / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--window-size={width},{height}",
            f"--screenshot={picture}",
            page.as_uri() + at,
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return picture.read_bytes()


def report(*, language: str, dark: bool) -> bytes:
    """The report of a quarter of an hour."""
    from benchmarks.scanning import files  # which nobody else needs here

    with tempfile.TemporaryDirectory() as folder:
        capture = files.udp(Path(folder), files.traffic(20_000)).path
        capture.rename(capture.with_name("morning.pcap"))
        page = Path(folder) / "report.html"
        arguments = ("stats", "morning.pcap", "--no-defects", "--lang", language, "--html", page)
        subprocess.run(
            [sys.executable, "-m", "sipfast", *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            check=True,
        )
        return browser(page, 1120, 1240, dark=dark)


CALL = ("ladder", "4959742591-4229@192.0.2.10", CALLS)


def ladder_page() -> bytes:
    """The page of a call, at the message that puts it on hold."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "call.html"
        sipfast(*CALL, "-o", page)
        return browser(page, 1400, 620, at="#m6")


def browsing(*keys: str, size: tuple[int, int] = (100, 24), dark: bool = True) -> bytes:
    """The screen of ``sipfast browse`` after some keys."""
    import browsing as driving  # with Textual, which nobody else needs here

    picture: list[str] = []

    async def drive(pilot: Any, app: Any) -> None:
        await driving.press(pilot, *keys)
        app.clear_notifications()
        await pilot.pause()
        picture.append(app.export_screenshot(title="sipfast browse calls.pcap"))

    before = os.getcwd()
    os.chdir(ROOT)  # the picture has the path
    try:
        driving.browse(CALLS, drive=drive, size=size, is_dark=dark)
    finally:
        os.chdir(before)
    svg = _WIDE.sub(_widened, _FONT_FACES.sub("", picture[0]))
    return _UNIQUE.sub("terminal-browse", svg).encode()


_WIDE = re.compile(r'(<text [^>]*textLength=")[0-9.]+("[^>]*>)([^<]*)</text>')
_UNIQUE = re.compile(r"terminal-[0-9]+")
_CELL = 12.2


def _widened(match: re.Match[str]) -> str:
    """A text with its width in cells: rich gives it that of its characters."""
    text = html.unescape(match[3])
    if cell_len(text) == len(text):
        return match[0]
    return f"{match[1]}{cell_len(text) * _CELL:.1f}{match[2]}{match[3]}</text>"


PICTURES: dict[str, Callable[[], bytes]] = {
    "browse-list.svg": partial(browsing, "space", "down", "space", size=(100, 20)),
    "browse-ladder.svg": partial(browsing, *["down"] * 6, "enter", *["down"] * 5, size=(100, 32)),
    "browse-difference.svg": partial(
        browsing, "enter", "space", *["down"] * 3, "space", size=(120, 24), dark=False
    ),
    "ladder.svg": partial(sipfast, *CALL, "--format", "svg"),
    "ladder-terminal.svg": partial(terminal, *CALL, width=80),
    "ladder-page.png": ladder_page,
    "report.png": partial(report, language="en", dark=False),
    "report-zh-dark.png": partial(report, language="zh", dark=True),
}
"""The pictures by file name, and how each is made."""


def write(*names: str) -> None:
    """Make the pictures with these names, or all."""
    FOLDER.mkdir(exist_ok=True)
    for name in names or PICTURES:
        (FOLDER / name).write_bytes(PICTURES[name]())
        print(f"docs/pictures/{name}: written")


if __name__ == "__main__":
    write(*sys.argv[1:])
