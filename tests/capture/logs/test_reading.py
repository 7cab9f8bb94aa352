"""What stands between header lines: several messages, parts of messages, other things, nothing."""

from __future__ import annotations

import io
import random
import re
import tracemalloc
from pathlib import Path
from typing import Any

import log_files as made
import pytest
from log_files import LOGS, MESSAGES, NOISE, Written

import sipfast.capture
from sipfast._engine import Engine
from sipfast.capture import logs
from sipfast.capture.base import Tally

INVITE, TRYING, OPTIONS = MESSAGES[0], MESSAGES[1], MESSAGES[3]


def read(content: Any, *formats: logs.Format) -> tuple[list[logs.Entry], Tally]:
    tally = Tally()
    return list(logs.entries(content, tally, formats or logs.FORMATS)), tally


def pjsip(text: bytes, length: int | None = None, transport: bytes = b"UDP") -> bytes:
    head = b"<--- Received SIP request (%d bytes) from %b:192.0.2.1:5060 --->\n"
    return head % (len(text) if length is None else length, transport) + text + b"\n"


def freeswitch(text: bytes, length: int) -> bytes:
    head = b"recv %d bytes from udp/[192.0.2.1]:5060 at 03:04:05.250000:\n" % length
    return head + b"-" * 72 + b"\n" + made._line(text) + b"-" * 72 + b"\n"


@pytest.mark.parametrize("written", LOGS.values(), ids=LOGS)
def test_what_is_restored_can_be_parsed(engine: Engine, written: Written) -> None:
    for entry in read(made.log(written, written.messages))[0]:
        message = engine.parse(entry.data)
        assert message.content_length == len(message.body)
        assert not [defect for defect in message.defects if "body" in defect.code]


def test_all_formats_in_one_log() -> None:
    rng = random.Random(1)
    pieces = [(written, message) for written in LOGS.values() for message in written.messages]
    rng.shuffle(pieces)
    parts, expected = [], []
    for number, (written, message) in enumerate(pieces):
        parts += [written.write(message, 1), NOISE[number % len(NOISE)]]
        expected.append((written.format, message))
    found, tally = read(b"".join(parts))
    assert [(entry.format, entry.data) for entry in found] == expected
    assert not tally.skipped


def test_where_a_message_is() -> None:
    content = NOISE[0] + pjsip(INVITE) + NOISE[1] + pjsip(OPTIONS)
    found, tally = read(content)
    for entry in found:
        assert content[entry.offset : entry.offset + len(entry.data)] == entry.data
    assert [entry.number for entry in found] == [1, 2]
    assert tally.position == len(content)


def test_several_messages_in_one_packet() -> None:
    for between in (b"", b"\r\n", b"\r\n\r\n"):
        packet = INVITE + between + OPTIONS + between + TRYING
        content = pjsip(packet, transport=b"TCP") + pjsip(OPTIONS)
        found, _ = read(content)
        assert [entry.data for entry in found] == [INVITE, OPTIONS, TRYING, OPTIONS]
        assert [entry.number for entry in found] == [1, 1, 1, 2]
        assert [content.find(entry.data, entry.offset) for entry in found] == [
            entry.offset for entry in found
        ]


@pytest.mark.parametrize("first", [INVITE, OPTIONS, MESSAGES[6]])
def test_messages_after_the_stated_length(first: bytes) -> None:
    """Asterisk shows the whole packet below the length of its first message."""
    content = pjsip(first + TRYING, len(first), b"TCP") + pjsip(OPTIONS)
    found, _ = read(content)
    assert [entry.data for entry in found] == [first, TRYING, OPTIONS]


def test_several_messages_without_their_crs() -> None:
    packet = INVITE + OPTIONS + INVITE
    found, _ = read(freeswitch(packet.replace(b"\r\n", b"\n"), len(packet)))
    assert [entry.data for entry in found] == [INVITE, OPTIONS, INVITE]


def test_bytes_after_the_content_length_stay() -> None:
    """A stated length counts the whole datagram."""
    found, _ = read(pjsip(INVITE + b"more") + pjsip(OPTIONS))
    assert [entry.data for entry in found] == [INVITE + b"more", OPTIONS]


def test_lf_on_the_wire_stays_where_the_length_says_so() -> None:
    message = INVITE.replace(b"\r\n", b"\n")
    length = len(made._SDP.replace(b"\r\n", b"\n"))
    message = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % length, message)
    for content in (pjsip(message), freeswitch(message, len(message))):
        [entry], _ = read(content)
        assert entry.data == message
        assert "line ends" not in entry.lost


