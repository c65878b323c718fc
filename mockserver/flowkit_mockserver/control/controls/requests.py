"""Find and assert what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.control.controls.world import World
from flowkit_mockserver.control.journal.assertions import check_calls
from flowkit_mockserver.control.journal.entries import Entry

__all__ = ["RequestControls"]


class RequestControls(World):
    """The verbs about the journal."""

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
