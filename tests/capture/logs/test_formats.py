"""Every format: the messages that it shows come back as they were, with what it tells of them."""

from __future__ import annotations

import log_files as made
import pytest
from log_files import LOGS, NOISE, Written

from sipfast.capture import logs
from sipfast.capture.base import Tally


def _read(content: bytes) -> tuple[list[logs.Entry], Tally]:
    tally = Tally()
    found = list(logs.entries(content, tally))
    assert tally.position == len(content)
    return found, tally


def _pair(address: str | None, port: int | None) -> tuple[str, int | None] | None:
    return None if address is None else (address, port)


@pytest.mark.parametrize("noise", [(), NOISE], ids=["alone", "among lines"])
@pytest.mark.parametrize("written", LOGS.values(), ids=LOGS)
def test_messages_come_back(written: Written, noise: tuple[bytes, ...]) -> None:
    content = made.log(written, written.messages, noise)
    found, tally = _read(content)
    assert [entry.data for entry in found] == list(written.messages)
    assert not tally.skipped
    for number, entry in enumerate(found):
        assert entry.format == written.format
        assert _pair(entry.source, entry.source_port) == written.source
        assert _pair(entry.destination, entry.destination_port) == written.destination
        assert entry.transport == written.transport
        assert entry.direction == written.direction
        if written.time_ns is None:
            assert entry.time_ns is None
        else:
            assert entry.time_ns == written.time_ns + number * 10**9
        expected = set(written.lost) | (set() if written.has_crs else {"line ends"})
        assert set(entry.lost) == expected
        assert set(entry.lost) <= set(logs.LOST)
        assert not entry.is_cut
