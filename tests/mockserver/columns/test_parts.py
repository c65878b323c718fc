"""The parts of a table show exactly the values they were made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flowkit_mockserver.columns.parts import (
    FLOAT,
    INTEGER,
    ZERO_IS_INTEGER,
    Constant,
    Matrix,
    Scores,
    Values,
    values_array,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("rows", "forms"),
    [
        ([[1.0, 0.5], [2.0, -0.0]], [FLOAT, FLOAT]),
        ([[1, 0.5], [2, 3.0]], [INTEGER, FLOAT]),
        ([[0, 0.5], [1.5, 0]], [ZERO_IS_INTEGER, ZERO_IS_INTEGER]),
        ([[7], [NAN]], [INTEGER]),
    ],
)
def test_rows_of_numbers_become_one_array_that_shows_them_again(
    rows: list[list[Any]], forms: list[int]
) -> None:
    matrix = Matrix.of_rows(rows, len(rows[0]))

    assert matrix.data.dtype == np.float64
    assert (matrix.forms is None and not any(forms)) or matrix.forms.tolist() == forms  # type: ignore[union-attr]
    assert repr(matrix.cells()) == repr(rows)


@pytest.mark.parametrize("rows", [[["a", 1.5]], [[0, 1.5], [0.0, 2.5]], [[2**60, 1.0]], [[True]]])
def test_what_no_form_of_floats_shows_stays_as_it_is(rows: list[list[Any]]) -> None:
    matrix = Matrix.of_rows(rows, len(rows[0]))

    assert matrix.data.dtype == object
    assert repr(matrix.cells()) == repr(rows)


def test_a_table_without_columns_has_rows_all_the_same() -> None:
    assert Matrix.of_rows([[], []], 0).cells() == [[], []]
    assert Matrix.of_rows([], 3).data.shape == (0, 3)


def test_values_keep_their_type() -> None:
    assert values_array([1, 0]).dtype == np.int64
    assert values_array([1.0, 0.5]).dtype == np.float64
    assert Values(values_array([1, 0.5, "a", None])).cells() == [[1], [0.5], ["a"], [None]]
    assert values_array([2**70]).tolist() == [2**70]


def test_scores_show_as_an_object_a_row() -> None:
    scores = Scores([0, 1], np.array([[0.25, 0.75], [0.5, 0.5]]))

    assert scores.take(slice(0, 1)).cells() == [[{0: 0.25, 1: 0.75}]]


def test_a_constant_has_as_many_rows_as_are_taken() -> None:
    constant = Constant("train", 5)

    assert len(constant.take(slice(1, 3))) == 2
    assert len(constant.take(np.array([True, False, True, False, True]))) == 3
    assert constant.take(np.array([4, 4])).cells() == [["train"], ["train"]]
