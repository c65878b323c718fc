"""What a server notes of the requests that it answers, and whether it takes more of them."""

from __future__ import annotations

import logging
from bisect import bisect_left
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Durations:
    """How long the requests of one route took.

    Attributes:
        total: the sum, in seconds.
        counts: how many fall between one of `BUCKETS` and the next; the last are those above all.
    """

    total: float = 0.0
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))


class Monitor:
    """Notes of a server, made by the one thread that speaks HTTP.

    Args:
        access_log: whether each request is a line in the access log.

    Attributes:
        stopping: the server is about to end and wants no more requests.
        in_progress: requests that are not answered yet.
        answered: requests by method, route and status; the route is empty where there is none.
        durations: how long they took, by route.
    """

    def __init__(self, access_log: bool = False) -> None:
        self.stopping = False
        self.in_progress = 0
        self.answered: dict[tuple[str, str, int], int] = {}
        self.durations: dict[str, Durations] = {}
        self._access_log = access_log

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
