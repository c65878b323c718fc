"""The whole examination."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from flowkit import FlowClient
from flowkit.doctor import Finding, Patient, State, examine
from flowkit_mockserver import MockServer


def found(patient: Patient) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(patient)}


def test_all_is_well_with_a_mock_on_a_port() -> None:
    with MockServer(port=0) as mock:
        findings = found(Patient(lambda: FlowClient(mock.url)))
    assert not [one for one in findings.values() if one.state is State.PROBLEM]
    assert list(findings) == [
        "versions", "flow_sdk", "configuration", "plugins", "address", "proxy", "DNS", "TCP", "TLS",
        "HTTP", "server", "clock", "permissions",
    ]  # fmt: skip


def test_after_a_problem_on_the_way_the_rest_is_skipped() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    findings = found(Patient(lambda: FlowClient("127.0.0.1", port)))
    assert findings["TCP"].state is State.PROBLEM
    assert findings["HTTP"] == Finding("HTTP", State.SKIPPED, "not looked at, because of TCP")


def test_a_client_that_cannot_be_made_is_a_problem() -> None:
    finding = found(Patient(lambda: FlowClient("http://")))["client"]
    assert finding.state is State.PROBLEM
    assert "http://host[:port]" in finding.text


def test_a_broken_plugin_is_told_once() -> None:
    patient = Patient(lambda: FlowClient(plugins=["nosuch"]), plugins=("nosuch",))
    findings = found(patient)
    assert findings["plugins"].state is State.PROBLEM
    assert findings["client"].state is State.SKIPPED


def test_a_file_that_cannot_be_read_ends_the_examination(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flowkit.toml").write_text("url = ")
    monkeypatch.setenv("FLOWKIT_CONFIG", str(tmp_path / "flowkit.toml"))
    *_, last = examine()
    assert (last.subject, last.state) == ("configuration", State.PROBLEM)


def test_with_a_proxy_the_proxy_is_what_is_connected_to() -> None:
    with MockServer(port=0) as mock:
        port = mock.port
        proxy = f"http://127.0.0.1:{port}"
        findings = found(Patient(lambda: FlowClient("https://flow.example", proxy=proxy)))
    assert findings["TCP"].text == f"127.0.0.1:{port} takes connections"
    assert findings["TLS"].state is State.SKIPPED
    assert findings["HTTP"].state is State.PROBLEM


def test_files_of_certificates_that_are_not_there_are_named() -> None:
    patient = Patient(lambda: FlowClient("https://h", ca_certificates="/nowhere/ca.pem"))
    assert "/nowhere/ca.pem" in found(patient)["client"].text


def test_a_plugin_that_the_client_goes_on_without_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLOWKIT_PLUGINS", "auth")
    finding = found(Patient(lambda: FlowClient("127.0.0.1", 1)))["plugins"]
    assert finding.state is State.PROBLEM
    assert "FLOWKIT_APP_KEY is not set" in finding.text


def test_half_of_what_signs_requests_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_SECRET_KEY", "hush")
    finding = found(Patient(lambda: FlowClient("127.0.0.1", 1)))["credentials"]
    assert finding.state is State.PROBLEM
    assert finding.text.startswith("FLOWKIT_SECRET_KEY is set and FLOWKIT_APP_KEY is not")


def test_a_proxy_that_does_not_run_is_what_is_to_be_started() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{probe.getsockname()[1]}"
    findings = found(Patient(lambda: FlowClient("http://flow.example", proxy=proxy)))
    assert findings["TCP"].mend.startswith("start the proxy; or correct the port")
