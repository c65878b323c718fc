"""Scores of regressions, of several classes, and of clusterings, over arrays of shape (n,)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "class_scores",
    "clustering_score",
    "contingency",
    "davies_bouldin",
    "nearest_clusters",
    "regression_score",
]

Array = NDArray[Any]
Floats = NDArray[np.float64]


def _explained(left: float, total: float) -> float:
    """Return the share of a total that is not left; of nothing, nothing or everything is explained."""
    if total == 0:
        return 1.0 if left == 0 else 0.0
    return 1 - left / total


def _explained_variance(labels: Floats, guesses: Floats) -> float:
    errors = labels - guesses
    unexplained = np.mean((errors - np.mean(errors)) ** 2)
    return _explained(float(unexplained), float(np.mean((labels - np.mean(labels)) ** 2)))


def _r2(labels: Floats, guesses: Floats) -> float:
    squared = np.sum((labels - guesses) ** 2)
    return _explained(float(squared), float(np.sum((labels - np.mean(labels)) ** 2)))


_REGRESSION: Mapping[str, Callable[[Floats, Floats], float]] = {
    "explained_variance": _explained_variance,
    "mean_absolute_error": lambda labels, guesses: float(np.mean(np.abs(guesses - labels))),
    "mean_squared_error": lambda labels, guesses: float(np.mean((labels - guesses) ** 2)),
    "median_absolute_error": lambda labels, guesses: float(np.median(np.abs(guesses - labels))),
    "r2_score": _r2,
    "root_mean_squared_error": lambda labels, guesses: float(
        np.sqrt(np.mean((labels - guesses) ** 2))
    ),
}


def regression_score(metric: str, labels: Floats, guesses: Floats) -> float:
    """Return one score of a regression.

    Raises:
        KeyError: there is no such score.
        ValueError: a value is not finite.
    """
    if not (np.isfinite(labels).all() and np.isfinite(guesses).all()):
        raise ValueError("Input contains NaN, infinity or a value too large for dtype('float64').")
    return _REGRESSION[metric](labels, guesses)


def class_scores(labels: Array, guesses: Array) -> tuple[float, list[Any], Floats, Floats]:
    """Return the accuracy, the k classes in order, and precision and recall of each, shapes (k,)."""
    classes, places = np.unique(np.concatenate((labels, guesses)), return_inverse=True)
    of_labels, of_guesses = places[: len(labels)], places[len(labels) :]
    right = of_labels == of_guesses
    count = len(classes)
    hits = np.bincount(of_labels[right], minlength=count)
    guessed, true = (np.bincount(of, minlength=count) for of in (of_guesses, of_labels))
    precision, recall = hits / np.maximum(guessed, 1), hits / np.maximum(true, 1)
    return float(np.mean(right)), classes.tolist(), precision, recall


def contingency(labels: Array, clusters: Array) -> list[list[int]]:
    """Return how many samples of each label (rows) are in each cluster (columns).

    The label itself is the number of its row, as in FATE: other labels than 0, 1, 2, … do not fit in.

    Raises:
        IndexError: there is no row for a label.
    """
    rows = len(np.unique(labels))
    counts = np.zeros((rows, int(clusters.max()) + 1), dtype=np.int64)
    outside = labels[(labels >= rows) | (labels < -rows)]
    if len(outside):
        raise IndexError(f"index {outside[0]} is out of bounds for axis 0 with size {rows}")
    np.add.at(counts, (labels, clusters), 1)
    return [[int(n) for n in row] for row in counts]


def _jaccard(labels: Array, clusters: Array) -> float:
    """Return the mean over all samples of the Jaccard index of the class that they are of."""
    total = 0.0
    for label, members in zip(*np.unique(labels, return_counts=True), strict=True):
        inside, said = labels == label, clusters == label
        total += int(members) * float(np.sum(inside & said) / np.sum(inside | said))
    return total / len(labels)


def clustering_score(
    metric: str, labels: Array, clusters: Array, *, weighted_jaccard: bool = False
) -> float:
    """Return one score of a clustering whose true classes are known.

    Args:
        metric: which score.
        labels: shape (n,): the true classes.
        clusters: shape (n,).
        weighted_jaccard: whether the Jaccard score is that of the classes, weighted by their size; else it is the
            share of samples whose cluster has the number of their class.

    Raises:
        KeyError: there is no such score.
    """
    size = len(labels)
    _, of_labels = np.unique(labels, return_inverse=True)
    _, of_clusters = np.unique(clusters, return_inverse=True)
    cells = np.unique(np.column_stack((of_labels, of_clusters)), axis=0, return_counts=True)[1]
    sizes = [list(map(int, n)) for n in (cells, np.bincount(of_labels), np.bincount(of_clusters))]
    together, by_label, by_cluster = (sum(n * n for n in of) for of in sizes)
    pairs, label_pairs, cluster_pairs = (sum(math.comb(n, 2) for n in of) for of in sizes)
    chance = label_pairs * cluster_pairs / (math.comb(size, 2) or 1)
    best = (label_pairs + cluster_pairs) / 2
    tk, pk, qk = together - size, by_cluster - size, by_label - size
    scores = {
        "jaccard_similarity_score": _jaccard(labels, clusters)
        if weighted_jaccard
        else float(np.mean(labels == clusters)),
        "fowlkes_mallows_score": math.sqrt(tk / pk) * math.sqrt(tk / qk) if tk else 0.0,
        "adjusted_rand_score": (pairs - chance) / (best - chance) if best != chance else 1.0,
    }
    return scores[metric]


def davies_bouldin(within: Sequence[float], between: Sequence[float]) -> float:
    """Return the index of clusters by their mean inner distance and their squared distances from each other."""
    count = len(within)
    if count == 1:
        return math.nan
    worst = []
    position = 0
    for i in range(count):
        ratios = []
        for j in range(count):
            if i != j:
                ratios.append((within[i] + within[j]) / math.sqrt(between[position]))
                position += 1
        worst.append(max(ratios))
    return sum(worst) / count


def nearest_clusters(count: int, between: Sequence[float]) -> list[int]:
    """Return the number of the nearest other cluster of each cluster."""
    nearest = []
    for j in range(count):
        distances = list(between[j * (count - 1) : (j + 1) * (count - 1)])
        if not distances:
            return [0]
        at = distances.index(min(distances))
        nearest.append(at + 1 if at > j else at)
    return nearest
