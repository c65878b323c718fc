"""HomoLR of 1.10 and 1.11: over several classes, and held to what FATE 1.11.4 computed on 44 made-up samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from component_bench import ARBITER, GUEST, HOST, Results, instances, run
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, Model, TableData
from flowkit_mockserver.components.nn.backend import torch_installed
from flowkit_mockserver.dialects.behaviour import behaviour_of
from flowkit_mockserver.party import Party

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "averaged.json").read_text())
PARAMETERS = {
    "penalty": "L2",
    "tol": 1e-5,
    "alpha": 0.01,
    "optimizer": "sgd",
    "batch_size": -1,
    "learning_rate": 0.15,
    "init_param": {"init_method": "zeros"},
    "max_iter": 3,
    "early_stop": "diff",
}
ROLES = {"guest": GUEST, "host": HOST}


def samples(role: str) -> TableData:
    rows = RECORDED["samples"][role]
    features = {key: row[1:] for key, row in rows.items()}
    return instances(features, ["x0", "x1", "x2"], [row[0] for row in rows.values()])


def train(models: dict[Party, Model] | None = None, **options: Any) -> Results:
    inputs: dict[Party, dict[str, Any]] = {
        GUEST: {"train_data": samples("guest")},
        HOST: {"train_data": samples("host")},
        ARBITER: {},
    }
    given = {**PARAMETERS, **options}
    return run(
        "HomoLR", inputs, behaviour=behaviour_of(line_of("1.11")), models=models or {}, **given
    )


def models_of(results: Results) -> dict[Party, Model]:
    return {party: result.model for party, result in results.items() if result.model is not None}


def assert_recorded(results: Results, name: str) -> None:
    for role, party in ROLES.items():
        param = models_of(results)[party].param
        expected = RECORDED[name][role]
        weights = [param["weight"][f"x{i}"] for i in range(3)]
        assert weights == pytest.approx(expected["weight"], rel=1e-5)
        assert param["intercept"] == pytest.approx(expected["intercept"], rel=1e-5)
        assert param["lossHistory"] == pytest.approx(expected["losses"], rel=1e-5)


def test_after_epochs_without_an_average_every_party_has_its_own_weights() -> None:
    assert_recorded(train(aggregate_iters=2), "partly averaged")


def test_a_training_goes_on_from_the_models_of_the_parties() -> None:
    first = train()
    assert_recorded(first, "first")

    again = train(models_of(first), max_iter=2)

    assert_recorded(train(models_of(first), max_iter=2, decay=0.5), "gone on")
    metric = again[HOST].metrics["train"]["init_iter"]
    assert metric.data == [["init_iter", 3]]
    assert metric.meta["metric_type"] == "init_iter"
    assert ARBITER not in models_of(again)
    assert "init_iter" not in again[ARBITER].metrics["train"]


def test_checkpoints_are_saved_after_each_so_many_epochs() -> None:
    callbacks = {"callbacks": ["ModelCheckpoint"], "save_freq": 2}

    results = train(max_iter=5, callback_param=callbacks)

    assert [*results[GUEST].checkpoints] == [1, 3]
    assert results[HOST].checkpoints[1].param["iters"] == 1
    assert results[HOST].checkpoints[1].param["bestIteration"] == -1
    assert results[ARBITER].checkpoints[3].param["weight"] == {}
    assert results[ARBITER].checkpoints[3].meta["optimizer"] == ""


def test_an_arbiter_saves_a_checkpoint_where_an_average_was_made() -> None:
    callbacks = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}

    results = train(max_iter=4, aggregate_iters=2, callback_param=callbacks)

    assert [*results[GUEST].checkpoints] == [0, 1, 2, 3]
    assert [*results[ARBITER].checkpoints] == [1, 3]


def test_the_losses_of_all_folds_are_in_one_curve() -> None:
    results = train(max_iter=2, cv_param={"need_cv": True, "n_splits": 2, "shuffle": False})

    for role, party in ROLES.items():
        curve = results[party].metrics["train"]["loss"]
        points = sorted(RECORDED["folds"][role], key=lambda point: point[0])
        assert [epoch for epoch, _ in curve.data] == [0, 0, 1, 1]
        assert [loss for _, loss in curve.data] == pytest.approx([p[1] for p in points], rel=1e-5)
        assert curve.meta == {}
        assert results[party].metrics["train"]["loss.1"].data == []
    assert results[ARBITER].metrics["train"]["loss.0"].meta["unit_name"] == "aggregate_round"


def test_a_model_without_a_penalty_says_so() -> None:
    assert models_of(train(penalty=None, max_iter=1))[GUEST].meta["penalty"] == "NONE"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "sqn"}, "NotImplementedError: Sqn optimizer is not supported in Homo-LR"),
        ({"aggregate_iters": 0}, "AssertionError: aggregate_every_n_epoch is not a positive int"),
    ],
)
def test_what_the_trainer_refuses(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ComponentFailed, match=message):
        train(**options)


@pytest.mark.skipif(
    not torch_installed(),
    reason="HomoLR of these lines is trained on torch over several classes",
)
def test_predictions_over_several_classes_can_be_stored() -> None:
    rows = {str(i): [i % 3 / 2, i % 5 / 4] for i in range(30)}
    labels = [i % 3 for i in range(30)]
    data = instances(rows, ["x0", "x1"], labels)

    results = run(
        "HomoLR",
        {GUEST: {"train_data": data}, HOST: {"train_data": data}, ARBITER: {}},
        max_iter=2,
        batch_size=-1,
        behaviour=behaviour_of(line_of("1.11")),
    )

    rows_put_out = list(results[GUEST].tables[0].records)
    assert json.loads(json.dumps(rows_put_out[0][1]))[0] in (0, 1, 2)
    assert {row[1] for _, row in rows_put_out} <= {0, 1, 2}
