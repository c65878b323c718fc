"""client.queue: the server's queue of waiting jobs."""

from __future__ import annotations

from flowkit.groups.base import Group
from flowkit.reply import Reply

__all__ = ["Queue"]


class Queue(Group):
    """The queue of jobs that have not started."""

    def clean(self) -> Reply[dict[str, int]]:
        """Cancel every job that is waiting in the queue; running jobs go on.

        Returns:
            A reply whose ``data`` maps each job id to a code: 0 all parties canceled it, 1 some,
            2 none, 3 error. Empty when nothing was waiting.

        Endpoint: ``POST job/clean/queue``.
        """
        return self._post("queue.clean", None)
