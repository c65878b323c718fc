"""The command ``flowkit board``."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowkit import ManualClock, demo
from flowkit.cli.app import app
from flowkit_mockserver import MockServer
from flowkit_mockserver.board import command
from flowkit_mockserver.board.application import create_board
from flowkit_mockserver.board.source import Source
from flowkit_mockserver.settings import Settings

Look = Callable[[Source], None]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Result, list[str]]]:
    """Run the command; in place of serving, it looks at what it would serve."""

    def invoke(look: Look, *arguments: str) -> tuple[Result, list[str]]:
        opened: list[str] = []
        monkeypatch.setattr(command.webbrowser, "open", opened.append)

        def serve(source: Source, host: str, port: int, ready: Callable[[str], None]) -> None:
            ready(f"http://{host}:{port}")
            look(source)

        monkeypatch.setattr(command, "_serve", serve)
        return CliRunner().invoke(app, ["board", *arguments]), opened

    return invoke


def page(source: Source, path: str = "", **query: Any) -> str:
    """Return a page of the board of a source."""
    http = create_board(source, Settings(), ManualClock(0)).test_client()
    return http.get(f"/board/{path}", query_string=query).text


def test_it_shows_the_jobs_of_a_server_and_opens_a_browser(run: Any) -> None:
    with MockServer(port=0) as mock, mock.client() as flow:
        demo.upload(flow, "guest")
        (job,) = flow.job.list().rows

        def look(source: Source) -> None:
            assert source.kind == "server"
            assert job.job_id in page(source)

        url = mock.url
        result, opened = run(look, "--url", url, "--listen", "8123")

    assert result.exit_code == 0, result.output
    assert f"Board of {url} at http://127.0.0.1:8123/board/" in result.output
    assert opened == ["http://127.0.0.1:8123/board/"]


def test_a_browser_need_not_be_opened(run: Any) -> None:
    _, opened = run(lambda source: None, "--no-open")

    assert opened == []


def test_it_shows_the_jobs_of_a_cassette(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    with MockServer() as mock, mock.client() as flow:
        for role, _ in (demo.GUEST, demo.HOST):
            demo.upload(flow, role)
        with flow.recording(path):
            job_id = demo.train(flow).job_id
            flow.job.wait(job_id)
            flow.task.query(job_id)
            flow.component.metric_all(job_id, "guest", 9999, "evaluation_0")

    def look(source: Source) -> None:
        assert source.kind == "cassette"
        assert job_id in page(source)
        assert "node-success" in page(source, "job", job_id=job_id)
        evaluated = page(source, "component", job_id=job_id, component="evaluation_0")
        assert "AUC 0.869643" in evaluated
        assert 'class="problem"' in evaluated, "what was not recorded is said so, part by part"
        assert "hx-get" not in page(source), "nothing changes there"

    result, _ = run(look, "--cassette", str(path))

    assert result.exit_code == 0, result.output
    assert re.match("Board of demo.yaml at ", result.output)


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        result = CliRunner().invoke(app, ["board", "--no-open", "--listen", str(port)])

    assert result.exit_code == 1
    assert f"cannot listen at 127.0.0.1:{port}" in result.output
