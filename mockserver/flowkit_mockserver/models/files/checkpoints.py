"""The checkpoints of a component: its model as it was after each iteration of a training."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.models.cache import STEP_NAME, ModelCache, buffer_messages, buffers_of

__all__ = ["checkpoint_entries", "checkpoint_entry"]


def checkpoint_entry(model: Mapping[str, Any], index: int, moment: str) -> dict[str, Any]:
    """Return what is listed of a checkpoint: its step, when it was made, and the fingerprints of its buffers."""
    messages = buffer_messages(model)
    return {
        "step_index": index,
        "step_name": STEP_NAME,
        "create_time": moment,
        "models": {
            name: {"sha1": hashlib.sha1(content).hexdigest(), "buffer_name": messages[name]}
            for name, content in buffers_of(model).items()
        },
    }


def checkpoint_entries(cache: ModelCache, component: str) -> list[dict[str, Any]]:
    """Return the checkpoints of a component, oldest first; each holds the model as it was in the end."""
    made = cache.checkpoints.get(component, [])
    if not made:
        return []
    model = next(iter(cache.components[component]["models"].values()))
    return [checkpoint_entry(model, index, moment) for index, moment in enumerate(made)]
