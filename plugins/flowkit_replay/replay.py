"""The plugin: answers from a cassette, records what the cassette lacks."""

from __future__ import annotations

import atexit
import os
import re
import threading
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from flowkit import (
    ArgumentError,
    Call,
    CassetteError,
    FlowClient,
    Request,
    Response,
    TransportError,
    hookimpl,
)
from flowkit_replay.arguments import check_names, check_path
from flowkit_replay.cassette import files
from flowkit_replay.cassette.interaction_list import InteractionList
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.cassette.locks import ProcessLock
from flowkit_replay.cassette.recording import Recording
from flowkit_replay.clock import ReplayClock
from flowkit_replay.drift import Drift, compare
from flowkit_replay.expiry import add_time, is_outdated, parse_interval
from flowkit_replay.filters import Filters
from flowkit_replay.matching.index import Cassette
from flowkit_replay.matching.matchers import OwnMatcher, make_matcher
from flowkit_replay.recorder import Recorder
from flowkit_replay.secrets.rules import is_secret_name
from flowkit_replay.secrets.scrubbing import Scrubber, extract_secrets

__all__ = ["Mode", "Replay"]

Mode = Literal["none", "once", "new_episodes", "all", "verify"]

# Shorter credentials are looked for under their names only.
CREDENTIAL = re.compile(r"\S.{4,}\S")

T = TypeVar("T")


def __tracebackhide__(info: Any) -> bool:
    """Keep this module out of pytest's report of a miss: the error says what counts."""
    return info is not None and isinstance(info.value, CassetteError)


