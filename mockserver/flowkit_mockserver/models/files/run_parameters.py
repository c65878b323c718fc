"""What the folder of a model tells of how its components ran: the job's conf, and what the user gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.http.envelope import decode_json

__all__ = ["read_parameters", "shown_parameters"]

_GIVEN = "ComponentParam"
#: What is said of the component itself, behind the conf and in this order.
_OWN = ("local", "module", "CodePath", _GIVEN, "ComponentParameterSource")


def shown_parameters(stored: Mapping[str, Any], *, in_order: bool) -> dict[str, Any]:
    """Return the parameters of a component in the order in which the folder has them.

    Args:
        stored: the conf, and of the component's own parameters what the user gave; or what an archive said.
        in_order: whether the conf has its names in order, as before 1.9.
    """
    conf = {name: value for name, value in stored.items() if name not in _OWN}
    own = {name: stored[name] for name in _OWN if name in stored}
    if "local" in own:
        # The role comes before the party.
        own["local"] = dict(sorted(own["local"].items(), reverse=True))
    if in_order:
        conf = _in_order(conf)
        if _GIVEN in own:
            own[_GIVEN] = _in_order(own[_GIVEN])
    return {**conf, **own}


def _in_order(value: Any) -> Any:
    return json.loads(json.dumps(value, sort_keys=True))


def read_parameters(content: bytes) -> dict[str, Any]:
    """Return the parameters of a component that an archive holds.

    Raises:
        ValueError: they are no parameters.
        Refusal: they are nested too deeply, or a text in them cannot be stored.
    """
    found = decode_json(content)
    if not isinstance(found, dict) or not isinstance(found.get("local", {}), dict):
        raise ValueError("run parameters are a map, and whose they are is one, too")
    return found
