"""Rows become bytes and come back as they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flowkit_mockserver.columns.blocks import ids_of, load
from flowkit_mockserver.columns.encoding import PairRows, decode, encode
from flowkit_mockserver.columns.ids import as_ids
from flowkit_mockserver.columns.parts import (
    ZERO_IS_INTEGER,
    Constant,
    Matrix,
    Scores,
    Values,
    values_array,
)
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.columns.text import TextRows

SPARSE = np.array([ZERO_IS_INTEGER, ZERO_IS_INTEGER], dtype=np.uint8)


@pytest.mark.parametrize(
    "rows",
    [
        TextRows(["", "é"], ["1,0.5", "\udc80"]),
        TextRows(["a"], [""]),
        PairRows([("a", [1, None, {"0": 0.5}])]),
        Columns(as_ids(["a", "bc"]), [Matrix(np.array([[0.1, 0.0], [1e300, 2.0]]), SPARSE)]),
        Columns(as_ids(["a"]), [Matrix(np.array([["x", 1]], dtype=object))]),
        Columns(
            as_ids(["a", "b"]),
            [
                Values(values_array([1, 0])),
                Values(values_array(["yes", None])),
                Scores([0, 1], np.array([[0.1, 0.9], [0.5, 0.5]])),
                Constant("train", 2),
            ],
        ),
    ],
)
def test_rows_survive(rows: Any) -> None:
    again = decode(encode(rows))

    assert type(again) is type(rows)
    assert repr(list(again)) == repr(list(rows))


def test_a_line_break_in_a_made_up_row_survives() -> None:
    assert list(decode(encode(TextRows(["a"], ["1\n2"])))) == [("a", "1\n2")]


def test_what_an_earlier_version_stored_is_read() -> None:
    assert list(decode(b'[["a","1,2"],["b",[0.5]]]')) == [("a", "1,2"), ("b", [0.5])]


def test_arrays_that_were_read_can_be_written_to() -> None:
    rows = decode(encode(Columns(as_ids(["a"]), [Values(np.array([1.5]))])))

    assert isinstance(rows, Columns)
    (part,) = rows.parts
    assert isinstance(part, Values)
    part.array[0] = 2.5


def test_a_list_of_rows_is_loaded_with_the_last_of_a_key() -> None:
    assert load([("a", "1"), ("b", "2"), ("a", "3")]) == TextRows(["a", "b"], ["3", "2"])
    assert list(load([("a", [1])])) == [("a", [1])]
    assert list(load([])) == []


def test_the_ids_of_any_rows_can_be_had_alone() -> None:
    assert ids_of([("b", [1]), ("a", [2])]).tolist() == ["b", "a"]
    assert ids_of(TextRows(["x"], ["1"])).tolist() == ["x"]
    assert ids_of([]).tolist() == []
