from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from component_bench import (
    GUEST,
    HOST,
    Results,
    column,
    instances,
    predict,
    run,
    under,
    vertical,
)
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.dialects.behaviour import behaviour_of
from flowkit_mockserver.party import Party

#: Trees that FATE 1.6.1's own tree code grew from small tables, by option; g and h in plain, sums in fixed point.
GROWN = json.loads(Path(__file__).parent.joinpath("data/grown_by_fate.json").read_text("utf-8"))
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
    [("lae", []), ("huber", [1.5]), ("log_cosh", []), ("tweedie", [1.5])],
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


@pytest.mark.parametrize(
    ("line", "objective", "params", "words"),
    [
        ("1.6", "fair", [1.0], "UnboundLocalError: local variable 'loss' referenced before"),
        ("1.11", "fair", [1.0], "UnboundLocalError: local variable 'loss' referenced before"),
        ("1.11", "lae", [], "TypeError: 'NoneType' object is not iterable"),
    ],
)
def test_objectives_fail_where_the_real_server_fails(
    line: str, objective: str, params: list[float], words: str
) -> None:
    with pytest.raises(ComponentFailed, match=words):
        run(
            "HeteroSecureBoost",
            under("train_data", vertical(40, 3)),
            num_trees=2,
            task_type="regression",
            objective_param={"objective": objective, "params": params},
            behaviour=behaviour_of(line_of(line)),
        )


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


def grow(case: dict[str, Any]) -> tuple[list[Party], Results]:
    table = GROWN["tables"][case["table"]]
    tables = {}
    for place, columns in enumerate(table["columns"][: case["parties"]]):
        rows = [[float("nan") if cell is None else cell for cell in row] for row in columns]
        made = instances(
            dict(zip(table["ids"], rows, strict=True)),
            [f"x{number}" for number in range(len(rows[0]))],
            None if place else GROWN["labels"][case["labels"]],
            GROWN["weights"] if case["weighted"] and not place else None,
        )
        party = Party("host", str(9999 + place)) if place else GUEST
        tables[party] = replace(made, partitions=(4, 3, 2)[place])
    options = {
        "num_trees": 3,
        "bin_num": 8,
        "random_seed": 7,
        "top_rate": 0.2,
        "other_rate": 0.1,
        "n_iter_no_change": False,
        **case["options"],
    }
    return list(tables), run(case["module"], under("train_data", tables), **options)


@pytest.mark.parametrize("case", GROWN["cases"], ids=[case["name"] for case in GROWN["cases"]])
def test_trees_are_those_that_fate_grows(case: dict[str, Any]) -> None:
    parties, results = grow(case)

    for viewer, (party, expected) in enumerate(zip(parties, case["trees"], strict=True)):
        trees = model_of(results[party]).param["trees"]
        for tree, theirs in zip(trees, expected, strict=True):
            assert tree["splitMaskdict"] == theirs["values"]
            assert tree["missingDirMaskdict"] == theirs["directions"]
            ours = [
                [
                    node["id"],
                    node["sitename"],
                    node["fid"],
                    node["weight"],
                    node["leftNodeid"],
                    node["rightNodeid"],
                ]
                for node in tree["tree"]
            ]
            assert ours == [node[:6] for node in theirs["nodes"]], f"viewed by {viewer}"


@pytest.mark.parametrize("module", HETERO)
def test_the_last_samples_count_as_well(module: str) -> None:
    tables = vertical(3000)
    flipped = dict(tables)
    records = list(tables[GUEST].records)
    late = [(key, [1 - value[0], *value[1:]]) for key, value in records[2000:]]
    flipped[GUEST] = replace(tables[GUEST], records=[*records[:2000], *late])

    before, after = (
        model_of(run(module, under("train_data", given), num_trees=1)[GUEST]).param["trees"]
        for given in (tables, flipped)
    )

    assert before != after


def test_missing_values_need_to_be_dealt_with() -> None:
    tables = vertical(30)
    records = [(key, [value[0], float("nan"), *value[2:]]) for key, value in tables[GUEST].records]
    tables[GUEST] = replace(tables[GUEST], records=records)

    with pytest.raises(ComponentFailed, match="columns x0: values are missing and use_missing is"):
        run("HeteroSecureBoost", under("train_data", tables))

    assert run("HeteroSecureBoost", under("train_data", tables), use_missing=True)[GUEST].model


def test_only_the_guest_writes_down_that_values_may_be_missing() -> None:
    results = run("HeteroSecureBoost", under("train_data", vertical(30)), use_missing=True)

    metas = [model_of(results[party]).meta for party in (GUEST, HOST)]
    assert [meta["useMissing"] for meta in metas] == [True, False]
    assert [meta["treeMeta"]["useMissing"] for meta in metas] == [True, True]


