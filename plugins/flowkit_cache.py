"""Keeps answers: those about a finished job for good, others for a while; a write outdates them.

::

    FlowClient(plugins=[Cache()])                               # in memory, for this client
    FlowClient(plugins=[Cache(path="~/.cache/flowkit.db")])     # on disk, for every process
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
import itertools
import json
import logging
import math
import os
import sqlite3
import threading
import uuid
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from flowkit import OPERATIONS, Call, FlowError, Response, hookimpl

__all__ = ["Cache", "Statistics"]

ENDED = frozenset({"success", "failed", "canceled", "timeout"})
RESTLESS = frozenset({"job", "output"})
STARTS = OPERATIONS["job.submit"].resources  # what a job may change until it ends
OVERHEAD, MARKS, LAYOUT = 512, 100_000, 1

LOG = logging.getLogger("flowkit.cache")


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer, and the stamp of what it depends on as it was when the request began."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    made: float
    expires: float
    stamp: str

    def response(self) -> Response:
        """Return it as a response."""
        return Response(self.status, self.headers, self.body, source="cache")


@dataclass(slots=True)
class Statistics:
    """Reads answered from the cache, answered with an equal one's answer, sent; answers kept."""

    hits: int = 0
    shared: int = 0
    misses: int = 0
    kept: int = 0


@dataclass(slots=True)
class Plan:
    """What is to be done about one read: its key, what it depends on, how long it is good."""

    key: str
    tags: Sequence[str]
    lifetime: float


@dataclass(slots=True)
class Flight:
    """A read under way, that equal ones wait for."""

    stamp: str
    landed: threading.Event = field(default_factory=threading.Event)
    entry: Entry | None = None


