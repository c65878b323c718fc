"""The columns of one party as bins, and the sums of g and h and the counts of samples in them.

A missing value has a bin of its own behind all others. Histograms have the shape (2 k + 1, nodes, features, bins): g
and h by output of the tree, k of them, and the count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Binned", "bin_numbers", "cumulated_histograms", "zeros_exact"]

Floats = NDArray[np.float64]

_ZERO = 1e-8


def zeros_exact(matrix: Floats) -> Floats:
    """Return features of shape (samples, features) with whatever is nearly zero made zero, as trees see them."""
    small = np.abs(matrix) < _ZERO
    if not (matrix[small] != 0).any():
        return matrix
    return np.where(small, 0.0, matrix)


def bin_numbers(column: Floats, bounds: Floats) -> NDArray[np.intp]:
    """Return the bin of every value: how many bounds are below it, found by halving.

    Around zero the bounds of a sparse column may be out of order, so halving is carried out as the server does it.
    """
    if len(bounds) < 2 or (bounds[:-1] <= bounds[1:]).all():
        return np.searchsorted(bounds, column)
    low = np.zeros(len(column), dtype=np.intp)
    high = np.full(len(column), len(bounds), dtype=np.intp)
    while (open_ := low < high).any():
        middle = (low + high) // 2
        below = bounds[np.minimum(middle, len(bounds) - 1)] < column
        low = np.where(open_ & below, middle + 1, low)
        high = np.where(open_ & ~below, middle, high)
    return low


@dataclass(frozen=True)
class Binned:
    """The binned columns of one party.

    Attributes:
        points: by feature the upper bounds of its bins.
        bins: numbers of bins, of shape (features, samples).
        width: the greatest number of bins of a feature; what is missing is in the bin of this number.
        sizes: numbers of bins by feature.
        missing: whether a value may be missing.
        zeros: by feature which samples are zero; None where none is.
        zero_bins: by feature the bin of zero.
    """

    points: list[list[float]]
    bins: NDArray[np.integer]
    width: int
    sizes: NDArray[np.intp]
    missing: bool
    zeros: list[NDArray[np.bool_] | None]
    zero_bins: NDArray[np.intp]

    @classmethod
    def of(
        cls,
        points: Sequence[Sequence[float]],
        matrix: Floats,
        *,
        use_missing: bool = False,
        zero_as_missing: bool = False,
    ) -> Binned:
        """Return columns cut at given points.

        Args:
            points: by feature the upper bounds, the last of which is open.
            matrix: of shape (samples, features).
            use_missing: whether NaN has a bin of its own.
            zero_as_missing: whether zero goes there, too.
        """
        sizes = np.array([len(own) for own in points], dtype=np.intp)
        width = int(sizes.max(initial=1))
        bins = np.empty((len(points), len(matrix)), dtype=np.uint8 if width < 255 else np.uint32)
        zeros: list[NDArray[np.bool_] | None] = []
        zero_bins = np.full(len(points), width, dtype=np.intp)
        for feature, own in enumerate(points):
            column = np.ascontiguousarray(matrix[:, feature])
            bounds = np.asarray(own[:-1], dtype=np.float64)
            bins[feature] = bin_numbers(column, bounds)
            zero = column == 0
            zeros.append(zero if zero.any() else None)
            if not (use_missing and zero_as_missing):
                zero_bins[feature] = bin_numbers(np.zeros(1), bounds)[0]
            if use_missing:
                gone = np.isnan(column)
                bins[feature][gone | zero if zero_as_missing else gone] = width
        return cls([list(own) for own in points], bins, width, sizes, use_missing, zeros, zero_bins)


def cumulated_histograms(
    binned: Binned,
    members: Sequence[NDArray[np.intp]],
    gradients: Floats,
    hessians: Floats,
    parts: NDArray[np.intp] | None = None,
    partitions: int = 1,
) -> Floats:
    """Return the histograms of some nodes, added up from the first bin on.

    Args:
        binned: the columns.
        members: the samples of each node.
        gradients: of every sample, shape (n, k).
        hessians: of every sample, likewise.
        parts: the partition of every sample, when sums are to be formed partition by partition.
        partitions: how many there are.
    """
    cells = binned.width + binned.missing
    rows = members[0] if len(members) == 1 else np.concatenate(members)
    whole = len(rows) == binned.bins.shape[1] and len(members) == 1
    groups = np.repeat(np.arange(len(members)) * partitions, list(map(len, members)))
    if parts is not None:
        groups += parts if whole else parts[rows]
    offsets = groups * cells
    both = [
        values if whole else values[rows] for matrix in (gradients, hessians) for values in matrix.T
    ]
    count = len(members) * partitions
    shape, size = (len(members), partitions, cells), count * cells
    found = np.empty((len(both) + 1, len(members), partitions, len(binned.bins), cells))
    sums = [np.bincount(groups, values, count) for values in both]
    for feature, bins in enumerate(binned.bins):
        places = offsets + (bins if whole else bins[rows])
        found[-1, :, :, feature] = np.bincount(places, None, size).reshape(shape)
        zero = None if parts is None else binned.zeros[feature]
        if zero is None:
            for place, values in enumerate(both):
                found[place, :, :, feature] = np.bincount(places, values, size).reshape(shape)
            continue
        # Zeros are not gone through: what they sum up to is what the others leave of the whole.
        there = ~(zero if whole else zero[rows])
        at = binned.zero_bins[feature]
        for place, values in enumerate(both):
            filled = np.where(there, values, 0.0)
            own = np.bincount(places, filled, size).reshape(shape)
            left = sums[place] - np.bincount(groups, filled, count)
            own[:, :, at] += left.reshape(shape[:2])
            found[place, :, :, feature] = own
    total: Floats = found[:, :, 0]
    for part in range(1, partitions):
        total = total + found[:, :, part]
    return np.cumsum(total, axis=-1)
