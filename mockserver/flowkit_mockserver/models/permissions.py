"""Permissions: what a party may ask of this one, by role, command and component.

The real server keeps them in a file that is only there when it checks permissions. Here the first grant of anything
makes it; until then every operation answers that the file is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flowkit.clock import Clock
from flowkit_mockserver.dialects import DEFAULT, Dialect, dialect_of
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.store import Collection

__all__ = ["Permissions"]

FIRST = dialect_of(DEFAULT)

Privileges = dict[str, Any]
"""Party → role → kind of privilege → what is granted."""

#: Everything that can be granted. Components are only known to a server that checks permissions.
_ALL: Mapping[str, list[str]] = {
    "privilege_role": ["host", "arbiter", "guest"],
    "privilege_command": ["run", "create", "stop"],
    "privilege_component": [],
}
_KEY = "granted"
_DEFAULT_SECONDS = 24 * 60 * 60


class Permissions:
    """The permissions of a server.

    Args:
        documents: where they are kept.
        clock: the server's time.
        root: the server's directory, for texts.
        dialect: how the server speaks. Before 1.6 nobody can be granted data, nothing stands for all parties, and
            the file has no name where none is kept.
        quirks: whether to do as a real server before 1.6 that checks no permissions: it has no file to keep any in.
    """

    def __init__(
        self,
        documents: Collection,
        clock: Clock,
        root: str,
        dialect: Dialect = FIRST,
        *,
        quirks: bool = False,
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._root = root
        self._grants_data = dialect.data_privileges
        self._keeps_none = quirks and not dialect.data_privileges

    def _load(self) -> Privileges:
        document = self._documents.get(_KEY)
        if document is None:
            file = f"{self._root}/python/fate_flow/authorization_config.json"
            path = file if self._grants_data else ""
            raise FileNotFoundError(2, "No such file or directory", path)
        # The file is read anew each time, so a change that fails half way leaves no trace.
        copy: Privileges = json.loads(json.dumps(document))
        return copy

    def _save(self, granted: Privileges) -> None:
        # Written out and read again, a party id that came as a number is a text.
        self._documents[_KEY] = json.loads(json.dumps(granted))

    def _whose(self, request: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return the party and the role that a request is about."""
        nobody = "*" if self._grants_data else None
        return request.get("src_party_id", nobody), request.get("src_role", nobody)

    def _datasets(self, request: Mapping[str, Any]) -> Any:
        return request.get("privilege_dataset") if self._grants_data else None

    def query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a party has been granted (POST permission/query/privilege).

        Raises:
            Refusal: nothing was ever granted to anybody.
        """
        party, role = self._whose(request)
        own = self._load().get(party, {}).get(role, {})
        source, destination = request.get("src_user"), request.get("dest_user")
        if source and destination and self._grants_data:
            datasets = own.get("privilege_dataset", {}).get(source, {}).get(destination, [])
            return {
                "src_user": source,
                "dest_user": destination,
                "privilege_dataset": datasets,
            }
        return {"src_party_id": party, "role": role, **{kind: own.get(kind, []) for kind in _ALL}}

    def grant(self, request: Mapping[str, Any]) -> None:
        """Grant privileges to a party (POST permission/grant/privilege).

        Raises:
            Refusal: there is no such privilege.
        """
        given = any(request.get(kind) for kind in (*_ALL, "privilege_dataset"))
        if given and _KEY not in self._documents and not self._keeps_none:
            self._documents[_KEY] = {}
        granted = self._load()
        party, role = self._whose(request)
        for kind, values in _privileges(request):
            own = granted.setdefault(party, {}).setdefault(role, {}).get(kind, [])
            granted[party][role][kind] = list(dict.fromkeys([*own, *values]))
        if datasets := self._datasets(request):
            users = (
                granted.setdefault(party, {})
                .setdefault(role, {})
                .setdefault("privilege_dataset", {})
            )
            source, destination = _users(request)
            own = users.setdefault(source, {}).setdefault(destination, [])
            for dataset in datasets:
                self._grant_dataset(own, dataset)
        self._save(granted)

    def _grant_dataset(self, own: list[Any], dataset: Any) -> None:
        now = int(self._clock.now())
        name, seconds = dataset if isinstance(dataset, list) else (dataset, _DEFAULT_SECONDS)
        entry = [name, now + int(seconds)]
        for index, known in enumerate(own):
            if known[0] == name:
                own[index] = entry
                return
        own.append(entry)

    def delete(self, request: Mapping[str, Any]) -> None:
        """Take privileges back (POST permission/delete/privilege).

        Raises:
            Refusal: one of them was not granted, or does not exist.
        """
        granted = self._load()
        party, role = self._whose(request)
        for kind, values in _privileges(request):
            own = granted.get(party, {}).get(role)
            every = values == _ALL[kind] and request[kind].strip() == "all"
            if every:
                if own is None:
                    raise Refusal("No permission to delete")
                own[kind] = []
                continue
            for value in values:
                if value not in (own or {}).get(kind, []):
                    word = kind.partition("_")[2]
                    raise Refusal(f"{word} {value} is not authorized ,it cannot be deleted")
                granted[party][role][kind].remove(value)
        if datasets := self._datasets(request):
            source, destination = _users(request)
            users = granted[party][role]["privilege_dataset"][source]
            gone = None if datasets in ("all", "ALL", "*") else datasets
            users[destination] = [
                entry for entry in users[destination] if gone is not None and entry[0] not in gone
            ]
        self._save(granted)


def _privileges(request: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield kind and names of the privileges in a request."""
    for kind, known in _ALL.items():
        if not request.get(kind):
            continue
        values: list[str] = []
        for word in request[kind].split(","):
            value = word.strip()
            if value != "all" and value not in known:
                raise Refusal(f"{value} does not exist in the permission {kind.partition('_')[2]}")
            values += known if value == "all" else [value]
        yield kind, values


def _users(request: Mapping[str, Any]) -> tuple[str, str]:
    source, destination = request.get("src_user"), request.get("dest_user")
    if not source or not destination:
        raise Refusal("Required parameters: src_user and dest_user")
    return source, destination
