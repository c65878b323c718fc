"""What a server notes of the requests that it answers, and whether it takes more of them."""

from __future__ import annotations

import json
import logging
import os
from bisect import bisect_left
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowkit_mockserver.http.access import NAMESPACE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["ACCESS_LOG", "BUCKETS", "ROUTE", "Durations", "Monitor"]

#: The variable of WSGI in which the application leaves the rule that a request was routed by.
ROUTE = "flowkit.route"
#: Upper bounds of the classes that durations are counted in, in seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
#: The status of a request whose client left before it was answered, as nginx has it.
CLIENT_LEFT = 499
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

ACCESS_LOG = logging.getLogger("flowkit_mockserver.access")


class Durations:
    """How long the requests of one route took.

    Attributes:
        total: the sum, in seconds.
        counts: how many fall between one of `BUCKETS` and the next; the last are those above all.
    """

    __slots__ = ("counts", "total")

    def __init__(self, total: float = 0.0, counts: list[int] | None = None) -> None:
        self.total = total
        self.counts = counts or [0] * (len(BUCKETS) + 1)


class Monitor:
    """Notes of a server, made by the one thread that speaks HTTP.

    Args:
        access_log: whether each request is a line in the access log.
        folder: where several processes that serve together leave their notes to each other; None for one alone.

    Attributes:
        stopping: the server is about to end and wants no more requests.
        in_progress: requests that are not answered yet.
        answered: requests by method, route and status; the route is empty where there is none.
        durations: how long they took, by route.
    """

    def __init__(self, access_log: bool = False, folder: Path | None = None) -> None:
        self._file = None if folder is None else folder / f"monitor-{os.getpid()}.json"
        self.stopping = False
        self.in_progress = 0
        self.answered: dict[tuple[str, str, int], int] = {}
        self.durations: dict[str, Durations] = {}
        self._access_log = access_log

    def save(self) -> None:
        """Leave what was noted to the other processes; those that end without it lose their last notes only."""
        if self._file is None:
            return
        document = {
            "in_progress": self.in_progress,
            "answered": [[*key, count] for key, count in self.answered.items()],
            "durations": {route: [one.total, one.counts] for route, one in self.durations.items()},
        }
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(document), "utf-8")
        new.replace(self._file)

    def together(self) -> Monitor:
        """Return the notes of all processes that serve together, dead ones included; its own are up to date."""
        found = Monitor()
        found._add(self.in_progress, list(self.answered.items()), list(self.durations.items()))
        if self._file is None:
            return found
        for path in self._file.parent.glob("monitor-*.json"):
            if path != self._file:
                document = json.loads(path.read_text("utf-8"))
                found._add(
                    document["in_progress"] if _is_alive(path) else 0,
                    [((one[0], one[1], one[2]), one[3]) for one in document["answered"]],
                    [
                        (route, Durations(total, counts))
                        for route, (total, counts) in document["durations"].items()
                    ],
                )
        return found

    def _add(
        self,
        in_progress: int,
        answered: list[tuple[tuple[str, str, int], int]],
        durations: list[tuple[str, Durations]],
    ) -> None:
        self.in_progress += in_progress
        for key, count in answered:
            self.answered[key] = self.answered.get(key, 0) + count
        for route, more in durations:
            own = self.durations.setdefault(route, Durations())
            own.total += more.total
            own.counts = [a + b for a, b in zip(own.counts, more.counts, strict=True)]

    def begin(self) -> None:
        """Note that a request has come."""
        self.in_progress += 1

    def end(self, environ: WSGIEnvironment, status: int, size: int, seconds: float) -> None:
        """Note how a request was answered.

        Args:
            environ: the request, with its route at `ROUTE`.
            status: the HTTP status; 0 when the client left before there was one.
            size: bytes of the body that were sent.
            seconds: how long it took, the way in and out included.
        """
        self.in_progress -= 1
        rule = environ.get(ROUTE)
        route = "" if rule is None else rule.rule
        method = environ["REQUEST_METHOD"]
        key = (method if method in METHODS else "other", route, status or CLIENT_LEFT)
        self.answered[key] = self.answered.get(key, 0) + 1
        durations = self.durations.get(route)
        if durations is None:
            durations = self.durations[route] = Durations()
        durations.total += seconds
        durations.counts[bisect_left(BUCKETS, seconds)] += 1
        if self._access_log:
            _log(environ, route, key[2], size, seconds)


def _is_alive(path: Path) -> bool:
    """Return whether the process that left a file is still there."""
    try:
        os.kill(int(path.stem.partition("-")[2]), 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's, or the system has no such question
        return True
    return True


def _log(environ: WSGIEnvironment, route: str, status: int, size: int, seconds: float) -> None:
    """Write a line; the query is left out, for an upload's configuration stands there."""
    entry = {
        "remote": environ["REMOTE_ADDR"],
        "method": environ["REQUEST_METHOD"],
        "path": quote(
            (environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]).encode("latin-1"), safe="/-._~"
        ),
        "status": status,
        "bytes": size,
        "seconds": round(seconds, 6),
    }
    text = '%(remote)s "%(method)s %(path)s" %(status)d %(bytes)d %(seconds).6f'
    more = {"route": route} if route else {}
    if namespace := environ.get(NAMESPACE):
        more["namespace"] = namespace
    ACCESS_LOG.info(text, entry, extra=entry | more)
