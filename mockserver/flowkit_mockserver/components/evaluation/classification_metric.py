"""How well scores tell two classes apart: AUC, KS, the curves of lift, gain, precision, recall, and PSI.

Notation: n samples with scores; P of them are events, N are not; a score above a threshold counts as positive.

==========  =======================================================================
precision   TP / (TP + FP), 1 where nothing is positive
recall      TP / P, which is the true positive rate; the false one is FP / N
lift        precision / (P / n)
gain        recall over (TP + FP) / n
KS          the largest difference of the two rates over a hundred thresholds
AUC         the area under the true over the false positive rate, by trapezoids
PSI         Σ (b - a) ln(b / a) over intervals, a and b the shares of two sets in it
==========  =======================================================================
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["BinaryScores", "Counted", "Curve", "population_stability"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_STEPS = 100
_BELOW = 1e-3
_FEW = 1e-6
_HIGHEST = 1.7976931348623157e308
_TWENTIETHS = np.array([*(round(i * 0.05, 3) for i in range(20)), 1.0])


class Curve(NamedTuple):
    """A curve: its values, the cuts they are shown over, and the thresholds they belong to."""

    values: Floats
    cuts: Floats
    thresholds: Floats


@dataclass(frozen=True)
class Counted:
    """The confusion matrix at each of some thresholds, each shape (number of thresholds,)."""

    tp: Integers
    fp: Integers
    fn: Integers
    tn: Integers


def _nearest_quantiles(scores: Floats) -> Floats:
    """Return the scores nearest to every twentieth, ascending; ties go to the even position."""
    nearest: Floats = np.sort(scores)[np.rint(_TWENTIETHS * (len(scores) - 1)).astype(np.intp)]
    return nearest


class BinaryScores:
    """The scores of samples that are events or none.

    Args:
        events: shape (n,).
        scores: shape (n,): the higher, the more likely an event.
        rising: whether confusion matrices are those of the thresholds 0.00 … 0.99.
    """

    def __init__(self, events: Flags, scores: Floats, *, rising: bool = False) -> None:
        self._scores, self._rising = scores, rising
        self.positives, self.negatives = np.sort(scores[events]), np.sort(scores[~events])
        self.descending = np.sort(scores)[::-1]

    @property
    def one_class_only(self) -> bool:
        """Whether nothing can be told apart."""
        return not (len(self.positives) and len(self.negatives))

    def count(self, thresholds: Floats) -> Counted:
        """Return the confusion matrix at each threshold."""
        fn = np.searchsorted(self.positives, thresholds, side="right")
        tn = np.searchsorted(self.negatives, thresholds, side="right")
        return Counted(len(self.positives) - fn, len(self.negatives) - tn, fn, tn)

    @cached_property
    def _steps(self) -> tuple[Floats, Floats]:
        """A hundred thresholds among the distinct scores, and their cuts 0.00 … 0.99."""
        distinct = np.unique(self._scores)[::-1]
        cuts = np.arange(0, 1, 0.01)
        return distinct[(len(distinct) * cuts).astype(np.intp)], cuts

    @cached_property
    def _stepped(self) -> tuple[Floats, Floats, Counted]:
        thresholds, cuts = self._steps
        thresholds = np.append(thresholds, thresholds.min() - _BELOW)
        return thresholds, np.append(cuts, 1.0), self.count(thresholds)

    @cached_property
    def _roc(self) -> Curve:
        """True over false positive rates at every threshold where the curve bends."""
        thresholds = np.unique(self._scores)[::-1]
        fp = len(self.negatives) - np.searchsorted(self.negatives, thresholds, side="left")
        tp = len(self.positives) - np.searchsorted(self.positives, thresholds, side="left")
        if len(thresholds) > 2:
            bends = (np.diff(fp, 2) != 0) | (np.diff(tp, 2) != 0)
            kept = np.concatenate(([True], bends, [True]))
            fp, tp, thresholds = fp[kept], tp[kept], thresholds[kept]
        with np.errstate(divide="ignore", invalid="ignore"):
            return Curve(
                np.concatenate(([0], tp)) / len(self.positives),
                np.concatenate(([0], fp)) / len(self.negatives),
                np.concatenate((thresholds[:1] + 1, thresholds)),
            )

    @property
    def auc(self) -> float:
        """The area under the ROC curve.

        Raises:
            ValueError: only one class is present.
        """
        if self.one_class_only:
            raise ValueError(
                "Only one class present in y_true. ROC AUC score is not defined in that case."
            )
        return float(np.trapezoid(self._roc.values, self._roc.cuts))

    def roc(self) -> Curve:
        """Return the true positive rates over the false ones at a hundred thresholds at most."""
        tpr, fpr, thresholds = self._roc
        ordered = np.sort(thresholds)[::-1]
        chosen = ordered[(len(ordered) * np.arange(0, 1, 0.01)).astype(np.intp)]
        distinct = np.unique(chosen)[::-1]
        kept = [int(np.argmax(thresholds == threshold)) for threshold in distinct]
        return Curve(
            np.append(tpr[kept], 1.0), np.append(fpr[kept], 1.0), np.append(thresholds[kept], 1.0)
        )

    def ks(self) -> tuple[float, Curve, Curve]:
        """Return the KS value, and the curves of false and true positive rates.

        Raises:
            ValueError: only one class is present.
        """
        if self.one_class_only:
            raise ValueError(
                "error when computing KS metric, pos sample number and neg sample number"
                "must be larger than 0"
            )
        cuts = np.arange(_STEPS) / _STEPS
        thresholds = self.descending[(len(self.descending) * cuts).astype(np.intp)]
        counted = self.count(thresholds)
        tpr = counted.tp / len(self.positives)
        fpr = counted.fp / len(self.negatives)
        cuts = np.append(cuts, 1.0)
        return (
            float(np.max(tpr - fpr)),
            Curve(np.append(fpr, 1.0), cuts, thresholds),
            Curve(np.append(tpr, 1.0), cuts, thresholds),
        )

    def accuracy(self) -> Curve:
        """Return the share of right answers at each step."""
        thresholds, cuts, counted = self._stepped
        right = (counted.tp + counted.tn) / len(self.descending)
        return Curve(right[:-1], cuts[:-1], thresholds[:-1])

    def precision(self) -> Curve:
        """Return the share of events among the positives at each step."""
        thresholds, cuts, counted = self._stepped
        return Curve(_precision(counted), cuts, thresholds)

    def recall(self) -> Curve:
        """Return the share of events found at each step."""
        thresholds, cuts, counted = self._stepped
        return Curve(self._recall(counted), cuts, thresholds)

    def lift(self) -> Curve:
        """Return how much more frequent events are among the positives than among all."""
        thresholds, _ = self._steps
        counted = self.count(thresholds)
        share = len(self.positives) / len(self.descending)
        lifts = _precision(counted) / share if share else np.full(len(thresholds), _HIGHEST)
        return Curve(lifts, (counted.tp + counted.fp) / len(self.descending), thresholds)

    def gain(self) -> Curve:
        """Return the share of events found by the share of samples taken."""
        thresholds, _ = self._steps
        counted = self.count(thresholds)
        gains = self._recall(counted) if len(self.positives) else np.ones(len(thresholds))
        return Curve(gains, (counted.tp + counted.fp) / len(self.descending), thresholds)

    def confusion(self) -> tuple[Counted, Floats]:
        """Return the confusion matrix at each step and at 0 (or at 0.00 … 0.99), with the thresholds."""
        rising: Floats = np.arange(_STEPS, dtype=np.float64) * 0.01
        stepped: Floats = np.append(self._steps[0], 0.0)
        thresholds = rising if self._rising else stepped
        return self.count(thresholds), thresholds

    def f1(self) -> tuple[Floats, Floats]:
        """Return the F1 score at each threshold of `confusion`, with the thresholds."""
        counted, thresholds = self.confusion()
        precision, recall = _precision(counted), self._recall(counted)
        total = precision + recall
        total[total == 0] = _FEW
        return 2 * (precision * recall) / total, thresholds

    def quantile_pr(self) -> tuple[Floats, Floats, Floats]:
        """Return precision and recall at twenty-one quantiles of the scores, ascending."""
        thresholds = _nearest_quantiles(self._scores)
        counted = self.count(thresholds)
        return _precision(counted), self._recall(counted), thresholds

    def _recall(self, counted: Counted) -> Floats:
        with np.errstate(invalid="ignore"):
            recall: Floats = counted.tp / (counted.tp + counted.fn)
        return recall


def _precision(counted: Counted) -> Floats:
    positive = counted.tp + counted.fp
    precision: Floats = np.where(positive == 0, 1.0, counted.tp / np.maximum(positive, 1))
    return precision


def population_stability(
    expected: Floats, actual: Floats, expected_events: Flags, actual_events: Flags
) -> dict[str, Any]:
    """Return how far the scores of a validation set are distributed unlike those of the training set.

    Args:
        expected: shape (n,): the scores of the training set.
        actual: shape (m,): those of the validation set.
        expected_events: shape (n,).
        actual_events: shape (m,).

    Returns:
        the fields of the metric: per interval of the expected scores the shares, counts and the index, and its total.
    """
    points = np.unique(_nearest_quantiles(expected))
    if len(points) == 1:
        points = np.array([expected.min(), expected.max()])
    last = len(points) - 2

    def counts(scores: Floats) -> Integers:
        at = np.searchsorted(points, scores, side="right") - 1
        at[scores == points[-1]] = last
        return np.bincount(at[(at >= 0) & (at <= last)], minlength=last + 1)

    def shares_of_events(scores: Floats, events: Flags, everything: Integers) -> list[float]:
        shares: list[float] = (counts(scores[events]) / np.maximum(everything, 1)).tolist()
        return shares

    first, second = counts(expected), counts(actual)
    shares = np.where(first == 0, _FEW, first) / len(expected)
    other_shares = np.where(second == 0, _FEW, second) / len(actual)
    indices = (other_shares - shares) * np.log(other_shares / shares)
    return {
        "psi_scores": indices.tolist(),
        "total_psi": math.fsum(indices),
        "expected_interval": first.tolist(),
        "expected_percentage": shares.tolist(),
        "actual_interval": second.tolist(),
        "actual_percentage": other_shares.tolist(),
        "intervals": [
            f"[{round(a, 6)}, {round(b, 6)}{']' if i == last else ')'}"
            for i, (a, b) in enumerate(pairwise(points.tolist()))
        ],
        "train_pos_perc": shares_of_events(expected, expected_events, first),
        "validate_pos_perc": shares_of_events(actual, actual_events, second),
    }
