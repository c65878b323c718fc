"""The command ``flowkit board``."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner, Result

from flowkit import ManualClock, demo
from flowkit.cli.app import app
from flowkit_mockserver import MockServer
from flowkit_mockserver.board import command
from flowkit_mockserver.board.application import create_board
from flowkit_mockserver.board.source import Source
from flowkit_mockserver.settings import Settings

ROOT = Path(__file__).parents[3]
MAIN = "from flowkit.cli import main; main()"
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


def test_a_recording_of_a_real_server_is_shown_as_far_as_it_goes(run: Any) -> None:
    path = ROOT / "cassettes" / "sessions" / "train-deploy-predict.yaml"

    def look(source: Source) -> None:
        jobs = page(source)
        (job_id, *_) = re.findall(r"job_id=(\d+)", jobs)
        assert "status-running" not in jobs, "what was answered last counts"
        html = page(source, "job", job_id=job_id)
        assert html.count('class="node ') > 3
        assert "Graph" in html

    result, _ = run(look, "--cassette", str(path))

    assert result.exit_code == 0, result.output


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        result = CliRunner().invoke(app, ["board", "--no-open", "--listen", str(port)])

    assert result.exit_code == 1
    assert f"cannot listen at 127.0.0.1:{port}" in result.output


def test_it_serves_until_it_is_told_to_end() -> None:
    command = [sys.executable, "-c", MAIN, "board", "--no-open", "--listen", "0"]
    with (
        MockServer(port=0) as mock,
        subprocess.Popen(
            [*command, "--url", mock.url], stdout=subprocess.PIPE, text=True
        ) as served,
    ):
        try:
            assert served.stdout is not None
            line = served.stdout.readline()
            address = re.search(r"at (http://\S+/board/);", line)
            assert address, line
            answer = urllib3.request("GET", address[1], retries=False)
        finally:
            served.terminate()

    assert answer.status == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert b"There are no jobs yet" in answer.data
    assert served.returncode == 0
