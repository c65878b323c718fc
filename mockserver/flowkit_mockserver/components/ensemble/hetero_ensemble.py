"""Training boosted trees over the columns of several parties."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.anonymous import anonymous_names
from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.components.core.federation import Federation, loss_metric
from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.interface import Metric, Model
from flowkit_mockserver.components.core.partition import sum_by_partition, sums_by_partition
from flowkit_mockserver.components.core.predict_output import Predictions
from flowkit_mockserver.components.core.quantile_summaries import quantile_points
from flowkit_mockserver.components.ensemble.boosting import (
    Boosted,
    boost,
    chosen_features,
    goss_sample,
)
from flowkit_mockserver.components.ensemble.decision_tree import Columns, Tree, raw_scores
from flowkit_mockserver.components.ensemble.export import missing_rules
from flowkit_mockserver.components.ensemble.growing import Grower, Grown, Site
from flowkit_mockserver.components.ensemble.histogram import Binned
from flowkit_mockserver.components.ensemble.loading import asked_again, load_hetero
from flowkit_mockserver.components.ensemble.plan import Plan, strategy_of, tree_plans
from flowkit_mockserver.components.ensemble.samples import (
    check_filled,
    column_summaries,
    feature_matrix,
    row_partitions,
    true_labels,
)
from flowkit_mockserver.components.ensemble.splitter import later_shuffle_seed, shuffle_seed
from flowkit_mockserver.components.optim.loss import class_labels, objective_of, starting_value
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour
from flowkit_mockserver.party import Party

__all__ = ["Ensemble", "Scores", "hetero_columns"]

Floats = NDArray[np.float64]
Chances = list[np.random.RandomState]

_GUEST_TOLERANCE = 1e-8
_MASKS = 10


def hetero_columns(
    data: Federation, use_missing: bool, zero_as_missing: bool, behaviour: Behaviour
) -> list[Columns]:
    """Return the columns of every party as predictions read them.

    As on the server, a guest of the first lines that predicts takes no zero for a missing value, whatever it did in
    training.
    """
    columns = []
    for number, (party, table) in enumerate(data.tables.items()):
        with guarded(party):
            check_table(table, names=False)
        matrix = feature_matrix(table)
        check_filled(matrix, table.header, party, use_missing)
        zero = bool(number or behaviour.keeps_zeros_missing) and use_missing and zero_as_missing
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
        behaviour: how the line of the server grows trees.
        models: by party the model to go on from; empty to start anew.
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
        behaviour: Behaviour = FIRST_BEHAVIOUR,
        models: Mapping[Party, Model] | None = None,
    ) -> None:
        self.parties = list(data.tables)
        #: By party the model that the training goes on from; none if it starts anew.
        self.before = [models[party] for party in self.parties] if models else []
        loaded = load_hetero(models, behaviour) if models else None
        if models:
            asked = asked_again(asked, self.before[0])
        self.module, self.asked, self.behaviour = module, asked, behaviour
        self.headers = [table.header for table in data.tables.values()]
        self.hidden = [
            list(anonymous_names(table, party).values()) for party, table in data.tables.items()
        ]
        labels = true_labels(data.guest, self.parties[0])
        self.objective = objective_of(class_labels(labels, asked), asked, behaviour)
        #: Whether one tree a round answers for all classes.
        self.together = asked.get("multi_mode") == "multi_output" and self.objective.dimensions > 1
        self.threshold: float = asked["predict_param"]["threshold"]
        self.watch = Validation(
            asked,
            self.objective.eval_type,
            prefix=prefix,
            metrics=asked["metrics"],
            behaviour=behaviour,
            own_metrics=True,
        )
        if self.watch.stops_early and held is None:
            raise ValueError("validate data is needed when early stopping is enabled")
        if loaded is not None and not set(self.objective.classes) <= set(loaded.objective.classes):
            raise ValueError(
                "AssertionError: warm start label alignment failed: cur labels"
                f" {self.objective.classes},previous model labels {loaded.objective.classes}"
            )
        self._chances = chances
        self._plan_of = tree_plans(asked, [party_id for _, party_id in self.parties])
        self.plans: list[Plan] = []
        self.leaf_counts: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
        self._missing = missing_rules(asked)
        self._parts = row_partitions(data.guest)
        self._partitions = data.guest.partitions
        columns = hetero_columns(data, asked["use_missing"], self._missing[1], behaviour)
        targets = self.objective.targets(labels)
        if loaded is None:
            begin = starting_value(targets, asked, self._parts, self._partitions, behaviour)
            self.start = np.full(self.objective.dimensions, begin)
        else:
            self.start = loaded.start
        self._sites = self._all_sites(data, columns)
        self._grower = Grower(
            self._sites,
            asked["tree_param"],
            shuffled=bool(asked.get("new_ver", True)),
            seed_of=later_shuffle_seed if behaviour.newer_python else shuffle_seed,
        )
        rate = asked["learning_rate"]
        self._scores = {id(data): Scores(columns, rate, self.start)}
        if held is not None:
            there = hetero_columns(held, asked["use_missing"], self._missing[1], behaviour)
            self._scores[id(held)] = Scores(there, rate, self.start)

        best: list[int] = []

        def look(number: int, model: Boosted, scores: Floats) -> bool:
            stop = see(number, model, scores)
            best.append(self.watch.best_iteration)
            return stop

        def see(number: int, model: Boosted, scores: Floats) -> bool:
            if not self.watch.due(number):
                return False
            said = self.objective.predictions(labels, scores, self.threshold)
            sets = [("train", data.guest.ids, said)]
            if held is not None:
                sets.append(("validate", held.guest.ids, self._said(held, model)))
            return self.watch.look(number, sets)

        old = [] if loaded is None else loaded.trees
        self._old_count = len(old)
        #: The number of the first round: how many the model had that the training goes on from.
        self.first = len(old) // self._trees_of_a_round
        self.model = Boosted(list(old), list(old))
        if self.before:
            self.model.losses += self.before[0].param["losses"]
        weights = data.guest.weights
        self._heaviest = 1.0 if weights is None else float(weights.max(initial=0.0))
        boost(
            self.objective,
            targets,
            raw_scores(old, columns, rate, self.start),
            asked,
            self._grow,
            lambda scores: self._sum(self.objective.losses(targets, scores)) / len(targets),
            together=self.together,
            weights=None if weights is None else weights.astype(np.float64),
            after=look,
            model=self.model,
            first=self.first,
        )
        self.curve = list(self.model.losses)
        self._best_then = best
        #: Whether the parties went back to the best model as it was saved.
        self.restored = False
        if self.watch.stops_early and self.watch.best_iteration >= 0:
            self.model.cut(self.watch.best_iteration + 1, self._trees_of_a_round)
            self.restored = behaviour.callbacks

    @property
    def _trees_of_a_round(self) -> int:
        return 1 if self.together else self.objective.dimensions

    def checkpoints(self) -> dict[int, Ensemble]:
        """Return what was there to be saved after rounds, by their numbers, before anybody looked at convergence."""
        found: dict[int, Ensemble] = {}
        for step in saved_steps(self.asked, len(self.curve) - self.first, self.first):
            count = (step + 1) * self._trees_of_a_round
            new = count - self._old_count
            then = found[step] = copy(self)
            grown = self.model.grown[:count]
            then.model = Boosted(list(grown), grown, self.curve[: step + 1])
            then.plans, then.leaf_counts = self.plans[:new], self.leaf_counts[:new]
            then.restored = False
            then.watch = copy(self.watch)
            then.watch.best_iteration = self._best_then[step - self.first]
        return found

    @property
    def new_trees(self) -> list[Tree]:
        """The trees of the model that were grown here."""
        return self.model.trees[self._old_count :]

    @property
    def seen_trees(self) -> list[Tree]:
        """The trees that were grown here; those of the model alone where the parties went back to the best one."""
        return (self.model.trees if self.restored else self.model.grown)[self._old_count :]

    def _sum(self, values: Floats) -> float:
        return sum_by_partition(values, self._parts, self._partitions)

    def _all_sites(self, data: Federation, columns: list[Columns]) -> list[Site]:
        asked = self.asked
        use_missing, zero_as_missing = self._missing
        layered = strategy_of(asked) == "layered"
        sites = []
        for number, (table, own) in enumerate(zip(data.tables.values(), columns, strict=True)):
            parts = self._parts if not number else row_partitions(table)
            rows = [np.flatnonzero(parts == part) for part in range(table.partitions)]
            summaries = column_summaries(own.matrix, rows, asked["binning_error"])
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

    def _plan_of_round(self, number: int) -> Plan:
        """Return the plan of a round. Where trees are shared out, those of a model count for themselves."""
        shared = strategy_of(self.asked) != "std"
        return self._plan_of(number - self.first if shared else number)

    def _grow(self, number: int, gradients: Floats, hessians: Floats) -> Grown:
        """Grow one tree; chance is drawn from in the order in which every party draws."""
        asked, plan = self.asked, self._plan_of_round(number)
        share = asked["subsample_feature_rate"]
        used, parts, counted = None, self._parts, (gradients, hessians)
        if asked["run_goss"] and self.behaviour.samples_first:
            used = self._goss_sample(gradients, hessians)
        features = [
            chosen_features(len(site.binned.points), share, chance)
            for site, chance in zip(self._sites, self._chances, strict=True)
        ]
        if asked["run_goss"]:
            if used is None:
                used = self._goss_sample(gradients, hessians)
            parts, counted = parts[used], (gradients[used], hessians[used])
        grown = self._grower.grow(
            gradients,
            hessians,
            plan.layers,
            features,
            sums=(
                sums_by_partition(counted[0], parts, self._partitions),
                sums_by_partition(counted[1], parts, self._partitions),
            ),
            used=used,
            sent=self._sent(gradients, hessians),
        )
        if share < 1:
            for host in plan.drawing:
                columns = len(self._sites[host].binned.points)
                for _ in range(grown.layers):
                    # Masks for the directions and for the splits of this layer.
                    self._chances[host].permutation(_MASKS)
                    self._chances[host].permutation(columns * asked["bin_num"])
        self.plans.append(plan)
        self.leaf_counts.append(np.unique(grown.leaves, return_counts=True))
        return grown

    def _goss_sample(self, gradients: Floats, hessians: Floats) -> NDArray[np.intp]:
        top, other = self.asked["top_rate"], self.asked["other_rate"]
        return goss_sample(gradients, hessians, top, other, self._chances[0])

    def _sent(self, gradients: Floats, hessians: Floats) -> tuple[Floats, Floats] | None:
        """Return g and h as hosts get them when ciphers are compressed: cut off after some decimals; otherwise None."""
        asked = self.asked
        decimals = asked["cipher_compress_error"]
        method = (asked.get("encrypt_param") or {}).get("method") or ""
        compressed = method.lower() == "paillier" and asked["task_type"] == "classification"
        if decimals is None or not compressed or not asked["new_ver"]:
            return None
        offset = self._heaviest
        if asked["run_goss"]:
            offset *= (1 - asked["top_rate"]) / asked["other_rate"]
        scale = 10**decimals
        return (
            np.trunc((gradients + offset) * scale) / scale - offset,
            np.trunc(hessians * scale) / scale,
        )

    def _said(self, data: Federation, model: Boosted) -> Predictions:
        scores = self._scores[id(data)].of(model.trees)
        return self.objective.predictions(data.labels, scores, self.threshold)

    def predictions(self, data: Federation) -> Predictions:
        """Return what the model says of the samples of the training or the validation."""
        return self._said(data, self.model)

    def loss_curve(self, name: str) -> Metric:
        """Return the losses of all rounds, also of those after the best one."""
        metric = loss_metric(self.curve[self.first :], name, best=True, first=self.first)
        metric.meta["Best"] = min(self.model.losses if self.restored else self.curve)
        return metric

    @property
    def plan_codes(self) -> list[str]:
        """The plan of every round that was asked for, whether or not training came to it."""
        before = list(self.before[0].param["treePlan"]) if self.before else []
        return before + [self._plan_of(number).code for number in range(self.asked["num_trees"])]
