"""FeatureScale: columns brought to a common range or spread."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import instances, parameter
from flowkit_mockserver.components.statistic.moments import mean_and_deviation
from flowkit_mockserver.components.statistic.quantile import quantile, rank_values
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["scale"]

_TINY = 1e-6
_MIN_MAX = "min_max_scale"


def _limit(bound: Any, at: int) -> float | None:
    if isinstance(bound, list):
        return float(bound[at])
    return None if bound is None else float(bound)


def _range(column: Sequence[Any], asked: Mapping[str, Any], at: int) -> tuple[float, float]:
    """Return the lowest and highest value a column may have."""
    upper, lower = asked["feat_upper"], asked["feat_lower"]
    ordered = rank_values(column)
    if asked["mode"] == "cap":
        shares = (0 if lower is None else lower, 1.0 if upper is None else upper)
        return quantile(ordered, shares[0]), quantile(ordered, shares[1])
    low, high = (ordered[0], ordered[-1]) if ordered else (math.nan, math.nan)
    top, bottom = _limit(upper, at), _limit(lower, at)
    if top is not None:
        low, high = min(low, top), min(high, top)
    if bottom is not None:
        low, high = max(low, bottom), max(high, bottom)
    return low, high


def _chosen(header: list[str], asked: Mapping[str, Any]) -> list[int]:
    indexes = asked["scale_col_indexes"]
    if not isinstance(indexes, list):
        return list(range(len(header)))
    if indexes and max(indexes) >= len(header):
        raise ValueError(
            f"max column index in area is:{max(indexes)}, should less than data shape:{len(header)}"
        )
    names = set(asked["scale_names"] or [])
    return sorted({*indexes, *(i for i, name in enumerate(header) if name in names)})


def _fit(data: Instances, asked: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return range, mean and deviation of every scaled column by name."""
    columns = data.columns()
    chosen = _chosen(data.header, asked)
    fitted: dict[str, dict[str, float]] = {}
    limited = asked["feat_upper"] is not None or asked["feat_lower"] is not None
    for at in chosen:
        low, high = _range(columns[at], asked, at)
        found = {"column_upper": high, "column_lower": low, "mean": 0.0, "std": 0.0}
        if asked["method"] != _MIN_MAX:
            column = [min(max(v, low), high) for v in columns[at]] if limited else columns[at]
            mean, deviation = mean_and_deviation(column)
            found["mean"] = mean if asked["with_mean"] else 0.0
            found["std"] = deviation if asked["with_std"] and abs(deviation) >= _TINY else 1.0
        fitted[data.header[at]] = found
    return fitted


def _apply(data: Instances, fitted: Mapping[str, Mapping[str, float]], method: str) -> Instances:
    columns = data.columns()
    for at, name in enumerate(data.header):
        if (found := fitted.get(name)) is None:
            continue
        low, high = found["column_lower"], found["column_upper"]
        column = [high if v > high else low if v < low else v for v in columns[at]]
        if method == _MIN_MAX:
            span = high - low if high - low >= _TINY else 1.0
            columns[at] = [(v - low) / span for v in column]
        else:
            mean, deviation = found["mean"], found["std"]
            columns[at] = [(v - mean) / deviation for v in column]
    return data.with_columns(columns, data.header)


def _texts(bound: Any, width: int) -> list[str]:
    if isinstance(bound, list):
        return [str(item) for item in bound]
    return [str(bound)] * width


def _model(
    asked: Mapping[str, Any], header: list[str], fitted: dict[str, dict[str, float]]
) -> Model:
    standard = asked["method"] != _MIN_MAX
    capped = asked["mode"] == "cap"
    upper = 1.0 if capped and asked["feat_upper"] is None else asked["feat_upper"]
    lower = 0 if capped and asked["feat_lower"] is None else asked["feat_lower"]
    meta = message(
        "ScaleMeta",
        method=asked["method"],
        mode="" if standard else asked["mode"],
        area="null",
        scaleColumn=[name for name in header if name in fitted],
        featUpper=_texts(upper, len(header)),
        featLower=_texts(lower, len(header)),
        withMean=standard and asked["with_mean"],
        withStd=standard and asked["with_std"],
        needRun=True,
    )
    param = message(
        "ScaleParam",
        header=header,
        colScaleParam={
            name: message(
                "ColumnScaleParam",
                columnUpper=found["column_upper"],
                columnLower=found["column_lower"],
                mean=found["mean"],
                std=found["std"],
            )
            for name, found in fitted.items()
        },
    )
    state = {"method": asked["method"], "columns": fitted}
    return saved_model("FeatureScale", meta, param, state)


def _loaded(model: Model) -> Model:
    """Return a model as a component shows it that applies it: the bounds it was given are forgotten."""
    return replace(model, meta={**model.meta, "featUpper": [], "featLower": []})


def scale(run: ComponentRun) -> dict[Party, PartyResult]:
    """Scale each party's columns, by its own data or by a fitted model."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        model = run.models.get(party)
        asked = parameter(run, party)
        if model:
            data = data.aligned(model.param["header"])
            fitted, method = model.state["columns"], model.state["method"]
        else:
            fitted, method = _fit(data, asked), asked["method"]
        result = PartyResult(
            [_apply(data, fitted, method).table()],
            summary=None if model else fitted,
            model=_loaded(model) if model else _model(asked, data.header, fitted),
        )
        meta = {"name": "scale", "metric_type": "SCALE", "method": method, "curve_name": "scale"}
        result.add_metric("train", "scale", Metric([], meta))
        results[party] = result
    return results
