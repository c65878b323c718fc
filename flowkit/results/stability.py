"""Population stability index (PSI): how far a distribution has moved from the one it is compared with.

In each bin ``(actual - expected) * ln(actual / expected)`` of the two shares; the index is the sum. Rules of thumb:
below 0.1 nothing moved, above 0.25 much did.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowkit.errors import ArgumentError
from flowkit.results.answers import (
    Source,
    mapping_at,
    mappings_at,
    number,
    numbers,
    payload,
    read_metrics,
    source_of,
    texts,
)

__all__ = ["Stability", "read_feature_stability", "read_stability"]


@dataclass(frozen=True, slots=True, repr=False)
class Stability:
    """How one distribution differs from another, bin by bin.

    Attributes:
        name: what is distributed: a feature, or the scores of the component evaluated.
        intervals: shape (n,): the bins, as FATE writes them.
        expected: shape (n,): shares, 0 to 1, in the data compared with (that of the training).
        actual: shape (n,): shares in the other data.
        psi: shape (n,): what each bin adds.
        total: the index.
    """

    name: str
    intervals: tuple[str, ...]
    expected: tuple[float, ...]
    actual: tuple[float, ...]
    psi: tuple[float, ...]
    total: float

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.total:.4g} in {len(self.psi)} bins>"


def read_stability(metrics: Source | None) -> tuple[Stability, ...]:
    """Return how scores moved from training to validation, in an answer of ``component.metric_all``.

    That is FATE's metric of the type ``PSI``, of an evaluation.

    Raises:
        ArgumentError: the answer has another form.
    """
    return tuple(
        _stability(
            source_of(metric, "_psi"),
            metric.meta,
            ("intervals", "expected_percentage", "actual_percentage", "psi_scores"),
            number(metric.meta.get("total_psi"), f"{metric.name}.total_psi"),
        )
        for metric in read_metrics(metrics)
        if metric.metric_type == "PSI"
    )


def read_feature_stability(model: Source | None) -> tuple[Stability, ...]:
    """Return how each feature moved, in an answer of ``component.output_model`` of a PSI component.

    Raises:
        ArgumentError: the answer has another form.
    """
    data = payload(model, "model")
    totals = mapping_at(data, "totalScore")
    found = []
    for feature in mappings_at(data, "featurePsi"):
        name = str(feature.get("featureName"))
        columns = ("interval", "expectPerc", "actualPerc", "psi")
        psi = numbers(feature.get("psi"), f"{name}.psi")
        total = number(totals[name], f"totalScore.{name}") if name in totals else sum(psi)
        found.append(_stability(name, feature, columns, total))
    return tuple(found)


def _stability(
    name: str, source: Source, columns: tuple[str, str, str, str], total: float
) -> Stability:
    intervals = texts(source.get(columns[0]), f"{name}.{columns[0]}")
    values = [numbers(source.get(column), f"{name}.{column}") for column in columns[1:]]
    if any(len(column) != len(intervals) for column in values):
        raise ArgumentError(
            f"{name}: its columns differ in length; the answer is damaged", argument="metrics"
        )
    expected, actual, psi = values
    return Stability(name, intervals, expected, actual, psi, total)
