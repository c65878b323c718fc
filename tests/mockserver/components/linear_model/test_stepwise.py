"""Regressions whose features are selected step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from component_bench import ARBITER, GUEST, HOST, Results, run
from flowkit.servers import line_of
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour, behaviour_of

COUNT = 120
CHANCE = np.random.RandomState(5)
X, Z = CHANCE.randn(COUNT, 3), CHANCE.randn(COUNT, 2)
IDS = [f"u{i:03}" for i in range(COUNT)]


def tables(labels: Any) -> dict[Any, Any]:
    guest = Instances.from_rows(IDS, X.tolist(), labels.tolist(), None, ["a", "b", "c"])
    host = Instances.from_rows(IDS, Z.tolist(), None, None, ["x", "y"])
    return {GUEST: {"train_data": guest.table()}, HOST: {"train_data": host.table()}, ARBITER: {}}


def select(
    module: str,
    labels: Any,
    direction: str,
    *,
    behaviour: Behaviour = FIRST_BEHAVIOUR,
    **changes: Any,
) -> Results:
    return run(
        module,
        tables(labels),
        max_iter=30,
        learning_rate=0.3,
        optimizer="adam",
        alpha=0.0001,
        decay=0.0,
        init_param={"init_method": "zeros", "random_seed": 1},
        stepwise_param={"need_stepwise": True, "direction": direction, **changes},
        behaviour=behaviour,
    )


EVENTS = (X[:, 0] + Z[:, 1] > 0).astype(int)


def test_the_features_that_matter_are_kept() -> None:
    results = select("HeteroLR", EVENTS, "backward")

    guest, host = results[GUEST].model, results[HOST].model
    assert guest is not None
    assert host is not None
    assert guest.param["header"] == ["a"]
    assert host.param["header"] == ["y"]
    assert guest.param["weight"]["a"] > 0
    # As after loading: how it was trained is forgotten.
    assert (guest.param["lossHistory"], guest.param["isConverged"]) == ([], False)
    assert guest.param["bestIteration"] == -1
    (table,) = results[GUEST].tables
    rows = [row for _, row in table.records]
    assert len(rows) == COUNT
    assert np.mean([row[0] == row[1] for row in rows]) > 0.9
    assert {row[4] for row in rows} == {"train"}


def test_every_party_tells_of_every_step() -> None:
    results = select("HeteroLR", EVENTS, "backward", score_name="BIC")

    guest = results[GUEST].metrics["train"]["stepwise_0"]
    assert guest.data == [["stepwise_0", 0.0]]
    meta = guest.meta
    assert (meta["metric_type"], meta["score_name"], meta["n_count"]) == ("STEPWISE", "bic", COUNT)
    assert meta["host_mask"] == [True, True]
    assert meta["guest_mask"] == [True] * 3
    assert meta["host_features_anonym"] == ["host_9999_0", "host_9999_1"]
    assert meta["all_features"] == ["a", "b", "c"]
    assert (meta["to_enter"], meta["number_in"], meta["loss"]) == ([], 5, None)
    assert list(meta["weight"]) == ["a", "b", "c"]
    assert results[GUEST].summary is not None
    assert results[GUEST].summary["step_0"] == {
        "guest_features": ["a", "b", "c"],
        "host_features": ["host_9999_0", "host_9999_1"],
    }
    arbiter = results[ARBITER].metrics["train"]["stepwise_0"].meta
    loss, score = arbiter["loss"], arbiter["current_ic_val"]
    assert score == pytest.approx(np.log(COUNT) * 6 + 2 * COUNT * loss)
    assert results[ARBITER].summary is not None
    assert results[ARBITER].summary["step_0"] == {"loss": loss, "ic_val": score}
    assert "loss" not in results[ARBITER].metrics["train"]


def test_a_search_forward_starts_from_the_intercept() -> None:
    results = select("HeteroLinR", X[:, 1] + 0.1 * Z[:, 0], "forward")

    meta = results[GUEST].metrics["train"]["stepwise_0"].meta
    variance = float(np.var(X[:, 1] + 0.1 * Z[:, 0]))
    assert meta["loss"] == pytest.approx(variance / 2)
    assert meta["current_ic_val"] == pytest.approx(2 + COUNT * np.log(variance))
    assert (meta["intercept"], meta["weight"], meta["to_enter"]) == (0.0, {}, ["a", "b", "c"])
    arbiter = results[ARBITER].metrics["train"]
    assert arbiter["stepwise_0"].meta["loss"] is None
    assert arbiter["stepwise_1"].meta["number_in"] == 2
    model = results[GUEST].model
    assert model is not None
    assert "b" in model.param["header"]


def test_poisson_regression_is_selected_too() -> None:
    counts = CHANCE.poisson(np.exp(0.5 * X[:, 2])).astype(float)

    results = select("HeteroPoisson", counts, "both", max_step=1)

    assert set(results[ARBITER].metrics["train"]) == {"stepwise_0"}
    assert results[GUEST].model is not None


def test_several_classes_cannot_be_selected() -> None:
    with pytest.raises(ComponentFailed, match="Arbiter has no loss history"):
        select("HeteroLR", np.arange(COUNT) % 3, "backward")


@pytest.mark.parametrize("line", ["1.7", "1.11"])
def test_later_lines_find_no_weights_where_a_logistic_search_starts_without_features(
    line: str,
) -> None:
    with pytest.raises(ComponentFailed) as failure:
        select("HeteroLR", EVENTS, "Forward", behaviour=behaviour_of(line_of(line)))

    assert failure.value.message == (
        "AttributeError: 'NoneType' object has no attribute 'intercept_'"
    )
