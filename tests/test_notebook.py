"""The notebook in ``examples``, executed: it trains, plots ROC and KS, and reads predictions into the right columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent.parent / "examples" / "notebooks" / "results.ipynb"


@pytest.fixture(scope="module")
def cells() -> list[Any]:
    """The cells with code, after they ran."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=90, kernel_name="python3").execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(cells: list[Any], source: str) -> Iterator[Any]:
    """Yield what the cell put out that holds this text."""
    (cell,) = [cell for cell in cells if source in cell.source]
    yield from cell.outputs


def html(cells: list[Any], source: str) -> str:
    return "".join(
        out["data"].get("text/html", "") for out in outputs(cells, source) if "data" in out
    )


def test_a_group_shows_what_can_be_called(cells: list[Any]) -> None:
    assert "job.submit(conf_path=None, dsl_path=None" in html(cells, "what can be called")


def test_a_job_that_is_waited_for_has_bars_and_then_its_graph(cells: list[Any]) -> None:
    shown = html(cells, "flow.job.overview")
    assert "<progress" in shown
    assert "<svg" in shown
    assert "hetero_lr_0" in shown
    assert "✓ success (100 %" in shown


def test_the_curves_are_drawn(cells: list[Any]) -> None:
    for source in ("plot.roc(", "plot.loss("):
        images = [out for out in outputs(cells, source) if "image/png" in out.get("data", {})]
        assert len(images) == 1, source


def test_metrics_show_as_a_table(cells: list[Any]) -> None:
    assert "ROC_EVALUATION" in html(cells, "metric_all")


def test_predictions_have_their_columns(cells: list[Any]) -> None:
    shown = html(cells, "frame.head()")
    columns = re.findall("<th>([a-z_]+)</th>", shown)
    assert columns[1:] == ["label", "predict_result", "predict_score", "predict_detail", "type"]
    (printed,) = outputs(cells, "accuracy {accuracy")
    found = re.fullmatch(r"accuracy (\S+), AUC (\S+), KS (\S+)\n", printed["text"])
    assert found is not None
    accuracy, auc, ks = map(float, found.groups())
    assert 0.6 < accuracy < auc < 1
    assert 0 < ks < 1


def test_what_is_in_the_repository_holds_no_outputs() -> None:
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        assert not cell.get("outputs"), "clear the outputs before committing"
