"""Charts as SVG: well formed, escaped, complete."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from math import inf, nan

from flowkit.display.charts import bar_chart, heat_map, line_chart

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"><script>x</script>'


def test_a_line_has_its_points_and_a_title_that_is_read_out() -> None:
    found = ET.fromstring(
        line_chart("ROC", [("a", [0, 0.5, 1], [0, 0.8, 1])], "x", "y", diagonal=True)
    )
    (line,) = found.findall(f"{SVG}polyline")
    assert len(str(line.get("points")).split()) == 3
    assert (found.get("role"), found.get("aria-label")) == ("img", "ROC")
    assert next(text.text for text in found.findall(f"{SVG}text")) == "ROC"


def test_a_gap_where_a_value_is_not_finite() -> None:
    made = ET.fromstring(line_chart("t", [("a", [0, 1, 2, 3, 4], [1, 2, nan, 4, inf])], "x", "y"))
    pieces = [line.get("points") for line in made.findall(f"{SVG}polyline")]
    assert [len(str(points).split()) for points in pieces] == [2, 1]


def test_several_lines_have_a_legend_in_different_colours() -> None:
    made = ET.fromstring(line_chart("t", [("a", [0], [1]), (HOSTILE, [0], [2])], "x", "y"))
    labels = [text.text for text in made.iter(f"{SVG}text")]
    assert "a" in labels
    assert HOSTILE in labels
    assert len({line.get("stroke") for line in made.findall(f"{SVG}polyline")}) == 2


def test_bars_of_both_signs_and_of_none() -> None:
    made = ET.fromstring(bar_chart("t", ["a", HOSTILE, "c"], [1.0, -2.0, nan], "gain"))
    assert len(made.findall(f"{SVG}rect")) == 2
    assert {"a", HOSTILE, "c", "1", "-2", "nan", "gain"} <= {
        str(text.text) for text in made.iter(f"{SVG}text")
    }


def test_more_bars_than_fit_are_said() -> None:
    made = bar_chart("IV", [str(number) for number in range(100)], [1.0] * 100)
    assert "IV (40 of 100)" in made
    assert made.count("<rect") == 40


def test_a_matrix_says_its_values() -> None:
    made = ET.fromstring(heat_map("Correlations", ["a"], ["a", "b"], [[1.0, -0.25]]))
    assert [title.text for title in made.iter(f"{SVG}title")] == ["a, a: 1", "a, b: -0.25"]
    assert [cell.get("fill-opacity") for cell in made.iter(f"{SVG}rect")] == ["1", "0.25"]
    assert "(40 x 40 of 50 x 50)" in heat_map("C", ["x"] * 50, ["y"] * 50, [[nan] * 50] * 50)


def test_nothing_is_a_chart_too() -> None:
    for made in (line_chart("t", [], "x", "y"), bar_chart("t", [], []), heat_map("t", [], [], [])):
        assert ET.fromstring(made).tag == f"{SVG}svg"
