from __future__ import annotations

import base64
import copy
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trained import DSL, MODEL_ID, ROWS, Api, mock, train_conf

PARTIES = {"guest": "7001", "host": "7002", "arbiter": "7009"}
COMPONENTS = ["reader_0", "dataio_0", "intersection_0", "lr_0"]


@pytest.fixture
def api() -> Iterator[Api]:
    with mock() as api:
        yield api


@pytest.fixture
def version(api: Api) -> str:
    return api.train()


def ids(version: str, **more: Any) -> dict[str, Any]:
    return {"model_id": MODEL_ID, "model_version": version, **more}


class TestTraining:
    def test_every_party_has_a_row(self, api: Api, version: str) -> None:
        answer = api.ask("model/query", **ids(version))
        assert answer["retmsg"] == "Query model info from db success."
        rows = {row["f_role"]: row for row in answer["data"]}
        assert rows.keys() == PARTIES.keys()
        row = rows["guest"]
        assert row["f_parent"] is True
        assert row["f_job_id"] == row["f_model_version"] == version
        assert row["f_runtime_conf"]["job_parameters"]["common"]["model_version"] == version
        assert row["f_train_runtime_conf"] == row["f_inference_dsl"] == {}
        assert row["f_job_status"] == "running"

    def test_a_failed_job_leaves_a_model_that_can_be_deployed(self, api: Api) -> None:
        conf = train_conf()
        conf["component_parameters"]["role"]["guest"]["0"]["reader_0"]["table"]["name"] = "nosuch"
        version = api.ask("job/submit", job_dsl=DSL, job_runtime_conf=conf)["jobId"]
        assert len(api.ask("model/query", **ids(version))["data"]) == len(PARTIES)
        assert api.deploy(version)

    def test_a_version_is_needed_to_ask(self, api: Api) -> None:
        assert api.ask("model/query", model_id=MODEL_ID) == {
            "retcode": 100,
            "retmsg": "query_model_info() missing 1 required positional argument: 'model_version'",
        }

    def test_unknown_models_are_unknown(self, api: Api) -> None:
        answer = api.ask("model/query", **ids("2099"))
        assert (answer["retcode"], answer["data"]) == (100, [])
        assert answer["retmsg"].startswith("Query model info failed, cannot find model from db. ")

    def test_answers_keep_the_order_of_their_keys(self, api: Api, version: str) -> None:
        text = api.send("model/query", ids(version)).get_data(as_text=True)
        assert text.startswith(
            '{"retcode": 0, "retmsg": "Query model info from db success.", "data": ['
        )


