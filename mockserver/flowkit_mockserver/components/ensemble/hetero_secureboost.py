"""HeteroSecureBoost and HeteroFastSecureBoost: boosted trees over the columns of several parties."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowkit_mockserver.components.core.interface import ComponentRun, Model, PartyResult
from flowkit_mockserver.components.ensemble.boosting import Boosted, Plan, boost, raw_scores
from flowkit_mockserver.components.ensemble.decision_tree import Tree
from flowkit_mockserver.components.ensemble.export import (
    importance_message,
    importances,
    node_message,
    training_param,
    tree_message,
    tree_meta,
    tree_model,
)
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.optim.loss import Objective, objective_of
from flowkit_mockserver.components.rows.federation import (
    Federation,
    Tables,
    aligned_tables,
    carry_out,
    fitted_model,
    loss_metric,
)
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.predict_output import Row, merged_predictions
from flowkit_mockserver.components.rows.run import parameter
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["boost_trees"]

_MIX_GUEST, _MIX_HOST, _LAYERED = 0, 1, 3


def _plans(
    module: str, asked: Mapping[str, Any], party_ids: Sequence[str]
) -> Callable[[int], Plan]:
    """Return which tree may use whose columns.

    Args:
        module: the component kind.
        asked: its parameter.
        party_ids: of guest and hosts, the guest first.
    """
    depth = asked["tree_param"]["max_depth"]
    everybody = list(range(len(party_ids)))
    hosts = everybody[1:]
    if module == "HeteroSecureBoost":

        def together(number: int) -> Plan:
            alone = number == 0 and asked["complete_secure"]
            return Plan([[0] if alone else everybody] * depth)

        return together
    if asked["work_mode"] == "mix":
        each = asked["tree_num_per_party"]
        one_round = [Plan([[0]] * depth, f"{_MIX_GUEST}_-1")] * each
        for host in hosts:
            one_round += [Plan([[host]] * depth, f"{_MIX_HOST}_{party_ids[host]}")] * each
        return lambda number: one_round[number % len(one_round)]
    layers = [[host] for host in hosts for _ in range(asked["host_depth"])]
    layers += [[0]] * asked["guest_depth"]

    def layered(number: int) -> Plan:
        if number == 0 and asked["complete_secure"]:
            return Plan([[0]] * len(layers), f"{_MIX_GUEST}_-1")
        return Plan(layers, f"{_LAYERED}_-1")

    return layered


class Ensemble:
    """A training run: the trees, what they aim at, and what validation saw."""

    def __init__(
        self,
        module: str,
        data: Federation,
        held: Federation | None,
        asked: Mapping[str, Any],
        *,
        seed: int,
        prefix: str = "",
    ) -> None:
        self.module, self.asked = module, asked
        self.parties = list(data.tables)
        self.headers = [table.header for table in data.tables.values()]
        self.objective: Objective = objective_of(data.labels, asked)
        self.threshold: float = asked["predict_param"]["threshold"]
        self.watch = Validation(
            asked, self.objective.eval_type, prefix=prefix, metrics=asked["metrics"]
        )
        if self.watch.stops_early and held is None:
            raise ValueError("validate data is needed when early stopping is enabled")
        party_ids = [party_id for _, party_id in self.parties]

        def look(number: int, model: Boosted, scores: list[list[float]]) -> bool:
            if not self.watch.due(number):
                return False
            rows = self.objective.rows(data.labels, scores, self.threshold)
            sets = [("train", data.guest.keys, rows)]
            if held is not None:
                sets.append(("validate", held.guest.keys, self.rows(held, model.trees)))
            return self.watch.look(number, sets)

        self.model = boost(
            data.features,
            self.objective,
            asked,
            _plans(module, asked, party_ids),
            seed=seed,
            after=look,
        )
        if self.watch.stops_early and self.watch.best_iteration >= 0:
            self.model.cut(self.watch.best_iteration + 1, self.objective.dimensions)

    def rows(self, data: Federation, trees: Sequence[Tree] | None = None) -> list[Row]:
        """Return the predictions of samples."""
        used = self.model.trees if trees is None else trees
        rate, start = self.asked["learning_rate"], self.objective.start
        scores = raw_scores(used, data.features, rate, start)
        return self.objective.rows(data.labels, scores, self.threshold)

    @property
    def sites(self) -> list[str]:
        """The parties as nodes name them."""
        return [f"{role}:{party_id}" for role, party_id in self.parties]

    def _names(self) -> dict[tuple[int, int], str]:
        names = {}
        for place, header in enumerate(self.headers):
            role, party_id = self.parties[place]
            for feature, name in enumerate(header):
                shown = name if place == 0 else f"{role}_{party_id}_{feature}"
                names[place, feature] = shown
        return names

    def _own_only(self, tree_number: int) -> int | None:
        """Return the party whose columns alone a mixed tree uses; None for a common tree."""
        code = self.model.plans[tree_number].code
        if code.startswith((f"{_MIX_GUEST}_", f"{_MIX_HOST}_")):
            return self.model.plans[tree_number].layers[0][0]
        return None

    def _seen_importances(self, viewer: int) -> dict[tuple[int, int], tuple[float, float]]:
        seen = []
        for number, tree in enumerate(self.model.trees):
            owner = self._own_only(number)
            if (owner is None and viewer == 0) or owner == viewer:
                seen.append(tree)
        return importances(seen, self.asked["tree_param"]["feature_importance_type"] == "gain")

    def summary(self, viewer: int) -> dict[str, Any]:
        """Return what a party says of the training."""
        found = self._seen_importances(viewer)
        summary: dict[str, Any] = {
            "best_iteration": self.watch.best_iteration,
            "is_converged": self.model.converged,
        }
        if viewer == 0:
            names = self._names()
            summary |= {
                "loss_history": self.model.losses,
                "feature_importance": {names[key]: value[0] for key, value in found.items()},
                "validation_metrics": self.watch.summary,
            }
        elif self.module == "HeteroFastSecureBoost":
            header = self.headers[viewer]
            summary["feature_importance"] = {header[f]: v[0] for (_, f), v in found.items()}
        return summary

    def _tree(self, number: int, viewer: int) -> dict[str, Any]:
        tree = self.model.trees[number]
        owner = self._own_only(number)
        if not owner or viewer not in {0, owner}:
            if owner == 0 and viewer != 0:
                return {"tree": [], "splitMaskdict": {}, "missingDirMaskdict": {}}
            return tree_message(tree, self.sites, viewer)
        nodes = []
        for node in tree.nodes:
            if viewer == 0 and not node.is_leaf:
                # The guest sees of a host's own tree nothing but the leaves.
                nodes.append(
                    node_message(node, "", id=0, fid=0, weight=0.0, leftNodeid=-1, rightNodeid=-1)
                )
            elif viewer == 0:
                nodes.append(node_message(node, self.sites[0]))
            elif node.is_leaf:
                nodes.append(node_message(node, "guest", weight=0.0))
            else:
                nodes.append(node_message(node, self.sites[owner], weight=0.0, bid=node.value))
        return {"tree": nodes, "splitMaskdict": {}, "missingDirMaskdict": {}}

    def party_model(self, viewer: int) -> Model:
        """Return the model of a party."""
        asked, boosted = self.asked, self.model
        fast = self.module == "HeteroFastSecureBoost"
        guest = viewer == 0
        header = self.headers[viewer]
        role, party_id = self.parties[viewer]
        values: dict[str, Any] = {
            "treeDim": self.objective.dimensions,
            "trees": [self._tree(number, viewer) for number in range(len(boosted.trees))],
            "featureNameFidMapping": dict(enumerate(header)),
            "bestIteration": self.watch.best_iteration,
            "modelName": f"hetero_fast_sbt_{asked['work_mode']}" if fast else "hetero_sbt",
            "treePlan": [plan.code for plan in boosted.plans] if fast else [],
        }
        found = self._seen_importances(viewer)
        if guest:
            values |= {
                "initScore": self.objective.start,
                "losses": boosted.losses,
                "numClasses": len(self.objective.classes) or 1,
                "classes": [str(name) for name in self.objective.classes],
                "featureImportances": importance_message(
                    found, self.sites, self._names(), asked["tree_param"]["feature_importance_type"]
                ),
            }
        else:
            values["anonymousNameMapping"] = {
                f"{role}_{party_id}_{i}": name for i, name in enumerate(header)
            }
            names = {(viewer, i): name for i, name in enumerate(header)}
            plain = {key: (value[0], 0.0) for key, value in found.items()}
            if fast:
                values["featureImportances"] = importance_message(
                    plain, ["guest", *["host"] * len(self.parties)], names, ""
                )
        state: dict[str, Any] = {"header": header}
        if guest:
            state |= {
                "trees": [tree.to_state() for tree in boosted.trees],
                "start": self.objective.start,
                "classes": self.objective.classes,
                "asked": dict(asked),
            }
        work_mode = asked["work_mode"] if fast else ""
        meta = tree_meta(asked, guest=guest, work_mode=work_mode)
        param = training_param(boosted, **values)
        return tree_model(self.module, self.parties[viewer], meta, param, state)


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    data = Federation(tables)
    held_tables = aligned_tables(run, "validate_data", "eval_data")
    held = Federation(held_tables) if held_tables else None
    ensemble = Ensemble(run.module, data, held, asked, seed=run.seed)
    results = {
        party: PartyResult(summary=ensemble.summary(viewer), model=ensemble.party_model(viewer))
        for viewer, party in enumerate(tables)
    }
    parts = [(data.guest, ensemble.rows(data), "train")]
    if held is not None:
        parts.append((held.guest, ensemble.rows(held), "validate"))
    result = results[guest]
    result.tables = [merged_predictions(parts)]
    result.metrics = ensemble.watch.metrics
    result.add_metric("train", "loss", loss_metric(ensemble.model.losses, "loss", best=True))
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    common = Federation(tables).tables
    split = folds(common[guest].keys, asked["cv_param"])

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: Federation(members) for name, members in sets.items()}
        ensemble = Ensemble(
            run.module,
            parts["train"],
            parts["validate"],
            asked,
            seed=run.seed,
            prefix=f"fold_{number}.",
        )
        return Fold(
            predictions={
                guest: {name: (part.guest, ensemble.rows(part)) for name, part in parts.items()}
            },
            eval_type=ensemble.objective.eval_type,
            summaries={party: ensemble.summary(viewer) for viewer, party in enumerate(common)},
            losses={guest: loss_metric(ensemble.model.losses, str(number), best=True)},
            validations={guest: [ensemble.watch]},
        )

    return cross_validated(
        run,
        common,
        dict.fromkeys(common, split),
        train,
        metrics=asked["metrics"],
        keep_history=asked["cv_param"]["output_fold_history"],
    )


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {}
    for party in tables:
        model = fitted_model(run, party)
        # A loaded model no longer knows which features mattered.
        param = {**model.param, "featureImportances": []}
        results[party] = PartyResult(model=replace(model, param=param))
    guest = next(iter(tables))
    state = fitted_model(run, guest).state
    data = Federation(tables)
    asked = state["asked"]
    objective = objective_of([], asked, state["classes"])
    trees = [Tree.from_state(tree) for tree in state["trees"]]
    scores = raw_scores(trees, data.features, asked["learning_rate"], state["start"])
    threshold = parameter(run, guest)["predict_param"]["threshold"]
    rows = objective.rows(data.labels, scores, threshold)
    results[guest].tables = [merged_predictions([(data.guest, rows, "predict")])]
    return results


def boost_trees(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train boosted trees, cross validate them, or predict with them."""
    return carry_out(run, _train, _cross_validate, _predict)
