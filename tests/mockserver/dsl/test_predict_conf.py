"""The predict conf with gaps that a model offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flowkit_mockserver.dsl import DslError, Plan, derive_v2
from flowkit_mockserver.dsl.predict_conf import predict_conf

Json = dict[str, Any]


def gap(number: int) -> Json:
    return {
        "name": f"name_to_be_filled_{number}",
        "namespace": f"namespace_to_be_filled_{number}",
    }


def test_readers_are_numbered(plan: Callable[..., Plan], shop_dsl: Json, shop_conf: Json) -> None:
    trained = plan(shop_dsl, shop_conf)
    dsl = derive_v2(shop_dsl, list(shop_dsl["components"]))

    conf = predict_conf(trained.runtime_conf, dsl, "m", "2022")

    readers = {"reader_1": {"table": gap(0)}, "reader_0": {"table": gap(1)}}
    assert conf["component_parameters"] == {
        "role": {"guest": {"0": readers}, "host": {"0": readers, "1": readers}}
    }
    assert conf["dsl_version"] == 2
    assert conf["role"] == trained.roles
    common = conf["job_parameters"]["common"]
    assert (common["job_type"], common["model_id"], common["model_version"]) == (
        "predict",
        "m",
        "2022",
    )
    assert common["computing_partitions"] == 4


def test_an_undeployed_model_has_nothing_to_fill(shop_conf: Json) -> None:
    conf = predict_conf(shop_conf, {}, "m", "2022")

    assert conf["component_parameters"]["role"]["host"] == {"0": {}, "1": {}}


def test_version_1_numbers_parties(
    plan: Callable[..., Plan], old_dsl: Json, old_conf: Json
) -> None:
    trained = plan(old_dsl, old_conf)

    conf = predict_conf(trained.runtime_conf, trained.inference_dsl, "m", "2022")

    assert conf["role_parameters"] == {
        "guest": {"args": {"data": {"eval_data": [gap(0)]}}},
        "host": {"args": {"data": {"eval_data": [gap(0), gap(1)]}}},
    }
    assert conf["job_parameters"]["job_type"] == "predict"


def test_the_training_conf_stays_as_it_was(shop_conf: Json) -> None:
    predict_conf(shop_conf, {}, "m", "2022")

    assert shop_conf["job_parameters"]["common"]["job_type"] == "train"


def test_roles_and_initiator_are_needed(shop_conf: Json) -> None:
    shop_conf["role"] = {}

    with pytest.raises(DslError) as caught:
        predict_conf(shop_conf, {}, "m", "2022")

    assert caught.value.retmsg == "role and initiator should be contain in job's trainconf"
