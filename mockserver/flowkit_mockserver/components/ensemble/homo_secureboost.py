"""HomoSecureboost: boosted trees over samples that lie with several parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.interface import ComponentRun, Metric, PartyResult
from flowkit_mockserver.components.core.quantile_summaries import QuantileSummary
from flowkit_mockserver.components.ensemble.boosting import Boosted, Plan, boost, raw_scores
from flowkit_mockserver.components.ensemble.decision_tree import Binned, Tree
from flowkit_mockserver.components.ensemble.export import (
    importance_message,
    importances,
    node_message,
    training_param,
    tree_meta,
    tree_model,
)
from flowkit_mockserver.components.feature.binning.homo_feature_binning import recursive_points
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.optim.loss import Objective, Scores, objective_of
from flowkit_mockserver.components.rows.federation import (
    Tables,
    aligned_tables,
    carry_out,
    fitted_model,
    loss_metric,
)
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.predict_output import Row, merged_predictions
from flowkit_mockserver.components.rows.run import parameter, parties
from flowkit_mockserver.components.statistic.quantile import rank_values
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["boost_homo"]


def _points(parts: list[list[float]], bins: int, error: float) -> list[float]:
    """Return the common bounds of a column from the ordered values of each party."""
    summaries = [
        QuantileSummary.of([np.array(part)], [np.arange(len(part))], error, sparse=True)[0]
        for part in parts
    ]
    ends = [end for part in parts if part for end in (part[0], part[-1])] or [0.0]
    return recursive_points(summaries, sum(map(len, parts)), min(ends), max(ends), bins, error)


class _Ensemble:
    """A common model: trained on everybody's samples, as the sum of all histograms is what the parties share."""

    def __init__(
        self,
        tables: Mapping[Party, Instances],
        held: Mapping[Party, Instances],
        asked: Mapping[str, Any],
        *,
        seed: int,
        prefix: str = "",
    ) -> None:
        self.asked, self.tables = asked, tables
        self.header = next(iter(tables.values())).header
        rows = [row for data in tables.values() for row in data.rows]
        labels = [label for data in tables.values() for label in data.labels or []]
        self.objective: Objective = objective_of(labels, asked)
        self.threshold: float = asked["predict_param"]["threshold"]
        self.watches = {
            party: Validation(
                asked, self.objective.eval_type, prefix=prefix, metrics=asked["metrics"]
            )
            for party in tables
        }
        points = [
            _points(
                [rank_values(row[i] for row in data.rows) for data in tables.values()],
                asked["bin_num"],
                asked["binning_error"],
            )
            for i in range(len(self.header))
        ]
        binned = Binned.by(points, [list(column) for column in zip(*rows, strict=True)])
        plan = Plan([[0]] * asked["tree_param"]["max_depth"])

        def look(number: int, model: Boosted, scores: Scores) -> bool:
            for party, watch in self.watches.items():
                if watch.due(number):
                    sets = [("train", tables[party].keys, self.rows(tables[party], model.trees))]
                    if party in held:
                        rows_held = self.rows(held[party], model.trees)
                        sets.append(("validate", held[party].keys, rows_held))
                    watch.look(number, sets)
            return False

        self.model = boost(
            [rows], self.objective, asked, lambda _: plan, seed=seed, binned=[binned], after=look
        )

    def rows(self, data: Instances, trees: Sequence[Tree] | None = None) -> list[Row]:
        """Return the predictions of samples."""
        used = self.model.trees if trees is None else trees
        scores = raw_scores(used, [data.rows], self.asked["learning_rate"], self.objective.start)
        return self.objective.rows(data.labels or [None] * len(data), scores, self.threshold)

    def party(self, party: Party) -> PartyResult:
        """Return model and summary of a party."""
        asked, boosted = self.asked, self.model
        main = asked["tree_param"]["feature_importance_type"]
        found = importances(boosted.trees, main == "gain")
        names = {(0, i): name for i, name in enumerate(self.header)}
        trees = []
        for tree in boosted.trees:
            nodes = [
                node_message(node, party[0], bid=0.0 if node.is_leaf else node.value)
                for node in tree.nodes
            ]
            trees.append({"tree": nodes, "splitMaskdict": {}, "missingDirMaskdict": {}})
        param = training_param(
            boosted,
            trees=trees,
            initScore=self.objective.start,
            treeDim=self.objective.dimensions,
            numClasses=len(self.objective.classes),
            classes=[str(name) for name in self.objective.classes],
            featureImportances=importance_message(found, [party[0]], names, main),
            featureNameFidMapping=dict(enumerate(self.header)),
            bestIteration=-1,
            modelName="homo_sbt",
        )
        state = {
            "header": self.header,
            "trees": [tree.to_state() for tree in boosted.trees],
            "start": self.objective.start,
            "classes": self.objective.classes,
            "asked": dict(asked),
        }
        watch = self.watches[party]
        summary = {
            "feature_importance": {names[key]: value[0] for key, value in found.items()},
            "validation_metrics": watch.summary,
        }
        model = tree_model("HomoSecureboost", party, tree_meta(asked, guest=True), param, state)
        return PartyResult(metrics=watch.metrics, summary=summary, model=model)


