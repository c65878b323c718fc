"""client.job: looking jobs up, and waiting for one to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.groups.base import Group
from flowkit.groups.fields import filter_fields, party_fields
from flowkit.inputs.arguments import Id, identifier, integer, optional, refusal, seconds
from flowkit.jobs.wait import POLL, OnChange, Poll, wait_for_job
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.jobs.overview import JobOverview
    from flowkit.shapes import DataView, JobRow, WaitedJob

__all__ = ["JobQuery"]

Rows = list["JobRow"]
Views = list["DataView"]


class JobQuery(Group):
    """What the server knows of jobs."""

    def query(
        self,
        job_id: Id | None = None,
        role: str | None = None,
        party_id: Id | None = None,
        status: str | None = None,
        *,
        component_name: str | None = None,
    ) -> Reply[Rows]:
        """Look up jobs by filters.

        A job has one row for each role and party that the server plays. Without a filter the
        server answers with no rows, not with all of them; `list` gives those.

        Args:
            job_id: the job.
            role: guest, host, arbiter or local.
            party_id: the party.
            status: waiting, running, success, failed, canceled or timeout.
            component_name: sent along as the official SDK does (there it stands before `status`);
                no server filters jobs by it.

        Returns:
            A reply whose data is a list of rows: ``f_status``, ``f_progress`` (per cent),
            ``f_role``, ``f_party_id``, ``f_create_time`` (ms) …. Empty, with retcode 0, when
            nothing matches.

        Endpoint: ``POST job/query``.
        """
        return self._call(
            "job.query", **filter_fields(job_id, role, party_id, component_name, status)
        )

    def list(self, limit: int = 10) -> Reply[Any]:
        """List jobs, newest first.

        Args:
            limit: rows at most; 0 or less is all of them. A job has a row for each role and party.

        Returns:
            A reply whose ``rows`` are as `query` gives them, and whose ``count`` is that of all
            jobs where the server tells it. Its data is a list of rows; from 1.7.1 on it is
            ``{"jobs": [...], "count": n}``, with names that lack the ``f_``.

        Raises:
            OperationError: there are no jobs yet (101; from 1.7.1 on an empty page).

        Endpoint: ``POST job/list/job``.
        """
        return self._call("job.list", limit=integer("limit", limit))

    def view(
        self,
        job_id: Id | None = None,
        role: str | None = None,
        party_id: Id | None = None,
        status: str | None = None,
        *,
        component_name: str | None = None,
    ) -> Reply[Views]:
        """List the data views of jobs: the tables that their components put out.

        Name role and party: without them the server keeps one party's table of each output and
        drops the others.

        Args:
            job_id: the job.
            role: guest, host, arbiter or local.
            party_id: the party.
            status: sent along as the official SDK does; the server ignores it.
            component_name: the component that put the tables out.

        Returns:
            A reply whose data is a list of rows: ``f_table_name``, ``f_table_namespace``,
            ``f_data_name``, ``f_component_name`` ….

        Raises:
            OperationError: nothing matches (101).

        Endpoint: ``POST job/data/view/query``.
        """
        return self._call(
            "job.view", **filter_fields(job_id, role, party_id, component_name, status)
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

    def overview(self, job_id: Id) -> JobOverview:
        """Return a job at a glance: its status, its graph, and how far each party is with each component.

        A notebook shows it as a picture, ``print`` as lines.

        Args:
            job_id: the job.

        Returns:
            A `flowkit.jobs.overview.JobOverview`.

        Raises:
            ArgumentError: the server does not know the job.

        Endpoint: ``POST job/query`` and ``POST job/task/query``.
        """
        from flowkit.jobs.overview import look_at_job  # not needed by most

        return look_at_job(self._client, identifier("job_id", job_id))

    def wait(
        self,
        job_id: Id,
        timeout: float | None = None,
        on_change: OnChange | None = None,
        poll: Poll = POLL,
    ) -> Reply[WaitedJob]:
        """Wait until a job has ended.

        The status is that of the initiator's row; a job that is about to be rerun counts as
        waiting. Plugins follow through
        ``flowkit_job_changed``; time is the client's clock's.

        Trouble that may pass does not end the wait: a server that cannot be reached or does not
        answer, and a gateway's 404, 429 or 5xx. It is logged once to ``flowkit.jobs``, and told to
        ``flowkit_job_unreachable``.

        Args:
            job_id: the job.
            timeout: seconds to wait at most; None waits for ever.
            on_change: called with the job, a mapping with ``job_id``, ``status``, ``progress``
                (per cent) and ``rows``, whenever status or progress has changed.
            poll: seconds between two looks: the shortest and the longest pause, or one number for
                both. Pauses grow, so that a quick job is noticed at once.

        Returns:
            A reply whose data holds ``job_id``, ``status``, ``progress``, ``elapsed`` (ms),
            ``role``, ``party_id``, ``model_info`` and ``rows``.

        Raises:
            ArgumentError: the server does not know the job.
            JobFailed: it ended as failed, canceled or timeout; with component, party and reason
                as far as the server tells.
            TimedOut: it has not ended in time; it goes on.
            ServerError, OperationError, ConnectionFailed: looking at it failed in a way that does
                not pass, such as refused credentials.

        Endpoint: ``POST job/query``, repeatedly.
        """
        pauses = poll if isinstance(poll, tuple) else (poll, poll)
        for pause in pauses:
            if not seconds("poll", pause):
                raise refusal("poll", poll, "seconds above 0, or a pair of them")
        return wait_for_job(
            self._client,
            identifier("job_id", job_id),
            timeout=optional(seconds, "timeout", timeout),
            on_change=on_change,
            poll=pauses,
        )
