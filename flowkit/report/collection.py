"""Asking a server for all that a report shows of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowkit.errors import OperationError
from flowkit.jobs.overview import JobOverview, look_at_job

if TYPE_CHECKING:
    from flowkit.call.model import Session
    from flowkit.client import FlowClient

__all__ = ["ComponentAnswers", "JobAnswers", "ask_job"]


@dataclass(slots=True)
class ComponentAnswers:
    """What one party's server says of a component; what it does not say is empty.

    Attributes:
        name: the component.
        role: role of the party.
        party_id: the party.
        module: kind of the component.
        metrics: data of ``component.metric_all``.
        model: data of ``component.output_model``.
        summary: data of ``component.get_summary``.
        parameters: data of ``component.parameters``.
        missing: what the server refused, and with what words.
    """

    name: str
    role: str
    party_id: str
    module: str
    metrics: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def party(self) -> str:
        """Role and party, ``guest/9999``."""
        return f"{self.role}/{self.party_id}"


@dataclass(frozen=True, slots=True)
class JobAnswers:
    """A job and what its components found.

    Attributes:
        overview: how it stands.
        components: in the order of its graph, the initiator's first, of each party that the server plays.
        failure: component, party and reason of a job that failed; empty else.
    """

    overview: JobOverview
    components: tuple[ComponentAnswers, ...]
    failure: str = ""


def ask_job(client: FlowClient, job_id: str) -> JobAnswers:
    """Ask for everything that a report shows: two requests, and four for each component and party of this server.

    What a server refuses to tell of a component is noted; any other trouble ends it.

    Raises:
        ArgumentError: the server does not know the job.
        FlowError: see `flowkit.errors`.
    """
    strict = client.with_options(on_error="raise")
    overview = look_at_job(strict, job_id)
    own = {row.party: (row.role, row.party_id) for row in strict.job.query(job_id=job_id).rows}
    order = sorted(own, key=lambda party: party != overview.initiator)
    found = []
    for node in overview.dag.nodes:
        for party in order:
            if node.statuses.get(party) == "success":
                role, party_id = own[party]
                answers = ComponentAnswers(node.name, role, party_id, node.module)
                _fill(strict, job_id, answers)
                found.append(answers)
    return JobAnswers(overview, tuple(found), _failure(strict, overview))


def _fill(client: FlowClient, job_id: str, answers: ComponentAnswers) -> None:
    ask = {
        "metrics": client.component.metric_all,
        "model": client.component.output_model,
        "summary": client.component.get_summary,
        "parameters": client.component.parameters,
    }
    for name, operation in ask.items():
        try:
            data: Any = operation(job_id, answers.role, answers.party_id, answers.name).data
        except OperationError as error:
            answers.missing[name] = error.message
            continue
        setattr(answers, name, data if isinstance(data, Mapping) else {})


def _failure(client: Session, overview: JobOverview) -> str:
    if overview.status in {"success", "running", "waiting"}:
        return ""
    from flowkit.jobs.diagnosis import find_failure  # reads archives; rarely needed

    found = find_failure(client, overview.job_id)
    where = f"{found.component} on {found.party}: " if found.component else ""
    return f"{where}{found.reason or overview.status}"
