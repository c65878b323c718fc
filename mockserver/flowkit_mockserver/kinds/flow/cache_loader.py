"""CacheLoader: ids that a component of some job has cached are taken up again."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in

__all__ = ["KIND"]

KIND = Kind(
    name="CacheLoader",
    algorithm="flowkit_mockserver.components.flow.cache_loader:load_cache",
    exactness=Exactness.EXACT,
    accuracy="The cached ids are taken up as they are; the keys of their encryption are not there.",
    param_class="CacheLoaderParam",
    defaults={"cache_key": None, "cache_name": None, "component_name": None, "job_id": None},
    code_path=code_in(
        "fate_flow/components",
        guest="cache_loader.py/CacheLoader",
        host="cache_loader.py/CacheLoader",
    ),
    alone=True,
    later_only=True,
    in_server=True,
)
