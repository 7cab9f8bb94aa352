"""The command, on hostile files: what is shown, checked and counted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from benchmarks.worst import WORST
from sipfast._engine import Engine
from sipfast.cli.app import sipfast

from . import Case
from .readers import HEADER, OPTIONS, record, udp_packet
from .texts import START, Make, in_message, numbered, repeated

END = b"\r\n\r\n"


def _command(*arguments: str, terminal: bool = False) -> Callable[[Engine, bytes], object]:
    """Run a command of the engine in use."""
    environment = {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "120"} if terminal else {}

    def run(_: Engine, data: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "file")
            file.write_bytes(data)
            result = CliRunner().invoke(sipfast, [*arguments, str(file)], env=environment)
        return result.exit_code

    return run


ONE: dict[str, Make] = {
    **WORST,
    "a run of blanks and no colon": repeated(START + b"x", b" ", b"y" + END),
    "lines of blanks and no colon": repeated(START, b"x" + b" " * 1000 + b"y\r\n", END),
    "blanks before a colon": repeated(START + b"x", b" ", b": y" + END),
    "a body of text": repeated(START + END[2:], b"a "),
    "a body of bytes": repeated(START + END[2:], b"\0\xff"),
    "escape sequences": repeated(START + b"X: ", b"\x1b[1m", END),
    "text beyond ASCII": in_message(b"Subject", repeated(b"", b"\xe4\xb8\xad")),
    "malformed Contacts": in_message(b"Contact", repeated(b"<a>", b",<x>")),
    "malformed parameters": in_message(b"From", repeated(b"<sip:a>", b";a b")),
    "a long Request-URI": repeated(b"OPTIONS sip:", b"a", b" SIP/2.0" + END),
}
MANY: dict[str, Make] = {
    "messages": repeated(OPTIONS, OPTIONS),
    "packets": repeated(HEADER, record(udp_packet(OPTIONS))),
    "other methods": numbered(OPTIONS, b"X%d sip:a SIP/2.0\r\n\r\n"),
    "other agents": numbered(OPTIONS, b"OPTIONS sip:a SIP/2.0\r\nUser-Agent: %d\r\n\r\n"),
    "other reasons": numbered(OPTIONS, b"SIP/2.0 299 %d\r\n\r\n"),
    "other header fields": numbered(OPTIONS, b"OPTIONS sip:a SIP/2.0\r\nX%d: a\r\n\r\n"),
    "broken messages": repeated(OPTIONS, b"OPTIONS sip:a SIP/2.0\r\nx\r\n\r\n"),
}

CASES = [
    *(Case(f"sipfast show: {what}", make, _command("show")) for what, make in ONE.items()),
    *(
        Case(f"sipfast show, on a terminal: {what}", make, _command("show", terminal=True))
        for what, make in ONE.items()
    ),
    *(Case(f"sipfast check: {what}", make, _command("check")) for what, make in ONE.items()),
    *(
        Case(f"{' '.join(('sipfast', name, *options))}: {what}", make, _command(name, *options))
        for name, *options in (("stats",), ("stats", "--json"), ("check",))
        for what, make in MANY.items()
    ),
]
