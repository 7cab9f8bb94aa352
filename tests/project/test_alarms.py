"""No alarm without a reason: what is said of real traffic and of valid messages is in a list.

`alarms.tsv` has each kind of alarm of each source, how many messages have it, and why it is right.
Another alarm fails here: look at it, and if it is right, write the table anew and add the reason
(see `tests/alarms.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

import alarms
import pytest

from sipfast._engine import Engine

FOLDER = os.environ.get("SIPFAST_SHARED")
OF_OTHERS = ("captures/", "rfc4475/")
"""Where the sources are that the folder of others has."""


def test_the_alarms_are_those_of_the_table(engine: Engine) -> None:
    count = alarms.counted(engine, Path(FOLDER) if FOLDER else None)
    known = {
        alarm: row.messages
        for alarm, row in alarms.read().items()
        if FOLDER or not alarm.source.startswith(OF_OTHERS)
    }
    assert dict(count.alarms) == known


def test_every_alarm_has_its_reason() -> None:
    rows = alarms.read().values()
    assert not [row for row in rows if not row.reason.strip() or row.code not in alarms.SEVERITIES]
    assert list(alarms.read()) == sorted(alarms.read())


def test_an_alarm_is_counted_once_a_message(engine: Engine) -> None:
    count = alarms.Count(engine)
    data = b"ACK sip:a@b SIP/2.0\r\nCall-ID: 1\r\nCall-ID: 2\r\n\r\n"
    count.add("here", [data, data, data.replace(b"Call-ID: 2\r\n", b"")])
    assert count.alarms[alarms.Alarm("here", "header-repeated", "Call-ID")] == 2
    assert count.alarms[alarms.Alarm("here", "header-missing", "From")] == 3
    assert (count.messages, count.severities["error"], count.severities["warning"]) == (3, 3, 3)
    assert "      2  66.667%  error    header-repeated" in alarms.report(count)


@pytest.mark.parametrize("data", [b"hello", b"SIP/2.0 200 OK\r\nX Y: z\r\n\r\n"])
def test_what_cannot_be_parsed_is_an_alarm(engine: Engine, data: bytes) -> None:
    assert [alarms.SEVERITIES[code] for code, _ in alarms.faults_of(engine, data)] == ["error"]
