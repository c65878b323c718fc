"""Whole jobs on a whole server, with time in the test's hand."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.jobs.system_jobs import data_access
from flowkit_mockserver.party import Party
from jobbing import DSL, PACE, READ, Bench, bench, conf

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


def test_components_leave_tables_and_metrics_behind(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)

    output = mock.state.jobs.tracker.get(job_id, "intersection_0", Party("guest", "7001"))

    assert output is not None
    (table,) = output["tables"]
    assert table["data_name"] == "common"
    assert table["namespace"] == f"output_data_{job_id}_intersection_0_0"
    stored = mock.state.tables.get(table["namespace"], table["name"])
    assert stored is not None
    assert stored.count == 15
    reader = mock.state.jobs.tracker.get(job_id, "reader_0", Party("host", "7002"))
    assert reader is not None
    assert reader["metrics"]["reader_namespace"]["reader_name"]["meta"]["count"] == 20


def test_a_missing_table_fails_its_party_and_nobody_else(mock: Bench) -> None:
    mock.state.tables.delete("shop", "guest")
    job_id = mock.submit()

    assert mock.finish(job_id) == "failed"
    assert mock.tasks(job_id) == {
        ("reader_0", "host"): ("failed", "success"),
        ("dataio_0", "host"): ("waiting", "waiting"),
        ("intersection_0", "host"): ("waiting", "waiting"),
        ("reader_0", "guest"): ("failed", "failed"),
        ("dataio_0", "guest"): ("waiting", "waiting"),
        ("intersection_0", "guest"): ("waiting", "waiting"),
    }
    assert mock.row(job_id)["f_progress"] == 33


def test_components_whose_parties_talk_fail_together(mock: Bench) -> None:
    mock.state.faults.fail_component("intersection_0", "no key", role="guest")
    job_id = mock.submit()

    assert mock.finish(job_id) == "failed"
    tasks = mock.tasks(job_id)
    assert tasks["intersection_0", "guest"] == ("failed", "failed")
    assert tasks["intersection_0", "host"] == ("failed", "failed")
    assert mock.state.jobs.tracker.get(job_id, "intersection_0", Party("host", "7002")) is None


def test_branches_that_do_not_depend_on_a_failure_go_on(mock: Bench) -> None:
    dsl = {"components": {**DSL["components"], "reader_1": READ}}
    runtime_conf = conf()
    for role, own in runtime_conf["component_parameters"]["role"].items():
        own["0"]["reader_1"] = {"table": {"name": role, "namespace": "shop"}}
    mock.state.faults.fail_component("reader_0", "no disk")

    job_id = mock.submit(dsl, runtime_conf)

    assert mock.finish(job_id) == "failed"
    assert mock.tasks(job_id)["reader_1", "guest"] == ("success", "success")


def test_an_ordered_failure_happens_as_often_as_ordered(mock: Bench) -> None:
    mock.state.faults.fail_component("dataio_0", "no memory", role="host", times=1)

    first, second = mock.submit(), mock.submit()

    assert mock.finish(first) == "failed"
    assert mock.finish(second) == "success"
    assert mock.tasks(first)["dataio_0", "guest"] == ("failed", "success")


def test_a_fault_of_a_component_fails_its_task(
    mock: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(run: object) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr("flowkit_mockserver.jobs.executor.run_component", broken)
    job_id = mock.submit()

    assert mock.finish(job_id) == "failed"
    assert "a bug" in caplog.text


def test_jobs_that_ask_for_too_many_cores_are_refused(mock: Bench) -> None:
    answer = mock.ask("job/submit", job_dsl=DSL, job_runtime_conf=conf(task_cores=21))

    assert answer["retcode"] == 100
    assert answer["retmsg"] == "create job failed"
    assert answer["data"]["guest"]["7001"]["retcode"] == 103
    assert "expect 21 cores" in answer["data"]["host"]["7002"]["retmsg"]
    assert len(mock.state.jobs.store) == 0


def test_the_rows_of_parties_that_agreed_to_a_refused_job_stay_as_failed(mock: Bench) -> None:
    runtime_conf = conf()
    del runtime_conf["component_parameters"]["role"]["guest"]["0"]["reader_0"]["table"]["name"]

    answer = mock.ask("job/submit", job_dsl=DSL, job_runtime_conf=runtime_conf)

    assert answer["data"]["guest"]["7001"]["retcode"] == 100
    (row,) = mock.ask("job/list/job", limit=0)["data"]
    assert (row["f_role"], row["f_status"], row["f_start_time"]) == ("host", "failed", None)


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
    mock.pass_time(PACE)

    mock.state.jobs.stop(job_id)

    row = mock.row(job_id)
    assert (row["f_status"], row["f_cancel_signal"], row["f_progress"]) == ("canceled", True, 66)
    assert row["f_end_time"] == row["f_cancel_time"]
    assert mock.tasks(job_id)["dataio_0", "guest"] == ("canceled", "canceled")
    assert mock.tasks(job_id)["intersection_0", "guest"] == ("waiting", "waiting")
    rows = mock.state.jobs.queries.task_rows({"job_id": job_id, "component_name": "dataio_0"})
    assert {row["f_end_time"] for row in rows} == {None}
    assert mock.finish(job_id) == "canceled"


def test_a_job_stops_by_itself_after_its_timeout(mock: Bench) -> None:
    job_id = mock.submit(timeout=int(PACE))

    assert mock.finish(job_id) == "timeout"
    assert not mock.row(job_id)["f_cancel_signal"]
    assert mock.tasks(job_id)["dataio_0", "guest"] == ("timeout", "timeout")


def test_models_are_saved_however_a_training_ends_but_for_a_stop(mock: Bench) -> None:
    mock.state.faults.fail_component("intersection_0", "no key", times=1)
    failed, succeeded, stopped = mock.submit(), mock.submit(), mock.submit()
    mock.state.jobs.stop(stopped)
    mock.pass_time(100 * PACE)
    mock.state.jobs.settle()

    def saved(job_id: str) -> bool:
        plan = mock.state.jobs.store.plan(job_id)
        assert plan is not None
        return mock.state.models.find(Party("guest", "7001"), plan.model_id, job_id) is not None

    assert (saved(failed), saved(succeeded), saved(stopped)) == (True, True, False)


def test_an_engine_that_is_not_there_fails_the_task(mock: Bench) -> None:
    config = {"work_mode": 0, "namespace": "n", "name": "t", "file": "f", "head": 1, "partition": 1}
    eggroll, _ = mock.state.jobs.submit(
        *data_access("upload", {**config, "work_mode": 1, "backend": 0})
    )
    spark, _ = mock.state.jobs.submit(*data_access("upload", {**config, "backend": 1}))
    mock.pass_time(100 * PACE)
    mock.state.jobs.settle()

    (launched,) = mock.state.jobs.queries.task_rows({"job_id": eggroll})
    (unlaunched,) = mock.state.jobs.queries.task_rows({"job_id": spark})

    assert launched["f_status"] == unlaunched["f_status"] == "failed"
    assert launched["f_engine_conf"] == {"computing_engine": "EGGROLL"}
    assert unlaunched["f_engine_conf"] == {"computing_engine": "SPARK"}
    assert launched["f_run_pid"] is not None
    assert unlaunched["f_run_pid"] is unlaunched["f_start_time"] is None
