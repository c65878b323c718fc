"""What the later lines check of callbacks, and how parameters that callbacks replaced still count."""

from __future__ import annotations

from flowkit_mockserver.kinds.nested import EARLY_STOPPING_ROUNDS, FIRST_METRIC_ONLY, METRICS
from flowkit_mockserver.kinds.rules import (
    Rule,
    Rules,
    Values,
    kind,
    need,
    optional,
)

__all__ = ["CALLBACKS", "FED", "moved_to_callbacks"]

#: Under which a check of the later lines finds the names of the parameters that the user gave.
FED = "_user_feeded_params"

_FREQS = "validation strategy param's validate_freqs"

CALLBACKS: Rules = (
    EARLY_STOPPING_ROUNDS,
    optional(
        "validation_freqs",
        kind("int", "list"),
        f"{_FREQS}'s type not supported , should be int or list or tuple or set",
    ),
    need(
        "validation_freqs",
        lambda value: type(value) is not int or value > 0,
        f"{_FREQS} should greater than 0",
    ),
    METRICS,
    FIRST_METRIC_ONLY,
)


def moved_to_callbacks(*names: str, listed: bool = False) -> Rule:
    """Parameters that the user gave under their old `names` become those of the callbacks, unless both were given.

    Args:
        names: in the order in which the class looks at them.
        listed: whether its text goes on with what was given.
    """

    def rule(values: Values) -> None:
        fed = values[FED]
        moved = [name for name in names if name in fed]
        if moved and "callback_param" in fed:
            seen = f"\N{FULLWIDTH COMMA}{dict.fromkeys(moved, True)}, {fed}" if listed else ""
            raise ValueError(
                f"{moved[0]} and callback param should not be set simultaneously{seen}"
            )
        for name in moved:
            values["callback_param"][name] = values[name]

    return rule
