"""HomoLR: logistic regression over samples that lie with several parties, by averaging their weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowkit_mockserver.components.descent import (
    Convergence,
    Optimizer,
    dot,
    initial_weights,
    within_budget,
)
from flowkit_mockserver.components.folds import fold_history, folds, text_order, wants_folds
from flowkit_mockserver.components.instances import Instances
from flowkit_mockserver.components.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Party,
    PartyResult,
)
from flowkit_mockserver.components.linear_buffers import homo_model, loaded
from flowkit_mockserver.components.linear_fit import sigmoid
from flowkit_mockserver.components.predictions import Row, binary_rows, merged_predictions
from flowkit_mockserver.components.registry import component
from flowkit_mockserver.components.running import data_keys, instances, parameter, parties
from flowkit_mockserver.components.validation import Validation, evaluate_sets

__all__ = ["HomoTraining", "is_blind", "regress_homo"]

_BINARY = 2
_STEEP = 700.0


def _softplus(value: float) -> float:
    return value if value > _STEEP else math.log1p(math.exp(value))


@dataclass
class HomoTraining:
    """How a federated training went: the common weights, and the losses by party and together."""

    weights: list[float]
    intercept: float
    losses: dict[Party, list[float]]
    mean_losses: list[float]
    iterations: int = 0
    converged: bool = False

    def scores(self, data: Instances) -> list[float]:
        """Return the probability of every sample."""
        return [sigmoid(dot(row, self.weights) + self.intercept) for row in data.rows]


class _Client:
    """One party's share of the training.

    Args:
        data: its samples.
        asked: its parameter.
        clients: how many parties share the work.
        seed: for weights that start at random.
        slows: whether its learning rate decays; on the real server only the guest's does.
        blind: whether it sees the weights encrypted only; it cannot take a sigmoid then, and follows the second-order
            approximation.
    """

    def __init__(
        self, data: Instances, asked: Mapping[str, Any], clients: int, seed: int, *, slows: bool, blind: bool
    ) -> None:
        self.slows = slows
        order = text_order(data.keys)
        limit = within_budget(len(order), len(data.header) * clients, asked["max_iter"])
        weights = data.weights or [1.0] * len(data)
        chosen = order[:limit]
        self.rows = [[float(v) * weights[i] for v in data.rows[i]] for i in chosen]
        self.labels = [1.0 if (data.labels or [])[i] == 1 else -1.0 for i in chosen]
        self.size = asked["batch_size"] if asked["batch_size"] > 0 else len(chosen)
        self.proximal: float | None = asked["mu"] if asked["use_proximal"] else None
        self.optimizer = Optimizer(asked)
        self.approximate = blind
        self.has_intercept = asked["init_param"]["fit_intercept"]
        start = initial_weights(
            asked["init_param"], len(data.header), intercept=self.has_intercept, seed=seed
        )
        self.intercept = start.pop() if self.has_intercept else 0.0
        if asked["init_param"]["init_method"] == "zeros" and self.has_intercept:
            ones = sum(1 for label in data.labels or [] if label == 1)
            rest = len(data) - ones
            self.intercept = math.log(ones / rest) if ones and rest else 0.0
        self.weights = start

    def loss(self, weights: Sequence[float], intercept: float) -> float:
        total = sum(
            _softplus(-label * (dot(row, weights) + intercept))
            for row, label in zip(self.rows, self.labels, strict=True)
        )
        return (total + self.optimizer.loss(weights)) / len(self.rows)

    def _residual(self, label: float, linear: float) -> float:
        if self.approximate:
            return 0.25 * linear - 0.5 * label
        return (sigmoid(label * linear) - 1.0) * label

    def train(self, iteration: int, common: Sequence[float]) -> int:
        """Go once through the batches; return how many samples that were."""
        self.optimizer.iteration = iteration if self.slows else 0
        for start in range(0, len(self.rows), self.size):
            rows = self.rows[start : start + self.size]
            labels = self.labels[start : start + self.size]
            residuals = [
                self._residual(label, dot(row, self.weights) + self.intercept)
                for row, label in zip(rows, labels, strict=True)
            ]
            count = len(rows)
            gradient = [dot(column, residuals) / count for column in zip(*rows, strict=True)]
            gradient = self.optimizer.regular(gradient, self.weights)
            gradient.append(sum(residuals) / count if self.has_intercept else 0.0)
            moves = self.optimizer.step(gradient)
            self.weights = self.optimizer.updated(self.weights, moves[:-1])
            self.intercept -= moves[-1] if self.has_intercept else 0.0
            if self.proximal is not None:
                mu = self.proximal
                self.weights = [
                    w - mu * (w - c) for w, c in zip(self.weights, common, strict=True)
                ]
        return len(self.rows)


def is_blind(party: Party, asked: Mapping[str, Any]) -> bool:
    """Say whether a party works on encrypted weights: a host that was given a cipher."""
    method = asked["encrypt_param"]["method"]
    return party[0] == "host" and bool(method) and str(method).lower() == "paillier"


def _mean(values: Sequence[float], shares: Sequence[float]) -> float:
    return sum(v * s for v, s in zip(values, shares, strict=True)) / sum(shares)


def _train(
    tables: Mapping[Party, Instances],
    asked: Mapping[Party, Mapping[str, Any]],
    watches: Mapping[Party, Validation],
    held: Mapping[Party, Instances],
    seed: int,
) -> HomoTraining:
    clients = {
        party: _Client(
            data,
            asked[party],
            len(tables),
            seed,
            slows=party[0] == "guest",
            blind=is_blind(party, asked[party]),
        )
        for party, data in tables.items()
    }
    first = next(iter(asked.values()))
    convergence = Convergence(first["early_stop"], first["tol"])
    training = HomoTraining([], 0.0, {party: [] for party in tables}, [])
    degrees = [0.0] * len(clients)
    last = first["max_iter"]
    for iteration in range(last + 1):
        training.iterations = iteration
        if (iteration + 1) % first["aggregate_iters"] == 0 or iteration == last:
            shares = degrees if any(degrees) else [1.0] * len(clients)
            members = list(clients.values())
            training.weights = [
                _mean(values, shares)
                for values in zip(*(client.weights for client in members), strict=True)
            ]
            training.intercept = _mean([client.intercept for client in members], shares)
            losses = []
            for party, client in clients.items():
                client.weights, client.intercept = list(training.weights), training.intercept
                if is_blind(party, asked[party]):
                    continue
                losses.append(client.loss(training.weights, training.intercept))
                training.losses[party].append(losses[-1])
            seen = [s for s, party in zip(shares, clients, strict=True) if training.losses[party]]
            training.mean_losses.append(_mean(losses, seen))
            degrees = [0.0] * len(clients)
            training.converged = convergence.settled(
                training.mean_losses[-1], [*training.weights, training.intercept]
            )
            if training.converged or iteration == last:
                break
        for place, client in enumerate(clients.values()):
            degrees[place] += client.train(iteration, training.weights)
        for party, watch in watches.items():
            if watch.due(iteration):
                parts = [("train", tables[party])]
                parts += [("validate", held[party])] if party in held else []
                sets = [
                    (name, part.keys, _rows(training, part, asked[party], party))
                    for name, part in parts
                ]
                watch.look(iteration, sets)
    return training


def _rows(
    training: HomoTraining, data: Instances, asked: Mapping[str, Any], party: Party
) -> list[Row]:
    labels = data.labels or [None] * len(data)
    rows = binary_rows(labels, training.scores(data), asked["predict_param"]["threshold"])
    if is_blind(party, asked):
        # The arbiter tells such a party the result, never the score.
        return [[row[0], row[1], None, dict.fromkeys(row[3])] for row in rows]
    if party[0] == "host":
        # A host writes the detail the other way round.
        for row in rows:
            row[3] = dict(reversed(row[3].items()))
    return rows


def _check_labels(tables: Mapping[Party, Instances]) -> None:
    found = {label for data in tables.values() for label in data.labels or []}
    party = next(iter(tables))
    if len(found) > _BINARY:
        raise ComponentFailed("Homo LR support binary classification only now", party)
    if len(found) <= 1:
        raise ComponentFailed("Number of classes should be equal to 2", party)


def _loss_metric(losses: Sequence[float], curve: str) -> Metric:
    meta = {"name": "train", "metric_type": "LOSS", "unit_name": "iters", "curve_name": curve}
    return Metric([[i, loss] for i, loss in enumerate(losses)], meta)


def _summary(training: HomoTraining, header: Sequence[str], *, blind: bool) -> dict[str, Any]:
    return {
        "coef": {} if blind else dict(zip(header, training.weights, strict=True)),
        "intercept": None if blind else training.intercept,
        "is_converged": training.converged,
        "best_iteration": -1,
    }


def _watches(tables: Mapping[Party, Instances], asked: Mapping[Party, Any], prefix: str = "") -> dict[Party, Validation]:
    """Return who validates while training: the guest alone."""
    return {
        party: Validation(asked[party], "binary", prefix=prefix)
        for party in tables
        if party[0] == "guest"
    }


def _tables(run: ComponentRun, *keys: str) -> dict[Party, Instances]:
    tables = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, *keys)
        if data is None:
            continue
        model = run.models.get(party)
        tables[party] = data.aligned(model.state["header"]) if model else data
    return tables


def _fit(run: ComponentRun, tables: dict[Party, Instances]) -> dict[Party, PartyResult]:
    asked = {party: parameter(run, party) for party in run.parties}
    clients = {party: asked[party] for party in tables}
    held = _tables(run, "validate_data", "eval_data")
    watches = _watches(tables, asked)
    _check_labels(tables)
    training = _train(tables, clients, watches, held, run.seed)
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        watch = watches.get(party)
        parts = [(data, _rows(training, data, asked[party], party), "train")]
        if party in held:
            other = held[party]
            parts.append((other, _rows(training, other, asked[party], party), "validate"))
        result = PartyResult(
            [merged_predictions(parts)],
            watch.metrics if watch else {},
            _summary(training, data.header, blind=is_blind(party, asked[party])),
            homo_model(
                party, asked[party], training, data.header, blind=is_blind(party, asked[party])
            ),
        )
        if training.losses[party]:
            result.add_metric("train", "loss", _loss_metric(training.losses[party], "loss"))
        results[party] = result
    width = len(training.weights)
    for party in parties(run, "arbiter"):
        header = [f"x{i}" for i in range(width)]
        result = PartyResult(model=homo_model(party, asked[party], training, header))
        result.add_metric("train", "loss", _loss_metric(training.mean_losses, "loss"))
        results[party] = result
    return results


def _cross_validate(run: ComponentRun, tables: dict[Party, Instances]) -> dict[Party, PartyResult]:
    asked = {party: parameter(run, party) for party in run.parties}
    clients = {party: asked[party] for party in tables}
    _check_labels(tables)
    results = {
        party: PartyResult(model=homo_model(party, asked[party], None, [])) for party in run.parties
    }
    cv = next(iter(clients.values()))["cv_param"]
    splits = {party: folds(data.keys, cv) for party, data in tables.items()}
    history: dict[Party, list[Any]] = {party: [] for party in tables}
    summaries: dict[Party, dict[str, Any]] = {party: {} for party in tables}
    for fold in range(cv["n_splits"]):
        train = {party: data.take(splits[party][fold][0]) for party, data in tables.items()}
        held = {party: data.take(splits[party][fold][1]) for party, data in tables.items()}
        watches = _watches(tables, asked, prefix=f"fold_{fold}.")
        training = _train(train, clients, watches, held, run.seed)
        for party, data in tables.items():
            result = results[party]
            for name, part in (("train", train[party]), ("validate", held[party])):
                rows = _rows(training, part, asked[party], party)
                scoring = evaluate_sets(
                    f"{name}_fold_{fold}", "binary", None, [(name, part.keys, rows)]
                )
                for mode, found in scoring.metrics.items():
                    result.metrics.setdefault(mode, {}).update(found)
                history[party].append((fold, name, part, rows))
            if training.losses[party]:
                curve = _loss_metric(training.losses[party], str(fold))
                result.add_metric("train", f"loss.{fold}", curve)
            if party in watches:
                for mode, found in watches[party].metrics.items():
                    result.metrics.setdefault(mode, {}).update(found)
            blind = is_blind(party, asked[party])
            summaries[party][f"fold_{fold}"] = _summary(training, data.header, blind=blind)
        for party in parties(run, "arbiter"):
            curve = _loss_metric(training.mean_losses, str(fold))
            results[party].add_metric("train", f"loss.{fold}", curve)
    for party, data in tables.items():
        results[party].summary = {**summaries[party], "fold_num": cv["n_splits"]}
        if cv["output_fold_history"]:
            results[party].tables = [fold_history(data, history[party])]
        else:
            results[party].tables = [data.table()]
    return results


def _predict(run: ComponentRun, tables: dict[Party, Instances]) -> dict[Party, PartyResult]:
    results = {
        party: PartyResult(model=loaded(model, best_iteration=0 if party[0] == "host" else -1))
        for party, model in run.models.items()
        if model is not None
    }
    for party, data in tables.items():
        model = run.models.get(party)
        if model is None:
            raise ComponentFailed("can not find the model to predict with", party)
        training = HomoTraining(model.state["weights"], model.state["intercept"], {}, [])
        rows = _rows(training, data, parameter(run, party), party)
        results[party].tables = [merged_predictions([(data, rows, "predict")])]
    return results


@component("HomoLR")
def regress_homo(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train the common model, cross validate it, or predict with it."""
    if "train_data" in data_keys(run):
        tables = _tables(run, "train_data")
        cross = wants_folds(parameter(run, next(iter(tables))))
        return _cross_validate(run, tables) if cross else _fit(run, tables)
    tables = _tables(run, "test_data", "eval_data", "data")
    return _predict(run, tables) if any(run.models.values()) else _fit(run, tables)
