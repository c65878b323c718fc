"""Whole jobs on a whole server, with time in the test's hand."""

from __future__ import annotations

import sqlite3

import pytest

from flowkit_mockserver.party import Party
from jobbing import PACE, Bench, bench

WIDE = {"task_cores": 20}


def test_a_job_can_be_followed_from_waiting_to_success(mock: Bench) -> None:
    job_id = mock.submit()
    assert mock.status(job_id) == "waiting"
    assert set(mock.tasks(job_id).values()) == {("waiting", "waiting")}

    mock.pass_time(PACE / 5)
    assert mock.status(job_id) == "running"

    mock.pass_time(PACE / 2)
    assert mock.row(job_id)["f_progress"] == 33
    assert mock.tasks(job_id)["dataio_0", "guest"] == ("running", "running")
    assert mock.tasks(job_id)["intersection_0", "guest"] == ("waiting", "waiting")

    mock.pass_time(PACE)
    assert (mock.row(job_id)["f_progress"], mock.status(job_id)) == (66, "running")

    assert mock.finish(job_id) == "success"
    row = mock.row(job_id)
    assert row["f_progress"] == 100
    assert row["f_tag"] == "job_end"
    assert row["f_elapsed"] == row["f_end_time"] - row["f_start_time"]
    assert set(mock.tasks(job_id).values()) == {("success", "success")}


def test_running_with_all_done_shows_before_success(mock: Bench) -> None:
    job_id = mock.submit()
    seen = set()
    for _ in range(120):
        row = mock.row(job_id)
        seen.add((row["f_status"], row["f_progress"]))
        mock.pass_time(PACE / 20)

    assert ("running", 100) in seen
    assert ("success", 100) in seen


def test_at_once_means_by_the_next_request() -> None:
    with bench(pace=0.0) as mock:
        job_id = mock.submit()

        assert mock.status(job_id) == "success"
        assert mock.row(job_id)["f_elapsed"] == 0


def test_time_can_be_told_to_pass_only_on_demand() -> None:
    with bench(pace="manual") as mock:
        job_id = mock.submit()
        assert mock.status(job_id) == "waiting"

        mock.pass_time(1)
        assert mock.status(job_id) == "running"
        assert mock.finish(job_id) == "success"


def test_a_row_for_each_party_the_initiators_last(mock: Bench) -> None:
    job_id = mock.submit()

    rows = mock.rows(job_id=job_id)

    assert [(row["f_role"], row["f_is_initiator"]) for row in rows] == [
        ("host", False),
        ("guest", True),
    ]
    assert {row["f_create_time"] for row in rows} == {row["f_update_time"] for row in rows}


def test_two_jobs_run_and_the_third_waits(mock: Bench) -> None:
    jobs = [mock.submit() for _ in range(3)]
    mock.pass_time(PACE / 2)

    assert [mock.status(job_id) for job_id in jobs] == ["running", "running", "waiting"]
    assert [mock.finish(job_id) for job_id in jobs] == ["success"] * 3


def test_a_job_that_never_fits_blocks_the_queue_until_it_is_cleaned(mock: Bench) -> None:
    wide, narrow = mock.submit(**WIDE), mock.submit()
    mock.pass_time(10 * PACE)

    assert mock.status(wide) == mock.status(narrow) == "waiting"
    host, guest = mock.rows(job_id=wide)
    assert (host["f_cores"], host["f_engine_name"]) == (20, "STANDALONE")
    assert host["f_return_resource_time"] == host["f_apply_resource_time"]
    assert (guest["f_cores"], guest["f_engine_name"]) == (0, None)

    assert mock.state.jobs.clean_queue() == {wide: 0, narrow: 0}
    assert mock.status(wide) == mock.status(narrow) == "canceled"
    assert mock.row(narrow)["f_apply_resource_time"] is None
    assert set(mock.tasks(wide).values()) == {("waiting", "waiting")}


def test_a_stop_cancels_what_runs_and_leaves_what_waits(mock: Bench) -> None:
    job_id = mock.submit()
    mock.pass_time(0.95 * PACE)

    mock.ask("job/stop", job_id=job_id)

    row = mock.row(job_id)
    assert (row["f_status"], row["f_cancel_signal"], row["f_progress"]) == ("canceled", True, 66)
    assert row["f_end_time"] == row["f_cancel_time"]
    assert mock.tasks(job_id)["dataio_0", "guest"] == ("canceled", "canceled")
    assert mock.tasks(job_id)["intersection_0", "guest"] == ("waiting", "waiting")
    rows = mock.state.jobs.queries.task_rows({"job_id": job_id, "component_name": "dataio_0"})
    assert {row["f_end_time"] for row in rows} == {None}
    assert mock.finish(job_id) == "canceled"


def test_a_job_stops_by_itself_after_its_timeout(mock: Bench) -> None:
    job_id = mock.submit(timeout=int(0.9 * PACE))

    assert mock.finish(job_id) == "timeout"
    assert not mock.row(job_id)["f_cancel_signal"]
    assert mock.tasks(job_id)["dataio_0", "guest"] == ("timeout", "timeout")


def test_models_are_saved_however_a_training_ends_but_for_a_stop(mock: Bench) -> None:
    mock.state.faults.fail_component("intersection_0", "no key", times=1)
    failed, succeeded, stopped = mock.submit(), mock.submit(), mock.submit()
    mock.state.jobs.stop(stopped)
    mock.pass_time(100 * PACE)
    mock.state.settle()

    def saved(job_id: str) -> bool:
        plan = mock.state.jobs.store.plan(job_id)
        assert plan is not None
        return mock.state.models.find(Party("guest", "7001"), plan.model_id, job_id) is not None

    assert (saved(failed), saved(succeeded), saved(stopped)) == (True, True, False)


def test_the_oldest_jobs_that_have_ended_are_forgotten_with_their_outputs() -> None:
    with bench(keep_jobs=2) as mock:
        ended = []
        for _ in range(4):
            ended.append(mock.submit())
            mock.finish(ended[-1])
        waiting = mock.submit()
        mock.rows(job_id=waiting)

        assert list(mock.state.jobs.store) == [*ended[2:], waiting]
        assert mock.ask("job/query", job_id=ended[0])["retmsg"] == "no job could be found"
        assert (
            mock.ask(
                "tracking/component/output/data",
                job_id=ended[0],
                role="guest",
                party_id=7001,
                component_name="reader_0",
            )["retcode"]
            == 100
        )
        assert not any(
            key.startswith(tuple(ended[:2])) for key in mock.state.store.collection("outputs")
        )
        rows = mock.state.models.rows
        assert [bool(list(rows.find(model_version=job_id))) for job_id in ended] == [
            False,
            False,
            True,
            True,
        ]
        # The two tables that were there before, and the outputs of two jobs.
        assert len(mock.state.tables) == 2 + 2 * 3 * 2
        assert mock.state.tables.get("shop", "guest") is not None


def test_an_output_that_cannot_be_stored_fails_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    with bench() as mock:
        job_id = mock.submit()

        def full(*arguments: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(mock.state.tables, "put", full)

        assert mock.finish(job_id) == "failed"
        assert mock.ask("version/get", module="FATE")["retcode"] == 0
