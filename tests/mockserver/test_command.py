"""The command ``flowkit mock`` refuses what it cannot do."""

from __future__ import annotations

import socket
from pathlib import Path

from click.testing import CliRunner

from flowkit_mockserver.command import mock


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


def test_a_damaged_state_is_said_so_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "flowkit-mock.sqlite3").write_text("no database at all\n" * 100)

    result = CliRunner().invoke(mock, ["--port", "0", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "is damaged" in result.output
    assert len(result.output.splitlines()) == 1
