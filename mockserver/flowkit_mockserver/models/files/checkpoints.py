"""The checkpoints of a component: its model as it was after iterations of a training."""

from __future__ import annotations

import hashlib
from typing import Any

from flowkit_mockserver.models.cache import STEP_NAME, Checkpoint, buffer_messages, buffers_of

__all__ = ["checkpoint_entry"]


def checkpoint_entry(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return what is listed of a checkpoint: its step, when it was made, and the fingerprints of its buffers."""
    messages = buffer_messages(checkpoint["model"])
    return {
        "step_index": checkpoint["step_index"],
        "step_name": STEP_NAME,
        "create_time": checkpoint["create_time"],
        "models": {
            name: {"sha1": hashlib.sha1(content).hexdigest(), "buffer_name": messages[name]}
            for name, content in buffers_of(checkpoint["model"]).items()
        },
    }
