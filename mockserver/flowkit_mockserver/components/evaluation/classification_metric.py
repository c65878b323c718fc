"""How well scores tell two classes apart: AUC, KS, the curves of lift, gain, precision, recall, and PSI."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

__all__ = ["BinaryScores", "Counted", "Curve", "population_stability"]

_STEPS = 100
_BELOW = 1e-3
_FEW = 1e-6
_HIGHEST = 1.7976931348623157e308
Curve = tuple[list[float], list[float], list[float]]
"""Scores, cuts, thresholds."""


@dataclass(frozen=True)
class Counted:
    """The confusion matrix at each of some thresholds; a score above the threshold counts as positive."""

    tp: list[int]
    fp: list[int]
    fn: list[int]
    tn: list[int]


def _nearest_quantiles(ordered: Sequence[float], shares: Sequence[float]) -> list[float]:
    last = len(ordered) - 1
    return [ordered[_half_to_even(share * last)] for share in shares]


def _half_to_even(position: float) -> int:
    return round(position)


class BinaryScores:
    """The scores of samples whose labels are 1 or 0.

    Args:
        labels: 1 for an event, anything else for none.
        scores: the higher, the more likely an event.

    Raises:
        ValueError: only one class is present, so that nothing can be told apart.
    """

    def __init__(self, labels: Sequence[int], scores: Sequence[float]) -> None:
        self.positives = sorted(s for s, label in zip(scores, labels, strict=True) if label == 1)
        self.negatives = sorted(s for s, label in zip(scores, labels, strict=True) if label != 1)
        if not self.positives or not self.negatives:
            raise ValueError(
                "Only one class present in y_true. ROC AUC score is not defined in that case."
            )
        self.descending = sorted(scores, reverse=True)

    def count(self, thresholds: Sequence[float]) -> Counted:
        """Return the confusion matrix at each threshold."""
        n_pos, n_neg = len(self.positives), len(self.negatives)
        fn = [bisect_right(self.positives, threshold) for threshold in thresholds]
        tn = [bisect_right(self.negatives, threshold) for threshold in thresholds]
        return Counted([n_pos - n for n in fn], [n_neg - n for n in tn], fn, tn)

    @cached_property
    def _steps(self) -> tuple[list[float], list[float]]:
        """A hundred thresholds among the distinct scores, and their cuts 0.00 … 0.99."""
        distinct = sorted(set(self.descending), reverse=True)
        cuts = [step * 0.01 for step in range(_STEPS)]
        return [distinct[int(len(distinct) * cut)] for cut in cuts], cuts

    @cached_property
    def _stepped(self) -> tuple[list[float], list[float], Counted]:
        thresholds, cuts = self._steps
        thresholds = [*thresholds, min(thresholds) - _BELOW]
        return thresholds, [*cuts, 1.0], self.count(thresholds)

    @cached_property
    def _roc(self) -> Curve:
        """False and true positive rate at every threshold where the curve bends."""
        n_pos, n_neg = len(self.positives), len(self.negatives)
        everything = [
            (
                n_neg - bisect_left(self.negatives, threshold),
                n_pos - bisect_left(self.positives, threshold),
                threshold,
            )
            for threshold in sorted(set(self.descending), reverse=True)
        ]
        last = len(everything) - 1
        points = [
            point
            for i, point in enumerate(everything)
            if i in {0, last} or not _straight(everything[i - 1], point, everything[i + 1])
        ]
        points.insert(0, (0, 0, points[0][2] + 1))
        return (
            [fp / n_neg for fp, _, _ in points],
            [tp / n_pos for _, tp, _ in points],
            [threshold for _, _, threshold in points],
        )

    @property
    def auc(self) -> float:
        """The area under the ROC curve."""
        fpr, tpr, _ = self._roc
        return math.fsum(
            (fpr[i + 1] - fpr[i]) * (tpr[i + 1] + tpr[i]) / 2 for i in range(len(fpr) - 1)
        )

    def roc(self) -> Curve:
        """Return false positive rates, true positive rates and thresholds, a hundred at most."""
        fpr, tpr, thresholds = self._roc
        ordered = sorted(thresholds, reverse=True)
        at = {threshold: i for i, threshold in reversed(list(enumerate(thresholds)))}
        chosen = dict.fromkeys(
            at[ordered[int(len(ordered) * (step * 0.01))]] for step in range(_STEPS)
        )
        kept = list(chosen)
        return (
            [*(fpr[i] for i in kept), 1.0],
            [*(tpr[i] for i in kept), 1.0],
            [*(thresholds[i] for i in kept), 1.0],
        )

    def ks(self) -> tuple[float, list[float], list[float], list[float], list[float]]:
        """Return the KS value, false and true positive rates, thresholds and cuts."""
        size = len(self.descending)
        cuts = [step / _STEPS for step in range(_STEPS)]
        thresholds = [self.descending[int(size * cut)] for cut in cuts]
        counted = self.count(thresholds)
        tpr = [tp / len(self.positives) for tp in counted.tp]
        fpr = [fp / len(self.negatives) for fp in counted.fp]
        best = max(t - f for t, f in zip(tpr, fpr, strict=True))
        return best, [*fpr, 1.0], [*tpr, 1.0], thresholds, [*cuts, 1.0]

    def accuracy(self) -> Curve:
        """Return the share of right answers at each step."""
        thresholds, cuts, c = self._stepped
        size = len(self.descending)
        right = [(tp + tn) / size for tp, tn in zip(c.tp, c.tn, strict=True)][:-1]
        return right, cuts[: len(right)], thresholds[: len(right)]

    def precision(self) -> Curve:
        """Return the share of events among the positives at each step."""
        thresholds, cuts, counted = self._stepped
        return _precision(counted), cuts, thresholds

    def recall(self) -> Curve:
        """Return the share of events found at each step."""
        thresholds, cuts, counted = self._stepped
        return [tp / len(self.positives) for tp in counted.tp], cuts, thresholds

    def lift(self) -> Curve:
        """Return how much more frequent events are among the positives than among all."""
        thresholds, _ = self._steps
        c = self.count(thresholds)
        size, share = len(self.descending), len(self.positives) / len(self.descending)
        lifts = [
            (tp / (tp + fp) if tp + fp else 1.0) / share if share else _HIGHEST
            for tp, fp in zip(c.tp, c.fp, strict=True)
        ]
        return lifts, [(tp + fp) / size for tp, fp in zip(c.tp, c.fp, strict=True)], thresholds

    def gain(self) -> Curve:
        """Return the share of events found by the share of samples taken."""
        thresholds, _ = self._steps
        c = self.count(thresholds)
        size = len(self.descending)
        gains = [tp / len(self.positives) for tp in c.tp]
        return gains, [(tp + fp) / size for tp, fp in zip(c.tp, c.fp, strict=True)], thresholds

    def confusion(self) -> tuple[Counted, list[float]]:
        """Return the confusion matrix at each step and at 0, with the thresholds."""
        thresholds = [*self._steps[0], 0.0]
        return self.count(thresholds), thresholds

    def f1(self) -> tuple[list[float], list[float]]:
        """Return the F1 score at each step and at 0, with the thresholds."""
        counted, thresholds = self.confusion()
        scores = []
        for precision, tp in zip(_precision(counted), counted.tp, strict=True):
            recall = tp / len(self.positives)
            scores.append(2 * precision * recall / ((precision + recall) or _FEW))
        return scores, thresholds

    def quantile_pr(self) -> tuple[list[float], list[float], list[float]]:
        """Return precision and recall at twenty-one quantiles of the scores, ascending."""
        ordered = self.descending[::-1]
        thresholds = _nearest_quantiles(ordered, _twentieths())
        counted = self.count(thresholds)
        recall = [tp / len(self.positives) for tp in counted.tp]
        return _precision(counted), recall, thresholds


def _straight(
    one: tuple[int, int, float], two: tuple[int, int, float], three: tuple[int, int, float]
) -> bool:
    """Say whether the curve takes the same step from `one` to `two` as on to `three`."""
    return two[0] - one[0] == three[0] - two[0] and two[1] - one[1] == three[1] - two[1]


def _precision(counted: Counted) -> list[float]:
    return [
        tp / (tp + fp) if tp + fp else 1.0 for tp, fp in zip(counted.tp, counted.fp, strict=True)
    ]


def _twentieths() -> list[float]:
    return [*(round(i * 0.05, 3) for i in range(20)), 1.0]


def population_stability(
    expected: Sequence[float],
    actual: Sequence[float],
    expected_labels: Sequence[int],
    actual_labels: Sequence[int],
) -> dict[str, Any]:
    """Return how far the scores of a validation set are distributed unlike those of the training set.

    Returns:
        the fields of the metric: per interval of the expected scores the shares, counts and the index, and its total.
    """
    points = sorted(set(_nearest_quantiles(sorted(expected), _twentieths())))
    if len(points) == 1:
        points = [min(expected), max(expected)]
    last = len(points) - 2

    def counts(scores: Sequence[float]) -> list[int]:
        found = [0] * (last + 1)
        for score in scores:
            at = bisect_right(points, score) - 1
            if at == last + 1 and score == points[-1]:
                at = last
            if 0 <= at <= last:
                found[at] += 1
        return found

    def shares_of_events(
        scores: Sequence[float], labels: Sequence[int], everything: list[int]
    ) -> list[float]:
        events = counts([s for s, label in zip(scores, labels, strict=True) if label == 1])
        return [e / n if n else 0.0 for e, n in zip(events, everything, strict=True)]

    first, second = counts(expected), counts(actual)
    shares = [(count or _FEW) / len(expected) for count in first]
    other_shares = [(count or _FEW) / len(actual) for count in second]
    indices = [(b - a) * math.log(b / a) for a, b in zip(shares, other_shares, strict=True)]
    ends = pairwise(points)
    return {
        "psi_scores": indices,
        "total_psi": math.fsum(indices),
        "expected_interval": first,
        "expected_percentage": shares,
        "actual_interval": second,
        "actual_percentage": other_shares,
        "intervals": [
            f"[{round(a, 6)}, {round(b, 6)}{']' if i == last else ')'}"
            for i, (a, b) in enumerate(ends)
        ],
        "train_pos_perc": shares_of_events(expected, expected_labels, first),
        "validate_pos_perc": shares_of_events(actual, actual_labels, second),
    }
