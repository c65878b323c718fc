"""Importance of features, and coefficients."""

from __future__ import annotations

from flowkit.results import FeatureImportance, read_coefficients, read_importance
from recorded_results import answer


def test_the_guest_knows_what_every_feature_did() -> None:
    found = read_importance(answer("1.6", "boosting"))
    assert found[0] == FeatureImportance("x1", "guest/9999", "split", 6.0, 51.494387525)
    assert {one.feature for one in found if one.party == "host/9998"} == {
        "host_9998_1", "host_9998_7", "host_9998_13"
    }  # fmt: skip
    assert [one.importance for one in found] == sorted(
        (one.importance for one in found), reverse=True
    )


def test_a_host_knows_its_own_from_1_7_on() -> None:
    assert read_importance(answer("1.6", "boosting_of_host")) == ()
    own = read_importance(answer("1.11", "boosting_of_host"))
    assert [(one.feature, one.party) for one in own] == [
        ("x7", "host"), ("x12", "host"), ("x13", "host"), ("x1", "host")
    ]  # fmt: skip


def test_coefficients_come_in_the_order_of_the_table() -> None:
    (found,) = read_coefficients(answer("1.6", "linear"))
    assert list(found.weights)[:3] == ["x0", "x1", "x2"]
    assert found.weights["x0"] == -0.009040301117348989
    assert (found.intercept, found.label) == (0.5457960886692542, "")


def test_one_model_for_each_class() -> None:
    found = read_coefficients(answer("1.6", "one_vs_rest"))
    assert [one.label for one in found] == ["0", "1", "2", "3"]
    assert found[0].intercept == -0.30035243254205585
