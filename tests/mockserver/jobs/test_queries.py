"""Filters compare as the server's database does."""

from __future__ import annotations

import time
from typing import Any

import pytest

from flowkit_mockserver.jobs.queries import build_predicate, select_filters, sort_rows

COLUMNS = {
    name: (lambda row, name=name: row.get(name))
    for name in ("f_party_id", "f_is_initiator", "f_start_time", "f_elapsed", "f_status")
} | {"f_create_time": lambda row: row["f_create_time"]}
ROWS: list[dict[str, Any]] = [
    {"f_party_id": "1", "f_is_initiator": True, "f_elapsed": 30, "f_create_time": 5},
    {"f_party_id": "2", "f_is_initiator": False, "f_elapsed": None, "f_create_time": 5},
    {"f_party_id": "10", "f_is_initiator": False, "f_elapsed": 7, "f_create_time": 9},
]


def found(*, ranges: tuple[str, ...] = ("f_elapsed",), **filters: Any) -> list[str]:
    meets = build_predicate(COLUMNS, select_filters(COLUMNS, filters), ranges=ranges)
    return [row["f_party_id"] for row in ROWS if meets(row)]


def test_numbers_and_texts_are_alike() -> None:
    assert found(party_id=1) == found(party_id="1") == ["1"]


def test_true_is_one() -> None:
    assert found(is_initiator=True) == found(is_initiator=1) == ["1"]


def test_null_is_only_null() -> None:
    assert found(party_id=None) == []
    assert found(elapsed=None) == ["2"]


def test_a_list_is_any_of_its_elements() -> None:
    assert found(party_id=["2", 10]) == ["2", "10"]


def test_a_list_for_a_duration_is_a_closed_range() -> None:
    assert found(elapsed=[7, 30]) == ["1", "10"]
    assert found(ranges=(), elapsed=[7, 8]) == ["10"]


def test_what_is_no_column_is_no_filter() -> None:
    assert select_filters(COLUMNS, {"component_name": "x", "party_id": 1}) == {"f_party_id": 1}


@pytest.mark.parametrize(
    ("how", "order"),
    [
        ({}, ["1", "2", "10"]),
        ({"order_by": "elapsed"}, ["1", "2", "10"]),
        ({"reverse": False, "order_by": "elapsed"}, ["2", "10", "1"]),
        ({"reverse": True, "order_by": "elapsed"}, ["1", "10", "2"]),
        ({"reverse": True}, ["10", "2", "1"]),
        ({"reverse": True, "order_by": "nonsense"}, ["10", "2", "1"]),
    ],
)
def test_rows_are_sorted_only_when_reverse_says_which_way(
    how: dict[str, Any], order: list[str]
) -> None:
    assert [row["f_party_id"] for row in sort_rows(ROWS, COLUMNS, how)] == order


def test_the_end_of_a_range_of_times_may_be_a_text() -> None:
    moment = 1_622_541_784_000
    text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment // 1000))
    meets = build_predicate(COLUMNS, {"f_start_time": [text, moment]}, ranges=("f_start_time",))

    assert meets({"f_start_time": moment})
    assert not meets({"f_start_time": moment + 1})
    with pytest.raises(ValueError, match="does not match"):
        build_predicate(COLUMNS, {"f_start_time": ["yesterday", moment]}, ranges=("f_start_time",))
