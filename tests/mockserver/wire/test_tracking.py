from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from trained import ROWS, Api, mock


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


class TestModel:
    def test_it_is_shown_with_its_meta(self, job: Job) -> None:
        answer = job.ask("output/model", "dataio_0")
        assert answer["data"]["header"] == ["x0", "x1"]
        assert answer["meta"]["module_name"] == "DataIO"
        assert answer["meta"]["meta_data"]["withLabel"] is True

    def test_there_may_be_none(self, job: Job) -> None:
        assert job.ask("output/model", "reader_0") == NO_DATA
        assert job.ask("output/model", "dataio_0", ARBITER) == NO_DATA

    def test_a_prediction_shows_the_model_it_used(self, job: Job) -> None:
        child = job.api.deploy(job.job_id)
        predicted = Job((job.api, job.api.predict(child)))
        answer = predicted.ask("output/model", "lr_0")
        assert answer["data"]["weight"] == job.ask("output/model", "lr_0")["data"]["weight"]

    def test_unknown_ones(self, job: Job) -> None:
        assert job.ask("output/model", "nosuch_0") == {"retcode": 100, "retmsg": UNKNOWN}
        assert job.ask("output/model", "lr_0", {"role": "guest", "party_id": "9"}) == {
            "retcode": 100,
            "retmsg": "'int' object has no attribute 'get'",
        }


class TestData:
    def test_the_first_rows(self, job: Job) -> None:
        answer = job.ask("output/data", "dataio_0")
        assert answer["data"][0][0] == ["u00", 0, 0.0, -3.0]
        assert answer["meta"] == {
            "header": [["id", "y", "x0", "x1"]],
            "total": [ROWS],
            "names": ["data"],
        }

    def test_there_may_be_none(self, job: Job) -> None:
        none = {"data": [], "retcode": 0, "retmsg": "no data"}
        assert job.ask("output/data", "lr_0", HOST) == none
        assert job.ask("output/data", "evaluation_0") == none

    def test_the_table_can_be_looked_up(self, job: Job) -> None:
        (table,) = job.ask("output/data/table", "lr_0")["data"]
        assert table["data_name"] == "scored"
        assert table["table_namespace"] == f"output_data_{job.job_id}_lr_0_0"
        info = job.api.ask(
            "table/table_info", namespace=table["table_namespace"], table_name=table["table_name"]
        )
        assert info["data"]["count"] == ROWS

    def test_tables_that_are_not_there(self, job: Job) -> None:
        assert job.ask("output/data/table", "nosuch_0") == {
            "retcode": 100,
            "retmsg": "No found table, please check if the parameters are correct",
        }
        answer = job.api.ask("tracking/component/output/data/table", job_id=job.job_id)
        assert answer["retmsg"] == (
            "required parameters are missing: role,party_id,component_name;"
        )
        body = {"job_id": "2099", "component_name": "lr_0", **GUEST}
        answer = job.api.ask("tracking/component/output/data/table", **body)
        assert answer == {"retcode": 100, "retmsg": "No found job"}

    @pytest.mark.parametrize(
        ("more", "lines"),
        [({}, ROWS + 1), ({"limit": 5}, 6), ({"limit": -1, "head": False}, ROWS)],
    )
    def test_all_of_it_comes_as_an_archive(
        self, job: Job, more: dict[str, Any], lines: int
    ) -> None:
        response = job.download("dataio_0", **more)
        name = f"job_{job.job_id}_dataio_0_guest_7001_output_data.tar.gz"
        assert response.headers["Content-Disposition"] == f"attachment; filename={name}"
        with tarfile.open(fileobj=io.BytesIO(response.data)) as tar:
            assert tar.getnames() == ["data.csv", "data.meta"]
            member = tar.extractfile("data.csv")
            assert member is not None
            assert len(member.read().splitlines()) == lines
        response.close()

    @pytest.mark.parametrize(
        ("component", "more", "text"),
        [
            ("evaluation_0", {}, "no data"),
            ("evaluation_0", {"limit": 0}, "no data"),
            ("dataio_0", {"limit": 0}, "limit is 0"),
            ("nosuch_0", {}, UNKNOWN),
            (
                "dataio_0",
                {"job_id": "2099"},
                "can not get dag parser, please check if the parameters are correct",
            ),
        ],
    )
    def test_refusals_have_a_status(
        self, job: Job, component: str, more: dict[str, Any], text: str
    ) -> None:
        response = job.download(component, **more)
        assert response.status_code == 210
        assert response.json == {"retcode": 210, "retmsg": text}

    def test_tables_that_were_deleted_trip_the_server(self, job: Job) -> None:
        with mock() as api:
            own = Job((api, api.train()))
            (table,) = own.ask("output/data/table", "lr_0")["data"]
            api.state.tables.delete(table["table_namespace"], table["table_name"])
            assert own.download("lr_0").json == {
                "retcode": 100,
                "retmsg": "'NoneType' object has no attribute 'get_name'",
            }
            assert own.ask("output/data", "lr_0") == {
                "data": [],
                "meta": {"header": [None], "total": [], "names": []},
                "retcode": 0,
                "retmsg": "success",
            }


class TestSummary:
    def test_it_is_shown(self, job: Job) -> None:
        assert job.ask("summary/download", "intersection_0")["data"] == {
            "intersect_num": ROWS,
            "intersect_rate": 1.0,
        }

    def test_it_can_come_as_a_file(self, job: Job) -> None:
        body = {"job_id": job.job_id, "component_name": "intersection_0", **GUEST}
        response = job.api.send(
            "tracking/component/summary/download", body | {"filename": "s.json"}
        )
        assert response.headers["Content-Disposition"] == "attachment; filename=s.json"
        assert json.loads(response.data)["intersect_num"] == ROWS

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (
                {"component_name": "reader_0"},
                "No component summary found, please check if arguments are specified correctly.",
            ),
            (
                {"component_name": "reader_0", "job_id": "20990101000000000000"},
                "SQLError: no such table: t_component_summary_20990101",
            ),
            ({}, "required parameters are missing: component_name;"),
        ],
    )
    def test_refusals_have_a_status(self, job: Job, body: dict[str, str], text: str) -> None:
        config = {"job_id": job.job_id, **GUEST, **body}
        response = job.api.send("tracking/component/summary/download", config)
        assert response.status_code == 210
        assert response.json == {"retcode": 210, "retmsg": text}


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
