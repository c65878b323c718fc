"""A cassette in memory: interactions in order, found by an index instead of a scan."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from flowkit import CassetteError, Request, Response
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.matching.identifiers import Identifiers, template
from flowkit_replay.matching.matchers import Canon, Key, difference
from flowkit_replay.matching.requests import Asking
from flowkit_replay.secrets.scrubbing import Scrubber

__all__ = ["Cassette"]

# Longer answers are files; no identifier of a step to come is looked for in them.
LONGEST_TRANSLATED = 16 * 1024 * 1024


class Cassette:
    """Interactions, the index over them, and the identifiers learned while they are played.

    Args:
        interactions: what was recorded, in order.
        canon: what makes two requests the same.
        scrubber: applied to live requests before they are compared; what was recorded was scrubbed.
        hold_last: when a request has been asked more often than it was recorded, answer with its
            last interaction again, instead of failing.
        title: the cassette's name in messages.
    """

    def __init__(
        self,
        interactions: Iterable[Interaction] = (),
        *,
        canon: Canon | None = None,
        scrubber: Scrubber | None = None,
        hold_last: bool = False,
        title: str = "cassette",
    ) -> None:
        self.canon = canon or Canon()
        self.scrubber = scrubber or Scrubber()
        self.hold_last = hold_last
        self.title = title
        self.identifiers = Identifiers()
        self.interactions: list[Interaction] = []
        self._keys: list[Key] = []
        self._exact: dict[Key, list[int]] = {}
        self._shapes: dict[Key, list[int]] = {}
        self._next: dict[Key, int] = {}
        self._next_shape: dict[Key, int] = {}
        self._reserved = 0
        self._lock = threading.Lock()
        for one in interactions:
            self.add(one)

    def __len__(self) -> int:
        return len(self.interactions)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self.interactions)

    @property
    def unplayed(self) -> list[Interaction]:
        """The interactions that have not answered anything yet."""
        return [one for one in self.interactions if not one.played]

    def add(self, one: Interaction) -> None:
        """Append an interaction."""
        key = self.canon.key(Asking.recorded(one, self.scrubber))
        with self._lock:
            place = len(self.interactions)
            self.interactions.append(one)
            self._keys.append(key)
            self._exact.setdefault(key, []).append(place)
            self._shapes.setdefault(_shape(key), []).append(place)

    def find(self, request: Request) -> Interaction | None:
        """Return the next interaction that answers `request`, marked as played; None without one."""
        key = self.canon.key(Asking.live(request, self.scrubber))
        with self._lock:
            same = _translated(key, self.identifiers) if self.identifiers else key
            place = self._take(same)
            if place is None:
                place = self._pair(key)
            if place is None and self.hold_last and same in self._exact:
                place = self._exact[same][-1]
            if place is None:
                return None
            one = self.interactions[place]
            one.played += 1
            return one

    def translated(self, response: Response) -> Response:
        """Put live identifiers into a recorded response, in place of those that were paired."""
        if self.identifiers:
            for name in response.headers:
                values = response.headers.getlist(name)
                if values != (lives := [self.identifiers.live(value) for value in values]):
                    response.headers[name] = lives.pop(0)
                    for value in lives:
                        response.headers.add(name, value)
            body = response.take_stream()
            if isinstance(body, bytes) and len(body) <= LONGEST_TRANSLATED:
                with contextlib.suppress(UnicodeDecodeError):
                    response.replace_stream(self.identifiers.live(body.decode()).encode())
        return response

    def missing(self, request: Request) -> CassetteError:
        """Return the error for a request that nothing answers: the nearest, and what differs."""
        asked = Asking.live(request, self.scrubber)
        head = f"{self.title} has no answer left for {asked.method} {asked.path}{_question(asked.query)}"
        same = _translated(self.canon.key(asked), self.identifiers)
        times = len(self._exact.get(same, ()))
        if times:
            return CassetteError(
                f"{head}: it was recorded {times} time{'s' if times > 1 else ''} and asked once more; "
                "record it again, or replay with hold_last=True"
            )
        nearest = self._nearest(same)
        if nearest is None:
            return CassetteError(f"{head}: nothing was recorded for this path; record it first")
        place, text = nearest
        return CassetteError(
            f"{head}: the nearest is interaction {place + 1}, which differs in {text}"
        )

    def _take(self, key: Key) -> int | None:
        """Return the next unplayed interaction of a key."""
        places = self._exact.get(key)
        if places is None:
            return None
        turn = self._next.get(key, 0)
        while turn < len(places) and self.interactions[places[turn]].played:
            turn += 1
        self._next[key] = turn
        return places[turn] if turn < len(places) else None

    def _pair(self, key: Key) -> int | None:
        """Return the next interaction that differs in identifiers only, and learn the pairing."""
        shape = _shape(key)
        places = self._shapes.get(shape, [])
        turn = self._next_shape.get(shape, 0)
        while turn < len(places) and self.interactions[places[turn]].played:
            turn += 1
        self._next_shape[shape] = turn
        if turn == len(places):
            return None
        self._reserve()
        live = _text(key)
        for place in places[turn:]:
            if not self.interactions[place].played:
                recorded = _text(self._keys[place])
                if recorded != live and self.identifiers.fits(live, recorded):
                    self.identifiers.learn(live, recorded)
                    return place
        return None

    def _reserve(self) -> None:
        """Let identifiers that were recorded stand for themselves only."""
        for one, key in zip(
            self.interactions[self._reserved :], self._keys[self._reserved :], strict=True
        ):
            self.identifiers.reserve(_text(key))
            if one.beside is None and len(one.body) <= LONGEST_TRANSLATED:
                self.identifiers.reserve(one.decoded().decode("utf-8", "replace"))
        self._reserved = len(self.interactions)

    def _nearest(self, key: Key) -> tuple[int, str] | None:
        """Return the interaction that agrees in most matchers, and the first difference."""
        best: tuple[int, int, int] | None = None
        for place, other in enumerate(self._keys):
            if _part(self.canon, other, "path") != _part(self.canon, key, "path"):
                continue
            agree = sum(a == b for a, b in zip(key, other, strict=True))
            rank = (agree, 0 if self.interactions[place].played else 1, -place)
            if best is None or rank > best:
                best = rank
        if best is None:
            return None
        place = -best[2]
        pairs = zip(self.canon.matchers, self._keys[place], key, strict=True)
        return place, next((f"the {n}: {_told(a, b)}" for n, a, b in pairs if a != b), "nothing")


def _question(query: str) -> str:
    return f"?{query[:120]}" if query else ""


def _part(canon: Canon, key: Key, name: str) -> Any:
    return key[canon.matchers.index(name)] if name in canon.matchers else None


def _told(recorded: Any, live: Any) -> str:
    """Say where two parts of a key differ, path by path where they are JSON."""
    try:
        return difference(json.loads(recorded), json.loads(live)) or "the order of its parts"
    except (TypeError, ValueError):
        return difference(recorded, live) or "its type"


def _shape(key: Key) -> Key:
    return tuple(template(part) if isinstance(part, str) else part for part in key)


def _text(key: Key) -> str:
    return "\n".join(part for part in key if isinstance(part, str))


def _translated(key: Key, identifiers: Identifiers) -> Key:
    return tuple(identifiers.recorded(part) if isinstance(part, str) else part for part in key)
