"""The drawing of a job's graph."""

from __future__ import annotations

from flowkit.results import read_dag
from flowkit_mockserver.board.figures.graph import DETOUR, GAP_DOWN, HEIGHT, MARGIN, WIDTH, draw


def dsl(**parents: list[str]) -> dict[str, object]:
    """Return a DSL in which each component reads data of its parents."""
    return {
        "components": {
            name: {"module": "Union", "input": {"data": {"data": [f"{one}.data" for one in above]}}}
            for name, above in parents.items()
        }
    }


def test_components_stand_below_those_that_they_read_from() -> None:
    drawing = draw(read_dag(dsl(a=[], b=["a"], c=["b"])))

    assert [(node.name, node.x, node.y) for node in drawing.nodes] == [
        ("a", MARGIN, MARGIN),
        ("b", MARGIN, MARGIN + HEIGHT + GAP_DOWN),
        ("c", MARGIN, MARGIN + 2 * (HEIGHT + GAP_DOWN)),
    ]
    assert (drawing.width, drawing.height) == (
        2 * MARGIN + WIDTH,
        2 * MARGIN + 3 * HEIGHT + 2 * GAP_DOWN,
    )


def test_edges_that_would_cross_change_places() -> None:
    drawing = draw(read_dag(dsl(a=[], b=[], c=["b"], d=["a"])))

    x = {node.name: node.x for node in drawing.nodes}
    assert (x["a"] < x["b"]) == (x["d"] < x["c"])


def test_an_edge_over_several_layers_passes_by_the_side() -> None:
    drawing = draw(read_dag(dsl(a=[], b=["a"], c=["b", "a"])))

    assert drawing.width == 2 * (MARGIN + DETOUR) + WIDTH
    (path,) = (edge.path for edge in drawing.edges if (edge.source, edge.target) == ("a", "c"))
    beside = int(path.split("C")[1].split()[0])
    assert beside > max(node.x for node in drawing.nodes) + WIDTH


def test_a_job_without_components_has_an_empty_drawing() -> None:
    from flowkit.results import Dag

    drawing = draw(Dag((), ()))

    assert (drawing.nodes, drawing.edges) == ((), ())
