"""The metrics: what Prometheus reads is what the figures say, with bounded labels."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from urllib.request import urlopen

import pytest
from live_calls import Wire, no_descriptors

import sipfast
from sipfast.live import Calls
from sipfast.live.figures import Figures, Histogram
from sipfast.live.metrics import METRICS, Exporter, samples


class Quiet:
    name = 'udp:"\n<script>'
    position = 7
    dropped: int | None = 3
    paused = 2

    def __init__(self) -> None:
        from collections import Counter

        self.skipped = Counter({"link type 7": 1, "link type 99999": 2, "not SIP": 4})


def figures() -> Figures:
    wire = Wire()
    found = Figures([Quiet()], wire.calls)  # type: ignore[list-item]
    wire.invite(0)
    wire.status(0.3, 180)
    wire.status(1, 200)
    wire.request(41, "BYE", number=2)
    for call in wire.calls.ended(1000):
        found.end(call)
    wire.invite(50, "open")
    for method in ("INVITE", "INVITE", "HOSTILE", '"}\n'):
        data = f"{method} sip:a@b SIP/2.0\r\n\r\n".encode()
        try:
            found.add(sipfast.parse(data))
        except sipfast.ParseError as error:
            found.add(error)
    found.add(sipfast.parse(b"SIP/2.0 486 Busy\r\n\r\n"))
    return found


def served(found: Figures) -> str:
    pytest.importorskip("prometheus_client")
    exporter = Exporter(found, "127.0.0.1", 0)
    try:
        with urlopen("http://{}:{}/metrics".format(*exporter.address), timeout=10) as answer:
            text: str = answer.read().decode()
            return text
    finally:
        exporter.close()


def test_the_text_of_the_metrics() -> None:
    lines = [line for line in served(figures()).splitlines() if not line.startswith("#")]
    assert {line for line in lines if "bucket" not in line} == {
        'sipfast_requests_total{method="INVITE"} 2.0',
        'sipfast_requests_total{method="other"} 1.0',
        'sipfast_responses_total{status="486"} 1.0',
        "sipfast_malformed_messages_total 1.0",
        'sipfast_calls_total{result="answered"} 1.0',
        "sipfast_open_calls 1.0",
        "sipfast_answered_calls 0.0",
        "sipfast_evicted_calls_total 0.0",
        "sipfast_post_dial_delay_seconds_count 1.0",
        "sipfast_post_dial_delay_seconds_sum 0.3",
        "sipfast_setup_time_seconds_count 1.0",
        "sipfast_setup_time_seconds_sum 1.0",
        "sipfast_call_duration_seconds_count 1.0",
        "sipfast_call_duration_seconds_sum 40.0",
        'sipfast_skipped_packets_total{reason="link type"} 3.0',
        'sipfast_skipped_packets_total{reason="not SIP"} 4.0',
        'sipfast_dropped_packets_total{source="udp:\\"\\n<script>"} 3.0',
        'sipfast_accept_pauses_total{source="udp:\\"\\n<script>"} 2.0',
        'sipfast_read_bytes_total{source="udp:\\"\\n<script>"} 7.0',
        "sipfast_forwarded_messages_total 0.0",
    }
    assert 'sipfast_post_dial_delay_seconds_bucket{le="0.25"} 0.0' in lines
    assert 'sipfast_post_dial_delay_seconds_bucket{le="0.5"} 1.0' in lines
    assert 'sipfast_post_dial_delay_seconds_bucket{le="+Inf"} 1.0' in lines


def test_a_slow_client_keeps_others_waiting_for_a_moment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("prometheus_client")
    monkeypatch.setattr("sipfast.live.metrics._LONGEST_REQUEST", 0.3)
    exporter = Exporter(figures(), "127.0.0.1", 0)
    with socket.create_connection(exporter.address) as slow:
        stop = threading.Event()

        def trickle() -> None:
            with contextlib.suppress(OSError):
                while not stop.wait(0.05):
                    slow.send(b"G")

        thread = threading.Thread(target=trickle)
        thread.start()
        time.sleep(0.1)
        with urlopen("http://{}:{}/metrics".format(*exporter.address), timeout=10) as answer:
            assert answer.status == 200
        stop.set()
        thread.join()
    exporter.close()
    assert capsys.readouterr().err == ""


def test_without_descriptors_it_waits() -> None:
    pytest.importorskip("prometheus_client")
    exporter = Exporter(figures(), "127.0.0.1", 0)
    with socket.socket() as client, no_descriptors():
        client.connect(exporter.address)
        begun = time.process_time()
        time.sleep(0.5)
        assert time.process_time() - begun < 0.25
    with urlopen("http://{}:{}/metrics".format(*exporter.address), timeout=10) as answer:
        assert answer.status == 200
    exporter.close()


def test_closing_hangs_up_on_a_slow_client(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("prometheus_client")
    monkeypatch.setattr("sipfast.live.metrics._LONGEST_REQUEST", 60)
    exporter = Exporter(figures(), "127.0.0.1", 0)
    with socket.create_connection(exporter.address) as slow:
        slow.send(b"GET /metrics")
        time.sleep(0.3)
        begun = time.monotonic()
        exporter.close()
        assert time.monotonic() - begun < 20


def test_a_file_whose_name_is_not_utf8_has_a_label() -> None:
    source = Quiet()
    source.name = "calls-\udcff.pcap"
    text = served(Figures([source], Calls()))  # type: ignore[list-item]
    assert r'sipfast_read_bytes_total{source="calls-\\xff.pcap"} 7.0' in text


def test_drops_that_the_system_does_not_tell_are_no_sample() -> None:
    found = figures()
    found.sources[0].dropped = None  # type: ignore[misc]
    by_name = {metric.name: value for metric, value in samples(found)}
    assert by_name["sipfast_dropped_packets"] == []
    assert found.dropped is None


def test_the_labels_of_each_metric() -> None:
    for metric, value in samples(figures()):
        if metric.kind == "histogram":
            assert isinstance(value, Histogram)
            continue
        for labels, number in value:
            assert len(labels) == len(metric.labels)
            assert number >= 0
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_a_histogram() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0, None, -1.0):
        histogram.add(value)
    assert histogram.counts == [2, 1, 1]
    assert histogram.total == 12.0


def test_senders_choose_no_labels() -> None:
    found = Figures([], Calls())
    for number in range(1_000):
        found.add(sipfast.parse(f"X{number} sip:a@b SIP/2.0\r\n\r\n".encode()))
    assert found.counts.methods == {"other": 1_000}
