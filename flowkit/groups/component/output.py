"""client.component: the tables and models that components put out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit.files.downloads import download_archive
from flowkit.frames.output import read_output
from flowkit.groups.base import Group
from flowkit.groups.fields import component_fields
from flowkit.inputs.arguments import FilePath, Id, integer, path, refusal
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.shapes import OutputTable

__all__ = ["ComponentOutput"]

Tables = list["OutputTable"]


class ComponentOutput(Group):
    """What components have put out."""

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
            ``<data name>.meta`` (the columns). Up to 1.6 fields are not quoted: the last but one
            of a prediction's columns, ``predict_detail``, has commas in it. Later servers quote
            what needs it.

        Raises:
            OperationError: the component has no data on that party (210), or is not known (210;
                1.11: 100).
            ArchiveError: the archive is damaged, unsafe or too large.
            FlowError: the files cannot be written.

        Endpoint: ``GET tracking/component/output/data/download``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        if Path(component_name).name != component_name:
            raise refusal("component_name", component_name, "a name, not a path")
        folder = path("output_path", output_path)
        body = {**fields, "output_path": folder, "limit": integer("limit", limit)}
        title = "job_{job_id}_{component_name}_{role}_{party_id}_output_data".format(**fields)
        return download_archive(self._client, "component.output_data", body, Path(folder, title))

    def output_frame(
        self,
        job_id: Id,
        role: str,
        party_id: Id,
        component_name: str,
        *,
        limit: int = -1,
        table: str | None = None,
        library: str | None = None,
    ) -> Any:
        """Download the output data of a component and return it as a data frame.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.
            limit: rows at most; -1 is all of them.
            table: which output, of a component with several: ``"train_data"``.
            library: ``"pandas"`` or ``"polars"``; by default whichever is installed, pandas first.

        Returns:
            A data frame; see `flowkit.read_output`, which reads what `output_data` has downloaded.

        Raises:
            ArgumentError: the library is not installed, or there are several tables and none was
                named.
            OperationError: see `output_data`.

        Endpoint: ``GET tracking/component/output/data/download``.
        """
        from tempfile import TemporaryDirectory  # slow to import, as is the next

        from flowkit.frames.library import choose_library

        chosen = choose_library(library)
        with TemporaryDirectory(prefix="flowkit-") as folder:
            reply = self.output_data(job_id, role, party_id, component_name, folder, limit)
            if "directory" not in reply:  # an error, of a client that answers with errors
                return reply
            return read_output(reply["directory"], table, library=chosen)

    def output_data_preview(
        self, job_id: Id, role: str, party_id: Id, component_name: str
    ) -> Reply[Any]:
        """Show the first rows of a component's output data, 100 at most.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.

        Returns:
            A reply whose data is a list of rows for each output, and whose ``meta`` holds
            ``header``, ``names`` and ``total`` (rows in all) of each; empty without data.

        Endpoint: ``POST tracking/component/output/data``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        return self._call("component.output_data_preview", **fields)

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
