"""The plugin: answers from a cassette, records what the cassette lacks."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from flowkit import Clock, FlowClient, Request, Response, TransportError, hookimpl
from flowkit.errors import ArgumentError
from flowkit_replay import files
from flowkit_replay.cassette import Cassette
from flowkit_replay.drift import Drift, compare
from flowkit_replay.interactions import Interaction
from flowkit_replay.matching import IGNORED, MATCHERS, Asked, Canon
from flowkit_replay.scrubbing import Scrubber

__all__ = ["Mode", "Replay"]

Mode = Literal["none", "once", "new_episodes", "all", "verify"]

SPOOL = 1024 * 1024


class Replay:
    """Plays a client's requests from a cassette, and records those it does not hold.

    Args:
        path: the cassette, in vcrpy's YAML format.
        mode: ``"none"`` plays only. ``"once"`` records a cassette that does not exist, and plays one
            that does. ``"new_episodes"`` plays what is there and records the rest. ``"all"`` plays
            nothing and records everything anew. ``"verify"`` plays nothing either: it sends every
            request and collects in `drift` where the answers differ from the recorded ones.
        match_on: what is compared: ``"method"``, ``"path"``, ``"query"``, ``"body"``, or names of
            `matchers`.
        ignore: further JSON or form fields that never matter.
        matchers: your own matchers by name: functions of a request that return something hashable.
        hold_last: answer a request that is asked more often than it was recorded with its last
            answer, instead of failing.
        without: scrubbing rules to leave out.
        secrets: values that must never be written.
        large: bodies of more bytes than this lie beside the cassette, by digest; None keeps all
            within, where plain vcrpy finds them.

    Raises:
        ArgumentError: an argument cannot be used.
        CassetteError: the cassette is missing (mode none, verify), damaged, or being recorded.
    """

    name = "replay"

    def __init__(
        self,
        path: str | Path,
        mode: Mode = "once",
        *,
        match_on: Iterable[str] = ("method", "path", "query", "body"),
        ignore: Iterable[str] = (),
        matchers: Mapping[str, Callable[[Asked], Any]] | None = None,
        hold_last: bool = False,
        without: Iterable[str] = (),
        secrets: Iterable[str] = (),
        large: int | None = None,
    ) -> None:
        if mode not in get_args(Mode):
            known = ", ".join(get_args(Mode))
            raise ArgumentError(
                f"mode must be one of {known}, got {mode!r}", argument="mode", value=mode
            )
        own = dict(matchers or {})
        names = tuple(match_on)
        for name in names:
            if name not in MATCHERS and name not in own:
                known = ", ".join([*MATCHERS, *own])
                raise ArgumentError(
                    f"match_on names {name!r}, which is not a matcher; there are: {known}",
                    argument="match_on",
                    value=name,
                )
        self.path = Path(path)
        self.mode: Mode = mode
        try:
            self.scrubber = Scrubber(without, secrets)
        except ValueError as error:
            raise ArgumentError(str(error), argument="without", value=without) from error
        self.drift: list[Drift] = []
        self._large = large
        self._recording: files.Recording | None = None
        self._recorded: list[Interaction] = []
        self._clocks: dict[int, Clock] = {}
        self._live = True
        must_exist = mode in ("none", "verify")
        held = files.read(self.path) if must_exist or self.path.exists() else []
        self._writes = mode in ("new_episodes", "all") or (mode == "once" and not held)
        self.cassette = Cassette(
            [] if mode == "all" else held,
            canon=Canon(IGNORED | frozenset(ignore), names, own),
            scrubber=self.scrubber,
            hold_last=hold_last,
            title=f"cassette {self.path}",
        )

    def __repr__(self) -> str:
        return f"<Replay {self.path} mode={self.mode} {len(self.cassette)} interactions>"

    @property
    def unplayed(self) -> list[Interaction]:
        """The interactions that were held and have not answered anything."""
        return self.cassette.unplayed

    @hookimpl
    def flowkit_client_opened(self, client: FlowClient) -> None:
        """Open the recording, and let replayed time pass without waiting."""
        if self._writes and self._recording is None:
            self._recording = files.Recording(self.path)
            self._recorded = list(self._recording.recovered)
            # A program that never closes its client is not to lose what it recorded.
            atexit.register(self.save)
        self._clocks[id(client)] = client.clock
        client.clock = ReplayClock(client.clock, self)

    @hookimpl
    def flowkit_client_closed(self, client: FlowClient) -> None:
        """Save what was recorded, with the last client that plays from this cassette."""
        client.clock = self._clocks.pop(id(client), client.clock)
        if not self._clocks:
            self.save()

    def save(self) -> None:
        """Write what was recorded and end the recording; nothing happens when there is none.

        Raises:
            CassetteError: the cassette was written by somebody else meanwhile.
        """
        recording, self._recording = self._recording, None
        if recording is None:
            return
        atexit.unregister(self.save)
        kept = False
        try:
            if self._recorded or not self.path.exists():
                kept = True
                recording.save([*self.cassette, *self._recorded], large=self._large)
                kept = False
        finally:
            recording.close(keep=kept)

    @hookimpl(specname="flowkit_send")
    def answer(self, request: Request) -> Response | None:
        """Answer from the cassette.

        Raises:
            CassetteError: nothing answers the request, and the mode does not record.
        """
        self._live = True
        if self.mode in ("all", "verify") or (self.mode == "once" and self._writes):
            return None
        one = self.cassette.find(request)
        if one is None:
            if not self._writes:
                raise self.cassette.missing(request)
            return None
        self._live = False
        response = one.outcome()
        if self.cassette.identifiers:
            response.replace_stream(self.cassette.translated(response.read()))
        return response

    @hookimpl(wrapper=True, specname="flowkit_send")
    def record(self, request: Request) -> Generator[None, Response, Response]:
        """Keep the outcome of an attempt that was really made."""
        watching = self.mode == "verify" or self._recording is not None
        try:
            response = yield
        except TransportError as error:
            if watching:
                self._keep(request, Interaction.of_failure(request, request.read(), error))
            raise
        if not watching or response.source == "cassette":
            return response
        if response.streamed:
            response.replace_stream(self._watched(request, response, response.take_stream()))
        else:
            answer = response.read()
            self._keep(request, Interaction.of(request, request.read(), response, answer))
        return response

    def _watched(
        self, request: Request, response: Response, pieces: bytes | Iterable[bytes]
    ) -> Iterator[bytes]:
        """Yield a streamed body and keep the interaction once it has arrived whole."""
        with tempfile.SpooledTemporaryFile(max_size=SPOOL) as spool:
            for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                spool.write(piece)
                yield piece
            spool.seek(0)
            answer = spool.read()
        self._keep(request, Interaction.of(request, request.read(), response, answer))

    def _keep(self, request: Request, one: Interaction) -> None:
        if self.mode == "verify":
            self._verify(request, one)
            return
        clean = self.scrubber.interaction(one)
        self._recorded.append(clean)
        if self._recording is not None:
            self._recording.append(clean)

    def _verify(self, request: Request, live: Interaction) -> None:
        recorded = self.cassette.find(request)
        if recorded is None:
            self.drift.append(
                Drift("unrecorded", request.method, request.target, "nothing to compare")
            )
            return
        self.drift.extend(compare(recorded, live, self.cassette.identifiers))


class ReplayClock:
    """A clock under which time that was recorded passes at once, and live time as it is.

    Args:
        real: the client's own clock.
        replay: tells whether the last answer came from the cassette.
    """

    def __init__(self, real: Clock, replay: Replay) -> None:
        self._real = real
        self._replay = replay
        self._ahead = 0.0

    def now(self) -> float:
        """Return the seconds since the epoch, those that passed at once included."""
        return self._real.now() + self._ahead

    def monotonic(self) -> float:
        """Return monotonic seconds, those that passed at once included."""
        return self._real.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Wait while live; otherwise only move the clock on."""
        if self._replay._live:
            self._real.sleep(seconds)
        elif seconds > 0:
            self._ahead += seconds
