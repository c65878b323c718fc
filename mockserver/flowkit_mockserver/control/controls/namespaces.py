"""List, copy and drop namespaces."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.control.controls.world import World
from flowkit_mockserver.control.snapshots.states import restore, take_snapshot

__all__ = ["NamespaceControls"]


class NamespaceControls(World):
    """The verbs about namespaces."""

    def fork(self, name: str) -> Any:
        """Make a namespace that starts as a copy of this world, at the same time.

        Args:
            name: its name; a namespace of that name must not be there.

        Raises:
            HttpRefusal: there are as many namespaces as there may be.
            ValueError: no namespace can have that name, or there is one of it.

        Returns:
            the namespace; over HTTP nothing.
        """
        own = self.state
        own.settle()
        with own.lock:
            copy, now, rate = take_snapshot(own), own.clock.now(), own.clock.rate
        state = self.worlds.make(name)
        with state.lock:
            state.set_pace(own.settings.pace)
            state.clock.set_rate(rate)
            state.clock.set_now(now)
            restore(state, copy)

    def namespaces(self) -> list[str]:
        """Return the names of the namespaces that are there, in the order in which they were made.

        Those that a data directory keeps, and nobody has asked for since the server started or since they were idle,
        follow by name.
        """
        return self.worlds.names()

    def drop(self, name: str) -> bool:
        """Forget a namespace, with everything in it; return whether there was one of that name.

        Args:
            name: its name.

        Raises:
            ValueError: no namespace can have that name.
        """
        return self.worlds.drop(name)
