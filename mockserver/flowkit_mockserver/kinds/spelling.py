"""Parameters in the letters in which their class keeps them, whatever letters the user wrote them in."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.kinds.lookup import find_kind_in_any_letters

__all__ = ["in_own_letters"]

#: What a rule may meet in parameters that do not keep it; they were refused before if that matters.
_BROKEN = (KeyError, IndexError, TypeError, ValueError, AttributeError, AssertionError)


def in_own_letters(
    module: str, behaviour: Behaviour, stored: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return stored parameters of a component as its class has them when it runs: ``"Random"`` is ``"random"``.

    Only letters change: what a class makes of a value otherwise, its algorithm does here.

    Args:
        module: of the component.
        behaviour: how the components of the line compute.
        stored: what is kept of the component, its parameters under the name of their class.
    """
    kind = find_kind_in_any_letters(module)
    if kind is None:
        return stored
    found = dict(stored)
    for key, given in stored.items():
        if not (key.endswith("Param") and isinstance(given, Mapping)):
            continue
        checked = deepcopy(dict(given))
        for rule in kind.rules_on(behaviour):
            try:
                rule(checked)
            except _BROKEN:
                continue
        found[key] = _respelled(given, checked)
    return found


def _respelled(given: Any, checked: Any) -> Any:
    if isinstance(given, str):
        same = isinstance(checked, str) and given.lower() == checked.lower()
        return checked if same else given
    if isinstance(given, Mapping) and isinstance(checked, Mapping):
        return {name: _respelled(one, checked.get(name)) for name, one in given.items()}
    if isinstance(given, list) and isinstance(checked, list) and len(given) == len(checked):
        return [_respelled(one, other) for one, other in zip(given, checked, strict=True)]
    return given
