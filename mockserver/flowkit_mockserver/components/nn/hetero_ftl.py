"""FTL: a guest with labels and few columns learns from a host with other columns and some of the same samples."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import positions_of
from flowkit_mockserver.components.core.federation import (
    Federation,
    Tables,
    carry_out,
    fitted_model,
    loss_metric,
    validation_tables,
)
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.core.predict_output import (
    Predictions,
    binary_predictions,
    merged_predictions,
)
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.components.nn.backend import check_saved_form, torch_installed
from flowkit_mockserver.components.nn.export import transfer_model
from flowkit_mockserver.components.nn.network import LinearTransfer
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["transfer"]

_PAIR = 2
_WIDTH = 4


def _width(define: Any) -> int:
    """Return how many outputs the last layer has that a user defined."""
    if isinstance(define, str):
        define = json.loads(define)
    layers = define.get("config", {}) if isinstance(define, dict) else define
    layers = layers.get("layers", []) if isinstance(layers, dict) else layers or []
    for layer in reversed(layers):
        units = layer.get("config", layer).get("units")
        if units:
            return int(units)
    return _WIDTH


def _network(asked: Any, hosts: Any, widths: tuple[int, int], seed: int, *, use_torch: bool) -> Any:
    """Return untrained networks, of torch or the stand-in."""
    if not use_torch:
        return LinearTransfer(asked, hosts, widths, _width(asked["nn_define"]))
    import torch

    from flowkit_mockserver.components.nn.transfer_network import TorchTransfer

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return TorchTransfer(asked, hosts, widths)


def _signs(data: Instances, guest: Party) -> NDArray[np.float64]:
    """Return the labels as 1 and -1.

    Raises:
        ComponentFailed: there are not two.
    """
    found = [] if data.labels is None else np.unique(data.labels).tolist()
    if data.labels is None or len(found) != _PAIR:
        raise ComponentFailed(
            f"ftl only support binary classification, however {len(found)} labels are provided.",
            guest,
        )
    return np.where(data.labels == found[1], 1.0, -1.0)


def _said(network: Any, data: Federation, threshold: float) -> Predictions:
    return binary_predictions(data.guest.labels, network.scores(data.features[1]), threshold)


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest, *hosts = tables
    asked = parameter(run, guest)
    if len(hosts) != 1:
        raise ComponentFailed("only 1 host party is allowed", guest)
    everybody = tables[guest]
    signs = _signs(everybody, guest)
    data = Federation(tables)
    if not len(data):
        raise ComponentFailed("no overlap samples", guest)
    held_tables = validation_tables(run, tables)
    held = Federation(held_tables) if len(held_tables) == _PAIR else None
    threshold = asked["predict_param"]["threshold"]
    widths = (everybody.width, tables[hosts[0]].width)
    network = _network(
        asked, parameter(run, hosts[0]), widths, run.seed, use_torch=torch_installed()
    )
    watch = Validation(asked, "binary")
    losses: list[float] = []

    def after(epoch: int, loss: float) -> bool:
        losses.append(loss)
        if watch.due(epoch):
            sets = [("train", data.guest.ids, _said(network, data, threshold))]
            if held is not None:
                sets.append(("validate", held.guest.ids, _said(network, held, threshold)))
            if watch.look(epoch, sets):
                return True
        still = len(losses) > 1 and abs(losses[-1] - losses[-2]) < asked["tol"]
        return asked["n_iter_no_change"] is True and still

    places = positions_of(data.guest.ids, everybody.ids)
    network.train(everybody.numbers, data.features[1], signs, places, after)
    phi = network.phi.tolist()
    results = {}
    for place, (party, table) in enumerate(tables.items()):
        model = transfer_model(
            parameter(run, party), network.saved(place), table.header, [] if place else phi
        )
        summary: dict[str, Any] = {"best_iteration": watch.best_iteration}
        results[party] = PartyResult(summary=summary, model=model)
    result = results[guest]
    result.summary = {
        "loss_history": losses,
        "best_iteration": watch.best_iteration,
        "validation_metrics": watch.summary,
    }
    result.metrics = watch.metrics
    result.add_metric("train", "loss", loss_metric(losses, "loss", best=True))
    parts = [(data.guest, _said(network, data, threshold), "train")]
    if held is not None:
        parts.append((held.guest, _said(network, held, threshold), "validate"))
    result.tables = [merged_predictions(parts)]
    return results


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {party: PartyResult(model=fitted_model(run, party)) for party in tables}
    guest, host = tables
    data = Federation(tables)
    ours, theirs = fitted_model(run, guest), fitted_model(run, host)
    saved = theirs.param["modelBytes"]
    asked, hosts = (
        {**parameter(run, party), "nn_define": json.loads(model.meta["nnDefine"])}
        for party, model in ((guest, ours), (host, theirs))
    )
    widths = (len(ours.param["header"]), len(theirs.param["header"]))
    network = _network(asked, hosts, widths, run.seed, use_torch=check_saved_form(saved))
    network.load(saved, np.array(ours.param["phiA"], dtype=np.float64))
    said = _said(network, data, parameter(run, guest)["predict_param"]["threshold"])
    results[guest].tables = [merged_predictions([(data.guest, said, "predict")])]
    return results


def transfer(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train on the samples both have, or predict these."""
    return carry_out(run, _train, _train, _predict)
