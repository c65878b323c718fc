"""Trees whose leaves answer all classes at once (`multi_mode: multi_output`)."""

from __future__ import annotations

from typing import Any

import numpy as np
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
from flowkit_mockserver import MockServer
from flowkit_mockserver.components.core.interface import Model, TableData
from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.kinds.rules import check
from flowkit_mockserver.models.cache import buffers_of, model_from_buffers
from later import conf, dsl, post

LATER = dialect_of("1.11").behaviour
RIDGE = 0.1


def train(tables: Any, module: str = "HeteroSecureBoost", **options: Any) -> Results:
    parties = [GUEST, HOST] if module.startswith("Hetero") else [GUEST, HOST, ARBITER]
    options = {"num_trees": 4, "multi_mode": "multi_output", **options}
    inputs = under("train_data", tables)
    return run(module, inputs, parties=parties, behaviour=LATER, **options)


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


def rows_of(table: TableData) -> list[list[float]]:
    return [[float(cell) for cell in value] for _, value in table.records]


def best_split(matrix: Any, g: Any, h: Any) -> tuple[Any, Any]:
    """Return the rows left and right of the best of all splits, by trying each."""

    def worth(rows: Any) -> float:
        return float((g[rows].sum(axis=0) ** 2 / (h[rows].sum(axis=0) + RIDGE)).sum())

    sides = [(c <= v, c > v) for c in matrix.T for v in np.unique(c)[:-1]]
    return max(sides, key=lambda side: worth(side[0]) + worth(side[1]))


def test_a_leaf_has_the_weights_of_all_classes() -> None:
    tables = vertical(80, 3)
    guest, host = (rows_of(tables[party]) for party in (GUEST, HOST))
    label, own = column(tables[GUEST], 0), np.array(guest)[:, 1:]
    truth = np.eye(3)[[int(name) for name in label]]
    g, h = 1 / 3 - truth, np.full((80, 3), 2 / 9)
    sides = best_split(np.hstack([own, np.array(host)]), g, h)

    results = train(tables, num_trees=1, bin_num=200, tree_param={"max_depth": 1})

    root, *leaves = model_of(results[GUEST]).param["trees"][0]["tree"]
    assert root["weight"] == -1.0
    for leaf, rows in zip(leaves, sides, strict=True):
        assert leaf["weight"] == -1.0
        expected = -g[rows].sum(axis=0) / (h[rows].sum(axis=0) + RIDGE)
        assert leaf["moWeight"] == pytest.approx(expected.tolist(), abs=1e-8)
    counts = model_of(results[GUEST]).param["trees"][0]["leafCount"]
    assert list(counts.values()) == [int(rows.sum()) for rows in sides]


def test_every_round_grows_one_tree() -> None:
    results = train(vertical(80, 3))

    ours, theirs = (model_of(results[party]).param for party in (GUEST, HOST))
    assert (ours["treeDim"], len(ours["trees"]), len(ours["initScore"])) == (1, 4, 3)
    assert (theirs["treeDim"], len(theirs["trees"])) == (1, 4)
    assert not any(node["moWeight"] for tree in theirs["trees"] for node in tree["tree"])
    losses = ours["losses"]
    assert losses == sorted(losses, reverse=True)


def test_two_classes_have_one_weight_anyhow() -> None:
    both = [train(vertical(80), multi_mode=mode) for mode in ("single_output", "multi_output")]

    assert model_of(both[0][GUEST]).param == model_of(both[1][GUEST]).param


@pytest.mark.parametrize("module", ["HeteroSecureBoost", "HomoSecureboost"])
def test_an_archive_has_all_the_weights(module: str) -> None:
    tables = vertical(80, 3) if module.startswith("Hetero") else horizontal(classes=3)
    results = train(tables, module)
    for party in tables:
        model = model_of(results[party])
        names = {model.meta_name: model.meta_message, model.param_name: model.param_message}
        document = model_from_buffers(module, names, buffers_of(model.to_document()))
        results[party].model = Model.from_document(document)

    later = predict(module, results, under("test_data", tables), behaviour=LATER)

    assert column(later[GUEST].tables[0], 2) == column(results[GUEST].tables[0], 2)
    assert [len(node["moWeight"]) for node in model_of(results[GUEST]).param["trees"][0]["tree"]]


def test_common_trees_count_the_samples_of_each_party() -> None:
    results = train(horizontal(classes=3), "HomoSecureboost", num_trees=1)

    for party in (GUEST, HOST):
        param = model_of(results[party]).param
        assert (param["treeDim"], len(param["trees"])) == (1, 1)
        assert sum(param["trees"][0]["leafCount"].values()) == 40
        assert {len(node["moWeight"]) for node in param["trees"][0]["tree"]} == {3}


HETERO, HOMO = ("HeteroSecureBoost",), ("HomoSecureBoost",)
SEVERAL = {"multi_mode": "multi_output"}


@pytest.mark.parametrize("line", ["1.8", "1.11"])
@pytest.mark.parametrize(
    ("modules", "asked", "reason"),
    [
        (HETERO + HOMO, {"multi_mode": "all"}, "unsupported multi-classification mode"),
        (
            HETERO,
            {**SEVERAL, "boosting_strategy": "mix"},
            "MO trees only works when boosting strategy is std tree",
        ),
        (
            HETERO,
            {**SEVERAL, "work_mode": "layered"},
            "MO trees only works when boosting strategy is std tree",
        ),
        (
            HETERO,
            {**SEVERAL, "cipher_compress": False},
            "Mo trees only works when cipher compress is enabled",
        ),
        (
            HOMO,
            {**SEVERAL, "task_type": "regression", "objective_param": {"objective": "lse"}},
            "regression tasks not support multi-output trees",
        ),
        (HETERO + HOMO, SEVERAL, None),
    ],
)
def test_what_does_not_go_together_is_refused(
    line: str, modules: tuple[str, ...], asked: dict[str, Any], reason: str | None
) -> None:
    with MockServer(fate_version=line, pace="manual") as mock:
        for module in modules:
            components, body = dsl(), conf()
            components["components"]["lr_0"]["module"] = module
            body["component_parameters"]["common"] = {"lr_0": asked}
            job = {"job_dsl": components, "job_runtime_conf": body}
            answer = post(mock.app.test_client(), "job/submit", job)
            assert (answer["retcode"] == 0) == (reason is None), answer
            assert reason is None or reason in answer["retmsg"]


def test_the_first_lines_know_nothing_of_it() -> None:
    kind = find_kind("HeteroSecureBoost")
    assert kind is not None
    check(kind.rules, kind.defaults)
