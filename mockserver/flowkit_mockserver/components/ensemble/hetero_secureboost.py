"""HeteroSecureBoost and HeteroFastSecureBoost: boosted trees over the columns of several parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowkit_mockserver.components.core.federation import (
    Federation,
    Tables,
    aligned_tables,
    carry_out,
    first_iteration,
    fitted_model,
    models_to_go_on_from,
)
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentRun, Model, PartyResult
from flowkit_mockserver.components.core.predict_output import merged_predictions
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.components.ensemble.boosting import party_chances
from flowkit_mockserver.components.ensemble.decision_tree import raw_scores
from flowkit_mockserver.components.ensemble.hetero_ensemble import (
    Ensemble,
    hetero_columns,
)
from flowkit_mockserver.components.ensemble.hetero_export import party_model, party_summary
from flowkit_mockserver.components.ensemble.loading import load_hetero, renamed_importances
from flowkit_mockserver.components.ensemble.plan import tree_plans
from flowkit_mockserver.components.ensemble.samples import (
    model_header,
)
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party

__all__ = ["boost_trees"]


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    models = models_to_go_on_from(run)
    if models:
        tables = {
            party: data.aligned(model_header(models[party])) for party, data in tables.items()
        }
    data = Federation(tables)
    held_tables = aligned_tables(run, "validate_data", "eval_data")
    held = Federation(held_tables) if held_tables else None
    chances = party_chances(asked, len(tables))
    ensemble = Ensemble(
        run.module, data, held, asked, chances, behaviour=run.behaviour, models=models
    )
    then = ensemble.checkpoints()
    results = {
        party: PartyResult(
            summary=party_summary(ensemble, viewer),
            model=party_model(ensemble, viewer),
            checkpoints={step: party_model(earlier, viewer) for step, earlier in then.items()},
        )
        for viewer, party in enumerate(tables)
    }
    parts = [(data.guest, ensemble.predictions(data), "train")]
    if held is not None:
        parts.append((held.guest, ensemble.predictions(held), "validate"))
    result = results[guest]
    result.tables = [merged_predictions(parts)]
    # The loss comes first: its place is made before the first tree is.
    result.add_metric("train", "loss", ensemble.loss_curve("loss"))
    if models:
        # A host tells before it counts.
        for party, one in results.items():
            first = ensemble.first if party == guest else 0
            one.add_metric("train", "init_iter", first_iteration(first))
    for namespace, named in ensemble.watch.metrics.items():
        result.metrics.setdefault(namespace, {}).update(named)
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    common = Federation(tables).tables
    split = folds(common[guest].ids, asked["cv_param"])
    # Chance goes on from fold to fold.
    chances = party_chances(asked, len(common))

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: Federation(members) for name, members in sets.items()}
        ensemble = Ensemble(
            run.module,
            parts["train"],
            parts["validate"],
            asked,
            chances,
            prefix=f"fold_{number}.",
            behaviour=run.behaviour,
        )
        return Fold(
            predictions={
                guest: {
                    name: (part.guest, ensemble.predictions(part)) for name, part in parts.items()
                }
            },
            eval_type=ensemble.objective.eval_type,
            summaries={
                party: party_summary(ensemble, viewer) for viewer, party in enumerate(common)
            },
            losses={guest: ensemble.loss_curve(str(number))},
            validations={guest: [ensemble.watch]},
        )

    return cross_validated(
        run,
        common,
        dict.fromkeys(common, split),
        train,
        metrics=asked["metrics"],
        cv=asked["cv_param"],
    )


def _loaded_param(model: Model, again: Sequence[str], behaviour: Behaviour) -> dict[str, Any]:
    """Return the parameter buffer of a model as whoever has predicted with it saves it again.

    Args:
        model: the model.
        again: its plan of trees, which later lines make a second time to predict.
        behaviour: of the line.
    """
    param = dict(model.param)
    if param["treePlan"] and behaviour.callbacks:
        param["treePlan"] = [*param["treePlan"], *again]
    if not behaviour.keeps_importances:
        return {**param, "featureImportances": []}
    importances = renamed_importances(model)
    return {**param, "bestIteration": -1, "featureImportances": importances}


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    models = {party: fitted_model(run, party) for party in tables}
    guest = next(iter(tables))
    plan_of = tree_plans(parameter(run, guest), [party_id for _, party_id in tables])
    plans = [plan_of(number).code for number in range(models[guest].meta["numTrees"])]
    results = {
        party: PartyResult(model=replace(model, param=_loaded_param(model, plans, run.behaviour)))
        for party, model in models.items()
    }
    loaded = load_hetero(models, run.behaviour)
    data = Federation(
        {party: table.aligned(model_header(models[party])) for party, table in tables.items()}
    )
    columns = hetero_columns(data, loaded.use_missing, loaded.zero_as_missing, run.behaviour)
    scores = raw_scores(loaded.trees, columns, loaded.rate, loaded.start)
    threshold = parameter(run, guest)["predict_param"]["threshold"]
    said = loaded.objective.predictions(data.labels, scores, threshold)
    results[guest].tables = [merged_predictions([(data.guest, said, "predict")])]
    return results


def boost_trees(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train boosted trees, cross validate them, or predict with them."""
    return carry_out(run, _train, _cross_validate, _predict)
