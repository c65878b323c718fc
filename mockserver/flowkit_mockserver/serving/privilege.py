"""Questions that are answered in the thread that takes requests in, because they take no time."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowkit_mockserver.state import ServerState

__all__ = ["answer_at_once"]

#: Questions that are answered at once, when they are no longer than so many bytes.
_QUICK = frozenset({"/v1/job/query", "/v1/job/task/query", "/v1/version/get"})
_SHORT = 1024


def answer_at_once(state: ServerState, path: str, body: bytes) -> Callable[[], None] | None:
    """Take the lock for a question that is answered quickly, if it is free and the job in question up to date.

    Args:
        state: the state that is asked.
        path: what is asked.
        body: the question.

    Returns:
        what gives the lock back; None when the question may take its time.
    """
    # Rules may delay an answer, which must not delay the others; nor must a database.
    if (
        path not in _QUICK
        or len(body) > _SHORT
        or state.sharing is not None
        or state.faults.rules
        or not state.lock.acquire(blocking=False)
    ):
        return None
    if state.unsettled(_job_in(body)):
        state.lock.release()
        return None
    # A job may be due a moment later, and nothing must be computed here.
    state.progress.excuse(get_ident())

    def answered() -> None:
        state.progress.excuse(None)
        state.lock.release()

    return answered


def _job_in(body: bytes) -> str | None:
    """Return the job that a question names, None when it names none."""
    try:
        question = json.loads(body)
    # What is no question is answered by whoever reads it next.
    except (ValueError, RecursionError):
        return None
    job_id = question.get("job_id") if isinstance(question, dict) else None
    return job_id if isinstance(job_id, str) and job_id else None
