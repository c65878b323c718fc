"""Notes in the journal what was refused before the application saw it: bodies that are too large, what is no HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowkit_mockserver.control.journal.entries import Exchange
from flowkit_mockserver.control.journal.exchanges import note_denial
from flowkit_mockserver.control.worlds.namespaces import Namespaces, addressed
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import Interrupted, NotStored

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["Denials"]

_LONGEST_PATH = 4096


class Denials:
    """What stands before the application tells this of what it refuses.

    Args:
        state: the state of the server.
        namespaces: its namespaces.
    """

    def __init__(self, state: ServerState, namespaces: Namespaces) -> None:
        self._state = state
        self._namespaces = namespaces

    def note(self, environ: WSGIEnvironment, status: int, answer: bytes, seconds: float) -> None:
        """Note a request whose head is known, in the journal of the namespace that it is for.

        Args:
            environ: the request; its body is not there.
            status: the HTTP status that it got.
            answer: the body of the answer.
            seconds: how long it took.
        """
        name, path = addressed(environ)
        # Nobody makes a namespace by being refused.
        state = (self._find(name) if name else None) or self._state
        note_denial(state, environ, path, status, answer, seconds)

    def _find(self, name: str) -> ServerState | None:
        try:
            return self._namespaces.find(name)
        except (
            Interrupted,
            NotStored,
        ):  # the refusal goes out all the same, and is noted with those of the server
            return None

    def note_unreadable(self, status: int, reason: str, method: str = "", target: str = "") -> None:
        """Note what a client sent that is no request, or not a whole one.

        Args:
            status: the HTTP status that it got, or that says best why its connection was closed.
            reason: why it was refused.
            method: the HTTP method, if that is known.
            target: path and query, if they are known.
        """
        path, _, query = target[:_LONGEST_PATH].partition("?")
        state = self._state
        state.journal.note(
            Exchange(
                state.clock.now(), 0.0, method, path, query, None, None, None, status, None, reason
            )
        )
