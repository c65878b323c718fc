"""Boosted trees over the columns of several parties: training them, and what each party keeps of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import Federation, loss_metric
from flowkit_mockserver.components.core.interface import Metric, Model
from flowkit_mockserver.components.core.partition import sum_by_partition
from flowkit_mockserver.components.core.predict_output import Predictions
from flowkit_mockserver.components.ensemble.boosting import (
    Boosted,
    boost,
    chosen_features,
    goss_sample,
)
from flowkit_mockserver.components.ensemble.decision_tree import Columns, Tree, raw_scores
from flowkit_mockserver.components.ensemble.export import (
    Importance,
    importance_message,
    importances,
    missing_rules,
    node_message,
    training_param,
    tree_message,
    tree_meta,
    tree_model,
)
from flowkit_mockserver.components.ensemble.growing import Grower, Grown, Site
from flowkit_mockserver.components.ensemble.histogram import Binned
from flowkit_mockserver.components.ensemble.plan import Plan, tree_plans
from flowkit_mockserver.components.ensemble.samples import (
    check_filled,
    feature_matrix,
    prediction_rows,
    row_partitions,
    true_labels,
)
from flowkit_mockserver.components.feature.binning.quantile_summaries import (
    QuantileSummary,
    quantile_points,
)
from flowkit_mockserver.components.optim.loss import class_labels, objective_of, starting_value
from flowkit_mockserver.components.util.validation_strategy import Validation

__all__ = ["Ensemble", "Scores", "hetero_columns"]

Floats = NDArray[np.float64]
Chances = list[np.random.RandomState]

_GUEST_TOLERANCE = 1e-8
_MASKS = 10


def hetero_columns(data: Federation, use_missing: bool, zero_as_missing: bool) -> list[Columns]:
    """Return the columns of every party as predictions read them.

    As on the server, a guest that predicts takes no zero for a missing value, whatever it did in training.
    """
    columns = []
    for number, (party, table) in enumerate(data.tables.items()):
        matrix = feature_matrix(table)
        check_filled(matrix, table.header, party, use_missing)
        zero = bool(number) and use_missing and zero_as_missing
        columns.append(Columns(matrix, 0.0 if number else _GUEST_TOLERANCE, zero))
    return columns


class Scores:
    """The raw scores of one table, kept from one look to the next: only new trees are added."""

    def __init__(self, columns: list[Columns], rate: float, start: Floats) -> None:
        self._columns, self._rate, self._start = columns, rate, start
        self._known: dict[int, Floats] = {}

    def of(self, trees: list[Tree]) -> Floats:
        """Return the scores by `trees`, which only grow at the end or go back to what they were at an earlier look."""
        count = len(trees)
        if count not in self._known:
            last = max((size for size in self._known if size < count), default=0)
            start = self._start * 0 if last else self._start
            added = raw_scores(trees[last:], self._columns, self._rate, start)
            self._known[count] = added + self._known[last] if last else added
        return self._known[count]


class Ensemble:
    """A training run: the trees, what they aim at, and what validation saw.

    Args:
        module: the component kind.
        data: what to train on.
        held: what to validate on.
        asked: the parameter of the component.
        chances: the source of chance of every party.
        prefix: put before the name of each round, for cross validation.
    """

    def __init__(
        self,
        module: str,
        data: Federation,
        held: Federation | None,
        asked: Mapping[str, Any],
        chances: Chances,
        *,
        prefix: str = "",
    ) -> None:
        self.module, self.asked = module, asked
        self.parties = list(data.tables)
        self.headers = [table.header for table in data.tables.values()]
        labels = true_labels(data.guest, self.parties[0])
        self.objective = objective_of(class_labels(labels, asked), asked)
        self.threshold: float = asked["predict_param"]["threshold"]
        self.watch = Validation(
            asked, self.objective.eval_type, prefix=prefix, metrics=asked["metrics"]
        )
        if self.watch.stops_early and held is None:
            raise ValueError("validate data is needed when early stopping is enabled")
        self._chances = chances
        self._plan_of = tree_plans(module, asked, [party_id for _, party_id in self.parties])
        self.plans: list[Plan] = []
        self._missing = missing_rules(asked)
        self._parts = row_partitions(data.guest)
        self._partitions = data.guest.partitions
        columns = hetero_columns(data, asked["use_missing"], self._missing[1])
        targets = self.objective.targets(labels)
        begin = starting_value(targets, asked, self._parts, self._partitions)
        self.start = np.full(self.objective.dimensions, begin)
        self._sites = self._all_sites(data, columns)
        self._grower = Grower(
            self._sites, asked["tree_param"], shuffled=bool(asked.get("new_ver", True))
        )
        rate = asked["learning_rate"]
        self._scores = {id(data): Scores(columns, rate, self.start)}
        if held is not None:
            there = hetero_columns(held, asked["use_missing"], self._missing[1])
            self._scores[id(held)] = Scores(there, rate, self.start)

        def look(number: int, model: Boosted, scores: Floats) -> bool:
            if not self.watch.due(number):
                return False
            said = self.objective.predictions(labels, scores, self.threshold)
            sets = [("train", data.guest.ids.tolist(), prediction_rows(said))]
            if held is not None:
                there = prediction_rows(self._said(held, model))
                sets.append(("validate", held.guest.ids.tolist(), there))
            return self.watch.look(number, sets)

        weights = data.guest.weights
        self.model = boost(
            self.objective,
            targets,
            np.repeat(self.start[None, :], len(data.guest), axis=0),
            asked,
            self._grow,
            lambda scores: self._sum(self.objective.losses(targets, scores)) / len(targets),
            weights=None if weights is None else weights.astype(np.float64),
            after=look,
        )
        self.curve = list(self.model.losses)
        if self.watch.stops_early and self.watch.best_iteration >= 0:
            self.model.cut(self.watch.best_iteration + 1, self.objective.dimensions)

    def _sum(self, values: Floats) -> float:
        return sum_by_partition(values, self._parts, self._partitions)

    def _all_sites(self, data: Federation, columns: list[Columns]) -> list[Site]:
        asked = self.asked
        use_missing, zero_as_missing = self._missing
        layered = self.module == "HeteroFastSecureBoost" and asked["work_mode"] == "layered"
        sites = []
        for number, (table, own) in enumerate(zip(data.tables.values(), columns, strict=True)):
            parts = self._parts if not number else row_partitions(table)
            rows = [np.flatnonzero(parts == part) for part in range(table.partitions)]
            summaries = QuantileSummary.of(
                list(np.ascontiguousarray(own.matrix.T)), rows, asked["binning_error"], sparse=True
            )
            points = [quantile_points(summary, asked["bin_num"]) for summary in summaries]
            binned = Binned.of(
                points, own.matrix, use_missing=use_missing, zero_as_missing=zero_as_missing
            )
            sites.append(
                Site(
                    binned,
                    table.partitions,
                    None if number else parts,
                    directions=use_missing,
                    subtract=bool(number) or not layered,
                    batch_size=asked["bin_num"],
                )
            )
        return sites

    def _grow(self, number: int, gradients: Floats, hessians: Floats) -> Grown:
        """Grow one tree; chance is drawn from in the order in which every party draws."""
        asked, plan = self.asked, self._plan_of(number)
        share = asked["subsample_feature_rate"]
        features = [
            chosen_features(len(site.binned.points), share, chance)
            for site, chance in zip(self._sites, self._chances, strict=True)
        ]
        used, parts, counted = None, self._parts, (gradients, hessians)
        if asked["run_goss"]:
            used = goss_sample(
                gradients, hessians, asked["top_rate"], asked["other_rate"], self._chances[0]
            )
            parts, counted = parts[used], (gradients[used], hessians[used])
        grown = self._grower.grow(
            gradients,
            hessians,
            plan.layers,
            features,
            sums=(
                sum_by_partition(counted[0], parts, self._partitions),
                sum_by_partition(counted[1], parts, self._partitions),
            ),
            used=used,
        )
        if share < 1:
            for host in plan.drawing:
                columns = len(self._sites[host].binned.points)
                for _ in range(grown.layers):
                    # Masks for the directions and for the splits of this layer.
                    self._chances[host].permutation(_MASKS)
                    self._chances[host].permutation(columns * asked["bin_num"])
        self.plans.append(plan)
        return grown

    def _said(self, data: Federation, model: Boosted) -> Predictions:
        scores = self._scores[id(data)].of(model.trees)
        return self.objective.predictions(data.labels, scores, self.threshold)

    def predictions(self, data: Federation) -> Predictions:
        """Return what the model says of the samples of the training or the validation."""
        return self._said(data, self.model)

    def loss_curve(self, name: str) -> Metric:
        """Return the losses of all rounds, also of those after the best one."""
        return loss_metric(self.curve, name, best=True)

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

    def _seen_importances(self, viewer: int) -> Importance:
        """Return what a party knows of importances, rounds after the best one included."""
        seen = []
        for tree, plan in zip(self.model.grown, self.plans, strict=True):
            if plan.owner == viewer or (plan.owner is None and viewer == 0):
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
        tree, owner = self.model.trees[number], self.plans[number].owner
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
                nodes.append(
                    node_message(
                        node,
                        self.sites[owner],
                        weight=0.0,
                        bid=node.value,
                        missingDir=node.direction,
                    )
                )
        return {"tree": nodes, "splitMaskdict": {}, "missingDirMaskdict": {}}

    def party_model(self, viewer: int) -> Model:
        """Return the model of a party."""
        asked, trees = self.asked, self.model.trees
        fast = self.module == "HeteroFastSecureBoost"
        guest = viewer == 0
        header = self.headers[viewer]
        role, party_id = self.parties[viewer]
        values: dict[str, Any] = {
            "treeDim": self.objective.dimensions,
            "trees": [self._tree(number, viewer) for number in range(len(trees))],
            "featureNameFidMapping": dict(enumerate(header)),
            "bestIteration": self.watch.best_iteration,
            "modelName": f"hetero_fast_sbt_{asked['work_mode']}" if fast else "hetero_sbt",
            "treePlan": self._plan_codes() if fast else [],
        }
        found = self._seen_importances(viewer)
        if guest:
            values |= {
                "initScore": self.start.tolist(),
                "losses": self.model.losses,
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
        work_mode = asked["work_mode"] if fast else ""
        meta = tree_meta(asked, guest=guest, work_mode=work_mode)
        return tree_model(
            self.module, self.parties[viewer], meta, training_param(len(trees), **values)
        )

    def _plan_codes(self) -> list[str]:
        """Return the plan of every round that was asked for, whether or not training came to it."""
        return [self._plan_of(number).code for number in range(self.asked["num_trees"])]
