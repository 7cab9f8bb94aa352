"""/metrics for Prometheus: what was counted anyway, read when somebody asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import start_http_server
from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

__all__ = ["Snapshot", "read_snapshots", "serve_metrics", "write_snapshot"]

Snapshot = Mapping[str, Mapping[str, Any]]
"""By kind: `endpoints` has the counters of each, `events` numbers by name, `gauges` likewise."""

_GAUGES = {
    "transactions": "Transactions that are open",
    "pending": "Transactions that wait for a final response",
    "flows": "Parties of dialogs that are reached by a connection",
    "connections": "Connections that are open",
}


class _Collector:
    def __init__(self, read: Callable[[], Mapping[str, Snapshot]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        events = CounterMetricFamily(
            "sip_proxy_events", "What the proxy has decided", labels=["worker", "event"]
        )
        counters: dict[str, CounterMetricFamily] = {}
        gauges: dict[str, GaugeMetricFamily] = {}
        for worker, snapshot in self._read().items():
            for endpoint, counts in snapshot["endpoints"].items():
                for name, count in counts.items():
                    family = counters.setdefault(
                        name,
                        CounterMetricFamily(
                            f"sip_{name}", f"{name} at an endpoint", labels=["worker", "endpoint"]
                        ),
                    )
                    family.add_metric([worker, endpoint], count)
            for name, count in snapshot["events"].items():
                events.add_metric([worker, name], count)
            for name, value in snapshot["gauges"].items():
                gauge = gauges.setdefault(
                    name, GaugeMetricFamily(f"sip_{name}", _GAUGES[name], labels=["worker"])
                )
                gauge.add_metric([worker], value)
        return [*counters.values(), events, *gauges.values()]


def serve_metrics(
    host: str, port: int, read: Callable[[], Mapping[str, Snapshot]]
) -> Callable[[], None]:
    """Serve /metrics in a thread; what is returned ends it.  `read` returns snapshots by worker."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(read))
    server, thread = start_http_server(port, host, registry)

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close


def write_snapshot(folder: Path, worker: int, snapshot: Snapshot) -> None:
    """Leave what a worker has counted for its parent."""
    written = folder / f"{worker}.new"
    written.write_text(json.dumps(snapshot))
    written.replace(folder / f"{worker}.json")


def read_snapshots(folder: Path) -> dict[str, Snapshot]:
    """What all workers have left."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
