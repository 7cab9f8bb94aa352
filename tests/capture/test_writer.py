"""Writing captures: what is written is read back, by this reader and by tshark."""

from __future__ import annotations

import io
import ipaddress
import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from capture_files import OPTIONS
from hypothesis import given, settings
from hypothesis import strategies as st

import sipfast
from sipfast.capture import CaptureError, Record, Writer
from sipfast.capture.beside import Beside

ROOT = Path(__file__).parents[2]
CALLS = ROOT / "bench_data" / "calls.pcap"
FORMATS = ("pcap", "pcapng")
TIME = 1_700_000_000_123_456_789


def message(body: bytes = b"", *, length: bool = True, call_id: bytes = b"1") -> bytes:
    stated = b"Content-Length: %d\r\n" % len(body) if length else b""
    return (
        b"MESSAGE sip:bob@example.com SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
        b"Call-ID: " + call_id + b"\r\n" + stated + b"\r\n" + body
    )


def record(data: bytes = OPTIONS, **fields: Any) -> Record:
    known: dict[str, Any] = {
        "time_ns": TIME,
        "source": "192.0.2.7",
        "source_port": 5070,
        "destination": "198.51.100.9",
        "destination_port": 5060,
        "transport": "UDP",
    }
    return Record(memoryview(data), 0, 1, **{**known, **fields})


def written(records: list[Record], **options: Any) -> bytes:
    file = io.BytesIO()
    with Writer(file, **options) as writer:
        for one in records:
            writer.write(one)
    assert writer.written == len(records)
    return file.getvalue()


def read(content: bytes) -> list[Record]:
    capture = sipfast.open(content)
    records = list(capture)
    assert not capture.unread, capture.unread
    assert not set(capture.skipped) - {"tcp"}, capture.skipped
    return records


def facts(one: Record, **changes: Any) -> dict[str, Any]:
    names = ("time_ns", "source", "source_port", "destination", "destination_port", "transport")
    found = {name: getattr(one, name) for name in (*names, "is_cut")}
    return {**found, "data": bytes(one.data), **changes}


@pytest.mark.parametrize("link", ["ip", "ethernet"])
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize(
    "ends", [("192.0.2.7", "198.51.100.9"), ("2001:db8::7", "2001:db8::9")], ids=["4", "6"]
)
def test_what_is_written_is_read_back(
    format: str, link: str, transport: str, ends: tuple[str, str]
) -> None:
    here = {"source": ends[0], "destination": ends[1], "transport": transport}
    back = {"source": ends[1], "destination": ends[0], "transport": transport}
    ports = {"source_port": 5060, "destination_port": 5070}
    records = [
        record(message(b"x" * size, call_id=b"%d" % size), **side, time_ns=TIME + size)
        for size in (0, 1, 2, 3, 1000, 65_000)
        for side in (here, {**back, **ports})
    ]
    found = read(written(records, format=format, link=link))
    assert [facts(one) for one in found] == [facts(one) for one in records]


TEXTS = st.binary(max_size=300).map(lambda body: body.replace(b"SIP/2.0", b"sip"))
ADDRESSES = st.ip_addresses(v=4) | st.ip_addresses(v=6)
PORTS = st.integers(1, 65_535)


