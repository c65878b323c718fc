"""HeteroLR, HeteroLinR and HeteroPoisson: regressions over the columns of several parties."""

from __future__ import annotations

from collections.abc import Mapping

from flowkit_mockserver.components.core.federation import (
    Federation,
    Tables,
    carry_out,
    first_iteration,
    fitted_model,
    loss_metric,
    validation_tables,
)
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.core.predict_output import merged_predictions
from flowkit_mockserver.components.core.run import parameter, parties
from flowkit_mockserver.components.linear_model.checks import check_tables, exposure_column
from flowkit_mockserver.components.linear_model.export import (
    empty_model,
    loaded,
    party_model,
    summary_of,
    tell_later,
)
from flowkit_mockserver.components.linear_model.loading import fitted_regressions, start_of
from flowkit_mockserver.components.linear_model.one_vs_rest import EVAL_TYPES, Fitted, Regression
from flowkit_mockserver.components.linear_model.stepwise import regress_stepwise
from flowkit_mockserver.components.model_selection.cross_validate import (
    Fold,
    cross_validated,
    merge_metrics,
)
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.party import Party

__all__ = ["regress"]

_PAIR = 2


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    if asked["stepwise_param"]["need_stepwise"]:
        return regress_stepwise(run, tables)
    held_tables = validation_tables(run, tables)
    check_tables(run.module, tables, training=True)
    check_tables(run.module, held_tables, training=True)
    data = Federation(tables, exposure_column(run.module, asked))
    held = Federation(held_tables, exposure_column(run.module, asked)) if held_tables else None
    if len(tables) > _PAIR and asked["early_stop"] != "weight_diff":
        arbiter = next(iter(parties(run, "arbiter")), guest)
        raise ComponentFailed(
            "Multiple host situation, loss early stop function is not available."
            "You should use 'weight_diff' instead",
            arbiter,
        )
    start = start_of(run, tables)
    fitted = Fitted(
        run.module, data, held, asked, seed=run.seed, behaviour=run.behaviour, start=start
    )
    then = fitted.checkpoints()
    results: dict[Party, PartyResult] = {}
    for place, (party, table) in enumerate(data.tables.items()):
        own = parameter(run, party)
        results[party] = PartyResult(
            summary=summary_of(run.module, fitted, place, table.header),
            model=party_model(run.module, own, fitted, place, table.header),
            checkpoints={
                step: party_model(run.module, own, earlier, place, table.header)
                for step, earlier in then.items()
            },
        )
    parts = [(data.guest, fitted.regression.predictions(data), "train")]
    if held is not None:
        parts.append((held.guest, fitted.regression.predictions(held), "validate"))
    results[guest].tables = [merged_predictions(parts)]
    for watch in fitted.validations:
        merge_metrics(results[guest], watch.metrics)
    for party in parties(run, "arbiter"):
        result = PartyResult(
            summary=summary_of(run.module, fitted, -1, None),
            model=empty_model(run.module, parameter(run, party), fitted),
            checkpoints={
                step: empty_model(run.module, parameter(run, party), earlier)
                for step, earlier in then.items()
            },
        )
        # Several hosts compute no loss: there is no curve then, not an empty one.
        if not fitted.classes and fitted.trainings[0].losses:
            (training,) = fitted.trainings
            curve = loss_metric(training.losses, "loss", first=training.first)
            result.add_metric("train", "loss", curve)
        results[party] = result
    if start is not None:
        for result in results.values():
            result.add_metric("train", "init_iter", first_iteration(start.iterations))
    return results


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {
        party: PartyResult(model=loaded(model))
        for party, model in run.models.items()
        if model is not None
    }
    if run.module != "HeteroLR":
        # These two look at their parameter again, not at their model.
        for party, result in results.items():
            if result.model is not None:
                intercept = parameter(run, party)["init_param"]["fit_intercept"]
                result.model.meta["fitIntercept"] = intercept
    guest = next(iter(tables))
    check_tables(run.module, tables, training=False)
    models = [fitted_model(run, party) for party in tables]
    asked = parameter(run, guest)
    data = Federation(tables, exposure_column(run.module, asked))
    weights, classes = fitted_regressions(models)
    threshold = asked["predict_param"]["threshold"]
    regression = Regression(run.module, weights, classes, threshold, run.behaviour)
    said = regression.predictions(data)
    results[guest].tables = [merged_predictions([(data.guest, said, "predict")])]
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    exposure = exposure_column(run.module, asked)
    common = Federation(tables).tables
    split = folds(common[guest].ids, asked["cv_param"])

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: Federation(members, exposure) for name, members in sets.items()}
        fitted = Fitted(
            run.module,
            parts["train"],
            parts["validate"],
            asked,
            seed=run.seed,
            prefix=f"fold_{number}.",
            behaviour=run.behaviour,
        )
        predictions = {
            name: (part.guest, fitted.regression.predictions(part)) for name, part in parts.items()
        }
        curve = [] if fitted.classes else fitted.trainings[0].losses
        return Fold(
            predictions={guest: predictions},
            eval_type="multi" if fitted.classes else EVAL_TYPES[run.module],
            summaries={
                party: summary_of(run.module, fitted, place, table.header)
                for place, (party, table) in enumerate(parts["train"].tables.items())
            },
            losses={
                party: loss_metric(curve, str(number)) for party in parties(run, "arbiter") if curve
            },
            validations={guest: fitted.validations},
        )

    results = cross_validated(
        run,
        common,
        dict.fromkeys(common, split),
        train,
        metrics=None if run.module == "HeteroLR" else asked["metrics"],
        cv=asked["cv_param"],
    )
    for party, result in results.items():
        result.model = empty_model(run.module, parameter(run, party), None)
    return results


def regress(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train a regression, with features selected step by step if asked for, cross validate it, or predict."""
    return tell_later(run, carry_out(run, _train, _cross_validate, _predict))
