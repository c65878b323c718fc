"""Bins, and who knows what of them."""

from __future__ import annotations

import math

import pytest

from flowkit import ArgumentError
from flowkit.results import read_binning
from recorded_results import answer


@pytest.mark.parametrize(("line", "host"), [("1.6", "host_9999_0"), ("1.11", "host_9999_x0")])
def test_the_guest_knows_its_features_and_the_counts_of_the_hosts(line: str, host: str) -> None:
    found = {one.feature: one for one in read_binning(answer(line, "binning"))}
    own, other = found["x0"], found[host]
    assert (own.party, own.iv, own.monotonic) == ("guest/10000", 6.0635508467384085, False)
    assert (other.party, other.iv, other.monotonic) == ("host/9999", 4.772018140081738, True)
    first, second = own.bins[:2]
    assert (first.lower, first.upper, second.lower) == (None, -1.04767, -1.04767)
    assert (first.interval, second.interval) == ("(-inf, -1.04767]", "(-1.04767, -0.784675]")
    assert (first.events, first.others) == (57, 0)
    assert (other.bins[0].upper, other.bins[0].interval) == (None, "bin 0")


@pytest.mark.parametrize("line", ["1.6", "1.11"])
def test_woe_and_iv_are_what_their_formulas_say(line: str) -> None:
    for feature in read_binning(answer(line, "binning")):
        total = 0.0
        for one in feature.bins:
            assert None not in (one.event_share, one.other_share, one.woe, one.iv)
            assert one.woe == pytest.approx(
                math.log((one.event_share or 0) / (one.other_share or 0))
            )
            assert one.iv == pytest.approx(
                ((one.event_share or 0) - (one.other_share or 0)) * (one.woe or 0)
            )
            total += one.iv or 0
        assert feature.iv == pytest.approx(total)


def test_a_host_knows_bounds_and_no_counts() -> None:
    feature = read_binning(answer("1.6", "binning_of_host"))[0]
    assert feature.bins[0].upper == -1.098366
    assert {(one.events, one.woe) for one in feature.bins} == {(None, None)}
    assert len(feature.bins) == 10


def test_features_come_in_the_order_of_the_table() -> None:
    features = {name: {"splitPoints": [1]} for name in ("b", "x10", "x2", "a")}
    model = {"binningResult": {"binningResult": features}, "header": ["b", "a"]}
    assert [one.feature for one in read_binning(model)] == ["b", "a", "x2", "x10"]


def test_a_bin_beyond_the_last_bound_is_that_of_missing_values() -> None:
    feature = {"splitPoints": [0.5, 1.5], "eventCountArray": ["3", "4", "2"]}
    (found,) = read_binning({"binningResult": {"binningResult": {"x": feature}}})
    assert [one.interval for one in found.bins] == ["(-inf, 0.5]", "(0.5, 1.5]", "missing"]
    assert [one.events for one in found.bins] == [3, 4, 2]


def test_counts_of_different_length_are_refused() -> None:
    feature = {"eventCountArray": ["1"], "nonEventCountArray": ["1", "2"]}
    with pytest.raises(ArgumentError, match="x: its counts differ in length"):
        read_binning({"binningResult": {"binningResult": {"x": feature}}})
