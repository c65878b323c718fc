"""client.resource: cores and memory that jobs hold; servers from 1.7 on."""

from __future__ import annotations

from typing import Any

from flowkit.groups.base import Group
from flowkit.inputs.arguments import Id, identifier
from flowkit.reply import Reply

__all__ = ["Resource"]


class Resource(Group):
    """Resources of the computing engines."""

    def query(self) -> Reply[dict[str, Any]]:
        """Show what the engines have, and which jobs hold some of it; servers from 1.7 on.

        Returns:
            A reply whose data holds ``computing_engine_resource`` (``f_engine_name``, ``f_cores``,
            ``f_remaining_cores`` …) and ``use_resource_job``, a list of ``job_id``, ``role``,
            ``party_id``, ``core`` and ``memory``.

        Endpoint: ``POST resource/query``.
        """
        return self._call("resource.query")

    def release(self, job_id: Id) -> Reply[list[dict[str, Any]]]:
        """Take back what a job holds, after a crash for one; servers from 1.7 on.

        Args:
            job_id: the job.

        Returns:
            A reply whose data is a list of ``job_id``, ``role``, ``party_id``,
            ``resource_in_use`` and ``resource_return_status``.

        Raises:
            OperationError: the server does not know the job (100).

        Endpoint: ``POST resource/return``.
        """
        return self._call("resource.release", job_id=identifier("job_id", job_id))
