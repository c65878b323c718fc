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

__all__ = ["CHECKPOINT", "checkpoint_entry", "read_checkpoints"]

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


def read_checkpoints(
    component: str, module: str, names: Iterable[str], read: Callable[[str], bytes]
) -> list[Checkpoint]:
    """Return the checkpoints of a component that an archive holds, oldest first.

    Args:
        component: its name.
        module: its module.
        names: the members of the archive.
        read: returns the content of a member.

    Raises:
        ValueError: a checkpoint is incomplete or not one.
    """
    found: list[Checkpoint] = []
    for name in names:
        folder, _, file = name.rpartition("/")
        if folder.rpartition("/")[0] != f"checkpoint/{component}" or file != CHECKPOINT:
            continue
        entry = parse(read(name).decode())
        messages = {one: later_message(at["buffer_name"]) for one, at in entry["models"].items()}
        buffers = {one: read(f"{folder}/{one}.pb") for one in messages}
        model = cast("Any", model_from_buffers(module, messages, buffers))
        found.append(
            {
                "step_index": int(entry["step_index"]),
                "create_time": entry["create_time"],
                "model": model,
            }
        )
    return sorted(found, key=lambda checkpoint: checkpoint["step_index"])
