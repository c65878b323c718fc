"""Model buffers and summaries of the linear models, party by party."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.interface import ComponentRun, Model, PartyResult
from flowkit_mockserver.components.core.model_buffers import buffers_of, saved_model
from flowkit_mockserver.components.core.paillier import Cipher
from flowkit_mockserver.components.linear_model.hetero_gradient import Training
from flowkit_mockserver.components.linear_model.homo_gradient import HomoTraining
from flowkit_mockserver.components.linear_model.one_vs_rest import Fitted
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.catalogue import message_fields
from flowkit_mockserver.proto.documents import message

__all__ = [
    "empty_model",
    "homo_model",
    "loaded",
    "models_by_class",
    "party_model",
    "regression_meta",
    "shared_model",
    "summary_of",
    "tell_later",
]

Floats = NDArray[np.float64]

_META = {
    "penalty": "penalty",
    "tol": "tol",
    "alpha": "alpha",
    "optimizer": "optimizer",
    "batchSize": "batch_size",
    "learningRate": "learning_rate",
    "maxIter": "max_iter",
    "earlyStop": "early_stop",
    "exposureColname": "exposure_colname",
}


def regression_meta(
    module: str, asked: Mapping[str, Any], *, intercept: bool, ovr: bool = False
) -> dict[str, Any]:
    """Return the meta buffer of a regression.

    Args:
        module: which regression.
        asked: its parameter.
        intercept: whether an intercept is fitted.
        ovr: whether there is a model for each of several classes.
    """
    name = buffers_of(module).meta_message
    known = {field.json_name for field in message_fields(name)}
    values: dict[str, Any] = {
        field: asked.get(key) for field, key in _META.items() if field in known
    }
    values["penalty"] = (asked["penalty"] or "").upper()
    values["fitIntercept"] = intercept
    if "needOneVsRest" in known:
        values["needOneVsRest"] = ovr
    if module == "HomoLR":
        values["reEncryptBatches"] = asked["re_encrypt_batches"]
    return message(name, **values)


def models_by_class(
    header: Sequence[str], names: Iterable[Any], singles: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the values of a parameter buffer that holds a model for each class."""
    return {
        "header": header,
        "needOneVsRest": True,
        "bestIteration": -1,
        "oneVsRestResult": message(
            "OneVsRestResult",
            completedModels=[message("SingleModel", **single) for single in singles],
            oneVsRestClasses=[str(name) for name in names],
        ),
    }


def party_model(
    module: str, asked: Mapping[str, Any], fitted: Fitted, place: int, header: Sequence[str]
) -> Model:
    """Return the model of the party at `place` (0: the guest) among those with columns."""
    guest = place == 0
    # A host fits no intercept, but says so only when it trained a single model.
    fit_intercept = (guest or bool(fitted.classes)) and asked["init_param"]["fit_intercept"]
    singles = []
    for training, watch in zip(fitted.trainings, fitted.validations, strict=True):
        singles.append(
            {
                "iters": training.iterations,
                "lossHistory": [],
                "isConverged": training.converged,
                "weight": dict(zip(header, training.weights.blocks[place].tolist(), strict=True)),
                "intercept": training.weights.intercept if guest else 0.0,
                "header": header,
                "bestIteration": -1 if fitted.behaviour.callbacks else watch.best_iteration,
            }
        )
    param_name = buffers_of(module).param_message
    if fitted.classes:
        names = fitted.classes if guest else range(len(fitted.classes))
        param = message(param_name, **models_by_class(header, names, singles))
    else:
        param = message(param_name, **singles[0])
    meta = regression_meta(module, asked, intercept=fit_intercept, ovr=bool(fitted.classes))
    return saved_model(module, meta, param)


