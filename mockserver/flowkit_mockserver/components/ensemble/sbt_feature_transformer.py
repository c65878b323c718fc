"""SBTFeatureTransformer: the leaves of boosted trees as features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import Federation
from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import INTEGER, Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import instances, parameter, parties
from flowkit_mockserver.components.ensemble.decision_tree import Columns, Tree, leaf_numbers
from flowkit_mockserver.components.ensemble.hetero_ensemble import hetero_columns
from flowkit_mockserver.components.ensemble.loading import load_hetero
from flowkit_mockserver.components.ensemble.samples import model_header
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
    )


def _tree_model(model: Model) -> Model:
    """Return the model of the trees inside that of a transformer."""
    if model.module != "SBTFeatureTransformer":
        return model
    return replace(model, meta=model.meta["treeMeta"], param=model.param["treeParam"])


def _columns(trees: list[Tree]) -> list[tuple[int, int]]:
    return [(t, n.number) for t, tree in enumerate(trees) for n in tree.nodes if n.is_leaf]


def _one_hot(
    trees: list[Tree], places: list[tuple[int, int]], columns: list[Columns]
) -> NDArray[np.float64]:
    at = {place: number for number, place in enumerate(places)}
    found = np.zeros((len(columns[0].matrix), len(places)))
    every = np.arange(len(found))
    for number, tree in enumerate(trees):
        column_of = np.array([at.get((number, node.number), -1) for node in tree.nodes])
        found[every, column_of[leaf_numbers(tree, columns)]] = 1.0
    return found


def _encoded(data: Instances, features: NDArray[np.float64], header: list[str]) -> Instances:
    """Return samples with leaves as features. The name of the id column is not handed on, nor are weights."""
    extra = {key: data.extra[key] for key in data.extra if key not in {"sid_name", "sparse"}}
    bare = replace(data, extra=extra, weights=None)
    return bare.with_features(features, header)


def _sparse(data: Instances) -> Instances:
    """Return samples as sparse vectors, whose ones are integers."""
    extra = {**data.extra, "sparse": True}
    return replace(data, extra=extra, forms=np.full(data.width, INTEGER, dtype=np.uint8))


def leaves(run: ComponentRun) -> dict[Party, PartyResult]:
    """Put, for every sample and tree, a one at the leaf it ends in."""
    given: dict[Party, Model] = {}
    tables = {}
    for party in parties(run, "guest", "host"):
        model = run.models.get(party) or next(iter(run.isometric.get(party, [])), None)
        data = instances(run, party, "data", "train_data", "test_data")
        if model is None or data is None:
            raise ComponentFailed("this component requires an isometric model input", party)
        with guarded(party):
            check_table(data)
        given[party] = model
        tables[party] = data.aligned(model_header(_tree_model(model)))
    guest = next(iter(tables))
    loaded = load_hetero(
        {party: _tree_model(model) for party, model in given.items()}, run.behaviour
    )
    common = Federation(tables)
    columns = hetero_columns(common, loaded.use_missing, loaded.zero_as_missing, run.behaviour)
    places = _columns(loaded.trees)
    header = [f"sbt_{tree}_{leaf}" for tree, leaf in places]
    encoded = _encoded(common.guest, _one_hot(loaded.trees, places, columns), header)
    if not parameter(run, guest).get("dense_format", True):
        encoded = _sparse(encoded)
    results = {party: PartyResult(model=_transformer(model)) for party, model in given.items()}
    results[guest].tables = [encoded.table()]
    meta = {
        "name": "leaf_mapping",
        "metric_type": "leaf_mapping",
        "index": [str(leaf) for _, leaf in places],
        "feat_name": header,
    }
    results[guest].add_metric("sbt_transformer", "leaf_mapping", Metric([], meta))
    return results
