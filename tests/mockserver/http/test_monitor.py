"""Notes of requests, and the access log."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Rule

from flowkit_mockserver.http.monitor import BUCKETS, ROUTE, Monitor


def environ(path: str = "/v1/job/query", **more: object) -> Any:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "password=s3cret",
        "REMOTE_ADDR": "192.0.2.1",
        **more,
    }


def test_requests_are_counted_by_method_route_and_status() -> None:
    monitor = Monitor()
    for status in (200, 200, 0):
        monitor.begin()
        assert monitor.in_progress == 1
        monitor.end(environ(**{ROUTE: Rule("/v1/job/query")}), status, 5, 0.002)
    assert monitor.in_progress == 0
    assert monitor.answered == {
        ("POST", "/v1/job/query", 200): 2,
        ("POST", "/v1/job/query", 499): 1,  # the client left
    }


def test_durations_fall_into_classes_whose_upper_bound_is_theirs() -> None:
    monitor = Monitor()
    for seconds in (BUCKETS[0], BUCKETS[0] * 1.5, 1000.0):
        monitor.end(environ(), 200, 0, seconds)
    counts = monitor.durations[""].counts
    assert (counts[0], counts[1], counts[-1], sum(counts)) == (1, 1, 1, 3)


def test_no_access_is_logged_unless_it_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        Monitor().end(environ(), 200, 0, 0.1)
    assert not caplog.records


def test_a_line_of_the_access_log_has_fields_and_no_query(caplog: pytest.LogCaptureFixture) -> None:
    given = environ("/v1/a\nb", HTTP_X_FLOWKIT_NAMESPACE="mine", **{ROUTE: Rule("/v1/<x>")})
    with caplog.at_level("INFO"):
        Monitor(access_log=True).end(given, 404, 12, 0.25)
    (record,) = caplog.records
    assert record.getMessage() == '192.0.2.1 "POST /v1/a%0Ab" 404 12 0.250000'
    fields = vars(record)
    assert {name: fields[name] for name in ("status", "bytes", "route", "namespace")} == {
        "status": 404,
        "bytes": 12,
        "route": "/v1/<x>",
        "namespace": "mine",
    }
    assert "s3cret" not in str(fields)


def test_processes_that_serve_together_count_together(tmp_path: Path) -> None:
    route = {ROUTE: Rule("/v1/job/query")}
    one, alone = Monitor(folder=tmp_path), Monitor()
    one.end(environ(**route), 200, 0, 0.002)
    code = f"""
import pathlib
from flowkit_mockserver.http.monitor import Monitor
other = Monitor(folder=pathlib.Path({str(tmp_path)!r}))
for _ in range(3):
    other.begin()
other.end({{"REQUEST_METHOD": "POST"}}, 200, 0, 0.5)
other.answered["POST", "/v1/job/query", 200] = 4
other.save()
"""
    subprocess.run([sys.executable, "-c", code], check=True)

    found = one.together()

    assert found.answered == {("POST", "/v1/job/query", 200): 5, ("POST", "", 200): 1}
    assert found.durations[""].total == 0.5
    assert sum(found.durations["/v1/job/query"].counts) == 1
    assert found.in_progress == one.in_progress  # that process is gone, and its requests with it
    assert one.answered == {("POST", "/v1/job/query", 200): 1}
    assert alone.together().answered == {}
