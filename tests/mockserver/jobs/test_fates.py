"""Failures that were ordered."""

from __future__ import annotations

from flowkit_mockserver.jobs.fates import Fate, Fates

PARTIES = ["host/7002", "guest/7001"]


def test_a_component_nobody_ordered_to_fail_does_not() -> None:
    assert Fates().strike("lr_0", PARTIES) is None


def test_it_fails_on_the_first_party_unless_one_is_named() -> None:
    fates = Fates()
    fates.order(Fate("lr_0", "no memory"))
    fates.order(Fate("dataio_0", "no label", role="guest"))

    assert fates.strike("lr_0", PARTIES) == ("host/7002", "no memory")
    assert fates.strike("dataio_0", PARTIES) == ("guest/7001", "no label")
    assert fates.strike("dataio_0", ["host/7002"]) is None


def test_an_order_is_used_up() -> None:
    fates = Fates()
    fates.order(Fate("lr_0", "no memory", party_id="7001", times=2))

    assert [fates.strike("lr_0", PARTIES) is None for _ in range(3)] == [False, False, True]
