from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from trained import Api, mock


@pytest.fixture(scope="module")
def trained() -> Iterator[tuple[Api, str]]:
    """One training for all tests that change nothing."""
    with mock() as api:
        yield api, api.train()


GUEST = {"role": "guest", "party_id": "7001"}
HOST = {"role": "host", "party_id": 7002}
ARBITER = {"role": "arbiter", "party_id": 7009}


class Job:
    def __init__(self, trained: tuple[Api, str]) -> None:
        self.api, self.job_id = trained

    def ask(self, what: str, component: str, party: dict[str, Any] = GUEST, **more: Any) -> Any:
        body = {"job_id": self.job_id, "component_name": component, **party, **more}
        return self.api.ask(f"tracking/component/{what}", **body)

    def download(self, component: str, party: dict[str, Any] = GUEST, **more: Any) -> Any:
        body = {"job_id": self.job_id, "component_name": component, **party, **more}
        return self.api.send("tracking/component/output/data/download", body, method="GET")


@pytest.fixture
def job(trained: tuple[Api, str]) -> Job:
    return Job(trained)


NO_DATA = {"data": {}, "retcode": 0, "retmsg": "no data"}
UNKNOWN = "Component nosuch_0 does not exist, please have a check"


class TestComponents:
    def test_they_are_listed_as_declared(self, job: Job) -> None:
        names = ["reader_0", "dataio_0", "intersection_0", "lr_0", "evaluation_0"]
        assert job.api.ask("tracking/component/list", job_id=job.job_id)["data"] == {
            "components": names
        }

    def test_parameters_are_complete(self, job: Job) -> None:
        data = job.ask("parameters", "lr_0", ARBITER)["data"]
        assert data["module"] == "HeteroLR"
        assert data["HeteroLogisticParam"]["max_iter"] == 2
        assert data["HeteroLogisticParam"]["penalty"] == "L2"

    def test_parameters_of_a_party_that_does_not_run_it(self, job: Job) -> None:
        assert job.ask("parameters", "reader_0", ARBITER) == {
            "retcode": 0,
            "retmsg": "can not found this component parameters",
        }

    def test_unknown_ones(self, job: Job) -> None:
        assert job.ask("parameters", "nosuch_0") == {"retcode": 100, "retmsg": UNKNOWN}
        answer = job.api.ask("tracking/component/parameters", job_id="2099", **GUEST)
        assert answer == {"retcode": 101, "retmsg": "can not found this job"}
        answer = job.api.ask("tracking/component/list", job_id="2099")
        assert answer["retmsg"] == "No job matched, please make sure the job id is valid."


class TestMetrics:
    def test_they_are_named_by_namespace(self, job: Job) -> None:
        assert job.ask("metrics", "lr_0", ARBITER)["data"] == {"train": ["loss"]}

    def test_they_are_shown_with_their_meta(self, job: Job) -> None:
        loss = job.ask("metric/all", "lr_0", ARBITER)["data"]["train"]["loss"]
        assert [iteration for iteration, _ in loss["data"]] == [0, 1]
        assert loss["meta"] == {
            "name": "train",
            "metric_type": "LOSS",
            "unit_name": "iters",
            "curve_name": "loss",
        }

    def test_one_can_be_chosen(self, job: Job) -> None:
        choice = {"metric_namespace": "train", "metric_name": "lr_0"}
        answer = job.ask("metric_data", "evaluation_0", **choice)
        assert [name for name, _ in answer["data"]] == ["auc", "ks"]
        assert answer["meta"] == {"name": "lr_0", "metric_type": "EVALUATION_SUMMARY"}
        choice["metric_name"] = "nosuch"
        answer = job.ask("metric_data", "evaluation_0", **choice)
        assert answer["data"] == []
        assert answer["meta"] == {"name": None, "metric_type": None}

    @pytest.mark.parametrize("what", ["metrics", "metric/all"])
    def test_the_party_that_computed_them_has_them(self, job: Job, what: str) -> None:
        assert job.ask(what, "lr_0", GUEST) == NO_DATA
        assert job.ask(what, "nosuch_0", GUEST) == NO_DATA

    def test_without_a_party_they_are_the_initiators(self, job: Job) -> None:
        answer = job.ask("metrics", "evaluation_0", {})
        assert answer == job.ask("metrics", "evaluation_0", GUEST)
        assert "lr_0_roc" in answer["data"]["train"]

    def test_a_day_without_metrics_has_no_table(self, job: Job) -> None:
        body = {"job_id": "20990101000000000000", "component_name": "lr_0", **GUEST}
        for what in ("metrics", "metric/all"):
            assert job.api.ask(f"tracking/component/{what}", **body) == {
                "retcode": 100,
                "retmsg": "SQLError: no such table: t_tracking_metric_20990101",
            }

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "'job_id'"),
            ({"component_name": "lr_0"}, "'job_id'"),
            ({"job_id": "20210601"}, "'component_name'"),
            ({"job_id": "20210601", "component_name": "lr_0"}, "'role'"),
            ({"job_id": "20210601", "component_name": "lr_0", "role": "guest"}, "'party_id'"),
        ],
    )
    def test_what_is_missing_is_named(self, job: Job, body: dict[str, str], text: str) -> None:
        assert job.api.ask("tracking/component/metrics", **body) == {
            "retcode": 100,
            "retmsg": text,
        }