def test_crs_that_the_log_should_have_kept() -> None:
    """As if a pager or an editor had dropped them."""
    content = (pjsip(INVITE) + pjsip(OPTIONS)).replace(b"\r", b"")
    found, _ = read(content)
    assert [entry.data for entry in found] == [INVITE, OPTIONS]
    assert all("line ends" in entry.lost for entry in found)


@pytest.mark.parametrize(
    "quoting",
    [
        lambda text: pjsip(text),
        lambda text: freeswitch(text.replace(b"\r\n", b"\n"), len(text)),
        lambda text: made._sipdump(text, 0),
        lambda text: made._pjsua(text, 0),
        lambda text: made._chan_sip(text, 0),
        lambda text: made._oracle(text, 0),
    ],
)
def test_a_body_that_quotes_a_log_is_one_message(quoting: Any) -> None:
    """Nobody can put messages into a log by what he sends."""
    quoted = pjsip(OPTIONS).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
    message = made.request(9, b"MESSAGE", b"text/plain", b"look:\r\n" + quoted + b"...\r\n")
    found, tally = read(quoting(message) + quoting(TRYING))
    assert [entry.data for entry in found] == [message, TRYING]
    assert not tally.skipped


def test_a_cut_message_ends_at_the_next_header_line() -> None:
    cut = INVITE[:-40]
    for content in (
        pjsip(cut, len(INVITE)) + pjsip(OPTIONS),
        freeswitch(cut.replace(b"\r\n", b"\n"), len(INVITE)) + pjsip(OPTIONS),
    ):
        [first, second], _ = read(content)
        assert first.is_cut
        assert "end" in first.lost
        assert first.data.rstrip() == cut.rstrip()
        assert second.data == OPTIONS
        assert not second.is_cut


def test_a_message_that_freeswitch_cut() -> None:
    """Its dump of the oldest dialect says where."""
    note = b"   *** message truncated at %d ***\n"
    for size in range(len(INVITE) - 80, len(INVITE) - 5):
        cut = INVITE[:size].replace(b"\r\n", b"\n").rstrip(b"\r")
        content = freeswitch(cut, len(INVITE)) + note % size + freeswitch(OPTIONS, len(OPTIONS))
        [first, second], tally = read(content)
        assert first.is_cut
        assert INVITE.startswith(first.data.rstrip())
        assert size - 4 <= len(first.data) <= size + 2
        assert second.data == OPTIONS
        assert not tally.skipped


def test_a_message_cut_in_its_header() -> None:
    [first, second], _ = read(pjsip(INVITE[:100], len(INVITE)) + pjsip(OPTIONS))
    assert first.is_cut
    assert first.data == INVITE[:100].rstrip()
    assert second.data == OPTIONS


def test_a_message_cut_by_the_end_of_the_log() -> None:
    for log in (pjsip(INVITE), made._opensips(INVITE, 0), made._cube(INVITE, 0)):
        begin = log.index(b"INVITE")
        for end in range(begin + 60, len(log) - 12, 7):
            [entry], _ = read(log[:end])
            assert entry.is_cut


def test_a_blank_line_that_the_log_leaves_out() -> None:
    head = b"Jan  2 03:04:05.250 On [0:0]192.0.2.2:5062 received from 192.0.2.1:5060\n"
    text = OPTIONS.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
    [entry], _ = read(head + text + b"-" * 40 + b"\n")
    assert entry.data == OPTIONS
    assert {"blank line", "line ends"} <= set(entry.lost)
    assert not entry.is_cut


def test_a_message_without_content_length() -> None:
    message = re.sub(rb"Content-Length: \d+\r\n", b"", INVITE)
    for write in (made._chan_sip, made._sipdump, made._pjsua, made._sngrep):
        found, _ = read(write(message, 0) + NOISE[0] + write(OPTIONS, 0))
        assert found[0].data.rstrip(b"\r\n") == message.rstrip(b"\r\n")
        assert found[1].data == OPTIONS
        assert not found[0].is_cut


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "no message"),
        (b"\r\n\r\n", "keep-alive"),
        (b"\0\0\0\0", "keep-alive"),
        (b"jaK", "keep-alive"),
        (b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12), "stun"),
        (b"GET / of a web server HTTP/1.1\r\n\r\n", "not SIP"),
    ],
)
def test_what_is_no_message_is_counted(text: bytes, reason: str) -> None:
    for content in (pjsip(text, len(text)), made._chan_sip(text, 0)):
        found, tally = read(content + pjsip(OPTIONS))
        assert [entry.data for entry in found] == [OPTIONS]
        assert tally.skipped == {reason: 1}


