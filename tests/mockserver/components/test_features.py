from __future__ import annotations

import math
from typing import Any

import pytest

from component_bench import (
    GUEST,
    HOST,
    column,
    instances,
    keys,
    predict,
    run,
    text,
    under,
    vertical,
)
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.dialects.behaviour import behaviour_of

NUMBERS = {str(i): [float(i), float(10 - i)] for i in range(5)}
TABLE = instances(NUMBERS, ["x0", "x1"], [0, 0, 1, 1, 1])


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


# Scale


def test_standard_scale_centres_and_scales() -> None:
    result = run("FeatureScale", {GUEST: {"data": TABLE}}, method="standard_scale")[GUEST]

    assert column(result.tables[0], 1) == pytest.approx(
        [v / math.sqrt(2) for v in (-2, -1, 0, 1, 2)]
    )
    assert column(result.tables[0], 0) == [0, 0, 1, 1, 1]
    scaled = model_of(result).param["colScaleParam"]["x0"]
    assert scaled["mean"] == 2.0
    assert scaled["std"] == pytest.approx(math.sqrt(2))


def test_min_max_scale_maps_to_zero_and_one() -> None:
    result = run("FeatureScale", {GUEST: {"data": TABLE}}, method="min_max_scale")[GUEST]

    assert column(result.tables[0], 1) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert column(result.tables[0], 2) == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert result.metrics["train"]["scale"].meta == {
        "name": "scale",
        "metric_type": "SCALE",
        "method": "min_max_scale",
        "curve_name": "scale",
    }


def test_a_scale_can_be_for_some_columns() -> None:
    result = run(
        "FeatureScale",
        {GUEST: {"data": TABLE}},
        method="min_max_scale",
        scale_col_indexes=[1],
    )[GUEST]

    assert column(result.tables[0], 1) == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert column(result.tables[0], 2)[0] == 1.0


def test_prediction_scales_as_the_training_did() -> None:
    trained = run("FeatureScale", {GUEST: {"data": TABLE}}, method="min_max_scale")
    later = instances({"z": [2.0, 6.0]}, ["x0", "x1"])

    output = predict("FeatureScale", trained, {GUEST: {"data": later}}, method="min_max_scale")

    assert list(output[GUEST].tables[0].records) == [("z", [0.5, 0.0])]


# Selection


def test_columns_are_chosen_by_information() -> None:
    tables = vertical(100)
    binned = run("HeteroFeatureBinning", under("data", tables), bin_num=4)
    isometric = {party: [model_of(result)] for party, result in binned.items()}

    results = run(
        "HeteroFeatureSelection",
        under("data", tables),
        isometric=isometric,
        filter_methods=["iv_filter"],
        iv_param={"metrics": ["iv"], "filter_type": ["top_k"], "threshold": [2]},
    )

    for party in (GUEST, HOST):
        assert results[party].tables[0].schema["header"] == ["x0"]
    assert results[GUEST].summary is not None
    assert results[GUEST].summary["all"]["left_col_nums"] == 1
    model = model_of(results[GUEST])
    assert model.param["finalLeftCols"]["leftCols"] == {"x0": True}
    assert [step["filterName"] for step in model.param["results"]] == ["iv_top_k"]


def test_columns_can_be_chosen_by_hand() -> None:
    results = run(
        "HeteroFeatureSelection",
        under("data", vertical(10)),
        filter_methods=["manually"],
        by_party={
            GUEST: {"manually_param": {"filter_out_names": ["x1"]}},
            HOST: {"manually_param": {"filter_out_indexes": [0]}},
        },
    )

    assert results[GUEST].tables[0].schema["header"] == ["x0"]
    assert results[HOST].tables[0].schema["header"] == ["x1", "x2"]


def test_columns_of_one_value_go() -> None:
    table = instances({"a": [1.0, 3.0], "b": [1.0, 4.0]}, ["x0", "x1"], [0, 1])
    other = instances({"a": [1.0], "b": [2.0]}, ["x0"])

    tables = {GUEST: table, HOST: other}
    described = run("DataStatistics", under("data", tables))

    results = run(
        "HeteroFeatureSelection",
        under("data", tables),
        isometric={party: [model_of(result)] for party, result in described.items()},
        filter_methods=["unique_value"],
        unique_param={"eps": 0.001},
    )

    assert results[GUEST].tables[0].schema["header"] == ["x1"]


