"""Record and replay: a FATE Flow server on a cassette.

Recording and replaying happen at the client's own hook. Nothing is patched, so any number of
clients and threads, each with a cassette of its own, stay apart. The files are vcrpy's.
"""

from __future__ import annotations

from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.drift import Drift, compare
from flowkit_replay.matching.index import Cassette
from flowkit_replay.matching.matchers import RequestMatcher
from flowkit_replay.matching.requests import ComparedRequest
from flowkit_replay.replay import Mode, Replay
from flowkit_replay.secrets.scrubbing import RULES, Scrubber

__all__ = [
    "RULES",
    "Cassette",
    "ComparedRequest",
    "Drift",
    "Interaction",
    "Mode",
    "Replay",
    "RequestMatcher",
    "Scrubber",
    "compare",
]
