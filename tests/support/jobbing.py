"""A mock whose time stands still until a test moves it, and jobs to run on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient

from flowkit.clock import ManualClock
from flowkit_mockserver.app import create_app
from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState

START = 1_600_000_000.0
PACE = 10.0
READ: dict[str, Any] = {"module": "Reader", "output": {"data": ["rows"]}}
DSL: dict[str, Any] = {
    "components": {
        "reader_0": READ,
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


def conf(**common: Any) -> dict[str, Any]:
    """Return a runtime conf for `DSL`, with further job parameters."""
    return {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 7001},
        "role": {"guest": [7001], "host": [7002]},
        "job_parameters": {"common": {"work_mode": 0, **common}},
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


class Bench:
    """A server, its clock, and short words for what tests do with them."""

    def __init__(self, state: ServerState, clock: ManualClock) -> None:
        self.state = state
        self.clock = clock
        self.http: FlaskClient = create_app(state).test_client()

    def ask(self, path: str, **body: Any) -> dict[str, Any]:
        """Post a JSON object and return the answer."""
        answer = self.http.post(f"/v1/{path}", json=body).json
        assert isinstance(answer, dict)
        return answer

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    def submit(self, dsl: Any = None, runtime_conf: Any = None, **common: Any) -> str:
        """Submit a job and return its id."""
        answer = self.ask(
            "job/submit", job_dsl=dsl or DSL, job_runtime_conf=runtime_conf or conf(**common)
        )
        assert answer["retcode"] == 0, answer
        return str(answer["jobId"])

    def rows(self, **filters: Any) -> list[dict[str, Any]]:
        """Return job rows."""
        found: list[dict[str, Any]] = self.ask("job/query", **filters)["data"]
        return found

    def row(self, job_id: str) -> dict[str, Any]:
        """Return the row of the guest."""
        return self.rows(job_id=job_id, role="guest")[0]

    def status(self, job_id: str) -> str:
        """Return the status that all rows of a job agree on."""
        (status,) = {row["f_status"] for row in self.rows(job_id=job_id)}
        return str(status)

    def tasks(self, job_id: str, **filters: Any) -> dict[tuple[str, str], tuple[str, str]]:
        """Return f_status and f_party_status by component and role."""
        rows = self.ask("job/task/query", job_id=job_id, **filters)["data"]
        return {
            (row["f_component_name"], row["f_role"]): (row["f_status"], row["f_party_status"])
            for row in rows
        }

    def finish(self, job_id: str) -> str:
        """Let a job come to its end and return its status."""
        self.pass_time(100 * PACE)
        return self.status(job_id)


@contextmanager
def bench(**settings: Any) -> Iterator[Bench]:
    """Make a bench with two small tables; its tasks take `PACE` seconds unless `settings` say otherwise."""
    clock = ManualClock(START)
    state = ServerState(Settings(**{"pace": PACE, **settings}), clock=clock)
    try:
        stock(state)
        yield Bench(state, clock)
    finally:
        state.close()


def stock(state: ServerState) -> None:
    """Put the tables of guest and host into a server."""
    guest = [(str(i), f"{i % 2},{i / 10}") for i in range(20)]
    host = [(str(i), f"{i / 7:.3f}") for i in range(5, 25)]
    with state.lock:
        for name, header, records in (("guest", "y,x0", guest), ("host", "x1", host)):
            schema = {"header": header, "sid": "id"}
            state.tables.put(TableData("text", schema, records), "shop", name)
        state.store.commit()
