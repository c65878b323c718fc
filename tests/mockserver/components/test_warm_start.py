"""Trainings that go on from a model (1.7 and later): compared with a real FATE 1.11.4, which does the same."""

from __future__ import annotations

from typing import Any

import pytest

from component_bench import ARBITER, GUEST, HOST, Results, horizontal, run, under, vertical
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.dialects.behaviour import behaviour_of
from flowkit_mockserver.party import Party

LATER = behaviour_of(line_of("1.11"))
PARAMETERS: dict[str, Any] = {
    "batch_size": -1,
    "optimizer": "sgd",
    "penalty": "L2",
    "alpha": 0.01,
    "learning_rate": 0.05,
    "tol": 1e-9,
    "early_stop": "diff",
    "init_param": {"init_method": "zeros"},
}


def models_of(results: Results) -> dict[Party, Model]:
    return {party: result.model for party, result in results.items() if result.model is not None}


def regress(module: str, models: dict[Party, Model] | None = None, **options: Any) -> Results:
    parties = [GUEST, HOST] if "SSHE" in module else [GUEST, HOST, ARBITER]
    return run(
        module,
        under("train_data", vertical(classes=2 if module.endswith("LR") else 0)),
        parties=parties,
        models=models or {},
        behaviour=LATER,
        **{**PARAMETERS, **options},
    )


@pytest.mark.parametrize("module", ["HeteroLR", "HeteroLinR", "HeteroSSHELR", "HeteroSSHELinR"])
def test_a_regression_ends_where_it_would_have_without_a_stop(module: str) -> None:
    first = regress(module, max_iter=2)

    again = regress(module, models_of(first), max_iter=5)

    whole = regress(module, max_iter=5)
    for party in (GUEST, HOST):
        param, expected = models_of(again)[party].param, models_of(whole)[party].param
        assert param["weight"] == pytest.approx(expected["weight"], rel=1e-9)
        assert param["iters"] == 5
        assert again[party].metrics["train"]["init_iter"].data == [["init_iter", 2]]
    teller = GUEST if "SSHE" in module else ARBITER
    curve = again[teller].metrics["train"]["loss"].data
    assert [number for number, _ in curve] == [2, 3, 4]
    expected_curve = whole[teller].metrics["train"]["loss"].data[2:]
    assert [loss for _, loss in curve] == pytest.approx([loss for _, loss in expected_curve])


def test_checkpoints_are_counted_on() -> None:
    callbacks = {"callbacks": ["ModelCheckpoint"], "save_freq": 2}
    first = regress("HeteroLR", max_iter=3)

    again = regress("HeteroLR", models_of(first), max_iter=7, callback_param=callbacks)

    assert [*again[GUEST].checkpoints] == [4, 6]
    assert len(again[ARBITER].checkpoints[4].param["lossHistory"]) == 2
    assert again[GUEST].checkpoints[6].param["iters"] == 6


def test_a_model_that_has_had_all_its_iterations_stays_as_it_is() -> None:
    first = regress("HeteroLR", max_iter=3)

    again = regress("HeteroLR", models_of(first), max_iter=3)

    assert models_of(again)[GUEST].param["weight"] == models_of(first)[GUEST].param["weight"]
    assert again[ARBITER].metrics == {
        "train": {"init_iter": again[ARBITER].metrics["train"]["init_iter"]}
    }
    assert again[ARBITER].summary is not None
    assert again[ARBITER].summary["loss_history"] == []


def test_a_server_of_1_6_starts_anew() -> None:
    inputs = {**under("train_data", vertical()), ARBITER: {}}
    first = run("HeteroLR", inputs, max_iter=2, **PARAMETERS)

    again = run("HeteroLR", inputs, max_iter=5, models=models_of(first), **PARAMETERS)

    assert len(again[ARBITER].metrics["train"]["loss"].data) == 5


def boost_homo(models: dict[Party, Model] | None = None, **options: Any) -> Results:
    return run(
        "HomoSecureboost",
        under("train_data", horizontal()),
        parties=[GUEST, HOST, ARBITER],
        models=models or {},
        behaviour=LATER,
        **options,
    )


def test_common_trees_are_added_to_those_of_the_model() -> None:
    first = boost_homo(num_trees=2)

    # How fast it learns is a matter of the model.
    again = boost_homo(models_of(first), num_trees=2, learning_rate=0.9)

    whole = boost_homo(num_trees=4)
    for party in (GUEST, HOST):
        param, expected = models_of(again)[party].param, models_of(whole)[party].param
        assert param["treeNum"] == models_of(again)[party].meta["numTrees"] == 4
        assert param["trees"][:2] == models_of(first)[party].param["trees"]
        bounds = [[node["bid"] for node in tree["tree"]] for tree in param["trees"]]
        assert bounds == [[node["bid"] for node in tree["tree"]] for tree in expected["trees"]]
        assert param["featureImportances"][0]["importance"] == pytest.approx(
            expected["featureImportances"][0]["importance"]
        )
        assert again[party].metrics["train"]["init_iter"].data == [["init_iter", 2]]
    curve = again[ARBITER].metrics["train"]["loss"].data
    assert [number for number, _ in curve] == [2, 3]


