"""FeatureScale: columns brought to a common range or spread.

Values beyond the bounds of a column are brought to them first. Then, with a difference or a deviation below 1e-6
counting as 1:

    min_max_scale    (x - lower) / (upper - lower)
    standard_scale   (x - mean) / deviation
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import instances, parameter
from flowkit_mockserver.components.statistic.moments import Moments, numeric
from flowkit_mockserver.components.statistic.quantile import column_summaries, order_warnings
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["resting_model", "scale"]

_TINY = 1e-6
_MIN_MAX, _STANDARD = "min_max_scale", "standard_scale"
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Scale:
    """How the columns at `places` are scaled; all arrays have one entry for each of them."""

    places: list[int]
    lower: Floats
    upper: Floats
    mean: Floats
    deviation: Floats

    def apply(self, values: Floats, method: str) -> Floats:
        """Return the columns of a table, scaled.

        Raises:
            ValueError: an upper bound is below the lower one.
        """
        scaled = values.astype(np.float64)
        part = scaled[:, self.places]
        part = np.where(
            part > self.upper, self.upper, np.where(part < self.lower, self.lower, part)
        )
        if method == _MIN_MAX:
            span = self.upper - self.lower
            if (span < 0).any():
                raise ValueError("scale value should large than 0")
            scaled[:, self.places] = (part - self.lower) / np.where(np.abs(span) < _TINY, 1.0, span)
        else:
            scaled[:, self.places] = (part - self.mean) / self.deviation
        return scaled


def _places(data: Instances, asked: Mapping[str, Any]) -> list[int]:
    """Return the places of the columns to scale, in the order of the table.

    Raises:
        ValueError: one is beyond the header.
    """
    indexes = asked["scale_col_indexes"]
    if not isinstance(indexes, list):
        return list(range(data.width))
    if indexes and max(indexes) >= data.width:
        raise ValueError(
            f"max column index in area is:{max(indexes)}, should less than data shape:{data.width}"
        )
    names = set(asked["scale_names"] or [])
    return sorted({*indexes, *(i for i, name in enumerate(data.header) if name in names)})


def _shares(asked: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the lower and the upper limit that the user gave; of mode cap every one has a default."""
    lower, upper = asked["feat_lower"], asked["feat_upper"]
    if asked["mode"] != "cap":
        return lower, upper
    return 0 if lower is None else lower, 1.0 if upper is None else upper


def _bounds(
    data: Instances, values: Floats, asked: Mapping[str, Any], *, skip_missing: bool
) -> tuple[Floats, Floats]:
    """Return the lowest and highest value each column may have, shapes (d,).

    Raises:
        ValueError: the limits do not fit the table or each other.
    """
    lower, upper = _shares(asked)
    if asked["mode"] == "cap":
        if upper < lower:
            raise ValueError("feat_upper should not less than feat_lower")
        summaries = column_summaries(data, values)
        ends = [[summary.query(share) for summary in summaries] for share in (lower, upper)]
        return np.array(ends[0]), np.array(ends[1])
    moments = Moments(values, skip_missing=skip_missing)
    low, high = moments.lowest, moments.highest
    for limit in (upper, lower):
        if isinstance(limit, list) and len(limit) != data.width:
            raise ValueError(f"Check equal failed, {data.width} != {len(limit)}")
    if upper is not None:
        top = np.asarray(upper, dtype=np.float64)
        low, high = np.where(low > top, top, low), np.where(high > top, top, high)
    if lower is not None:
        bottom = np.asarray(lower, dtype=np.float64)
        low, high = np.where(low < bottom, bottom, low), np.where(high < bottom, bottom, high)
    return low, high


def _fitted(
    data: Instances, values: Floats, asked: Mapping[str, Any], *, skip_missing: bool
) -> _Scale:
    low, high = _bounds(data, values, asked, skip_missing=skip_missing)
    places = _places(data, asked)
    low, high = low[places], high[places]
    if asked["method"] == _MIN_MAX:
        return _Scale(places, low, high, np.zeros(len(places)), np.zeros(len(places)))
    part = values[:, places]
    if any(limit is not None for limit in _shares(asked)):
        part = np.where(part > high, high, np.where(part < low, low, part))
    moments = Moments(part, skip_missing=skip_missing)
    mean = moments.mean if asked["with_mean"] else np.zeros(len(places))
    deviation = moments.deviation if asked["with_std"] else np.ones(len(places))
    return _Scale(places, low, high, mean, np.where(np.abs(deviation) < _TINY, 1.0, deviation))


