"""One regression tree over the binned columns of several parties."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowkit_mockserver.components.statistic.quantile import bin_of, quantile_points, rank_values

__all__ = ["Binned", "Node", "Tree", "grow", "leaf_of"]

_SMALL = 1e-8
_DIGITS = 10**10


def _truncated(value: float) -> float:
    return math.floor(value * _DIGITS) / _DIGITS


@dataclass(frozen=True)
class Binned:
    """The columns of one party as bin numbers, with the upper bound of every bin."""

    points: list[list[float]]
    columns: list[list[int]]

    @classmethod
    def of(cls, rows: Sequence[Sequence[Any]], bins: int, error: float) -> Binned:
        """Return rows cut into (at most) `bins` bins of equal size a column."""
        columns = [list(column) for column in zip(*rows, strict=True)]
        points = [quantile_points(rank_values(column), bins, error) for column in columns]
        return cls.by(points, columns)

    @classmethod
    def by(cls, points: list[list[float]], columns: Sequence[Sequence[Any]]) -> Binned:
        """Return columns cut at given points."""
        numbers = [
            [bin_of(value, cuts) for value in column]
            for cuts, column in zip(points, columns, strict=True)
        ]
        return cls(points, numbers)


@dataclass
class Node:
    """A node: a leaf, or a split of `feature` (of the party numbered `site`) at `value`.

    `offered` are the parties that had a split to offer for it, whether or not theirs was taken.
    """

    number: int
    weight: float
    site: int = -1
    feature: int = 0
    value: float = 0.0
    gain: float = 0.0
    left: int = -1
    right: int = -1
    offered: list[int] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        """Whether the node has no children."""
        return self.left < 0


@dataclass
class Tree:
    """The nodes of a tree by number, the root first."""

    nodes: list[Node]

    def to_state(self) -> list[list[Any]]:
        """Return what a prediction needs, as plain JSON."""
        return [[n.site, n.feature, n.value, n.left, n.right, n.weight] for n in self.nodes]

    @classmethod
    def from_state(cls, state: Sequence[Sequence[Any]]) -> Tree:
        """Return the tree that `to_state` had written down."""
        nodes = []
        for number, (site, feature, value, left, right, weight) in enumerate(state):
            nodes.append(Node(number, weight, site, feature, value, 0.0, left, right))
        return cls(nodes)


def leaf_of(tree: Tree, rows: Sequence[Sequence[Any]]) -> Node:
    """Return the leaf a sample ends in.

    Args:
        tree: any tree.
        rows: the sample's features by party.
    """
    node = tree.nodes[0]
    while node.left >= 0:
        # What is missing goes to the right, as no comparison with it holds.
        goes_left = rows[node.site][node.feature] <= node.value + _SMALL
        node = tree.nodes[node.left if goes_left else node.right]
    return node


@dataclass
class _Best:
    gain: float
    feature: int = -1
    cut: int = -1
    gradient: float = 0.0
    hessian: float = 0.0


class _Search:
    """Finds the best split of one node among the columns of one party."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        criterion = asked.get("criterion_params") or [0, 0]
        self.ridge, self.lasso = float(criterion[0]), float(criterion[1])
        self.lowest: float = asked["min_impurity_split"]
        self.few: int = asked["min_sample_split"]
        self.leaf: int = asked["min_leaf_node"]
        self.child: float = asked["min_child_weight"]

    def _shrunk(self, gradient: float) -> float:
        if gradient < -self.lasso:
            return gradient + self.lasso
        return gradient - self.lasso if gradient > self.lasso else 0.0

    def worth(self, gradient: float, hessian: float) -> float:
        """Return what a node with these sums gains."""
        shrunk = self._shrunk(gradient)
        return shrunk * shrunk / (hessian + self.ridge)

    def weight(self, gradient: float, hessian: float) -> float:
        """Return the answer of a leaf with these sums."""
        return _truncated(-self._shrunk(gradient) / (hessian + self.ridge))

    def best(
        self,
        data: Binned,
        features: Sequence[int],
        rows: Sequence[int],
        both: Sequence[tuple[float, float]],
        sums: tuple[float, float],
    ) -> _Best:
        best = _Best(self.lowest - _SMALL)
        count = len(rows)
        if count < self.few:
            return best
        total_g, total_h = sums
        base = self.worth(total_g, total_h)
        for feature in features:
            size = len(data.points[feature])
            if size <= 1:
                continue
            column = data.columns[feature]
            gradients, hessians, counts = [0.0] * size, [0.0] * size, [0] * size
            for i in rows:
                at = column[i]
                gradient, hessian = both[i]
                gradients[at] += gradient
                hessians[at] += hessian
                counts[at] += 1
            left_g = left_h = 0.0
            left_n = 0
            for cut in range(size - 1):
                left_g += gradients[cut]
                left_h += hessians[cut]
                left_n += counts[cut]
                if left_n < self.leaf or count - left_n < self.leaf:
                    continue
                right_h = total_h - left_h
                if left_h < self.child or right_h < self.child:
                    continue
                gain = self.worth(left_g, left_h) + self.worth(total_g - left_g, right_h) - base
                if gain > self.lowest and gain > best.gain + _SMALL:
                    best = _Best(gain, feature, cut, left_g, left_h)
        return best


def grow(
    parties: Sequence[Binned],
    gradients: Sequence[float],
    hessians: Sequence[float],
    asked: Mapping[str, Any],
    *,
    depth: int,
    allowed: Callable[[int], Sequence[int]],
    features: Callable[[int], Sequence[int]],
) -> Tree:
    """Grow a tree layer by layer.

    Args:
        parties: their binned columns, the guest's first.
        gradients: of every sample.
        hessians: of every sample.
        asked: the ``tree_param``.
        depth: how many layers of splits at most.
        allowed: layer → numbers of the parties whose columns may be split there.
        features: party number → its columns that may be used.
    """
    search = _Search(asked)
    both = list(zip(gradients, hessians, strict=True))
    rows: list[int] = list(range(len(both)))
    sums = (sum(gradients), sum(hessians))
    nodes = [Node(0, search.weight(*sums))]
    layer = [(nodes[0], rows, sums)]
    for level in range(depth):
        following: list[tuple[Node, list[int], tuple[float, float]]] = []
        for node, members, (total_g, total_h) in layer:
            best, site = _Best(search.lowest - _SMALL), -1
            for number in allowed(level):
                found = search.best(
                    parties[number], features(number), members, both, (total_g, total_h)
                )
                if found.feature >= 0:
                    node.offered.append(number)
                    if site < 0 or found.gain > best.gain + _SMALL:
                        best, site = found, number
            if site < 0 or best.gain <= search.lowest + _SMALL:
                continue
            column, points = parties[site].columns[best.feature], parties[site].points[best.feature]
            node.site, node.feature, node.value = site, best.feature, points[best.cut]
            node.gain = _truncated(best.gain)
            left_sums = (best.gradient, best.hessian)
            right_sums = (total_g - best.gradient, total_h - best.hessian)
            node.left, node.right = len(nodes), len(nodes) + 1
            for number, part in ((node.left, left_sums), (node.right, right_sums)):
                nodes.append(Node(number, search.weight(*part)))
            following.append(
                (nodes[node.left], [i for i in members if column[i] <= best.cut], left_sums)
            )
            following.append(
                (nodes[node.right], [i for i in members if column[i] > best.cut], right_sums)
            )
        layer = following
    return Tree(nodes)
