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

    def __repr__(self) -> str:
        """Return the beginning of it, secrets masked; ``str(reply)`` is the whole dict."""
        from flowkit.display.text import short

        return f"{type(self).__name__}({short(dict(self))})"

    def __str__(self) -> str:
        return dict.__repr__(self)

    def _repr_html_(self) -> str:
        """Return it as a notebook shows it."""
        from flowkit.display.replies import reply_html

        return reply_html(self)

    def to_frame(self, library: str | None = None) -> Any:
        """Return the rows in the data as a data frame; see `rows` for their columns.

        Lists of objects, pages, the preview of a table (its header names the columns) and the pairs
        of a metric (``key`` and ``value``; of all metrics with ``set``, ``metric`` and ``type``) are
        rows; any other object is one row.

        Args:
            library: ``"pandas"`` or ``"polars"``; by default whichever is installed, pandas first.

        Returns:
            A ``pandas.DataFrame`` or ``polars.DataFrame``; without rows an empty one.

        Raises:
            ArgumentError: the library is another one or not installed, or the data hold several tables.
        """
        from flowkit.frames.replies import reply_frame

        return reply_frame(self, library)
