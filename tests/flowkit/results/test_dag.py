"""The graph of a job."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowkit import ArgumentError
from flowkit.demo import DATA
from flowkit.results import DagEdge, read_dag, read_dependencies

DSL = json.loads((DATA / "train_dsl.json").read_text())


def task(name: str, role: str, status: str, **more: Any) -> dict[str, Any]:
    return {"f_component_name": name, "f_role": role, "f_party_id": "9", "f_status": status, **more}


def test_components_stand_in_layers_and_edges_point_forward() -> None:
    dag = read_dag(DSL)
    assert [[node.name for node in layer] for layer in dag.layers] == [
        ["reader_0"], ["dataio_0"], ["intersection_0"],
        ["feature_scale_0"], ["hetero_lr_0"], ["evaluation_0"],
    ]  # fmt: skip
    assert dag.edges[-2] == DagEdge("feature_scale_0", "hetero_lr_0", "train_data", "data")
    assert dag.node("hetero_lr_0").module == "HeteroLR"
    assert dag.node("hetero_lr_0").status == "waiting"


def test_models_are_edges_too_and_those_of_a_training_are_not_of_the_job() -> None:
    dsl = {
        "components": {
            "io_0": {"module": "DataIO", "input": {"model": ["pipeline.io_0.model"]}},
            "io_1": {"input": {"data": {"data": ["io_0.rows"]}, "model": ["io_0.model"]}},
        }
    }
    assert read_dag(dsl).edges == (
        DagEdge("io_0", "io_1", "data", "rows"),
        DagEdge("io_0", "io_1", "model", "model"),
    )


def test_tables_of_the_conf_in_version_1_are_no_edges() -> None:
    dsl = {"components": {"dataio_0": {"input": {"data": {"data": ["args.train_data"]}}}}}
    assert read_dag(dsl).edges == ()


def test_each_party_has_a_status_and_the_gravest_counts() -> None:
    rows = [
        task("reader_0", "guest", "success", f_elapsed=120),
        task("reader_0", "host", "success", f_elapsed=float("nan")),
        task("dataio_0", "guest", "success"),
        task("dataio_0", "host", "failed"),
        task("intersection_0", "guest", "success"),
        task("intersection_0", "host", "waiting"),
    ]
    dag = read_dag(DSL, rows)
    assert dag.node("reader_0").statuses == {"guest/9": "success", "host/9": "success"}
    assert dag.node("reader_0").elapsed == {"guest/9": 120}
    found = {node.name: node.status for node in dag.nodes[:4]}
    assert found == {
        "reader_0": "success",
        "dataio_0": "failed",
        "intersection_0": "running",
        "feature_scale_0": "waiting",
    }


def test_the_latest_run_of_a_task_counts_and_its_own_party() -> None:
    rows = [
        task("reader_0", "guest", "running", f_task_version=1, f_party_status="success"),
        task("reader_0", "guest", "failed", f_task_version=0),
    ]
    assert read_dag(DSL, rows).node("reader_0").statuses == {"guest/9": "success"}


@pytest.mark.parametrize(
    ("dsl", "message"),
    [
        ({}, "it has no components"),
        (
            {"components": {"a": {"input": {"data": {"data": ["b.data"]}}}}},
            "there is no component b",
        ),
        (
            {
                "components": {
                    "a": {"input": {"model": ["b.m"]}},
                    "b": {"input": {"model": ["a.m"]}},
                }
            },
            "need each other: ",
        ),
        ({"components": {"a": 1}}, "expected a mapping, not 1"),
    ],
)
def test_what_is_no_graph_is_refused(dsl: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        read_dag(dsl)


def test_an_unknown_component_is_named_with_those_there_are() -> None:
    with pytest.raises(ArgumentError, match=r"no component 'lr'; it has reader_0, dataio_0"):
        read_dag(DSL).node("lr")


def test_the_answer_of_a_servers_dependencies() -> None:
    answer = {
        "retcode": 0,
        "data": {
            "component_list": ["reader_0", "lr_0"],
            "component_module": {"reader_0": "Reader", "lr_0": "HeteroLR"},
            "component_need_run": {},
            "dependencies": {
                "lr_0": [
                    {
                        "component_name": "reader_0",
                        "type": "train_data",
                        "up_output_info": ["data", 0],
                    }
                ]
            },
        },
    }
    dag = read_dependencies(answer, [task("lr_0", "host", "running")])
    assert dag.edges == (DagEdge("reader_0", "lr_0", "train_data", "data"),)
    assert [(node.name, node.module, node.status) for node in dag.nodes] == [
        ("reader_0", "Reader", "waiting"), ("lr_0", "HeteroLR", "running")
    ]  # fmt: skip
