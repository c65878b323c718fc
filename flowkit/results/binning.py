"""Bins of features, with weight of evidence (WOE) and information value (IV): what HeteroFeatureBinning trains.

In each bin, with the shares of all events and of all others that fall into it (half a sample stands for none)::

    WOE = ln(event share / other share)        IV = (event share - other share) * WOE

Only the guest has labels: a host's own model has bounds and no counts, and the guest's has counts and no bounds for the
host's features, which bear there the names FATE gives them (``host_9999_0``, from 1.7 on ``host_9999_x0``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowkit.errors import ArgumentError
from flowkit.results.answers import (
    Source,
    integer,
    mapping_at,
    mappings_at,
    number,
    numbers,
    payload,
    texts,
)

__all__ = ["Bin", "FeatureBins", "read_binning"]

COUNTED = {
    "events": "eventCountArray",
    "others": "nonEventCountArray",
    "event_share": "eventRateArray",
    "other_share": "nonEventRateArray",
    "woe": "woeArray",
    "iv": "ivArray",
}


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of a feature; what a party may not know of it is None.

    Attributes:
        name: FATE's name of it, ``bin_3``, or its number.
        lower: values above it are in the bin; None for the first bin, and for another party's.
        upper: values up to it are; of the last bin it is the highest value that was seen while
            training. None for another party's bins and for that of missing values.
        events: how many samples of it are events.
        others: how many are not.
        event_share: share of all events, 0 to 1.
        other_share: share of all others.
        woe: weight of evidence.
        iv: what it adds to the information value.
    """

    name: str
    lower: float | None
    upper: float | None
    events: int | None = None
    others: int | None = None
    event_share: float | None = None
    other_share: float | None = None
    woe: float | None = None
    iv: float | None = None

    @property
    def interval(self) -> str:
        """The values in it as a text, ``(-1.05, 0.2]``; its name where the bounds are not known."""
        if self.upper is None:
            return self.name
        lower = "(-inf" if self.lower is None else f"({self.lower:g}"
        return f"{lower}, {self.upper:g}]"


@dataclass(frozen=True, slots=True, repr=False)
class FeatureBins:
    """The bins of one feature.

    Attributes:
        feature: its name.
        party: whose it is, ``host/9999``; empty where FATE does not say: then it is that of the party
            whose model was asked for.
        iv: the information value; 0 where there are no counts.
        monotonic: whether WOE only rises or only falls from bin to bin.
        bins: in ascending order of the values.
    """

    feature: str
    party: str
    iv: float
    monotonic: bool
    bins: tuple[Bin, ...]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.feature}: {len(self.bins)} bins, IV {self.iv:.4g}>"


def read_binning(model: Source | None) -> tuple[FeatureBins, ...]:
    """Return the bins in an answer of ``component.output_model``, the party's own features first, then its hosts'.

    Both forms are read: that of FATE up to 1.6 and the later one, which has more keys.

    Raises:
        ArgumentError: the answer has another form.
    """
    data = payload(model, "model")
    groups = [mapping_at(data, "binningResult"), *mappings_at(data, "hostResults")]
    found: list[FeatureBins] = []
    for group in groups:
        role, party_id = group.get("role") or "", group.get("partyId") or ""
        party = f"{role}/{party_id}" if role else ""
        features = mapping_at(group, "binningResult")
        found += [
            _feature(name, party, mapping_at(features, name))
            for name in _in_order(features, texts(data.get("header"), "header"))
        ]
    return tuple(found)


def _in_order(features: Mapping[str, Any], header: Sequence[str]) -> list[str]:
    """Return the names of features in the order of the table where it is known, else with numbers in order."""
    places = {name: place for place, name in enumerate(header)}
    return sorted(features, key=lambda name: (places.get(name, len(places)), _natural(name)))


def _natural(name: str) -> tuple[str, int]:
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    return (stem, int(digits[:18])) if digits else (name, -1)


def _feature(name: str, party: str, found: Mapping[str, Any]) -> FeatureBins:
    bounds = numbers(found.get("splitPoints"), f"{name}.splitPoints")
    names = texts(found.get("binAnonymous"), f"{name}.binAnonymous")
    columns = {key: numbers(found.get(path), f"{name}.{path}") for key, path in COUNTED.items()}
    lengths = {len(column) for column in columns.values() if column}
    if len(lengths) > 1:
        raise ArgumentError(
            f"{name}: its counts differ in length; the answer is damaged", argument="model"
        )
    count = lengths.pop() if lengths else len(bounds)
    bins = []
    for place in range(count):
        values: dict[str, Any] = {key: column[place] for key, column in columns.items() if column}
        for key in ("events", "others"):
            if key in values:
                values[key] = integer(values[key], f"{name}.{key}")
        known = place < len(bounds)
        bins.append(
            Bin(
                _bin_name(names, place, missing=bool(bounds) and not known),
                bounds[place - 1] if known and place else None,
                bounds[place] if known else None,
                **values,
            )
        )
    iv = number(found.get("iv") or 0.0, f"{name}.iv")
    return FeatureBins(name, party, iv, bool(found.get("isWoeMonotonic")), tuple(bins))


def _bin_name(names: Sequence[str], place: int, *, missing: bool) -> str:
    if missing:
        return "missing"
    return names[place] if place < len(names) else f"bin {place}"
