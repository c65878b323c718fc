"""HeteroNN of the later lines: a network of the user's own over the columns of several parties."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from flowkit_mockserver.columns.ids import order_positions
from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.components.core.federation import (
    Federation,
    Tables,
    carry_out,
    first_iteration,
    fitted_model,
    loss_metric,
    validation_tables,
)
from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentRun, Model, PartyResult
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.predict_output import Predictions, merged_predictions
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.nn.backend import networks_that_fit
from flowkit_mockserver.components.nn.pytorch.outputs import said_of
from flowkit_mockserver.components.nn.pytorch.samples import Samples
from flowkit_mockserver.components.nn.pytorch.vertical import OwnVertical
from flowkit_mockserver.components.optim.optimizer import Convergence
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["run_hetero"]

_TWO_CLASSES = 2


class _Fitted:
    """A network in training, and what was seen of it.

    Args:
        asked: the parameters of the parties, the guest's first.
        behaviour: of the line.
        samples: by party, in this order.
        held: those to validate with; empty without any.
        models: to go on from, in this order; empty to begin.
        prefix: put before the names of rounds, in cross validation.
    """

    def __init__(
        self,
        asked: Sequence[Mapping[str, Any]],
        behaviour: Behaviour,
        samples: Sequence[Samples],
        held: Sequence[Samples],
        models: Sequence[Model] = (),
        prefix: str = "",
    ) -> None:
        self._asked = asked
        guest = self._guest = asked[0]
        found = samples[0].labels
        if found is None:
            raise ValueError("training needs labels; the guest's table has none")
        self.labels = 1 if guest["task_type"] == "regression" else len(found.unique())
        self.losses: list[float] = []
        self.converged, self.last = False, 0
        self.watch = Validation(guest, self.task, prefix=prefix, behaviour=behaviour)
        self.network = OwnVertical(asked, self.labels)
        #: The number of the first epoch; not 0 where the training goes on from a model.
        self.first = 0
        if models:
            self.network.build(samples)
            self.network.load([_kept(model) for model in models])
            self.first = int(models[0].param["iterEpoch"]) + 1
        convergence = Convergence(guest["early_stop"], guest["tol"])
        selective = bool((guest.get("selector_param") or {}).get("method"))
        best: list[list[dict[str, str]]] = []
        #: Epoch → the models of the parties as they were after it.
        self.checkpoints: dict[int, list[Model]] = {}

        def after(epoch: int, loss: float) -> bool:
            self.losses.append(loss)
            self.last = epoch
            stop = False
            if self.watch.due(epoch):
                sets = [("train", samples)] + ([("validate", held)] if held else [])
                looked = [(name, part[0].data.ids, self.said(part)) for name, part in sets]
                stop = self.watch.look(epoch, looked)
                if self.watch.best_iteration == epoch:
                    best[:] = [[self.network.saved(place) for place in range(len(samples))]]
            if epoch in saved_steps(guest, 1, epoch):
                self.checkpoints[epoch] = self.models()
            if stop:
                return True
            self.converged = not selective and convergence.reached(loss, np.zeros(1))
            return self.converged

        self.network.train(samples, self.first, after, len(held[0]) if held else 0)
        if self.watch.stops_early and best:
            self.network.load(best[0])

    @property
    def task(self) -> str:
        """What predictions are: regression, binary or multi."""
        return _task(self._guest, self.labels)

    def said(self, samples: Sequence[Samples]) -> Predictions:
        """Return the predictions of samples, in their order."""
        return _said(self._guest, self.labels, self.network.outputs(samples), samples[0])

    def models(self) -> list[Model]:
        """Return the models of the parties as they are now, the guest's first."""
        return [_model(self, own, place) for place, own in enumerate(self._asked)]

    def summary(self) -> dict[str, Any]:
        """Return what the guest says of the training."""
        summary: dict[str, Any] = {
            "history_loss": self.losses,
            "is_converged": self.converged,
            "best_iteration": self.watch.best_iteration,
        }
        if self.watch.summary:
            summary["validation_metrics"] = self.watch.summary
        return summary


