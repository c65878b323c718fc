"""Reply: what an operation answers, and how it shows itself."""

from __future__ import annotations

from typing import Any, TypeVar

from flowkit.call.envelope import Envelope

__all__ = ["Reply"]

T = TypeVar("T")


class Reply(Envelope[T]):
    """The server's envelope: ``retcode``, ``retmsg`` and, where there are any, ``data``, ``jobId``, ``meta``.

    A plain dict with typed access. Code written for the official SDK keeps working
    (``reply["retcode"]``); new code reads attributes.
    """

    def to_frame(self, library: str | None = None) -> Any:
        """Return the rows in the data as a data frame; see `rows` for their columns.

        Lists of objects, pages, the preview of a table (its header names the columns) and the pairs
        of a metric (``key`` and ``value``) are rows; any other object is one row.

        Args:
            library: ``"pandas"`` or ``"polars"``; by default whichever is installed, pandas first.

        Returns:
            A ``pandas.DataFrame`` or ``polars.DataFrame``; without rows an empty one.

        Raises:
            ArgumentError: the library is another one or not installed, or the data hold several tables.
        """
        from flowkit.frames.replies import reply_frame

        return reply_frame(self, library)
