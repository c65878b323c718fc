"""Trouble while a job is waited for: whether it may pass, and saying so once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flowkit.errors import (
    ArchiveError,
    ConnectionFailed,
    FlowError,
    OperationError,
    ServerError,
    TimedOut,
)

if TYPE_CHECKING:
    from flowkit.call.model import Session

__all__ = ["Outage", "may_pass"]

LOG = logging.getLogger("flowkit.jobs")

#: HTTP statuses of a server that is not there yet or not there now, and of its gateway.
PASSING_STATUSES = frozenset({404, 408, 421, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
#: Return codes of a failure within the server (a database that is gone), not of a refusal.
PASSING_RETCODES = frozenset({100, 104, 105, 500, 502, 503, 504})


def may_pass(error: FlowError, seen: bool) -> bool:
    """Return whether what a look at a job failed with may pass by itself.

    Args:
        error: what it failed with.
        seen: whether the job has been seen before: then the address and the credentials are right,
            and even what tells of a wrong address may pass.
    """
    if isinstance(error, TimedOut):
        return True
    if isinstance(error, ConnectionFailed):
        return seen or error.refused or error.sent
    if isinstance(error, ArchiveError):
        return False
    if isinstance(error, ServerError):
        return error.status in PASSING_STATUSES or (seen and error.status == 200)
    if isinstance(error, OperationError):
        return seen and error.retcode in PASSING_RETCODES
    return False


class Outage:
    """A time during which a job that is waited for cannot be looked at; each is told once.

    Args:
        client: the client whose hooks are told.
        job_id: the job.

    Attributes:
        error: what the last look failed with; None while looks succeed.
    """

    def __init__(self, client: Session, job_id: str) -> None:
        self._client = client
        self._job_id = job_id
        self._began = 0.0
        self.error: FlowError | None = None

    @property
    def lasts(self) -> bool:
        """True while the job cannot be looked at."""
        return self.error is not None

    @property
    def reason(self) -> str:
        """The end of a sentence about the outage; empty when there is none."""
        return f". The last look failed: {self.error}" if self.error else ""

    def note(self, error: FlowError) -> None:
        """Note that a look has failed; tell it, if it is the first."""
        first, self.error = self.error is None, error
        if first:
            self._began = self._client.clock.monotonic()
            LOG.warning(
                "job %s cannot be looked at for now; the wait goes on. %s", self._job_id, error
            )
            self._client.hooks.job_unreachable(self._client, self._job_id, error)

    def end(self) -> None:
        """Note that a look has succeeded; tell it, if others had failed."""
        if self.error is not None:
            self.error = None
            seconds = self._client.clock.monotonic() - self._began
            LOG.info("job %s can be looked at again, after %.1f s", self._job_id, seconds)
            self._client.hooks.job_unreachable(self._client, self._job_id, None)