def test_header_lines_without_a_message() -> None:
    head = pjsip(b"", 5).rstrip(b"\n") + b"\n"
    found, tally = read(head * 3 + pjsip(OPTIONS) + head)
    assert [entry.data for entry in found] == [OPTIONS]
    assert tally.skipped == {"no message": 4}


# Streams, read by read.


def reads(*pieces: bytes, peer: bytes = b"192.0.2.1") -> bytes:
    head = b"recv %d bytes from tcp/[%b]:5060 at 03:04:05.250000:\n"
    return b"".join(head % (len(piece), peer) + piece + b"\v\n" for piece in pieces)


def test_messages_are_put_together_from_reads() -> None:
    stream = INVITE + b"\r\n\r\n" + OPTIONS + TRYING
    for size in (1, 7, 100, 5000):
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        found, tally = read(reads(*pieces))
        assert [entry.data for entry in found] == [INVITE, OPTIONS, TRYING]
        assert set(tally.skipped) <= {"keep-alive"}


def test_reads_of_several_connections() -> None:
    half = len(INVITE) // 2
    content = reads(INVITE[:half], peer=b"192.0.2.1") + reads(OPTIONS[:50], peer=b"2001:db8::1")
    content += reads(INVITE[half:], peer=b"192.0.2.1") + reads(OPTIONS[50:], peer=b"2001:db8::1")
    found, _ = read(content)
    assert [entry.data for entry in found] == [INVITE, OPTIONS]
    assert [entry.source for entry in found] == ["192.0.2.1", "2001:db8::1"]
    assert [entry.number for entry in found] == [1, 2]


def test_what_is_between_the_messages_of_a_stream_is_counted() -> None:
    found, tally = read(reads(b"something else\r\n\r\n" + OPTIONS, INVITE[:80]))
    assert [entry.data for entry in found] == [OPTIONS, INVITE[:80]]
    assert found[1].is_cut
    assert tally.skipped == {"not SIP": 1}


def test_unfinished_messages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.reader, "_UNFINISHED", 1000)
    begun = b"".join(reads(INVITE[:200], peer=b"10.0.0.%d" % n) for n in range(50))
    found, _ = read(begun)
    assert len(found) == 50
    assert all(entry.is_cut for entry in found)


# A format of the user.


def test_a_format_of_your_own() -> None:
    own = logs.format_of(
        r"^(?P<time>\S+ \S+) site (?P<direction>in|out) (?P<transport>\w+) "
        r"(?P<peer>\S+) len=(?P<length>\d+)$",
        end="== end",
    )
    content = b""
    for number, message in enumerate(MESSAGES):
        content += b"other lines\n2026-01-02 03:04:05Z site %b tcp 192.0.2.7:5061 len=%d\n" % (
            *((b"in", b"out")[number % 2], len(message)),
        )
        content += message + b"\n== end\n"
    found, tally = read(content, own)
    assert [entry.data for entry in found] == list(MESSAGES)
    assert not tally.skipped
    for number, entry in enumerate(found):
        assert entry.format == "own"
        peers = (entry.source, entry.source_port), (entry.destination, entry.destination_port)
        assert peers[number % 2] == ("192.0.2.7", 5061)
        assert entry.direction == ("received", "sent")[number % 2]
        assert entry.time_ns == made.SECOND * 10**9
    assert set(found[0].lost) == {"destination"}
    assert logs.detect(content, own).confidence == 1
    assert logs.detect(content).name is None


def test_a_format_of_your_own_without_facts() -> None:
    for pattern in (rb"^MESSAGE:", re.compile("message:", re.IGNORECASE)):
        own = logs.format_of(pattern)
        lines = b"MESSAGE:\n" + INVITE.replace(b"\r\n", b"\n") + b"\nMESSAGE:\n"
        found, _ = read(lines + OPTIONS.replace(b"\r\n", b"\n"), own)
        assert [entry.data for entry in found] == [INVITE, OPTIONS]
        assert set(found[0].lost) == {
            *("source", "destination", "transport", "time", "length", "line ends")
        }


