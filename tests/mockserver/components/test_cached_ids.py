"""Ids that an intersection caches, and what a later one makes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from component_bench import GUEST, HOST, Results, instances, keys, run, under
from flowkit_mockserver.components.core.interface import Cache, ComponentFailed, TableData
from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.party import Party

LATER = dialect_of("1.11").behaviour


def tables(ours: str, theirs: str) -> dict[Party, TableData]:
    return {
        GUEST: instances({key: [0.5] for key in ours}, ["x0"], [1] * len(ours)),
        HOST: instances({key: [0.1] for key in theirs}, ["x0"]),
    }


def intersect(data: dict[Party, TableData], **options: Any) -> Results:
    plain = {
        "cardinality_only": False,
        "join_method": "inner_join",
        "raw_params": {"join_role": "guest"},
        "dh_params": {"hash_method": "sha256", "salt": "s"},
        "rsa_params": {"random_bit": 128},
    }
    return run("Intersection", under("data", data), behaviour=LATER, **{**plain, **options})


def cached(theirs: str, **options: Any) -> dict[Party, list[Cache | None]]:
    made = intersect(tables("abc", theirs), run_cache=True, **options)
    assert not any(result.tables for result in made.values())
    return {party: [result.cache] for party, result in made.items()}


def test_what_counts_is_what_the_host_had_when_its_ids_were_cached() -> None:
    caches = cached("abcxyz")

    done = intersect(tables("bcd", "cdef"), caches=caches)

    counts = [dict(done[party].metrics["train"]["intersection"].data) for party in (GUEST, HOST)]
    assert [count["intersect_count"] for count in counts] == [2, 2]
    assert [count["input_match_id_count"] for count in counts] == [3, 6]
    assert [count["unmatched_count"] for count in counts] == [1, 4]
    assert keys(done[GUEST].tables[0]) == ["b", "c"]
    assert keys(done[HOST].tables[0]) == ["c"]


def test_a_cache_tells_how_its_ids_were_encrypted() -> None:
    made = intersect(tables("ab", "bc"), run_cache=True, intersect_method="dh")

    ours, theirs = made[GUEST].cache, made[HOST].cache
    assert ours is not None
    assert theirs is not None
    expected = {"intersect_method": "dh", "hash_method": "sha256", "salt": "s"}
    assert ours.meta["10000"]["intersect_meta"] == expected
    assert ours.meta["10000"]["cache_id"] == theirs.meta["9999"]["cache_id"]
    shown = made[HOST].metrics["train"]["intersection_cache_meta"].meta
    assert shown["salt"] == "s"


def other_id(cache: Cache) -> Cache:
    return replace(cache, meta={k: {**v, "cache_id": "other"} for k, v in cache.meta.items()})


def test_caches_that_do_not_belong_together_are_refused() -> None:
    caches = cached("abc")
    assert caches[HOST][0] is not None
    caches[HOST] = [other_id(caches[HOST][0])]

    with pytest.raises(ComponentFailed, match="cache_id from host & guest must match"):
        intersect(tables("ab", "bc"), caches=caches)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"intersect_method": "dh"}, "Current intersect method must match to cache record."),
        ({"sync_intersect_ids": False}, "'NoneType' object has no attribute 'count'"),
        (
            {"caches": {GUEST: [None], HOST: [None]}},
            "cannot unpack non-iterable NoneType object",
        ),
        ({"run_cache": True, "caches": {}, "cardinality_only": True}, "cardinality_only mode"),
        ({"run_cache": True, "caches": {}, "intersect_method": "raw"}, "Only rsa, dh, or ecdh"),
        ({"run_cache": True, "caches": {}, "run_preprocess": True}, "Preprocessing does not"),
        (
            {"run_cache": True, "caches": {}, "rsa_params": {"split_calculation": True}},
            "RSA split_calculation does not support cache.",
        ),
    ],
)
def test_what_does_not_fit_is_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ComponentFailed, match=text):
        intersect(tables("ab", "bc"), **{"caches": cached("abc"), **options})
