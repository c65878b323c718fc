"""``flowkit test min``: train, deploy, predict."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowkit import demo
from flowkit_inprocess import InProcess
from flowkit_mockserver import MockServer
from terminal import answer, run

PARTIES = ("-gid", "9999", "-hid", "10000", "-aid", "10000")


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """Return a mock with the demo's tables under the names of FATE's."""
    with MockServer() as mock, mock.client() as client:
        for role in ("guest", "host"):
            conf = {
                "file": str(demo.DATA / f"{role}.csv"),
                "head": 1,
                "partition": 4,
                "work_mode": 0,
                "namespace": "experiment",
                "table_name": f"breast_hetero_{role}",
            }
            client.job.wait(client.data.upload(conf, drop=1).job_id)
        yield mock


def test_both_algorithms_are_tried(mock: MockServer) -> None:
    result = run("test", "min", *PARTIES, plugins=(InProcess(mock.app),))
    found = answer(result)["data"]
    assert [one["component"] for one in found] == ["hetero_lr_0", "hetero_secureboost_0"]
    with mock.client() as client:
        for one in found:
            for job in (one["train_job"], one["predict_job"]):
                assert client.job.query(job, "guest", 9999).data[0]["f_status"] == "success"
    # The demo's customers are harder to tell apart than the patients that FATE's AUC is for.
    assert "Warning: the AUC of hetero_lr_0" in result.stderr


def test_one_algorithm_is_enough(mock: MockServer) -> None:
    result = run("test", "min", *PARTIES, "--no-sbt", plugins=(InProcess(mock.app),))
    assert [one["component"] for one in answer(result)["data"]] == ["hetero_lr_0"]


def test_tables_that_are_not_there_end_with_1() -> None:
    with MockServer() as empty:
        result = run("test", "min", *PARTIES, "-t", "normal", plugins=(InProcess(empty.app),))
    assert result.exit_code == 1
    assert "default_credit_hetero" in result.stderr
