"""Record and replay set by the environment, for programs that know nothing of cassettes.

``flowkit record`` sets these variables for the program it runs; they can be set by hand as well:
``FLOWKIT_PLUGINS=record``, ``FLOWKIT_CASSETTE`` (the file) and ``FLOWKIT_CASSETTE_MODE`` (``once``
unless said otherwise). All clients of the process share the one cassette. Where
``FLOWKIT_CASSETTE_JOINING`` is set, as ``flowkit record`` does, any number of processes record it
together, and whoever set it saves it.
"""

from __future__ import annotations

import os
from typing import cast

from flowkit import ArgumentError
from flowkit_replay.cassette.locks import ProcessLock
from flowkit_replay.replay import Mode, Replay

__all__ = ["CASSETTE", "JOINING", "MODE", "shared"]

CASSETTE = "FLOWKIT_CASSETTE"
MODE = "FLOWKIT_CASSETTE_MODE"
JOINING = "FLOWKIT_CASSETTE_JOINING"

_lock = ProcessLock()
_shared: dict[tuple[str, str], Replay] = {}


def shared() -> Replay:
    """Return the process's own `Replay` for the cassette that the environment names.

    Raises:
        ArgumentError: ``FLOWKIT_CASSETTE`` is not set, or the mode is unknown.
    """
    path = os.environ.get(CASSETTE)
    if not path:
        raise ArgumentError(
            f"the plugin 'record' needs the environment variable {CASSETTE}: the cassette's file",
            argument=CASSETTE,
        )
    mode = os.environ.get(MODE, "once")
    joining = bool(os.environ.get(JOINING))
    with _lock:
        key = (path, mode)
        if key not in _shared:
            _shared[key] = Replay(path, cast("Mode", mode), joining=joining)
        return _shared[key]
