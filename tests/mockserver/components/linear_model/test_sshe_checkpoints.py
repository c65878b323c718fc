"""What regressions on shares save while they train, as FATE 1.11.4 does."""

from __future__ import annotations

from typing import Any

import pytest

from component_bench import GUEST, HOST, Results, run, under, vertical
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.dialects.behaviour import behaviour_of

LATER = behaviour_of(line_of("1.11"))
SAVING = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}


def train(module: str = "HeteroSSHELR", **options: Any) -> Results:
    return run(
        module,
        under("train_data", vertical()),
        max_iter=3,
        init_param={"init_method": "zeros"},
        callback_param=SAVING,
        behaviour=LATER,
        **options,
    )


def test_each_checkpoint_is_of_its_own_iteration() -> None:
    guest = train(reveal_every_iter=True)[GUEST]

    params = [model.param for model in guest.checkpoints.values()]
    assert list(guest.checkpoints) == [0, 1, 2]
    assert [param["iters"] for param in params] == [0, 1, 2]
    assert [len(param["lossHistory"]) for param in params] == [1, 2, 3]
    assert len({str(param["weight"]) for param in params}) == 3
    assert isinstance(guest.model, Model)
    assert params[-1]["weight"] == guest.model.param["weight"]


def test_weights_that_are_not_revealed_are_those_of_the_beginning() -> None:
    results = train(reveal_every_iter=False)

    for party in (GUEST, HOST):
        for model in results[party].checkpoints.values():
            assert set(model.param["weight"].values()) == {0.0}


@pytest.mark.parametrize("column", ["coef", "intercept"])
def test_a_linear_regression_needs_no_threshold(column: str) -> None:
    results = run(
        "HeteroSSHELinR",
        under("train_data", vertical()),
        max_iter=1,
        behaviour=LATER,
    )

    assert results[GUEST].summary is not None
    assert column in results[GUEST].summary
