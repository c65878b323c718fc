"""The end of a server: it says so first, finishes what is under way, and waits for nobody who takes nothing."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
import trustme

from flowkit import FlowClient, FlowError
from flowkit_mockserver import MockServer
from mock_process import MockProcess, mock_process

PATIENCE = 30.0
SLOW = '[[rules]]\nfault = "delay"\npath = "job/query"\nseconds = 1.5\n'


def get(server: MockProcess, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def until(server: MockProcess, path: str, text: str) -> None:
    """Ask until the answer holds a text."""
    ends = time.monotonic() + PATIENCE
    while text not in (shown := get(server, path)[1]):
        assert time.monotonic() < ends, shown


def test_it_answers_while_it_drains_and_a_second_signal_ends_that() -> None:
    with mock_process("--drain", "600") as server:
        assert get(server, "/readyz") == (200, '{"status":"ready"}\n')
        server.process.send_signal(signal.SIGTERM)
        until(server, "/readyz", "stopping")
        assert get(server, "/readyz")[0] == 503
        assert get(server, "/healthz")[0] == 200
        with FlowClient(server.url) as flow:
            assert flow.tag.list().retcode == 0
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0


def test_a_request_that_is_under_way_is_finished(tmp_path: Path) -> None:
    rules = tmp_path / "slow.toml"
    rules.write_text(SLOW)
    with mock_process("--faults", str(rules)) as server, ThreadPoolExecutor(1) as pool:
        with FlowClient(server.url, server="1.6") as flow:
            asked = pool.submit(flow.job.query)
            until(server, "/metrics", "http_requests_in_progress 2.0")  # this one, and the metrics
            server.process.send_signal(signal.SIGTERM)
            assert asked.result(PATIENCE).retcode == 0
        assert server.process.wait(PATIENCE) == 0


def test_it_does_not_wait_longer_than_it_is_told(tmp_path: Path) -> None:
    rules = tmp_path / "slow.toml"
    rules.write_text(SLOW.replace("1.5", "3000"))
    options = ("--faults", str(rules), "--stop-timeout", "0.5")
    with (
        mock_process(*options) as server,
        socket.create_connection(("127.0.0.1", server.port), PATIENCE) as asked,
    ):
        asked.sendall(
            b"POST /v1/job/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 2\r\n\r\n{}"
        )
        until(server, "/metrics", "http_requests_in_progress 2.0")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        assert asked.recv(1) == b""


def test_it_speaks_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    with mock_process("--tls-certificate", str(tmp_path / "both.pem")) as server:
        assert server.url.startswith("https://")
        with FlowClient(server.url, ca_certificates=tmp_path / "authority.pem") as flow:
            assert flow.tag.list().retcode == 0
        connected = MockServer.connect(server.url, ca_certificates=tmp_path / "authority.pem")
        with connected as mock, mock.namespace("mine") as mine, mine.client() as flow:
            flow.tag.create("gold")
            assert mock.namespaces() == ["mine"]
        with pytest.raises(FlowError, match="CERTIFICATE_VERIFY_FAILED"):
            MockServer.connect(server.url).status()
        with (
            socket.create_connection(("127.0.0.1", server.port), PATIENCE) as plain,
            pytest.raises(ssl.SSLError),
        ):
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


def test_options_in_the_environment_and_a_log_of_json() -> None:
    environment = {"FLOWKIT_MOCK_ACCESS_LOG": "true", "FLOWKIT_MOCK_FATE_VERSION": "1.11"}
    with mock_process(environment=environment, stderr=subprocess.PIPE) as server:
        with FlowClient(server.url) as flow:
            assert flow.remote_version.fate_flow()
        server.process.terminate()
        assert server.process.stderr is not None
        shown = server.process.stderr.read()
    assert '"POST /v1/version/get" 200' in shown

    command = (sys.executable, "-m", "flowkit_mockserver", "--log-format", "json", "--access-log")
    with subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        announced = json.loads(process.stderr.readline())
        with FlowClient(announced["url"], server="1.6") as flow:
            flow.tag.list()
        entry = json.loads(process.stderr.readline())
        process.terminate()
    assert (entry["route"], entry["status"]) == ("/v1/model/tag/<operation>", 200)
