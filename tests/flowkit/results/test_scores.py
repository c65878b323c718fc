"""Single values and those by class."""

from __future__ import annotations

from flowkit.results import Score, read_class_scores, read_scores
from recorded_results import answer


def test_the_scores_of_an_evaluation() -> None:
    assert read_scores(answer("1.6", "evaluation")) == (
        Score("hetero_lr_0", "train", "auc", 0.955724),
        Score("hetero_lr_0", "train", "ks", 0.814849),
    )


def test_the_scores_of_a_clustering() -> None:
    found = {score.metric: score.value for score in read_scores(answer("1.6", "clusters"))}
    assert found == {
        "adjusted_rand_score": 0.557696,
        "fowlkes_mallows_score": 0.781579,
        "jaccard_similarity_score": 0.239016,
    }


def test_precision_and_recall_by_class() -> None:
    (found,) = read_class_scores(answer("1.6", "classes"))
    assert (found.source, found.classes) == ("hetero_secure_boost_0", (0, 1, 2, 3))
    assert found.precision == (0.75, 0.588, 0.872951, 0.773438)
    assert found.recall == (0.339623, 0.677419, 0.977064, 0.994975)


def test_one_of_the_two_may_be_missing() -> None:
    metric = {"data": [[0, 0.5], [1, 0.25]], "meta": {"metric_type": "RECALL_MULTI_EVALUATION"}}
    (found,) = read_class_scores({"train": {"a_recall": metric}})
    assert (found.classes, found.precision, found.recall) == ((0, 1), (), (0.5, 0.25))
