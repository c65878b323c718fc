"""After which iterations a component saves a checkpoint: its model as it is then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["saved_steps"]

_CALLBACK = "ModelCheckpoint"
_EACH = "epoch"


def saved_steps(asked: Mapping[str, Any], count: int, first: int = 0) -> range:
    """Return the iterations after which a checkpoint is saved.

    Args:
        asked: the parameter of the component; the callback ModelCheckpoint saves after the first iteration, and then
            after each ``save_freq``.
        count: how many iterations there were.
        first: the number of the first one; not 0 where a training goes on from a model.

    Raises:
        ValueError: ``save_freq`` is 0, or no number.
    """
    wanted = asked.get("callback_param") or {}
    if _CALLBACK not in (wanted.get("callbacks") or ()):
        return range(0)
    every = wanted.get("save_freq", 1)
    step = 1 if every == _EACH else int(every)
    return range(-(-first // step) * step, first + count, step)
