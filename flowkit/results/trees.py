"""The trees of boosted models, as one party knows them.

A party knows feature and threshold of its own splits only, and hosts of hetero models know no weights (they are 0 in
their models). Up to 1.6 the guest knows the number of a host's feature, and its name when the importances hold it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowkit.results.answers import Source, integer, mapping_at, mappings_at, number, payload, texts
from flowkit.results.importance import party_of

__all__ = ["Tree", "TreeNode", "read_trees"]

#: Models whose nodes hold their threshold themselves; in all others it stands beside the tree.
THRESHOLD_IN_NODE = {"homo_sbt", "hetero_fast_sbt_mix"}


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A node: a split with two children, or a leaf.

    Attributes:
        id: its number; the root is 0.
        party: who splits here, ``guest/9999``; in homo models the role.
        feature: what is split on; None in a leaf, and where the party does not know it.
        threshold: values up to it go left; None likewise.
        left: number of the left child; None in a leaf.
        right: number of the right child.
        weight: what a sample that ends here gets, before the learning rate.
        missing_left: whether missing values go left; None in a leaf, and where that is not known.
        samples: how many samples of the training ended here; from 1.7 on, in leaves.
    """

    id: int
    party: str
    feature: str | None
    threshold: float | None
    left: int | None
    right: int | None
    weight: float
    missing_left: bool | None = None
    samples: int | None = None

    @property
    def is_leaf(self) -> bool:
        """True for a leaf."""
        return self.left is None

    @property
    def rule(self) -> str:
        """The split as a text: ``x2 <= 0.206678``; what is not known is left out."""
        if self.is_leaf:
            return f"{self.weight:.6g}"
        if self.feature is None:
            return f"a feature of {self.party}" if self.party else "a feature"
        return self.feature if self.threshold is None else f"{self.feature} <= {self.threshold:.6g}"


@dataclass(frozen=True, slots=True, repr=False)
class Tree:
    """One tree.

    Attributes:
        number: its place in the model, from 0.
        label: the class that it is for, in a model over several; else empty.
        nodes: by number; empty when another party keeps the tree for itself.
    """

    number: int
    label: str
    nodes: Mapping[int, TreeNode]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.number}: {len(self.nodes)} nodes>"

    @property
    def depth(self) -> int:
        """Splits on the longest way from the root to a leaf; 0 for a tree that is not known."""
        return max((depth for depth, _ in self.walk()), default=0)

    def walk(self) -> Iterator[tuple[int, TreeNode]]:
        """Yield depth and node, the root first, left before right; each node once, even in a damaged tree."""
        seen: set[int] = set()
        pending = [(0, 0)]
        while pending:
            depth, place = pending.pop()
            node = self.nodes.get(place)
            if node is None or place in seen:
                continue
            seen.add(place)
            yield depth, node
            if node.left is not None and node.right is not None:
                pending += [(depth + 1, node.right), (depth + 1, node.left)]


def read_trees(model: Source | None) -> tuple[Tree, ...]:
    """Return the trees in an answer of ``component.output_model`` of a boosted model.

    Raises:
        ArgumentError: the answer has another form.
    """
    data = payload(model, "model")
    known = {
        (str(entry.get("sitename")), _place(entry.get("fid"))): str(entry.get("fullname"))
        for entry in mappings_at(data, "featureImportances")
    }
    own = mapping_at(data, "featureNameFidMapping")
    in_node = data.get("modelName") in THRESHOLD_IN_NODE
    classes = texts(data.get("classes"), "classes")
    dimension = max(_place(data.get("treeDim") or 1), 1)
    trees = []
    for place, tree in enumerate(mappings_at(data, "trees")):
        label = classes[place % dimension] if 1 < dimension == len(classes) else ""
        entries = mappings_at(tree, "tree")
        # The splits of a tree that another party keeps are there without anything in them.
        known_here = all(entry.get("sitename") for entry in entries)
        nodes = [_node(one, tree, own, known, in_node=in_node) for one in entries if known_here]
        trees.append(Tree(place, label, {node.id: node for node in nodes}))
    return tuple(trees)


def _node(
    entry: Mapping[str, Any],
    tree: Mapping[str, Any],
    own: Mapping[str, Any],
    known: Mapping[tuple[str, int], str],
    *,
    in_node: bool,
) -> TreeNode:
    place, site = _place(entry.get("id")), str(entry["sitename"])
    weight = number(entry.get("weight") or 0, f"tree.{place}.weight")
    samples = mapping_at(tree, "leafCount").get(str(place))
    if entry.get("isLeaf"):
        count = None if samples is None else _place(samples)
        return TreeNode(place, party_of(site), None, None, None, None, weight, samples=count)
    number_of_feature = _place(entry.get("fid"))
    masked = mapping_at(tree, "splitMaskdict").get(str(place))
    threshold = entry.get("bid") if masked is None and in_node else masked
    feature = known.get((site, number_of_feature))
    if threshold is not None:
        feature = str(own.get(str(number_of_feature), feature or number_of_feature))
    missing = mapping_at(tree, "missingDirMaskdict").get(str(place), entry.get("missingDir"))
    return TreeNode(
        place,
        party_of(site),
        feature,
        None if threshold is None else number(threshold, f"tree.{place}.threshold"),
        _place(entry.get("leftNodeid")),
        _place(entry.get("rightNodeid")),
        weight,
        # FATE's direction: -1 is left, 1 is right.
        missing_left=None if threshold is None or missing is None else _place(missing) < 0,
    )


def _place(value: Any) -> int:
    return integer(value, "trees")
