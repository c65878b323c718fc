"""PSI: how far the columns of one table are distributed unlike those of another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import instances, parameter
from flowkit_mockserver.components.statistic.quantile import bin_of, quantile_points, rank_values
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["compare"]

_DIGITS = 6
_FEW = 1e-6


def _shown(value: float) -> str:
    return str(round(value, _DIGITS))


def _intervals(name: str, points: Sequence[float]) -> list[str]:
    """Return the bins of a column in words, the one of missing values last."""
    texts = []
    last = len(points) - 1
    for i in range(len(points)):
        text = name
        if i:
            text = f"{_shown(points[i - 1])}<{text}"
        if i < last:
            text = f"{text}<={_shown(points[i])}"
        texts.append(text)
    return [*texts, "missing"]


def _shares(column: Sequence[Any], points: Sequence[float], missing: Any) -> list[float]:
    counts = [0] * (len(points) + 1)
    for value in column:
        number = float(value)
        if math.isnan(number) or value == missing:
            counts[-1] += 1
        else:
            counts[bin_of(number, points)] += 1
    total = len(column)
    return [count / total for count in counts]


def _index(expected: float, actual: float) -> float:
    expected, actual = expected or _FEW, actual or _FEW
    return (actual - expected) * math.log(actual / expected)


def _compared(data: Instances, other: Instances, asked: Mapping[str, Any]) -> PartyResult:
    if set(data.header) != set(other.header):
        raise ValueError("table header must be the same while computing psi values")
    features = []
    totals: dict[str, float] = {}
    missing = asked["dense_missing_val"]
    columns = zip(data.header, data.columns(), other.aligned(data.header).columns(), strict=True)
    for name, first, second in columns:
        points = quantile_points(rank_values(first), asked["max_bin_num"], asked["binning_error"])
        expected, actual = _shares(first, points, missing), _shares(second, points, missing)
        indices = [_index(e, a) for e, a in zip(expected, actual, strict=True)]
        totals[name] = sum(indices)
        features.append(
            message(
                "FeaturePsi",
                featureName=name,
                psi=[round(value, _DIGITS) for value in indices],
                interval=_intervals(name, points),
                expectPerc=[round(value, _DIGITS) for value in expected],
                actualPerc=[round(value, _DIGITS) for value in actual],
            )
        )
    model = saved_model(
        "PSI",
        message("PSIMeta", maxBinNum=asked["max_bin_num"]),
        message("PsiSummary", totalScore=totals, featurePsi=features, modelName="psi"),
        {"psi": totals},
    )
    return PartyResult(summary={"psi_scores": totals}, model=model)


def compare(run: ComponentRun) -> dict[Party, PartyResult]:
    """Compare the validation table of each party with its training table, column by column."""
    results = {}
    for party in run.parties:
        expected = instances(run, party, "train_data")
        actual = instances(run, party, "validate_data", "eval_data")
        if expected is None or actual is None:
            raise ComponentFailed(
                "fit() missing 1 required positional argument: 'actual_table'", party
            )
        results[party] = _compared(expected, actual, parameter(run, party))
    return results
