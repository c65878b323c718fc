"""HeteroNN: networks over the columns of several parties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.nn.export import hetero_nn_model
from flowkit_mockserver.components.nn.network import Network, network_rows
from flowkit_mockserver.components.rows.federation import (
    Federation,
    Tables,
    aligned_tables,
    carry_out,
    fitted_model,
    loss_metric,
)
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.predict_output import Row, merged_predictions
from flowkit_mockserver.components.rows.run import parameter
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["learn_across"]

_PAIR = 2


def _eval_type(network: Network) -> str:
    if not network.classes:
        return "regression"
    return "multi" if network.classes > _PAIR else "binary"


def _together(data: Federation) -> list[list[float]]:
    return [
        [float(v) for part in parts for v in part] for parts in zip(*data.features, strict=True)
    ]


class _Vertical:
    """A network over the columns of all parties, trained with a look at its rounds."""

    def __init__(
        self,
        data: Federation,
        held: Federation | None,
        asked: Mapping[str, Any],
        *,
        prefix: str = "",
    ) -> None:
        self.asked = asked
        self.losses: list[float] = []
        self.converged = False
        rows = _together(data)
        classes = 0
        targets = data.labels
        if asked["task_type"] != "regression":
            found = sorted(set(data.labels))
            classes = max(len(found), _PAIR)
            targets = [found.index(label) for label in data.labels]
        self.network = Network.untrained(rows, classes)
        self.watch = Validation(
            asked, _eval_type(self.network), prefix=prefix, metrics=asked["metrics"] or None
        )
        best: list[dict[str, Any]] = []

        def after(epoch: int, loss: float) -> bool:
            self.losses.append(loss)
            if self.watch.due(epoch):
                sets = [("train", data.guest.keys, self.rows(data))]
                if held is not None:
                    sets.append(("validate", held.guest.keys, self.rows(held)))
                stop = self.watch.look(epoch, sets)
                if self.watch.best_iteration == epoch:
                    best[:] = [self.network.state()]
                if stop:
                    return True
            before = self.losses[-2] if len(self.losses) > 1 else None
            change = loss if asked["early_stop"] == "abs" or before is None else loss - before
            selective = (asked.get("selector_param") or {}).get("method")
            if before is not None or asked["early_stop"] == "abs":
                self.converged = not selective and abs(change) <= asked["tol"]
            return self.converged

        self.network.train(rows, targets, asked["epochs"], after)
        if self.watch.stops_early and best:
            self.network = Network.from_state(best[0])

    def rows(self, data: Federation) -> list[Row]:
        """Return the predictions of samples."""
        threshold = self.asked["predict_param"]["threshold"]
        return network_rows(self.network, data.guest, _together(data), threshold)

    def summary(self) -> dict[str, Any]:
        """Return what the guest says of the training; a host says nothing."""
        summary: dict[str, Any] = {
            "history_loss": self.losses,
            "is_converged": self.converged,
            "best_iteration": self.watch.best_iteration,
        }
        if self.watch.summary:
            summary["validation_metrics"] = self.watch.summary
        return summary


def _check(tables: Tables, asked: Mapping[str, Any]) -> None:
    guest = next(iter(tables))
    if tables[guest].labels is None:
        raise ComponentFailed("input data of the guest has no label", guest)
    if asked["task_type"] not in {"classification", "regression"}:
        raise ComponentFailed("config_type should be classification or regression", guest)


def _train_across(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    _check(tables, asked)
    data = Federation(tables)
    held_tables = aligned_tables(run, "validate_data", "eval_data")
    held = Federation(held_tables) if held_tables else None
    fitted = _Vertical(data, held, asked)
    results: dict[Party, PartyResult] = {}
    at = 0
    for party, table in data.tables.items():
        model = hetero_nn_model(
            party,
            parameter(run, party),
            fitted.network,
            table.header,
            columns=slice(at, at + len(table.header)),
            losses=fitted.losses,
            labels=len(set(data.labels)),
            best_iteration=fitted.watch.best_iteration,
        )
        at += len(table.header)
        results[party] = PartyResult(model=model)
    parts = [(data.guest, fitted.rows(data), "train")]
    if held is not None:
        parts.append((held.guest, fitted.rows(held), "validate"))
    result = results[guest]
    result.summary = fitted.summary()
    result.tables = [merged_predictions(parts)]
    result.metrics = fitted.watch.metrics
    result.add_metric("train", "loss", loss_metric(fitted.losses, "loss"))
    return results


def _cross_validate_across(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    guest = next(iter(tables))
    asked = parameter(run, guest)
    _check(tables, asked)
    common = Federation(tables).tables
    split = folds(common[guest].keys, asked["cv_param"])

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: Federation(members) for name, members in sets.items()}
        fitted = _Vertical(parts["train"], parts["validate"], asked, prefix=f"fold_{number}.")
        return Fold(
            predictions={
                guest: {name: (part.guest, fitted.rows(part)) for name, part in parts.items()}
            },
            eval_type=_eval_type(fitted.network),
            summaries={party: fitted.summary() if party == guest else {} for party in common},
            losses={guest: loss_metric(fitted.losses, str(number))},
            validations={guest: [fitted.watch]},
        )

    return cross_validated(
        run,
        common,
        dict.fromkeys(common, split),
        train,
        metrics=asked["metrics"] or None,
        keep_history=asked["cv_param"]["output_fold_history"],
    )


def _predict_across(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    results = {party: PartyResult(model=fitted_model(run, party)) for party in tables}
    guest = next(iter(tables))
    data = Federation(tables)
    network = Network.from_state(fitted_model(run, guest).state["network"])
    threshold = parameter(run, guest)["predict_param"]["threshold"]
    rows = network_rows(network, data.guest, _together(data), threshold)
    results[guest].tables = [merged_predictions([(data.guest, rows, "predict")])]
    return results


def learn_across(run: ComponentRun) -> dict[Party, PartyResult]:
    """Train a network over the columns of all parties, cross validate it, or predict with it."""
    return carry_out(run, _train_across, _cross_validate_across, _predict_across)
