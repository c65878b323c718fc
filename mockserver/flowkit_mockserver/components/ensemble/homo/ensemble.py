"""Training boosted trees over samples that lie with several parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import Model, PartyResult
from flowkit_mockserver.components.core.partition import sum_by_partition, sums_by_partition
from flowkit_mockserver.components.core.predict_output import Predictions
from flowkit_mockserver.components.ensemble.boosting import (
    Boosted,
    boost,
    chosen_features,
)
from flowkit_mockserver.components.ensemble.decision_tree import Columns, raw_scores
from flowkit_mockserver.components.ensemble.export import (
    add_leaves,
    added_importances,
    importance_message,
    importances,
    node_message,
    training_param,
    tree_meta,
    tree_model,
)
from flowkit_mockserver.components.ensemble.growing import Grower, Grown, Site
from flowkit_mockserver.components.ensemble.homo.bins import binned_together, homo_columns
from flowkit_mockserver.components.ensemble.loading import (
    asked_again,
    load_homo,
    loaded_importances,
)
from flowkit_mockserver.components.ensemble.samples import (
    row_partitions,
    true_labels,
)
from flowkit_mockserver.components.optim.loss import (
    Objective,
    class_labels,
    objective_of,
    starting_value,
)
from flowkit_mockserver.components.util.validation_strategy import Validation, refuse_early_stopping
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour
from flowkit_mockserver.party import Party

__all__ = ["Ensemble"]

Floats = NDArray[np.float64]


def _check_classes(classes: Sequence[Any]) -> None:
    """Make sure that labels are 0, 1, 2, … as the server demands."""
    if classes and classes[0] != 0:
        raise ValueError("label should starts from 0")
    for before, after in pairwise(classes):
        if before + 1 != after:
            raise ValueError(
                f"labels should be a sequence of consecutive integers, but got {before} and {after}"
            )


def _classes(
    labels: NDArray[Any], asked: Mapping[str, Any], known: Sequence[Any] | None
) -> list[Any]:
    """Return the classes among the labels of all parties; none for a regression.

    Args:
        labels: of all samples.
        asked: the parameter of the component.
        known: the classes of the model to go on from; None to start anew.
    """
    classes = class_labels(labels, asked)
    if known is not None and set(classes) != set(known):
        other = set(classes).symmetric_difference(known)
        raise ValueError(f"AssertionError: warm start label alignment failed, differences: {other}")
    _check_classes(classes)
    return classes


class Ensemble:
    """A common model: trained on everybody's samples, as the sum of all histograms is what the parties share.

    Args:
        tables: what to train on, by party.
        held: what to validate on, by party.
        asked: the parameter of the component.
        chance: that of the arbiter, which draws the columns.
        prefix: put before the name of each round, for cross validation.
        behaviour: how the line of the server saves trees.
        models: by party the model to go on from; empty to start anew.
    """

    def __init__(
        self,
        tables: Mapping[Party, Instances],
        held: Mapping[Party, Instances],
        asked: Mapping[str, Any],
        chance: np.random.RandomState,
        *,
        prefix: str = "",
        behaviour: Behaviour = FIRST_BEHAVIOUR,
        models: Mapping[Party, Model] | None = None,
    ) -> None:
        refuse_early_stopping(asked, behaviour)
        self._before = models or {}
        loaded = {party: load_homo(model, behaviour) for party, model in self._before.items()}
        guest = next(iter(tables))
        if loaded:
            asked = asked_again(asked, self._before[guest])
        self.asked, self.tables, self._held, self._chance = asked, tables, held, chance
        self._later, self._marks_leaves = behaviour.anonymous_trees, behaviour.marks_leaves
        self._leaves: list[NDArray[np.intp]] = []
        self.header = tables[guest].header
        labels = {party: true_labels(data, party) for party, data in tables.items()}
        known = loaded[guest].objective.classes if loaded else None
        classes = _classes(np.concatenate(list(labels.values())), asked, known)
        self.objective: Objective = objective_of(classes, asked, behaviour)
        self.threshold: float = asked["predict_param"]["threshold"]
        self.watches = {
            party: Validation(
                asked,
                self.objective.eval_type,
                prefix=prefix,
                metrics=asked["metrics"],
                behaviour=behaviour,
                own_metrics=True,
            )
            for party in tables
        }
        self._parts = {party: row_partitions(data) for party, data in tables.items()}
        self._columns = {party: homo_columns(data, party, asked) for party, data in tables.items()}
        self._targets = {party: self.objective.targets(own) for party, own in labels.items()}
        #: Every party starts from its own labels, or from the model that it goes on from.
        self.starts = (
            {party: loaded[party].start for party in tables} if loaded else self._starts(behaviour)
        )
        self._put_together(behaviour)
        self._held_columns = {
            party: homo_columns(data, party, asked) for party, data in held.items()
        }
        self._together = asked.get("multi_mode") == "multi_output" and self.objective.dimensions > 1
        trees = list(loaded[guest].trees) if loaded else []
        self.model = Boosted(list(trees), trees)
        #: The number of the first round: how many the model had that the training goes on from.
        self.first = len(trees) // self._trees_of_a_round
        self._train()

    def _starts(self, behaviour: Behaviour) -> dict[Party, Floats]:
        """Return by party the scores from which it starts, shape (dimensions,), if there is no model to go on from."""
        nothing = behaviour.starts_from_zero and self.asked["task_type"] != "classification"
        return {
            party: np.full(
                self.objective.dimensions,
                0.0
                if nothing
                else starting_value(
                    self._targets[party],
                    self.asked,
                    self._parts[party],
                    data.partitions,
                    behaviour,
                ),
            )
            for party, data in self.tables.items()
        }

    def _put_together(self, behaviour: Behaviour) -> None:
        """Put the samples of the parties one after the other, bin their columns and make what grows trees of them."""
        tables, tree = self.tables, self.asked["tree_param"]
        # The sums of a party follow those of the one before it.
        offsets = np.cumsum([0, *(data.partitions for data in tables.values())])
        self._all_partitions = int(offsets[-1])
        self._all_parts = np.concatenate(
            [own + offset for own, offset in zip(self._parts.values(), offsets, strict=False)]
        )
        binned = binned_together(self._columns, tables, self._parts, self.asked, behaviour)
        # The arbiter is not told of missing values: it takes them for one more bin, so they go to the right.
        site = Site(
            binned, self._all_partitions, self._all_parts, directions=bool(tree["use_missing"])
        )
        self._grower = Grower([site], tree)
        ends = np.cumsum([len(data) for data in tables.values()])
        self._spans = {
            party: slice(int(end) - len(data), int(end))
            for (party, data), end in zip(tables.items(), ends, strict=True)
        }

    def _train(self) -> None:
        """Add the trees of all rounds to the model."""
        rate, trees = self.asked["learning_rate"], self.model.trees
        boost(
            self.objective,
            np.concatenate(list(self._targets.values())),
            np.concatenate(
                [
                    raw_scores(trees, self._columns[party], rate, self.starts[party])
                    for party in self.tables
                ]
            ),
            self.asked,
            self._grow,
            self._loss,
            together=self._together,
            after=self._look,
            model=self.model,
            first=self.first,
        )

    def _look(self, number: int, _model: Boosted, _scores: Floats) -> bool:
        """Let every party evaluate the model after a round; it never ends the training."""
        for party, watch in self.watches.items():
            if watch.due(number):
                data = self.tables[party]
                sets = [("train", data.ids, self.predictions(party, data))]
                if party in self._held:
                    data = self._held[party]
                    said = self.predictions(party, data, self._held_columns[party])
                    sets.append(("validate", data.ids, said))
                watch.look(number, sets)
        return False

    def _loss(self, scores: Floats) -> float:
        """Return the mean loss over the samples of all parties."""
        total = 0.0
        for party, data in self.tables.items():
            own = self.objective.losses(self._targets[party], scores[self._spans[party]])
            total += sum_by_partition(own, self._parts[party], data.partitions)
        return total / len(scores)

    @property
    def _trees_of_a_round(self) -> int:
        return 1 if self._together else self.objective.dimensions

    def _grow(self, number: int, gradients: Floats, hessians: Floats) -> Grown:
        chosen = chosen_features(
            len(self.header), self.asked["subsample_feature_rate"], self._chance
        )
        grown = self._grower.grow(
            gradients,
            hessians,
            [[0]] * self.asked["tree_param"]["max_depth"],
            [chosen],
            sums=(
                sums_by_partition(gradients, self._all_parts, self._all_partitions),
                sums_by_partition(hessians, self._all_parts, self._all_partitions),
            ),
        )
        self._leaves.append(grown.leaves)
        return grown

    def predictions(
        self, party: Party, data: Instances, columns: list[Columns] | None = None
    ) -> Predictions:
        """Return what the model says of samples of a party."""
        if columns is None:
            columns = (
                self._columns[party]
                if data is self.tables[party]
                else homo_columns(data, party, self.asked)
            )
        rate = self.asked["learning_rate"]
        scores = raw_scores(self.model.trees, columns, rate, self.starts[party])
        return self.objective.predictions(data.labels, scores, self.threshold)

    def checkpoints(self) -> dict[int, Ensemble]:
        """Return what was there to be saved after rounds, by their numbers."""
        found: dict[int, Ensemble] = {}
        for step in saved_steps(self.asked, len(self.model.losses), self.first):
            then = found[step] = copy(self)
            grown = self.model.grown[: (step + 1) * self._trees_of_a_round]
            then.model = Boosted(list(grown), grown, self.model.losses[: step + 1 - self.first])
            then._leaves = self._leaves[: len(grown)]
        return found

    def party(self, party: Party) -> PartyResult:
        """Return model and summary of a party."""
        asked, boosted = self.asked, self.model
        main = asked["tree_param"]["feature_importance_type"]
        before = self._before.get(party)
        trees = [] if before is None else list(before.param["trees"])
        new = boosted.trees[len(trees) :]
        found = importances(new, main == "gain")
        if before is not None:
            found = added_importances(loaded_importances(before), found)
        names = {(0, i): name for i, name in enumerate(self.header)}
        no_split = {"fid": -1, "bid": -1.0} if self._marks_leaves else {"bid": 0.0}
        for tree, leaves in zip(new, self._leaves, strict=False):
            nodes = []
            for node in tree.nodes:
                split = no_split if node.is_leaf else {"bid": node.value}
                nodes.append(node_message(node, party[0], missingDir=node.direction, **split))
            shown = {"tree": nodes, "splitMaskdict": {}, "missingDirMaskdict": {}}
            if self._later:
                add_leaves(shown, tree, leaves[self._spans[party]])
            trees.append(shown)
        param = training_param(
            len(trees),
            trees=trees,
            initScore=self.starts[party].tolist(),
            treeDim=1 if self._together else self.objective.dimensions,
            numClasses=len(self.objective.classes) or 1,
            classes=[str(name) for name in self.objective.classes],
            featureImportances=importance_message(found, [party[0]], names, main),
            featureNameFidMapping=dict(enumerate(self.header)),
            bestIteration=-1,
            modelName="homo_sbt",
        )
        watch = self.watches[party]
        summary = {
            "feature_importance": {names[key]: value[0] for key, value in found.items()},
            "validation_metrics": watch.summary if watch.active or not self._later else None,
        }
        meta = tree_meta({**asked, "num_trees": self.first + asked["num_trees"]}, guest=True)
        if self._later:
            meta |= {"boostingStrategy": "", "module": "HomoSecureBoost"}
        model = tree_model("HomoSecureboost", party, meta, param, later=self._later)
        return PartyResult(metrics=watch.metrics, summary=summary, model=model)
