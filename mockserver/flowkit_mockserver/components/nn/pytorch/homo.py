"""HomoNN of the later lines: a network of the user's own, averaged over parties that each have samples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from flowkit_mockserver.columns.ids import order_positions
from flowkit_mockserver.components.core.federation import (
    Tables,
    carry_out,
    first_iteration,
    fitted_model,
    models_to_go_on_from,
    validation_tables,
)
from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentRun,
    Metric,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.predict_output import Predictions, merged_predictions
from flowkit_mockserver.components.core.run import parameter, parties
from flowkit_mockserver.components.nn.backend import networks_that_fit
from flowkit_mockserver.components.nn.pytorch.chance import TorchChance
from flowkit_mockserver.components.nn.pytorch.definitions import (
    build_loss,
    build_optimizer,
    build_sequential,
)
from flowkit_mockserver.components.nn.pytorch.fedavg import FedAvg, Rounds, average_members
from flowkit_mockserver.components.nn.pytorch.member import Member, outputs_of
from flowkit_mockserver.components.nn.pytorch.outputs import network_task, said_of
from flowkit_mockserver.components.nn.pytorch.samples import Samples
from flowkit_mockserver.components.nn.pytorch.saved_state import (
    load_state,
    optimizer_state,
    save_state,
)
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["run_homo"]

_METRICS = {
    "binary": ["auc", "ks"],
    "multi": ["accuracy", "precision", "recall"],
    "regression": None,
}


class _Client:
    """What one party brings to the training."""

    def __init__(
        self, asked: Mapping[str, Any], data: Samples, trainer: FedAvg, model: Model | None
    ):
        chance = TorchChance(asked["torch_seed"])
        before = _Saved(model) if model is not None else None
        self.define = asked["nn_define"] if before is None else before.define
        self.optimizer = _later_of(asked["optimizer"], before and before.optimizer)
        self.loss = _later_of(asked["loss"], before and before.loss)
        if self.define is None:
            raise ValueError(
                "Model structure is not defined, nn_define is None, please check your param"
            )
        if self.optimizer is None:
            raise ValueError(
                "An optimizer is required, but got None, please specify optimizer in the job configuration"
            )
        if self.loss is None:
            raise ValueError(
                "FedAVGTrainer requires a loss function, but got None, please specify loss function in the"
                " job configuration"
            )
        with chance.drawn():
            network = build_sequential(self.define)
            optimizer = build_optimizer(self.optimizer, network.parameters())
        if before is not None:
            network.load_state_dict(before.state["model"])
            if self.optimizer == before.optimizer:
                optimizer.load_state_dict(before.state["optimizer"])
        self.member = Member(
            network,
            data,
            build_loss(self.loss),
            optimizer,
            trainer.batch_size,
            chance=chance,
            shuffle=trainer.shuffle,
        )


def _later_of(asked: Any, before: Any) -> Any:
    return before if asked is None else asked


class _Saved:
    """What a model holds: definitions, and the state of network and optimizer."""

    def __init__(self, model: Model) -> None:
        self.define, self.optimizer, self.loss = (
            json.loads(model.meta[name][0])
            for name in ("nnDefine", "optimizerDefine", "lossFuncDefine")
        )
        self.state = load_state(model.param["modelBytes"])


def _model(
    client: _Client | None = None,
    party: Party | None = None,
    rounds: Rounds | None = None,
    *,
    epoch: int = -1,
    ended: bool = True,
) -> Model:
    """Return the model of a party as it is now.

    Args:
        client: what the party trains; None for an arbiter, which has no network.
        party: whose losses are told.
        rounds: how the training went.
        epoch: the one after which an arbiter saves; -1 for none.
        ended: whether the training is over, and the best epoch known.
    """
    # An arbiter that saves a checkpoint writes definitions of nothing; its empty model has none.
    nothing: Any = None if epoch < 0 else {}
    defined = (client.define, client.optimizer, client.loss) if client else (nothing,) * 3
    names = ("nnDefine", "optimizerDefine", "lossFuncDefine")
    state: dict[str, Any] = {"model": None, "optimizer": None}
    told: dict[str, Any] = {"epochIdx": epoch, "bestEpoch": -1}
    if client and party and rounds:
        state["model"] = client.member.network.state_dict()
        state["optimizer"] = optimizer_state(client.member.optimizer, client.optimizer)
        told = {
            "epochIdx": rounds.epochs - 1,
            "convergeStatus": rounds.converged,
            "lossHistory": list(rounds.losses[party]),
            "bestEpoch": rounds.best_epoch(party) if ended else -1,
        }
    meta = {name: [json.dumps(value)] for name, value in zip(names, defined, strict=True)}
    param = message(
        "HomoNNParam@later", modelBytes=save_state(state), extraDataBytes=save_state({}), **told
    )
    return saved_model("HomoNN", message("HomoNNMeta@later", **meta), param, later=True)


def _loss_metric(curve: list[list[Any]], unit: str) -> Metric:
    meta = {"name": "train", "metric_type": "LOSS", "unit_name": unit, "curve_name": "loss"}
    return Metric(curve, meta)


class _Watch:
    """One party's look at its network in training."""

    def __init__(self, client: _Client, trainer: FedAvg, held: Samples | None) -> None:
        self._client, self._trainer = client, trainer
        self._sets = [("train", client.member.samples)]
        if held is not None:
            self._sets.append(("validate", held))
        self.validation: Validation | None = None

    def look(self, epoch: int) -> None:
        freqs = self._trainer.validation_freqs
        if not freqs or (epoch + 1) % freqs:
            return
        for name, samples in self._sets:
            outputs = self._client.member.outputs(samples)
            task = _task(self._trainer, outputs, samples)
            if task is None:
                return
            if self.validation is None:
                self.validation = Validation(
                    {"validation_freqs": freqs}, task, metrics=_METRICS[task]
                )
            said = said_of(task, outputs, samples)
            self.validation.look(epoch, [(name, samples.data.ids, said)])