def test_common_trees_cannot_go_on_with_other_classes() -> None:
    first = boost_homo(num_trees=1)

    with pytest.raises(
        ComponentFailed, match=r"warm start label alignment failed, differences: \{2\}"
    ):
        run(
            "HomoSecureboost",
            under("train_data", horizontal(classes=3)),
            parties=[GUEST, HOST, ARBITER],
            models=models_of(first),
            behaviour=LATER,
            num_trees=1,
        )


def boost(models: dict[Party, Model] | None = None, **options: Any) -> Results:
    return run(
        "HeteroSecureBoost",
        under("train_data", vertical()),
        models=models or {},
        behaviour=LATER,
        tree_param={"max_depth": 2},
        **options,
    )


def test_trees_over_columns_are_added_to_those_of_the_model() -> None:
    first = boost(num_trees=2)

    again = boost(models_of(first), num_trees=2)

    whole = boost(num_trees=4)
    guest, expected = models_of(again)[GUEST], models_of(whole)[GUEST]
    assert guest.param["losses"] == pytest.approx(expected.param["losses"])
    assert guest.meta["numTrees"] == models_of(again)[HOST].meta["numTrees"] == 4
    for party in (GUEST, HOST):
        trees = models_of(again)[party].param["trees"]
        assert trees[:2] == models_of(first)[party].param["trees"]
        splits = [tree["splitMaskdict"] for tree in trees]
        assert splits == [tree["splitMaskdict"] for tree in models_of(whole)[party].param["trees"]]
    curve = again[GUEST].metrics["train"]["loss"]
    assert [number for number, _ in curve.data] == [2, 3]
    # A host tells of it before it counts the trees.
    assert again[GUEST].metrics["train"]["init_iter"].data == [["init_iter", 2]]
    assert again[HOST].metrics["train"]["init_iter"].data == [["init_iter", 0]]


def test_a_guest_spells_its_own_site_otherwise_in_what_it_has_loaded() -> None:
    again = boost(models_of(boost(num_trees=2)), num_trees=1)

    sites = {one["sitename"] for one in models_of(again)[GUEST].param["featureImportances"]}
    assert {"guest_9999", "guest:9999"} <= sites


def test_shared_out_trees_go_on_with_a_plan_of_their_own() -> None:
    mix = {"boosting_strategy": "mix", "tree_num_per_party": 1}
    first = boost(num_trees=3, **mix)

    again = boost(models_of(first), num_trees=2, **mix)

    guest, host = "0_-1", "1_10000"
    assert models_of(again)[GUEST].param["treePlan"] == [guest, host, guest, guest, host]


def test_trees_over_columns_cannot_go_on_with_other_classes() -> None:
    first = boost(num_trees=1)

    with pytest.raises(ComponentFailed, match="warm start label alignment failed: cur labels"):
        run(
            "HeteroSecureBoost",
            under("train_data", vertical(classes=3)),
            models=models_of(first),
            behaviour=LATER,
            num_trees=1,
        )


def average_homo(line: str, models: dict[Party, Model] | None = None, **options: Any) -> Results:
    return run(
        "HomoLR",
        {**under("train_data", horizontal()), ARBITER: {}},
        models=models or {},
        behaviour=behaviour_of(line_of(line)),
        **{**PARAMETERS, **options},
    )


def test_an_averaged_regression_of_the_lines_before_torch_counts_on() -> None:
    callbacks = {"callbacks": ["ModelCheckpoint"], "save_freq": 2}
    first = average_homo("1.8", max_iter=2)

    again = average_homo("1.8", models_of(first), max_iter=5, callback_param=callbacks)

    whole = average_homo("1.8", max_iter=5)
    for party in (GUEST, HOST, ARBITER):
        assert again[party].metrics["train"]["init_iter"].data == [["init_iter", 2]]
        assert [number for number, _ in again[party].metrics["train"]["loss"].data] == [2, 3, 4, 5]
        # The last iteration makes no model of its own.
        assert [*again[party].checkpoints] == [2, 4]
    weights = [models_of(results)[GUEST].param["weight"] for results in (again, whole)]
    assert weights[0] == pytest.approx(weights[1])


def test_losses_stand_at_the_iterations_that_begin_with_an_average() -> None:
    results = average_homo("1.6", max_iter=5, aggregate_iters=2)

    for party in (GUEST, HOST, ARBITER):
        curve = results[party].metrics["train"]["loss"].data
        assert [number for number, _ in curve] == [1, 3, 5]


@pytest.mark.parametrize(("module", "wanted"), [("HeteroLR", "coef_"), ("HeteroSSHELR", "unboxed")])
def test_nobody_goes_on_from_models_of_several_classes(module: str, wanted: str) -> None:
    parties = [GUEST, HOST] if "SSHE" in module else [GUEST, HOST, ARBITER]
    options = {**PARAMETERS, "max_iter": 1, "early_stop": "weight_diff"}
    inputs = under("train_data", vertical(classes=3))
    first = run(module, inputs, parties=parties, behaviour=LATER, **options)

    with pytest.raises(ComponentFailed, match=f"AttributeError: 'NoneType'.*'{wanted}'"):
        run(module, inputs, parties=parties, behaviour=LATER, models=models_of(first), **options)