class TestDeployment:
    def test_every_party_gets_a_child(self, api: Api, version: str) -> None:
        answer = api.ask("model/deploy", **ids(version, cpn_list=COMPONENTS))
        child = answer["data"].pop("model_version")
        assert (answer["retcode"], answer["retmsg"]) == (0, "success")
        assert "jobId" not in answer
        assert answer["data"] == {
            "model_id": MODEL_ID,
            "detail": {
                role: {
                    party_id: {
                        "retcode": 0,
                        "retmsg": f"deploy model of role {role} {party_id} success",
                    }
                }
                for role, party_id in PARTIES.items()
            },
            **{role: {party_id: 0} for role, party_id in PARTIES.items()},
        }
        (row,) = api.ask("model/query", **ids(child, role="guest"))["data"]
        assert row["f_parent"] is False
        assert row["f_parent_info"] == {
            "parent_model_id": MODEL_ID,
            "parent_model_version": version,
        }
        assert list(row["f_inference_dsl"]["components"]) == COMPONENTS
        assert row["f_runtime_conf"] == {}
        parameters = row["f_train_runtime_conf"]["job_parameters"]["common"]
        assert parameters["model_version"] == child
        assert row["f_runtime_conf_on_party"]["job_parameters"]["model_version"] == child

    def test_the_parent_stays_as_it_was(self, api: Api, version: str) -> None:
        before = api.ask("model/query", **ids(version))
        archive = api.export(version)
        api.deploy(version)
        assert api.ask("model/query", **ids(version)) == before
        assert api.export(version) == archive

    def test_the_predict_dsl_can_be_supplied(self, api: Api, version: str) -> None:
        dsl = api.ask("model/get/predict/dsl", **ids(api.deploy(version, cpn_list=COMPONENTS)))
        for supplied in (dsl["data"], json.dumps(dsl["data"])):
            child = api.deploy(version, predict_dsl=supplied)
            assert api.ask("model/get/predict/dsl", **ids(child)) == dsl

    @pytest.mark.parametrize(
        ("choice", "details"),
        [
            (
                {"cpn_list": ["nosuch_0"]},
                "components {'nosuch_0'} not exist in training dsl, can not deploy!!!",
            ),
            (
                {
                    "predict_dsl": {
                        "components": {
                            "dataio_0": {
                                "module": "DataIO",
                                "input": {"data": {"data": ["nosuch_0.data"]}},
                            }
                        }
                    }
                },
                "Component dataio_0's data input nosuch_0 does not exist",
            ),
        ],
    )
    def test_each_party_says_what_is_wrong(
        self, api: Api, version: str, choice: dict[str, Any], details: str
    ) -> None:
        answer = api.ask("model/deploy", **ids(version), **choice)
        assert (answer["retcode"], answer["retmsg"]) == (101, "failed")
        assert answer["data"]["guest"] == {"7001": 100}
        assert answer["data"]["detail"]["host"]["7002"] == {
            "retcode": 100,
            "retmsg": f"deploy model of role host 7002 failed, details: {details}",
        }

    def test_a_child_cannot_be_deployed(self, api: Api, version: str) -> None:
        answer = api.ask("model/deploy", **ids(api.deploy(version)))
        details = answer["data"]["detail"]["guest"]["7001"]["retmsg"]
        assert details.endswith("details: Child model could not be deployed.")

    def test_a_version_that_is_a_number_trips_every_party(self, api: Api, version: str) -> None:
        answer = api.ask("model/deploy", **ids(version) | {"model_version": int(version)})
        details = answer["data"]["detail"]["guest"]["7001"]["retmsg"]
        assert details.endswith("join() argument must be str or bytes, not 'int'")

    def test_unknown_models_are_unknown(self, api: Api) -> None:
        assert api.ask("model/deploy", **ids("2099")) == {
            "retcode": 100,
            "retmsg": f"Deploy model failed, no model {MODEL_ID} 2099 found.",
        }

    def test_both_ids_are_needed(self, api: Api) -> None:
        assert api.ask("model/deploy")["retmsg"] == (
            "required parameters are missing: model_id,model_version;"
        )


class TestPrediction:
    def test_an_undeployed_model_has_an_empty_predict_dsl(self, api: Api, version: str) -> None:
        assert api.ask("model/get/predict/dsl", **ids(version))["data"] == {}

    def test_nothing_is_found_of_unknown_models(self, api: Api) -> None:
        for path in ("model/get/predict/dsl", "model/get/predict/conf"):
            response = api.send(path, ids("2099"))
            assert response.status_code == 210
            assert response.json == {
                "retcode": 210,
                "retmsg": "No model found, please check if arguments are specified correctly.",
            }

    def test_a_deployed_model_predicts(self, api: Api, version: str) -> None:
        job_id = api.predict(api.deploy(version))
        api.finished(job_id)

    def test_a_conf_can_come_as_a_file(self, api: Api, version: str) -> None:
        response = api.send("model/get/predict/conf", ids(version, filename="conf.json"))
        assert response.headers["Content-Disposition"] == "attachment; filename=conf.json"
        assert json.loads(response.data)["job_parameters"]["common"]["job_type"] == "predict"

    def test_predicting_saves_models_again(self, api: Api, version: str) -> None:
        child = api.deploy(version)
        pmid = f"guest#7001#{MODEL_ID}"
        before = api.ask("model/transfer", namespace=pmid, name=child)["data"]
        api.predict(child)
        after = api.ask("model/transfer", namespace=pmid, name=child)["data"]
        added = after.keys() - before.keys()
        assert added == {
            name.replace(".model:", ".default:") for name in before if ".model:" in name
        }


