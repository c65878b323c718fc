from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from component_bench import GUEST, HOST, column, horizontal, instances, keys, run, under, vertical
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed


def test_a_random_sample_has_the_size_asked_for_and_is_the_same_everywhere() -> None:
    results = run(
        "FederatedSample", under("data", vertical(20)), mode="random", fractions=0.5, random_state=3
    )

    assert keys(results[GUEST].tables[0]) == keys(results[HOST].tables[0])
    assert len(results[GUEST].tables[0].records) == 10
    metric = results[GUEST].metrics["sample_count"]["random"]
    assert metric.data == [["count", 10]]
    assert metric.meta["metric_type"] == "SAMPLE_TEXT"


def test_a_stratified_sample_keeps_shares_of_the_labels() -> None:
    results = run(
        "FederatedSample",
        under("data", vertical(20)),
        mode="stratified",
        fractions=[[0, 0.2], [1, 0.4]],
        random_state=3,
    )

    counts = results[GUEST].metrics["sample_count"]["stratified"]
    assert counts.data == [[0, 2], [1, 4]]
    assert results[GUEST].metrics["original_count"]["stratified"].data == [[0, 10], [1, 10]]
    assert sorted(column(results[GUEST].tables[0], 0)) == [0, 0, 1, 1, 1, 1]


def test_a_larger_sample_has_ids_of_its_own() -> None:
    result = run(
        "FederatedSample",
        under("data", vertical(10)),
        mode="random",
        method="upsample",
        fractions=2.0,
        random_state=3,
    )[GUEST]

    assert keys(result.tables[0]) == [str(i) for i in range(20)]


@pytest.mark.parametrize(
    ("module", "tables"), [("HeteroDataSplit", vertical(50)), ("HomoDataSplit", horizontal(50))]
)
def test_a_split_has_three_parts_that_make_up_the_whole(module: str, tables: Any) -> None:
    results = run(
        module,
        under("data", tables),
        train_size=0.6,
        validate_size=0.2,
        test_size=0.2,
        random_state=1,
    )

    parts = [keys(table) for table in results[GUEST].tables]
    assert [len(part) for part in parts] == [30, 10, 10]
    assert sorted(key for part in parts for key in part) == sorted(keys(tables[GUEST]))
    meta = results[GUEST].metrics["train"]["data_split"].meta
    assert meta["metric_type"] == "DATA_SPLIT"
    assert meta["data_split_count_info"]["train"] == 30
    if module == "HeteroDataSplit":
        assert parts == [keys(table) for table in results[HOST].tables]


def test_a_stratified_split_keeps_the_shares_of_the_labels() -> None:
    results = run(
        "HeteroDataSplit",
        under("data", vertical(40)),
        train_size=0.5,
        test_size=0.5,
        stratified=True,
        random_state=1,
    )

    shares = results[GUEST].metrics["train"]["data_split"].meta["data_split_label_info"]
    assert shares["train"] == shares["test"] == {"0": 10, "1": 10}


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"train_size": 0.7}, [7, 0, 3]),
        ({"test_size": 0.4}, [6, 0, 4]),
        ({"train_size": 6, "test_size": 1}, [6, 3, 1]),
        ({"validate_size": 2}, [8, 2, 0]),
        ({"train_size": 5, "validate_size": 2}, [5, 2, 3]),
    ],
)
def test_sizes_that_are_not_given_follow_from_the_others(
    sizes: dict[str, Any], expected: list[int]
) -> None:
    results = run("HomoDataSplit", under("data", horizontal(10)), random_state=1, **sizes)

    assert [len(table.records) for table in results[GUEST].tables] == expected


def test_sizes_that_are_not_everything_are_refused() -> None:
    with pytest.raises(ComponentFailed, match="should sum up to"):
        run(
            "HomoDataSplit",
            under("data", horizontal(10)),
            train_size=0.1,
            test_size=0.1,
            validate_size=0.1,
        )


def test_samples_can_be_split_in_their_order() -> None:
    results = run(
        "HomoDataSplit", under("data", horizontal(9)), train_size=5, test_size=4, shuffle=False
    )

    assert keys(results[GUEST].tables[0]) == [f"guest{i}" for i in range(5)]


