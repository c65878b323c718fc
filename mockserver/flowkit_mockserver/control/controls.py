"""What a test can do with one world: the methods of a `MockServer` and of a namespace, and what HTTP calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.control.journal import Entry, check_calls

if TYPE_CHECKING:
    from flowkit_mockserver.control.namespaces import Namespaces
    from flowkit_mockserver.state import ServerState

__all__ = ["Controls"]


class Controls:
    """The verbs of the control API, on one world: that of a server, or of one of its namespaces."""

    @property
    def state(self) -> ServerState:
        """The services behind it."""
        raise NotImplementedError

    @property
    def worlds(self) -> Namespaces:
        """The namespaces of the server."""
        raise NotImplementedError

    def status(self) -> dict[str, Any]:
        """Say how things are: the time, what was chosen at the start, and how much there is of what."""
        state = self.state
        with state.lock:
            return {
                "now": state.clock.now(),
                "pace": state.settings.pace,
                "seed": state.settings.seed,
                "data": str(state.settings.data) if state.settings.data else None,
                "allow_paths": [str(path) for path in state.settings.allow_paths],
                "jobs": len(state.store.collection("jobs")),
                "tables": len(state.tables),
                "models": len(state.store.collection("models")),
                "requests": len(state.journal) + state.journal.forgotten,
            }

    # Failures

    def fail(
        self,
        component: str,
        message: str,
        role: str | None = None,
        party_id: int | str | None = None,
        *,
        times: int | None = None,
    ) -> None:
        """Let a component fail from now on.

        Args:
            component: its name in the DSL, such as ``"hetero_lr_0"``.
            message: what its log says.
            role: the role on which it fails (guest, host, arbiter or local); None for the first that runs it.
            party_id: the party on which it fails.
            times: how many tasks fail; None for all.

        Raises:
            ValueError: a value is none that a fault can have.
        """
        with self.state.lock:
            self.state.faults.fail_component(
                component, message, role=role, party_id=party_id, times=times
            )

    def refuse(
        self,
        path: str = "*",
        status: int = 503,
        *,
        times: int | None = 1,
        retry_after: str | None = None,
    ) -> None:
        """Let the next requests fail with an HTTP status.

        Args:
            path: pattern of the path below ``/v1/``, such as ``"job/*"``.
            status: the HTTP status they get.
            times: how many; None for all from now on.
            retry_after: value of the header `Retry-After`, if any.

        Raises:
            ValueError: a value is none that a fault can have.
        """
        with self.state.lock:
            self.state.faults.fail_requests(path, status, times=times, retry_after=retry_after)

    # Time

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

    # The journal

    def requests(
        self,
        operation: str = "*",
        *,
        status: int | None = None,
        retcode: int | None = None,
        refused: bool | None = None,
        test: str | None = None,
        last: int | None = None,
    ) -> list[Entry]:
        """Return the requests that were answered, oldest first; those to the control API do not count.

        Args:
            operation: pattern of operation names (``"job.*"``), or of paths below ``/v1/`` (``"job/*"``).
            status: the HTTP status.
            retcode: the return code.
            refused: True for those that were refused, False for the others.
            test: the test that asked, as the header ``X-Flowkit-Test`` says.
            last: the last so many of them.

        Raises:
            ValueError: no operation has such a name.
        """
        return self.state.journal.find(
            operation, status=status, retcode=retcode, refused=refused, test=test, last=last
        )

    def assert_called(
        self,
        operation: str = "*",
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        status: int | None = None,
        retcode: int | None = None,
        refused: bool | None = None,
        test: str | None = None,
        arguments: Mapping[str, Any] | None = None,
    ) -> list[Entry]:
        """Check how many requests match, and return them; at least one must, unless a number is given.

        Args:
            operation: pattern of operation names, or of paths; see `requests`.
            times: how many there must be.
            at_least: how many there must be at least.
            at_most: how many there may be.
            status: the HTTP status.
            retcode: the return code.
            refused: True for those that were refused, False for the others.
            test: the test that asked.
            arguments: arguments that a request has, among others; objects in it, too, may have further members.

        Raises:
            AssertionError: there are more or fewer; the text shows what was asked instead.
            ValueError: no operation has such a name.
        """
        return check_calls(
            self.state.journal,
            operation,
            times=times,
            at_least=at_least,
            at_most=at_most,
            status=status,
            retcode=retcode,
            refused=refused,
            test=test,
            arguments=arguments,
        )

    # The state

    def reset(self) -> None:
        """Forget everything: jobs, tables, models, tags, permissions, failures and the journal.

        Time goes on from where it is, and other namespaces keep what they have.
        """
        self.state.reset()

    # Namespaces

    def namespaces(self) -> list[str]:
        """Return the names of the namespaces that are there, in the order in which they were made."""
        return self.worlds.names()

    def drop(self, name: str) -> bool:
        """Forget a namespace, with everything in it; return whether there was one of that name.

        Args:
            name: its name.

        Raises:
            ValueError: no namespace can have that name.
        """
        return self.worlds.drop(name)
