"""Networks of the user's own, as FATE 1.10 and 1.11 run them, beside numbers of a real 1.11.4."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from component_bench import ARBITER, GUEST, HOST, Results, column, predict, run
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, TableData
from flowkit_mockserver.dialects import dialect_of

torch = pytest.importorskip("torch", reason="networks are computed on torch, the extra nn")

LATER = dialect_of("1.11")
HERE = Path(__file__).parent
REAL: dict[str, Any] = json.loads(
    gzip.decompress((HERE / "data" / "own_networks.json.gz").read_bytes())
)
BREAST: dict[str, Any] = json.loads(
    gzip.decompress((HERE.parent / "linear_model" / "data" / "homo_lr.json.gz").read_bytes())
)
PARTIES = {"guest": GUEST, "host": HOST}
HEADER = [f"x{i}" for i in range(30)]
LINEAR = {"layer": "Linear", "in_features": 30, "out_features": 1}
NETWORK = {"0-0": LINEAR, "1-1": {"layer": "Sigmoid"}}


def breast(role: str, key: str = "train_data", *, labels: Any = None) -> dict[str, TableData]:
    rows = [line.split(",") for line in BREAST["rows"][role]]
    found = [int(row[1]) for row in rows] if labels is None else list(labels)[: len(rows)]
    data = Instances.from_rows(
        [row[0] for row in rows],
        [[float(cell) for cell in row[2:]] for row in rows],
        found,
        None,
        HEADER,
    )
    return {key: data.table()}


def train(line: str = "1.11", **asked: Any) -> Results:
    kinds = LATER.kinds
    assert kinds is not None
    inputs: dict[Any, Any] = {p: breast(role) for role, p in PARTIES.items()}
    options = {
        **kinds["HomoNN"].defaults,
        "nn_define": NETWORK,
        "loss": {"loss_fn": "BCELoss"},
        "optimizer": {"optimizer": "SGD", "lr": 0.1},
        **asked,
    }
    behaviour = dialect_of(line).behaviour
    return run("HomoNN", {**inputs, ARBITER: {}}, behaviour=behaviour, **options)


@pytest.mark.parametrize("line", ["1.10", "1.11"])
def test_the_place_where_a_network_was_saved_came_with_1_11(line: str) -> None:
    for result in train(line, trainer=trainer(epochs=1)).values():
        assert result.model is not None
        assert ("localSavePath" in result.model.param) == (line == "1.11")


def trainer(**param: Any) -> dict[str, Any]:
    return {
        "trainer_name": "fedavg_trainer",
        "param": {"epochs": 2, "batch_size": 64, **param},
    }


@pytest.fixture(scope="module")
def real_run() -> Results:
    return train(**REAL["homo"]["asked"])


@pytest.mark.parametrize("role", PARTIES)
def test_a_network_takes_the_steps_of_the_real_one(real_run: Results, role: str) -> None:
    real, result = REAL["homo"][role], real_run[PARTIES[role]]

    assert result.summary is not None
    assert result.summary["loss_history"] == pytest.approx(real["summary"]["loss_history"])
    assert result.summary["best_epoch"] == real["summary"]["best_epoch"] == 3
    assert result.summary["need_stop"] is False
    metrics = result.summary["metrics_summary"]["train"]
    assert metrics["auc"] == pytest.approx(real["summary"]["metrics_summary"]["train"]["auc"])
    assert metrics["ks"] == pytest.approx(real["summary"]["metrics_summary"]["train"]["ks"])


@pytest.mark.parametrize("role", PARTIES)
def test_every_epoch_is_evaluated_as_on_the_real_server(real_run: Results, role: str) -> None:
    real, metrics = REAL["homo"][role], real_run[PARTIES[role]].metrics["train"]

    assert sorted(metrics) == real["metrics"]
    assert metrics["iteration_3"].data == real["iteration_3"]["data"]
    assert metrics["iteration_3"].meta == real["iteration_3"]["meta"]
    assert metrics["loss"].meta == real["loss"]["meta"]
    assert [loss for _, loss in metrics["loss"].data] == pytest.approx(
        [loss for _, loss in real["loss"]["data"]]
    )


@pytest.mark.parametrize("role", PARTIES)
def test_predictions_are_those_of_the_real_network(real_run: Results, role: str) -> None:
    (table,) = real_run[PARTIES[role]].tables

    shown = [[key, *cells[:3]] for key, cells in table.records]
    for own, line in zip(shown, REAL["homo"][role]["rows"], strict=False):
        key, label, result, score, *_ = line.split(",")
        assert own[:3] == [key, float(label), int(result)]
        # As exact as a machine's float32 lets it be.
        assert own[3] == pytest.approx(float(score), abs=2e-7)
    assert table.schema["sid_name"] == "id"


@pytest.mark.parametrize("role", PARTIES)
def test_a_model_holds_what_torch_saves_of_it(real_run: Results, role: str) -> None:
    from flowkit_mockserver.components.nn.pytorch.saved_state import load_state

    real, model = REAL["homo"][role], real_run[PARTIES[role]].model

    assert model is not None
    assert (model.meta_name, model.param_name) == ("HomoNNMeta", "HomoNNParam")
    assert json.loads(model.meta["nnDefine"][0]) == REAL["homo"]["asked"]["nn_define"]
    assert model.param["lossHistory"] == pytest.approx(real["lossHistory"])
    assert model.param["bestEpoch"] == model.param["epochIdx"] == 3
    own, other = load_state(model.param["modelBytes"]), load_state(real["modelBytes"])
    assert own["optimizer"]["param_groups"] == other["optimizer"]["param_groups"]
    for name, values in other["model"].items():
        assert torch.allclose(own["model"][name], values, atol=1e-6)


def test_an_arbiter_saves_an_empty_model_and_the_mean_losses(real_run: Results) -> None:
    real, result = REAL["homo"]["arbiter"], real_run[ARBITER]

    assert result.model is not None
    assert result.model.param == real["model"]
    assert result.model.meta == real["meta"]
    assert result.summary is None
    curve = result.metrics["train"]["loss"]
    assert curve.meta == real["loss"]["meta"]
    assert [loss for _, loss in curve.data] == pytest.approx(
        [loss for _, loss in real["loss"]["data"]]
    )


@pytest.mark.parametrize("role", PARTIES)
def test_what_a_real_server_saved_is_read_and_saved_again_to_the_byte(role: str) -> None:
    from flowkit_mockserver.components.nn.pytorch.saved_state import load_state, save_state

    saved = REAL["homo"][role]["modelBytes"]

    assert save_state(load_state(saved)) == saved


def test_what_torch_did_not_save_is_refused() -> None:
    from flowkit_mockserver.components.nn.pytorch.saved_state import load_state

    with pytest.raises(ValueError, match="not in the form that torch saves"):
        load_state("bm90aGluZw==")


def test_a_model_predicts_as_it_did_when_it_was_trained(real_run: Results) -> None:
    inputs: dict[Any, Any] = {p: breast(role, "test_data") for role, p in PARTIES.items()}
    options = REAL["homo"]["asked"] | {"dataset": {}}

    done = predict("HomoNN", real_run, inputs, behaviour=LATER.behaviour, **options)

    for party in PARTIES.values():
        before, after = (results[party].tables[0] for results in (real_run, done))
        assert column(after, 2) == pytest.approx(column(before, 2))
        assert set(column(after, 4)) == {"predict"}


def test_training_goes_on_from_a_model() -> None:
    short, long = trainer(epochs=1, shuffle=False), trainer(epochs=2, shuffle=False)
    asked = {"optimizer": {"optimizer": "Adam", "lr": 0.01}}
    first = train(trainer=short, **asked)
    models = {party: result.model for party, result in first.items()}

    second = train(trainer=short, models=models, **asked)

    whole = train(trainer=long, **asked)[GUEST].summary
    own = second[GUEST].summary
    assert own is not None
    assert whole is not None
    assert own["loss_history"] == pytest.approx(whole["loss_history"][1:], rel=1e-6)
    for party in (GUEST, HOST):
        assert second[party].metrics["train"]["init_iter"].data == [["init_iter", 0]]
    assert second[ARBITER].metrics["train"]["init_iter"].data == [["init_iter", -1]]


def test_a_small_last_batch_counts_as_a_whole_one() -> None:
    asked = {"optimizer": {"optimizer": "SGD", "lr": 1e-9}, "torch_seed": 5}
    whole = train(trainer=trainer(epochs=1, batch_size=-1), **asked)[GUEST].summary
    cut = train(trainer=trainer(epochs=1, batch_size=200, shuffle=False), **asked)[GUEST].summary

    assert whole is not None
    assert cut is not None
    # 227 samples: the loss of the last 27 is multiplied by 200 as well.
    assert cut["loss_history"][0] > 1.5 * whole["loss_history"][0]


def test_weights_are_averaged_only_as_often_as_asked() -> None:
    results = train(trainer=trainer(epochs=4, aggregate_every_n_epoch=2))

    curve = results[ARBITER].metrics["train"]["loss"].data
    assert [epoch for epoch, _ in curve] == [1, 3]


def test_training_ends_when_the_loss_is_small_enough() -> None:
    results = train(trainer=trainer(epochs=9, early_stop="abs", tol=10.0))

    assert results[GUEST].summary is not None
    assert results[GUEST].summary["need_stop"] is True
    assert len(results[GUEST].summary["loss_history"]) == 1


def test_several_classes_get_a_score_each() -> None:
    define = {"0-0": {**LINEAR, "out_features": 3}, "1-1": {"layer": "Softmax", "dim": 1}}
    labels = np.arange(228) % 3
    inputs: dict[Any, Any] = {p: breast(role, labels=labels) for role, p in PARTIES.items()}
    options = {
        "nn_define": define,
        "loss": {
            "loss_fn": "CustLoss",
            "loss_module_name": "cross_entropy",
            "class_name": "CrossEntropyLoss",
            "param": {},
        },
        "optimizer": {"optimizer": "SGD", "lr": 0.1},
        "dataset": {"dataset_name": "table", "param": {"label_dtype": "long"}},
        "trainer": trainer(validation_freqs=1),
        "torch_seed": 1,
    }

    results = run("HomoNN", inputs, behaviour=LATER.behaviour, **options)

    assert results[GUEST].summary is not None
    metrics = results[GUEST].summary["metrics_summary"]["train"]
    assert set(metrics) == {"accuracy", "precision", "recall"}
    details = column(results[GUEST].tables[0], 3)
    assert sum(details[0].values()) == pytest.approx(1.0, abs=1e-6)
    assert set(column(results[GUEST].tables[0], 1)) <= {0, 1, 2}


def test_a_network_for_numbers_predicts_numbers() -> None:
    labels = np.linspace(2.0, 9.0, 228)
    inputs: dict[Any, Any] = {p: breast(role, labels=labels) for role, p in PARTIES.items()}
    options = {
        "nn_define": {"0-0": LINEAR},
        "loss": {"loss_fn": "MSELoss"},
        "optimizer": {"optimizer": "SGD", "lr": 0.001},
        "dataset": {},
        "trainer": trainer(),
        "torch_seed": 1,
    }

    details = column(
        run("HomoNN", inputs, behaviour=LATER.behaviour, **options)[GUEST].tables[0], 3
    )

    assert set(details[0]) == {"label"}


@pytest.mark.parametrize(
    ("initializer", "values"),
    [
        ({"weight": {"init_func": "zeros", "param": {}}}, 0.0),
        ({"weight": {"init_func": "constant", "param": {"val": 0.25}}}, 0.25),
    ],
)
def test_weights_start_as_a_definition_says(initializer: dict[str, Any], values: float) -> None:
    from flowkit_mockserver.components.nn.pytorch.definitions import build_sequential

    network = build_sequential({"0-0": {**LINEAR, "initializer": initializer}})

    assert network[0].weight.unique().tolist() == [values]


def test_operations_stand_between_layers() -> None:
    from flowkit_mockserver.components.nn.pytorch.definitions import build_sequential

    network = build_sequential(
        {
            "0-0": {"op": "Reshape", "shape": [-1, 2, 2]},
            "1-1": {"op": "Flatten", "start_dim": 1},
            "2-2": {"op": "Sum", "dim": 1},
            "3-3": {"op": "Unsqueeze", "dim": 1},
        }
    )

    assert network(torch.ones(3, 4)).tolist() == [[4.0], [4.0], [4.0]]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"nn_define": None}, "nn_define is None"),
        ({"nn_define": {"0-0": {"layer": "Linearr"}}}, "torch.nn has no layer 'Linearr'"),
        ({"nn_define": {"0-0": {"layer": "Linear"}}}, "Linear cannot be made with"),
        ({"nn_define": {"0-0": {**LINEAR, "in_features": 3}}}, "shapes cannot be multiplied"),
        ({"nn_define": {"0-0": {"units": 3}}}, "no layer or operation info found"),
        (
            {"nn_define": {"0-0": {"layer": "CustModel", "module_name": "m", "class_name": "Net"}}},
            "CustModel Net of m is code of the user's",
        ),
        ({"optimizer": None}, "An optimizer is required"),
        ({"optimizer": {"optimizer": "Adamm"}}, "torch.optim has no optimizer 'Adamm'"),
        ({"loss": None}, "requires a loss function"),
        ({"loss": {"loss_fn": "Lost"}}, "torch.nn has no loss 'Lost'"),
        (
            {"trainer": {"trainer_name": "fedprox", "param": {}}},
            "trainer 'fedprox' is not run by this mock server",
        ),
        ({"trainer": trainer(epoch=3)}, "unexpected keyword argument 'epoch'"),
        ({"trainer": trainer(epochs=0)}, "epochs is not a positive int"),
        ({"trainer": trainer(cuda=0)}, "Cuda is not available on this machine"),
        ({"trainer": trainer(early_stop="soon")}, "early stop type must be in"),
        ({"trainer": trainer(task_type="causal_ml")}, "task type must in"),
        ({"dataset": {"dataset_name": "image"}}, "dataset 'image' is not run by this mock server"),
        ({"dataset": {"param": {"label_dtype": "bool"}}}, "available dtype is"),
        ({"dataset": {"param": {"colour": 1}}}, "has no arguments"),
    ],
)
def test_what_is_not_run_is_refused_by_name(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ComponentFailed, match=sentence):
        train(**{"trainer": trainer(), **asked})


def test_what_two_trainings_draw_does_not_mix() -> None:
    asked = {"trainer": trainer(epochs=1)}
    before = torch.get_rng_state()

    first, second = (train(**asked)[GUEST].summary for _ in range(2))

    assert first == second
    assert torch.equal(torch.get_rng_state(), before)


def test_a_checkpoint_is_the_network_of_its_own_epoch() -> None:
    saving = train(trainer=trainer(epochs=4, checkpoint_save_freqs=2))
    shorter = train(trainer=trainer(epochs=2))

    for party in (GUEST, HOST):
        result, model = saving[party], shorter[party].model
        assert result.model is not None
        assert model is not None
        # Steps count the checkpoints; the epochs are the second and the fourth.
        assert list(result.checkpoints) == [0, 1]
        then = result.checkpoints[0]
        assert then.param["modelBytes"] == model.param["modelBytes"]
        assert then.param["lossHistory"] == model.param["lossHistory"]
        assert (then.param["epochIdx"], then.param["bestEpoch"]) == (1, -1)
        assert result.checkpoints[1].param["modelBytes"] == result.model.param["modelBytes"]
        assert result.checkpoints[1].param["epochIdx"] == 3
    arbiter = saving[ARBITER]
    assert [then.param["epochIdx"] for then in arbiter.checkpoints.values()] == [1, 3]
    assert arbiter.model is not None
    assert arbiter.model.param["epochIdx"] == 3
    assert arbiter.model.meta["nnDefine"] == ["{}"]


def test_an_arbiter_saves_only_where_it_averages() -> None:
    saving = train(trainer=trainer(epochs=4, checkpoint_save_freqs=1, aggregate_every_n_epoch=2))

    assert list(saving[GUEST].checkpoints) == [0, 1, 2, 3]
    assert [then.param["epochIdx"] for then in saving[ARBITER].checkpoints.values()] == [1, 3]


def test_no_checkpoint_is_saved_unasked() -> None:
    assert not any(result.checkpoints for result in train(trainer=trainer()).values())


def test_an_optimizer_without_momentum_notes_that_for_every_value() -> None:
    from flowkit_mockserver.components.nn.pytorch.saved_state import load_state

    results = train(trainer=trainer(epochs=1), optimizer={"optimizer": "SGD", "lr": 0.1})

    model = results[GUEST].model
    assert model is not None
    state = load_state(model.param["modelBytes"])["optimizer"]["state"]
    assert state == {0: {"momentum_buffer": None}, 1: {"momentum_buffer": None}}
