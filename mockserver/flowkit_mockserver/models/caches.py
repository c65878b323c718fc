"""All caches of a server: found by party, id and version."""

from __future__ import annotations

from collections.abc import Iterator

from flowkit_mockserver.models.cache import ModelCache
from flowkit_mockserver.models.identity import model_key
from flowkit_mockserver.store import Store

__all__ = ["ModelCaches"]

#: The parts of a model are looked through host first, which decides whose predict DSL an answer shows.
_ROLE_ORDER = {"host": 0, "guest": 1, "arbiter": 2}


class ModelCaches:
    """The caches of all models.

    Args:
        store: where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._caches = store.collection("models")
        self._parts: dict[tuple[str, str], list[str]] = {}
        for key, document in self._caches.items():
            self._index(key, document["model_id"], document["model_version"])

    def _index(self, key: str, model_id: str, model_version: str) -> None:
        self._parts.setdefault((model_id, model_version), []).append(key)

    def __contains__(self, cache: object) -> bool:
        return isinstance(cache, ModelCache) and cache.key in self._caches

    def put(self, cache: ModelCache) -> None:
        """Keep a cache, new or changed."""
        if cache not in self:
            self._index(cache.key, cache.model_id, cache.model_version)
        self._caches[cache.key] = cache.to_document()

    def drop(self, cache: ModelCache) -> None:
        """Forget a cache."""
        del self._caches[cache.key]
        self._parts[cache.model_id, cache.model_version].remove(cache.key)

    def get(self, party_model: str, model_version: object) -> ModelCache | None:
        """Return the part of a model that a party model id names, or None."""
        document = self._caches.get(model_key(party_model, model_version))
        return None if document is None else ModelCache.from_document(document)

    def matching(
        self,
        model_id: object = None,
        model_version: object = None,
        role: object = None,
        party_id: object = None,
    ) -> Iterator[ModelCache]:
        """Yield the caches that match; what is empty matches anything."""
        if model_id and model_version:
            keys = self._parts.get((str(model_id), str(model_version)), [])
        else:
            keys = list(self._caches)
        found = [ModelCache.from_document(self._caches[key]) for key in keys]
        found.sort(key=lambda cache: _ROLE_ORDER.get(cache.role, len(_ROLE_ORDER)))
        for cache in found:
            if all(
                not wanted or str(wanted) == own
                for wanted, own in (
                    (model_id, cache.model_id),
                    (model_version, cache.model_version),
                    (role, cache.role),
                    (party_id, cache.party_id),
                )
            ):
                yield cache
