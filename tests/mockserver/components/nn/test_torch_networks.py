"""Networks as the user defined them, on torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from component_bench import ARBITER, GUEST, HOST, Results, column, predict, run
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed

torch = pytest.importorskip("torch", reason="networks are computed on torch, the extra nn")

COUNT = 60
CHANCE = np.random.RandomState(8)
X, Z = CHANCE.randn(COUNT, 3), CHANCE.randn(COUNT, 2)
LABELS = (X[:, 0] + Z[:, 0] > 0).astype(int)
IDS = [f"u{i:03}" for i in range(COUNT)]


def dense(units: int, activation: str = "linear", value: float = 0.5) -> dict[str, Any]:
    config = {
        "units": units,
        "activation": activation,
        "use_bias": True,
        "kernel_initializer": {"class_name": "Constant", "config": {"value": value}},
        "bias_initializer": {"class_name": "Zeros", "config": {}},
    }
    return {"class_name": "Dense", "config": config}


def keras(*layers: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "s", "layers": list(layers)}}


def columns(labels: Any = LABELS, key: str = "train_data") -> dict[Any, Any]:
    guest = Instances.from_rows(IDS, X.tolist(), labels.tolist(), None, ["a", "b", "c"])
    host = Instances.from_rows(IDS, Z.tolist(), None, None, ["x", "y"])
    return {GUEST: {key: guest.table()}, HOST: {key: host.table()}}


def rows(labels: Any = LABELS, key: str = "train_data") -> dict[Any, Any]:
    tables: dict[Any, Any] = {ARBITER: {}}
    for party, at in ((GUEST, slice(0, 25)), (HOST, slice(25, COUNT))):
        data = Instances.from_rows(
            IDS[at], X[at].tolist(), labels[at].tolist(), None, ["a", "b", "c"]
        )
        tables[party] = {key: data.table()}
    return tables


VERTICAL: dict[str, Any] = {
    "bottom_nn_define": keras(dense(2, "tanh", 0.3)),
    "interactive_layer_define": keras(dense(2, "sigmoid", 0.4)),
    "top_nn_define": keras(dense(1, "sigmoid", 0.7)),
    "interactive_layer_lr": 0.2,
    "optimizer": {"optimizer": "SGD", "learning_rate": 0.1},
    "loss": "binary_crossentropy",
    "epochs": 1,
}


def hetero(labels: Any = LABELS, **changes: Any) -> Results:
    return run("HeteroNN", columns(labels), **{**VERTICAL, **changes})


def sigmoid(values: Any) -> Any:
    return 1 / (1 + np.exp(-values))


def test_a_step_goes_through_top_interactive_layer_and_bottoms() -> None:
    """The whole step by hand, in numpy: all weights start from constants."""
    trained = hetero()

    g, h = np.tanh(X @ np.full((3, 2), 0.3)), np.tanh(Z @ np.full((2, 2), 0.3))
    w = np.full((2, 2), 0.4)
    a = sigmoid(g @ w + h @ w)
    p = sigmoid(a @ np.full((2, 1), 0.7))[:, 0]
    loss = -np.mean(LABELS * np.log(p) + (1 - LABELS) * np.log(1 - p))
    assert trained[GUEST].metrics["train"]["loss"].data == [[0, pytest.approx(loss, rel=1e-5)]]

    error = (p - LABELS)[:, None]
    top = np.full((2, 1), 0.7) - 0.1 * a.T @ error / COUNT
    top_bias = -0.1 * error.mean()
    delta = (error * 0.7) * a * (1 - a)
    w_g, w_h = w - 0.2 * g.T @ delta / COUNT, w - 0.2 * h.T @ delta / COUNT
    bias = -0.2 * delta.mean(axis=0)
    back = (delta @ w.T) / COUNT
    bottoms = []
    for features, made in ((X, g), (Z, h)):
        slope = back * (1 - made**2)
        weights = np.full((features.shape[1], 2), 0.3) - 0.1 * features.T @ slope
        bottoms.append(np.tanh(features @ weights - 0.1 * slope.sum(axis=0)))
    after = sigmoid(bottoms[0] @ w_g + bottoms[1] @ w_h + bias)
    expected = sigmoid(after @ top + top_bias)[:, 0]
    assert np.allclose(column(trained[GUEST].tables[0], 2), expected, rtol=1e-5)


def test_a_network_predicts_from_its_buffers_with_the_layers_of_its_meta() -> None:
    trained = hetero(epochs=3, batch_size=20)

    nothing = dict.fromkeys(("bottom_nn_define", "top_nn_define", "interactive_layer_define"))
    later = predict("HeteroNN", trained, columns(key="test_data"), **{**VERTICAL, **nothing})

    assert column(later[GUEST].tables[0], 2) == column(trained[GUEST].tables[0], 2)
    assert trained[GUEST].model is not None
    assert trained[GUEST].model.state == {}


def test_several_classes_come_out_of_a_softmax() -> None:
    labels = np.digitize(X[:, 0], [-0.5, 0.5])
    changes = {"top_nn_define": keras(dense(3, "softmax")), "loss": "categorical_crossentropy"}

    trained = hetero(labels, epochs=2, **changes)

    shares = column(trained[GUEST].tables[0], 3)
    assert all(sum(row.values()) == pytest.approx(1, abs=1e-5) for row in shares)
    assert set(shares[0]) == {"0", "1", "2"}


@pytest.mark.parametrize(
    "changes",
    [
        {"drop_out_keep_rate": 0.5},
        {"selector_param": {"method": "relative", "beta": 1, "random_state": 3}, "batch_size": 20},
    ],
)
def test_what_is_drawn_is_drawn_from_the_seed(changes: dict[str, Any]) -> None:
    one, two = (hetero(epochs=4, **changes) for _ in range(2))

    assert column(one[GUEST].tables[0], 2) == column(two[GUEST].tables[0], 2)
    assert column(one[GUEST].tables[0], 2) != column(hetero(epochs=4)[GUEST].tables[0], 2)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"loss": "guessing"}, "loss 'guessing' is not known here"),
        ({"optimizer": "Magic"}, "optimizer 'Magic' is not known here"),
        ({"top_nn_define": keras({"class_name": "LSTM", "config": {}})}, "dnn not support layer"),
    ],
)
def test_what_is_not_known_is_named(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ComponentFailed, match=text):
        hetero(**changes)


HORIZONTAL: dict[str, Any] = {
    "config_type": "nn",
    "nn_define": [
        {"layer": "Dense", "units": 1, "activation": "sigmoid", "kernel_initializer": "ones"}
    ],
    "optimizer": {"optimizer": "SGD", "learning_rate": 0.5},
    "loss": "binary_crossentropy",
    "batch_size": -1,
    "max_iter": 1,
    "early_stop": {"early_stop": "diff", "eps": 1e-9},
}


def homo(labels: Any = LABELS, **changes: Any) -> Results:
    return run("HomoNN", rows(labels), parties=[GUEST, HOST, ARBITER], **{**HORIZONTAL, **changes})


def test_networks_are_averaged_by_their_batches() -> None:
    """One round by hand: each party takes a step from the common weights, then the mean counts."""
    trained = homo(batch_size=25)

    states = []
    for at, batches in ((slice(0, 25), 1), (slice(25, COUNT), 2)):
        weights = np.array([1.0, 1.0, 1.0, 0.0])
        features = np.column_stack((X[at], np.ones(len(X[at]))))
        for start in range(0, len(features), 25):
            x, y = features[start : start + 25], LABELS[at][start : start + 25]
            weights = weights - 0.5 * x.T @ (sigmoid(x @ weights) - y) / len(x)
        states.append((weights, batches))
    mean = sum(weights * share for weights, share in states) / 3
    expected = sigmoid(np.column_stack((X, np.ones(COUNT))) @ mean)
    assert np.allclose(column(trained[GUEST].tables[0], 2), expected[:25], rtol=1e-5)
    assert np.allclose(column(trained[HOST].tables[0], 2), expected[25:], rtol=1e-5)
    (loss,) = [value for _, value in trained[ARBITER].metrics["train"]["loss"].data]
    chances = np.where(LABELS == 1, expected, 1 - expected)
    parts = [-np.log(chances[:25]).mean(), -np.log(chances[25:]).mean()]
    assert loss == pytest.approx((parts[0] + 2 * parts[1]) / 3, rel=1e-5)


PYTORCH: dict[str, Any] = {
    "config_type": "pytorch",
    "nn_define": [
        {"layer": "Linear", "name": "line", "type": "normal", "config": [3, 1]},
        {"layer": "Sigmoid", "type": "activate", "name": "sigmoid"},
    ],
    "loss": "BCELoss",
    "optimizer": {"optimizer": "Adam", "lr": 0.05},
}


@pytest.mark.parametrize(
    "changes",
    [
        {"max_iter": 30},
        {**PYTORCH, "max_iter": 30},
        {
            **PYTORCH,
            "api_version": 1,
            "max_iter": 10,
            "aggregate_every_n_epoch": 3,
            "nn_define": [
                {"layer": "Linear", "in_features": 3, "out_features": 1},
                {"layer": "Sigmoid"},
            ],
        },
    ],
)
def test_every_configuration_learns_and_predicts_from_its_buffer(changes: dict[str, Any]) -> None:
    trained = homo(**changes)

    losses = [value for _, value in trained[ARBITER].metrics["train"]["loss"].data]
    assert losses[-1] < losses[0]
    assert trained[GUEST].model is not None
    assert trained[GUEST].model.state == {}
    later = predict("HomoNN", trained, rows(key="test_data"), **{**HORIZONTAL, **changes})
    assert column(later[HOST].tables[0], 2) == column(trained[HOST].tables[0], 2)


def test_the_last_layer_is_made_to_fit_the_labels() -> None:
    labels = np.digitize(X[:, 0], [-0.5, 0.5])
    define = [{"layer": "Dense", "units": 1, "activation": "softmax"}]

    trained = homo(labels, nn_define=define, loss="sparse_categorical_crossentropy", max_iter=3)

    assert set(column(trained[GUEST].tables[0], 3)[0]) == {"0", "1", "2"}


TRANSFER: dict[str, Any] = {
    "nn_define": keras(dense(2, "tanh", 0.3)),
    "optimizer": {"optimizer": "SGD", "learning_rate": 0.1},
    "epochs": 1,
    "alpha": 2,
}


def transfer(labels: Any = LABELS, **changes: Any) -> Results:
    tables = columns(labels)
    host = Instances.from_rows(IDS[20:], Z[20:].tolist(), None, None, ["x", "y"])
    tables[HOST] = {"train_data": host.table()}
    return run("FTL", tables, **{**TRANSFER, **changes})


def test_transfer_learning_goes_down_the_gradient_of_its_loss() -> None:
    trained = transfer()

    a, b = np.tanh(X @ np.full((3, 2), 0.3)), np.tanh(Z[20:] @ np.full((2, 2), 0.3))
    y = np.where(LABELS == 1, 1.0, -1.0)
    phi = (y[:, None] * a).mean(axis=0)
    sums, own, count = b @ phi, y[20:], COUNT - 20
    labels = -0.5 * own @ sums + np.sum(sums**2) / 8 + count * np.log(2)
    loss = 2 * labels / count - 0.5 * np.sum(a[20:] * b) / count
    metric = trained[GUEST].metrics["train"]["loss"]
    assert metric.data == [[0, pytest.approx(loss, rel=1e-5)]]

    back = 2 * (0.25 * sums[:, None] * phi - 0.5 * own[:, None] * phi) - 0.5 * a[20:]
    slope = back * (1 - b**2)
    weights = np.full((2, 2), 0.3) - 0.1 * Z[20:].T @ slope
    moved = np.tanh(Z[20:] @ weights - 0.1 * slope.sum(axis=0))
    kappa = 0.25 * (sums[:, None] * b).sum(axis=0) - 0.5 * (own[:, None] * b).sum(axis=0)
    ahead = 2 * kappa * y[:, None] / COUNT
    ahead[20:] -= 0.5 * b
    slope = ahead * (1 - a**2)
    weights = np.full((3, 2), 0.3) - 0.1 * X.T @ slope
    phi = (y[:, None] * np.tanh(X @ weights - 0.1 * slope.sum(axis=0))).mean(axis=0)
    assert trained[GUEST].model is not None
    assert np.allclose(trained[GUEST].model.param["phiA"], phi, rtol=1e-5)
    assert np.allclose(column(trained[GUEST].tables[0], 2), sigmoid(moved @ phi), rtol=1e-5)


def test_transfer_learning_predicts_from_its_buffers() -> None:
    trained = transfer(epochs=3, communication_efficient=True, local_round=2)

    later = predict("FTL", trained, columns(key="test_data"), **TRANSFER)

    assert column(later[GUEST].tables[0], 2)[20:] == column(trained[GUEST].tables[0], 2)


@pytest.mark.parametrize("learn", [hetero, homo, transfer])
def test_late_labels_count(learn: Any) -> None:
    flipped = LABELS.copy()
    flipped[-6:] = 1 - flipped[-6:]
    changes = {"epochs": 3} if learn is not homo else {"max_iter": 3}

    one, two = learn(LABELS, **changes), learn(flipped, **changes)

    assert one[GUEST].model is not None
    assert two[GUEST].model is not None
    assert one[GUEST].model.param != two[GUEST].model.param
    assert not np.allclose(column(one[GUEST].tables[0], 2), column(two[GUEST].tables[0], 2), 1e-4)
