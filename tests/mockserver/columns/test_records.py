"""Columns as rows: gone through, selected, ordered, joined."""

from __future__ import annotations

import numpy as np
import pytest

from flowkit_mockserver.columns.ids import as_ids
from flowkit_mockserver.columns.parts import INTEGER, Constant, Matrix, Part, Scores, Values
from flowkit_mockserver.columns.records import Columns


def predictions(keys: list[str], kind: str) -> Columns:
    count = len(keys)
    scores = np.linspace(0.25, 0.75, count)
    parts: list[Part] = [
        Values(np.arange(count)),
        Scores(["0", "1"], np.column_stack((1 - scores, scores))),
        Constant(kind, count),
    ]
    return Columns(as_ids(keys), parts)


def test_a_row_shows_what_its_parts_show() -> None:
    assert list(predictions(["b", "a"], "train")) == [
        ("b", [0, {"0": 0.75, "1": 0.25}, "train"]),
        ("a", [1, {"0": 0.25, "1": 0.75}, "train"]),
    ]


def test_rows_can_be_taken_and_ordered() -> None:
    rows = Columns(as_ids(["10", "9"]), [Matrix(np.array([[1.0], [2.0]]))])

    assert list(rows.in_order()) == [("9", [2.0]), ("10", [1.0])]
    assert list(rows.take(np.array([False, True]))) == [("9", [2.0])]


def test_blocks_of_a_table_are_joined() -> None:
    matrix = Matrix(np.array([[1.0, 2.5], [3.0, 4.5]]), np.array([INTEGER, 0], dtype=np.uint8))
    table = Columns(as_ids(["a", "b"]), [matrix])

    joined = Columns.joined([table.slice(0, 1), table.slice(1, 2)], 2)

    assert list(joined) == [("a", [1, 2.5]), ("b", [3, 4.5])]
    assert joined == table


def test_tables_that_show_numbers_differently_keep_their_looks_when_joined() -> None:
    one = Columns(as_ids(["a"]), [Matrix(np.array([[1.0]]), np.array([INTEGER], dtype=np.uint8))])
    two = Columns(as_ids(["b"]), [Matrix(np.array([[2.0]]))])

    assert repr(list(Columns.joined([one, two], 2))) == "[('a', [1]), ('b', [2.0])]"


def test_sets_of_predictions_are_joined() -> None:
    joined = Columns.joined([predictions(["a"], "train"), predictions(["b"], "validate")], 2)

    assert [row[-1] for _, row in joined] == ["train", "validate"]


def test_parts_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="1"):
        Columns(as_ids(["a", "b"]), [Constant(1, 1)])
