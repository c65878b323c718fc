"""HomoSecureboost: boosted trees over samples that lie with several parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flowkit_mockserver.components.core.federation import (
    Tables,
    aligned_tables,
    carry_out,
    first_iteration,
    fitted_model,
    loss_metric,
    models_to_go_on_from,
)
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentRun, Metric, PartyResult
from flowkit_mockserver.components.core.predict_output import merged_predictions
from flowkit_mockserver.components.core.run import parameter, parties
from flowkit_mockserver.components.ensemble.boosting import (
    party_chances,
)
from flowkit_mockserver.components.ensemble.decision_tree import raw_scores
from flowkit_mockserver.components.ensemble.homo.bins import homo_columns
from flowkit_mockserver.components.ensemble.homo.ensemble import Ensemble
from flowkit_mockserver.components.ensemble.loading import (
    load_homo,
)
from flowkit_mockserver.components.ensemble.samples import (
    model_header,
)
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.party import Party

__all__ = ["boost_homo"]


def _curve(losses: Sequence[float], name: str, first: int = 0) -> Metric:
    return loss_metric(losses, name, unit=False, best=True, first=first)


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = parameter(run, next(iter(tables)))
    held = aligned_tables(run, "validate_data", "eval_data")
    models = models_to_go_on_from(run)
    ensemble = Ensemble(
        tables,
        held,
        asked,
        party_chances(asked, 1)[0],
        behaviour=run.behaviour,
        models={party: models[party] for party in tables} if models else {},
    )
    results = {}
    then = ensemble.checkpoints()
    for party, data in tables.items():
        result = ensemble.party(party)
        saved = {step: earlier.party(party).model for step, earlier in then.items()}
        result.checkpoints = {step: model for step, model in saved.items() if model is not None}
        parts = [(data, ensemble.predictions(party, data), "train")]
        if party in held:
            parts.append((held[party], ensemble.predictions(party, held[party]), "validate"))
        result.tables = [merged_predictions(parts)]
        if models:
            result.add_metric("train", "init_iter", first_iteration(ensemble.first))
        results[party] = result
    losses = ensemble.model.losses
    for party in parties(run, "arbiter"):
        result = PartyResult(summary={"loss_history": losses})
        result.add_metric("train", "loss", _curve(losses, "loss", ensemble.first))
        results[party] = result
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    asked = parameter(run, next(iter(tables)))
    # Chance goes on from fold to fold.
    chance = party_chances(asked, 1)[0]

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        own, held = dict(sets["train"]), dict(sets["validate"])
        ensemble = Ensemble(
            own, held, asked, chance, prefix=f"fold_{number}.", behaviour=run.behaviour
        )
        return Fold(
            predictions={
                party: {
                    name: (
                        members[party],
                        ensemble.predictions(party, members[party]),
                    )
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
        {party: folds(data.ids, asked["cv_param"]) for party, data in tables.items()},
        train,
        metrics=asked["metrics"],
        cv=asked["cv_param"],
    )


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {}
    for party, data in tables.items():
        model, asked = fitted_model(run, party), parameter(run, party)
        loaded = load_homo(model, run.behaviour)
        own = data.aligned(model_header(model))
        scores = raw_scores(
            loaded.trees, homo_columns(own, party, asked), loaded.rate, loaded.start
        )
        threshold = asked["predict_param"]["threshold"]
        said = loaded.objective.predictions(own.labels, scores, threshold)
        if not run.behaviour.callbacks:
            model = replace(model, param={**model.param, "featureImportances": []})
        results[party] = PartyResult([merged_predictions([(own, said, "predict")])], model=model)
    return results


def boost_homo(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train the common trees, cross validate them, or predict with them."""
    return carry_out(run, _train, _cross_validate, _predict)
