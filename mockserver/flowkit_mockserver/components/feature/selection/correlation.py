"""The filter that drops, the best column first, whatever is too close to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.feature.selection.filters import refusal_of
from flowkit_mockserver.components.feature.selection.isometric import (
    PEARSON,
    Correlations,
    IsometricModel,
    Metric,
)
from flowkit_mockserver.components.feature.selection.properties import Properties

__all__ = ["decide_by_correlation"]


def _drop(
    row: NDArray[np.float64],
    names: Sequence[str],
    dropped: dict[str, float],
    threshold: float,
    itself: str | None = None,
) -> None:
    """Add to `dropped` what is closer than the threshold, with its correlation; what is in there stays as it is."""
    for name, value in zip(names, row.tolist(), strict=True):
        if abs(value) > threshold and name != itself:
            dropped.setdefault(name, value)


def _correlations(models: Mapping[str, IsometricModel], *, later: bool) -> Correlations:
    model = models.get(PEARSON)
    if model is None or model.correlations is None:
        called = "correlation" if later else "Correlation"
        raise ValueError(refusal_of("Hetero Pearson", called, later=later))
    if model.correlations.across is None:
        # The server wants to know the other party even where it decides for itself only.
        raise ValueError("'NoneType' object is not subscriptable")
    return model.correlations


def decide_by_correlation(
    threshold: float,
    guest: Properties,
    hosts: Mapping[str, Properties],
    metric: Metric,
    models: Mapping[str, IsometricModel],
    *,
    later: bool = False,
) -> None:
    """Decide which columns of the guest and of the host whose correlations are known stay.

    Args:
        threshold: greatest correlation allowed.
        guest: the guest's columns.
        hosts: those of the hosts by party id, if the guest decides for them as well.
        metric: by which columns are ordered.
        models: what the guest was given.
        later: whether a missing model is refused in the words of the later lines.

    Raises:
        ValueError: a model is missing.
    """
    known = _correlations(models, later=later)
    assert known.across is not None
    host = hosts.get(known.host_id or "")
    values = list(metric.of(guest.selected))
    columns = [(True, name) for name in guest.selected]
    if host is not None:
        values += metric.of_host(known.host_id or "", host.selected)
        columns += [(False, name) for name in host.selected]
    dropped: dict[str, float] = {}
    dropped_of_host: dict[str, float] = {}
    for place in np.argsort(np.asarray(values, dtype=np.float64))[::-1].tolist():
        own, name = columns[place]
        # The server looks among its own columns only whether one was dropped before.
        if name in dropped:
            continue
        if own:
            row = known.names.index(name)
            _drop(known.local[row], known.names, dropped, threshold, name)
            _drop(known.across[row], known.other_names, dropped_of_host, threshold)
        else:
            column = known.across[:, known.other_names.index(name)]
            _drop(column, known.names, dropped, threshold)
    _decide(guest, dropped)
    guest.keep_one(guest.values, high=False)
    for theirs in hosts.values():
        if theirs is host:
            _decide(theirs, dropped_of_host)
        theirs.keep_one({}, high=False)


def _decide(columns: Properties, dropped: Mapping[str, float]) -> None:
    values = {name: dropped.get(name, 0.0) for name in columns.selected}
    columns.decide([name for name in columns.selected if name not in dropped], values)
