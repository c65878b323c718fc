"""What the parties of an averaged regression save: at the end, and on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.linear_model.averaged.average import Average
from flowkit_mockserver.components.linear_model.export import models_by_class, regression_meta
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["arbiter_checkpoints", "averaged_checkpoints", "averaged_model"]


def _averaged_meta(asked: Mapping[str, Any], *, ovr: bool) -> dict[str, Any]:
    intercept = asked["init_param"]["fit_intercept"]
    meta = regression_meta(
        "HomoLR", {"re_encrypt_batches": 0, **asked}, intercept=intercept, ovr=ovr
    )
    return meta | {
        "penalty": meta["penalty"] or "NONE",
        "module": "HomoLR",
        "revealStrategy": "",
        "reEncryptBatches": "0",
    }


def _averaged_single(
    average: Average, party: Party, header: Sequence[str], epoch: int
) -> dict[str, Any]:
    weights, intercept = average.of(party, epoch)
    return {
        "iters": epoch,
        "lossHistory": average.losses[party][: epoch + 1],
        "isConverged": average.converged and epoch == len(average.losses[party]) - 1,
        "weight": dict(zip(header, weights.astype(np.float64).tolist(), strict=True)),
        "intercept": intercept,
        "header": header,
        "bestIteration": -1,
    }


def averaged_model(
    asked: Mapping[str, Any],
    averages: Sequence[Average],
    party: Party,
    header: Sequence[str],
    classes: Sequence[Any],
) -> Model:
    """Return the model of a party whose network was averaged with those of others.

    Args:
        asked: its parameter.
        averages: how the training went, or those for each of `classes`; none in cross validation.
        party: whose model it is.
        header: the names of the features.
        classes: the labels that are told from the rest; empty for a single model.
    """
    singles = [
        {
            **_averaged_single(average, party, header, len(average.losses[party]) - 1),
            "bestIteration": average.best_epoch(party),
        }
        for average in averages
    ]
    if classes:
        param = message("LRModelParam", **models_by_class(header, classes, singles))
        for single in param["oneVsRestResult"]["completedModels"]:
            single["encryptedWeight"] = {}
    else:
        param = message("LRModelParam", **(singles[0] if singles else {}))
    meta = _averaged_meta(asked, ovr=bool(classes))
    return saved_model("HomoLR", meta, {**param, "encryptedWeight": {}})


def _saved_epochs(asked: Mapping[str, Any], average: Average) -> list[int]:
    """Return the epochs after which a trainer saves a checkpoint: each so many, so that the first is not always one."""
    epochs = len(next(iter(average.losses.values())))
    return [count - 1 for count in saved_steps(asked, epochs + 1) if count]


def averaged_checkpoints(
    asked: Mapping[str, Any], average: Average, party: Party, header: Sequence[str]
) -> dict[int, Model]:
    """Return what a party whose network is averaged with those of others saves on the way."""
    found = {}
    for epoch in _saved_epochs(asked, average):
        param = message("LRModelParam", **_averaged_single(average, party, header, epoch))
        meta = _averaged_meta(asked, ovr=False)
        found[epoch] = saved_model("HomoLR", meta, {**param, "encryptedWeight": {}})
    return found


def arbiter_checkpoints(asked: Mapping[str, Any], averages: Sequence[Average]) -> dict[int, Model]:
    """Return what the arbiter saves on the way, after epochs that ended with an average: nothing, but in buffers."""
    meta = {**message("LRModelMeta"), "module": "", "revealStrategy": ""}
    param = {**message("LRModelParam"), "encryptedWeight": {}}
    return {
        epoch: saved_model("HomoLR", dict(meta), dict(param))
        for average in averages
        for epoch in _saved_epochs(asked, average)
        if (epoch + 1) % asked["aggregate_iters"] == 0
    }
