"""What holds for every kind that learns something."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from component_bench import ARBITER, GUEST, HOST, Results, horizontal, run, under, vertical
from flowkit_mockserver.components.core.buffers import fields_of
from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.dsl.modules import MODULES

KINDS: dict[str, dict[str, Any]] = {
    "DataStatistics": {},
    "FeatureScale": {},
    "HeteroFastSecureBoost": {"num_trees": 2},
    "HeteroFeatureBinning": {},
    "HeteroFeatureSelection": {"filter_methods": ["unique_value"]},
    "HeteroKmeans": {"k": 2, "max_iter": 2},
    "HeteroLR": {"max_iter": 2},
    "HeteroLinR": {"max_iter": 2},
    "HeteroNN": {"epochs": 2, "loss": "x"},
    "HeteroPearson": {},
    "HeteroPoisson": {"max_iter": 2},
    "HeteroSecureBoost": {"num_trees": 2},
    "HomoFeatureBinning": {},
    "HomoLR": {"max_iter": 2},
    "HomoNN": {"max_iter": 2, "loss": "x"},
    "HomoSecureboost": {"num_trees": 2},
    "LocalBaseline": {"model_name": "LogisticRegression"},
    "SecureInformationRetrieval": {},
}
TRAINED = {"DataStatistics", "FeatureScale", "HeteroPearson", "SecureInformationRetrieval"}


def results_of(module: str) -> Results:
    tables = horizontal(30) if module.startswith("Homo") else vertical(30)
    plain = TRAINED | {kind for kind in KINDS if "Feature" in kind and "Boost" not in kind}
    key = "data" if module in plain else "train_data"
    roles = ("guest",) if module == "LocalBaseline" else MODULES[module].roles
    parties = [party for party in (GUEST, HOST, ARBITER) if party[0] in roles]
    return run(module, under(key, tables), parties=parties, **KINDS[module])


@pytest.fixture(params=KINDS)
def module(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_models_survive_as_json(module: str) -> None:
    models = [result.model for result in results_of(module).values() if result.model]

    assert models
    for model in models:
        text = json.dumps(model.to_document(), allow_nan=False)
        assert Model.from_document(json.loads(text)).to_document() == json.loads(text)


def check(document: Any, kind: str) -> None:
    """Check a value against the type that a field of a message has."""
    if kind.startswith("["):
        for item in document:
            check(item, kind[1:-1])
    elif kind.startswith("map<"):
        inner = kind[4:-1].split(",")[1].strip()
        for key, value in document.items():
            assert isinstance(key, str)
            check(value, inner)
    elif kind in {"int64", "string", "bytes"}:
        assert isinstance(document, str)
    elif kind in {"int32", "uint32"}:
        assert type(document) is int
    elif kind == "double":
        assert (isinstance(document, float) and math.isfinite(document)) or document == "Infinity"
    elif kind == "bool":
        assert isinstance(document, bool)
    else:
        fields = fields_of(kind)
        assert set(document) <= set(fields)
        for name, value in document.items():
            check(value, fields[name])


def test_buffers_have_the_types_of_their_messages(module: str) -> None:
    for result in results_of(module).values():
        if result.model:
            check(result.model.param, result.model.param_message)
            check(result.model.meta, result.model.meta_message)


def test_metrics_and_summaries_are_plain_numbers_and_text(module: str) -> None:
    for result in results_of(module).values():
        json.dumps(result.summary, allow_nan=False)
        for metrics in result.metrics.values():
            for metric in metrics.values():
                json.dumps([metric.data, metric.meta], allow_nan=False)
                assert metric.meta["name"]
                assert metric.meta["metric_type"]


def test_the_same_run_has_the_same_results(module: str) -> None:
    assert results_of(module) == results_of(module)
