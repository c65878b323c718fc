"""A job at a glance: its status, its graph, and how far each party is with each component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowkit.display.graphs import dag_svg
from flowkit.display.markup import element
from flowkit.display.text import dag_lines, duration, symbol
from flowkit.errors import ArgumentError, ServerError
from flowkit.jobs.rows import fetch_rows, has_ended, initiator_row
from flowkit.results.dag import Dag, read_dag
from flowkit.rows import Row

if TYPE_CHECKING:
    from flowkit.call.model import Session

__all__ = ["JobOverview", "look_at_job"]


@dataclass(frozen=True, slots=True, repr=False)
class JobOverview:
    """A job as it stands.

    Attributes:
        job_id: the job.
        status: status of the initiator's row; a job about to be rerun is ``waiting``.
        progress: per cent.
        elapsed: milliseconds; None before it has ended.
        initiator: the party that submitted it, ``guest/9999``.
        parties: all of them, role by role.
        dag: its components with the status of each party.
        row: the initiator's row.
    """

    job_id: str
    status: str
    progress: int
    elapsed: int | None
    initiator: str
    parties: tuple[str, ...]
    dag: Dag
    row: Row

    def __repr__(self) -> str:
        return f"<JobOverview {self.job_id}: {self.status} ({self.progress} %)>"

    def __str__(self) -> str:
        """Return its status, and a line for each component."""
        return "\n".join([self._headline, *(f"  {line}" for line in dag_lines(self.dag))])

    def _repr_html_(self) -> str:
        """Return its status and its graph, as a notebook shows them."""
        return element("div", element("p", element("strong", self._headline)), dag_svg(self.dag))

    @property
    def _headline(self) -> str:
        took = "" if self.elapsed is None else f", {duration(self.elapsed)}"
        return f"Job {self.job_id}: {symbol(self.status)} {self.status} ({self.progress} %{took})"

    @property
    def ended(self) -> bool:
        """True when it will not go on by itself."""
        return has_ended(self.row)


def look_at_job(client: Session, job_id: str) -> JobOverview:
    """Return how a job stands, by two requests.

    Raises:
        ArgumentError: the server does not know the job.
        FlowError: see `flowkit.errors`.
    """
    fresh = client.with_options(cache=False)
    rows = fetch_rows(fresh, "job.query", {"job_id": job_id})
    if not rows:
        raise ArgumentError(
            f"{client.address.origin} knows no job {job_id}", argument="job_id", value=job_id
        )
    row = Row(initiator_row(rows))
    tasks = fetch_rows(fresh, "task.query", {"job_id": job_id})
    rerun = not has_ended(row) and row.get("f_rerun_signal") is True
    elapsed = row.get("f_elapsed")
    try:
        progress = row.progress
    except ValueError as error:
        raise ServerError(f"job.query: {error}", status=200) from error
    return JobOverview(
        job_id,
        "waiting" if rerun else row.status,
        progress,
        elapsed if isinstance(elapsed, int) else None,
        row.party,
        _parties(row),
        job_dag(row, tasks),
        row,
    )


def job_dag(row: Mapping[str, Any], tasks: list[dict[str, Any]]) -> Dag:
    """Return the graph in a job's row; without a DSL there, its tasks without edges."""
    dsl = row.get("f_dsl")
    if not isinstance(dsl, Mapping) or not dsl.get("components"):
        names = dict.fromkeys(str(task.get("f_component_name") or "") for task in tasks)
        dsl = {"components": {name: {} for name in names if name}}
    return read_dag(dsl, tasks) if dsl["components"] else Dag((), ())


def _parties(row: Row) -> tuple[str, ...]:
    roles = row.get("f_roles")
    if not isinstance(roles, Mapping):
        return (row.party,)
    listed = {role: ids if isinstance(ids, list) else [ids] for role, ids in roles.items()}
    return tuple(f"{role}/{party}" for role, ids in listed.items() for party in ids)
