"""What the folder of a model tells of how its components ran: the job's conf, and what the user gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["shown_parameters"]

_OWN = ("CodePath", "ComponentParam", "ComponentParameterSource", "local", "module")


def shown_parameters(stored: Mapping[str, Any], *, in_order: bool) -> dict[str, Any]:
    """Return the parameters of a component in the order in which the folder has them.

    Args:
        stored: those of the job, and of the component what the user gave.
        in_order: whether the conf has its names in order, as before 1.9.
    """
    if "local" not in stored:
        return dict(stored)
    conf = {name: value for name, value in stored.items() if name not in _OWN}
    given = stored["ComponentParam"]
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
