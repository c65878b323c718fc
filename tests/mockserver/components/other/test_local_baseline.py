"""LocalBaseline beside what a real FATE 1.6.1 computed: FATE's vehicle data, four classes, lbfgs cut off at 5."""

from __future__ import annotations

import gzip
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from component_bench import GUEST, Results, column, instances, predict, run
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, TableData
from flowkit_mockserver.dialects.behaviour import behaviour_of

sklearn = pytest.importorskip("sklearn", reason="computed by scikit-learn, the extra compute")

RECORDED: dict[str, Any] = json.loads(
    gzip.decompress((Path(__file__).parent / "data" / "local_baseline.json.gz").read_bytes())
)


def table() -> TableData:
    lines = [line.split(",") for line in RECORDED["rows"]]
    rows = {line[0]: [float(cell) for cell in line[2:]] for line in lines}
    header = RECORDED["header"].split(",")[2:]
    return instances(rows, header, [int(line[1]) for line in lines])


@pytest.fixture(scope="module")
def trained() -> Results:
    return run("LocalBaseline", {GUEST: {"train_data": table()}}, **RECORDED["asked"])


def test_the_summary_is_that_of_the_real_server(trained: Results) -> None:
    summary = trained[GUEST].summary
    assert summary is not None
    assert summary.keys() == RECORDED["summary"].keys()
    for name in ("0", "1", "2", "3"):
        ours, real = summary[name], RECORDED["summary"][name]
        assert ours["coef"] == pytest.approx(real["coef"], rel=1e-6)
        assert ours["intercept"] == pytest.approx(real["intercept"], rel=1e-6)
        assert (ours["iters"], ours["is_converged"]) == (5, False)


def test_the_predictions_are_those_of_the_real_server(trained: Results) -> None:
    recorded = [float(line.split(",")[3]) for line in RECORDED["predictions"]]
    assert column(trained[GUEST].tables[0], 2)[:10] == pytest.approx(recorded, rel=1e-6)
    later = predict("LocalBaseline", trained, {GUEST: {"test_data": table()}})
    assert column(later[GUEST].tables[0], 1) == column(trained[GUEST].tables[0], 1)
    assert trained[GUEST].model is not None
    assert trained[GUEST].model.state == {}


CHANCE = np.random.RandomState(2)
X = CHANCE.randn(80, 3)
Y = (X[:, 0] + 0.5 * CHANCE.randn(80) > 0).astype(int)
KEYS = [f"u{i:02}" for i in range(80)]


def learn(labels: Any = Y, weights: Any = None, **options: Any) -> Results:
    rows = dict(zip(KEYS, X.tolist(), strict=True))
    data = instances(rows, ["a", "b", "c"], np.asarray(labels).tolist(), weights)
    return run("LocalBaseline", {GUEST: {"train_data": data}}, model_opts=options or None)


def coefficients(results: Results) -> list[float]:
    summary = results[GUEST].summary
    assert summary is not None
    return [*summary["coef"].values(), summary["intercept"]]


@pytest.mark.parametrize(
    "options",
    [
        {"solver": "lbfgs", "max_iter": 500, "tol": 1e-8},
        {"solver": "liblinear", "penalty": "l1", "tol": 1e-8, "random_state": 1},
        {"solver": "newton-cg", "tol": 1e-10},
        {"solver": "saga", "max_iter": 5000, "tol": 1e-8, "random_state": 1},
        {"solver": "lbfgs", "penalty": "none", "max_iter": 500, "tol": 1e-8},
        {"solver": "lbfgs", "class_weight": "balanced", "max_iter": 500, "tol": 1e-8},
    ],
)
def test_every_solver_minimises_what_scikit_learn_does(options: dict[str, Any]) -> None:
    peer = import_module("sklearn.linear_model").LogisticRegression
    penalty = options.get("penalty", "l2")
    model = peer(
        C=np.inf if penalty == "none" else 1.0,
        l1_ratio=1.0 if penalty == "l1" else 0.0,
        solver=options["solver"],
        class_weight=options.get("class_weight"),
        tol=1e-9,
        max_iter=20000,
        random_state=1,
    )
    model.fit(X, Y)

    found = coefficients(learn(**options))

    assert found == pytest.approx([*model.coef_[0], model.intercept_[0]], rel=1e-3, abs=1e-4)


def test_the_solver_is_liblinear_unless_told_otherwise_and_the_model_says_warn() -> None:
    results = learn()

    model = results[GUEST].model
    assert model is not None
    assert (model.meta["optimizer"], model.meta["penalty"]) == ("warn", "l2")
    assert coefficients(results) == pytest.approx(coefficients(learn(solver="liblinear")))


