"""The rows of all parties, cut at the bounds on which they agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.ensemble.decision_tree import Columns
from flowkit_mockserver.components.ensemble.export import missing_rules
from flowkit_mockserver.components.ensemble.histogram import Binned
from flowkit_mockserver.components.ensemble.samples import (
    check_filled,
    column_summaries,
    feature_matrix,
)
from flowkit_mockserver.components.feature.binning.homo_feature_binning import recursive_points
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party

__all__ = ["binned_together", "homo_columns"]

_TOLERANCE = 1e-8


def homo_columns(data: Instances, party: Party, asked: Mapping[str, Any]) -> list[Columns]:
    """Return the columns of a party, after a look at what it asks for.

    Raises:
        ComponentFailed: the table cannot be trained on, or values are missing that may not.
    """
    with guarded(party):
        check_table(data, names=False)
    matrix = feature_matrix(data)
    check_filled(matrix, data.header, party, asked["use_missing"])
    zero = bool(asked["use_missing"] and asked["zero_as_missing"])
    return [Columns(matrix, _TOLERANCE, zero)]


def binned_together(
    columns: Mapping[Party, list[Columns]],
    tables: Mapping[Party, Instances],
    parts: Mapping[Party, NDArray[np.intp]],
    asked: Mapping[str, Any],
    behaviour: Behaviour,
) -> Binned:
    """Return the rows of all parties, cut at common bounds."""
    use_missing, zero_as_missing = missing_rules(asked)
    matrix = np.concatenate([own[0].matrix for own in columns.values()])
    summaries = [
        column_summaries(
            columns[party][0].matrix,
            [np.flatnonzero(parts[party] == part) for part in range(data.partitions)],
            asked["binning_error"],
        )
        for party, data in tables.items()
    ]
    points = []
    for column, own in zip(matrix.T, zip(*summaries, strict=True), strict=True):
        known = column[~np.isnan(column)]
        lowest, highest = (known.min(), known.max()) if known.size else (0.0, 0.0)
        points.append(
            recursive_points(
                own,
                len(matrix),
                float(lowest),
                float(highest),
                asked["bin_num"],
                asked["binning_error"],
                behaviour=behaviour,
            )
        )
    return Binned.of(points, matrix, use_missing=use_missing, zero_as_missing=zero_as_missing)
