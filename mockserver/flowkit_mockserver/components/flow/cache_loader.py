"""CacheLoader: ids that a component of some job has cached are taken up again."""

from __future__ import annotations

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
)
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.party import Party

__all__ = ["load_cache"]


def load_cache(run: ComponentRun) -> dict[Party, PartyResult]:
    """Hand on the cache of each party that its parameters name, and tell what it is."""
    results = {}
    for party in run.parties:
        asked = parameter(run, party)
        found = run.find_caches(party, asked)
        if not found:
            raise ComponentFailed("can not found this cache", party)
        if len(found) > 1:
            raise ComponentFailed(
                f"found {len(found)} caches, only support one, please check parameters", party
            )
        (cache,) = found
        meta = {
            **cache.record,
            "meta": {party_id: dict(entry) for party_id, entry in cache.meta.items()},
            "component_name": asked["component_name"],
            "name": "cache",
            "metric_type": "cache_info",
        }
        results[party] = PartyResult(cache=cache)
        results[party].add_metric("cache_loader", cache.record["name"], Metric([], meta))
    return results
