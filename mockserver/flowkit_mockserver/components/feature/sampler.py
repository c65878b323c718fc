"""FederatedSample and SampleWeight: which samples are used, and how much each counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
)
from flowkit_mockserver.components.core.random_state import NumpyRandom
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import instances, parameter, party_order
from flowkit_mockserver.party import Party

__all__ = ["sample", "weigh"]

_DATA = ("data", "train_data", "test_data")


def _resample(size: int, wanted: int, seed: int, *, replacing: bool) -> list[int]:
    chance = NumpyRandom(seed)
    return chance.below(size, wanted) if replacing else chance.permutation(size)[:wanted]


def _counted(kind: str, name: str, counts: list[list[Any]]) -> Metric:
    return Metric(counts, {"name": name, "metric_type": kind})


class _Draw:
    """The samples one party chose: positions in its table, and what it reports of them."""

    def __init__(self, data: Instances, asked: Mapping[str, Any], seed: int) -> None:
        self.metrics: dict[str, dict[str, Metric]] = {}
        self.summary: dict[str, Any] = {}
        replacing = asked["method"] == "upsample"
        if asked["mode"] == "random":
            self.positions = self._random(data, asked["fractions"], seed, replacing=replacing)
        else:
            self.positions = self._stratified(data, asked["fractions"], seed, replacing=replacing)

    def _random(self, data: Instances, fraction: Any, seed: int, *, replacing: bool) -> list[int]:
        fraction = 0.1 if fraction is None else fraction
        if fraction < 0 or (not replacing and fraction > 1):
            raise ValueError("sapmle fractions should be a numeric number between 0 and 1inclusive")
        wanted = int(fraction * len(data))
        chosen = _resample(
            len(data), wanted if replacing else max(1, wanted), seed, replacing=replacing
        )
        self.report_random(len(chosen))
        return chosen

    def report_random(self, count: int) -> None:
        """Report a random sample, which a host does as well."""
        self.metrics = {
            "sample_count": {"random": _counted("SAMPLE_TEXT", "sample_count", [["count", count]])}
        }
        self.summary = {"sample_count": count}

    def _stratified(
        self, data: Instances, fractions: Any, seed: int, *, replacing: bool
    ) -> list[int]:
        labels = data.labels or []
        places: dict[Any, list[int]] = {label: [] for label, _ in fractions}
        for position, label in enumerate(labels):
            if label not in places:
                raise ValueError("label not specify sample rate! check it please")
            places[label].append(position)
        chosen: list[int] = []
        sampled: list[list[Any]] = []
        for label, fraction in fractions:
            if fraction < 0 or (not replacing and fraction > 1):
                raise ValueError(
                    "sapmle fractions should be a numeric number between 0 and 1inclusive"
                )
            found = places[label]
            wanted = max(1, int(fraction * len(found))) if found else 0
            drawn = _resample(len(found), wanted, seed, replacing=replacing) if found else []
            chosen += [found[i] for i in drawn]
            sampled.append([label, len(drawn)])
        NumpyRandom(seed).shuffle(chosen)
        original = [[label, len(found)] for label, found in places.items()]
        self.metrics = {
            "sample_count": {"stratified": _counted("SAMPLE_TABLE", "sample_count", sampled)},
            "original_count": {"stratified": _counted("SAMPLE_TABLE", "original_count", original)},
        }
        self.summary = {
            "sample_count": {str(label): count for label, count in sampled},
            "original_count": {str(label): count for label, count in original},
        }
        return chosen


def _taken(data: Instances, positions: list[int], *, renumbered: bool) -> Instances:
    """Return the chosen samples: in table order, or under running numbers when one may occur twice."""
    if not renumbered:
        return data.take(sorted(positions))
    numbered = sorted(enumerate(positions), key=lambda pair: _little_endian(pair[0]))
    taken = data.take([position for _, position in numbered])
    extra = {**taken.extra, "int_keys": True}
    return replace(taken, keys=[str(number) for number, _ in numbered], extra=extra)


def _little_endian(number: int) -> tuple[int, bytes]:
    """Return the order of an integer key: as the bytes it is stored in."""
    size = max(1, (number.bit_length() + 7) // 8)
    return (1 if size == 1 else size, number.to_bytes(size, "little"))


def sample(run: ComponentRun) -> dict[Party, PartyResult]:
    """Draw samples: the guest for everybody, or (homo) each party for itself."""
    results: dict[Party, PartyResult] = {}
    drawn: _Draw | None = None
    keys: list[str] = []
    for party in party_order(run):
        data = instances(run, party, *_DATA)
        asked = parameter(run, party)
        if data is None:
            raise ComponentFailed("input data is None", party)
        seed = run.seed if asked["random_state"] is None else int(asked["random_state"])
        upsample = asked["method"] == "upsample"
        if drawn is None or asked["task_type"] == "homo":
            drawn = _Draw(data, asked, seed)
            keys = [data.keys[i] for i in drawn.positions]
            taken = _taken(data, drawn.positions, renumbered=upsample)
            result = PartyResult([taken.table()], drawn.metrics, drawn.summary)
        else:
            at = {key: i for i, key in enumerate(data.keys)}
            taken = _taken(data, [at[key] for key in keys], renumbered=upsample)
            random = asked["mode"] == "random"
            result = PartyResult(
                [taken.table()],
                dict(drawn.metrics) if random else {},
                dict(drawn.summary) if random else None,
            )
        results[party] = result
    return results


def weigh(run: ComponentRun) -> dict[Party, PartyResult]:
    """Give every sample a weight: of its class, or from a column."""
    return {party: _weighed(run, party) for party in run.parties}


def _weighed(run: ComponentRun, party: Party) -> PartyResult:
    data = instances(run, party, *_DATA)
    asked = parameter(run, party)
    if data is None:
        raise ComponentFailed("input data is None", party)
    by_class, column = asked["class_weight"], asked["sample_weight_name"]
    if column is None and by_class is None:
        return PartyResult([data.table()])
    meta: dict[str, Any] = {"name": "train", "metric_type": "SAMPLE_WEIGHT"}
    if column:
        if column not in data.header:
            raise ComponentFailed(
                f"Cannot find weight column of given sample_weight_name '{column}'.", party
            )
        at = data.header.index(column)
        weights = [row[at] for row in data.rows]
        if asked["normalize"]:
            base = sum(weights) / len(weights)
            weights = [weight / base for weight in weights]
        header = data.header[:at] + data.header[at + 1 :]
        data = data.with_rows([row[:at] + row[at + 1 :] for row in data.rows], header)
    else:
        if by_class == "balanced":
            counts = Counter(data.labels or [])
            by_class = {k: len(data) / (len(counts) * n) for k, n in counts.items()}
        by_class = {str(k): v for k, v in by_class.items()}
        weights = [by_class.get(str(label), 1) for label in data.labels or [None] * len(data)]
    meta["weight_mode"] = "sample weight name" if column else "class weight"
    meta["class_weight"] = by_class if not column else None
    meta["classes"] = sorted(by_class) if not column else None
    meta["sample_weight_name"] = column
    result = PartyResult([replace(data, weights=weights).table()])
    result.add_metric("train", "sample_weight", Metric([["sample_weight", 0]], meta))
    return result
