"""The command ``flowkit mock`` refuses what it cannot do."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowkit_mockserver.command import mock
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.kinds.kind import Exactness
from flowkit_mockserver.kinds.lookup import all_kinds
from flowkit_mockserver.settings import Settings


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        result = CliRunner().invoke(mock, ["--port", str(port)])

    assert result.exit_code == 1
    assert f"cannot listen at 127.0.0.1:{port}" in result.output


def test_a_pace_that_makes_no_sense_is_said_so() -> None:
    result = CliRunner().invoke(mock, ["--pace", "fast"])

    assert result.exit_code == 2
    assert "pace must be 'instant', 'manual' or seconds" in result.output


def test_an_executor_that_is_none_is_said_so() -> None:
    result = CliRunner().invoke(mock, ["--executor", "fork"])

    assert result.exit_code == 2
    assert "executor must be 'thread', 'processes'" in result.output


def test_a_cluster_without_its_extra_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    result = CliRunner().invoke(mock, ["--port", "0", "--executor", "dask://127.0.0.1:8786"])

    assert result.exit_code == 1
    assert "pip install 'fate-flowkit[cluster]'" in result.output


def test_a_server_computes_in_processes_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr(
        "flowkit_mockserver.serving.serving.serve", lambda settings, *_: served.append(settings)
    )

    for options in ([], ["--executor", "thread"], ["--executor", "processes:2"]):
        assert CliRunner().invoke(mock, options).exit_code == 0

    assert [str(one.executor) for one in served] == ["processes", "thread", "processes:2"]


def test_what_is_not_computed_as_fate_does_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(
        settings: object, host: str, port: int, ready: Callable[[str], None], service: object
    ) -> None:
        ready(f"http://{host}:{port}")

    monkeypatch.setattr("flowkit_mockserver.serving.serving.serve", serve)

    result = CliRunner().invoke(mock, ["--port", "1"])

    first, second, *others = result.output.splitlines()
    assert first.startswith("FATE Flow mock at http://127.0.0.1:1")
    assert second == "These components do not compute exactly what FATE 1.6.1 does:"
    differing = [kind for kind in all_kinds() if kind.exactness is not Exactness.EXACT]
    assert [line.partition(" (")[0].strip() for line in others] == [kind.name for kind in differing]
    assert "  ModelStore (stand-in): The model is kept in the store of this server" in result.output


def test_what_is_not_computed_is_that_of_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(
        settings: object, host: str, port: int, ready: Callable[[str], None], service: object
    ) -> None:
        ready(f"http://{host}:{port}")

    monkeypatch.setattr("flowkit_mockserver.serving.serving.serve", serve)

    result = CliRunner().invoke(mock, ["--port", "1", "--fate-version", "1.11.2"])

    assert "do not compute exactly what FATE 1.11.2 does:" in result.output
    assert "not TensorFlow's" not in result.output.partition("HomoNN (")[2].partition("\n")[0]


def test_a_kind_that_cannot_be_had_keeps_no_server_from_answering(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def serve(
        settings: object, host: str, port: int, ready: Callable[[str], None], service: object
    ) -> None:
        ready(f"http://{host}:{port}")

    def fail() -> None:
        raise Refusal("the kind Odd of odd 1.0 cannot be loaded")

    monkeypatch.setattr("flowkit_mockserver.serving.serving.serve", serve)
    monkeypatch.setattr("flowkit_mockserver.kinds.lookup.all_kinds", fail)

    result = CliRunner().invoke(mock, ["--port", "1"])

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert caplog.messages == ["the kind Odd of odd 1.0 cannot be loaded"]


def test_a_damaged_state_is_said_so_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "flowkit-mock.sqlite3").write_text("no database at all\n" * 100)

    result = CliRunner().invoke(mock, ["--port", "0", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "is damaged" in result.output
    assert len(result.output.splitlines()) == 1


def test_the_board_may_be_reached_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Settings] = []
    monkeypatch.setattr(
        "flowkit_mockserver.serving.serving.serve", lambda settings, *rest: served.append(settings)
    )

    CliRunner().invoke(mock, ["--board-url", "https://flow.example/mock/"])
    refused = CliRunner().invoke(mock, ["--board-url", "flow.example"])

    assert [settings.own_url for settings in served] == ["https://flow.example/mock"]
    assert "must begin with http:// or https://, got 'flow.example'" in refused.output


def test_several_workers_need_a_database() -> None:
    result = CliRunner().invoke(mock, ["--workers", "2"])

    assert result.exit_code == 2
    assert "--workers 2 needs a --database that they share" in result.output


def test_a_state_is_in_one_place(tmp_path: Path) -> None:
    options = ["--data", str(tmp_path), "--database", f"sqlite:///{tmp_path}/shared"]

    result = CliRunner().invoke(mock, ["--port", "0", *options])

    assert result.exit_code == 1
    assert "in a directory (data) or in a database, not in both" in result.output
