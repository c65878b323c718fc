"""Components on columns of FATE's breast data (569 samples), held against what a FATE 1.6.1 answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from component_bench import GUEST, HOST, instances, keys, predict, run, under
from flowkit_mockserver.components.core.interface import Model

RECORDED = json.loads((Path(__file__).parent / "data" / "recorded_columns.json").read_text())
IDS = RECORDED["ids"].split()
LABELS = [int(label) for label in RECORDED["y"]]
SIDES = {"x0": GUEST, "x1": GUEST, "host": HOST}
TRANSFORM = {"transform_cols": -1, "transform_names": None, "transform_type": "bin_num"}


def table(role: str, labels: list[int] | None = None) -> Any:
    columns = RECORDED[role]
    rows = dict(zip(IDS, zip(*columns.values(), strict=True), strict=True))
    return instances(rows, list(columns), labels)


def tables(labels: list[int] = LABELS) -> Any:
    return under("data", {GUEST: table("guest", labels), HOST: table("host")})


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


def binning(name: str, labels: list[int] = LABELS, **options: Any) -> Any:
    asked: dict[str, Any] = {"error": 0.001, "transform_param": dict(TRANSFORM), **options}
    if name.startswith("binning_optimal"):
        asked |= {
            "method": "optimal",
            "optimal_binning_param": {
                "metric_method": name.removeprefix("binning_optimal_"),
                "init_bin_nums": 100,
                "max_bin_pct": 0.8,
            },
        }
    elif name == "binning_bucket":
        asked["method"] = "bucket"
    elif name == "binning_quantile_5_woe":
        asked["bin_num"] = 5
    return run("HeteroFeatureBinning", tables(labels), **asked)


def bins_seen_by_guest(results: Any, column: str) -> Any:
    param = model_of(results[GUEST]).param
    if column != "host":
        return param["binningResult"]["binningResult"][column]
    return param["hostResults"][0]["binningResult"]["host_10000_0"]


@pytest.mark.parametrize("name", RECORDED["binning"])
def test_bins(name: str) -> None:
    results = binning(name)

    for column, expected in RECORDED["binning"][name].items():
        found = bins_seen_by_guest(results, column)
        assert found["eventCountArray"] == expected["eventCountArray"]
        assert found["nonEventCountArray"] == expected["nonEventCountArray"]
        for key in ("splitPoints", "woeArray", "iv"):
            assert found[key] == pytest.approx(expected[key])


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("scale_min_max", {"method": "min_max_scale", "mode": "normal"}),
        (
            "scale_min_max_cap",
            {"method": "min_max_scale", "mode": "cap", "feat_lower": 0.1, "feat_upper": 0.9},
        ),
        ("scale_min_max_list", {"method": "min_max_scale", "feat_upper": [1, 2]}),
        ("scale_standard", {"method": "standard_scale"}),
        ("scale_standard_nomean", {"method": "standard_scale", "with_mean": False}),
    ],
)
def test_bounds_means_and_deviations(name: str, asked: dict[str, Any]) -> None:
    results = run("FeatureScale", {GUEST: {"data": table("guest", LABELS)}}, **asked)

    for column, expected in RECORDED["scale"][name].items():
        assert results[GUEST].summary is not None
        assert results[GUEST].summary[column] == pytest.approx(expected)


def test_statistics() -> None:
    wanted = [*RECORDED["statistics"]["x0"]]
    results = run("DataStatistics", {GUEST: {"data": table("guest", LABELS)}}, statistics=wanted)

    assert results[GUEST].summary is not None
    for column, expected in RECORDED["statistics"].items():
        assert results[GUEST].summary[column] == pytest.approx(expected, rel=1e-6)


def test_correlations() -> None:
    results = run("HeteroPearson", tables(), column_indexes=-1)

    param = model_of(results[GUEST]).param
    assert param["localCorr"][1] == pytest.approx(RECORDED["pearson"]["local"], rel=1e-9)
    assert param["corr"] == pytest.approx(RECORDED["pearson"]["across"], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("sample_random_down", {"mode": "random", "fractions": 0.5}),
        ("sample_strat_down", {"mode": "stratified", "fractions": [[0, 0.3], [1, 0.4]]}),
    ],
)
def test_samples(name: str, asked: dict[str, Any]) -> None:
    results = run("FederatedSample", tables(), method="downsample", random_state=42, **asked)

    expected = RECORDED[name].split()
    assert keys(results[GUEST].tables[0]) == expected
    assert keys(results[HOST].tables[0]) == expected


def late_flipped() -> list[int]:
    return [*LABELS[:400], *(1 - label for label in LABELS[400:])]


def information(labels: list[int]) -> Any:
    results = binning("binning_quantile", labels)
    return [bins_seen_by_guest(results, column)["iv"] for column in SIDES]


def optimal_points(labels: list[int]) -> Any:
    results = binning("binning_optimal_iv", labels)
    return [model_of(results[party]).param["binningResult"] for party in (GUEST, HOST)]


def stratified_sample(labels: list[int]) -> Any:
    asked = {"mode": "stratified", "fractions": [[0, 0.3], [1, 0.4]], "random_state": 42}
    return keys(run("FederatedSample", tables(labels), **asked)[HOST].tables[0])


def stratified_split(labels: list[int]) -> Any:
    asked = {"test_size": 0.3, "stratified": True, "random_state": 1}
    return run("HeteroDataSplit", tables(labels), **asked)[GUEST].summary


def chosen_columns(labels: list[int]) -> Any:
    isometric = {
        party: [model_of(result)] for party, result in binning("binning_quantile", labels).items()
    }
    results = run(
        "HeteroFeatureSelection",
        tables(labels),
        isometric=isometric,
        filter_methods=["iv_value_thres"],
        iv_value_param={"value_threshold": 1.0},
    )
    return [results[party].summary for party in (GUEST, HOST)] + [
        model_of(results[GUEST]).param["results"]
    ]


@pytest.mark.parametrize(
    "learned", [information, optimal_points, stratified_sample, stratified_split, chosen_columns]
)
def test_labels_of_late_samples_count(learned: Callable[[list[int]], Any]) -> None:
    assert learned(LABELS) != learned(late_flipped())


def test_values_of_late_samples_count() -> None:
    def learned(last: float) -> Any:
        data = table("guest", LABELS)
        data.records[-1][1][1] = last
        inputs = {GUEST: {"data": data}, HOST: {"data": table("host")}}
        clusters = run("HeteroKmeans", inputs, k=2, max_iter=3, random_stat=1)
        scale = run("FeatureScale", {GUEST: {"data": data}}, method="standard_scale")
        pearson = run("HeteroPearson", inputs, column_indexes=-1)
        psi = run("PSI", {GUEST: {"train_data": data, "validate_data": table("guest", LABELS)}})
        return (
            model_of(clusters[GUEST]).param["centroidDetail"],
            scale[GUEST].summary,
            model_of(pearson[GUEST]).param["corr"],
            psi[GUEST].summary,
        )

    for before, after in zip(learned(0.0), learned(4.5), strict=True):
        assert before != after


def test_a_model_of_a_server_bins_later_data_by_its_buffers_alone() -> None:
    trained = binning("binning_quantile_5_woe")
    for result in trained.values():
        model = model_of(result)
        result.model = Model.from_document({**model.to_document(), "state": {}})
    later = instances({"new": [-9.0, 0.0], "old": [9.0, 0.0]}, ["x0", "x1"], [0, 1])
    theirs = instances({"new": [-9.0], "old": [9.0]}, ["x0"])

    output = predict(
        "HeteroFeatureBinning", trained, under("data", {GUEST: later, HOST: theirs}), bin_num=5
    )

    assert [value[1] for _, value in output[GUEST].tables[0].records] == [0.0, 4.0]
    assert [value[0] for _, value in output[HOST].tables[0].records] == [0.0, 4.0]
    assert model_of(output[HOST]).param["headerAnonymous"] == []
