from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from component_bench import (
    ARBITER,
    GUEST,
    HOST,
    Results,
    column,
    horizontal,
    instances,
    predict,
    run,
    under,
)
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, Model, TableData
from flowkit_mockserver.dialects.behaviour import behaviour_of


def train(tables: Any, **options: Any) -> Results:
    options = {"num_trees": 3, **options}
    parties = [GUEST, HOST, ARBITER]
    return run("HomoSecureboost", under("train_data", tables), parties=parties, **options)


def param_of(result: Any) -> dict[str, Any]:
    assert isinstance(result.model, Model)
    return result.model.param


def right(result: Any) -> float:
    rows = [row for _, row in result.tables[0].records]
    return sum(row[0] == row[1] for row in rows) / len(rows)


def relabelled(table: TableData, labels: list[Any]) -> TableData:
    records = [
        (key, [label, *value[1:]])
        for (key, value), label in zip(table.records, labels, strict=True)
    ]
    return replace(table, records=records)


def test_trees_are_the_same_everywhere() -> None:
    results = train(horizontal())

    guest, host = (param_of(results[party]) for party in (GUEST, HOST))
    splits = [[tree["tree"][0]["bid"] for tree in param["trees"]] for param in (guest, host)]
    assert splits[0] == splits[1]
    assert right(results[GUEST]) > 0.8
    assert right(results[HOST]) > 0.8
    assert results[ARBITER].summary is not None
    assert len(results[ARBITER].summary["loss_history"]) == 3
    later = predict("HomoSecureboost", results, under("test_data", horizontal()))
    assert column(later[HOST].tables[0], 2) == column(results[HOST].tables[0], 2)


def test_values_start_from_the_mean_of_each_partys_own_labels() -> None:
    tables = horizontal()
    tables[GUEST] = relabelled(tables[GUEST], [1.0, 3.0] * 20)
    tables[HOST] = relabelled(tables[HOST], [10.0, 20.0] * 20)

    results = train(tables, task_type="regression", objective_param={"objective": "lse"})

    guest, host = (param_of(results[party]) for party in (GUEST, HOST))
    assert (guest["initScore"], host["initScore"]) == ([2.0], [15.0])
    assert (guest["numClasses"], guest["classes"]) == (1, [])
    # Both are as far off after a round that learns nothing as their labels spread.
    still = train(
        tables,
        task_type="regression",
        objective_param={"objective": "lse"},
        num_trees=1,
        tree_param={"min_sample_split": 1000},
        learning_rate=1e-9,
    )
    assert still[ARBITER].summary == {"loss_history": [pytest.approx(13.0)]}


def test_callbacks_do_not_stop_a_common_model() -> None:
    callbacks = {"callbacks": ["PerformanceEvaluate"], "early_stopping_rounds": 1}

    with pytest.raises(
        ComponentFailed, match="early stopping is not supported for homo algorithms"
    ):
        run(
            "HomoSecureBoost",
            under("train_data", horizontal()),
            parties=[GUEST, HOST, ARBITER],
            callback_param=callbacks | {"validation_freqs": 1},
            behaviour=behaviour_of(line_of("1.11")),
        )


def test_leaves_split_nothing_on_later_lines() -> None:
    tables = under("train_data", horizontal())
    parties = [GUEST, HOST, ARBITER]
    later = behaviour_of(line_of("1.11"))

    results = run("HomoSecureBoost", tables, parties=parties, num_trees=1, behaviour=later)

    nodes = param_of(results[GUEST])["trees"][0]["tree"]
    assert {(node["fid"], node["bid"]) for node in nodes if node["isLeaf"]} == {(-1, -1.0)}
    assert all(node["fid"] >= 0 for node in nodes if not node["isLeaf"])


def test_each_checkpoint_has_the_trees_of_its_round() -> None:
    results = train(horizontal(), callback_param={"callbacks": ["ModelCheckpoint"], "save_freq": 2})

    guest = results[GUEST]
    trees = param_of(guest)["trees"]
    assert {step: model.param["trees"] for step, model in guest.checkpoints.items()} == {
        0: trees[:1],
        2: trees,
    }


def test_the_last_samples_count_as_well() -> None:
    tables = horizontal(2000)
    labels = [value[0] for _, value in tables[HOST].records]
    flipped = {
        **tables,
        HOST: relabelled(tables[HOST], labels[:1500] + [1 - y for y in labels[1500:]]),
    }

    before, after = (param_of(train(given, num_trees=1)[HOST]) for given in (tables, flipped))

    assert before["trees"] != after["trees"]


def test_what_is_missing_goes_to_the_right() -> None:
    # The arbiter that looks for splits is not told of missing values: they are one more bin, the last.
    def gaps(labels: list[int], name: str) -> TableData:
        rows = {f"{name}{i}": [float(i % 5) if i % 2 else float("nan")] for i in range(20)}
        return instances(rows, ["x0"], labels)

    tables = {GUEST: gaps([0, 1] * 10, "g"), HOST: gaps([0, 1] * 10, "h")}

    results = train(tables, num_trees=1, use_missing=True, tree_param={"max_depth": 1})

    root = param_of(results[GUEST])["trees"][0]["tree"][0]
    assert root["missingDir"] == 1
    assert root["bid"] == pytest.approx(4.0)
    assert column(results[GUEST].tables[0], 1) == [0, 1] * 10


def test_labels_are_numbered_from_zero() -> None:
    tables = horizontal()
    tables = {party: relabelled(table, [1, 2] * 20) for party, table in tables.items()}

    with pytest.raises(ComponentFailed, match="label should starts from 0"):
        train(tables)


def test_values_of_a_regression_start_from_zero_from_1_9_on() -> None:
    tables = horizontal()
    tables[GUEST] = relabelled(tables[GUEST], [1.0, 3.0] * 20)
    lse = {"task_type": "regression", "objective_param": {"objective": "lse"}}

    results = train(tables, behaviour=behaviour_of(line_of("1.9")), **lse)

    assert param_of(results[GUEST])["initScore"] == [0.0]


def test_every_party_looks_at_the_trees_as_the_callbacks_ask() -> None:
    tables = horizontal()
    callbacks = {"callbacks": ["PerformanceEvaluate"], "validation_freqs": 2, "metrics": ["auc"]}

    results = train(
        tables, num_trees=4, callback_param=callbacks, behaviour=behaviour_of(line_of("1.11"))
    )

    for party in (GUEST, HOST):
        assert {"iteration_1", "iteration_3"} <= results[party].metrics["train"].keys()
        assert results[party].summary is not None
        assert len(results[party].summary["validation_metrics"]["train"]["auc"]) == 2
