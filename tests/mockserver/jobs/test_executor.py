"""Components run on their parties, and leave outputs or the reason of a failure."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.jobs.system_jobs import data_access
from flowkit_mockserver.party import Party
from jobbing import DSL, PACE, READ, Bench, conf

WIDE = {"task_cores": 20}


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

    monkeypatch.setattr("flowkit_mockserver.computing.engine.run_component", broken)
    job_id = mock.submit()

    assert mock.finish(job_id) == "failed"
    assert "a bug" in caplog.text


def test_an_engine_that_is_not_there_fails_the_task(mock: Bench) -> None:
    config = {"work_mode": 0, "namespace": "n", "name": "t", "file": "f", "head": 1, "partition": 1}
    eggroll, _ = mock.state.jobs.submit(
        *data_access("upload", {**config, "work_mode": 1, "backend": 0})
    )
    spark, _ = mock.state.jobs.submit(*data_access("upload", {**config, "backend": 1}))
    mock.pass_time(100 * PACE)
    mock.state.settle()

    (launched,) = mock.state.jobs.queries.task_rows({"job_id": eggroll})
    (unlaunched,) = mock.state.jobs.queries.task_rows({"job_id": spark})

    assert launched["f_status"] == unlaunched["f_status"] == "failed"
    assert launched["f_engine_conf"] == {"computing_engine": "EGGROLL"}
    assert unlaunched["f_engine_conf"] == {"computing_engine": "SPARK"}
    assert launched["f_run_pid"] is not None
    assert unlaunched["f_run_pid"] is unlaunched["f_start_time"] is None


def test_every_table_that_is_put_out_needs_a_name(mock: Bench) -> None:
    split = {
        "module": "HeteroDataSplit",
        "input": {"data": {"data": ["intersection_0.common"]}},
        "output": {"data": ["train_data", "validate_data"]},
    }
    job_id = mock.submit({"components": {**DSL["components"], "split_0": split}})

    assert mock.finish(job_id) == "failed"
    tasks = mock.tasks(job_id)
    assert tasks["split_0", "guest"] == ("failed", "failed")
    assert tasks["split_0", "host"] == ("failed", "failed")
    for role, party_id in (("guest", "7001"), ("host", "7002")):
        assert mock.state.jobs.tracker.get(job_id, "split_0", Party(role, party_id)) is None


def test_without_names_tables_are_numbered(mock: Bench) -> None:
    split = {
        "module": "HeteroDataSplit",
        "input": {"data": {"data": ["intersection_0.common"]}},
        "output": {},
    }
    job_id = mock.submit({"components": {**DSL["components"], "split_0": split}})

    assert mock.finish(job_id) == "success"
    output = mock.state.jobs.tracker.get(job_id, "split_0", Party("guest", "7001"))
    assert output is not None
    assert [table["data_name"] for table in output["tables"]] == ["0", "1", "2"]
