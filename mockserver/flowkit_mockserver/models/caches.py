"""The caches of all models: kept as documents, and if wanted as folders that others look into as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowkit_mockserver.models.cache import ModelCache, model_key
from flowkit_mockserver.models.files.folders import ModelFolders
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import Collection
from flowkit_mockserver.store.collection import part_label

__all__ = ["ModelCaches"]

#: The parts of a model are looked through host first, which decides whose predict DSL an answer shows.
_ROLE_ORDER = {"host": 0, "guest": 1, "arbiter": 2}


class ModelCaches:
    """The caches of all models.

    Args:
        documents: where they are kept.
        folders: where they lie as well. What somebody removes there is gone, as on the real server, which has
            nothing else. None keeps no folders.
    """

    def __init__(self, documents: Collection, folders: ModelFolders | None = None) -> None:
        self._caches = documents
        self._folders = folders
        self._changed: set[str] = set()
        if folders is not None:
            known = set(self._caches)
            self._changed = {key for key in known if not folders.find(key)}
            self._changed |= set(folders) - known

    def __contains__(self, cache: object) -> bool:
        return isinstance(cache, ModelCache) and self._read(cache.key) is not None

    def put(self, cache: ModelCache) -> None:
        """Keep a cache, new or changed."""
        self._caches[cache.key] = _cache_document(cache)
        self._note(cache.key)

    def drop(self, cache: ModelCache) -> None:
        """Forget a cache."""
        self._drop(cache.key)

    def _drop(self, key: str) -> None:
        del self._caches[key]
        self._note(key)

    def _note(self, key: str) -> None:
        if self._folders is not None:
            self._changed.add(key)

    def _read(self, key: str) -> Mapping[str, Any] | None:
        """Return the document of a cache; None when there is none, or somebody has removed its folder."""
        document = self._caches.get(key)
        if document is None or self._folders is None or not self._folders.is_removed(key):
            return document
        self._drop(key)
        return None

    def get(self, party_model: str, model_version: object) -> ModelCache | None:
        """Return the part of a model that a party model id names, or None."""
        document = self._read(model_key(party_model, model_version))
        return None if document is None else _cache_from(document)

    def matching(
        self,
        model_id: object = None,
        model_version: object = None,
        role: object = None,
        party_id: object = None,
    ) -> Iterator[ModelCache]:
        """Yield the caches that match; what is empty matches anything."""
        if model_id and model_version:
            keys = self._caches.labelled(part_label(model_id, model_version))
        else:
            keys = list(self._caches)
        documents = [document for key in keys if (document := self._read(key)) is not None]
        found = [_cache_from(document) for document in documents]
        found.sort(key=lambda cache: _ROLE_ORDER.get(cache.party.role, len(_ROLE_ORDER)))
        for cache in found:
            if all(
                not wanted or str(wanted) == own
                for wanted, own in (
                    (model_id, cache.model_id),
                    (model_version, cache.model_version),
                    (role, cache.party.role),
                    (party_id, cache.party.party_id),
                )
            ):
                yield cache

    def write_folders(self) -> None:
        """Let the folders be what the caches are now; to be called when what changed will last."""
        if self._folders is None:
            return
        changed, self._changed = self._changed, set()
        for key in sorted(changed):
            if (document := self._caches.get(key)) is None:
                self._folders.remove(key)
            else:
                self._folders.write(_cache_from(document))


def _cache_document(cache: ModelCache) -> dict[str, Any]:
    document = {name: getattr(cache, name) for name in ModelCache.__slots__ if name != "party"}
    return cache.party._asdict() | document


def _cache_from(document: Mapping[str, Any]) -> ModelCache:
    fields = dict(document)
    return ModelCache(Party(fields.pop("role"), fields.pop("party_id")), **fields)
