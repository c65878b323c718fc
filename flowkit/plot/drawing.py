"""What all plots share: axes to draw on, and matplotlib, which is imported when there is first something to plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flowkit.display.charts import COLOURS
from flowkit.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from flowkit.results import Curve

__all__ = ["draw_curves", "horizontal_bars", "new_axes"]


def new_axes(
    ax: Axes | None,
    title: str,
    x_label: str = "",
    y_label: str = "",
    *,
    size: tuple[float, float] | None = None,
) -> Axes:
    """Return the axes to draw on, new ones unless some were given, with title and labels; `size` is in inches.

    Raises:
        FlowError: matplotlib is not installed.
    """
    if ax is None:
        try:
            from matplotlib import pyplot
        except ImportError as error:
            text = f"flowkit.plot needs matplotlib ({error}): pip install 'fate-flowkit[plot]'"
            raise FlowError(text) from error
        ax = pyplot.subplots(layout="constrained", figsize=size)[1]
    # Names come from the server: a dollar sign in one must not become a formula.
    ax.set_title(title, parse_math=False)
    ax.set_xlabel(x_label, parse_math=False)
    ax.set_ylabel(y_label, parse_math=False)
    return ax


def draw_curves(
    ax: Axes,
    curves: Sequence[Curve],
    labels: Sequence[str],
    *,
    chance: bool = False,
    legend_at: Literal["best", "upper left"] = "best",
) -> Axes:
    """Draw curves, each in a colour of its own, with a legend, and the diagonal of what chance gives."""
    if chance:
        ax.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1, zorder=0)
    for place, (curve, label) in enumerate(zip(curves, labels, strict=True)):
        (line,) = ax.plot(curve.x, curve.y, color=COLOURS[place % len(COLOURS)])
        line.set_label(plain(label))
    legend = ax.legend(loc=legend_at)
    for text in legend.get_texts():
        text.set_parse_math(False)
    return ax


def horizontal_bars(ax: Axes, labels: Sequence[str], values: Sequence[float]) -> Axes:
    """Draw bars, the first on top."""
    places = range(len(labels))
    ax.barh(places, values, color=COLOURS[0])
    ax.set_yticks(places, labels, parse_math=False)
    ax.invert_yaxis()
    ax.axvline(0, color="0.4", linewidth=0.8)
    return ax


def plain(label: str) -> str:
    """Return a label that shows in a legend: matplotlib leaves those out that begin with an underscore."""
    return f" {label}" if label.startswith("_") else label
