"""Trees read back from the model buffers of the parties, those of a real server among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.components.ensemble.decision_tree import RIGHT, Node, Tree
from flowkit_mockserver.components.ensemble.export import Importance
from flowkit_mockserver.components.optim.loss import Objective, objective_of
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party

__all__ = [
    "Loaded",
    "asked_again",
    "load_hetero",
    "load_homo",
    "loaded_importances",
    "renamed_importances",
]

_HOST_ONLY = "1_"


@dataclass(frozen=True)
class Loaded:
    """A model that can predict.

    Attributes:
        trees: by round and dimension; by round alone if each answers all dimensions.
        start: by dimension the score to start from.
        rate: the learning rate.
        objective: turns scores into predictions.
        use_missing: whether the trees deal with missing values.
        zero_as_missing: whether a zero is one for them.
    """

    trees: list[Tree]
    start: NDArray[np.float64]
    rate: float
    objective: Objective
    use_missing: bool
    zero_as_missing: bool


def _loaded(model: Model, trees: list[Tree], behaviour: Behaviour) -> Loaded:
    meta, param = model.meta, model.param
    kind = meta.get("objectiveMeta") or {}
    asked = {
        "task_type": meta["taskType"],
        "objective_param": {"objective": kind.get("objective"), "params": kind.get("param")},
    }
    tree = meta.get("treeMeta") or {}
    return Loaded(
        trees,
        np.array(param["initScore"], dtype=np.float64),
        meta["learningRate"],
        objective_of([int(name) for name in param["classes"]], asked, behaviour),
        bool(tree.get("useMissing")),
        bool(tree.get("zeroAsMissing")),
    )


def asked_again(asked: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """Return the parameter of a training that goes on from a model: what it minimises, and how fast, stays."""
    kind = model.meta["objectiveMeta"]
    return {
        **asked,
        "learning_rate": model.meta["learningRate"],
        "task_type": model.meta["taskType"],
        "objective_param": {"objective": kind["objective"], "params": kind["param"]},
        "boosting_strategy": model.meta.get("boostingStrategy") or asked.get("boosting_strategy"),
    }


def renamed_importances(model: Model) -> list[dict[str, Any]]:
    """Return the importances of a model as a guest has them that has loaded it: its own site is spelled otherwise.

    A model that was trained on has two of a column, one under each spelling: the later one counts, in the place of the
    first.
    """
    found: dict[tuple[str, int, str], dict[str, Any]] = {}
    for entry in model.param["featureImportances"]:
        one = dict(entry)
        if one["sitename"].startswith("guest:"):
            one["sitename"] = one["sitename"].replace(":", "_")
        found[one["sitename"], one["fid"], one["fullname"]] = one
    return sorted(found.values(), key=lambda one: -one["importance"])


def loaded_importances(model: Model) -> Importance:
    """Return the importances that a model without names of other parties holds."""
    found: Importance = {}
    for one in model.param["featureImportances"]:
        first, second = one["importance"], one["importance2"]
        by_gain = one["main"] == "gain"
        found[0, one["fid"]] = (first, int(second)) if by_gain else (int(first), second)
    return found


def _weight(entry: Mapping[str, Any]) -> NDArray[np.float64]:
    return np.array(entry.get("moWeight") or [entry["weight"]], dtype=np.float64)


def _node(entry: Mapping[str, Any]) -> Node:
    if entry["isLeaf"]:
        return Node(entry["id"], _weight(entry))
    return Node(
        entry["id"],
        _weight(entry),
        0,
        entry["fid"],
        entry["bid"],
        entry["missingDir"] or RIGHT,
        left=entry["leftNodeid"],
        right=entry["rightNodeid"],
    )


def _own_tree(entries: Sequence[Mapping[str, Any]]) -> Tree:
    return Tree([_node(entry) for entry in entries])


def load_homo(model: Model, behaviour: Behaviour) -> Loaded:
    """Return the trees that every party of a HomoSecureboost has whole."""
    trees = [_own_tree(tree["tree"]) for tree in model.param["trees"]]
    return _loaded(model, trees, behaviour)


def load_hetero(models: Mapping[Party, Model], behaviour: Behaviour) -> Loaded:
    """Return the trees whose splits lie with several parties.

    Args:
        models: by party, the guest first.
        behaviour: how the line of the server computes.

    Raises:
        ComponentFailed: a tree has a split that none of the models knows.
    """
    parties = list(models)
    guest = models[parties[0]]
    sites = {f"{role}:{party_id}": number for number, (role, party_id) in enumerate(parties)}
    buffers = [model.param["trees"] for model in models.values()]
    plans = guest.param.get("treePlan") or []
    dimensions = guest.param["treeDim"]
    trees = []
    for number, entry in enumerate(guest.param["trees"]):
        plan = plans[number // dimensions] if number // dimensions < len(plans) else ""
        if plan.startswith(_HOST_ONLY):
            site = sites.get(f"host:{plan.removeprefix(_HOST_ONLY)}")
            if site is None:
                raise ComponentFailed(
                    f"tree {number} belongs to host {plan.removeprefix(_HOST_ONLY)}, who has no part in this job",
                    parties[0],
                )
            trees.append(_host_tree(buffers[site][number]["tree"], entry["tree"], site))
            continue
        nodes = []
        for node_entry in entry["tree"]:
            node = _node(node_entry)
            nodes.append(node)
            if node.is_leaf:
                continue
            node.site = sites.get(node_entry["sitename"], -1)
            values = buffers[node.site][number]["splitMaskdict"] if node.site >= 0 else {}
            if str(node.number) not in values:
                raise ComponentFailed(
                    f"tree {number}: the split of node {node.number} lies with {node_entry['sitename']!r},"
                    " whose model does not have it",
                    parties[0],
                )
            node.value = values[str(node.number)]
            # The guest of the later lines does not know which column of another party a split is of.
            node.feature = buffers[node.site][number]["tree"][node.number]["fid"]
            directions = buffers[node.site][number]["missingDirMaskdict"]
            node.direction = directions.get(str(node.number), RIGHT)
        trees.append(Tree(nodes))
    return _loaded(guest, trees, behaviour)


def _host_tree(
    entries: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]], site: int
) -> Tree:
    """Return a tree that one host grew alone: the splits are in its model, the weights of the leaves in the guest's."""
    tree = _own_tree(entries)
    for node in tree.nodes:
        if node.is_leaf:
            node.weight = _weight(answers[node.number])
        else:
            node.site = site
    return tree
