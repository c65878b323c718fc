from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.cache import ModelCache
from flowkit_mockserver.models.caches import ModelCaches
from flowkit_mockserver.models.files.rows import rows_of_files
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import Store

MODEL = "guest-9999#model"


@pytest.fixture
def caches(store: Store) -> ModelCaches:
    return ModelCaches(store.collection("models"))


def trained(version: str) -> ModelCache:
    pipeline: dict[str, Any] = {
        "train_runtime_conf": {"dsl_version": 2},
        "train_dsl": {"components": {}},
        "inference_dsl": {},
        "runtime_conf_on_party": {},
        "parent_info": {},
        "roles": {"guest": [9999]},
        "model_id": MODEL,
        "model_version": version,
        "fate_version": "1.9.0",
        "parent": True,
        "loaded_times": 0,
        "work_mode": 0,
        "initiator_role": "guest",
        "initiator_party_id": 9999,
    }
    cache = ModelCache(Party("guest", "9999"), MODEL, version)
    cache.pipeline = pipeline  # type: ignore[assignment]
    return cache


def rows(caches: ModelCaches, **arguments: Any) -> list[dict[str, Any]]:
    found = rows_of_files(caches, arguments, "/srv/fate", dialect_of("1.9"))
    return [row for _, row in found]


def test_models_are_told_by_the_ids_that_are_given(caches: ModelCaches) -> None:
    caches.put(trained("1"))
    caches.put(trained("2"))
    assert [row["f_model_version"] for row in rows(caches, job_id="9")] == ["1", "2"]
    (row,) = rows(caches, model_version=2, party_id=9999)
    assert (row["f_job_id"], row["f_role"], row["f_party_id"]) == ("2", "guest", "9999")
    assert row["f_runtime_conf"] == row["f_train_runtime_conf"] == {"dsl_version": 2}
    assert "f_loaded_times" not in row
    assert rows(caches, model_version=None) == rows(caches, role="") == []
    assert rows(caches, model_version="2", query_filters=["f_role"]) == [{"f_role": "guest"}]


def test_a_prediction_has_no_pipeline(caches: ModelCaches) -> None:
    caches.put(trained("1"))
    caches.put(ModelCache(Party("guest", "9999"), MODEL, "3"))
    with pytest.raises(Refusal, match=r"^'Pipeline'$"):
        rows(caches, job_id="9")
    assert len(rows(caches, model_version="1")) == 1
