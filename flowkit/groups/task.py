"""client.task: the tasks of jobs, one for each component and party."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.groups.base import Group
from flowkit.groups.fields import filter_fields
from flowkit.inputs.arguments import Id, integer
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.shapes import TaskRow

__all__ = ["Task"]

Rows = list["TaskRow"]


class Task(Group):
    """Tasks: a component, as one party runs it."""

    def list(self, limit: int = 10) -> Reply[Any]:
        """List tasks: newest first on servers up to 1.7.1, oldest first on later ones.

        Args:
            limit: tasks at most; 0 or less is all of them.

        Returns:
            A reply whose ``rows`` are as `query` gives them. Its data is a list of them; from
            1.7.1 on it is ``{"tasks": [...], "count": n}``, with names that lack the ``f_``.

        Raises:
            OperationError: there are no tasks yet (100; from 1.7.1 on an empty page).

        Endpoint: ``POST job/list/task``.
        """
        return self._call("task.list", limit=integer("limit", limit))

    def query(
        self,
        job_id: Id | None = None,
        role: str | None = None,
        party_id: Id | None = None,
        component_name: str | None = None,
        status: str | None = None,
    ) -> Reply[Rows]:
        """Look up tasks by filters; without one, all tasks.

        Of a task that was run more than once, the last run counts. In a job that has failed or was
        canceled, tasks that never began stay ``waiting``.

        Args:
            job_id: the job.
            role: guest, host, arbiter or local.
            party_id: the party.
            component_name: the component.
            status: waiting, running, success, failed, canceled or timeout.

        Returns:
            A reply whose data is a list of rows: ``f_component_name``, ``f_status`` (over all
            parties), ``f_party_status`` (on this one), ``f_start_time`` (ms), ``f_elapsed`` (ms) ….

        Raises:
            OperationError: nothing matches (101).

        Endpoint: ``POST job/task/query``.
        """
        return self._call(
            "task.query", **filter_fields(job_id, role, party_id, component_name, status)
        )
