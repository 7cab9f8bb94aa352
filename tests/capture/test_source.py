"""Opening and closing: the format of a file, and the lifetime of its bytes."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import weakref
from pathlib import Path

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
        (b"\x1f\x8b\x08\0rest", "compressed with gzip; decompress it first (byte 0)"),
        (b"\x28\xb5\x2f\xfdrest", "compressed with zstd; decompress it first (byte 0)"),
        (b"\xfd7zXZ\0rest", "compressed with xz; decompress it first (byte 0)"),
        (b"BZh9rest", "compressed with bzip2; decompress it first (byte 0)"),
        (b"GMBU\0\2rest", "a file of Microsoft Network Monitor; convert it with editcap (byte 0)"),
        (b"snoop\0\0\0", "a file of snoop; convert it with editcap (byte 0)"),
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
    with pytest.raises(CaptureError, match=r"^not a regular file$"):
        sipfast.capture.open(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_without_a_writer_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CaptureError, match=r"^not a regular file$"):
        sipfast.capture.open(tmp_path / "pipe")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_file_swapped_for_a_pipe_does_not_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(OPTIONS)
    regular = (tmp_path / "file").stat()
    os.mkfifo(tmp_path / "pipe")
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", lambda _path: regular)
        with pytest.raises(CaptureError, match=r"^not a regular file$"):
            sipfast.capture.open(tmp_path / "pipe")


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS)
def test_payloads_outlive_the_capture(tmp_path: Path, content: bytes) -> None:
    _, datagrams = made.read(tmp_path, content)
    gc.collect()
    assert made.payloads(datagrams) == [OPTIONS] * 2
    assert [sipfast.parse(datagram.payload).call_id for datagram in datagrams] == [
        "1@example.net"
    ] * 2
    assert all(datagram.payload.readonly for datagram in datagrams)


def test_closing_lets_go_of_the_file(tmp_path: Path) -> None:
    capture, datagrams = made.read(tmp_path, FORMATS["pcap"])
    mapping = weakref.ref(datagrams[0].payload.obj)
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
    assert first.payload == OPTIONS


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
        datagram.payload[0] = 0


def test_repr(tmp_path: Path) -> None:
    capture, _ = made.read(tmp_path, OPTIONS)
    assert isinstance(capture, Capture)
    assert repr(capture) == f"<Capture messages, {len(OPTIONS)} bytes>"