class TestTransfer:
    def test_buffers_come_in_base64(self, api: Api, version: str) -> None:
        pmid = f"guest#7001#{MODEL_ID}"
        buffers = api.ask("model/transfer", namespace=pmid, name=version)["data"]
        assert base64.b64decode(buffers["dataio_0.model:DataIOMeta"])
        assert b"1.6.1" in base64.b64decode(buffers["pipeline.pipeline:Pipeline"])
        by_path = api.send(f"model/transfer/{pmid.replace('#', '~')}/{version}")
        assert by_path.json is not None
        assert by_path.json["data"] == buffers

    @pytest.mark.parametrize(
        ("body", "status", "text"),
        [
            ({}, 400, "namespace and name are required"),
            ({"namespace": "guest#1#m", "name": "1"}, 404, "model not found"),
        ],
    )
    def test_refusals_have_a_status(
        self, api: Api, body: dict[str, str], status: int, text: str
    ) -> None:
        response = api.send("model/transfer", body)
        assert response.status_code == status
        assert response.json == {"retcode": status, "retmsg": text}


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


def migration(version: str, **changes: Any) -> dict[str, Any]:
    return {
        "job_parameters": {"federated_mode": "SINGLE"},
        "role": {"guest": [7001], "host": [7002], "arbiter": [7009]},
        "migrate_initiator": {"role": "guest", "party_id": 8001},
        "migrate_role": {"guest": [8001], "host": [8002], "arbiter": [8009]},
        "execute_party": {"guest": [7001], "host": [7002]},
        "unify_model_version": "20200901",
        **ids(version),
        **changes,
    }


class TestMigration:
    def test_an_archive_is_left_for_the_new_party(self, api: Api, version: str) -> None:
        answer = api.ask("model/migrate", **migration(version))
        assert (answer["retcode"], answer["data"]["guest"]) == (0, {"7001": 0})
        assert answer["jobId"]
        text = answer["data"]["detail"]["guest"]["7001"]["retmsg"]
        found = re.search(
            r"New model id is: (\S+), model version is: 20200901\. .* '(.*)'\.$", text
        )
        assert found
        model_id, path = found.groups()
        assert model_id == "arbiter-8009#guest-8001#host-8002#model"
        assert Path(path).name == f"guest#8001#{model_id}_20200901.zip"
        with mock() as other:
            assert (
                other.import_(Path(path).read_bytes(), "20200901", party_id="8001")["retcode"] == 0
            )
            (row,) = other.ask("model/query", model_version="20200901")["data"]
            assert (row["f_model_id"], row["f_initiator_party_id"]) == (model_id, "8001")

    def test_the_model_here_stays_and_the_new_one_is_not_here(self, api: Api, version: str) -> None:
        before = api.export(version)
        api.ask("model/migrate", **migration(version))
        assert api.export(version) == before
        assert api.ask("model/query", model_version="20200901")["retcode"] == 100

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"model_version": "2099"}, f"Can not found {MODEL_ID} 2099 model local cache"),
            ({"execute_party": {"guest": ["7001"]}}, "'NoneType' object is not subscriptable"),
        ],
    )
    def test_what_a_party_refuses_does_not_count(
        self, api: Api, version: str, changes: dict[str, Any], text: str
    ) -> None:
        answer = api.ask("model/migrate", **migration(version, **changes))
        assert (answer["retcode"], answer["retmsg"]) == (0, "success")
        assert answer["data"]["detail"]["guest"]["7001"] == {"retcode": 100, "retmsg": text}

    def test_a_version_in_use_is_refused(self, api: Api, version: str) -> None:
        answer = api.ask("model/migrate", **migration(version, unify_model_version=version))
        assert answer["data"]["detail"]["guest"]["7001"]["retmsg"] == (
            f"Unify model version {version} has been occupied in database. "
            "Please choose another unify model version and try again."
        )

    def test_parties_elsewhere_cannot_be_reached(self, api: Api, version: str) -> None:
        changes = {"job_parameters": {"federated_mode": "MULTIPLE"}}
        answer = api.ask("model/migrate", **migration(version, **changes))
        assert (answer["retcode"], answer["retmsg"]) == (101, "failed")
        assert answer["data"]["guest"] == {"7001": 100}
        assert answer["data"]["detail"]["guest"] == {}

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            (
                {"migrate_role": {"guest": [7001], "host": ["7002"], "arbiter": [7009]}},
                "The config of previous roles is the same with that of migrate roles. "
                "There is no need to migrate model. Migration process aborting.",
            ),
            (
                {"migrate_role": {"guest": [8001], "host": [8002]}},
                "The structure of roles data of local configuration is different from "
                "model runtime configuration's. Migration aborting.",
            ),
            (
                {"migrate_role": {"guest": [8001, 8011], "host": [8002], "arbiter": [8009]}},
                "The structure of roles data of local configuration is different from "
                "model runtime configuration's. Migration aborting.",
            ),
        ],
    )
    def test_roles_have_to_correspond(
        self, api: Api, version: str, changes: dict[str, Any], text: str
    ) -> None:
        answer = api.ask("model/migrate", **migration(version, **changes))
        assert answer == {"retcode": 100, "retmsg": text}

    def test_what_is_missing_is_named(self, api: Api, version: str) -> None:
        config = migration(version)
        del config["execute_party"]
        assert api.ask("model/migrate", **config)["retmsg"] == (
            "required parameters are missing: execute_party;"
        )
        del config["migrate_initiator"]
        assert api.ask("model/migrate", **config)["retmsg"] == "'migrate_initiator'"


