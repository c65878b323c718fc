from __future__ import annotations

from typing import Any

import pytest

from component_bench import (
    ARBITER,
    GUEST,
    HOST,
    Results,
    column,
    horizontal,
    predict,
    run,
    under,
    vertical,
)
from flowkit_mockserver.components.core.interface import Model

HETERO = ["HeteroSecureBoost", "HeteroFastSecureBoost"]


def train(module: str, classes: int = 2, **options: Any) -> Results:
    options = {"num_trees": 4, "tree_param": {"max_depth": 3}, **options}
    if classes == 0:
        options["task_type"] = "regression"
        options["objective_param"] = {"objective": "lse"}
    return run(module, under("train_data", vertical(80, classes)), **options)


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


def right(result: Any) -> float:
    rows = [row for _, row in result.tables[0].records]
    return sum(row[0] == row[1] for row in rows) / len(rows)


@pytest.mark.parametrize("module", HETERO)
def test_trees_learn(module: str) -> None:
    results = train(module)

    assert right(results[GUEST]) > 0.8
    assert results[HOST].tables == []
    metric = results[GUEST].metrics["train"]["loss"]
    losses = [loss for _, loss in metric.data]
    assert losses == sorted(losses, reverse=True)
    assert metric.meta["Best"] == losses[-1]
    assert results[GUEST].summary is not None
    assert results[GUEST].summary["loss_history"] == losses


@pytest.mark.parametrize("module", HETERO)
def test_trees_predict_as_they_did_in_training(module: str) -> None:
    trained = train(module)

    later = predict(module, trained, under("test_data", vertical(80)))

    assert column(later[GUEST].tables[0], 2) == pytest.approx(column(trained[GUEST].tables[0], 2))


def test_the_guest_does_not_learn_where_a_host_splits() -> None:
    results = train("HeteroSecureBoost")
    guest, host = (model_of(results[party]).param for party in (GUEST, HOST))

    for ours, theirs in zip(guest["trees"], host["trees"], strict=True):
        assert [node["sitename"] for node in ours["tree"]] == [
            node["sitename"] for node in theirs["tree"]
        ]
        at_host = {str(node["id"]) for node in ours["tree"] if node["sitename"] == "host:10000"}
        assert set(theirs["splitMaskdict"]) == at_host
        assert not at_host & set(ours["splitMaskdict"])
    assert host["losses"] == []
    assert any(name.startswith("host_10000_") for name in host["anonymousNameMapping"])


def test_several_classes_take_a_tree_each() -> None:
    results = train("HeteroSecureBoost", 3, num_trees=2)

    param = model_of(results[GUEST]).param
    assert param["treeDim"] == 3
    assert len(param["trees"]) == 6
    assert param["classes"] == ["0", "1", "2"]
    assert right(results[GUEST]) > 0.6


def test_trees_can_predict_values() -> None:
    results = train("HeteroSecureBoost", 0)

    rows = [row for _, row in results[GUEST].tables[0].records]
    mean = sum(row[0] for row in rows) / len(rows)
    error = sum((row[0] - row[2]) ** 2 for row in rows)
    assert error < 0.5 * sum((row[0] - mean) ** 2 for row in rows)


@pytest.mark.parametrize(
    ("objective", "params"),
    [("lae", []), ("huber", [1.5]), ("fair", [1.0]), ("log_cosh", []), ("tweedie", [1.5])],
)
def test_trees_have_several_ways_to_miss(objective: str, params: list[float]) -> None:
    results = run(
        "HeteroSecureBoost",
        under("train_data", vertical(40, 3)),
        num_trees=5,
        task_type="regression",
        objective_param={"objective": objective, "params": params},
    )

    losses = [loss for _, loss in results[GUEST].metrics["train"]["loss"].data]
    assert losses[-1] < losses[0]


def test_layered_trees_start_at_the_host() -> None:
    results = train("HeteroFastSecureBoost", work_mode="layered", host_depth=1, guest_depth=2)

    for tree in model_of(results[GUEST]).param["trees"]:
        assert tree["tree"][0]["sitename"] == "host:10000"


def test_trees_look_at_their_rounds_and_stop() -> None:
    inputs = {
        party: {"train_data": table, "validate_data": vertical(30, shift=900)[party]}
        for party, table in vertical(80).items()
    }

    results = run(
        "HeteroSecureBoost",
        inputs,
        num_trees=12,
        validation_freqs=1,
        early_stopping_rounds=1,
        metrics=["auc"],
    )

    param = model_of(results[GUEST]).param
    assert param["bestIteration"] >= 0
    assert len(param["trees"]) == param["bestIteration"] + 1


def test_mixed_trees_take_turns() -> None:
    results = train("HeteroFastSecureBoost", work_mode="mix", tree_num_per_party=1)

    param = model_of(results[GUEST]).param
    assert len(param["treePlan"]) == 4
    assert len(set(param["treePlan"])) == 2
    assert param["modelName"] == "hetero_fast_sbt_mix"


def test_homo_trees_are_the_same_everywhere() -> None:
    results = run(
        "HomoSecureboost",
        under("train_data", horizontal()),
        parties=[GUEST, HOST, ARBITER],
        num_trees=3,
    )

    guest, host = (model_of(results[party]).param for party in (GUEST, HOST))
    splits = [[tree["tree"][0]["bid"] for tree in param["trees"]] for param in (guest, host)]
    assert splits[0] == splits[1]
    assert right(results[GUEST]) > 0.8
    assert right(results[HOST]) > 0.8
    assert results[ARBITER].summary is not None
    assert len(results[ARBITER].summary["loss_history"]) == 3
    later = predict("HomoSecureboost", results, under("test_data", horizontal()))
    assert column(later[HOST].tables[0], 1) == column(results[HOST].tables[0], 1)


def test_the_leaves_of_trees_are_features() -> None:
    tables = vertical(80)
    trained = train("HeteroSecureBoost", num_trees=2)
    isometric = {party: [model_of(result)] for party, result in trained.items()}

    results = run("SBTFeatureTransformer", under("data", tables), isometric=isometric)

    output = results[GUEST].tables[0]
    assert all(name.startswith("sbt_") for name in output.schema["header"])
    assert all(sum(row[1:]) == 2 for _, row in output.records)
    meta = results[GUEST].metrics["sbt_transformer"]["leaf_mapping"].meta
    assert meta["feat_name"] == output.schema["header"]
