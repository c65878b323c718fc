from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from component_bench import GUEST, Results, run
from flowkit_mockserver.components.core.interface import ComponentFailed, Metric, TableData

HEADER = ["label", "predict_result", "predict_score", "predict_detail", "type"]


def predictions(rows: list[tuple[Any, Any, Any]], mode: str = "train") -> TableData:
    records = [
        (f"{mode}{i}", [label, guess, score, {}, mode])
        for i, (label, guess, score) in enumerate(rows)
    ]
    return TableData("prediction", {"header": HEADER}, records)


def binary(scores: list[float], labels: list[int], mode: str = "train") -> TableData:
    return predictions(
        [(label, int(score > 0.5), score) for score, label in zip(scores, labels, strict=True)],
        mode,
    )


def evaluate(table: TableData, eval_type: str = "binary", **options: Any) -> Results:
    inputs = {GUEST: {"data": [("lr_0", table)]}}
    return run("Evaluation", inputs, eval_type=eval_type, **options)


def metrics(results: Results, mode: str = "train") -> dict[str, Metric]:
    return results[GUEST].metrics[mode]


SCORES = [0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1]
LABELS = [1, 1, 0, 1, 0, 1, 0, 0]


def test_auc_and_ks_are_what_they_should_be() -> None:
    results = evaluate(binary(SCORES, LABELS))

    single = metrics(results)["lr_0"]
    # 13 of the 16 pairs of a positive and a negative sample are in order.
    assert dict(map(tuple, single.data)) == {"auc": 0.8125, "ks": 0.5}
    assert single.meta == {"name": "lr_0", "metric_type": "EVALUATION_SUMMARY"}
    assert results[GUEST].summary == {"lr_0": {"train": {"auc": 0.8125, "ks": 0.5}}}
    assert results[GUEST].tables == []


def test_a_perfect_score_is_perfect() -> None:
    found = metrics(evaluate(binary([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0])))

    assert dict(map(tuple, found["lr_0"].data)) == {"auc": 1.0, "ks": 1.0}


def test_all_default_metrics_of_two_classes_are_there() -> None:
    found = metrics(evaluate(binary(SCORES, LABELS)))

    curves = (
        "roc ks_fpr ks_tpr lift gain accuracy precision recall confusion_mat f1_score quantile_pr"
    )
    assert set(found) == {"lr_0", *(f"lr_0_{name}" for name in curves.split())}
    for name, metric in found.items():
        assert metric.meta["name"] == name
        assert metric.meta["metric_type"]
        assert all(math.isfinite(value) for pair in metric.data for value in pair[1:])


def test_curves_end_where_everything_is_positive() -> None:
    found = metrics(evaluate(binary(SCORES, LABELS)))

    assert found["lr_0_roc"].data[-1] == [1.0, 1.0]
    assert found["lr_0_lift"].data[-1] == [1.0, 1.0]
    assert found["lr_0_gain"].data[-1] == [1.0, 1.0]
    assert found["lr_0_ks_fpr"].meta["pair_type"] == "lr_0"
    assert found["lr_0_ks_tpr"].meta["curve_name"] == "lr_0_tpr"
    assert len(found["lr_0_roc"].meta["thresholds"]) == len(found["lr_0_roc"].data)


def test_the_confusion_matrix_counts_every_sample_at_every_threshold() -> None:
    meta = metrics(evaluate(binary(SCORES, LABELS)))["lr_0_confusion_mat"].meta

    counts = list(zip(meta["tp"], meta["tn"], meta["fp"], meta["fn"], strict=True))
    assert all(sum(row) == len(SCORES) for row in counts)
    assert len(counts) == len(meta["thresholds"])


def test_another_label_than_1_leaves_no_event_as_on_the_real_server() -> None:
    with pytest.raises(ComponentFailed, match="Only one class present in y_true"):
        evaluate(binary(SCORES, LABELS), pos_label=2)

    # A 0 counts as none given.
    found = metrics(evaluate(binary(SCORES, LABELS), pos_label=0))
    assert dict(map(tuple, found["lr_0"].data))["auc"] == 0.8125


def test_metrics_that_need_no_two_classes_are_computed_for_one() -> None:
    found = metrics(evaluate(binary(SCORES, [1] * 8), metrics=["accuracy", "confusion_mat"]))

    assert found["lr_0_accuracy"].data[0] == [0.0, 0.0]
    assert found["lr_0_confusion_mat"].meta["tp"][-1] == 8


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ComponentFailed, match="Input contains NaN, infinity"):
        evaluate(binary([float("nan"), *SCORES[1:]], LABELS))


def test_only_what_is_asked_for_is_computed() -> None:
    found = metrics(evaluate(binary(SCORES, LABELS), metrics=["auc", "recall"]))

    assert set(found) == {"lr_0", "lr_0_precision", "lr_0_recall"}


def test_each_set_is_evaluated_for_itself_and_compared() -> None:
    both = TableData(
        "prediction",
        {"header": HEADER},
        [*binary(SCORES, LABELS).records, *binary(SCORES[::-1], LABELS, "validate").records],
    )

    results = evaluate(both)

    assert results[GUEST].summary is not None
    assert results[GUEST].summary["lr_0"]["validate"]["auc"] == 0.1875
    stability = metrics(results, "validate")["lr_0_psi"].meta
    assert stability["metric_type"] == "PSI"
    assert stability["total_psi"] == pytest.approx(sum(stability["psi_scores"]), abs=1e-5)
    assert len(stability["intervals"]) == len(stability["psi_scores"])
    assert "lr_0_psi" not in metrics(results)


