"""HeteroSecureBoost and HeteroFastSecureBoost: boosted trees over the columns of several parties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flowkit_mockserver.components.core.interface import ComponentRun, PartyResult
from flowkit_mockserver.components.core.registry import component
from flowkit_mockserver.components.ensemble.boosting import raw_scores
from flowkit_mockserver.components.ensemble.decision_tree import Tree
from flowkit_mockserver.components.ensemble.hetero_secureboost import Ensemble
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.optim.loss import objective_of
from flowkit_mockserver.components.rows.federation import (
    Federation,
    Tables,
    aligned_tables,
    carry_out,
    fitted_model,
    loss_metric,
)
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.predict_output import merged_predictions
from flowkit_mockserver.components.rows.run import parameter
from flowkit_mockserver.party import Party

__all__ = ["boost_trees"]


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    data = Federation(tables)
    held_tables = aligned_tables(run, "validate_data", "eval_data")
    held = Federation(held_tables) if held_tables else None
    ensemble = Ensemble(run.module, data, held, asked, seed=run.seed)
    results = {
        party: PartyResult(summary=ensemble.summary(viewer), model=ensemble.party_model(viewer))
        for viewer, party in enumerate(tables)
    }
    parts = [(data.guest, ensemble.rows(data), "train")]
    if held is not None:
        parts.append((held.guest, ensemble.rows(held), "validate"))
    result = results[guest]
    result.tables = [merged_predictions(parts)]
    result.metrics = ensemble.watch.metrics
    result.add_metric("train", "loss", loss_metric(ensemble.model.losses, "loss", best=True))
    return results


def _cross_validate(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    common = Federation(tables).tables
    split = folds(common[guest].keys, asked["cv_param"])

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: Federation(members) for name, members in sets.items()}
        ensemble = Ensemble(
            run.module,
            parts["train"],
            parts["validate"],
            asked,
            seed=run.seed,
            prefix=f"fold_{number}.",
        )
        return Fold(
            predictions={
                guest: {name: (part.guest, ensemble.rows(part)) for name, part in parts.items()}
            },
            eval_type=ensemble.objective.eval_type,
            summaries={party: ensemble.summary(viewer) for viewer, party in enumerate(common)},
            losses={guest: loss_metric(ensemble.model.losses, str(number), best=True)},
            validations={guest: [ensemble.watch]},
        )

    return cross_validated(
        run,
        common,
        dict.fromkeys(common, split),
        train,
        metrics=asked["metrics"],
        keep_history=asked["cv_param"]["output_fold_history"],
    )


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {}
    for party in tables:
        model = fitted_model(run, party)
        # A loaded model no longer knows which features mattered.
        param = {**model.param, "featureImportances": []}
        results[party] = PartyResult(model=replace(model, param=param))
    guest = next(iter(tables))
    state = fitted_model(run, guest).state
    data = Federation(tables)
    asked = state["asked"]
    objective = objective_of([], asked, state["classes"])
    trees = [Tree.from_state(tree) for tree in state["trees"]]
    scores = raw_scores(trees, data.features, asked["learning_rate"], state["start"])
    threshold = parameter(run, guest)["predict_param"]["threshold"]
    rows = objective.rows(data.labels, scores, threshold)
    results[guest].tables = [merged_predictions([(data.guest, rows, "predict")])]
    return results


@component("HeteroSecureBoost", "HeteroFastSecureBoost")
def boost_trees(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train boosted trees, cross validate them, or predict with them."""
    return carry_out(run, _train, _cross_validate, _predict)
