"""Caches of models: found by party, id and version."""

from __future__ import annotations

import pytest

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.cache import ModelCache, ModelCaches, party_model_id
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import Store

GUEST, HOST = Party("guest", "7001"), Party("host", "7002")


def caches_of(store: Store) -> ModelCaches:
    return ModelCaches(store.collection("models"))


def test_each_party_has_its_own_part(store: Store) -> None:
    caches = caches_of(store)
    for party in (GUEST, HOST):
        caches.put(ModelCache(party, "m", "1"))

    found = caches.get(party_model_id(HOST, "m"), "1")

    assert found is not None
    assert found.party == HOST
    assert caches.get(party_model_id(HOST, "m"), "2") is None


def test_hosts_come_first_and_empty_filters_match_anything(store: Store) -> None:
    caches = caches_of(store)
    for party in (GUEST, HOST):
        caches.put(ModelCache(party, "m", "1"))

    assert [cache.party for cache in caches.matching("m", "1")] == [HOST, GUEST]
    assert [cache.party for cache in caches.matching(role="guest", party_id=7001)] == [GUEST]


def test_documents_name_role_and_party_id(store: Store) -> None:
    caches = caches_of(store)
    caches.put(ModelCache(GUEST, "m", "1"))

    (document,) = store.collection("models").values()
    assert (document["role"], document["party_id"]) == ("guest", "7001")
    assert next(caches_of(store).matching("m", "1")) == ModelCache(GUEST, "m", "1")


def test_a_cache_that_is_dropped_is_gone(store: Store) -> None:
    caches, cache = caches_of(store), ModelCache(GUEST, "m", "1")
    caches.put(cache)
    caches.drop(cache)

    assert cache not in caches
    assert list(caches.matching("m", "1")) == []


def test_a_cache_without_a_pipeline_is_defective() -> None:
    with pytest.raises(Refusal, match="'Pipeline'"):
        ModelCache(GUEST, "m", "1").read_pipeline("/srv")
    with pytest.raises(Refusal, match="No such file"):
        ModelCache(GUEST, "m", "1", defined=False).read_pipeline("/srv")