def test_weights_balance_the_labels() -> None:
    table = instances({str(i): [0.0] for i in range(4)}, ["x0"], [1, 1, 1, 0])

    result = run("SampleWeight", {GUEST: {"data": table}}, class_weight="balanced")[GUEST]

    assert result.tables[0].schema["weighted"]
    assert column(result.tables[0], -1) == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2.0])
    meta = result.metrics["train"]["sample_weight"].meta
    assert meta["metric_type"] == "SAMPLE_WEIGHT"
    assert set(meta["class_weight"]) == {"0", "1"}


def test_weights_can_come_from_a_column() -> None:
    table = instances({"a": [1.0, 5.0], "b": [2.0, 6.0]}, ["x0", "w"], [1, 0])

    result = run("SampleWeight", {GUEST: {"data": table}}, sample_weight_name="w")[GUEST]

    assert result.tables[0].schema["header"] == ["x0"]
    assert column(result.tables[0], -1) == [5.0, 6.0]


def test_a_sample_of_an_unknown_mode_fails() -> None:
    with pytest.raises(ComponentFailed):
        run("FederatedSample", under("data", vertical(5)), mode="by_taste", fractions=0.5)


def test_samples_are_drawn_as_often_as_the_guest_weighs_them() -> None:
    guest = Instances.from_rows(["a", "b", "c"], [[1.0], [2.0], [3.0]], [0, 1, 1], header=["x0"])
    guest = replace(guest, weights=np.array([0.0, 1.0, 1.2]), match_ids=np.array(["7", "8", "9"]))
    host = Instances.from_rows(["a", "b", "c"], [[0.1], [0.2], [0.3]], header=["h0"])
    tables = {GUEST: guest.table(), HOST: host.table()}

    done = run("FederatedSample", under("data", tables), mode="exact_by_weight")

    own, other = (Instances.of(done[party].tables[0]) for party in (GUEST, HOST))
    assert own.ids.tolist() == other.ids.tolist() == sorted(own.ids.tolist())
    assert sorted(own.features[:, 0].tolist()) == [2.0, 3.0, 3.0]
    assert (own.features[:, 0] * 0.1).tolist() == pytest.approx(other.features[:, 0].tolist())
    assert done[HOST].summary == {"sample_count": 3}
    assert done[GUEST].metrics["sample_count"]["exact_by_weight"].data == [["count", 3]]


def test_samples_without_match_ids_are_not_drawn_by_weight() -> None:
    guest = Instances.from_rows(["a"], [[1.0]], [0], [2.0], header=["x0"])
    tables = {GUEST: guest.table(), HOST: guest.table()}

    with pytest.raises(ComponentFailed, match="instances must have match id"):
        run("FederatedSample", under("data", tables), mode="exact_by_weight")


@pytest.mark.parametrize("module", ["HeteroDataSplit", "HomoDataSplit"])
def test_a_split_without_sizes_takes_four_fifths_to_train_on(module: str) -> None:
    tables = vertical(50) if module == "HeteroDataSplit" else horizontal(50)

    summary = run(module, under("data", tables), random_state=1)[GUEST].summary

    assert summary is not None
    assert summary["data_split_count_info"] == {
        "train": 40,
        "validate": 10,
        "test": 0,
        "original": 50,
    }


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "TypeError: '<' not supported between instances of 'NoneType' and 'int'"),
        (
            {"method": "upsample"},
            "TypeError: '<=' not supported between instances of 'NoneType' and 'int'",
        ),
        ({"mode": "stratified"}, "TypeError: object of type 'NoneType' has no len()"),
        (
            {"mode": "exact_by_weight", "task_type": "homo"},
            "AttributeError: 'NoneType' object has no attribute '_table'",
        ),
        ({"task_type": "both", "fractions": 0.5}, "both task type not support yet"),
        (
            {"method": "upsample", "fractions": 0},
            "sapmle fractions should be a numeric number large than 0",
        ),
    ],
)
def test_a_sample_says_what_the_server_says_of_what_it_cannot_draw(
    options: dict[str, Any], text: str
) -> None:
    with pytest.raises(ComponentFailed) as failure:
        run("FederatedSample", under("data", vertical(20)), **options)

    assert failure.value.message == text
