"""Samples with match ids: who keeps which, and what the others put in their place."""

from __future__ import annotations

import math
from typing import Any

import pytest

from component_bench import GUEST, HOST, run, text, under
from flowkit_mockserver.components.core.interface import ComponentFailed, TableData
from flowkit_mockserver.dialects import dialect_of

LATER = dialect_of("1.11").behaviour


def read() -> dict[Any, TableData]:
    tables = {
        GUEST: (text({"a": "7,1,0.5", "b": "8,0,0.1"}, "id,y,x0", "mock_id"), True),
        HOST: (text({"h": "7,1.5", "i": "9,2.5"}, "id,x1", "sample_id"), False),
    }
    return {
        party: run(
            "DataTransform",
            {party: {"data": table}},
            behaviour=LATER,
            with_match_id=True,
            with_label=labelled,
        )[party].tables[0]
        for party, (table, labelled) in tables.items()
    }


def join(**asked: Any) -> Any:
    options = {
        "cardinality_only": False,
        "join_method": "left_join",
        "new_sample_id": False,
        "raw_params": {"join_role": "guest"},
    }
    return run("Intersection", under("data", read()), behaviour=LATER, **{**options, **asked})


def test_a_left_join_keeps_every_sample_of_its_owner() -> None:
    done = join(sample_id_generator="guest")

    assert dict(done[GUEST].tables[0].records) == {"a": ["7", 1, 0.5], "b": ["8", 0, 0.1]}
    found = dict(done[HOST].tables[0].records)
    assert found["a"] == ["7", 1.5]
    assert found["b"][0] is None
    assert math.isnan(found["b"][1])
    counts = dict(done[HOST].metrics["train"]["intersection"].data)
    assert (counts["intersect_count"], counts["intersect_sample_id_count"]) == (1, 1)


def test_a_sample_that_only_the_host_has_is_without_a_label() -> None:
    done = join(sample_id_generator="host")

    assert dict(done[HOST].tables[0].records) == {"h": ["7", 1.5], "i": ["9", 2.5]}
    found = dict(done[GUEST].tables[0].records)
    assert found["h"] == ["7", 1, 0.5]
    assert found["i"][:2] == [None, None]
    assert math.isnan(found["i"][2])


def test_only_the_side_that_joins_owns_the_samples_of_a_raw_intersection() -> None:
    with pytest.raises(ComponentFailed, match="'join_role' should be same role as"):
        join(sample_id_generator="host", intersect_method="raw", join_method="inner_join")


def test_what_the_host_is_not_told_belongs_to_the_guest() -> None:
    done = join(sample_id_generator="host", sync_intersect_ids=False, join_method="inner_join")

    assert dict(done[GUEST].tables[0].records) == {"a": ["7", 1, 0.5]}
    assert done[HOST].tables == []


def test_without_match_ids_there_is_no_left_join() -> None:
    plain = {
        GUEST: text({"1": "0.5"}, "x0", "id"),
        HOST: text({"1": "1.5"}, "x1", "id"),
    }
    tables = {
        party: run("DataTransform", {party: {"data": table}}, behaviour=LATER)[party].tables[0]
        for party, table in plain.items()
    }

    with pytest.raises(ComponentFailed, match="Only data with match_id may apply left_join"):
        run("Intersection", under("data", tables), behaviour=LATER, join_method="left_join")


@pytest.mark.parametrize(("line", "method"), [("1.8", "raw"), ("1.10", "raw"), ("1.11", "ecdh")])
def test_ids_that_were_exchanged_in_the_clear_go_over_curves_in_1_11(
    line: str, method: str
) -> None:
    done = run(
        "Intersection",
        under("data", read()),
        behaviour=dialect_of(line).behaviour,
        intersect_method="raw",
        join_method="inner_join",
        sample_id_generator="guest",
        cardinality_only=False,
        new_sample_id=False,
        raw_params={"join_role": "guest"},
    )
    assert done[GUEST].metrics["train"]["intersection"].meta["intersect_method"] == method
