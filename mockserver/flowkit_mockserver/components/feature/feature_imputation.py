"""FeatureImputation: values that count as missing are filled, column by column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.parts import Matrix
from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.partition import partitions_of, sum_by_partition
from flowkit_mockserver.components.core.run import instances, parameter
from flowkit_mockserver.components.feature.imputer import LATER_MISSING_TEXTS
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["impute_features", "resting_model"]

_TYPES = {"int": int, "int64": int, "long": int, "float": float, "float64": float, "double": float}


@dataclass(frozen=True)
class _Filling:
    """How columns are filled.

    Attributes:
        unwanted: what counts as missing.
        methods: by column; None leaves a column alone.
        values: what replaces the missing, one a column in the order of the table.
    """

    unwanted: list[Any]
    methods: Mapping[str, str | None]
    values: list[Any]

    @property
    def skipped(self) -> list[str]:
        """The columns that are left alone."""
        return [name for name, method in self.methods.items() if method is None]


def _marked(numbers: NDArray[np.float64], unwanted: Sequence[Any]) -> NDArray[np.bool_]:
    known = [
        float(value)
        for value in unwanted
        if isinstance(value, int | float) and not math.isnan(value)
    ]
    marked: NDArray[np.bool_] = np.isin(numbers, known)
    if any(isinstance(value, float) and math.isnan(value) for value in unwanted):
        marked |= np.isnan(numbers)
    return marked


def _methods(asked: Mapping[str, Any], header: Sequence[str]) -> dict[str, str | None]:
    chosen = asked["col_missing_fill_method"] or {}
    if unknown := [name for name in chosen if name not in header]:
        raise ValueError(
            f"{unknown[0]} not found in data header. Please check col_missing_fill_method keys."
        )
    return {name: chosen.get(name, asked["missing_fill_method"]) for name in header}


def _fit(data: Instances, asked: Mapping[str, Any]) -> _Filling:
    unwanted = asked["missing_impute"]
    unwanted = list(LATER_MISSING_TEXTS) if unwanted is None else list(unwanted)
    methods = _methods(asked, data.header)
    default = asked["default_value"]
    if isinstance(default, list) and len(default) != data.width:
        raise ValueError(
            f"replace value {default} length does not match with header {data.header}, please check."
        )
    numbers = data.numbers
    nothing = any(isinstance(value, float) and math.isnan(value) for value in unwanted)
    if not nothing and set(methods.values()) - {None, "designated"} and np.isnan(numbers).any():
        # What was NaN in the table is None to the statistics of the server, unless the user counts it as missing.
        raise ValueError("TypeError: float() argument must be a string or a number, not 'NoneType'")
    known = ~_marked(numbers, unwanted) & ~np.isnan(numbers)
    parts = partitions_of(data.ids.tolist(), data.partitions)
    values: list[Any] = []
    for place, method in enumerate(methods.values()):
        column = numbers[known[:, place], place]
        if method is None:
            values.append(0)
        elif method == "designated":
            values.append(default[place] if isinstance(default, list) else default)
        elif method == "mean":
            counted = np.where(known[:, place], numbers[:, place], 0.0)
            total = sum_by_partition(counted, parts, data.partitions)
            values.append(total / len(column) if len(column) else math.nan)
        elif method == "min":
            values.append(float(column.min(initial=math.inf)))
        else:
            values.append(float(column.max(initial=-math.inf)))
    return _Filling(unwanted, methods, values)


def _filled(data: Instances, filling: _Filling) -> tuple[Instances, list[float]]:
    """Return a table without what is missing, and by column the share of it that was."""
    marked: NDArray[np.bool_] = _marked(data.numbers, filling.unwanted)
    skipped = set(filling.skipped)
    marked[:, [name in skipped for name in data.header]] = False
    rates: list[float] = marked.mean(axis=0).tolist()
    if not marked.any():
        return data, rates
    whole: NDArray[np.bool_] = np.all(marked, axis=1)
    if whole.any() and not any(isinstance(value, float) for value in filling.values):
        # A row of nothing but integers stays one.
        rows = [
            filling.values
            if all_of
            else [
                float(value) if gone else own
                for value, gone, own in zip(filling.values, lost, row, strict=True)
            ]
            for all_of, lost, row in zip(
                list(whole), marked.tolist(), data.numbers.tolist(), strict=True
            )
        ]
        matrix = Matrix.of_rows(rows, data.width)
        return data.with_features(matrix.data, forms=matrix.forms), rates
    features = np.where(marked, np.array(filling.values, dtype=np.float64), data.numbers)
    return data.with_features(features), rates


def _saved(header: Sequence[str], filling: _Filling, rates: Sequence[float]) -> Model:
    kept = [name for name in header if name not in filling.skipped]
    # Names without those that are left alone meet the values of all columns, as on the server.
    pairs = list(zip(kept, filling.values, strict=False))
    meta = message(
        "FeatureImputationMeta",
        needRun=True,
        imputerMeta=message(
            "FeatureImputerMeta",
            isImputer=True,
            missingValue=[str(value) for value in filling.unwanted],
            missingValueType=[type(value).__name__ for value in filling.unwanted],
        ),
    )
    param = message(
        "FeatureImputationParam",
        header=header,
        imputerParam=message(
            "FeatureImputerParam",
            missingReplaceValue={name: str(value) for name, value in pairs},
            missingReplaceValueType={name: type(value).__name__ for name, value in pairs},
            missingValueRatio=dict(zip(header, rates, strict=True)),
            skipCols=filling.skipped,
            colsReplaceMethod={name: str(method) for name, method in filling.methods.items()},
        ),
    )
    return saved_model("FeatureImputation", meta, param)


def _typed(text: str, kind: str) -> Any:
    return _TYPES.get(kind, str)(text)


def _loaded(model: Model) -> _Filling:
    imputer, param = model.meta["imputerMeta"], model.param["imputerParam"]
    skipped = set(param["skipCols"])
    unwanted = [
        _typed(text, kind)
        for text, kind in zip(imputer["missingValue"], imputer["missingValueType"], strict=True)
    ]
    values, types = param["missingReplaceValue"], param["missingReplaceValueType"]
    return _Filling(
        unwanted,
        {
            name: None if name in skipped else param["colsReplaceMethod"].get(name)
            for name in model.param["header"]
        },
        [
            _typed(values[name], types[name]) if name in values else 0
            for name in model.param["header"]
        ],
    )


def resting_model(_run: ComponentRun, party: Party) -> Model:
    """Refuse to rest: the server fails when it saves the model of a party whose parameter says ``need_run: false``.

    Raises:
        ComponentFailed: always.
    """
    raise ComponentFailed("TypeError: 'NoneType' object is not iterable", party)


def impute_features(run: ComponentRun) -> dict[Party, PartyResult]:
    """Fill what is missing in the tables of the parties, by their parameters or by fitted models."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        data = instances(run, party, "data", "train_data", "test_data", "validate_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        model = run.models.get(party)
        with guarded(party):
            if model is not None:
                table, _ = _filled(data, _loaded(model))
                # The server saves the model once more, without the methods.
                known = model.param["imputerParam"]
                methods = dict.fromkeys(known["colsReplaceMethod"], "None")
                imputer = {**known, "colsReplaceMethod": methods}
                again = saved_model(
                    model.module, model.meta, {**model.param, "imputerParam": imputer}
                )
                results[party] = PartyResult([table.table()], model=again)
                continue
            filling = _fit(data, parameter(run, party))
            table, rates = _filled(data, filling)
        summary = {
            "missing_value": filling.unwanted,
            "missing_impute_value": dict(zip(data.header, filling.values, strict=True)),
            "missing_impute_rate": dict(zip(data.header, rates, strict=True)),
            "skip_cols": filling.skipped,
        }
        saved = _saved(data.header, filling, rates)
        results[party] = PartyResult([table.table()], summary=summary, model=saved)
    return results