def _loaded(model: Model) -> _Scale:
    header = list(model.param["header"])
    columns = model.param["colScaleParam"]
    places = sorted(header.index(name) for name in columns)
    found = [columns[header[place]] for place in places]
    lower, upper, mean, deviation = (
        np.array([float(column[key]) for column in found])
        for key in ("columnLower", "columnUpper", "mean", "std")
    )
    return _Scale(places, lower, upper, mean, deviation)


def _texts(limit: Any, width: int) -> list[str]:
    return [str(item) for item in limit] if isinstance(limit, list) else [str(limit)] * width


def _meta(method: str, asked: Mapping[str, Any], names: list[str], *, width: int) -> dict[str, Any]:
    """Return the meta buffer; of a loaded model the `width` is 0, and limits show as lists only."""
    standard = method != _MIN_MAX
    lower, upper = _shares(asked)
    return message(
        "ScaleMeta",
        method=method,
        mode="" if standard else asked["mode"],
        area="null",
        scaleColumn=names,
        featUpper=_texts(upper, width),
        featLower=_texts(lower, width),
        withMean=standard and asked["with_mean"],
        withStd=standard and asked["with_std"],
        needRun=True,
    )


def _summary(header: list[str], found: _Scale) -> dict[str, dict[str, float]]:
    columns = (found.upper, found.lower, found.mean, found.deviation)
    numbers = zip(*(column.tolist() for column in columns), strict=True)
    keys = ("column_upper", "column_lower", "mean", "std")
    return {
        header[place]: dict(zip(keys, row, strict=True))
        for place, row in zip(found.places, numbers, strict=True)
    }


def _saved(meta: dict[str, Any], header: list[str], summary: Mapping[str, Any]) -> Model:
    columns = {
        name: message(
            "ColumnScaleParam",
            columnUpper=found["column_upper"],
            columnLower=found["column_lower"],
            mean=found["mean"],
            std=found["std"],
        )
        for name, found in summary.items()
    }
    param = message("ScaleParam", header=header, colScaleParam=columns)
    return saved_model("FeatureScale", meta, param)


def resting_model(run: ComponentRun, party: Party) -> Model:
    """Return the model of a party whose parameter says ``need_run: false``: it scales no column."""
    asked = parameter(run, party)
    # Whatever is no scaling between bounds is saved as the other one.
    method = _MIN_MAX if asked["method"] == _MIN_MAX else _STANDARD
    return _saved(_meta(method, asked, [], width=0) | {"needRun": False}, [], {})


def scale(run: ComponentRun) -> dict[Party, PartyResult]:
    """Scale each party's columns, by its own data or by a fitted model."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        model, asked = run.models.get(party), parameter(run, party)
        with guarded(party):
            values = numeric(data)
            if not len(data):
                raise ValueError("'NoneType' object is not subscriptable")
            if model is None:
                found = _fitted(data, values, asked, skip_missing=run.behaviour.skips_missing)
                method, header = asked["method"], data.header
            else:
                found, method = _loaded(model), model.meta["method"]
                header = list(model.param["header"])
            scaled = found.apply(values, method)
        summary = _summary(header, found)
        names = [header[place] for place in found.places]
        meta = _meta(method, asked, names, width=data.width if model is None else 0)
        result = PartyResult(
            [data.with_features(scaled).table()],
            summary=summary if model is None else None,
            model=_saved(meta, header, summary),
        )
        shown = {"name": "scale", "metric_type": "SCALE", "method": method, "curve_name": "scale"}
        if model is None and asked["mode"] == "cap":
            result.warnings = order_warnings(values, header)
        result.add_metric("train", "scale", Metric([], shown))
        results[party] = result
    return results
