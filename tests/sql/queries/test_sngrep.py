"""The calls of sngrep: the same, with the same messages, but for what docs/from-sngrep.md says."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

import sipfast
from sipfast import ParseError
from sipfast.sql import connect

pytestmark = pytest.mark.skipif(shutil.which("sngrep") is None, reason="sngrep is not installed")

BENCH = Path(__file__).parents[3] / "bench_data" / "calls.pcap"

UNLIKE = {
    "DTMFsipinfo.pcap": "sngrep does not read PPPoE",
    "c07-sip-r2.cap": "sngrep reads no capture of Network Monitor",
    "sip-body-large.pcap": "sngrep gives up on a message of this size",
    "sip_non_default_port.pcap": "sngrep begins no dialog with a response",
    "sip_resp.pcap": "sngrep begins no dialog with a response",
}
"""The captures in which sngrep finds fewer calls, and why."""


def messages_of(path: Path) -> dict[str, Counter[bytes]]:
    """The messages of each Call-ID but REGISTERs and their responses, as sipfast reads them."""
    found: dict[str, Counter[bytes]] = {}
    with sipfast.open(path) as capture:
        for record in capture:
            try:
                message = sipfast.parse(record.data, datagram=record.transport is not None)
                cseq = message.cseq
            except ParseError:
                continue
            if message.call_id and cseq is not None and cseq.method != "REGISTER":
                found.setdefault(message.call_id, Counter())[bytes(record.data)] += 1
    return found


def of_sngrep(path: Path, folder: Path) -> dict[str, Counter[bytes]]:
    """The messages of the dialogs of sngrep that begin with an INVITE."""
    out = folder / "sngrep.pcap"
    subprocess.run(
        ["sngrep", "-F", "-N", "-q", "-c", "-I", str(path), "-O", str(out)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    if not out.exists() or out.stat().st_size <= 24:
        return {}
    return messages_of(out)


def compare(path: Path, folder: Path) -> int:
    """Compare the calls of a capture; how many sngrep finds."""
    calls = dict(connect(path).execute("select call_id, messages from calls").fetchall())
    ours = {call_id: found for call_id, found in messages_of(path).items() if call_id in calls}
    assert {call_id: found.total() for call_id, found in ours.items()} == calls
    theirs = of_sngrep(path, folder)
    if path.name in UNLIKE:
        assert theirs.items() < ours.items()
    else:
        assert theirs == ours
    return len(theirs)


def test_calls_of_the_bench(tmp_path: Path) -> None:
    assert compare(BENCH, tmp_path) == 15


@pytest.mark.skipif("SIPFAST_SHARED" not in os.environ, reason="SIPFAST_SHARED is not set")
def test_calls_of_captures(tmp_path: Path) -> None:
    found = 0
    for path in sorted(Path(os.environ["SIPFAST_SHARED"], "captures").glob("*/*cap*")):
        folder = tmp_path / path.parent.name / path.name
        folder.mkdir(parents=True)
        found += compare(path, folder)
    assert found > 1_300
