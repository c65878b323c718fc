"""Texts for terminals."""

from __future__ import annotations

import pytest

from flowkit.display.text import dag_lines, duration, short, sparkline, symbol
from flowkit.results import read_dag

DSL = {
    "components": {
        "reader_0": {"module": "Reader"},
        "lr_0": {"module": "HeteroLR", "input": {"data": {"train_data": ["reader_0.data"]}}},
    }
}


def task(name: str, role: str, status: str) -> dict[str, object]:
    return {
        "f_component_name": name, "f_role": role, "f_party_id": "1", "f_status": status,
        "f_elapsed": 1500,
    }  # fmt: skip


def test_a_curve_in_a_line() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([1, 1, 1]) == "▁▁▁"
    assert sparkline([0, float("nan"), 1]) == "▁ █"
    assert sparkline(range(1000), 4) == "▁▃▆█"
    assert sparkline([0, 1], plain=True) == "_@"
    assert sparkline([]) == sparkline([float("inf")]) == ""
    assert sparkline([1e308, -1e308]) == "▁▁"


def test_the_graph_of_a_job_a_line_a_component() -> None:
    rows = [task("reader_0", "guest", "success"), task("reader_0", "host", "success"),
            task("lr_0", "guest", "running"), task("lr_0", "host", "failed")]  # fmt: skip
    assert dag_lines(read_dag(DSL, rows)) == [
        "✓  reader_0  Reader                             success 1.5 s",
        "✗  lr_0      HeteroLR  ← reader_0 (train_data)  guest/1 running, host/1 failed",
    ]
    assert (
        dag_lines(read_dag(DSL), plain=True)[1] == ".  lr_0      HeteroLR  <- reader_0 (train_data)"
    )


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(40, "0.0 s"), (1500, "1.5 s"), (125_000, "2 min 5 s"), (7_260_000, "2 h 1 min")],
)
def test_durations(milliseconds: float, text: str) -> None:
    assert duration(milliseconds) == text


def test_signs_for_statuses() -> None:
    assert [symbol(status) for status in ("success", "failed", "new")] == ["✓", "✗", "?"]
    assert symbol("failed", plain=True) == "x"


def test_short_forms_hide_secrets_and_what_is_long() -> None:
    shown = short({"token": "abc", "rows": [{"x": 1}] * 100, "text": "x" * 1000})
    assert "abc" not in shown
    assert len(shown) < 200
    assert shown.startswith("{'token': '***'")
