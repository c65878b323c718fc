"""SBTFeatureTransformer: the leaves of boosted trees as features."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.ensemble.decision_tree import Tree, leaf_of
from flowkit_mockserver.components.rows.federation import Federation
from flowkit_mockserver.components.rows.run import instances, parties
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["leaves"]


def _transformer(model: Model) -> Model:
    """Return the model of a transformer around that of the trees."""
    if model.module == "SBTFeatureTransformer":
        return model
    param = {**model.param, "featureImportances": []}
    return saved_model(
        "SBTFeatureTransformer",
        message("TransformerMeta", treeMeta=model.meta, modelName=model.meta_name),
        message("TransformerParam", treeParam=param, modelName=model.param_name),
        model.state,
    )


def _columns(trees: list[Tree]) -> list[tuple[int, int]]:
    return [(t, n.number) for t, tree in enumerate(trees) for n in tree.nodes if n.is_leaf]


def leaves(run: ComponentRun) -> dict[Party, PartyResult]:
    """Put, for every sample and tree, a one at the leaf it ends in."""
    given: dict[Party, Model] = {}
    tables = {}
    for party in parties(run, "guest", "host"):
        model = run.models.get(party) or next(iter(run.isometric.get(party, [])), None)
        data = instances(run, party, "data", "train_data", "test_data")
        if model is None or data is None:
            raise ComponentFailed("this component requires an isometric model input", party)
        given[party] = model
        tables[party] = data.aligned(model.state["header"])
    guest = next(iter(tables))
    trees = [Tree.from_state(tree) for tree in given[guest].state["trees"]]
    common = Federation(tables)
    columns = _columns(trees)
    at = {column: i for i, column in enumerate(columns)}
    rows: list[list[Any]] = []
    for sample in zip(*common.features, strict=True):
        row = [0.0] * len(columns)
        for number, tree in enumerate(trees):
            row[at[number, leaf_of(tree, sample).number]] = 1.0
        rows.append(row)
    header = [f"sbt_{tree}_{leaf}" for tree, leaf in columns]
    encoded = common.guest.with_rows(rows, header)
    # The transformer does not hand the name of the id column on.
    extra = {key: value for key, value in encoded.extra.items() if key != "sid_name"}
    results = {party: PartyResult(model=_transformer(model)) for party, model in given.items()}
    results[guest].tables = [replace(encoded, extra=extra).table()]
    meta = {
        "name": "leaf_mapping",
        "metric_type": "leaf_mapping",
        "index": [str(leaf) for _, leaf in columns],
        "feat_name": header,
    }
    results[guest].add_metric("sbt_transformer", "leaf_mapping", Metric([], meta))
    return results
