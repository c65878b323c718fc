"""Hetero regressions whose features are selected step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.anonymous import anonymous_names
from flowkit_mockserver.components.core.federation import Federation, Tables
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.predict_output import merged_predictions
from flowkit_mockserver.components.core.run import parameter, parties
from flowkit_mockserver.components.linear_model.checks import check_tables, exposure_column
from flowkit_mockserver.components.linear_model.export import empty_model, party_model
from flowkit_mockserver.components.linear_model.loading import fitted_regressions
from flowkit_mockserver.components.linear_model.one_vs_rest import Fitted, Regression
from flowkit_mockserver.components.model_selection.stepwise import (
    Candidate,
    Criterion,
    Mask,
    Step,
    search,
)
from flowkit_mockserver.party import Party

__all__ = ["regress_stepwise"]

#: What scikit-learn takes for a probability of 0.
_IMPOSSIBLE = 1e-15


class _Training:
    """Trains regressions with some of the features, and says how they compare."""

    def __init__(self, run: ComponentRun, tables: Tables) -> None:
        self.run, self.tables = run, tables
        self.guest, *self.hosts = tables
        self.asked = parameter(run, self.guest)
        self.arbiter = next(iter(parties(run, "arbiter")), self.guest)
        self.width = tables[self.hosts[0]].width
        self.count = len(tables[self.guest])
        self.criterion = Criterion(
            self.asked["stepwise_param"]["score_name"],
            self.count,
            logarithmic=run.module == "HeteroLinR",
            intercept=self.asked["init_param"]["fit_intercept"],
        )

    def part(self, mask: Mask) -> Tables:
        """Return the tables with the features of a mask."""
        flags = np.array(mask)
        chosen = {self.hosts[0]: flags[: self.width], self.guest: flags[self.width :]}
        return {
            party: table.select(np.flatnonzero(chosen[party])) if party in chosen else table
            for party, table in self.tables.items()
        }

    def train(self, mask: Mask) -> Candidate[Fitted]:
        """Train with the features of a mask; without any, look at the intercept alone."""
        if not any(mask):
            if not self.criterion.intercept:
                return Candidate(None, None, None)
            return Candidate(self._intercept_loss(), None, None)
        tables = self.part(mask)
        check_tables(self.run.module, tables, training=True)
        data = Federation(tables, exposure_column(self.run.module, self.asked))
        fitted = Fitted(
            self.run.module,
            data,
            None,
            self.asked,
            seed=self.run.seed,
            behaviour=self.run.behaviour,
        )
        losses = [] if fitted.classes else fitted.trainings[0].losses
        if not losses:
            raise ComponentFailed(
                "Arbiter has no loss history. Stepwise does not support model without total loss.",
                self.arbiter,
            )
        return Candidate(losses[-1], self.criterion.value(sum(mask), losses[-1]), fitted)

    def _intercept_loss(self) -> float:
        labels = self.tables[self.guest].labels
        if labels is None:
            raise ValueError("training needs labels; the guest's table has none")
        if self.run.module != "HeteroLR":
            values = labels.astype(np.float64)
            return float(np.mean((values - values.mean()) ** 2)) / 2
        # FATE takes the predicted labels for probabilities: everybody in the smaller class is impossible.
        share = float(np.mean(labels == 1))
        wrong = min(share, 1 - share)
        return -wrong * math.log(_IMPOSSIBLE) - (1 - wrong) * math.log(1 - _IMPOSSIBLE)

    def models(self, fitted: Fitted, mask: Mask) -> dict[Party, Model]:
        """Return the model of each party with features."""
        exposure = exposure_column(self.run.module, self.asked)
        data = Federation(self.part(mask), exposure)
        return {
            party: party_model(
                self.run.module, parameter(self.run, party), fitted, place, table.header
            )
            for place, (party, table) in enumerate(data.tables.items())
        }


def _anonymous(training: _Training, role: str, party: Party, count: int) -> list[str]:
    if training.run.behaviour.keeps_names:
        owner = training.guest if role == "guest" else training.hosts[0]
        return list(anonymous_names(training.tables[owner], owner).values())
    # Every party writes its own id, whosever the features are.
    return [f"{role}_{party[1]}_{place}" for place in range(count)]


def _tell(training: _Training, step: Step[Fitted], party: Party, result: PartyResult) -> None:
    """Put what a party says of a step into its metrics and its summary."""
    width, asked = training.width, parameter(training.run, party)
    hosts, guests = step.mask[:width], step.mask[width:]
    names = {
        role: _anonymous(training, role, party, len(part))
        for role, part in (("host", hosts), ("guest", guests))
    }
    seen = step.candidate
    at_start = seen.trained is None
    loss, score = (seen.loss, seen.score) if party == training.arbiter else (None, None)
    if at_start:
        loss = seen.loss if party == training.guest else None
        score = None if loss is None else training.criterion.of_freedom(1, loss)
    meta: dict[str, Any] = {
        "host_mask": list(hosts),
        "guest_mask": list(guests),
        "score_name": asked["stepwise_param"]["score_name"].lower(),
        "number_in": sum(step.mask),
        "direction": asked["stepwise_param"]["direction"].lower(),
        "n_count": training.count,
        "host_features_anonym": names["host"],
        "guest_features_anonym": names["guest"],
        "loss": loss,
        "current_ic_val": score,
        "fit_intercept": asked["init_param"]["fit_intercept"],
    }
    if party[0] == "arbiter":
        said: dict[str, Any] = {"loss": loss, "ic_val": score}
    else:
        own = hosts if party[0] == "host" else guests
        header = training.tables[party].header
        names[party[0]] = header
        meta |= {
            "all_features": header,
            "to_enter": [name for name, there in zip(header, own, strict=True) if not there],
            **_weights(training, step, party),
        }
        said = {
            f"{role}_features": [
                name for name, there in zip(names[role], part, strict=True) if there
            ]
            for role, part in (("guest", guests), ("host", hosts))
        }
    name = f"stepwise_{step.number}"
    metric = Metric([[name, float(step.number)]], {"name": name, "metric_type": "STEPWISE", **meta})
    result.add_metric("train", name, metric)
    result.summary = {**(result.summary or {}), f"step_{step.number}": said}


def _weights(training: _Training, step: Step[Fitted], party: Party) -> dict[str, Any]:
    fitted = step.candidate.trained
    if fitted is None:
        return {"intercept": _start_intercept(training, party), "weight": {}, "header": []}
    param = training.models(fitted, step.mask)[party].param
    # A number that a buffer holds by default is not in its JSON there.
    return {
        "intercept": param["intercept"] or None,
        "weight": param["weight"],
        "header": param["header"],
    }


def _start_intercept(training: _Training, party: Party) -> Any:
    if party != training.guest or not training.criterion.intercept:
        return None
    return [0.0] if training.run.module == "HeteroLR" else 0.0


def _kept(model: Model) -> Model:
    """Return a model as it is after it was loaded: how it was trained is forgotten."""
    forgotten: Mapping[str, Any] = {"lossHistory": [], "isConverged": False, "bestIteration": -1}
    return replace(model, param={**model.param, **forgotten})


def regress_stepwise(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    """Train with the features that a search finds to be the best.

    Raises:
        ComponentFailed: the regression has no loss to go by; or it is a logistic one of 1.7 or later and starts without
            features.
    """
    training = _Training(run, Federation(tables).tables)
    guest, asked = training.guest, training.asked
    forward = asked["stepwise_param"]["direction"].lower() == "forward"
    if forward and run.behaviour.saves_losses and run.module == "HeteroLR":
        # It saves the model without features as well, which has no weights yet.
        raise ComponentFailed(
            "AttributeError: 'NoneType' object has no attribute 'intercept_'", guest
        )
    masks: dict[int, Mask] = {}

    def train(mask: Mask) -> Candidate[Fitted]:
        found = training.train(mask)
        masks[id(found)] = mask
        return found

    guests = training.tables[guest].width
    steps, best = search(asked["stepwise_param"], training.width, guests, train)
    results = {party: PartyResult() for party in run.parties}
    for step in steps:
        for party, result in results.items():
            _tell(training, step, party, result)
    if best.trained is None:
        raise ComponentFailed("the search of features stopped before any model was trained", guest)
    models = training.models(best.trained, masks[id(best)])
    for party, model in models.items():
        results[party].model = _kept(model)
    for watch in best.trained.validations:
        for mode, metrics in watch.metrics.items():
            results[guest].metrics.setdefault(mode, {}).update(metrics)
    for party in parties(run, "arbiter"):
        if run.module != "HeteroLR" and not training.criterion.intercept:
            # FATE loads the arbiter's model, which has no weight at all then.
            raise ComponentFailed("index 0 is out of bounds for axis 0 with size 0", party)
        results[party].model = _kept(empty_model(run.module, parameter(run, party), None))
    weights, classes = fitted_regressions(list(models.values()))
    data = Federation(training.tables, exposure_column(run.module, asked))
    kept = Federation(
        {
            party: data.tables[party].aligned(model.param["header"])
            for party, model in models.items()
        }
    )
    kept.exposure = data.exposure
    threshold = asked["predict_param"]["threshold"]
    regression = Regression(run.module, weights, classes, threshold, run.behaviour)
    said = regression.predictions(kept)
    results[guest].tables = [merged_predictions([(kept.guest, said, "train")])]
    return results
