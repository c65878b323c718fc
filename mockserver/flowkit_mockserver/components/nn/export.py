"""The buffers that neural networks save."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["hetero_nn_model", "homo_nn_model", "optimizer_of", "transfer_model"]


def optimizer_of(asked: Any) -> tuple[str, str]:
    """Return name and arguments (as JSON text) of an optimizer, given by name or with its arguments."""
    if isinstance(asked, Mapping):
        arguments = {key: value for key, value in asked.items() if key != "optimizer"}
        return str(asked.get("optimizer", "SGD")), json.dumps(arguments)
    return str(asked), "{}"


def _layers(define: Any) -> list[str]:
    if define is None:
        return []
    layers = define if isinstance(define, list) else [define]
    return [json.dumps(layer) for layer in layers]


def hetero_nn_model(
    party: Party,
    asked: Mapping[str, Any],
    kept: Mapping[str, str],
    header: Sequence[str],
    *,
    top_width: int,
    widths: Sequence[int],
    losses: Sequence[float],
    labels: int,
    best_iteration: int,
) -> Model:
    """Return the model of a HeteroNN on one party.

    Args:
        party: whose model it is.
        asked: its parameter.
        kept: its part of the network: ``bottom``, and the guest's ``interactive`` and ``top``, as saved models.
        header: the names of its columns.
        top_width: how many values go into the top.
        widths: how many columns the guest and the host have.
        losses: one an epoch.
        labels: how many different labels there are.
        best_iteration: the epoch whose network it is, -1 for the last.
    """
    guest = party[0] == "guest"
    optimizer, arguments = optimizer_of(asked["optimizer"])
    nets: dict[str, Any] = {
        "configType": asked["config_type"],
        "bottomNnDefine": _layers(asked["bottom_nn_define"]),
        "interactiveLayerLr": asked["interactive_layer_lr"],
        "optimizerParam": message("OptimizerParam", optimizer=optimizer, kwargs=arguments),
    }
    meta: dict[str, Any] = {"batchSize": asked["batch_size"]}
    if guest:
        nets |= {
            "topNnDefine": _layers(asked["top_nn_define"]),
            "interactiveLayerDefine": json.dumps(asked["interactive_layer_define"]),
            "loss": asked["loss"],
        }
        meta |= {
            "taskType": asked["task_type"],
            "epochs": asked["epochs"],
            "earlyStop": asked["early_stop"],
            "tol": asked["tol"],
        }
    meta["heteroNnModelMeta"] = message("HeteroNNModelMeta", **nets)
    param: dict[str, Any] = {"header": header, "bestIteration": best_iteration}
    layer: dict[str, Any] = {"hostInputShape": widths[1] if len(widths) > 1 else 0}
    if guest:
        layer |= {
            "guestInputShape": widths[0],
            "interactiveGuestSavedModelBytes": kept["interactive"],
        }
    param["heteroNnModelParam"] = message(
        "HeteroNNModelParam",
        bottomSavedModelBytes=kept["bottom"],
        topSavedModelBytes=kept.get("top"),
        interactiveLayerParam=message("InteractiveLayerParam", **layer),
        bottomModelInputShape=len(header),
        topModelInputShape=top_width if guest else None,
        isEmpty=not header,
    )
    if guest:
        param |= {"historyLoss": losses, "numLabel": labels}
    return saved_model(
        "HeteroNN",
        message("HeteroNNMeta", **meta),
        message("HeteroNNParam", **param),
        role=party[0],
    )


def homo_nn_model(
    asked: Mapping[str, Any],
    saved: str,
    header: Sequence[str],
    *,
    classes: Sequence[Any],
    iterations: int,
) -> Model:
    """Return the common model of a HomoNN, as guest and hosts keep it."""
    optimizer, arguments = optimizer_of(asked["optimizer"])
    stop = asked["early_stop"]
    how, eps = (
        (stop.get("early_stop"), stop.get("eps", 0)) if isinstance(stop, Mapping) else (stop, 0)
    )
    metrics = asked["metrics"] or []
    params = message(
        "HomoNNParam",
        secureAggregate=asked["secure_aggregate"],
        aggregateEveryNEpoch=asked["aggregate_every_n_epoch"],
        configType=asked["config_type"],
        nnDefine=_layers(asked["nn_define"]),
        batchSize=asked["batch_size"],
        maxIter=asked["max_iter"],
        earlyStop=message("EarlyStop", earlyStop=how, eps=eps),
        metrics=[metrics] if isinstance(metrics, str) else metrics,
        optimizer=message("Optimizer", optimizer=optimizer, args=arguments),
        loss=asked["loss"],
        encodeLabel=asked["encode_label"],
    )
    param = message(
        "NNModelParam",
        savedModelBytes=saved,
        header=header,
        labelMapping=[
            message("LabelMapping", label=json.dumps(label), mapped=json.dumps(place))
            for place, label in enumerate(classes)
        ],
        apiVersion=asked["api_version"],
    )
    return saved_model(
        "HomoNN", message("NNModelMeta", aggregateIter=iterations, params=params), param
    )


def transfer_model(
    asked: Mapping[str, Any], saved: str, header: Sequence[str], phi: Sequence[float]
) -> Model:
    """Return the model of a transfer learning; both sides call its buffers by the same, mixed-up names."""
    optimizer, arguments = optimizer_of(asked["optimizer"])
    meta = message(
        "FTLModelMeta",
        configType=asked["config_type"],
        nnDefine=json.dumps(asked["nn_define"]),
        batchSize=asked["batch_size"],
        epochs=asked["epochs"],
        tol=asked["tol"],
        optimizerParam=message("FTLOptimizerParam", optimizer=optimizer, kwargs=arguments),
        predictParam=message("FTLPredictParam"),
        inputDim=len(header),
    )
    return saved_model(
        "FTL", meta, message("FTLModelParam", modelBytes=saved, phiA=phi, header=header)
    )
