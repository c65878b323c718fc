"""The steps of a submit, in order, and the text of the first one that fails."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from flowkit_mockserver.dsl import DslError, Plan

Planner = Callable[..., Plan]
Json = dict[str, Any]


@pytest.fixture
def refusal(plan: Planner) -> Callable[..., str]:
    def make(dsl: Any, conf: Any, **more: Any) -> str:
        with pytest.raises(DslError) as caught:
            plan(dsl, conf, **more)
        assert caught.value.retcode == 100
        return caught.value.retmsg

    return make


Refusal = Callable[..., str]

_WORK_MODE = (
    "required parameter values: work_mode=(<WorkMode.CLUSTER: 1>, <WorkMode.STANDALONE: 0>)"
)


class TestTheConf:
    def test_has_job_parameters(self, refusal: Refusal) -> None:
        assert refusal({}, {}) == "'job_parameters'"

    def test_is_a_map(self, refusal: Refusal) -> None:
        assert refusal({}, None) == "'NoneType' object has no attribute 'get'"

    @pytest.mark.parametrize("mode", [7, "0", None])
    def test_has_a_work_mode(
        self, refusal: Refusal, shop_dsl: Json, shop_conf: Json, mode: Any
    ) -> None:
        shop_conf["job_parameters"]["common"]["work_mode"] = mode

        assert refusal(shop_dsl, shop_conf) == _WORK_MODE

    def test_is_read_by_its_version(self, refusal: Refusal, shop_conf: Json) -> None:
        del shop_conf["dsl_version"]

        assert refusal({}, shop_conf) == _WORK_MODE

    def test_has_a_version_that_is_a_number(self, refusal: Refusal, shop_conf: Json) -> None:
        assert refusal({}, shop_conf | {"dsl_version": "x"}) == (
            "invalid literal for int() with base 10: 'x'"
        )
        assert refusal({}, shop_conf | {"dsl_version": None}) == (
            "int() argument must be a string, a bytes-like object or a number, not 'NoneType'"
        )

    def test_has_a_version_with_a_parser(self, refusal: Refusal, old_conf: Json) -> None:
        assert refusal({"components": {}}, old_conf | {"dsl_version": 3}) == (
            "3 version of dsl parser is not currently supported."
        )

    def test_names_initiator_and_roles(self, refusal: Refusal, shop_conf: Json) -> None:
        del shop_conf["initiator"], shop_conf["role"]

        assert refusal({}, shop_conf) == "required parameters are missing: initiator,role;"

    def test_names_the_initiators_party(self, refusal: Refusal, shop_conf: Json) -> None:
        del shop_conf["initiator"]["party_id"]

        assert refusal({}, shop_conf) == "required parameters are missing: party_id;"

    def test_has_numbers_for_parties(self, refusal: Refusal, shop_conf: Json) -> None:
        shop_conf["role"]["host"] = ["x"]

        assert refusal({}, shop_conf) == "invalid literal for int() with base 10: 'x'"

    def test_has_lists_of_parties(self, refusal: Refusal, shop_conf: Json) -> None:
        shop_conf["role"]["host"] = 7002

        assert refusal({}, shop_conf) == "object of type 'int' has no len()"

    def test_lists_the_initiator_under_its_role(
        self, refusal: Refusal, shop_dsl: Json, shop_conf: Json
    ) -> None:
        shop_conf["initiator"]["party_id"] = 1234

        assert refusal(shop_dsl, shop_conf) == "initiator party id error 1234"

    def test_knows_the_initiators_role(
        self, refusal: Refusal, shop_dsl: Json, shop_conf: Json
    ) -> None:
        shop_conf["initiator"]["role"] = "nosuch"

        assert refusal(shop_dsl, shop_conf) == "'nosuch'"

    def test_has_a_job_type_the_server_knows(
        self, refusal: Refusal, shop_dsl: Json, shop_conf: Json
    ) -> None:
        shop_conf["job_parameters"]["common"]["job_type"] = "dream"

        assert refusal(shop_dsl, shop_conf) == "dsl' s mode should be train or predict"

    def test_has_a_backend_the_server_knows(
        self, refusal: Refusal, shop_dsl: Json, shop_conf: Json
    ) -> None:
        shop_conf["job_parameters"]["common"]["backend"] = 9

        assert refusal(shop_dsl, shop_conf) == "9 is not a valid Backend"


class TestTheDsl:
    def test_is_needed_for_training(self, refusal: Refusal, shop_conf: Json) -> None:
        assert refusal({}, shop_conf) == (
            "There are no dsl, please check if the role and party id are correct"
        )

    @pytest.mark.parametrize(
        ("dsl", "text"),
        [
            ({"x": 1}, "'components'"),
            ({"components": []}, "'list' object has no attribute 'keys'"),
            ({"components": {"x_0": {}}}, "'module'"),
            ({"components": {"x_0": "Reader"}}, "string indices must be integers"),
        ],
    )
    def test_is_stumbled_over_before_it_is_read(
        self, refusal: Refusal, shop_conf: Json, dsl: Any, text: str
    ) -> None:
        assert refusal(dsl, shop_conf) == text

    def test_may_not_give_the_guest_the_private_key(
        self, refusal: Refusal, shop_dsl: Json, shop_conf: Json
    ) -> None:
        shop_conf["role"] = {"guest": [7001], "host": [7002], "arbiter": [7001]}

        assert refusal(shop_dsl, shop_conf) == (
            "heterolr component constraint party id, please check role config:"
            "{'guest': [7001], 'host': [7002], 'arbiter': [7001]}"
        )

    def test_lets_one_party_play_all_roles(
        self, plan: Planner, shop_dsl: Json, shop_conf: Json
    ) -> None:
        shop_conf["role"] = {"guest": [7001], "host": [7001], "arbiter": [7001]}
        del shop_conf["component_parameters"]["role"]["host"]

        assert plan(shop_dsl, shop_conf).roles["arbiter"] == [7001]

    def test_has_readers_of_parties_that_exist(
        self, refusal: Refusal, shop_dsl: Json, shop_conf: Json
    ) -> None:
        shop_conf["role"]["host"] = [7002]

        assert refusal(shop_dsl, shop_conf) == "list index out of range"

    def test_has_parameters_of_roles_that_take_part(
        self, refusal: Refusal, shop_dsl: Json, shop_conf: Json
    ) -> None:
        del shop_conf["role"]["host"]

        assert refusal(shop_dsl, shop_conf) == "'host'"

    def test_of_v1_takes_args_that_are_given(
        self, refusal: Refusal, old_dsl: Json, old_conf: Json
    ) -> None:
        old_dsl["components"]["dataio_0"]["input"]["data"]["data"] = ["args.eval_data"]

        assert refusal(old_dsl, old_conf) == (
            "eval_data does not exist in submit conf's data, please check!"
        )

    def test_of_v1_needs_role_parameters(
        self, refusal: Refusal, old_dsl: Json, old_conf: Json
    ) -> None:
        del old_conf["role_parameters"]

        assert refusal(old_dsl, old_conf) == "not enough values to unpack (expected 2, got 0)"

    def test_of_v1_has_no_reader(self, refusal: Refusal, old_dsl: Json, old_conf: Json) -> None:
        old_dsl["components"]["reader_0"] = {"module": "Reader"}

        assert refusal(old_dsl, old_conf) == "Reader component can only be set in dsl_version 2"


class TestATraining:
    def test_is_planned(self, plan: Planner, shop_dsl: Json, shop_conf: Json) -> None:
        planned = plan(shop_dsl, shop_conf, job_id="2021")

        assert planned.job_type == "train"
        assert planned.model_id == "arbiter-7009#guest-7001#host-7002_7003#model"
        assert planned.model_version == "2021"
        assert planned.initiator == ("guest", 7001)
        assert planned.train_runtime_conf == {}
        assert planned.inference_dsl == {}

    def test_leaves_what_was_sent_alone(
        self, plan: Planner, shop_dsl: Json, shop_conf: Json
    ) -> None:
        shop_conf["role"]["guest"] = ["7001"]
        before = copy.deepcopy((shop_dsl, shop_conf))

        planned = plan(shop_dsl, shop_conf)

        assert (shop_dsl, shop_conf) == before
        assert planned.roles["guest"] == [7001]

    def test_keeps_unknown_keys_of_the_conf(
        self, plan: Planner, shop_dsl: Json, shop_conf: Json
    ) -> None:
        planned = plan(shop_dsl, shop_conf | {"conf_path": "shop.json"})

        assert planned.runtime_conf["conf_path"] == "shop.json"

    def test_gets_a_model_of_its_own(self, plan: Planner, shop_dsl: Json, shop_conf: Json) -> None:
        shop_conf["job_parameters"]["common"] |= {"model_id": "mine", "model_version": "1"}

        planned = plan(shop_dsl, shop_conf, job_id="2021")

        assert planned.runtime_conf["job_parameters"]["common"]["model_version"] == "2021"

    def test_of_v1_derives_its_predict_dsl(
        self, plan: Planner, old_dsl: Json, old_conf: Json
    ) -> None:
        planned = plan(old_dsl, old_conf)

        assert list(planned.inference_dsl["components"]) == [
            "dataio_0",
            "intersection_0",
            "hetero_lr_0",
        ]


class TestAPrediction:
    @pytest.fixture
    def conf(self, shop_conf: Json) -> Json:
        conf = copy.deepcopy(shop_conf)
        conf["component_parameters"] = {
            "role": {"guest": {"0": {"reader_0": {"table": {"name": "new", "namespace": "shop"}}}}}
        }
        conf["job_parameters"]["common"] |= {
            "job_type": "predict",
            "model_id": "m",
            "model_version": "2020",
        }
        return conf

    @pytest.fixture
    def model(self, plan: Planner, shop_dsl: Json, shop_conf: Json) -> Json:
        trained = plan(shop_dsl, shop_conf, job_id="2020")
        dsl = {
            "components": {
                "reader_0": {"module": "Reader", "output": {"data": ["rows"]}},
                "dataio_0": {
                    "module": "DataIO",
                    "input": {
                        "data": {"data": ["reader_0.rows"]},
                        "model": ["pipeline.dataio_0.io_model"],
                    },
                    "output": {"data": ["inst"]},
                },
            }
        }
        return {
            "train_runtime_conf": trained.runtime_conf,
            "inference_dsl": dsl,
            "parent": False,
        }

    def test_names_its_model(self, refusal: Refusal, conf: Json) -> None:
        del conf["job_parameters"]["common"]["model_version"]

        assert refusal({}, conf) == "required parameters are missing: model_version;"

    def test_needs_a_version_that_is_not_empty(self, refusal: Refusal, conf: Json) -> None:
        conf["job_parameters"]["common"]["model_version"] = ""

        assert refusal({}, conf) == ("'NoneType' object has no attribute 'read_component_model'")

    def test_needs_a_model_that_exists(self, refusal: Refusal, conf: Json) -> None:
        assert refusal({}, conf) == "Can not found guest#7001#m 2020 model local cache"

    def test_needs_a_model_that_is_deployed(
        self, refusal: Refusal, conf: Json, model: Json
    ) -> None:
        assert refusal({}, conf, model=model | {"parent": True}) == (
            "Model m 2020 has not been deployed yet."
        )

    def test_runs_the_dsl_of_the_model(self, plan: Planner, conf: Json, model: Json) -> None:
        planned = plan({"components": {}}, conf, model=model)

        assert planned.job_type == "predict"
        assert planned.dsl == model["inference_dsl"]
        assert planned.train_runtime_conf == model["train_runtime_conf"]
        assert (planned.model_id, planned.model_version) == ("m", "2020")

    def test_keeps_the_parameters_of_the_training(
        self, plan: Planner, conf: Json, model: Json
    ) -> None:
        planned = plan({}, conf, model=model)

        dataio = planned.parameters["dataio_0"]["guest"]["7001"]["DataIOParam"]
        reader = planned.parameters["reader_0"]["guest"]["7001"]["ReaderParam"]
        assert dataio["with_label"] is True
        assert reader["table"] == {"name": "new", "namespace": "shop"}

    def test_refuses_strangers(self, refusal: Refusal, conf: Json, model: Json) -> None:
        conf["role"]["host"] = [7005]

        assert refusal({}, conf, model=model) == (
            "Predict role: host party_id: 7005 not occurs in training"
        )

    def test_of_a_v1_model_needs_no_deployment(
        self, plan: Planner, old_dsl: Json, old_conf: Json
    ) -> None:
        trained = plan(old_dsl, old_conf, job_id="2020")
        old_conf["job_parameters"] |= {
            "job_type": "predict",
            "model_id": trained.model_id,
            "model_version": "2020",
        }
        old_conf["role_parameters"] = {
            role: {"args": {"data": {"eval_data": entry["args"]["data"]["train_data"]}}}
            for role, entry in old_conf["role_parameters"].items()
        }
        model = {
            "train_runtime_conf": trained.runtime_conf,
            "inference_dsl": trained.inference_dsl,
            "parent": True,
        }

        planned = plan({}, old_conf, model=model)

        lr = planned.parameters["hetero_lr_0"]["host"]["7003"]["HeteroLogisticParam"]
        assert (lr["max_iter"], lr["batch_size"]) == (3, 64)
