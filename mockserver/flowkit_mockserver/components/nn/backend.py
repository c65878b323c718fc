"""What networks are computed with: torch, or without it a linear layer that stands in for what the user defined."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = [
    "check_saved_form",
    "refuse_own_networks",
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


def refuse_own_networks(run: ComponentRun) -> None:
    """Refuse a network of the user's own, which the later lines hand to a trainer.

    Raises:
        ComponentFailed: the line of the server runs such networks.
    """
    if run.behaviour.own_networks:
        raise ComponentFailed(
            f"this mock server does not run the networks and trainers that {run.module} has in this version",
            party_order(run)[0],
        )
