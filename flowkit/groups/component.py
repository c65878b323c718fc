"""client.component: what the components of a job have put out."""

from __future__ import annotations

from datetime import date as calendar_date
from pathlib import Path
from typing import Any

from flowkit.errors import ArgumentError
from flowkit.files.downloads import download_archive
from flowkit.groups.fields import component_fields
from flowkit.groups.inspection import Inspection
from flowkit.inputs.arguments import FilePath, Id, day, identifier, integer, path, refused
from flowkit.reply import Reply

__all__ = ["Component"]

Metrics = dict[str, list[str]]
Tables = list[dict[str, str]]


class Component(Inspection):
    """Components: the steps of a job, as each party sees them.

    Most operations name the component by four arguments: job, role, party and component name.
    """

    def parameters(
        self, job_id: Id, role: str, party_id: Id, component_name: str
    ) -> Reply[dict[str, Any]]:
        """Show the parameters with which a component runs, defaults included.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component, such as ``"hetero_lr_0"``.

        Returns:
            A reply whose data is ``{"module": "HeteroLR", "<Class>Param": {...}}``; from 1.7 on
            the second key is ``ComponentParam``. Without data, with retcode 0, when the party
            does not run the component.

        Raises:
            OperationError: the job (101) or the component (100) is not known.

        Endpoint: ``POST tracking/component/parameters``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        return self._call("component.parameters", **fields)

    def metric_all(
        self, job_id: Id, role: str, party_id: Id, component_name: str
    ) -> Reply[dict[str, Any]]:
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

    def metric_delete(
        self, date: int | str | calendar_date | None = None, job_id: Id | None = None
    ) -> Reply[str]:
        """Delete metrics, of a whole day or of one job.

        Careful: a day's metrics are those of all jobs of that day. When both are given, the day
        counts and `job_id` is not sent.

        Args:
            date: the day, as eight digits, YYYYMMDD; a `datetime.date` will do.
            job_id: the job.

        Returns:
            A reply whose data is a sentence about what was deleted.

        Raises:
            ArgumentError: nothing was given.
            OperationError: there are no metrics of that day (100).

        Endpoint: ``POST tracking/component/metric/delete``.
        """
        if date is not None:
            return self._call("component.metric_delete", model=day("date", date))
        if job_id is None:
            raise ArgumentError("date or job_id is required; give one of them", argument="date")
        return self._call("component.metric_delete", job_id=identifier("job_id", job_id))

    def output_model(
        self, job_id: Id, role: str, party_id: Id, component_name: str
    ) -> Reply[dict[str, Any]]:
        """Show the model that a component has trained.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.

        Returns:
            A reply whose data is the model's parameters, and whose ``meta`` holds ``meta_data``
            and ``module_name``; data ``{}`` when the component has no model.

        Raises:
            OperationError: the job, the party or the component is not known (100).

        Endpoint: ``POST tracking/component/output/model``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        return self._call("component.output_model", **fields)

    def output_data(
        self,
        job_id: Id,
        role: str,
        party_id: Id,
        component_name: str,
        output_path: FilePath,
        limit: int = 10,
    ) -> Reply[Any]:
        """Download the output data of a component.

        The default of `limit` is the user guide's; the official SDK's is -1, everything.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.
            output_path: directory in which
                ``job_<job_id>_<component>_<role>_<party_id>_output_data`` is made. What it held
                from an earlier download is replaced once the new one is complete.
            limit: rows of each table at most; -1 is all of them.

        Returns:
            A reply with ``directory``. It holds, for each table, ``<data name>.csv`` and
            ``<data name>.meta`` (the columns). Fields are not quoted: the last but one of a
            prediction's columns, ``predict_detail``, has commas in it.

        Raises:
            OperationError: the component has no data on that party, or is not known (210).
            ArchiveError: the archive is damaged, unsafe or too large.
            FlowError: the files cannot be written.

        Endpoint: ``GET tracking/component/output/data/download``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        if Path(component_name).name != component_name:
            raise refused("component_name", component_name, "a name, not a path")
        folder = path("output_path", output_path)
        body = {**fields, "output_path": folder, "limit": integer("limit", limit)}
        title = "job_{job_id}_{component_name}_{role}_{party_id}_output_data".format(**fields)
        return download_archive(self._client, "component.output_data", body, Path(folder, title))

    def output_data_table(
        self, job_id: Id, role: str, party_id: Id, component_name: str
    ) -> Reply[Tables]:
        """Show name and namespace of a component's output tables.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.

        Returns:
            A reply whose data is a list of ``table_name``, ``table_namespace``, ``data_name``.

        Raises:
            OperationError: there are none, or the job is not known (100).

        Endpoint: ``POST tracking/component/output/data/table``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        return self._call("component.output_data_table", **fields)

    def list(self, job_id: Id) -> Reply[dict[str, Any]]:
        """List the components of a job.

        Args:
            job_id: the job.

        Returns:
            A reply whose data is ``{"components": [...]}``, in the order of the DSL.

        Raises:
            OperationError: the server does not know the job (100).

        Endpoint: ``POST tracking/component/list``.
        """
        return self._call("component.list", job_id=identifier("job_id", job_id))

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
