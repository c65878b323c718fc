"""Which columns are selected by the importances that boosted trees found."""

from __future__ import annotations

from typing import Any

import pytest

from component_bench import GUEST, HOST, Results, run, under, vertical
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.dialects.behaviour import behaviour_of


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


def select(line: str) -> Results:
    behaviour = behaviour_of(line_of(line))
    tables = under("train_data", vertical(100))
    trained = run("HeteroSecureBoost", tables, num_trees=2, behaviour=behaviour)
    return run(
        "HeteroFeatureSelection",
        under("data", vertical(100)),
        isometric={party: [model_of(trained[party])] for party in (GUEST, HOST)},
        filter_methods=["hetero_sbt_filter"],
        select_col_indexes=-1,
        sbt_param={
            "metrics": "feature_importance",
            "filter_type": "threshold",
            "take_high": True,
            "threshold": 0.5,
            "select_federated": True,
        },
        behaviour=behaviour,
    )


@pytest.mark.parametrize(("line", "by_guest"), [("1.7", True), ("1.8", False), ("1.11", False)])
def test_a_host_decides_for_itself_from_1_8_on(line: str, by_guest: bool) -> None:
    results = select(line)

    [guest], [host] = (model_of(results[party]).param["results"] for party in (GUEST, HOST))
    assert bool(guest["hostLeftCols"]) == by_guest
    own = host["featureValues"]
    assert bool(own) != by_guest
    if own:
        chosen = {name for name, value in own.items() if float(value) > 0.5}
        assert set(host["leftCols"]["leftCols"]) == chosen
