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
