"""HomoLR: logistic regression over samples that lie with several parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.linear_model.export import homo_model, loaded
from flowkit_mockserver.components.linear_model.homo_gradient import (
    HomoTraining,
    homo_rows,
    is_blind,
    train_together,
)
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.rows.federation import (
    Tables,
    aligned_tables,
    carry_out,
    fitted_model,
    loss_metric,
)
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.predict_output import merged_predictions
from flowkit_mockserver.components.rows.run import parameter, parties
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["regress_homo"]

_BINARY = 2


def _check_labels(tables: Mapping[Party, Instances]) -> None:
    found = {label for data in tables.values() for label in data.labels or []}
    party = next(iter(tables))
    if len(found) > _BINARY:
        raise ComponentFailed("Homo LR support binary classification only now", party)
    if len(found) <= 1:
        raise ComponentFailed("Number of classes should be equal to 2", party)


def _summary(training: HomoTraining, header: Sequence[str], *, blind: bool) -> dict[str, Any]:
    return {
        "coef": {} if blind else dict(zip(header, training.weights, strict=True)),
        "intercept": None if blind else training.intercept,
        "is_converged": training.converged,
        "best_iteration": -1,
    }


def _watches(
    tables: Mapping[Party, Instances], asked: Mapping[Party, Any], prefix: str = ""
) -> dict[Party, Validation]:
    """Return who validates while training: the guest alone."""
    return {
        party: Validation(asked[party], "binary", prefix=prefix)
        for party in tables
        if party[0] == "guest"
    }


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = {party: parameter(run, party) for party in run.parties}
    clients = {party: asked[party] for party in tables}
    held = aligned_tables(run, "validate_data", "eval_data")
    watches = _watches(tables, asked)
    _check_labels(tables)
    training = train_together(tables, clients, watches, held, run.seed)
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        watch = watches.get(party)
        blind = is_blind(party, asked[party])
        parts = [(data, homo_rows(training, data, asked[party], party), "train")]
        if party in held:
            other = held[party]
            parts.append((other, homo_rows(training, other, asked[party], party), "validate"))
        result = PartyResult(
            [merged_predictions(parts)],
            watch.metrics if watch else {},
            _summary(training, data.header, blind=blind),
            homo_model(party, asked[party], training, data.header, blind=blind),
        )
        if training.losses[party]:
            result.add_metric("train", "loss", loss_metric(training.losses[party], "loss"))
        results[party] = result
    for party in parties(run, "arbiter"):
        header = [f"x{i}" for i in range(len(training.weights))]
        result = PartyResult(model=homo_model(party, asked[party], training, header))
        result.add_metric("train", "loss", loss_metric(training.mean_losses, "loss"))
        results[party] = result
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = {party: parameter(run, party) for party in run.parties}
    clients = {party: asked[party] for party in tables}
    _check_labels(tables)

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        watches = _watches(tables, asked, prefix=f"fold_{number}.")
        training = train_together(sets["train"], clients, watches, sets["validate"], run.seed)
        curves = training.losses | dict.fromkeys(parties(run, "arbiter"), training.mean_losses)
        return Fold(
            predictions={
                party: {
                    name: (members[party], homo_rows(training, members[party], asked[party], party))
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
                party: loss_metric(curve, str(number)) for party, curve in curves.items() if curve
            },
            validations={party: [watch] for party, watch in watches.items()},
        )

    cv = next(iter(clients.values()))["cv_param"]
    results = cross_validated(
        run,
        tables,
        {party: folds(data.keys, cv) for party, data in tables.items()},
        train,
        metrics=None,
        keep_history=cv["output_fold_history"],
    )
    for party, result in results.items():
        result.model = homo_model(party, asked[party], None, [])
    return results


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {
        party: PartyResult(model=loaded(model, best_iteration=0 if party[0] == "host" else -1))
        for party, model in run.models.items()
        if model is not None
    }
    for party, data in tables.items():
        state = fitted_model(run, party).state
        training = HomoTraining(state["weights"], state["intercept"], {}, [])
        rows = homo_rows(training, data, parameter(run, party), party)
        results[party].tables = [merged_predictions([(data, rows, "predict")])]
    return results


def regress_homo(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train the common model, cross validate it, or predict with it."""
    return carry_out(run, _train, _cross_validate, _predict)
