from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.kinds.callbacks import CALLBACKS, FED, moved_to_callbacks
from flowkit_mockserver.kinds.rules import run

DEFAULTS: dict[str, Any] = {
    "callbacks": [],
    "early_stopping_rounds": None,
    "metrics": [],
    "use_first_metric_only": False,
    "validation_freqs": None,
}


def test_early_stopping_needs_validation() -> None:
    run(CALLBACKS, DEFAULTS | {"early_stopping_rounds": 2, "validation_freqs": 1})

    with pytest.raises(ValueError, match="validation freqs must be set when early stopping"):
        run(CALLBACKS, DEFAULTS | {"early_stopping_rounds": 2})


def test_an_old_parameter_becomes_one_of_the_callbacks() -> None:
    values = {"metrics": ["auc"], "callback_param": dict(DEFAULTS), FED: ["metrics"]}

    moved_to_callbacks("validation_freqs", "metrics")(values)

    assert values["callback_param"]["metrics"] == ["auc"]
    assert values["callback_param"]["validation_freqs"] is None


@pytest.mark.parametrize(
    ("listed", "rest"),
    [
        (False, ""),
        (True, "\N{FULLWIDTH COMMA}{'metrics': True}, ['metrics', 'callback_param']"),
    ],
)
def test_old_parameters_and_callbacks_exclude_each_other(listed: bool, rest: str) -> None:
    fed = ["metrics", "callback_param"]
    values = {"metrics": ["auc"], "callback_param": dict(DEFAULTS), FED: fed}

    with pytest.raises(ValueError, match="set simultaneously") as caught:
        moved_to_callbacks("metrics", listed=listed)(values)

    assert str(caught.value) == f"metrics and callback param should not be set simultaneously{rest}"
