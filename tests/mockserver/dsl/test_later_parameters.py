from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dsl.later_parameters import given_parameters


@pytest.mark.parametrize(
    ("own", "given"),
    [
        (
            {
                "_user_feeded_params": ["penalty", "init_param", "init_param.init_method"],
                "alpha": 1.0,
                "init_param": {"init_method": "zeros", "fit_intercept": True},
                "penalty": "L2",
            },
            {"penalty": "L2", "init_param": {"init_method": "zeros"}},
        ),
        (
            {
                "_user_feeded_params": ["trainer", "trainer.param"],
                "trainer": {"param": {"epochs": 2, "a": {"b": 1}}, "trainer_name": None},
            },
            {"trainer": {"param": {"epochs": 2, "a": {"b": 1}}}},
        ),
        ({"_user_feeded_params": [], "alpha": 1.0}, {}),
        ({"alpha": 1.0}, {"alpha": 1.0}),
    ],
    ids=["a part of a map", "a map as a whole", "nothing", "not noted"],
)
def test_given_is_what_parameters_note_as_given(own: dict[str, Any], given: dict[str, Any]) -> None:
    assert given_parameters(own) == given
