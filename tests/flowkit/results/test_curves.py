"""Curves of real servers, and their conventions."""

from __future__ import annotations

from itertools import pairwise

import pytest

from flowkit import ArgumentError
from flowkit.results import (
    Curve,
    read_accuracy,
    read_gain,
    read_ks,
    read_lift,
    read_loss,
    read_precision_recall,
    read_roc,
)
from recorded_results import answer

LINES = ["1.6", "1.11"]


def area(curve: Curve) -> float:
    pairs = pairwise(curve.points)
    return sum((right[0] - left[0]) * (right[1] + left[1]) / 2 for left, right in pairs)


def test_the_loss_of_a_linear_model_is_the_arbiters() -> None:
    (loss,) = read_loss(answer("1.6", "loss"))
    assert loss.x == (0, 1, 2, 3, 4)
    assert loss.y[0] == 15.17681430218032
    assert loss.y[-1] == 0.6885025017232558
    assert (loss.x_label, loss.label, loss.best) == ("iteration", "loss (train)", None)
    assert read_loss(answer("1.11", "loss"))[0].y[-1] == 0.4308452179028823


def test_boosted_trees_say_their_best_loss() -> None:
    (loss,) = read_loss(answer("1.6", "boosting_loss"))
    assert loss.best == min(loss.y) == 0.25373153106142293


def test_networks_count_rounds_of_aggregation() -> None:
    assert read_loss(answer("1.11", "network_loss"))[0].x_label == "aggregation round"


@pytest.mark.parametrize("line", LINES)
def test_the_area_under_a_roc_curve_is_the_auc_that_the_server_says(line: str) -> None:
    curves = read_roc(answer(line, "evaluation"))
    assert curves
    for curve in curves:
        assert curve.auc == pytest.approx(area(curve), abs=2e-3)
        assert curve.points[0] == (0, 0)
        assert curve.points[-1] == (1, 1)
        assert len(curve.thresholds) == len(curve.x)
        assert list(curve.x) == sorted(curve.x)


def test_curves_are_named_by_what_was_evaluated_and_on_what() -> None:
    assert [curve.label for curve in read_roc(answer("1.6", "evaluation"))] == [
        "hetero_lr_0 (train)"
    ]
    found = {(curve.source, curve.dataset) for curve in read_roc(answer("1.11", "evaluation"))}
    assert found == {
        ("hetero_lr_0", "train"), ("hetero_lr_0", "validate"), ("hetero_lr_1", "predict")
    }  # fmt: skip


def test_a_validation_while_training_is_named_by_its_iteration() -> None:
    labels = [curve.label for curve in read_ks(answer("1.11", "validation"))]
    assert labels == ["iteration_0 (train)", "iteration_0 (validate)"]


@pytest.mark.parametrize("line", LINES)
def test_the_widest_gap_of_a_ks_curve_is_the_ks_that_the_server_says(line: str) -> None:
    for curve in read_ks(answer(line, "evaluation")):
        assert curve.ks is not None
        assert curve.widest[1] == pytest.approx(curve.ks, abs=1.1e-6)
        assert (len(curve.tpr.x), len(curve.tpr.thresholds)) == (101, 100)


def test_ks_gain_and_lift_run_over_the_share_of_samples() -> None:
    metrics = answer("1.6", "evaluation")
    (ks,), (gain,), (lift,) = read_ks(metrics), read_gain(metrics), read_lift(metrics)
    assert {ks.tpr.x_label, gain.x_label, lift.x_label} == {"share of samples"}
    assert ks.widest == (0.63, 0.814848)
    assert gain.points[:2] == ((0.0, 0.0), (0.008787, 0.014006))
    assert lift.points[1] == (0.008787, 1.593838)
    # A share of 0.008787 of the samples holds 1.593838 times as many of the events.
    assert gain.y[1] == pytest.approx(gain.x[1] * lift.y[1], abs=1e-5)


def test_accuracy_runs_over_the_share_of_distinct_scores() -> None:
    (accuracy,) = read_accuracy(answer("1.6", "evaluation"))
    assert accuracy.x_label == "share of distinct scores"
    assert accuracy.points[1] == (0.01, 0.381371)


@pytest.mark.parametrize("line", LINES)
def test_precision_stands_against_recall(line: str) -> None:
    for found in read_precision_recall(answer(line, "evaluation")):
        curve = found.curve
        assert (curve.x_label, curve.y_label) == ("recall", "precision")
        assert curve.points[0] == (0, 1)
        assert list(curve.x) == sorted(curve.x)
        assert len(curve.thresholds) == len(curve.x)


def test_halves_of_a_curve_that_do_not_fit_are_refused() -> None:
    def half(side: str, x: float) -> dict[str, object]:
        return {"data": [[x, 0.5]], "meta": {"metric_type": f"{side}_BINARY_EVALUATION"}}

    halves = {"a_precision": half("PRECISION", 0.1), "a_recall": half("RECALL", 0.2)}
    with pytest.raises(ArgumentError, match="different points"):
        read_precision_recall({"train": halves})


def test_a_curve_without_its_other_half_is_left_out() -> None:
    metric = {"data": [[0.0, 0.0]], "meta": {"metric_type": "KS_EVALUATION"}}
    assert read_ks({"train": {"a_ks_tpr": metric}}) == ()


def test_more_thresholds_than_points_are_refused() -> None:
    metric = {"data": [], "meta": {"metric_type": "ROC_EVALUATION", "thresholds": [1.0]}}
    with pytest.raises(ArgumentError, match="1 thresholds for 0 points"):
        read_roc({"train": {"a_roc": metric}})
