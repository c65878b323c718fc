"""LocalBaseline: what one party could do alone, with plain logistic regression."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.predict_output import (
    Row,
    binary_rows,
    merged_predictions,
    multi_rows,
)
from flowkit_mockserver.components.rows.run import instances, parameter
from flowkit_mockserver.components.rows.scalars import dot, sigmoid
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["learn_alone"]

_BINARY = 2
_STEPS = 60
_DEFAULT_ITERATIONS = 100


class _Machine:
    """Logistic regression of one class against the rest, trained by accelerated gradient descent."""

    def __init__(
        self,
        rows: Sequence[Sequence[float]],
        targets: Sequence[float],
        ridge: float,
        *,
        intercept: bool,
    ):
        count, width = len(rows), len(rows[0])
        columns = [list(column) for column in zip(*rows, strict=True)]
        longest = max(sum(v * v for v in row) for row in rows) + 1
        rate = 1.0 / (0.25 * longest + ridge / count)
        self.weights, self.intercept = [0.0] * width, 0.0
        speed, push = [0.0] * width, 0.0
        for _ in range(_STEPS):
            ahead = [w + 0.9 * v for w, v in zip(self.weights, speed, strict=True)]
            base = self.intercept + 0.9 * push
            wrong = [
                sigmoid(dot(row, ahead) + base) - y for row, y in zip(rows, targets, strict=True)
            ]
            slope = [
                dot(column, wrong) / count + ridge * w / count
                for column, w in zip(columns, ahead, strict=True)
            ]
            speed = [0.9 * v - rate * s for v, s in zip(speed, slope, strict=True)]
            self.weights = [w + v for w, v in zip(self.weights, speed, strict=True)]
            if intercept:
                push = 0.9 * push - rate * sum(wrong) / count
                self.intercept += push


class _Baseline:
    def __init__(self, data: Instances, asked: Mapping[str, Any]) -> None:
        options = asked["model_opts"] or {}
        self.options = options
        self.limit = options.get("max_iter", _DEFAULT_ITERATIONS)
        self.iterations = min(self.limit, _STEPS)
        self.classes = sorted(set(data.labels or []))
        if len(self.classes) < _BINARY:
            raise ValueError(
                "This solver needs samples of at least 2 classes in the data, but the data"
                f" contains only one class: {self.classes[0] if self.classes else None}"
            )
        ridge = 1.0 / options.get("C", 1.0) if options.get("penalty", "l2") == "l2" else 0.0
        rows = [[0.0 if math.isnan(v) else float(v) for v in row] for row in data.rows]
        labels = data.labels or []
        events = self.classes if len(self.classes) > _BINARY else self.classes[1:]
        self.machines = [
            _Machine(
                rows,
                [1.0 if label == event else 0.0 for label in labels],
                ridge,
                intercept=options.get("fit_intercept", True),
            )
            for event in events
        ]

    @property
    def converged(self) -> bool:
        return bool(self.iterations < self.limit)

    def state(self, header: Sequence[str], threshold: float) -> dict[str, Any]:
        return {
            "header": list(header),
            "classes": self.classes,
            "weights": [machine.weights for machine in self.machines],
            "intercepts": [machine.intercept for machine in self.machines],
            "threshold": threshold,
        }


def _rows(data: Instances, state: Mapping[str, Any]) -> list[Row]:
    labels = data.labels or [None] * len(data)
    scores = [
        [
            sigmoid(dot(row, weights) + intercept)
            for weights, intercept in zip(state["weights"], state["intercepts"], strict=True)
        ]
        for row in data.rows
    ]
    classes = state["classes"]
    if len(classes) <= _BINARY:
        return binary_rows(labels, [row[0] for row in scores], state["threshold"], classes)
    shares = [[score / sum(row) for score in row] for row in scores]
    return multi_rows(labels, shares, classes)


def _single(baseline: _Baseline, place: int, header: Sequence[str]) -> dict[str, Any]:
    machine = baseline.machines[place]
    return {
        "iters": baseline.iterations,
        "isConverged": baseline.converged,
        "weight": dict(zip(header, machine.weights, strict=True)),
        "intercept": machine.intercept,
        "header": header,
        "bestIteration": -1,
    }


def _summary(single: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "coef": single["weight"],
        "intercept": single["intercept"],
        "is_converged": single["isConverged"],
        "iters": single["iters"],
    }


def _fitted(data: Instances, asked: Mapping[str, Any]) -> PartyResult:
    baseline = _Baseline(data, asked)
    options, header = baseline.options, data.header
    threshold = asked["predict_param"]["threshold"]
    several = len(baseline.classes) > _BINARY
    singles = [_single(baseline, place, header) for place in range(len(baseline.machines))]
    summary: dict[str, Any]
    if several:
        named = zip(baseline.classes, singles, strict=True)
        summary = {str(name): _summary(single) for name, single in named}
        summary["one_vs_rest"] = True
        param = message(
            "LRModelParam",
            header=header,
            needOneVsRest=True,
            oneVsRestResult=message(
                "OneVsRestResult",
                completedModels=[message("SingleModel", **single) for single in singles],
                oneVsRestClasses=[str(name) for name in baseline.classes],
            ),
        )
    else:
        summary = {**_summary(singles[0]), "one_vs_rest": False}
        param = message("LRModelParam", **singles[0], needOneVsRest=False)
    meta = message(
        "LRModelMeta",
        penalty=options.get("penalty", "l2"),
        tol=options.get("tol", 1e-4),
        fitIntercept=options.get("fit_intercept", True),
        optimizer=options.get("solver", "lbfgs"),
        maxIter=baseline.limit,
        needOneVsRest=several,
        predictParam=message("PredictMeta", threshold=threshold),
    )
    model = saved_model("LocalBaseline", meta, param, baseline.state(header, threshold))
    return PartyResult(summary=summary, model=model)


def learn_alone(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train each party's own model, or predict with it."""
    results = {}
    for party in run.parties:
        model = run.models.get(party)
        train = instances(run, party, "train_data")
        data = train or instances(run, party, "test_data", "data", "eval_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        if model:
            rows = _rows(data.aligned(model.state["header"]), model.state)
            param = {**model.param, "bestIteration": -1}
            result = PartyResult(
                [merged_predictions([(data, rows, "predict")])], model=replace(model, param=param)
            )
        else:
            result = _fitted(data, parameter(run, party))
            state = result.model.state if result.model else {}
            parts = [(data, _rows(data, state), "train")]
            held = instances(run, party, "validate_data", "eval_data")
            if held is not None:
                held = held.aligned(data.header)
                parts.append((held, _rows(held, state), "validate"))
            result.tables = [merged_predictions(parts)]
        results[party] = result
    return results
