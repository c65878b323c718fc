"""Loading into and binding in servings that are not there."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from trained import MODEL_ID, PARTIES, Api, ids


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
