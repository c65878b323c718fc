"""FederatedSample: some of the samples, drawn, in a proportion of their own for each label if the user wants that."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

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
from flowkit_mockserver.components.core.random_state import NumpyRandom
from flowkit_mockserver.components.core.run import check_host, instances, parameter, party_order
from flowkit_mockserver.party import Party

__all__ = ["sample"]

_DATA = ("data", "train_data", "test_data")
_TASKS = ("homo", "hetero")
#: Weights up to it draw nothing.
_NO_WEIGHT = 1e-8
_BYTE, _TWO_BYTES = 1 << 8, 1 << 16
Positions = NDArray[np.intp]


def _resample(size: int, wanted: int, seed: int, *, replacing: bool) -> Positions:
    if wanted > size and not replacing:
        raise ValueError(
            f"Cannot sample {wanted} out of arrays with dim {size} when replace is False"
        )
    chance = NumpyRandom(seed)
    return chance.below(size, wanted) if replacing else chance.permutation(size)[:wanted]


def _counted(kind: str, name: str, counts: list[list[Any]]) -> Metric:
    return Metric(counts, {"name": name, "metric_type": kind})


class _Draw:
    """The samples one party chose: positions in its table, and what it reports of them."""

    def __init__(
        self, data: Instances, asked: Mapping[str, Any], seed: int, *, later: bool
    ) -> None:
        self.later = later
        self.metrics: dict[str, dict[str, Metric]] = {}
        self.summary: dict[str, Any] = {}
        replacing = asked["method"] == "upsample"
        if asked["mode"] == "random":
            self.positions = self._random(data, asked["fractions"], seed, replacing=replacing)
        else:
            self.positions = self._stratified(data, asked["fractions"], seed, replacing=replacing)

    def _random(self, data: Instances, fraction: Any, seed: int, *, replacing: bool) -> Positions:
        word = "sample" if self.later else "sapmle"
        bound = f"{word} fractions should be a numeric number large than 0"
        _check(fraction, bound, replacing=replacing)
        wanted = int(fraction * len(data))
        chosen = _resample(
            len(data), wanted if replacing else max(1, wanted), seed, replacing=replacing
        )
        count = [["count", len(chosen)]]
        self.metrics = {"sample_count": {"random": _counted("SAMPLE_TEXT", "sample_count", count)}}
        self.summary = {"sample_count": len(chosen)}
        return chosen

    def _stratified(
        self, data: Instances, fractions: Any, seed: int, *, replacing: bool
    ) -> Positions:
        # What is no list fails with the text of its length.
        len(fractions)
        bound = "sapmle fractions should be a numeric number greater than 0"
        for _, fraction in fractions:
            _check(fraction, bound, replacing=replacing)
        given = [label for label, _ in fractions]
        labels = np.array([None]) if data.labels is None else data.labels
        if any(label not in given for label in set(labels.tolist())):
            raise ValueError("label not specify sample rate! check it please")
        chosen: list[Positions] = []
        sampled: list[list[Any]] = []
        original: list[list[Any]] = []
        for label, fraction in fractions:
            found = np.flatnonzero(labels == label)
            wanted = max(1, int(fraction * len(found))) if len(found) else 0
            if len(found):
                chosen.append(found[_resample(len(found), wanted, seed, replacing=replacing)])
            original.append([label, len(found)])
            sampled.append([label, wanted])
        positions = np.concatenate([np.empty(0, dtype=np.intp), *chosen])
        # The server shuffles by chance that no seed fixes.
        NumpyRandom(seed).shuffle(positions)
        self.metrics = {
            "sample_count": {"stratified": _counted("SAMPLE_TABLE", "sample_count", sampled)},
            "original_count": {"stratified": _counted("SAMPLE_TABLE", "original_count", original)},
        }
        self.summary = {
            "sample_count": {str(label): count for label, count in sampled},
            "original_count": {str(label): count for label, count in original},
        }
        return positions


def _check(fraction: float, refusal: str, *, replacing: bool) -> None:
    """Refuse a fraction beyond 0 to 1, or, where samples may come more often than once, one that is not positive."""
    if replacing and fraction <= 0:
        raise ValueError(refusal)
    # Not chained: what is no number fails with the text of these comparisons.
    if not replacing and (fraction < 0 or fraction > 1):
        raise ValueError("sapmle fractions should be a numeric number between 0 and 1inclusive")


def _taken(data: Instances, positions: Positions, *, renumbered: bool) -> Instances:
    """Return the chosen samples: in table order, or under running numbers when one may occur twice."""
    if not renumbered:
        return data.take(np.sort(positions))
    order = _stored_order(len(positions))
    taken = data.take(positions[order])
    extra = {**taken.extra, "int_keys": True}
    return replace(taken, ids=order.astype(np.str_), extra=extra)


def _stored_order(count: int) -> Positions:
    """Return the integers below `count` in the order in which a table has them as keys.

    They are stored with a mark of their width, which puts those of four bytes first, and with the lowest byte first.
    """
    numbers = np.arange(count, dtype=np.int64)
    width = np.where(numbers >= _TWO_BYTES, 0, np.where(numbers < _BYTE, 1, 2))
    swapped = np.where(
        width == 0,
        numbers.astype(np.uint32).byteswap(),
        np.where(width == 1, numbers, numbers.astype(np.uint16).byteswap()),
    )
    return np.lexsort((swapped, width))


def _places(ids: Ids, data: Instances, *, all_needed: bool) -> Positions:
    """Return where the samples that the guest drew are.

    Raises:
        ValueError: one of them is not there, though all are needed.
    """
    places = positions_of(ids, data.ids)
    if all_needed and (places < 0).any():
        raise ValueError(f"KeyError: {ids[places < 0][0]!s}: the guest drew a sample of its own")
    return places[places >= 0]


def _copies(data: Instances, seed: int) -> tuple[Positions, Ids]:
    """Return the samples that are drawn as often as their weights say, rounded up, and the new ids of these copies.

    Raises:
        ValueError: the samples have no weights, or no match ids, of which there may be several.
    """
    if data.weights is None:
        raise ValueError("'>' not supported between instances of 'NoneType' and 'float'")
    weights = data.weights.astype(np.float64)
    times = np.where(weights > _NO_WEIGHT, np.ceil(weights), 0).astype(np.intp)
    if data.match_ids is None and times.any():
        raise ValueError(
            "To sample with `exact_by_weight` mode, instances must have match id.Please check."
        )
    chance = random.Random(seed)
    ids = [UUID(int=chance.getrandbits(128), version=1).hex for _ in range(int(times.sum()))]
    return np.repeat(np.arange(len(data)), times), np.array(ids, dtype=np.str_)


def _drawn_by_weight(run: ComponentRun) -> dict[Party, PartyResult]:
    """Draw the samples of all parties as often as the guest's weights say."""
    guest, *hosts = party_order(run)
    tables = {}
    for party in (guest, *hosts):
        data = instances(run, party, *_DATA)
        if data is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = data
    with guarded(guest):
        positions, ids = _copies(tables[guest], run.seed)
    chosen = tables[guest].ids[positions]
    results = {}
    for party, data in tables.items():
        places = positions_of(chosen, data.ids)
        there = places >= 0
        new = ids[there]
        order = np.argsort(new)
        taken = replace(data.take(places[there][order]), ids=new[order])
        count = _counted("SAMPLE_TEXT", "sample_count", [["count", len(taken)]])
        metrics = {"sample_count": {"exact_by_weight": count}}
        results[party] = PartyResult([taken.table()], metrics, {"sample_count": len(taken)})
    return results


