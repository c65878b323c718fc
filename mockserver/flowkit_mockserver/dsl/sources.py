"""Where the data of a job comes from: ``args`` of DSL v1, the parameters of readers in DSL v2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.dsl.errors import DslError

__all__ = ["Sources", "check_args", "sources_v1", "sources_v2"]

Sources = dict[str, list[dict[str, Any]]]
"""Role -> per party a map: key of ``args`` or name of a reader -> where its table is.

The value under an args key is one table ``{"name", "namespace"}``; under a reader it is the
reader's parameters, normally ``{"table": {"name", "namespace"}}``.
"""


def sources_v1(conf: Mapping[str, Any]) -> tuple[Sources, set[str]]:
    """Return the sources of a v1 conf and the data keys that any role gives.

    Raises:
        DslError: the conf has no role parameters; a list has not one table a party.
    """
    by_role = conf.get("role_parameters", {})
    if not by_role.keys():
        raise DslError("not enough values to unpack (expected 2, got 0)")
    sources: Sources = {}
    keys = set()
    for role in by_role:
        args = by_role[role].get("args")
        if not args:
            continue
        parties = conf["role"][role]
        sources[role] = []
        tables_by_key = args.get("data") if "data" in args else {}
        for key in tables_by_key:
            tables = tables_by_key[key]
            if len(tables) != len(parties):
                raise DslError(
                    f"Role {role} role parameter {key} should be a list of same length with roles"
                )
            keys.add(key)
            for index in range(len(tables)):
                if len(sources[role]) <= index:
                    sources[role].append({})
                sources[role][index][key] = tables[index]
    return sources, keys


def check_args(wanted: Sequence[str], given: set[str]) -> None:
    """Check that every ``args.KEY`` of a v1 DSL is given in the conf."""
    for key in wanted:
        if key not in given:
            raise DslError(f"{key} does not exist in submit conf's data, please check!")


def sources_v2(conf: Mapping[str, Any], components: Mapping[str, Any]) -> Sources:
    """Return the sources of a v2 conf: the role parameters of every Reader of the DSL.

    Raises:
        KeyError: a role of the component parameters takes no part in the job.
        IndexError: a reader has parameters for a party that does not exist.
    """
    by_role = conf.get("component_parameters", {}).get("role")
    if by_role is None:
        return {}
    readers = [name for name in components if components[name].get("module") == "Reader"]
    sources: Sources = {}
    for role in by_role.keys():  # noqa: SIM118 - what is no map stumbles over "keys"
        sources[role] = [{reader: {} for reader in readers} for _ in range(len(conf["role"][role]))]
        for indexes in by_role[role].keys():  # noqa: SIM118
            given = by_role[role][indexes]
            for reader in readers:
                if reader not in given:
                    continue
                if indexes == "all":
                    chosen = list(range(len(sources[role])))
                else:
                    chosen = [int(index) for index in indexes.split("|")]
                for index in chosen:
                    sources[role][index][reader] = given[reader]
    return sources
