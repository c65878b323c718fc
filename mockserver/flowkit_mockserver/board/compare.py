"""Two jobs side by side: what they are and scored, how their losses fell, where their configurations differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import request

from flowkit import FlowClient
from flowkit.results import LossCurve, Score, read_loss, read_scores
from flowkit_mockserver.board.blueprint import board, render
from flowkit_mockserver.board.figures.blocks import Chart, curve_chart
from flowkit_mockserver.board.reading import Job, read_job, read_tasks
from flowkit_mockserver.board.source import attempt, current_client

__all__ = ["compare", "differences", "flatten"]

Path = tuple[str, ...]
ABSENT = object()


@board.get("/compare")
def compare() -> str:
    """Two jobs side by side; a form to name them, as long as they are not two."""
    client = current_client()
    named = list(
        dict.fromkeys(one.strip() for one in request.args.getlist("job_id") if one.strip())
    )
    found = [attempt(read_job, client, job_id) for job_id in named[:2]]
    jobs = [part.value for part in found if part.value is not None]
    problems = [
        part.problem or f"there is no job {job_id}"
        for job_id, part in zip(named, found, strict=False)
        if part.value is None
    ]
    if len(named) > 2:
        problems.append(f"the first two of {len(named)} are compared")
    if len(jobs) < 2:
        return render("compare.html", jobs=[], named=named, problems=problems)
    measured = [_measured(client, job) for job in jobs]
    return render(
        "compare.html",
        jobs=jobs,
        named=named,
        problems=problems,
        scores=_scores([scores for scores, _ in measured]),
        losses=_losses([losses for _, losses in measured], jobs),
        differences=differences(_settings(jobs[0]), _settings(jobs[1])),
    )


def _measured(
    client: FlowClient, job: Job
) -> tuple[dict[tuple[str, str, str], float], dict[str, LossCurve]]:
    """Return the scores of a job by source, set and metric, and its losses by component."""
    scores: list[Score] = []
    losses: dict[str, LossCurve] = {}
    for name, tasks in (attempt(read_tasks, client, job).value or {}).items():
        for party in tasks:
            metrics = attempt(
                client.component.metric_all, job.job_id, party.role, party.party_id, name
            ).value
            scores += attempt(read_scores, metrics).value or ()
            for curve in attempt(read_loss, metrics).value or ():
                losses.setdefault(f"{name} ({curve.dataset})", curve)
    return {(one.source, one.dataset, one.metric): one.value for one in scores}, losses


def _scores(
    both: list[dict[tuple[str, str, str], float]],
) -> list[tuple[tuple[str, str, str], float | None, float | None]]:
    left, right = both
    return [(key, left.get(key), right.get(key)) for key in dict.fromkeys((*left, *right))]


def _losses(both: list[dict[str, LossCurve]], jobs: list[Job]) -> list[Chart]:
    charts = []
    for name in dict.fromkeys((*both[0], *both[1])):
        curves = {
            job.job_id: losses[name]
            for job, losses in zip(jobs, both, strict=True)
            if name in losses
        }
        charts.append(curve_chart(f"Loss of {name}", curves, steps=True))
    return charts


def _settings(job: Job) -> dict[Path, Any]:
    """Return what was ordered: the parameters of the components, and what the graph is made of."""
    parameters = job.conf.get("component_parameters", job.conf)
    return dict(flatten({"parameters": parameters, "graph": job.dsl.get("components", {})}))


def flatten(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the values in a document by their paths; an empty mapping is a value."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from flatten(inner, (*path, str(name)))
    else:
        yield path, value


def differences(left: Mapping[Path, Any], right: Mapping[Path, Any]) -> list[tuple[str, Any, Any]]:
    """Return path and both values where two documents differ; None stands for a value that is not there."""
    found: list[tuple[str, Any, Any]] = []
    for path in sorted({*left, *right}):
        one, other = left.get(path, ABSENT), right.get(path, ABSENT)
        if one != other:
            shown = (None if one is ABSENT else one, None if other is ABSENT else other)
            found.append((" / ".join(path), *shown))
    return found
