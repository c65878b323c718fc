"""The server as one starts it from a command line."""

from __future__ import annotations

import http.client
import signal
from pathlib import Path

import pytest

from mock_process import mock_process


def version(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/v1/version/get", body='{"module":"FATE"}', headers=headers)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_interrupted(ending: signal.Signals, tmp_path: Path) -> None:
    with mock_process("--data", str(tmp_path / "state")) as server:
        assert '"FATE":"1.6.1"' in version(server.port)

        server.process.send_signal(ending)

        assert server.process.wait(timeout=10) == 0
    assert (tmp_path / "state" / "flowkit-mock.sqlite3").is_file()
