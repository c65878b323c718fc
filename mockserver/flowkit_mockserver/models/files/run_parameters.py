"""What the folder of a model tells of how its components ran: the job's conf, and what the user gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dsl.conf import copy_tree

__all__ = ["shown_parameters"]

#: Where parameters note the paths of those that were given.
_NOTED = "_user_feeded_params"
_OWN = ("CodePath", "ComponentParam", "ComponentParameterSource", "local", "module")


def shown_parameters(stored: Mapping[str, Any], *, in_order: bool) -> dict[str, Any]:
    """Return what the user gave of the parameters of a component, in the order in which the folder has it.

    Args:
        stored: those of the job and of the component; or what an archive said, which has no more than the user gave.
        in_order: whether the conf has its names in order, as before 1.9.
    """
    if "local" not in stored:
        return dict(stored)
    conf = {name: value for name, value in stored.items() if name not in _OWN}
    given = _given(stored["ComponentParam"])
    if in_order:
        conf, given = (json.loads(json.dumps(part, sort_keys=True)) for part in (conf, given))
    local = stored["local"]
    source = "ComponentParameterSource"
    return {
        **conf,
        "local": {"role": local["role"], "party_id": local["party_id"]},
        "module": stored["module"],
        "CodePath": stored["CodePath"],
        "ComponentParam": given,
        **({source: stored[source]} if source in stored else {}),
    }


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the user gave, as far as the parameters note it; of a map whose names were given, only these."""
    if _NOTED not in parameters:
        return dict(parameters)
    paths: list[str] = parameters[_NOTED]
    parents = {path.rpartition(".")[0] for path in paths}
    given: dict[str, Any] = {}
    for path in paths:
        *folders, name = path.split(".")
        source, target = parameters, given
        for folder in folders:
            source, target = source[folder], target[folder]
        target[name] = {} if path in parents else copy_tree(source[name])
    return given
