"""The conf that counts: per party, and for a prediction on fewer parties."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dsl.conf import job_parameters_by_party, predict_conf_v2

Json = dict[str, Any]


def test_job_parameters_can_differ_by_role(shop_conf: Json) -> None:
    shop_conf["job_parameters"]["role"] = {
        "host": {"all": {"timeout": 5, "spark_run": {"a": 1}}, "1": {"spark_run": {"b": 2}}}
    }

    found = job_parameters_by_party(shop_conf, version=2)

    assert "timeout" not in found["guest"][7001]
    assert found["host"][7002]["spark_run"] == {"a": 1}
    assert found["host"][7003]["spark_run"] == {"a": 1, "b": 2}


def test_version_1_gives_everybody_the_same(old_conf: Json) -> None:
    found = job_parameters_by_party(old_conf, version=1)

    assert found["arbiter"][7009] == found["guest"][7001] == {"work_mode": 0}


def test_a_prediction_without_a_role_forgets_it(shop_conf: Json) -> None:
    found = predict_conf_v2(shop_conf, {"role": {"guest": [7001]}})

    assert found["role"] == {"guest": [7001]}
    assert list(found["component_parameters"]["role"]) == ["guest"]


def test_parameters_follow_their_party_to_its_new_place(shop_conf: Json) -> None:
    host = shop_conf["component_parameters"]["role"]["host"]
    del host["all"]

    found = predict_conf_v2(shop_conf, {"role": {"guest": [7001], "host": [7003]}})

    assert found["component_parameters"]["role"]["host"] == {
        "0": host["1"] | host["0|1"],
    }


def test_all_cannot_be_renumbered(shop_conf: Json) -> None:
    with pytest.raises(ValueError, match="invalid literal for int"):
        predict_conf_v2(shop_conf, {"role": {"guest": [7001], "host": [7003]}})


def test_all_stays_when_the_parties_do(shop_conf: Json) -> None:
    found = predict_conf_v2(shop_conf, {"role": shop_conf["role"]})

    assert "all" in found["component_parameters"]["role"]["host"]


def test_what_the_prediction_says_wins(shop_conf: Json) -> None:
    found = predict_conf_v2(
        shop_conf,
        {
            "role": shop_conf["role"],
            "component_parameters": {"common": {"lr_0": {"max_iter": 9}}},
        },
    )

    assert found["component_parameters"]["common"]["lr_0"]["max_iter"] == 9
    assert found["component_parameters"]["common"]["lr_0"]["optimizer"] == "sgd"
