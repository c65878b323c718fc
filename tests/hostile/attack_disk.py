"""A disk that fills up: a request that cannot be kept is refused, and memory and disk stay the same."""

from __future__ import annotations

import io
import logging
import random
import tempfile
from pathlib import Path
from typing import Any

from flowkit_mockserver import ServerState, Settings, create_app
from tests.hostile.finding import Finding

__all__ = ["attack"]


def attack(seed: int, count: int) -> Finding:
    """Let the database be full at a random size, `count` times; compare what is told with what is kept."""
    found = Finding("full disk", count)
    chance = random.Random(seed)
    refused = 0
    logging.getLogger("flowkit_mockserver").setLevel(logging.CRITICAL)
    try:
        for number in range(count):
            with tempfile.TemporaryDirectory() as folder:
                refused += _once(found, chance, Path(folder), number)
    finally:
        logging.getLogger("flowkit_mockserver").setLevel(logging.NOTSET)
    found.detail = f"{refused} requests were refused"
    return found


def _once(found: Finding, chance: random.Random, folder: Path, number: int) -> int:
    state = ServerState(Settings(data=folder))
    http = create_app(state).test_client()
    pages = state.store._db.read("PRAGMA page_count")[0][0]
    state.store._db.read(f"PRAGMA max_page_count = {pages + chance.randrange(40)}")
    acknowledged: dict[str, int] = {}
    refused = 0
    for step in range(chance.randrange(5, 30)):
        name, rows = f"t{step}", chance.choice([1, 100, 5000])
        answer = _upload(http, name, rows)
        if answer["retcode"] == 0 and _count(http, name) == rows:
            acknowledged[name] = rows
        elif answer["retcode"] != 0:
            refused += 1
    before = {name: _count(http, name) for name in acknowledged}
    if http.post("/v1/version/get", json={}).status_code != 200:
        found.faults.append(f"{number}: the server is bricked")
    state.close()
    state = ServerState(Settings(data=folder))
    http = create_app(state).test_client()
    after = {name: _count(http, name) for name in acknowledged}
    if not before == after == acknowledged:
        found.faults.append(f"{number}: told {acknowledged}, had {before}, kept {after}")
    if http.post("/_flowkit/reset", json={}).status_code != 200:
        found.faults.append(f"{number}: reset fails")
    state.close()
    return refused


def _upload(http: Any, name: str, rows: int) -> dict[str, Any]:
    text = "id,x\n" + "".join(f"{i},{i * 7919 % 104729}\n" for i in range(rows))
    query = f"namespace=n&table_name={name}&head=1&partition=4&work_mode=0&drop=1"
    data = {"file": (io.BytesIO(text.encode()), "a.csv")}
    answer: dict[str, Any] = http.post(f"/v1/data/upload?{query}", data=data).json
    return answer


def _count(http: Any, name: str) -> int:
    data = http.post("/v1/table/table_info", json={"namespace": "n", "table_name": name}).json
    return int((data.get("data") or {}).get("count") or 0)
