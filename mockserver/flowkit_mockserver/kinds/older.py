"""Component kinds as the lines before 1.6 know them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.facts import older_kinds_of
from flowkit_mockserver.kinds.kind import Kind
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.kinds.rules import that_apply

__all__ = ["kind_on", "with_later_parameters"]


def kind_on(dialect: Dialect, name: str) -> Kind | None:
    """Return the kind of a name as one of the first lines knows it; None if it does not have it."""
    kind = find_kind(name)
    if kind is None or name not in dialect.older_kinds:
        return kind
    return None if dialect.older_kinds[name] is None else _older(dialect.line.name, name)


@lru_cache(maxsize=256)
def _older(line: str, name: str) -> Kind | None:
    # The rules read the modules of kinds, with which a server does not begin.
    from flowkit.servers import line_of
    from flowkit_mockserver.kinds.older_rules import OLDER_RULES, worded

    kind, older = find_kind(name), older_kinds_of(line_of(line))[name]
    if kind is None or older is None:
        return None
    defaults = copy.deepcopy(dict(kind.defaults))
    for path in older.without:
        folder, own = _folder(defaults, path)
        del folder[own]
    for path, value in older.defaults.items():
        folder, own = _folder(defaults, path)
        folder[own] = value
    return replace(
        kind,
        param_class=older.param_class or kind.param_class,
        defaults=defaults,
        rules=worded(that_apply(OLDER_RULES.get(name, tuple)(kind.rules), defaults)),
    )


def _folder(values: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *folders, name = path.split(".")
    for folder in folders:
        values = values[folder]
    return values, name


def with_later_parameters(
    dialect: Dialect, name: str, stored: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return stored parameters of a kind with those that 1.6 added, by which an algorithm does as before them.

    Args:
        dialect: how the server speaks.
        name: of the kind.
        stored: what is kept of a component, its parameters under the name of their class.
    """
    kind, older = find_kind(name), dialect.older_kinds.get(name)
    if kind is None or older is None:
        return stored
    key = older.param_class or kind.param_class
    before = {name: value for name, value in _BEFORE.items() if name in older.without}
    found = {**_completed(kind.defaults, stored[key]), **before}
    if str(found.get("optimizer")).lower() == _WITHDRAWN and "batch_strategy" in older.defaults:
        found["optimizer"] = "sgd"
    return {**stored, key: found}


#: What an algorithm is given that its class did not have yet, where the default of 1.6 does something new: numbers
#: were not cut to fixed point.
_BEFORE = {"floating_point_precision": None}

#: An optimizer for which a logistic regression takes another one.
_WITHDRAWN = "sqn"


def _completed(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    found = {**defaults, **own}
    for name, value in defaults.items():
        if isinstance(value, dict) and isinstance(own.get(name), dict):
            found[name] = _completed(value, own[name])
    return found
