from __future__ import annotations

from typing import Any

import pytest

from component_bench import GUEST, HOST, column, instances, run, under, vertical
from flowkit_mockserver.components.core.interface import ComponentFailed, Model

NUMBERS = {str(i): [float(i), float(10 - i)] for i in range(5)}
TABLE = instances(NUMBERS, ["x0", "x1"], [0, 0, 1, 1, 1])


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


@pytest.fixture
def binned() -> Any:
    return run("HeteroFeatureBinning", under("data", vertical(60)), bin_num=4, method="quantile")


def test_binning_tells_what_columns_say_about_the_labels(binned: Any) -> None:
    result = model_of(binned[GUEST]).param["binningResult"]["binningResult"]["x0"]

    assert len(result["splitPoints"]) == 4
    assert [int(n) for n in result["eventCountArray"]] == sorted(
        int(n) for n in result["eventCountArray"]
    )
    assert sum(int(n) for n in result["eventCountArray"]) == 30
    assert result["binNums"] == "4"
    assert result["iv"] == pytest.approx(sum(result["ivArray"]))
    assert result["isWoeMonotonic"] is True


def test_the_guest_sees_the_hosts_columns_behind_other_names(binned: Any) -> None:
    seen = model_of(binned[GUEST]).param["hostResults"][0]

    assert (seen["role"], seen["partyId"]) == ("host", "10000")
    assert set(seen["binningResult"]) == {"host_10000_0", "host_10000_1", "host_10000_2"}
    assert seen["binningResult"]["host_10000_0"]["splitPoints"] == []
    assert model_of(binned[HOST]).param["binningResult"]["binningResult"]["x0"]["splitPoints"]


def test_the_summary_ranks_columns_by_information(binned: Any) -> None:
    ranked = [value for _, value in binned[GUEST].summary["iv"]]

    assert ranked == sorted(ranked, reverse=True)
    assert binned[GUEST].summary["test"] == "test"


def test_binning_can_replace_columns() -> None:
    asked = {"bin_num": 4, "transform_param": {"transform_cols": -1, "transform_type": "bin_num"}}
    results = run("HeteroFeatureBinning", under("data", vertical(60)), **asked)

    assert set(column(results[GUEST].tables[0], 1)) == {0.0, 1.0, 2.0, 3.0}
    assert set(column(results[HOST].tables[0], 0)) == {0.0, 1.0, 2.0, 3.0}


@pytest.mark.parametrize("metric", ["iv", "gini", "chi_square", "ks"])
def test_optimal_bins_are_mixed_and_large_enough(metric: str) -> None:
    results = run(
        "HeteroFeatureBinning",
        under("data", vertical(200)),
        method="optimal",
        bin_num=5,
        optimal_binning_param={"metric_method": metric, "init_bin_nums": 20, "min_bin_pct": 0.1},
    )

    for found in model_of(results[GUEST]).param["binningResult"]["binningResult"].values():
        events = [int(n) for n in found["eventCountArray"]]
        others = [int(n) for n in found["nonEventCountArray"]]
        assert 1 < len(events) <= 5
        assert all(events)
        assert all(others)
        assert min(a + b for a, b in zip(events, others, strict=True)) >= 20
        assert sum(events) + sum(others) == 200


def test_optimal_bins_that_would_be_too_many_are_refused() -> None:
    with pytest.raises(ComponentFailed, match="Arguments logical error"):
        run(
            "HeteroFeatureBinning",
            under("data", vertical(60)),
            method="optimal",
            bin_num=5,
            optimal_binning_param={"max_bin_pct": 0.1},
        )


def test_homo_binning_uses_common_bounds() -> None:
    other = instances(
        {f"b{key}": row for key, row in NUMBERS.items()}, ["x0", "x1"], [0, 1, 0, 1, 0]
    )

    results = run(
        "HomoFeatureBinning",
        {GUEST: {"data": TABLE}, HOST: {"data": other}},
        bin_num=2,
        method="virtual_summary",
    )

    points = [
        model_of(result).param["binningResult"]["binningResult"]["x0"]["splitPoints"]
        for result in results.values()
    ]
    assert points[0] == points[1]
