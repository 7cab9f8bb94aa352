"""Opening and closing: the format of a file, and the lifetime of its bytes."""

from __future__ import annotations

import contextlib
import gc
import gzip
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import capture_files as made
import pytest
from capture_files import OPTIONS, Pcapng, frame

import sipfast
import sipfast.capture
from sipfast.capture import Capture, CaptureError

NG = Pcapng()
FORMATS = {
    "pcap": made.pcap(frame(), frame()),
    "pcapng": NG.section() + NG.interface() + NG.enhanced(frame()) * 2,
    "messages": OPTIONS * 2,
}


@pytest.mark.parametrize(("format", "content"), FORMATS.items())
@pytest.mark.parametrize("name", ["x.pcap", "x.pcapng", "x.txt", "x.gz", "x"])
def test_the_first_bytes_tell_the_format(
    tmp_path: Path, format: str, content: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(content)
    for path in (tmp_path / name, str(tmp_path / name)):
        with sipfast.capture.open(path) as capture:
            assert capture.format == format
            assert capture.size == len(content)
            assert made.payloads(list(capture)) == [OPTIONS] * 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\r\n\r\n", r"neither a capture nor SIP messages: it begins with b'\r\n\r\n' (byte 0)"),
        (
            b"# What this is\nIt is prose.\n",
            r"neither a capture nor SIP messages: it begins with b'# What this is\nI' (byte 0)",
        ),
        (b"\x1f\x8b\x08\0rest", "compressed with gzip, with a fault at its beginning"),
        (b"\x28\xb5\x2f\xfdrest", "compressed with zstd, with a fault at its beginning"),
        (b"\xfd7zXZ\0rest", "compressed with xz, with a fault at its beginning"),
        (b"BZh9rest", "compressed with bzip2, with a fault at its beginning"),
        (b"\x04\x22\x4d\x18rest", "compressed with lz4, with a fault at its beginning"),
        (b"RTSSrest", "a file of Microsoft Network Monitor 1; convert it with editcap (byte 0)"),
        (
            b"GMBU\0\1" + bytes(60),
            "a file of Microsoft Network Monitor 1; convert it with editcap (byte 0)",
        ),
        (b"GMBU\0\2rest", "truncated Network Monitor file header (byte 10)"),
        (b"snoop\0\0\0", "truncated snoop file header (byte 8)"),
        (b"\xd4\xc3\xb2", "it begins with b'\\xd4\\xc3\\xb2' (byte 0)"),
    ],
)
def test_a_file_of_an_unknown_format_gives_one_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(CaptureError) as caught:
        made.read(tmp_path, content)
    assert str(caught.value).endswith(message)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ValueError)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.offset) == (str(caught.value), caught.value.offset)


def test_paths_of_other_things_than_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sipfast.capture.open(tmp_path / "none")
    with pytest.raises(CaptureError, match=r"^neither a file nor a pipe$"):
        sipfast.capture.open(tmp_path)
    with pytest.raises(CaptureError, match=r"^neither a file nor a pipe$"):
        sipfast.capture.open(os.devnull)


@pytest.mark.parametrize("source", [3, None, 1.5, ["x"], io.StringIO("OPTIONS"), open])
def test_other_types_are_refused(source: Any) -> None:
    with pytest.raises(TypeError, match=r"^(source must be a path|the file object must read by)"):
        sipfast.capture.open(source)


WITH_FIFOS = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


@WITH_FIFOS
def test_a_file_swapped_for_a_pipe_does_not_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(OPTIONS)
    regular = (tmp_path / "file").stat()
    os.mkfifo(tmp_path / "pipe")
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", lambda _path: regular)
        with pytest.raises(CaptureError, match=r"^the file was replaced during its opening$"):
            sipfast.capture.open(tmp_path / "pipe")


@contextlib.contextmanager
def piped(content: bytes) -> Iterator[io.BufferedReader]:
    """The reading end of a pipe that a thread writes `content` to."""
    reading, writing = os.pipe()

    def write() -> None:
        with open(writing, "wb") as file:
            file.write(content)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        with open(reading, "rb") as file:
            yield file
    finally:
        thread.join()


class Slow:
    """A file object that returns a byte at a time."""

    def __init__(self, content: bytes) -> None:
        self.rest = content

    def read(self, size: int, /) -> bytes:
        assert size > 0
        byte, self.rest = self.rest[:1], self.rest[1:]
        return byte


