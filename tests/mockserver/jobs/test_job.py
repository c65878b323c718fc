"""Statuses follow from what is known of a job and from the moment, and from nothing else."""

from __future__ import annotations

import pytest

from flowkit_mockserver.jobs.job import (
    Attempt,
    Stop,
    combine_statuses,
    party_end,
    party_start,
    party_status,
    settle_job,
    task_may_become,
    task_status,
)
from flowkit_mockserver.party import Party


def attempt(**facts: object) -> Attempt:
    known: dict[str, object] = {"span": 1000, "start": 5000, **facts}
    parties = [Party("guest", "7001"), Party("host", "7002")]
    return Attempt(component="a", version=0, parties=parties, created=0, **known)  # type: ignore[arg-type]


def statuses(task: Attempt, now: int) -> tuple[str, str, str]:
    return task_status(task, now), party_status(task, 0, now), party_status(task, 1, now)


def test_a_task_waits_until_it_starts() -> None:
    assert statuses(attempt(start=None), 10**6) == ("waiting", "waiting", "waiting")


def test_a_task_is_running_before_its_parties_are_and_ends_after_them() -> None:
    task = attempt(outcome={Party("guest", "7001"): "success", Party("host", "7002"): "success"})

    assert statuses(task, 5000) == ("running", "waiting", "waiting")
    assert statuses(task, 5050) == ("running", "running", "waiting")
    assert statuses(task, 5500) == ("running", "running", "running")
    assert statuses(task, 5905) == ("running", "success", "running")
    assert statuses(task, 5960) == ("running", "success", "success")
    assert statuses(task, 6000) == ("success", "success", "success")


def test_a_party_that_fails_fails_the_task_and_may_leave_the_other_successful() -> None:
    task = attempt(outcome={Party("guest", "7001"): "failed", Party("host", "7002"): "success"})

    assert statuses(task, 6000) == ("failed", "failed", "success")
    assert party_end(task, 0, 6000) is not None


def test_a_party_that_was_killed_has_failed_without_an_end() -> None:
    task = attempt(outcome={Party("guest", "7001"): "failed", Party("host", "7002"): "killed"})

    assert statuses(task, 6000) == ("failed", "failed", "failed")
    assert party_start(task, 1, 6000) == 5100
    assert party_end(task, 1, 6000) is None


def test_a_stop_takes_effect_at_once_and_leaves_no_end() -> None:
    task = attempt(stopped=Stop("canceled", 5400))

    assert statuses(task, 5400) == ("canceled", "canceled", "canceled")
    assert statuses(task, 10**6) == ("canceled", "canceled", "canceled")
    assert party_end(task, 0, 10**6) is None


def test_a_stop_never_touches_what_waits() -> None:
    task = attempt(stopped=Stop("canceled", 5060))

    assert statuses(task, 9000) == ("canceled", "canceled", "waiting")


@pytest.mark.parametrize(
    ("parties", "whole"),
    [
        (["waiting", "waiting"], "waiting"),
        (["success", "success"], "success"),
        (["waiting", "success"], "running"),
        (["running", "success"], "running"),
        (["success", "failed"], "failed"),
        (["canceled", "timeout", "running"], "timeout"),
        (["canceled", "failed", "timeout"], "failed"),
    ],
)
def test_the_gravest_status_of_a_party_is_that_of_the_task(parties: list[str], whole: str) -> None:
    assert combine_statuses(parties) == whole


@pytest.mark.parametrize(
    ("tasks", "startable", "job"),
    [
        (["waiting", "waiting"], True, "waiting"),
        (["success", "success"], False, "success"),
        (["success", "running", "failed"], False, "running"),
        (["success", "waiting"], True, "running"),
        (["failed", "waiting"], False, "failed"),
        (["success", "canceled", "waiting"], False, "canceled"),
        (["success", "waiting"], False, "canceled"),
    ],
)
def test_the_status_of_a_job_sums_up_its_tasks(tasks: list[str], startable: bool, job: str) -> None:
    assert settle_job(tasks, startable=startable) == job


def test_changes_that_the_server_does_not_allow_do_nothing() -> None:
    assert task_may_become("running", "canceled")
    assert not task_may_become("waiting", "canceled")
    assert not task_may_become("success", "canceled")
