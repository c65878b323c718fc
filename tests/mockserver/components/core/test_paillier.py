"""Encrypted numbers come back as they were encoded, and only with the keys."""

from __future__ import annotations

from random import Random

import pytest

from flowkit_mockserver.components.core.paillier import Cipher

KEYS = Cipher.generate(256, Random("keys"))


def test_keys_have_the_length_that_is_asked_for() -> None:
    assert KEYS.n.bit_length() == 256
    assert KEYS.p != KEYS.q


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0.0, 0.0),
        (1.0, 1.0),
        (-123456789.125, -123456789.125),
        (1e-300, 0.0),
        # 0.15 has bits below 16⁻¹³.
        (-0.15, round(-0.15 * 16**13) / 16**13),
    ],
)
def test_a_number_comes_back_as_it_was_encoded(value: float, encoded: float) -> None:
    (text,) = KEYS.encrypt([value], Random(1))

    assert KEYS.decrypt([text]) == [encoded]


def test_chance_hides_what_is_alike() -> None:
    one, other = KEYS.encrypt([0.5, 0.5], Random(1))

    assert one["cipherText"] != other["cipherText"]
    assert one["exponent"] == other["exponent"] == "13"
    assert one["publicKey"] == {"n": str(KEYS.n)}


def test_the_keys_in_a_model_are_those_that_encrypted() -> None:
    document = KEYS.document

    assert document["publicKey"] == {"n": str(KEYS.n)}
    assert Cipher.of(document) == KEYS
