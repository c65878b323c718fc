"""DataStatistics: numbers about every column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.quantile_summaries import QuantileSummary, quantile_points
from flowkit_mockserver.components.core.run import instances, parameter
from flowkit_mockserver.components.statistic.moments import Moments, numeric
from flowkit_mockserver.components.statistic.quantile import (
    chosen_places,
    column_summaries,
    order_warnings,
)
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["describe", "resting_model"]

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
_NUMERIC = {*_ALWAYS, "variance", "count"}
Floats = NDArray[np.float64]


def _wanted(asked: Any) -> list[str]:
    """Return the statistics to compute: the usual ones, then what was asked for besides."""
    extra = [] if asked == "summary" else [asked] if isinstance(asked, str) else list(asked)
    return [*_ALWAYS, *(name for name in dict.fromkeys(extra) if name not in _ALWAYS)]


class _Columns:
    """The chosen columns of a table, and their statistics by name."""

    def __init__(self, data: Instances, asked: Mapping[str, Any], *, skip_missing: bool) -> None:
        places = chosen_places(data.header, asked["column_indexes"], asked["column_names"])
        self.names = [data.header[place] for place in places]
        self._data, self._asked = data, asked
        self.values = numeric(data)[:, places]
        self._skip_missing = skip_missing
        self._moments = Moments(
            self.values, asked["abnormal_list"] or (), skip_missing=skip_missing
        )
        self._summaries: list[QuantileSummary] = []

    def _quantiles(self, share: float) -> list[float]:
        if not self._summaries:
            values = self.values
            abnormal = [
                float(one)
                for one in self._asked["abnormal_list"] or ()
                if isinstance(one, int | float)
            ]
            if abnormal:
                values = np.where(np.isin(values, np.array(abnormal)), np.nan, values)
            self._summaries = column_summaries(
                self._data, values, self._asked["quantile_error"], sparse=self._data.sparse
            )
            for summary in self._summaries:
                # The server finds two bins before it is asked for anything.
                quantile_points(summary, 2)
        return [summary.query(share) for summary in self._summaries]

    def _missing_ratio(self) -> Floats:
        # Of sparse vectors, what is not there is missing, whatever it stands for.
        there = self.values != 0 if self._data.sparse else ~np.isnan(self.values)
        ratio: Floats = 1 - np.sum(there, axis=0) / (len(self._data) or 1)
        return ratio

    def numbers(self, name: str) -> list[float]:
        """Return one statistic of every column."""
        moments, bias = self._moments, self._asked["bias"]
        if name == "missing_count":
            # The first lines cut what they get back from the ratio, so that the count may be one less.
            found = self._missing_ratio() * len(self._data)
            whole = np.rint(found) if self._skip_missing else found
            counts: list[float] = whole.astype(int).tolist()
            return counts
        if name not in _NUMERIC or name == "median":
            return self._quantiles(0.5 if name == "median" else float(name[:-1]) / 100)
        sums: dict[str, Callable[[], Floats]] = {
            "count": lambda: moments.count,
            "sum": lambda: moments.total,
            "mean": lambda: moments.mean,
            "stddev": lambda: moments.deviation,
            "variance": lambda: moments.variance,
            "min": lambda: moments.lowest,
            "max": lambda: moments.highest,
            "missing_ratio": self._missing_ratio,
            "skewness": lambda: moments.skewness(bias=bias),
            "kurtosis": lambda: moments.kurtosis(bias=bias),
            "coefficient_of_variance": lambda: moments.coefficient_of_variance,
        }
        numbers: list[float] = sums[name]().tolist()
        return numbers


def _model(
    asked: Mapping[str, Any], names: Sequence[str], found: Mapping[str, Sequence[float]]
) -> Model:
    results = [
        message("StatisticSingleFeatureValue", values=values, colNames=names, valueName=statistic)
        for statistic, values in found.items()
    ]
    meta = message(
        "StatisticMeta",
        statistics=_wanted(asked["statistics"]),
        staticColumns=names,
        quantileError=asked["quantile_error"],
        needRun=True,
    )
    param = message(
        "ModelParam",
        selfValues=message("StatisticOnePartyResult", results=results),
        modelName="statistic_model",
    )
    return saved_model("DataStatistics", meta, param)


def resting_model(_run: ComponentRun, party: Party) -> Model:
    """Refuse to rest: the server fails when it saves the model of a party whose parameter says ``need_run: false``.

    Raises:
        ComponentFailed: always.
    """
    raise ComponentFailed(
        "AttributeError: 'NoneType' object has no attribute 'static_names'", party
    )


def describe(run: ComponentRun) -> dict[Party, PartyResult]:
    """Describe each party's columns; the table goes on as it is."""
    results = {}
    for party in run.parties:
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        asked = parameter(run, party)
        # Quantiles come behind all that is computed from sums.
        wanted = sorted(_wanted(asked["statistics"]), key=lambda name: name not in _NUMERIC)
        with guarded(party):
            check_table(data)
            columns = _Columns(data, asked, skip_missing=run.behaviour.skips_missing)
            found = {statistic: columns.numbers(statistic) for statistic in wanted}
        summary = {
            name: {statistic: values[place] for statistic, values in found.items()}
            for place, name in enumerate(columns.names)
        }
        results[party] = PartyResult(
            [] if run.behaviour.statistics_only else [data.table()],
            summary=summary,
            model=_model(asked, columns.names, found),
            warnings=order_warnings(columns.values, columns.names),
        )
    return results