def test_sample_weights_and_late_labels_count() -> None:
    plain = coefficients(learn(solver="lbfgs"))
    late = Y.copy()
    late[-8:] = 1 - late[-8:]

    assert not np.allclose(plain, coefficients(learn(late, solver="lbfgs")), rtol=1e-2)
    weights = [1.0 + (i % 2) for i in range(80)]
    weighed = coefficients(learn(weights=weights, solver="lbfgs"))
    assert not np.allclose(plain, weighed, rtol=1e-2)
    doubled = coefficients(learn(weights=[2.0] * 80, solver="lbfgs", C=0.5))
    assert doubled == pytest.approx(plain, rel=1e-3)


def test_several_classes_can_share_a_softmax() -> None:
    labels = np.digitize(X[:, 0], [-0.5, 0.5])

    results = learn(labels, solver="lbfgs", multi_class="multinomial", max_iter=300)

    rows = column(results[GUEST].tables[0], 3)
    assert all(sum(row.values()) == pytest.approx(1) for row in rows)
    model = import_module("sklearn.linear_model").LogisticRegression(tol=1e-9, max_iter=2000)
    expected = model.fit(X, labels).predict_proba(X)
    assert [row["2"] for row in rows] == pytest.approx(expected[:, 2].tolist(), abs=1e-3)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"solver": "magic"}, "Logistic Regression supports only solvers in"),
        ({"depth": 3}, "got an unexpected keyword argument 'depth'"),
        ({"solver": "lbfgs", "penalty": "l1"}, "Solver lbfgs supports only 'l2' or 'none'"),
        ({"C": -1}, "Penalty term must be positive; got"),
        ({"multi_class": "multinomial"}, "Solver liblinear does not support a multinomial"),
    ],
)
def test_options_are_refused_with_the_texts_of_the_real_library(
    options: dict[str, Any], text: str
) -> None:
    with pytest.raises(ComponentFailed) as failed:
        learn(**options)

    assert text in failed.value.message


def test_one_class_is_not_enough() -> None:
    with pytest.raises(ComponentFailed, match="contains only one class: 0"):
        learn(np.zeros(80, dtype=int))


def test_without_scikit_learn_the_task_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    for name in ("local_baseline", "scikit_logistic"):
        monkeypatch.delitem(
            sys.modules, f"flowkit_mockserver.components.other.{name}", raising=False
        )

    with pytest.raises(ComponentFailed, match=r"pip install 'fate-flowkit\[compute\]'"):
        learn()


def odd_table(labels: list[int]) -> TableData:
    rows = {
        f"{i:02}": [float(i % 7) - 3, float(i % 5) / 2, float((i * i) % 11) / 10] for i in range(30)
    }
    return instances(rows, ["a", "b", "c"], labels)


#: What scikit-learn 0.24.2 and 1.0.1 find when nothing is asked: labels, (weights, intercept) by class, iterations.
LATER = [
    (
        [int(i * 3 % 7 > 2) for i in range(30)],
        [([0.1598144912, 0.0613830736, -0.1689669816], 0.3070227226)],
        11,
    ),
    (
        [i * i % 3 + (i % 4 == 0) for i in range(30)],
        [
            ([0.0689566991, -0.0244838750, 0.1036177731], -0.2097215720),
            ([-0.0138039408, -0.0444871235, -0.3526960406], 0.9310189137),
            ([-0.0551527583, 0.0689709985, 0.2490782675], -0.7212973417),
        ],
        19,
    ),
]


@pytest.mark.parametrize("line", ["1.7", "1.11"])
@pytest.mark.parametrize(("labels", "singles", "iterations"), LATER)
def test_later_lines_take_what_later_releases_take_for_granted(
    line: str, labels: list[int], singles: list[tuple[list[float], float]], iterations: int
) -> None:
    result = run(
        "LocalBaseline",
        {GUEST: {"train_data": odd_table(labels)}},
        behaviour=behaviour_of(line_of(line)),
    )[GUEST]

    summary = result.summary
    assert summary is not None
    found = [summary] if len(singles) == 1 else [summary[str(i)] for i in range(len(singles))]
    for ours, (weights, intercept) in zip(found, singles, strict=True):
        assert list(ours["coef"].values()) == pytest.approx(weights, rel=1e-6)
        assert ours["intercept"] == pytest.approx(intercept, rel=1e-6)
        assert ours["iters"] == iterations
    assert result.model is not None
    assert result.model.meta["optimizer"] == "lbfgs"


def test_an_option_that_scikit_learn_does_not_have_is_a_type_error() -> None:
    with pytest.raises(ComponentFailed) as failure:
        run("LocalBaseline", {GUEST: {"train_data": table()}}, model_opts={"nosuch": 1})

    assert failure.value.message == (
        "TypeError: __init__() got an unexpected keyword argument 'nosuch'"
    )
