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
        {GUEST: {"data": table}, HOST: {"data": table}},
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
        {GUEST: {"data": table}, HOST: {"data": table}},
        bin_num=4,
        local_only=True,
        behaviour=behaviour_of(line_of("1.11")),
    )

    shown = model_of(results[GUEST]).param["binningResult"]["binningResult"]
    assert (shown["x0"]["binNums"], shown["x1"]["binNums"]) == ("5", "4")


def test_bounds_that_a_user_gives_take_the_place_of_a_method() -> None:
    asked = {
        "bin_indexes": [1],
        "split_points_by_index": {"1": [0.5, 1]},
        "transform_param": {"transform_cols": [1], "transform_type": "bin_num"},
    }
    results = run(
        "HeteroFeatureBinning",
        under("data", vertical(60)),
        **asked,
        behaviour=behaviour_of(line_of("1.11")),
    )

    for party in (GUEST, HOST):
        shown = model_of(results[party]).param["binningResult"]["binningResult"]
        assert shown["x1"]["splitPoints"] == [0.5, 1.0]
        assert shown["x0"]["splitPoints"] == []
    [seen] = model_of(results[GUEST]).param["hostResults"]
    assert [len(column["woeArray"]) for column in seen["binningResult"].values()] == [2]
    assert set(column(results[GUEST].tables[0], 2)) <= {0.0, 1.0}


def test_bounds_are_given_for_all_columns_or_for_none() -> None:
    with pytest.raises(ComponentFailed, match="does not match that of"):
        run(
            "HeteroFeatureBinning",
            under("data", vertical(60)),
            bin_indexes=[0, 1],
            split_points_by_index={"1": [0.5, 1]},
        )


@pytest.mark.parametrize(("line", "refused"), [("1.6", False), ("1.7", True)])
def test_optimal_bins_of_missing_values_are_refused_later(line: str, refused: bool) -> None:
    rows = {str(i): [math.nan if i == 3 else float(i)] for i in range(20)}
    table = instances(rows, ["x0"], [i % 2 for i in range(20)])
    tables = {GUEST: {"data": table}, HOST: {"data": table}}
    optimal = {"init_bin_nums": 4, "metric_method": "iv"}

    def attempt() -> None:
        run(
            "HeteroFeatureBinning",
            tables,
            method="optimal",
            bin_num=2,
            optimal_binning_param=optimal,
            local_only=True,
            behaviour=behaviour_of(line_of(line)),
        )

    if not refused:
        attempt()
        return
    with pytest.raises(ComponentFailed, match="Optimal Binning do not support missing value now"):
        attempt()


def test_a_binning_needs_a_host_on_later_lines() -> None:
    alone = {GUEST: {"data": TABLE}}

    assert run("HeteroFeatureBinning", alone, bin_num=2, local_only=True)
    with pytest.raises(ComponentFailed, match="TypeError: 'NoneType' object is not iterable"):
        run(
            "HeteroFeatureBinning",
            alone,
            bin_num=2,
            local_only=True,
            behaviour=behaviour_of(line_of("1.11")),
        )


@pytest.mark.parametrize(("line", "number", "count"), [("1.6", 0.0, 4), ("1.7", 4.0, 5)])
def test_missing_values_are_in_a_bin_of_their_own_later(
    line: str, number: float, count: int
) -> None:
    rows = {str(i): [math.nan if i in (3, 4) else float(i)] for i in range(20)}
    table = instances(rows, ["x0"], [i % 2 for i in range(20)])

    results = run(
        "HeteroFeatureBinning",
        {GUEST: {"data": table}, HOST: {"data": table}},
        bin_num=4,
        transform_param={"transform_cols": -1, "transform_type": "bin_num"},
        behaviour=behaviour_of(line_of(line)),
    )

    result = results[GUEST]
    shown = model_of(result).param["binningResult"]["binningResult"]["x0"]
    assert len(shown["splitPoints"]) == 4
    assert len(shown["woeArray"]) == count
    by_id = dict(zip(rows, column(result.tables[0], 1), strict=True))
    assert by_id["3"] == number


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


def applied(line: str, *, labels: bool = True) -> tuple[Any, Any]:
    """Return a binning of two columns, and what it leaves behind when it is applied to other samples."""
    asked = {"bin_num": 4, "bin_indexes": [0]}
    behaviour = behaviour_of(line_of(line))
    fitted = run("HeteroFeatureBinning", under("data", vertical(60)), **asked, behaviour=behaviour)
    tables = vertical(40)
    if not labels:
        rows = {str(i): [float(i % 7)] * 2 for i in range(40)}
        tables = {**tables, GUEST: instances(rows, ["x0", "x1"])}
    again = run(
        "HeteroFeatureBinning",
        under("data", tables),
        **asked,
        models={party: result.model for party, result in fitted.items()},
        behaviour=behaviour,
    )
    return fitted, again


def test_a_binning_that_is_applied_is_held_against_the_labels_at_hand() -> None:
    fitted, again = applied("1.11")

    before, after = (model_of(results[GUEST]).param for results in (fitted, again))
    assert after["binningResult"] == before["binningResult"]
    found = after["transformBinningResult"]["binningResult"]
    assert sum(map(int, found["x0"]["eventCountArray"] + found["x0"]["nonEventCountArray"])) == 40
    assert (
        found["x0"]["splitPoints"] == before["binningResult"]["binningResult"]["x0"]["splitPoints"]
    )
    assert found["x1"]["splitPoints"] == []
    assert after["transformMultiClassResult"]["labels"] == ["1", "0"]
    assert len(after["transformHostResults"]) == 1
    assert after["headerAnonymous"] == before["headerAnonymous"]
    assert again[GUEST].summary["result"]["split_points"]["x1"] == []
    assert again[HOST].summary["x2"] == []


def test_without_labels_an_applied_binning_tells_its_bounds_only() -> None:
    _, again = applied("1.11", labels=False)

    found = model_of(again[GUEST]).param["transformBinningResult"]
    assert found["role"] == ""
    assert found["binningResult"]["x0"]["woeArray"] == []
    assert len(found["binningResult"]["x0"]["splitPoints"]) == 4
    assert not again[GUEST].summary


@pytest.mark.parametrize(("line", "saved"), [("1.11", "bin_num"), ("1.10", "woe")])
def test_what_an_applied_binning_saves_of_its_transformation(line: str, saved: str) -> None:
    numbers = {"transform_cols": [0], "transform_names": [], "transform_type": "bin_num"}
    behaviour = behaviour_of(line_of(line))
    tables = under("data", vertical(60))
    fitted = run("HeteroFeatureBinning", tables, transform_param=numbers, behaviour=behaviour)
    again = run(
        "HeteroFeatureBinning",
        tables,
        transform_param={**numbers, "transform_type": "woe"},
        models={party: result.model for party, result in fitted.items()},
        behaviour=behaviour,
    )

    for party in (GUEST, HOST):
        assert model_of(again[party]).meta["transformParam"]["transformType"] == saved
        before, after = (column(results[party].tables[0], 0) for results in (fitted, again))
        assert after == before, "what becomes of the columns says the model"


def test_the_first_lines_apply_a_binning_without_a_word() -> None:
    _, again = applied("1.6")

    assert "transformBinningResult" not in model_of(again[GUEST]).param
    assert not again[GUEST].summary
