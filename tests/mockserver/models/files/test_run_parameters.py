from __future__ import annotations

import json
from typing import Any

from flowkit_mockserver.models.files.run_parameters import shown_parameters


def stored() -> dict[str, Any]:
    return {
        "role": {"host": [10000], "guest": [9999]},
        "dsl_version": 2,
        "CodePath": "HeteroLRGuest",
        "ComponentParam": {
            "_name": "HeteroLR#lr_0",
            "_user_feeded_params": ["penalty", "init_param", "init_param.init_method"],
            "alpha": 1.0,
            "init_param": {"init_method": "zeros", "fit_intercept": True},
            "penalty": "L2",
        },
        "ComponentParameterSource": "lr_0",
        "local": {"party_id": 9999, "role": "guest"},
        "module": "HeteroLR",
    }


def test_the_conf_comes_before_what_the_user_gave() -> None:
    assert json.dumps(shown_parameters(stored(), in_order=False)) == json.dumps(
        {
            "role": {"host": [10000], "guest": [9999]},
            "dsl_version": 2,
            "local": {"role": "guest", "party_id": 9999},
            "module": "HeteroLR",
            "CodePath": "HeteroLRGuest",
            "ComponentParam": {"penalty": "L2", "init_param": {"init_method": "zeros"}},
            "ComponentParameterSource": "lr_0",
        }
    )


def test_before_1_9_names_are_in_order() -> None:
    shown = shown_parameters(stored(), in_order=True)
    assert list(shown)[:3] == ["dsl_version", "role", "local"]
    assert list(shown["role"]) == ["guest", "host"]
    assert list(shown["ComponentParam"]) == ["init_param", "penalty"]


def test_what_an_archive_said_stays_as_it_is() -> None:
    said = {"module": "HeteroLR", "ComponentParam": {"penalty": "L2"}}
    assert shown_parameters(said, in_order=True) == said
    assert shown_parameters({}, in_order=True) == {}


def test_a_map_that_is_replaced_as_a_whole_is_told_as_a_whole() -> None:
    parameters = stored()
    parameters["ComponentParam"] = {
        "_user_feeded_params": ["trainer", "trainer.param"],
        "trainer": {"param": {"epochs": 2, "a": {"b": 1}}, "trainer_name": None},
    }
    shown = shown_parameters(parameters, in_order=False)["ComponentParam"]
    assert shown == {"trainer": {"param": {"epochs": 2, "a": {"b": 1}}}}
