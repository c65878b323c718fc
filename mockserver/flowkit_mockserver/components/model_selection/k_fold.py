"""Cross validation: the same training on several parts of the data, the rest being predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core import instance as columnar
from flowkit_mockserver.components.core.interface import TableData, order_of
from flowkit_mockserver.components.core.random_state import NumpyRandom
from flowkit_mockserver.components.rows.federation import text_order
from flowkit_mockserver.components.rows.instance import PREDICTION_HEADER, Instances

__all__ = ["Samples", "Split", "fold_history", "folds", "host_history", "key_list"]

Samples = Instances | columnar.Instances
Split = list[tuple[list[int], list[int]]]
"""The positions of the training and the validation samples of every fold."""


def key_list(samples: Samples) -> list[str]:
    """Return the ids of samples as texts."""
    return [str(key) for key in samples.ids]


def folds(keys: Sequence[str], asked: Mapping[str, Any]) -> Split:
    """Return the positions of the training and the validation samples of every fold.

    Args:
        keys: of the samples.
        asked: the ``cv_param``.

    Raises:
        ValueError: there are fewer samples than folds.
    """
    parts, count = asked["n_splits"], len(keys)
    if parts > count:
        raise ValueError(
            f"Cannot have number of splits n_splits={parts} greater than the number of "
            f"samples: n_samples={count}."
        )
    order = list(range(count))
    by_text = text_order(keys)
    if asked["shuffle"]:
        NumpyRandom(int(asked["random_seed"] or 0)).shuffle(order)
    found = []
    start = 0
    for part in range(parts):
        size = count // parts + (part < count % parts)
        held = {by_text[i] for i in order[start : start + size]}
        start += size
        train = [i for i in range(count) if i not in held]
        found.append((train, sorted(held)))
    return found


def _ordered(records: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return sorted(records, key=lambda record: order_of(record[0]))


def fold_history(
    data: Samples, parts: Sequence[tuple[int, str, Samples, Sequence[list[Any]]]]
) -> TableData:
    """Return all predictions of all folds in one table: (fold, set name, samples, rows)."""
    records: list[tuple[str, Any]] = []
    for fold, name, samples, rows in parts:
        records += [
            (f"{key}#fold{fold}#{name}", [*row, name])
            for key, row in zip(key_list(samples), rows, strict=True)
        ]
    schema = {"header": PREDICTION_HEADER, "sid_name": data.extra.get("sid_name")}
    return TableData("prediction", schema, _ordered(records), data.partitions)


def host_history(data: Samples, split: Split) -> TableData:
    """Return what a party without predictions keeps of the folds: which sample was in which."""
    records: list[tuple[str, Any]] = []
    for fold, (train, validate) in enumerate(split):
        for name, positions in (("train", train), ("validate", validate)):
            records += [(f"{data.ids[i]}#fold{fold}#{name}", [fold]) for i in positions]
    schema = {"header": ["fold_num"], "sid_name": data.extra.get("sid_name")}
    return TableData("prediction", schema, _ordered(records), data.partitions)
