from __future__ import annotations

from typing import Any

import pytest

from component_bench import GUEST, HOST, Results, instances, run, under, vertical
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.dialects.behaviour import behaviour_of

#: One column that hardly varies, one that does, one with an outlier, one that repeats the second.
COLUMNS = [
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.001],
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
    [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 900.0],
    [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.5],
]
NAMES = ["flat", "rising", "wild", "double"]
ROWS = {str(i): list(row) for i, row in enumerate(zip(*COLUMNS, strict=True))}
LABELS = [0, 0, 1, 0, 1, 1, 0, 1]
TABLES = {GUEST: instances(ROWS, NAMES, LABELS), HOST: instances(ROWS, NAMES)}


def models(module: str, **options: Any) -> dict[Any, list[Model]]:
    results = run(module, under("data", TABLES), **options)
    return {party: [result.model] for party, result in results.items() if result.model}


def statistics() -> dict[Any, list[Model]]:
    return models("DataStatistics", statistics=["stddev", "100%", "coefficient_of_variance"])


def select(*methods: str, **options: Any) -> Results:
    options.setdefault("isometric", statistics())
    return run(
        "HeteroFeatureSelection", under("data", TABLES), filter_methods=list(methods), **options
    )


def left(results: Results, party: Any = GUEST) -> list[str]:
    header: list[str] = results[party].tables[0].schema["header"]
    return header


@pytest.mark.parametrize(
    ("method", "options", "expected"),
    [
        ("unique_value", {"unique_param": {"eps": 0.1}}, ["rising", "wild", "double"]),
        (
            "outlier_cols",
            {"outlier_param": {"percentile": 1.0, "upper_threshold": 100}},
            ["flat", "rising", "double"],
        ),
        (
            "percentage_value",
            {"percentage_value_param": {"upper_pct": 0.6}},
            ["rising", "wild", "double"],
        ),
        (
            "coefficient_of_variation_value_thres",
            {"variance_coe_param": {"value_threshold": 1.0}},
            ["wild"],
        ),
        (
            "manually",
            {"manually_param": {"left_col_names": ["wild"], "left_col_indexes": [0]}},
            ["flat", "wild"],
        ),
    ],
)
def test_filters_look_at_values(method: str, options: Any, expected: list[str]) -> None:
    results = select(method, **options)

    assert left(results) == expected
    assert results[GUEST].summary is not None
    assert results[GUEST].summary["all"]["left_col_names"] == expected


def test_filters_follow_each_other() -> None:
    results = select(
        "unique_value",
        "outlier_cols",
        unique_param={"eps": 0.1},
        outlier_param={"percentile": 1.0, "upper_threshold": 100},
    )

    assert left(results) == ["rising", "double"]
    assert results[GUEST].model is not None
    steps = results[GUEST].model.param["results"]
    assert [step["filterName"] for step in steps] == ["unique_value", "outlier_cols"]
    assert results[GUEST].summary is not None
    assert results[GUEST].summary["outlier_cols"]["last_col_nums"] == 3


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("iv_value_thres", {"iv_value_param": {"value_threshold": 0.05}}),
        ("iv_percentile", {"iv_percentile_param": {"percentile_threshold": 0.5}}),
        ("iv_top_k", {"iv_top_k_param": {"k": 4}}),
    ],
)
def test_filters_look_at_information_of_all_parties(method: str, options: Any) -> None:
    isometric = models("HeteroFeatureBinning", bin_num=2)

    results = select(method, isometric=isometric, **options)

    assert 0 < len(left(results)) < len(NAMES)
    assert left(results, HOST) == left(results)
    assert results[GUEST].model is not None
    step = results[GUEST].model.param["results"][0]
    assert set(step["featureValues"]) == set(NAMES)
    assert set(step["hostFeatureValues"][0]["featureValues"]) == {
        f"host_10000_{i}" for i in range(4)
    }


def test_filters_look_at_statistics() -> None:
    results = select(
        "statistic_filter",
        isometric=models("DataStatistics", statistics=["max", "mean"]),
        statistic_param={
            "metrics": ["max", "mean"],
            "filter_type": "threshold",
            "take_high": [False, True],
            "threshold": [100, 2],
        },
    )

    assert left(results) == ["rising", "double"]


def test_columns_that_say_the_same_go() -> None:
    tables = {GUEST: TABLES[GUEST], HOST: instances({k: [v[0]] for k, v in ROWS.items()}, ["z"])}
    pearson = run("HeteroPearson", under("data", tables), column_indexes=-1)
    binned = run("HeteroFeatureBinning", under("data", tables), bin_num=2)
    isometric = {
        party: [m for m in (binned[party].model, pearson[party].model) if m] for party in tables
    }

    results = run(
        "HeteroFeatureSelection",
        under("data", tables),
        isometric=isometric,
        filter_methods=["correlation_filter"],
        correlation_param={"threshold": 0.9, "sort_metric": "iv", "select_federated": True},
    )

    assert len({"rising", "double"} & set(left(results))) == 1


def test_one_column_always_stays() -> None:
    assert len(left(select("unique_value", unique_param={"eps": 1e9}))) == 1


def test_only_chosen_columns_are_judged() -> None:
    results = select("unique_value", unique_param={"eps": 0.1}, select_col_indexes=[1, 2])

    assert left(results) == NAMES


def test_an_unknown_filter_is_refused() -> None:
    with pytest.raises(ComponentFailed, match="does not exist"):
        run("HeteroFeatureSelection", under("data", vertical(5)), filter_methods=["by_taste"])


def test_without_a_filter_nothing_is_left_of_the_chosen_columns() -> None:
    results = run(
        "HeteroFeatureSelection",
        under("data", TABLES),
        filter_methods=[],
        select_col_indexes=[0, 2],
    )

    assert left(results) == ["rising", "double"]
    assert results[GUEST].summary["all"]["left_col_names"] == NAMES


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1.6", "None of statistic model has provided when using unique filter"),
        ("1.7", "Missing statistic model to use unique filter"),
    ],
)
def test_a_filter_without_a_model_says_which_it_needs(line: str, words: str) -> None:
    with pytest.raises(ComponentFailed, match=words):
        run(
            "HeteroFeatureSelection",
            under("data", TABLES),
            filter_methods=["unique_value"],
            behaviour=behaviour_of(line_of(line)),
        )


def test_a_selection_that_rests_saves_an_empty_model() -> None:
    results = run(
        "HeteroFeatureSelection",
        under("data", TABLES),
        filter_methods=["manually"],
        need_run=False,
        behaviour=behaviour_of(line_of("1.11")),
    )

    guest, host = results[GUEST].model, results[HOST].model
    assert guest is not None
    assert host is not None
    assert (guest.meta["filterMethods"], guest.meta["needRun"]) == (["manually"], False)
    assert guest.param["hostColNames"] == []
    assert host.param["hostColNames"] == [{"colNames": [], "partyId": "10000"}]
    assert left(results) == NAMES