def _task(trainer: FedAvg, outputs: Tensor, samples: Samples) -> str | None:
    return network_task(outputs, samples) if trainer.task == "auto" else trainer.task


def _train(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    clients: dict[Party, _Client] = {}
    watches: dict[Party, _Watch] = {}
    held = validation_tables(run, tables)
    for party, data in tables.items():
        with guarded(party):
            asked = parameter(run, party)
            trainer = FedAvg.of(asked["trainer"])
            samples = Samples.of(data, asked["dataset"])
            clients[party] = _Client(asked, samples, trainer, run.models.get(party))
            own = Samples.of(held[party], asked["dataset"]) if party in held else None
            watches[party] = _Watch(clients[party], trainer, own)
    members = {party: client.member for party, client in clients.items()}
    arbiters = parties(run, "arbiter")
    saved: dict[Party, list[Model]] = {party: [] for party in (*clients, *arbiters)}

    def look(epoch: int, rounds: Rounds) -> None:
        for watch in watches.values():
            watch.look(epoch)
        if not trainer.saves(epoch):
            return
        for party, client in clients.items():
            saved[party].append(_model(client, party, rounds, ended=False))
        if trainer.averages(epoch):
            for party in arbiters:
                saved[party].append(_model(epoch=epoch))

    rounds = average_members(members, trainer, look)
    results: dict[Party, PartyResult] = {}
    for party, client in clients.items():
        result = results[party] = PartyResult(
            model=_model(client, party, rounds), checkpoints=dict(enumerate(saved[party]))
        )
        parts = [(client.member.samples, "train")]
        if party in held:
            parts.append((Samples.of(held[party], parameter(run, party)["dataset"]), "validate"))
        size = client.member.batch_size
        tables_of = [
            (samples, outputs_of(client.member.network, samples, size), name)
            for samples, name in parts
        ]
        result.tables = _tables(trainer, tables_of)
        watch = watches[party].validation
        result.metrics = watch.metrics if watch else {}
        curve: list[list[Any]] = [[i, loss] for i, loss in enumerate(rounds.losses[party])]
        result.add_metric("train", "loss", _loss_metric(curve, "epochs"))
        result.summary = {
            "best_epoch": rounds.best_epoch(party),
            "loss_history": rounds.losses[party],
            "need_stop": rounds.converged,
            "metrics_summary": watch.summary if watch else {},
        }
    for party in arbiters:
        # An arbiter keeps what it saved last.
        last = saved[party][-1] if saved[party] else _model()
        results[party] = PartyResult(model=last, checkpoints=dict(enumerate(saved[party])))
        means: list[list[Any]] = [[epoch, loss] for epoch, loss in rounds.means]
        results[party].add_metric("train", "loss", _loss_metric(means, "aggregate_round"))
    for party, model in models_to_go_on_from(run).items():
        results[party].add_metric("train", "init_iter", first_iteration(model.param["epochIdx"]))
    return results


def _tables(trainer: FedAvg, parts: list[tuple[Samples, Tensor, str]]) -> list[TableData]:
    """Return the prediction table of some sets; none where the outputs are of no known task."""
    said: list[tuple[Instances, Predictions, str]] = []
    for samples, outputs, name in parts:
        task = _task(trainer, outputs, samples)
        if task is not None:
            order = order_positions(samples.data.ids)
            data, own = samples.data, said_of(task, outputs, samples)
            if order is not None:
                data, own = data.take(order), own.take(order)
            said.append((replace(data, extra={**data.extra, "sid_name": "id"}), own, name))
    return [merged_predictions(said)] if said else []


def _predict(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {party: PartyResult(model=model) for party, model in run.models.items() if model}
    for party, data in tables.items():
        with guarded(party):
            asked = parameter(run, party)
            trainer = FedAvg.of(asked["trainer"])
            saved = _Saved(fitted_model(run, party))
            network = build_sequential(saved.define)
            network.load_state_dict(saved.state["model"])
            samples = Samples.of(data, asked["dataset"])
            outputs = outputs_of(network, samples, trainer.batch_size)
            results[party].tables = _tables(trainer, [(samples, outputs, "predict")])
    return results


def run_homo(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train the common network, or predict with it."""
    with networks_that_fit():
        results = carry_out(run, _train, _train, _predict)
    if not run.behaviour.saves_paths:
        for result in results.values():
            if result.model is not None:
                result.model = _without_path(result.model)
            result.checkpoints = {
                step: _without_path(model) for step, model in result.checkpoints.items()
            }
    return results


def _without_path(model: Model) -> Model:
    param = {name: value for name, value in model.param.items() if name != "localSavePath"}
    return replace(model, param=param)
