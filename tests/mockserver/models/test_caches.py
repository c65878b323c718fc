"""Caches of models: found by party, id and version."""

from __future__ import annotations

from pathlib import Path

from flowkit_mockserver.dialects.lines import dialect_of
from flowkit_mockserver.models.cache import ModelCache, party_model_id
from flowkit_mockserver.models.caches import ModelCaches
from flowkit_mockserver.models.files.folders import ModelFolders
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


class TestFolders:
    def test_they_follow_when_what_changed_lasts(self, store: Store, tmp_path: Path) -> None:
        caches = ModelCaches(
            store.collection("models"), ModelFolders(tmp_path, dialect_of("1.6.1"))
        )
        cache = ModelCache(GUEST, "m", "1")
        caches.put(cache)
        assert cache in caches
        assert list(tmp_path.iterdir()) == []
        caches.write_folders()
        assert [path.name for path in tmp_path.iterdir()] == ["guest#7001#m"]
        caches.drop(cache)
        caches.write_folders()
        assert list(tmp_path.iterdir()) == []

    def test_a_cache_whose_folder_somebody_removed_is_gone(
        self, store: Store, tmp_path: Path
    ) -> None:
        caches = ModelCaches(
            store.collection("models"), ModelFolders(tmp_path, dialect_of("1.6.1"))
        )
        for party in (GUEST, HOST):
            caches.put(ModelCache(party, "m", "1"))
        caches.write_folders()
        (tmp_path / "guest#7001#m").rename(tmp_path / "elsewhere")
        assert caches.get(party_model_id(GUEST, "m"), "1") is None
        assert [cache.party for cache in caches.matching("m", "1")] == [HOST]
        assert [cache.party for cache in caches.matching()] == [HOST]

    def test_caches_from_before_get_their_folders(self, store: Store, tmp_path: Path) -> None:
        caches_of(store).put(ModelCache(GUEST, "m", "1"))
        caches = ModelCaches(
            store.collection("models"), ModelFolders(tmp_path, dialect_of("1.6.1"))
        )
        assert caches.get(party_model_id(GUEST, "m"), "1") is not None
        caches.write_folders()
        assert (tmp_path / "guest#7001#m" / "1").is_dir()

    def test_those_of_caches_that_are_no_longer_known_are_removed(
        self, store: Store, tmp_path: Path
    ) -> None:
        folders = ModelFolders(tmp_path, dialect_of("1.6.1"))
        caches = ModelCaches(store.collection("models"), folders)
        caches.put(ModelCache(GUEST, "m", "1"))
        caches.write_folders()
        store.collection("models").clear()
        ModelCaches(store.collection("models"), folders).write_folders()
        assert list(tmp_path.iterdir()) == []
