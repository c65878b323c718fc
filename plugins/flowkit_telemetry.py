"""Traces and measures with OpenTelemetry: a span a call, one an attempt within it, and metrics.

::

    FlowClient(plugins=[Telemetry()])          # providers as they are set up in the program

The spans follow the semantic conventions for HTTP clients; a request carries the attempt's context
in its ``traceparent`` header, so that what the server does joins the trace. It needs
opentelemetry-api, the extra ``telemetry``; without a configured SDK it costs next to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from opentelemetry import metrics, propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from flowkit import Call, JobState, Request, Response, __version__, hookimpl

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider
    from opentelemetry.util.types import AttributeValue

    Attributes = dict[str, AttributeValue]

__all__ = ["Telemetry"]

NOTHING = nullcontext()
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


class Telemetry:
    """Makes spans and metrics.

    Args:
        tracer_provider: where spans go; by default the program's.
        meter_provider: where metrics go; by default the program's.
        propagate_context: False sends no ``traceparent`` header.

    Spans are ``job.query`` (a call: ``flowkit.operation``, ``flowkit.job_id``, ``flowkit.attempts``,
    ``flowkit.source``) and within it ``POST`` (an attempt: ``http.request.method``, ``url.full``,
    ``server.address``, ``server.port``, ``http.response.status_code``,
    ``http.request.resend_count``, ``error.type``). Metrics are ``flowkit.call.duration``,
    ``http.client.request.duration`` and ``flowkit.attempts``.
    """

    name = "telemetry"
    identity = ""  # trace headers do not change an answer

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        *,
        propagate_context: bool = True,
    ) -> None:
        self._tracer = trace.get_tracer("flowkit", __version__, tracer_provider)
        meter = metrics.get_meter("flowkit", __version__, meter_provider)
        self._calls = meter.create_histogram(
            "flowkit.call.duration",
            unit="s",
            description="Duration of calls, with all their attempts.",
            explicit_bucket_boundaries_advisory=SECONDS,
        )
        self._requests = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=SECONDS,
        )
        self._attempts = meter.create_counter(
            "flowkit.attempts", unit="{attempt}", description="Attempts, retries among them."
        )
        self._propagates = propagate_context

    @hookimpl(wrapper=True)
    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        """Have a span around the call."""
        operation = call.operation.name
        attributes: Attributes = {"flowkit.operation": operation}
        started = time.perf_counter()
        span = self._tracer.start_span(operation, kind=SpanKind.INTERNAL, attributes=attributes)
        if job := call.arguments.get("job_id"):
            span.set_attribute("flowkit.job_id", str(job))
        with current(span):
            try:
                response = yield
                attributes["flowkit.source"] = response.source
                return response
            except Exception as error:
                attributes["error.type"] = type(error).__name__
                raise
            finally:
                span.set_attributes({**attributes, "flowkit.attempts": call.attempt})
                self._calls.record(time.perf_counter() - started, attributes)

    @hookimpl(wrapper=True)
    def flowkit_send(self, call: Call, request: Request) -> Generator[None, Response, Response]:
        """Have a span around the attempt."""
        address = call.client.address
        attributes: Attributes = {
            "http.request.method": request.method,
            "server.address": address.host,
            "server.port": address.port,
            "url.scheme": address.scheme,
        }
        started = time.perf_counter()
        span = self._tracer.start_span(request.method, kind=SpanKind.CLIENT, attributes=attributes)
        span.set_attribute("url.full", request.origin + request.path)  # a query may be secret
        if call.attempt > 1:
            span.set_attribute("http.request.resend_count", call.attempt - 1)
        with current(span):
            try:
                response = yield
                attributes["http.response.status_code"] = response.status
                if response.status >= 400:
                    attributes["error.type"] = str(response.status)
                    span.set_status(Status(StatusCode.ERROR))
                return response
            except Exception as error:
                attributes["error.type"] = type(error).__name__
                raise
            finally:
                span.set_attributes(attributes)
                self._requests.record(time.perf_counter() - started, attributes)
                self._attempts.add(1, {"flowkit.operation": call.operation.name})

    @hookimpl
    def flowkit_sign(self, request: Request) -> None:
        """Let the attempt's context travel with the request."""
        if self._propagates:
            propagate.inject(request.headers)

    @hookimpl
    def flowkit_job_changed(self, job: JobState) -> None:
        """Note on the span around a wait how the job goes on."""
        span = trace.get_current_span()
        if span.is_recording():
            span.add_event(
                "flowkit.job", {key: str(job[key]) for key in ("job_id", "status", "progress")}
            )


def current(span: Span) -> AbstractContextManager[object]:
    """Return a context in which `span` is the current one, and that ends it.

    Without an SDK there is nothing to make current, and that is most of what tracing costs.
    """
    return trace.use_span(span, end_on_exit=True) if span.get_span_context().is_valid else NOTHING
