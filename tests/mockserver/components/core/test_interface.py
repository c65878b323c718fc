from __future__ import annotations

from flowkit_mockserver.components.core.interface import (
    Metric,
    PartyResult,
    cells,
    columns,
    order_of,
)


def test_a_header_starts_with_the_id() -> None:
    schema = {
        "header": ["x0", "x1"],
        "sid_name": "id",
        "label_name": "y",
        "labelled": True,
        "weighted": True,
    }

    assert columns("instance", schema) == ["id", "y", "x0", "x1", "weight"]
    assert columns("text", {"header": "y,x0", "sid": "id"}) == ["sid", "y", "x0"]
    assert columns("prediction", {"header": ["label"]}) == ["sid", "label"]
    assert columns("text", {"sid": "id"}) == ["id"]
    assert columns("text", {}) == ["sid"]


def test_a_row_starts_with_its_key() -> None:
    assert cells("text", {"header": "y,x0"}, "7", "1,2.5") == ["7", "1", "2.5"]
    assert cells("instance", {}, "7", [1, 2.5]) == ["7", 1, 2.5]
    assert cells("instance", {"int_keys": True}, "7", [1]) == [7, 1]


def test_classes_of_a_prediction_can_be_numbers() -> None:
    value = [1, 1, 0.5, {"0": 0.5, "1": 0.5}, "train"]

    assert cells("prediction", {}, "7", value)[4] == {"0": 0.5, "1": 0.5}
    assert cells("prediction", {"int_detail": True}, "7", value)[4] == {0: 0.5, 1: 0.5}


def test_keys_come_by_length_and_then_by_text() -> None:
    assert sorted(["10", "9", "b", "a1"], key=order_of) == ["9", "b", "10", "a1"]


def test_a_metric_has_a_namespace_and_a_name() -> None:
    result = PartyResult()
    result.add_metric("train", "loss", Metric([[0, 0.5]], {"name": "train"}))
    result.add_metric("train", "auc", Metric([], {}))

    assert list(result.metrics["train"]) == ["loss", "auc"]
