"""HomoLR: logistic regression over samples that lie with several parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.components.core.federation import (
    Tables,
    carry_out,
    first_iteration,
    fitted_model,
    loss_metric,
    models_to_go_on_from,
    validation_tables,
)
from flowkit_mockserver.components.core.guards import check_overflow, check_table, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
)
from flowkit_mockserver.components.core.predict_output import (
    Predictions,
    binary_predictions,
    merged_predictions,
)
from flowkit_mockserver.components.core.run import parameter, parties
from flowkit_mockserver.components.linear_model.averaged.epochs import (
    cross_validate_averaged,
    predict_averaged,
    train_averaged,
)
from flowkit_mockserver.components.linear_model.export import homo_model, loaded, tell_later
from flowkit_mockserver.components.linear_model.homo_gradient import (
    HomoStart,
    HomoTraining,
    HomoWeights,
    is_blind,
    train_together,
)
from flowkit_mockserver.components.linear_model.loading import single_weights
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["regress_homo"]

_BINARY = 2
_MOST_CLASSES = 1000


def _predictions(
    common: HomoWeights, data: Instances, asked: Mapping[str, Any], party: Party
) -> Predictions:
    """Return what a party may see of the predictions for its samples."""
    said = binary_predictions(data.labels, common.scores(data), asked["predict_param"]["threshold"])
    if is_blind(party, asked):
        # The arbiter tells such a party the result, never the score.
        nothing = np.full(len(said), None, dtype=object)
        return Predictions(
            said.labels, said.results, nothing, said.names, np.column_stack((nothing, nothing))
        )
    if party[0] == "host":
        # A host writes the detail the other way round.
        return Predictions(
            said.labels, said.results, said.scores, said.names[::-1], said.details[:, ::-1]
        )
    return said


def _check(tables: Tables, *, training: bool) -> None:
    """Refuse what FATE refuses; see `guards`."""
    for party, data in tables.items():
        with guarded(party):
            check_table(data)
            if training:
                check_overflow(data)
                _check_class_count(data)
    if not training:
        return
    given = [data.labels for data in tables.values() if data.labels is not None]
    found = {label for labels in given for label in np.unique(labels).tolist()}
    party = next(iter(tables))
    if len(found) > _BINARY:
        raise ComponentFailed("Homo LR support binary classification only now", party)
    if len(found) < _BINARY:
        raise ComponentFailed("Number of classes should be equal to 2", party)


def _check_class_count(data: Instances) -> None:
    if data.labels is not None and len(np.unique(data.labels)) > _MOST_CLASSES:
        raise ValueError(f"In Classify Task, max dif classes should no more than {_MOST_CLASSES}")


def _check_widths(run: ComponentRun, tables: Tables) -> None:
    """Refuse parties whose weights the arbiter cannot add up, or that cannot use the sum.

    The arbiter adds the others' weights to the first party's, one by one, as many as that one has.

    Raises:
        ComponentFailed: the parties have different numbers of features.
    """
    guest = next(iter(tables))
    first = tables[guest].width
    for party, data in tables.items():
        if data.width < first:
            size = data.width + int(parameter(run, guest)["init_param"]["fit_intercept"])
            raise ComponentFailed(
                f"index {size} is out of bounds for axis 0 with size {size}",
                next(iter(parties(run, "arbiter")), party),
            )
        if data.width > first:
            raise ComponentFailed(
                f"shapes ({len(data)},{data.width}) ({first},) not aligned:"
                f" {data.width} (dim 1) != {first} (dim 0)",
                party,
            )


def _summary(training: HomoTraining, header: Sequence[str], *, blind: bool) -> dict[str, Any]:
    common = training.common
    return {
        "coef": {} if blind else dict(zip(header, common.weights.tolist(), strict=True)),
        "intercept": None if blind else common.intercept,
        "is_converged": training.converged,
        "best_iteration": -1,
    }


def _fitted(
    run: ComponentRun,
    tables: Tables,
    held: Tables,
    *,
    prefix: str = "",
    start: HomoStart | None = None,
) -> tuple[HomoTraining, Validation]:
    """Train; the guest validates while training goes on.

    Raises:
        ComponentFailed: the training is not possible.
    """
    guest = next(iter(tables))
    asked = {party: parameter(run, party) for party in tables}
    if asked[guest]["early_stopping_rounds"] is not None:
        raise ComponentFailed("early stopping is not supported for homo algorithms", guest)
    if not asked[guest]["aggregate_iters"]:
        # What Python 3.6 to 3.10 say of a remainder by zero, whatever this Python would.
        raise ComponentFailed("integer division or modulo by zero", guest)
    _check_widths(run, tables)
    watch = Validation(asked[guest], "binary", prefix=prefix, behaviour=run.behaviour)

    def look(iteration: int, common: HomoWeights) -> None:
        if watch.due(iteration):
            sets = [
                (name, part[guest].ids, _predictions(common, part[guest], asked[guest], guest))
                for name, part in (("train", tables), ("validate", held))
                if guest in part
            ]
            watch.look(iteration, sets)

    counts = run.behaviour.hosts_count
    training = train_together(tables, asked, run.seed, look, hosts_count=counts, start=start)
    return training, watch


def _curve(training: HomoTraining, losses: Sequence[float], name: str) -> Metric:
    """Return the curve of losses, each at the iteration that began with it."""
    points = [[number, loss] for number, loss in zip(training.told, losses, strict=True)]
    return Metric(points, loss_metric(losses, name).meta)


def _start(run: ComponentRun, tables: Tables) -> HomoStart | None:
    """Return what a training goes on from; None if it starts anew."""
    models = models_to_go_on_from(run)
    if not models:
        return None
    own = {party: HomoWeights(*single_weights(models[party])) for party in tables}
    return HomoStart(own, models[next(iter(tables))].param["iters"])


def _steps(asked: Mapping[str, Any], training: HomoTraining) -> dict[int, HomoTraining]:
    """Return how far a training had come when checkpoints were saved: none is after the last iteration."""
    steps = saved_steps(asked, len(training.rounds), training.first)
    return {step: training.at(step) for step in steps}


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = {party: parameter(run, party) for party in run.parties}
    guest = next(iter(tables))
    if asked[guest]["stepwise_param"]["need_stepwise"]:
        raise ComponentFailed("stepwise currently only support Hetero mode.", guest)
    _check(tables, training=True)
    held = validation_tables(run, tables)
    _check(held, training=False)
    start = _start(run, tables)
    training, watch = _fitted(run, tables, held, start=start)
    named = run.behaviour.linear_models
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        blind = is_blind(party, asked[party])
        parts = [(data, _predictions(training.common, data, asked[party], party), "train")]
        if party in held:
            other = held[party]
            said = _predictions(training.common, other, asked[party], party)
            parts.append((other, said, "validate"))
        result = PartyResult(
            [merged_predictions(parts)],
            watch.metrics if party[0] == "guest" else {},
            _summary(training, data.header, blind=blind),
            homo_model(party, asked[party], training, data.header, blind=blind, named=named),
            checkpoints={
                step: homo_model(party, asked[party], then, data.header, blind=blind, named=named)
                for step, then in _steps(asked[party], training).items()
            },
        )
        if training.losses[party]:
            result.add_metric("train", "loss", _curve(training, training.losses[party], "loss"))
        results[party] = result
    for party in parties(run, "arbiter"):
        header = [f"x{i}" for i in range(len(training.common.weights))]
        result = PartyResult(
            model=homo_model(party, asked[party], training, header, named=named),
            checkpoints={
                step: homo_model(party, asked[party], then, header, named=named)
                for step, then in _steps(asked[party], training).items()
            },
        )
        result.add_metric("train", "loss", _curve(training, training.mean_losses, "loss"))
        results[party] = result
    if start is not None:
        for result in results.values():
            result.add_metric("train", "init_iter", first_iteration(start.iterations))
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = {party: parameter(run, party) for party in run.parties}
    _check(tables, training=True)

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        training, watch = _fitted(
            run, dict(sets["train"]), dict(sets["validate"]), prefix=f"fold_{number}."
        )
        curves = training.losses | dict.fromkeys(parties(run, "arbiter"), training.mean_losses)
        return Fold(
            predictions={
                party: {
                    name: (
                        members[party],
                        _predictions(training.common, members[party], asked[party], party),
                    )
                    for name, members in sets.items()
                }
                for party in tables
            },
            eval_type="binary",
            summaries={
                party: _summary(training, data.header, blind=is_blind(party, asked[party]))
                for party, data in tables.items()
            },
            losses={
                party: _curve(training, curve, str(number))
                for party, curve in curves.items()
                if curve
            },
            validations={next(iter(tables)): [watch]},
        )

    cv = asked[next(iter(tables))]["cv_param"]
    results = cross_validated(
        run,
        tables,
        {party: folds(data.ids, cv) for party, data in tables.items()},
        train,
        metrics=None,
        cv=cv,
    )
    for party, result in results.items():
        named = run.behaviour.linear_models
        result.model = homo_model(party, asked[party], None, [], named=named)
    return results


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {
        party: PartyResult(model=loaded(model, best_iteration=0 if party[0] == "host" else -1))
        for party, model in run.models.items()
        if model is not None
    }
    _check(tables, training=False)
    for party, data in tables.items():
        asked = parameter(run, party)
        # A host that never saw the weights has the arbiter predict.
        owner = party
        if is_blind(party, asked):
            owner = next(iter(parties(run, "arbiter")), party)
        weights, intercept = single_weights(fitted_model(run, owner))
        said = _predictions(HomoWeights(weights, intercept), data, asked, party)
        results[party].tables = [merged_predictions([(data, said, "predict")])]
    return results


def regress_homo(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train the common model, cross validate it, or predict with it."""
    if run.behaviour.federated_average:
        return carry_out(run, train_averaged, cross_validate_averaged, predict_averaged)
    return tell_later(run, carry_out(run, _train, _cross_validate, _predict))
