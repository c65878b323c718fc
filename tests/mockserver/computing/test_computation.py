"""A computation goes by the key of its task, whatever becomes of the job's objects."""

from __future__ import annotations

from flowkit_mockserver.computing.computation import claim_key
from jobbing import PACE, Bench, bench


def test_each_version_of_a_task_has_a_key_of_its_own() -> None:
    assert claim_key("2021", "lr_0", 0) == "2021/lr_0/0"
    assert claim_key("2021", "lr_0", 1) != claim_key("2021", "lr_0", 0)


def begun(mock: Bench) -> tuple[str, str]:
    job_id = mock.submit()
    mock.pass_time(100 * PACE)
    due = mock.state.jobs.scheduler.settle(mock.state.jobs.now())
    assert due is not None
    computation = mock.state.jobs.executor.begin(*due)
    assert computation is not None
    return job_id, computation.key


def test_it_is_claimed_by_its_key() -> None:
    with bench() as mock:
        job_id, key = begun(mock)

        assert key == f"{job_id}/reader_0/0"
        assert not mock.state.store.claims.take(key)
