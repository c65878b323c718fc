"""Correlation of columns: who must take part."""

from __future__ import annotations

import pytest

from component_bench import GUEST, HOST, instances, run, under
from flowkit_mockserver.components.core.interface import ComponentFailed
from flowkit_mockserver.party import Party

OURS = instances({"a": [1.0, 2.0], "b": [2.0, 1.0], "c": [4.0, 3.0]}, ["x0", "x1"])
THEIRS = instances({"a": [1.0, -1.0], "b": [3.0, -3.0], "c": [2.0, -2.0]}, ["z0", "z1"])


def test_a_host_correlates_its_own_columns_while_the_guest_rests() -> None:
    results = run(
        "HeteroPearson",
        under("data", {GUEST: OURS, HOST: THEIRS}),
        by_party={GUEST: {"need_run": False}},
        cross_parties=False,
        column_indexes=-1,
    )

    assert results[GUEST].model is None
    summary = results[HOST].summary
    assert summary["num_local_features"] == 3
    assert summary["local_corr"][0] == pytest.approx([1.0, -1.0])


def test_two_hosts_are_refused() -> None:
    other = Party("host", "10001")

    with pytest.raises(
        ComponentFailed, match="one guest and one host required, while 1 guest and 2 host provided"
    ):
        run(
            "HeteroPearson",
            under("data", {GUEST: OURS, HOST: THEIRS, other: THEIRS}),
            column_indexes=-1,
        )
