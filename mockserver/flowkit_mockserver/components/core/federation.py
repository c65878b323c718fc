"""What several parties bring to one training: their tables, the samples they share, the curve of the losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import positions_of
from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.run import (
    data_keys,
    instances,
    parameter,
    parties,
    predicts_nothing,
    wants_folds,
)
from flowkit_mockserver.party import Party

__all__ = [
    "Federation",
    "Tables",
    "aligned_tables",
    "carry_out",
    "first_iteration",
    "fitted_model",
    "loss_metric",
    "models_to_go_on_from",
    "text_order",
    "validation_tables",
]

Tables = dict[Party, Instances]
Act = Callable[[ComponentRun, Tables], dict[Party, PartyResult]]
Array = NDArray[Any]


def text_order(ids: Array) -> Array:
    """Return the positions of ids in the order of plain text, in which batches and folds are cut."""
    return np.argsort(ids, kind="stable")


class Federation:
    """The n samples all parties have in common, in the guest's order, with the columns of each.

    Args:
        tables: instances by party, the guest first.
        exposure: name of the guest's exposure column, if it has one; it is no feature then.

    Attributes:
        tables: the common samples by party, the guest first.
        guest: the guest's.
        labels: shape (n,), or None.
        exposure: shape (n,) float64: the guest's exposure column; its sample weights without one; else ones.
    """

    def __init__(self, tables: Mapping[Party, Instances], exposure: str | None = None) -> None:
        first, *others = tables
        guest = tables[first]
        common = np.ones(len(guest), dtype=bool)
        for party in others:
            common &= positions_of(guest.ids, tables[party].ids) >= 0
        ids = guest.ids if common.all() else guest.ids[common]
        self.tables: Tables = {}
        for party, data in tables.items():
            same = len(data) == len(ids) and bool(np.all(data.ids == ids))
            self.tables[party] = data if same else data.take_ids(ids)
        self.guest = self.tables[first]
        self.exposure: NDArray[np.float64] = (
            np.ones(len(ids))
            if self.guest.weights is None
            else self.guest.weights.astype(np.float64, copy=False)
        )
        if exposure is not None and exposure in self.guest.header:
            self.exposure = self.guest.column(exposure).astype(np.float64)
            self.guest = self.tables[first] = self.guest.without(exposure)

    def __len__(self) -> int:
        return len(self.guest)

    @property
    def labels(self) -> Array | None:
        """The guest's labels, shape (n,)."""
        return self.guest.labels

    @property
    def features(self) -> list[NDArray[np.float64]]:
        """The features by party, the guest's first; shapes (n, d of the party)."""
        return [data.numbers for data in self.tables.values()]

    def in_batch_order(self) -> Federation:
        """Return the samples in the order in which batches are cut: by id, as plain text."""
        return self.take(text_order(self.guest.ids))

    def take(self, selection: Sequence[int] | Array) -> Federation:
        """Return the samples at positions, in that order, or where a mask says so."""
        part = Federation({party: data.take(selection) for party, data in self.tables.items()})
        part.exposure = self.exposure[np.asarray(selection)]
        return part


def fitted_model(run: ComponentRun, party: Party) -> Model:
    """Return the model a party is to predict with.

    Raises:
        ComponentFailed: it has none.
    """
    model = run.models.get(party)
    if model is None:
        raise ComponentFailed("can not find the model to predict with", party)
    return model


def models_to_go_on_from(run: ComponentRun) -> dict[Party, Model]:
    """Return the models that a training goes on from (a warm start), by party; empty if it starts anew."""
    if not run.behaviour.callbacks or "train_data" not in data_keys(run):
        return {}
    return {party: model for party, model in run.models.items() if model is not None}


def first_iteration(number: int) -> Metric:
    """Return what a party that goes on from a model tells of where it does."""
    meta = {"name": "train", "metric_type": "init_iter", "unit_name": "iters"}
    return Metric([["init_iter", number]], {**meta, "curve_name": "init_iter"})


def aligned_tables(run: ComponentRun, *keys: str) -> Tables:
    """Return the tables of guest and hosts under one of `keys`, their columns in the order of their models."""
    tables: Tables = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, *keys)
        if data is None:
            continue
        model = run.models.get(party)
        header = None if model is None else model.param.get("header") or model.state.get("header")
        if header:
            data = data.aligned(header)
        tables[party] = data
    return tables


def validation_tables(run: ComponentRun, tables: Tables) -> Tables:
    """Return the tables to validate with, their columns in the order of those of the training; empty without any.

    Raises:
        ComponentFailed: a column of the training is missing.
    """
    held = aligned_tables(run, "validate_data", "eval_data")
    for party, data in held.items():
        if party in tables:
            with guarded(party):
                held[party] = data.aligned(tables[party].header)
    return held


def loss_metric(
    losses: Sequence[float], curve: str, *, unit: bool = True, best: bool = False, first: int = 0
) -> Metric:
    """Return the curve of the losses of a training.

    Args:
        losses: one an iteration.
        curve: its name.
        unit: whether the meta names the unit.
        best: whether it names the lowest loss.
        first: the number of the first iteration.
    """
    meta: dict[str, Any] = {"name": "train", "metric_type": "LOSS"}
    if unit:
        meta["unit_name"] = "iters"
    meta["curve_name"] = curve
    if best:
        meta["Best"] = min(losses)
    return Metric([[first + i, loss] for i, loss in enumerate(losses)], meta)


def carry_out(
    run: ComponentRun, train: Act, cross_validate: Act, predict: Act
) -> dict[Party, PartyResult]:
    """Do with an algorithm what the inputs of a run ask for.

    A run without data, or without the guest's, hands its models on. So does one with a model that got nothing but
    ``data`` (`predicts_nothing`).

    Raises:
        ComponentFailed: cross validation or stepwise selection got more than training data.
    """
    training = "train_data" in data_keys(run)
    names = ("train_data",) if training else ("test_data", "eval_data", "data")
    tables = aligned_tables(run, *names)
    fitted = any(run.models.values())
    silent = predicts_nothing(run)
    if not any(role == "guest" for role, _ in tables) or (silent and fitted):
        return {
            party: PartyResult(model=model)
            for party, model in run.models.items()
            if model is not None
        }
    guest = next(iter(tables))
    asked = parameter(run, guest)
    alone = wants_folds(asked) or (asked.get("stepwise_param") or {}).get("need_stepwise")
    if training and alone and data_keys(run) != {"train_data"}:
        raise ComponentFailed(
            "Train_data should be set only in cross-validate task or stepwise task", guest
        )
    if training and wants_folds(asked):
        return cross_validate(run, tables)
    if not training and fitted:
        return predict(run, tables)
    results = train(run, tables)
    if silent:
        for result in results.values():
            result.tables = []
    return results