def sources(content: bytes, folder: Path, stack: contextlib.ExitStack) -> dict[str, Any]:
    """`content` in every form that `open` takes, for reading once."""
    file = folder / "content"
    file.write_bytes(content)
    late = folder / "late"
    late.write_bytes(b"a line before\n" + content)
    after_a_line = stack.enter_context(late.open("rb"))
    after_a_line.readline()
    packed = folder / "packed"
    packed.write_bytes(gzip.compress(content))
    return {
        "path": file,
        "text": str(file),
        "bytes": content,
        "bytearray": bytearray(content),
        "memoryview": memoryview(content),
        "memory": io.BytesIO(content),
        "file": stack.enter_context(file.open("rb")),
        "raw file": stack.enter_context(file.open("rb", buffering=0)),
        "writable file": stack.enter_context(file.open("r+b")),
        "file after a line": after_a_line,
        "gzip": stack.enter_context(gzip.open(packed)),
        "buffered gzip": stack.enter_context(io.BufferedReader(gzip.GzipFile(packed))),
        "pipe": stack.enter_context(piped(content)),
        "slow": Slow(content),
    }


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS)
def test_every_source_gives_the_records_of_the_file(tmp_path: Path, content: bytes) -> None:
    with sipfast.capture.open(content) as capture:
        expected = list(capture)
    assert len(expected) == 2
    with contextlib.ExitStack() as stack:
        for name, source in sources(content, tmp_path, stack).items():
            with sipfast.capture.open(source) as capture:
                assert capture.size == len(content), name
                assert list(capture) == list(capture), name
                assert [record._replace(file=None) for record in capture] == expected, name
                assert capture.position == len(content), name
                assert all(datagram.data.readonly for datagram in capture), name


def test_an_empty_source_gives_one_line(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        for source in sources(b"", tmp_path, stack).values():
            with pytest.raises(CaptureError, match=r"^the file is empty$"):
                sipfast.capture.open(source)


def test_a_change_of_the_bytes_after_opening_has_no_effect() -> None:
    content = bytearray(OPTIONS)
    with sipfast.capture.open(content) as capture:
        content[:] = bytes(len(content))
        assert made.payloads(list(capture)) == [OPTIONS]


def test_a_file_object_is_at_its_end_afterwards_and_open(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OPTIONS)
    for buffering in (-1, 0):
        with (tmp_path / "file").open("rb", buffering) as file:
            sipfast.capture.open(file).close()
            assert file.tell() == len(OPTIONS)
            assert not file.closed


def test_a_file_is_mapped_and_a_long_pipe_spooled(tmp_path: Path) -> None:
    def kind(source: Any) -> str:
        with sipfast.capture.open(source) as capture:
            return type(next(iter(capture)).data.obj).__name__

    kind_of_map = "Mapping" if sipfast.engine == "native" else "mmap"

    long = OPTIONS * (17_000_000 // len(OPTIONS))
    (tmp_path / "file").write_bytes(long)
    assert kind(tmp_path / "file") == kind_of_map
    with (tmp_path / "file").open("rb") as file:
        assert kind(file) == kind_of_map
    with piped(OPTIONS) as pipe:
        assert kind(pipe) == "bytes"
    with piped(long) as pipe:
        before = Path("/proc/self/fd").is_dir() and len(os.listdir("/proc/self/fd"))
        capture = sipfast.capture.open(pipe)
        assert capture.size == len(long)
        assert type(next(iter(capture)).data.obj).__name__ == kind_of_map
        assert sum(1 for _ in capture) == len(long) // len(OPTIONS)
    if before:
        capture.close()
        gc.collect()
        assert len(os.listdir("/proc/self/fd")) < before


def test_the_last_bytes_of_a_spool_count() -> None:
    chunk = 256 * 1024
    long = OPTIONS * ((16 * 1024 * 1024 + chunk) // len(OPTIONS) + 1)
    rest = len(long) % chunk
    assert rest < 1000
    with sipfast.capture.open(io.BytesIO(long)) as capture:
        assert capture.size == len(long)


def test_a_file_object_without_bytes_ready_is_an_error() -> None:
    class Idle:
        def read(self, size: int, /) -> bytes | None:
            return None

    with pytest.raises(BlockingIOError, match="no bytes ready"):
        sipfast.capture.open(Idle())


@WITH_FIFOS
def test_a_named_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(FORMATS["pcapng"],))
    writer.start()
    with sipfast.capture.open(pipe) as capture:
        assert made.payloads(list(capture)) == [OPTIONS] * 2
    writer.join()


class Standard(NamedTuple):
    buffer: io.BufferedIOBase


def test_a_dash_is_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Standard(io.BytesIO(FORMATS["pcap"])))
    with sipfast.capture.open("-") as capture:
        assert made.payloads(list(capture)) == [OPTIONS] * 2
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(CaptureError, match=r"^standard input is closed$"):
        sipfast.capture.open("-")
    monkeypatch.chdir(tmp_path)
    Path("-").write_bytes(OPTIONS)
    for path in (Path("-"), "./-"):
        with sipfast.capture.open(path) as capture:
            assert capture.format == "messages"


WAIT = """
import signal, sys, sipfast.capture
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
print("ready", flush=True)
sipfast.capture.open(sys.argv[1])
"""


@WITH_FIFOS
@pytest.mark.parametrize("begun", [b"", OPTIONS], ids=["nothing written", "half written"])
@pytest.mark.parametrize("named", [False, True], ids=["standard input", "named pipe"])
def test_ctrl_c_ends_the_waiting_for_a_pipe(tmp_path: Path, named: bool, begun: bytes) -> None:
    path = str(tmp_path / "pipe") if named else "-"
    command = [sys.executable, "-c", WAIT, path]
    pipe = subprocess.PIPE
    if named:
        os.mkfifo(path)
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"ready\n"
        with (
            open(path, "wb", buffering=0)
            if named and begun
            else contextlib.nullcontext(process.stdin) as writing
        ):
            writing.write(begun)
            writing.flush()
            time.sleep(0.3)  # for the read to begin
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == -signal.SIGINT
        assert process.stderr.read().endswith(b"KeyboardInterrupt\n")


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS)
def test_payloads_outlive_the_capture(tmp_path: Path, content: bytes) -> None:
    _, datagrams = made.read(tmp_path, content)
    gc.collect()
    assert made.payloads(datagrams) == [OPTIONS] * 2
    assert [sipfast.parse(datagram.data).call_id for datagram in datagrams] == ["1@example.net"] * 2
    assert all(datagram.data.readonly for datagram in datagrams)


