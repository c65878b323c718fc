"""Charts, bars and grids."""

from __future__ import annotations

import pytest

from flowkit.results import Curve, Stability
from flowkit_mockserver.board.figures.blocks import (
    MOST_POINTS,
    Bars,
    Grid,
    curve_chart,
    stability_bars,
)


def curve(*y: float) -> Curve:
    """Return a curve over 0, 1, 2 …"""
    return Curve("lr", "train", tuple(map(float, range(len(y)))), y, "iteration", "loss")


def test_a_curve_that_stops_early_leaves_gaps() -> None:
    chart = curve_chart("Loss", {"one": curve(3, 2, 1), "other": curve(3, 1)})

    assert chart.columns == ["iteration", "one", "other"]
    assert chart.rows == [[0, 3, 3], [1, 2, 1], [2, 1, None]]
    assert chart.y_label == "loss"


def test_of_very_many_points_evenly_chosen_ones_are_shown_and_that_is_said() -> None:
    chart = curve_chart("ROC", {"ROC": curve(*range(10_001))}, note="AUC 0.5")

    assert len(chart.rows) == MOST_POINTS
    assert chart.rows[0] == [0, 0]
    assert chart.rows[-1] == [10_000, 10_000]
    assert chart.note == "AUC 0.5 2000 of 10001 points are shown."


def test_bars_are_as_long_as_the_largest_allows() -> None:
    bars = Bars("Weights", ["feature", "weight"], [["a", 0.5], ["b", -2.0], ["c", None]])

    assert bars.largest == 2.0
    assert bars.signed
    assert Bars("None", ["feature", "weight"], [["a", 0.0]]).largest == 1


@pytest.mark.parametrize(
    ("value", "tint"),
    [(1.0, "heat-10"), (0.46, "heat-5"), (0.0, "heat-0"), (-0.3, "cold-3"), (-7, "cold-10"), (float("nan"), "heat-0")],
)  # fmt: skip
def test_cells_are_tinted_by_value(value: float, tint: str) -> None:
    assert Grid("Correlation", ["a"], ["a"], [[value]]).tint(value) == tint


def test_a_distribution_that_moved_is_shown_bin_by_bin() -> None:
    bars = stability_bars(
        Stability("x0", ("(0,1]", "(1,2]"), (0.5, 0.5), (0.4, 0.6), (0.1, 0.2), 0.3)
    )

    assert bars.rows == [["(0,1]", 0.1, 0.5, 0.4], ["(1,2]", 0.2, 0.5, 0.6]]
    assert bars.note == "PSI 0.3 in all"
