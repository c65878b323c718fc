"""Ids that an intersection keeps for later ones (`run_cache`), and what a later one makes of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from random import Random
from typing import Any

from flowkit_mockserver.columns.ids import Ids
from flowkit_mockserver.columns.parts import Constant
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.components.core.interface import (
    Cache,
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.run import party_order
from flowkit_mockserver.party import Party

__all__ = ["cached_ids", "make_caches", "tell_method"]

#: By method what of its parameters the parties must agree on.
_AGREED = {
    "rsa": ("hash_method", "final_hash_method", "salt", "random_bit"),
    "dh": ("hash_method", "salt"),
    "ecdh": ("hash_method", "salt", "curve"),
}


def make_caches(
    run: ComponentRun, ids: Mapping[Party, Ids], asked: Mapping[str, Any]
) -> dict[Party, PartyResult]:
    """Have guest and hosts keep the ids of every host; nobody puts anything out.

    Raises:
        ComponentFailed: the parameter allows no cache.
    """
    guest, *hosts = party_order(run)
    _check(guest, asked)
    method = asked["intersect_method"]
    agreed = {name: asked[f"{method}_params"][name] for name in _AGREED[method]}
    meta = {"intersect_method": method, **agreed}
    kept: dict[Party, tuple[dict[str, TableData], dict[str, Any]]] = {
        party: ({}, {}) for party in ids
    }
    for host in hosts:
        chance = Random(f"{run.seed}/{run.job_id}/{run.component}/{host.party_id}")
        # The keys of the encryption are not there, as nothing is encrypted.
        entry = {
            "cache_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "intersect_meta": meta,
            "intersect_key": {},
        }
        records = Columns(ids[host], [Constant(None, len(ids[host]))]).in_order()
        table = TableData("prediction", {}, records)
        for party, other in ((guest, host), (host, guest)):
            kept[party][0][other.party_id] = table
            kept[party][1][other.party_id] = entry
    results = {}
    for party, (tables, entries) in kept.items():
        results[party] = PartyResult(cache=Cache(tables, entries))
        tell_method(results[party], meta)
    return results


def tell_method(result: PartyResult, meta: Mapping[str, Any]) -> None:
    """Add the metric that tells how the ids of a cache were encrypted."""
    name = "intersection_cache_meta"
    shown = {**meta, "name": name, "metric_type": "INTERSECTION"}
    result.add_metric("train", name, Metric([], shown))


def cached_ids(
    run: ComponentRun, guest: Party, asked: Mapping[str, Any]
) -> tuple[dict[Party, TableData], dict[str, Any]]:
    """Return the ids of every host as they were cached, and how.

    Raises:
        ComponentFailed: there are none, they were encrypted in another way, or by other parties.
    """
    caches = {party: (run.caches.get(party) or [None])[0] for party in run.parties}
    for party, cache in caches.items():
        if cache is None or not cache.meta:
            raise ComponentFailed("cannot unpack non-iterable NoneType object", party)
        (meta, *_) = cache.meta.values()
        if meta["intersect_meta"]["intersect_method"] != asked["intersect_method"]:
            raise ComponentFailed("Current intersect method must match to cache record.", party)
    found = {}
    common: dict[str, Any] = {}
    own = caches[guest]
    for host in (party for party in run.parties if party != guest):
        theirs = caches[host]
        assert own is not None
        assert theirs is not None
        if host.party_id not in own.meta or guest.party_id not in theirs.meta:
            raise ComponentFailed(f"{host.party_id!r}", guest)
        entry, other = own.meta[host.party_id], theirs.meta[guest.party_id]
        if entry["cache_id"] != other["cache_id"]:
            raise ComponentFailed(
                "cache_id check failed. cache_id from host & guest must match.", guest
            )
        found[host] = theirs.tables[guest.party_id]
        common = dict(entry["intersect_meta"])
    return found, common


def _check(guest: Party, asked: Mapping[str, Any]) -> None:
    method = asked["intersect_method"]
    for wrong, text in (
        (method not in _AGREED, "Only rsa, dh, or ecdh method supports cache."),
        (
            method == "rsa" and asked["rsa_params"]["split_calculation"],
            "RSA split_calculation does not support cache.",
        ),
        (asked["cardinality_only"], "cache is not available for cardinality_only mode."),
        (asked.get("run_preprocess"), "Preprocessing does not support cache."),
    ):
        if wrong:
            raise ComponentFailed(text, guest)
