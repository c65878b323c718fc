"""Telemetry: the spans of a call and its attempts, the metrics, and the header that joins a trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from fakes import Server, envelope
from flowkit import ConnectionFailed, FlowClient, ManualClock, OperationError, Response
from flowkit_telemetry import Telemetry


class Seen:
    """A program's providers, and what has come to them."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meters = MeterProvider([self._reader], shutdown_on_exit=False)

    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def metrics(self) -> dict[str, list[Any]]:
        data = self._reader.get_metrics_data()
        return {
            metric.name: list(metric.data.data_points)
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


@pytest.fixture
def seen() -> Iterator[Seen]:
    providers = Seen()
    yield providers
    providers.tracers.shutdown()
    providers.meters.shutdown()


def client(seen: Seen, server: Server) -> FlowClient:
    plugin = Telemetry(seen.tracers, seen.meters)
    return FlowClient("flow.example", 9380, plugins=[plugin, server], clock=ManualClock())


def test_a_call_is_a_span_and_each_attempt_one_within_it(seen: Seen) -> None:
    client(seen, Server(ConnectionFailed("no", sent=False), envelope([]))).job.query("1")
    first, second, call = seen.spans()
    assert call.name == "job.query"
    assert call.attributes == {
        "flowkit.operation": "job.query",
        "flowkit.job_id": "1",
        "flowkit.source": "network",
        "flowkit.attempts": 2,
    }
    for attempt in (first, second):
        assert attempt.name == "POST"
        assert attempt.kind is SpanKind.CLIENT
        assert attempt.parent is not None
        assert call.context is not None
        assert attempt.parent.span_id == call.context.span_id


def test_attempts_follow_the_conventions_for_http_clients(seen: Seen) -> None:
    client(seen, Server(ConnectionFailed("no", sent=False), envelope([]))).tag.list()
    first, second, _ = seen.spans()
    assert second.attributes == {
        "http.request.method": "POST",
        "http.request.resend_count": 1,
        "http.response.status_code": 200,
        "server.address": "flow.example",
        "server.port": 9380,
        "url.full": "http://flow.example:9380/v1/model/tag/list",
        "url.scheme": "http",
    }
    assert first.attributes is not None
    assert first.attributes["error.type"] == "ConnectionFailed"
    assert first.status.status_code is StatusCode.ERROR


def test_an_http_error_marks_its_attempt(seen: Seen) -> None:
    with pytest.raises(OperationError):
        client(seen, Server(envelope(retcode=500, status=500))).tag.create("x")
    attempt, _ = seen.spans()
    assert attempt.status.status_code is StatusCode.ERROR
    assert attempt.attributes is not None
    assert attempt.attributes["error.type"] == "500"


def test_the_context_of_the_attempt_travels_with_the_request(seen: Seen) -> None:
    server = Server()
    client(seen, server).tag.list()
    attempt = seen.spans()[0]
    assert attempt.context is not None
    _, trace, span, _ = server.requests[0].headers["traceparent"].split("-")
    assert int(trace, 16) == attempt.context.trace_id
    assert int(span, 16) == attempt.context.span_id


def test_metrics_count_and_time_calls_and_attempts(seen: Seen) -> None:
    flow = client(seen, Server(ConnectionFailed("no", sent=False), envelope([])))
    flow.tag.list()
    metrics = seen.metrics()
    (call,) = metrics["flowkit.call.duration"]
    assert (call.count, call.attributes["flowkit.operation"]) == (1, "tag.list")
    assert sum(point.count for point in metrics["http.client.request.duration"]) == 2
    assert sum(point.value for point in metrics["flowkit.attempts"]) == 2


def test_a_job_that_is_waited_for_leaves_events_on_the_span_around_it(seen: Seen) -> None:
    flow = client(seen, Server())
    with seen.tracers.get_tracer("test").start_as_current_span("training"):
        job = {"job_id": "1", "status": "running", "progress": 40, "rows": []}
        flow.hooks.job_changed(flow, job)
    (span,) = seen.spans()
    (event,) = span.events
    assert event.attributes == {"job_id": "1", "status": "running", "progress": "40"}


def test_without_a_configured_sdk_nothing_is_sent_and_nothing_fails() -> None:
    server = Server(Response(200, {}, b'{"retcode": 0}'))
    assert FlowClient(plugins=[Telemetry(), server]).tag.list().ok
    assert "traceparent" not in server.requests[0].headers
