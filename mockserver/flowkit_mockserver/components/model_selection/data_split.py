"""HeteroDataSplit and HomoDataSplit: one table becomes a train, a validate and a test table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import Ids, positions_of
from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
)
from flowkit_mockserver.components.core.random_state import (
    NumpyRandom,
    shuffle_split,
    stratified_split,
)
from flowkit_mockserver.components.core.run import check_host, instances, parameter, party_order
from flowkit_mockserver.party import Party

__all__ = ["split"]

_SETS = ("train", "validate", "test")
_ZERO = 1e-8
#: Of train, validate and test set where none is given.
_DEFAULT_SIZES = (0.8, 0.2, 0.0)
_RATIO_DIGITS = 3
Labels = NDArray[Any]
#: Ids, and the labels that belong to them as far as splitting goes.
Part = tuple[Ids, Labels]


def _sizes(asked: Mapping[str, Any], count: int) -> tuple[Any, Any, Any]:
    """Return train, validate and test size, the unset ones filled up.

    Raises:
        ValueError: together they are not everything.
    """
    train, validate, test = (asked[f"{name}_size"] for name in _SETS)
    if train is None and validate is None and test is None:
        train, validate, test = _DEFAULT_SIZES
    total: Any = 1.0 if any(isinstance(s, float) for s in (train, validate, test)) else count
    if train is None:
        if validate is None:
            test = 0 if test is None else test
            train, validate = total - test, 0
        else:
            test = 0 if test is None else test
            train = total - (validate + test)
    elif test is None:
        test = total - train - (validate or 0)
        validate = validate or 0
    elif validate is None:
        validate = total - (test + train)
    if abs(abs(train) + abs(test) + abs(validate) - total) > _ZERO:
        raise ValueError("train_size, test_size, validate_size should sum up to 1.0 or data count")
    return train, validate, test


def _check_sizes(count: int, train: int, test: int) -> None:
    """Refuse sizes that scikit-learn refuses to split by.

    Raises:
        ValueError: a set would be empty or everything, or the two are more than everything.
    """
    for name, size in (("test", test), ("train", train)):
        if not 0 < size < count:
            raise ValueError(
                f"{name}_size={size} should be either positive and smaller than the number of"
                f" samples {count} or a float in the (0, 1) range"
            )
    if train + test > count:
        raise ValueError(
            f"The sum of train_size and test_size = {train + test}, should be smaller than the"
            f" number of samples {count}. Reduce test_size and/or train_size."
        )


class _Splitter:
    def __init__(self, asked: Mapping[str, Any], seed: int, *, later: bool) -> None:
        self.asked = asked
        self.later = later
        state = asked["random_state"]
        self.seed = seed if state is None else int(state)
        points = asked["split_points"]
        self.points = None if points is None else sorted(points)

    def labels(self, data: Instances) -> Labels:
        """Return what a stratified split goes by: the labels, or where they lie between the split points."""
        if not self.asked["stratified"] or data.labels is None:
            return np.zeros(len(data), dtype=np.int64)
        if not self.points:
            return data.labels
        return np.searchsorted(np.array(self.points), data.labels.astype(np.float64), side="left")

    def _two(self, part: Part, train: Any, test: Any) -> tuple[Part, Part]:
        ids, labels = part
        nothing = ids[:0], labels[:0]
        if test <= _ZERO:
            return part, nothing
        if train <= _ZERO:
            return nothing, part
        if not isinstance(test, int):
            train = round(train * len(ids))
            test = len(ids) - train
        _check_sizes(len(ids), train, test)
        first: Any = slice(0, train)
        second: Any = slice(train, train + test)
        stratified = self.asked["stratified"]
        if stratified and not self.asked["shuffle"]:
            raise ValueError("Stratified train/test split is not implemented for shuffle=False")
        if stratified:
            first, second = stratified_split(
                labels, train, test, NumpyRandom(self.seed), later=self.later
            )
        elif self.asked["shuffle"]:
            first, second = shuffle_split(len(ids), train, test, NumpyRandom(self.seed))
        return (ids[first], labels[first]), (ids[second], labels[second])

    def three(self, data: Instances) -> dict[str, Part]:
        """Return the ids and the labels of each set.

        Ids are sorted as text while the labels keep the order of the table, as on the real server.
        """
        ids = np.sort(data.ids)
        if data.extra.get("int_keys"):
            ids = data.ids[np.argsort(data.ids.astype(np.int64))]
        train, validate, test = _sizes(self.asked, len(data))
        first, rest = self._two((ids, self.labels(data)), train, test + validate)
        if not (isinstance(test, int) and isinstance(validate, int)):
            both = test + validate
            validate, test = (validate / both, test / both) if both > _ZERO else (0.0, 0.0)
        second, third = self._two(rest, validate, test)
        return {"train": first, "validate": second, "test": third}

    def label_info(self, sets: Mapping[str, Part]) -> dict[str, Any]:
        """Return how often each label is in each set."""
        everything = np.concatenate([labels for _, labels in sets.values()])
        names = (
            np.unique(everything).tolist()
            if self.points is None
            else list(range(len(self.points) + 1))
        )

        def frequencies(labels: Labels) -> dict[str, int]:
            return {str(name): int(np.count_nonzero(labels == name)) for name in names}

        info: dict[str, Any] = {"original": frequencies(everything)}
        for name in _SETS:
            info[name] = frequencies(sets[name][1])
        if self.points is None:
            info |= {"label_names": names, "continuous_label": False}
        else:
            info |= {"split_points": self.points, "continuous_label": True}
        return info


def _report(data: Instances, sets: Mapping[str, Part], meta: dict[str, Any]) -> PartyResult:
    tables = []
    for name in _SETS:
        places = positions_of(sets[name][0], data.ids)
        tables.append(data.take(np.sort(places[places >= 0])).table())
    result = PartyResult(tables, summary=meta)
    result.add_metric(
        "train",
        "data_split",
        Metric([["data_split", 0]], {"name": "data_split", "metric_type": "DATA_SPLIT", **meta}),
    )
    return result


def _counts(sets: Mapping[str, Part], *, stratified: bool) -> dict[str, Any]:
    counts = {name: len(sets[name][0]) for name in _SETS}
    total = sum(counts.values())
    return {
        "data_split_count_info": {**counts, "original": total},
        "data_split_ratio_info": {
            name: round(count / total, _RATIO_DIGITS) for name, count in counts.items()
        },
        "stratified": stratified,
    }


def split(run: ComponentRun) -> dict[Party, PartyResult]:
    """Split: the guest's draw holds for everybody (hetero), or each party draws (homo)."""
    results: dict[Party, PartyResult] = {}
    sets: dict[str, Part] | None = None
    for party in party_order(run):
        data = instances(run, party, "data", "train_data", "test_data")
        asked = parameter(run, party)
        if data is None:
            raise ComponentFailed("input data is None", party)
        homo = run.module == "HomoDataSplit"
        draws = sets is None or homo
        splitter = _Splitter(asked, run.seed, later=run.behaviour.newer_python)
        with guarded(party):
            if sets is None or draws:
                sets = splitter.three(data)
                if not homo:
                    check_host(run, party)
            meta = _counts(sets, stratified=bool(asked["stratified"]))
            if draws and asked["stratified"]:
                meta["data_split_label_info"] = splitter.label_info(sets)
        results[party] = _report(data, sets, meta)
    return results