def shown(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return socket.inet_ntop(family, address.packed)


@st.composite
def records_of_any(draw: st.DrawFn) -> list[Record]:
    places = st.tuples(ADDRESSES, PORTS)
    ends = draw(st.lists(places, min_size=2, max_size=6, unique=True))
    made = []
    for number in range(draw(st.integers(1, 12))):
        (source, sport), (destination, dport) = draw(
            st.lists(st.sampled_from(ends), min_size=2, max_size=2, unique=True)
        )
        if source.version != destination.version:
            continue
        is_cut = draw(st.integers(0, 5)) == 0
        transport = draw(st.sampled_from(["UDP", "TCP"]))
        # Over TCP, a message without a length ends with its segment, cut or not.
        length = draw(st.booleans()) or (is_cut and transport == "TCP")
        data = message(draw(TEXTS) + b"ab", length=length, call_id=b"%d" % number)
        made.append(
            record(
                data[:-1] if is_cut else data,
                source=shown(source),
                source_port=sport,
                destination=shown(destination),
                destination_port=dport,
                transport=transport,
                time_ns=TIME + number * 10**9,
                is_cut=is_cut,
            )
        )
    return made


@settings(deadline=None)
@given(records_of_any(), st.sampled_from(FORMATS), st.sampled_from(["ip", "ethernet"]))
def test_any_records_are_read_back(records: list[Record], format: str, link: str) -> None:
    capture = sipfast.open(written(records, format=format, link=link))
    found = list(capture)
    assert set(capture.skipped) <= {"tcp", "lost segment"}
    key = lambda fact: (fact["time_ns"], fact["data"])  # noqa: E731  # a cut one may come later
    assert sorted(map(facts, found), key=key) == sorted(map(facts, records), key=key)


@pytest.mark.parametrize("transport", ["TLS", "WS", "WSS", "SCTP"])
def test_messages_of_other_transports_are_written_over_tcp(transport: str) -> None:
    records = [record(message(b"abc"), transport=transport), record(transport=transport)]
    found = read(written(records, format="pcap"))
    assert [facts(one) for one in found] == [facts(one, transport="TCP") for one in records]


def test_a_message_too_long_for_a_datagram_is_written_over_tcp() -> None:
    size = 65_507 - len(message(b"x" * 60_000)) + 60_000
    fits, long = message(b"x" * size), message(b"x" * 200_000)
    assert len(fits) == 65_507
    records = [record(fits), record(long), record(fits + b"x"), record(fits, is_cut=True)]
    found = list(sipfast.open(written(records, format="pcapng")))
    assert [one.transport for one in found] == ["UDP", "TCP", "TCP", "TCP"]
    assert bytes(found[1].data) == long


def test_the_stand_ins_of_what_a_record_lacks() -> None:
    bare = Record(memoryview(OPTIONS), 0, 1)
    known = {"source_port": 5060, "destination_port": 5060, "transport": "UDP"}
    four = {"source": "192.0.2.1", "destination": "192.0.2.2", **known}
    for format, time_ns in (("pcap", 0), ("pcapng", None)):
        (found,) = read(written([bare], format=format))
        assert facts(found) == facts(bare, time_ns=time_ns, **four)
    one_end = [
        bare._replace(source="2001:db8::77"),
        bare._replace(destination="198.51.100.3"),
        bare._replace(source="pbx.example.com", destination="[2001:db8::5%eth0]"),
        bare._replace(source="192.0.2.9", destination="2001:db8::5"),
        bare._replace(source="\0", source_port=70_000, destination="::1"),
    ]
    found_ends = [(one.source, one.destination) for one in read(written(one_end, format="pcap"))]
    assert found_ends == [
        ("2001:db8::77", "2001:db8::2"),
        ("192.0.2.1", "198.51.100.3"),
        ("2001:db8::1", "2001:db8::5%eth0".partition("%")[0]),
        ("::ffff:192.0.2.9", "2001:db8::5"),
        ("2001:db8::1", "::1"),
    ]


@pytest.mark.parametrize("time_ns", [-1, 2**32 * 10**9, 2**64, 10**30])
def test_a_time_that_the_format_cannot_hold(time_ns: int) -> None:
    assert read(written([record(time_ns=time_ns)], format="pcap"))[0].time_ns == 0
    held = time_ns if 0 <= time_ns < 2**64 else None
    assert read(written([record(time_ns=time_ns)], format="pcapng"))[0].time_ns == held


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize(
    ("format", "untimed"), [("pcap", 3), ("pcapng", 2), ("sip", 0)], ids=["pcap", "pcapng", "sip"]
)
def test_times_that_are_left_out_are_counted(format: Any, untimed: int, transport: str) -> None:
    with Writer(io.BytesIO(), format=format) as writer:
        for time_ns in (None, 0, 2**32 * 10**9 - 1, -1, 2**32 * 10**9, 2**64):
            writer.write(record(time_ns=time_ns, transport=transport))
    assert (writer.written, writer.untimed) == (6, untimed)


def test_a_message_without_an_end_leaves_the_next_ones_whole() -> None:
    # Its length is wrong, or it is malformed: the connection begins anew after it.
    odd = [
        message(b"x" * 10).replace(b": 10", b": 99"),
        b"OPTIONS sip:a SIP/2.0\r\nmalformed\r\n\r\n",
        message(b"abc", length=False),
    ]
    records = [
        record(data, transport="TCP", time_ns=TIME + number)
        for number, data in enumerate(one for each in odd for one in (each, message(b"abc")))
    ]
    found = list(sipfast.open(written(records, format="pcap")))
    assert [bytes(one.data) for one in found] == [bytes(one.data) for one in records]


def test_concatenated_messages(tmp_path: Path) -> None:
    datas = [message(b"x" * size) for size in (0, 1, 1000)] + [OPTIONS]
    path = tmp_path / "out.sip"
    with Writer(path) as writer:
        for data in datas:
            writer.write(record(data))
    capture = sipfast.open(path)
    assert [bytes(one.data) for one in capture] == datas
    assert capture.format == "messages"
    assert not capture.unread


def test_a_whole_capture(tmp_path: Path) -> None:
    with sipfast.open(CALLS) as capture:
        records = list(capture)
    for name in ("a.pcap", "a.pcapng", "A.PCAP"):
        with Writer(tmp_path / name) as writer:
            for one in records:
                writer.write(one)
        found = read((tmp_path / name).read_bytes())
        assert [facts(one) for one in found] == [facts(one) for one in records]
        assert [one.is_duplicate for one in found] == [one.is_duplicate for one in records]


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
@pytest.mark.parametrize("link", ["ip", "ethernet"])
@pytest.mark.parametrize("format", FORMATS)
def test_as_tshark_reads_it(tmp_path: Path, format: str, link: str) -> None:
    records = [
        record(
            message(b"x" * size, call_id=b"%d" % size),
            transport=transport,
            source=source,
            destination=destination,
            source_port=5060,
            time_ns=TIME + size,
        )
        for transport in ("UDP", "TCP")
        for source, destination in (("192.0.2.7", "192.0.2.8"), ("2001:db8::7", "2001:db8::8"))
        for size in (0, 1, 500, 1001)
    ]
    path = tmp_path / f"out.{format}"
    path.write_bytes(written(records, format=format, link=link))
    fields = (
        *("frame.time_epoch", "ip.src", "ipv6.src", "udp.srcport", "tcp.srcport"),
        *("sip.Call-ID", "udp.checksum.status", "tcp.checksum.status", "ip.checksum.status"),
        "_ws.malformed",
    )
    options = [
        option
        for layer in ("udp.check_checksum", "tcp.check_checksum", "ip.check_checksum")
        for option in ("-o", f"{layer}:TRUE")
    ]
    done = subprocess.run(
        ["tshark", "-r", str(path), *options, "-Y", "sip", "-T", "fields"]
        + [part for field in fields for part in ("-e", field)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    expected = []
    for one in records:
        assert one.source is not None
        is_four, is_udp = "." in one.source, one.transport == "UDP"
        size = one.time_ns - TIME if one.time_ns else 0
        expected.append(
            [
                one.source if is_four else "",
                "" if is_four else one.source,
                "5060" if is_udp else "",
                "" if is_udp else "5060",
                str(size),
                "1" if is_udp else "",  # good
                "" if is_udp else "1",
                "1" if is_four else "",
                "",
            ]
        )
    assert [row[1:] for row in rows] == expected
    assert all(row[0].startswith("1700000000.123") for row in rows)


# ---- the file ----


def test_the_file_is_complete_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "out.pcap"

    def failing(error: type[BaseException]) -> None:
        with Writer(path) as writer:
            writer.write(record())
            assert [one.name[:10] for one in tmp_path.iterdir()] == [".out.pcap."]
            raise error

    for error in (ValueError, KeyboardInterrupt, SystemExit):
        with pytest.raises(error):
            failing(error)
        assert not list(tmp_path.iterdir())
    path.write_bytes(b"before")
    writer = Writer(path)
    writer.write(record())
    assert path.read_bytes() == b"before"
    writer.close()
    writer.close()
    assert [one.name for one in tmp_path.iterdir()] == ["out.pcap"]
    assert len(list(sipfast.open(path))) == 1
    with pytest.raises(ValueError, match="closed"):
        writer.write(record())
    dropped = Writer(path)
    dropped.write(record())
    del dropped
    assert [one.name for one in tmp_path.iterdir()] == ["out.pcap"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="space"), Writer("/dev/full", format="pcap") as writer:
        writer.write(record())

    opened = os.open
    monkeypatch.setattr(
        "sipfast.capture.beside.os.open",
        lambda path, *rest: opened("/dev/full", os.O_WRONLY) if opened(path, *rest) else 0,
    )
    path = tmp_path / "out.pcap"
    with pytest.raises(OSError, match="space"), Writer(path) as writer:
        writer.write(record())  # which fits into the buffer
    monkeypatch.undo()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
def test_modes_links_and_long_names(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        Writer(tmp_path / "out.pcap").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.pcap").stat().st_mode) == 0o640
    (tmp_path / "link.pcap").symlink_to(tmp_path / "out.pcap")
    with Writer(tmp_path / "link.pcap") as writer:
        writer.write(record())
    assert (tmp_path / "link.pcap").is_symlink()
    assert len(list(sipfast.open(tmp_path / "out.pcap"))) == 1
    for mode in (0o600, 0o666):  # of a file that is replaced: kept
        (tmp_path / "out.pcap").chmod(mode)
        with Writer(tmp_path / "link.pcap") as writer:
            parts = [one.stat().st_mode for one in tmp_path.iterdir() if ".part" in one.name]
            assert [stat.S_IMODE(found) & ~mode for found in parts] == [0]
            writer.write(record())
        assert stat.S_IMODE((tmp_path / "out.pcap").stat().st_mode) == mode
    Writer(tmp_path / ("é" * 124 + ".pcap")).close()
    with pytest.raises(FileNotFoundError):
        Writer(tmp_path / "none" / "out.pcap")


def test_no_overwriting(tmp_path: Path) -> None:
    path = tmp_path / "file"
    beside = Beside(path, overwrite=False)
    path.write_bytes(b"kept")  # by somebody else, meanwhile
    with pytest.raises(FileExistsError):
        beside.close()
    with pytest.raises(FileExistsError):
        Beside(path, overwrite=False)
    assert path.read_bytes() == b"kept"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    path.unlink()
    with Beside(path, overwrite=False) as beside:
        beside.file.write(b"new")
    assert path.read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_standard_output_and_file_objects(tmp_path: Path) -> None:
    script = (
        "import sys; from sipfast.capture import Writer, Record\n"
        "with Writer('-', format='pcapng') as writer:\n"
        f"    writer.write(Record(memoryview({OPTIONS!r}), 0, 1))\n"
        "print('after', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60)
    assert done.stderr == b"after\n"
    assert [bytes(one.data) for one in sipfast.open(done.stdout)] == [OPTIONS]
    with (tmp_path / "x.pcap").open("wb") as file:  # whose name has a suffix
        Writer(file).close()
        assert not file.closed
    assert (tmp_path / "x.pcap").stat().st_size == 24
    with pytest.raises(CaptureError, match="empty"):
        sipfast.open(written([], format="sip"))


def test_wrong_arguments(tmp_path: Path) -> None:
    for target in (tmp_path / "x", "-", io.BytesIO(), tmp_path / "x.txt"):
        with pytest.raises(ValueError, match="suffix"):
            Writer(target)
    with pytest.raises(ValueError, match="unknown format 'x'; known are pcap, pcapng, sip"):
        Writer(tmp_path / "x.pcap", format="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown link 'x'; known are ip, ethernet"):
        Writer(tmp_path / "x.pcap", link="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="target must be a path or a binary file object, not int"):
        Writer(1, format="pcap")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
