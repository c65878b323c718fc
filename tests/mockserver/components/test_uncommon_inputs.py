"""What FATE's examples hand to components although it is rare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from component_bench import kind_named
from flowkit_mockserver.components.core.interface import ComponentRun, Model, TableData
from flowkit_mockserver.components.core.quantile_summaries import QuantileSummary
from flowkit_mockserver.components.core.run import run_component
from flowkit_mockserver.components.feature.binning.homo_feature_binning import recursive_points
from flowkit_mockserver.components.feature.selection.filters import rules_of
from flowkit_mockserver.dsl.conf import copy_tree

GUEST, HOST = ("guest", "9999"), ("host", "10000")


def run(module: str, tables: dict[Any, TableData], **more: Any) -> Any:
    """Run a component on tables by party, with these parameters and the defaults."""
    isometric = more.pop("isometric", {})
    kind = kind_named(module)
    return run_component(
        ComponentRun(
            job_id="1",
            component="it_0",
            module=module,
            job_type="train",
            seed=0,
            parties=list(tables),
            parameters={
                party: {kind.param_class: {**copy_tree(dict(kind.defaults)), **more}}
                for party in tables
            },
            inputs={party: {"data": [("reader_0", table)]} for party, table in tables.items()},
            models={},
            isometric=isometric,
            aliases=["data"],
        )
    )


def uploaded(*ids: str) -> TableData:
    """Return a table as an upload leaves it: ids and lines of text."""
    return TableData("text", {"header": "x0,x1", "sid": "id"}, [(key, "1,2") for key in ids])


def test_ids_of_tables_that_were_only_read_are_intersected() -> None:
    tables = {GUEST: uploaded("10", "2", "1"), HOST: uploaded("2", "10", "3")}
    results = run("Intersection", tables, intersect_method="raw", only_output_key=True)
    for party in tables:
        assert [key for key, _ in results[party].tables[0].records] == ["2", "10"]
        assert results[party].summary["intersect_num"] == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, [None, None]),
        # Of the thresholds for the hosts the server takes the first, for all of them.
        ([[0.1, 0.2], None], [0.1, None]),
    ],
)
def test_hosts_have_bounds_for_each_metric(given: Any, expected: Any) -> None:
    asked = copy_tree(dict(kind_named("HeteroFeatureSelection").defaults))
    asked["filter_methods"] = ["iv_filter"]
    asked["iv_param"] |= {
        "metrics": ["iv", "iv"],
        "filter_type": ["threshold", "top_k"],
        "take_high": True,
        "threshold": [0.03, 15],
        "host_thresholds": given,
        "select_federated": True,
    }
    assert [rule.host_threshold for rule in rules_of(asked)] == expected


def test_a_common_model_selects_the_same_columns_everywhere() -> None:
    schema = {"header": ["x0", "x1", "x2"], "labelled": True}
    table = TableData("instance", schema, [("1", [0, 1.0, 2.0, 3.0]), ("2", [1, 3.0, 2.0, 1.0])])
    param = {
        "modelName": "homo_sbt",
        "featureNameFidMapping": {"0": "x0", "1": "x1", "2": "x2"},
        "featureImportances": [{"fid": 1, "importance": 2.0}, {"fid": 2, "importance": 1.0}],
    }
    model = Model("HomoSecureboost", "", {}, "", param, "", "")
    tables = {GUEST: table, HOST: table}
    results = run(
        "HeteroFeatureSelection",
        tables,
        isometric={party: [model] for party in tables},
        filter_methods=["homo_sbt_filter"],
        select_col_indexes=-1,
        sbt_param={
            "metrics": "feature_importance",
            "filter_type": "threshold",
            "take_high": True,
            "threshold": 0.03,
            "select_federated": True,
        },
    )
    assert {tuple(results[party].tables[0].schema["header"]) for party in tables} == {("x1", "x2")}


def test_a_column_without_a_single_value_has_one_bin() -> None:
    empty = QuantileSummary.of([np.full(3, np.nan)], [np.arange(3)], sparse=True)

    assert recursive_points(empty, 3, 0.0, 0.0, 10, 0.01) == [0.0]
