"""The checkpoints of a component: its model as it was after iterations of a training."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from flowkit_mockserver.models.cache import (
    STEP_NAME,
    Checkpoint,
    buffer_messages,
    buffers_of,
    model_from_buffers,
)
from flowkit_mockserver.models.define_meta import parse
from flowkit_mockserver.proto.catalogue import later_message

__all__ = ["checkpoint_entry", "read_checkpoints"]

_ENTRY = "database.yaml"


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


def read_checkpoints(
    component: str, module: str, names: Iterable[str], read: Callable[[str], bytes | None]
) -> list[Checkpoint]:
    """Return the checkpoints of a component that lie in a folder, by their steps.

    Args:
        component: its name.
        module: its kind.
        names: of all that lies in the folder.
        read: returns the content of what has that name; None when there is none.

    Raises:
        ValueError: one of them is incomplete, or no checkpoint.
        KeyError: FATE has no such message.
    """
    found: list[Checkpoint] = []
    for name in names:
        folder, _, file = name.rpartition("/")
        if file != _ENTRY or not folder.startswith(f"checkpoint/{component}/"):
            continue
        entry = parse((read(name) or b"").decode())
        messages: dict[str, str] = {}
        buffers: dict[str, bytes] = {}
        for buffer, described in entry["models"].items():
            content = read(f"{folder}/{buffer}.pb")
            if content is None:
                raise ValueError(f"{folder}/{buffer}.pb is missing")
            messages[buffer], buffers[buffer] = later_message(described["buffer_name"]), content
        found.append(
            {
                "step_index": int(entry["step_index"]),
                "create_time": entry["create_time"],
                "model": model_from_buffers(module, messages, buffers),
            }
        )
    return sorted(found, key=lambda checkpoint: checkpoint["step_index"])
