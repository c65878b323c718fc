"""HeteroSSHELR and HeteroSSHELinR: regressions without an arbiter, on shares that nobody knows, in the clear here."""

from __future__ import annotations

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
    first_iteration,
    fitted_model,
    loss_metric,
    validation_tables,
)
from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
)
from flowkit_mockserver.components.core.paillier import Cipher
from flowkit_mockserver.components.core.predict_output import Predictions, merged_predictions
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.components.linear_model.export import loaded, shared_model
from flowkit_mockserver.components.linear_model.hetero_gradient import (
    LinearWeights,
    Start,
    Training,
)
from flowkit_mockserver.components.linear_model.loading import fitted_regressions, start_of
from flowkit_mockserver.components.linear_model.one_vs_rest import Regression
from flowkit_mockserver.components.linear_model.shares import Shares
from flowkit_mockserver.components.model_selection.cross_validate import (
    Fold,
    cross_validated,
    merge_metrics,
)
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.optim.optimizer import (
    Convergence,
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
        start: what to go on from; None to start anew.
    """

    def __init__(
        self,
        run: ComponentRun,
        data: Federation,
        held: Federation | None,
        *,
        prefix: str = "",
        start: Start | None = None,
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
            self._fit(data, event, start)

    def _fit(self, data: Federation, event: Any, before: Start | None) -> None:
        asked, watch = self._asked, self.watches[-1]
        with guarded(next(iter(data.tables))):
            shares = Shares(self._run, data, asked, event, before)
        training = Training.after(before, shares.weights)
        start = shares.weights
        self.trainings.append(training)
        convergence = Convergence(asked["early_stop"], asked["tol"])
        for number in range(training.first, asked["max_iter"]):
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
            for step in saved_steps(self._asked, len(training.rounds), training.first)
        }

    @property
    def eval_type(self) -> str:
        """How predictions are evaluated."""
        if self._run.module != _LOGISTIC:
            return "regression"
        return "multi" if self.classes else "binary"

    def curve(self, name: str) -> Metric | None:
        """Return the losses that are told; those of single classes are not."""
        training = self.trainings[0]
        if self.classes or not training.losses:
            return None
        return loss_metric(training.losses, name, first=training.first)

    def predictions(self, data: Federation) -> Predictions:
        """Return what the model says of samples."""
        weights = [training.weights for training in self.trainings]
        return _regression(self._run, weights, self.classes, self._asked).predictions(data)

    def summary(self, place: int, header: Sequence[str]) -> dict[str, Any]:
        """Return what the party at `place` says of its result."""
        summaries = []
        for training in self.trainings:
            summary: dict[str, Any] = {
                "coef": dict(zip(header, training.weights.blocks[place].tolist(), strict=True)),
                "intercept": training.weights.intercept if place == 0 else 0.0,
                "is_converged": training.converged,
                # Nobody tells those who look at a training here that it is over.
                "best_iteration": -1,
            }
            if self._asked["reveal_strategy"] != "respectively":
                del summary["coef"], summary["intercept"]
            if self._run.module == _LOGISTIC:
                summary["one_vs_rest"] = bool(self.classes)
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
    start = start_of(run, tables)
    fitted = _Fitted(run, data, held, start=start)
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
    if curve := fitted.curve("loss"):
        results[guest].add_metric("train", "loss", curve)
    if start is not None:
        for result in results.values():
            result.add_metric("train", "init_iter", first_iteration(start.iterations))
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
            losses={guest: curve} if (curve := fitted.curve(str(number))) else {},
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
    results = {party: PartyResult(model=loaded(model)) for party, model in models.items()}
    guest = next(iter(tables))
    weights, classes = fitted_regressions(list(models.values()))
    data = Federation(tables)
    said = _regression(run, weights, classes, parameter(run, guest)).predictions(data)
    results[guest].tables = [merged_predictions([(data.guest, said, "predict")])]
    return results


def regress_on_shares(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train a regression without an arbiter, cross validate it, or predict with it."""
    return carry_out(run, _train, _cross_validate, _predict)
