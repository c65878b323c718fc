"""The graph of a job as SVG: a box for each component, arrows for what it takes, colours and words for its status."""

from __future__ import annotations

from flowkit.display.markup import Markup, element
from flowkit.display.text import duration, symbol
from flowkit.results.dag import Dag, DagNode

__all__ = ["STATUS_COLOURS", "dag_svg"]

STATUS_COLOURS = {
    "success": "#009e73",
    "running": "#e69f00",
    "waiting": "#7f7f7f",
    "failed": "#d55e00",
    "canceled": "#d55e00",
    "timeout": "#d55e00",
}
BOX, ACROSS, DOWN, GAP, MARGIN = 46, 210, 46 + 34, 24, 14


def dag_svg(dag: Dag) -> Markup:
    """Return the graph of a job, its layers from top to bottom."""
    layers = dag.layers
    widest = max((len(layer) for layer in layers), default=1)
    width = widest * (ACROSS + GAP) - GAP + 2 * MARGIN
    height = max(len(layers) * DOWN - (DOWN - BOX), BOX) + 2 * MARGIN
    places: dict[str, tuple[float, float]] = {}
    for row, layer in enumerate(layers):
        start = (width - (len(layer) * (ACROSS + GAP) - GAP)) / 2
        for column, node in enumerate(layer):
            places[node.name] = start + column * (ACROSS + GAP), MARGIN + row * DOWN
    arrows = [
        _arrow(
            places[edge.source], places[edge.target], f"{edge.source} to {edge.target}: {edge.kind}"
        )
        for edge in dag.edges
    ]
    # Without tasks nothing is known of any: the graph is that of a DSL.
    known = any(node.statuses for node in dag.nodes)
    boxes = [_box(node, *places[node.name], known=known) for node in dag.nodes]
    said = "; ".join(f"{n.name}: {n.status}" if known else n.name for n in dag.nodes)
    return element(
        "svg", *arrows, *boxes, xmlns="http://www.w3.org/2000/svg", role="img",
        aria_label=f"Components of the job. {said}", viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}", height=f"{height:g}", font_family="system-ui, sans-serif",
    )  # fmt: skip


def _box(node: DagNode, x: float, y: float, *, known: bool) -> Markup:
    colour = STATUS_COLOURS.get(node.status, "#7f7f7f")
    took = max(node.elapsed.values(), default=None)
    note = f"{symbol(node.status)} {node.status}" if known else ""
    note += "" if took is None else f", {duration(took)}"
    parties = "\n".join(f"{party}: {status}" for party, status in node.statuses.items())
    return element(
        "g",
        element("title", f"{node.name} ({node.module})\n{parties}"),
        element(
            "rect",
            x=x,
            y=y,
            width=ACROSS,
            height=BOX,
            rx=5,
            fill=colour,
            fill_opacity=0.12,
            stroke=colour,
            stroke_width=1.5,
        ),
        element("text", _clip(node.name), x=x + 10, y=y + 19, font_size=13, fill="currentColor"),
        element(
            "text",
            _clip(f"{node.module}  {note}".strip()),
            x=x + 10,
            y=y + 36,
            font_size=11,
            fill="currentColor",
        ),
    )


def _arrow(start: tuple[float, float], end: tuple[float, float], tip: str) -> Markup:
    x1, y1 = start[0] + ACROSS / 2, start[1] + BOX
    x2, y2 = end[0] + ACROSS / 2, end[1] - 5
    bend = max((y2 - y1) / 2, 10)
    path = f"M{x1:g} {y1:g} C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2:g}"
    head = f"{x2 - 4:g},{y2 - 2:g} {x2 + 4:g},{y2 - 2:g} {x2:g},{y2 + 5:g}"
    return element(
        "g",
        element("title", tip),
        element("path", d=path, fill="none", stroke="currentColor", stroke_opacity=0.5),
        element("polygon", points=head, fill="currentColor", fill_opacity=0.6),
    )


def _clip(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"
