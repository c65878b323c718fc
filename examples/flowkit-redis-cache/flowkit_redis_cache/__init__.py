"""flowkit's cache in Redis: a store, and a plugin to enable by name."""

from __future__ import annotations

import os
from typing import Any

from flowkit_cache import Cache
from flowkit_redis_cache.store import RedisStore

__all__ = ["RedisStore", "redis_cache"]


def redis_cache(url: str | None = None, **settings: Any) -> Cache:
    """Return the plugin ``cache`` with its answers in Redis.

    Args:
        url: address of the Redis; without it ``FLOWKIT_REDIS_URL`` counts, then this machine.
        settings: further arguments of `flowkit_cache.Cache`.
    """
    address = url or os.environ.get("FLOWKIT_REDIS_URL") or "redis://127.0.0.1:6379/0"
    return Cache(store=RedisStore(address), **settings)