class TestDeletingMetrics:
    @pytest.fixture
    def own(self) -> Iterator[Job]:
        with mock() as api:
            yield Job((api, api.train()))

    def delete(self, job: Job, **body: Any) -> Any:
        return job.api.ask("tracking/component/metric/delete", **body)

    def test_those_of_a_job(self, own: Job) -> None:
        day = own.job_id[:8]
        assert self.delete(own, job_id=own.job_id)["data"] == (
            f'delete from t_tracking_metric_{day}  where f_job_id="{own.job_id}"'
        )
        assert own.ask("metrics", "evaluation_0") == NO_DATA

    def test_those_of_no_job_leave_nothing_behind(self, own: Job) -> None:
        unknown = f"{own.job_id[:8]}x"
        assert self.delete(own, job_id=unknown)["retcode"] == 0
        assert own.api.state.jobs.tracker.views(unknown)

    def test_narrowed_by_columns(self, own: Job) -> None:
        body = {"component_name": "lr_0", "role": "arbiter", "nosuch": 1}
        statement = self.delete(own, job_id=own.job_id, **body)["data"]
        assert statement.endswith(' and f_component_name="lr_0" and f_role="arbiter"')
        assert own.ask("metrics", "lr_0", ARBITER) == NO_DATA
        assert own.ask("metrics", "evaluation_0")["retmsg"] == "success"

    def test_a_whole_day_goes_with_its_table(self, own: Job) -> None:
        day = int(own.job_id[:8])
        gone = {"retcode": 100, "retmsg": f"SQLError: no such table: t_tracking_metric_{day}"}
        assert self.delete(own, model=day)["data"] == f"drop table t_tracking_metric_{day}"
        assert own.ask("metrics", "evaluation_0") == gone
        assert self.delete(own, model=day) == gone
        assert self.delete(own, job_id=own.job_id) == gone
        own.api.train()  # a new metric makes the table anew
        assert own.ask("metrics", "evaluation_0") == NO_DATA

    def test_a_job_or_a_day_is_needed(self, own: Job) -> None:
        assert self.delete(own) == {"retcode": 100, "retmsg": "'job_id'"}


class TestDataView:
    def test_a_party_sees_its_own_data(self, job: Job) -> None:
        answer = job.api.ask("tracking/job/data_view", job_id=job.job_id, **HOST)
        assert answer["data"] == {
            "partner": {"guest": [7001], "arbiter": [7009]},
            "dataset": {"host": {"7002": {"reader_0": "shop.host"}}},
            "roles": {"host": [7002]},
            "model_summary": {},
        }

    def test_the_initiator_sees_everything(self, job: Job) -> None:
        answer = job.api.ask("tracking/job/data_view", job_id=job.job_id)
        assert answer["data"]["dataset"].keys() == {"guest", "host"}

    def test_others_see_nothing(self, job: Job) -> None:
        answer = job.api.ask("tracking/job/data_view", job_id=job.job_id, role="host", party_id=9)
        assert answer == {"retcode": 101, "retmsg": "error"}
        assert job.api.ask("tracking/job/data_view", job_id="2099")["retmsg"] == "'role'"