def test_closing_lets_go_of_the_file(tmp_path: Path) -> None:
    capture, datagrams = made.read(tmp_path, FORMATS["pcap"])
    mapping = weakref.ref(datagrams[0].data.obj)
    capture.close()
    assert mapping() is not None
    del datagrams
    gc.collect()
    assert mapping() is None


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_file_descriptors_are_closed(tmp_path: Path) -> None:
    def descriptors() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    for content in (*FORMATS.values(), b"neither", b""):
        with contextlib.suppress(CaptureError):
            made.read(tmp_path, content)
    assert descriptors() == before


def test_a_closed_capture_cannot_be_read(tmp_path: Path) -> None:
    capture, _ = made.read(tmp_path, FORMATS["pcap"])
    with pytest.raises(ValueError, match="the capture is closed"):
        iter(capture)


def test_closing_in_the_middle_and_twice_is_fine(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(FORMATS["pcap"])
    with sipfast.capture.open(tmp_path / "file") as capture:
        first = next(iter(capture))
    capture.close()
    assert first.data == OPTIONS


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS)
def test_each_iteration_begins_at_the_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with sipfast.capture.open(tmp_path / "file") as capture:
        assert list(capture) == list(capture)
        assert capture.position == capture.size


def test_skipped_is_counted_anew(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(made.pcap(frame(b"\r\n"), frame()))
    with sipfast.capture.open(tmp_path / "file") as capture:
        for _ in range(2):
            assert len(list(capture)) == 1
            assert capture.skipped == {"keep-alive": 1}


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS)
def test_position_grows_to_the_size(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with sipfast.capture.open(tmp_path / "file") as capture:
        assert capture.position == 0
        positions = [capture.position for _ in capture]
    assert 0 < positions[0] < positions[1] <= capture.position == capture.size


def test_a_datagram_cannot_be_changed(tmp_path: Path) -> None:
    _, [datagram, _] = made.read(tmp_path, FORMATS["pcap"])
    with pytest.raises(AttributeError):
        datagram.offset = 0  # type: ignore[misc]
    with pytest.raises(TypeError):
        datagram.data[0] = 0


def test_repr(tmp_path: Path) -> None:
    capture, _ = made.read(tmp_path, OPTIONS)
    assert isinstance(capture, Capture)
    assert repr(capture) == f"<Capture messages, {len(OPTIONS)} bytes>"
