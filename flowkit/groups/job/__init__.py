"""client.job: submitting, watching and stopping jobs."""

from __future__ import annotations

from flowkit.groups.job.download import JobDownload
from flowkit.groups.job.query import JobQuery
from flowkit.groups.job.submit import JobSubmission

__all__ = ["Job"]


class Job(JobSubmission, JobQuery, JobDownload):
    """Jobs: pipelines of components that the parties run together."""
