"""What each party keeps of trees over the columns of several: its model and its summary."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.components.ensemble.export import (
    Importance,
    added_importances,
    importance_message,
    importances,
    node_message,
    training_param,
    tree_message,
    tree_meta,
    tree_model,
)
from flowkit_mockserver.components.ensemble.hetero_ensemble import Ensemble
from flowkit_mockserver.components.ensemble.loading import loaded_importances, renamed_importances
from flowkit_mockserver.components.ensemble.plan import strategy_of

__all__ = ["party_model", "party_summary"]


def _sites(ensemble: Ensemble) -> list[str]:
    """The parties as nodes name them."""
    return [f"{role}:{party_id}" for role, party_id in ensemble.parties]


def _names(ensemble: Ensemble) -> dict[tuple[int, int], str]:
    names = {}
    for place, header in enumerate(ensemble.headers):
        for feature, name in enumerate(header):
            names[place, feature] = name if place == 0 else ensemble.hidden[place][feature]
    return names


def _importance_type(ensemble: Ensemble, viewer: int) -> str:
    """Return by what a party ranks columns: as asked for, but on later lines always by how often they split."""
    asked: str = ensemble.asked["tree_param"]["feature_importance_type"]
    behaviour = ensemble.behaviour
    fixed = behaviour.counts_splits or (viewer > 0 and behaviour.anonymous_trees)
    return "split" if fixed else asked


def _seen_importances(ensemble: Ensemble, viewer: int) -> Importance:
    """Return what a party knows of importances: of all rounds, or of those of the best model that it went back to."""
    seen = []
    for tree, plan in zip(ensemble.seen_trees, ensemble.plans, strict=False):
        shared = viewer == 0 or ensemble.behaviour.anonymous_trees
        told = viewer == 0 and ensemble.behaviour.anonymous_trees
        if told or plan.owner == viewer or (plan.owner is None and shared):
            seen.append(tree)
    found = importances(seen, _importance_type(ensemble, viewer) == "gain")
    if not ensemble.behaviour.keeps_importances:
        return found
    # A host adds to those of the model; a guest has its own apart, see `_old_importances`.
    for site, model in enumerate(ensemble.before):
        if site and viewer in {0, site}:
            own = {(site, feature): v for (_, feature), v in loaded_importances(model).items()}
            found = added_importances(own, found)
    return found


def _old_importances(ensemble: Ensemble) -> list[dict[str, Any]]:
    """Return the guest's own importances of the model that the training goes on from."""
    if not ensemble.before or not ensemble.behaviour.keeps_importances:
        return []
    known = renamed_importances(ensemble.before[0])
    return [one for one in known if one["sitename"].startswith("guest")]


def party_summary(ensemble: Ensemble, viewer: int) -> dict[str, Any]:
    """Return what a party says of the training."""
    found = _seen_importances(ensemble, viewer)
    if ensemble.restored:
        # What was saved was in order of importance.
        found = dict(sorted(found.items(), key=lambda item: -item[1][0]))
    later = ensemble.behaviour.anonymous_trees
    summary: dict[str, Any] = {
        "best_iteration": ensemble.watch.best_iteration,
        "is_converged": ensemble.model.converged,
    }
    if viewer == 0:
        names = _names(ensemble)
        old = {one["fullname"]: int(one["importance"]) for one in _old_importances(ensemble)}
        summary |= {
            "loss_history": ensemble.model.losses,
            "feature_importance": old | {names[key]: value[0] for key, value in found.items()},
            "validation_metrics": ensemble.watch.summary or (None if later else {}),
        }
    elif strategy_of(ensemble.asked) != "std" and not later:
        header = ensemble.headers[viewer]
        summary["feature_importance"] = {header[f]: v[0] for (_, f), v in found.items()}
    return summary


def _tree(ensemble: Ensemble, number: int, viewer: int) -> dict[str, Any]:
    tree, owner = ensemble.new_trees[number], ensemble.plans[number].owner
    if owner is not None and viewer not in {0, owner}:
        return {"tree": [], "splitMaskdict": {}, "missingDirMaskdict": {}}
    if not owner:
        return tree_message(tree, _sites(ensemble), viewer)
    nodes = []
    for node in tree.nodes:
        if viewer == 0 and not node.is_leaf:
            # The guest sees of a host's own tree nothing but the leaves.
            nodes.append(
                node_message(node, "", id=0, fid=0, weight=0.0, leftNodeid=-1, rightNodeid=-1)
            )
        elif viewer == 0:
            nodes.append(node_message(node, _sites(ensemble)[0]))
        elif node.is_leaf:
            nodes.append(node_message(node, "guest", weight=0.0))
        else:
            nodes.append(
                node_message(
                    node,
                    _sites(ensemble)[owner],
                    weight=0.0,
                    bid=node.value,
                    missingDir=node.direction,
                )
            )
    return {"tree": nodes, "splitMaskdict": {}, "missingDirMaskdict": {}}


