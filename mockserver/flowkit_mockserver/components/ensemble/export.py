"""Model buffers of the boosted trees, party by party."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.ensemble.decision_tree import Node, Tree
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = [
    "Importance",
    "add_leaves",
    "added_importances",
    "importance_message",
    "importances",
    "missing_rules",
    "node_message",
    "shown_weight",
    "tree_message",
    "tree_meta",
    "tree_model",
]

Importance = dict[tuple[int, int], tuple[float, float]]
"""(party number, feature) → (how often it was split, what that gained)."""


def added_importances(before: Importance, new: Importance) -> Importance:
    """Return the sum of the importances of a model and of the trees that were added to it."""
    found = dict(before)
    for key, (first, second) in new.items():
        known = found.get(key, (0, 0.0))
        found[key] = (known[0] + first, known[1] + second)
    return found


def importances(trees: Sequence[Tree], by_gain: bool = False) -> Importance:
    """Return the importance of every feature that was split, in order of their first use."""
    found: Importance = {}
    for tree in trees:
        # Gains are added up tree by tree first.
        of_tree: Importance = {}
        for node in tree.nodes:
            if not node.is_leaf:
                splits, gain = of_tree.get((node.site, node.feature), (0, 0.0))
                of_tree[node.site, node.feature] = (splits + 1, gain + node.gain)
        found = added_importances(found, of_tree)
    if by_gain:
        return {key: (gain, splits) for key, (splits, gain) in found.items()}
    return found


def importance_message(
    found: Importance, sites: Sequence[str], names: Mapping[tuple[int, int], str], main: str
) -> list[dict[str, Any]]:
    """Return feature importances as in a model buffer, the highest first."""
    ordered = sorted(found.items(), key=lambda item: -item[1][0])
    return [
        message(
            "FeatureImportanceInfo",
            sitename=sites[site],
            fid=feature,
            importance=first,
            fullname=names[site, feature],
            importance2=second,
            main=main,
        )
        for (site, feature), (first, second) in ordered
    ]


def shown_weight(node: Node) -> float:
    """Return the weight of a node as models show it: -1 for one with several, which stand elsewhere."""
    return float(node.weight[0]) if len(node.weight) == 1 else -1.0


def node_message(node: Node, site: str, **values: Any) -> dict[str, Any]:
    """Return a node as in a model buffer, `values` overriding what it says itself."""
    shown: dict[str, Any] = {
        "id": node.number,
        "sitename": site,
        "fid": node.feature,
        "bid": 0.0,
        "weight": shown_weight(node),
        "isLeaf": node.is_leaf,
        "leftNodeid": node.left,
        "rightNodeid": node.right,
        "missingDir": 1,
    }
    return message("NodeParam", **{**shown, **values})


def tree_message(tree: Tree, sites: Sequence[str], viewer: int) -> dict[str, Any]:
    """Return a tree as the party numbered `viewer` keeps it: its own split values, the guest all weights."""
    nodes = []
    values: dict[int, float] = {}
    missing: dict[int, int] = {}
    for node in tree.nodes:
        site = sites[0] if node.is_leaf else sites[node.site]
        weight = shown_weight(node) if viewer == 0 else 0.0
        own_guest_split = not node.is_leaf and node.site == 0
        nodes.append(
            node_message(node, site, weight=weight, missingDir=0 if own_guest_split else 1)
        )
        if not node.is_leaf and node.site == viewer:
            values[node.number] = node.value
            missing[node.number] = node.direction
        if viewer in node.offered:
            missing[node.number] = node.offered[viewer]
    return message(
        "DecisionTreeModelParam", tree=nodes, splitMaskdict=values, missingDirMaskdict=missing
    )


def missing_rules(asked: Mapping[str, Any]) -> tuple[bool, bool]:
    """Return whether trees deal with missing values, and whether zero is one; `use_missing` switches both."""
    if asked["use_missing"]:
        return True, bool(asked["zero_as_missing"])
    tree = asked["tree_param"]
    return bool(tree["use_missing"]), bool(tree["zero_as_missing"])


def tree_meta(
    asked: Mapping[str, Any], *, guest: bool, work_mode: str = "", depth: int | None = None
) -> dict[str, Any]:
    """Return the meta buffer; a host knows little of it, and `depth` is that of layered trees where it counts."""
    tree = asked["tree_param"]
    use_missing, zero_as_missing = missing_rules(asked)
    criterion = None
    objective = None
    if guest:
        criterion = message(
            "CriterionMeta",
            criterionMethod=tree["criterion_method"],
            criterionParam=tree["criterion_params"],
        )
        objective = message(
            "ObjectiveMeta",
            objective=asked["objective_param"]["objective"],
            param=asked["objective_param"].get("params") or [],
        )
    return message(
        "BoostingTreeModelMeta",
        treeMeta=message(
            "DecisionTreeModelMeta",
            criterionMeta=criterion,
            maxDepth=depth or tree["max_depth"],
            minSampleSplit=tree["min_sample_split"],
            minImpuritySplit=tree["min_impurity_split"],
            minLeafNode=tree["min_leaf_node"],
            useMissing=use_missing,
            zeroAsMissing=zero_as_missing,
        ),
        learningRate=asked["learning_rate"] if guest else 0.0,
        numTrees=asked["num_trees"],
        quantileMeta=message("QuantileMeta", binNum=asked["bin_num"]),
        objectiveMeta=objective,
        taskType=asked["task_type"] if guest else "",
        nIterNoChange=asked["n_iter_no_change"] if guest else False,
        tol=asked["tol"] if guest else 0.0,
        useMissing=asked["use_missing"] if guest else False,
        zeroAsMissing=asked["zero_as_missing"] if guest else False,
        workMode=work_mode,
    )


def add_leaves(shown: dict[str, Any], tree: Tree, leaves: NDArray[np.intp]) -> None:
    """Add to the message of a tree what the later lines say of leaves: their samples, and all the weights of each node.

    Args:
        shown: the message.
        tree: the tree.
        leaves: by sample of the party the leaf that it came to.
    """
    counts = np.bincount(leaves, minlength=len(tree.nodes)).tolist()
    shown["leafCount"] = {
        str(node.number): counts[node.number] for node in tree.nodes if node.is_leaf
    }
    for node, entry in zip(tree.nodes, shown["tree"], strict=True):
        entry["moWeight"] = node.weight.tolist() if len(node.weight) > 1 else []


def tree_model(
    module: str, party: Party, meta: dict[str, Any], param: dict[str, Any], *, later: bool = False
) -> Model:
    """Return the model of one party from its two buffers."""
    return saved_model(module, meta, param, role=party.role, later=later)


def training_param(count: int, **values: Any) -> dict[str, Any]:
    """Return a parameter buffer with what all parties agree upon."""
    return message("BoostingTreeModelParam", treeNum=count, **values)
