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
