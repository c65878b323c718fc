"""HomoSecureboost: boosted trees over samples that lie with several parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowkit_mockserver.components.binning import rank_values
from flowkit_mockserver.components.boosting import Boosted, Plan, boost, raw_scores
from flowkit_mockserver.components.folds import fold_history, folds, wants_folds
from flowkit_mockserver.components.homo_binning import recursive_points
from flowkit_mockserver.components.instances import Instances
from flowkit_mockserver.components.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Party,
    PartyResult,
)
from flowkit_mockserver.components.objectives import Objective, Scores, objective_of
from flowkit_mockserver.components.predictions import Row, merged_predictions
from flowkit_mockserver.components.registry import component
from flowkit_mockserver.components.running import data_keys, instances, parameter, parties
from flowkit_mockserver.components.tree_buffers import (
    importance_message,
    importances,
    node_message,
    training_param,
    tree_meta,
    tree_model,
)
from flowkit_mockserver.components.trees import Binned, Tree
from flowkit_mockserver.components.validation import Validation, evaluate_sets

__all__ = ["boost_homo"]


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
            recursive_points(
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


def _loss_metric(losses: Sequence[float], curve: str) -> Metric:
    meta = {"name": "train", "metric_type": "LOSS", "curve_name": curve, "Best": min(losses)}
    return Metric([[i, loss] for i, loss in enumerate(losses)], meta)


def _tables(run: ComponentRun, *keys: str) -> dict[Party, Instances]:
    tables = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, *keys)
        if data is not None:
            model = run.models.get(party)
            tables[party] = data.aligned(model.state["header"]) if model else data
    return tables


def _train(run: ComponentRun, tables: dict[Party, Instances]) -> dict[Party, PartyResult]:
    asked = parameter(run, next(iter(tables)))
    held = _tables(run, "validate_data", "eval_data")
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
        result.add_metric("train", "loss", _loss_metric(losses, "loss"))
        results[party] = result
    return results


def _cross_validate(run: ComponentRun, tables: dict[Party, Instances]) -> dict[Party, PartyResult]:
    asked = parameter(run, next(iter(tables)))
    cv = asked["cv_param"]
    splits = {party: folds(data.keys, cv) for party, data in tables.items()}
    results = {party: PartyResult() for party in run.parties}
    history: dict[Party, list[Any]] = {party: [] for party in tables}
    summaries: dict[Party, dict[str, Any]] = {party: {} for party in tables}
    for fold in range(cv["n_splits"]):
        train = {party: data.take(splits[party][fold][0]) for party, data in tables.items()}
        held = {party: data.take(splits[party][fold][1]) for party, data in tables.items()}
        ensemble = _Ensemble(train, held, asked, seed=run.seed, prefix=f"fold_{fold}.")
        for party in tables:
            of_party = ensemble.party(party)
            found = [of_party.metrics]
            for name, part in (("train", train[party]), ("validate", held[party])):
                rows = ensemble.rows(part)
                history[party].append((fold, name, part, rows))
                scoring = evaluate_sets(
                    f"{name}_fold_{fold}",
                    ensemble.objective.eval_type,
                    asked["metrics"],
                    [(name, part.keys, rows)],
                )
                found.append(scoring.metrics)
            for metrics in found:
                for mode, members in metrics.items():
                    results[party].metrics.setdefault(mode, {}).update(members)
            summaries[party][f"fold_{fold}"] = of_party.summary
        for party in parties(run, "arbiter"):
            losses = _loss_metric(ensemble.model.losses, str(fold))
            results[party].add_metric("train", f"loss.{fold}", losses)
    for party, data in tables.items():
        results[party].summary = {**summaries[party], "fold_num": cv["n_splits"]}
        kept = cv["output_fold_history"]
        results[party].tables = [fold_history(data, history[party]) if kept else data.table()]
    return results


def _predict(run: ComponentRun, tables: dict[Party, Instances]) -> dict[Party, PartyResult]:
    results = {}
    for party, data in tables.items():
        model = run.models.get(party)
        if model is None:
            raise ComponentFailed("can not find the model to predict with", party)
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


@component("HomoSecureboost")
def boost_homo(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train the common trees, cross validate them, or predict with them."""
    if "train_data" in data_keys(run):
        tables = _tables(run, "train_data")
        cross = wants_folds(parameter(run, next(iter(tables))))
        return _cross_validate(run, tables) if cross else _train(run, tables)
    tables = _tables(run, "test_data", "eval_data", "data")
    return _predict(run, tables) if any(run.models.values()) else _train(run, tables)
