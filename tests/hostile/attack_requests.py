"""Requests by the thousand: none may brick the server, take long or be answered with a crash."""

from __future__ import annotations

import json
import logging
import random
import tempfile
from pathlib import Path
from typing import Any

from flowkit_mockserver import ServerState, Settings, create_app
from flowkit_mockserver.components.core.interface import TableData
from tests.hostile.asking import Escaped, ask_application
from tests.hostile.finding import Finding
from tests.hostile.values import make_attempt

__all__ = ["attack"]

#: Seconds that no answer may take; one that trains takes the longest.
LONGEST = 5.0
DSL: dict[str, Any] = {
    "components": {
        "reader_0": {"module": "Reader", "output": {"data": ["rows"]}},
        "dataio_0": {
            "module": "DataIO",
            "input": {"data": {"data": ["reader_0.rows"]}},
            "output": {"data": ["inst"], "model": ["io"]},
        },
        "intersection_0": {
            "module": "Intersection",
            "input": {"data": {"data": ["dataio_0.inst"]}},
            "output": {"data": ["common"]},
        },
    }
}
CONF: dict[str, Any] = {
    "dsl_version": 2,
    "initiator": {"role": "guest", "party_id": 7001},
    "role": {"guest": [7001], "host": [7002]},
    "job_parameters": {"common": {"work_mode": 0, "backend": 0, "task_parallelism": 1}},
    "component_parameters": {
        "role": {
            role: {
                "0": {
                    "reader_0": {"table": {"name": role, "namespace": "shop"}},
                    "dataio_0": {"with_label": role == "guest"},
                }
            }
            for role in ("guest", "host")
        },
    },
}


def attack(seed: int, count: int) -> Finding:
    """Send `count` hostile requests to a server in this process that keeps its state, and look after it in between."""
    found = Finding("requests", count)
    chance = random.Random(seed)
    logging.getLogger("flowkit_mockserver").setLevel(logging.CRITICAL)
    try:
        with tempfile.TemporaryDirectory() as name:
            _attack(found, chance, count, Path(name))
    finally:
        logging.getLogger("flowkit_mockserver").setLevel(logging.NOTSET)
    return found


def _attack(found: Finding, chance: random.Random, count: int, folder: Path) -> None:
    settings = Settings(data=folder / "state", allow_paths=(folder,), keep_jobs=500)
    state = ServerState(settings)
    longest = 0.0
    statuses: dict[int, int] = {}
    try:
        _stock(state)
        app = create_app(state)
        http = app.test_client()
        paths = [
            (method, rule.rule.replace("<access_module>", "download"))
            for rule in app.url_map.iter_rules()
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
        job_ids: list[str] = []
        for number in range(count):
            attempt = make_attempt(
                chance, paths, {"job_dsl": DSL, "job_runtime_conf": CONF}, job_ids
            )
            try:
                answer = ask_application(http, attempt)
            except Escaped as error:
                found.faults.append(f"{number} {attempt}: {error}")
                continue
            status, body, took = answer.status, answer.body, answer.seconds
            longest = max(longest, took)
            statuses[status] = statuses.get(status, 0) + 1
            if took > LONGEST:
                found.faults.append(f"{number} took {took:.1f} s: {attempt}")
            crashes = attempt.path.startswith(("/v1/component/", "/v1/info/", "/v1/version"))
            ordered = 500 <= status <= 599 and b"injected failure" in body
            if status == 500 and not crashes and not ordered:
                found.faults.append(f"{number} is answered with HTTP 500: {attempt}")
            if attempt.path == "/v1/job/submit" and b'"jobId"' in body:
                job_ids = [*job_ids[-20:], str(json.loads(body)["jobId"])]
            if number % 50 == 49:
                _look_after(found, http, number)
            if number % 2000 == 1999:
                if http.post("/_flowkit/reset", json={}).status_code != 200:
                    found.faults.append(f"{number}: reset fails")
                _stock(state)
                job_ids.clear()
        state.settle()
        with state.lock:
            wanted = {job.content for job in state.jobs.store.live()}
        if left := [path.name for path in state.store.spool.iterdir() if str(path) not in wanted]:
            found.faults.append(f"{len(left)} files of uploads are left behind")
        state.close()
        state = ServerState(settings)
    finally:
        state.close()
    seen = ", ".join(f"{status}: {number}" for status, number in sorted(statuses.items()))
    found.detail = f"longest {longest:.2f} s; {seen}"


def _look_after(found: Finding, http: Any, number: int) -> None:
    """Note a server that no longer does what it should for a client that is right."""
    status = http.get("/_flowkit").status_code
    if status != 200:
        found.faults.append(f"after {number}: GET /_flowkit is answered with {status}")
    # Failures that were ordered are used up, and none of the server's own.
    for _ in range(20):
        answer = http.post("/v1/version/get", json={"module": "FATE"})
        if b"injected failure" not in answer.data:
            break
        http.application.extensions["flowkit-mock"].faults.clear()
    if answer.json != {"data": {"FATE": "1.6.1"}, "retcode": 0, "retmsg": "success"}:
        found.faults.append(f"after {number}: {answer.status_code} {answer.data[:200]!r}")


def _stock(state: ServerState) -> None:
    with state.lock:
        for name, header in (("guest", "y,x0"), ("host", "x1,x2")):
            rows = [(str(i), f"{i % 2},{i / 10}") for i in range(20)]
            schema = {"header": header, "sid": "id"}
            state.tables.put(TableData("text", schema, rows), "shop", name)
        state.commit()
