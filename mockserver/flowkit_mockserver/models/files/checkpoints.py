"""The checkpoints of a component: its model as it was after iterations of a training."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, cast

from flowkit_mockserver.models.cache import (
    STEP_NAME,
    Checkpoint,
    buffer_messages,
    buffers_of,
    model_from_buffers,
)
from flowkit_mockserver.models.define_meta import parse
from flowkit_mockserver.proto.catalogue import later_message

__all__ = ["CHECKPOINT", "checkpoint_entry", "checkpoint_folders", "read_checkpoints"]

#: The file of a checkpoint that tells what it holds.
CHECKPOINT = "database.yaml"


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


def checkpoint_folders(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the folders of checkpoints among the members of an archive, by component."""
    found: dict[str, list[str]] = {}
    for name in names:
        match name.split("/"):
            case ["checkpoint", component, _, file] if file == CHECKPOINT:
                found.setdefault(component, []).append(name.removesuffix(f"/{CHECKPOINT}"))
    return found


def read_checkpoints(
    module: str, folders: Iterable[str], read: Callable[[str], bytes]
) -> list[Checkpoint]:
    """Return the checkpoints of a component that an archive holds, oldest first.

    Args:
        module: its module.
        folders: where they lie.
        read: returns the content of a member.

    Raises:
        ValueError: a checkpoint is incomplete or not one.
    """
    found: list[Checkpoint] = []
    for folder in folders:
        entry = parse(read(f"{folder}/{CHECKPOINT}").decode())
        models, made = entry.get("models"), entry.get("create_time")
        if not isinstance(models, dict) or not isinstance(made, str):
            raise ValueError(f"{folder} does not say when it was saved, and of which models")
        messages = {name: later_message(model["buffer_name"]) for name, model in models.items()}
        buffers = {name: read(f"{folder}/{name}.pb") for name in messages}
        model = cast("Any", model_from_buffers(module, messages, buffers))
        step = int(entry["step_index"])
        found.append({"step_index": step, "create_time": made, "model": model})
    return sorted(found, key=lambda checkpoint: checkpoint["step_index"])
