"""What stands in for networks where torch is not installed."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from component_bench import (
    ARBITER,
    GUEST,
    HOST,
    Results,
    column,
    horizontal,
    predict,
    run,
    under,
    vertical,
)
from flowkit_mockserver.components.core.interface import ComponentFailed, Model


@pytest.fixture(autouse=True)
def _without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the stand-in, wherever the tests run."""
    monkeypatch.setattr("flowkit_mockserver.components.nn.backend.find_spec", lambda name: None)


def hetero(classes: int = 2, **options: Any) -> Results:
    options = {"epochs": 30, "loss": "categorical_crossentropy", **options}
    return run("HeteroNN", under("train_data", vertical(60, classes)), **options)


def homo(**options: Any) -> Results:
    parties = [GUEST, HOST, ARBITER]
    options = {"max_iter": 20, "loss": "x", **options}
    return run("HomoNN", under("train_data", horizontal()), parties=parties, **options)


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


def right(result: Any) -> float:
    rows = [row for _, row in result.tables[0].records]
    return sum(row[0] == row[1] for row in rows) / len(rows)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_network_over_columns_learns(classes: int) -> None:
    results = hetero(classes)

    assert right(results[GUEST]) > 0.7
    losses = [loss for _, loss in results[GUEST].metrics["train"]["loss"].data]
    assert losses[-1] < losses[0]
    assert results[GUEST].summary == {
        "history_loss": losses,
        "is_converged": False,
        "best_iteration": -1,
    }
    assert results[HOST].summary is None
    assert results[HOST].tables == []
    later = predict("HeteroNN", results, under("test_data", vertical(60, classes)))
    assert column(later[GUEST].tables[0], 1) == column(results[GUEST].tables[0], 1)


def test_a_network_can_predict_values() -> None:
    results = hetero(0, task_type="regression", loss="mse", epochs=60)

    rows = [row for _, row in results[GUEST].tables[0].records]
    assert sum((row[0] - row[2]) ** 2 for row in rows) < sum(row[0] ** 2 for row in rows) / 2


def test_a_network_stops_when_its_loss_rests() -> None:
    results = hetero(epochs=50, tol=0.5)

    assert results[GUEST].summary is not None
    assert results[GUEST].summary["is_converged"] is True
    assert len(results[GUEST].summary["history_loss"]) == 2


def test_guest_and_host_keep_their_sides_of_a_network() -> None:
    results = hetero(epochs=2, top_nn_define={"layers": [1]}, bottom_nn_define={"layers": [2]})

    guest, host = model_of(results[GUEST]), model_of(results[HOST])
    assert (guest.meta_name, guest.param_name) == ("HeteroNNGuestMeta", "HeteroNNGuestParam")
    assert (host.meta_name, host.param_name) == ("HeteroNNHostMeta", "HeteroNNHostParam")
    assert guest.meta["heteroNnModelMeta"]["topNnDefine"] == ['{"layers": [1]}']
    assert host.meta["heteroNnModelMeta"]["topNnDefine"] == []
    assert guest.param["numLabel"] == 2
    saved = base64.b64decode(host.param["heteroNnModelParam"]["bottomSavedModelBytes"])
    assert len(json.loads(saved)["arrays"]["weights"]) == 3


def test_a_network_is_cross_validated() -> None:
    results = hetero(epochs=2, cv_param={"need_cv": True, "n_splits": 2})

    assert results[GUEST].summary is not None
    assert results[GUEST].summary["fold_num"] == 2
    assert {"loss.0", "loss.1"} <= set(results[GUEST].metrics["train"])
    assert len(results[GUEST].tables[0].records) == 120


def test_a_network_looks_at_its_rounds() -> None:
    results = hetero(epochs=4, validation_freqs=2)

    assert {"iteration_1", "iteration_3"} <= set(results[GUEST].metrics["train"])


def test_an_unknown_task_fails() -> None:
    with pytest.raises(ComponentFailed):
        hetero(task_type="dreaming")


def test_a_common_network_learns_from_everybody() -> None:
    results = homo()

    for party in (GUEST, HOST):
        assert right(results[party]) > 0.8
        assert results[party].summary is not None
        assert len(results[party].summary["loss_history"]) == 20
    assert results[ARBITER].model is None
    assert len(results[ARBITER].metrics["train"]["loss"].data) == 20
    param = model_of(results[GUEST]).param
    assert param["labelMapping"] == [
        {"label": "0", "mapped": "0"},
        {"label": "1", "mapped": "1"},
    ]
    assert param["savedModelBytes"] == model_of(results[HOST]).param["savedModelBytes"]


def test_a_common_network_predicts_for_each_party() -> None:
    trained = homo()

    later = predict("HomoNN", trained, under("test_data", horizontal()), loss="x")

    assert column(later[HOST].tables[0], 2) == column(trained[HOST].tables[0], 2)
    assert later[ARBITER].tables == []


def test_a_common_network_stops_when_its_loss_rests() -> None:
    results = homo(early_stop={"early_stop": "diff", "eps": 1.0})

    assert results[ARBITER].summary is not None
    assert results[ARBITER].summary["is_converged"] is True
    meta = model_of(results[GUEST]).meta
    assert meta["params"]["earlyStop"] == {"earlyStop": "diff", "eps": 1.0}
    assert meta["aggregateIter"] == 1


def test_transfer_learning_predicts_what_both_have() -> None:
    tables = {GUEST: vertical(60)[GUEST], HOST: vertical(60, shift=20)[HOST]}
    define = {"config": {"layers": [{"config": {"units": 5}}]}}

    results = run("FTL", under("train_data", tables), epochs=5, nn_define=define)

    assert len(results[GUEST].tables[0].records) == 40
    assert results[GUEST].metrics["train"]["loss"].meta["Best"] > 0
    assert results[HOST].summary == {"best_iteration": -1}
    for party, width in ((GUEST, 5), (HOST, 0)):
        model = model_of(results[party])
        assert (model.meta_name, model.param_name) == ("FTLGuestMeta", "FTLHostParam")
        assert len(model.param["phiA"]) == width
    later = predict("FTL", results, under("test_data", tables), nn_define=define)
    assert column(later[GUEST].tables[0], 2) == column(results[GUEST].tables[0], 2)


def test_transfer_learning_is_between_two() -> None:
    tables = {**vertical(10), ("host", "10001"): vertical(10)[HOST]}

    with pytest.raises(ComponentFailed, match="only 1 host party is allowed"):
        run("FTL", under("train_data", tables))


def test_a_checkpoint_is_the_network_of_its_own_epoch() -> None:
    asked = {"callbacks": ["ModelCheckpoint"], "save_freq": 2}
    results = hetero(epochs=4, callback_param=asked)

    for step in (0, 2):
        shorter = hetero(epochs=step + 1)
        for party in (GUEST, HOST):
            assert list(results[party].checkpoints) == [0, 2]
            then = results[party].checkpoints[step].param
            assert then == model_of(shorter[party]).param
