"""Instance tables as columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from component_bench import instances
from flowkit_mockserver.components.core.instance import INTEGER, Instances
from flowkit_mockserver.components.core.interface import TableData


def table(**rows: list[Any]) -> Instances:
    return Instances.of(instances(rows, ["x0", "x1"], labels=range(len(rows))))


def test_a_table_is_taken_apart_in_its_canonical_order() -> None:
    data = Instances.of(
        instances({"10": [1.5, 2], "9": [3.5, 4]}, ["x0", "x1"], [1, 0], [0.5, 2.0])
    )

    assert data.ids.tolist() == ["9", "10"]
    assert data.features.tolist() == [[3.5, 4.0], [1.5, 2.0]]
    assert data.labels is not None
    assert data.labels.tolist() == [0, 1]
    assert data.weights is not None
    assert data.weights.tolist() == [2.0, 0.5]
    assert data.header == ["x0", "x1"]
    assert data.extra == {"sid_name": "id", "label_name": "y"}


def test_it_shows_the_same_values_when_it_is_a_table_again() -> None:
    given = instances({"9": [3.5, 4], "10": [1.5, 2]}, ["x0", "x1"], [0, 1], [2.0, 0.5])

    again = Instances.of(given).table()

    assert repr(list(again.records)) == repr(list(given.records))
    assert again.schema == given.schema


def test_ids_that_were_made_integers_keep_the_order_of_the_table() -> None:
    given = TableData(
        "instance", {"header": ["x"], "int_keys": True}, [("10", [1.0]), ("9", [2.0])]
    )

    assert Instances.of(given).ids.tolist() == ["10", "9"]


def test_samples_are_taken_by_place_mask_or_id() -> None:
    data = table(a=[1.0, 2.0], b=[3.0, 4.0], c=[5.0, 6.0])

    assert data.take([2, 0]).ids.tolist() == ["c", "a"]
    assert data.take(np.array([False, True, True])).features.tolist() == [[3.0, 4.0], [5.0, 6.0]]
    assert data.take_ids(np.array(["c", "x", "b"])).ids.tolist() == ["c", "b"]


def test_features_can_be_replaced() -> None:
    data = table(a=[1.0, 2.0]).with_features(np.array([[7.0]]), ["z"], [INTEGER])

    assert list(data.table().records) == [("a", [0, 7])]
    assert repr(list(data.table().records)) == "[('a', [0, 7])]"
    assert data.header == ["z"]


def test_a_sparse_table_shows_zeros_as_such_vectors_do() -> None:
    data = Instances.from_rows(["a"], [[1.0, 2.0]], extra={"sparse": True}, header=["x", "y"])

    replaced = data.with_features(np.array([[0.0, 1.0]]))

    assert repr(list(replaced.table().records)) == "[('a', [0, 1.0])]"


def test_features_come_in_the_order_of_a_model() -> None:
    data = table(a=[1.0, 2.0])

    assert data.aligned(["x0", "x1"]) is data
    assert data.aligned(["x1"]).features.tolist() == [[2.0]]
    with pytest.raises(ValueError, match="fit & transform data' header should be same"):
        data.aligned(["x2"])


def test_a_column_is_found_by_its_name() -> None:
    data = table(a=[1.0, 2.0], b=[3.0, 4.0])

    assert data.column("x1").tolist() == [2.0, 4.0]
    assert data.without("x0").header == ["x1"]
    with pytest.raises(ValueError, match="no feature 'z'"):
        data.column("z")


def test_only_instances_are_instances() -> None:
    with pytest.raises(ValueError, match="'text'"):
        Instances.of(TableData("text", {}, []))
