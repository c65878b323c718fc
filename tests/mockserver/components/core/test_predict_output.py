"""Prediction tables made of arrays, and taken apart again."""

from __future__ import annotations

import numpy as np
import pytest

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.components.core.predict_output import (
    PREDICTION_HEADER,
    binary_predictions,
    merged_predictions,
    multi_predictions,
    regression_predictions,
    stored_predictions,
)


def samples(*keys: str) -> Instances:
    rows = [[0.5] for _ in keys]
    return Instances.from_rows(keys, rows, [1] * len(keys), extra={"sid_name": "id"})


def test_a_score_at_the_threshold_is_of_the_first_class() -> None:
    data = samples("a", "b")
    said = binary_predictions(data.labels, np.array([0.5, 0.75]))

    assert list(merged_predictions([(data, said, "train")]).records) == [
        ("a", [1, 0, 0.5, {"0": 0.5, "1": 0.5}, "train"]),
        ("b", [1, 1, 0.75, {"0": 0.25, "1": 0.75}, "train"]),
    ]


def test_the_first_of_equal_scores_wins() -> None:
    data = samples("a")
    said = multi_predictions(None, np.array([[0.25, 0.25, 0.2]]), [0, 1, 2], integers=True)

    assert list(merged_predictions([(data, said, "predict")]).records) == [
        ("a", [None, 0, 0.25, {0: 0.25, 1: 0.25, 2: 0.2}, "predict"])
    ]


def test_a_regression_shows_its_value_three_times() -> None:
    data = samples("a")
    said = regression_predictions(data.labels, np.array([1.5]))

    assert list(merged_predictions([(data, said, "train")]).records) == [
        ("a", [1, 1.5, 1.5, {"label": 1.5}, "train"])
    ]


def test_of_a_sample_in_two_sets_the_first_prediction_stays() -> None:
    train, held = samples("b", "c"), samples("a", "b")
    first = regression_predictions(train.labels, np.array([1.0, 2.0]))
    second = regression_predictions(held.labels, np.array([3.0, 4.0]))

    table = merged_predictions([(train, first, "train"), (held, second, "validate")])

    assert [(key, row[1], row[4]) for key, row in table.records] == [
        ("a", 3.0, "validate"),
        ("b", 1.0, "train"),
        ("c", 2.0, "train"),
    ]
    assert table.schema == {"header": PREDICTION_HEADER, "sid_name": "id"}


@pytest.mark.parametrize("written_down", [False, True])
def test_a_table_of_predictions_is_taken_apart(written_down: bool) -> None:
    data = samples("a", "b")
    table = merged_predictions([(data, binary_predictions(None, np.array([0.1, 0.9])), "train")])
    if written_down:
        table = TableData(table.kind, table.schema, list(table.records))

    ids, said, types = stored_predictions(table)

    assert ids.tolist() == ["a", "b"]
    assert said.labels.tolist() == [None, None]
    assert said.results.tolist() == [0, 1]
    assert said.scores.tolist() == [0.1, 0.9]
    assert said.names == ["0", "1"]
    assert said.details.tolist() == [[0.9, 0.1], [1 - 0.9, 0.9]]
    assert types.tolist() == ["train", "train"]


def test_other_tables_are_no_predictions() -> None:
    with pytest.raises(ValueError, match="a table of predictions"):
        stored_predictions(TableData("prediction", {"header": ["cluster"]}, []))
