"""What replaces missing values and outliers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from flowkit_mockserver.components.feature.imputer import Replacement, impute, mark


def cells(*rows: list[str]) -> Any:
    return np.array(rows, dtype=object)


def test_a_number_never_equals_the_text_of_a_cell() -> None:
    assert mark(["-9999", "5"], [-9999]).tolist() == [False, False]
    assert mark(["-9999", "5"], ["-9999"]).tolist() == [True, False]


def test_of_a_single_text_every_part_is_unwanted() -> None:
    assert mark(["", "N", "A", "5"], "NA").tolist() == [True, True, True, False]


def test_what_is_neither_text_nor_list_is_refused() -> None:
    with pytest.raises(TypeError, match="argument of type 'int' is not iterable"):
        mark(["5"], 5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "expected"),
    [("mean", 2.333333), ("min", 1.0), ("max", 4.0), ("median", 2.0), (None, "0")],
)
def test_a_column_is_filled_by_its_own_numbers(method: str | None, expected: Any) -> None:
    table = cells(["1"], ["2"], ["4"], [""])

    filled, done = impute(table, Replacement([""], method, None))

    assert done.values == [expected]
    assert done.rates == [0.25]
    assert filled[:, 0].tolist() == ["1", "2", "4", str(expected)]


def test_an_exact_zero_is_a_number() -> None:
    table = cells(["1"], [""])

    filled, done = impute(table, Replacement([""], None, None, exact=True))

    assert done.values == [0]
    assert filled[:, 0].tolist() == ["1", "0"]


def test_a_wholly_missing_column_has_no_mean_and_unending_bounds() -> None:
    table = cells([""], [""])

    assert math.isnan(impute(table, Replacement([""], "mean", None))[1].values[0])
    assert impute(table, Replacement([""], "min", None))[1].values == [math.inf]
    assert impute(table, Replacement([""], "max", None))[1].values == [-math.inf]


def test_text_among_the_numbers_of_a_mean_is_refused() -> None:
    with pytest.raises(ValueError, match="In add func, value should be either a numeric input"):
        impute(cells(["1"], ["a"]), Replacement([""], "mean", None))


def test_a_fitted_model_brings_its_values() -> None:
    filled, done = impute(cells(["", "1"]), Replacement([""], "mean", None, ["7.5", "8"]))

    assert filled.tolist() == [["7.5", "1"]]
    assert done.rates == [1.0, 0.0]
