"""The pages of jobs: the list, and one job with its graph. Both go on by themselves while something runs."""

from __future__ import annotations

from typing import Any

from flask import abort, request

from flowkit_mockserver.board.blueprint import argument, board, page_number, render, viewed_party
from flowkit_mockserver.board.figures.graph import draw
from flowkit_mockserver.board.reading import (
    ROLES,
    STATUSES,
    Filters,
    Job,
    PartyKey,
    known_jobs,
    list_jobs,
    read_failure,
    read_job,
    read_tasks,
)
from flowkit_mockserver.board.source import attempt, current_client, current_source

__all__ = ["find_job", "job", "job_live", "jobs", "jobs_live", "link"]


@board.get("/")
def jobs() -> str:
    """The list of jobs."""
    return render("jobs.html", roles=ROLES, statuses=STATUSES, **_jobs())


@board.get("/jobs/live")
def jobs_live() -> str:
    """The table of the list, as it is now."""
    return render("jobs_live.html", **_jobs())


def _jobs() -> dict[str, Any]:
    filters, source = filters_of_query(), current_source()
    if source.kind == "cassette":
        found = known_jobs(source.client, source.jobs, filters, page_number())
    else:
        found = list_jobs(source.client, filters, page_number())
    running = [job for job in found.jobs if not job.ended]
    query = {name: value for name, value in request.args.items() if value and name != "page"}
    return {"found": found, "filters": filters, "running": running, "query": query}


def filters_of_query() -> Filters:
    """Return which jobs the query wants."""
    return Filters(*(argument(name, "").strip() for name in ("text", "status", "role", "party_id")))


@board.get("/job")
def job() -> str:
    """One job, as one of its parties sees it."""
    return render("job.html", **_job())


@board.get("/job/live")
def job_live() -> str:
    """What changes of that page while a job runs."""
    return render("job_live.html", fragment=True, **_job())


def _job() -> dict[str, Any]:
    client, found = current_client(), find_job()
    read = attempt(read_tasks, client, found)
    tasks = read.value or {}
    party = viewed_party(found)
    modules = {node.name: node.module for node in found.dag.nodes}
    modules |= {name: "" for name in tasks if name not in modules}
    failure = read_failure(client, found)
    return {
        "job": found,
        "party": party,
        "tasks": tasks,
        "problem": read.problem,
        "modules": modules,
        "drawing": draw(found.dag),
        "statuses": {name: _status(tasks.get(name, {}), party) for name in modules},
        "failure": failure,
        "failed_at": party_of_name(failure.party if failure else None),
        "live": current_source().live and not found.ended,
    }


def party_of_name(name: str | None) -> PartyKey | None:
    """Return the party of a name such as ``guest/9999``."""
    role, slash, party_id = (name or "").partition("/")
    return PartyKey(role, party_id) if slash else None


def _status(tasks: Any, party: PartyKey) -> str:
    """Return how a component stands on a party; empty where the party has no part in it."""
    row = tasks.get(party)
    return "" if row is None else str(row.get("f_party_status") or row.status)


def find_job(name: str = "job_id") -> Job:
    """Return the job that the query names; the page is refused when there is none."""
    job_id = argument(name)
    found = read_job(current_client(), job_id)
    if found is None:
        abort(404, f"there is no job {job_id}")
    return found


@board.app_template_global("link")
def link(job: Job, party: PartyKey | None = None, component: str = "") -> dict[str, str]:
    """Return the part of an address that names a job, a party's view of it and one of its components."""
    shown = {"job_id": job.job_id}
    if party is not None:
        shown |= {"role": party.role, "party_id": party.party_id}
    return shown | ({"component": component} if component else {})
