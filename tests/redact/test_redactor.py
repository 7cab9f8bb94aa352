"""Whole files: what joins still joins, times and order stay, and what is dropped is counted."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import leaks
import log_files
import pyarrow
import pytest
from capture_files import frame, hep_3, pcap
from samples import sample

import sipfast
from sipfast import capture
from sipfast._engine import Engine
from sipfast.capture import Record
from sipfast.columns import Scan
from sipfast.redact import REASONS, KeyFault, Redactor
from sipfast.redact import redactor as module

ROOT = Path(__file__).parents[2]
CALLS = ROOT / "bench_data" / "calls.pcap"
KEY = b"0123456789abcdef"

KEPT = (
    *("time", "source_port", "destination_port", "transport", "is_request", "method", "status"),
    *("cseq_number", "cseq_method", "expires", "contact_expires", "sdp_port", "sdp_codecs"),
    *("sdp_direction", "reason_cause", "retransmission", "duplicate"),
)
USERS = ("from_user", "to_user", "uri_user", "contact_user")
HOSTS = (
    *("from_host", "to_host", "uri_host", "contact_host", "via_host", "source_address"),
    *("destination_address", "sdp_address"),
)
JOINED = ("call_id", "from_tag", "to_tag", "via_branch", "from_display", *USERS, *HOSTS)


def rows(source: Path, engine: Engine) -> list[dict[str, Any]]:
    scan = Scan(source, [*KEPT, *JOINED], engine=engine)
    return pyarrow.table(scan).to_pylist()  # type: ignore[no-any-return]


def redacted(tmp_path: Path, engine: Engine, suffix: str = ".pcapng", **options: Any) -> Path:
    """The calls, without those messages that are dropped, before and after."""
    target = tmp_path / f"after{suffix}"
    Redactor(KEY, engine=engine, **options).file(CALLS, target)
    return target


def before(tmp_path: Path, engine: Engine) -> Path:
    """The messages of the calls that are not dropped."""
    target = tmp_path / "before.pcapng"
    one = Redactor(KEY, engine=engine)
    with capture.open(CALLS) as opened, capture.Writer(target) as writer:
        for record in opened:
            if one.record(record) is not None:
                writer.write(record)
    assert one.written == writer.written > 150
    return target


def test_columns_stay_and_joins_join(engine: Engine, tmp_path: Path) -> None:
    old, new = rows(before(tmp_path, engine), engine), rows(redacted(tmp_path, engine), engine)
    assert len(old) == len(new)
    for name in KEPT:
        assert [row[name] for row in old] == [row[name] for row in new], name
    for name in JOINED:
        one, other = [row[name] for row in old], [row[name] for row in new]
        pairs = set(zip(one, other, strict=True))
        # One to one: so the groups of each value have the same messages.
        assert len(pairs) == len(set(one)) == len(set(other)) > 1, name
        assert [value is None for value in one] == [value is None for value in other]
        assert all(a != b for a, b in pairs if a is not None), name


def test_values_join_across_columns(engine: Engine, tmp_path: Path) -> None:
    """Whoever is the same in two columns is so afterwards."""
    old, new = rows(before(tmp_path, engine), engine), rows(redacted(tmp_path, engine), engine)
    for group in (USERS, HOSTS):
        made: dict[str, set[str]] = {}
        for one, other in zip(old, new, strict=True):
            for name in group:
                if one[name] is not None:
                    made.setdefault(one[name], set()).add(other[name])
        assert len(made) > 5
        assert all(len(found) == 1 for found in made.values())


CHANGED = {
    *(
        "call_id",
        "caller",
        "callee",
        "branch",
        "from_tag",
        "user_agent",
        "server",
        "reason",
        "file",
    ),
    *("caller_agent", "callee_agent", "from_user", "from_host", "to_user", "to_host", "uri_user"),
    *("uri_host", "contact_user", "contact_host", "source_address", "destination_address"),
}


@pytest.mark.parametrize(
    ("table", "least"), [("calls", 15), ("transactions", 50), ("registrations", 5)]
)
def test_figures_stay(engine: Engine, tmp_path: Path, table: str, least: int) -> None:
    """What is computed of calls and transactions is the same: results, delays, legs."""
    found = []
    for path in (before(tmp_path, engine), redacted(tmp_path, engine)):
        with sipfast.connect(path, engine=engine) as connection:
            rows = connection.sql(f"select * from {table}")
            kept = [at for at, name in enumerate(rows.columns) if name not in CHANGED]
            assert len(kept) > 8
            found.append(sorted([str([row[at] for at in kept]) for row in rows.fetchall()]))
    assert len(found[0]) >= least
    assert found[0] == found[1]


def test_a_key_makes_the_same_and_another_one_others(engine: Engine, tmp_path: Path) -> None:
    first = redacted(tmp_path, engine).read_bytes()
    assert redacted(tmp_path, engine).read_bytes() == first
    other = Redactor(KEY[::-1], engine=engine)
    ids: list[set[str]] = [set(), set()]
    for record in capture.open(CALLS):
        for at, one in enumerate((Redactor(KEY, engine=engine), other)):
            made = one.record(record)
            if made is not None:
                ids[at].add(engine.parse(made.data).call_id or "")
    assert len(ids[0]) == len(ids[1]) > 10
    assert not ids[0] & ids[1]


def test_it_does_not_depend_on_order_or_hashes(tmp_path: Path) -> None:
    script = (
        "import sys; from sipfast.redact import Redactor; "
        f"Redactor({KEY!r}).file({str(CALLS)!r}, sys.argv[1])"
    )
    for seed in ("0", "1"):
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / f"{seed}.pcap")],
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            cwd=ROOT,
        )
    assert (tmp_path / "0.pcap").read_bytes() == (tmp_path / "1.pcap").read_bytes()
    records = list(capture.open(CALLS))
    forth, back = Redactor(KEY), Redactor(KEY)
    made = [forth.record(record) for record in records]
    assert [back.record(record) for record in reversed(records)] == made[::-1]


def test_redacting_again_joins_too(engine: Engine, tmp_path: Path) -> None:
    """What was written is understood: nothing of it is dropped."""
    first = redacted(tmp_path, engine)
    again = Redactor(KEY[::-1], engine=engine)
    again.file(first, tmp_path / "again.pcap")
    assert again.dropped == {}
    assert again.removed == {}
    assert again.written == len(list(capture.open(first)))


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng", ".sip"])
def test_formats(engine: Engine, tmp_path: Path, suffix: str) -> None:
    target = redacted(tmp_path, engine, suffix)
    with capture.open(target) as opened:
        messages = [bytes(record.data) for record in opened]
        assert opened.unread == {}
        assert opened.format == ("messages" if suffix == ".sip" else suffix[1:])
    assert len(messages) > 150


def test_times_are_shifted(engine: Engine, tmp_path: Path) -> None:
    old = [record.time_ns for record in capture.open(before(tmp_path, engine))]
    new = [record.time_ns for record in capture.open(redacted(tmp_path, engine, shift=-3600))]
    assert [one - 3600 * 10**9 for one in old if one is not None] == new


@pytest.mark.parametrize(
    ("suffix", "shift", "untimed"),
    [
        (".pcap", -1_800_000_000, 159),
        (".pcap", 3_000_000_000, 159),
        (".pcapng", -1_800_000_000, 159),
        (".pcapng", 3_000_000_000, 0),
        (".pcapng", 17_000_000_000, 159),
        (".sip", -1_800_000_000, 0),
    ],
)
def test_times_that_the_format_cannot_hold_are_counted(
    engine: Engine, tmp_path: Path, suffix: str, shift: int, untimed: int
) -> None:
    one = Redactor(KEY, engine=engine, shift=shift)
    one.file(CALLS, tmp_path / f"out{suffix}")
    assert (one.written, one.untimed) == (159, untimed)
    one.file(CALLS, tmp_path / f"out{suffix}")
    assert one.untimed == 2 * untimed
    with capture.open(tmp_path / f"out{suffix}") as opened:
        times = {record.time_ns for record in opened}
    if suffix == ".sip" or untimed:
        assert times == {0 if suffix == ".pcap" else None}
    else:
        assert min(time for time in times if time is not None) > shift * 10**9


def record(data: bytes, **fields: Any) -> Record:
    return Record(memoryview(data), 0, 1, **fields)


@pytest.mark.parametrize(
    "fields", [{"is_cut": True}, {"lost": ("end",)}, {"lost": ("line ends", "end")}]
)
def test_what_is_cut_is_dropped(engine: Engine, fields: dict[str, Any]) -> None:
    one = Redactor(KEY, engine=engine)
    assert one.record(record(sample(), **fields)) is None
    assert one.dropped == {"cut message": 1}
    assert one.record(record(sample(), lost=("line ends", "bytes"))) is not None
    assert set(one.dropped) <= set(REASONS)


def test_a_record_has_pseudonyms(engine: Engine) -> None:
    one = Redactor(KEY, engine=engine, shift=10)
    made = one.record(
        record(
            sample(),
            time_ns=5,
            source="198.51.100.7",
            source_port=5061,
            destination="pbx.example.com",
            transport="TLS",
            file="/home/alice/trace.pcap",
        )
    )
    assert made is not None
    assert made.source != "198.51.100.7"
    assert (made.destination or "").endswith(".invalid")
    assert made._replace(data=memoryview(b""), source=None, destination=None) == record(
        b"", time_ns=10**10 + 5, source_port=5061, transport="TLS"
    )
    again = one.record(record(sample()))
    assert again is not None
    assert (again.time_ns, again.source, again.destination) == (None, None, None)


def test_other_packets_are_not_written(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap(frame(b"alice-secret" * 9), frame(sample()), frame(bytes(160))))
    one = Redactor(KEY, engine=engine)
    one.file(path, tmp_path / "out.pcap")
    assert one.written == 1
    assert b"alice-secret" not in (tmp_path / "out.pcap").read_bytes()


def test_hep_leaves_nothing_but_the_message(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "in.hep"
    path.write_bytes(hep_3(sample()))
    one = Redactor(KEY, engine=engine)
    one.file(path, tmp_path / "out.pcapng")
    assert one.written == 1


@pytest.mark.parametrize("kind", log_files.LOGS)
def test_logs(engine: Engine, tmp_path: Path, kind: str) -> None:
    """Each dialect: nothing of the log itself gets into the output."""
    messages = [log_files.request(number, b"OPTIONS") for number in range(3)]
    path = tmp_path / "in.log"
    path.write_bytes(log_files.log(log_files.LOGS[kind], messages, [b"alice-secret called\n"]))
    one = Redactor(KEY, engine=engine)
    one.file(path, tmp_path / "out.pcapng")
    with capture.open(path) as opened:
        before = [bytes(record.data) for record in opened]
    assert len(before) == one.written == 3
    after = (tmp_path / "out.pcapng").read_bytes()
    assert b"secret" not in after
    with capture.open(tmp_path / "out.pcapng") as opened:
        for old, new in zip(before, opened, strict=True):
            assert leaks.words_left(old, bytes(new.data)) == set()


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_no_address_is_left_in_the_packets(engine: Engine, tmp_path: Path, suffix: str) -> None:
    data = redacted(tmp_path, engine, suffix).read_bytes()
    addresses = {
        address
        for record in capture.open(CALLS)
        for address in (record.source, record.destination)
        if address is not None
    }
    assert len(addresses) > 10
    assert leaks.left(addresses, data) == []
    assert leaks.left(addresses, CALLS.read_bytes()) != []


def test_compressed_files(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "in.pcap.gz"
    path.write_bytes(gzip.compress(CALLS.read_bytes()))
    Redactor(KEY, engine=engine).file(path, tmp_path / "out.pcapng")
    assert (tmp_path / "out.pcapng").read_bytes() == redacted(tmp_path, engine).read_bytes()


def test_a_fault_leaves_no_file(engine: Engine, tmp_path: Path) -> None:
    def broken() -> Any:
        yield record(sample())
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        Redactor(KEY, engine=engine).file(broken(), tmp_path / "out.pcap")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_is_a_message(engine: Engine, kind: Any) -> None:
    assert Redactor(KEY, engine=engine).message(kind(sample())) == Redactor(KEY).message(sample())


def test_a_short_key_is_refused(engine: Engine) -> None:
    with pytest.raises(KeyFault):
        Redactor(b"short", engine=engine)


def test_repeated_fields_stay_repeated(engine: Engine) -> None:
    made = Redactor(KEY, engine=engine).message(
        sample(b"OPTIONS sip:h SIP/2.0", b"Supported: timer", b"k: 100rel", b"l : 0")
    )
    assert made is not None
    assert engine.parse(made).headers.getall("Supported") == ["timer", "100rel"]
    assert made.count(b"Content-Length") == 1


def test_counts_are_bounded(engine: Engine) -> None:
    one = Redactor(KEY, engine=engine)
    fields = [f"X-{number}: a".encode() for number in range(400)]
    for _ in range(2):
        assert one.message(sample(b"OPTIONS sip:h SIP/2.0", *fields, b"Subject: a")) is not None
    assert len(one.removed) == 257
    assert sum(one.removed.values()) == 802
    assert one.removed["..."] == 2 * (401 - 256)


def test_names_are_counted_in_any_case(engine: Engine) -> None:
    one = Redactor(KEY, engine=engine)
    fields = [b"X-Call-Ref: a", b"x-call-ref: a", b"s: a", b"SUBJECT: a"]
    assert one.message(sample(b"OPTIONS sip:h SIP/2.0", *fields)) is not None
    assert one.removed == {"X-Call-Ref": 2, "Subject": 2}


def test_caches_are_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ENTRIES", 50)
    one = Redactor(KEY, engine=engine)
    for number in range(200):
        one.message(sample(b"OPTIONS sip:h SIP/2.0", f"Subject: {number}".encode()))
        one.message(sample(b"OPTIONS sip:h SIP/2.0", b"Subject: " + b"a" * 600))
    assert len(one._fields) <= 50
    assert max(len(text) for _, text in one._fields) < 513


def test_redaction_is_counted(engine: Engine) -> None:
    one = Redactor(KEY, engine=engine)
    for number in range(3):
        one.message(sample(b"OPTIONS sip:h SIP/2.0", b"X-A: %d" % number, b"Subject: a"))
    one.message(b"alice")
    assert (one.written, one.dropped, one.removed) == (
        *(3, Counter({"malformed message": 1}), Counter({"X-A": 3, "Subject": 3})),
    )


def test_the_examples_of_the_page(engine: Engine) -> None:
    text = (ROOT / "docs" / "redact.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*) \| `(.*)` \| `(.*)` \|$", text, re.MULTILINE)
    assert [row[0] for row in rows[:3]] == ["From", "To", "Via"]
    for name, before, after in rows:
        options: dict[str, Any] = {"keep_prefix": ["+44"]} if "+44" in name else {}
        name = "To" if options else name
        one = Redactor(b"a key of 16 bytes or more", engine=engine, **options)
        made = one.message(sample(**{name: before.encode()}))
        assert made is not None
        assert engine.parse(made).headers[name] == after
