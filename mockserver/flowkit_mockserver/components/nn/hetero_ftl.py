"""FTL: a guest with labels and few columns learns from a host with other columns and some of the same samples."""

from __future__ import annotations

import json
from typing import Any

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.nn.export import transfer_model
from flowkit_mockserver.components.nn.network import Network, network_rows
from flowkit_mockserver.components.rows.federation import (
    Federation,
    Tables,
    aligned_tables,
    carry_out,
    fitted_model,
    loss_metric,
)
from flowkit_mockserver.components.rows.predict_output import Row, merged_predictions
from flowkit_mockserver.components.rows.run import parameter
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


def _phi(data: Federation, signs: list[int], width: int) -> list[float]:
    """Return the mean of the guest's standardised columns, weighed with the labels, in the width of the network."""
    rows = Network.untrained(data.guest.rows, _PAIR).standard(data.guest.rows)
    means = [
        sum(sign * value for sign, value in zip(signs, column, strict=True)) / len(rows)
        for column in zip(*rows, strict=True)
    ]
    return (means + [0.0] * width)[:width]


def _rows(network: Network, data: Federation, threshold: float) -> list[Row]:
    return network_rows(network, data.guest, data.features[1], threshold)


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest, *hosts = tables
    asked = parameter(run, guest)
    if len(hosts) != 1:
        raise ComponentFailed("FTL only support 1v1 mode", guest)
    data = Federation(tables)
    if not data.guest.keys:
        raise ComponentFailed("no overlap samples found", guest)
    held_tables = aligned_tables(run, "validate_data", "eval_data")
    held = Federation(held_tables) if len(held_tables) == _PAIR else None
    threshold = asked["predict_param"]["threshold"]
    network = Network.untrained(data.features[1], _PAIR)
    watch = Validation(asked, "binary")
    losses: list[float] = []

    def after(epoch: int, loss: float) -> bool:
        losses.append(loss)
        if watch.due(epoch):
            sets = [("train", data.guest.keys, _rows(network, data, threshold))]
            if held is not None:
                sets.append(("validate", held.guest.keys, _rows(network, held, threshold)))
            if watch.look(epoch, sets):
                return True
        still = len(losses) > 1 and abs(losses[-1] - losses[-2]) <= asked["tol"]
        return bool(asked["n_iter_no_change"]) and still

    positive = [int(label == 1) for label in data.labels]
    network.train(data.features[1], positive, asked["epochs"], after)
    phi = _phi(data, [1 if one else -1 for one in positive], _width(asked["nn_define"]))
    state = {"network": network.state()}
    results = {}
    for party, table in data.tables.items():
        own = parameter(run, party)
        header = table.header
        side = {"header": header, **(state if party == guest else {})}
        model = transfer_model(own, network, header, phi if party == guest else [], side)
        summary: dict[str, Any] = {"best_iteration": watch.best_iteration}
        results[party] = PartyResult(summary=summary, model=model)
    result = results[guest]
    result.summary = {"loss_history": losses, "best_iteration": watch.best_iteration}
    if watch.active:
        result.summary["validation_metrics"] = watch.summary
        result.metrics = watch.metrics
    result.add_metric("train", "loss", loss_metric(losses, "loss", best=True))
    parts = [(data.guest, _rows(network, data, threshold), "train")]
    if held is not None:
        parts.append((held.guest, _rows(network, held, threshold), "validate"))
    result.tables = [merged_predictions(parts)]
    return results


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {party: PartyResult(model=fitted_model(run, party)) for party in tables}
    guest = next(iter(tables))
    data = Federation(tables)
    network = Network.from_state(fitted_model(run, guest).state["network"])
    rows = _rows(network, data, parameter(run, guest)["predict_param"]["threshold"])
    results[guest].tables = [merged_predictions([(data.guest, rows, "predict")])]
    return results


def transfer(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train on the samples both have, or predict these."""
    return carry_out(run, _train, _train, _predict)
