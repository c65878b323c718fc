"""The part of client.job that changes jobs after they were submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit.groups.base import Group
from flowkit.groups.fields import filter_fields, party_fields
from flowkit.inputs.arguments import Id, identifier, mapping, names, optional, switch
from flowkit.reply import Reply

__all__ = ["Upkeep"]


class Upkeep(Group):
    """What can be done with jobs beyond the operations of the user guide."""

    def rerun(
        self, job_id: Id, component_name: Sequence[str] | str = "pipeline", force: bool = False
    ) -> Reply[None]:
        """Run the failed or canceled part of a finished job again.

        Args:
            job_id: the job.
            component_name: component to begin with, or ``"pipeline"`` for the whole job; servers
                from 1.11 on take a list as well.
            force: run what has succeeded, too; needs a server from 1.11 on.

        Raises:
            OperationError: the server does not know the job (102) or cannot rerun it (103).

        Endpoint: ``POST job/rerun``.
        """
        component: Any = component_name
        if not isinstance(component_name, str):
            component = names("component_name", component_name)
        return self._call(
            "job.rerun",
            job_id=identifier("job_id", job_id),
            component_name=component,
            force=True if switch("force", force) else None,
        )

    def update(self, job_id: Id, role: str, party_id: Id, notes: str = "") -> Reply[None]:
        """Change the notes of a job, which `data.upload_history` shows.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            notes: the new notes; the old ones are replaced.

        Raises:
            OperationError: the server does not know the job (101).

        Endpoint: ``POST job/update``.
        """
        return self._call("job.update", **party_fields(job_id, role, party_id), notes=notes)

    def clean(
        self,
        job_id: Id,
        role: str | None = None,
        party_id: Id | None = None,
        component_name: str | None = None,
    ) -> Reply[None]:
        """Delete the output tables and the metrics of a job; its rows and its model stay.

        The server would clean every job if none were named; that is not offered here.

        Args:
            job_id: the job.
            role: only those of this role.
            party_id: only those of this party.
            component_name: only those of this component.

        Raises:
            OperationError: nothing matches (100).

        Endpoint: ``POST job/clean``.
        """
        identifier("job_id", job_id)
        return self._call(
            "job.clean",
            **filter_fields(job_id, role, party_id, component_name),
        )

    def url(self, job_id: Id, role: str, party_id: Id) -> Reply[dict[str, Any]]:
        """Show the address of a job's web page.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.

        Returns:
            A reply whose data is ``{"board_url": ["http://…"]}``.

        Raises:
            OperationError: the server does not know the job (101).

        Endpoint: ``POST job/url/get``.
        """
        return self._call("job.url", **party_fields(job_id, role, party_id))

    def parameter_update(
        self,
        job_id: Id,
        job_parameters: Mapping[str, Any] | None = None,
        component_parameters: Mapping[str, Any] | None = None,
    ) -> Reply[dict[str, Any]]:
        """Change the parameters of a job before it is run again; servers from 1.11 on.

        Args:
            job_id: the job.
            job_parameters: new job parameters, shaped as in the runtime configuration.
            component_parameters: new component parameters, shaped as there.

        Returns:
            A reply whose data holds both as they are now, and the ``components`` affected.

        Raises:
            OperationError: the server does not know the job (102), or a party refuses (103).

        Endpoint: ``POST job/parameter/update``.
        """
        return self._call(
            "job.parameter_update",
            job_id=identifier("job_id", job_id),
            job_parameters=optional(mapping, "job_parameters", job_parameters),
            component_parameters=optional(mapping, "component_parameters", component_parameters),
        )
