"""The tables of facts: component kinds by line, and what a server says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from flowkit.servers import LINES, ServerLine
from flowkit_mockserver.dialects.dialect import ChangedKind, OlderKind

__all__ = [
    "FLOW_PROVIDER",
    "ML_PROVIDER",
    "kinds_of",
    "older_kinds_of",
    "provider_of",
    "server_facts",
]

#: Who provides the components: FATE Flow itself those that move data and models, FATE all others.
FLOW_PROVIDER = "fate_flow"
ML_PROVIDER = "fate"

_TABLES = "flowkit_mockserver.dialects.tables"


@cache
def _table(name: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads((files(_TABLES) / name).read_text(encoding="utf-8"))
    return loaded


@cache
def kinds_of(line: ServerLine) -> Mapping[str, ChangedKind]:
    """Return the component kinds of a line: those of the lines before it, with its own changes.

    The table lists, line by line, each kind that is new or changed; null where one is gone. Another lists the
    deprecated parameters by class.
    """
    found: dict[str, ChangedKind] = {}
    deprecated: dict[str, list[str]] = {}
    for known in LINES:
        if known > line:
            break
        for name, kind in _table("kinds.json").get(known.name, {}).items():
            if kind is None:
                found.pop(name, None)
            else:
                found[name] = ChangedKind(
                    kind["param_class"], kind["roles"], kind["defaults"], frozenset(kind["maps"])
                )
        deprecated |= _table("deprecated.json").get(known.name, {})
    return {
        name: replace(kind, deprecated=frozenset(deprecated.get(kind.param_class, ())))
        for name, kind in found.items()
    }


@cache
def older_kinds_of(line: ServerLine) -> Mapping[str, OlderKind | None]:
    """Return the component kinds that a line before 1.6 knows otherwise; None for one that it does not have."""
    return {
        name: None
        if kind is None
        else OlderKind(
            kind.get("param_class"), frozenset(kind.get("without", ())), kind.get("defaults", {})
        )
        for name, kind in _table("older.json").get(line.name, {}).items()
    }


@cache
def _facts_of(line: ServerLine) -> Mapping[str, Any]:
    """Return the parts of a line: those of the lines before it, less what is gone, with what it adds and changes."""
    found: dict[str, Any] = {}
    for known in LINES:
        if known > line:
            break
        changes = dict(_table("server.json").get(known.name, {}))
        for path in changes.pop("gone", ()):
            *above, name = path.split(".")
            del _at(found, above)[name]
        _lay(found, changes)
    return found


def _at(tree: dict[str, Any], path: list[str]) -> dict[str, Any]:
    for name in path:
        tree = tree[name]
    return tree


def _lay(tree: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if isinstance(value, dict):
            _lay(tree.setdefault(name, {}), value)
        else:
            tree[name] = value


def server_facts(line: ServerLine, name: str) -> Any:
    """Return a fresh copy of a part of what the servers of a line say of themselves.

    Args:
        line: the line; the first that says anything of itself is 1.7.
        name: ``class_path``, ``components`` (name → module), ``grantable`` (their names in small letters),
            ``frameworks`` (kind → framework and file of a converted model), ``job_defaults``, ``configuration`` or
            ``template``.
    """
    return json.loads(json.dumps(_facts_of(line)[name]))


@cache
def _flow_modules() -> frozenset[str]:
    paths: Mapping[str, str] = _facts_of(LINES[-1])["components"]
    return frozenset(n.lower() for n, path in paths.items() if path.startswith(FLOW_PROVIDER))


def provider_of(module: str) -> str:
    """Return the name of the provider of a module, whatever its letters."""
    return FLOW_PROVIDER if module.lower() in _flow_modules() else ML_PROVIDER