class Cache:
    """Answers reads from what it has seen.

    Args:
        ttl: seconds for which an answer is good that neither settles nor changes by itself.
        ttls: seconds by operation, such as ``{"job.list": 2}``, in place of these rules.
        path: file of the cache, shared by every process that names it; None keeps it in memory.
        entries: answers kept at most; those used longest ago go first.
        size: bytes kept at most.
        largest: bytes of the largest answer that is kept; larger files are streamed past.
        ask: ask the server whether a job has ended when nobody has, so that its answers can be
            kept; at most once in this many seconds. None never asks.
    """

    name = "cache"

    def __init__(
        self,
        ttl: float = 5.0,
        *,
        ttls: Mapping[str, float] | None = None,
        path: str | Path | None = None,
        entries: int = 10_000,
        size: int = 64 * 1024 * 1024,
        largest: int = 1024 * 1024,
        ask: float | None = 1.0,
    ) -> None:
        self._ttl, self._ttls, self._largest, self._ask = ttl, dict(ttls or {}), largest, ask
        self._store = Store(Path(path).expanduser() if path else None, entries, size)
        self._statistics = Statistics()
        self._flights: dict[str, Flight] = {}
        self._lock = threading.Lock()
        self._here = threading.local()
        self._strangers: WeakKeyDictionary[object, str] = WeakKeyDictionary()

    @property
    def statistics(self) -> Statistics:
        """What the cache has done so far."""
        with self._lock:
            counted = self._statistics
            return Statistics(counted.hits, counted.shared, counted.misses, counted.kept)

    @property
    def totals(self) -> tuple[int, int]:
        """Answers and bytes held."""
        return self._store.totals()

    def clear(self) -> None:
        """Forget everything."""
        self._store.clear()

    @hookimpl
    def flowkit_call(self, call: Call) -> Response | None:
        """Answer with what `watch` has found."""
        found: Response | None = call.scratch.pop(self.name, None)
        return found

    @hookimpl(wrapper=True, specname="flowkit_call")
    def watch(self, call: Call) -> Generator[None, Response, Response]:
        """Look for an answer before the call, keep the server's after it, outdate what it wrote."""
        place = call.client.address.origin + call.client.address.base
        if not call.operation.reads:
            try:
                return (yield)
            finally:  # whatever came back: the write may have happened
                self._store.outdate(written(call, place))
        job = job_of(call)
        about = self._store.stamp(ended(place, job)) if call.operation.name == "job.query" else ""
        plan = self._plan(call, place, job) if call.options.get("cache", True) else None
        if plan is None or getattr(self._here, "leading", False):
            response = yield
        else:
            flight, entry = self._board(call, plan)
            if entry is not None:
                call.scratch[self.name] = entry.response()
                return (yield)
            response = yield from self._lead(call, plan, flight)
        if about:
            self._learn(call, response, place, about)
        return response

    def _plan(self, call: Call, place: str, job: str) -> Plan | None:
        """Return what to do about a read; None when it is no matter for a cache."""
        operation, request = call.operation, call.request
        if not isinstance(request.body, bytes | None):
            return None
        settled = operation.settled and bool(job) and self._ended(call, place, job)
        lifetime = self._ttls.get(operation.name)
        if settled:
            lifetime = math.inf
        elif lifetime is None:
            lifetime = 0.0 if RESTLESS.intersection(operation.resources) else self._ttl
        if request.download and not lifetime:
            return None
        kinds = [f"{job}/{kind}" for kind in operation.resources] if settled else []
        kinds += [f"{settled:d}/{kind}" for kind in operation.resources]
        tags = [f"{place} {kind}" for kind in (*kinds, "*")]
        with contextlib.suppress(ValueError):
            body = json.dumps(json.loads(request.body or b""), sort_keys=True).encode()
            return Plan(self._key(call, place, body, settled), tags, lifetime)
        return Plan(self._key(call, place, request.body or b"", settled), tags, lifetime)

    def _key(self, call: Call, place: str, body: bytes, settled: bool) -> str:
        """Return what equal reads have in common: request, server, and who asks."""
        hooks, request = call.client.hooks, call.request
        askers = dict.fromkeys((*hooks.implementers("flowkit_sign"), *hooks.implementers("flowkit_send")))
        who = [identity for asker in askers if (identity := self._identity(asker))]
        parts = [place, request.method, request.target, settled, sorted(request.headers.items()), who]
        return hashlib.sha256(json.dumps(parts).encode() + body).hexdigest()

    def _identity(self, plugin: object) -> str:
        """Return what a plugin that signs or answers says of itself; else, what it alone has."""
        identity = getattr(plugin, "identity", None)
        if isinstance(identity, str):
            return identity
        try:
            return self._strangers.setdefault(plugin, uuid.uuid4().hex)
        except TypeError:  # it cannot be remembered, so nothing is shared with it
            return uuid.uuid4().hex

    def _board(self, call: Call, plan: Plan) -> tuple[Flight | None, Entry | None]:
        """Return an answer, or the flight to lead; neither means: go alone."""
        now = call.client.clock.now()
        with self._lock:
            stamp = self._store.stamp(plan.tags)
            entry = self._store.get(plan.key, now) if plan.lifetime else None
            if entry and entry.stamp == stamp and entry.made <= now < entry.expires:
                self._statistics.hits += 1
                return None, entry
            flight = self._flights.get(plan.key)
            if flight is None or flight.stamp != stamp:  # none, or a write came after it began
                flight = self._flights[plan.key] = Flight(stamp)
                self._statistics.misses += 1
                return flight, None
        patience = call.options.get("deadline", call.options["timeout"].read_timeout)
        flight.landed.wait(patience)
        with self._lock:
            self._statistics.shared += flight.entry is not None
            self._statistics.misses += flight.entry is None
        return None, flight.entry

    def _lead(
        self, call: Call, plan: Plan, flight: Flight | None
    ) -> Generator[None, Response, Response]:
        """Send the read; keep its answer and give it to those who wait."""
        if flight is None:
            return (yield)
        self._here.leading = True  # a read that this thread makes meanwhile must not wait for itself
        began = call.client.clock.now()
        try:
            response = yield
            if (kept := self._kept(response)) is not None:
                entry = Entry(200, *kept, began, began + plan.lifetime, flight.stamp)
                flight.entry = entry
                if plan.lifetime:
                    self._store.put(plan.key, entry)
            return response
        finally:
            self._here.leading = False
            with self._lock:
                self._statistics.kept += bool(flight.entry and plan.lifetime)
                if self._flights.get(plan.key) is flight:
                    del self._flights[plan.key]
            flight.landed.set()

    def _kept(self, response: Response) -> tuple[dict[str, str], bytes] | None:
        """Return headers and body of an answer that may be kept; None of an error or a large one."""
        length = response.headers.get("Content-Length", "")
        small = length.isdigit() and int(length) <= self._largest
        if response.status != 200 or (response.streamed and not small):
            return None
        body = response.read()
        if "Content-Disposition" not in response.headers and envelope(body).get("retcode") != 0:
            return None
        headers = {key: value for key, value in response.headers.items() if key.lower() != "set-cookie"}
        return (headers, body) if len(body) <= self._largest else None

    def _ended(self, call: Call, place: str, job: str) -> bool:
        """Return whether the job is known to have ended; ask, if nobody has lately."""
        key, now = f"{place} {job} ended", call.client.clock.now()
        stamp = self._store.stamp(ended(place, job))
        known = self._store.get(key, now)
        if known and known.stamp == stamp:
            return True
        asked = self._store.get(f"{key}?", now)
        if self._ask is None or (asked and asked.made <= now < asked.expires):
            return False
        self._store.put(f"{key}?", Entry(0, {}, b"", now, now + self._ask, ""))
        with contextlib.suppress(FlowError):  # what cannot be asked is not known
            call.client.with_options(cache=False, on_error="raise").job.query(job_id=job)
        known = self._store.get(key, now)
        return known is not None and known.stamp == stamp

    def _learn(self, call: Call, response: Response, place: str, stamp: str) -> None:
        """Note from an answer of ``job.query`` which jobs have ended, and which run again."""
        data = envelope(response.read()).get("data")
        rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
        running = {str(row.get("f_job_id")) for row in rows if row.get("f_status") not in ENDED}
        now = call.client.clock.now()
        for job in running:
            if self._store.get(f"{place} {job} ended", now):
                self._store.drop(f"{place} {job} ended")
                self._store.outdate([f"{place} {job}/{kind}" for kind in STARTS])
        job = job_of(call)
        if not rows or running or call.json() != {"job_id": job}:
            return
        known = self._store.get(f"{place} {job} ended", now)
        if known is None or known.stamp != stamp:
            self._store.put(f"{place} {job} ended", Entry(0, {}, b"", now, math.inf, stamp))
            self._store.outdate([f"{place} 0/{kind}" for kind in STARTS])