def empty_model(module: str, asked: Mapping[str, Any], fitted: Fitted | None) -> Model:
    """Return the model of a party that learned no weights: an arbiter, or anybody in cross validation."""
    values: dict[str, Any] = {}
    ovr = False
    if module != "HeteroLR":
        values["bestIteration"] = -1
    if fitted is not None:
        ovr = bool(fitted.classes)
        watch = fitted.validations[0]
        if fitted.behaviour.saves_losses:
            singles = [
                {
                    "iters": training.iterations,
                    "lossHistory": training.losses,
                    "isConverged": training.converged,
                    "bestIteration": -1,
                }
                for training in fitted.trainings
            ]
            values |= models_by_class([], range(len(singles)), singles) if ovr else singles[0]
        # The best model of one class against the rest is kept with that class, not by the arbiter.
        elif not ovr and watch.stops_early and watch.best_iteration >= 0:
            losses = fitted.trainings[0].losses
            values |= {"bestIteration": watch.best_iteration, "lossHistory": losses}
    meta = regression_meta(module, asked, intercept=asked["init_param"]["fit_intercept"], ovr=ovr)
    return saved_model(module, meta, message(buffers_of(module).param_message, **values))


def loaded(model: Model, best_iteration: int = -1) -> Model:
    """Return a model as a component shows it that predicts with it: how its training went is forgotten.

    An arbiter, whose model has no weights, also forgets that there are more than two classes.
    """
    forgotten = {"bestIteration": best_iteration, "lossHistory": [], "isConverged": False}
    param = {**model.param, **forgotten}
    by_class = param.get("oneVsRestResult")
    if by_class:
        forgotten["bestIteration"] = -1
        singles = [
            {
                **single,
                # A LocalBaseline has no losses to forget.
                **{k: v for k, v in forgotten.items() if k != "lossHistory" or k in single},
            }
            for single in by_class["completedModels"]
        ]
        param["oneVsRestResult"] = {**by_class, "completedModels": singles}
    meta = dict(model.meta)
    if "needOneVsRest" in meta:
        meta["needOneVsRest"] = bool(param["needOneVsRest"])
    return replace(model, param=param, meta=meta)


def _arbiter_summary(module: str, fitted: Fitted, index: int) -> dict[str, Any]:
    training = fitted.trainings[index]
    # The arbiter keeps this number at -1 unless training was stopped early.
    summary: dict[str, Any] = {
        "loss_history": training.losses,
        "is_converged": training.converged,
        "best_iteration": -1,
    }
    if training.losses:
        summary["best_iter_loss"] = training.losses[-1]
    return summary


def summary_of(
    module: str, fitted: Fitted, place: int, header: Sequence[str] | None
) -> dict[str, Any]:
    """Return the summary of the party at `place`; without a `header`, of the arbiter."""
    summaries: list[dict[str, Any]] = []
    for index, training in enumerate(fitted.trainings):
        watch = fitted.validations[index]
        if header is None:
            summary = _arbiter_summary(module, fitted, index)
        else:
            summary = {
                "coef": dict(zip(header, training.weights.blocks[place].tolist(), strict=True)),
                "intercept": training.weights.intercept if place == 0 else 0.0,
                "is_converged": training.converged,
                "best_iteration": watch.best_iteration,
            }
            if module == "HeteroLR":
                summary["one_vs_rest"] = False
            if watch.active and fitted.behaviour.callbacks:
                summary["validation_metrics"] = watch.summary if place == 0 else {}
            elif watch.summary and place == 0:
                summary["validation_metrics"] = watch.summary
        if fitted.classes:
            summary["one_vs_rest"] = True
        summaries.append(summary)
    if fitted.classes:
        names = fitted.classes if place == 0 else range(len(fitted.classes))
        return {str(name): summary for name, summary in zip(names, summaries, strict=True)}
    return summaries[0]


