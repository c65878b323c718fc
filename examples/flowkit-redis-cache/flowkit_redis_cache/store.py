"""A store for `flowkit_cache.Cache` in Redis.

Entries are hashes that Redis drops when they expire; one that never does lasts `longest` seconds.
Each mark is a number from one counter, which only grows: a tag without a mark has none that was ever
given. How much is kept is Redis's own business (``maxmemory``, ``maxmemory-policy``): an entry that is
gone is asked for again, and marks may go only together with every entry that depends on them, so they
are kept in one hash without expiry; use one of the ``volatile`` policies.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import redis

from flowkit import renew_in_children
from flowkit_cache import Entry

__all__ = ["RedisStore"]

# One step for Redis: take the next number, and give it to every tag.
OUTDATE = """
local number = redis.call('INCR', KEYS[1])
for _, tag in ipairs(ARGV) do redis.call('HSET', KEYS[2], tag, number) end
"""


class RedisStore:
    """Keeps entries in Redis; satisfies `flowkit_cache.CacheStore`.

    Args:
        url: address of the Redis, ``redis[s]://[user:password@]host[:port][/database]``.
        prefix: begins the name of every key.
        longest: seconds after which any entry is dropped.
        timeout: seconds that Redis may take to connect and to answer; the cache does without it
            then.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "flowkit:",
        longest: float = 30 * 86400,
        timeout: float = 2.0,
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._longest = longest
        self._timeout = timeout
        self._marks, self._counter = f"{prefix}marks", f"{prefix}counter"
        self.renew_after_fork()
        renew_in_children(self)

    def __repr__(self) -> str:
        return f"in Redis, below {self._prefix!r}"

    def renew_after_fork(self) -> None:
        """Make the connections anew: a child must not share those of its parent."""
        self._redis: redis.Redis = redis.Redis.from_url(
            self._url, socket_timeout=self._timeout, socket_connect_timeout=self._timeout
        )
        self._outdate: Any = self._redis.register_script(OUTDATE)

    def stamp(self, tags: Sequence[str]) -> str:
        """Return the marks of `tags`."""
        found: Any = self._redis.hmget(self._marks, list(tags))
        return ",".join("0" if mark is None else mark.decode() for mark in found)

    def outdate(self, tags: Sequence[str]) -> None:
        """Give `tags` the next number."""
        if tags:
            self._outdate(keys=[self._counter, self._marks], args=list(tags))

    def get(self, key: str, now: float) -> Entry | None:
        """Return what is kept under `key`, good or not."""
        found: Any = self._redis.hgetall(self._name(key))
        if not found:
            return None
        head = json.loads(found[b"head"])
        expires = math.inf if head["expires"] is None else head["expires"]
        return Entry(head["headers"], found[b"body"], head["made"], expires, head["stamp"])

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry until it expires."""
        lasting = math.isinf(entry.expires)
        head = {
            "headers": dict(entry.headers),
            "made": entry.made,
            "expires": None if lasting else entry.expires,
            "stamp": entry.stamp,
        }
        seconds = self._longest if lasting else min(entry.expires - entry.made, self._longest)
        if seconds <= 0:
            return
        name = self._name(key)
        with self._redis.pipeline() as steps:  # one transaction
            steps.delete(name)
            steps.hset(name, mapping={"head": json.dumps(head), "body": entry.body})
            steps.pexpire(name, max(1, int(seconds * 1000)))
            steps.execute()

    def totals(self) -> tuple[int, int]:
        """Return the number of entries, and the bytes that Redis needs for them."""
        names = self._names()
        with self._redis.pipeline(transaction=False) as steps:
            for name in names:
                steps.memory_usage(name)
            sizes = steps.execute()
        return len(names), sum(size or 0 for size in sizes)

    def clear(self) -> None:
        """Drop every entry; the marks stay."""
        names = self._names()
        if names:
            self._redis.delete(*names)

    def _name(self, key: str) -> str:
        return f"{self._prefix}entry:{key}"

    def _names(self) -> list[bytes]:
        return list(self._redis.scan_iter(match=f"{self._prefix}entry:*", count=1000))
