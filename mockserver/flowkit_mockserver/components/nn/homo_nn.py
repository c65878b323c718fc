"""HomoNN: a common network over samples that lie with several parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.nn.export import homo_nn_model
from flowkit_mockserver.components.nn.network import Network, network_rows
from flowkit_mockserver.components.rows.federation import (
    Tables,
    carry_out,
    fitted_model,
    loss_metric,
)
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.predict_output import Row, merged_predictions
from flowkit_mockserver.components.rows.run import parameter, parties
from flowkit_mockserver.party import Party

__all__ = ["learn_together"]

_PAIR = 2


@dataclass
class _Horizontal:
    """A common network over everybody's samples, and the losses it had with each party."""

    network: Network
    classes: list[Any]
    losses: dict[Party, list[float]]
    means: list[float] = field(default_factory=list)
    converged: bool = False


def _train_common(tables: Tables, asked: Mapping[str, Any]) -> _Horizontal:
    labels = [label for data in tables.values() for label in data.labels or []]
    classes = sorted(set(labels))
    rows = [row for data in tables.values() for row in data.rows]
    network = Network.untrained(rows, max(len(classes), _PAIR))
    fitted = _Horizontal(network, classes, {party: [] for party in tables})
    stop = asked["early_stop"]
    eps = stop.get("eps", 0.0) if isinstance(stop, Mapping) else 0.0
    indexed = {
        party: [classes.index(label) for label in data.labels or []]
        for party, data in tables.items()
    }

    def after(iteration: int, _: float) -> bool:
        shares = []
        for party, data in tables.items():
            loss = network.loss(data.rows, indexed[party])
            fitted.losses[party].append(loss)
            shares.append(loss * len(data))
        fitted.means.append(sum(shares) / len(rows))
        if iteration:
            fitted.converged = abs(fitted.means[-1] - fitted.means[-2]) < eps
        return fitted.converged

    network.train(rows, [i for part in indexed.values() for i in part], asked["max_iter"], after)
    return fitted


def _common_rows(
    network: Network, data: Instances, classes: Sequence[Any], threshold: float
) -> list[Row]:
    rows = network_rows(network, data, data.rows, threshold)
    if classes != list(range(len(classes))) and network.classes > _PAIR:
        for row in rows:
            row[1] = classes[row[1]]
    return rows


def _train_together(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = {party: parameter(run, party) for party in run.parties}
    for party, data in tables.items():
        if data.labels is None:
            raise ComponentFailed("input data has no label", party)
    fitted = _train_common(tables, next(iter(asked.values())))
    iterations = len(fitted.means) - fitted.converged
    first = not next(iter(asked.values()))["api_version"]
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        threshold = asked[party]["predict_param"]["threshold"]
        rows = _common_rows(fitted.network, data, fitted.classes, threshold)
        results[party] = PartyResult(
            [merged_predictions([(data, rows, "train")])],
            summary={
                "loss_history" if first else "loss": fitted.losses[party],
                "is_converged": fitted.converged,
            },
            model=homo_nn_model(
                asked[party],
                fitted.network,
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


def _predict_together(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {party: PartyResult(model=model) for party, model in run.models.items() if model}
    for party, data in tables.items():
        state = fitted_model(run, party).state
        threshold = parameter(run, party)["predict_param"]["threshold"]
        rows = _common_rows(Network.from_state(state["network"]), data, state["classes"], threshold)
        results[party].tables = [merged_predictions([(data, rows, "predict")])]
    return results


def learn_together(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train a common network on everybody's samples, or predict with it."""
    return carry_out(run, _train_together, _train_together, _predict_together)
