"""Several workers at one port, as one starts them from a command line."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flowkit_fault_rules import read_rules

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")

PATIENCE = 30.0


@contextmanager
def running(url: str, log: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start two workers and yield the process that looks after them, and the port."""
    command = [
        sys.executable,
        "-m",
        "flowkit_mockserver",
        "--port",
        "0",
        "--workers",
        "2",
        *options,
    ]
    environment = {**os.environ, "FLOWKIT_MOCK_DATABASE": url}
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            found = re.search(r"at http://127\.0\.0\.1:(\d+)", line)
            assert found, f"no address in {line!r}: {log.read_text()}"
            yield process, int(found[1])
        finally:
            if process.poll() is None:
                process.terminate()


def ask(port: int, path: str, **body: Any) -> dict[str, Any]:
    """Post a JSON object on a connection of its own, and return the answer."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as one:
        one.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(one.getresponse().read())
    return answer


def post(port: int, path: str) -> int:
    """Post an empty object on a connection of its own, and return the status."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as one:
        one.request("POST", path, "{}", {"Content-Type": "application/json"})
        return one.getresponse().status


def send(port: int, method: str, path: str) -> tuple[int, str]:
    """Send a request without a body; return the status and the text of the answer."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as one:
        one.request(method, path)
        answer = one.getresponse()
        return answer.status, answer.read().decode()


def get(port: int, path: str) -> tuple[int, str]:
    """Return the status and the text at a path."""
    return send(port, "GET", path)


def children(process: subprocess.Popen[str]) -> set[int]:
    """Return the workers of a process."""
    command = ["pgrep", "-P", str(process.pid), "-f", "spawn_main"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    return {int(line) for line in listed.stdout.split()}


def until(met: Callable[[], bool]) -> None:
    """Return once a condition is met."""
    wait = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        if met():
            return
        wait.wait(0.05)
    raise AssertionError("it never was")


def listening(port: int) -> bool:
    """Say whether anybody answers at a port."""
    try:
        ask(port, "/v1/version/get")
    except OSError:
        return False
    return True


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/shared.sqlite3"


def test_two_workers_answer_as_one_and_end_with_a_signal(url: str, tmp_path: Path) -> None:
    with running(url, tmp_path / "log") as (process, port):
        for number in range(8):
            assert ask(port, "/v1/model/tag/create", tag_name=f"t{number}")["retmsg"] == "success"
        for _ in range(4):
            assert len(ask(port, "/v1/model/tag/list", limit=10)["data"]["tags"]) == 8
        assert get(port, "/readyz") == (200, '{"status":"ready"}\n')
        # Whichever worker is asked knows what all of them have answered.
        series = '{method="POST",route="/v1/model/tag/<operation>",status="200"} 12.0'
        until(lambda: f"flowkit_mock_http_requests_total{series}" in get(port, "/metrics")[1])
        assert len(children(process)) == 2

        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE) == 0
    assert not listening(port)


def test_a_worker_that_dies_is_started_again(url: str, tmp_path: Path) -> None:
    with running(url, tmp_path / "log") as (process, port):
        ask(port, "/v1/model/tag/create", tag_name="gold")
        before = children(process)
        os.kill(min(before), signal.SIGKILL)

        until(lambda: len(children(process) - before) == 1)
        until(lambda: listening(port))

        assert ask(port, "/v1/model/tag/list", limit=1)["data"]["tags"] != []
    assert "ended with exit code -9" in (tmp_path / "log").read_text()


def entries(port: int) -> list[dict[str, Any]]:
    """Return the journal, as the worker has it that takes the connection."""
    status, text = get(port, "/_flowkit/journal")
    assert status == 200, text
    found: list[dict[str, Any]] = json.loads(text)["data"]
    return found


def test_the_journal_is_that_of_all_workers_and_outlives_one_that_is_killed(
    database: str, tmp_path: Path
) -> None:
    with running(database, tmp_path / "log") as (process, port):
        made = [f"t{number}" for number in range(40)]

        def create(name: str) -> bool:
            ask(port, "/v1/model/tag/create", tag_name=name)
            return name in [entry["arguments"]["tag_name"] for entry in entries(port)]

        with ThreadPoolExecutor(8) as clients:
            assert all(clients.map(create, made))
        found = entries(port)
        assert {entry["arguments"]["tag_name"] for entry in found} == set(made)
        assert [entry["number"] for entry in found] == list(range(1, 41))
        assert all(entries(port) == found for _ in range(6))

        before = children(process)
        os.kill(min(before), signal.SIGKILL)
        assert entries(port) == found
        until(lambda: len(children(process) - before) == 1)
        until(lambda: listening(port))
        assert all(entries(port)[:40] == found for _ in range(6))


RULES = """
seed = 3

[[rules]]
fault = "answer"
status = 429
path = "tag/*"
times = 3

[[rules]]
fault = "answer"
status = 418
path = "pipeline/*"
nth = [5, 9]

