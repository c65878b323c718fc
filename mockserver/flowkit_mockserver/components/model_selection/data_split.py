"""HeteroDataSplit and HomoDataSplit: one table becomes a train, a validate and a test table."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import Any

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
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import instances, parameter, party_order
from flowkit_mockserver.party import Party

__all__ = ["split"]

_SETS = ("train", "validate", "test")
_ZERO = 1e-8
_RATIO_DIGITS = 3
_Labelled = tuple[str, Any]


def _sizes(asked: Mapping[str, Any], count: int) -> tuple[Any, Any, Any]:
    """Return train, validate and test size, the unset ones filled up.

    Raises:
        ValueError: together they are not everything.
    """
    train, validate, test = (asked[f"{name}_size"] for name in _SETS)
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


class _Splitter:
    def __init__(self, asked: Mapping[str, Any], seed: int) -> None:
        self.asked = asked
        state = asked["random_state"]
        self.seed = seed if state is None else int(state)
        points = asked["split_points"]
        self.points = None if points is None else sorted(points)

    def labels(self, data: Instances) -> list[Any]:
        if not self.asked["stratified"]:
            return [0] * len(data)
        found = data.labels or []
        if not self.points:
            return list(found)
        return [min(bisect_left(self.points, label), len(self.points)) for label in found]

    def _two(
        self, samples: list[_Labelled], train: Any, test: Any
    ) -> tuple[list[_Labelled], list[_Labelled]]:
        if test <= _ZERO:
            return samples, []
        if train <= _ZERO:
            return [], samples
        if not isinstance(test, int):
            train = round(train * len(samples))
            test = len(samples) - train
        if not self.asked["shuffle"]:
            return samples[:train], samples[train : train + test]
        chance = NumpyRandom(self.seed)
        if self.asked["stratified"]:
            labels = [label for _, label in samples]
            first, second = stratified_split(labels, train, test, chance)
        else:
            first, second = shuffle_split(len(samples), train, test, chance)
        return [samples[i] for i in first], [samples[i] for i in second]

    def three(self, data: Instances) -> dict[str, list[_Labelled]]:
        # Ids are sorted as text while the labels keep the order of the table, as on the real server.
        samples = list(zip(sorted(data.keys), self.labels(data), strict=True))
        train, validate, test = _sizes(self.asked, len(data))
        first, rest = self._two(samples, train, test + validate)
        if not (isinstance(test, int) and isinstance(validate, int)):
            both = test + validate
            validate, test = (validate / both, test / both) if both > _ZERO else (0.0, 0.0)
        second, third = self._two(rest, validate, test)
        return {"train": first, "validate": second, "test": third}

    def label_info(self, sets: Mapping[str, list[_Labelled]]) -> dict[str, Any]:
        everything = [label for name in _SETS for _, label in sets[name]]
        names = sorted(set(everything)) if self.points is None else range(len(self.points) + 1)

        def frequencies(labels: list[Any]) -> dict[str, int]:
            counts = Counter(labels)
            return {str(name): counts.get(name, 0) for name in names}

        info: dict[str, Any] = {"original": frequencies(everything)}
        for name in _SETS:
            info[name] = frequencies([label for _, label in sets[name]])
        if self.points is None:
            info |= {"label_names": list(names), "continuous_label": False}
        else:
            info |= {"split_points": self.points, "continuous_label": True}
        return info


def _report(
    data: Instances, sets: Mapping[str, list[_Labelled]], meta: dict[str, Any]
) -> PartyResult:
    at = {key: i for i, key in enumerate(data.keys)}
    tables = [
        data.take(sorted(at[key] for key, _ in sets[name] if key in at)).table() for name in _SETS
    ]
    result = PartyResult(tables, summary=meta)
    result.add_metric(
        "train",
        "data_split",
        Metric([["data_split", 0]], {"name": "data_split", "metric_type": "DATA_SPLIT", **meta}),
    )
    return result


def _counts(sets: Mapping[str, list[_Labelled]], *, stratified: bool) -> dict[str, Any]:
    counts = {name: len(sets[name]) for name in _SETS}
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
    sets: dict[str, list[_Labelled]] | None = None
    for party in party_order(run):
        data = instances(run, party, "data", "train_data", "test_data")
        asked = parameter(run, party)
        if data is None:
            raise ComponentFailed("input data is None", party)
        draws = sets is None or run.module == "HomoDataSplit"
        splitter = _Splitter(asked, run.seed)
        if sets is None or draws:
            sets = splitter.three(data)
        meta = _counts(sets, stratified=bool(asked["stratified"]))
        if draws and asked["stratified"]:
            meta["data_split_label_info"] = splitter.label_info(sets)
        results[party] = _report(data, sets, meta)
    return results
