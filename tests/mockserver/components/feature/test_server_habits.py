"""Small habits of the server that show in results."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from component_bench import ARBITER, GUEST, HOST, column, instances, keys, predict, run, under
from flowkit_mockserver.components.core.interface import Model, TableData
from flowkit_mockserver.components.feature.sampler import _stored_order
from flowkit_mockserver.components.feature.selection.filters import Rule, keep

NUMBERS = {str(i): [float(i), float(10 - i)] for i in range(10)}
TABLE = instances(NUMBERS, ["x0", "x1"], [i % 2 for i in range(10)])
OTHER = instances({f"b{k}": v for k, v in NUMBERS.items()}, ["x0", "x1"], [0] * 10)
BIN_NUM = {"transform_cols": -1, "transform_names": None, "transform_type": "bin_num"}


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


def homo_binning(**options: Any) -> Any:
    inputs = {GUEST: {"data": TABLE}, HOST: {"data": OTHER}, ARBITER: {}}
    return run("HomoFeatureBinning", inputs, bin_num=2, transform_param=BIN_NUM, **options)


@pytest.mark.parametrize(
    ("method", "points"), [("recursive_query", [4.5, 9.0]), ("virtual_summary", [45 / 11, 9.0])]
)
def test_homo_bounds_are_found_without_changing_the_table(method: str, points: list[float]) -> None:
    results = homo_binning(method=method)

    assert list(results[GUEST].tables[0].records) == list(TABLE.records)
    param = model_of(results[GUEST]).param
    found = param["binningResult"]
    assert (found["role"], found["partyId"]) == ("", "")
    assert found["binningResult"]["x0"]["splitPoints"] == pytest.approx(points, abs=0.1)
    assert results[HOST].summary == results[GUEST].summary


def test_the_arbiter_of_a_homo_binning_saves_nothing_but_parameters() -> None:
    model = model_of(homo_binning()[ARBITER])

    assert model.meta["cols"] == []
    assert model.meta["transformParam"]["transformCols"] == []
    assert model.param["binningResult"]["binningResult"] == {}
    assert model.param["header"] == []


def test_a_homo_binning_is_applied_by_its_model() -> None:
    trained = homo_binning()
    inputs = {GUEST: {"data": TABLE}, HOST: {"data": OTHER}}

    output = predict("HomoFeatureBinning", trained, inputs, bin_num=2, transform_param=BIN_NUM)

    assert set(column(output[GUEST].tables[0], 1)) == {0.0, 1.0}


def test_running_numbers_stand_by_the_bytes_in_which_they_are_stored() -> None:
    order = _stored_order(65_539).tolist()

    assert order[:3] == [65_536, 65_537, 65_538]
    assert order[3:259] == list(range(256))
    assert order[259:262] == [256, 512, 768]


def test_an_upsample_is_renumbered() -> None:
    asked = {"mode": "random", "method": "upsample", "fractions": 1.5, "random_state": 7}
    results = run("FederatedSample", {GUEST: {"data": TABLE}}, task_type="homo", **asked)

    assert keys(results[GUEST].tables[0]) == [str(i) for i in range(15)]


def test_one_hot_columns_come_in_the_order_of_a_set() -> None:
    values = [1000.0, 3.0, -1.0, 77.0]
    table = instances({str(i): [v] for i, v in enumerate(values)}, ["x"])

    result = run("OneHotEncoder", {GUEST: {"data": table}})[GUEST]

    assert result.tables[0].schema["header"] == [f"x_{v}" for v in {1000, 3, -1, 77}]
    assert all(isinstance(cell, int) for _, row in result.tables[0].records for cell in row)


def test_beside_text_one_hot_makes_text_of_everything() -> None:
    table = instances({"a": ["red", 1], "b": ["blue", 2]}, ["colour", "x"])

    result = run("OneHotEncoder", {GUEST: {"data": table}}, transform_col_indexes=[1])[GUEST]

    assert list(result.tables[0].records) == [("a", ["red", "1", "0"]), ("b", ["blue", "0", "1"])]


def test_values_beside_missing_ones_scale_to_nothing() -> None:
    table = instances({"a": [1.0], "b": [math.nan]}, ["x"])

    result = run("FeatureScale", {GUEST: {"data": table}}, method="standard_scale")[GUEST]

    assert all(math.isnan(value) for value in column(result.tables[0], 0))


def test_missing_values_are_told_of_where_they_have_no_place() -> None:
    rows = {str(i): [math.nan if i == 3 else float(i)] for i in range(9)}
    table = instances(rows, ["x"], [i % 2 for i in range(9)])

    for module, told in (("HeteroFeatureBinning", True), ("DataStatistics", True), ("PSI", False)):
        inputs = (
            {"train_data": table, "validate_data": table} if module == "PSI" else {"data": table}
        )
        warnings = run(module, {GUEST: inputs})[GUEST].warnings
        assert any("arbitrary place" in warning for warning in warnings) is told


def test_counts_of_missing_values_are_cut_from_their_ratio() -> None:
    rows = {str(i): [math.nan if i < 21 else 1.0] for i in range(569)}

    summary = run("DataStatistics", {GUEST: {"data": instances(rows, ["x"])}})[GUEST].summary

    assert summary is not None
    assert summary["x"]["missing_count"] == int((1 - 548 / 569) * 569) == 20


def test_a_declared_missing_value_is_compared_to_the_numbers_of_bins() -> None:
    table = {"train_data": TABLE, "validate_data": TABLE}

    model = model_of(run("PSI", {GUEST: table}, max_bin_num=5, dense_missing_val=0)[GUEST])

    assert model.param["featurePsi"][0]["expectPerc"] == [0.0, 0.2, 0.3, 0.1, 0.2, 0.2]


def test_a_score_at_a_limit_shows_as_the_limit_was_given() -> None:
    header = ["label", "predict_result", "predict_score", "predict_detail", "type"]
    rows = [(key, [1, 1, p, {"0": 1 - p, "1": p}, "train"]) for key, p in (("a", 0.5), ("b", 0.0))]
    table = TableData("prediction", {"header": header, "sid_name": "id"}, rows)

    records = list(run("Scorecard", {GUEST: {"data": table}})[GUEST].tables[0].records)

    assert records == [("a", [1, 1, 0.5, 500.0]), ("b", [1, 1, 0.0, 1500])]
    assert isinstance(records[1][1][3], int)


def test_the_lower_limit_of_scores_counts_after_the_upper_one() -> None:
    header = ["label", "predict_result", "predict_score", "predict_detail", "type"]
    rows = [("a", [1, 1, 0.999, {"0": 0.001, "1": 0.999}, "train"])]
    table = TableData("prediction", {"header": header, "sid_name": "id"}, rows)
    limits = {"upper_limit_ratio": 0.5, "lower_limit_value": 1000}

    result = run("Scorecard", {GUEST: {"data": table}}, **limits)[GUEST]

    assert list(result.tables[0].records) == [("a", [1, 1, 0.999, 1000])]


def test_verifiable_sums_are_cut_to_decimals_and_whole_ones_are_integers() -> None:
    one = instances({"a": [0.1234567], "b": [1.5]}, ["x"])
    two = instances({"a": [1.0], "b": [2.5]}, ["x"])

    results = run("FeldmanVerifiableSum", {GUEST: {"data": one}, HOST: {"data": two}})

    assert list(results[GUEST].tables[0].records) == [("a", [1.123456]), ("b", [4])]


def test_of_equal_numbers_the_later_columns_stay() -> None:
    rule = Rule("iv_top_k", "iv", "top_k", True, 2)

    assert keep([1.0, 1.0, 1.0], rule) == [1, 2]


def test_a_value_may_be_as_frequent_as_the_share_rounded_up() -> None:
    table = instances({str(i): [float(i > 1)] for i in range(9)}, ["x"])
    asked = {"filter_methods": ["percentage_value"]}

    kept = [
        model_of(
            run(
                "HeteroFeatureSelection",
                {GUEST: {"data": table}},
                percentage_value_param={"upper_pct": share},
                **asked,
            )[GUEST]
        ).param["results"][0]["featureValues"]["x"]
        for share in (0.75, 0.6)
    ]

    assert kept == [0.0, 1.0]


def test_clusters_without_samples_are_not_told_of() -> None:
    points = instances({"a": [0.0], "b": [0.0], "c": [9.0]}, ["x"])
    trained = run(
        "HeteroKmeans",
        {GUEST: {"train_data": points}, HOST: {"train_data": points}, ARBITER: {}},
        k=2,
        random_stat=1,
    )
    later = instances({"d": [8.0], "e": [9.5]}, ["x"])

    output = predict("HeteroKmeans", trained, under("test_data", {GUEST: later, HOST: later}), k=2)

    details = list(output[ARBITER].tables[0].records)
    assert len(details) == 1
    assert details[0][1][0] == 2
    assert np.isclose(details[0][1][1], math.sqrt(2) * 0.75)


def test_the_coverage_of_a_retrieval_is_of_each_partys_ids() -> None:
    guest = instances({"a": [], "z": []}, [])
    host = instances({"a": [1.0], "b": [2.0], "c": [3.0], "d": [4.0]}, ["x"], [7, 8, 9, 10])

    inputs = {GUEST: {"data": guest}, HOST: {"data": host}}
    results = run("SecureInformationRetrieval", inputs, raw_retrieval=True)

    assert [model_of(results[party]).param["coverage"] for party in (GUEST, HOST)] == [0.5, 0.25]
    assert list(results[GUEST].tables[0].records) == [("a", [7, 1.0]), ("z", ["unretrieved"])]
