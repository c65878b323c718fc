"""A mock server in one's hand: in process, on a port, kept on disk."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from component_bench import kind_named
from flowkit import ConnectionFailed, FlowError, demo
from flowkit_mockserver import Kind, MockServer, StoreInUse
from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.faults import UnmatchedFault
from flowkit_mockserver.kinds.lookup import find_kind

TABLE = TableData("text", {}, [("1", "a")])


def ask(connection: http.client.HTTPConnection, path: str, body: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    connection.request("POST", path, body=json.dumps(body), headers=headers)
    return json.loads(connection.getresponse().read())


def test_a_client_reaches_a_server_in_this_process() -> None:
    with MockServer() as mock, mock.client() as flow:
        mock.state.tables.put(TABLE, "n", "t")

        assert mock.port is None
        assert flow.table.info("n", "t")["data"]["count"] == 1


def test_a_server_starts_without_numpy() -> None:
    program = (
        "import sys; from flowkit_mockserver import MockServer\n"
        "with MockServer() as mock, mock.client() as flow: flow.remote_version.fate()\n"
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_a_client_reaches_a_server_on_a_port() -> None:
    with MockServer(port=0) as mock, mock.client() as flow:
        mock.state.tables.put(TABLE, "n", "t")

        assert mock.url == f"http://127.0.0.1:{mock.port}"
        assert flow.table.info("n", "t")["data"]["count"] == 1


def test_a_connection_is_kept_and_answers_are_not_held_back() -> None:
    with MockServer(port=0) as mock:
        connection = http.client.HTTPConnection("127.0.0.1", mock.port or 0, timeout=5)
        connection.connect()
        first = connection.sock

        for _ in range(20):
            ask(connection, "/v1/version/get", {"module": "FATE"})

        assert connection.sock is first
        connection.close()


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(OSError, match=f"cannot listen at 127.0.0.1:{port}"):
            MockServer(port=port)


def test_a_closed_server_does_not_listen_and_may_be_closed_again() -> None:
    mock = MockServer(port=0)
    port = mock.port or 0
    mock.close()
    mock.close()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_the_state_survives_a_restart_with_a_data_directory(tmp_path: Path) -> None:
    with MockServer(data=tmp_path) as mock:
        mock.state.tables.put(TABLE, "n", "t")

    with MockServer(data=tmp_path) as mock:
        table = mock.state.tables.get("n", "t")
        assert table is not None
        assert list(table.records()) == [("1", "a")]


def test_a_directory_serves_one_server_at_a_time(tmp_path: Path) -> None:
    with MockServer(data=tmp_path), pytest.raises(StoreInUse):
        MockServer(data=tmp_path)


def test_two_servers_know_nothing_of_each_other() -> None:
    with MockServer() as one, MockServer() as two:
        one.state.tables.put(TABLE, "n", "t")

        assert ("n", "t") not in two.state.tables


def test_reset_forgets_everything() -> None:
    with MockServer() as mock:
        mock.state.tables.put(TABLE, "n", "t")
        mock.refuse(times=None)

        with pytest.warns(UnmatchedFault, match=r"refuse \* with 503"):
            mock.reset()

        assert ("n", "t") not in mock.state.tables
        assert len(mock.state.faults) == 0


def test_a_wait_of_its_client_moves_a_manual_clock() -> None:
    with MockServer(pace="manual") as mock, mock.client() as flow:
        start = mock.state.clock.now()

        flow.clock.sleep(30)

        assert mock.state.clock.now() == start + 30


def test_a_pace_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="pace must be"):
        MockServer(pace="fast")


def test_a_client_of_a_closed_server_says_so() -> None:
    with MockServer() as mock:
        flow = mock.client()
    with pytest.raises(FlowError, match="the MockServer of this client is closed"):
        flow.tag.list()
    with MockServer(port=0) as mock:
        flow = mock.client()
    with pytest.raises(ConnectionFailed, match="is that server still open"):
        flow.tag.list()


def test_a_clients_proxy_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with MockServer(port=0) as mock, mock.client() as flow:
        assert flow.tag.list().ok


def kinds_named(*algorithms: str) -> list[Kind]:
    """Return kinds that are all called ``Mine``."""
    union = kind_named("Union")
    return [replace(union, name="Mine", algorithm=algorithm) for algorithm in algorithms]


def test_kinds_are_there_until_the_last_server_that_brought_them_is_closed() -> None:
    [mine] = kinds_named("my_package:run")
    with MockServer(kinds=[mine]) as first, MockServer(kinds=[mine]):
        first.close()
        first.close()
        assert find_kind("Mine") is mine
    assert find_kind("Mine") is None


def test_two_open_servers_cannot_have_different_kinds_of_one_name() -> None:
    mine, other = kinds_named("my_package:run", "other_package:run")
    with MockServer(kinds=[mine]):
        with pytest.raises(ValueError, match="a kind Mine already, run by my_package:run"):
            MockServer(kinds=[other])
        assert find_kind("Mine") is mine
    with MockServer(kinds=[other]):
        assert find_kind("Mine") is other


def test_a_server_that_cannot_start_leaves_no_kind_behind(tmp_path: Path) -> None:
    mine = kinds_named("my_package:run")
    with MockServer(data=tmp_path), pytest.raises(StoreInUse):
        MockServer(data=tmp_path, kinds=mine)
    assert find_kind("Mine") is None


@pytest.mark.parametrize("role", ["gest", "", 5])
def test_a_role_that_there_is_not_fails_nowhere_and_is_refused(role: Any) -> None:
    with (
        MockServer() as mock,
        pytest.raises(ValueError, match="role must be one of guest, host, arbiter, local, got"),
    ):
        mock.fail("hetero_lr_0", "no memory", role=role)


def test_a_refusal_that_cannot_be_is_refused() -> None:
    with MockServer() as mock:
        with pytest.raises(ValueError, match="status must be a number from 200 to 599, got 'x'"):
            mock.refuse(status="x")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"times must be .*, got -1"):
            mock.refuse(times=-1)


def test_a_demand_is_no_text() -> None:
    with pytest.raises(TypeError, match=r"require_auth must be a Demand, .* got str"):
        MockServer(require_auth="hmac")  # type: ignore[arg-type]


def test_board_url_leads_to_the_board_of_the_server_where_it_listens() -> None:
    with MockServer(port=0) as mock, mock.client() as flow:
        demo.upload(flow, "guest")
        demo.upload(flow, "host")
        job_id = demo.train(flow).job_id
        (url,) = flow.job.url(job_id, "guest", 9999).data["board_url"]

    form = "{}/index.html#/dashboard?job_id={}&role=guest&party_id=9999"
    mock_url = url.partition("/index.html")[0]
    assert url == form.format(mock_url, job_id)
    assert mock_url.startswith("http://127.0.0.1:")
    assert mock_url != "http://127.0.0.1:8080"


def test_a_database_outlives_the_server_and_costs_no_import_without(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
    url = f"sqlite:///{tmp_path}/shared.sqlite3"
    with MockServer(database=url) as mock, mock.client() as flow:
        flow.tag.create("gold")
    with MockServer(database=url, port=0) as mock, mock.client() as flow:
        assert flow.tag.query("gold").data["tags"][0]["name"] == "gold"

    program = "import sys; from flowkit_mockserver import MockServer\nwith MockServer(): pass\n"
    program += "sys.exit('sqlalchemy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_state_is_kept_in_one_place(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"in a directory .data. or in a database"):
        MockServer(data=tmp_path, database="sqlite:///x")