def publication(version: str, **changes: Any) -> dict[str, Any]:
    return {
        "initiator": {"role": "guest", "party_id": "7001"},
        "role": {role: [party_id] for role, party_id in PARTIES.items()},
        "job_parameters": {"work_mode": 0, **ids(version)},
        **changes,
    }


class TestServing:
    def test_only_deployed_models_are_loaded(self, api: Api, version: str) -> None:
        answer = api.ask("model/load", **publication(version))
        assert (answer["retcode"], answer["retmsg"]) == (101, "failed")
        assert answer["jobId"]
        assert answer["data"]["guest"] == {"7001": 100}
        assert "arbiter" not in answer["data"]
        assert answer["data"]["detail"]["host"]["7002"]["retmsg"] == (
            "Only deployed models could be used to execute process of loading. "
            "Please deploy model before loading."
        )

    @pytest.mark.parametrize("by_version", [True, False])
    def test_a_deployed_model_finds_no_serving(
        self, api: Api, version: str, by_version: bool
    ) -> None:
        child = api.deploy(version)
        config = {"job_id": child} if by_version else publication(child)
        answer = api.ask("model/load", **copy.deepcopy(config))
        text = answer["data"]["detail"]["guest"]["7001"]["retmsg"]
        assert "StatusCode.UNAVAILABLE" in text
        assert "ipv4:127.0.0.1:8000" in text
        answer = api.ask("model/bind", **config, service_id="s")
        assert answer["retcode"] == 100
        assert "StatusCode.UNAVAILABLE" in answer["retmsg"]

    def test_servings_can_be_named(self, api: Api, version: str) -> None:
        config = publication(api.deploy(version), service_id="s", servings=["10.0.0.1:8001"])
        assert "ipv4:10.0.0.1:8001" in api.ask("model/bind", **config)["retmsg"]

    def test_unknown_models_are_unknown(self, api: Api) -> None:
        answer = api.ask("model/load", **publication("2099"))
        assert answer["data"]["detail"]["guest"]["7001"]["retmsg"] == (
            f"Model guest#7001#{MODEL_ID} 2099 not exists in model local cache."
        )
        hint = "can not be found in database. Please check if the model version is valid."
        assert api.ask("model/load", job_id="2099") == {
            "retcode": 101,
            "retmsg": f"model with version 2099 {hint}",
        }
        assert api.ask("model/bind", job_id="2099", service_id="s") == {
            "retcode": 101,
            "retmsg": f"model 2099 {hint}",
        }

    def test_what_is_missing_is_named(self, api: Api, version: str) -> None:
        config = publication(version)
        assert api.ask("model/bind", **config) == {"retcode": 101, "retmsg": "no service id"}
        assert api.ask("model/bind", service_id="s")["retmsg"] == (
            "required parameters are missing: initiator,role,job_parameters;"
        )
        del config["initiator"]
        assert api.ask("model/load", **config) == {"retcode": 100, "retmsg": "'initiator'"}


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
