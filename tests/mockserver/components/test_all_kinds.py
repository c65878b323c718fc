"""What holds for every kind that learns something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from component_bench import (
    ARBITER,
    GUEST,
    HOST,
    Results,
    horizontal,
    kind_named,
    run,
    under,
    vertical,
)
from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.proto.wire import decode, encode

KINDS: dict[str, dict[str, Any]] = {
    "DataStatistics": {},
    "FeatureScale": {},
    "HeteroFastSecureBoost": {"num_trees": 2},
    "HeteroFeatureBinning": {},
    "HeteroFeatureSelection": {"filter_methods": ["percentage_value"]},
    "HeteroKmeans": {"k": 2, "max_iter": 2},
    "HeteroLR": {"max_iter": 2},
    "HeteroLinR": {"max_iter": 2},
    "HeteroNN": {"epochs": 2, "loss": "x"},
    "HeteroPearson": {"column_indexes": -1},
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


@pytest.fixture(autouse=True)
def _without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have networks without layers be the stand-in, wherever the tests run."""
    monkeypatch.setattr("flowkit_mockserver.components.nn.backend.find_spec", lambda name: None)


def results_of(module: str) -> Results:
    tables = horizontal(30) if module.startswith("Homo") else vertical(30)
    plain = TRAINED | {kind for kind in KINDS if "Feature" in kind and "Boost" not in kind}
    key = "data" if module in plain else "train_data"
    roles = ("guest",) if module == "LocalBaseline" else kind_named(module).roles
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


def test_buffers_have_the_types_of_their_messages(module: str) -> None:
    for result in results_of(module).values():
        if model := result.model:
            for message, document in (
                (model.meta_message, model.meta),
                (model.param_message, model.param),
            ):
                assert decode(message, encode(message, document)) == document


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
