"""Which format a log has, and why; and which files are logs."""

from __future__ import annotations

import ast
import gzip
from pathlib import Path

import capture_files
import log_files as made
import pytest
from log_files import LOGS, MESSAGES, NOISE, Written

import sipfast.capture
from sipfast.capture import CaptureError, logs

PLAIN = b"\r\n".join(MESSAGES)


@pytest.mark.parametrize("noise", [(), NOISE], ids=["alone", "among lines"])
@pytest.mark.parametrize("written", LOGS.values(), ids=LOGS)
def test_every_format_is_told(written: Written, noise: tuple[bytes, ...]) -> None:
    content = made.log(written, written.messages, noise)
    name, confidence, why = logs.detect(content)
    assert name == written.format
    assert confidence == 1
    count = len(written.messages)
    assert why.startswith(f"{count} of {count} messages are below lines such as ")
    shown = ast.literal_eval(why.partition(" such as ")[2])
    assert shown
    assert shown.encode() in content
    assert logs.recognises(content)
    with sipfast.capture.open(content) as capture:
        assert capture.log == (name, confidence, why)


@pytest.mark.parametrize("written", LOGS.values(), ids=LOGS)
def test_one_message_is_enough(written: Written) -> None:
    content = made.log(written, written.messages[:1])
    assert logs.detect(content)[:2] == (written.format, 1)


@pytest.mark.parametrize("written", LOGS.values(), ids=LOGS)
def test_a_log_that_begins_in_the_middle(written: Written) -> None:
    whole = made.log(written, written.messages, NOISE)
    for cut in range(1, len(whole) // 2, 211):
        name, confidence, _ = logs.detect(whole[cut:])
        assert name == written.format
        assert confidence > 0.5


def test_a_mixture_gives_the_most_frequent() -> None:
    pjsip = made.log(LOGS["Asterisk PJSIP"], MESSAGES[:2])
    content = made.log(LOGS["FreeSWITCH"], MESSAGES[:6]) + pjsip
    name, confidence, why = logs.detect(content)
    assert (name, confidence) == ("freeswitch", 0.75)
    assert why.startswith("6 of 8 messages are below lines such as 'recv ")


def test_messages_without_header_lines_count_against_it() -> None:
    content = made.log(LOGS["Asterisk PJSIP"], MESSAGES[:2]) + PLAIN
    name, confidence, _ = logs.detect(content)
    assert name == "asterisk-pjsip"
    assert confidence == pytest.approx(2 / 10)
    assert not logs.recognises(content)


def test_the_first_message_may_come_late() -> None:
    content = NOISE[1] * 20_000 + made.log(LOGS["Cisco CUBE"], MESSAGES)
    assert logs.detect(content)[:2] == ("cisco-cube", 1)
    content = NOISE[1] * 60_000 + made.log(LOGS["Cisco CUBE"], MESSAGES)
    assert logs.detect(content)[:2] == (None, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        PLAIN,
        b"\r\n\r\n" + PLAIN,
        PLAIN + made.log(LOGS["Asterisk PJSIP"], MESSAGES[:2]),
        b"".join(NOISE) * 100,
        bytes(range(256)) * 100,
        b"<--- Received SIP request (100 bytes) from UDP:192.0.2.1:5060 --->\n" * 100,
        b"A saved page: -----------------------------------------------\nno SIP in it\n",
        capture_files.pcap(*(capture_files.frame(message) for message in MESSAGES)),
    ],
)
def test_other_files_are_no_logs(content: bytes) -> None:
    assert not logs.recognises(content)


def test_files_of_messages_stay_files_of_messages(tmp_path: Path) -> None:
    quoting = made.request(
        *(9, b"MESSAGE", b"text/plain", made.log(LOGS["Asterisk PJSIP"], MESSAGES[:2]))
    )
    for content in (PLAIN, b"Some words first.\r\n" + PLAIN, quoting + quoting):
        (tmp_path / "file").write_bytes(content)
        with sipfast.capture.open(tmp_path / "file") as capture:
            assert capture.format == "messages"
            assert capture.log is None


def test_open_takes_the_format_of_a_log() -> None:
    head = b"SIP 2026-01-02 03:04:05Z 192.0.2.1 -> 192.0.2.2\n"
    content = b"".join(head + message + b"\n" for message in MESSAGES)
    own = logs.format_of(r"^SIP (?P<time>\S+ \S+) (?P<source>\S+) -> (?P<destination>\S+)$")
    with sipfast.capture.open(content, log=own) as capture:
        assert capture.format == "log"
        assert capture.log is not None
        assert capture.log[:2] == ("own", 1)
        found = list(capture)
    assert capture.log is None  # closed
    assert [record.data for record in found] == list(MESSAGES)
    assert {record.source for record in found} == {"192.0.2.1"}
    assert {record.time_ns for record in found} == {made.SECOND * 10**9}
    [freeswitch] = [row for row in logs.FORMATS if row.name == "freeswitch"]
    mixed = made.log(LOGS["FreeSWITCH"], MESSAGES) + made.log(LOGS["Asterisk PJSIP"], MESSAGES)
    with sipfast.capture.open(mixed, log=freeswitch) as capture:
        assert len(list(capture)) == len(MESSAGES)


def test_logs_may_be_compressed() -> None:
    content = made.log(LOGS["FreeSWITCH"], MESSAGES, NOISE)
    with sipfast.capture.open(gzip.compress(content)) as capture:
        assert capture.format == "log"
        assert [record.data for record in capture] == list(MESSAGES)


def test_a_log_without_messages_is_an_unknown_file() -> None:
    with pytest.raises(CaptureError, match="neither a capture nor SIP messages"):
        sipfast.capture.open(b"".join(NOISE[1:]))


def test_names_are_unique() -> None:
    names = [row.name for row in logs.FORMATS]
    assert len(set(names)) == len(names)
    assert {written.format for written in LOGS.values()} == set(names)


def test_the_table_says_what_becomes_of_crs() -> None:
    for row in logs.FORMATS:
        kept = {written.has_crs for written in LOGS.values() if written.format == row.name}
        assert (row.line_ends != "dropped") in kept
