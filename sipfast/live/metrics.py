"""The figures of a run for Prometheus: one table, from which code and documentation are made."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from .._install import lacking
from .._visible import portable
from .figures import Figures, Histogram
from .loop import PAUSE, SHORTAGES

__all__ = ["METRICS", "Exporter", "Metric", "samples"]

_LONGEST_REQUEST = 5.0
"""Seconds that a client has for its request and to take its answer."""

_Samples = Iterable[tuple[tuple[str, ...], float]]


class Metric(NamedTuple):
    """A metric: its name without the suffix of its kind, its kind, labels and meaning."""

    name: str
    kind: str
    labels: tuple[str, ...]
    text: str
    read: Callable[[Figures], Any]

    @property
    def full_name(self) -> str:
        """The name that Prometheus shows."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


def _by(counts: Callable[[Figures], Counter[Any]]) -> Callable[[Figures], _Samples]:
    def read(figures: Figures) -> _Samples:
        return [((str(name),), count) for name, count in counts(figures).copy().items()]

    return read


def _one(number: Callable[[Figures], float]) -> Callable[[Figures], _Samples]:
    return lambda figures: [((), number(figures))]


def _reasons(figures: Figures) -> Counter[str]:
    """The reasons without their numbers, which would make labels without end."""
    found: Counter[str] = Counter()
    for reason, count in figures.skipped.items():
        name, _, number = reason.rpartition(" ")
        found[name if name and number.isdecimal() else reason] += count
    return found


def _dropped(figures: Figures) -> _Samples:
    found = [(source.name, source.dropped) for source in figures.sources]
    return [((name,), dropped) for name, dropped in found if dropped is not None]


METRICS = (
    Metric(
        *("sipfast_requests", "counter", ("method",)),
        "requests by method; other stands for those that are not registered",
        _by(lambda figures: figures.counts.methods),
    ),
    Metric(
        *("sipfast_responses", "counter", ("status",)),
        "responses by status",
        _by(lambda figures: figures.counts.statuses),
    ),
    Metric(
        *("sipfast_malformed_messages", "counter", ()),
        "messages that cannot be parsed",
        _one(lambda figures: figures.counts.malformed),
    ),
    Metric(
        *("sipfast_calls", "counter", ("result",)),
        "calls that ended, by result, as in the table calls",
        _by(lambda figures: figures.results),
    ),
    Metric(
        *("sipfast_open_calls", "gauge", ()),
        "calls that have not ended",
        _one(lambda figures: len(figures.calls)),
    ),
    Metric(
        *("sipfast_answered_calls", "gauge", ()),
        "those of them that were answered",
        _one(lambda figures: figures.calls.answered),
    ),
    Metric(
        *("sipfast_evicted_calls", "counter", ()),
        "calls that ended here before their end, because there were too many",
        _one(lambda figures: figures.calls.evicted),
    ),
    Metric(
        *("sipfast_post_dial_delay_seconds", "histogram", ()),
        "Session Request Delay (RFC 6076 4.3) of the calls that ended",
        lambda figures: figures.post_dial_delays,
    ),
    Metric(
        *("sipfast_setup_time_seconds", "histogram", ()),
        "from the first INVITE to the 2xx",
        lambda figures: figures.setup_times,
    ),
    Metric(
        *("sipfast_call_duration_seconds", "histogram", ()),
        "Session Duration Time (RFC 6076 4.5): from the 2xx to the BYE",
        lambda figures: figures.durations,
    ),
    Metric(
        *("sipfast_skipped_packets", "counter", ("reason",)),
        "packets without SIP, by reason (docs/capture.md)",
        _by(_reasons),
    ),
    Metric(
        *("sipfast_dropped_packets", "counter", ("source",)),
        "packets that the system dropped because nobody read them in time, where it tells",
        _dropped,
    ),
    Metric(
        *("sipfast_accept_pauses", "counter", ("source",)),
        "times that connections had to wait because the system had no descriptors left",
        lambda figures: [((one.name,), one.paused) for one in figures.sources],
    ),
    Metric(
        *("sipfast_read_bytes", "counter", ("source",)),
        "bytes read",
        lambda figures: [((one.name,), one.position) for one in figures.sources],
    ),
    Metric(
        *("sipfast_forwarded_messages", "counter", ()),
        "messages written to captures",
        _one(lambda figures: figures.forwarded),
    ),
)


def samples(figures: Figures) -> Iterator[tuple[Metric, Any]]:
    """Each metric with its samples, or its histogram."""
    for metric in METRICS:
        yield metric, metric.read(figures)


class Exporter:
    """Serves the figures over HTTP, in a thread. Raises ImportError without prometheus_client.

    Attributes:
        address: the host and port that it listens on.
    """

    def __init__(self, figures: Figures, host: str, port: int) -> None:
        try:
            from prometheus_client import CollectorRegistry, make_wsgi_app
        except ModuleNotFoundError as error:
            if error.name != "prometheus_client":
                raise
            raise lacking(error.name, "follow") from None
        self._figures = figures
        self._request: socket.socket | None = None
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

        exporter = self

        class Server(WSGIServer):
            address_family = _family(host)

            def get_request(self) -> Any:
                try:
                    return super().get_request()
                except OSError as error:  # which its loop passes over
                    if error.errno in SHORTAGES:
                        time.sleep(PAUSE)
                    raise

            # One slow client keeps others waiting for a moment, and the run not at all.
            def process_request(self, request: Any, client_address: Any) -> None:
                timer = threading.Timer(_LONGEST_REQUEST, _hang_up, (request,))
                timer.daemon = True
                exporter._request = request
                timer.start()
                try:
                    super().process_request(request, client_address)
                finally:
                    exporter._request = None
                    timer.cancel()

            def handle_error(self, *_: object) -> None:  # a client that is gone
                pass

        class Handler(WSGIRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

        self._server = make_server(host, port, make_wsgi_app(registry), Server, Handler)
        host, port = self._server.socket.getsockname()[:2]
        self.address: tuple[str, int] = host, port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="sipfast-metrics", daemon=True
        )
        self._thread.start()

    def collect(self) -> Iterator[Any]:
        """The metrics, for the registry."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        for metric, found in samples(self._figures):
            family: Any
            if metric.kind == "histogram":
                family = HistogramMetricFamily(metric.name, metric.text)
                family.add_metric((), _cumulated(found), found.total)
            else:
                kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
                family = kind(metric.name, metric.text, labels=metric.labels)
                for labels, number in found:
                    family.add_metric([*map(portable, labels)], number)
            yield family

    def describe(self) -> list[Any]:
        """The registry needs no description in advance."""
        return []

    def close(self) -> None:
        """Stop serving, and hang up on whoever is served."""
        request = self._request
        if request is not None:
            _hang_up(request)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _cumulated(histogram: Histogram) -> list[tuple[str, int]]:
    found, total = [], 0
    bounds = [*map(str, histogram.bounds), "+Inf"]
    for bound, count in zip(bounds, [*histogram.counts], strict=True):
        total += count
        found.append((bound, total))
    return found


def _hang_up(request: socket.socket) -> None:
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
