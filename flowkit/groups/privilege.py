"""client.privilege: what partners may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit.changes import PERMISSIONS_BY_PARTY
from flowkit.groups.base import Group
from flowkit.inputs.arguments import Id, names, optional, party, plain, refusal, role
from flowkit.reply import Reply

__all__ = ["Privilege"]

Names = Sequence[str] | str
Datasets = Sequence[Mapping[str, Any]] | Mapping[str, Any] | str


class Privilege(Group):
    """Privileges of other parties on this server.

    Servers up to 1.8 keep them by party and role: roles, commands and components. Servers from 1.9
    on keep them by party: components and datasets. Which fields are sent depends on the server's
    line.
    """

    def query(self, src_party_id: Id, src_role: str | None = None) -> Reply[dict[str, Any]]:
        """Show the privileges of a party.

        Args:
            src_party_id: the party.
            src_role: its role; for servers up to 1.8.

        Returns:
            A reply whose data holds ``privilege_role``, ``privilege_command`` and
            ``privilege_component``; from 1.9 on ``component`` and ``dataset``.

        Raises:
            OperationError: permissions are not configured on the server (100).

        Endpoint: ``POST permission/query/privilege``; from 1.9 on ``POST permission/query``.
        """
        return self._post("privilege.query", self._party(src_party_id, src_role))

    def grant(
        self,
        src_party_id: Id,
        src_role: str | None = None,
        privilege_role: Names | None = None,
        privilege_command: Names | None = None,
        privilege_component: Names | None = None,
        *,
        component: Names | None = None,
        dataset: Datasets | None = None,
    ) -> Reply[None]:
        """Grant privileges to a party.

        The official SDK has the first two arguments only, with which nothing can be granted.

        Args:
            src_party_id: the party.
            src_role: its role; for servers up to 1.8, as are the next three.
            privilege_role: roles it may play here.
            privilege_command: commands it may give, such as ``create``, ``stop``, ``run``.
            privilege_component: components it may run, such as ``heterolr``; ``all`` is all.
            component: components it may run; for servers from 1.9 on.
            dataset: datasets it may use, ``{"namespace": …, "name": …}``; from 1.9 on.

        Raises:
            ArgumentError: a privilege was given that the server's line does not know.
            OperationError: permissions are not configured on the server (100).

        Endpoint: ``POST permission/grant/privilege``; from 1.9 on ``POST permission/grant``.
        """
        body = self._party(src_party_id, src_role)
        what = (privilege_role, privilege_command, privilege_component)
        return self._post("privilege.grant", body | self._privileges(what, component, dataset))

    def delete(
        self,
        src_party_id: Id,
        src_role: str | None = None,
        privilege_role: Names | None = None,
        privilege_command: Names | None = None,
        privilege_component: Names | None = None,
        *,
        component: Names | None = None,
        dataset: Datasets | None = None,
    ) -> Reply[None]:
        """Take privileges from a party.

        Args:
            src_party_id: the party.
            src_role: its role; for servers up to 1.8, as are the next three.
            privilege_role: roles it may not play here any more.
            privilege_command: commands it may not give any more.
            privilege_component: components it may not run any more.
            component: components it may not run any more; for servers from 1.9 on.
            dataset: datasets it may not use any more; for servers from 1.9 on.

        Raises:
            ArgumentError: a privilege was given that the server's line does not know.
            OperationError: permissions are not configured on the server (100).

        Endpoint: ``POST permission/delete/privilege``; from 1.9 on ``POST permission/delete``.
        """
        body = self._party(src_party_id, src_role)
        what = (privilege_role, privilege_command, privilege_component)
        return self._post("privilege.delete", body | self._privileges(what, component, dataset))

    def _party(self, src_party_id: Id, src_role: str | None) -> dict[str, Any]:
        """Return the fields that name the party, as the server's line has them."""
        number = party("src_party_id", src_party_id)
        if PERMISSIONS_BY_PARTY.holds_on(self._client.server_line()):
            return {"party_id": number}
        return {"src_party_id": number, "src_role": role("src_role", src_role)}

    def _privileges(
        self,
        what: tuple[Names | None, Names | None, Names | None],
        component: Names | None,
        dataset: Datasets | None,
    ) -> dict[str, Any]:
        """Return the fields that name the privileges; servers want names with commas between."""
        keys = ("privilege_role", "privilege_command", "privilege_component")
        former: dict[str, Names | None] = dict(zip(keys, what, strict=True))
        listed = former
        strangers: Mapping[str, object] = {"component": component, "dataset": dataset}
        fields: dict[str, Any] = {}
        line = self._client.server_line()
        if PERMISSIONS_BY_PARTY.holds_on(line):
            listed, strangers = {"component": component}, former
            fields = {"dataset": optional(plain, "dataset", dataset)}
        for key, value in strangers.items():
            if value is not None:  # what is left out is not granted, or not taken
                must = f"left out: FATE Flow {line} takes {' and '.join((*listed, *fields))}"
                raise refusal(key, value, must)
        for key, value in listed.items():
            fields[key] = None if value is None else ",".join(names(key, value))
        return {key: value for key, value in fields.items() if value is not None}
