"""Deploying a model: each party gets a child that predicts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trained import COMPONENTS, MODEL_ID, PARTIES, Api, ids


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
