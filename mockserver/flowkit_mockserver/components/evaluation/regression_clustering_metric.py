"""Scores of regressions, of several classes, and of clusterings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

__all__ = [
    "class_scores",
    "clustering_score",
    "contingency",
    "davies_bouldin",
    "nearest_clusters",
    "regression_score",
]


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def regression_score(metric: str, labels: Sequence[float], predicted: Sequence[float]) -> float:
    """Return one score of a regression.

    Raises:
        KeyError: there is no such score.
    """
    size = len(labels)
    errors = [label - guess for label, guess in zip(labels, predicted, strict=True)]
    squared = sum(error * error for error in errors) / size
    mean = sum(labels) / size
    variance = sum((label - mean) ** 2 for label in labels) / size
    bias = sum(errors) / size
    unexplained = sum((error - bias) ** 2 for error in errors) / size
    scores = {
        "explained_variance": 1 - unexplained / variance if variance else 0.0,
        "mean_absolute_error": sum(map(abs, errors)) / size,
        "mean_squared_error": squared,
        "median_absolute_error": _median([abs(error) for error in errors]),
        "r2_score": 1 - squared / variance if variance else 0.0,
        "root_mean_squared_error": math.sqrt(squared),
    }
    return scores[metric]


def class_scores(
    labels: Sequence[Any], predicted: Sequence[Any]
) -> tuple[float, dict[Any, float], dict[Any, float]]:
    """Return accuracy, precision by class and recall by class."""
    pairs = list(zip(labels, predicted, strict=True))
    right = Counter(label for label, guess in pairs if label == guess)
    guessed, true = Counter(predicted), Counter(labels)
    classes = sorted(guessed.keys() | true.keys())
    precision = {c: right[c] / guessed[c] if guessed[c] else 0.0 for c in classes}
    recall = {c: right[c] / true[c] if true[c] else 0.0 for c in classes}
    return sum(right.values()) / len(pairs), precision, recall


def contingency(labels: Sequence[int], clusters: Sequence[int]) -> list[list[int]]:
    """Return how many samples of each label (rows) are in each cluster (columns)."""
    counts = Counter(zip(labels, clusters, strict=True))
    columns = range(max(clusters) + 1)
    return [[counts[label, cluster] for cluster in columns] for label in sorted(set(labels))]


def clustering_score(metric: str, labels: Sequence[int], clusters: Sequence[int]) -> float:
    """Return one score of a clustering whose true classes are known.

    Raises:
        KeyError: there is no such score.
    """
    size = len(labels)
    cells = Counter(zip(labels, clusters, strict=True)).values()
    together = sum(n * n for n in cells)
    by_label = sum(n * n for n in Counter(labels).values())
    by_cluster = sum(n * n for n in Counter(clusters).values())
    pairs = [math.comb(n, 2) for n in cells]
    label_pairs = sum(math.comb(n, 2) for n in Counter(labels).values())
    cluster_pairs = sum(math.comb(n, 2) for n in Counter(clusters).values())
    chance = label_pairs * cluster_pairs / (math.comb(size, 2) or 1)
    best = (label_pairs + cluster_pairs) / 2
    tk, pk, qk = together - size, by_cluster - size, by_label - size
    scores = {
        "jaccard_similarity_score": sum(a == b for a, b in zip(labels, clusters, strict=True))
        / size,
        "fowlkes_mallows_score": math.sqrt(tk / pk) * math.sqrt(tk / qk) if tk else 0.0,
        "adjusted_rand_score": (sum(pairs) - chance) / (best - chance) if best != chance else 1.0,
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