def test_prediction_keeps_the_chosen_columns() -> None:
    asked: dict[str, Any] = {
        "filter_methods": ["manually"],
        "manually_param": {"filter_out_names": ["x1"]},
    }
    trained = run("HeteroFeatureSelection", under("data", vertical(10)), **asked)

    output = predict("HeteroFeatureSelection", trained, under("data", vertical(5)), **asked)

    assert output[HOST].tables[0].schema["header"] == ["x0", "x2"]


# Encoding, columns


def test_one_hot_makes_a_column_of_each_value() -> None:
    table = instances({"a": [1.0, 5.0], "b": [2.0, 6.0], "c": [1.0, 7.0]}, ["x0", "x1"])

    result = run("OneHotEncoder", {GUEST: {"data": table}}, transform_col_indexes=[0])[GUEST]

    assert result.tables[0].schema["header"] == ["x0_1", "x0_2", "x1"]
    assert list(result.tables[0].records)[1] == ("b", [0.0, 1.0, 6.0])
    assert result.summary == {"transferred_dimension": 3, "original_dimension": 2}


def test_one_hot_refuses_what_is_neither_whole_nor_text() -> None:
    with pytest.raises(ComponentFailed, match="Onehot input data support integer or string only"):
        run("OneHotEncoder", under("data", vertical(3)))


def test_homo_one_hot_knows_the_values_of_all_parties() -> None:
    one, two = instances({"a": [1.0]}, ["x0"]), instances({"b": [2.0]}, ["x0"])

    results = run("HomoOneHotEncoder", {GUEST: {"data": one}, HOST: {"data": two}})

    headers = [results[party].tables[0].schema["header"] for party in (GUEST, HOST)]
    assert headers == [["x0_1", "x0_2"]] * 2


def test_homo_one_hot_needs_alignment_from_1_9_on() -> None:
    tables = {GUEST: {"data": instances({"a": [1.0]}, ["x0"])}}
    tables[HOST] = {"data": instances({"b": [2.0]}, ["x0"])}

    with pytest.raises(ComponentFailed, match=r"^KeyError: 1$"):
        run(
            "HomoOneHotEncoder",
            tables,
            need_alignment=False,
            behaviour=behaviour_of(line_of("1.9")),
        )


def test_columns_can_be_added() -> None:
    result = run(
        "ColumnExpand",
        {GUEST: {"data": text({"a": "1,2"}, "x0,x1")}},
        append_header=["x2", "x3"],
        fill_value=[7, 8],
    )[GUEST]

    assert result.tables[0].schema["header"] == "x0,x1,x2,x3"
    assert list(result.tables[0].records) == [("a", "1,2,7,8")]


# Statistics


def test_statistics_of_columns() -> None:
    result = run("DataStatistics", {GUEST: {"data": TABLE}})[GUEST]

    assert result.summary is not None
    found = result.summary["x0"]
    assert found["mean"] == 2.0
    assert found["max"] == 4.0
    assert found["min"] == 0.0
    assert found["stddev"] == pytest.approx(math.sqrt(2))
    assert model_of(result).meta_name == "StatisticMeta"


def test_correlations_within_and_across_parties() -> None:
    tables = {
        GUEST: TABLE,
        HOST: instances({key: [row[1]] for key, row in NUMBERS.items()}, ["z"]),
    }

    results = run("HeteroPearson", under("data", tables), column_indexes=-1)

    summary = results[GUEST].summary
    assert summary is not None
    assert summary["local_corr"][0][1] == pytest.approx(-1.0)
    assert summary["corr"][0] == pytest.approx([-1.0], abs=1e-4)
    assert (
        results[GUEST].metrics["statistic"]["correlation"].meta["metric_type"]
        == "CORRELATION_GRAPH"
    )


def test_stability_of_a_population() -> None:
    tables = vertical(50)
    inputs = {
        party: {"train_data": table, "validate_data": table} for party, table in tables.items()
    }

    results = run("PSI", inputs, max_bin_num=5)

    assert results[GUEST].summary is not None
    assert results[GUEST].summary == {"psi_scores": {"x0": 0.0, "x1": 0.0}}
    found = model_of(results[GUEST]).param["featurePsi"][0]
    assert found["featureName"] == "x0"
    assert len(found["interval"]) == len(found["psi"]) == 6
    assert results[GUEST].tables == []


def test_the_samples_stay_the_same() -> None:
    tables = vertical(20)
    for module in ("FeatureScale", "HeteroFeatureBinning", "HeteroFeatureSelection"):
        results = run(module, under("data", tables))
        assert keys(results[GUEST].tables[0]) == keys(tables[GUEST])
