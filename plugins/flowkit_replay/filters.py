"""Hooks of a cassette: what a caller leaves out or rewrites, before recording and before playing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from flowkit import ArgumentError, Request
from flowkit_replay.cassette.interactions import Interaction

__all__ = ["Filters"]

T = TypeVar("T", Request, Interaction)


@dataclass(frozen=True, slots=True)
class Filters:
    """Functions that a request or interaction goes through; each returns it, another, or None.

    Attributes:
        before_record_request: gets each live request before it is compared and recorded. None
            leaves it to the network: it is neither played nor recorded.
        before_record_response: gets each finished interaction, without secrets, before it is
            recorded. None leaves it out.
        before_playback: gets each recorded interaction before anything is played. None leaves it
            out; the file stays as it is.
    """

    before_record_request: Callable[[Request], Request | None] | None = None
    before_record_response: Callable[[Interaction], Interaction | None] | None = None
    before_playback: Callable[[Interaction], Interaction | None] | None = None

    def filter_request(self, request: Request) -> Request | None:
        """Return what is compared and recorded of a request; None to let it pass by."""
        if self.before_record_request is None:
            return request
        name = "before_record_request"
        return _call(name, self.before_record_request, request.copy(), Request)

    def filter_recorded(self, one: Interaction) -> Interaction | None:
        """Return what is recorded; None to leave it out."""
        if self.before_record_response is None:
            return one
        return _call("before_record_response", self.before_record_response, one, Interaction)

    def filter_played(self, interactions: Iterable[Interaction]) -> Iterator[Interaction]:
        """Yield what is played."""
        for one in interactions:
            if self.before_playback is None:
                yield one
                continue
            found = _call("before_playback", self.before_playback, _copy(one), Interaction)
            if found is not None:
                yield found


def _call(name: str, function: Callable[[T], T | None], value: T, kind: type[T]) -> T | None:
    result = function(value)
    if result is not None and not isinstance(result, kind):
        raise ArgumentError(
            f"{name} must return {kind.__name__} or None, got {type(result).__name__}",
            argument=name,
            value=result,
        )
    return result


def _copy(one: Interaction) -> Interaction:
    """Return an interaction that can be changed without changing what would be saved again."""
    return replace(
        one,
        request_headers=dict(one.request_headers),
        headers={name: list(values) for name, values in one.headers.items()},
    )
