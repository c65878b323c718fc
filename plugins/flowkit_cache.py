"""Keeps answers: those about a finished job for good, others for a while; a write outdates them.

::

    FlowClient(plugins=[Cache()])                               # in memory, for this client
    FlowClient(plugins=[Cache(path="~/.cache/flowkit.db")])     # on disk, for every process
    FlowClient(plugins=[Cache(store=RedisStore())])             # anywhere; see `CacheStore`
    client.with_options(cache=False).tag.list()                 # ask the server all the same

What may be kept is read off the table of operations. An answer depends on the things its operation
names in ``resources``, and is good while nothing was written to them since its request *began*.
Answers of ``settled`` operations about a job that has ended have no other limit; the rest also
expires, what concerns jobs and their outputs at once, because these change by themselves. Errors
are never kept. Equal reads at the same moment are sent once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flowkit import OPERATIONS, Call, FlowError, PluginError, Response, hookimpl
from flowkit.call.model import JSON
from flowkit.forks import renew_in_children
from flowkit.jobs.rows import ENDED
from flowkit_cache_memory import MemoryStore
from flowkit_cache_sqlite import SQLiteStore
from flowkit_cache_store import CacheStore, Entry, Guarded

__all__ = ["Cache", "CacheStore", "Entry", "MemoryStore", "SQLiteStore", "Statistics"]

UNSETTLED = frozenset({"job", "output"})
SORTED = json.JSONEncoder(sort_keys=True)
STARTS = OPERATIONS["job.submit"].resources  # what a job may still change until it ends


@dataclass(slots=True)
class Statistics:
    """Reads answered from what is kept, by an equal read under way, by the server; answers kept."""

    hits: int = 0
    shared: int = 0
    misses: int = 0
    kept: int = 0


@dataclass(slots=True)
class Flight:
    """A read under way; the first equal one brings the event that they all wait for."""

    key: Any
    stamp: str
    lifetime: float
    landed: threading.Event | None = None
    entry: Entry | None = None


class Cache:
    """Answers reads from what it has seen.

    Args:
        ttl: seconds for which an answer is good that neither settles nor changes by itself.
        ttls: seconds by operation, such as ``{"job.list": 2}``, in place of these rules.
        path: file of the cache, shared by every process that names it; None keeps it in memory.
        entries: answers kept at most; those used longest ago go first.
        size: bytes kept at most.
        store: where the answers are kept, in place of `path`; it has its own bounds.
        largest: bytes of the largest answer that is kept; larger files are streamed past.
        ask: when nobody has asked whether a job has ended, ask the server, so that its answers can
            be kept; at most once in this many seconds. None never asks.

    Raises:
        PluginError: both `path` and `store` were given, `store` is none, or a time is no number
            from 0 on.
    """

    name = "cache"

    def __init__(
        self,
        ttl: float = 5.0,
        *,
        ttls: Mapping[str, float] | None = None,
        path: str | Path | None = None,
        store: CacheStore | None = None,
        entries: int = 10_000,
        size: int = 64 * 1024 * 1024,
        largest: int = 1024 * 1024,
        ask: float | None = 1.0,
    ) -> None:
        self._ttl, self._ttls, self._largest, self._ask = ttl, dict(ttls or {}), largest, ask
        if path and store is not None:
            raise PluginError("cache: path and store were both given; give one of them")
        if store is not None and not callable(getattr(store, "stamp", None)):
            raise PluginError(f"cache: store must have the methods of a CacheStore, got {store!r}")
        times = {"ttl": ttl, **{f"ttls[{name!r}]": one for name, one in self._ttls.items()}}
        for name, seconds in times.items():
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
                raise PluginError(f"cache: {name} must be seconds from 0 on, got {seconds!r}")
        if store is None:
            store = SQLiteStore(path, entries, size) if path else MemoryStore(entries, size)
        self._store = Guarded(store)
        self._statistics = Statistics()
        self._ends: dict[str, str] = {}  # jobs known to have ended, with the stamp of that
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Forget the parent's threads: the reads that they lead, and the lock that one may hold."""
        self._flights: dict[Any, Flight] = {}
        self._lock = threading.Lock()
        self._thread = threading.local()

    @property
    def statistics(self) -> Statistics:
        """What the cache has done so far."""
        with self._lock:
            return replace(self._statistics)

    def totals(self) -> tuple[int, int]:
        """Return how many answers, and bytes, are kept."""
        return self._store.totals()

    def clear(self) -> None:
        """Forget everything."""
        self._ends.clear()
        self._store.clear()

    @hookimpl
    def flowkit_call(self, call: Call) -> Response | None:
        """Answer with what `watch` has found."""
        entry: Entry | None = call.scratch.pop(self.name, None)
        return Response(200, entry.headers, entry.body, source=self.name) if entry else None

    @hookimpl(wrapper=True, specname="flowkit_call")
    def watch(self, call: Call) -> Generator[None, Response, Response]:
        """Look for an answer before the call; keep the server's, or outdate what it wrote, after."""
        place = call.client.address.origin + call.client.address.base
        body = decode_json(call.request.body)
        job = job_of(call, body)
        if not call.operation.reads:
            try:
                return (yield)
            finally:  # whatever came back: the write may have happened
                self._store.outdate(outdated_tags(call, place, job))
        learns = call.operation.name == "job.query"
        before = self._store.stamp(job_tags(place, job)) if learns else ""
        flight = None
        if call.options.get("cache", True) and not getattr(self._thread, "leads", False):
            flight, call.scratch[self.name] = self._board(call, place, job, body)
        response = (yield from self._lead(call, flight)) if flight else (yield)
        if learns and response.source != self.name:
            self._learn(place, job, before, response, call.client.clock.now(), body)
        return response

    def _board(
        self, call: Call, place: str, job: str, body: Any
    ) -> tuple[Flight | None, Entry | None]:
        """Return the flight to lead, or an answer; neither means to go alone."""
        operation = call.operation
        settled = operation.settled and bool(job) and self._has_ended(call, place, job)
        restless = UNSETTLED.intersection(operation.resources)
        lifetime = self._ttls.get(operation.name, 0.0 if restless else self._ttl)
        lifetime = math.inf if settled else lifetime
        if (call.request.download and not lifetime) or not isinstance(
            call.request.body, bytes | None
        ):
            return None, None
        key = self._key(call, place, body, settled, bool(lifetime))
        scopes = (job, "ended") if settled else ("running",)
        tags = [f"{place} {scope}/{kind}" for scope in scopes for kind in operation.resources]
        with self._lock:
            now = call.client.clock.now()
            stamp = self._store.stamp([*tags, f"{place} *"])
            entry = self._store.get(key, now) if lifetime else None
            if entry and entry.good(stamp, now):
                self._statistics.hits += 1
                return None, entry
            flight = self._flights.get(key)
            if flight is None or flight.stamp != stamp:  # none, or a write has come since it began
                self._statistics.misses += 1
                flight = self._flights[key] = Flight(key, stamp, lifetime)
                return flight, None
            landed = flight.landed = flight.landed or threading.Event()
        landed.wait(call.options.get("deadline", call.options["timeout"].read_timeout))
        with self._lock:
            self._statistics.shared += flight.entry is not None
            self._statistics.misses += flight.entry is None
        return None, flight.entry

    def _lead(self, call: Call, flight: Flight) -> Generator[None, Response, Response]:
        """Send the read, keep its answer, and give it to those who wait."""
        began = call.client.clock.now()
        self._thread.leads = True  # what this thread reads meanwhile must not wait for itself
        try:
            response = yield
            if flight.lifetime or self._await(flight):
                kept = self._worth(response)
                if kept is not None:
                    entry = Entry(*kept, began, began + flight.lifetime, flight.stamp)
                    flight.entry = entry
                    if flight.lifetime:
                        self._store.put(flight.key, entry)
            return response
        finally:
            self._thread.leads = False
            self._await(flight)
            if flight.landed is not None:
                flight.landed.set()

    def _await(self, flight: Flight) -> bool:
        """Let nobody join any more, and return whether somebody has."""
        if self._flights.get(flight.key) is flight:
            with self._lock:
                if self._flights.get(flight.key) is flight:
                    del self._flights[flight.key]
                self._statistics.kept += bool(flight.entry and flight.lifetime)
        return flight.landed is not None

    def _worth(self, response: Response) -> tuple[dict[str, str], bytes] | None:
        """Return headers and body of what may be kept; None for an error or a large file."""
        length = response.headers.get("Content-Length", "")
        small = length.isdigit() and int(length) <= self._largest
        if response.status != 200 or (response.streamed and not small):
            return None
        body, headers = response.read(), dict(response.headers)
        if "Content-Disposition" not in response.headers and envelope(response).get("retcode") != 0:
            return None
        headers.pop("Set-Cookie", None)
        return (headers, body) if len(body) <= self._largest else None

    def _key(self, call: Call, place: str, body: Any, settled: bool, lasting: bool) -> Any:
        """Return what equal reads have in common: the server, the request, and who asks."""
        request, who = call.request, call.client.hooks.identity()
        content = SORTED.encode(body) if lasting and body is not None else request.body
        parts = (
            place,
            request.method,
            request.target,
            *request.headers.items(),
            who,
            content,
            settled,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest() if lasting else parts

    def _has_ended(self, call: Call, place: str, job: str) -> bool:
        """Return whether the job is known to have ended; ask, if nobody has lately."""
        key, now, stamp = (
            f"{place} {job}",
            call.client.clock.now(),
            self._store.stamp(job_tags(place, job)),
        )
        if self._ends.get(key) == stamp:
            return True
        known = self._store.get(key, now)
        if self._ask is not None and not (known and known.good(stamp, now)):
            self._store.put(key, Entry({}, b"?", now, now + self._ask, stamp))
            with contextlib.suppress(FlowError):  # what cannot be looked up is not known
                client = call.client.with_options(cache=False)
                body = json.dumps({"job_id": job}).encode()
                client.send(
                    "job.query",
                    {"job_id": job},
                    client.request("job.query", body=body, headers=JSON),
                )
            known = self._store.get(key, now)
        return known is not None and known.good(stamp, now) and known.body == b"ended"

    def _learn(
        self, place: str, job: str, stamp: str, response: Response, now: float, body: Any
    ) -> None:
        """Note from an answer of ``job.query`` which job has ended, and which runs again."""
        data = envelope(response).get("data")
        rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
        running = {str(row.get("f_job_id")) for row in rows if row.get("f_status") not in ENDED}
        for one in running:
            known = self._store.get(f"{place} {one}", now)
            if known and known.body == b"ended":
                self._store.outdate([f"{place} {one}/{kind}" for kind in STARTS])
        if not rows or running or body != {"job_id": job}:
            return
        key = f"{place} {job}"
        if self._ends.get(key) == stamp:
            return
        if len(self._ends) > 10_000:
            self._ends.clear()
        self._ends[key] = stamp
        known = self._store.get(key, now)
        if not (known and known.good(stamp, now) and known.body == b"ended"):
            self._store.put(key, Entry({}, b"ended", now, math.inf, stamp))
            self._store.outdate([f"{place} running/{kind}" for kind in STARTS])


def job_tags(place: str, job: str) -> list[str]:
    """Return the tags on which the knowledge that a job has ended depends."""
    return [f"{place} {job}/job", f"{place} *"]


def job_of(call: Call, body: Any) -> str:
    """Return the one job that a call names; empty when it names none, or several."""
    job = (body if isinstance(body, dict) else call.arguments).get("job_id")
    return str(job) if isinstance(job, str | int) else ""


def outdated_tags(call: Call, place: str, job: str) -> list[str]:
    """Return the tags that a write outdates.

    A write that names a job changes that job. One that names none may change any, except that what
    deals with jobs as such (submit, upload, clean the queue) leaves alone those that have ended. A
    write that does not say what it changes may have changed everything.
    """
    kinds = call.operation.resources
    scopes = ["running", *([job] if job else [] if "job" in kinds else ["ended"])]
    return [f"{place} {scope}/{kind}" for scope in scopes for kind in kinds] or [f"{place} *"]


def decode_json(body: object) -> Any:
    """Return what a JSON body means; None for anything else."""
    with contextlib.suppress(ValueError):
        return json.loads(body) if isinstance(body, bytes) and body else None


def envelope(response: Response) -> dict[str, Any]:
    """Return the JSON object that an answer is; an empty one for anything else."""
    found = response.json()
    return found if isinstance(found, dict) else {}
