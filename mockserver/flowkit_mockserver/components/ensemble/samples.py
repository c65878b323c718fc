"""Tables as trees read them: features as matrices, rows by partition."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.components.core.partition import partitions_of
from flowkit_mockserver.components.core.quantile_summaries import QuantileSummary
from flowkit_mockserver.components.ensemble.histogram import zeros_exact
from flowkit_mockserver.party import Party

__all__ = [
    "check_filled",
    "column_summaries",
    "feature_matrix",
    "model_header",
    "row_partitions",
    "true_labels",
]

#: So many values are summarised side by side; more would only take memory.
_CELLS = 4_000_000


def feature_matrix(data: Instances) -> NDArray[np.float64]:
    """Return the features of samples, of shape (samples, features), NaN where a value is missing."""
    return zeros_exact(data.numbers)


def row_partitions(data: Instances) -> NDArray[np.intp]:
    """Return the partition of every row."""
    keys: Sequence[Hashable] = data.ids.tolist()
    if data.extra.get("int_keys"):
        keys = [int(key) for key in data.ids.tolist()]
    return partitions_of(keys, data.partitions)


def column_summaries(
    matrix: NDArray[np.float64], rows: Sequence[NDArray[np.intp]], error: float
) -> list[QuantileSummary]:
    """Return the summary of every column, zeros apart.

    Args:
        matrix: of shape (samples, features).
        rows: the positions of the rows of each partition.
        error: allowed error of a rank, as share of all.
    """
    found: list[QuantileSummary] = []
    together = max(1, _CELLS // max(1, len(matrix)))
    for start in range(0, matrix.shape[1], together):
        columns = np.ascontiguousarray(matrix[:, start : start + together].T)
        found += QuantileSummary.of(list(columns), rows, error, sparse=True)
    return found


def true_labels(data: Instances, party: Party) -> NDArray[Any]:
    """Return the labels of samples.

    Raises:
        ComponentFailed: there are none.
    """
    if data.labels is None:
        raise ComponentFailed("the table has no labels to learn from; set with_label", party)
    return data.labels


def check_filled(
    matrix: NDArray[np.float64], header: Sequence[str], party: Party, use_missing: bool
) -> None:
    """Make sure that no value is missing where that cannot be dealt with.

    Raises:
        ComponentFailed: there are missing values, and `use_missing` is false.
    """
    if use_missing:
        return
    gone = np.flatnonzero(np.isnan(matrix).any(axis=0))
    if gone.size:
        names = ", ".join(header[place] for place in gone[:5])
        raise ComponentFailed(
            f"columns {names}: values are missing and use_missing is false"
            " ('<' not supported between instances of 'NoneType' and 'float');"
            " set use_missing, or fill them with missing_fill",
            party,
        )


def model_header(model: Model) -> list[str]:
    """Return the names of the columns a model of trees was trained on, from its buffer."""
    names: Mapping[str, str] = model.param["featureNameFidMapping"]
    return [names[str(number)] for number in range(len(names))]
