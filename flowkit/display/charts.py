"""Charts as SVG: lines, bars, heat maps. They need no script, no style sheet and no request, and print as they show."""

from __future__ import annotations

import math
from collections.abc import Sequence

from flowkit.display.markup import Markup, element
from flowkit.display.scale import Scale, scale_of

__all__ = ["COLOURS", "Series", "bar_chart", "heat_map", "line_chart"]

#: Label, x and y of a line.
Series = tuple[str, Sequence[float], Sequence[float]]

#: Told apart by people of every colour vision, on white and on black (after Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
WIDTH, HEIGHT = 440, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 28, 44
ROW, LABEL, VALUE = 22, 180, 70
CELL = 26
MOST_BARS, MOST_CELLS = 40, 40
GRID, INK = "#8884", "currentColor"


def line_chart(
    title: str,
    series: Sequence[Series],
    x_label: str,
    y_label: str,
    *,
    diagonal: bool = False,
    zero: bool = False,
) -> Markup:
    """Return lines in a frame, with a legend where there are several.

    Args:
        title: what the chart is of; screen readers read it with the labels.
        series: the lines; points that are not finite leave a gap.
        x_label: what x is.
        y_label: what y is.
        diagonal: draw the line from 0, 0 to 1, 1: what chance gives.
        zero: begin y at zero.
    """
    extra = [0.0, 1.0] if diagonal else []
    x = scale_of([*(v for _, xs, _ in series for v in xs), *extra], LEFT, WIDTH - RIGHT)
    y = scale_of([*(v for _, _, ys in series for v in ys), *extra], HEIGHT - BOTTOM, TOP, zero=zero)
    lines: list[Markup] = []
    if diagonal:
        ends = {"x1": x.place(0), "y1": y.place(0), "x2": x.place(1), "y2": y.place(1)}
        lines.append(
            element("line", stroke=INK, stroke_opacity=0.4, stroke_dasharray="4 4", **ends)
        )
    for place, (_, xs, ys) in enumerate(series):
        colour = COLOURS[place % len(COLOURS)]
        lines += [
            element("polyline", points=points, fill="none", stroke=colour, stroke_width=1.8)
            for points in _pieces(xs, ys, x, y)
        ]
    legend = _legend([label for label, _, _ in series]) if len(series) > 1 else []
    height = HEIGHT + 16 * len(legend)
    return _svg(title, WIDTH, height, *_frame(x, y, x_label, y_label), *lines, *legend)


def bar_chart(
    title: str,
    labels: Sequence[str],
    values: Sequence[float],
    unit: str = "",
    other: Sequence[float] = (),
) -> Markup:
    """Return horizontal bars, the first on top, at most forty; what is left out is said in the title.

    Args:
        title: what the chart is of.
        labels: shape (n,).
        values: shape (n,); those that are not finite have no bar.
        unit: what the values are.
        other: shape (n,), or nothing: a second bar below each, such as the expected share.
    """
    count = min(len(labels), MOST_BARS)
    if count < len(labels):
        title = f"{title} ({count} of {len(labels)})"
    rows = 2 if other else 1
    shown = [*values[:count], *other[:count]]
    x = scale_of(shown, LABEL, WIDTH - VALUE, zero=True)
    parts: list[Markup] = []
    for place in range(count):
        top = TOP + place * ROW * rows
        parts.append(_text(LABEL - 6, top + 14, _clip(labels[place], 26), text_anchor="end"))
        for row, value in enumerate((values[place], *other[place : place + 1])):
            parts += _bar(x, value, top + row * ROW, COLOURS[row])
    height = TOP + count * ROW * rows + 24
    parts.append(_text((LABEL + WIDTH - VALUE) / 2, height - 8, unit, text_anchor="middle"))
    return _svg(title, WIDTH, height, *parts)


def heat_map(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float]],
    *,
    low: float = -1.0,
    high: float = 1.0,
) -> Markup:
    """Return a matrix of coloured cells: blue for `high`, orange for `low`, its values as tooltips.

    Args:
        title: what the chart is of.
        rows: shape (r,).
        columns: shape (c,).
        values: shape (r, c).
        low: the value of the fullest orange.
        high: the value of the fullest blue.
    """
    shown_rows, shown_columns = rows[:MOST_CELLS], columns[:MOST_CELLS]
    if len(shown_rows) < len(rows) or len(shown_columns) < len(columns):
        title = (
            f"{title} ({len(shown_rows)} x {len(shown_columns)} of {len(rows)} x {len(columns)})"
        )
    left = 130
    parts = [
        _text(left - 6, TOP + place * CELL + 17, _clip(label, 18), text_anchor="end")
        for place, label in enumerate(shown_rows)
    ]
    bottom = TOP + len(shown_rows) * CELL
    for place, label in enumerate(shown_columns):
        x, y = left + place * CELL + 16, bottom + 8
        turn = f"rotate(60 {x} {y})"
        parts.append(_text(x, y, _clip(label, 18), text_anchor="start", transform=turn))
    for i, row in enumerate(shown_rows):
        for j, column in enumerate(shown_columns):
            parts.append(
                _cell(left + j * CELL, TOP + i * CELL, values[i][j], low, high, row, column)
            )
    return _svg(title, left + len(shown_columns) * CELL + 90, bottom + 130, *parts)


