from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from flowkit_mockserver.settings import Settings
from trained import MODEL_ID, PARTIES, ROWS, Api, ids, mock


@pytest.fixture
def api() -> Iterator[Api]:
    with mock() as api:
        yield api


@pytest.fixture
def version(api: Api) -> str:
    return api.train()


class TestArchives:
    def test_the_file_is_named_after_the_model(self, api: Api, version: str) -> None:
        config = ids(version, role="guest", party_id="7001")
        response = api.send("model/export", config, method="GET")
        name = f"guest#7001#{MODEL_ID}_{version}.zip"
        assert response.headers["Content-Disposition"] == f"attachment; filename={name}"
        with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
            assert archive.testzip() is None

    def test_unknown_models_have_no_archive(self, api: Api) -> None:
        config = ids("2099", role="guest", party_id="7001")
        response = api.send("model/export", config, method="GET")
        assert response.status_code == 210
        assert response.json == {
            "retcode": 210,
            "retmsg": f"Model guest#7001#{MODEL_ID} 2099 is not exist.",
        }

    def test_all_ids_are_needed(self, api: Api) -> None:
        assert api.ask("model/export", role="guest")["retmsg"] == (
            "required parameters are missing: model_id,model_version,party_id;"
        )

    def test_with_quirks_a_model_of_another_server_leaves_files_only(
        self, api: Api, version: str
    ) -> None:
        archive = api.export(version, "guest", PARTIES["guest"])
        asked = (archive, version, "guest", PARTIES["guest"])
        with mock(Settings(quirks=True)) as other:
            assert other.import_(*asked) == {
                "retcode": 100,
                "retmsg": "Create <Model: MachineLearningModelInfo> failed:\nConstraintError: NOT NULL"
                " constraint failed: t_machine_learning_model_info.f_work_mode",
            }
            assert other.import_(*asked)["retmsg"].endswith("local cache already existed")

    def test_another_server_can_predict_with_an_imported_model(
        self, api: Api, version: str
    ) -> None:
        child = api.deploy(version)
        scored = output(api, api.predict(child))
        with mock() as other:
            for role, party_id in PARTIES.items():
                archive = api.export(child, role, party_id)
                answer = other.import_(archive, child, role, party_id)
                assert answer == {"retcode": 0, "retmsg": "success"}
            job_id = other.predict(child)
            other.finished(job_id)
            assert output(other, job_id) == scored
            assert len(scored) == ROWS
            (row,) = other.ask("model/query", **ids(child, role="guest"))["data"]
            assert (row["f_imported"], row["f_parent"]) == (1, None)
            assert row["f_job_id"] == child

    def test_a_model_is_imported_once(self, api: Api, version: str) -> None:
        assert api.import_(api.export(version), version) == {
            "retcode": 100,
            "retmsg": f"Model guest#7001#{MODEL_ID} {version} local cache already existed",
        }

    def test_a_party_without_a_part_gets_nothing(self, api: Api, version: str) -> None:
        archive = api.export(version)
        for _ in range(2):
            assert api.import_(archive, version, party_id="9")["retmsg"] == (
                "party id {} is not in model roles, please check if the party id is valid."
            )

    def test_an_import_under_another_version_makes_no_row(self, api: Api, version: str) -> None:
        assert api.import_(api.export(version), "20200101")["retcode"] == 0
        answer = api.ask("model/query", **ids("20200101"))
        assert answer["retmsg"] == "Query model info from local model success."
        (pipeline,) = answer["data"]
        assert pipeline["f_model_version"] == version
        assert "f_loaded_times" not in pipeline

    def test_a_refused_import_leaves_a_shell_that_trips_others(self, api: Api) -> None:
        answer = api.import_(b"hello", "20200101")
        assert re.fullmatch(r"/.*/model\.zip is not a zip file", answer["retmsg"])
        assert api.import_(b"hello", "20200101")["retmsg"].endswith("local cache already existed")
        assert api.ask("model/get/predict/dsl", **ids("20200101"))["retmsg"].startswith(
            "[Errno 2] No such file or directory: "
        )

    def test_a_file_is_needed(self, api: Api) -> None:
        answer = api.ask("model/import", **ids("1", role="guest", party_id="7001"))
        assert answer["retmsg"] == "'NoneType' object has no attribute 'filename'"

    def test_storing_and_restoring_are_jobs(self, api: Api, version: str) -> None:
        for word in ("store", "restore"):
            answer = api.ask(f"model/{word}", **ids(version, role="guest", party_id="7001"))
            assert answer["retcode"] == 0
            assert answer["data"]["model_info"]["model_id"] == "local-0#model"
            (row,) = api.ask("job/query", job_id=answer["jobId"])["data"]
            assert (row["f_role"], row["f_status"]) == ("local", "failed")

    def test_there_are_no_other_operations(self, api: Api) -> None:
        assert api.ask("model/nosuch")["retmsg"] == "Can not support this operating now: nosuch"


def output(api: Api, job_id: str) -> list[list[Any]]:
    """Return the rows that the model of a predict job put out on the guest."""
    answer = api.ask(
        "tracking/component/output/data",
        job_id=job_id,
        role="guest",
        party_id=7001,
        component_name="lr_0",
    )
    rows: list[list[Any]] = answer["data"][0]
    return rows


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("model/query", "query_model_info() argument after ** must be a mapping, not NoneType"),
        ("model/deploy", "argument of type 'NoneType' is not iterable"),
        ("model/load", "'NoneType' object has no attribute 'get'"),
    ],
)
def test_bodies_that_are_not_declared_as_json_are_not_seen(api: Api, path: str, text: str) -> None:
    response = api.client.post(f"/v1/{path}", data=b'{"model_version": "1"}')
    assert json.loads(response.data) == {"retcode": 100, "retmsg": text}