def ended(place: str, job: str) -> list[str]:
    """Return the tags on which the knowledge that a job has ended depends."""
    return [f"{place} {job}/job", f"{place} *"]


def job_of(call: Call) -> str:
    """Return the one job that a call names; empty when it names none, or several."""
    body = call.json() if "json" in call.request.headers.get("Content-Type", "") else None
    job = body.get("job_id") if isinstance(body, dict) else call.arguments.get("job_id")
    return str(job) if isinstance(job, str | int) else ""


def written(call: Call, place: str) -> list[str]:
    """Return the tags that a write outdates.

    A write that names a job changes that job. One that does not changes every job there is,
    except that operations on jobs as such (submit, upload, clean the queue) never touch one that
    has ended. A write that does not say what it changes may have changed everything.
    """
    kinds, job = call.operation.resources, job_of(call)
    tags = [f"0/{kind}" for kind in kinds]
    if job:
        tags += [f"{job}/{kind}" for kind in kinds]
    elif "job" not in kinds:
        tags += [f"1/{kind}" for kind in kinds]
    return [f"{place} {tag}" for tag in tags or ("*",)]


def envelope(body: bytes) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    try:
        decoded = json.loads(body)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


class Store:
    """Entries and marks in SQLite, bounded; in memory, or in a file that processes share.

    A *mark* is a number that grows whenever what its tag stands for is written to; the marks of
    several tags make a *stamp*. A database that fails is left alone from then on: nothing is
    kept, and no call fails for it.
    """

    def __init__(self, path: Path | None, entries: int, size: int) -> None:
        self._path, self._entries, self._size = path, entries, size
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._broken = False
        self._unique = itertools.count()

    def stamp(self, tags: Sequence[str]) -> str:
        """Return the marks of `tags`, in order."""
        with self._database() as run:
            places = ",".join("?" * len(tags))
            found = dict(run(f"SELECT tag, mark FROM marks WHERE tag IN ('', {places})", tuple(tags)))
            return ",".join(str(found.get(tag, found[""])) for tag in tags)
        return f"unknown {next(self._unique)}"

    def outdate(self, tags: Sequence[str]) -> None:
        """Raise the marks of `tags` to a number never used before."""
        with self._database(write=True) as run:
            ((top, count),) = run("SELECT max(mark), count(*) FROM marks")
            if count > MARKS:
                self.clear()
            for tag in tags:
                run("INSERT OR REPLACE INTO marks VALUES (?, ?)", (tag, top + 2))
...
