"""Sums of encrypted numbers are exact and rounded once."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from flowkit_mockserver.components.linear_model.encrypted import Encryption, encoded

CHANCE = np.random.RandomState(4)
COUNT, BITS = 50, 23
GUEST, HOST = CHANCE.randn(COUNT, 2), CHANCE.randn(COUNT, 3)
OWN, OTHER = CHANCE.randn(COUNT), CHANCE.randn(COUNT) * 1e-4
ROWS = [np.arange(0, 20), np.arange(20, COUNT), np.arange(0)]
PENALTIES = [np.array([0.25, 0.0]), np.array([0.0, 0.5, -0.125])]
(SHARE,) = encoded(np.array([1 / COUNT]))


def encryption(*, shared: bool = True) -> Encryption:
    return Encryption(BITS, shared=shared)


def fraction(value: float) -> Fraction:
    return Fraction(float(value))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        # 53 bits do not fit between the powers of 16 where the first of them is far up in one.
        (0.1, 0.1),
        (1 / 3, 0.3333333333333333),
        (1 / 569, 0.0017574692442882249),
        (0.0, 0.0),
        (1e-250, 0.0),
    ],
)
def test_numbers_are_encoded_in_steps_of_a_power_of_sixteen(value: float, shown: float) -> None:
    (found,) = encoded(np.array([value]))

    assert found == pytest.approx(shown, rel=1e-14)
    if found:
        exponent = int(np.floor((53 - np.frexp(value)[1]) / 4))
        assert (fraction(found) * 16**exponent).denominator == 1


def test_a_finer_number_decides_how_a_sum_is_encoded() -> None:
    value = np.array([10.0 + 2**-49])

    assert encoded(value)[0] == 10.0
    assert encoded(value, np.array([13]))[0] == value[0]


def test_a_party_shares_its_errors_encrypted_and_computes_its_own_in_the_clear() -> None:
    found = encryption().gradients([GUEST, HOST], OWN, [OTHER], PENALTIES, ROWS)

    assert found is not None
    (guest, host), _ = found
    whole = np.rint(GUEST * 2**BITS)
    hidden = [fraction(x) for x in encoded(OTHER)]
    for column, penalty in enumerate(PENALTIES[0]):
        exact = sum(Fraction(int(f)) * h for f, h in zip(whole[:, column], hidden, strict=True))
        plain = (whole[:, column] * OWN).sum() / 2**BITS / COUNT
        expected = float(exact * fraction(SHARE) / 2**BITS) + plain + penalty
        assert guest[column] == pytest.approx(expected, rel=1e-14)
    assert host == pytest.approx(HOST.T @ (OWN + OTHER) / COUNT + PENALTIES[1], rel=1e-6)


def test_what_the_guest_sends_is_summed_exactly() -> None:
    found = encryption(shared=False).gradients(
        [GUEST, HOST], OWN, [OTHER, 2 * OTHER], PENALTIES, ROWS
    )

    assert found is not None
    (guest, _), intercept = found
    finest = np.floor((53 - np.frexp(OTHER)[1]) / 4).astype(np.intp)
    parts = [encoded(OWN, finest), encoded(OTHER), encoded(2 * OTHER)]
    errors = [sum(map(fraction, values)) for values in zip(*parts, strict=True)]
    whole = np.rint(GUEST * 2**BITS)
    for column, penalty in enumerate(PENALTIES[0]):
        exact = sum(Fraction(int(f)) * e for f, e in zip(whole[:, column], errors, strict=True))
        # To the last bit: there is one rounding.
        assert guest[column] == float(exact * fraction(SHARE) / 2**BITS + fraction(penalty))
    assert intercept == float(sum(errors) * fraction(SHARE))


def test_what_a_host_sends_is_weighed_in_the_encryption() -> None:
    weights = CHANCE.rand(COUNT) + 0.5

    found = encryption(shared=False).gradients(
        [GUEST, HOST], OWN, [OTHER], PENALTIES, ROWS, weights
    )

    assert found is not None
    _, intercept = found
    products = zip(encoded(OTHER), encoded(weights), OWN, strict=True)
    exact = sum(fraction(h) * fraction(w) + fraction(g) for h, w, g in products)
    assert intercept == float(exact * fraction(SHARE))


def test_numbers_too_large_to_be_summed_exactly_are_left_to_others() -> None:
    assert encryption().gradients([GUEST * 1e9, HOST], OWN, [OTHER], PENALTIES, ROWS) is None
