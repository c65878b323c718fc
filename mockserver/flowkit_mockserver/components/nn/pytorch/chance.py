"""torch's one random generator, as each party's own process has it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["TorchChance", "draw_seed"]

_one_at_a_time = threading.RLock()


class TorchChance:
    """Where the random numbers of one party come from.

    Args:
        seed: what the party seeds its process with.
    """

    def __init__(self, seed: int) -> None:
        with _one_at_a_time, torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._state = torch.get_rng_state()

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Let torch draw this party's numbers; what others draw in the meantime goes on from where it was."""
        with _one_at_a_time, torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._state)
            try:
                yield
            finally:
                self._state = torch.get_rng_state()


def draw_seed() -> int:
    """Return a seed for a generator of its own, as torch's loader and its samplers draw theirs."""
    return int(torch.empty((), dtype=torch.int64).random_().item())