def test_layered_trees_know_one_host_only() -> None:
    tables = vertical(30)
    tables[Party("host", "10001")] = tables[HOST]

    with pytest.raises(ComponentFailed, match="only 1 host party is allowed in layered mode"):
        run("HeteroFastSecureBoost", under("train_data", tables), work_mode="layered")


def test_large_and_small_gradients_need_a_sample_each() -> None:
    with pytest.raises(ComponentFailed, match="subsampled result is 0: top sample 0, other"):
        run("HeteroSecureBoost", under("train_data", vertical(4)), run_goss=True)


def test_a_table_without_labels_trains_nothing() -> None:
    tables = vertical(30)
    tables[GUEST] = tables[HOST]

    with pytest.raises(ComponentFailed, match="no labels"):
        run("HeteroSecureBoost", under("train_data", tables))


def test_compressed_ciphers_cut_what_hosts_get() -> None:
    plain, cut = (
        run(
            "HeteroSecureBoost",
            under("train_data", vertical(80)),
            num_trees=2,
            encrypt_param={"method": "Paillier"},
            cipher_compress_error=decimals,
        )
        for decimals in (None, 1)
    )

    assert model_of(plain[GUEST]).param["losses"] != model_of(cut[GUEST]).param["losses"]


def test_the_best_round_is_kept_with_what_all_rounds_found_out() -> None:
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

    param, summary = model_of(results[GUEST]).param, results[GUEST].summary
    assert summary is not None
    splits = sum(not node["isLeaf"] for tree in param["trees"] for node in tree["tree"])
    assert sum(summary["feature_importance"].values()) > splits
    curve = results[GUEST].metrics["train"]["loss"].data
    assert len(curve) > len(summary["loss_history"]) == len(param["losses"])


@pytest.mark.parametrize(("line", "kept"), [("1.7", False), ("1.11", True)])
def test_a_loaded_model_knows_which_columns_mattered_on_later_lines(line: str, kept: bool) -> None:
    later = behaviour_of(line_of(line))
    trained = train("HeteroSecureBoost", behaviour=later)

    results = predict(
        "HeteroSecureBoost", trained, under("test_data", vertical(80)), behaviour=later
    )

    param = model_of(results[GUEST]).param
    assert bool(param["featureImportances"]) is kept
    if kept:
        assert param["bestIteration"] == -1
        assert "guest_9999" in {one["sitename"] for one in param["featureImportances"]}


def test_later_lines_go_back_to_the_best_model_as_it_was_saved() -> None:
    inputs = {
        party: {"train_data": table, "validate_data": vertical(30, shift=900)[party]}
        for party, table in vertical(80).items()
    }

    results = run(
        "HeteroSecureBoost",
        inputs,
        num_trees=12,
        callback_param={
            "callbacks": ["EarlyStopping"],
            "validation_freqs": 1,
            "early_stopping_rounds": 1,
            "metrics": ["auc"],
            "use_first_metric_only": False,
        },
        behaviour=behaviour_of(line_of("1.11")),
    )

    param, summary = model_of(results[GUEST]).param, results[GUEST].summary
    assert summary is not None
    splits = sum(not node["isLeaf"] for tree in param["trees"] for node in tree["tree"])
    assert sum(summary["feature_importance"].values()) == splits
    names = {one["sitename"] for one in param["featureImportances"]}
    assert names == {"guest_9999", "host:10000"}
    loss = results[GUEST].metrics["train"]["loss"]
    assert loss.meta["Best"] == min(param["losses"]) > min(value for _, value in loss.data)


@pytest.mark.parametrize(("line", "depth"), [("1.10", 2), ("1.11", 3)])
def test_layered_trees_say_how_deep_they_are(line: str, depth: int) -> None:
    results = train(
        "HeteroSecureBoost",
        boosting_strategy="layered",
        guest_depth=1,
        host_depth=2,
        tree_param={"max_depth": 2},
        behaviour=behaviour_of(line_of(line)),
    )

    assert model_of(results[GUEST]).meta["treeMeta"]["maxDepth"] == depth


@pytest.mark.parametrize(("line", "main"), [("1.7", ["gain", "split"]), ("1.8", ["split"] * 2)])
def test_later_lines_rank_columns_by_their_splits_whatever_is_asked_for(
    line: str, main: list[str]
) -> None:
    results = run(
        "HeteroSecureBoost",
        under("train_data", vertical(100)),
        num_trees=2,
        tree_param={"feature_importance_type": "gain"},
        behaviour=behaviour_of(line_of(line)),
    )

    told = []
    for party in (GUEST, HOST):
        model = results[party].model
        assert isinstance(model, Model)
        told += {importance["main"] for importance in model.param["featureImportances"]}
    assert told == main
