"""HeteroPearson: how columns move together, within a party and across two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.rows.run import instances, parameter, parties
from flowkit_mockserver.components.statistic.moments import correlation, mean_and_deviation
from flowkit_mockserver.components.statistic.quantile import chosen_columns
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["correlate", "inflation_factors"]

Matrix = list[list[float]]


def _standardised(column: Sequence[float]) -> list[float]:
    mean, deviation = mean_and_deviation(column)
    return [(value - mean) / deviation if deviation else 0.0 for value in column]


def _matrix(rows: Sequence[Sequence[float]], columns: Sequence[Sequence[float]]) -> Matrix:
    return [[correlation(one, two) for two in columns] for one in rows]


def inflation_factors(correlations: Matrix) -> list[float]:
    """Return the variance inflation factors: the diagonal of the inverse; infinite where there is none."""
    size = len(correlations)
    rows = [[*row, *(float(i == j) for j in range(size))] for i, row in enumerate(correlations)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        if not rows[pivot][i]:
            return [math.inf] * size
        rows[i], rows[pivot] = rows[pivot], rows[i]
        factor = rows[i][i]
        rows[i] = [value / factor for value in rows[i]]
        for k in range(size):
            if k != i and (share := rows[k][i]):
                rows[k] = [a - share * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [rows[i][size + i] for i in range(size)]


class _Side:
    """One party's standardised columns."""

    def __init__(self, run: ComponentRun, party: Party) -> None:
        data = instances(run, party, "train_data", "data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        self.party, self.asked = party, parameter(run, party)
        chosen = chosen_columns(
            data.header, self.asked["column_indexes"], self.asked["column_names"]
        )
        self.names = chosen or data.header
        columns = dict(zip(data.header, data.columns(), strict=True))
        self.keys = data.keys
        self.columns = [_standardised(columns[name]) for name in self.names]
        self.local = _matrix(self.columns, self.columns)

    @property
    def text(self) -> str:
        return f"({self.party[0]},{self.party[1]})"

    def anonymous(self) -> list[str]:
        return [f"{self.party[0]}_{self.party[1]}_{i}" for i in range(len(self.names))]


def _report(side: _Side, sides: list[_Side], across: Matrix | None) -> PartyResult:
    vif = inflation_factors(side.local) if side.asked["calc_local_vif"] else []
    shapes = [len(one.names) for one in sides]
    summary: dict[str, Any] = {"local_corr": side.local, "num_local_features": len(side.keys)}
    if across is not None:
        other = next(one for one in sides if one is not side)
        summary |= {"corr": across, "num_remote_features": len(other.names)}
    param = message(
        "PearsonModelParam",
        party=side.text,
        parties=[one.text for one in sides],
        shape=len(side.names),
        shapes=shapes,
        names=side.names,
        corr=[max(-1.0, min(1.0, value)) for row in across or [] for value in row],
        localCorr=[max(-1.0, min(1.0, value)) for row in side.local for value in row],
        allNames=[
            message("Names", names=one.names if one is side else one.anonymous()) for one in sides
        ],
        anonymousMap=[
            message("AnonymousMap", anonymous=hidden, name=name)
            for hidden, name in zip(side.anonymous(), side.names, strict=True)
        ],
        modelName="HeteroPearson",
        localVif=vif,
    )
    model = saved_model(
        "HeteroPearson",
        message("PearsonModelMeta", shapes=shapes),
        param,
        {"vif": dict(zip(side.names, vif, strict=False)), "local": side.local, "across": across},
    )
    result = PartyResult(summary=summary, model=model)
    meta = {"name": "pearson", "metric_type": "CORRELATION_GRAPH"}
    result.add_metric("statistic", "correlation", Metric([], meta))
    return result


def correlate(run: ComponentRun) -> dict[Party, PartyResult]:
    """Correlate each party's columns, and those of guest and host with each other."""
    sides = [_Side(run, party) for party in parties(run, "guest", "host")]
    if len(sides) == 2 and all(side.asked["cross_parties"] for side in sides):
        across = _matrix(sides[0].columns, sides[1].columns)
        return {side.party: _report(side, sides, across) for side in sides}
    return {side.party: _report(side, [side], None) for side in sides}
