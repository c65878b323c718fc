"""What the components of jobs left behind: tables, metrics, summaries and models, by component and party."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NotRequired, TypedDict

from flowkit_mockserver.components.core.interface import PartyResult
from flowkit_mockserver.computing.caches import CACHE_NAMESPACE, CacheDocument
from flowkit_mockserver.computing.outputs import OutputTable
from flowkit_mockserver.jobs.creation import day_of
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import Store

__all__ = ["OUTPUT_NAMESPACE", "MetricDocument", "Output", "Tracker"]


#: How the namespaces of tables begin that components put out.
OUTPUT_NAMESPACE = "output_data_"


class MetricDocument(TypedDict):
    """A metric: its data, pairs of key and value, and its meta."""

    data: list[Any]
    meta: dict[str, Any]


class Output(TypedDict):
    """What one component left behind on one party.

    Attributes:
        task_version: the version of the task.
        time: when.
        tables: the tables.
        metrics: namespace → name → metric.
        summary: what the component says of its result, if anything.
        model: the document of its model, if there is one.
        warnings: what of it is not what FATE computes; absent in outputs of earlier versions.
        cache: the ids that it keeps for later; absent where it keeps none.
        checkpoints: iteration → the document of its model after it; absent where it saved none.
    """

    task_version: int
    time: int
    tables: list[OutputTable]
    metrics: dict[str, dict[str, MetricDocument]]
    summary: Any
    model: dict[str, Any] | None
    warnings: NotRequired[list[str]]
    cache: NotRequired[CacheDocument]
    checkpoints: NotRequired[dict[str, dict[str, Any]]]


class Tracker:
    """The outputs of all jobs.

    Args:
        store: where they are kept.
        here: whether the outputs of a job on a party are at this server; None: all are.
    """

    def __init__(self, store: Store, here: Callable[[str, Party], bool] | None = None) -> None:
        self._here = here
        # Component of a job → key of a party → its `Output`.
        self._outputs = store.collection("outputs")
        # The days that have metrics; and, by their ids, the jobs whose views were deleted.
        self._days = store.collection("metric_days")

    def add(
        self,
        job_id: str,
        component: str,
        version: int,
        party: Party,
        result: PartyResult,
        tables: list[OutputTable],
        time: int,
        cache: CacheDocument | None = None,
    ) -> None:
        """Keep what a component put out on a party, in place of what an earlier version did."""
        key = _key(job_id, component)
        by_party = self._outputs.get(key, {})
        earlier = by_party.get(party.key, {})
        metrics = {
            namespace: {
                name: {"data": metric.data, "meta": metric.meta} for name, metric in named.items()
            }
            for namespace, named in result.metrics.items()
        }
        by_party[party.key] = {
            "task_version": version,
            "time": time,
            "tables": tables,
            "metrics": metrics,
            # A rerun's summary never shows: the server goes on answering with the oldest.
            "summary": earlier.get("summary") or result.summary,
            "warnings": list(result.warnings),
            "model": None if result.model is None else result.model.to_document(),
        }
        if result.checkpoints:
            by_party[party.key]["checkpoints"] = {
                str(step): model.to_document() for step, model in result.checkpoints.items()
            }
        if cache is not None:
            by_party[party.key]["cache"] = cache
        self._outputs[key] = by_party
        if metrics:
            self._days.setdefault(day_of(job_id), {})

    def get(self, job_id: str, component: str, party: Party) -> Output | None:
        """Return what a component left behind on a party, or None."""
        if self._here is not None and not self._here(str(job_id), party):
            return None
        return self._outputs.get(_key(job_id, component), {}).get(party.key)

    def of_component(self, job_id: str, component: str) -> dict[Party, Output]:
        """Return what a component left behind, by party."""
        stored = self._outputs.get(_key(job_id, component), {})
        found = {Party.parse(key): output for key, output in stored.items()}
        if self._here is None:
            return found
        return {party: output for party, output in found.items() if self._here(job_id, party)}

    def models(
        self, job_id: str, components: Iterable[str]
    ) -> dict[str, dict[Party, dict[str, Any]]]:
        """Return the models that components left behind: component → party → the document of the model."""
        return {
            component: {
                party: output["model"]
                for party, output in self.of_component(job_id, component).items()
                if output["model"]
            }
            for component in components
        }

    def checkpoints(
        self, job_id: str, components: Iterable[str]
    ) -> dict[str, dict[Party, dict[str, dict[str, Any]]]]:
        """Return the checkpoints that components saved: component → party → iteration → the document of the model."""
        return {
            component: {
                party: output.get("checkpoints", {})
                for party, output in self.of_component(job_id, component).items()
            }
            for component in components
        }

    def caches(self, party: Party) -> Iterator[CacheDocument]:
        """Yield the caches of a party."""
        for by_party in self._outputs.values():
            if "cache" in by_party.get(party.key, {}):
                yield by_party[party.key]["cache"]

    def forget(self, job_id: str, component: str) -> list[OutputTable]:
        """Forget what a component of a job that goes left behind; return its own tables, of no use without it."""
        self._days.pop(job_id, None)
        outputs = self._outputs.pop(_key(job_id, component), {})
        caches = [output["cache"] for output in outputs.values() if "cache" in output]
        return [
            table
            for output in outputs.values()
            for table in output["tables"]
            if table["namespace"].startswith(OUTPUT_NAMESPACE)
        ] + [
            table
            for cache in caches
            for table in cache["tables"].values()
            if table["namespace"].startswith(f"{CACHE_NAMESPACE}{job_id}_{component}_")
        ]

    def day_known(self, day: str) -> bool:
        """Say whether any component left anything behind on a day."""
        return bool(self._outputs.beginning(day))

    def metric_day_known(self, day: str) -> bool:
        """Say whether any metric was ever recorded on a day, and the day has not been dropped."""
        return day in self._days

    def drop_day(self, day: str) -> bool:
        """Delete the metrics of all jobs of a day; False when there was nothing to drop."""
        if day not in self._days or day != day_of(day):
            return False
        for key in self._outputs.beginning(day):
            self._clear(key, {})
        del self._days[day]
        return True

    def views(self, job_id: str) -> bool:
        """Say whether a job still has its view, which goes with all of its metrics."""
        return job_id not in self._days

    def delete_metrics(self, job_id: str, columns: Mapping[str, Any]) -> bool:
        """Delete the metrics of a job that match `columns` (names without ``f_``; unknown ones do nothing).

        Returns:
            whether there were any.
        """
        deleted = False
        if not columns and self.views(job_id):
            self._days[job_id] = {}
            deleted = True
        prefix = _key(job_id, "")
        for key in self._outputs.beginning(prefix):
            component = key.removeprefix(prefix)
            if all(
                name not in columns or str(columns[name]) == own
                for name, own in (
                    ("component_name", component),
                    ("task_id", f"{job_id}_{component}"),
                )
            ):
                deleted = self._clear(key, columns) or deleted
        return deleted

    def _clear(self, key: str, columns: Mapping[str, Any]) -> bool:
        outputs = self._outputs[key]
        deleted = False
        for party_key, output in outputs.items():
            party = Party.parse(party_key)
            if self._here is not None and not self._here(key.partition("/")[0], party):
                continue
            own = {**party._asdict(), "task_version": str(output["task_version"])}
            if any(name in columns and str(columns[name]) != own[name] for name in own):
                continue
            kept = {
                namespace: {
                    name: metric
                    for name, metric in named.items()
                    if not _names(columns, namespace, name)
                }
                for namespace, named in output["metrics"].items()
            }
            deleted = deleted or kept != output["metrics"]
            output["metrics"] = {namespace: named for namespace, named in kept.items() if named}
        self._outputs[key] = outputs
        return deleted

    def records(
        self, job_id: str, components: Iterable[str]
    ) -> Iterator[tuple[str, Party, Output, OutputTable]]:
        """Yield component, party, output and table of every output table, oldest first."""
        found = [
            (output["time"], component, party, output)
            for component in components
            for party, output in self.of_component(job_id, component).items()
        ]
        found.sort(key=lambda record: record[0])
        for _, component, party, output in found:
            for table in output["tables"]:
                yield component, party, output, table


def _key(job_id: str, component: str) -> str:
    return f"{job_id}/{component}"


def _names(columns: Mapping[str, Any], namespace: str, name: str) -> bool:
    return all(
        column not in columns or str(columns[column]) == own
        for column, own in (("metric_namespace", namespace), ("metric_name", name))
    )
