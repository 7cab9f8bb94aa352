"""Running the command ``sipfast`` in tests, within the process and as a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner, Result

from sipfast.cli.app import sipfast
from sipfast.cli.screen import progress

ROOT = Path(__file__).resolve().parent.parent

#: Variables that make rich treat the output as a terminal of this width.
TERMINAL = {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "80"}
PIPE = {"FORCE_COLOR": None, "COLUMNS": None, "NO_COLOR": None}

_SGR = re.compile(r"\x1b\[[0-9;]*m")


def run(*arguments: str | Path, terminal: int = 0) -> Result:
    """Run the command in this process, on a terminal of that many columns or, with 0, on none.

    A slow machine shows no progress, which would take the lines of a terminal to standard error;
    a test of progress sets `AFTER` to 0.
    """
    environment = TERMINAL | {"COLUMNS": str(terminal)} if terminal else PIPE
    with mock.patch.object(progress, "AFTER", 600 if progress.AFTER else 0):
        return CliRunner().invoke(sipfast, [str(part) for part in arguments], env=environment)


def output(*arguments: str | Path, terminal: int = 0) -> str:
    """The output of the command, which must succeed; without the colours of a terminal."""
    result = run(*arguments, terminal=terminal)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return _SGR.sub("", result.stdout)


def error_line(*arguments: str | Path, exit_code: int) -> str:
    """The one line with which the command must fail, and nothing else."""
    result = run(*arguments)
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("sipfast: ")
    return line.removeprefix("sipfast: ")


def process(
    *arguments: str | Path, pure: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m sipfast``, on the engine that these tests run on or on the pure one."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | ({"SIPFAST_PURE": "1"} if pure else {})
    return subprocess.run(
        [sys.executable, "-m", "sipfast", *map(str, arguments)],
        cwd=ROOT,
        env=environment | variables,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def bound_by_permissions() -> list[str]:
    """What a command line begins with, so that permissions bind it, which they do not for root."""
    if os.name != "posix":
        pytest.skip("permissions of files are of POSIX")
    if os.geteuid():
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("permissions do not bind root")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m sipfast`` with arguments and redirections as a POSIX shell takes them."""
    return subprocess.run(
        ["sh", "-c", f'"$0" -m sipfast {line}', sys.executable],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def message(start: str, *fields: str, body: bytes = b"") -> bytes:
    """A message of these lines; each is UTF-8, or bytes as surrogate escapes."""
    head = "\r\n".join([start, *fields, "", ""])
    return head.encode("utf-8", "surrogateescape") + body


def request(method: str = "OPTIONS", *extra: str, body: bytes = b"") -> bytes:
    """A request without defects, with these additional header fields."""
    names = [field.partition(":")[0] for field in extra]
    needed = {
        "Contact: <sip:alice@192.0.2.1>": method == "INVITE" and "Contact" not in names,
        "Content-Type: application/x-odd": bool(body) and "Content-Type" not in names,
    }
    return message(
        f"{method} sip:bob@example.com SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa1",
        "Max-Forwards: 70",
        "From: Alice <sip:alice@example.org>;tag=1",
        "To: <sip:bob@example.com>",
        "Call-ID: 1@192.0.2.1",
        f"CSeq: 7 {method}",
        *[field for field, wanted in needed.items() if wanted],
        *extra,
        f"Content-Length: {len(body)}",
        body=body,
    )


def response(status: int, reason: str, *extra: str) -> bytes:
    """A response without defects to the request above."""
    return message(
        f"SIP/2.0 {status:03} {reason}",
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa1",
        "From: Alice <sip:alice@example.org>;tag=1",
        "To: <sip:bob@example.com>;tag=2",
        "Call-ID: 1@192.0.2.1",
        "CSeq: 7 OPTIONS",
        *extra,
        "Content-Length: 0",
    )


def broken(length: str = "x") -> bytes:
    """A request with a malformed Content-Length, and no other fault."""
    value = length.encode("utf-8", "surrogateescape")
    return request().replace(b"Content-Length: 0", b"Content-Length: " + value)


BAD_TO = request().replace(b"To: <sip", b'To: "Bob <sip')
NO_CALL_ID = response(200, "OK").replace(b"Call-ID: 1@192.0.2.1\r\n", b"")

HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07\x9b5m\x08\x7f [bold]b[/bold] [link=x]l[/link] :smile: "
    "\u202eright to left\u2066\u200f\ufeff\U000e0041 \udcff\udc80 \ud7ff"
)
#: Characters that must never reach a terminal; `HOSTILE` has some of them.
UNSEEN = set(range(0x20)) - {0x0A} | set(range(0x7F, 0xA0)) | {0x202E, 0x2066, 0x200F, 0xFEFF}

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0 97 99\r\na=rtpmap:97 opus/48000/2\r\n"
    b"m=video 5000 RTP/AVP 34\r\nc=IN IP6 2001:db8::1\r\na=sendonly\r\n"
    b"m=image 0 udptl t38\r\n"
    b"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=recvonly\r\n"
    b"m=text 70000 RTP/AVP 0\r\na=inactive\r\n"
)


def document(*arguments: str | Path) -> dict[str, Any]:
    """The JSON document of ``sipfast stats``."""
    text = output("stats", "--json", *arguments)
    assert text.isascii()
    parsed: dict[str, Any] = json.loads(text)
    return parsed
