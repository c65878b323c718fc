"""The tables of a job: what its components take and put out (`job/data/view/query`, `table/list`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from flowkit_mockserver.jobs.queries import build_predicate, select_filters

if TYPE_CHECKING:
    from flowkit_mockserver.computing.outputs import OutputTable
    from flowkit_mockserver.data.tables import Tables
    from flowkit_mockserver.dialects import Dialect
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.jobs.job import Job
    from flowkit_mockserver.jobs.store import JobStore
    from flowkit_mockserver.jobs.tracker import Output, Tracker
    from flowkit_mockserver.party import Party

__all__ = ["RECORD_COLUMNS", "component_tables", "models_so_far", "output_records"]

Address = dict[str, Any]
Addresses = dict[str, Address]


@dataclass(slots=True)
class _Record:
    job: Job
    component: str
    party: Party
    output: Output
    table: OutputTable


RECORD_COLUMNS: Mapping[str, Callable[[_Record], Any]] = {
    "f_component_name": lambda record: record.component,
    "f_create_date": lambda record: None,
    "f_create_time": lambda record: record.output["time"],
    "f_data_name": lambda record: record.table["data_name"],
    "f_description": lambda record: "",
    "f_job_id": lambda record: record.job.job_id,
    "f_party_id": lambda record: record.party.party_id,
    "f_role": lambda record: record.party.role,
    "f_table_name": lambda record: record.table["name"],
    "f_table_namespace": lambda record: record.table["namespace"],
    "f_task_id": lambda record: record.job.task_id(record.component),
    "f_task_version": lambda record: record.output["task_version"],
    "f_update_date": lambda record: None,
    "f_update_time": lambda record: None,
}


def output_records(
    job: Job,
    tracker: Tracker,
    filters: Mapping[str, Any],
    now: int,
    dialect: Dialect | None = None,
) -> list[dict[str, Any]]:
    """Return the records of a job's output tables that match, one for each table name of a task.

    Of the records of several parties only the first shows, or one of a later version, as on the real server.
    """
    wanted = select_filters(RECORD_COLUMNS, filters)
    lists = [value for value in wanted.values() if isinstance(value, list)]
    if dialect is not None and dialect.reworked and any(len(values) > 1 for values in lists):
        # A list is compared, not looked through.
        return []
    meets = build_predicate(RECORD_COLUMNS, wanted, ranges=())
    shown: dict[tuple[str, str], _Record] = {}
    for record in _records(job, tracker, now):
        if meets(record):
            key = (record.component, record.table["data_name"])
            known = shown.get(key)
            if known is None or record.output["task_version"] > known.output["task_version"]:
                shown[key] = record
    return [
        {name: column(record) for name, column in RECORD_COLUMNS.items()}
        | (_dates(record, dialect) if dialect is not None and dialect.reworked else {})
        for record in shown.values()
    ]


def _dates(record: _Record, dialect: Dialect) -> dict[str, Any]:
    """Return the dates of a record, which the first lines leave empty."""
    moment = record.output["time"]
    date = dialect.format_date(moment)
    return {"f_create_date": date, "f_update_date": date, "f_update_time": moment}


def _records(job: Job, tracker: Tracker, now: int) -> Iterator[_Record]:
    names = list(dict.fromkeys(attempt.component for attempt in job.attempts))
    for component, party, output, table in tracker.records(job.job_id, names):
        if output["time"] <= now:
            yield _Record(job, component, party, output, table)


class Tracked(Protocol):
    """Jobs whose outputs are noted, as all of a server or those of one party."""

    tracker: Tracker

    def now(self) -> int:
        """Return the present moment in milliseconds since the epoch."""


def models_so_far(
    store: JobStore, jobs: Tracked, plan: Plan
) -> dict[str, dict[Party, dict[str, Any]]]:
    """Return the models of a job that runs, or was canceled: component → party → the document of the model.

    Those of any other job are where models are.

    Args:
        store: the jobs.
        jobs: what their components put out, and the moment.
        plan: the job's.
    """
    job, moment = store.get(plan.job_id), jobs.now()
    if job is None or (job.closed and job.canceled_at is None):
        return {}
    return {
        component: {
            party: output["model"]
            for party, output in jobs.tracker.of_component(plan.job_id, component).items()
            if output["model"] and output["time"] <= moment
        }
        for component in plan.graph.declared
    }


def component_tables(
    plan: Plan, party: Party, tracker: Tracker, tables: Tables
) -> dict[str, dict[str, Any]]:
    """Return, by component, the tables it takes and puts out on one party.

    A Reader's input is what its parameters say; any other component's goes by reference, as far
    as the table exists.

    Args:
        plan: the job's.
        party: the party.
        tracker: the outputs of components.
        tables: the tables of the server.
    """
    outputs = {
        component: _output_tables(tracker.get(plan.job_id, component, party))
        for component in plan.graph.order
    }
    return {
        component: {"input": _input(plan, component, party, outputs, tables), "output": addresses}
        for component, addresses in outputs.items()
    }


def _output_tables(output: Output | None) -> Addresses:
    return {
        table["data_name"]: {"name": table["name"], "namespace": table["namespace"]}
        for table in (output["tables"] if output else ())
    }


def _input(
    plan: Plan,
    component: str,
    party: Party,
    outputs: Mapping[str, Addresses],
    tables: Tables,
) -> dict[str, Any]:
    if "reader" in plan.graph.module(component).lower():
        # The real server shows what the first party of the role reads, whichever is asked for.
        of_role = plan.parameters[component].get(party.role, {})
        stored = next(iter(of_role.values()), {})
        if plan.dialect.own_project:
            return {"table": stored.get("ComponentParam", {}).get("table")}
        read: dict[str, Any] = stored.get("ReaderParam", {})
        return read
    found: dict[str, Any] = {}
    for references in plan.graph.inputs(component).values():
        for reference in references:
            source, _, name = reference.partition(".")
            address = outputs.get(source, {}).get(name)
            if source == "args":
                address = _argument(plan, name, party)
            if address is not None and (address["namespace"], address["name"]) in tables:
                found[reference] = address
    return found


def _argument(plan: Plan, name: str, party: Party) -> Address | None:
    """Return the table that a conf of version 1 gives a party under `name`."""
    parties = [str(party_id) for party_id in plan.roles.get(party.role, ())]
    given = plan.sources.get(party.role, [])
    index = parties.index(party.party_id) if party.party_id in parties else len(given)
    address = given[index].get(name) if index < len(given) else None
    if not isinstance(address, Mapping):
        return None
    return {"name": address.get("name"), "namespace": address.get("namespace")}
