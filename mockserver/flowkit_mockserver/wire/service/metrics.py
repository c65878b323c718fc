"""What /metrics shows, in the formats of Prometheus and OpenMetrics, by the library prometheus-client."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from flowkit import __version__
from flowkit_mockserver.errors import HttpRefusal
from flowkit_mockserver.http.monitor import BUCKETS, Durations, Monitor
from flowkit_mockserver.state import ServerState

if TYPE_CHECKING:
    from prometheus_client import Metric

__all__ = ["exposition"]

#: Every metric of our own, with its meaning.
METRICS = {
    "flowkit_mock_http_requests": "Requests by method, route and HTTP status.",
    "flowkit_mock_http_request_duration_seconds": "How long requests took, the way in and out included.",
    "flowkit_mock_http_requests_in_progress": "Requests that are not answered yet.",
    "flowkit_mock_jobs": "Jobs that are known, whatever their status.",
    "flowkit_mock_tables": "Tables that are known.",
    "flowkit_mock_models": "Models that are known.",
    "flowkit_mock": "The versions of flowkit and of the server that it is.",
}


class _Collector:
    """Turns notes into metrics whenever it is asked.

    Args:
        monitor: the notes of requests.
        state: what there is.
    """

    def __init__(self, monitor: Monitor, state: ServerState) -> None:
        self._monitor, self._state = monitor, state

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of `METRICS`."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
            InfoMetricFamily,
        )

        noted = self._monitor.together()
        requests, durations, in_progress, *counts, info = METRICS
        counter = CounterMetricFamily(
            requests, METRICS[requests], labels=("method", "route", "status")
        )
        for (method, route, status), number in noted.answered.items():
            counter.add_metric((method, route, str(status)), number)
        yield counter
        histogram = HistogramMetricFamily(durations, METRICS[durations], labels=("route",))
        for route, one in noted.durations.items():
            histogram.add_metric((route,), _buckets(one), one.total)
        yield histogram
        yield GaugeMetricFamily(in_progress, METRICS[in_progress], noted.in_progress)
        for name, number in zip(counts, _sizes(self._state), strict=True):
            yield GaugeMetricFamily(name, METRICS[name], number)
        versions = {"version": __version__, "fate_version": self._state.settings.fate_version}
        yield InfoMetricFamily(info, METRICS[info], versions)


def exposition(monitor: Monitor, state: ServerState, accept: str) -> tuple[bytes, str]:
    """Return the metrics as text, and its content type.

    Args:
        monitor: the notes of requests.
        state: what there is.
        accept: the formats that the client takes.

    Raises:
        HttpRefusal: the library is not installed.
    """
    # Nobody but those who scrape pays for the import.
    try:
        from prometheus_client import CollectorRegistry, ProcessCollector
        from prometheus_client.exposition import choose_encoder
    except ModuleNotFoundError as error:
        text = "metrics need prometheus-client: pip install 'fate-flowkit[service]'"
        raise HttpRefusal(501, text) from error
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Collector(monitor, state))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _buckets(durations: Durations) -> list[tuple[str, float]]:
    bounds = [*map(str, BUCKETS), "+Inf"]
    return list(zip(bounds, accumulate(durations.counts), strict=True))


def _sizes(state: ServerState) -> tuple[int, int, int]:
    with state.looking():
        collection = state.store.collection
        return len(collection("jobs")), len(state.tables), len(collection("models"))