def _guest_first(found: Importance) -> Importance:
    """Return importances with those of hosts, which come in at the end, behind the guest's."""
    return dict(sorted(found.items(), key=lambda item: item[0][0] > 0))


def _hide(ensemble: Ensemble, number: int, viewer: int, tree: dict[str, Any]) -> None:
    """Take out of a tree what a party of the later lines does not know, and add what it counts."""
    grown, owner = ensemble.new_trees[number], ensemble.plans[number].owner
    own_name, marks_leaves = _sites(ensemble)[viewer], ensemble.behaviour.marks_leaves
    tree["leafCount"] = {}
    if viewer == 0:
        leaves, counts = ensemble.leaf_counts[number]
        tree["leafCount"] = {
            str(leaf): count for leaf, count in zip(leaves.tolist(), counts.tolist(), strict=True)
        }
    elif owner == viewer:
        splits = [node for node in grown.nodes if not node.is_leaf]
        tree["splitMaskdict"] = {str(node.number): node.value for node in splits}
        tree["missingDirMaskdict"] = {str(node.number): node.direction for node in splits}
    for node, shown in zip(grown.nodes, tree["tree"], strict=False):
        several = viewer == 0 and len(node.weight) > 1
        shown["moWeight"] = node.weight.tolist() if several else []
        mine = not node.is_leaf and shown["sitename"] == own_name
        if not mine and viewer == 0 and not marks_leaves:
            shown |= {"fid": 0, "bid": 0.0}
        elif not mine:
            shown |= {"fid": -1, "bid": -1.0}
        elif viewer and owner is None:
            shown["bid"] = -1.0


def party_model(ensemble: Ensemble, viewer: int) -> Model:
    """Return the model of a party."""
    asked, trees = ensemble.asked, ensemble.new_trees
    old = list(ensemble.before[viewer].param["trees"]) if ensemble.before else []
    strategy = strategy_of(asked)
    fast = strategy != "std"
    later = ensemble.behaviour.anonymous_trees
    guest = viewer == 0
    header = ensemble.headers[viewer]
    values: dict[str, Any] = {
        "treeDim": 1 if ensemble.together else ensemble.objective.dimensions,
        "trees": [_tree(ensemble, number, viewer) for number in range(len(trees))],
        "featureNameFidMapping": dict(enumerate(header)),
        "bestIteration": ensemble.watch.best_iteration,
        "modelName": f"hetero_fast_sbt_{strategy}" if fast else "hetero_sbt",
        "treePlan": ensemble.plan_codes if fast else [],
    }
    found = _seen_importances(ensemble, viewer)
    if guest and later:
        found = {
            key: (value[0], 0.0) if key[0] else value for key, value in _guest_first(found).items()
        }
    if guest:
        values |= {
            "initScore": ensemble.start.tolist(),
            "losses": ensemble.model.losses,
            "numClasses": len(ensemble.objective.classes) or 1,
            "classes": [str(name) for name in ensemble.objective.classes],
            "featureImportances": sorted(
                [
                    *_old_importances(ensemble),
                    *importance_message(
                        found,
                        _sites(ensemble),
                        _names(ensemble),
                        _importance_type(ensemble, viewer),
                    ),
                ],
                key=lambda one: -one["importance"],
            ),
        }
    else:
        values["anonymousNameMapping"] = dict(zip(ensemble.hidden[viewer], header, strict=True))
        names = {(viewer, i): name for i, name in enumerate(header)}
        plain = {key: (value[0], 0.0) for key, value in found.items() if key[0] == viewer}
        if later:
            sites = ["", *["hostLocal"] * len(ensemble.parties)]
            main = _importance_type(ensemble, viewer)
            values["featureImportances"] = importance_message(plain, sites, names, main)
        elif fast:
            values["featureImportances"] = importance_message(
                plain, ["guest", *["host"] * len(ensemble.parties)], names, ""
            )
    work_mode = strategy if fast and not later else ""
    summed = strategy == "layered" and ensemble.behaviour.adds_depths
    depth = asked["guest_depth"] + asked["host_depth"] if summed else None
    rounds = {**asked, "num_trees": ensemble.first + asked["num_trees"]}
    meta = tree_meta(rounds, guest=guest, work_mode=work_mode, depth=depth)
    if later:
        meta |= {"boostingStrategy": strategy, "module": "HeteroSecureBoost"}
        if not guest:
            meta |= {"useMissing": False, "zeroAsMissing": False}
    param = training_param(len(old) + len(trees), **values)
    if later:
        for number, tree in enumerate(param["trees"]):
            _hide(ensemble, number, viewer, tree)
        for importance in param["featureImportances"]:
            if importance["sitename"].startswith("host:"):
                importance["fid"] = 0
            elif guest and ensemble.restored:
                importance["sitename"] = importance["sitename"].replace(":", "_")
    param["trees"] = old + param["trees"]
    return tree_model(ensemble.module, ensemble.parties[viewer], meta, param, later=later)
