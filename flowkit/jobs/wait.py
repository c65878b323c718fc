"""Waiting for a job to end: look, pause, look again, and say what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flowkit.call.attempts import Retry
from flowkit.call.secrets import mask
from flowkit.errors import ArgumentError, FlowError, JobFailed, ServerError, TimedOut
from flowkit.jobs.outage import Outage, may_pass
from flowkit.jobs.rows import ENDED, fetch_rows, has_ended, initiator_row
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.call.model import JobState, Session
    from flowkit.shapes import WaitedJob

__all__ = ["POLL", "OnChange", "Poll", "wait_for_job"]

OnChange = Callable[["JobState"], object]
Poll = float | tuple[float, float]

POLL: tuple[float, float] = (0.05, 2.0)
GROWTH = 1.5
LEAST = 0.1  # seconds that even the last look may take


def wait_for_job(
    client: Session,
    job_id: str,
    *,
    timeout: float | None = None,
    on_change: OnChange | None = None,
    poll: tuple[float, float] = POLL,
) -> Reply[WaitedJob]:
    """Wait until a job has ended, and return what is known of it.

    A server that cannot be reached, or a gateway's error page in its place, does not end the wait:
    the job goes on without them. What will not pass, such as wrong credentials, ends it at once.

    Args:
        client: the client whose clock, hooks and settings count.
        job_id: the job.
        timeout: seconds to wait at most; None waits for ever.
        on_change: called with the job whenever its status or progress has changed.
        poll: the shortest and the longest pause between two looks, in seconds.

    Raises:
        ArgumentError: the server does not know the job.
        JobFailed: it ended as failed, canceled or timeout.
        TimedOut: it has not ended in time; it goes on.
        FlowError: a look failed, and would again; see `flowkit.errors`.
    """
    fresh = client.with_options(cache=False)
    clock = client.clock
    ends = None if timeout is None else clock.monotonic() + timeout
    pauses = _pauses(*poll)
    seen: tuple[str, int] | None = None
    outage = Outage(client, job_id)
    while True:
        left = None if ends is None else ends - clock.monotonic()
        try:
            job = _look(_in_time(fresh, left, outage.lasts), job_id)
        except FlowError as error:
            if not may_pass(error, seen is not None):
                raise
            outage.note(error)
            state = "cannot be looked at"
        else:
            outage.end()
            if (job["status"], job["progress"]) != seen:
                seen = job["status"], job["progress"]
                client.hooks.job_changed(client, job)
                if on_change is not None:
                    on_change(job)
            if job["status"] in ENDED:
                break
            state = f"is still {job['status']} ({job['progress']} %)"
        left = None if ends is None else ends - clock.monotonic()
        if left is not None and left <= 0:
            raise TimedOut(
                f"job {job_id} {state} after {timeout:g} s; it goes on: wait again, or stop it "
                f"with job.stop{outage.reason}"
            ) from outage.error
        pause = next(pauses)
        clock.sleep(pause if left is None else min(pause, left))
    if job["status"] != "success":
        from flowkit.jobs.diagnosis import find_failure  # reads archives; rarely needed

        left = None if ends is None else ends - clock.monotonic()
        failure = find_failure(fresh, job_id, seconds=left)
        raise JobFailed(
            job_id,
            job["status"],
            component=failure.component,
            party=failure.party,
            reason=failure.reason,
        )
    return _summary(job)


def _look(client: Session, job_id: str) -> JobState:
    """Return the present state of a job, in the form that ``flowkit_job_changed`` hands on."""
    rows = fetch_rows(client, "job.query", {"job_id": job_id})
    if not rows:
        raise ArgumentError(
            f"{client.address.origin} knows no job {job_id}; is the id right, and is this the "
            "server to which the job was submitted?",
            argument="job_id",
            value=job_id,
        )
    row = initiator_row(rows)
    status, progress = row.get("f_status"), row.get("f_progress") or 0
    if not isinstance(status, str) or not isinstance(progress, int | float):
        raise _odd_row(job_id, row)
    if status in ENDED and not has_ended(row):
        status = "waiting"  # about to be rerun: the status is that of the run before
    try:
        return {"job_id": job_id, "status": status, "progress": int(progress), "rows": rows}
    except (ValueError, OverflowError) as error:  # NaN, or infinite
        raise _odd_row(job_id, row) from error


def _odd_row(job_id: str, row: Mapping[str, Any]) -> ServerError:
    shown = {name: row.get(name) for name in ("f_status", "f_progress")}
    text = f"job.query: the server's row of job {job_id} tells no state: {mask(shown, longest=60)}"
    return ServerError(text)


def _in_time(client: Session, left: float | None, failing: bool) -> Session:
    """Return a client for one look: it waits no longer than what is `left`, if that is little.

    While looks are `failing` each is one attempt: the wait itself repeats them.
    """
    options: dict[str, Any] = {"retry": Retry(attempts=1)} if failing else {}
    if left is not None:
        deadline = client.options.get("deadline")
        left = max(left, LEAST)
        options["deadline"] = left if deadline is None else min(left, deadline)
    return client.with_options(**options) if options else client


def _pauses(shortest: float, longest: float) -> Iterator[float]:
    """Yield growing pauses, so that a quick job is noticed at once and a long one costs little."""
    pause = shortest
    while True:
        yield min(pause, longest)
        pause = min(pause * GROWTH, longest)


def _summary(job: JobState) -> Reply[WaitedJob]:
    """Return a reply about a job that has succeeded."""
    row = initiator_row(job["rows"])
    parameters = _mapping(_mapping(row.get("f_runtime_conf")).get("job_parameters"))
    common = _mapping(parameters.get("common", parameters))
    data = {
        **job,
        "role": row.get("f_role"),
        "party_id": row.get("f_party_id"),
        "elapsed": row.get("f_elapsed"),
        "model_info": {key: common.get(key) for key in ("model_id", "model_version")},
    }
    return Reply({"retcode": 0, "retmsg": "success", "jobId": job["job_id"], "data": data})


def _mapping(value: Any) -> Mapping[str, Any]:
    """Return what should be a mapping; an empty one when it is something else."""
    return value if isinstance(value, dict) else {}