def _task(asked: Mapping[str, Any], labels: int) -> str:
    if asked["task_type"] == "regression":
        return "regression"
    return "multi" if labels > _TWO_CLASSES else "binary"


def _said(asked: Mapping[str, Any], labels: int, outputs: Tensor, samples: Samples) -> Predictions:
    threshold = asked["predict_param"]["threshold"]
    return said_of(_task(asked, labels), outputs, samples, threshold)


def _samples(run: ComponentRun, tables: Tables) -> list[Samples]:
    """Return the samples that all parties have, sorted by the text of their ids."""
    found = []
    for party, data in Federation(tables).tables.items():
        with guarded(party):
            # Weights of samples do not count.
            found.append(Samples.of(replace(data, weights=None), parameter(run, party)["dataset"]))
    return found


def _asked(run: ComponentRun, tables: Tables) -> list[Mapping[str, Any]]:
    return [parameter(run, party) for party in tables]


def _in_order(samples: Samples, said: Predictions) -> tuple[Instances, Predictions]:
    order = order_positions(samples.data.ids)
    data = samples.data
    if order is not None:
        data, said = data.take(order), said.take(order)
    return replace(data, extra={**data.extra, "sid_name": "id"}), said


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked, samples = _asked(run, tables), _samples(run, tables)
    held_tables = validation_tables(run, tables)
    held = _samples(run, held_tables) if held_tables else []
    models = [model for party in tables if (model := run.models.get(party)) is not None]
    if models:
        asked = [_as_trained(own, model) for own, model in zip(asked, models, strict=True)]
    guest = next(iter(tables))
    with guarded(guest):
        fitted = _Fitted(asked, run.behaviour, samples, held, models)
    results = {
        party: PartyResult(
            model=model,
            checkpoints={step: then[place] for step, then in fitted.checkpoints.items()},
        )
        for place, (party, model) in enumerate(zip(tables, fitted.models(), strict=True))
    }
    parts = [(*_in_order(samples[0], fitted.said(samples)), "train")]
    if held:
        parts.append((*_in_order(held[0], fitted.said(held)), "validate"))
    result = results[guest]
    result.tables = [merged_predictions(parts)]
    result.summary = fitted.summary()
    result.metrics = fitted.watch.metrics
    result.add_metric("train", "loss", loss_metric(fitted.losses, "loss", first=fitted.first))
    if models:
        for one in results.values():
            one.add_metric("train", "init_iter", first_iteration(fitted.first - 1))
    return results


def _json(value: Any) -> str:
    return json.dumps(value)


def _model(fitted: _Fitted, asked: Mapping[str, Any], place: int) -> Model:
    """Return the model of the party at a place, the guest's at 0."""
    kept = fitted.network.saved(place)
    guest = place == 0
    define = asked["optimizer"]
    named = define if isinstance(define, Mapping) else {"optimizer": define}
    nets: dict[str, Any] = {
        "configType": asked["config_type"],
        "bottomNnDefine": [_json(asked["bottom_nn_define"])],
        "interactiveLayerLr": asked["interactive_layer_lr"],
        "optimizerParam": message(
            "OptimizerParam@later",
            optimizer=named["optimizer"],
            kwargs=_json({k: v for k, v in named.items() if k != "optimizer"}),
        ),
    }
    meta: dict[str, Any] = {"batchSize": asked["batch_size"], "module": "HeteroNN"}
    layer: dict[str, Any] = {"accNoise": kept.get("noise")}
    param: dict[str, Any] = {"iterEpoch": fitted.last, "bestIteration": fitted.watch.best_iteration}
    if guest:
        nets |= {
            "topNnDefine": [_json(asked["top_nn_define"])],
            "interactiveLayerDefine": _json(asked["interactive_layer_define"]),
            "loss": _json(asked["loss"]),
        }
        meta |= {
            "taskType": asked["task_type"],
            "epochs": asked["epochs"],
            "earlyStop": asked["early_stop"],
            "tol": asked["tol"],
        }
        layer |= {
            "interactiveGuestSavedModelBytes": kept["interactive"],
            "hostInputShape": fitted.network.host_widths,
        }
        param |= {"historyLoss": list(fitted.losses), "numLabel": fitted.labels}
    meta["heteroNnModelMeta"] = message("HeteroNNModelMeta@later", **nets)
    param["heteroNnModelParam"] = message(
        "HeteroNNModelParam@later",
        bottomSavedModelBytes=kept["bottom"],
        topSavedModelBytes=kept.get("top"),
        interactiveLayerParam=message("InteractiveLayerParam@later", **layer),
        coaeBytes=kept.get("confuser"),
    )
    return saved_model(
        "HeteroNN",
        message("HeteroNNMeta@later", **meta),
        message("HeteroNNParam@later", **param),
        role="guest" if guest else "host",
        later=True,
    )


