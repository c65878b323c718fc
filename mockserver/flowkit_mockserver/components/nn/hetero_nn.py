"""HeteroNN: networks over the columns of several parties."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.components.core.federation import (
    Federation,
    Tables,
    carry_out,
    fitted_model,
    loss_metric,
    validation_tables,
)
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.predict_output import Predictions, merged_predictions
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.nn.backend import (
    check_saved_form,
    check_torch,
    torch_installed,
)
from flowkit_mockserver.components.nn.export import hetero_nn_model
from flowkit_mockserver.components.nn.network import LinearVertical
from flowkit_mockserver.components.nn.predictions import network_predictions
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["learn_across"]

_TWO_CLASSES = 2
_PAIR = 2


def _network(
    asked: Sequence[Mapping[str, Any]],
    widths: Sequence[int],
    classes: int,
    seed: int,
    *,
    use_torch: bool,
) -> Any:
    """Return an untrained network, of torch or the stand-in."""
    if not use_torch:
        return LinearVertical(asked, widths, classes)
    if len(widths) != _PAIR:
        raise ValueError("HeteroNN supports one guest and one host only")
    import torch

    from flowkit_mockserver.components.nn.hetero_network import TorchVertical

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return TorchVertical(asked, widths, classes)


def _parameters(run: ComponentRun, data: Federation) -> list[Mapping[str, Any]]:
    return [parameter(run, party) for party in data.tables]


def _eval_type(classes: int) -> str:
    if not classes:
        return "regression"
    return "multi" if classes > _TWO_CLASSES else "binary"


class _Vertical:
    """A network over the columns of all parties, trained with a look at its rounds."""

    def __init__(
        self, run: ComponentRun, data: Federation, held: Federation | None, *, prefix: str = ""
    ) -> None:
        self.asked = asked = parameter(run, next(iter(data.tables)))
        self.losses: list[float] = []
        self.converged = False
        labels = data.labels
        if labels is None:
            raise ValueError("training needs labels; the guest's table has none")
        found, places = np.unique(labels, return_inverse=True)
        self.labels = len(found)
        classes = 0 if asked["task_type"] == "regression" else max(len(found), _TWO_CLASSES)
        widths = [table.width for table in data.tables.values()]
        self.network = _network(
            _parameters(run, data), widths, classes, run.seed, use_torch=torch_installed()
        )
        self.watch = Validation(
            asked, _eval_type(classes), prefix=prefix, metrics=asked["metrics"] or None
        )
        if self.watch.stops_early and held is None:
            raise ValueError("validate data is needed when early stopping is enabled")
        best: list[list[dict[str, str]]] = []
        self._data, self._run = data, run
        #: Epoch → the models of the parties as they were after it.
        self.checkpoints: dict[int, dict[Party, Model]] = {}

        def after(epoch: int, loss: float) -> bool:
            self.losses.append(loss)
            stop = False
            if self.watch.due(epoch):
                sets = [("train", data.guest.ids, self.predictions(data))]
                if held is not None:
                    sets.append(("validate", held.guest.ids, self.predictions(held)))
                stop = self.watch.look(epoch, sets)
                if self.watch.best_iteration == epoch:
                    best[:] = [[self.network.saved(place) for place in range(len(widths))]]
            if epoch in saved_steps(asked, epoch + 1):
                self.checkpoints[epoch] = self.models()
            if stop:
                return True
            selective = (asked.get("selector_param") or {}).get("method")
            if len(self.losses) > 1 and not selective:
                self.converged = abs(self.losses[-2] - loss) < asked["tol"]
            return self.converged

        targets = places if classes else labels.astype(np.float64)
        self.network.train(data.guest.ids, data.features, targets, after, run.seed)
        if self.watch.stops_early and best:
            _load(self.network, best[0])

    def predictions(self, data: Federation) -> Predictions:
        """Return the predictions of samples."""
        return network_predictions(
            data.guest,
            self.network.outputs(data.features),
            self.network.classes,
            self.asked["predict_param"]["threshold"],
        )

    def models(self) -> dict[Party, Model]:
        """Return the models of the parties as they are now."""
        tables = self._data.tables
        return {
            party: hetero_nn_model(
                party,
                parameter(self._run, party),
                self.network.saved(place),
                table.header,
                top_width=self.network.top_width,
                widths=[t.width for t in tables.values()],
                losses=list(self.losses),
                labels=self.labels,
                best_iteration=self.watch.best_iteration,
            )
            for place, (party, table) in enumerate(tables.items())
        }

    def summary(self) -> dict[str, Any]:
        """Return what the guest says of the training; a host says nothing."""
        summary: dict[str, Any] = {
            "history_loss": self.losses,
            "is_converged": self.converged,
            "best_iteration": self.watch.best_iteration,
        }
        if self.watch.summary:
            summary["validation_metrics"] = self.watch.summary
        return summary


def _load(network: Any, kept: Sequence[Mapping[str, str]]) -> None:
    network.load([part["bottom"] for part in kept], kept[0]["interactive"], kept[0]["top"])


def _check(tables: Tables, asked: Mapping[str, Any]) -> None:
    guest = next(iter(tables))
    if tables[guest].labels is None:
        raise ComponentFailed("input data of the guest has no label", guest)
    if asked["task_type"] not in {"classification", "regression"}:
        raise ComponentFailed("config_type should be classification or regression", guest)


def _train_across(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    _check(tables, parameter(run, guest))
    data = Federation(tables)
    held_tables = validation_tables(run, tables)
    held = Federation(held_tables) if held_tables else None
    fitted = _Vertical(run, data, held)
    results = {
        party: PartyResult(
            model=model,
            checkpoints={step: then[party] for step, then in fitted.checkpoints.items()},
        )
        for party, model in fitted.models().items()
    }
    parts = [(data.guest, fitted.predictions(data), "train")]
    if held is not None:
        parts.append((held.guest, fitted.predictions(held), "validate"))
    result = results[guest]
    result.summary = fitted.summary()
    result.tables = [merged_predictions(parts)]
    result.metrics = fitted.watch.metrics
    result.add_metric("train", "loss", loss_metric(fitted.losses, "loss"))
    return results


def _cross_validate_across(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    _check(tables, asked)
    common = Federation(tables).tables
    split = folds(common[guest].ids, asked["cv_param"])

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: Federation(members) for name, members in sets.items()}
        fitted = _Vertical(run, parts["train"], parts["validate"], prefix=f"fold_{number}.")
        return Fold(
            predictions={
                guest: {
                    name: (part.guest, fitted.predictions(part)) for name, part in parts.items()
                }
            },
            eval_type=_eval_type(fitted.network.classes),
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


def _kept(model: Model) -> dict[str, str]:
    param = model.param["heteroNnModelParam"]
    return {
        "bottom": param["bottomSavedModelBytes"],
        "top": param["topSavedModelBytes"],
        "interactive": param["interactiveLayerParam"]["interactiveGuestSavedModelBytes"],
    }


def _as_trained(asked: Mapping[str, Any], model: Model) -> Mapping[str, Any]:
    """Return a parameter with the definitions that a model was trained with."""
    meta = model.meta["heteroNnModelMeta"]
    defined: dict[str, Any] = {}
    for name, field in (("bottom_nn_define", "bottomNnDefine"), ("top_nn_define", "topNnDefine")):
        layers = [json.loads(text) for text in meta[field]]
        defined[name] = layers if meta["configType"] == "nn" else (layers or [None])[0]
    defined["interactive_layer_define"] = json.loads(meta["interactiveLayerDefine"] or "null")
    return {**asked, **defined}


def _predict_across(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {party: PartyResult(model=fitted_model(run, party)) for party in tables}
    guest = next(iter(tables))
    data = Federation(tables)
    models = {party: fitted_model(run, party) for party in data.tables}
    kept = [_kept(model) for model in models.values()]
    model = models[guest]
    regression = model.meta["taskType"] == "regression"
    classes = 0 if regression else max(model.param["numLabel"], _TWO_CLASSES)
    network = _network(
        [_as_trained(parameter(run, party), model) for party, model in models.items()],
        [table.width for table in data.tables.values()],
        classes,
        run.seed,
        use_torch=check_saved_form(kept[0]["top"]),
    )
    _load(network, kept)
    said = network_predictions(
        data.guest,
        network.outputs(data.features),
        classes,
        parameter(run, guest)["predict_param"]["threshold"],
    )
    results[guest].tables = [merged_predictions([(data.guest, said, "predict")])]
    return results


def learn_across(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train a network over the columns of all parties, cross validate it, or predict with it."""
    if run.behaviour.own_networks:
        check_torch(run)
        from flowkit_mockserver.components.nn.pytorch.hetero import run_hetero

        return run_hetero(run)
    return carry_out(run, _train_across, _cross_validate_across, _predict_across)
