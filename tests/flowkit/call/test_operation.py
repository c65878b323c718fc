"""An operation by line: whether it is there, and where."""

from __future__ import annotations

from flowkit import Effect, Operation, Route
from flowkit.servers import LINES

MOVED = Operation(
    "job.peek",
    "GET",
    "job/peek",
    Effect.READ,
    "Look.",
    since="1.6",
    until="1.10",
    routes=(Route("1.8", "POST", "job/look"),),
)


def test_it_is_on_the_lines_between_its_first_and_its_last() -> None:
    assert [line.name for line in LINES if MOVED.is_on(line)] == [
        "1.6",
        "1.7",
        "1.8",
        "1.9",
        "1.10",
    ]


def test_it_is_where_it_was_moved_last() -> None:
    found = {line.name: MOVED.route_on(line)[1:] for line in LINES if MOVED.is_on(line)}
    assert (found["1.6"], found["1.7"]) == (("GET", "job/peek"), ("GET", "job/peek"))
    assert (found["1.8"], found["1.10"]) == (("POST", "job/look"), ("POST", "job/look"))
    assert [route.since for route in MOVED.every_route] == ["1.6", "1.8"]


def test_what_is_everywhere_the_same_does_not_vary() -> None:
    assert MOVED.varies
    assert not Operation("a.b", "POST", "a/b", Effect.READ, "Do.").varies
