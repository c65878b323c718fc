"""Permissions of the later lines: which components and tables a party may use here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.store import Collection

__all__ = ["LaterPermissions"]

_COMPONENT, _DATASET = "component", "dataset"


class LaterPermissions:
    """The permissions of a server whose switch is on.

    Args:
        documents: where they are kept.
        components: the names that can be granted, in small letters.
    """

    def __init__(self, documents: Collection, components: Iterable[str]) -> None:
        self._documents = documents
        self._components = frozenset(components)

    def _own(self, party_id: Any) -> dict[str, Any]:
        found = self._documents.get(str(party_id), {})
        return {
            _COMPONENT: list(found.get(_COMPONENT, ())),
            _DATASET: list(found.get(_DATASET, ())),
        }

    def _asked(self, request: Mapping[str, Any]) -> list[str]:
        text = request.get(_COMPONENT)
        if not text:
            return []
        names = [name.strip() for name in text.split(",")]
        if names == ["*"]:
            return names
        unknown = [name for name in names if name not in self._components]
        if unknown:
            message = f"permission type component value {unknown} error"
            raise Refusal(f"ValueError({message!r})")
        return names

    @staticmethod
    def _datasets(request: Mapping[str, Any], *, grants: bool) -> list[Any]:
        given = request.get(_DATASET)
        if not given:
            return []
        if given == "*":
            if grants:
                raise Refusal("Exception('permission type dataset not support grant all')")
            return ["*"]
        return list(given) if isinstance(given, list) else [given]

    def grant(self, request: Mapping[str, Any]) -> None:
        """Grant components (names in one text) and tables to a party.

        Raises:
            Refusal: a component is unknown, or all tables are asked for.
        """
        own = self._own(request["party_id"])
        names = self._asked(request)
        wanted = sorted(self._components) if names == ["*"] else names
        own[_COMPONENT] = list(dict.fromkeys([*own[_COMPONENT], *wanted]))
        for dataset in self._datasets(request, grants=True):
            entry = {name: dataset.get(name) for name in ("name", "namespace")}
            if entry not in own[_DATASET]:
                own[_DATASET].append(entry)
        self._documents[str(request["party_id"])] = own

    def delete(self, request: Mapping[str, Any]) -> None:
        """Take components and tables back from a party; ``*`` takes all.

        Raises:
            Refusal: a component is unknown.
        """
        own = self._own(request["party_id"])
        names = self._asked(request)
        own[_COMPONENT] = [n for n in own[_COMPONENT] if names != ["*"] and n not in names]
        datasets = self._datasets(request, grants=False)
        own[_DATASET] = [d for d in own[_DATASET] if datasets != ["*"] and d not in datasets]
        self._documents[str(request["party_id"])] = own

    def query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a party has been granted."""
        return self._own(request["party_id"])

    def refused_component(self, party_id: Any, components: Iterable[str]) -> str | None:
        """Return the first of the components that a party may not use, None if it may use all."""
        granted = self._own(party_id)[_COMPONENT]
        return next((name for name in components if name not in granted), None)

    def allows_dataset(self, party_id: Any, dataset: Mapping[str, Any]) -> bool:
        """Say whether a party may use a table."""
        return dict(dataset) in self._own(party_id)[_DATASET]
