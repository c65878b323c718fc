"""Models that predict, and the buffers that are handed to a serving."""

from __future__ import annotations

import base64
import json

import pytest

from trained import MODEL_ID, Api, ids


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
