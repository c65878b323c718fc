"""What networks are computed with: torch, or without it a linear layer that stands in for what the user defined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

__all__ = [
    "check_saved_form",
    "check_torch",
    "networks_that_fit",
    "torch_installed",
]

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun
from flowkit_mockserver.components.core.run import party_order
from flowkit_mockserver.components.nn.saved import TORCH, unpacked


def torch_installed() -> bool:
    """Say whether torch can be imported."""
    return find_spec("torch") is not None


def check_saved_form(saved: str) -> bool:
    """Say whether a saved model is one of torch.

    Raises:
        ValueError: it is, and torch is not installed; or it was saved by something else.
    """
    form, _, _ = unpacked(saved)
    if form != TORCH:
        return False
    if not torch_installed():
        raise ValueError(
            "the network of this model was trained with torch, which is not installed here:"
            " pip install 'fate-flowkit[nn]'"
        )
    return True


@contextmanager
def networks_that_fit() -> Iterator[None]:
    """Let a network fail the component that cannot be computed, as when the shapes of its layers do not fit.

    Raises:
        ValueError: torch refused to compute something.
    """
    try:
        yield
    except RuntimeError as problem:
        raise ValueError(str(problem)) from problem


def check_torch(run: ComponentRun) -> None:
    """Refuse a network of the user's own where there is nothing to run it with.

    Raises:
        ComponentFailed: torch is not installed.
    """
    if not torch_installed():
        raise ComponentFailed(
            f"{run.module} runs the user's own network in this version, for which torch is needed:"
            " pip install 'fate-flowkit[nn]'",
            party_order(run)[0],
        )
