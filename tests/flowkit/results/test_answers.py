"""Metrics as they come: in an answer of all, of one, of their names; and answers that are none."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit import ArgumentError, Reply, results
from flowkit.results import read_metric_names, read_metrics
from flowkit.results.answers import holds_metrics
from recorded_results import answer

LOSS = {"data": [[0, 0.7], [1, 0.5]], "meta": {"metric_type": "LOSS", "name": "train"}}


def test_a_reply_and_its_data_read_alike() -> None:
    reply = Reply({"retcode": 0, "retmsg": "success", "data": {"train": {"loss": LOSS}}})
    assert read_metrics(reply) == read_metrics(reply.data)
    (metric,) = read_metrics(reply)
    assert (metric.namespace, metric.name, metric.metric_type) == ("train", "loss", "LOSS")
    assert metric.data == ((0, 0.7), (1, 0.5))


def test_the_answer_of_one_metric_reads_as_well() -> None:
    (metric,) = read_metrics(Reply({"retcode": 0, "retmsg": "success", **LOSS}))
    assert (metric.namespace, metric.name, metric.metric_type) == ("", "train", "LOSS")


@pytest.mark.parametrize("nothing", [None, {}, {"retcode": 0, "retmsg": "no data", "data": {}}])
def test_no_metrics_are_no_error(nothing: Any) -> None:
    assert read_metrics(nothing) == ()


def test_the_names_of_metrics() -> None:
    reply = {"retcode": 0, "data": {"train": ["loss", "auc"], "validate": ["auc"]}}
    assert read_metric_names(reply) == (("train", "loss"), ("train", "auc"), ("validate", "auc"))


@pytest.mark.parametrize("line", ["1.6", "1.11"])
def test_every_metric_that_a_real_server_recorded_is_read(line: str) -> None:
    found = {metric.metric_type for metric in read_metrics(answer(line, "evaluation"))}
    assert found == {
        "ACCURACY_EVALUATION",
        "CONFUSION_MAT",
        "EVALUATION_SUMMARY",
        "F1_SCORE",
        "GAIN_EVALUATION",
        "KS_EVALUATION",
        "LIFT_EVALUATION",
        "PRECISION_BINARY_EVALUATION",
        "QUANTILE_PR",
        "RECALL_BINARY_EVALUATION",
        "ROC_EVALUATION",
    } | ({"PSI"} if line == "1.11" else set())


@pytest.mark.parametrize(
    "odd",
    [
        [["loss", 1]],
        {"train": [1]},
        {"train": {"loss": 3}},
        {"train": {"loss": {"data": "0.5", "meta": {}}}},
        {"train": {"loss": {"data": [[1]], "meta": {}}}},
        {"train": {"loss": {"data": [], "meta": []}}},
    ],
)
def test_another_form_is_refused_with_what_stands_there(odd: Any) -> None:
    with pytest.raises(ArgumentError, match="answer of another operation"):
        read_metrics(odd)


def test_a_value_that_is_no_number_is_refused() -> None:
    odd = {"train": {"loss": {"data": [[0, "<b>"]], "meta": {"metric_type": "LOSS"}}}}
    with pytest.raises(ArgumentError, match="expected a number, not '<b>'"):
        results.read_loss(odd)


MODELS = ["binning", "importance", "coefficients", "trees", "feature_stability", "correlations"]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "odd",
    [
        {"binningResult": [], "hostResults": [1], "featureImportances": [1], "trees": [3],
         "oneVsRestResult": 4, "featurePsi": [None], "localCorr": [1.0], "names": []},
        {"binningResult": {"binningResult": {"x": {"splitPoints": [[]]}}}, "weight": [1],
         "featureImportances": [{"importance": "much"}], "trees": [{"tree": [{"sitename": "g"}]}],
         "featurePsi": [{"interval": ["a"]}], "localCorr": "x"},
    ],
)  # fmt: skip
def test_models_of_another_form_are_refused(name: str, odd: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        getattr(results, f"read_{name}")(odd)


@pytest.mark.parametrize("name", MODELS)
def test_a_component_without_a_model_has_none_of_it(name: str) -> None:
    found = getattr(results, f"read_{name}")({"retcode": 0, "retmsg": "no data", "data": {}})
    assert found in ((), None)


def test_what_holds_many_values_is_short_in_a_console() -> None:
    evaluation, later = answer("1.6", "evaluation"), answer("1.11", "evaluation")
    correlations = results.read_correlations(answer("1.6", "pearson"))
    assert correlations is not None
    found = [
        read_metrics(evaluation)[0],
        results.read_loss(answer("1.6", "loss"))[0],
        results.read_roc(evaluation)[0],
        results.read_ks(evaluation)[0],
        results.read_precision_recall(evaluation)[0],
        results.read_confusion(evaluation)[0],
        results.read_stability(later)[0],
        results.read_binning(answer("1.6", "binning"))[0],
        correlations.across,
        results.read_trees(answer("1.6", "boosting"))[0],
        results.read_dag({"components": {"reader_0": {}, "dataio_0": {}}}),
    ]
    assert [repr(one) for one in found] == [
        "<Metric train hetero_lr_0 (EVALUATION_SUMMARY): 2 values>",
        "<LossCurve loss (train): 5 points>",
        "<RocCurve hetero_lr_0 (train): 79 points>",
        "<KsCurve hetero_lr_0 (train): 101 points, KS 0.814849>",
        "<PrecisionRecallCurve hetero_lr_0 (train): 79 points>",
        "<ConfusionMatrices hetero_lr_0 (train): 101 thresholds>",
        "<Stability hetero_lr_0: 0.1859 in 20 bins>",
        "<FeatureBins x0: 10 bins, IV 6.064>",
        "<CorrelationMatrix 10 by 20>",
        "<Tree 0: 15 nodes>",
        "<Dag: reader_0, dataio_0>",
    ]


def test_metrics_are_known_by_their_form() -> None:
    assert holds_metrics(answer("1.6", "evaluation")["data"])
    for other in ({}, {"train": {}}, {"train": {"loss": 1}}, [1], {"train": ["loss"]}):
        assert not holds_metrics(other)
