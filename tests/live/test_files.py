"""Files that grow, are replaced or written anew, and pipes."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from capture_files import OPTIONS, frame, payloads, pcap

from sipfast.capture import CaptureError, Record
from sipfast.live import Grown, Live, Piped, files

ONE = OPTIONS.replace(b"1@", b"one@")
TWO = OPTIONS.replace(b"1@", b"two@")


def read(source: Grown | Piped) -> list[Record]:
    return [*source.read()]


def appended(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trace.pcap"


def test_a_file_grows(file: Path) -> None:
    whole = pcap(frame(ONE), frame(TWO))
    file.write_bytes(whole[:60])
    source = Grown(str(file))
    assert read(source) == []
    appended(file, whole[60:-10])
    assert payloads(read(source)) == [ONE]
    appended(file, whole[-10:])
    (record,) = read(source)
    assert bytes(record.data) == TWO
    assert (record.packet, record.file) == (2, str(file))
    assert whole[record.offset :].startswith(TWO)
    assert read(source) == []
    source.close()


def test_an_empty_file_is_waited_for(file: Path) -> None:
    file.touch()
    source = Grown(str(file))
    assert read(source) == []
    appended(file, pcap(frame(ONE)))
    assert payloads(read(source)) == [ONE]
    source.close()


def test_only_what_is_new(file: Path) -> None:
    whole = pcap(frame(ONE), frame(TWO))
    file.write_bytes(pcap(frame(ONE)))
    source = Grown(str(file), only_new=True)
    assert read(source) == []
    appended(file, whole[len(pcap(frame(ONE))) :])
    (record,) = read(source)
    assert (bytes(record.data), record.packet) == (TWO, 2)
    source.close()


def test_a_file_that_takes_its_place(file: Path) -> None:
    file.write_bytes(pcap(frame(ONE))[:-1])
    source = Grown(str(file))
    assert read(source) == []
    file.rename(file.with_suffix(".1"))
    assert read(source) == []  # between two names
    file.write_bytes(pcap(frame(TWO)))
    appended(file.with_suffix(".1"), pcap(frame(ONE))[-1:])
    found = payloads(read(source) + read(source))
    assert found == [ONE, TWO]
    assert source.restarts == 1
    source.close()


def test_a_file_that_is_written_anew(file: Path) -> None:
    file.write_bytes(pcap(frame(ONE), frame(ONE), frame(ONE)[:-1]))
    source = Grown(str(file))
    read(source)
    file.write_bytes(pcap(frame(TWO)))
    assert payloads(read(source)) == [TWO]
    assert source.restarts == 1
    source.close()


def test_the_counts_of_a_replaced_file_stay(file: Path) -> None:
    file.write_bytes(pcap(frame(b"hello"), frame(ONE), frame(ONE)))
    source = Grown(str(file))
    read(source)
    file.write_bytes(pcap(frame(b"hello")))
    read(source)
    assert source.skipped["keep-alive"] == 2
    source.close()


def test_the_last_message_of_a_text_settles(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("sipfast.live.files.time.monotonic", lambda: now)
    file.write_bytes(ONE)
    source = Grown(str(file))
    assert read(source) == []
    assert [*source.tick()] == []
    now = files.SETTLED
    assert payloads([*source.tick()]) == [ONE]
    appended(file, TWO)
    assert read(source) == []
    assert payloads([*source.end()]) == [TWO]
    source.close()


def test_a_file_of_another_format_ends_with_its_error(file: Path) -> None:
    file.write_bytes(b"\x1f\x8b\x08" + bytes(100))
    source = Grown(str(file))
    assert read(source) == []
    assert source.is_over
    assert isinstance(source.failure, CaptureError)
    source.close()


def test_a_few_bytes_of_another_format_settle_as_an_error(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("sipfast.live.files.time.monotonic", lambda: now)
    file.write_bytes(b"\x1f\x8b\x08")
    source = Grown(str(file))
    assert read(source) == []
    now = files.SETTLED
    assert [*source.tick()] == []
    assert source.is_over
    assert isinstance(source.failure, CaptureError)
    assert [*source.end()] == []
    source.close()


@pytest.mark.parametrize("kind", [Grown, Piped])
def test_what_cannot_be_read_ends_with_its_error(
    file: Path, monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    file.write_bytes(pcap(frame(ONE)))
    source = Grown(str(file)) if kind is Grown else Piped(os.open(file, os.O_RDONLY))

    def refuse(_descriptor: int, _size: int) -> bytes:
        raise error

    monkeypatch.setattr("sipfast.live.files.os.read", refuse)
    error: OSError = BlockingIOError()
    assert read(source) == []
    assert not source.is_over
    error = OSError(5, "Input/output error")
    assert read(source) == []
    assert source.is_over
    assert source.failure is error
    source.close()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises((CaptureError, OSError)):
        Grown(str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe is no file there")
def test_a_pipe() -> None:
    out, into = os.pipe()
    source = Piped(out)
    whole = pcap(frame(ONE), frame(TWO))
    os.write(into, whole[:-1])
    assert payloads(read(source)) == [ONE]
    os.write(into, whole[-1:])
    assert payloads(read(source)) == [TWO]
    os.close(into)
    assert read(source) == []
    assert source.is_over
    source.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe is no file there")
def test_the_loop_ends_with_its_sources_and_ticks_meanwhile(file: Path) -> None:
    out, into = os.pipe()
    whole = pcap(frame(ONE), frame(TWO))
    os.write(into, whole[:-1])

    def finish() -> None:
        os.write(into, whole[-1:])
        os.close(into)

    timer = threading.Timer(0.6, finish)
    timer.start()
    with Live([Piped(out)]) as live:
        found = [*live]
    timer.join()
    assert found.count(None) >= 2
    assert payloads([record for record in found if record is not None]) == [ONE, TWO]


def test_the_loop_reads_several_sources_and_stops(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pcap"
    file.write_bytes(pcap(frame(ONE)))
    other.write_bytes(pcap(frame(TWO)))
    found = []
    with Live([Grown(str(file)), Grown(str(other))]) as live:
        for record in live:
            if record is None:
                live.stop()
            else:
                found.append((record.file, bytes(record.data)))
    assert sorted(found) == sorted([(str(file), ONE), (str(other), TWO)])
