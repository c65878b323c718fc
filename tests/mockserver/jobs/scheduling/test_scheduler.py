"""The queue: first come, first served, as far as the cores go."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import pytest

from flowkit_mockserver.computing.computation import claim_key
from flowkit_mockserver.jobs.job import Attempt, Job, job_progress, job_status
from flowkit_mockserver.jobs.scheduling import scheduler
from flowkit_mockserver.jobs.scheduling.scheduler import Scheduler
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import LocalClaims

SPAN = 1000


class Desk:
    """A schedule over components that always succeed."""

    def __init__(self, cores: int = 20, **options: bool) -> None:
        self.ran: list[tuple[str, str]] = []
        self.ended: list[str] = []
        self.schedule = Scheduler(
            lambda engine: cores,
            LocalClaims(),
            lambda job: self.ended.append(job.job_id),
            lambda job: None,
            rerun_span=SPAN,
            **options,
        )

    def settle(self, now: int) -> None:
        """Carry out what is due; whatever has to compute does so at once."""
        while (due := self.schedule.settle(now)) is not None:
            job, attempt = due
            self.run(job, attempt)
            self.schedule.resume(job.job_id, key(job, attempt))

    def run(self, job: Job, attempt: Attempt) -> None:
        self.ran.append((job.job_id, attempt.component))
        attempt.outcome = dict.fromkeys(attempt.parties, "success")


def key(job: Job, attempt: Attempt) -> str:
    return claim_key(job.job_id, attempt.component, attempt.version)


def job(
    name: str, created: int = 0, *, cores: int = 8, tasks: str = "ab", parallelism: int = 1
) -> Job:
    return Job(
        job_id=name,
        created=created,
        span=SPAN,
        initiator=Party("guest", "1"),
        parties=[Party("host", "2"), Party("guest", "1")],
        engine="STANDALONE",
        mode="SINGLE",
        collect="PULL",
        cores={Party("host", "2"): cores // 2, Party("guest", "1"): cores // 2},
        task_cores=4,
        parallelism=parallelism,
        timeout=10**6,
        upstream={task: [] if parallelism > 1 else list(tasks[:i]) for i, task in enumerate(tasks)},
        attempts=[
            Attempt(
                component=task,
                version=0,
                parties=[Party("guest", "1"), Party("host", "2")],
                created=created,
            )
            for task in tasks
        ],
    )


def test_a_job_waits_runs_and_succeeds() -> None:
    desk, one = Desk(), job("one")
    desk.schedule.join(one, 0)

    seen = []
    for now in range(0, 3000, 50):
        desk.settle(now)
        shown = (job_status(one, now), job_progress(one, now))
        if shown not in seen:
            seen.append(shown)

    assert seen == [
        ("waiting", 0),
        ("running", 0),
        ("running", 50),
        ("running", 100),
        ("success", 100),
    ]
    assert desk.ran == [("one", "a"), ("one", "b")]
    assert desk.ended == ["one"]


def test_it_makes_no_difference_how_often_anybody_looks() -> None:
    desks = Desk(), Desk()
    jobs = [[job(name, i) for i, name in enumerate("xyz")] for _ in desks]
    for desk, some in zip(desks, jobs, strict=True):
        for i, one in enumerate(some):
            desk.schedule.join(one, i)

    for now in range(0, 20_000, 7):
        desks[0].settle(now)
    desks[1].settle(20_000)

    assert jobs[0] == jobs[1]
    assert desks[0].ran == desks[1].ran


def test_a_third_job_waits_until_the_first_has_ended() -> None:
    desk = Desk()
    jobs = [job(name, i) for i, name in enumerate("xyz")]
    for i, one in enumerate(jobs):
        desk.schedule.join(one, i)

    desk.settle(500)
    assert [job_status(one, 500) for one in jobs] == ["running", "running", "waiting"]

    desk.settle(10_000)
    assert jobs[2].start == jobs[0].end


def test_who_waits_for_cores_finds_them_taken_by_a_job_at_work_however_soon_it_came() -> None:
    desk = Desk()
    holder, other = job("1", cores=12), job("2", created=1, cores=12)
    desk.schedule.join(holder, 0)
    assert job_status(holder, 0) == "waiting"  # for the next round of the scheduler
    desk.schedule.join(other, 1)
    desk.settle(1)
    assert (job_status(holder, 1), job_status(other, 1)) == ("running", "waiting")


def test_a_job_that_can_never_fit_blocks_the_others() -> None:
    desk = Desk()
    wide, narrow = job("wide", cores=40), job("narrow", 1, cores=2)
    desk.schedule.join(wide, 0)
    desk.schedule.join(narrow, 1)

    desk.settle(10**7)

    assert job_status(wide, 10**7) == job_status(narrow, 10**7) == "waiting"
    assert wide.refused == (0, [Party("host", "2")])
    assert narrow.refused is None
    assert desk.schedule.waiting(10**7) == [wide, narrow]


def test_a_stop_lets_the_next_job_start_at_once() -> None:
    desk = Desk()
    wide, next_one = job("wide", cores=20), job("next", 1)
    desk.schedule.join(wide, 0)
    desk.schedule.join(next_one, 1)
    desk.settle(300)

    desk.schedule.stop(wide, "canceled", 300)
    desk.schedule.go_on(300)

    assert job_status(wide, 300) == "canceled"
    assert job_status(next_one, 300) == "running"
    assert wide.end == 300
    assert desk.ended == []


def test_a_job_that_is_canceled_while_it_waits_has_no_times() -> None:
    desk, one = Desk(), job("one")
    desk.schedule.join(one, 0)

    desk.schedule.stop(one, "canceled", 10)

    assert (one.status, one.start, one.end) == ("canceled", None, None)
    assert one.cancel
    assert one.canceled_at == 10


def test_a_stop_of_a_job_that_has_ended_only_marks_it() -> None:
    desk, one = Desk(), job("one")
    desk.schedule.join(one, 0)
    desk.settle(10_000)
    before = copy.deepcopy(one)

    desk.schedule.stop(one, "canceled", 20_000)

    assert job_status(one, 20_000) == "success"
    before.cancel, before.canceled_at = True, 20_000
    assert one == before


def test_tasks_run_side_by_side_as_far_as_parallelism_goes() -> None:
    desk, one = Desk(), job("one", tasks="abc", parallelism=2)
    desk.schedule.join(one, 0)

    desk.settle(10_000)

    starts = [attempt.start for attempt in one.attempts]
    assert starts == [70, 70, 1070]


def test_a_running_job_times_out_counted_from_its_creation() -> None:
    desk, one = Desk(), job("one")
    one.timeout = 1.5
    desk.schedule.join(one, 0)

    desk.settle(10_000)

    assert job_status(one, 10_000) == "timeout"
    assert one.end == 1500
    assert not one.cancel


def test_a_waiting_job_does_not_time_out() -> None:
    desk, wide = Desk(), job("wide", cores=40)
    wide.timeout = 1
    desk.schedule.join(wide, 0)

    desk.settle(10_000)

    assert job_status(wide, 10_000) == "waiting"


def test_a_job_without_tasks_runs_for_ever() -> None:
    desk, empty = Desk(), job("empty", tasks="")
    desk.schedule.join(empty, 0)

    desk.settle(10**7)

    assert job_status(empty, 10**7) == "running"


def test_nothing_is_due_while_nothing_runs() -> None:
    desk = Desk()

    assert desk.schedule.idle(10**9)
    desk.schedule.join(job("one"), 0)
    assert not desk.schedule.idle(10**9)
    desk.settle(10**9)
    assert desk.schedule.idle(10**10)


def test_a_job_that_cannot_go_on_fails_and_no_other() -> None:
    desk = Desk()
    bad, good = job("bad", tasks="a"), job("good", tasks="a")
    desk.schedule.join(bad, 0)
    desk.schedule.join(good, 0)
    due = desk.schedule.settle(10 * SPAN)
    assert due == (bad, bad.attempts[0])

    desk.schedule.resume("bad", key(*due))
    desk.schedule.give_up(bad, "division by zero", 10 * SPAN)
    desk.settle(10 * SPAN)

    assert job_status(bad, 10 * SPAN) == "failed"
    assert bad.attempts[0].messages[bad.initiator] == "division by zero"
    assert job_status(good, 10 * SPAN) == "success"
    desk.settle(20 * SPAN)
    assert desk.ended == ["good"]


def test_an_error_at_the_end_of_a_job_fails_it_and_gives_its_cores_back() -> None:
    desk = Desk(cores=8)

    def break_down(one: Job) -> None:
        raise OSError("no room for the model")

    desk.schedule._ended = break_down
    first, second = job("first", tasks="a"), job("second", tasks="a")
    desk.schedule.join(first, 0)
    desk.schedule.join(second, 0)
    desk.settle(10 * SPAN)

    assert job_status(first, 10 * SPAN) == job_status(second, 10 * SPAN) == "failed"


def test_a_job_without_tasks_never_ends_and_keeps_cores_from_others_only_with_quirks() -> None:
    for quirks, status in ((False, "success"), (True, "waiting")):
        desk = Desk(cores=8, empty_jobs_hold_cores=quirks)
        empty, other = job("empty", tasks=""), job("other", tasks="a")
        desk.schedule.join(empty, 0)
        desk.schedule.join(other, 0)
        desk.settle(10 * SPAN)

        assert job_status(empty, 10 * SPAN) == "running"
        assert job_status(other, 10 * SPAN) == status


def test_a_job_rests_while_its_component_computes_and_the_others_go_on() -> None:
    desk = Desk()
    slow, quick = job("slow"), job("quick")
    desk.schedule.join(slow, 0)
    desk.schedule.join(quick, 0)

    due = desk.schedule.settle(10 * SPAN)
    assert due == (slow, slow.attempts[0])
    desk.settle(10 * SPAN)

    assert desk.ran == [("quick", "a"), ("quick", "b")]
    assert job_status(quick, 10 * SPAN) == "success"
    assert job_status(slow, 10 * SPAN) == "running"
    assert desk.schedule.idle(20 * SPAN)


def test_a_result_that_comes_late_counts_from_when_it_was_due() -> None:
    desks = Desk(), Desk()
    jobs = [job("one") for _ in desks]
    for desk, one in zip(desks, jobs, strict=True):
        desk.schedule.join(one, 0)
    desks[0].settle(10 * SPAN)

    due = desks[1].schedule.settle(2 * SPAN)
    assert due is not None
    assert desks[1].schedule.settle(5 * SPAN) is None
    desks[1].run(*due)
    desks[1].schedule.resume("one", key(*due))
    desks[1].settle(10 * SPAN)

    assert jobs[0] == jobs[1]


def test_what_somebody_else_has_claimed_is_left_to_them() -> None:
    desk, one = Desk(), job("one", tasks="a")
    desk.schedule.join(one, 0)
    claims = desk.schedule.claims
    assert claims.take(key(one, one.attempts[0]))

    assert desk.schedule.settle(10 * SPAN) is None
    assert not desk.schedule.idle(10 * SPAN)

    claims.give_back(key(one, one.attempts[0]))
    desk.settle(10 * SPAN)
    assert desk.ran == [("one", "a")]


def test_a_job_that_was_stopped_while_it_computed_does_not_go_on() -> None:
    desk, one = Desk(), job("one")
    desk.schedule.join(one, 0)
    due = desk.schedule.settle(2 * SPAN)
    assert due is not None

    desk.schedule.stop(one, "canceled", 2 * SPAN)
    desk.schedule.resume("one", key(*due))

    assert desk.schedule.settle(10 * SPAN) is None
    assert job_status(one, 10 * SPAN) == "canceled"


def test_no_job_is_granted_cores_before_it_came() -> None:
    desk = Desk(cores=8)
    slow, late = job("slow", tasks="a"), job("late", 5 * SPAN, tasks="a")
    desk.schedule.join(slow, 0)
    due = desk.schedule.settle(5 * SPAN)
    assert due is not None
    desk.schedule.join(late, 5 * SPAN)

    desk.run(*due)
    desk.schedule.resume("slow", key(*due))
    desk.settle(5 * SPAN)

    assert slow.end is not None
    assert slow.end < 2 * SPAN
    assert late.granted == 5 * SPAN


def test_nothing_is_claimed_where_nobody_is_going_to_compute() -> None:
    desk, one = Desk(), job("one", tasks="a")
    desk.schedule.join(one, 0)

    assert desk.schedule.settle(10 * SPAN, lambda job, attempt: False) is None

    assert desk.schedule.settle(10 * SPAN) == (one, one.attempts[0])


def test_a_long_queue_is_put_in_order_only_when_it_is_out_of_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(cores=0)
    lengths: list[int] = []

    def note(jobs: Iterable[Job], **options: Any) -> list[Job]:
        found = sorted(jobs, **options)
        lengths.append(len(found))
        return found

    monkeypatch.setattr(scheduler, "sorted", note, raising=False)
    for number in range(200):
        desk.schedule.join(job(f"{number:03}", number), number)
    assert lengths == []

    desk.schedule.join(job("early", 5), 200)

    assert lengths == [201]
    waiting = [one.job_id for one in desk.schedule.waiting(300)]
    assert waiting[4:8] == ["004", "005", "early", "006"]