class Replay:
    """Plays a client's requests from a cassette, and records those it does not hold.

    Args:
        path: the cassette, in vcrpy's YAML format.
        mode: ``"none"`` plays only. ``"once"`` records a cassette that does not exist, and plays one
            that does; a recording that was cut short is played as far as it goes, and continued.
            ``"new_episodes"`` plays what is there and records the rest. ``"all"`` plays nothing and
            records everything anew. ``"verify"`` plays nothing either: it sends every request and
            collects in `drift` where the answers differ from the recorded ones.
        match_on: what is compared: ``"method"``, ``"scheme"``, ``"host"``, ``"port"``, ``"path"``,
            ``"query"``, ``"body"``, or names of `matchers`. None compares method, path, query and
            body; and host and port, where the cassette holds more than one address.
        ignore: further JSON or form fields that never matter.
        matchers: your own matchers by name: functions of a request that return something hashable.
        hold_last: answer a request that is asked more often than it was recorded with its last
            answer, instead of failing.
        without: scrubbing rules to leave out.
        secrets: values that must never be written.
        large: bodies of more bytes than this lie beside the cassette, by digest, and are never held
            in memory; None keeps all within, where plain vcrpy finds them.
        joining: another process records this cassette and will save it; this one adds to it.
        before_record_request: gets a copy of each request before it is compared and recorded, and
            returns what counts of it; None leaves it to the network, neither played nor recorded.
        before_record_response: gets each interaction, without secrets, before it is recorded, and
            returns what is recorded; None leaves it out.
        before_playback: gets a copy of each recorded interaction before anything is played, and
            returns what is played; None leaves it out. The file stays as it is.
        re_record_interval: seconds (or a `timedelta`) after which ``"once"`` and ``"new_episodes"``
            record a cassette anew. Its age is that of ``metadata.recorded_at``, or else the file's,
            on the client's clock. A cassette is kept when nothing answers any more.

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
        match_on: Iterable[str] | None = None,
        ignore: Iterable[str] = (),
        matchers: Mapping[str, OwnMatcher] | None = None,
        hold_last: bool = False,
        without: Iterable[str] = (),
        secrets: Iterable[str] = (),
        large: int | None = None,
        joining: bool = False,
        before_record_request: Callable[[Request], Request | None] | None = None,
        before_record_response: Callable[[Interaction], Interaction | None] | None = None,
        before_playback: Callable[[Interaction], Interaction | None] | None = None,
        re_record_interval: float | timedelta | None = None,
    ) -> None:
        if mode not in get_args(Mode):
            known = ", ".join(get_args(Mode))
            raise ArgumentError(
                f"mode must be one of {known}, got {mode!r}", argument="mode", value=mode
            )
        check_path(path)
        check_names(match_on=match_on, ignore=ignore, without=without, secrets=secrets)
        matcher = make_matcher(match_on, ignore, matchers)
        self.path = Path(path)
        self.mode: Mode = mode
        try:
            self.scrubber = Scrubber(without, secrets)
        except ValueError as error:
            raise ArgumentError(str(error), argument="without", value=without) from error
        self.drift: list[Drift] = []
        self._filters = Filters(before_record_request, before_record_response, before_playback)
        self._interval = parse_interval(re_record_interval)
        self._large = large
        self._joining = joining
        self._recorder = Recorder(self.path, self.scrubber, large)
        self._recording: Recording | None = None
        self._recorded_by = 0  # the process that began the recording
        self._renewing = False
        self._answered = False
        self._saved = False
        self._scrubbed_with: int | None = None
        self._clients: set[int] = set()
        self._lock = ProcessLock()
        self._thread = threading.local()
        # Where a call keeps what is compared of its request, and what this cassette answered.
        self._compared = f"{self.name}-{id(self):x}-request"
        self._seen = f"{self.name}-{id(self):x}-answer"
        exists = self.path.exists() and self.path.stat().st_size > 0
        self._plays = mode in ("none", "new_episodes") or (mode == "once" and not joining)
        self._writes = mode in ("new_episodes", "all") or (mode == "once" and not exists)
        self._before = InteractionList()
        if mode in ("none", "verify") or exists:
            self._before = files.read(self.path, unfinished=not self._writes, cut=self._writes)
        if self._before.cut and mode == "new_episodes":
            warnings.warn(
                f"cassette {self.path} was cut off; recording goes on behind its "
                f"{len(self._before)} whole interactions",
                stacklevel=2,
            )
        played: Iterable[Interaction] = self._before.copy()
        if mode == "all":
            played = ()
            self._before = InteractionList((), self._before.extra)
        elif before_playback is not None:
            played = list(self._filters.filter_played(played))
        self._make_cassette = partial(
            Cassette,
            matcher=matcher,
            scrubber=self.scrubber,
            hold_last=hold_last,
            by_address=match_on is None,
            title=f"cassette {self.path}",
        )
        self.cassette = self._make_cassette(played)

    def __repr__(self) -> str:
        return f"<Replay {self.path} mode={self.mode} {len(self.cassette)} interactions>"

    @property
    def unplayed(self) -> list[Interaction]:
        """The interactions that were held and have not answered anything."""
        return self.cassette.unplayed

    @property
    def is_replaying(self) -> bool:
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
            if self._is_outdated(client.clock.now()):
                self._start_anew()
            if self._writes and self._recording is None:
                self._begin(client.clock.now())
            self._clients.add(id(client))
        self.scrubber.add_secrets(_collect_credentials(client))
        client.clock = ReplayClock(client.clock, lambda: self.is_replaying)

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

    def _is_outdated(self, now: float) -> bool:
        """True when the cassette is to be recorded anew, because of its age."""
        if self._interval is None or self._clients or self._saved or self._renewing:
            return False
        if self.mode not in ("once", "new_episodes") or not self.path.exists():
            return False
        return is_outdated(self.path, self._before.extra, self._interval, now)

    def _start_anew(self) -> None:
        self._renewing = self._writes = True
        self._plays = False
        self._before = InteractionList((), self._before.extra)
        self.cassette = self._make_cassette(())

    def _begin(self, now: float) -> None:
        """Open the recording; what an earlier one has left is part of it, unless it starts anew."""
        if self._saved:  # by an earlier client; this one goes on with the same cassette
            self._before = files.read(self.path, unfinished=False)
        anew = (self.mode == "all" or self._renewing) and not self._saved
        # A process that was forked off adds to what its parent records.
        forked = self._recorded_by not in (0, os.getpid())
        recording = Recording(
            self.path, anew=anew, large=self._large, joining=self._joining or forked
        )
        if not forked:
            self._recorded_by = os.getpid()
        self._recording = recording
        if self._interval is not None:
            self._before.extra = add_time(self._before.extra, now)
        recovered = recording.recovered
        self._scrubbed_with = 0 if recovered else None
        if self._plays:
            for one in self._filters.filter_played(recovered):
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
                if recording.owned and self._renewing and not self._answered and not self._saved:
                    warnings.warn(
                        f"cassette {self.path} is older than re_record_interval, and nothing "
                        "answered that could be recorded; it stays as it is",
                        stacklevel=2,
                    )
                elif recording.owned and (recording.recorded or not self.path.exists()):
                    self._write(recording)
                saved = True
            finally:
                recording.close(keep=not saved)

    def _write(self, recording: Recording) -> None:
        scrub = self.scrubber.scrub_interaction
        # What was recorded before a credential was known may hold it.
        fresh = self._scrubbed_with is None or self._scrubbed_with == self.scrubber.version
        recording.save(
            (scrub(one) for one in self._before),
            extra=self.scrubber.scrub_value(self._before.extra),
            revise=None if fresh else scrub,
        )
        self._saved = True

    @hookimpl(specname="flowkit_send")
    def answer(self, call: Call, request: Request) -> Response | None:
        """Answer from the cassette.

        Raises:
            CassetteError: nothing answers the request, and the mode does not record.
        """
        self._thread.played = False
        if not self._plays or (self._writes and not len(self.cassette)):
            return None
        compared: Request | None = call.scratch[self._compared]
        if compared is None:
            return None
        one = self.cassette.find(compared)
        if one is None:
            if not self._writes:
                raise self.cassette.explain_miss(compared)
            return None
        self._thread.played = True
        try:
            response = self.cassette.translate(one.respond())
        except TransportError as error:
            call.scratch[self._seen] = error
            raise
        call.scratch[self._seen] = response
        return response

    @hookimpl(wrapper=True, specname="flowkit_send")
    def record(self, call: Call, request: Request) -> Generator[None, Response, Response]:
        """Keep the outcome of an attempt that was really made."""
        compared = call.scratch[self._compared] = self._filters.filter_request(request)
        call.scratch[self._seen] = None
        watching = self.mode == "verify" or self._recording is not None
        try:
            response = yield
        except TransportError as error:
            if watching and compared is not None and call.scratch.get(self._seen) is not error:
                self._keep(compared, self._recorder.record_failure(compared, error))
            raise
        # What this cassette answered, or has kept already in an attempt within this one.
        if not watching or compared is None or call.scratch.get(self._seen) is response:
            return response
        if response.streamed:
            keep = self._keep
            response = self._recorder.record_stream(
                compared, response, lambda one: keep(compared, one)
            )
        else:
            self._keep(compared, self._recorder.record_response(compared, response))
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
                if fresh and is_secret_name(name):
                    self.scrubber.add_secrets(extract_secrets(value, CREDENTIAL))
        return signed

    def _keep(self, request: Request, clean: Interaction) -> None:
        kept = self._filters.filter_recorded(clean)
        if kept is None:
            return
        if kept is not clean or self._filters.before_record_response is not None:
            kept = self.scrubber.scrub_interaction(kept)
        if self.mode == "verify":
            self._verify(request, kept)
            return
        with self._lock:
            if self._recording is not None:
                self._recording.append(kept)
                self._answered = self._answered or not kept.failed
                if self._scrubbed_with is None:
                    self._scrubbed_with = self.scrubber.version

    def _verify(self, request: Request, live: Interaction) -> None:
        recorded = self.cassette.find(request)
        if recorded is None:
            self.drift.append(
                Drift("unrecorded", request.method, request.target, "nothing to compare")
            )
            return
        self.drift.extend(compare(recorded, live, self.cassette.identifiers))


def _collect_credentials(client: FlowClient) -> list[str]:
    """Return the secrets that a client's plugins say they hold."""
    plugins = [client.hooks.get(name) for name in client.hooks.names()]
    held = [getattr(plugin, "secrets", ()) for plugin in plugins]
    texts = [
        one for some in held if isinstance(some, list | tuple | set | frozenset) for one in some
    ]
    return [one for one in texts if isinstance(one, str) and CREDENTIAL.fullmatch(one)]
