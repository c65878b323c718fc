"""In which order components run, and who feeds whom."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit_mockserver.dsl import DslError, Graph, read_graph


@pytest.fixture
def shop(shop_dsl: dict[str, Any]) -> Graph:
    return read_graph(shop_dsl, version=2, mode="train")


def test_the_last_declared_root_comes_first(shop: Graph) -> None:
    assert shop.order[:3] == ("reader_1", "reader_0", "dataio_0")
    assert shop.order[-2:] == ("lr_0", "evaluation_0")


def test_components_are_listed_as_declared(shop: Graph) -> None:
    assert shop.declared[:4] == ("reader_0", "reader_1", "dataio_0", "dataio_1")


def test_levels_are_distances_from_the_roots(shop: Graph) -> None:
    assert shop.levels == [
        ["reader_0", "reader_1"],
        ["dataio_0"],
        ["dataio_1", "intersection_0"],
        ["intersection_1", "binning_0"],
        ["selection_0"],
        ["lr_0"],
        ["evaluation_0"],
    ]


def test_models_make_edges_like_data(shop: Graph) -> None:
    assert shop.upstream("dataio_1") == ["dataio_0", "reader_1"]
    assert shop.upstream("selection_0") == ["binning_0"]
    assert shop.downstream("dataio_0") == ["dataio_1", "intersection_0"]


def test_only_an_input_model_hands_over_parameters(shop: Graph) -> None:
    assert shop.model_source("dataio_1") == "dataio_0"
    assert shop.model_source("selection_0") is None


def test_a_component_tells_its_ins_and_outs(shop: Graph) -> None:
    assert shop.module("lr_0") == "HeteroLR"
    assert shop.inputs("lr_0") == {
        "train_data": ["selection_0.kept"],
        "validate_data": ["intersection_1.common"],
    }
    assert shop.outputs("lr_0") == ["scored"]
    assert shop.model_outputs("lr_0") == ["weights"]
    assert shop.model_inputs("dataio_1") == ["dataio_0.io_model"]
    assert shop.isometric_inputs("selection_0") == ["binning_0.bins"]


def test_missing_parts_are_empty(shop: Graph) -> None:
    assert shop.inputs("reader_0") == {}
    assert shop.outputs("evaluation_0") == []


def test_an_unknown_component_is_refused(shop: Graph) -> None:
    with pytest.raises(DslError, match=r"^Component x_0 does not exist, please have a check$"):
        shop.component("x_0")


def test_a_wrong_model_alias_is_noticed_with_the_dependencies(shop_dsl: dict[str, Any]) -> None:
    shop_dsl["components"]["dataio_1"]["input"]["model"] = ["dataio_0.zz"]
    graph = read_graph(shop_dsl, version=2, mode="train")

    with pytest.raises(ValueError, match="'zz' is not in list"):
        _ = graph.dependencies


@given(st.lists(st.sets(st.integers(0, 11)), max_size=12))
def test_nobody_runs_before_those_it_waits_for(wanted: list[set[int]]) -> None:
    components = {
        f"c_{i}": {
            "module": "Union",
            "input": {"data": {"data": [f"c_{j}.d" for j in sorted(sources) if j < i]}},
            "output": {"data": ["d"]},
        }
        for i, sources in enumerate(wanted)
    }

    graph = read_graph({"components": components}, version=2, mode="train")

    place = {name: index for index, name in enumerate(graph.order)}
    assert sorted(graph.order) == sorted(components)
    assert all(
        place[source] < place[name] for name in graph.order for source in graph.upstream(name)
    )
