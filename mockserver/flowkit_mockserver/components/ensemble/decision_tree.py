"""A regression tree over the columns of several parties, and the way of samples through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEFT", "RIGHT", "Columns", "Node", "Tree", "leaf_numbers", "raw_scores"]

Floats = NDArray[np.float64]

LEFT, RIGHT = -1, 1
_CHUNK = 1 << 16


@dataclass
class Node:
    """A node: a leaf, or a split of `feature` (of the party numbered `site`) at `value`.

    Attributes:
        number: its place in the tree.
        weight: what it answers as a leaf, by output of the tree; shape (k,).
        site: the party of the split; -1 for a leaf.
        feature: number of the column at that party.
        value: samples up to it go to the left.
        direction: where a sample goes whose value is missing, `LEFT` or `RIGHT`.
        gain: of the split.
        left: number of the left child; -1 for a leaf.
        right: number of the right child.
        offered: by the number of each host that had a split to offer, whether or not it was taken, its direction.
    """

    number: int
    weight: Floats
    site: int = -1
    feature: int = 0
    value: float = 0.0
    direction: int = RIGHT
    gain: float = 0.0
    left: int = -1
    right: int = -1
    offered: dict[int, int] = field(default_factory=dict)

    @property
    def is_leaf(self) -> bool:
        """Whether the node has no children."""
        return self.left < 0


@dataclass
class Tree:
    """The nodes of a tree by number, the root first and parents before their children."""

    nodes: list[Node]

    @property
    def weights(self) -> Floats:
        """The weights of all nodes, shape (nodes, k)."""
        return np.array([node.weight for node in self.nodes], dtype=np.float64)

    @property
    def outputs(self) -> int:
        """How many values the tree answers."""
        return len(self.nodes[0].weight)


@dataclass(frozen=True)
class Columns:
    """The features of one party, and how that party compares them with a split.

    Attributes:
        matrix: of shape (samples, features), NaN where a value is missing.
        tolerance: added to the value of a split; a guest adds 1e-8, a host nothing.
        zero_as_missing: whether a zero counts as missing.
    """

    matrix: Floats
    tolerance: float = 0.0
    zero_as_missing: bool = False

    def take(self, rows: slice) -> Columns:
        """Return some of the samples."""
        return Columns(self.matrix[rows], self.tolerance, self.zero_as_missing)

    def goes_left(self, node: Node, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Say which of the samples in `rows` go to the left child of a node."""
        column = self.matrix[rows, node.feature]
        found: NDArray[np.bool_] = column <= node.value + self.tolerance
        if node.direction == LEFT:
            found |= np.isnan(column)
        if self.zero_as_missing:
            found = np.where(column == 0, node.direction == LEFT, found)
        return found


def leaf_numbers(tree: Tree, columns: Sequence[Columns]) -> NDArray[np.intp]:
    """Return the number of the leaf in which each sample ends.

    Args:
        tree: any tree.
        columns: by party.
    """
    count = len(columns[0].matrix)
    found = np.zeros(count, dtype=np.intp)
    members = {0: np.arange(count)}
    for node in tree.nodes:
        rows = members.pop(node.number, None)
        if rows is None:
            continue
        if node.is_leaf:
            found[rows] = node.number
            continue
        left = columns[node.site].goes_left(node, rows)
        members[node.left], members[node.right] = rows[left], rows[~left]
    return found


def raw_scores(
    trees: Sequence[Tree], columns: Sequence[Columns], rate: float, start: Floats
) -> Floats:
    """Return the raw scores of samples, of shape (samples, dimensions).

    Args:
        trees: by round and dimension; by round alone if each answers all dimensions.
        columns: of the samples, by party.
        rate: the learning rate.
        start: by dimension what is added to the sum over all trees.
    """
    count, dimensions = len(columns[0].matrix), len(start)
    weights = [tree.weights for tree in trees]
    scores = np.empty((count, dimensions))
    for begin in range(0, count, _CHUNK):
        at = slice(begin, begin + _CHUNK)
        part = [own.take(at) for own in columns]
        if trees and trees[0].outputs > 1:
            several = np.zeros((len(part[0].matrix), dimensions))
            for number, tree in enumerate(trees):
                several += weights[number][leaf_numbers(tree, part)] * rate
            scores[at] = several + start
            continue
        answers = np.empty((len(part[0].matrix), len(trees)))
        for number, tree in enumerate(trees):
            answers[:, number] = weights[number][leaf_numbers(tree, part), 0]
        answers *= rate
        if dimensions == 1:
            scores[at, 0] = answers.sum(axis=1) + start[0]
            continue
        summed = np.zeros((len(answers), dimensions))
        for number in range(0, len(trees), dimensions):
            summed += answers[:, number : number + dimensions]
        scores[at] = summed + start
    return scores
