"""HeteroPearson: how columns move together, within a party and across two.

With standardised columns x and y of n samples, within a party

    corr = sum(x y) / n

Across two parties the server computes on shares of integers: values are cut to four decimals, and the sum of their
products loses everything behind the fourth decimal:

    corr = floor(sum(int(10**4 x) int(10**4 y)) / 10**4) / 10**4 / n

The variance inflation factor of a column is det(without its row and column) / det(all).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import positions_of
from flowkit_mockserver.components.core.anonymous import anonymous_names
from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import instances, parameter, parties
from flowkit_mockserver.components.statistic.moments import numeric
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["correlate", "fixed_point_correlation", "inflation_factors"]

Matrix = NDArray[np.float64]
_SCALE = 10**4


def _standardised(values: Matrix, *, leaves_out: bool) -> tuple[Matrix, NDArray[np.intp]]:
    """Return columns with mean 0 and deviation 1, and their places.

    Args:
        values: shape (n, d).
        leaves_out: whether a column that has one value only is left out, as it is on later lines.

    Raises:
        ValueError: there is such a column and it is not left out, or there are no rows.
    """
    if not len(values):
        raise ValueError("'NoneType' object is not iterable")
    mean = values.mean(axis=0)
    with np.errstate(invalid="ignore"):
        deviation = np.sqrt((values**2).mean(axis=0) - mean**2)
    varies = deviation > 0
    if not varies.all() and not leaves_out:
        raise ValueError(f"zero standard deviation detected, sigma={deviation}")
    standardised: Matrix = (values[:, varies] - mean[varies]) / deviation[varies]
    return standardised, np.flatnonzero(varies)


def _with_gaps(
    found: Matrix, shape: tuple[int, int], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> Matrix:
    """Return a matrix of a shape that holds `found` at rows and columns, and NaN elsewhere."""
    whole = np.full(shape, np.nan)
    whole[np.ix_(rows, columns)] = np.clip(found, -1.0, 1.0)
    return whole


def fixed_point_correlation(one: Matrix, two: Matrix) -> Matrix:
    """Return the correlations of standardised columns across parties.

    Args:
        one: shape (n, d).
        two: shape (n, e).

    Returns:
        shape (d, e).
    """
    first, second = ((part * _SCALE).astype(np.int64).astype(np.float64) for part in (one, two))
    # Sums of products of integers stay below 2**53, so they are exact as floats.
    products = (first.T @ second).astype(np.int64)
    found: Matrix = products // _SCALE / _SCALE / len(one)
    return found


def inflation_factors(correlations: Matrix) -> list[float]:
    """Return the variance inflation factor of each column from the correlations of all, shape (d, d)."""
    places = np.arange(len(correlations))
    whole = np.linalg.det(correlations)
    factors = []
    for place in places:
        rest = places[places != place]
        with np.errstate(divide="ignore", invalid="ignore"):
            factors.append(np.linalg.det(correlations[np.ix_(rest, rest)]) / whole)
    return [float(factor) for factor in factors]


def _chosen(data: Instances, asked: Mapping[str, Any]) -> list[int]:
    """Return the places of the columns a user chose, in the order of the table.

    Raises:
        ValueError: there is no such column.
    """
    at = {name: place for place, name in enumerate(data.header)}
    names, indexes = asked["column_names"] or [], asked["column_indexes"]
    if indexes == -1:
        if unknown := [name for name in names if name not in at]:
            raise ValueError(f"name={unknown[0]} not found in header")
        return list(range(data.width))
    if unknown := [name for name in names if name not in at]:
        raise ValueError(f"{unknown[0]} not found")
    if beyond := [index for index in indexes or [] if not 0 <= index < data.width]:
        raise ValueError(f"idx={beyond[0]} out of bound")
    return sorted({*(at[name] for name in names), *(indexes or [])})


class _Side:
    """One party's standardised columns."""

    def __init__(self, run: ComponentRun, party: Party) -> None:
        data = instances(run, party, "train_data", "data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        self.party, self.asked, self.ids = party, parameter(run, party), data.ids
        with guarded(party):
            places = _chosen(data, self.asked)
            self.names = [data.header[place] for place in places]
            self.later = run.behaviour.keeps_names
            chosen = numeric(data)[:, places]
            self.values, self.varying = _standardised(chosen, leaves_out=self.later)
        self.width = len(places)
        known = anonymous_names(data, party)
        self.header = data.header if self.later else self.names
        self.hidden = (
            [known[name] for name in self.header]
            if self.later
            else [f"{party[0]}_{party[1]}_{place}" for place in range(len(self.names))]
        )
        self.local: Matrix = self.values.T @ self.values / len(self.ids)
        self.vif = inflation_factors(self.local) if self.asked["calc_local_vif"] else []
        if self.later:
            square = (self.width, self.width)
            if self.vif:
                factors = np.full(self.width, np.nan)
                factors[self.varying] = self.vif
                self.vif = factors.tolist()
            self.local = _with_gaps(self.local, square, self.varying, self.varying)

    @property
    def text(self) -> str:
        return f"({self.party[0]},{self.party[1]})"


def _shown(correlations: Matrix | None) -> list[Any]:
    if correlations is None:
        return []
    return _told(np.clip(correlations, -1.0, 1.0).ravel().tolist())


def _told(values: list[float]) -> list[Any]:
    """Return numbers as a buffer shows them, where what is none is a text."""
    return ["NaN" if math.isnan(value) else value for value in values]


def _report(side: _Side, sides: list[_Side], across: Matrix | None) -> PartyResult:
    # Across parties all columns are named, also those that were not chosen.
    names = side.names if across is None else side.header
    shapes = [one.width if across is None else len(one.header) for one in sides]
    summary: dict[str, Any] = {
        "local_corr": side.local.tolist(),
        "num_local_features": side.width if side.later else len(side.ids),
    }
    if across is not None:
        other = next(one for one in sides if one is not side)
        summary |= {"corr": across.tolist(), "num_remote_features": len(other.header)}
    param = message(
        "PearsonModelParam",
        party=side.text,
        parties=[one.text for one in sides],
        shape=side.width,
        shapes=shapes,
        names=side.header,
        corr=_shown(across),
        localCorr=_shown(side.local),
        allNames=[message("Names", names=names if one is side else one.hidden) for one in sides],
        anonymousMap=[
            message("AnonymousMap", anonymous=hidden, name=name)
            for hidden, name in zip(side.hidden, side.header, strict=True)
        ],
        modelName="HeteroPearson",
        localVif=_told(side.vif),
    )
    model = saved_model(
        "HeteroPearson", message("PearsonModelMeta", shapes=[] if side.later else shapes), param
    )
    result = PartyResult(summary=summary, model=model)
    meta = {"name": "pearson", "metric_type": "CORRELATION_GRAPH"}
    result.add_metric("statistic", "correlation", Metric([], meta))
    return result


def correlate(run: ComponentRun) -> dict[Party, PartyResult]:
    """Correlate each party's columns, and those of guest and host with each other."""
    # The parties of the job count, also one that a parameter keeps from taking part.
    roles = [role for role, _ in run.parameters]
    guests, hosts = roles.count("guest"), roles.count("host")
    if run.behaviour.exact_correlations and not hosts:
        raise ComponentFailed("TypeError: 'NoneType' object is not subscriptable", run.parties[0])
    if guests != 1 or hosts != 1:
        raise ComponentFailed(
            f"one guest and one host required, while {guests} guest and {hosts} host provided",
            run.parties[0],
        )
    sides = [_Side(run, party) for party in parties(run, "guest", "host")]
    if not all(side.asked["cross_parties"] for side in sides):
        return {side.party: _report(side, [side], None) for side in sides}
    guest, host = sides
    places = positions_of(guest.ids, host.ids)
    shared = guest.values[places >= 0], host.values[places[places >= 0]]
    across = (
        shared[0].T @ shared[1] / len(shared[0])
        if run.behaviour.exact_correlations
        else fixed_point_correlation(*shared)
    )
    if guest.later:
        # As on the server, the columns that were chosen take the first places.
        shape = (len(guest.header), len(host.header))
        across = _with_gaps(across, shape, guest.varying, host.varying)
    return {side.party: _report(side, sides, across) for side in sides}
