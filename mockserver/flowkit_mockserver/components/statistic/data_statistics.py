"""DataStatistics: numbers about every column."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.rows.run import instances, parameter
from flowkit_mockserver.components.statistic.moments import kurtosis, mean_and_deviation, skewness
from flowkit_mockserver.components.statistic.quantile import chosen_columns, quantile, rank_values
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["describe"]

_ALWAYS = [
    "sum",
    "mean",
    "stddev",
    "median",
    "min",
    "max",
    "missing_ratio",
    "missing_count",
    "skewness",
    "kurtosis",
    "coefficient_of_variance",
]
_NUMERIC = {*_ALWAYS, "variance"}
_ZERO = 1e-8


def _wanted(asked: Any) -> list[str]:
    """Return the statistics to compute: the usual ones, then what was asked for besides."""
    extra = [] if asked == "summary" else [asked] if isinstance(asked, str) else list(asked)
    return [*_ALWAYS, *(name for name in dict.fromkeys(extra) if name not in _ALWAYS)]


class _Column:
    def __init__(self, values: Sequence[Any], error: float, *, bias: bool) -> None:
        self._ordered = rank_values(values)
        self._error = error
        missing = len(values) - len(self._ordered)
        present = self._ordered or [math.nan]
        mean, deviation = mean_and_deviation(present)
        base = mean if abs(mean) >= _ZERO else _ZERO
        self._numbers: dict[str, Callable[[], float]] = {
            "sum": lambda: sum(present),
            "mean": lambda: mean,
            "stddev": lambda: deviation,
            "variance": lambda: deviation * deviation,
            "median": lambda: quantile(self._ordered, 0.5, error),
            "min": lambda: present[0],
            "max": lambda: present[-1],
            "missing_ratio": lambda: missing / (len(values) or 1),
            "missing_count": lambda: missing,
            "skewness": lambda: skewness(present, bias=bias),
            "kurtosis": lambda: kurtosis(present, bias=bias),
            "coefficient_of_variance": lambda: abs(deviation / base),
        }

    def number(self, name: str) -> float:
        if name in self._numbers:
            return self._numbers[name]()
        return quantile(self._ordered, float(name.rstrip("%")) / 100, self._error)


def _model(
    asked: Mapping[str, Any], names: list[str], found: Mapping[str, Mapping[str, float]]
) -> Model:
    wanted = _wanted(asked["statistics"])
    shown = sorted(wanted, key=lambda name: name not in _NUMERIC)
    results = [
        message(
            "StatisticSingleFeatureValue",
            values=[found[name][statistic] for name in names],
            colNames=names,
            valueName=statistic,
        )
        for statistic in shown
    ]
    meta = message(
        "StatisticMeta",
        statistics=wanted,
        staticColumns=names,
        quantileError=asked["quantile_error"],
        needRun=True,
    )
    param = message(
        "ModelParam",
        selfValues=message("StatisticOnePartyResult", results=results),
        modelName="statistic_model",
    )
    state = {"values": {name: dict(values) for name, values in found.items()}}
    return saved_model("DataStatistics", meta, param, state)


def describe(run: ComponentRun) -> dict[Party, PartyResult]:
    """Describe each party's columns; the table goes on as it is."""
    results = {}
    for party in run.parties:
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        asked = parameter(run, party)
        names = chosen_columns(data.header, asked["column_indexes"], asked["column_names"])
        columns = dict(zip(data.header, data.columns(), strict=True))
        wanted = _wanted(asked["statistics"])
        found: dict[str, dict[str, float]] = {}
        for name in names:
            column = _Column(columns[name], asked["quantile_error"], bias=asked["bias"])
            found[name] = {statistic: column.number(statistic) for statistic in wanted}
        results[party] = PartyResult(
            [data.table()], summary=dict(found), model=_model(asked, names, found)
        )
    return results
