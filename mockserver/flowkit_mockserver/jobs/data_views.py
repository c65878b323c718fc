"""The tables of a job: those that components took and put out, as `job/data/view/query` and `table/list` show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowkit_mockserver.dsl.plan import Plan
from flowkit_mockserver.jobs.filters import predicate, usable
from flowkit_mockserver.jobs.job import Job, party_key, split_party
from flowkit_mockserver.jobs.tracker import Output, Outputs

__all__ = ["RECORD_COLUMNS", "component_tables", "output_records"]


@dataclass(slots=True)
class _Record:
    job: Job
    component: str
    party: str
    output: Output
    table: Mapping[str, str]


RECORD_COLUMNS: Mapping[str, Callable[[_Record], Any]] = {
    "f_component_name": lambda record: record.component,
    "f_create_date": lambda record: None,
    "f_create_time": lambda record: record.output["time"],
    "f_data_name": lambda record: record.table["data_name"],
    "f_description": lambda record: "",
    "f_job_id": lambda record: record.job.job_id,
    "f_party_id": lambda record: split_party(record.party)[1],
    "f_role": lambda record: split_party(record.party)[0],
    "f_table_name": lambda record: record.table["name"],
    "f_table_namespace": lambda record: record.table["namespace"],
    "f_task_id": lambda record: record.job.task_id(record.component),
    "f_task_version": lambda record: record.output["task_version"],
    "f_update_date": lambda record: None,
    "f_update_time": lambda record: None,
}


def output_records(
    job: Job, outputs: Outputs, filters: Mapping[str, Any], now: int
) -> list[dict[str, Any]]:
    """Return the records of a job's output tables that match, one for each table name of a task.

    Of the records of several parties only the first shows, or one of a later version: the server's own fault.
    """
    meets = predicate(RECORD_COLUMNS, usable(RECORD_COLUMNS, filters), ranges=False)
    shown: dict[tuple[str, str], _Record] = {}
    for record in _records(job, outputs, now):
        if meets(record):
            key = (record.component, record.table["data_name"])
            known = shown.get(key)
            if known is None or record.output["task_version"] > known.output["task_version"]:
                shown[key] = record
    return [
        {name: column(record) for name, column in RECORD_COLUMNS.items()}
        for record in shown.values()
    ]


def _records(job: Job, outputs: Outputs, now: int) -> Iterator[_Record]:
    names = list(dict.fromkeys(attempt.component for attempt in job.attempts))
    for component, party, output, table in outputs.records(job.job_id, names):
        if output["time"] <= now:
            yield _Record(job, component, party, output, table)


def component_tables(
    job: Job, plan: Plan, outputs: Outputs, role: str, party_id: str
) -> dict[str, Any]:
    """Return input and output tables of every component on a party, level by level of the graph."""
    party = party_key(role, party_id)
    found: dict[str, Any] = {}
    for level in plan.graph.levels:
        for component in level:
            output = outputs.get(job.job_id, component, party)
            tables = output["tables"] if output else ()
            found[component] = {
                "input": _input_tables(job, plan, outputs, component, role, party_id),
                "output": {
                    table["data_name"]: {"name": table["name"], "namespace": table["namespace"]}
                    for table in tables
                },
            }
    return found


def _input_tables(
    job: Job, plan: Plan, outputs: Outputs, component: str, role: str, party_id: str
) -> Any:
    if "reader" in plan.graph.module(component).lower():
        stored = next(iter(plan.parameters[component][role].values()))
        return stored["ReaderParam"]
    found: dict[str, Any] = {}
    for references in plan.graph.inputs(component).values():
        for reference in references:
            source, _, alias = reference.partition(".")
            output = outputs.get(job.job_id, source, party_key(role, party_id))
            for table in output["tables"] if output else ():
                if table["data_name"] == alias:
                    found[reference] = {"namespace": table["namespace"], "name": table["name"]}
    return found