def test_a_format_of_your_own_with_the_same_before_each_line() -> None:
    own = logs.format_of(r"^(?P<before>\w+ \d+ [\d:]+ proxy\[\d+\]: )SIP (?P<transport>\w+)")
    text = b"SIP udp\n" + INVITE.replace(b"\r\n", b"\n")
    lines = [
        b"Jan 2 03:04:%02d proxy[7]: " % n + line for n, line in enumerate(text.splitlines(True))
    ]
    [entry], _ = read(b"".join(lines), own)
    assert entry.data == INVITE
    assert entry.transport == "UDP"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?P<sender>x)", "unknown group 'sender'"),
        ("(", "malformed pattern"),
    ],
)
def test_malformed_formats_of_your_own(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        logs.format_of(pattern)


# Through `open`, and as a stream.


def test_open_reads_logs(tmp_path: Path) -> None:
    for name, written in LOGS.items():
        path = tmp_path / "log"
        path.write_bytes(made.log(written, written.messages, NOISE))
        with sipfast.capture.open(path) as capture:
            assert capture.format == "log", name
            found = list(capture)
            assert [datagram.payload for datagram in found] == list(written.messages)
            assert not capture.unread
            assert capture.position == capture.size
        assert found[0].direction == written.direction
        assert set(written.lost) <= set(found[0].lost)


class _Slow(io.RawIOBase):
    """A pipe that gives few bytes at a time."""

    def __init__(self, content: bytes, most: int) -> None:
        self._rest = memoryview(content)
        self._most = most

    def read(self, size: int = -1, /) -> bytes:
        taken = self._rest[: min(size, self._most)]
        self._rest = self._rest[len(taken) :]
        return bytes(taken)


def test_files_are_read_as_they_come() -> None:
    content = b"".join(made.log(written, written.messages, NOISE) for written in LOGS.values())
    expected, _ = read(content)
    for most in (1000, 65_536):
        assert read(_Slow(content, most))[0] == expected


class _Endless:
    """A log of so many bytes, which never is in memory as a whole."""

    def __init__(self, piece: bytes, size: int) -> None:
        self._piece = piece
        self._left = size

    def read(self, size: int, /) -> bytes:
        self._left -= len(self._piece)
        return self._piece if self._left > 0 else b""


@pytest.fixture
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.reader, "LONGEST", 64 * 1024)
    monkeypatch.setattr(logs.reader, "_BLOCK", 256 * 1024)
    monkeypatch.setattr(logs.reader, "_AHEAD", 64 * 1024 + 4096)
    monkeypatch.setattr(logs.reader, "_UNFINISHED", 256 * 1024)


@pytest.mark.usefixtures("small_window")
@pytest.mark.parametrize(
    "piece",
    [
        made.log(LOGS["Asterisk PJSIP in a file"], MESSAGES, NOISE) * 40,
        b"x" * 300_000,
        b"\n" * 300_000,
        reads(INVITE[:300]) * 100,
        b"".join(reads(INVITE[:300], peer=b"10.0.0.%d" % n) for n in range(256)),
        pjsip(b"", 10**7) + b"x" * 100_000,
    ],
    ids=["messages", "a long line", "empty lines", "a long message", "connections", "lengths"],
)
def test_memory_is_bounded(piece: bytes) -> None:
    read(piece)
    tracemalloc.start()
    for _entry in logs.entries(_Endless(piece, 3 * 1024 * 1024), Tally()):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 1024 * 1024


@pytest.mark.usefixtures("small_window")
def test_messages_at_the_edge_of_the_window() -> None:
    """Wherever the window ends, the messages are those of the whole."""
    one = made.log(LOGS["FreeSWITCH"], MESSAGES, NOISE)
    for offset in range(0, len(one), 37):
        content = b"y" * (320 * 1024 - offset) + b"\n" + one * 3
        found, tally = read(_Slow(content, 10**6))
        assert [entry.data for entry in found] == list(MESSAGES) * 3
        assert not tally.skipped


def test_a_file_without_bytes_ready() -> None:
    class Waiting:
        def read(self, size: int, /) -> None:
            return None

    with pytest.raises(BlockingIOError):
        read(Waiting())


def test_messages_without_a_header_line_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    written = LOGS["sngrep"]
    [sngrep] = [format for format in logs.FORMATS if format.name == "sngrep"]
    alone = b"\n12:00 unknown program:\n" + OPTIONS + b"\n"
    first, second = (made.log(written, [OPTIONS]) for _ in range(2))
    for block in (1 << 22, 5000):  # the window moves between them
        monkeypatch.setattr("sipfast.capture.logs.reader._BLOCK", block)
        monkeypatch.setattr("sipfast.capture.logs.reader._AHEAD", block)
        for noise in (0, 3, 60):
            apart = NOISE[0] * noise
            content = OPTIONS + apart + first + alone * 2 + apart + second + apart + alone
            capture = sipfast.open(content, log=sngrep)
            assert len(list(capture)) == 2
            assert capture.unread == {"no header line": 4}
    # A body that quotes a start line is a body.
    quoting = made.request(9, b"MESSAGE", b"message/sipfrag", b"\r\nSIP/2.0 200 OK\r\n")
    capture = sipfast.open(made.log(LOGS["SIPp"], [quoting, OPTIONS]))
    assert len(list(capture)) == 2
    assert not capture.unread
