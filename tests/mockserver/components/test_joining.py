from __future__ import annotations

import pytest

from component_bench import GUEST, HOST, column, instances, keys, run, under, vertical
from flowkit_mockserver.components.core.interface import ComponentFailed


@pytest.mark.parametrize("method", ["rsa", "raw"])
def test_an_intersection_keeps_the_ids_all_have(method: str) -> None:
    ours, theirs = vertical(10), vertical(10, shift=4)
    tables = {GUEST: ours[GUEST], HOST: theirs[HOST]}

    results = run("Intersection", under("data", tables), intersect_method=method)

    for result in results.values():
        assert keys(result.tables[0]) == ["4", "5", "6", "7", "8", "9"]
        metric = result.metrics["train"]["intersection"]
        assert sorted(metric.data) == [["intersect_count", 6], ["intersect_rate", 0.6]]
        assert metric.meta["metric_type"] == "INTERSECTION"
        assert result.summary == {"intersect_num": 6, "intersect_rate": 0.6}
        assert result.model is None
    assert results[GUEST].tables[0].schema["labelled"]
    assert results[HOST].tables[0].schema["header"] == ["x0", "x1", "x2"]


def test_the_ids_can_be_all_that_is_put_out() -> None:
    results = run("Intersection", under("data", vertical(3)), only_output_key=True)

    assert list(results[GUEST].tables[0].records) == [("0", [1]), ("1", [1]), ("2", [1])]


def test_only_who_joins_may_learn_the_ids() -> None:
    results = run(
        "Intersection",
        under("data", vertical(4)),
        intersect_method="raw",
        join_role="host",
        sync_intersect_ids=False,
    )

    assert results[GUEST].tables == []
    assert results[GUEST].summary == {"intersect_num": -1, "intersect_rate": -1}
    assert len(results[HOST].tables[0].records) == 4


def test_ids_may_occur_several_times() -> None:
    ours = instances({"a": ["1", 0.5], "b": ["1", 0.6], "c": ["9", 0.7]}, ["id", "x0"], [0, 1, 1])
    theirs = instances({"1": [5.0], "2": [6.0]}, ["x0"])

    results = run(
        "Intersection",
        {GUEST: {"data": ours}, HOST: {"data": theirs}},
        intersect_method="raw",
        repeated_id_process=True,
        repeated_id_owner="guest",
    )

    assert list(results[GUEST].tables[0].records) == [("a", [0, 0.5]), ("b", [1, 0.6])]
    assert list(results[HOST].tables[0].records) == [("a", [5.0]), ("b", [5.0])]


def test_an_intersection_without_common_ids_is_empty() -> None:
    tables = {GUEST: vertical(5)[GUEST], HOST: vertical(5, shift=50)[HOST]}

    results = run("Intersection", under("data", tables))

    assert list(results[GUEST].tables[0].records) == []
    assert results[GUEST].summary == {"intersect_num": 0, "intersect_rate": 0.0}


def test_a_union_counts_what_it_was_given() -> None:
    one = instances({"a": [1.0], "b": [2.0]}, ["x0"], [0, 1])
    two = instances({"b": [9.0], "c": [3.0]}, ["x0"], [1, 1])

    result = run("Union", {GUEST: {"data": [("one_0", one), ("two_0", two)]}})[GUEST]

    assert keys(result.tables[0]) == ["a", "b", "c"]
    assert column(result.tables[0], 1) == [1.0, 2.0, 3.0]
    metric = result.metrics["train"]["union"]
    assert dict(map(tuple, metric.data)) == {
        "one_0.data.0": 2,
        "two_0.data.0": 2,
        "Total": 3,
    }
    assert metric.meta["metric_type"] == "UNION"


def test_a_union_of_different_tables_fails() -> None:
    one = instances({"a": [1.0]}, ["x0"])
    two = instances({"b": [1.0]}, ["x1"])

    with pytest.raises(ComponentFailed):
        run("Union", {GUEST: {"data": [("one_0", one), ("two_0", two)]}})
