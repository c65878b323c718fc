"""LocalBaseline: what one party could do alone, with plain logistic regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.predict_output import (
    Predictions,
    binary_predictions,
    merged_predictions,
    multi_predictions,
)
from flowkit_mockserver.components.core.run import instances, parameter, predicts_nothing
from flowkit_mockserver.components.linear_model.export import tell_later
from flowkit_mockserver.components.other.scikit_logistic import (
    FittedLogistic,
    fit_logistic,
    probabilities,
)
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["learn_alone"]

Floats = NDArray[np.float64]
_BINARY = 2


@dataclass(frozen=True, eq=False)
class _Baseline:
    """A regression ready to predict; the shapes are those of `FittedLogistic`."""

    classes: list[int]
    weights: Floats
    intercepts: Floats
    shared: bool = False

    def predictions(self, data: Instances, threshold: float) -> Predictions:
        shares = probabilities(data.numbers, self.weights, self.intercepts, shared=self.shared)
        if len(self.classes) == _BINARY:
            return binary_predictions(data.labels, shares[:, 1], threshold, self.classes)
        return multi_predictions(data.labels, shares, self.classes)


def _loaded(model: Model) -> _Baseline:
    """Return what the buffers of a model hold; two classes are 0 and 1 again, whatever they were."""
    param = model.param
    if not model.meta["needOneVsRest"]:
        weights, intercept = _single_weights(param, param["header"])
        return _Baseline([0, 1], weights[None, :], np.array([intercept]))
    result = param["oneVsRestResult"]
    singles = [_single_weights(single, param["header"]) for single in result["completedModels"]]
    return _Baseline(
        [int(name) for name in result["oneVsRestClasses"]],
        np.vstack([weights for weights, _ in singles]),
        np.array([intercept for _, intercept in singles]),
    )


def _single_weights(single: Mapping[str, Any], header: Sequence[str]) -> tuple[Floats, float]:
    weights = np.array([float(single["weight"][name]) for name in header])
    return weights, float(single["intercept"])


def _single(fitted: FittedLogistic, place: int, header: Sequence[str]) -> dict[str, Any]:
    return {
        "iters": fitted.iterations,
        "isConverged": fitted.iterations < fitted.options["max_iter"],
        "weight": dict(zip(header, fitted.weights[place].tolist(), strict=True)),
        "intercept": float(fitted.intercepts[place]),
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


def _fitted(
    data: Instances, asked: Mapping[str, Any], *, later: bool
) -> tuple[FittedLogistic, PartyResult]:
    check_table(data, names=False)
    if data.labels is None:
        raise ValueError("Unknown label type: 'unknown'")
    weights = None if data.weights is None else data.weights.astype(np.float64)
    fitted = fit_logistic(
        data.numbers, data.labels, weights, asked["model_opts"] or {}, later=later
    )
    options, header, classes = fitted.options, data.header, fitted.classes
    several = len(classes) > _BINARY
    if several and not options["fit_intercept"]:
        # FATE looks for one intercept of all classes and finds an array.
        raise ValueError("only size-1 arrays can be converted to Python scalars")
    singles = [_single(fitted, place, header) for place in range(len(fitted.weights))]
    summary: dict[str, Any]
    if several:
        named = zip(classes, singles, strict=True)
        summary = {str(name): _summary(single) for name, single in named}
        summary["one_vs_rest"] = True
        param = message(
            "LRModelParam",
            header=header,
            needOneVsRest=True,
            oneVsRestResult=message(
                "OneVsRestResult",
                completedModels=[message("SingleModel", **single) for single in singles],
                oneVsRestClasses=[str(name) for name in classes],
            ),
        )
    else:
        summary = {**_summary(singles[0]), "one_vs_rest": False}
        param = message("LRModelParam", **singles[0], needOneVsRest=False)
    meta = message(
        "LRModelMeta",
        penalty=options["penalty"],
        tol=options["tol"],
        fitIntercept=options["fit_intercept"],
        optimizer=options["solver"],
        maxIter=options["max_iter"],
        needOneVsRest=several,
        predictParam=message("PredictMeta", threshold=asked["predict_param"]["threshold"]),
    )
    return fitted, PartyResult(summary=summary, model=saved_model("LocalBaseline", meta, param))


def _train(run: ComponentRun, party: Party, data: Instances) -> PartyResult:
    asked = parameter(run, party)
    threshold = asked["predict_param"]["threshold"]
    with guarded(party):
        fitted, result = _fitted(data, asked, later=run.behaviour.later_scikit)
    classes = [int(name) for name in fitted.classes]
    baseline = _Baseline(classes, fitted.weights, fitted.intercepts, fitted.shared)
    parts = [(data, baseline.predictions(data, threshold), "train")]
    held = instances(run, party, "validate_data", "eval_data")
    if held is not None:
        with guarded(party):
            parts.append((held, baseline.predictions(held, threshold), "validate"))
    result.tables = [merged_predictions(parts)]
    return result


def _predict(run: ComponentRun, party: Party, data: Instances, model: Model) -> PartyResult:
    threshold = parameter(run, party)["predict_param"]["threshold"]
    with guarded(party):
        said = _loaded(model).predictions(data, threshold)
    param = {**model.param, "bestIteration": -1}
    return PartyResult(
        [merged_predictions([(data, said, "predict")])], model=replace(model, param=param)
    )


def learn_alone(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train each party's own model, or predict with it."""
    results = {}
    for party in run.parties:
        model = run.models.get(party)
        data = instances(run, party, "train_data", "test_data", "data", "eval_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        silent = predicts_nothing(run)
        if model is not None and silent:
            results[party] = PartyResult(model=model)
            continue
        results[party] = _predict(run, party, data, model) if model else _train(run, party, data)
        if silent:
            results[party].tables = []
    return tell_later(run, results)
