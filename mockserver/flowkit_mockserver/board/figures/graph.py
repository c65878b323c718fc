"""A drawing of a job's graph, in layers from top to bottom.

Within a layer components stand in the order of the mean position of their neighbours, taken downwards and upwards a few
times (the barycentre method of Sugiyama).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flowkit.results import Dag

__all__ = ["Drawing", "Edge", "Node", "draw"]

WIDTH, HEIGHT = 224, 52
GAP_ACROSS, GAP_DOWN, MARGIN = 28, 44, 8
#: What an edge that passes by other layers needs beside the nodes.
DETOUR = 40
SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A component in the drawing.

    Attributes:
        name: the component.
        module: its kind.
        x, y: its upper left corner.
        layer: its layer, from 0.
    """

    name: str
    module: str
    x: int
    y: int
    layer: int


@dataclass(frozen=True, slots=True)
class Edge:
    """What passes from one component to another; `path` is that of an SVG."""

    source: str
    target: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing and its size, in pixels."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int
    node_width: int = WIDTH
    node_height: int = HEIGHT


def draw(dag: Dag) -> Drawing:
    """Return the drawing of a graph."""
    parents: dict[str, list[str]] = {node.name: [] for node in dag.nodes}
    children: dict[str, list[str]] = {node.name: [] for node in dag.nodes}
    for edge in dag.edges:
        parents[edge.target].append(edge.source)
        children[edge.source].append(edge.target)
    layers = [[node.name for node in layer] for layer in dag.layers]
    for _ in range(SWEEPS):
        _sort(layers, parents)
        _sort(layers[::-1], children)
    depths = {node.name: node.layer for node in dag.nodes}
    detour = DETOUR if any(depths[e.target] - depths[e.source] > 1 for e in dag.edges) else 0
    widest = max((len(layer) for layer in layers), default=0)
    width = 2 * (MARGIN + detour) + max(0, widest * (WIDTH + GAP_ACROSS) - GAP_ACROSS)
    height = 2 * MARGIN + max(0, len(layers) * (HEIGHT + GAP_DOWN) - GAP_DOWN)
    modules = {node.name: node.module for node in dag.nodes}
    nodes = {}
    for depth, layer in enumerate(layers):
        taken = len(layer) * (WIDTH + GAP_ACROSS) - GAP_ACROSS
        for place, name in enumerate(layer):
            x = (width - taken) // 2 + place * (WIDTH + GAP_ACROSS)
            nodes[name] = Node(name, modules[name], x, MARGIN + depth * (HEIGHT + GAP_DOWN), depth)
    edges = tuple(
        Edge(edge.source, edge.target, edge.kind, _curve(nodes[edge.source], nodes[edge.target]))
        for edge in dag.edges
    )
    return Drawing(tuple(nodes.values()), edges, width, height)


def _sort(layers: Sequence[list[str]], neighbours: Mapping[str, Iterable[str]]) -> None:
    """Sort every layer by the mean position of its neighbours in those before it; places count from the middle."""
    place: dict[str, float] = {}
    for layer in layers:
        middle = (len(layer) - 1) / 2
        means = {}
        for index, name in enumerate(layer):
            found = [place[one] for one in neighbours[name] if one in place]
            means[name] = sum(found) / len(found) if found else index - middle
        layer.sort(key=means.__getitem__)
        place.update((name, index - middle) for index, name in enumerate(layer))


def _curve(above: Node, below: Node) -> str:
    """Return the path from the foot of one node to the head of another, by the side of those between them."""
    x1, y1 = above.x + WIDTH // 2, above.y + HEIGHT
    x2, y2 = below.x + WIDTH // 2, below.y
    if below.layer - above.layer > 1:
        x1, x2 = x1 + WIDTH // 4, x2 + WIDTH // 4
        beside = max(x1, x2) + WIDTH // 4 + DETOUR
        return f"M{x1} {y1} C{beside} {y1 + GAP_DOWN} {beside} {y2 - GAP_DOWN} {x2} {y2 - 5}"
    bend = (y2 - y1) // 2
    return f"M{x1} {y1} C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2 - 5}"
