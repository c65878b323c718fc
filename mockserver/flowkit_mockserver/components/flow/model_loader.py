"""ModelLoader: the model of a component of an earlier job, or one of its checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    LoadedModel,
    Metric,
    PartyResult,
)
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.party import Party

__all__ = ["load"]

_NEEDED = ("model_id", "model_version", "component_name")
_NOWHERE = (
    "Unable to find component model and checkpoint."
    ' Try specifying "model_alias", "step_index" or "step_name".'
)


def load(run: ComponentRun) -> dict[Party, PartyResult]:
    """Hand on the model that the parameters name, with what it is as metric."""
    return {party: _load(run, party) for party in run.parties}


def _load(run: ComponentRun, party: Party) -> PartyResult:
    asked = parameter(run, party)
    for name in _NEEDED:
        if asked.get(name) is None:
            raise ComponentFailed(f"'The component ModelLoader needs \"{name}\"'", party)
    found = run.load_model(party, *(str(asked[name]) for name in _NEEDED))
    ids = {name: asked[name] for name in _NEEDED}
    step = _step(found, asked)
    if step is None and found.model is None:
        raise ComponentFailed(_NOWHERE, party)
    if step is None:
        name = f"{asked['component_name']}-{found.alias}"
        meta = {"name": "component_model", "metric_type": "component_model_info"}
        meta |= {**ids, "model_alias": found.alias}
    elif step not in found.steps:
        raise ComponentFailed("The checkpoint was not found.", party)
    else:
        entry = found.steps[step]
        name = f"{entry['step_index']}-{entry['step_name']}"
        meta = {"name": "checkpoint", "metric_type": "checkpoint_info", **ids}
        meta |= {key: value for key, value in entry.items() if key != "models"}
    result = PartyResult(model=found.model if step is None else found.step_models[step])
    result.add_metric("model_loader", name, Metric([], meta))
    return result


def _step(found: LoadedModel, asked: Mapping[str, Any]) -> int | None:
    """Return the index of the checkpoint that is asked for; None for the model itself, -1 for one that is not there.

    An alias counts before an index, and an index before a name.
    """
    if asked.get("model_alias") is not None:
        return None
    if asked.get("step_index") is not None:
        return int(asked["step_index"])
    if asked.get("step_name") is None:
        return None
    named = [i for i, entry in found.steps.items() if entry["step_name"] == asked["step_name"]]
    return named[-1] if named else -1
