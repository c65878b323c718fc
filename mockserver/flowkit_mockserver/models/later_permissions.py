"""Permissions of the later lines: which components and tables a party may use here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.store import Collection

__all__ = ["LaterPermissions"]

_COMPONENT, _DATASET = "component", "dataset"
_PERMISSION_ERROR = 108


class LaterPermissions:
    """The permissions of a server whose switch is on.

    Args:
        documents: where they are kept.
        components: the names that can be granted, in small letters.
    """

    def __init__(self, documents: Collection, components: Iterable[str]) -> None:
        self._documents = documents
        self._components = tuple(components)

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
        if not isinstance(text, str):
            raise AttributeError(f"{type(text).__name__!r} object has no attribute 'split'")
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
        datasets = given if isinstance(given, list) else [given]
        for dataset in datasets:
            if not isinstance(dataset, dict):
                raise ValueError(f"permission type dataset value {dataset} error")
            missing = [name for name in ("name", "namespace") if name not in dataset]
            if missing:
                text = f"__init__() missing {len(missing)} required positional argument"
                listed = " and ".join(repr(name) for name in missing)
                raise TypeError(f"{text}{'s' if missing[1:] else ''}: {listed}")
        return datasets

    def grant(self, request: Mapping[str, Any]) -> None:
        """Grant components (names in one text) and tables to a party.

        Raises:
            Refusal: a component is unknown, or all tables are asked for.
        """
        own = self._own(request["party_id"])
        names = self._asked(request)
        wanted = self._components if names == ["*"] else names
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

    def refusal(
        self, party_id: Any, components: Iterable[str], datasets: Iterable[Mapping[str, Any]]
    ) -> dict[str, Any] | None:
        """Return what is answered to a party that may not use what its job needs, None if it may use all of it.

        Args:
            party_id: who asks.
            components: the modules of the job.
            datasets: the tables that it reads here, each with name and namespace.
        """
        own = self._own(party_id)
        for component in components:
            if component.lower() not in own[_COMPONENT]:
                return _refused(2, f"check component permission failed: {component.lower()}")
        for dataset in datasets:
            entry = {name: dataset.get(name) for name in ("name", "namespace")}
            if entry not in own[_DATASET]:
                return _refused(3, f"check dataset permission failed: {json.dumps(entry)}")
        return None


def _refused(code: int, message: str) -> dict[str, Any]:
    return {
        "data": {"code": code, "message": message},
        "retcode": _PERMISSION_ERROR,
        "retmsg": "permission check failed",
    }
