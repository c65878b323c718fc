"""A cassette that plays: interactions in order, found by an index instead of a scan."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from flowkit import CassetteError, Request, Response
from flowkit_replay.cassette.interaction_list import InteractionList
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.cassette.locks import ProcessLock
from flowkit_replay.matching.difference import find_difference, shorten
from flowkit_replay.matching.identifiers import Identifiers, make_template
from flowkit_replay.matching.matchers import Key, RequestMatcher
from flowkit_replay.matching.requests import ComparedRequest, split_uri
from flowkit_replay.secrets.scrubbing import Scrubber

__all__ = ["Cassette"]

# Longer answers are files; no identifier of a step to come is looked for in them.
LONGEST_TRANSLATED = 16 * 1024 * 1024
LONGEST_QUERY = 120

Group = tuple[str, str]


class Cassette:
    """Interactions, the index over them, and the identifiers learned while they are played.

    What a large cassette holds is parsed and indexed as it is asked for: first the requests of one
    path, in order, until one matches; of the answers only those that are played.

    Args:
        interactions: what was recorded, in order.
        matcher: what makes two requests the same.
        scrubber: applied to live requests before they are compared; what was recorded was scrubbed.
        hold_last: when a request has been asked more often than it was recorded, answer with its
            last interaction again, instead of failing.
        by_address: host and port are part of a request where the cassette holds more than one.
        title: the cassette's name in messages.
    """

    def __init__(
        self,
        interactions: Iterable[Interaction] = (),
        *,
        matcher: RequestMatcher | None = None,
        scrubber: Scrubber | None = None,
        hold_last: bool = False,
        by_address: bool = True,
        title: str = "cassette",
    ) -> None:
        self.matcher = matcher or RequestMatcher()
        self.scrubber = scrubber or Scrubber()
        self.hold_last = hold_last
        self.title = title
        self.identifiers = Identifiers()
        self.interactions = (
            interactions
            if isinstance(interactions, InteractionList)
            else InteractionList(interactions)
        )
        self._by_address = by_address
        self._by_path = "path" in self.matcher.matchers and "path" not in self.matcher.own
        self._played = bytearray()
        self._addresses: dict[str, None] = {}
        self._waiting: dict[Group, deque[int]] = {}
        self._keys: dict[int, Key] = {}
        self._exact: dict[Key, list[int]] = {}
        self._shapes: dict[Key, list[int]] = {}
        self._next: dict[Key, int] = {}
        self._next_shape: dict[Key, int] = {}
        self._reserved = 0
        self._lock = ProcessLock()
        self._enlisted: dict[str, Group] = {}
        for place in range(len(self.interactions)):
            self._enlist(place)
        if self.interactions.loaded:
            self._index_all()

    def __len__(self) -> int:
        return len(self.interactions)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self.interactions)

    @property
    def addresses(self) -> list[str]:
        """Host and port of each server that was recorded; none where they are not compared."""
        return list(self._addresses) if self._by_address else []

    @property
    def unplayed(self) -> list[Interaction]:
        """The interactions that have not answered anything yet."""
        return [self.interactions[place] for place, times in enumerate(self._played) if not times]

    def add(self, one: Interaction) -> None:
        """Append an interaction."""
        with self._lock:
            place = len(self.interactions)
            self.interactions.append(one)
            self._index(place, self._enlist(place))

    def load(self) -> None:
        """Parse and index everything now, instead of as it is asked for."""
        with self._lock:
            self._index_all()
            for _ in self.interactions:
                pass

    def find(self, request: Request) -> Interaction | None:
        """Return the next interaction that answers `request`, marked as played; None without one.

        Raises:
            CassetteError: it was recorded from several servers, and the client talks to yet another.
        """
        compared = ComparedRequest.from_live(request, self.scrubber)
        place = self._find_place(compared)
        if place is None and self.scrubber.has_learned:
            # A cassette that others recorded may hold what is a credential only elsewhere.
            fixed = self.scrubber.without_learned()
            place = self._find_place(ComparedRequest.from_live(request, fixed))
        return None if place is None else self.interactions[place]

    def _find_place(self, compared: ComparedRequest) -> int | None:
        """Return the place of the next interaction that answers, marked as played."""
        parts = self.matcher.get_key(compared)
        with self._lock:
            address = self._choose_address(compared, parts)
            group = self._group(compared.path, address)
            key = (*parts, address)
            same = _translate(key, self.identifiers) if self.identifiers else key
            place = self._take(same, group)
            if place is None:
                place = self._pair(key, group)
            if place is None and self.hold_last and same in self._exact:
                place = self._exact[same][-1]
            if place is not None:
                self._played[place] = 1
                self.interactions[place].played += 1
            return place

    def translate(self, response: Response) -> Response:
        """Put live identifiers into a recorded response, in place of those that were paired."""
        if self.identifiers:
            for name in response.headers:
                values = response.headers.getlist(name)
                if values != (lives := [self.identifiers.to_live(value) for value in values]):
                    response.headers[name] = lives.pop(0)
                    for value in lives:
                        response.headers.add(name, value)
            body = response.take_stream()
            if isinstance(body, bytes) and len(body) <= LONGEST_TRANSLATED:
                with contextlib.suppress(UnicodeDecodeError):
                    response.replace_stream(self.identifiers.to_live(body.decode()).encode())
        return response

    def explain_miss(self, request: Request) -> CassetteError:
        """Return the error for a request that nothing answers: the nearest, and what differs."""
        compared = ComparedRequest.from_live(request, self.scrubber)
        parts = self.matcher.get_key(compared)
        query = f"?{compared.query[:LONGEST_QUERY]}" if compared.query else ""
        head = f"{self.title} has no answer left for {compared.method} {compared.path}{query}"
        with self._lock:
            self._index_all()
            key = (*parts, self._choose_address(compared, parts))
            same = _translate(key, self.identifiers)
            times = len(self._exact.get(same, ()))
            if times:
                return CassetteError(
                    f"{head}: it was recorded {times} time{'s' if times > 1 else ''} and asked once "
                    "more; record it again, or replay with hold_last=True"
                )
            nearest = self._find_nearest(same)
        if nearest is None:
            return CassetteError(f"{head}: nothing was recorded for this path; record it first")
        place, text = nearest
        return CassetteError(
            f"{head}: the nearest is interaction {place + 1}, which differs in {text}"
        )

    def _enlist(self, place: int) -> Group:
        """Note the address and path of an interaction, by which it is found and then indexed."""
        uri = self.interactions.get_uri(place).partition("?")[0]
        group = self._enlisted.get(uri)
        if group is None:
            origin, path = split_uri(uri)
            address = _read_address(origin, self.scrubber) if self._by_address else ""
            group = self._group(self.scrubber.scrub_text(path), address)
            self._enlisted[uri] = group
            self._addresses.setdefault(address)
            self._waiting.setdefault(group, deque())
        self._played.append(0)
        self._waiting[group].append(place)
        return group

    def _group(self, path: str, address: str) -> Group:
        return (_template_path(path) if self._by_path else "", address)

    def _index(self, place: int, group: Group) -> Key:
        request = self.interactions.get_request(place)
        compared = ComparedRequest.from_recorded(request, self.scrubber.without_learned())
        key = (*self.matcher.get_key(compared), group[1])
        self._keys[place] = key
        self._exact.setdefault(key, []).append(place)
        self._shapes.setdefault(_get_shape(key), []).append(place)
        waiting = self._waiting[group]
        if waiting and waiting[0] == place:
            waiting.popleft()
        else:
            waiting.remove(place)
        return key

    def _index_group(self, group: Group) -> None:
        waiting = self._waiting.get(group)
        while waiting:
            self._index(waiting[0], group)

    def _index_all(self) -> None:
        for group in self._waiting:
            self._index_group(group)

    def _choose_address(self, compared: ComparedRequest, parts: Key) -> str:
        """Return the recorded address whose answers a client is to be given."""
        if not self._by_address:
            return ""
        if len(self._addresses) <= 1:
            return next(iter(self._addresses), "")
        live = _read_address(compared.origin, self.scrubber)
        if live in self._addresses:
            return live
        fitting = [
            address for address in self._addresses if self._holds(parts, address, compared.path)
        ]
        if len(fitting) > 1:
            raise CassetteError(
                f"{self.title} holds {compared.method} {compared.path} of {' and '.join(fitting)}, and "
                f"this client talks to {live}: give it one of these addresses, or leave them out of "
                f"the comparison with match_on={self.matcher.matchers}"
            )
        return fitting[0] if fitting else live

    def _holds(self, parts: Key, address: str, path: str) -> bool:
        self._index_group(self._group(path, address))
        key = (*parts, address)
        return _translate(key, self.identifiers) in self._exact or _get_shape(key) in self._shapes

    def _take(self, key: Key, group: Group) -> int | None:
        """Return the next unplayed interaction of a key."""
        places = self._exact.get(key, ())
        turn = self._next.get(key, 0)
        while turn < len(places) and self._played[places[turn]]:
            turn += 1
        self._next[key] = turn
        if turn < len(places):
            return places[turn]
        waiting = self._waiting.get(group)
        while waiting:
            place = waiting[0]
            if self._index(place, group) == key and not self._played[place]:
                return place
        return None

    def _pair(self, key: Key, group: Group) -> int | None:
        """Return the next interaction that differs in identifiers only, and learn the pairing."""
        self._index_group(group)
        shape = _get_shape(key)
        places = self._shapes.get(shape, [])
        turn = self._next_shape.get(shape, 0)
        while turn < len(places) and self._played[places[turn]]:
            turn += 1
        self._next_shape[shape] = turn
        if turn == len(places):
            return None
        self._reserve()
        live = _join_texts(key)
        for place in places[turn:]:
            if not self._played[place]:
                recorded = _join_texts(self._keys[place])
                if recorded != live and self.identifiers.can_pair(live, recorded):
                    self.identifiers.learn(live, recorded)
                    return place
        return None

    def _reserve(self) -> None:
        """Let identifiers that were recorded stand for themselves only."""
        if self._reserved < len(self.interactions):
            self._index_all()
        for place in range(self._reserved, len(self.interactions)):
            self.identifiers.reserve(_join_texts(self._keys[place]))
            one = self.interactions[place]
            if one.body_file is None and len(one.body) <= LONGEST_TRANSLATED:
                self.identifiers.reserve(one.decode().decode("utf-8", "replace"))
        self._reserved = len(self.interactions)

    def _find_nearest(self, key: Key) -> tuple[int, str] | None:
        """Return the interaction that agrees in most matchers, and the first difference."""
        names = (*self.matcher.matchers, "address")
        path = names.index("path") if self._by_path else None
        best: tuple[int, int, int] | None = None
        for place, other in self._keys.items():
            if path is None or other[path] == key[path]:
                agree = sum(a == b for a, b in zip(key, other, strict=True))
                rank = (agree, 0 if self._played[place] else 1, -place)
                if best is None or rank > best:
                    best = rank
        if best is None:
            return None
        place = -best[2]
        pairs = zip(names, self._keys[place], key, strict=True)
        return place, next((f"the {n}: {_compare(a, b)}" for n, a, b in pairs if a != b), "nothing")


def _read_address(origin: str, scrubber: Scrubber) -> str:
    request = ComparedRequest("", scrubber.scrub_text(origin), "/", {})
    return f"{request.host}:{request.port}"


@lru_cache(maxsize=4096)
def _template_path(path: str) -> str:
    return make_template(unquote(path))


def _compare(recorded: Any, live: Any) -> str:
    """Say where two parts of a key differ, path by path where they are JSON."""
    try:
        return find_difference(json.loads(recorded), json.loads(live)) or "the order of its parts"
    except (TypeError, ValueError):
        return f"recorded {shorten(recorded)}, now {shorten(live)}"


def _get_shape(key: Key) -> Key:
    return tuple(make_template(part) if isinstance(part, str) else part for part in key)


def _join_texts(key: Key) -> str:
    return "\n".join(part for part in key if isinstance(part, str))


def _translate(key: Key, identifiers: Identifiers) -> Key:
    return tuple(identifiers.to_recorded(part) if isinstance(part, str) else part for part in key)
