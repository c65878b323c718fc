"""Networks of the user's own over the columns of several parties, beside numbers of a real FATE 1.11.4."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from component_bench import GUEST, HOST, Results, column, predict, run, under, vertical
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, TableData
from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.models.cache import buffer_messages, buffers_of, model_from_buffers
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.catalogue import later_message

torch = pytest.importorskip("torch", reason="networks are computed on torch, the extra nn")

LATER = dialect_of("1.11")
HERE = Path(__file__).parent
REAL: dict[str, Any] = json.loads(
    gzip.decompress((HERE / "data" / "own_networks.json.gz").read_bytes())
)["hetero"]
PARTIES = {"guest": GUEST, "host": HOST}


def breast(role: str, key: str = "train_data") -> dict[str, TableData]:
    rows = [line.split(",") for line in REAL[role]["rows"]]
    first = 2 if role == "guest" else 1
    features = [[float(cell) for cell in row[first:]] for row in rows]
    labels = [int(row[1]) for row in rows] if role == "guest" else None
    header = [f"x{i}" for i in range(len(features[0]))]
    return {
        key: Instances.from_rows([row[0] for row in rows], features, labels, None, header).table()
    }


def defaults() -> dict[str, Any]:
    kinds = LATER.kinds
    assert kinds is not None
    return dict(kinds["HeteroNN"].defaults)


def train(inputs: Any, by_party: dict[Party, dict[str, Any]], asked: Any, **fields: Any) -> Results:
    """Run the component; parameters go by party, since one of them is called like a field of the run."""
    own = {party: {**asked, **by_party[party]} for party in inputs}
    return run("HeteroNN", inputs, behaviour=LATER.behaviour, by_party=own, **fields)


def linear(inputs: int, outputs: int, activation: str = "ReLU") -> dict[str, Any]:
    layer = {"layer": "Linear", "in_features": inputs, "out_features": outputs}
    return {"0-0": layer, "1-1": {"layer": activation}}


def middle(**options: Any) -> dict[str, Any]:
    layer = {"layer": "InteractiveLayer", "out_dim": 2, "host_num": 1, "activation": "relu"}
    return {"0-0": {**layer, **options}}


def small(**asked: Any) -> Results:
    """Train on a small table: two columns at the guest, three at a host."""
    options = {
        **defaults(),
        "epochs": 2,
        "interactive_layer_define": middle(),
        "interactive_layer_lr": 0.05,
        "loss": {"loss_fn": "BCELoss"},
        "optimizer": {"optimizer": "SGD", "lr": 0.05},
        **asked,
    }
    by_party = {
        GUEST: {
            "bottom_nn_define": linear(2, 3),
            "top_nn_define": asked.get("top_nn_define", linear(2, 1, "Sigmoid")),
        },
        HOST: {"bottom_nn_define": linear(3, 4)},
    }
    models = options.pop("models", {})
    return train(under("train_data", vertical()), by_party, options, models=models)


def again(trained: Results, **asked: Any) -> Results:
    """Predict with what was trained."""
    own = {party: {**defaults(), **asked} for party in (GUEST, HOST)}
    tables = under("test_data", vertical())
    return predict("HeteroNN", trained, tables, behaviour=LATER.behaviour, by_party=own)


@pytest.fixture(scope="module")
def real_run() -> Results:
    inputs = {party: breast(role) for role, party in PARTIES.items()}
    by_party = {party: REAL[role]["asked"] for role, party in PARTIES.items()}
    return train(inputs, by_party, defaults() | REAL["asked"])


def test_networks_take_the_steps_of_the_real_ones(real_run: Results) -> None:
    summary = real_run[GUEST].summary

    assert summary is not None
    assert summary["history_loss"][0] == pytest.approx(REAL["losses"][0], rel=1e-7)
    # The real server's weights of the host's part carry what is left of noise.
    assert summary["history_loss"] == pytest.approx(REAL["losses"], rel=1e-4)
    real = REAL["summary"]["validation_metrics"]["train"]
    assert summary["validation_metrics"]["train"]["auc"] == pytest.approx(real["auc"], rel=1e-4)
    assert summary["best_iteration"] == -1
    assert real_run[HOST].summary is None


def test_predictions_are_close_to_the_real_ones(real_run: Results) -> None:
    scores = {key: cells[2] for key, cells in real_run[GUEST].tables[0].records}

    for line in REAL["predictions"]:
        key, _, _, score, *_ = line.split(",")
        assert scores[key] == pytest.approx(float(score), abs=1e-4)


def test_a_model_has_the_fields_of_the_real_one(real_run: Results) -> None:
    from flowkit_mockserver.components.nn.pytorch.saved_state import load_state

    model, other = real_run[GUEST].model, real_run[HOST].model

    assert model is not None
    assert other is not None
    nets = model.param["heteroNnModelParam"]
    real = REAL["params"]
    assert {key: model.param[key] for key in ("iterEpoch", "numLabel", "bestIteration")} == {
        key: real[key] for key in ("iterEpoch", "numLabel", "bestIteration")
    }
    assert nets["interactiveLayerParam"]["hostInputShape"] == [4]
    own, saved = load_state(nets["topSavedModelBytes"]), load_state(REAL["top"])
    assert list(own) == list(saved)
    assert own["optimizer"]["param_groups"] == saved["optimizer"]["param_groups"]
    assert torch.allclose(own["model"]["0-0.weight"], saved["model"]["0-0.weight"], atol=1e-3)
    assert (other.meta_name, other.meta["module"]) == ("HeteroNNHostMeta", "HeteroNN")
    assert other.param["heteroNnModelParam"]["topSavedModelBytes"] == ""


def test_a_model_predicts_as_it_did_when_it_was_trained() -> None:
    trained = small()

    done = again(trained)

    assert done[GUEST].model is not None
    assert done[GUEST].model.param["historyLoss"] == []

    before, after = column(trained[GUEST].tables[0], 2), column(done[GUEST].tables[0], 2)
    assert after == pytest.approx(before)


def test_training_goes_on_from_a_model() -> None:
    asked = {"optimizer": {"optimizer": "Adam", "lr": 0.01}}
    first = small(epochs=1, **asked)
    models = {party: result.model for party, result in first.items()}

    second = small(epochs=1, models=models, **asked)

    whole = small(epochs=2, **asked)[GUEST].summary
    own = second[GUEST].summary
    assert whole is not None
    assert own is not None
    assert own["history_loss"] == pytest.approx(whole["history_loss"][1:])
    assert second[GUEST].metrics["train"]["loss"].data[0][0] == 1
    for party in (GUEST, HOST):
        assert second[party].metrics["train"]["init_iter"].data == [["init_iter", 0]]
    assert second[GUEST].model is not None
    assert second[GUEST].model.param["iterEpoch"] == 1


def test_training_goes_on_with_the_networks_of_the_model() -> None:
    first = small(epochs=1)
    models = {party: result.model for party, result in first.items()}
    own = {party: {**defaults(), "epochs": 1, "optimizer": None} for party in models}
    assert own[GUEST]["top_nn_define"] is None

    bare = train(under("train_data", vertical()), own, {}, models=models)

    told = small(epochs=1, models=models)
    assert bare[GUEST].summary is not None
    assert told[GUEST].summary is not None
    assert bare[GUEST].summary["history_loss"] == pytest.approx(told[GUEST].summary["history_loss"])


def test_several_hosts_meet_in_one_layer() -> None:
    second = Party("host", "10001")
    tables = under("train_data", vertical())
    inputs = {**tables, second: tables[HOST]}
    by_party = {
        GUEST: {"bottom_nn_define": linear(2, 3), "top_nn_define": linear(2, 1, "Sigmoid")},
        HOST: {"bottom_nn_define": linear(3, 4)},
        second: {"bottom_nn_define": linear(3, 5)},
    }
    options = {
        **defaults(),
        "epochs": 1,
        "interactive_layer_define": middle(host_num=2),
        "loss": {"loss_fn": "BCELoss"},
        "optimizer": {"optimizer": "SGD", "lr": 0.05},
    }

    results = train(inputs, by_party, options)

    model = results[GUEST].model
    assert model is not None
    layer = model.param["heteroNnModelParam"]["interactiveLayerParam"]
    assert layer["hostInputShape"] == [4, 5]
    assert results[second].model is not None


@pytest.mark.parametrize(
    "asked",
    [
        {"interactive_layer_define": middle(dropout=0.5)},
        {"interactive_layer_define": middle(need_guest=False)},
        {"interactive_layer_define": middle(activation="tanh", guest_bias=False, host_bias=False)},
        {"floating_point_precision": None},
        {"batch_size": 16},
        {"batch_size": 16, "selector_param": {"method": "relative", "min_prob": 0.1}},
    ],
)
def test_what_a_layer_can_be_asked_for_is_trained(asked: dict[str, Any]) -> None:
    plain, result = small()[GUEST].summary, small(**asked)[GUEST].summary

    assert plain is not None
    assert result is not None
    assert len(result["history_loss"]) == 2
    if asked != {"floating_point_precision": None}:
        assert result["history_loss"] != plain["history_loss"]
    else:
        assert result["history_loss"] == pytest.approx(plain["history_loss"], rel=1e-5)


def test_labels_can_be_confused() -> None:
    asked = {
        "coae_param": {**defaults()["coae_param"], "enable": True, "epoch": 5},
        "top_nn_define": {"0-0": {"layer": "Linear", "in_features": 2, "out_features": 2}}
        | {"1-1": {"layer": "Softmax", "dim": 1}},
    }

    trained = small(**asked)
    done = again(trained, coae_param={**defaults()["coae_param"], "enable": True, "epoch": 1})

    details = column(trained[GUEST].tables[0], 3)
    assert set(details[0]) == {"0", "1"}
    assert column(done[GUEST].tables[0], 2) == pytest.approx(column(trained[GUEST].tables[0], 2))


def test_a_network_for_numbers_predicts_numbers() -> None:
    result = small(
        task_type="regression",
        loss={"loss_fn": "MSELoss"},
        top_nn_define={"0-0": {"layer": "Linear", "in_features": 2, "out_features": 1}},
    )

    assert set(column(result[GUEST].tables[0], 3)[0]) == {"label"}


def test_folds_are_trained_one_by_one() -> None:
    results = small(cv_param={"need_cv": True, "n_splits": 3, "shuffle": False})

    assert results[GUEST].summary is not None
    assert {"fold_0", "fold_1", "fold_2"} <= {
        key for key in results[GUEST].summary if key.startswith("fold_")
    }


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"loss": None}, "loss is None"),
        ({"interactive_layer_define": None}, "must be one InteractiveLayer"),
        ({"interactive_layer_define": middle(host_num=2)}, "host number is 1, but host linear"),
        ({"interactive_layer_define": middle(activation="elu")}, "activation not support elu"),
        ({"top_nn_define": None}, "top nn model define is None"),
        ({"dataset": {"dataset_name": "image"}}, "dataset 'image' is not run"),
        ({"top_nn_define": linear(7, 1, "Sigmoid")}, "shapes cannot be multiplied"),
    ],
)
def test_what_is_not_run_is_refused_by_name(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ComponentFailed, match=sentence):
        small(**asked)


def test_a_model_survives_the_journey_in_its_buffers(real_run: Results) -> None:
    model = real_run[GUEST].model
    assert model is not None
    document = model.to_document()
    messages = {name: later_message(message) for name, message in buffer_messages(document).items()}

    back = model_from_buffers("HeteroNN", messages, buffers_of(document))

    assert buffer_messages(document)["HeteroNNGuestParam"] == "HeteroNNParam"
    assert back["param"] == model.param
    assert back["meta"] == model.meta


def saving(every: int) -> dict[str, Any]:
    return {**defaults()["callback_param"], "callbacks": ["ModelCheckpoint"], "save_freq": every}


def test_a_checkpoint_is_the_network_of_its_own_epoch() -> None:
    trained = small(epochs=4, callback_param=saving(1))

    for party in (GUEST, HOST):
        assert list(trained[party].checkpoints) == [0, 1, 2, 3]
    for step in range(4):
        shorter = small(epochs=step + 1)
        for party in (GUEST, HOST):
            model, then = shorter[party].model, trained[party].checkpoints[step]
            assert model is not None
            assert then.param == model.param
            assert then.param["iterEpoch"] == step


def test_checkpoints_go_on_with_the_epochs_of_the_model() -> None:
    first = small(epochs=2)
    models = {party: result.model for party, result in first.items()}
    trained = small(epochs=3, models=models, callback_param=saving(2))

    assert list(trained[GUEST].checkpoints) == list(trained[HOST].checkpoints) == [2, 4]


def test_a_selector_draws_what_a_real_server_draws() -> None:
    """Selecting samples, drawing noise and seeding go on one stream of numbers there."""
    inputs: dict[Any, Any] = {}
    for role, party in PARTIES.items():
        first = 2 if role == "guest" else 1
        rows = [line.split(",") for line in REAL[role]["rows"][:200]]
        inputs[party] = {
            "train_data": Instances.from_rows(
                [row[0] for row in rows],
                [[float(cell) for cell in row[first : first + 5]] for row in rows],
                [int(row[1]) for row in rows] if role == "guest" else None,
                None,
                [f"x{i}" for i in range(5)],
            ).table()
        }
    asked = {
        **defaults(),
        "epochs": 2,
        "batch_size": 32,
        "floating_point_precision": 23,
        "interactive_layer_define": middle(out_dim=4),
        "interactive_layer_lr": 0.01,
        "loss": {"loss_fn": "BCELoss"},
        "optimizer": {"optimizer": "Adam", "lr": 0.01},
        "selector_param": {
            "method": "relative",
            "beta": 1,
            "selective_size": 64,
            "min_prob": 0,
            "random_state": 3,
        },
    }
    by_party = {
        GUEST: {"bottom_nn_define": linear(5, 4), "top_nn_define": linear(4, 1, "Sigmoid")},
        HOST: {"bottom_nn_define": linear(5, 4)},
    }

    trained = train(inputs, by_party, asked)

    summary = trained[GUEST].summary
    assert summary is not None
    assert summary["history_loss"] == pytest.approx(
        [0.7305739969015121, 0.7037108734250068], abs=2e-5
    )
