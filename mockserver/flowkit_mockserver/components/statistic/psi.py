"""PSI: how far the columns of one table are distributed unlike those of another.

With e and a the shares of the expected and of the actual table in a bin, each at least 1e-6:

    psi = sum over the bins of (a - e) · ln(a / e)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.guards import check_no_empty_column, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.quantile_summaries import quantile_points
from flowkit_mockserver.components.core.run import instances, parameter
from flowkit_mockserver.components.statistic.quantile import bin_numbers, column_summaries
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["compare"]

_DIGITS = 6
_FEW = 1e-6
Floats = NDArray[np.float64]


def _intervals(name: str, points: Sequence[float]) -> list[str]:
    """Return the bins of a column in words, the one of missing values last."""
    texts = []
    last = len(points) - 1
    for i in range(len(points)):
        text = name
        if i:
            text = f"{np.round(points[i - 1], _DIGITS)}<{text}"
        if i < last:
            text = f"{text}<={np.round(points[i], _DIGITS)}"
        texts.append(text)
    return [*texts, "missing"]


def _shares(column: Floats, points: Sequence[float], missing: Any) -> Floats:
    """Return the share of the values in each bin, shape (bins + 1,), that of missing ones last.

    A value that the user declares to stand for a missing one is compared to the numbers of the bins, as on the server.

    Raises:
        ValueError: a value is missing although another one was declared to stand for that.
    """
    numbers = bin_numbers(column, points)
    absent = np.isnan(column)
    if missing is not None:
        if absent.any():
            raise ValueError(
                "int() argument must be a string, a bytes-like object or a number, not 'NoneType'"
            )
        absent = numbers == missing
    numbers = np.where(absent, len(points), numbers)
    shares: Floats = np.bincount(numbers, minlength=len(points) + 1) / len(column)
    return shares


def _indices(expected: Floats, actual: Floats) -> Floats:
    expected, actual = (np.where(share == 0, _FEW, share) for share in (expected, actual))
    indices: Floats = (actual - expected) * np.log(actual / expected)
    return indices


def _compared(data: Instances, other: Instances, asked: Mapping[str, Any]) -> PartyResult:
    if set(data.header) != set(other.header):
        raise ValueError("table header must be the same while computing psi values")
    if not len(data):
        raise ValueError("'NoneType' object is not subscriptable")
    check_no_empty_column(data)
    if not len(other):
        raise ValueError("input table must contains at least 1 sample")
    features = []
    totals: dict[str, float] = {}
    missing = asked["dense_missing_val"]
    first, second = data.numbers, other.numbers
    summaries = column_summaries(data, first, asked["binning_error"])
    for place, (name, summary) in enumerate(zip(data.header, summaries, strict=True)):
        points = quantile_points(summary, asked["max_bin_num"])
        expected = _shares(first[:, place], points, missing)
        actual = _shares(second[:, place], points, missing)
        indices = _indices(expected, actual)
        totals[name] = sum(indices.tolist())
        features.append(
            message(
                "FeaturePsi",
                featureName=name,
                psi=np.round(indices, _DIGITS).tolist(),
                interval=_intervals(name, points),
                expectPerc=np.round(expected, _DIGITS).tolist(),
                actualPerc=np.round(actual, _DIGITS).tolist(),
            )
        )
    model = saved_model(
        "PSI",
        message("PSIMeta", maxBinNum=asked["max_bin_num"]),
        message("PsiSummary", totalScore=totals, featurePsi=features, modelName="psi"),
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
        with guarded(party):
            results[party] = _compared(expected, actual, parameter(run, party))
    return results
