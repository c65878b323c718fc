"""What models and details of the later lines hold besides, for several classes."""

from __future__ import annotations

from typing import Any

import pytest

from component_bench import ARBITER, GUEST, HOST, Results, run, under, vertical
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.dialects.behaviour import behaviour_of


def train(line: str) -> Results:
    return run(
        "HeteroLR",
        under("train_data", vertical(classes=3)),
        parties=[GUEST, HOST, ARBITER],
        max_iter=2,
        init_param={"init_method": "zeros"},
        behaviour=behaviour_of(line_of(line)),
    )


def param_of(result: Any) -> dict[str, Any]:
    assert isinstance(result.model, Model)
    return result.model.param


def test_the_arbiter_saves_how_each_class_went() -> None:
    results = train("1.11")

    param = param_of(results[ARBITER])
    singles = param["oneVsRestResult"]["completedModels"]
    assert param["needOneVsRest"]
    assert (param["iters"], param["lossHistory"]) == (0, [])
    assert param["oneVsRestResult"]["oneVsRestClasses"] == ["0", "1", "2"]
    assert [single["iters"] for single in singles] == [2, 2, 2]
    assert [len(single["lossHistory"]) for single in singles] == [2, 2, 2]
    assert [single["weight"] for single in singles] == [{}, {}, {}]


def test_each_class_has_the_field_of_encrypted_weights() -> None:
    for party, result in train("1.11").items():
        singles = param_of(result)["oneVsRestResult"]["completedModels"]
        assert [single["encryptedWeight"] for single in singles] == [{}, {}, {}], party


@pytest.mark.parametrize(("line", "names"), [("1.8", [0, 1, 2]), ("1.9", ["0", "1", "2"])])
def test_details_spell_the_classes_from_1_9_on(line: str, names: list[Any]) -> None:
    [table] = train(line)[GUEST].tables

    _, row = next(iter(table.records))
    assert list(row[3]) == names


def test_a_baseline_has_them_too() -> None:
    tables = under("train_data", {GUEST: vertical()[GUEST]})

    [result] = run("LocalBaseline", tables, behaviour=behaviour_of(line_of("1.11"))).values()

    assert param_of(result)["encryptedWeight"] == {}
    assert isinstance(result.model, Model)
    assert (result.model.meta["module"], result.model.meta["revealStrategy"]) == ("", "")


def test_each_class_is_looked_at_under_a_name_of_its_own() -> None:
    results = run(
        "HeteroLR",
        under("train_data", vertical(classes=3)),
        parties=[GUEST, HOST, ARBITER],
        max_iter=1,
        callback_param={
            "callbacks": ["PerformanceEvaluate"],
            "validation_freqs": 1,
            "early_stopping_rounds": None,
            "metrics": [],
            "use_first_metric_only": False,
        },
        behaviour=behaviour_of(line_of("1.11")),
    )

    names = set(results[GUEST].metrics["train"])
    assert {f"model_{place}.iteration_0" for place in range(3)} <= names
    assert "iteration_0" not in names
