"""Confusion matrices by threshold, and contingency tables."""

from __future__ import annotations

import pytest

from flowkit import ArgumentError
from flowkit.results import ConfusionMatrices, read_confusion, read_contingency
from recorded_results import answer


def test_the_matrix_at_a_threshold_says_which_one_it_is() -> None:
    (found,) = read_confusion(answer("1.6", "evaluation"))
    matrix = found.at(0.5)
    assert matrix.threshold == 0.492716
    assert matrix.table == ((182, 30), (23, 334))
    assert matrix.total == 569
    assert matrix.accuracy == pytest.approx(516 / 569)


def test_thresholds_fall_up_to_1_6_and_rise_later() -> None:
    (old,) = read_confusion(answer("1.6", "evaluation"))
    assert old.matrices[0].threshold > old.matrices[-1].threshold
    new = read_confusion(answer("1.11", "evaluation"))[0]
    assert [matrix.threshold for matrix in new.matrices[:3]] == [0.0, 0.01, 0.02]


@pytest.mark.parametrize("line", ["1.6", "1.11"])
def test_every_matrix_counts_all_samples(line: str) -> None:
    for found in read_confusion(answer(line, "evaluation")):
        assert len({matrix.total for matrix in found.matrices}) == 1


def test_columns_of_different_length_are_refused() -> None:
    meta = {"metric_type": "CONFUSION_MAT", "thresholds": [1], "tp": [1], "fp": [], "tn": [1]}
    with pytest.raises(ArgumentError, match="differ in length"):
        read_confusion({"train": {"a_confusion_mat": {"data": [], "meta": meta}}})


def test_none_at_all_has_none_at_a_threshold() -> None:
    with pytest.raises(ArgumentError, match="has no confusion matrices"):
        ConfusionMatrices("lr_0", "train", ()).at()


def test_labels_and_clusters() -> None:
    (found,) = read_contingency(answer("1.6", "clusters"))
    assert (found.labels, found.clusters) == (("0", "1"), ("0", "1", "2"))
    assert found.counts == ((110, 66, 36), (0, 26, 331))
