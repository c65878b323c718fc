"""Dense lines as features."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flowkit_mockserver.columns.text import TextRows
from flowkit_mockserver.components.feature.imputer import MISSING_TEXTS, Replacement
from flowkit_mockserver.components.util.dense_reader import DenseLines, DenseTable
from flowkit_mockserver.components.util.feature_readers import NOTHING


def read(*lines: str, width: int = 2, place: int | None = None, **how: Any) -> DenseTable:
    given = {"data_type": "float", "sparse": False, "missing": NOTHING, **how}
    keys = [str(number) for number in range(len(lines))]
    # Two blocks, the second with the last line only.
    rows = TextRows(keys, lines)
    blocks = [rows.slice(0, len(lines) - 1), rows.slice(len(lines) - 1, len(lines))]
    filled = [block for block in blocks if len(block)]
    return DenseLines(",", place, width, **given).read(filled, len(lines))


def shown(table: DenseTable) -> str:
    return repr(table.matrix.cells())


def test_numbers_are_read_to_the_last_bit() -> None:
    table = read("0.1,1e-300", "-1.7976931348623157e308,4.9e-324")

    assert shown(table) == "[[0.1, 1e-300], [-1.7976931348623157e+308, 5e-324]]"
    assert table.ids.tolist() == ["0", "1"]


def test_the_label_stands_anywhere_and_stays_text() -> None:
    assert read("1,0.5,2", "0,1.5,3", place=0).labels == ["1", "0"]
    table = read("0.5,a,2", "1.5,b,3", place=1)

    assert table.labels == ["a", "b"]
    assert shown(table) == "[[0.5, 2.0], [1.5, 3.0]]"


def test_nothing_reads_as_missing() -> None:
    assert shown(read("1,", "NA,NULL", "null,nan")) == "[[1.0, nan], [nan, nan], [nan, nan]]"


@pytest.mark.parametrize(
    ("how", "line", "text"),
    [
        ({}, "1,a", "could not convert string to float: 'a'"),
        ({}, "1,none", "could not convert string to float: 'none'"),
        ({}, "1", "features shape 1 not equal to header shape 2"),
        ({}, "1,2,3", "features shape 3 not equal to header shape 2"),
        ({"data_type": "int"}, "1,0.5", "invalid literal for int() with base 10: '0.5'"),
        ({"data_type": "int"}, "1,", "cannot convert float NaN to integer"),
        ({"exclusive": {0: "str"}}, "1,", "could not convert string to float: ''"),
        ({"exclusive": {0: "text"}}, "1,2", "module 'numpy' has no attribute 'text'"),
        (
            {"sparse": True, "data_type": "int"},
            "1,0.5",
            "invalid literal for int() with base 10: '0.5'",
        ),
    ],
)
def test_what_does_not_read_is_refused(how: dict[str, Any], line: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        read("1,2", line, **how)


def test_sparse_vectors_leave_zeros_out() -> None:
    assert shown(read("0,1.5", "1e-9,0.0", sparse=True)) == "[[0, 1.5], [0, 0]]"
    assert shown(read("0,2", "3,", sparse=True, data_type="int")) == "[[0, 2], [3, nan]]"


def test_single_columns_have_types_of_their_own() -> None:
    assert shown(read("1,a", "2,b", exclusive={1: "str"})) == "[[1.0, 'a'], [2.0, 'b']]"
    assert shown(read("1,5", "2,6", exclusive={1: "int"})) == "[[1.0, 5], [2.0, 6]]"


def test_a_table_without_features_has_rows() -> None:
    assert read("1", "0", place=0, width=0).matrix.data.shape == (2, 0)
    assert read("", "", width=0).matrix.data.shape == (2, 0)


@pytest.mark.parametrize("data_type", ["float", "str"])
def test_gaps_are_filled_and_outliers_replaced_in_this_order(data_type: str) -> None:
    fill = Replacement(MISSING_TEXTS, "mean", None)
    clean = Replacement(["999"], "max", None)

    table = read(
        "1,", "999,2", "4,4", data_type=data_type, fill=fill, clean=clean, missing=MISSING_TEXTS
    )

    assert table.filled is not None
    assert table.filled.values == [334.666667, 3.0]
    assert table.filled.rates == [0.0, 1 / 3]
    assert table.cleaned is not None
    assert table.cleaned.values == [4.0, 4.0]
    expected = [[1.0, 3.0], [4.0, 2.0], [4.0, 4.0]]
    assert [[float(cell) for cell in row] for row in table.matrix.cells()] == expected


def test_a_filling_that_is_itself_an_outlier_is_replaced() -> None:
    table = read(
        "1,",
        "2,2",
        fill=Replacement(MISSING_TEXTS, "designated", "-1"),
        clean=Replacement(["-1"], "designated", 5),
        missing=MISSING_TEXTS,
    )

    assert shown(table) == "[[1.0, 5.0], [2.0, 2.0]]"


def test_a_filling_that_reads_as_missing_is_missing() -> None:
    fill = Replacement(["", "0"], None, None)

    assert shown(read("1,", "0,2", fill=fill, missing=["", "0"])) == "[[1.0, nan], [nan, 2.0]]"


def test_blanks_where_nothing_fills_them_spoil_the_mean_of_outliers() -> None:
    with pytest.raises(ValueError, match="In add func"):
        read("1,", "2,2", clean=Replacement(["9"], "mean", None))
