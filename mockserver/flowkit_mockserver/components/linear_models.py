"""HeteroLR, HeteroLinR and HeteroPoisson: regressions over the columns of several parties."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.folds import fold_history, folds, host_history, text_order, wants_folds
from flowkit_mockserver.components.instances import Instances
from flowkit_mockserver.components.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    Party,
    PartyResult,
)
from flowkit_mockserver.components.linear_buffers import empty_model, loaded, party_model, summary_of
from flowkit_mockserver.components.linear_fit import LinearWeights, Training, fit, sigmoid
from flowkit_mockserver.components.predictions import (
    Row,
    binary_rows,
    merged_predictions,
    multi_rows,
    regression_rows,
)
from flowkit_mockserver.components.registry import component
from flowkit_mockserver.components.running import data_keys, instances, parameter, parties
from flowkit_mockserver.components.validation import Validation, evaluate_sets

__all__ = ["regress"]

_BINARY = 2
_EVAL_TYPES = {"HeteroLR": "binary", "HeteroLinR": "regression", "HeteroPoisson": "regression"}


class Federation:
    """The samples all parties have in common, with the columns of each.

    Args:
        tables: instances by party, the guest first.
        exposure: name of the guest's exposure column, if it has one.
    """

    def __init__(self, tables: Mapping[Party, Instances], exposure: str | None = None) -> None:
        guest, *hosts = tables
        common = [key for key in tables[guest].keys]
        for host in hosts:
            there = set(tables[host].keys)
            common = [key for key in common if key in there]
        self.tables: dict[Party, Instances] = {}
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


class Regression:
    """One trained regression, ready to predict.

    Args:
        module: which regression.
        weights: one set, or one for each of `classes`.
        classes: the labels of a one-vs-rest model, else empty.
        threshold: above which a sample counts as positive.
    """

    def __init__(
        self, module: str, weights: list[LinearWeights], classes: list[Any], threshold: float
    ) -> None:
        self.module, self.weights, self.classes, self.threshold = module, weights, classes, threshold

    def rows(self, data: Federation) -> list[Row]:
        """Return the prediction of every sample."""
        if self.classes:
            scores = [[sigmoid(v) for v in w.linear(data.features)] for w in self.weights]
            by_sample = [list(row) for row in zip(*scores, strict=True)]
            return multi_rows(data.labels, by_sample, self.classes)
        values = self.weights[0].linear(data.features)
        if self.module == "HeteroLR":
            return binary_rows(data.labels, [sigmoid(v) for v in values], self.threshold)
        if self.module == "HeteroPoisson":
            values = [
                math.exp(min(value, 70.0)) * exposure
                for value, exposure in zip(values, data.extra, strict=True)
            ]
        return regression_rows(data.labels, values)


class Fitted:
    """What training left: the regression, how it went (per class), and what validation saw."""

    def __init__(
        self,
        module: str,
        data: Federation,
        held: Federation | None,
        asked: Mapping[str, Any],
        *,
        seed: int,
        prefix: str = "",
    ) -> None:
        self.asked = asked
        self.classes: list[Any] = []
        if module == "HeteroLR":
            found = sorted(set(data.labels))
            self.classes = found if len(found) > _BINARY else []
        self.trainings: list[Training] = []
        self.validations: list[Validation] = []
        threshold = asked["predict_param"]["threshold"]
        ordered = data.in_batch_order()
        for event in self.classes or [1]:
            labels = ordered.labels
            if module == "HeteroLR":
                labels = [1.0 if label == event else -1.0 for label in labels]
            metrics = None if module == "HeteroLR" else asked["metrics"]
            watch = Validation(asked, _EVAL_TYPES[module], prefix=prefix, metrics=metrics)
            if watch.stops_early and held is None:
                raise ValueError("validate data is needed when early stopping is enabled")
            kept: list[LinearWeights] = []

            def look(
                iteration: int,
                weights: LinearWeights,
                watch: Validation = watch,
                event: Any = event,
                kept: list[LinearWeights] = kept,
            ) -> bool:
                if not watch.due(iteration):
                    return False
                sets = []
                for name, part in (("train", data), ("validate", held)):
                    if part is None:
                        continue
                    regression = Regression(module, [weights], [], threshold)
                    rows = regression.rows(part)
                    if self.classes:
                        rows = [[int(row[0] == event), *row[1:]] for row in rows]
                    sets.append((name, part.guest.keys, rows))
                stop = watch.look(iteration, sets)
                if watch.best_iteration == iteration:
                    kept[:] = [weights]
                return stop

            training = fit(
                module, ordered.features, labels, ordered.extra, asked, seed=seed, after=look
            )
            if watch.stops_early and kept:
                training.weights = kept[0]
                training.iterations = watch.best_iteration
            self.trainings.append(training)
            self.validations.append(watch)
        self.regression = Regression(
            module, [training.weights for training in self.trainings], self.classes, threshold
        )


def _tables(run: ComponentRun, *keys: str) -> dict[Party, Instances] | None:
    """Return the instances of guest and hosts under one of `keys`, aligned to their models; None without any."""
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, *keys)
        if data is None:
            continue
        model = run.models.get(party)
        if model is not None and model.state.get("header"):
            data = data.aligned(model.state["header"])
        tables[party] = data
    return tables or None


def _exposure(run: ComponentRun, asked: Mapping[str, Any]) -> str | None:
    return asked.get("exposure_colname") if run.module == "HeteroPoisson" else None


def _loss_metric(losses: Sequence[float], curve: str) -> Metric:
    meta = {"name": "train", "metric_type": "LOSS", "unit_name": "iters", "curve_name": curve}
    return Metric([[i, loss] for i, loss in enumerate(losses)], meta)


def _train(run: ComponentRun, tables: dict[Party, Instances]) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    data = Federation(tables, _exposure(run, asked))
    held_tables = _tables(run, "validate_data", "eval_data")
    held = Federation(held_tables, _exposure(run, asked)) if held_tables else None
    if len(tables) > _BINARY and asked["early_stop"] != "weight_diff":
        arbiter = next(iter(parties(run, "arbiter")), guest)
        raise ComponentFailed(
            "Multiple host situation, loss early stop function is not available."
            "You should use 'weight_diff' instead",
            arbiter,
        )
    fitted = Fitted(run.module, data, held, asked, seed=run.seed)
    results: dict[Party, PartyResult] = {}
    for place, (party, table) in enumerate(data.tables.items()):
        results[party] = PartyResult(
            summary=summary_of(run.module, fitted, place, table.header),
            model=party_model(run.module, parameter(run, party), fitted, place, table.header),
        )
    parts = [(data.guest, fitted.regression.rows(data), "train")]
    if held is not None:
        parts.append((held.guest, fitted.regression.rows(held), "validate"))
    results[guest].tables = [merged_predictions(parts, int_detail=bool(fitted.classes))]
    for watch in fitted.validations:
        for mode, metrics in watch.metrics.items():
            results[guest].metrics.setdefault(mode, {}).update(metrics)
    for party in parties(run, "arbiter"):
        result = PartyResult(
            summary=summary_of(run.module, fitted, -1, None),
            model=empty_model(run.module, parameter(run, party), fitted),
        )
        if not fitted.classes:
            result.add_metric("train", "loss", _loss_metric(fitted.trainings[0].losses, "loss"))
        results[party] = result
    return results


def _predict(run: ComponentRun, tables: dict[Party, Instances]) -> dict[Party, PartyResult]:
    results = {
        party: PartyResult(model=loaded(model))
        for party, model in run.models.items()
        if model is not None
    }
    guest = next(iter(tables))
    blocks: list[list[list[float]]] = []
    states = []
    for party in tables:
        model = run.models.get(party)
        if model is None:
            raise ComponentFailed("can not find the model to predict with", party)
        states.append(model.state)
        blocks.append(model.state["weights"])
    asked = parameter(run, guest)
    data = Federation(tables, _exposure(run, asked))
    weights = [
        LinearWeights([block[i] for block in blocks], intercept)
        for i, intercept in enumerate(states[0]["intercepts"])
    ]
    classes = states[0]["classes"]
    regression = Regression(run.module, weights, classes, states[0]["threshold"])
    rows = regression.rows(data)
    table = merged_predictions([(data.guest, rows, "predict")], int_detail=bool(classes))
    results[guest].tables = [table]
    return results


def _cross_validate(run: ComponentRun, tables: dict[Party, Instances]) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    data = Federation(tables, _exposure(run, asked))
    cv = asked["cv_param"]
    split = folds(data.guest.keys, cv)
    results = {
        party: PartyResult(summary={}, model=empty_model(run.module, parameter(run, party), None))
        for party in run.parties
    }
    history = []
    for fold, (train, validate) in enumerate(split):
        parts = {"train": data.take(train), "validate": data.take(validate)}
        prefix = f"fold_{fold}."
        fitted = Fitted(
            run.module, parts["train"], parts["validate"], asked, seed=run.seed, prefix=prefix
        )
        for watch in fitted.validations:
            for mode, metrics in watch.metrics.items():
                results[guest].metrics.setdefault(mode, {}).update(metrics)
        eval_type = "multi" if fitted.classes else _EVAL_TYPES[run.module]
        for name, part in parts.items():
            rows = fitted.regression.rows(part)
            sets = [(name, part.guest.keys, rows)]
            metrics = None if run.module == "HeteroLR" else asked["metrics"]
            scoring = evaluate_sets(f"{name}_fold_{fold}", eval_type, metrics, sets)
            for mode, found in scoring.metrics.items():
                results[guest].metrics.setdefault(mode, {}).update(found)
            history.append((fold, name, part.guest, rows))
        for place, (party, table) in enumerate(data.tables.items()):
            summary = results[party].summary
            if summary is not None:
                summary[f"fold_{fold}"] = summary_of(run.module, fitted, place, table.header)
        for party in parties(run, "arbiter"):
            if not fitted.classes:
                metric = _loss_metric(fitted.trainings[0].losses, str(fold))
                results[party].add_metric("train", f"loss.{fold}", metric)
    for party, result in results.items():
        if party[0] == "arbiter":
            result.summary = None
        elif result.summary is not None:
            result.summary["fold_num"] = len(split)
            if cv["output_fold_history"]:
                table = data.tables[party]
                result.tables = [
                    fold_history(table, history) if party == guest else host_history(table, split)
                ]
            else:
                result.tables = [data.tables[party].table()]
    return results


@component("HeteroLR", "HeteroLinR", "HeteroPoisson")
def regress(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train a regression, cross validate it, or predict with one."""
    keys = data_keys(run)
    if "train_data" in keys:
        tables = _tables(run, "train_data")
        act = _cross_validate if wants_folds(parameter(run, parties(run, "guest")[0])) else _train
    else:
        tables = _tables(run, "test_data", "eval_data", "data")
        act = _predict if any(run.models.values()) else _train
    if tables is None or next(iter(tables))[0] != "guest":
        return {
            party: PartyResult(model=model)
            for party, model in run.models.items()
            if model is not None
        }
    return act(run, tables)
