"""The plugin: answers from a cassette, records what the cassette lacks."""

from __future__ import annotations

import atexit
import re
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from flowkit import Call, FlowClient, Request, Response, TransportError, hookimpl
from flowkit.errors import ArgumentError
from flowkit_replay.cassette import files
from flowkit_replay.cassette.cassette import Cassette
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.clock import ReplayClock
from flowkit_replay.drift import Drift, compare
from flowkit_replay.matching.matchers import IGNORED, MATCHERS, Asked, Canon
from flowkit_replay.recorder import Taker
from flowkit_replay.secrets.rules import named_like_a_secret
from flowkit_replay.secrets.scrubbing import Scrubber, bare

__all__ = ["Mode", "Replay"]

Mode = Literal["none", "once", "new_episodes", "all", "verify"]

# Shorter credentials are looked for under their names only.
CREDENTIAL = re.compile(r"\S.{4,}\S")

T = TypeVar("T")


class Replay:
    """Plays a client's requests from a cassette, and records those it does not hold.

    Args:
        path: the cassette, in vcrpy's YAML format.
        mode: ``"none"`` plays only. ``"once"`` records a cassette that does not exist, and plays one
            that does; a recording that was cut short is played as far as it goes, and continued.
            ``"new_episodes"`` plays what is there and records the rest. ``"all"`` plays nothing and
            records everything anew. ``"verify"`` plays nothing either: it sends every request and
            collects in `drift` where the answers differ from the recorded ones.
        match_on: what is compared: ``"method"``, ``"path"``, ``"query"``, ``"body"``, or names of
            `matchers`.
        ignore: further JSON or form fields that never matter.
        matchers: your own matchers by name: functions of a request that return something hashable.
        hold_last: answer a request that is asked more often than it was recorded with its last
            answer, instead of failing.
        without: scrubbing rules to leave out.
        secrets: values that must never be written.
        large: bodies of more bytes than this lie beside the cassette, by digest, and are never held
            in memory; None keeps all within, where plain vcrpy finds them.
        joining: another process records this cassette and will save it; this one adds to it.

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
        joining: bool = False,
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
        self._joining = joining
        self._taker = Taker(self.path, self.scrubber, large)
        self._recording: files.Recording | None = None
        self._saved = False
        self._clients: set[int] = set()
        self._lock = threading.RLock()
        self._thread = threading.local()
        exists = self.path.exists() and self.path.stat().st_size > 0
        self._plays = mode in ("none", "new_episodes") or (mode == "once" and not joining)
        self._writes = mode in ("new_episodes", "all") or (mode == "once" and not exists)
        needed = mode in ("none", "verify") or exists
        self._before = files.read(self.path, unfinished=not self._writes) if needed else []
        self.cassette = Cassette(
            [] if mode == "all" else self._before,
            canon=Canon(IGNORED | frozenset(ignore), names, own),
            scrubber=self.scrubber,
            hold_last=hold_last,
            title=f"cassette {self.path}",
        )
        if mode == "all":
            self._before = []

    def __repr__(self) -> str:
        return f"<Replay {self.path} mode={self.mode} {len(self.cassette)} interactions>"

    @property
    def unplayed(self) -> list[Interaction]:
        """The interactions that were held and have not answered anything."""
        return self.cassette.unplayed

    @property
    def passes(self) -> bool:
        """True when time is the recording's: the thread's last answer came from the cassette."""
        if not self._clients:
            return False
        return bool(getattr(self._thread, "played", self.mode == "none"))

    @hookimpl
    def flowkit_client_opened(self, client: FlowClient) -> None:
        """Open the recording, and let replayed time pass without waiting.

        Raises:
            CassetteError: the cassette is being recorded by another, or cannot be written.
        """
        with self._lock:
            if self._writes and self._recording is None:
                self._begin()
            self._clients.add(id(client))
        self.scrubber.remember(_credentials(client))
        client.clock = ReplayClock(client.clock, self)

    @hookimpl
    def flowkit_client_closed(self, client: FlowClient) -> None:
        """Save what was recorded, with the last client that plays from this cassette."""
        clock = client.clock
        if isinstance(clock, ReplayClock):
            client.clock = clock.real
        with self._lock:
            self._clients.discard(id(client))
            last = not self._clients
        if last:
            self.save()

    def _begin(self) -> None:
        """Open the recording; what an earlier one has left is part of it, unless it starts anew."""
        if self._saved:  # by an earlier client; this one goes on with the same cassette
            self._before = files.read(self.path, unfinished=False)
        anew = self.mode == "all" and not self._saved
        self._recording = files.Recording(
            self.path, anew=anew, large=self._large, joining=self._joining
        )
        if self._plays:
            for one in self._recording.recovered:
                self.cassette.add(one)
        # A program that never closes its client is not to lose what it recorded.
        atexit.register(self.save)

    def save(self) -> None:
        """Write what was recorded and end the recording; nothing happens when there is none.

        Raises:
            CassetteError: the cassette was written by somebody else meanwhile, or cannot be.
        """
        with self._lock:
            recording, self._recording = self._recording, None
            if recording is None:
                return
            atexit.unregister(self.save)
            saved = False
            try:
                if self._joining:
                    return
                if recording.recorded or not self.path.exists():
                    recording.save([self.scrubber.interaction(one) for one in self._before])
                    self._saved = True
                saved = True
            finally:
                recording.close(keep=not saved)

    @hookimpl(specname="flowkit_send")
    def answer(self, call: Call, request: Request) -> Response | None:
        """Answer from the cassette.

        Raises:
            CassetteError: nothing answers the request, and the mode does not record.
        """
        self._thread.played = False
        call.scratch[self._seen] = None
        if not self._plays or (self._writes and not len(self.cassette)):
            return None
        one = self.cassette.find(request)
        if one is None:
            if not self._writes:
                raise self.cassette.missing(request)
            return None
        self._thread.played = True
        try:
            response = self.cassette.translated(one.outcome())
        except TransportError as error:
            call.scratch[self._seen] = error
            raise
        call.scratch[self._seen] = response
        return response

    @hookimpl(wrapper=True, specname="flowkit_send")
    def record(self, call: Call, request: Request) -> Generator[None, Response, Response]:
        """Keep the outcome of an attempt that was really made."""
        watching = self.mode == "verify" or self._recording is not None
        try:
            response = yield
        except TransportError as error:
            if watching and call.scratch.get(self._seen) is not error:
                self._keep(request, self._taker.failure(request, error))
            raise
        # What this cassette answered, or has kept already in an attempt within this one.
        if not watching or call.scratch.get(self._seen) is response:
            return response
        if response.streamed:
            response = self._taker.watched(request, response, lambda one: self._keep(request, one))
        else:
            self._keep(request, self._taker.exchange(request, response))
        call.scratch[self._seen] = response
        return response

    @hookimpl(wrapper=True)
    def flowkit_sign(self, request: Request) -> Generator[None, T, T]:
        """Note the credentials that go out, so that no answer that repeats them is recorded so."""
        before = dict(request.headers)
        signed = yield
        if self._recording is not None:
            for name, value in request.headers.items():
                # A signature is another one each time, and worth nothing by itself.
                fresh = before.get(name) != value and "signature" not in name.lower()
                if fresh and named_like_a_secret(name):
                    self.scrubber.remember(bare(value, CREDENTIAL))
        return signed

    @property
    def _seen(self) -> str:
        return f"{self.name}-{id(self):x}"

    def _keep(self, request: Request, clean: Interaction) -> None:
        if self.mode == "verify":
            self._verify(request, clean)
            return
        with self._lock:
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


def _credentials(client: FlowClient) -> list[str]:
    """Return the secrets that a client's plugins say they hold."""
    plugins = [client.hooks.get(name) for name in client.hooks.names()]
    held = [getattr(plugin, "secrets", ()) for plugin in plugins]
    texts = [
        one for some in held if isinstance(some, list | tuple | set | frozenset) for one in some
    ]
    return [one for one in texts if isinstance(one, str) and CREDENTIAL.fullmatch(one)]
