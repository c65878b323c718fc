"""Plots: what they draw, of what, and what they refuse."""

from __future__ import annotations

import builtins
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import matplotlib
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from flowkit import ArgumentError, FlowError, plot
from flowkit.demo.steps import train, upload
from flowkit.results import read_confusion, read_dag, read_loss, read_roc
from flowkit_mockserver import MockServer
from recorded_results import answer

EVALUATION = answer("1.6", "evaluation")
CURVES = [plot.roc, plot.ks, plot.lift, plot.gain, plot.precision_recall]


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    matplotlib.use("agg")
    yield
    pyplot.close("all")


def drawn(ax: Axes) -> None:
    ax.figure.draw_without_rendering()


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [text.get_text() for text in found.get_texts()] if found else []


@pytest.mark.parametrize("function", CURVES)
def test_curves_of_an_answer_are_drawn_with_their_labels(function: Callable[..., Axes]) -> None:
    ax = function(EVALUATION)
    drawn(ax)
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert all(label.startswith("hetero_lr_0 (train)") for label in legend(ax))


def test_the_points_are_those_of_the_data() -> None:
    (curve,) = read_roc(EVALUATION)
    for source in (curve, [curve], EVALUATION, EVALUATION["data"]):
        ax = plot.roc(source)
        _, line = ax.get_lines()
        assert tuple(line.get_xdata()) == curve.x  # type: ignore[arg-type]
        assert tuple(line.get_ydata()) == curve.y  # type: ignore[arg-type]
    assert legend(ax) == ["hetero_lr_0 (train), AUC 0.9557"]


def test_axes_that_are_given_are_drawn_on() -> None:
    _, (left, right) = pyplot.subplots(1, 2)
    assert plot.loss(answer("1.6", "loss"), left) is left
    assert plot.loss(read_loss(answer("1.11", "network_loss")), ax=right) is right
    assert (left.get_xlabel(), right.get_xlabel()) == ("iteration", "aggregation round")


def test_where_the_curves_of_a_ks_are_farthest_apart_is_marked() -> None:
    ax = plot.ks(EVALUATION)
    assert [text.get_text() for text in ax.texts] == ["0.8148"]


def test_a_confusion_matrix_says_its_threshold() -> None:
    ax = plot.confusion(read_confusion(EVALUATION), threshold=0.5)
    assert ax.get_title() == "hetero_lr_0 (train) at 0.492716"
    assert [text.get_text() for text in ax.texts] == ["182", "30", "23", "334"]


def test_importance_has_the_highest_on_top() -> None:
    ax = plot.importance(answer("1.6", "boosting"), most=3)
    drawn(ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x1", "x7", "x2"]
    assert ax.get_title() == "Feature importance (3 of 10)"
    assert ax.yaxis_inverted()


def test_bins_of_the_feature_that_tells_most_or_of_another() -> None:
    ax = plot.binning(answer("1.6", "binning"))
    assert ax.get_title() == "x0, IV 6.064"
    assert next(label.get_text() for label in ax.get_yticklabels()) == "(-inf, -1.04767]"
    assert plot.binning(answer("1.6", "binning"), feature="x1").get_title() == "x1, IV 1.217"
    with pytest.raises(ArgumentError, match="feature 'z' was not binned; there are x0, x1, host"):
        plot.binning(answer("1.6", "binning"), feature="z")
    with pytest.raises(ArgumentError, match="only the guest's model has those"):
        plot.binning(answer("1.6", "binning_of_host"))


def test_names_from_the_server_are_no_formulas() -> None:
    hostile = r"$\frac{$_x$"
    dsl = {"components": {hostile: {"module": hostile}}}
    model = {"featureImportances": [{"fullname": hostile, "importance": 1}]}
    loss = {"train": {"_hidden$": {"data": [[0, 1.0]], "meta": {"metric_type": "LOSS"}}}}
    for ax in (plot.dag(dsl), plot.importance(model), plot.loss(loss)):
        drawn(ax)
    assert legend(ax) == [" _hidden$ (train)"]


def test_the_server_is_asked_for_a_component() -> None:
    with MockServer() as server, server.client() as flow:
        for name in ("guest", "host"):
            upload(flow, name)
        job_id = train(flow).job_id
        flow.job.wait(job_id)
        assert legend(plot.roc((flow, job_id, "evaluation_0")))[0].startswith("hetero_lr_0 (train)")
        # The arbiter has the loss; it is found without being named.
        assert legend(plot.loss((flow, job_id, "hetero_lr_0"))) == ["loss (train)"]
        plot.loss((flow, job_id, "hetero_lr_0", "arbiter", 10000))
        with pytest.raises(ArgumentError, match=r"hetero_lr_0 of job .* has no ROC curve"):
            plot.roc((flow, job_id, "hetero_lr_0"))
        with pytest.raises(ArgumentError, match="has no loss"):
            plot.loss((flow, job_id, "hetero_lr_0", "guest", 9999))
        with pytest.raises(ArgumentError, match="knows no job 1"):
            plot.loss((flow, "1", "hetero_lr_0"))
        ax = plot.dag((flow, job_id))
    assert len(ax.texts) == 6 + 5


def test_a_graph_of_a_dsl() -> None:
    dsl = {"components": {"a": {}, "b": {"input": {"data": {"data": ["a.data"]}}}}}
    for source in (dsl, read_dag(dsl)):
        assert [text.get_text() for text in plot.dag(source).texts] == ["", "a", "b"]


@pytest.mark.parametrize("source", [3, "job", (1, 2, 3), None, [3]])
def test_anything_else_is_refused(source: Any) -> None:
    with pytest.raises(
        ArgumentError, match=r"source must be RocCurve, a reply of component\.metric_all"
    ):
        plot.roc(source)
    with pytest.raises(ArgumentError, match="source must be a Dag"):
        plot.dag(source)


def test_nothing_to_plot_is_said() -> None:
    with pytest.raises(ArgumentError, match="there is no loss to plot"):
        plot.loss([])
    with pytest.raises(ArgumentError, match="this answer has no lift curve"):
        plot.lift({"retcode": 0, "data": {}})


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def importing(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(FlowError, match=r"needs matplotlib .* pip install 'fate-flowkit\[plot\]'"):
        plot.roc(EVALUATION)


def test_importing_the_plots_does_not_import_matplotlib() -> None:
    code = (
        "import sys, flowkit.plot; print([m for m in ('matplotlib', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
