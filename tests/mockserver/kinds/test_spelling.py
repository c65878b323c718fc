from __future__ import annotations

from typing import Any

from flowkit.servers import line_of
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, behaviour_of
from flowkit_mockserver.kinds.spelling import in_own_letters

LATEST = behaviour_of(line_of("1.11"))


def spelled(module: str, key: str, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = in_own_letters(module, LATEST, {"module": module, key: given})[key]
    return found


def test_an_algorithm_sees_the_letters_of_the_class() -> None:
    asked = {"mode": "Stratified", "method": "DownSample", "fractions": [[0, 0.5]]}

    assert spelled("FederatedSample", "SampleParam", **asked) == {
        **asked,
        "mode": "stratified",
        "method": "downsample",
    }


def test_what_is_stored_stays_as_it_was_given() -> None:
    stored = {"SampleParam": {"mode": "Random", "method": "UPSAMPLE", "fractions": 2.0}}

    in_own_letters("FederatedSample", FIRST_BEHAVIOUR, stored)

    assert stored == {"SampleParam": {"mode": "Random", "method": "UPSAMPLE", "fractions": 2.0}}


def test_values_that_are_no_text_stay() -> None:
    assert spelled("FederatedSample", "SampleParam", mode=7, method=None) == {
        "mode": 7,
        "method": None,
    }


def test_a_kind_that_is_not_known_keeps_its_parameters() -> None:
    stored = {"OwnParam": {"mode": "Random"}}

    assert in_own_letters("NoSuchKind", LATEST, stored) is stored
