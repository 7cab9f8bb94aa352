"""Captures of other projects, message by message as tshark reads them.

Needs tshark, and the folder `SIPFAST_SHARED`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

import sipfast

SHARED = os.environ.get("SIPFAST_SHARED")
TSHARK = shutil.which("tshark")

pytestmark = pytest.mark.skipif(
    not (SHARED and TSHARK), reason="SIPFAST_SHARED is not set, or tshark is not installed"
)

CAPTURES = Path(SHARED or "") / "captures"
FILES = sorted(
    path.relative_to(CAPTURES).as_posix()
    for path in CAPTURES.rglob("*")
    if path.is_file() and path.suffix not in (".md", ".tsv")
)

FIELDS = ("Method", "Status-Code", "Call-ID", "CSeq", "from.user", "to.user")
"""The fields of `sip.` that are compared."""

Values = tuple[str, ...]
Packets = dict[int, list[Values]]

NO_MESSAGES_OF_TSHARK = {
    "profuzzbench-profuzzbench/sip-1.raw": "a file of messages, which tshark refuses",
}
ONLY_OURS = {
    ("NormB-sipnab/c07-sip-r2.cap", packet): "no method: damaged, so handed out to be reported"
    for packet in (4, *range(20, 31), *range(32, 40))
}
ONLY_OF_TSHARK = {
    ("ntop-nDPI/http_on_sip_port.pcap", packet): "HTTP on port 5060" for packet in (3, 4)
}
_ESCAPED = (
    'From: \\"arik\\" <sip:816666@...>, whose display name is malformed: no value of its parts'
)
OTHER_VALUES = {
    ("NormB-sipnab/sip-488-codec-reject.pcapng", 5): "tshark shows no user of one letter",
    ("NormB-sipnab/sip-488-codec-reject.pcapng", 6): "tshark shows no user of one letter",
    ("OISF-suricata-verify/sip-compact-form.pcap", 1): _ESCAPED,
    ("OISF-suricata-verify/sip-header-multi-value.pcap", 1): _ESCAPED,
    ("OISF-suricata-verify/sip-sdp.pcap", 1): _ESCAPED,
    ("OISF-suricata-verify/sip-sdp.pcap", 2): _ESCAPED,
}


def of_tshark(path: Path) -> Packets:
    assert TSHARK
    fields = [option for name in FIELDS for option in ("-e", f"sip.{name}")]
    command = [TSHARK, "-r", str(path), "-Y", "sip", "-T", "fields", "-e", "frame.number", *fields]
    command += ["-E", "occurrence=a", "-E", "aggregator=\x1f", "-E", "separator=\x1e"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    found: Packets = {}
    for line in done.stdout.decode("utf-8", "replace").split("\n"):
        if line:
            number, *values = line.split("\x1e")
            found[int(number)] = [tuple(value.split("\x1f")) for value in values]
    return found


def of_sipfast(path: Path) -> Packets:
    found: Packets = defaultdict(list)
    with sipfast.open(path) as capture:
        for record in capture:
            found[record.packet].append(values(bytes(record.data)))
    return found


def values(data: bytes) -> Values:
    """The values of a message, as tshark shows them."""
    try:
        message = sipfast.parse(data, lenient=True)
    except sipfast.ParseError:
        return ("",) * len(FIELDS)
    users = []
    for name in ("from_", "to"):
        try:
            uri = getattr(message, name).uri
        except (sipfast.ParseError, AttributeError):
            uri = None
        users.append(getattr(uri, "user", None) or "")
    return (
        message.method if isinstance(message, sipfast.Request) else "",
        str(message.status) if isinstance(message, sipfast.Response) else "",
        message.headers.get("Call-ID", ""),
        message.headers.get("CSeq", ""),
        *users,
    )


@pytest.mark.parametrize("name", FILES)
def test_messages(name: str) -> None:
    ours = of_sipfast(CAPTURES / name)
    if name in NO_MESSAGES_OF_TSHARK:
        assert ours
        with pytest.raises(subprocess.CalledProcessError):
            of_tshark(CAPTURES / name)
        return
    theirs = of_tshark(CAPTURES / name)
    only_ours = {(name, packet) for packet in ours.keys() - theirs.keys()}
    only_theirs = {(name, packet) for packet in theirs.keys() - ours.keys()}
    assert only_ours == {key for key in ONLY_OURS if key[0] == name}
    assert only_theirs == {key for key in ONLY_OF_TSHARK if key[0] == name}
    different = {}
    for packet in ours.keys() & theirs.keys():
        # tshark shows the messages of a packet field by field, without those that lack it.
        rows = [
            tuple(value for value in column if value) for column in zip(*ours[packet], strict=True)
        ]
        shown = [tuple(value for value in column if value) for column in theirs[packet]]
        if rows != shown:
            different[name, packet] = rows, shown
    assert different.keys() == {key for key in OTHER_VALUES if key[0] == name}, different


COLUMNS = ("method", "status", "call_id", "header:CSeq", "from_user", "to_user")


@pytest.mark.parametrize("name", FILES)
def test_columns(name: str) -> None:
    """The columns are what tshark shows, or their message has an error."""
    if name in NO_MESSAGES_OF_TSHARK:
        return
    asked = ["packet", "error", "cseq_number", "cseq_method", *COLUMNS]
    table = sipfast.scan(CAPTURES / name, asked).to_arrow().to_pylist()
    packets: dict[int, list[dict[str, object]]] = defaultdict(list)
    for row in table:
        packets[row["packet"]].append(row)
        if row["cseq_number"] is not None:
            number, method = str(row["header:CSeq"]).split()
            assert (row["cseq_number"], row["cseq_method"]) == (int(number), method)
    theirs = of_tshark(CAPTURES / name)
    different = {}
    for packet in packets.keys() & theirs.keys():
        rows = packets[packet]
        if any(row["error"] for row in rows):
            continue
        columns = [[row[field] for row in rows] for field in COLUMNS]
        ours = [tuple(str(value) for value in column if value) for column in columns]
        shown = [tuple(value for value in column if value) for column in theirs[packet]]
        if ours != shown:
            different[name, packet] = ours, shown
    expected = {key for key, why in OTHER_VALUES.items() if key[0] == name and why != _ESCAPED}
    assert different.keys() == expected, different