def homo_model(
    party: Party,
    asked: Mapping[str, Any],
    training: HomoTraining | None,
    header: Sequence[str],
    *,
    blind: bool = False,
    named: bool = False,
) -> Model:
    """Return the model of one party of a federated average.

    Args:
        party: whose model it is.
        asked: its parameter.
        training: how it went; None in cross validation.
        header: names of the features.
        blind: whether the party never saw the weights.
        named: whether the model says of which kind it is.
    """
    meta = regression_meta("HomoLR", asked, intercept=asked["init_param"]["fit_intercept"])
    if named:
        meta["module"] = "HomoLR"
    if training is None:
        return saved_model("HomoLR", meta, message("LRModelParam"))
    losses = training.losses.get(party, training.mean_losses)
    param = message(
        "LRModelParam",
        iters=training.iterations,
        lossHistory=losses,
        isConverged=training.converged,
        weight={} if blind else dict(zip(header, training.common.weights.tolist(), strict=True)),
        intercept=0.0 if blind else training.common.intercept,
        header=header,
        needOneVsRest=False,
        # Only a host leaves the field at its default.
        bestIteration=0 if party[0] == "host" else -1,
    )
    return saved_model("HomoLR", meta, param)


def shared_model(
    module: str,
    asked: Mapping[str, Any],
    trainings: Sequence[Training],
    place: int,
    header: Sequence[str],
    classes: Sequence[Any] = (),
    cipher: Cipher | None = None,
) -> Model:
    """Return the model of a party of a regression on shares.

    Args:
        module: which regression.
        asked: its parameter.
        trainings: how it went, once or for each of `classes`; none in cross validation.
        place: of the party among those with columns; 0 is the guest.
        header: the names of its columns.
        classes: the labels that are told from the rest; empty for a single model.
        cipher: the keys of the guest when the host keeps its weights encrypted.
    """
    guest = place == 0
    intercept = guest and asked["init_param"]["fit_intercept"]
    meta = regression_meta(module, asked, intercept=intercept, ovr=bool(classes))
    singles = [
        {
            "iters": training.iterations,
            "lossHistory": training.losses if guest else [],
            "isConverged": training.converged,
            "weight": {},
            "intercept": training.weights.intercept if guest else 0.0,
            "header": header,
            "bestIteration": -1,
        }
        for training in trainings
    ]
    hidden: list[dict[str, Any]] = []
    for single, training in zip(singles, trainings, strict=True):
        weights = training.weights.blocks[place].tolist()
        kept: dict[str, Any] = {"encryptedWeight": {}}
        if cipher is not None and not guest:
            texts = cipher.encrypt(weights, Random(cipher.n))
            kept["encryptedWeight"] = dict(zip(header, texts, strict=True))
        else:
            single["weight"] = dict(zip(header, weights, strict=True))
            kept |= {} if cipher is None else {"cipher": cipher.document}
        hidden.append(kept)
    values: dict[str, Any] = singles[0] if singles else {}
    if classes:
        names = classes if guest else range(len(classes))
        values = models_by_class(header, names, singles)
        for single, kept in zip(values["oneVsRestResult"]["completedModels"], hidden, strict=True):
            single.update(kept)
        hidden = []
    param = message(buffers_of(module).param_message, **values)
    meta["revealStrategy"] = asked["reveal_strategy"]
    if "needOneVsRest" in meta:
        meta["module"] = ""
    return saved_model(module, meta, {**param, **(hidden or [{"encryptedWeight": {}}])[0]})


def tell_later(run: ComponentRun, results: dict[Party, PartyResult]) -> dict[Party, PartyResult]:
    """Add to the models what the buffers of the later lines have besides; none of it is ever set here."""
    known = run.behaviour.saves_losses
    models = [
        model
        for result in results.values()
        for model in (result.model, *result.checkpoints.values())
    ]
    for model in models:
        if not known or model is None:
            continue
        if run.behaviour.names_no_penalty and run.module.startswith("Hetero"):
            model.meta["penalty"] = model.meta["penalty"] or "NONE"
        if "exposureColname" in model.meta:
            continue
        by_class = model.param.get("oneVsRestResult") or {}
        for param in (model.param, *by_class.get("completedModels", ())):
            param.setdefault("encryptedWeight", {})
        model.meta["revealStrategy"] = ""
        if "needOneVsRest" in model.meta:
            model.meta["module"] = ""
    return results
