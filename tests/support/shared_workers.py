"""Workers on one database in this process, and short words for what tests do with them."""

from __future__ import annotations

import io
from typing import Any

from flowkit.clock import ManualClock
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from jobbing import START, Bench

__all__ = ["count", "status", "upload", "worker"]


def worker(url: str, clock: ManualClock | None = None, **settings: Any) -> Bench:
    """Return a worker on a database; the clock is the machine's own by default."""
    state = ServerState(Settings(database=url, **settings), clock=clock)
    return Bench(state, clock or ManualClock(START))


def upload(mock: Bench, name: str, rows: int = 20, drop: int = 1) -> dict[str, Any]:
    """Upload a table of `shop` and return the answer."""
    text = "id,y,x\n" + "".join(f"{i},{i % 2},{i * 0.5}\n" for i in range(rows))
    query = f"namespace=shop&table_name={name}&head=1&partition=4&work_mode=0&drop={drop}"
    data = {"file": (io.BytesIO(text.encode()), "a.csv")}
    answer = mock.http.post(f"/v1/data/upload?{query}", data=data).json
    assert isinstance(answer, dict)
    return answer


def count(mock: Bench, name: str) -> Any:
    """Return how many rows a table of `shop` has."""
    return mock.ask("table/table_info", namespace="shop", table_name=name)["data"]["count"]


def status(mock: Bench, job_id: str) -> str:
    """Return the status of a job."""
    found: str = mock.ask("job/query", job_id=job_id)["data"][0]["f_status"]
    return found
