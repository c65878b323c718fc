"""What a test can do with one world: the methods of a `MockServer` and of a namespace, and what HTTP calls."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.control.controls.content import ContentControls
from flowkit_mockserver.control.controls.failures import FailureControls
from flowkit_mockserver.control.controls.namespaces import NamespaceControls
from flowkit_mockserver.control.controls.requests import RequestControls
from flowkit_mockserver.control.controls.time import TimeControls

__all__ = ["Controls"]


class Controls(FailureControls, TimeControls, RequestControls, ContentControls, NamespaceControls):
    """The verbs of the control API, on one world: that of a server, or of one of its namespaces."""

    def status(self) -> dict[str, Any]:
        """Say how things are: the time, what was chosen at the start, and how much there is of what."""
        state = self.state
        requests = state.journal.numbered()
        with state.looking():
            return {
                "now": state.clock.now(),
                "pace": state.settings.pace,
                "factor": state.clock.rate,
                "seed": state.settings.seed,
                "data": str(state.settings.data) if state.settings.data else None,
                "database": state.store.name if state.sharing is not None else None,
                "allow_paths": [str(path) for path in state.settings.allow_paths],
                "jobs": len(state.store.collection("jobs")),
                "tables": len(state.tables),
                "models": len(state.store.collection("models")),
                "unmatched": state.faults.unmatched(),
                "requests": requests[-1][0] if requests else 0,
            }
