"""Loading into and binding in servings, that answer or not."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from flowkit_mockserver import MockServer
from flowkit_mockserver.settings import Settings
from later import post, trained
from trained import MODEL_ID, PARTIES, Api, ids, mock


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


@pytest.fixture
def served() -> Iterator[Api]:
    with mock(Settings(serving="up")) as api:
        yield api


def loads(api: Api, version: str) -> dict[str, int]:
    rows = api.ask("model/query", **ids(version))["data"]
    return {row["f_role"]: row["f_loaded_times"] for row in rows}


class TestAServingThatAnswers:
    def test_every_party_but_the_arbiter_loads_and_counts(self, served: Api) -> None:
        child = served.deploy(served.train())
        assert loads(served, child) == {"guest": 0, "host": 0, "arbiter": 0}
        answer = served.ask("model/load", **publication(child))
        assert (answer["retcode"], answer["retmsg"]) == (0, "success")
        assert answer["data"] == {
            "detail": {
                "guest": {"7001": {"retcode": 0, "retmsg": "success"}},
                "host": {"7002": {"retcode": 0, "retmsg": "success"}},
            },
            "guest": {"7001": 0},
            "host": {"7002": 0},
        }
        assert served.ask("model/load", job_id=child)["retcode"] == 0
        assert loads(served, child) == {"guest": 2, "host": 2, "arbiter": 0}

    def test_only_deployed_models_are_loaded(self, served: Api) -> None:
        version = served.train()
        answer = served.ask("model/load", **publication(version))
        assert (answer["retcode"], answer["data"]["guest"]) == (101, {"7001": 100})
        assert set(loads(served, version).values()) == {0}

    def test_a_loaded_model_is_bound(self, served: Api) -> None:
        child = served.deploy(served.train())
        config = publication(child, service_id="credit")
        assert served.ask("model/bind", **config) == {
            "retcode": 104,
            "retmsg": f"model {child}_guest#7001#{MODEL_ID} is not exist ",
        }
        served.ask("model/load", **publication(child))
        assert served.ask("model/bind", **config) == {
            "retcode": 0,
            "retmsg": "service id is credit",
        }

    def test_the_id_of_a_service_has_no_characters_of_an_address(self, served: Api) -> None:
        child = served.deploy(served.train())
        served.ask("model/load", **publication(child))
        assert served.ask("model/bind", **publication(child, service_id="a/b")) == {
            "retcode": 110,
            "retmsg": 'Service id contains special characters, ["?",":","/","&"]',
        }

    def test_the_later_lines_do_the_same(self) -> None:
        with MockServer(fate_version="1.11", serving="up") as server:
            client, _, model = trained(server)
            child = post(client, "model/deploy", model)["data"]["model_version"]
            assert post(client, "model/load", {"job_id": child})["retmsg"] == "success"
            bound = post(client, "model/bind", {"job_id": child, "service_id": "credit"})
            assert bound == {"retcode": 0, "retmsg": "service id is credit"}
            rows = post(client, "model/query", {"model_version": child, "role": "guest"})["data"]
            assert [row["f_loaded_times"] for row in rows] == [1]


def test_a_serving_is_up_or_down() -> None:
    with pytest.raises(ValueError, match="serving must be 'up' or 'down', got 'yes'"):
        MockServer(serving="yes")
