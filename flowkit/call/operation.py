"""Operations of the server: a line each of the table in `flowkit.operations`, with their routes on every line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import NamedTuple

from flowkit import servers
from flowkit.servers import ServerLine, line_of

__all__ = ["JSON", "Effect", "Operation", "Route"]

#: Headers of a request whose body is JSON.
JSON: Mapping[str, str] = {"Content-Type": "application/json"}
FIRST = "1.5"


class Effect(Enum):
    """What an operation does to the server: whether it may be repeated, and what it outdates."""

    READ = "read"
    WRITE = "write"


class Route(NamedTuple):
    """Where an operation is from one line of servers on.

    Attributes:
        since: the first line that has it there.
        method: HTTP method.
        path: path below the API version, without a leading slash.
    """

    since: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the server: a line of the table in `flowkit.operations`.

    Attributes:
        name: ``"group.method"``, as on the client.
        method: HTTP method, on the first line that has it.
        path: path below the API version, without a leading slash, on that line.
        effect: whether the operation only reads.
        summary: one sentence for people.
        resources: kinds of things it reads or, for a write, changes (``"job"``, ``"table"`` …).
        sends: kind of the request body: ``"json"``, ``"multipart"`` or ``"none"``.
        answers: ``"json"`` or the kind of file that comes back: ``"tar.gz"``, ``"zip"``.
        since: the first line of servers that has it.
        until: the last line that has it; None for no last one.
        routes: where it went on later lines, oldest first. `ServerLine.moved` moves it as well.
        settled: True when the answer about a finished job can never change.
        guide: True for the 41 operations of FATE Flow's user guide.
    """

    name: str
    method: str
    path: str
    effect: Effect
    summary: str
    resources: tuple[str, ...] = ()
    sends: str = "json"
    answers: str = "json"
    since: str = FIRST
    until: str | None = None
    routes: tuple[Route, ...] = ()
    settled: bool = False
    guide: bool = False

    @property
    def group(self) -> str:
        """The client's attribute under which the operation stands."""
        return self.name.partition(".")[0]

    @property
    def reads(self) -> bool:
        """True when the operation changes nothing."""
        return self.effect is Effect.READ

    @property
    def varies(self) -> bool:
        """True when it depends on the server's line where the operation is, or whether it is there."""
        bound = self.since != servers.LINES[0].name or self.until is not None
        return bound or len(self.every_route) > 1

    @property
    def every_route(self) -> tuple[Route, ...]:
        """Where the operation is and was, oldest first."""
        return _every_route(self, servers.LINES)

    def is_on(self, line: ServerLine) -> bool:
        """Return whether a line of servers has the operation."""
        return line_of(self.since) <= line and (self.until is None or line <= line_of(self.until))

    def route_on(self, line: ServerLine) -> Route:
        """Return where the operation is on a line of servers that has it."""
        found = Route(self.since, self.method, self.path)
        for known, route in _on_each_line(self, servers.LINES):
            if known > line:
                break
            found = route
        return found


@cache
def _every_route(operation: Operation, lines: tuple[ServerLine, ...]) -> tuple[Route, ...]:
    """Return where an operation is and was; kept, because each new client asks for all of them."""
    first = line_of(operation.since)
    found: dict[tuple[str, str], Route] = {}
    for line, route in _on_each_line(operation, lines):
        if line >= first:
            found.setdefault(route[1:], route)
    return tuple(found.values())


def _on_each_line(
    operation: Operation, lines: tuple[ServerLine, ...]
) -> Iterator[tuple[ServerLine, Route]]:
    """Yield every line of servers, oldest first, with where the operation is from it on."""
    route = Route(operation.since, operation.method, operation.path)
    for line in lines:
        route = next((one for one in operation.routes if one.since == line.name), route)
        moved = line.moved.get(f"{route.method} /{route.path}")
        if moved is not None:
            route = Route(line.name, route.method, moved.lstrip("/"))
        yield line, route
