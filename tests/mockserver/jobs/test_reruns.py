"""Reruns, with the quirks of a standalone server."""

from __future__ import annotations

import pytest

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.party import Party
from jobbing import PACE, Bench, bench


def failed_job(mock: Bench) -> str:
    mock.state.faults.fail_component("dataio_0", "no memory", role="guest", times=1)
    job_id = mock.submit()
    assert mock.finish(job_id) == "failed"
    return job_id


def versions(mock: Bench, job_id: str, component: str, **more: object) -> list[int]:
    filters = {"job_id": job_id, "component_name": component, "role": "guest", **more}
    return [row["f_task_version"] for row in mock.state.jobs.queries.task_rows(filters)]


def test_without_a_component_nothing_happens(mock: Bench) -> None:
    job_id = failed_job(mock)

    mock.state.jobs.rerun(job_id, None)
    mock.state.jobs.rerun(job_id, "unknown_0")

    assert mock.status(job_id) == "failed"
    assert versions(mock, job_id, "dataio_0") == [0]


def test_a_job_that_succeeded_is_left_alone(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)

    mock.state.jobs.rerun(job_id, "pipeline")

    assert mock.status(job_id) == "success"
    assert versions(mock, job_id, "dataio_0", only_latest=False) == [0]


def test_the_first_rerun_of_a_failure_makes_a_new_version_and_trips(mock: Bench) -> None:
    job_id = failed_job(mock)

    with pytest.raises(Refusal, match="rerun job failed") as refusal:
        mock.state.jobs.rerun(job_id, "pipeline")

    assert refusal.value.retcode == 103
    assert "UNIQUE constraint failed" in refusal.value.retmsg
    assert mock.status(job_id) == "failed"
    assert mock.row(job_id)["f_progress"] == 66
    assert mock.tasks(job_id)["dataio_0", "guest"] == ("waiting", "waiting")
    assert versions(mock, job_id, "dataio_0") == [1]
    assert versions(mock, job_id, "dataio_0", only_latest=False) == [0, 1]


def test_the_second_rerun_runs_it(mock: Bench) -> None:
    job_id = failed_job(mock)
    with pytest.raises(Refusal):
        mock.state.jobs.rerun(job_id, "pipeline")

    mock.state.jobs.rerun(job_id, "pipeline")

    assert mock.status(job_id) == "success"
    assert set(mock.tasks(job_id).values()) == {("success", "success")}
    assert versions(mock, job_id, "dataio_0") == [1]
    assert versions(mock, job_id, "reader_0", only_latest=False) == [0]
    output = mock.state.jobs.tracker.get(job_id, "dataio_0", Party("guest", "7001"))
    assert output is not None
    assert output["task_version"] == 1


def test_a_new_version_shows_the_times_of_the_old_until_it_starts(mock: Bench) -> None:
    job_id = failed_job(mock)
    filters = {"job_id": job_id, "component_name": "dataio_0", "role": "guest"}
    (before,) = mock.state.jobs.queries.task_rows(filters)
    with pytest.raises(Refusal):
        mock.state.jobs.rerun(job_id, "dataio_0")

    (after,) = mock.state.jobs.queries.task_rows(filters)

    assert after["f_start_time"] == before["f_start_time"]
    assert after["f_end_time"] == before["f_end_time"]
    assert after["f_run_pid"] is None
    assert after["f_engine_conf"] == {"computing_engine": "STANDALONE"}


def test_a_job_canceled_while_it_waited_runs(mock: Bench) -> None:
    job_id = mock.submit()
    mock.state.jobs.stop(job_id)

    mock.state.jobs.rerun(job_id, "pipeline")

    assert mock.status(job_id) == "success"
    row = mock.row(job_id)
    assert row["f_cancel_signal"] is False
    assert row["f_cancel_time"] is not None


def test_a_waiting_component_queues_the_job_only_to_fail_again(mock: Bench) -> None:
    job_id = failed_job(mock)
    first_end = mock.row(job_id)["f_end_time"]

    mock.state.jobs.rerun(job_id, "intersection_0")

    row = mock.row(job_id)
    assert (row["f_status"], row["f_progress"]) == ("failed", 66)
    assert row["f_end_time"] > first_end


def test_on_demand_time_passes_for_reruns_too() -> None:
    with bench(pace="manual") as mock:
        job_id = mock.submit()
        mock.state.jobs.stop(job_id)
        mock.pass_time(1)

        mock.state.jobs.rerun(job_id, "pipeline")

        row = mock.row(job_id)
        assert (row["f_status"], row["f_progress"], row["f_end_time"]) == ("running", 0, None)
        assert mock.finish(job_id) == "success"


def test_a_rerun_of_a_running_job_loses_the_place_of_its_task(mock: Bench) -> None:
    job_id = mock.submit()
    mock.pass_time(PACE)
    with pytest.raises(Refusal):
        mock.state.jobs.rerun(job_id, "pipeline")

    mock.pass_time(100 * PACE)

    assert mock.status(job_id) == "running"
    assert mock.tasks(job_id)["dataio_0", "guest"] == ("waiting", "waiting")
    mock.state.jobs.stop(job_id)
    assert mock.status(job_id) == "canceled"


def test_the_metrics_of_what_runs_again_are_deleted(mock: Bench) -> None:
    mock.state.faults.fail_component("reader_0", "no disk", role="guest", times=1)
    job_id = mock.submit()
    mock.finish(job_id)
    before = mock.state.jobs.tracker.get(job_id, "reader_0", Party("host", "7002"))
    assert before is not None
    assert before["metrics"]

    with pytest.raises(Refusal):
        mock.state.jobs.rerun(job_id, "reader_0")

    after = mock.state.jobs.tracker.get(job_id, "reader_0", Party("host", "7002"))
    assert after is not None
    assert after["metrics"] == {}
