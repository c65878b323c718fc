"""Component kinds before 1.6, held to what the classes and the server of FATE 1.5.3 have and answer."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.dsl.parameters import merge_component
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.kinds.older import kind_on, with_later_parameters

FIVE, SIX = dialect_of("1.5.3"), dialect_of("1.6.1")


def merged(module: str, parameters: Any) -> dict[str, Any]:
    conf = {
        "role": {"guest": [9999], "host": [10000], "arbiter": [10000]},
        "component_parameters": {"common": {"c_0": parameters}},
    }
    return merge_component(conf, module, "c_0", version=2, dialect=FIVE)["guest"][0]


@pytest.mark.parametrize(
    "module", ["DataTransform", "HomoFeatureBinning", "SBTFeatureTransformer", "SampleWeight"]
)
def test_kinds_that_came_with_1_6_do_not_exist(module: str) -> None:
    assert kind_on(FIVE, module) is None
    assert kind_on(SIX, module) is not None
    with pytest.raises(Refusal, match=f"module {module} does not exist under the fold"):
        merged(module, {})


def test_a_logistic_regression_has_what_1_5_3_was_given_and_not_what_1_6_added() -> None:
    stored = merged("HeteroLR", {"max_iter": 3})["HeteroLogisticParam"]
    assert (stored["batch_strategy"], stored["masked_rate"], stored["shuffle"]) == ("full", 5, True)
    assert "floating_point_precision" not in stored
    assert "history_value_type" not in stored["cv_param"]


def test_the_class_of_a_binning_has_another_name() -> None:
    stored = merged("HeteroFeatureBinning", {})
    assert "encrypt_param" not in stored["FeatureBinningParam"]


@pytest.mark.parametrize(
    ("module", "parameters", "text"),
    [
        ("HeteroLR", {"floating_point_precision": 23}, "redundant parameter floating_point_prec"),
        ("HeteroLR", {"masked_rate": -1}, "masked rate should be non-negative numeric number$"),
        ("HomoLR", {"shuffle": None}, "shuffle define in batch should be boolean type$"),
        ("HomoLR", {"optimizer": "x"}, "'nesterov_momentum_sgd' or 'adagrad'$"),
        ("HeteroSecureBoost", {"run_goss": True}, "has redundant parameter run_goss$"),
        (
            "HeteroSecureBoost",
            {"tree_param": {"criterion_params": None}},
            "decision tree param's criterion_params None not supported, should be list$",
        ),
        (
            "HomoSecureboost",
            {"subsample_random_seed": -1},
            "random seed must be an integer >= 0$",
        ),
        (
            "HeteroFeatureBinning",
            {"bin_num": None},
            "hetero binning param's None not supported, should be positive integer$",
        ),
        (
            "Intersection",
            {"join_role": None},
            r"msg is intersect param's None not supported, should be one of \['guest', 'host'\]$",
        ),
        ("Intersection", {"encode_params": {"encode_method": "sm3"}}, r"'sha384', 'sha512'\]$"),
        (
            "FTL",
            {"intersect_param": {"encode_params": {"base64": None}}},
            "encode param's base64 None not supported, should be bool type$",
        ),
        ("HeteroFeatureSelection", {"filter_methods": ["vif_filter"]}, "it should be in"),
        ("HeteroPearson", {}, "provide at least one column$"),
        (
            "Evaluation",
            {"metrics": [1]},
            "descriptor 'lower' requires a 'str' object but received a 'int'$",
        ),
    ],
)
def test_what_a_class_refuses(module: str, parameters: Any, text: str) -> None:
    with pytest.raises(Refusal, match=text):
        merged(module, parameters)


@pytest.mark.parametrize(
    ("module", "parameters"),
    [
        ("HeteroSecureBoost", {"sparse_optimization": None}),
        ("HeteroFeatureBinning", {"local_only": None}),
        ("HeteroLR", {"optimizer": "sqn"}),
    ],
)
def test_what_1_6_refuses_and_1_5_takes(module: str, parameters: Any) -> None:
    assert merged(module, parameters)


def test_an_algorithm_finds_what_1_6_added_doing_as_before() -> None:
    stored = merged("HeteroLR", {"tol": 0.5, "optimizer": "SQN"})
    given = with_later_parameters(FIVE, "HeteroLR", stored)["HeteroLogisticParam"]
    assert (given["tol"], given["floating_point_precision"]) == (0.5, None)
    assert given["cv_param"]["output_fold_history"] is True
    # It was taken for another one where it was asked for.
    assert given["optimizer"] == "sgd"
