"""``client.resource``: the computing resources of a FATE Flow 1.11."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit import Effect, Group, Operation, Reply, hookimpl

__all__ = ["Resource", "Resources"]


class Resource(Group):
    """The computing resources that jobs share.

    The operations are lines of the table like any other: the command line has ``flowkit resource
    query``, a cache knows what outdates it, a cassette records it.
    """

    operations = (
        Operation(
            "resource.query",
            "POST",
            "resource/query",
            Effect.READ,
            "Show the computing resources, and what is left of them.",
            resources=("resource", "job"),
            since="1.11",
        ),
        Operation(
            "resource.give_back",
            "POST",
            "resource/return",
            Effect.WRITE,
            "Give the resources of a job back that has ended without doing so.",
            resources=("resource", "job"),
            since="1.11",
        ),
    )

    def query(self) -> Reply[dict[str, Any]]:
        """Show the computing resources, and what is left of them.

        Endpoint: ``POST resource/query``.
        """
        return self._call("resource.query")

    def give_back(self, job_id: str) -> Reply[None]:
        """Give the resources of a job back that has ended without doing so.

        Args:
            job_id: the job.

        Endpoint: ``POST resource/return``.
        """
        return self._call("resource.give_back", job_id=str(job_id))


class Resources:
    """Adds ``client.resource``."""

    name = "resources"

    @hookimpl
    def flowkit_operation_groups(self) -> Mapping[str, type[Group]]:
        """Return the group by its name."""
        return {"resource": Resource}