def _metrics_of_host(drawn: _Draw, asked: Mapping[str, Any]) -> tuple[Any, Any]:
    if asked["mode"] == "random":
        return dict(drawn.metrics), dict(drawn.summary)
    return {}, None


def sample(run: ComponentRun) -> dict[Party, PartyResult]:
    """Draw samples: the guest for everybody, or (homo) each party for itself."""
    guest = party_order(run)[0]
    first = parameter(run, guest)
    if first["task_type"] not in _TASKS:
        raise ComponentFailed(f"{first['task_type']} task type not support yet", guest)
    if first["mode"] == "exact_by_weight":
        if first["task_type"] == "homo":
            # A party that draws for itself is given no weights to draw by.
            raise ComponentFailed(
                "AttributeError: 'NoneType' object has no attribute '_table'", guest
            )
        return _drawn_by_weight(run)
    results: dict[Party, PartyResult] = {}
    drawn: _Draw | None = None
    ids: Ids | Sequence[str] = ()
    for party in party_order(run):
        data = instances(run, party, *_DATA)
        asked = parameter(run, party)
        if data is None:
            raise ComponentFailed("input data is None", party)
        seed = run.seed if asked["random_state"] is None else int(asked["random_state"])
        upsample = asked["method"] == "upsample"
        with guarded(party):
            if drawn is None or asked["task_type"] == "homo":
                drawn = _Draw(data, asked, seed, later=run.behaviour.samples_by_weight)
                if asked["task_type"] != "homo":
                    check_host(run, party)
                ids = data.ids[drawn.positions]
                positions, metrics, summary = drawn.positions, drawn.metrics, drawn.summary
            else:
                positions = _places(np.asarray(ids), data, all_needed=upsample)
                metrics, summary = _metrics_of_host(drawn, asked)
        taken = _taken(data, positions, renumbered=upsample)
        results[party] = PartyResult([taken.table()], metrics, summary)
    return results
