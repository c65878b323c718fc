from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.kinds import nested
from flowkit_mockserver.kinds.nested import NestedClass, precision, uses_paillier
from flowkit_mockserver.kinds.rules import run

CLASSES = {name: one for name, one in vars(nested).items() if isinstance(one, NestedClass)}


@pytest.mark.parametrize("name", CLASSES)
def test_the_defaults_keep_the_rules(name: str) -> None:
    run(CLASSES[name].rules, dict(CLASSES[name].defaults))


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("ENCRYPT", {"method": "rot13"}, "encrypt_param's method rot13 not supported"),
        ("ENCRYPT", {"key_length": 0}, "encrypt_param's key_length must be greater or equal to 1"),
        (
            "MODE_CALCULATOR",
            {"mode": "balance", "re_encrypted_rate": 2},
            "re_encrypted_rate should  in [0, 1]",
        ),
        ("STEPWISE", {"nvmin": 1}, "stepwise param's nvmin must be no less than 2."),
        ("STEPWISE", {"nvmax": 1}, "stepwise param's nvmax must be greater than nvmin."),
    ],
)
def test_a_wrong_value_has_its_sentence(name: str, given: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is what is tested
        run(CLASSES[name].rules, {**CLASSES[name].defaults, **given})
    assert str(caught.value) == text


def test_a_cipher_is_paillier_or_not() -> None:
    rule = uses_paillier("Paillier only")
    rule({"encrypt_param": {"method": "Paillier"}})
    with pytest.raises(ValueError, match="Paillier only"):
        rule({"encrypt_param": {"method": "IterativeAffine"}})


def test_precision_has_a_limit() -> None:
    precision(63)({"floating_point_precision": None})
    with pytest.raises(ValueError, match="a integer between 0 and 63"):
        precision(63)({"floating_point_precision": 64})
