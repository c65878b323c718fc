"""The page of a component on one party: parameters, metrics, summary, model, output rows, log."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Response, abort, make_response, request

from flowkit import FlowClient, OperationError, Reply
from flowkit.jobs.diagnosis import Failure
from flowkit.jobs.rows import ENDED
from flowkit.rows import Row
from flowkit_mockserver.board.blueprint import argument, board, render, viewed_party
from flowkit_mockserver.board.figures.blocks import Block
from flowkit_mockserver.board.figures.metrics import metric_blocks
from flowkit_mockserver.board.figures.models import model_blocks, summary_blocks
from flowkit_mockserver.board.outputs import ROWS_A_PAGE, read_rows
from flowkit_mockserver.board.pages import find_job
from flowkit_mockserver.board.reading import Job, PartyKey, read_failure, read_tasks
from flowkit_mockserver.board.source import Part, attempt, current_client, current_source

__all__ = ["ComponentView", "component", "log", "read_component", "rows"]

LOG_LINES = 400
MOST_FILES = 100
#: Servers say by these codes that there is nothing of the kind.
NOTHING = (100, 101, 210, 404)
Blocks = Callable[[Mapping[str, Any]], list[Block]]
Operation = Callable[[str, str, str, str], Reply[dict[str, Any]]]
LEVEL = re.compile(r"\[(DEBUG|INFO|WARNING|ERROR|CRITICAL)\]")


@dataclass(frozen=True, slots=True)
class ComponentView:
    """What a party knows of a component; each part says by itself what it lacks.

    Attributes:
        module: its kind.
        parameters: those that it runs with.
        metrics: blocks of what it measured.
        summary: what it says of its result.
        model: its model.
        model_blocks: blocks of it.
    """

    module: str
    parameters: Part[Mapping[str, Any]]
    metrics: Part[list[Block]]
    summary: Part[Mapping[str, Any]]
    summary_blocks: Part[list[Block]]
    model: Part[Mapping[str, Any]]
    model_blocks: Part[list[Block]]


def read_component(client: FlowClient, job: Job, party: PartyKey, name: str) -> ComponentView:
    """Return what a party knows of a component."""
    where = (job.job_id, party.role, party.party_id, name)
    parameters = attempt(_data, client.component.parameters, where)
    metrics = attempt(_data, client.component.metric_all, where)
    summary = attempt(_or_nothing, client.component.get_summary, where)
    model = attempt(_or_nothing, client.component.output_model, where)
    modules = {node.name: node.module for node in job.dag.nodes}
    return ComponentView(
        module=modules.get(name) or str((parameters.value or {}).get("module") or ""),
        parameters=Part(_plain(parameters.value), parameters.problem),
        metrics=_then(metrics, metric_blocks),
        summary=summary,
        summary_blocks=_then(summary, summary_blocks),
        model=model,
        model_blocks=_then(model, model_blocks),
    )


def _data(operation: Operation, where: tuple[str, str, str, str]) -> Mapping[str, Any]:
    return operation(*where).data or {}


def _or_nothing(operation: Operation, where: tuple[str, str, str, str]) -> Mapping[str, Any]:
    """Return the data of an answer; an empty mapping where the component has none."""
    try:
        return _data(operation, where)
    except OperationError as error:
        if error.retcode in NOTHING:
            return {}
        raise


def _then(part: Part[Mapping[str, Any]], blocks: Blocks) -> Part[list[Block]]:
    return Part([], part.problem) if part.problem else attempt(blocks, part.value or {})


def _plain(parameters: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the parameters themselves: servers put them below the name of their class."""
    given = {name: value for name, value in (parameters or {}).items() if name != "module"}
    inner = list(given.values())
    return inner[0] if len(inner) == 1 and isinstance(inner[0], Mapping) else given


