"""The last digits of exponentials are those of the library that a server of the line runs on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from flowkit_mockserver.components.core.exponential import exponential, exponentials_of_avx512

#: What numpy 1.23.1 answers on a processor with AVX-512.
NUMPY_1_23 = {
    -1.3884: "0x1.feec4cd10c564p-3",
    -0.1: "0x1.cf46d99d52b3ap-1",
    -0.5: "0x1.368b2fc6f960ap-1",
    -2.5: "0x1.50385c094f425p-4",
    -7.25: "0x1.7455fe323fafep-11",
    -30.0: "0x1.a56e0c2ac7f75p-44",
    -0.6122119666800001: "0x1.1594ba286ef14p-1",
    -1e-09: "0x1.fffffff768fa1p-1",
    -650.5: "0x1.70d8a640274f0p-939",
}


@pytest.mark.parametrize("value", NUMPY_1_23)
def test_the_later_lines_have_the_digits_of_their_numpy(value: float) -> None:
    with exponentials_of_avx512():
        (found,) = exponential(np.array([value]))

    assert float(found).hex() == NUMPY_1_23[value]


def test_the_first_lines_have_the_digits_of_the_c_library() -> None:
    values = np.linspace(-40, 0, 1001)

    assert exponential(values).tolist() == [math.exp(value) for value in values.tolist()]


def test_what_is_too_small_is_nothing() -> None:
    with exponentials_of_avx512():
        assert exponential(np.array([[-800.0, 0.0]])).tolist() == [[0.0, 1.0]]


def test_many_values_are_computed_as_single_ones_are() -> None:
    values = -np.abs(np.random.RandomState(3).randn(10_000))
    with exponentials_of_avx512():
        together = exponential(values)
        single = [float(exponential(values[i : i + 1])[0]) for i in (0, 4095, 4096, 9999)]

    assert [float(together[i]) for i in (0, 4095, 4096, 9999)] == single
    assert together == pytest.approx(np.exp(values), rel=1e-15)
