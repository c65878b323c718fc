"""Cross validation: the same training on several parts of the data, the rest being predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import Ids
from flowkit_mockserver.columns.parts import Values
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.components.core.federation import text_order
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.components.core.predict_output import PREDICTION_HEADER, Predictions

__all__ = ["Split", "fold_instances", "fold_numbers", "fold_predictions", "folds"]

Positions = NDArray[np.intp]
Split = list[tuple[Positions, Positions]]
"""The positions of the training and the validation samples of every fold, ascending."""


def folds(ids: Ids, asked: Mapping[str, Any]) -> Split:
    """Return the positions of the training and the validation samples of every fold.

    Args:
        ids: of the samples.
        asked: the ``cv_param``.

    Raises:
        ValueError: there are fewer samples than folds.
    """
    parts, count = asked["n_splits"], len(ids)
    if parts > count:
        raise ValueError(
            f"Cannot have number of splits n_splits={parts} greater than the number of "
            f"samples: n_samples={count}."
        )
    order = np.arange(count)
    if asked["shuffle"]:
        np.random.RandomState(int(asked["random_seed"] or 0)).shuffle(order)
    by_text = text_order(ids)[order]
    sizes = [count // parts + (part < count % parts) for part in range(parts)]
    found = []
    for held in np.split(by_text, np.cumsum(sizes)[:-1]):
        kept = np.ones(count, dtype=bool)
        kept[held] = False
        found.append((np.flatnonzero(kept), np.sort(held)))
    return found


def _fold_ids(ids: Ids, fold: int, name: str) -> Ids:
    return np.strings.add(ids, f"#fold{fold}#{name}")


def fold_predictions(
    data: Instances, parts: Sequence[tuple[int, str, Ids, Predictions]], *, whole: bool = True
) -> TableData:
    """Return all predictions of all folds in one table.

    Args:
        data: the samples of all folds.
        parts: the number of a fold, the name of a set, its ids, what the model says of them.
        whole: whether the table has its names and the type of a sample. FATE gives both to the guest's only.
    """
    blocks = []
    for fold, name, ids, said in parts:
        types = [Values(np.full(len(ids), name, dtype=object))] if whole else []
        blocks.append(Columns(_fold_ids(ids, fold, name), [*said.parts(), *types]))
    rows = Columns.joined(blocks, sum(map(len, blocks))).in_order()
    schema = {"header": PREDICTION_HEADER, "sid_name": data.extra.get("sid_name")} if whole else {}
    return TableData("prediction", schema, rows, data.partitions)


def fold_numbers(data: Instances, split: Split) -> TableData:
    """Return what a party without predictions keeps of the folds: which sample was in which."""
    blocks = []
    for fold, sets in enumerate(split):
        for name, positions in zip(("train", "validate"), sets, strict=True):
            ids = _fold_ids(data.ids[positions], fold, name)
            blocks.append(Columns(ids, [Values(np.full(len(ids), fold))]))
    rows = Columns.joined(blocks, sum(map(len, blocks))).in_order()
    schema = {"header": ["fold_num"], "sid_name": data.extra.get("sid_name")}
    return TableData("prediction", schema, rows, data.partitions)


def fold_instances(data: Instances, split: Split) -> TableData:
    """Return the samples themselves, once for every fold and set they were in."""
    blocks = []
    for fold, sets in enumerate(split):
        for name, positions in zip(("train", "validate"), sets, strict=True):
            rows = data.take(positions).columns()
            blocks.append(Columns(_fold_ids(rows.ids, fold, name), rows.parts))
    rows = Columns.joined(blocks, sum(map(len, blocks))).in_order()
    return TableData("instance", data.schema, rows, data.partitions)
