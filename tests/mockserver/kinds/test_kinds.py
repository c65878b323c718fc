"""What the files of the kinds say: all of them alike, and what their parameters refuse, in which words."""

from __future__ import annotations

from typing import Any, cast

import pytest

from component_bench import kind_named
from flowkit_mockserver.dsl.conf import copy_tree, deep_merge
from flowkit_mockserver.kinds.kind import Exactness, Kind
from flowkit_mockserver.kinds.lookup import all_kinds
from flowkit_mockserver.kinds.rules import check
from flowkit_mockserver.proto.catalogue import message_fields

# The defaults of these do not pass: the user has to say something.
_NEEDS_INPUT = {"PearsonParam", "RsaParam"}
_KINDS = all_kinds()
_CLASSES = {kind.param_class: kind for kind in _KINDS}


@pytest.fixture(params=_KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    return cast("Kind", request.param)


def test_fate_1_6_1_has_43() -> None:
    assert len([kind for kind in _KINDS if not kind.later_only]) == 43


def test_what_the_later_lines_brought_is_in_no_line_before() -> None:
    assert {kind.name for kind in _KINDS if kind.later_only} == {
        "CacheLoader",
        "FeatureImputation",
        "HeteroSSHELR",
        "HeteroSSHELinR",
        "LabelTransform",
        "ModelLoader",
        "PositiveUnlabeled",
    }


def test_a_kind_knows_its_roles_and_code() -> None:
    kind = kind_named("HeteroLR")

    assert set(kind.roles) == {"arbiter", "guest", "host"}
    assert kind.param_class == "HeteroLogisticParam"
    assert kind.code_path["host"].endswith("hetero_lr_host.py/HeteroLRHost")


def test_few_are_left_out_of_a_v1_deployment() -> None:
    left_out = {kind.name for kind in _KINDS if not kind.need_deploy}

    assert left_out == {"Evaluation", "FederatedSample", "PSI"}


def test_some_parties_work_alone() -> None:
    assert {kind.name for kind in _KINDS if kind.alone} == {
        "CacheLoader",
        "DataIO",
        "DataTransform",
        "Download",
        "Evaluation",
        "FeatureImputation",
        "FeatureScale",
        "LabelTransform",
        "ModelLoader",
        "Reader",
        "Upload",
    }


def test_the_algorithm_of_a_kind_is_there(kind: Kind) -> None:
    algorithm = kind.load()

    assert callable(algorithm)
    assert (algorithm.__doc__ or "").endswith(".")


def test_the_buffers_of_a_kind_are_in_the_catalogue(kind: Kind) -> None:
    for buffers in kind.buffers.values():
        assert message_fields(buffers.meta_message)
        assert message_fields(buffers.param_message)


def test_a_kind_says_how_exact_it_is(kind: Kind) -> None:
    assert kind.exactness in Exactness
    assert kind.accuracy.endswith(".")


def refusal(param_class: str, **given: Any) -> str:
    parameters = deep_merge(copy_tree(dict(_CLASSES[param_class].defaults)), given)
    with pytest.raises((ValueError, AssertionError)) as caught:
        check(_CLASSES[param_class].rules, parameters)
    return str(caught.value)


@pytest.mark.parametrize("param_class", sorted(set(_CLASSES) - _NEEDS_INPUT))
def test_the_defaults_pass(param_class: str) -> None:
    check(_CLASSES[param_class].rules, copy_tree(dict(_CLASSES[param_class].defaults)))


def test_checking_changes_nothing() -> None:
    parameters = deep_merge(
        copy_tree(dict(_CLASSES["HeteroLogisticParam"].defaults)),
        {"penalty": "l1", "encrypt_param": {"method": "paillier"}},
    )
    before = copy_tree(parameters)

    check(_CLASSES["HeteroLogisticParam"].rules, parameters)

    assert parameters == before


@pytest.mark.parametrize(
    ("param_class", "given", "text"),
    [
        (
            "HeteroLogisticParam",
            {"penalty": "L3"},
            "logistic_param's penalty not supported, penalty should be 'L1', 'L2' or 'none'",
        ),
        (
            "HeteroLogisticParam",
            {"batch_size": 5},
            "logistic_param's 5 not supported,"
            " should be larger than 10 or -1 represent for all data",
        ),
        (
            "HeteroLogisticParam",
            {"init_param": {"init_method": "Ones!"}},
            "Init param's init_method ones! not supported, init_method should in"
            " 'random_uniform', 'random_normal' 'ones', 'zeros' or 'const'",
        ),
        (
            "HeteroLogisticParam",
            {"early_stopping_rounds": 2},
            "validation freqs must be set when early stopping is enabled",
        ),
        (
            "HeteroLogisticParam",
            {"encrypt_param": {"method": "IterativeAffine"}},
            "logistic_param's encrypted method support 'Paillier' or None only",
        ),
        (
            "HeteroLogisticParam",
            {"sqn_param": {"memory_M": 0}},
            "hetero sqn param's 0 not supported, should be positive integer",
        ),
        (
            "HomoLogisticParam",
            {"encrypt_param": {"method": "paillier"}},
            "Paillier encryption mode supports 'sgd' optimizer method only.",
        ),
        (
            "LinearParam",
            {"decay_sqrt": 1, "decay": 3},
            "linear_regression_param's decay_sqrt 3 not supported, should be 'bool'",
        ),
        (
            # Compared before its letters are put right, unlike everywhere else.
            "PoissonParam",
            {"encrypt_param": {"method": "paillier"}},
            "poisson_regression_param's encrypt method supports 'Paillier' only",
        ),
        (
            "HeteroSecureBoostParam",
            {"task_type": "regression", "objective_param": {"objective": "tweedie"}},
            "objective param's params None not supported, should be non-empty list",
        ),
        (
            "HeteroSecureBoostParam",
            {"task_type": "regression", "objective_param": {"objective": "lse", "params": 1}}
            | {"top_rate": 0.9},
            "sum of top rate and other rate should be smaller than 1",
        ),
        (
            "HeteroSecureBoostParam",
            {"objective_param": {"objective": "lse"}},
            "objective param's objective lse not supported",
        ),
        (
            "HomoSecureBoostParam",
            {"tree_param": {"max_split_nodes": 0}},
            "decision tree param's max_split_nodes {} not supported,"
            " should be positive integer between 1 and 0",
        ),
        (
            "HomoSecureBoostParam",
            {"tree_param": {"criterion_params": [1]}},
            "length of criterion_param should be 2: l1, l2 regularization values are needed",
        ),
        (
            "HeteroFastSecureBoostParam",
            {"work_mode": "deep"},
            "only work_modes: ['mix', 'layered'] are supported, input work mode is deep",
        ),
        (
            "HeteroFeatureBinningParam",
            {"method": "virtual_summary"},
            "Hetero Binning param's virtual_summary is not supported,"
            " it should be in ['quantile', 'bucket', 'optimal']",
        ),
        (
            "HeteroFeatureBinningParam",
            {"skip_static": True, "transform_param": {"transform_type": "woe"}},
            "To use woe transform, skip_static should set as False",
        ),
        ("HomoFeatureBinningParam", {"max_iter": 101}, "Max iter is not allowed exceed 100"),
        (
            "FeatureSelectionParam",
            {"iv_param": {"metrics": ["iv", "iv"], "threshold": [1]}},
            "The parameter [1] should have same length with metrics",
        ),
        (
            "FeatureSelectionParam",
            {"psi_param": {"take_high": True}},
            "PSI filter should take lower psi features",
        ),
        (
            "FeatureSelectionParam",
            {"manually_param": {"filter_out_names": ["x"], "left_col_names": ["y"]}},
            "(left_col_indexes & left_col_names) cannot use with"
            " (filter_out_indexes & filter_out_names) simultaneously",
        ),
        (
            "DataIOParam",
            {"input_format": "wide"},
            "dataio param's wide not supported, should be one of ['dense', 'sparse', 'tag']",
        ),
        (
            "DataTransformParam",
            {"with_label": True, "label_name": 1},
            "data transform param's label_name 1 should be str",
        ),
        (
            "DataSplitParam",
            {"test_size": 1.5},
            "data split param's  test_size  1.5 not supported,"
            " should be a float number in range [0, 1]",
        ),
        (
            "SampleParam",
            {"mode": "Stratified", "fractions": [[1, 2, 3]]},
            "element in fractions of sample param using stratified"
            " should be a pair like [label_i, rate_i]",
        ),
        (
            "IntersectParam",
            {"rsa_params": {"hash_method": "md5"}},
            "rsa param's hash_method  md5 not supported,"
            " should be one of ['sha256', 'sha384', 'sha512', 'sm3']",
        ),
        ("PearsonParam", {}, "provide at least one column"),
        (
            "PearsonParam",
            {"column_names": [1]},
            "type mismatch, column_names with element 1(type is <class 'int'>)",
        ),
        (
            "StatisticsParam",
            {"statistics": ["mean", "101%x"]},
            "Illegal statistics name provided: 101%x.",
        ),
        (
            "EvaluateParam",
            {"eval_type": "Multi", "metrics": ["AUC"]},
            "metric auc is not used for multi task",
        ),
        ("EvaluateParam", {"metrics": ["beauty"]}, "metric beauty is not supported"),
        ("KmeansParam", {"k": 1}, "Kmeans_param'sk {} not supported, should be larger than 1"),
        (
            "FeldmanVerifiableSumParam",
            {"q_n": "x"},
            '("Init param\'s q_n x not supported, should be int type", False)',
        ),
        ("HeteroNNParam", {"optimizer": {}}, "optimizer config: {} invalid"),
        ("HomoNNParam", {"early_stop": 1}, "invalid type for early_stop: <class 'int'>"),
        (
            "FTLParam",
            {"mode": "open"},
            "mode options: encrpyted or plain, but open is offered",
        ),
        (
            "ScorecardParam",
            {"offset": "x"},
            "scorecard param offset must be numeric,received <class 'str'> instead.",
        ),
    ],
)
def test_a_wrong_value_has_its_sentence(param_class: str, given: dict[str, Any], text: str) -> None:
    assert refusal(param_class, **given) == text


@pytest.mark.parametrize(
    ("param_class", "given"),
    [
        ("HeteroLogisticParam", {"penalty": None, "early_stop": "ABS"}),
        ("HeteroLogisticParam", {"early_stopping_rounds": 1, "validation_freqs": 3}),
        ("LinearParam", {"penalty": None, "encrypt_param": {"method": "PAILLIER"}}),
        (
            "HeteroSecureBoostParam",
            {
                "task_type": "regression",
                "objective_param": {"objective": "Huber", "params": [1.5]},
                "tree_param": {"criterion_params": {"l1": 0, "l2": 0.1}},
            },
        ),
        ("HeteroFeatureBinningParam", {"method": "OPTIMAL"}),
        ("FeatureSelectionParam", {"vif_param": {"metrics": ["vif"], "threshold": 3.0}}),
        ("EvaluateParam", {"eval_type": "regression", "metrics": ["rmse", "MAE"]}),
        ("StatisticsParam", {"statistics": ["95%", "skewness"], "column_indexes": [0, 1]}),
        ("HomoNNParam", {"optimizer": {"optimizer": "Adam", "lr": 0.1}, "metrics": "auc"}),
        ("PearsonParam", {"column_indexes": -1}),
        ("ColumnExpandParam", {"append_header": ["a", "b"], "fill_value": [1, "x"]}),
    ],
)
def test_a_right_value_passes(param_class: str, given: dict[str, Any]) -> None:
    check(
        _CLASSES[param_class].rules,
        deep_merge(copy_tree(dict(_CLASSES[param_class].defaults)), given),
    )
