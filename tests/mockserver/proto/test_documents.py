from __future__ import annotations

import pytest

from flowkit_mockserver.proto.catalogue import message_fields
from flowkit_mockserver.proto.documents import message


def test_a_message_has_all_its_fields() -> None:
    document = message("LRModelMeta", penalty="L2")

    names = [field.json_name for field in message_fields("LRModelMeta")]
    assert list(document) == [name for name in names if name != "predictParam"]
    assert document["penalty"] == "L2"
    assert document["tol"] == 0.0
    assert document["optimizer"] == ""
    assert document["fitIntercept"] is False


def test_64_bit_integers_are_text_and_shorter_ones_are_not() -> None:
    assert message("LRModelMeta", batchSize=-1)["batchSize"] == "-1"
    assert message("LRModelMeta")["maxIter"] == "0"
    assert message("LRModelParam", iters=3)["iters"] == 3


def test_maps_have_text_keys_and_typed_values() -> None:
    assert message("LRModelParam", weight={"x0": 1})["weight"] == {"x0": 1.0}


@pytest.mark.parametrize(
    ("number", "shown"),
    [(float("inf"), "Infinity"), (float("-inf"), "-Infinity"), (float("nan"), "NaN")],
)
def test_numbers_that_json_does_not_know_are_words(number: float, shown: str) -> None:
    assert message("LRModelParam", intercept=number)["intercept"] == shown


def test_numbers_of_single_precision_have_no_more_digits_than_they_need() -> None:
    document = message("HomoNNParam@later", lossHistory=[0.8317702709315632, 0.1, 1e30, 16777217])

    assert document["lossHistory"] == [0.83177024, 0.1, 1e30, 16777216.0]


def test_a_message_within_a_message_stays_away_unless_set() -> None:
    assert "predictParam" not in message("LRModelMeta")
    inner = message("PredictMeta", threshold=0.5)
    assert message("LRModelMeta", predictParam=inner)["predictParam"] == {"threshold": 0.5}


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError):
        message("LRModelMeta", nothing=1)
    with pytest.raises(KeyError):
        message("NoSuchMessage")
