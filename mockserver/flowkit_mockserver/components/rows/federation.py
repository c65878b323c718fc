"""What several parties bring to one training: their tables, the samples they share, the curve of the losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.run import wants_folds
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import data_keys, instances, parameter, parties
from flowkit_mockserver.party import Party

__all__ = [
    "Federation",
    "Tables",
    "aligned_tables",
    "carry_out",
    "fitted_model",
    "loss_metric",
    "text_order",
]

Tables = dict[Party, Instances]
Act = Callable[[ComponentRun, Tables], dict[Party, PartyResult]]


def text_order(keys: Sequence[str]) -> list[int]:
    """Return the positions of keys in the order of plain text, in which batches and folds are cut."""
    return sorted(range(len(keys)), key=keys.__getitem__)


class Federation:
    """The samples all parties have in common, with the columns of each.

    Args:
        tables: instances by party, the guest first.
        exposure: name of the guest's exposure column, if it has one.
    """

    def __init__(self, tables: Mapping[Party, Instances], exposure: str | None = None) -> None:
        guest, *hosts = tables
        common = tables[guest].keys
        for host in hosts:
            there = set(tables[host].keys)
            common = [key for key in common if key in there]
        self.tables: Tables = {}
        for party, data in tables.items():
            if data.keys == common:
                self.tables[party] = data
            else:
                at = {key: i for i, key in enumerate(data.keys)}
                self.tables[party] = data.take([at[key] for key in common])
        self.guest = self.tables[guest]
        self.labels: list[Any] = self.guest.labels or [None] * len(self.guest)
        self.extra = [1.0] * len(common) if self.guest.weights is None else self.guest.weights
        if exposure is not None and exposure in self.guest.header:
            place = self.guest.header.index(exposure)
            self.extra = [row[place] for row in self.guest.rows]
            header = [name for name in self.guest.header if name != exposure]
            rows = [row[:place] + row[place + 1 :] for row in self.guest.rows]
            self.guest = self.tables[guest] = self.guest.with_rows(rows, header)

    @property
    def features(self) -> list[list[list[Any]]]:
        """Rows by party, the guest's first."""
        return [data.rows for data in self.tables.values()]

    def in_batch_order(self) -> Federation:
        """Return the samples in the order in which batches are cut: by key, as plain text."""
        return self.take(text_order(self.guest.keys))

    def take(self, positions: Sequence[int]) -> Federation:
        """Return some of the samples."""
        part = Federation({party: data.take(positions) for party, data in self.tables.items()})
        part.extra = [self.extra[i] for i in positions]
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


def aligned_tables(run: ComponentRun, *keys: str) -> Tables:
    """Return the tables of guest and hosts under one of `keys`, their columns in the order of their models."""
    tables: Tables = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, *keys)
        if data is None:
            continue
        model = run.models.get(party)
        if model is not None and model.state.get("header"):
            data = data.aligned(model.state["header"])
        tables[party] = data
    return tables


def loss_metric(
    losses: Sequence[float], curve: str, *, unit: bool = True, best: bool = False
) -> Metric:
    """Return the curve of the losses of a training; `best` adds the lowest one to the meta."""
    meta: dict[str, Any] = {"name": "train", "metric_type": "LOSS"}
    if unit:
        meta["unit_name"] = "iters"
    meta["curve_name"] = curve
    if best:
        meta["Best"] = min(losses)
    return Metric([[i, loss] for i, loss in enumerate(losses)], meta)


def carry_out(
    run: ComponentRun, train: Act, cross_validate: Act, predict: Act
) -> dict[Party, PartyResult]:
    """Do with an algorithm what the inputs of a run ask for.

    A run without data, or without the guest's, hands its models on.
    """
    training = "train_data" in data_keys(run)
    names = ("train_data",) if training else ("test_data", "eval_data", "data")
    tables = aligned_tables(run, *names)
    if not any(role == "guest" for role, _ in tables):
        return {
            party: PartyResult(model=model)
            for party, model in run.models.items()
            if model is not None
        }
    if training and wants_folds(parameter(run, next(iter(tables)))):
        return cross_validate(run, tables)
    if not training and any(run.models.values()):
        return predict(run, tables)
    return train(run, tables)