def _kept(model: Model) -> dict[str, str]:
    param = model.param["heteroNnModelParam"]
    return {
        "bottom": param["bottomSavedModelBytes"],
        "top": param["topSavedModelBytes"],
        "interactive": param["interactiveLayerParam"]["interactiveGuestSavedModelBytes"],
        "confuser": param["coaeBytes"],
    }


def _as_trained(asked: Mapping[str, Any], model: Model) -> Mapping[str, Any]:
    """Return a parameter with the definitions that a model was trained with."""
    meta = model.meta["heteroNnModelMeta"]
    defined: dict[str, Any] = {"bottom_nn_define": json.loads(meta["bottomNnDefine"][0])}
    if meta["topNnDefine"]:
        defined |= {
            "top_nn_define": json.loads(meta["topNnDefine"][0]),
            "interactive_layer_define": json.loads(meta["interactiveLayerDefine"]),
            "loss": json.loads(meta["loss"]),
            "task_type": model.meta["taskType"],
        }
    if asked["optimizer"] is None:
        kept = meta["optimizerParam"]
        defined["optimizer"] = {"optimizer": kept["optimizer"], **json.loads(kept["kwargs"])}
    return {**asked, **defined}


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    models = {party: fitted_model(run, party) for party in tables}
    # Whoever has loaded a model no longer knows how its training went.
    forgotten: dict[str, Any] = {"historyLoss": [], "bestIteration": -1}
    results = {
        party: PartyResult(model=replace(model, param={**model.param, **forgotten}))
        for party, model in models.items()
    }
    samples = _samples(run, tables)
    guest = next(iter(tables))
    asked = [_as_trained(parameter(run, party), model) for party, model in models.items()]
    labels = models[guest].param["numLabel"]
    with guarded(guest):
        network = OwnVertical(asked, labels)
        network.build(samples)
        network.load([_kept(model) for model in models.values()])
        said = _said(asked[0], labels, network.outputs(samples), samples[0])
    results[guest].tables = [merged_predictions([(*_in_order(samples[0], said), "predict")])]
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    common = Federation(tables).tables
    split = folds(common[guest].ids, asked["cv_param"])

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: _samples(run, dict(members)) for name, members in sets.items()}
        prefix = f"fold_{number}."
        with guarded(guest):
            fitted = _Fitted(
                _asked(run, tables),
                run.behaviour,
                parts["train"],
                parts["validate"],
                prefix=prefix,
            )
        return Fold(
            predictions={
                guest: {name: _in_order(part[0], fitted.said(part)) for name, part in parts.items()}
            },
            eval_type=fitted.task,
            summaries={party: fitted.summary() if party == guest else {} for party in common},
            losses={guest: loss_metric(fitted.losses, str(number))},
            validations={guest: [fitted.watch]},
        )

    return cross_validated(
        run,
        common,
        dict.fromkeys(common, split),
        train,
        metrics=asked["metrics"] or None,
        cv=asked["cv_param"],
    )


def run_hetero(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train the network, cross validate it, or predict with it."""
    with networks_that_fit():
        return carry_out(run, _train, _cross_validate, _predict)
