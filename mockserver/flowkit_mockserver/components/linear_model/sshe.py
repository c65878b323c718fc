"""HeteroSSHELR and HeteroSSHELinR: regressions without an arbiter, on shares of what nobody knows, in the clear here.

With the samples X of a batch of m, weights w (intercept included) and z = Xw:

==========  ===================  =======================================================
regression  error e              loss of the batch
==========  ===================  =======================================================
logistic    z / 4 + 1/2 - y      log 2 - Σ (y z - z / 2 - z² / 8) / m
linear      z - y                Σ (z - y)² / 2m
==========  ===================  =======================================================

The gradient is Xᵀe / m. Where weights are revealed in every iteration, each party penalises its own, without the
intercept; where they are not, the penalty counts the intercept as well. Weights of samples count for nothing: the real
server scales them and forgets them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.components.core.federation import (
    Federation,
    Tables,
    carry_out,
    fitted_model,
    loss_metric,
    validation_tables,
)
from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.core.paillier import Cipher
from flowkit_mockserver.components.core.predict_output import Predictions, merged_predictions
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.components.linear_model.export import shared_model
from flowkit_mockserver.components.linear_model.hetero_gradient import LinearWeights, Training
from flowkit_mockserver.components.linear_model.loading import fitted_regressions
from flowkit_mockserver.components.linear_model.one_vs_rest import Regression
from flowkit_mockserver.components.model_selection.cross_validate import (
    Fold,
    cross_validated,
    merge_metrics,
)
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.optim.optimizer import (
    Convergence,
    Optimizer,
    initial_weights,
)
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["regress_on_shares"]

Floats = NDArray[np.float64]
_BINARY = 2
_LOGISTIC = "HeteroSSHELR"


def _refuse(run: ComponentRun, tables: Tables) -> None:
    """Refuse what is not computed here.

    Raises:
        ComponentFailed: several hosts, or steps that need the weights in the clear.
    """
    guest = next(iter(tables))
    asked = parameter(run, guest)
    if len(tables) > 2:
        raise ComponentFailed("Hetero SSHE Model does not support multi-host training.", guest)
    if not asked["reveal_every_iter"] and asked["optimizer"] not in {
        "sgd",
        "nesterov_momentum_sgd",
    }:
        raise ComponentFailed(
            f"weights that are not revealed take no steps by {asked['optimizer']}", guest
        )


class _Shares:
    """A training under way; of `event` against the rest if it is given."""

    def __init__(
        self, run: ComponentRun, data: Federation, asked: Mapping[str, Any], event: Any = None
    ) -> None:
        self._asked, self._logistic = asked, run.module == _LOGISTIC
        ordered = data.in_batch_order()
        assert ordered.labels is not None
        found = ordered.labels if event is None else ordered.labels == event
        labels: Floats = found.astype(np.float64)
        guest, host = (x.astype(np.float64) for x in ordered.features)
        init = asked["init_param"]
        self._intercept = bool(init["fit_intercept"])
        if self._intercept:
            guest = np.column_stack((guest, np.ones(len(guest))))
        size = len(labels) if asked["batch_size"] == -1 else asked["batch_size"]
        self._batches = [
            ([guest[at], host[at]], labels[at])
            for at in (slice(start, start + size) for start in range(0, len(labels), size))
        ]
        self.count = len(labels)
        widths = (guest.shape[1] - self._intercept, host.shape[1])
        self._weights = [
            initial_weights(init, widths[0], intercept=self._intercept, seed=run.seed),
            initial_weights(init, widths[1], intercept=False, seed=run.seed + 1),
        ]
        self._optimizers = [Optimizer(asked), Optimizer(asked)]

    @property
    def weights(self) -> LinearWeights:
        """The weights as they would be revealed."""
        guest, host = self._weights
        if not self._intercept:
            return LinearWeights([guest, host], 0.0)
        return LinearWeights([guest[:-1], host], float(guest[-1]))

    def iterate(self, number: int) -> tuple[float, Floats]:
        """Go through all batches; return the mean loss and by how much the weights moved, shape (D,)."""
        before, total = np.concatenate(self._weights), 0.0
        for optimizer in self._optimizers:
            optimizer.iteration = number
        for features, labels in self._batches:
            total += self._move(features, labels) * len(labels)
        return total / self.count, np.concatenate(self._weights) - before

    def _move(self, features: list[Floats], labels: Floats) -> float:
        sums = sum((x @ w for x, w in zip(features, self._weights, strict=True)), np.zeros(1))
        count = len(labels)
        if self._logistic:
            errors = 0.25 * sums + 0.5 - labels
            terms = np.sum(labels * sums - 0.5 * sums - 0.125 * sums * sums)
            loss = math.log(2) - float(terms) / count
        else:
            errors = sums - labels
            loss = float(errors @ errors) / (2 * count)
        loss += sum(self._penalty(place) for place in range(len(features)))
        self._weights = [
            self._stepped(place, x.T @ errors / count) for place, x in enumerate(features)
        ]
        return loss

    def _penalised(self, place: int) -> slice:
        """Return which weights of a party are penalised."""
        alone = self._asked["reveal_every_iter"] and self._intercept and place == 0
        return slice(0, -1) if alone else slice(None)

    def _penalty(self, place: int) -> float:
        optimizer = self._optimizers[place]
        if not self._asked["reveal_every_iter"] and optimizer.penalty != "L2":
            return 0.0
        return optimizer.loss(self._weights[place][self._penalised(place)])

    def _stepped(self, place: int, gradient: Floats) -> Floats:
        optimizer, weights = self._optimizers[place], self._weights[place]
        those = self._penalised(place)
        gradient[those] = optimizer.regular(gradient[those], weights[those])
        step = optimizer.step(gradient)
        new = weights - step
        if self._asked["reveal_every_iter"]:
            new[those] = optimizer.updated(weights[those], step[those])
        return new


def _regression(
    run: ComponentRun, weights: list[LinearWeights], classes: list[Any], asked: Mapping[str, Any]
) -> Regression:
    like = "HeteroLR" if run.module == _LOGISTIC else "HeteroLinR"
    # A linear regression has no threshold, and no parameter for it.
    threshold = asked["predict_param"]["threshold"] if run.module == _LOGISTIC else 0.0
    return Regression(like, weights, classes, threshold, run.behaviour)


def _cipher(run: ComponentRun, asked: Mapping[str, Any]) -> Cipher | None:
    """Return the keys of the guest when the host keeps its weights encrypted, or None."""
    if asked["reveal_strategy"] == "respectively":
        return None
    chance = Random(f"{run.seed}/{run.job_id}/{run.component}")
    return Cipher.generate(asked["encrypt_param"]["key_length"], chance)


class _Fitted:
    """A training, or one a class, and how it was validated.

    Args:
        run: the run.
        data: what to train on.
        held: what to validate on, if anything.
        prefix: put before the name of each set, for cross validation.
    """

    def __init__(
        self, run: ComponentRun, data: Federation, held: Federation | None, *, prefix: str = ""
    ) -> None:
        self._run, self._asked = run, parameter(run, next(iter(data.tables)))
        self._parts = [("train", data), *([("validate", held)] if held else [])]
        found = [] if data.labels is None else list(set(data.labels.tolist()))
        several = run.module == _LOGISTIC and len(found) > _BINARY
        self.classes: list[Any] = found if several else []
        self.trainings: list[Training] = []
        self.watches: list[Validation] = []
        kind = "binary" if run.module == _LOGISTIC else "regression"
        for event in self.classes or [None]:
            self.watches.append(
                Validation(self._asked, kind, prefix=prefix, behaviour=run.behaviour)
            )
            self._fit(data, event)

    def _fit(self, data: Federation, event: Any) -> None:
        asked, watch = self._asked, self.watches[-1]
        with guarded(next(iter(data.tables))):
            shares = _Shares(self._run, data, asked, event)
        training = Training(shares.weights)
        start = shares.weights
        self.trainings.append(training)
        convergence = Convergence(asked["early_stop"], asked["tol"])
        for number in range(asked["max_iter"]):
            loss, moved = shares.iterate(number)
            training.losses.append(loss)
            training.weights = shares.weights
            # Weights that are not revealed before the end are not known when a checkpoint is saved.
            training.rounds.append(shares.weights if asked["reveal_every_iter"] else start)
            training.converged = convergence.reached(loss, moved)
            training.iterations += 1
            stop = watch.due(number) and self._look(number, event)
            if stop or training.converged:
                break

    def _look(self, number: int, event: Any) -> bool:
        regression = _regression(self._run, [self.trainings[-1].weights], [], self._asked)
        sets = []
        for name, part in self._parts:
            said = regression.predictions(part)
            if event is not None:
                said = replace(said, labels=(said.labels == event).astype(np.int64))
            sets.append((name, part.guest.ids, said))
        return self.watches[-1].look(number, sets)

    def checkpoints(self) -> dict[int, Training]:
        """Return how far training had come after the iterations that are saved; of several classes with the last."""
        return {
            step: training.at(step)
            for training in self.trainings
            for step in saved_steps(self._asked, len(training.rounds))
        }

    @property
    def eval_type(self) -> str:
        """How predictions are evaluated."""
        if self._run.module != _LOGISTIC:
            return "regression"
        return "multi" if self.classes else "binary"

    @property
    def curve(self) -> list[float]:
        """The losses that are told; those of single classes are not."""
        return [] if self.classes else self.trainings[0].losses

    def predictions(self, data: Federation) -> Predictions:
        """Return what the model says of samples."""
        weights = [training.weights for training in self.trainings]
        return _regression(self._run, weights, self.classes, self._asked).predictions(data)

    def summary(self, place: int, header: Sequence[str]) -> dict[str, Any]:
        """Return what the party at `place` says of its result."""
        summaries = []
        for training, watch in zip(self.trainings, self.watches, strict=True):
            summary: dict[str, Any] = {
                "coef": dict(zip(header, training.weights.blocks[place].tolist(), strict=True)),
                "intercept": training.weights.intercept if place == 0 else 0.0,
                "is_converged": training.converged,
                "best_iteration": watch.best_iteration,
            }
            if self._asked["reveal_strategy"] != "respectively":
                del summary["coef"], summary["intercept"]
            if self._run.module == _LOGISTIC:
                summary["one_vs_rest"] = bool(self.classes)
            if watch.active:
                summary["validation_metrics"] = watch.summary if place == 0 else {}
            summaries.append(summary)
        if not self.classes:
            return summaries[0]
        names = self.classes if place == 0 else range(len(self.classes))
        return {str(name): summary for name, summary in zip(names, summaries, strict=True)}


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    _refuse(run, tables)
    held_tables = validation_tables(run, tables)
    data = Federation(tables)
    held = Federation(held_tables) if held_tables else None
    fitted = _Fitted(run, data, held)
    cipher = _cipher(run, parameter(run, guest))
    results: dict[Party, PartyResult] = {}
    for place, (party, table) in enumerate(data.tables.items()):
        asked = parameter(run, party)
        model = shared_model(
            run.module, asked, fitted.trainings, place, table.header, fitted.classes, cipher
        )
        results[party] = PartyResult(
            summary=fitted.summary(place, table.header),
            model=model,
            checkpoints={
                step: shared_model(run.module, asked, [then], place, table.header)
                for step, then in fitted.checkpoints().items()
            },
        )
    parts = [(data.guest, fitted.predictions(data), "train")]
    if held is not None:
        parts.append((held.guest, fitted.predictions(held), "validate"))
    results[guest].tables = [merged_predictions(parts)]
    for watch in fitted.watches:
        merge_metrics(results[guest], watch.metrics)
    if fitted.curve:
        results[guest].add_metric("train", "loss", loss_metric(fitted.curve, "loss"))
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    _refuse(run, tables)
    cv = parameter(run, guest)["cv_param"]
    common = Federation(tables).tables

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: Federation(members) for name, members in sets.items()}
        fitted = _Fitted(run, parts["train"], parts["validate"], prefix=f"fold_{number}.")
        said = {name: (part.guest, fitted.predictions(part)) for name, part in parts.items()}
        return Fold(
            predictions={guest: said},
            eval_type=fitted.eval_type,
            summaries={
                party: fitted.summary(place, table.header)
                for place, (party, table) in enumerate(parts["train"].tables.items())
            },
            losses={guest: loss_metric(fitted.curve, str(number))} if fitted.curve else {},
            validations={guest: fitted.watches},
        )

    results = cross_validated(
        run,
        common,
        dict.fromkeys(common, folds(common[guest].ids, cv)),
        train,
        metrics=parameter(run, guest)["metrics"],
        cv=cv,
    )
    for place, party in enumerate(common):
        results[party].model = shared_model(run.module, parameter(run, party), [], place, [])
    return results


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    models = {party: fitted_model(run, party) for party in tables}
    results = {party: PartyResult(model=model) for party, model in models.items()}
    guest = next(iter(tables))
    weights, classes = fitted_regressions(list(models.values()))
    data = Federation(tables)
    said = _regression(run, weights, classes, parameter(run, guest)).predictions(data)
    results[guest].tables = [merged_predictions([(data.guest, said, "predict")])]
    return results


def regress_on_shares(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train a regression without an arbiter, cross validate it, or predict with it."""
    return carry_out(run, _train, _cross_validate, _predict)