def test_regressions_are_measured_by_their_errors() -> None:
    rows = [(1.0, 2.0, 2.0), (2.0, 2.0, 2.0), (3.0, 2.0, 2.0), (4.0, 6.0, 6.0)]

    values = dict(map(tuple, metrics(evaluate(predictions(rows), "regression"))["lr_0"].data))

    assert values["mean_absolute_error"] == 1.0
    assert values["mean_squared_error"] == 1.5
    assert values["root_mean_squared_error"] == pytest.approx(math.sqrt(1.5), abs=1e-6)
    assert values["median_absolute_error"] == 1.0
    assert values["r2_score"] == pytest.approx(-0.2)
    assert set(values) == {
        "explained_variance",
        "mean_absolute_error",
        "mean_squared_error",
        "median_absolute_error",
        "r2_score",
        "root_mean_squared_error",
    }


def test_several_classes_have_precision_and_recall_each() -> None:
    rows = [(0, 0, 0.9), (0, 1, 0.6), (1, 1, 0.8), (2, 2, 0.7)]

    found = metrics(evaluate(predictions(rows), "multi"))

    values = dict(map(tuple, found["lr_0"].data))
    assert values["accuracy"] == 0.75
    assert values["precision"] == pytest.approx(2.5 / 3, abs=1e-6)
    assert found["lr_0_recall"].data == [[0, 0.5], [1, 1.0], [2, 1.0]]
    assert found["lr_0_precision"].meta["metric_type"] == "PRECISION_MULTI_EVALUATION"


def test_several_classes_can_be_unfolded() -> None:
    records = [
        (
            str(i),
            [i % 3, i % 3, 0.8, {str(c): 0.8 if c == i % 3 else 0.1 for c in range(3)}, "train"],
        )
        for i in range(9)
    ]
    table = TableData("prediction", {"header": HEADER}, records)

    found = metrics(evaluate(table, "multi", unfold_multi_result=True))

    assert found["lr_0_class_1_ovr"].meta["metric_type"] == "ovr"
    assert found["lr_0_class_1_ovr"].meta["1"] == {"auc": 1.0, "ks": 1.0}


def test_the_validation_set_can_come_first() -> None:
    both = TableData(
        "prediction",
        {"header": HEADER},
        [*binary(SCORES[::-1], LABELS, "validate").records, *binary(SCORES, LABELS).records],
    )

    results = evaluate(both)

    # Filed under the set that came last, as on the real server.
    assert "lr_0_psi" in metrics(results)
    assert "lr_0_psi" not in metrics(results, "validate")


def test_clusters_are_compared_with_labels() -> None:
    labels, clusters = [0] * 6 + [1] * 6, [0] * 5 + [1] * 6 + [0]
    rows = [
        (str(i), [label, cluster, "train"])
        for i, (label, cluster) in enumerate(zip(labels, clusters, strict=True))
    ]
    table = TableData("prediction", {"header": ["cluster_sample_count"]}, rows)

    found = metrics(evaluate(table, "clustering"))

    pairs = dict(map(tuple, found["lr_0"].data))
    assert pairs["jaccard_similarity_score"] == pytest.approx(10 / 12, abs=1e-6)
    assert found["lr_0_contingency_matrix"].meta["result_table"] == [[5, 1], [1, 5]]
    peer = pytest.importorskip("sklearn.metrics")
    for name in ("adjusted_rand_score", "fowlkes_mallows_score"):
        assert pairs[name] == pytest.approx(getattr(peer, name)(labels, clusters), abs=1e-6)


def test_scores_are_those_of_scikit_learn() -> None:
    peer = pytest.importorskip("sklearn.metrics")
    chance = np.random.RandomState(4)
    labels = chance.randint(0, 2, 500).tolist()
    # Many equal scores, so that the curve has steps.
    scores = np.round(chance.rand(500) * 0.7 + 0.3 * np.array(labels), 2).tolist()

    single = dict(map(tuple, metrics(evaluate(binary(scores, labels)))["lr_0"].data))

    assert single["auc"] == pytest.approx(peer.roc_auc_score(labels, scores), abs=1e-6)
    truth = [float(label) for label in labels]
    rows = list(zip(truth, scores, scores, strict=True))
    values = dict(map(tuple, metrics(evaluate(predictions(rows), "regression"))["lr_0"].data))
    peers = {"r2_score": peer.r2_score, "explained_variance": peer.explained_variance_score}
    for name, score in peers.items():
        assert values[name] == pytest.approx(score(truth, scores), abs=1e-6)


def test_labels_that_number_no_row_break_the_contingency_matrix_as_on_the_real_server() -> None:
    rows = [(str(i), [1 + i % 2, i % 2, "train"]) for i in range(6)]
    table = TableData("prediction", {"header": ["cluster_sample_count"]}, rows)

    with pytest.raises(ComponentFailed, match="index 2 is out of bounds for axis 0 with size 2"):
        evaluate(table, "clustering")


def test_predictions_of_another_width_fail() -> None:
    table = TableData("prediction", {"header": HEADER[:3]}, [("1", [1, 1, 0.5])])

    with pytest.raises(ComponentFailed) as failure:
        evaluate(table)

    assert failure.value.party == GUEST
    assert failure.value.message.startswith(
        "length of table header mismatch, expected length is 5, got:"
    )


def test_an_empty_table_has_no_metrics() -> None:
    results = evaluate(TableData("prediction", {"header": HEADER}, []))

    assert results[GUEST].metrics == {}
    assert not results[GUEST].summary
