"""What the folder of a model tells of how its components ran: the job's conf, and what the user gave."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.dsl.conf import copy_tree

__all__ = ["given_parameters"]

_OWN = ("CodePath", "ComponentParam", "ComponentParameterSource", "local", "module")


def given_parameters(stored: Mapping[str, Any], *, in_order: bool) -> dict[str, Any]:
    """Return the parameters of a component as the folder has them, without the defaults.

    Args:
        stored: those that it ran with; or what an archive said, which stays as it is.
        in_order: whether the conf has its names in order, as before 1.9.
    """
    parameters = stored.get("ComponentParam", {})
    if "_user_feeded_params" not in parameters:
        return dict(stored)
    conf = {name: value for name, value in stored.items() if name not in _OWN}
    given = _given(parameters, parameters["_user_feeded_params"])
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


def _given(parameters: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """Return the values at paths of names; of a map whose names are given one by one only these."""
    parents = {path.rpartition(".")[0] for path in paths}
    given: dict[str, Any] = {}
    for path in paths:
        *folders, name = path.split(".")
        source, target = parameters, given
        for folder in folders:
            source, target = source[folder], target[folder]
        target[name] = {} if path in parents else copy_tree(source[name])
    return given
