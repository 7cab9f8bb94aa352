"""Pipes as captures: each message as it comes, and what cannot come bit by bit as a whole."""

from __future__ import annotations

import gzip
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from capture_files import OPTIONS, frame, netmon, payloads, pcap

from sipfast.capture import CaptureError
from sipfast.capture.once import Once, open_pipe

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="named pipes are others there")

ONE = OPTIONS.replace(b"1@", b"one@")
TWO = OPTIONS.replace(b"1@", b"two@")


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def writing(path: Path, *parts: bytes, go_on: threading.Event | None = None) -> threading.Thread:
    """Write the parts, each but the first one when told to."""

    def write() -> None:
        with path.open("wb", buffering=0) as file:
            for at, part in enumerate(parts):
                if at and go_on is not None:
                    assert go_on.wait(30)
                file.write(part)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def opened(path: Path, before_wait: Callable[[], object] = lambda: None) -> Once:
    found = open_pipe(str(path), before_wait=before_wait)
    assert found is not None
    return found


def test_messages_come_before_the_pipe_ends(fifo: Path) -> None:
    whole = pcap(frame(ONE), frame(TWO))
    go_on = threading.Event()
    waits: list[bool] = []
    thread = writing(fifo, whole[:-10], whole[-10:], go_on=go_on)
    with opened(fifo, lambda: waits.append(True)) as pipe:
        records = iter(pipe)
        assert bytes(next(records).data) == ONE
        go_on.set()
        (last,) = records
    thread.join()
    assert bytes(last.data) == TWO
    assert waits
    assert (pipe.format, pipe.file, last.packet) == ("pcap", str(fifo), 2)
    assert not pipe.unread


@pytest.mark.parametrize(
    "data",
    [gzip.compress(pcap(frame(ONE), frame(TWO))), netmon(frame(ONE), frame(TWO))],
    ids=["gzip", "netmon"],
)
def test_what_needs_its_end_is_read_whole(fifo: Path, data: bytes) -> None:
    thread = writing(fifo, data)
    with opened(fifo) as pipe:
        assert payloads([*pipe]) == [ONE, TWO]
    thread.join()
    assert pipe.format in ("pcap", "netmon")


def test_a_short_text_is_recognised_at_its_end(fifo: Path) -> None:
    thread = writing(fifo, ONE, TWO)
    with opened(fifo) as pipe:
        assert payloads([*pipe]) == [ONE, TWO]
    thread.join()


def test_a_short_text_is_recognised_when_it_is_quiet(
    fifo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sipfast.capture.once.SETTLED", 0.01)
    go_on = threading.Event()
    thread = writing(fifo, ONE, TWO, go_on=go_on)
    with opened(fifo) as pipe:
        assert pipe.format == "messages"
        records = iter(pipe)
        assert bytes(next(records).data) == ONE
        go_on.set()
        assert payloads([*records]) == [TWO]
    thread.join()


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    out, into = os.pipe()
    os.set_blocking(out, False)

    def write() -> None:
        os.write(into, pcap(frame(ONE)))
        os.close(into)

    thread = threading.Timer(0.2, write)
    thread.start()
    with Once(open(out, "rb", buffering=0), "pipe", lambda: None) as pipe:
        assert payloads([*pipe]) == [ONE]
    thread.join()


def test_the_rest_of_a_compressed_file_may_come_late(
    fifo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sipfast.capture.once.SETTLED", 0.01)
    whole = gzip.compress(pcap(frame(ONE), frame(TWO)))
    go_on = threading.Event()
    threading.Timer(0.2, go_on.set).start()
    thread = writing(fifo, whole[:3], whole[3:], go_on=go_on)
    with opened(fifo) as pipe:
        assert payloads([*pipe]) == [ONE, TWO]
    thread.join()


@pytest.mark.parametrize(("data", "why"), [(b"", "empty"), (b"hello\n", "neither a capture")])
def test_other_bytes_are_refused(fifo: Path, data: bytes, why: str) -> None:
    thread = writing(fifo, data)
    with pytest.raises(CaptureError, match=why):
        opened(fifo)
    thread.join()


def test_a_file_is_no_pipe(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(pcap(frame(ONE)))
    assert open_pipe(str(file)) is None
