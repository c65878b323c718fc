"""Correlation of columns: who must take part."""

from __future__ import annotations

from typing import Any

import pytest

from component_bench import GUEST, HOST, instances, run, under
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed
from flowkit_mockserver.dialects.behaviour import behaviour_of
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


def test_without_a_host_later_lines_fail_before_they_count_parties() -> None:
    with pytest.raises(ComponentFailed) as failure:
        run(
            "HeteroPearson",
            under("data", {GUEST: OURS}),
            column_indexes=-1,
            cross_parties=False,
            behaviour=behaviour_of(line_of("1.9")),
        )

    assert failure.value.message == "TypeError: 'NoneType' object is not subscriptable"


def test_later_lines_name_all_columns_and_put_the_chosen_first() -> None:
    """As FATE 1.11.4 does, whatever columns were chosen."""
    result = run(
        "HeteroPearson",
        under("data", {GUEST: OURS, HOST: THEIRS}),
        column_indexes=[1],
        behaviour=behaviour_of(line_of("1.11")),
    )[GUEST]

    assert result.model is not None
    param: dict[str, Any] = result.model.param
    assert param["names"] == ["x0", "x1"]
    assert (param["shape"], param["shapes"]) == (1, [2, 2])
    assert [value == "NaN" for value in param["corr"]] == [False, True, True, True]
    assert result.summary["num_remote_features"] == 2
    assert (result.summary["num_local_features"], len(result.summary["local_corr"])) == (1, 1)


def test_later_lines_leave_out_columns_with_one_value_only() -> None:
    table = instances({"a": [1.0, 5.0], "b": [2.0, 5.0]}, ["x0", "x1"])
    asked: dict[str, Any] = {"cross_parties": False, "column_indexes": -1}
    tables = under("data", {GUEST: table, HOST: THEIRS})

    with pytest.raises(ComponentFailed, match="zero standard deviation"):
        run("HeteroPearson", tables, **asked)
    later = run("HeteroPearson", tables, behaviour=behaviour_of(line_of("1.11")), **asked)[GUEST]

    assert later.model is not None
    assert later.model.param["localCorr"] == [1.0, "NaN", "NaN", "NaN"]
    assert later.model.param["localVif"] == [1.0, "NaN"]
