"""What the verbs of one world work on."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from flowkit_mockserver.faults import UnmatchedFault

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

    def _require_alone(self, what: str, instead: str) -> None:
        """Check that no workers share the state, who would not hear of what is ordered here.

        Args:
            what: what they have no part in.
            instead: the way out.

        Raises:
            ValueError: the state is in a database.
        """
        if self.state.sharing is not None:
            raise ValueError(f"workers on a database do not share {what}: {instead}")

    @staticmethod
    def report_unmatched(lines: list[str]) -> None:
        """Say which failures were ordered and have hit nothing.

        Args:
            lines: one about each.
        """
        for line in lines:
            warnings.warn(f"ordered, and has hit nothing: {line}", UnmatchedFault, stacklevel=4)

    @property
    def worlds(self) -> Namespaces:
        """The namespaces of the server."""
        raise NotImplementedError