@board.get("/component")
def component() -> str:
    """One component of a job on one of its parties."""
    client, job = current_client(), find_job()
    party, name = viewed_party(job), argument("component")
    tasks = attempt(read_tasks, client, job).value or {}
    if name not in tasks and name not in {node.name for node in job.dag.nodes}:
        abort(404, f"job {job.job_id} has no component {name}")
    task = tasks.get(name, {}).get(party)
    failure = read_failure(client, job)
    first = _first_row()
    return render(
        "component.html",
        job=job,
        party=party,
        name=name,
        task=task,
        view=read_component(client, job, party, name),
        outputs=attempt(read_rows, client, job, party, name, first),
        others=[one for one in job.parties if one != party and one in tasks.get(name, {})],
        page_size=ROWS_A_PAGE,
        failure=failure if failure is not None and _is_here(failure, name, party) else None,
        live=_goes_on(job, task),
    )


@board.get("/component/live")
def component_live() -> Response:
    """How the component stands, as long as it goes on; once it has ended, the page is loaded anew."""
    job = find_job()
    party, name = viewed_party(job), argument("component")
    tasks = attempt(read_tasks, current_client(), job).value or {}
    task = tasks.get(name, {}).get(party)
    live = _goes_on(job, task)
    html = render("component_live.html", job=job, party=party, name=name, task=task, live=live)
    return make_response(html, {} if live else {"HX-Refresh": "true"})


def _goes_on(job: Job, task: Row | None) -> bool:
    """Return whether more is to be expected of a component on a party."""
    status = "" if task is None else task.get("f_party_status") or task.status
    return current_source().live and not job.ended and status not in ENDED


def _is_here(failure: Failure, name: str, party: PartyKey) -> bool:
    return failure.component == name and failure.party == f"{party.role}/{party.party_id}"


@board.get("/component/rows")
def rows() -> str:
    """One page of a component's output."""
    client, job = current_client(), find_job()
    party, name = viewed_party(job), argument("component")
    first = _first_row()
    outputs = attempt(read_rows, client, job, party, name, first)
    return render(
        "rows.html", job=job, party=party, name=name, outputs=outputs, page_size=ROWS_A_PAGE
    )


def _first_row() -> int:
    return max(request.args.get("first", 1, type=int), 1)


@board.get("/component/log")
def log() -> str:
    """The log of a component on one party: its last lines."""
    client, job = current_client(), find_job()
    party, name = viewed_party(job), argument("component")
    files = attempt(_read_logs, client, job, party, name)
    names = sorted(files.value or {}, key=lambda one: (one != "INFO.log", one != "ERROR.log", one))
    chosen = argument("file", "") or next(iter(names), "")
    lines = (files.value or {}).get(chosen, [])
    marked = [
        ((match[1].lower() if (match := LEVEL.search(line[:200])) else ""), line)
        for line in lines[-LOG_LINES:]
    ]
    return render(
        "log.html",
        job=job,
        party=party,
        name=name,
        problem=files.problem,
        names=names,
        chosen=chosen,
        lines=marked,
        total=len(lines),
        fragment=bool(request.headers.get("HX-Request")),
    )


def _read_logs(client: FlowClient, job: Job, party: PartyKey, name: str) -> dict[str, list[str]]:
    """Return the lines of each log of a component, by the name of its file."""
    with TemporaryDirectory(prefix="flowkit-board-") as folder:
        try:
            home = Path(client.job.log(job.job_id, folder)["directory"])
        except OperationError as error:
            if error.retcode in NOTHING:
                return {}
            raise
        # Names may lead anywhere; only folders that the archive has are looked into.
        for step in (party.role, party.party_id, name):
            inside = {path.name: path for path in home.iterdir() if path.is_dir()}
            if step not in inside:
                return {}
            home = inside[step]
        return {
            path.name: path.read_text("utf-8", "replace").splitlines()
            for path in islice(sorted(home.iterdir()), MOST_FILES)
            if path.is_file() and path.stat().st_size
        }
