"""client.component: metrics and summaries."""

from __future__ import annotations

from datetime import date as calendar_date
from typing import TYPE_CHECKING, Any

from flowkit.changes import METRICS_BY_DAY
from flowkit.errors import ArgumentError, UnsupportedOperation
from flowkit.groups.base import Group
from flowkit.groups.fields import component_fields
from flowkit.inputs.arguments import Id, day, identifier, text
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit import shapes

__all__ = ["ComponentMetrics"]

Metrics = dict[str, list[str]]


class ComponentMetrics(Group):
    """What components have measured."""

    def metric_all(
        self, job_id: Id, role: str, party_id: Id, component_name: str
    ) -> Reply[shapes.Metrics]:
        """Show all metric data of a component.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.

        Returns:
            A reply whose data holds, by namespace and name, such as ``train`` and ``loss``,
            ``{"data": [[x, y], …], "meta": {...}}``; ``{}`` when there are none.

        Raises:
            OperationError: the metrics' table of that day was dropped (100).

        Endpoint: ``POST tracking/component/metric/all``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        return self._call("component.metric_all", **fields)

    def metrics(self, job_id: Id, role: str, party_id: Id, component_name: str) -> Reply[Metrics]:
        """List the names of a component's metrics.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.

        Returns:
            A reply whose data is ``{"<namespace>": ["<name>", …]}``; ``{}`` when there are none.

        Raises:
            OperationError: the metrics' table of that day was dropped (100).

        Endpoint: ``POST tracking/component/metrics``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        return self._call("component.metrics", **fields)

    def metric_data(
        self,
        job_id: Id,
        role: str,
        party_id: Id,
        component_name: str,
        metric_namespace: str,
        metric_name: str,
    ) -> Reply[Any]:
        """Show one metric of a component.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.
            metric_namespace: namespace of the metric, such as ``"train"``.
            metric_name: its name, such as ``"loss"``.

        Returns:
            A reply whose data is a list of pairs and whose ``meta`` describes them; an unknown
            metric has an empty list.

        Endpoint: ``POST tracking/component/metric_data``.
        """
        return self._call(
            "component.metric_data",
            **component_fields(job_id, role, party_id, component_name),
            metric_namespace=text("metric_namespace", metric_namespace),
            metric_name=text("metric_name", metric_name),
        )

    def metric_delete(
        self, date: int | str | calendar_date | None = None, job_id: Id | None = None
    ) -> Reply[str]:
        """Delete metrics, of a whole day or of one job.

        Careful: a day's metrics are those of all jobs of that day. When both are given, the day
        counts and `job_id` is not sent.

        Args:
            date: the day, as eight digits, YYYYMMDD; a `datetime.date` will do. For servers up to
                1.7; later ones delete by job only.
            job_id: the job.

        Returns:
            A reply whose data is a sentence about what was deleted.

        Raises:
            ArgumentError: nothing was given.
            UnsupportedOperation: a day was given, and the server is of line 1.8 or later.
            OperationError: there are no metrics of that day (100).

        Endpoint: ``POST tracking/component/metric/delete``.
        """
        if date is not None:
            chosen = day("date", date)
            line = self._client.server_line()
            if not METRICS_BY_DAY.holds_on(line):
                raise UnsupportedOperation(
                    "component.metric_delete",
                    line.name,
                    f"FATE Flow {line} deletes the metrics of a job, not of a day; servers up to "
                    f"{METRICS_BY_DAY.until} do. Give job_id. Nothing was sent",
                )
            return self._call("component.metric_delete", model=chosen)
        if job_id is None:
            raise ArgumentError("date or job_id is required; give one of them", argument="date")
        return self._call("component.metric_delete", job_id=identifier("job_id", job_id))

    def get_summary(
        self, job_id: Id, role: str, party_id: Id, component_name: str
    ) -> Reply[dict[str, Any]]:
        """Show the summary of a component.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.

        Returns:
            A reply whose data is the summary; its keys depend on the component.

        Raises:
            OperationError: the component has none on that party (210).

        Endpoint: ``POST tracking/component/summary/download``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        return self._with_data("component.get_summary", fields)
