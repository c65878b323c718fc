"""A server that is killed at any moment: what it acknowledged is there when it starts again."""

from __future__ import annotations

import contextlib
import http.client
import random
import tempfile
import threading
from pathlib import Path

from tests.hostile.finding import Finding
from tests.hostile.served import ask, served, upload

__all__ = ["attack"]


def attack(seed: int, count: int) -> Finding:
    """Kill a server `count` times while clients upload tables and add tags to it."""
    found = Finding("kill -9", count)
    chance = random.Random(seed)
    tables: dict[str, int] = {}
    tags: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            with served("--data", folder, log=Path(folder, "log")) as (process, port):
                _look_after(found, port, tables, tags, number)
                timer = threading.Timer(chance.uniform(0.01, 0.5), process.kill)
                timer.start()
                with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                    _work(port, number, chance, tables, tags)
                timer.join()
                process.wait()
        with served("--data", folder, log=Path(folder, "log")) as (_, port):
            _look_after(found, port, tables, tags, count)
    found.detail = f"{len(tables)} tables and {len(tags)} tags were acknowledged"
    return found


def _work(
    port: int, number: int, chance: random.Random, tables: dict[str, int], tags: set[str]
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for step in range(1000):
        name = f"t{number}_{step}"
        rows = chance.choice([1, 10, 1000, 20_000])
        text = "id,x\n" + "".join(f"{i},{i}\n" for i in range(rows))
        if upload(connection, name, text.encode())["retcode"] == 0:
            tables[name] = rows
        tag = f"tag{number}_{step}"
        if ask(connection, "/v1/model/tag/create", {"tag_name": tag})["retmsg"] == "success":
            tags.add(tag)


def _look_after(
    found: Finding, port: int, tables: dict[str, int], tags: set[str], number: int
) -> None:
    """Note what was acknowledged and is not there; each is looked for once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for name in list(tables)[-20:]:
        body = {"namespace": "kept", "table_name": name}
        data = ask(connection, "/v1/table/table_info", body)["data"]
        if data["count"] != tables[name]:
            found.faults.append(f"after kill {number}: {name} has {data['count']} rows")
    for tag in sorted(tags)[-20:]:
        answer = ask(connection, "/v1/model/tag/retrieve", {"tag_name": tag})
        if not (answer.get("data") or {}).get("tags"):
            found.faults.append(f"after kill {number}: {tag} is gone")
    connection.close()
