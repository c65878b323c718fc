"""Groups whose methods differ in the official SDK: in the order of arguments, or by being there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.groups import Data, Group, Job, Test
from flowkit.groups.test import toy_conf, toy_dsl
from flowkit.inputs.arguments import Id
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.shapes import JobRow

__all__ = ["GROUPS", "CompatData", "CompatJob", "CompatTest"]

STATUSES = frozenset(
    ("waiting", "running", "success", "failed", "canceled", "timeout", "partial", "deleted")
)


class CompatJob(Job):
    """`client.job` as the official SDK has it."""

    def query(  # type: ignore[override]  # the order is what this class is for
        self,
        job_id: Id | None = None,
        role: str | None = None,
        party_id: Id | None = None,
        component_name: str | None = None,
        status: str | None = None,
    ) -> Reply[list[JobRow]]:
        """Look up jobs by filters; `flowkit.groups.Job.query` in the official SDK's order.

        FATE's user guide has the status in fourth place, where the SDK has the component: a word
        that is a status counts as one there.

        Args:
            job_id: the job.
            role: guest, host, arbiter or local.
            party_id: the party.
            component_name: sent along; no server filters jobs by it.
            status: waiting, running, success, failed, canceled or timeout.

        Endpoint: ``POST job/query``.
        """
        if status is None and component_name in STATUSES:
            component_name, status = None, component_name
        return super().query(job_id, role, party_id, status, component_name=component_name)


class CompatData(Data):
    """`client.data` as the official SDK has it."""

    def download_history(self) -> None:
        """Return None, as the official SDK does: no server keeps a history of downloads.

        Endpoint: none.
        """
        return


class CompatTest(Test):
    """`client.test` as the official SDK has it."""

    def toy_conf(
        self,
        guest_party_id: Id,
        host_party_id: Id,
        guest_user_name: str = "",
        host_user_name: str = "",
        task_cores: int = 2,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the runtime configuration of the toy job.

        Args:
            guest_party_id: party id of the guest.
            host_party_id: party id of the host.
            guest_user_name: user of the guest, where the server wants one.
            host_user_name: user of the host.
            task_cores: cores that a task may use.
            kwargs: ignored, as the official SDK does: it hands on what `toy` was given.

        Endpoint: none.
        """
        return toy_conf(guest_party_id, host_party_id, guest_user_name, host_user_name, task_cores)

    def toy_dsl(self) -> dict[str, Any]:
        """Return the DSL of the toy job.

        Endpoint: none.
        """
        return toy_dsl()


# By the client's attribute: the group that it is put in place of, and it.
GROUPS: dict[str, tuple[type[Group], type[Group]]] = {
    "data": (Data, CompatData),
    "job": (Job, CompatJob),
    "test": (Test, CompatTest),
}
