"""Move time, and say how it passes."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.control.controls.world import World
from flowkit_mockserver.control.events import Happening, advance_to_next_event
from flowkit_mockserver.control.verbs import MODES
from flowkit_mockserver.settings import parse_pace

__all__ = ["TimeControls"]


class TimeControls(World):
    """The verbs about time."""

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move the server's time on by `seconds`; jobs proceed as if they had passed.

        Returns:
            ``now``: the server's time then, in seconds since the epoch.
        """
        state = self.state
        with state.lock:
            # A whole number that no float can hold is more than any year, too.
            state.clock.advance(min(seconds, 10**15))
            now = state.clock.now()
        state.settle()
        return {"now": now}

    def advance_to_next_event(self) -> Happening | None:
        """Move the server's time on until the status of a job or task changes.

        Returns:
            what changed, and when; None when nothing is going to change, which leaves time where it was.
        """
        self.state.settle()
        return advance_to_next_event(self.state)

    def set_time(self, mode: str, factor: float | None = None) -> dict[str, Any]:
        """Say how time passes from now on; it goes on from the present moment.

        Args:
            mode: ``"real"``, as on the clock beneath; ``"scaled"``, `factor` times as fast; ``"manual"``, with
                `advance` and `advance_to_next_event` only, or when a client waits.
            factor: of scaled time, how many seconds pass in one.

        Returns:
            ``now``, and ``factor``: 1 for real time, 0 for manual.

        Raises:
            ValueError: there is no such mode, or it has no factor, or none that it can have.
        """
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
        if (mode == "scaled") != (factor is not None):
            raise ValueError("factor belongs to scaled time, which needs one")
        state = self.state
        with state.lock:
            state.clock.set_rate({"real": 1.0, "manual": 0.0}.get(mode, factor or 0.0))
            return {"now": state.clock.now(), "factor": state.clock.rate}

    def set_pace(self, pace: str | float) -> dict[str, Any]:
        """Say how long tasks take in jobs that are submitted from now on.

        Args:
            pace: ``"instant"``, seconds, or ``"manual"``: a second, and time stands still.

        Returns:
            ``pace``: seconds, or ``"manual"``.

        Raises:
            ValueError: it is none of these, or the state is in a database.
        """
        self._require_alone("a pace that changes", "start all of them with another --pace")
        with self.state.lock:
            self.state.set_pace(parse_pace(pace))
            return {"pace": self.state.settings.pace}
