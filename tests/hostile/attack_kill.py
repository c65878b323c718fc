"""Servers whose processes are killed at any moment: what was acknowledged is there afterwards."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from databases import find_postgresql, postgresql
from flowkit import FlowClient
from flowkit.demo import steps
from tests.hostile.finding import Finding
from tests.hostile.served import ask, children, served, upload

__all__ = ["attack"]

#: What is checked of each kind after a kill: the newest.
NEWEST = 15
#: Seconds in which a server with workers answers again after one of them was killed.
PATIENCE = 30.0
END = {"success", "failed", "canceled", "timeout"}


@dataclass
class Acknowledged:
    """What a server said it has."""

    model: steps.Submitted | None = None
    tables: dict[str, int] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)


def attack(seed: int, count: int) -> Finding:
    """Kill a process of a server `count` times for each place of its state, while it is told things."""
    found = Finding("kill -9", 0)
    details = []
    with contextlib.ExitStack() as stack:
        for place, options in _places(stack):
            found.count += count
            told = Acknowledged()
            _attack(found, random.Random(f"{seed} {place}"), count, place, options, told)
            details.append(
                f"{place}: {len(told.tables)} tables, {len(told.tags)} tags, {len(told.jobs)} jobs,"
                f" {len(told.versions)} deployments"
            )
    found.detail = "; ".join(details)
    return found


def _places(stack: contextlib.ExitStack) -> Iterator[tuple[str, list[str]]]:
    """Yield the places where a state can be, and the options that say so."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    yield "directory", ["--data", str(folder / "state")]
    yield "SQLite", ["--workers", "2", "--database", f"sqlite:///{folder}/shared.sqlite3"]
    if find_postgresql() is not None:
        server = stack.enter_context(postgresql())
        yield "PostgreSQL", ["--workers", "2", "--database", server.create()]


def _attack(
    found: Finding,
    chance: random.Random,
    count: int,
    place: str,
    options: list[str],
    told: Acknowledged,
) -> None:
    with served(*options) as (_, port), FlowClient("127.0.0.1", port) as flow:
        for name in ("guest", "host"):
            steps.upload(flow, name)
        told.model = steps.train(flow)
        flow.job.wait(told.model.job_id)
    for number in range(count):
        with served(*options) as (process, port):
            _look_after(found, port, told, f"{place}, before kill {number}")
            victim = chance.choice([process.pid, *children(process.pid)])
            killed = threading.Event()
            timer = threading.Timer(chance.uniform(0.01, 0.8), _kill, (victim, killed))
            timer.start()
            _work(port, f"{number}", chance, told, killed)
            timer.join()
            if victim == process.pid:
                process.wait()
                _await_end(found, port, place)
            else:
                _look_after(found, port, told, f"{place}, after kill {number} of a worker")
    with served(*options) as (_, port):
        _look_after(found, port, told, f"{place}, at the end")


def _kill(victim: int, killed: threading.Event) -> None:
    os.kill(victim, signal.SIGKILL)
    killed.set()


def _await_end(found: Finding, port: int, place: str) -> None:
    """Nobody keeps the port of a server that was killed."""
    wait = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as one:
            try:
                one.connect()
            except OSError:
                return
        wait.wait(0.05)
    found.faults.append(f"{place}: a worker keeps the port of a server that was killed")


def _work(
    port: int, number: str, chance: random.Random, told: Acknowledged, killed: threading.Event
) -> None:
    """Tell a server things until it stops answering, or somebody else of it was killed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        for step in itertools.takewhile(lambda _: not killed.is_set(), itertools.count()):
            name = f"t{number}_{step}"
            rows = chance.choice([1, 10, 1000, 20_000])
            text = "id,x\n" + "".join(f"{i},{i}\n" for i in range(rows))
            if upload(connection, name, text.encode())["retcode"] == 0:
                told.tables[name] = rows
            tag = f"tag{number}_{step}"
            if ask(connection, "/v1/model/tag/create", {"tag_name": tag})["retmsg"] == "success":
                told.tags.append(tag)
            answer = ask(connection, "/v1/job/submit", _submission())
            if answer["retcode"] == 0:
                told.jobs.append(answer["jobId"])
            if told.model is None:
                raise RuntimeError("nothing was trained")
            model = {
                "model_id": told.model.model_id,
                "model_version": told.model.model_version,
                "cpn_list": steps.COMPONENTS,
            }
            answer = ask(connection, "/v1/model/deploy", model)
            if answer["retcode"] == 0:
                told.versions.append(answer["data"]["model_version"])
    connection.close()


def _submission() -> dict[str, Any]:
    return {
        "job_dsl": json.loads((steps.DATA / "train_dsl.json").read_text("utf-8")),
        "job_runtime_conf": json.loads((steps.DATA / "train_conf.json").read_text("utf-8")),
    }


def _look_after(found: Finding, port: int, told: Acknowledged, moment: str) -> None:
    """Note what was acknowledged and is not there."""
    wait = threading.Event()
    for _ in range(int(PATIENCE / 0.1)):
        try:
            _look(found, port, told, moment)
            return
        # A worker that was killed had this connection; the next one is another's.
        except (OSError, http.client.HTTPException, ValueError):
            wait.wait(0.1)
    found.faults.append(f"{moment}: the server does not answer")


def _look(found: Finding, port: int, told: Acknowledged, moment: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for name in list(told.tables)[-NEWEST:]:
        count = _count(connection, name, told.tables[name])
        if count != told.tables[name]:
            found.faults.append(f"{moment}: {name} has {count} rows")
    for tag in told.tags[-NEWEST:]:
        answer = ask(connection, "/v1/model/tag/retrieve", {"tag_name": tag})
        if not (answer.get("data") or {}).get("tags"):
            found.faults.append(f"{moment}: {tag} is gone")
    for job_id in told.jobs[-NEWEST:]:
        status = _end(connection, job_id)
        if status != "success":
            found.faults.append(f"{moment}: job {job_id} is {status}")
    for version in told.versions[-NEWEST:]:
        answer = ask(connection, "/v1/model/query", {"model_version": version})
        if not answer.get("data"):
            found.faults.append(f"{moment}: the deployed model {version} is gone")
    connection.close()


def _count(connection: http.client.HTTPConnection, name: str, expected: int) -> int:
    """Return how many rows a table has; what a worker that died was to store comes when others hear of its death."""
    wait = threading.Event()
    count = 0
    for _ in range(int(PATIENCE / 0.1)):
        body = {"namespace": "kept", "table_name": name}
        count = ask(connection, "/v1/table/table_info", body)["data"]["count"]
        if count == expected:
            break
        wait.wait(0.1)
    return count


def _end(connection: http.client.HTTPConnection, job_id: str) -> str:
    """Return the status of a job once it has ended, or that it is late."""
    wait = threading.Event()
    status = "gone"
    for _ in range(int(PATIENCE / 0.1)):
        rows = ask(connection, "/v1/job/query", {"job_id": job_id}).get("data") or []
        status = rows[0]["f_status"] if rows else "gone"
        if status in END or not rows:
            break
        wait.wait(0.1)
    return status