[[rules]]
fault = "answer"
status = 500
path = "chance/*"
probability = 0.4
"""


def test_rules_of_a_file_are_counted_by_all_workers_together(database: str, tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text(RULES)
    alone = read_rules(file)

    def statuses(path: str, count: int) -> list[int]:
        return [post(port, f"/v1/{path}") for _ in range(count)]

    with running(database, tmp_path / "log", "--faults", str(file)) as (process, port):
        with ThreadPoolExecutor(8) as clients:
            found = list(clients.map(lambda _: post(port, "/v1/tag/x"), range(24)))
        assert sorted(found) == [404] * 21 + [429] * 3
        assert [place for place, one in enumerate(statuses("pipeline/x", 12), 1) if one == 418] == [
            5,
            9,
        ]
        expected = [bool(alone.hitting("", "chance/x")) for _ in range(20)]
        assert [one == 500 for one in statuses("chance/x", 20)] == expected
        assert len(children(process)) == 2
    assert "has hit nothing" not in (tmp_path / "log").read_text()


def test_nobody_keeps_the_port_when_all_are_left_alone(url: str, tmp_path: Path) -> None:
    with running(url, tmp_path / "log") as (process, port):
        orphans = children(process)
        process.kill()
        process.wait()

        until(lambda: not listening(port))
        until(lambda: not any(Path(f"/proc/{one}").exists() for one in orphans))


def test_why_workers_cannot_start_is_said_in_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flowkit_mockserver", "--port", "0", "--workers", "2"]
    done = subprocess.run(
        [*command, "--database", "postgresql://me:pa55word@127.0.0.1:1/mock"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(
        "Error: the database postgresql+psycopg://me:***@127.0.0.1:1/mock"
    )
    assert "pa55word" not in done.stderr


def test_namespaces_are_those_of_all_workers_whatever_is_made_dropped_or_killed(
    database: str, tmp_path: Path
) -> None:
    def path(name: str, operation: str) -> str:
        return f"/_flowkit/namespaces/{name}/v1/{operation}"

    def live(number: int) -> list[str]:
        """Have a world for the time of a test, and return the tags that were seen there."""
        name = f"world-{number % 6}-{number}"
        for tag in ("gold", "silver"):
            ask(port, path(name, "model/tag/create"), tag_name=f"{tag}-{number}")
        tags = ask(port, path(name, "model/tag/list"), limit=10)["data"]["tags"]
        assert json.loads(send(port, "DELETE", f"/_flowkit/namespaces/{name}")[1])["data"] is True
        return [tag["name"] for tag in tags]

    with running(database, tmp_path / "log", "--namespaces", "10") as (process, port):
        ask(port, path("kept", "model/tag/create"), tag_name="bronze")
        with ThreadPoolExecutor(8) as clients:
            found = list(clients.map(live, range(48)))
        assert found == [[f"gold-{number}", f"silver-{number}"] for number in range(48)]

        before = children(process)
        os.kill(min(before), signal.SIGKILL)
        until(lambda: len(children(process) - before) == 1)
        until(lambda: listening(port))
        for _ in range(4):
            assert json.loads(get(port, "/_flowkit/namespaces")[1])["data"] == ["kept"]
            tags = ask(port, path("kept", "model/tag/list"), limit=10)["data"]["tags"]
            assert [tag["name"] for tag in tags] == ["bronze"]


def test_workers_that_are_killed_while_namespaces_are_made_and_dropped_lose_none(
    database: str, tmp_path: Path
) -> None:
    def create(name: str) -> bool:
        path = f"/_flowkit/namespaces/{name}/v1/model/tag/create"
        return bool(ask(port, path, tag_name="gold")["retmsg"] == "success")

    def tags(name: str) -> list[str]:
        found = ask(port, f"/_flowkit/namespaces/{name}/v1/model/tag/list", limit=10)
        return [tag["name"] for tag in found["data"]["tags"]]

    def use(number: int) -> tuple[int, bool, bool]:
        """Make a namespace, and drop every other; return which of both was answered."""
        made = gone = False
        with contextlib.suppress(OSError, http.client.HTTPException):  # its worker was killed
            made = create(f"n{number}")
            if number % 2:
                gone = send(port, "DELETE", f"/_flowkit/namespaces/n{number}")[0] == 200
        return number, made, gone

    with running(database, tmp_path / "log") as (process, port):
        with ThreadPoolExecutor(4) as clients:
            asked = []
            for start in (0, 10, 20):
                asked += [clients.submit(use, start + number) for number in range(10)]
                before = children(process)
                os.kill(min(before), signal.SIGKILL)
                until(lambda known=before: len(children(process) - known) == 1)
            found = [one.result() for one in asked]
        until(lambda: listening(port))

        listed = json.loads(get(port, "/_flowkit/namespaces")[1])["data"]
        assert [f"n{number}" for number, _, gone in found if gone and f"n{number}" in listed] == []
        kept = [f"n{number}" for number, made, _ in found if made and number % 2 == 0]
        assert [tags(name) for name in kept] == [["gold"]] * len(kept)
        assert create("after")
        assert [tags("after") for _ in range(4)] == [["gold"]] * 4