def _curve(losses: Sequence[float], name: str) -> Metric:
    return loss_metric(losses, name, unit=False, best=True)


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = parameter(run, next(iter(tables)))
    held = aligned_tables(run, "validate_data", "eval_data")
    ensemble = _Ensemble(tables, held, asked, seed=run.seed)
    results = {}
    for party, data in tables.items():
        result = ensemble.party(party)
        parts = [(data, ensemble.rows(data), "train")]
        if party in held:
            parts.append((held[party], ensemble.rows(held[party]), "validate"))
        result.tables = [merged_predictions(parts)]
        results[party] = result
    losses = ensemble.model.losses
    for party in parties(run, "arbiter"):
        result = PartyResult(summary={"loss_history": losses})
        result.add_metric("train", "loss", _curve(losses, "loss"))
        results[party] = result
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = parameter(run, next(iter(tables)))

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        ensemble = _Ensemble(
            sets["train"], sets["validate"], asked, seed=run.seed, prefix=f"fold_{number}."
        )
        return Fold(
            predictions={
                party: {
                    name: (members[party], ensemble.rows(members[party]))
                    for name, members in sets.items()
                }
                for party in tables
            },
            eval_type=ensemble.objective.eval_type,
            summaries={party: ensemble.party(party).summary or {} for party in tables},
            losses={
                party: _curve(ensemble.model.losses, str(number))
                for party in parties(run, "arbiter")
            },
            validations={party: [watch] for party, watch in ensemble.watches.items()},
        )

    return cross_validated(
        run,
        tables,
        {party: folds(data.keys, asked["cv_param"]) for party, data in tables.items()},
        train,
        metrics=asked["metrics"],
        keep_history=asked["cv_param"]["output_fold_history"],
    )


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {}
    for party, data in tables.items():
        model = fitted_model(run, party)
        state = model.state
        objective = objective_of([], state["asked"], state["classes"])
        trees = [Tree.from_state(tree) for tree in state["trees"]]
        rate = state["asked"]["learning_rate"]
        scores = raw_scores(trees, [data.rows], rate, state["start"])
        threshold = parameter(run, party)["predict_param"]["threshold"]
        rows = objective.rows(data.labels or [None] * len(data), scores, threshold)
        param = {**model.param, "featureImportances": []}
        results[party] = PartyResult(
            [merged_predictions([(data, rows, "predict")])], model=replace(model, param=param)
        )
    return results


def boost_homo(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train the common trees, cross validate them, or predict with them."""
    return carry_out(run, _train, _cross_validate, _predict)
