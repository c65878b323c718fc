"""/healthz, /readyz and /metrics."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from flowkit.servers import LINES
from flowkit_mockserver import MockServer, Settings, create_app
from flowkit_mockserver.http.monitor import Monitor
from flowkit_mockserver.settings import Demand
from flowkit_mockserver.wire.service.metrics import METRICS

ELSEWHERE = {"Host": "fate.example", "Origin": "http://evil.example"}


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("line", [LINES[0].name, LINES[-1].name])
def test_probes_are_answered_under_any_name_and_without_credentials(line: str) -> None:
    demand = Demand("hmac", "key", "s3cret")
    web = create_app(Settings(fate_version=line, require_auth=demand)).test_client()
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = web.get(path, headers=ELSEWHERE)
        assert (answer.status_code, answer.json) == (200, {"status": status})
    assert web.get("/metrics").status_code == 200
    assert web.post("/healthz").status_code in (200, 405)  # later lines answer 200 whatever happens


def test_a_server_that_is_about_to_end_is_not_ready_and_healthy_all_the_same() -> None:
    monitor = Monitor()
    monitor.stopping = True
    web = create_app(Settings(), monitor).test_client()
    answer = web.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "stopping"})
    assert web.get("/healthz").status_code == 200


def test_a_server_whose_directory_is_gone_is_not_ready(tmp_path: Path) -> None:
    with MockServer(data=tmp_path / "state") as mock:
        shutil.rmtree(tmp_path / "state")
        answer = mock.app.test_client().get("/readyz")
        assert (answer.status_code, answer.json) == (
            503,
            {"status": "the directory of the state is gone"},
        )


def test_metrics_count_requests_and_what_there_is() -> None:
    monitor = Monitor()
    monitor.begin()
    environ: Any = {"REQUEST_METHOD": "BREW", "PATH_INFO": "/x", "REMOTE_ADDR": "::1"}
    monitor.end(environ, 404, 10, 0.3)
    web = create_app(Settings(fate_version="1.11.2"), monitor).test_client()
    web.post("/v1/model/tag/create", json={"tag_name": "a"})

    answer = web.get("/metrics")

    assert answer.content_type.startswith("text/plain; version=")
    found = samples(answer.text)
    key = (("method", "other"), ("route", ""), ("status", "404"))
    assert found["flowkit_mock_http_requests_total", key] == 1
    duration = "flowkit_mock_http_request_duration_seconds"
    assert found[f"{duration}_bucket", (("le", "0.25"), ("route", ""))] == 0
    assert found[f"{duration}_bucket", (("le", "0.5"), ("route", ""))] == 1
    assert found[f"{duration}_sum", (("route", ""),)] == pytest.approx(0.3)
    assert found["flowkit_mock_jobs", ()] == 0
    assert found["process_resident_memory_bytes", ()] > 0 or sys.platform != "linux"
    info = next(labels for name, labels in found if name == "flowkit_mock_info")
    assert dict(info)["fate_version"] == "1.11.2"
    for name in METRICS:
        assert f"# HELP {name}" in answer.text


def test_metrics_are_given_as_openmetrics_to_those_who_ask() -> None:
    web = create_app(Settings()).test_client()
    answer = web.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert answer.content_type.startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


@pytest.mark.parametrize("headers", [{"Host": "fate.example"}, {"Origin": "http://evil.example"}])
def test_metrics_are_for_the_hosts_of_the_server_and_no_web_page(headers: dict[str, str]) -> None:
    web = create_app(Settings()).test_client()
    assert web.get("/metrics", headers=headers).status_code == 403


def test_metrics_without_their_library_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = create_app(Settings()).test_client().get("/metrics")
    assert answer.status_code == 501
    assert "pip install 'fate-flowkit[service]'" in answer.text
