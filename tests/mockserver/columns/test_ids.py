"""Ids as arrays: their order and joins."""

from __future__ import annotations

import numpy as np

from flowkit_mockserver.columns.ids import as_ids, byte_lengths, order_positions, positions_of


def test_the_length_of_an_id_counts_bytes() -> None:
    assert byte_lengths(as_ids(["a", "é", "€", "😀", "abc"])).tolist() == [1, 2, 3, 4, 3]


def test_ids_are_ordered_by_length_then_by_bytes() -> None:
    ids = as_ids(["b", "10", "é", "9"])

    order = order_positions(ids)

    assert order is not None
    assert ids[order].tolist() == ["9", "b", "10", "é"]


def test_ids_in_order_need_no_positions() -> None:
    assert order_positions(as_ids(["9", "b", "10"])) is None
    assert order_positions(as_ids([])) is None


def test_places_are_found_by_id() -> None:
    ids = as_ids(["3", "1", "2"])

    assert positions_of(as_ids(["2", "4", "3"]), ids).tolist() == [2, -1, 0]
    assert positions_of(ids, ids).tolist() == [0, 1, 2]
    assert positions_of(as_ids(["1"]), as_ids([])).tolist() == [-1]


def test_a_selection_of_ids_can_be_ordered() -> None:
    ids = as_ids(["10", "9", "8", "7"])[::2]

    assert ids[order_positions(ids)].tolist() == ["8", "10"]
    assert isinstance(ids, np.ndarray)