def _cell(
    x: float, y: float, value: float, low: float, high: float, row: str, column: str
) -> Markup:
    share = 0.0
    if math.isfinite(value):
        share = max(-1.0, min(1.0, value / (high if value > 0 else -low) if value else 0.0))
    tip = element("title", f"{row}, {column}: {value:.4g}")
    colour = COLOURS[0] if share >= 0 else COLOURS[1]
    return element(
        "rect", tip, x=x, y=y, width=CELL - 2, height=CELL - 2, fill=colour,
        fill_opacity=round(abs(share), 3), stroke=GRID,
    )  # fmt: skip


def _bar(x: Scale, value: float, top: float, colour: str) -> list[Markup]:
    if not math.isfinite(value):
        return [_text(x.place(0) + 4, top + 14, str(value))]
    ends = sorted((x.place(0), x.place(max(x.low, min(x.high, value)))))
    bar = element(
        "rect", x=ends[0], y=top + 3, width=max(ends[1] - ends[0], 0.5), height=ROW - 6, fill=colour
    )
    return [bar, _text(ends[1] + 4, top + 15, f"{value:.4g}")]


def _pieces(xs: Sequence[float], ys: Sequence[float], x: Scale, y: Scale) -> list[str]:
    """Return the points of a line, in pieces between those that are not finite."""
    pieces: list[list[str]] = [[]]
    for one, other in zip(xs, ys, strict=False):
        if x.low <= one <= x.high and y.low <= other <= y.high:
            pieces[-1].append(f"{x.place(one):.2f},{y.place(other):.2f}")
        else:
            pieces.append([])
    return [" ".join(piece) for piece in pieces if piece]


def _frame(x: Scale, y: Scale, x_label: str, y_label: str) -> list[Markup]:
    """Return grid, numbers and labels of a chart."""
    parts = []
    for tick in x.ticks():
        place = x.place(tick)
        parts.append(element("line", x1=place, y1=y.start, x2=place, y2=y.end, stroke=GRID))
        parts.append(_text(place, y.start + 16, f"{tick:g}", text_anchor="middle"))
    for tick in y.ticks():
        place = y.place(tick)
        parts.append(element("line", x1=x.start, y1=place, x2=x.end, y2=place, stroke=GRID))
        parts.append(_text(x.start - 6, place + 4, f"{tick:g}", text_anchor="end"))
    parts.append(_text((x.start + x.end) / 2, y.start + 36, x_label, text_anchor="middle"))
    middle = (y.start + y.end) / 2
    turn = f"rotate(-90 14 {middle:g})"
    parts.append(_text(14, middle, y_label, text_anchor="middle", transform=turn))
    return parts


def _legend(labels: Sequence[str]) -> list[Markup]:
    rows = []
    for place, label in enumerate(labels[:20]):
        top = HEIGHT + 16 * place
        colour = COLOURS[place % len(COLOURS)]
        mark = element("rect", x=LEFT, y=top - 3, width=16, height=4, fill=colour)
        rows.append(element("g", mark, _text(LEFT + 22, top + 3, _clip(label, 56))))
    return rows


def _text(x: float, y: float, text: str, **attributes: object) -> Markup:
    return element("text", text, x=x, y=y, font_size=12, fill=INK, **attributes)


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _svg(title: str, width: float, height: float, *parts: Markup) -> Markup:
    """Return a chart with its title, which stands above it and is what a screen reader says."""
    heading = _text(width / 2, 16, title, text_anchor="middle", font_weight="bold")
    return element(
        "svg", heading, *parts, xmlns="http://www.w3.org/2000/svg", role="img", aria_label=title,
        viewBox=f"0 0 {width:g} {height:g}", width=f"{width:g}", height=f"{height:g}",
        font_family="system-ui, sans-serif",
    )  # fmt: skip
