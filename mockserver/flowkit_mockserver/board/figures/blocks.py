"""What results look like on a page: charts, bars, grids and trees, each with its numbers in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowkit.results import Curve, Stability, Tree

__all__ = [
    "Bars",
    "Block",
    "Chart",
    "Document",
    "Grid",
    "Table",
    "Trees",
    "curve_chart",
    "stability_bars",
]

#: Of a curve with more points than this, evenly chosen ones are drawn and listed, and the page says so.
MOST_POINTS = 2000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values.

    Attributes:
        title: its caption.
        columns: headings; the first column names the rows.
        rows: as many values each.
        note: what is to be known of it.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    form: str = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines through points: the first column is x, each further one a line.

    Attributes:
        title: its caption.
        columns: what x and the lines are.
        rows: the points.
        y_label: what the lines show; empty where each shows something else.
        note: what is to be known of it.
        diagonal: whether the line of chance is drawn as well.
        steps: whether x counts steps, 0, 1, 2 …
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[float | None]]
    y_label: str
    note: str = ""
    diagonal: bool = False
    steps: bool = False
    form: str = field(default="chart", init=False)


@dataclass(frozen=True, slots=True)
class Bars:
    """Rows of which one column is drawn as bars.

    Attributes:
        title: its caption.
        columns: headings; the first column names the rows.
        rows: as many values each.
        drawn: place of the column that is drawn.
        note: what is to be known of it.
        open: whether the rows show at once.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    drawn: int = 1
    note: str = ""
    open: bool = True
    form: str = field(default="bars", init=False)

    @property
    def largest(self) -> float:
        """The largest value by its amount; 1 where all are 0."""
        return max((abs(row[self.drawn] or 0) for row in self.rows), default=0) or 1

    @property
    def signed(self) -> bool:
        """Whether bars go to both sides."""
        return any((row[self.drawn] or 0) < 0 for row in self.rows)


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix whose cells are tinted by value.

    Attributes:
        title: its caption.
        rows, columns: headings.
        values: shape (rows, columns).
        low, high: the values of the strongest tints; a negative `low` has a tint of its own.
        corner: what rows and columns are.
        note: what is to be known of it.
        by_threshold: whether the table that follows has its values for other thresholds.
    """

    title: str
    rows: Sequence[str]
    columns: Sequence[str]
    values: Sequence[Sequence[float]]
    low: float = -1.0
    high: float = 1.0
    corner: str = ""
    note: str = ""
    by_threshold: bool = False
    form: str = field(default="grid", init=False)

    def tint(self, value: float) -> str:
        """Return the name of a cell's tint: ``heat-0`` to ``heat-10``, or ``cold-1`` to ``cold-10``."""
        limit = self.high if value >= 0 else self.low
        share = min(1.0, abs(value / limit)) if limit and value == value else 0.0
        return f"{'heat' if value >= 0 or value != value else 'cold'}-{round(10 * share)}"


@dataclass(frozen=True, slots=True)
class Trees:
    """Decision trees as nested lists."""

    title: str
    trees: Sequence[Tree]
    note: str = ""
    form: str = field(default="trees", init=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A value as JSON."""

    title: str
    value: Mapping[str, Any] | Sequence[Any]
    form: str = field(default="document", init=False)


Block = Table | Chart | Bars | Grid | Trees | Document


def curve_chart(
    title: str,
    curves: Mapping[str, Curve],
    *,
    note: str = "",
    diagonal: bool = False,
    steps: bool = False,
) -> Chart:
    """Return the chart of curves over the same x.

    Args:
        title: its caption.
        curves: by the name of the line; one line may stop before another.
        note: what is to be known of it.
        diagonal: whether the line of chance is drawn as well.
        steps: whether x counts steps.
    """
    first = max(curves.values(), key=lambda curve: len(curve.x))
    places = range(len(first.x))
    if len(first.x) > MOST_POINTS:
        last = len(first.x) - 1
        places_kept = sorted({round(i * last / (MOST_POINTS - 1)) for i in range(MOST_POINTS)})
        note = f"{note} {len(places_kept)} of {len(first.x)} points are shown.".strip()
    else:
        places_kept = list(places)
    rows = [
        [first.x[i], *(curve.y[i] if i < len(curve.y) else None for curve in curves.values())]
        for i in places_kept
    ]
    y_labels = {curve.y_label for curve in curves.values()}
    y_label = first.y_label if len(y_labels) == 1 else ""
    return Chart(title, [first.x_label, *curves], rows, y_label, note, diagonal, steps)


def stability_bars(found: Stability) -> Bars:
    """Return the population stability index of a distribution, bin by bin."""
    rows = [
        list(row)
        for row in zip(found.intervals, found.psi, found.expected, found.actual, strict=True)
    ]
    return Bars(
        f"PSI of {found.name}",
        ["bin", "index", "expected share", "actual share"],
        rows,
        note=f"PSI {found.total:.6g} in all",
    )
