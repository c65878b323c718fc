"""HomoNN: a common network over samples that lie with several parties."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import (
    Tables,
    carry_out,
    fitted_model,
    loss_metric,
)
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.predict_output import Predictions, merged_predictions
from flowkit_mockserver.components.core.run import parameter, parties
from flowkit_mockserver.components.nn.backend import (
    check_saved_form,
    check_torch,
    torch_installed,
)
from flowkit_mockserver.components.nn.export import homo_nn_model
from flowkit_mockserver.components.nn.network import LinearHorizontal
from flowkit_mockserver.components.nn.predictions import network_predictions
from flowkit_mockserver.components.optim.optimizer import Convergence
from flowkit_mockserver.party import Party

__all__ = ["learn_together"]

_TWO_CLASSES = 2


@dataclass
class _Horizontal:
    """A common network over everybody's samples, and the losses it had with each party."""

    network: Any
    classes: list[Any]
    losses: dict[Party, list[float]]
    means: list[float] = field(default_factory=list)
    converged: bool = False


def _numbers(labels: NDArray[Any] | None, classes: list[Any], party: Party) -> NDArray[np.intp]:
    if labels is None:
        raise ComponentFailed("input data has no label", party)
    return np.searchsorted(np.array(classes), labels)


def _network(asked: Mapping[str, Any], width: int, classes: int, seed: int) -> Any:
    """Return an untrained network, of torch where it is installed, else the stand-in."""
    if not torch_installed():
        return LinearHorizontal(asked, width, max(classes, _TWO_CLASSES))
    import torch

    from flowkit_mockserver.components.nn.homo_network import TorchHorizontal

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return TorchHorizontal(asked, width, classes)


def _train_common(run: ComponentRun, tables: Tables) -> _Horizontal:
    asked = parameter(run, next(iter(tables)))
    given = [data.labels for data in tables.values() if data.labels is not None]
    classes = np.unique(np.concatenate(given)).tolist() if given else []
    targets = [_numbers(data.labels, classes, party) for party, data in tables.items()]
    if len(classes) < _TWO_CLASSES:
        raise ComponentFailed(f"num_label is {len(classes)}", next(iter(tables)))
    network = _network(asked, next(iter(tables.values())).width, len(classes), run.seed)
    fitted = _Horizontal(network, classes, {party: [] for party in tables})
    stop = asked["early_stop"]
    how, eps = (
        (stop["early_stop"], stop.get("eps", 0.0)) if isinstance(stop, Mapping) else (stop, 0.0)
    )
    convergence = Convergence(how, eps)

    def after(number: int, losses: list[float], shares: list[float]) -> bool:
        for party, loss in zip(tables, losses, strict=True):
            fitted.losses[party].append(loss)
        mean = sum(x * s for x, s in zip(losses, shares, strict=True)) / sum(shares)
        fitted.means.append(mean)
        fitted.converged = how != "weight_diff" and convergence.settled(mean, np.zeros(1))
        return fitted.converged

    features = [data.numbers for data in tables.values()]
    network.train(features, targets, asked["max_iter"], after)
    return fitted


def _predictions(
    network: Any, data: Instances, classes: list[Any], threshold: float
) -> Predictions:
    outputs = network.outputs(data.numbers)
    if outputs.shape[1] == _TWO_CLASSES:
        # The real server compares the two outputs with the threshold, which Python refuses.
        raise ValueError("'>' not supported between instances of 'list' and 'float'")
    return network_predictions(data, outputs, max(outputs.shape[1], _TWO_CLASSES), threshold)


def _train_together(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = {party: parameter(run, party) for party in run.parties}
    fitted = _train_common(run, tables)
    iterations = len(fitted.means) - fitted.converged
    first = not next(iter(asked.values()))["api_version"]
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        threshold = asked[party]["predict_param"]["threshold"]
        said = _predictions(fitted.network, data, fitted.classes, threshold)
        results[party] = PartyResult(
            [merged_predictions([(data, said, "train")])],
            summary={
                "loss_history" if first else "loss": fitted.losses[party],
                "is_converged": fitted.converged,
            },
            model=homo_nn_model(
                asked[party],
                fitted.network.saved(),
                data.header,
                classes=fitted.classes,
                iterations=iterations,
            ),
        )
    for party in parties(run, "arbiter"):
        summary = {"loss_history": fitted.means, "is_converged": fitted.converged}
        results[party] = PartyResult(summary=summary if first else None)
        results[party].add_metric("train", "loss", loss_metric(fitted.means, "loss"))
    return results


def _restored(model: Model, asked: Mapping[str, Any]) -> Any:
    """Return the network of a model, with the layers that it was trained with."""
    saved = model.param["savedModelBytes"]
    if not check_saved_form(saved):
        return LinearHorizontal.restored(saved, asked)
    from flowkit_mockserver.components.nn.homo_network import TorchHorizontal

    params = model.meta["params"]
    layers = [json.loads(text) for text in params["nnDefine"]]
    keras = params["configType"] == "keras"
    defined = {
        "nn_define": layers[0] if keras and len(layers) == 1 else layers,
        "config_type": params["configType"],
        "api_version": model.param["apiVersion"],
    }
    return TorchHorizontal.restored(saved, {**asked, **defined})


def _predict_together(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {party: PartyResult(model=model) for party, model in run.models.items() if model}
    for party, data in tables.items():
        model, asked = fitted_model(run, party), parameter(run, party)
        classes = [json.loads(item["label"]) for item in model.param["labelMapping"]]
        threshold = asked["predict_param"]["threshold"]
        said = _predictions(_restored(model, asked), data, classes, threshold)
        results[party].tables = [merged_predictions([(data, said, "predict")])]
    return results


def learn_together(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train a common network on everybody's samples, or predict with it."""
    if run.behaviour.own_networks:
        check_torch(run)
        from flowkit_mockserver.components.nn.pytorch.homo import run_homo

        return run_homo(run)
    return carry_out(run, _train_together, _train_together, _predict_together)
