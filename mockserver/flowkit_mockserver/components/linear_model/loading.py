"""The weights that the buffers of linear models hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import Tables, models_to_go_on_from
from flowkit_mockserver.components.core.interface import ComponentRun, Model
from flowkit_mockserver.components.core.paillier import Cipher
from flowkit_mockserver.components.linear_model.hetero_gradient import LinearWeights, Start

__all__ = [
    "averaged_weights",
    "fitted_regressions",
    "single_weights",
    "start_of",
]

Floats = NDArray[np.float64]


def averaged_weights(model: Model) -> tuple[list[tuple[Floats, float]], list[int]]:
    """Return weights and intercept of one averaged model, or of one a class; and these classes, empty for one.

    Raises:
        ValueError: the model has no weights.
    """
    by_class = model.param.get("oneVsRestResult")
    if not by_class:
        return [single_weights(model)], []
    fitted = bool(model.meta["fitIntercept"])
    weights = [
        (_weights(single), float(single["intercept"]) if fitted else 0.0)
        for single in by_class["completedModels"]
    ]
    return weights, [int(name) for name in by_class["oneVsRestClasses"]]


def _weights(single: Mapping[str, Any], guest: Mapping[str, Any] | None = None) -> Floats:
    """Return the weights in a buffer of one regression, in the order of its header.

    Args:
        single: the buffer.
        guest: that of the guest, with the keys to weights that are encrypted.
    """
    header = single["header"]
    hidden = single.get("encryptedWeight")
    if hidden and guest and guest.get("cipher"):
        texts = [hidden[name] for name in header]
        return np.array(Cipher.of(guest["cipher"]).decrypt(texts), dtype=np.float64)
    given = single["weight"]
    return np.array([float(given[name]) for name in header], dtype=np.float64)


def single_weights(model: Model, guest: Model | None = None) -> tuple[Floats, float]:
    """Return the weights, shape (d,), and the intercept that the buffers of a model hold.

    Args:
        model: the model.
        guest: that of the guest, with the keys to weights that are encrypted.

    Raises:
        ValueError: the model has no weights.
    """
    param = model.param
    if len(param["weight"] or param.get("encryptedWeight", {})) != len(param["header"]):
        raise ValueError(f"the {model.module} model to predict with has no weights")
    intercept = float(param["intercept"]) if model.meta["fitIntercept"] else 0.0
    return _weights(param, guest.param if guest else None), intercept


def fitted_regressions(models: Sequence[Model]) -> tuple[list[LinearWeights], list[int]]:
    """Return what the buffers of a guest's and its hosts' models hold.

    Args:
        models: the guest's first.

    Returns:
        the weights of one regression, or of one a class; and these classes, empty for one.
    """
    guest = models[0]
    if not guest.param.get("needOneVsRest"):
        weights, intercept = single_weights(guest)
        hosts = [single_weights(model, guest)[0] for model in models[1:]]
        return [LinearWeights([weights, *hosts], intercept)], []
    results = [model.param["oneVsRestResult"] for model in models]
    regressions = []
    for singles in zip(*(result["completedModels"] for result in results), strict=True):
        intercept = float(singles[0]["intercept"]) if guest.meta["fitIntercept"] else 0.0
        weights_of = [_weights(single, singles[0]) for single in singles]
        regressions.append(LinearWeights(weights_of, intercept))
    return regressions, [int(name) for name in results[0]["oneVsRestClasses"]]


def start_of(run: ComponentRun, tables: Tables) -> Start | None:
    """Return what a regression over the columns of several parties goes on from; None if it starts anew.

    Raises:
        ValueError: it is a model for each of several classes, from which no server goes on.
    """
    models = models_to_go_on_from(run)
    if not models:
        return None
    guest = models[next(iter(tables))]
    if guest.param.get("needOneVsRest"):
        # Models of single classes are loaded where they are looked for to predict, not to train.
        wanted = "unboxed" if "SSHE" in run.module else "coef_"
        raise ValueError(f"AttributeError: 'NoneType' object has no attribute '{wanted}'")
    (weights,), _ = fitted_regressions([models[party] for party in tables])
    return Start(weights, guest.param["iters"])
