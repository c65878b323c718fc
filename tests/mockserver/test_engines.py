"""A mock that plays a cluster: jobs of work mode 1 run, with all their parties on one server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowkit import OperationError
from flowkit.demo import steps, upload
from flowkit_mockserver import MockServer
from flowkit_mockserver.settings import parse_engines


def conf(**parameters: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((steps.DATA / "train_conf.json").read_text("utf-8"))
    found["job_parameters"]["common"] |= parameters
    return found


def dsl() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((steps.DATA / "train_dsl.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize(
    ("backend", "engines"),
    [
        (0, ("EGGROLL", "EGGROLL", "EGGROLL")),
        (1, ("SPARK", "RABBITMQ", "HDFS")),
        (2, ("SPARK", "PULSAR", "HDFS")),
    ],
)
def test_a_job_for_a_cluster_runs(backend: int, engines: tuple[str, str, str]) -> None:
    with MockServer(engines=["eggroll", "spark"]) as mock, mock.client() as flow:
        for role in ("guest", "host"):
            upload(flow, role)
        job_id = flow.job.submit(conf(work_mode=1, backend=backend), dsl()).job_id

        assert flow.job.wait(job_id).data["status"] == "success"
        job = mock.state.jobs.find(job_id)
        assert (job.mode, job.engine) == ("MULTIPLE", engines[0])
        plan = mock.state.jobs.store.plan(job_id)
        assert plan is not None
        own = plan.job_parameters["host"]["10000"]
        named = tuple(own[f"{kind}_engine"] for kind in ("computing", "federation", "storage"))
        assert named == engines
        assert flow.component.output_data_table(job_id, "guest", 9999, "dataio_0").ok


def test_an_upload_to_a_cluster_runs() -> None:
    with MockServer(engines="eggroll") as mock, mock.client() as flow:
        table = {"namespace": "n", "table_name": "t", "head": 1, "partition": 1, "work_mode": 1}
        job = flow.data.upload({**table, "file": str(steps.DATA / "guest.csv")})

        assert flow.job.wait(job.job_id).data["status"] == "success"
        assert flow.table.info("n", "t").data["count"] > 0


def test_other_engines_are_as_absent_as_ever() -> None:
    with MockServer(engines="spark") as mock, mock.client() as flow:
        with pytest.raises(OperationError, match="create job failed"):
            flow.job.submit(conf(work_mode=1), dsl())
        (entry,) = mock.requests("job.submit")
        assert "MockServer(engines='eggroll')" in str(entry.hint)


def test_a_standalone_job_stays_one() -> None:
    with MockServer(engines="eggroll") as mock, mock.client() as flow:
        job_id = flow.job.submit(conf(), dsl()).job_id
        assert mock.state.jobs.find(job_id).engine == "STANDALONE"


def test_a_later_line_computes_on_the_engine_it_has() -> None:
    with MockServer(engines="eggroll", fate_version="1.10") as mock, mock.client() as flow:
        for role in ("guest", "host"):
            upload(flow, role)
        only = {"components": {"reader_0": dsl()["components"]["reader_0"]}}
        job_id = flow.job.submit(conf(), only).job_id

        job = mock.state.jobs.find(job_id)
        assert (job.mode, job.engine) == ("MULTIPLE", "EGGROLL")
        assert flow.job.query(job_id).data[0]["f_status"] == "success"


def test_engines_are_named_as_on_the_command_line() -> None:
    assert parse_engines("eggroll, Spark,") == ("EGGROLL", "SPARK")
    assert parse_engines(["linkis_spark"]) == ("LINKIS_SPARK",)
    assert parse_engines("") == ()
    with pytest.raises(ValueError, match=r"some of eggroll, spark, linkis_spark, got 'flink'"):
        parse_engines("eggroll,flink")
