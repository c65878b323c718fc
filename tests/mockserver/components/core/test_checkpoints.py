"""After which iterations checkpoints are saved, and what they hold."""

from __future__ import annotations

from typing import Any

import pytest

from component_bench import GUEST, HOST, Results, run, under, vertical
from flowkit.servers import line_of
from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.dialects.behaviour import behaviour_of

CHECKPOINTS = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}
ROUNDS = {"HeteroLR": "max_iter", "HeteroLinR": "max_iter", "HeteroSecureBoost": "num_trees"}


@pytest.mark.parametrize(
    ("asked", "steps"),
    [
        ({}, []),
        ({"callback_param": None}, []),
        ({"callback_param": {"callbacks": ["EarlyStopping"], "save_freq": 1}}, []),
        ({"callback_param": CHECKPOINTS}, [0, 1, 2, 3, 4]),
        ({"callback_param": {**CHECKPOINTS, "save_freq": "epoch"}}, [0, 1, 2, 3, 4]),
        ({"callback_param": {**CHECKPOINTS, "save_freq": 2}}, [0, 2, 4]),
        ({"callback_param": {**CHECKPOINTS, "save_freq": 9}}, [0]),
    ],
)
def test_the_callback_says_after_which(asked: dict[str, Any], steps: list[int]) -> None:
    assert list(saved_steps(asked, 5)) == steps


def train(module: str, rounds: int, **options: Any) -> Results:
    table = under("train_data", vertical(60, 0 if module == "HeteroLinR" else 2))
    options |= {ROUNDS[module]: rounds, "callback_param": CHECKPOINTS}
    if module == "HeteroLinR":
        options["learning_rate"] = 0.01
    return run(module, table, behaviour=behaviour_of(line_of("1.11")), **options)


@pytest.mark.parametrize("module", ROUNDS)
def test_each_holds_the_model_of_its_own_round(module: str) -> None:
    results = train(module, 3)
    for party in (GUEST, HOST):
        saved = results[party].checkpoints
        assert list(saved) == [0, 1, 2]
        for step, model in saved.items():
            alone = train(module, step + 1)[party].model
            assert alone is not None
            ended = {**alone.param, **({"iters": step} if "iters" in model.param else {})}
            assert model.param == ended
            assert model.meta == {**alone.meta, **_rounds_of(model.meta)}


def _rounds_of(meta: dict[str, Any]) -> dict[str, Any]:
    return {name: meta[name] for name in ("maxIter", "numTrees") if name in meta}


def test_without_the_callback_there_are_none() -> None:
    results = run("HeteroLR", under("train_data", vertical(40, 2)), max_iter=2)
    assert results[GUEST].checkpoints == {}
