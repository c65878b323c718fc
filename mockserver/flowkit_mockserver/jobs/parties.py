"""The jobs of one party's server: rows, outputs and logs of its own party, of jobs that run at several servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.dsl.plan import Plan
from flowkit_mockserver.jobs.job import CANCELED, Job
from flowkit_mockserver.jobs.providers import Providers
from flowkit_mockserver.jobs.queries import Queries
from flowkit_mockserver.jobs.service import Jobs
from flowkit_mockserver.jobs.store import JobStore
from flowkit_mockserver.jobs.tracker import Tracker
from flowkit_mockserver.models.service import Models
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import Store

__all__ = ["PartyJobs"]


class _JobsHere(JobStore):
    """The jobs of a store that the server of one party knows; what is changed is changed for all servers.

    Args:
        jobs: the jobs of all servers.
        site: the party.
    """

    def __init__(self, jobs: JobStore, site: str) -> None:
        vars(self).update(vars(jobs))
        self._site = site

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None if there is none or this server has no part in it."""
        job = super().get(job_id)
        return job if job is not None and self._site in job.sites else None

    def plan(self, job_id: str) -> Plan | None:
        """Return the plan of a job, or None if there is none or this server has no part in it."""
        return None if self.get(job_id) is None else super().plan(job_id)

    def __contains__(self, job_id: object) -> bool:
        return isinstance(job_id, str) and self.get(job_id) is not None

    def __iter__(self) -> Iterator[str]:
        return (job_id for job_id in super().__iter__() if job_id in self)

    def __reversed__(self) -> Iterator[str]:
        return (job_id for job_id in super().__reversed__() if job_id in self)


class PartyJobs(Jobs):
    """The jobs of one party's server. What is done to a job is done at all servers that it runs at.

    Args:
        jobs: the jobs of all servers, which go on together.
        site: the party.
        store: where outputs are kept.
        tables: the tables of this server.
        models: its models.
        providers: its providers.
    """

    def __init__(
        self,
        jobs: Jobs,
        site: str,
        store: Store,
        tables: Tables,
        models: Models,
        providers: Providers,
    ) -> None:
        vars(self).update(vars(jobs))
        self._whole = jobs
        self.site = site
        self._tables, self._models, self.providers = tables, models, providers
        self.store = _JobsHere(jobs.store, site)
        self.tracker = Tracker(store, self._is_here)
        self.queries = Queries(jobs.store, self.now, jobs.place, site)

    def _is_here(self, job_id: str, party: Party) -> bool:
        job = self._whole.store.get(job_id)
        return job is not None and job.is_at(self.site, party)

    def flush(self) -> None:
        """Write down the jobs that changed; see `Jobs.flush`."""
        self._whole.flush()

    def stop(self, job_id: str, status: str = CANCELED) -> None:
        """Stop a job of this server, at all servers; see `Jobs.stop`."""
        if job_id in self.store:
            self._whole.stop(job_id, status)
        else:
            super().stop(job_id, status)

    def clean_queue(self) -> dict[str, int]:
        """Cancel every waiting job of which the initiator is here; returns 0 for each (job/clean/queue)."""
        jobs = self.scheduler.waiting(self.settle())
        own = [job for job in jobs if job.site_of(job.initiator) == self.site]
        self._stop(own, CANCELED)
        return {job.job_id: 0 for job in own}

    def rerun(self, job_id: str, component: str | None) -> None:
        """Run again what failed or was stopped, at all servers; see `Jobs.rerun`."""
        self._whole.rerun(self.find(job_id).job_id, component)

    def rerun_later(self, job_id: str, components: Iterable[str] | None, *, force: bool) -> None:
        """Run components again, at all servers; see `Jobs.rerun_later`."""
        self._whole.rerun_later(self.find(job_id).job_id, components, force=force)
