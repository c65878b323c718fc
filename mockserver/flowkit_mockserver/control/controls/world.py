"""What the verbs of one world work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowkit_mockserver.control.worlds.namespaces import Namespaces
    from flowkit_mockserver.state import ServerState

__all__ = ["World"]


class World:
    """One world: that of a server, or of one of its namespaces."""

    @property
    def state(self) -> ServerState:
        """The services behind it."""
        raise NotImplementedError

    @property
    def worlds(self) -> Namespaces:
        """The namespaces of the server."""
        raise NotImplementedError
