from __future__ import annotations

import math
from typing import Any

import pytest

from component_bench import GUEST, HOST, column, instances, run, under, vertical
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.components.feature.binning.optimal_binning import optimal_bins
from flowkit_mockserver.dialects.behaviour import behaviour_of

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


def test_later_lines_tell_how_optimal_bins_were_found() -> None:
    results = run(
        "HeteroFeatureBinning",
        under("data", vertical(200)),
        method="optimal",
        bin_num=5,
        optimal_binning_param={"metric_method": "iv", "init_bin_nums": 20, "min_bin_pct": 0.1},
        behaviour=behaviour_of(line_of("1.11")),
    )

    guest, host = (model_of(results[party]) for party in (GUEST, HOST))
    assert (guest.meta["optimalMetricMethod"], host.meta["optimalMetricMethod"]) == ("iv", "iv")
    for found in guest.param["binningResult"]["binningResult"].values():
        # One for each pair of neighbours that may still be merged.
        assert 0 < len(found["optimalMetricArray"]) < len(found["splitPoints"])
    [seen] = guest.param["hostResults"]
    for found in seen["binningResult"].values():
        assert (found["splitPoints"], found["binAnonymous"]) == ([], [])
    summary = results[GUEST].summary
    assert summary is not None
    points = summary["result"]["split_points"]
    assert [name for name, known in points.items() if known is None] == list(seen["binningResult"])


def test_later_lines_tell_of_columns_without_bins_too() -> None:
    table = instances(
        {key: [*row, math.nan] for key, row in NUMBERS.items()}, ["x0", "x1", "x2"], [0, 0, 1, 1, 1]
    )
    asked = {"bin_num": 2, "bin_indexes": [0], "local_only": True}

    results = run(
        "HeteroFeatureBinning",
        {GUEST: {"data": table}},
        **asked,
        behaviour=behaviour_of(line_of("1.11")),
    )

    shown = model_of(results[GUEST]).param["binningResult"]["binningResult"]
    assert list(shown) == ["x0", "x1", "x2"]
    assert (shown["x0"]["binNums"], shown["x1"]["binNums"], shown["x1"]["iv"]) == ("2", "0", 0)
    summary = results[GUEST].summary["result"]
    assert summary["iv"][1:] == [["x1", 0], ["x2", 0]]
    assert (summary["split_points"]["x1"], summary["woe"]["x1"]) == (None, [])

    before = run("HeteroFeatureBinning", {GUEST: {"data": table}}, **asked)
    assert list(model_of(before[GUEST]).param["binningResult"]["binningResult"]) == ["x0"]


def test_later_lines_count_missing_values_as_a_bin() -> None:
    rows = {str(i): [math.nan if i == 3 else float(i), float(i)] for i in range(20)}
    table = instances(rows, ["x0", "x1"], [i % 2 for i in range(20)])

    results = run(
        "HeteroFeatureBinning",
        {GUEST: {"data": table}},
        bin_num=4,
        local_only=True,
        behaviour=behaviour_of(line_of("1.11")),
    )

    shown = model_of(results[GUEST]).param["binningResult"]["binningResult"]
    assert (shown["x0"]["binNums"], shown["x1"]["binNums"]) == ("5", "4")


def test_bins_that_are_not_held_against_labels_belong_to_nobody() -> None:
    results = run(
        "HeteroFeatureBinning",
        under("data", vertical(60)),
        bin_num=4,
        skip_static=True,
        behaviour=behaviour_of(line_of("1.11")),
    )

    for party in (GUEST, HOST):
        found = model_of(results[party]).param["binningResult"]
        assert (found["role"], found["partyId"]) == ("", "")
        assert found["binningResult"]["x0"]["binNums"] == "4"
        assert not results[party].summary


@pytest.mark.parametrize(("line", "role"), [("1.6", "guest"), ("1.11", "")])
def test_a_binning_that_rests_saves_an_empty_model(line: str, role: str) -> None:
    results = run(
        "HeteroFeatureBinning",
        under("data", vertical(60)),
        need_run=False,
        behaviour=behaviour_of(line_of(line)),
    )

    model = model_of(results[GUEST])
    assert model.meta["needRun"] is False
    assert model.param["header"] == []
    assert (
        model.param["binningResult"]["binningResult"],
        model.param["binningResult"]["role"],
    ) == ({}, role)


@pytest.mark.parametrize(
    ("metric", "scores"), [("ks", [0.5]), ("iv", [0.5 * math.log(0.75 / 0.25) * 2])]
)
def test_the_score_of_what_is_left(metric: str, scores: list[float]) -> None:
    """Of ks how far the labels are apart at a split, of iv what merging two bins loses."""
    counts = [(3, 1), (1, 3)]
    asked = {"metric_method": metric, "mixture": True, "min_bin_pct": 0.05, "max_bin_pct": 1.0}

    found = optimal_bins(counts, asked, 2, 0.5)

    assert found.ends == [0, 1]
    assert found.scores == pytest.approx(scores)


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
